"""What quality steers by: who can be asked, what is asked for in all, and which finished tasks are looked at again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Final

from goldsmith.core.ids import lowest_id
from goldsmith.labeling.store.bulk import ids_of, with_ids
from goldsmith.labeling.types import AuditableTask, ReviewFact, TimeSpent, Worker, WorkTime, WorkTotals
from goldsmith.platform.database import Sql, Transaction

# Whoever was added and may label, and whoever has labelled before; but for the paused and those in the course.
_WORKERS: Final = with_ids(
    """
    SELECT m.member_id, coalesce(k.tier, 0) AS tier
    FROM projects p JOIN members m ON m.workspace_id = p.workspace_id
    LEFT JOIN standings k ON k.project_id = p.project_id AND k.member_id = m.member_id
    WHERE p.project_id = :project_id AND m.removed_ms IS NULL AND m.role <> 'viewer'
      AND coalesce(k.state, 'active') = 'active'
      AND (m.member_id IN /*ids*/ OR (SELECT 1 FROM project_members pm WHERE pm.project_id = p.project_id
                                      AND pm.member_id = m.member_id) IS NOT NULL)
    ORDER BY m.member_id
    """
)
_MET: Final = with_ids(
    "SELECT task_id, member_id FROM judgements WHERE task_id IN /*ids*/ AND member_id IS NOT NULL"
)
_LOWER_TIERS: Final = with_ids(
    """
    UPDATE standings SET tier = 0, changed_ms = :now_ms
    WHERE project_id = :project_id AND tier > 0 AND NOT (member_id IN /*ids*/)
    """
)
_RAISE_TIER: Final = Sql(
    """
    INSERT INTO standings (project_id, member_id, tier, changed_ms) VALUES (:project_id, :member_id, 1, :now_ms)
    ON CONFLICT (project_id, member_id) DO UPDATE SET tier = 1, changed_ms = excluded.changed_ms
    WHERE standings.tier <> 1
    """
)
# A task whose labels nobody doubts (imported, decided) counts its objects as right.
_TOTALS: Final = Sql(
    """
    SELECT sum(CASE WHEN is_gold = 0 AND state <> 'cancelled' THEN 1 ELSE 0 END) AS tasks,
           sum(CASE WHEN is_gold = 0 AND state = 'done' THEN 1 ELSE 0 END) AS done,
           sum(CASE WHEN is_gold = 0 THEN submission_count ELSE 0 END) AS submissions,
           sum(CASE WHEN is_gold = 0 THEN open_judgements ELSE 0 END) AS open_judgements,
           sum(CASE WHEN is_gold = 0 AND state = 'done' THEN object_count ELSE 0 END) AS objects,
           sum(CASE WHEN is_gold = 0 AND state = 'done' THEN coalesce(expected_objects, object_count) ELSE 0 END)
               AS expected_objects,
           sum(CASE WHEN is_gold = 0 AND state = 'done' THEN coalesce(expected_wrong, 0) ELSE 0 END)
               AS expected_wrong,
           sum(CASE WHEN is_gold = 0 AND state = 'done'
                     AND expected_wrong > :may_be_wrong
                     AND expected_wrong > :may_be_wrong * expected_objects
                    THEN 1 ELSE 0 END) AS doubtful,
           sum(CASE WHEN is_gold = 0 AND consensus_version > 0 THEN 1 ELSE 0 END) AS resolved,
           sum(CASE WHEN is_gold = 1 THEN submission_count ELSE 0 END) AS gold_submissions
    FROM tasks WHERE project_id = :project_id
    """
)
_AUDITABLE: Final = Sql(
    """
    SELECT task_id, object_count FROM tasks
    WHERE project_id = :project_id AND state = 'done' AND is_gold = 0 AND consensus_version > 0
    ORDER BY task_id
    """
)
_REVIEWS: Final = with_ids(
    """
    SELECT r.review_id, r.task_id, r.verdict, r.consensus_version, s.labelling AS fix,
           s.ontology_version AS fix_ontology_version
    FROM reviews r LEFT JOIN submissions s ON s.submission_id = r.submission_id
    WHERE r.task_id IN /*ids*/
    ORDER BY r.review_id
    """
)
_HELD: Final = with_ids(
    """
    SELECT DISTINCT task_id FROM judgements
    WHERE task_id IN /*ids*/ AND stage = 'review' AND is_open = 1 AND member_id IS NOT NULL
      AND available_ms > :now_ms + 0
    """
)
_ACCEPTED: Final = Sql("UPDATE tasks SET expected_wrong = 0 WHERE task_id = :task_id")
# Times are put together in steps, so that a million submissions are some thousand rows.
_TIMES: Final = Sql(
    """
    SELECT member_id, kind, count(*) AS number, sum(active_ms) AS active_ms,
           sum(CASE WHEN version = 1 THEN 1 ELSE 0 END) AS firsts
    FROM submissions
    WHERE project_id = :project_id AND kind IN ('human', 'fix') AND member_id IS NOT NULL
    GROUP BY member_id, kind,
        CASE WHEN active_ms < 10000 THEN active_ms / 100 WHEN active_ms < 100000 THEN 100 + active_ms / 1000
             WHEN active_ms < 1000000 THEN 200 + active_ms / 10000 ELSE 300 + active_ms / 100000 END
    """
)
_HANDED_IN_SINCE: Final = Sql(
    """
    SELECT count(*) AS number FROM (
        SELECT 1 AS one FROM submissions
        WHERE project_id = :project_id AND kind = 'human' AND submission_id >= :first LIMIT :most) AS fresh
    """
)
_REVIEWED: Final = Sql("SELECT count(*) AS number FROM reviews WHERE project_id = :project_id")
_ITEMS: Final = with_ids("SELECT task_id, item_id, item_name FROM tasks WHERE task_id IN /*ids*/")


def list_workers(tx: Transaction, project_id: str, *, known: Collection[str]) -> list[Worker]:
    """Return who can be asked to label: members of the project, and of ``known`` those who still may."""
    rows = tx.all(_WORKERS, {"project_id": project_id, "ids": ids_of(sorted(known))})
    return [Worker(row["member_id"], row["tier"]) for row in rows]


def who_met(tx: Transaction, task_ids: Sequence[str]) -> dict[str, set[str]]:
    """Return, by task, who holds or held a judgement of it; nobody is asked twice."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in tx.all(_MET, {"ids": ids_of(task_ids)}):
        found[row["task_id"]].add(row["member_id"])
    return found


