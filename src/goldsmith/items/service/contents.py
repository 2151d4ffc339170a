"""Texts, documents and the files that they are made of."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from goldsmith.core.errors import FieldFault, GoneError, InvalidInputError, NotFoundError
from goldsmith.items.policy.files import HEAD_BYTES, shown_type, tell_file
from goldsmith.items.policy.pages import plane_of
from goldsmith.items.service.foundation import Foundation
from goldsmith.items.store import items as item_rows
from goldsmith.items.store import media as media_rows
from goldsmith.items.types import (
    BlobRow,
    DocumentBody,
    ItemKind,
    KnownMedia,
    MediaRow,
    Part,
    PartKind,
    ServedMedia,
    SourceFile,
    StoredFile,
)
from goldsmith.platform.database import Row, Transaction
from goldsmith.platform.machine import Machine

TEXT_TYPE = "text/plain"
DOCUMENT_TYPE = "application/json"


class Contents(Foundation):
    """Keeps what items are that are no images, and finds what they are made of."""

    def text_media(self, tx: Transaction, *, workspace_id: str, texts: Sequence[str]) -> list[KnownMedia]:
        """Keep texts and return their media in order, for ``NewItem``; as wide as their code points, and 1 high."""
        now_ms = self.machine.clock.now_ms()
        rows = [
            MediaRow(
                workspace_id=workspace_id,
                sha256=hashlib.sha256(text.encode()).hexdigest(),
                kind=ItemKind.TEXT.value,
                media_type=TEXT_TYPE,
                width_px=len(text),
                height_px=1,
                created_ms=now_ms,
                body=text,
            )
            for text in texts
        ]
        return _kept(tx, rows)

    def document_media(
        self,
        tx: Transaction,
        *,
        workspace_id: str,
        documents: Sequence[Sequence[Part]],
        source: SourceFile | None = None,
    ) -> list[KnownMedia]:
        """Keep documents, each as its parts in order, and return their media in order, for ``NewItem``.

        Args:
            tx: The transaction.
            workspace_id: Whose.
            documents: The parts of each.
            source: The file that the parts are the pages of.

        Raises:
            InvalidInputError: A part names a file that the workspace does not have.
        """
        self.check_parts(tx, workspace_id=workspace_id, parts=[part for parts in documents for part in parts])
        covers = {parts[0].sha256 for parts in documents if parts[0].kind is PartKind.IMAGE}
        shas = sorted(sha256 for sha256 in covers if sha256 is not None)
        thumbnails = media_rows.find_thumbnails(tx, workspace_id=workspace_id, shas=shas)
        rows = [
            document_row(
                workspace_id,
                DocumentBody(parts=list(parts), source=source),
                thumbnail_sha256=thumbnails.get(parts[0].sha256 or ""),
                now_ms=self.machine.clock.now_ms(),
            )
            for parts in documents
        ]
        return _kept(tx, rows)

    def check_parts(self, tx: Transaction, *, workspace_id: str, parts: Sequence[Part]) -> None:
        """Refuse parts that name files that the workspace does not have, with an InvalidInputError."""
        missing = self.missing_files(tx, workspace_id=workspace_id, parts=parts)
        if missing:
            raise InvalidInputError(
                "the workspace has no file of this sha256; upload it to /blobs?use=part first",
                faults=[FieldFault("parts.sha256", sha256) for sha256 in missing],
            )

    def missing_files(self, tx: Transaction, *, workspace_id: str, parts: Sequence[Part]) -> list[str]:
        """Return the hashes that parts name and the workspace does not have, by one statement."""
        wanted = {part.sha256 for part in parts if part.sha256 is not None}
        return sorted(wanted - media_rows.known_blobs(tx, workspace_id=workspace_id, shas=sorted(wanted)))

    # --- files

    def put_file(self, workspace_id: str, data: bytes) -> StoredFile:
        """Store a file that a part may name, as it is; for threads outside the event loop.

        Raises:
            InvalidInputError: It is none of the kinds of files that parts are.
        """
        told = tell_file(data[:HEAD_BYTES])
        if told is None:
            raise InvalidInputError("the file is no image, PDF, sound, film or text; parts are one of these")
        file = StoredFile(self.machine.blobs.put(data), len(data), told.media_type, told.kind)
        self.machine.database.write_sync(lambda tx: self.keep_file(tx, workspace_id=workspace_id, file=file))
        return file

    def keep_file(self, tx: Transaction, *, workspace_id: str, file: StoredFile) -> None:
        """Note that the workspace has a file, whose bytes are in the blob store already."""
        now_ms = self.machine.clock.now_ms()
        row = BlobRow(workspace_id, file.sha256, file.size_bytes, file.media_type, now_ms)
        media_rows.insert_blobs(tx, [row])

    def find_part(
        self, tx: Transaction, item_id: str, number: int, *, is_thumbnail: bool = False
    ) -> ServedMedia:
        """Return what is sent as the n-th part (from 0) of a document, by two statements.

        Args:
            tx: The transaction.
            item_id: Of the document.
            number: Of the part.
            is_thumbnail: A small picture of it, where there is one.

        Raises:
            NotFoundError: There is no such item, or no such part of it that is a file.
            GoneError: It was deleted.
        """
        row = item_rows.find_item(tx, item_id)
        if row is None or row["kind"] != ItemKind.DOCUMENT or row["body"] is None:
            raise NotFoundError("there is no such document")
        if row["deleted_ms"] is not None:
            raise GoneError("the item was deleted")
        parts = DocumentBody.model_validate_json(row["body"]).parts
        if is_thumbnail:
            served = self._thumbnail_of(tx, row["workspace_id"], parts, number)
            if served is not None:
                return served
        return served_part(tx, workspace_id=row["workspace_id"], parts=parts, number=number)

    @staticmethod
    def _thumbnail_of(
        tx: Transaction, workspace_id: str, parts: Sequence[Part], number: int
    ) -> ServedMedia | None:
        sha256 = parts[number].sha256 if 0 <= number < len(parts) else None
        if sha256 is None:
            return None
        found = media_rows.find_thumbnails(tx, workspace_id=workspace_id, shas=[sha256]).get(sha256)
        blob = found and media_rows.find_blob(tx, workspace_id=workspace_id, sha256=found)
        return served_blob(blob, name=parts[number].title) if blob else None


def document_row(
    workspace_id: str, body: DocumentBody, *, thumbnail_sha256: str | None, now_ms: int
) -> MediaRow:
    """Return the row of a document, named by the hash of what it is made of; as large as the plane of its pages."""
    text = body.model_dump_json(exclude_defaults=True)
    plane = plane_of(body.parts)
    return MediaRow(
        workspace_id=workspace_id,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        kind=ItemKind.DOCUMENT.value,
        media_type=DOCUMENT_TYPE,
        width_px=plane.width_px,
        height_px=plane.height_px,
        created_ms=now_ms,
        thumbnail_sha256=thumbnail_sha256,
        body=text,
    )


def known_media(row: MediaRow) -> KnownMedia:
    """Return what ``NewItem`` is to be told of media."""
    return KnownMedia(
        row.sha256, ItemKind(row.kind), row.media_type, row.width_px, row.height_px, row.orientation
    )


def _kept(tx: Transaction, rows: Sequence[MediaRow]) -> list[KnownMedia]:
    media_rows.insert_media(tx, list({row.sha256: row for row in rows}.values()))
    return [known_media(row) for row in rows]


def read_original(machine: Machine, *, workspace_id: str, sha256: str) -> bytes:
    """Return the bytes of an original, wherever they are kept; for threads outside the event loop.

    Raises:
        NotFoundError: The workspace has none of this hash.
    """
    try:
        return machine.blobs.get(sha256)
    except NotFoundError:
        body = machine.database.read_sync(
            lambda tx: media_rows.find_body(tx, workspace_id=workspace_id, sha256=sha256)
        )
        if body is None:
            raise
        return body.encode()


def files_of_document(body: bytes) -> list[str]:
    """Return the hashes of the files that a document names, each once; ``body`` is the document as it is kept."""
    document = DocumentBody.model_validate_json(body)
    named = [part.sha256 for part in document.parts]
    if document.source is not None:
        named.append(document.source.sha256)
    return [sha256 for sha256 in dict.fromkeys(named) if sha256 is not None]


def source_of_document(body: bytes) -> SourceFile | None:
    """Return the file that the pages of a document were made of, if they were; ``body`` as ``files_of_document``."""
    return DocumentBody.model_validate_json(body).source


def served_part(tx: Transaction, *, workspace_id: str, parts: Sequence[Part], number: int) -> ServedMedia:
    """Return what is sent as the n-th of some parts (from 0), by one statement.

    Raises:
        NotFoundError: There is no such part that is a file of the workspace.
    """
    part = parts[number] if 0 <= number < len(parts) else None
    if part is None or part.sha256 is None:
        raise NotFoundError("there is no such part with a file of its own")
    blob = media_rows.find_blob(tx, workspace_id=workspace_id, sha256=part.sha256)
    if blob is None:
        raise NotFoundError("the file is not there")
    return served_blob(blob, name=part.title)._replace(media_type=shown_type(part, blob["media_type"]))


def served_blob(blob: Row, *, name: str) -> ServedMedia:
    """Return what is sent as a file of the workspace."""
    return ServedMedia(
        is_deleted=False,
        name=name,
        sha256=blob["sha256"],
        media_type=blob["media_type"],
        size_bytes=blob["size_bytes"],
        body=None,
    )
