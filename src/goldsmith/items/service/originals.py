"""Bringing single originals into a workspace, probed and with what is shown of them."""

from __future__ import annotations

import hashlib
from functools import partial

from goldsmith.core.errors import CorruptMediaError
from goldsmith.items.media import Probed, try_probe
from goldsmith.items.service.contents import known_media
from goldsmith.items.service.foundation import Foundation
from goldsmith.items.store import media as media_rows
from goldsmith.items.types import BlobRow, ItemKind, KnownMedia, MediaRow
from goldsmith.platform.database import Transaction


class Originals(Foundation):
    """Stores originals."""

    def put_original(self, workspace_id: str, data: bytes) -> KnownMedia:
        """Store an image with its preview and thumbnail; for threads outside the event loop.

        What the workspace has already is not probed again.

        Raises:
            CorruptMediaError: It is no image that can be used; the detail says why.
        """
        sha256 = hashlib.sha256(data).hexdigest()
        known = self.machine.database.read_sync(
            lambda tx: media_rows.find_known(tx, workspace_id=workspace_id, shas=[sha256])
        )
        if sha256 in known:
            return known[sha256]
        probe = partial(try_probe, max_pixels=self.machine.settings.max_image_pixels)
        outcome = next(iter(self.machine.engine.map(probe, [data])))
        if outcome.probed is None:
            raise CorruptMediaError(outcome.reason)
        rows = self.store_probed(workspace_id, data, outcome.probed)
        self.machine.database.write_sync(lambda tx: self.keep_media(tx, [rows]))
        return known_media(rows[0])

    def store_probed(self, workspace_id: str, data: bytes, probed: Probed) -> tuple[MediaRow, list[BlobRow]]:
        """Put an original and what is shown of it into the blob store and return the rows to keep."""
        blobs, now_ms = self.machine.blobs, self.machine.clock.now_ms()

        def put(content: bytes, media_type: str) -> BlobRow:
            return BlobRow(workspace_id, blobs.put(content), len(content), media_type, now_ms)

        original = put(data, probed.media_type)
        thumbnail = put(*probed.thumbnail)
        preview = None if probed.preview is None else put(*probed.preview)
        row = MediaRow(
            workspace_id=workspace_id,
            sha256=original.sha256,
            kind=ItemKind.IMAGE.value,
            media_type=probed.media_type,
            width_px=probed.width_px,
            height_px=probed.height_px,
            created_ms=now_ms,
            orientation=probed.orientation,
            preview_sha256=None if preview is None else preview.sha256,
            thumbnail_sha256=thumbnail.sha256,
            perceptual_hash=probed.perceptual_hash,
        )
        return row, [blob for blob in (original, thumbnail, preview) if blob is not None]

    def keep_media(self, tx: Transaction, rows: list[tuple[MediaRow, list[BlobRow]]]) -> None:
        """Keep the rows of stored originals."""
        media_rows.insert_blobs(tx, [blob for _, blobs in rows for blob in blobs])
        media_rows.insert_media(tx, [media for media, _ in rows])
