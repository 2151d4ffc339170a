"""SQL of single items and of writing many."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from goldsmith.items.policy.pages import plane_of
from goldsmith.items.tables import items
from goldsmith.items.types import DocumentBody, ItemKind, ItemView, MediaUrls, NewItem, part_views
from goldsmith.platform.database import BulkInsert, Row, Sql, Transaction

ITEM_COLUMNS: Final = (
    "item_id, workspace_id, kind, name, sha256, width_px, height_px, group_key, metadata, deleted_ms"
)
ITEM_BODY: Final = (
    "CASE WHEN i.kind = 'image' THEN NULL ELSE (SELECT m.body FROM media m "
    "WHERE m.workspace_id = i.workspace_id AND m.sha256 = i.sha256) END AS body"
)
"""What an item that is no image is itself; a column for queries that show an item as ``i``."""

_INSERT: Final = BulkInsert(
    items,
    (
        "item_id",
        "workspace_id",
        "kind",
        "name",
        "sha256",
        "width_px",
        "height_px",
        "group_key",
        "metadata",
        "source",
        "created_ms",
    ),
)
_ITEM: Final = Sql(
    "SELECT i.item_id, i.workspace_id, i.kind, i.name, i.sha256, i.width_px, i.height_px, i.group_key, i.metadata, "
    "i.deleted_ms, i.source, i.created_ms, m.media_type, m.orientation, m.body, b.size_bytes FROM items i "
    "LEFT JOIN media m ON m.workspace_id = i.workspace_id AND m.sha256 = i.sha256 "
    "LEFT JOIN blobs b ON b.workspace_id = i.workspace_id AND b.sha256 = i.sha256 "
    "WHERE i.item_id = :item_id"
)
_MANY: Final = 2000
_ANALYZE: Final = Sql("ANALYZE items, tasks, judgements, media")
_BURY: Final = Sql("UPDATE items SET deleted_ms = :now_ms WHERE item_id = :item_id AND deleted_ms IS NULL")
_IN_PROJECT: Final = (
    "SELECT DISTINCT i.sha256 FROM items i JOIN tasks t ON t.item_id = i.item_id AND t.project_id = :project_id "
    "WHERE i.workspace_id = :workspace_id AND i.deleted_ms IS NULL AND i.sha256 IN "
)
_KNOWN_IN_PROJECT: Final = Sql(
    _IN_PROJECT + "(SELECT value FROM json_each(:shas))",  # noqa: S608  constants
    postgresql=_IN_PROJECT + "(SELECT jsonb_array_elements_text(CAST(:shas AS jsonb)))",
)


def insert_items(
    tx: Transaction, *, workspace_id: str, item_ids: Sequence[str], entries: Sequence[NewItem], now_ms: int
) -> None:
    """Store items under the given ids, in order."""
    _INSERT.run(
        tx,
        [
            (
                item_id,
                workspace_id,
                entry.kind.value,
                entry.name,
                entry.sha256,
                entry.width_px,
                entry.height_px,
                entry.group_key,
                dump_json(entry.metadata),
                entry.source,
                now_ms,
            )
            for item_id, entry in zip(item_ids, entries, strict=True)
        ],
    )


def refresh_statistics(tx: Transaction, *, added: int) -> None:
    """Let PostgreSQL look at the tables anew after many rows came in; its plans would be those of empty tables.

    SQLite plans by the indexes alone and needs none of it.
    """
    if tx.dialect == "postgresql" and added >= _MANY:
        tx.run(_ANALYZE)


def find_item(tx: Transaction, item_id: str) -> Row | None:
    """Return the row of an item with facts of its media, deleted ones too; None when there is none."""
    return tx.first(_ITEM, {"item_id": item_id})


def bury_item(tx: Transaction, *, item_id: str, now_ms: int) -> bool:
    """Mark an item as deleted; False when it is not there or was deleted before."""
    return tx.run(_BURY, {"item_id": item_id, "now_ms": now_ms}) == 1


def shas_in_project(tx: Transaction, *, workspace_id: str, project_id: str, shas: Sequence[str]) -> set[str]:
    """Return those of ``shas`` that an item of the project has."""
    params = {"workspace_id": workspace_id, "project_id": project_id, "shas": json.dumps(list(shas))}
    return {row["sha256"] for row in tx.all(_KNOWN_IN_PROJECT, params)} if shas else set()


def media_urls(item_id: str) -> MediaUrls:
    """Return where the forms of an item's media are."""
    base = f"/api/v1/items/{item_id}/media?variant="
    return MediaUrls(original=base + "original", preview=base + "preview", thumbnail=base + "thumbnail")


def view_of(row: Row) -> ItemView:
    """Read an item as the wire shows it from a row that holds ``ITEM_COLUMNS`` and ``body``."""
    return ItemView(
        item_id=row["item_id"],
        name=row["name"],
        width=row["width_px"],
        height=row["height_px"],
        kind=ItemKind(row["kind"]),
        group_key=row["group_key"],
        metadata=json.loads(row["metadata"]),
        media=media_urls(row["item_id"]),
        **content_of(row),
    )


def content_of(row: Row) -> dict[str, Any]:
    """Return ``text`` or ``parts`` of an item as the wire shows them; nothing of an image.

    Args:
        row: Holds item_id, kind and body.
    """
    body = row["body"]
    if body is None or row["kind"] == ItemKind.IMAGE:
        return {}
    if row["kind"] == ItemKind.TEXT:
        return {"text": body}
    parts = DocumentBody.model_validate_json(body).parts
    base_url = f"/api/v1/items/{row['item_id']}/parts"
    return {"parts": part_views(parts, base_url=base_url, pages=plane_of(parts).pages)}


def dump_json(value: Mapping[str, Any]) -> str:
    """Write the JSON text of a structure, without spaces and with all characters as they are."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) if value else "{}"
