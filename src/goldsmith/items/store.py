"""All SQL of items."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa

from goldsmith.items.tables import items
from goldsmith.items.types import ItemKind, ItemView, MediaUrls, NewItem
from goldsmith.platform.database import Row, Sql, Transaction, prepared

ITEM_COLUMNS: Final = (
    "item_id, workspace_id, kind, name, sha256, width_px, height_px, group_key, metadata, deleted_ms"
)

_INSERT_ITEMS: Final = prepared(sa.insert(items))
_ITEM: Final = Sql(f"SELECT {ITEM_COLUMNS} FROM items WHERE item_id = :item_id")  # noqa: S608  a constant


def insert_items(
    tx: Transaction, *, workspace_id: str, item_ids: Sequence[str], entries: Sequence[NewItem], now_ms: int
) -> None:
    """Store items under the given ids, in order."""
    tx.many(
        _INSERT_ITEMS,
        [
            {
                "item_id": item_id,
                "workspace_id": workspace_id,
                "kind": entry.kind.value,
                "name": entry.name,
                "sha256": entry.sha256,
                "width_px": entry.width_px,
                "height_px": entry.height_px,
                "group_key": entry.group_key,
                "metadata": dump_json(entry.metadata),
                "source": entry.source,
                "created_ms": now_ms,
            }
            for item_id, entry in zip(item_ids, entries, strict=True)
        ],
    )


def find_item(tx: Transaction, item_id: str) -> Row | None:
    """Return the row of an item, deleted ones too; None when there is none."""
    return tx.first(_ITEM, {"item_id": item_id})


def media_urls(item_id: str) -> MediaUrls:
    """Return where the forms of an item's media are."""
    base = f"/api/v1/items/{item_id}/media?variant="
    return MediaUrls(original=base + "original", preview=base + "preview", thumbnail=base + "thumbnail")


def view_of(row: Row) -> ItemView:
    """Read an item as the wire shows it from a row that holds ``ITEM_COLUMNS``."""
    return ItemView(
        item_id=row["item_id"],
        name=row["name"],
        width=row["width_px"],
        height=row["height_px"],
        kind=ItemKind(row["kind"]),
        group_key=row["group_key"],
        metadata=json.loads(row["metadata"]),
        media=media_urls(row["item_id"]),
    )


def dump_json(value: Mapping[str, Any]) -> str:
    """Write the JSON text of a structure, without spaces and with all characters as they are."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) if value else "{}"
