"""SQL of blobs and of what probing found in them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from goldsmith.items.types import BlobRow, ItemKind, KnownMedia, MediaRow, MediaVariant, ServedMedia
from goldsmith.platform.database import Row, Sql, Transaction

_INSERT_BLOB: Final = Sql(
    "INSERT INTO blobs (workspace_id, sha256, size_bytes, media_type, created_ms) "
    "VALUES (:workspace_id, :sha256, :size_bytes, :media_type, :created_ms) ON CONFLICT DO NOTHING"
)
_INSERT_MEDIA: Final = Sql(
    "INSERT INTO media (workspace_id, sha256, kind, media_type, width_px, height_px, orientation, preview_sha256, "
    "thumbnail_sha256, perceptual_hash, body, created_ms) VALUES (:workspace_id, :sha256, :kind, :media_type, "
    ":width_px, :height_px, :orientation, :preview_sha256, :thumbnail_sha256, :perceptual_hash, :body, :created_ms) "
    "ON CONFLICT DO NOTHING"
)
_KNOWN: Final = (
    "SELECT sha256, kind, media_type, width_px, height_px, orientation FROM media "
    "WHERE workspace_id = :workspace_id AND sha256 IN "
)
_KNOWN_MEDIA: Final = Sql(
    _KNOWN + "(SELECT value FROM json_each(:shas))",  # noqa: S608  constants
    postgresql=_KNOWN + "(SELECT jsonb_array_elements_text(CAST(:shas AS jsonb)))",
)
_KNOWN_BLOBS: Final = Sql(
    "SELECT sha256 FROM blobs WHERE workspace_id = :workspace_id AND sha256 IN (SELECT value FROM json_each(:shas))",
    postgresql="SELECT sha256 FROM blobs WHERE workspace_id = :workspace_id "
    "AND sha256 IN (SELECT jsonb_array_elements_text(CAST(:shas AS jsonb)))",
)
_BLOB: Final = Sql(
    "SELECT sha256, size_bytes, media_type FROM blobs WHERE workspace_id = :workspace_id AND sha256 = :sha256"
)
_THUMBNAILS_OF: Final = (
    "SELECT sha256, thumbnail_sha256 FROM media WHERE workspace_id = :workspace_id "
    "AND thumbnail_sha256 IS NOT NULL AND sha256 IN "
)
_THUMBNAILS: Final = Sql(
    _THUMBNAILS_OF + "(SELECT value FROM json_each(:shas))",  # noqa: S608  constants
    postgresql=_THUMBNAILS_OF + "(SELECT jsonb_array_elements_text(CAST(:shas AS jsonb)))",
)
_BODY: Final = Sql("SELECT body FROM media WHERE workspace_id = :workspace_id AND sha256 = :sha256")
_WANTED_SHA: Final = (
    "CASE :variant WHEN 'thumbnail' THEN COALESCE(m.thumbnail_sha256, m.preview_sha256, i.sha256) "
    "WHEN 'preview' THEN COALESCE(m.preview_sha256, i.sha256) ELSE i.sha256 END"
)
_SERVED: Final = Sql(
    "SELECT i.deleted_ms, i.name, i.sha256 AS original, m.media_type AS original_type, m.body, "  # noqa: S608
    "b.sha256, b.media_type, b.size_bytes FROM items i "
    "JOIN media m ON m.workspace_id = i.workspace_id AND m.sha256 = i.sha256 "
    f"LEFT JOIN blobs b ON b.workspace_id = i.workspace_id AND b.sha256 = {_WANTED_SHA} "
    "WHERE i.item_id = :item_id"
)


def insert_blobs(tx: Transaction, rows: Sequence[BlobRow]) -> None:
    """Note that the workspace put these blobs; what is noted already stays as it is."""
    tx.many(_INSERT_BLOB, [row._asdict() for row in rows])


def insert_media(tx: Transaction, rows: Sequence[MediaRow]) -> None:
    """Keep what probing found; what is kept already stays as it is."""
    tx.many(_INSERT_MEDIA, [row._asdict() for row in rows])


def known_blobs(tx: Transaction, *, workspace_id: str, shas: Sequence[str]) -> set[str]:
    """Return those of ``shas`` of which the workspace put the bytes."""
    if not shas:
        return set()
    params = {"workspace_id": workspace_id, "shas": json.dumps(list(shas))}
    return {row["sha256"] for row in tx.all(_KNOWN_BLOBS, params)}


def find_blob(tx: Transaction, *, workspace_id: str, sha256: str) -> Row | None:
    """Return sha256, size_bytes and media_type of a blob that the workspace put; None when it did not."""
    return tx.first(_BLOB, {"workspace_id": workspace_id, "sha256": sha256})


def find_thumbnails(tx: Transaction, *, workspace_id: str, shas: Sequence[str]) -> dict[str, str]:
    """Return the hash of the thumbnail of each of ``shas`` that has one."""
    if not shas:
        return {}
    rows = tx.all(_THUMBNAILS, {"workspace_id": workspace_id, "shas": json.dumps(list(shas))})
    return {row["sha256"]: row["thumbnail_sha256"] for row in rows}


def find_body(tx: Transaction, *, workspace_id: str, sha256: str) -> str | None:
    """Return a text or a document that is kept in the database; None when there is none."""
    body = tx.scalar(_BODY, {"workspace_id": workspace_id, "sha256": sha256})
    return None if body is None else str(body)


def find_known(tx: Transaction, *, workspace_id: str, shas: Sequence[str]) -> dict[str, KnownMedia]:
    """Return those of ``shas`` that the workspace has probed, by SHA-256."""
    if not shas:
        return {}
    rows = tx.all(_KNOWN_MEDIA, {"workspace_id": workspace_id, "shas": json.dumps(list(shas))})
    return {row["sha256"]: _known_of(row) for row in rows}


def find_served(tx: Transaction, *, item_id: str, variant: MediaVariant) -> ServedMedia | None:
    """Return what is served as ``variant`` of an item; None when there is no such item."""
    row = tx.first(_SERVED, {"item_id": item_id, "variant": variant.value})
    if row is None:
        return None
    return ServedMedia(
        is_deleted=row["deleted_ms"] is not None,
        name=row["name"],
        sha256=row["sha256"] or row["original"],
        media_type=row["media_type"] or row["original_type"],
        size_bytes=row["size_bytes"],
        body=row["body"] if row["sha256"] is None else None,
    )


def _known_of(row: Row) -> KnownMedia:
    return KnownMedia(
        row["sha256"],
        ItemKind(row["kind"]),
        row["media_type"],
        row["width_px"],
        row["height_px"],
        row["orientation"],
    )
