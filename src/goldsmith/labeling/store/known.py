"""Tasks whose answer is known: hidden gold and how it is used, reviewed tasks, and asking one in a course."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from goldsmith.labeling.store.bulk import ids_of, with_ids
from goldsmith.labeling.types import CourseSubmission, GoldTaskFact, KnownLabels
from goldsmith.platform.database import Row, Sql, Transaction

COURSE_OPEN: Final = 3
"""``is_open`` of a judgement that is asked in a course: no walk of the queue sees it, and its lease does not end."""

_INSERT: Final = Sql(
    f"""
    INSERT INTO judgements (judgement_id, task_id, project_id, stage, round, is_open, rank, position, available_ms,
                            member_id, token, claimed_ms)
    SELECT :judgement_id, t.task_id, t.project_id, 'label', :judgement_id, {COURSE_OPEN}, -t.priority, t.position,
           :until_ms, :member_id, 1, :now_ms
    FROM tasks t WHERE t.task_id = :task_id
    """  # noqa: S608  a constant
)
_CLOSE: Final = Sql(
    f"""
    UPDATE judgements SET is_open = 0, outcome = 'submitted', closed_ms = :now_ms
    WHERE judgement_id = :judgement_id AND member_id = :member_id AND token = :token AND is_open = {COURSE_OPEN}
    RETURNING task_id, project_id,
        (SELECT p.ontology_version FROM projects p WHERE p.project_id = judgements.project_id) AS ontology_version,
        (SELECT t.scope FROM tasks t WHERE t.task_id = judgements.task_id) AS scope
    """  # noqa: S608  a constant
)
_ANSWER: Final = Sql(
    """
    SELECT submission_id, task_id, project_id, member_id, labelling, ontology_version FROM submissions
    WHERE member_id = :member_id AND kind = 'course' AND judgement_id = :judgement_id
    """
)
# A reviewer accepted the newest consensus as it is, fixed it, or it was imported as accepted; what leads answered for
# many items at once says nothing of objects.
_KNOWN: Final = with_ids(
    """
    SELECT t.task_id, t.is_gold, g.labelling AS gold_labelling, g.ontology_version AS gold_version,
           c.labelling, c.ontology_version
    FROM tasks t
    LEFT JOIN submissions g ON g.task_id = t.task_id AND g.kind = 'gold' AND g.is_newest = 1 AND t.is_gold = 1
    LEFT JOIN consensus c ON c.task_id = t.task_id AND c.version = t.consensus_version AND t.state = 'done'
         AND (c.method IN ('review', 'imported')
              OR (SELECT max(r.consensus_version) FROM reviews r
                  WHERE r.task_id = t.task_id AND r.verdict = 'accept') = c.version)
    WHERE t.project_id = :project_id AND t.item_deleted_ms IS NULL AND t.task_id IN /*ids*/
    ORDER BY t.task_id
    """
)
_GOLD: Final = Sql(
    """
    SELECT task_id, item_id, item_name, gold_uses, state FROM tasks
    WHERE project_id = :project_id AND is_gold = 1 AND item_deleted_ms IS NULL ORDER BY gold_uses, task_id
    """
)
_REST: Final = Sql(
    """
    UPDATE tasks SET state = :state, updated_ms = :now_ms, done_ms = CASE WHEN :state = 'done' THEN :now_ms END
    WHERE task_id = :task_id AND project_id = :project_id AND is_gold = 1 AND state = :was
    """
)
_TIMES: Final = Sql(
    """
    SELECT member_id, active_ms FROM submissions
    WHERE project_id = :project_id AND kind = 'human' AND active_ms > 0 ORDER BY submission_id DESC LIMIT :limit
    """
)
# Of the tasks that show it the member's newest, else the member's newest of the project.
_TELL: Final = with_ids(
    """
    INSERT INTO news (member_id, task_id, project_id, kind, at_ms, is_unread)
    SELECT s.member_id, s.task_id, s.project_id, :kind, :now_ms, 1 FROM submissions s
    WHERE s.submission_id = coalesce(
        (SELECT max(n.submission_id) FROM submissions n WHERE n.member_id = :member_id AND n.kind = 'human'
         AND n.is_newest = 1 AND n.project_id = :project_id AND n.task_id IN /*ids*/),
        (SELECT max(n.submission_id) FROM submissions n WHERE n.member_id = :member_id AND n.kind = 'human'
         AND n.is_newest = 1 AND n.project_id = :project_id))
    ON CONFLICT (member_id, task_id) DO UPDATE
    SET kind = excluded.kind, at_ms = excluded.at_ms, is_unread = 1
    """
)


def insert_course_judgement(
    tx: Transaction, *, judgement_id: str, task_id: str, member_id: str, now_ms: int, until_ms: int
) -> None:
    """Ask a task of a member in a course, whatever its state; it is held by the member until it is answered."""
    tx.run(
        _INSERT,
        {
            "judgement_id": judgement_id,
            "task_id": task_id,
            "member_id": member_id,
            "now_ms": now_ms,
            "until_ms": until_ms,
        },
    )


def close_course_judgement(
    tx: Transaction, *, judgement_id: str, member_id: str, token: int, now_ms: int
) -> Row | None:
    """Close a judgement of a course for its holder; None when it is not held by this member."""
    params = {"judgement_id": judgement_id, "member_id": member_id, "token": token, "now_ms": now_ms}
    return tx.first(_CLOSE, params)


def find_course_answer(tx: Transaction, *, judgement_id: str, member_id: str) -> CourseSubmission | None:
    """Return what a member answered in a course; None while it was not answered."""
    row = tx.first(_ANSWER, {"judgement_id": judgement_id, "member_id": member_id})
    return None if row is None else CourseSubmission(*(row[name] for name in CourseSubmission._fields))


def known_labels(tx: Transaction, task_ids: Sequence[str], *, project_id: str) -> list[KnownLabels]:
    """Return the known answers of those tasks of a project that have one; items that were deleted are left out."""
    found = []
    for row in tx.all(_KNOWN, {"ids": ids_of(task_ids), "project_id": project_id}):
        if row["gold_labelling"] is not None:
            found.append(
                KnownLabels(row["task_id"], row["gold_labelling"], row["gold_version"], is_gold=True)
            )
        elif row["labelling"] is not None and not row["is_gold"]:
            found.append(
                KnownLabels(row["task_id"], row["labelling"], row["ontology_version"], is_gold=False)
            )
    return found


def gold_tasks(tx: Transaction, project_id: str) -> list[GoldTaskFact]:
    """Return the hidden gold of a project, the least used first."""
    rows = tx.all(_GOLD, {"project_id": project_id})
    return [GoldTaskFact(*(row[name] for name in GoldTaskFact._fields)) for row in rows]


def rest_gold(tx: Transaction, *, project_id: str, task_id: str, was: str, state: str, now_ms: int) -> bool:
    """Move a gold task between being handed out and not; False when it is no gold in the state it was in."""
    params = {"project_id": project_id, "task_id": task_id, "was": was, "state": state, "now_ms": now_ms}
    return tx.run(_REST, params) == 1


def recent_times(tx: Transaction, project_id: str, *, limit: int) -> list[tuple[str, int]]:
    """Return (member_id, active_ms) of the newest submissions of a project."""
    rows = tx.all(_TIMES, {"project_id": project_id, "limit": limit})
    return [(row["member_id"], row["active_ms"]) for row in rows]


def tell_member(
    tx: Transaction, *, project_id: str, member_id: str, task_ids: Sequence[str], kind: str, now_ms: int
) -> bool:
    """Leave news for a member at one of the tasks, or at the newest; False when there is none to leave it at."""
    params = {
        "ids": ids_of(task_ids),
        "project_id": project_id,
        "member_id": member_id,
        "kind": kind,
        "now_ms": now_ms,
    }
    return tx.run(_TELL, params) > 0
