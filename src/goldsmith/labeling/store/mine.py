"""A member's own work: what was handed in, what became of it, and what is new."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

from goldsmith.items.api import ITEM_BODY
from goldsmith.labeling.types import NewsKind
from goldsmith.platform.database import Row, Sql, Transaction

# A submission that was rejected was judged by the first review after it, one that counts by the last.
_JUDGED_BY: Final = """
    CASE WHEN s.is_rejected = 1
         THEN (SELECT min(r.review_id) FROM reviews r WHERE r.task_id = s.task_id AND r.created_ms >= s.created_ms)
         ELSE (SELECT max(r.review_id) FROM reviews r WHERE r.task_id = s.task_id AND r.created_ms >= s.created_ms)
    END
"""
_COLUMNS: Final = """
    t.task_id, t.project_id, p.name AS project_name, i.item_id, i.name AS item_name,
    s.submission_id, s.version, s.annotation_count, s.active_ms, s.is_rejected, s.created_ms,
    v.review_id, v.verdict, v.reasons, v.created_ms AS reviewed_ms,
    n.kind AS news_kind, n.at_ms AS news_ms, n.is_unread,
    (SELECT count(*) FROM comments c WHERE c.task_id = t.task_id) AS comment_count,
    (SELECT count(*) FROM comments c WHERE c.task_id = t.task_id AND c.comment_id = c.thread_id
                                       AND c.resolved_ms IS NULL) AS open_threads
"""
_OWN: Final = f"""
    SELECT {_COLUMNS}
    FROM submissions s JOIN tasks t ON t.task_id = s.task_id
    JOIN projects p ON p.project_id = t.project_id JOIN items i ON i.item_id = t.item_id
    LEFT JOIN reviews v ON v.review_id = {_JUDGED_BY}
    LEFT JOIN news n ON n.task_id = s.task_id AND n.member_id = s.member_id
    WHERE s.member_id = :member_id AND s.kind = 'human' AND s.is_newest = 1
"""  # noqa: S608  constants
_NEWS: Final = f"""
    SELECT {_COLUMNS}
    FROM news n JOIN tasks t ON t.task_id = n.task_id
    JOIN projects p ON p.project_id = t.project_id JOIN items i ON i.item_id = t.item_id
    LEFT JOIN submissions s ON s.task_id = n.task_id AND s.member_id = n.member_id AND s.kind = 'human'
                           AND s.is_newest = 1
    LEFT JOIN reviews v ON v.review_id = {_JUDGED_BY}
    WHERE n.member_id = :member_id
"""  # noqa: S608  constants
_CONDITIONS: Final = {
    "workspace_id": "p.workspace_id = :workspace_id",
    "project_id": "t.project_id = :project_id",
    "verdict": "v.verdict = :verdict",
    "is_read": "coalesce(n.is_unread, 0) = 0",
    "is_unread": "n.is_unread = 1",
    "is_others": "n.is_unread = 0 AND s.submission_id IS NULL",
    "is_in_project": "EXISTS (SELECT 1 FROM project_members m "
    "WHERE m.project_id = t.project_id AND m.member_id = :member_id)",
    "before": "s.submission_id < :before",
    "before_ms": "(n.at_ms < :before_ms OR (n.at_ms = :before_ms AND n.task_id < :before_task))",
}
_COUNT: Final = """
    SELECT count(*) AS unread FROM news n JOIN projects p ON p.project_id = n.project_id
    WHERE n.member_id = :member_id AND n.is_unread = 1 AND p.workspace_id = :workspace_id
