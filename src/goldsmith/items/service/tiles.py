"""Tiles of huge images: cut by a job when somebody first looks, served from one file."""

from __future__ import annotations

import threading
from collections import OrderedDict
from functools import partial
from typing import Final, NamedTuple

from goldsmith.accounts.api import Access
from goldsmith.core.errors import ConflictError, CorruptMediaError, GoneError, NotFoundError
from goldsmith.items.media import PREVIEW_PX
from goldsmith.items.service.foundation import Foundation
from goldsmith.items.store import media as media_rows
from goldsmith.items.store import tiles as tile_rows
from goldsmith.items.tiling import PACK_TYPE, PackReader, Pyramid, Tile, try_cut
from goldsmith.items.types import BlobRow, TiledMedia
from goldsmith.platform.database import Transaction
from goldsmith.platform.jobs import JobContext, JobState

TILES_KIND: Final = "items.tiles"
_KEPT_INDEXES: Final = 64


class TilePlace(NamedTuple):
    """Where a tile is: bytes from ``start`` up to, not including, ``end`` of a blob."""

    pack_sha256: str
    number: int
    start: int
    end: int


class Tiles(Foundation):
    """Cuts and finds tiles."""

    def find_tiled(self, tx: Transaction, item_id: str) -> TiledMedia:
        """Return what is known of an item's tiles.

        Raises:
            NotFoundError: There is no such item, or it is no image that is large enough for tiles.
            GoneError: It was deleted.
        """
        tiled = tile_rows.find_tiled(tx, item_id=item_id)
        if tiled is None:
            raise NotFoundError("there is no such item")
        if tiled.is_deleted:
            raise GoneError("the item was deleted")
        if max(tiled.width_px, tiled.height_px) <= PREVIEW_PX:
            raise NotFoundError(
                f"tiles are made of images with a side over {PREVIEW_PX} px; ask for the original of this one"
            )
        return tiled

    def ask_for_tiles(self, tx: Transaction, access: Access, tiled: TiledMedia) -> str:
        """Have the tiles of an original cut, unless that is under way, and return the job.

        Raises:
            ConflictError: It was tried and cannot be done; the detail says why.
        """
        jobs = self.machine.jobs
        job = None if tiled.job_id is None else jobs.find(tx, tiled.job_id)
        if job is not None and job.state.is_open:
            return job.job_id
        if job is not None and job.state is JobState.FAILED:
            reason = "" if job.error is None else f": {job.error.detail}"
            raise ConflictError(f"no tiles can be made of this image{reason}")
        job_id = jobs.enqueue(
            tx,
            TILES_KIND,
            workspace_id=tiled.workspace_id,
            args={"sha256": tiled.sha256},
            subject=tiled.name[:200],
            unique_key=f"{TILES_KIND}:{tiled.workspace_id}:{tiled.sha256}",
            created_by=access.member_id,
        )
        tile_rows.ask_for_pack(
            tx,
            workspace_id=tiled.workspace_id,
            sha256=tiled.sha256,
            job_id=job_id,
            now_ms=self.machine.clock.now_ms(),
        )
        return job_id

    def cut(self, context: JobContext) -> dict[str, int]:
        """Run the job that cuts one original; what is there already is not cut again."""
        machine, workspace_id, sha256 = self.machine, context.workspace_id, context.args["sha256"]
        there = machine.database.read_sync(
            lambda tx: tile_rows.find_pack(tx, workspace_id=workspace_id, sha256=sha256)
        )
        if there is not None:
            return {"size_bytes": 0}
        context.progress(0, 1, "Cutting the image into tiles")
        cut = partial(try_cut, max_pixels=machine.settings.max_image_pixels)
        outcome = next(iter(machine.engine.map(cut, [machine.blobs.get(sha256)])))
        if outcome.pack is None:
            raise CorruptMediaError(outcome.reason)
        blob = BlobRow(
            workspace_id,
            machine.blobs.put(outcome.pack),
            len(outcome.pack),
            PACK_TYPE,
            machine.clock.now_ms(),
        )

        def keep(tx: Transaction) -> None:
            media_rows.insert_blobs(tx, [blob])
            tile_rows.keep_pack(tx, workspace_id=workspace_id, sha256=sha256, pack_sha256=blob.sha256)

        context.step_in_transaction("keep", keep)
        context.progress(1, 1)
        return {"size_bytes": blob.size_bytes}


class TileIndexes:
    """Where the tiles lie in the files last asked for; thread-safe."""

    def __init__(self) -> None:
        self._readers: OrderedDict[str, PackReader] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, pack_sha256: str) -> PackReader | None:
        """Return the index of a file, if it is at hand."""
        with self._lock:
            reader = self._readers.get(pack_sha256)
            if reader is not None:
                self._readers.move_to_end(pack_sha256)
            return reader

    def keep(self, pack_sha256: str, reader: PackReader) -> None:
        """Keep the index of a file; the longest unused gives way."""
        with self._lock:
            self._readers[pack_sha256] = reader
            while len(self._readers) > _KEPT_INDEXES:
                self._readers.popitem(last=False)


def place_of(reader: PackReader, pack_sha256: str, tiled: TiledMedia, tile: Tile) -> TilePlace:
    """Return where a tile is.

    Raises:
        NotFoundError: The image has no such tile, or it was not made.
    """
    pyramid = Pyramid(tiled.width_px, tiled.height_px)
    if not pyramid.has(tile):
        raise NotFoundError("the image has no such tile")
    number = pyramid.number(tile)
    extent = reader.extent(number)
    if extent is None:
        raise NotFoundError("the image is too large to be cut at this level; coarser levels are there")
    return TilePlace(pack_sha256, number, *extent)
