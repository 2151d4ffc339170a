"""Talk about tasks: threads of comments, who is there, and what a reader's standing is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from goldsmith.labeling.store.bulk import ids_of, with_ids
from goldsmith.labeling.tables import comments
from goldsmith.platform.database import Row, Sql, Transaction, prepared

PRESENT_MS: Final = 45_000
"""Who gave no sign of life for so long is no longer there; pages give one every 15 s."""

FORGOTTEN_MS: Final = 86_400_000
"""Signs of life are removed after a day."""

# --- standing

_STANDING: Final = Sql(
    """
    SELECT t.task_id, t.project_id, p.workspace_id, t.is_gold,
           (SELECT count(*) FROM judgements j WHERE j.task_id = t.task_id AND j.member_id = :member_id
                                                AND (j.stage = 'review' OR j.round = '')) AS met,
           (SELECT count(*) FROM judgements j WHERE j.task_id = t.task_id AND j.member_id = :member_id
                                                AND j.stage = 'review' AND j.is_open = 1) AS reviews
    FROM tasks t JOIN projects p ON p.project_id = t.project_id WHERE t.task_id = :task_id
    """
)
_AUTHORS: Final = Sql(
    """
    SELECT s.submission_id, s.member_id, s.kind, s.is_newest, s.is_rejected FROM submissions s
    WHERE s.task_id = :task_id AND s.kind IN ('human', 'fix') AND s.member_id IS NOT NULL
    ORDER BY s.submission_id
    """
)

# --- comments

_INSERT: Final = prepared(sa.insert(comments))
_BY_REQUEST: Final = Sql(
    """
    SELECT comment_id, thread_id, task_id FROM comments
    WHERE member_id = :member_id AND request_key = :request_key
    """
)
_COMMENT: Final = """
    SELECT c.comment_id, c.thread_id, c.task_id, c.review_id, c.member_id, m.name, m.role, c.x_px, c.y_px,
           c.annotation_id, c.text, c.created_ms, c.resolved_ms, c.resolved_by,
           d.name AS resolver_name, d.role AS resolver_role
    FROM comments c LEFT JOIN members m ON m.member_id = c.member_id
    LEFT JOIN members d ON d.member_id = c.resolved_by
"""
_ONE: Final = Sql(_COMMENT + " WHERE c.comment_id = :comment_id")
_THREADS: Final = Sql(
    _COMMENT
    + """
    WHERE c.task_id = :task_id AND c.comment_id = c.thread_id AND c.thread_id > :after
      AND (:only_by = '' OR c.member_id = :only_by)
    ORDER BY c.thread_id LIMIT :limit
    """
)
_REPLIES: Final = with_ids(
    _COMMENT
    + """
    WHERE c.task_id = :task_id AND c.thread_id IN /*ids*/ AND c.comment_id <> c.thread_id
    ORDER BY c.thread_id, c.comment_id
    """
)
_OF_REVIEWS: Final = Sql(
    """
    SELECT review_id, x_px, y_px, text, annotation_id FROM comments
    WHERE task_id = :task_id AND comment_id = thread_id AND review_id IS NOT NULL ORDER BY comment_id
    """
)
_COUNT_THREADS: Final = Sql(
    "SELECT count(*) AS threads FROM comments WHERE task_id = :task_id AND comment_id = thread_id"
)
_COUNT_REPLIES: Final = Sql(
    """
    SELECT count(*) AS replies FROM comments
    WHERE task_id = :task_id AND thread_id = :thread_id AND comment_id <> thread_id
    """
)
_RESOLVE: Final = Sql(
    """
    UPDATE comments SET resolved_ms = :resolved_ms, resolved_by = :resolved_by WHERE comment_id = :comment_id
    """
)

# --- presence

_BEAT: Final = Sql(
    """
    INSERT INTO presences (member_id, device, task_id, doing, since_ms, seen_ms)
    VALUES (:member_id, :device, :task_id, :doing, :now_ms, :now_ms)
    ON CONFLICT (member_id, device) DO UPDATE
    SET since_ms = CASE WHEN presences.task_id = excluded.task_id AND presences.doing = excluded.doing
                        THEN presences.since_ms ELSE excluded.since_ms END,
        task_id = excluded.task_id, doing = excluded.doing, seen_ms = excluded.seen_ms
    """
)
_LEAVE: Final = Sql(
    "DELETE FROM presences WHERE member_id = :member_id "
    "AND ((device = :device AND task_id = :task_id) OR seen_ms < :old_ms)"
)
_FORGET: Final = Sql("DELETE FROM presences WHERE member_id = :member_id AND seen_ms < :old_ms")
_PRESENT: Final = Sql(
    """
    SELECT p.member_id, m.name, m.role, p.doing, p.since_ms, p.seen_ms,
           CASE WHEN (SELECT 1 FROM judgements j WHERE j.task_id = p.task_id AND j.member_id = p.member_id
                      AND j.is_open = 1 AND j.available_ms > :now_ms LIMIT 1) IS NULL THEN 0 ELSE 1 END AS has_lease
    FROM presences p JOIN members m ON m.member_id = p.member_id
    WHERE p.task_id = :task_id AND p.seen_ms > :since_ms AND NOT (p.member_id = :member_id AND p.device = :device)
    UNION ALL
    SELECT j.member_id, m.name, m.role, j.stage, j.claimed_ms, j.claimed_ms, 1
    FROM judgements j JOIN members m ON m.member_id = j.member_id
    WHERE j.task_id = :task_id AND j.is_open = 1 AND j.available_ms > :now_ms AND j.member_id <> :member_id
      AND (SELECT 1 FROM presences q WHERE q.task_id = j.task_id AND q.member_id = j.member_id
           AND q.seen_ms > :since_ms LIMIT 1) IS NULL
    """
)

# --- blame

_VERSIONS: Final = Sql(
    """
    SELECT s.submission_id, s.member_id, m.name, m.role, s.kind, s.version, s.model_version_id, s.labelling,
           s.created_ms, r.consensus_version
    FROM submissions s LEFT JOIN members m ON m.member_id = s.member_id
    LEFT JOIN reviews r ON r.task_id = s.task_id AND r.submission_id = s.submission_id
    WHERE s.task_id = :task_id AND s.kind <> 'course' ORDER BY s.submission_id
    """
)
_CONSENSUS: Final = Sql(
    """
    SELECT version, labelling, support, method, created_ms FROM consensus
    WHERE task_id = :task_id ORDER BY version
    """
)


class Standing(NamedTuple):
    """What a reader has to do with a task.

    Attributes:
        met: How many judgements of the task the reader holds or closed.
        is_reviewing: Whether the reader holds its review.
        authors: People's submissions, oldest first; see ``shown.Names``.
    """

    task_id: str
    project_id: str
    workspace_id: str
    is_gold: bool
    met: int
    is_reviewing: bool
    authors: Sequence[Row]


def find_standing(tx: Transaction, *, task_id: str, member_id: str) -> Standing | None:
    """Return what a member has to do with a task; None when there is no such task."""
    row = tx.first(_STANDING, {"task_id": task_id, "member_id": member_id})
    if row is None:
        return None
    authors = tx.all(_AUTHORS, {"task_id": task_id})
    return Standing(
        row["task_id"],
        row["project_id"],
        row["workspace_id"],
        bool(row["is_gold"]),
        row["met"],
        row["reviews"] > 0,
        authors,
    )


def insert_comment(tx: Transaction, row: Mapping[str, Any]) -> None:
    """Add a comment or a reply; all columns are given.

    Raises:
        ConflictError: The request key was used before.
    """
    tx.run(_INSERT, row)


def find_by_request(tx: Transaction, *, member_id: str, request_key: str) -> Row | None:
    """Return comment_id, thread_id and task_id of what a request made before, or None."""
    return tx.first(_BY_REQUEST, {"member_id": member_id, "request_key": request_key})


def find_comment(tx: Transaction, comment_id: str) -> Row | None:
    """Return a comment with its author, or None."""
    return tx.first(_ONE, {"comment_id": comment_id})


def list_threads(tx: Transaction, *, task_id: str, only_by: str, after: str, limit: int) -> list[Row]:
    """Return the first comments of threads in the order they were begun; ``only_by`` leaves one member's alone."""
    return tx.all(_THREADS, {"task_id": task_id, "only_by": only_by, "after": after, "limit": limit})


