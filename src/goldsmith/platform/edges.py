"""The edges of lineage: append-only facts "dst was made from, or because of, src"."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from goldsmith.platform.database import Row, Sql, Transaction


class Edge(NamedTuple):
    """One fact.

    Kinds: item, task, submission, consensus, dataset_version, run, model_version, evaluation, batch, import.
    """

    src_kind: str
    src_id: str
    dst_kind: str
    dst_id: str
    why: str


class StoredEdge(NamedTuple):
    """A fact as it was stored."""

    src_kind: str
    src_id: str
    dst_kind: str
    dst_id: str
    why: str
    workspace_id: str
    at_ms: int


_ADD: Final = Sql(
    "INSERT INTO edges (src_kind, src_id, dst_kind, dst_id, why, workspace_id, at_ms) "
    "VALUES (:src_kind, :src_id, :dst_kind, :dst_id, :why, :workspace_id, :at_ms) ON CONFLICT DO NOTHING"
)
_FROM: Final = Sql(
    "SELECT * FROM edges WHERE src_kind = :kind AND src_id = :id ORDER BY dst_kind, dst_id, why"
)
_TO: Final = Sql("SELECT * FROM edges WHERE dst_kind = :kind AND dst_id = :id ORDER BY src_kind, src_id, why")


def add_edges(tx: Transaction, *, workspace_id: str, at_ms: int, edges: Sequence[Edge]) -> None:
    """Store facts; one that is there already stays as it was."""
    tx.many(_ADD, [{**edge._asdict(), "workspace_id": workspace_id, "at_ms": at_ms} for edge in edges])


def edges_from(tx: Transaction, kind: str, node_id: str) -> list[StoredEdge]:
    """Return what was made from the node."""
    return [_stored(row) for row in tx.all(_FROM, {"kind": kind, "id": node_id})]


def edges_to(tx: Transaction, kind: str, node_id: str) -> list[StoredEdge]:
    """Return what the node was made from."""
    return [_stored(row) for row in tx.all(_TO, {"kind": kind, "id": node_id})]


def _stored(row: Row) -> StoredEdge:
    return StoredEdge(*(row[name] for name in StoredEdge._fields))