def keep_tiers(tx: Transaction, *, project_id: str, skilled: Collection[str], now_ms: int) -> None:
    """Make these members, and nobody else, the skilled ones."""
    tx.run(_LOWER_TIERS, {"project_id": project_id, "ids": ids_of(sorted(skilled)), "now_ms": now_ms})
    tx.many(
        _RAISE_TIER,
        [
            {"project_id": project_id, "member_id": member_id, "now_ms": now_ms}
            for member_id in sorted(skilled)
        ],
    )


def add_up(tx: Transaction, project_id: str, *, may_be_wrong: float) -> WorkTotals:
    """Return what the tasks of a project add up to; ``may_be_wrong`` is the share that a target allows."""
    row = tx.first(_TOTALS, {"project_id": project_id, "may_be_wrong": may_be_wrong})
    return WorkTotals(*((row[name] if row is not None else None) or 0 for name in WorkTotals._fields))


def list_auditable(tx: Transaction, project_id: str) -> list[AuditableTask]:
    """Return the finished tasks with labels in force."""
    rows = tx.all(_AUDITABLE, {"project_id": project_id})
    return [AuditableTask(row["task_id"], row["object_count"]) for row in rows]


def reviews_of(tx: Transaction, task_ids: Sequence[str]) -> list[ReviewFact]:
    """Return the verdicts on tasks, oldest first."""
    rows = tx.all(_REVIEWS, {"ids": ids_of(task_ids)}) if task_ids else []
    return [ReviewFact(*(row[name] for name in ReviewFact._fields)) for row in rows]


def in_review_now(tx: Transaction, task_ids: Sequence[str], *, now_ms: int) -> set[str]:
    """Return those of the tasks that a reviewer is looking at."""
    rows = tx.all(_HELD, {"ids": ids_of(task_ids), "now_ms": now_ms}) if task_ids else []
    return {row["task_id"] for row in rows}


def note_accepted(tx: Transaction, task_id: str) -> None:
    """Note that a reviewer found everything right."""
    tx.run(_ACCEPTED, {"task_id": task_id})


def time_spent(tx: Transaction, project_id: str) -> TimeSpent:
    """Return what work took so far."""
    rows = tx.all(_TIMES, {"project_id": project_id})
    reviewed = tx.first(_REVIEWED, {"project_id": project_id})
    assert reviewed is not None, "an aggregate has a row"
    times = [
        WorkTime(
            row["member_id"], row["kind"] == "fix", float(row["active_ms"]) / row["number"], row["number"]
        )
        for row in rows
    ]
    judgements = sum(int(row["firsts"]) for row in rows if row["kind"] == "human")
    return TimeSpent(times, judgements, reviewed["number"])


def handed_in_since(tx: Transaction, project_id: str, *, since_ms: int, most: int) -> int:
    """Return how many submissions came at or after a moment, up to ``most``; it reads no more than those."""
    params = {"project_id": project_id, "first": lowest_id("sub", at_ms=since_ms), "most": most}
    row = tx.first(_HANDED_IN_SINCE, params)
    assert row is not None, "an aggregate has a row"
    return int(row["number"])


def items_of(tx: Transaction, task_ids: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Return (item_id, name) of the item of each task."""
    rows = tx.all(_ITEMS, {"ids": ids_of(task_ids)}) if task_ids else []
    return {row["task_id"]: (row["item_id"], row["item_name"]) for row in rows}
