from __future__ import annotations

from goldsmith.platform.database import Database
from goldsmith.platform.edges import Edge, add_edges, edges_from, edges_to


def test_facts_are_kept_once_and_found_from_both_ends(database: Database) -> None:
    facts = [
        Edge("dataset_version", "dsv_1", "run", "run_1", "trained on"),
        Edge("dataset_version", "dsv_1", "evaluation", "evl_1", "measured on"),
        Edge("run", "run_1", "model_version", "mdv_1", "made by"),
    ]
    for at_ms in (5, 9):
        database.write_sync(lambda tx, at_ms=at_ms: add_edges(tx, workspace_id="w", at_ms=at_ms, edges=facts))
    database.write_sync(lambda tx: add_edges(tx, workspace_id="w", at_ms=9, edges=[]))
    down = database.read_sync(lambda tx: edges_from(tx, "dataset_version", "dsv_1"))
    assert [(edge.dst_kind, edge.dst_id, edge.at_ms) for edge in down] == [
        ("evaluation", "evl_1", 5),
        ("run", "run_1", 5),
    ]
    (up,) = database.read_sync(lambda tx: edges_to(tx, "model_version", "mdv_1"))
    assert up[:5] == facts[2]
    assert up.workspace_id == "w"
    assert database.read_sync(lambda tx: edges_to(tx, "item", "unknown")) == []
