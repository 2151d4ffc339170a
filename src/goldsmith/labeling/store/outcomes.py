"""What became of tasks, for who follows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from goldsmith.labeling.store.bulk import ids_of, with_ids
from goldsmith.labeling.types import TaskResult, TaskState, Verdict
from goldsmith.platform.database import Row, Transaction

# The known answer of gold is what counts there; it has no consensus of its own, whatever it had before it was marked.
_RESULTS, _RESULTS_BARE = (
    with_ids(
        f"""
        SELECT t.task_id, t.project_id, t.item_id, t.batch_id, t.state, t.is_gold, t.consensus_version, t.done_ms,
               c.method, {consensus} AS labelling, c.ontology_version,
               g.submission_id AS gold_id, {gold} AS gold_labelling, g.ontology_version AS gold_ontology_version,
               r.verdict, r.created_ms AS reviewed_ms
        FROM tasks t
        LEFT JOIN consensus c ON c.task_id = t.task_id AND c.version = t.consensus_version
        LEFT JOIN submissions g ON g.task_id = t.task_id AND g.kind = 'gold' AND g.is_newest = 1 AND t.is_gold = 1
        LEFT JOIN reviews r ON r.review_id = (SELECT max(n.review_id) FROM reviews n WHERE n.task_id = t.task_id)
        WHERE t.task_id IN /*ids*/
        """  # noqa: S608  constants
    )
    for consensus, gold in (("c.labelling", "g.labelling"), ("NULL", "NULL"))
)
# The token grows with each claim and is kept when a task is put back.
_BEGUN: Final = with_ids(
    """
    SELECT task_id FROM judgements WHERE task_id IN /*ids*/ AND token > 0
    UNION
    SELECT task_id FROM submissions WHERE task_id IN /*ids*/ AND kind IN ('human', 'fix', 'bulk')
    """
)


def results_of(tx: Transaction, task_ids: Sequence[str], *, with_labels: bool) -> list[TaskResult]:
    """Return what became of tasks, in the order given; unknown ids are left out."""
    if not task_ids:
        return []
    rows = tx.all(_RESULTS if with_labels else _RESULTS_BARE, {"ids": ids_of(task_ids)})
    found = {row["task_id"]: _result_of(row) for row in rows}
    return [found[task_id] for task_id in dict.fromkeys(task_ids) if task_id in found]


def begun(tx: Transaction, task_ids: Sequence[str]) -> set[str]:
    """Return those of the tasks that somebody holds, held or answered."""
    return {row["task_id"] for row in tx.all(_BEGUN, {"ids": ids_of(task_ids)})} if task_ids else set()


def _result_of(row: Row) -> TaskResult:
    is_known = row["gold_id"] is not None
    return TaskResult(
        row["task_id"],
        row["project_id"],
        row["item_id"],
        row["batch_id"],
        TaskState(row["state"]),
        bool(row["is_gold"]),
        row["gold_labelling"] if is_known else row["labelling"],
        row["gold_ontology_version"] if is_known else row["ontology_version"],
        row["consensus_version"],
        "gold" if is_known else row["method"],
        row["done_ms"],
        None if row["verdict"] is None else Verdict(row["verdict"]),
        row["reviewed_ms"],
    )
