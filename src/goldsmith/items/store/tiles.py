"""SQL of the files of tiles."""

from __future__ import annotations

from typing import Final

from goldsmith.items.types import TiledMedia
from goldsmith.platform.database import Sql, Transaction

_FIND: Final = Sql(
    "SELECT i.deleted_ms, i.workspace_id, i.name, i.sha256, m.width_px, m.height_px, p.pack_sha256, p.job_id "
    "FROM items i JOIN media m ON m.workspace_id = i.workspace_id AND m.sha256 = i.sha256 "
    "LEFT JOIN tile_packs p ON p.workspace_id = i.workspace_id AND p.sha256 = i.sha256 "
    "WHERE i.item_id = :item_id AND i.kind = 'image'"
)
_PACK_OF: Final = Sql(
    "SELECT pack_sha256 FROM tile_packs WHERE workspace_id = :workspace_id AND sha256 = :sha256"
)
_ASK: Final = Sql(
    "INSERT INTO tile_packs (workspace_id, sha256, job_id, created_ms) "
    "VALUES (:workspace_id, :sha256, :job_id, :created_ms) "
    "ON CONFLICT (workspace_id, sha256) DO UPDATE SET job_id = excluded.job_id"
)
_KEEP: Final = Sql(
    "UPDATE tile_packs SET pack_sha256 = :pack_sha256 WHERE workspace_id = :workspace_id AND sha256 = :sha256"
)


def find_tiled(tx: Transaction, *, item_id: str) -> TiledMedia | None:
    """Return what is known of an item's tiles; None when there is no such image."""
    row = tx.first(_FIND, {"item_id": item_id})
    if row is None:
        return None
    return TiledMedia(
        is_deleted=row["deleted_ms"] is not None,
        workspace_id=row["workspace_id"],
        name=row["name"],
        sha256=row["sha256"],
        width_px=row["width_px"],
        height_px=row["height_px"],
        pack_sha256=row["pack_sha256"],
        job_id=row["job_id"],
    )


def find_pack(tx: Transaction, *, workspace_id: str, sha256: str) -> str | None:
    """Return the file of tiles of an original, if it was cut."""
    row = tx.first(_PACK_OF, {"workspace_id": workspace_id, "sha256": sha256})
    return None if row is None else row["pack_sha256"]


def ask_for_pack(tx: Transaction, *, workspace_id: str, sha256: str, job_id: str, now_ms: int) -> None:
    """Note which job cuts an original."""
    tx.run(_ASK, {"workspace_id": workspace_id, "sha256": sha256, "job_id": job_id, "created_ms": now_ms})


def keep_pack(tx: Transaction, *, workspace_id: str, sha256: str, pack_sha256: str) -> None:
    """Note where the tiles of an original are."""
    tx.run(_KEEP, {"workspace_id": workspace_id, "sha256": sha256, "pack_sha256": pack_sha256})
