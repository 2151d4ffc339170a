"""Pages that people read: lists of tasks, one task in full, progress and activity."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final, NamedTuple

from goldsmith.items.api import ITEM_BODY
from goldsmith.platform.database import Row, Sql, Transaction

_LIST: Final = """
    SELECT t.task_id, t.item_id, i.name, t.state, t.is_gold, t.batch_id, t.priority, t.position, t.open_judgements,
           t.submission_count, t.consensus_version, t.object_count, t.lowest_posterior, t.created_ms, t.updated_ms
    FROM tasks t JOIN items i ON i.item_id = t.item_id
    WHERE t.project_id = :project_id AND t.task_id > :after
"""
# what was asked in the course is not met: its answer is not to be looked up
_MET: Final = (
    "EXISTS (SELECT 1 FROM judgements j WHERE j.task_id = t.task_id AND j.member_id = :member_id "
    "AND (j.stage = 'review' OR j.round = ''))"
)
_CONDITIONS: Final = {
    "state": "t.state = :state",
    "batch_id": "t.batch_id = :batch_id",
    "is_gold": "t.is_gold = :is_gold",
    "text": "lower(i.name) LIKE :text ESCAPE '\\'",
    "posterior_below": "t.lowest_posterior < :posterior_below",
    "member_id": _MET,
}

_TASK: Final = Sql(
    f"""
    SELECT t.task_id, t.project_id, t.batch_id, t.state, t.is_gold, t.priority, t.position, t.open_judgements,
           t.submission_count, t.consensus_version, t.object_count, t.lowest_posterior, t.created_ms, t.updated_ms,
           i.item_id, i.name, i.kind, i.width_px, i.height_px, i.group_key, i.metadata,
           {ITEM_BODY}, t.scope,
           c.labelling AS consensus, c.method, p.ontology_version, p.instructions_version
    FROM tasks t JOIN items i ON i.item_id = t.item_id JOIN projects p ON p.project_id = t.project_id
    LEFT JOIN consensus c ON c.task_id = t.task_id AND c.version = t.consensus_version
    WHERE t.task_id = :task_id
    """  # noqa: S608  a constant
)
_SCOPE: Final = Sql(
    """
    SELECT t.scope, t.item_deleted_ms, p.workspace_id FROM tasks t JOIN projects p ON p.project_id = t.project_id
    WHERE t.task_id = :task_id
    """
)
_SUBMISSIONS: Final = Sql(
    """
    SELECT s.submission_id, s.member_id, m.name AS member_name, s.kind, s.version, s.is_newest, s.is_rejected,
           s.model_version_id, s.labelling, s.annotation_count, s.ontology_version, s.instructions_version,
           s.active_ms, s.created_ms
    FROM submissions s LEFT JOIN members m ON m.member_id = s.member_id
    WHERE s.task_id = :task_id AND s.kind <> 'course' ORDER BY s.submission_id
    """
)
_REVIEWS: Final = Sql(
    """
    SELECT r.review_id, r.member_id, m.name AS member_name, r.verdict, r.reasons, r.consensus_version,
           r.submission_id, r.created_ms
    FROM reviews r LEFT JOIN members m ON m.member_id = r.member_id
    WHERE r.task_id = :task_id ORDER BY r.review_id
    """
)
# The first version that somebody handed in is an event by itself and not written twice; both ids sort by time.
_EVENTS: Final = Sql(
    """
    SELECT e.event_id, e.member_id, m.name AS member_name, e.kind, e.detail, e.at_ms
    FROM (
        SELECT event_id, member_id, kind, detail, at_ms FROM events WHERE task_id = :task_id
        UNION ALL
        SELECT 'evt_' || substr(submission_id, 5), member_id, 'submitted',
               '{"submission_id":"' || submission_id || '","version":1}', created_ms
        FROM submissions WHERE task_id = :task_id AND kind = 'human' AND version = 1
    ) e LEFT JOIN members m ON m.member_id = e.member_id
    ORDER BY e.event_id
    """
)
_HOLDERS: Final = Sql(
    """
    SELECT j.judgement_id, j.stage, j.member_id, m.name AS member_name, j.is_open, j.outcome, j.skip_reason,
           j.available_ms AS expires_ms, j.claimed_ms, j.closed_ms
    FROM judgements j LEFT JOIN members m ON m.member_id = j.member_id
    WHERE j.task_id = :task_id ORDER BY j.judgement_id
    """
)

_PROGRESS: Final = Sql(
    """
    SELECT state, is_gold, count(*) AS tasks, sum(submission_count) AS submissions,
           sum(open_judgements) AS open_judgements, sum(object_count) AS objects
    FROM tasks WHERE project_id = :project_id GROUP BY state, is_gold
    """
)
_DAY_MS: Final = 86_400_000
# One row for each member and day; kind tells what is counted.
_ACTIVITY: Final = Sql(
    f"""
    SELECT a.member_id, m.name, m.kind AS member_kind, a.what, a.day, a.number, a.active_ms, a.last_ms
    FROM (
        SELECT member_id, 'submission' AS what, created_ms / {_DAY_MS} AS day, count(*) AS number,
               sum(active_ms) AS active_ms, max(created_ms) AS last_ms
        FROM submissions WHERE project_id = :project_id AND kind = 'human' AND version = 1
        GROUP BY member_id, created_ms / {_DAY_MS}
        UNION ALL
        SELECT member_id, 'skip', closed_ms / {_DAY_MS}, count(*), 0, max(closed_ms)
        FROM judgements WHERE project_id = :project_id AND outcome = 'skipped' AND closed_ms IS NOT NULL
        GROUP BY member_id, closed_ms / {_DAY_MS}
        UNION ALL
        SELECT member_id, 'review', created_ms / {_DAY_MS}, count(*), 0, max(created_ms)
        FROM reviews WHERE project_id = :project_id GROUP BY member_id, created_ms / {_DAY_MS}
    ) a JOIN members m ON m.member_id = a.member_id
    ORDER BY a.member_id, a.day
    """  # noqa: S608  a constant
)


class TaskFilter(NamedTuple):
    """Which tasks a list shows; None for all.

    Attributes:
        text: Part of the item's name, without regard to case.
        posterior_below: Tasks whose consensus holds a decision that is right with a posterior under this, in [0, 1].
        member_id: Tasks that this member met.
    """

    state: str | None = None
    batch_id: str | None = None
    is_gold: int | None = None
    text: str | None = None
    posterior_below: float | None = None
    member_id: str | None = None


def list_tasks(tx: Transaction, *, project_id: str, wanted: TaskFilter, after: str, limit: int) -> list[Row]:
    """Return tasks in order of their ids, after a task id."""
    given = {name: value for name, value in wanted._asdict().items() if value is not None}
    params: dict[str, Any] = {"project_id": project_id, "after": after, "limit": limit, **given}
    if wanted.text is not None:
        escaped = wanted.text.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        params["text"] = f"%{escaped}%"
    return tx.all(_list_statement(frozenset(given)), params)


@lru_cache(maxsize=128)
def _list_statement(names: frozenset[str]) -> Sql:
    conditions = "".join(f" AND {_CONDITIONS[name]}" for name in sorted(names))
    return Sql(f"{_LIST}{conditions} ORDER BY t.task_id LIMIT :limit")


def find_task(tx: Transaction, task_id: str) -> Row | None:
    """Return a task with its item and newest consensus, or None."""
    return tx.first(_TASK, {"task_id": task_id})


def find_scope(tx: Transaction, task_id: str) -> Row | None:
    """Return the scope of a task, when its item was deleted, and its workspace."""
    return tx.first(_SCOPE, {"task_id": task_id})


def submissions_of(tx: Transaction, task_id: str) -> list[Row]:
    """Return all submissions of a task, oldest first."""
    return tx.all(_SUBMISSIONS, {"task_id": task_id})


def reviews_of(tx: Transaction, task_id: str) -> list[Row]:
    """Return all reviews of a task, oldest first."""
    return tx.all(_REVIEWS, {"task_id": task_id})


def events_of(tx: Transaction, task_id: str) -> list[Row]:
    """Return all events of a task, oldest first."""
    return tx.all(_EVENTS, {"task_id": task_id})


def judgements_of(tx: Transaction, task_id: str) -> list[Row]:
    """Return all judgements of a task, oldest first."""
    return tx.all(_HOLDERS, {"task_id": task_id})


def count_progress(tx: Transaction, project_id: str) -> list[Row]:
    """Return tasks, submissions, open_judgements and objects by state and is_gold."""
    return tx.all(_PROGRESS, {"project_id": project_id})


def count_activity(tx: Transaction, project_id: str) -> list[Row]:
    """Return what members did by day: submissions, skips and reviews."""
    return tx.all(_ACTIVITY, {"project_id": project_id})
