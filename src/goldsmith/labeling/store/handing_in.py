"""Handing in a labelling: the judgement closed, the submission added, the task counted, the draft dropped.

One statement for each on SQLite; all in one on PostgreSQL, since a message to it costs more than the work it asks for.
The submission itself is the event of it; see ``pages.py``.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from goldsmith.labeling.types import Stage, TaskState
from goldsmith.platform.database import Row, Sql, Transaction

_SUBMISSION_COLUMNS: Final = """
    (submission_id, task_id, project_id, judgement_id, member_id, kind, version, labelling, annotation_count,
     ontology_version, instructions_version, active_ms, request_key, created_ms)
"""
# The stage is literal: as a parameter it would make SQLite plan anew at every run (see claims.py).
_CLOSE: Final = """
    UPDATE judgements SET is_open = 0, outcome = 'submitted', closed_ms = :now_ms
    WHERE judgement_id = :judgement_id AND member_id = :member_id AND token = :token AND stage = 'label'
      AND is_open = 1
"""
# policy.after_submit in SQL: it counts, decides and tells what came of it
_COUNT: Final = """
    UPDATE tasks SET submission_count = submission_count + 1, gold_uses = gold_uses + is_gold,
        state = CASE WHEN state = 'open' AND is_gold = 0 AND open_judgements <= 1 THEN 'resolving' ELSE state END,
        open_judgements = open_judgements - (1 - is_gold), updated_ms = :now_ms
"""

_CLOSE_ALONE: Final = Sql(
    f"""{_CLOSE}
    RETURNING task_id, project_id, rank, position, claimed_ms, origin_ms,
        (SELECT p.ontology_version FROM projects p WHERE p.project_id = judgements.project_id) AS ontology_version,
        (SELECT d.revision FROM drafts d
         WHERE d.task_id = judgements.task_id AND d.member_id = judgements.member_id) AS draft_revision
    """  # noqa: S608  a constant
)
_INSERT_ALONE: Final = Sql(
    f"""
    INSERT INTO submissions {_SUBMISSION_COLUMNS}
    VALUES (:submission_id, :task_id, :project_id, :judgement_id, :member_id, 'human', 1, :labelling,
            :annotation_count, :ontology_version, :instructions_version, :active_ms, :request_key, :now_ms)
    """  # noqa: S608  a constant
)
_COUNT_ALONE: Final = Sql(
    _COUNT + " WHERE task_id = :task_id RETURNING state, is_gold, open_judgements, scope"
)
_DROP_DRAFT_ALONE: Final = Sql("DELETE FROM drafts WHERE task_id = :task_id AND member_id = :member_id")

_ALL_IN_ONE: Final = Sql(
    f"""
    WITH closed AS ({_CLOSE} RETURNING task_id, project_id, rank, position, claimed_ms, origin_ms),
    project AS (SELECT p.ontology_version FROM projects p JOIN closed ON closed.project_id = p.project_id),
    added AS (
        INSERT INTO submissions {_SUBMISSION_COLUMNS}
        SELECT :submission_id, closed.task_id, closed.project_id, :judgement_id, :member_id, 'human', 1, :labelling,
               :annotation_count, project.ontology_version, :instructions_version, :active_ms, :request_key, :now_ms
        FROM closed, project),
    counted AS ({_COUNT} FROM closed WHERE tasks.task_id = closed.task_id
                RETURNING tasks.state, tasks.is_gold, tasks.open_judgements, tasks.scope),
    dropped AS (
        DELETE FROM drafts USING closed WHERE drafts.task_id = closed.task_id AND drafts.member_id = :member_id
        RETURNING drafts.revision)
    SELECT closed.*, project.ontology_version, counted.*, (SELECT revision FROM dropped) AS draft_revision
    FROM closed, project, counted
    """  # noqa: S608  constants
)


class HandedIn(NamedTuple):
    """A labelling that was just handed in.

    Attributes:
        origin_ms: See ``judgements.origin_ms``.
        ontology_version: Newest of the project; the labelling is to be checked against it.
        had_draft: Whether a draft was removed.
        state: Of the task, after it; likewise ``open_judgements``.
        scope: Of the task, JSON text; None for most.
    """

    task_id: str
    project_id: str
    stage: Stage
    rank: int
    position: float
    claimed_ms: int
    origin_ms: int | None
    ontology_version: int
    had_draft: bool
    state: TaskState
    is_gold: bool
    open_judgements: int
    scope: str | None


def hand_in(tx: Transaction, params: dict[str, Any]) -> HandedIn | None:
    """Hand in a labelling; None when the lease is gone. An ended lease that nobody took still counts.

    Args:
        tx: The transaction at hand.
        params: judgement_id, member_id, token, submission_id, labelling (JSON text), annotation_count,
            instructions_version, active_ms, request_key, now_ms.

    Raises:
        ConflictError: The request key was used before.
    """
    if tx.dialect == "postgresql":
        row = tx.first(_ALL_IN_ONE, params)
        return None if row is None else _handed_in(row, row)
    closed = tx.first(_CLOSE_ALONE, params)
    if closed is None:
        return None
    found = {**params, **{name: closed[name] for name in ("task_id", "project_id", "ontology_version")}}
    tx.run(_INSERT_ALONE, found)
    counted = tx.first(_COUNT_ALONE, found)
    assert counted is not None, "a judgement without its task"
    if closed["draft_revision"] is not None:
        tx.run(_DROP_DRAFT_ALONE, found)
    return _handed_in(closed, counted)


def _handed_in(closed: Row, counted: Row) -> HandedIn:
    return HandedIn(
        closed["task_id"],
        closed["project_id"],
        Stage.LABEL,
        closed["rank"],
        closed["position"],
        closed["claimed_ms"],
        closed["origin_ms"],
        closed["ontology_version"],
        closed["draft_revision"] is not None,
        TaskState(counted["state"]),
        bool(counted["is_gold"]),
        counted["open_judgements"],
        counted["scope"],
    )
