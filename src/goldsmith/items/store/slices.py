"""SQL of slices."""

from __future__ import annotations

from typing import Final

from goldsmith.items.types import Slice
from goldsmith.platform.database import Row, Sql, Transaction

_LIST: Final = Sql("SELECT * FROM slices WHERE project_id = :project_id ORDER BY name LIMIT 1000")
_PUT: Final = Sql(
    "INSERT INTO slices (slice_id, project_id, name, query, created_by, created_ms) "
    "VALUES (:slice_id, :project_id, :name, :query, :created_by, :created_ms) "
    "ON CONFLICT (project_id, name) DO UPDATE SET query = excluded.query, created_by = excluded.created_by, "
    "created_ms = excluded.created_ms RETURNING *"
)
_DELETE: Final = Sql("DELETE FROM slices WHERE slice_id = :slice_id")


def list_slices(tx: Transaction, project_id: str) -> list[Slice]:
    """Return the slices of a project by name, up to a thousand."""
    return [_slice(row) for row in tx.all(_LIST, {"project_id": project_id})]


def put_slice(tx: Transaction, entry: Slice) -> Slice:
    """Store a slice, in place of one of the same name, whose id stays."""
    row = tx.first(_PUT, entry.model_dump())
    assert row is not None
    return _slice(row)


def delete_slice(tx: Transaction, slice_id: str) -> bool:
    """Remove a slice; False when there is none."""
    return tx.run(_DELETE, {"slice_id": slice_id}) == 1


def _slice(row: Row) -> Slice:
    return Slice(**{name: row[name] for name in Slice.model_fields})