def list_replies(tx: Transaction, thread_ids: Sequence[str], *, task_id: str) -> dict[str, list[Row]]:
    """Return the replies of threads, oldest first; threads without any are absent."""
    found: dict[str, list[Row]] = {}
    if thread_ids:
        for row in tx.all(_REPLIES, {"ids": ids_of(thread_ids), "task_id": task_id}):
            found.setdefault(row["thread_id"], []).append(row)
    return found


def comments_of_reviews(tx: Transaction, task_id: str) -> dict[str, list[dict[str, Any]]]:
    """Return the comments that came with verdicts on a task, by review."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in tx.all(_OF_REVIEWS, {"task_id": task_id}):
        found.setdefault(row["review_id"], []).append(
            {"x": row["x_px"], "y": row["y_px"], "text": row["text"], "annotation_id": row["annotation_id"]}
        )
    return found


def count_threads(tx: Transaction, task_id: str) -> int:
    """Return how many threads a task has."""
    return int(tx.scalar(_COUNT_THREADS, {"task_id": task_id}) or 0)


def count_replies(tx: Transaction, *, task_id: str, thread_id: str) -> int:
    """Return how many replies a thread has."""
    return int(tx.scalar(_COUNT_REPLIES, {"task_id": task_id, "thread_id": thread_id}) or 0)


def resolve(tx: Transaction, comment_id: str, *, by: str | None, at_ms: int | None) -> None:
    """Settle a thread, or open it again with None."""
    tx.run(_RESOLVE, {"comment_id": comment_id, "resolved_by": by, "resolved_ms": at_ms})


def beat(tx: Transaction, *, task_id: str, member_id: str, device: str, doing: str, now_ms: int) -> None:
    """Note that a page of a member is at a task now."""
    params = {"member_id": member_id, "now_ms": now_ms, "old_ms": now_ms - FORGOTTEN_MS}
    tx.run(_FORGET, params)
    tx.run(_BEAT, {**params, "task_id": task_id, "device": device, "doing": doing})


def leave(tx: Transaction, *, task_id: str, member_id: str, device: str, now_ms: int) -> None:
    """Note that a page of a member has left a task."""
    params = {"task_id": task_id, "member_id": member_id, "device": device, "old_ms": now_ms - FORGOTTEN_MS}
    tx.run(_LEAVE, params)


def present(tx: Transaction, *, task_id: str, member_id: str, device: str, now_ms: int) -> list[Row]:
    """Return who else is at a task: pages with a sign of life, and holders of a lease without one."""
    params = {"task_id": task_id, "member_id": member_id, "device": device, "now_ms": now_ms}
    return tx.all(_PRESENT, {**params, "since_ms": now_ms - PRESENT_MS})


def versions_of(tx: Transaction, task_id: str) -> list[Row]:
    """Return all submissions of a task with their labels and authors, oldest first."""
    return tx.all(_VERSIONS, {"task_id": task_id})


def consensus_of(tx: Transaction, task_id: str) -> list[Row]:
    """Return all consensus versions of a task with what supports their objects, oldest first."""
    return tx.all(_CONSENSUS, {"task_id": task_id})
