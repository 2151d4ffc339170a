"""Items as later steps read them: one row each with the facts of its media, in bulk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import sqlalchemy as sa

from goldsmith.items.tables import items, media
from goldsmith.platform.database import Row, Transaction

_BATCH: Final = 500  # stays under SQLite's limit on bind parameters


class ItemRecord(NamedTuple):
    """An item with what is known of its media.

    Attributes:
        sha256: Of the original bytes; also its blob.
        metadata: JSON text, the user's own.
        perceptual_hash: 64-bit difference hash as a signed integer; None for other kinds than images.
    """

    item_id: str
    workspace_id: str
    kind: str
    name: str
    sha256: str
    media_type: str
    width_px: int
    height_px: int
    group_key: str
    metadata: str
    perceptual_hash: int | None


def records_by_id(tx: Transaction, item_ids: Sequence[str]) -> dict[str, ItemRecord]:
    """Read items by id, a few hundred a statement; deleted ones are left out."""
    found: dict[str, ItemRecord] = {}
    for start in range(0, len(item_ids), _BATCH):
        for row in tx.all(_query().where(items.c.item_id.in_(item_ids[start : start + _BATCH]))):
            record = _record(row)
            found[record.item_id] = record
    return found


def _query() -> sa.Select[tuple[object, ...]]:
    return (
        sa.select(
            items.c.item_id,
            items.c.workspace_id,
            items.c.kind,
            items.c.name,
            items.c.sha256,
            media.c.media_type,
            items.c.width_px,
            items.c.height_px,
            items.c.group_key,
            items.c.metadata,
            media.c.perceptual_hash,
        )
        .join(media, sa.and_(media.c.workspace_id == items.c.workspace_id, media.c.sha256 == items.c.sha256))
        .where(items.c.deleted_ms.is_(None))
    )


def _record(row: Row) -> ItemRecord:
    return ItemRecord(*(row[name] for name in ItemRecord._fields))
