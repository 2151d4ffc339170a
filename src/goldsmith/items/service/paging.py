"""Pages: the pictures that a PDF or another file of pages is worked on as."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from goldsmith.items.paging import PageFile, is_rendered, render_pages
from goldsmith.items.service.contents import known_media
from goldsmith.items.service.originals import Originals
from goldsmith.items.types import BlobRow, ItemKind, KnownMedia, MediaRow, Part, PartKind, SourceFile


class PutPages(NamedTuple):
    """The pages of a file, which the workspace has now.

    Attributes:
        source: The file they were made of; None where it is the page itself.
        picture: That one.
    """

    parts: tuple[Part, ...]
    source: SourceFile | None
    picture: KnownMedia | None = None


class StoredPages(NamedTuple):
    """The pages of a file, whose bytes are in the blob store already.

    Attributes:
        source: The file they were made of.
        rows: To be kept with ``keep_media``.
    """

    parts: list[Part]
    source: SourceFile
    rows: list[tuple[MediaRow, list[BlobRow]]]


class Paging(Originals):
    """Makes pages of files."""

    def put_pages(self, workspace_id: str, data: bytes) -> PutPages:
        """Store a file as the pages it has; for threads outside the event loop.

        A picture is one page.

        Raises:
            CorruptMediaError: It cannot be used; the detail says why.
            WorkerLostError: The process that makes pages was ended from outside; run it again.
        """
        if not is_rendered(data):
            media = self.put_original(workspace_id, data)
            return PutPages((page_part(media),), None, media)
        pages = self.store_pages(workspace_id, data)
        self.machine.database.write_sync(lambda tx: self.keep_media(tx, pages.rows))
        return PutPages(tuple(pages.parts), pages.source)

    def store_pages(
        self, workspace_id: str, data: bytes, *, should_stop: Callable[[], bool] = lambda: False
    ) -> StoredPages:
        """Put a file of pages and its pages into the blob store and return the rows to keep.

        Args:
            workspace_id: Whose.
            data: A PDF, a TIFF or a BMP.
            should_stop: Asked about once a second while pages are made.

        Raises:
            CorruptMediaError: As ``put_pages``.
            WorkerLostError: As ``put_pages``, or it was told to stop.
        """
        with render_pages(data, should_stop=should_stop) as paged:
            rows = [self._store_page(workspace_id, page) for page in paged.pages]
        source = SourceFile(sha256=self.machine.blobs.put(data), media_type=paged.media_type)
        now_ms = self.machine.clock.now_ms()
        blob = BlobRow(workspace_id, source.sha256, len(data), source.media_type, now_ms)
        rows[0][1].append(blob)
        return StoredPages([page_part(known_media(media)) for media, _ in rows], source, rows)

    def _store_page(self, workspace_id: str, page: PageFile) -> tuple[MediaRow, list[BlobRow]]:
        blobs, now_ms = self.machine.blobs, self.machine.clock.now_ms()
        kept = []
        for path, media_type in ((page.path, page.media_type), (page.thumbnail, "image/jpeg")):
            content = path.read_bytes()
            kept.append(BlobRow(workspace_id, blobs.put(content), len(content), media_type, now_ms))
        row = MediaRow(
            workspace_id=workspace_id,
            sha256=kept[0].sha256,
            kind=ItemKind.IMAGE.value,
            media_type=page.media_type,
            width_px=page.width_px,
            height_px=page.height_px,
            created_ms=now_ms,
            thumbnail_sha256=kept[1].sha256,
        )
        return row, kept


def page_part(media: KnownMedia) -> Part:
    """Return the part of a document that a picture is as a page."""
    return Part(
        kind=PartKind.IMAGE,
        sha256=media.sha256,
        media_type=media.media_type,
        width_px=media.width_px,
        height_px=media.height_px,
    )