"""
_SEEN: Final = Sql("UPDATE news SET is_unread = 0 WHERE member_id = :member_id AND task_id = :task_id")

_FIND_OWN: Final = Sql(
    f"""
    SELECT s.submission_id, s.version, s.labelling, s.ontology_version, s.is_rejected, s.created_ms,
           t.task_id, t.project_id, t.state, t.is_gold,
           i.item_id, i.name, i.kind, i.width_px, i.height_px, i.group_key, i.metadata,
           {ITEM_BODY}, t.scope,
           p.ontology_version AS newest_ontology, p.instructions_version AS newest_instructions
    FROM submissions s JOIN tasks t ON t.task_id = s.task_id JOIN items i ON i.item_id = t.item_id
    JOIN projects p ON p.project_id = t.project_id
    WHERE s.task_id = :task_id AND s.member_id = :member_id AND s.kind = 'human' AND s.is_newest = 1
    """  # noqa: S608  a constant
)

# Whose labels a review judged: what counted before it. A rejection has just taken that away from those it judged; what
# was rejected earlier has another review after it.
_TELL_AUTHORS: Final = Sql(
    """
    INSERT INTO news (member_id, task_id, project_id, kind, at_ms, is_unread)
    SELECT s.member_id, s.task_id, s.project_id, :kind, :now_ms, 1
    FROM submissions s
    WHERE s.task_id = :task_id AND s.kind = 'human' AND s.is_newest = 1 AND s.member_id <> :by
      AND (s.is_rejected = 0
           OR (SELECT 1 FROM reviews r WHERE r.task_id = s.task_id AND r.created_ms >= s.created_ms
                                         AND r.review_id <> :review_id LIMIT 1) IS NULL)
    ON CONFLICT (member_id, task_id) DO UPDATE
    SET kind = excluded.kind, at_ms = excluded.at_ms, is_unread = 1
    """
)
# Whoever labelled or wrote in the thread, and for a new thread of an author whoever reviewed the task.
_TELL_TALKERS: Final = Sql(
    """
    INSERT INTO news (member_id, task_id, project_id, kind, at_ms, is_unread)
    SELECT o.member_id, :task_id, :project_id, :kind, :now_ms, 1
    FROM (SELECT member_id FROM comments WHERE task_id = :task_id AND thread_id = :thread_id
          UNION SELECT member_id FROM submissions
                WHERE task_id = :task_id AND kind = 'human' AND is_newest = 1 AND :tells_authors = 1
          UNION SELECT member_id FROM reviews WHERE task_id = :task_id AND :tells_reviewers = 1) o
    WHERE o.member_id <> :by
    ON CONFLICT (member_id, task_id) DO UPDATE
    SET kind = excluded.kind, at_ms = excluded.at_ms, is_unread = 1
    """
)


def list_own(tx: Transaction, params: dict[str, Any], *, conditions: Sequence[str], limit: int) -> list[Row]:
    """Return own submissions with what became of them, newest first.

    Args:
        tx: The transaction at hand.
        params: member_id and what the conditions name.
        conditions: Names out of this module's list.
        limit: How many at most.
    """
    text = _statement(_OWN, frozenset(conditions), "s.submission_id DESC")
    return tx.all(text, {**params, "limit": limit})


def list_news(tx: Transaction, params: dict[str, Any], *, conditions: Sequence[str], limit: int) -> list[Row]:
    """Return tasks with news, newest first; as ``list_own``."""
    text = _statement(_NEWS, frozenset(conditions), "n.at_ms DESC, n.task_id DESC")
    return tx.all(text, {**params, "limit": limit})


def count_unread(tx: Transaction, *, workspace_id: str, member_id: str, is_in_all: bool) -> int:
    """Return how many tasks have news that were not seen, of projects that are open to the member."""
    statement = _COUNT_ALL if is_in_all else _COUNT_OWN
    return int(tx.scalar(statement, {"workspace_id": workspace_id, "member_id": member_id}) or 0)


def mark_seen(tx: Transaction, *, member_id: str, task_id: str) -> None:
    """Note that a member saw what happened to a task."""
    tx.run(_SEEN, {"member_id": member_id, "task_id": task_id})


def find_own(tx: Transaction, *, task_id: str, member_id: str) -> Row | None:
    """Return a member's newest submission of a task with the item and what is newest of the project, or None."""
    return tx.first(_FIND_OWN, {"task_id": task_id, "member_id": member_id})


def tell_authors(
    tx: Transaction, *, task_id: str, kind: NewsKind, by: str, review_id: str, now_ms: int
) -> None:
    """Leave news of a verdict for those whose labels it judged."""
    params = {"task_id": task_id, "kind": kind.value, "by": by, "review_id": review_id, "now_ms": now_ms}
    tx.run(_TELL_AUTHORS, params)


def tell_talkers(
    tx: Transaction,
    *,
    task_id: str,
    project_id: str,
    thread_id: str,
    kind: NewsKind,
    by: str,
    tells_authors: bool,
    tells_reviewers: bool,
    now_ms: int,
) -> None:
    """Leave news of a comment for those in its thread, and for the task's authors or reviewers as said."""
    tx.run(
        _TELL_TALKERS,
        {
            "task_id": task_id,
            "project_id": project_id,
            "thread_id": thread_id,
            "kind": kind.value,
            "by": by,
            "tells_authors": int(tells_authors),
            "tells_reviewers": int(tells_reviewers),
            "now_ms": now_ms,
        },
    )


@lru_cache(maxsize=256)
def _statement(base: str, conditions: frozenset[str], order: str) -> Sql:
    wanted = "".join(f" AND {_CONDITIONS[name]}" for name in sorted(conditions))
    return Sql(f"{base}{wanted} ORDER BY {order} LIMIT :limit")


_COUNT_ALL: Final = Sql(_COUNT)
_COUNT_OWN: Final = Sql(
    _COUNT  # noqa: S608  constants
    + " AND EXISTS (SELECT 1 FROM project_members m WHERE m.project_id = n.project_id AND m.member_id = :member_id)"
)
