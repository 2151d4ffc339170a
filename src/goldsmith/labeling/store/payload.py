"""What the holder of a lease is shown, read by one statement."""

from __future__ import annotations

from typing import Final

from goldsmith.labeling.types import Stage
from goldsmith.platform.database import Row, Sql, Transaction

# Columns are named as the wire names them. Gold answers never appear here; nor does that a task is gold.
_COLUMNS: Final = """
    j.judgement_id, j.token, j.available_ms AS expires_ms, j.stage,
    t.task_id, t.project_id, t.state, t.is_gold, t.batch_id, t.consensus_version,
    i.item_id, i.name, i.kind, i.width_px, i.height_px, i.group_key, i.metadata, i.deleted_ms,
    p.state AS project_state, p.ontology_version, p.instructions_version, p.workflow_version,
    d.body AS draft_body, d.revision AS draft_revision, d.saved_ms AS draft_saved_ms,
    (SELECT s.labelling FROM submissions s
     WHERE s.task_id = t.task_id AND s.kind = 'prediction' AND s.is_newest = 1
     ORDER BY s.submission_id DESC LIMIT 1) AS prelabel
"""
_TABLES: Final = """
    FROM judgements j
    JOIN tasks t ON t.task_id = j.task_id
    JOIN items i ON i.item_id = t.item_id
    JOIN projects p ON p.project_id = t.project_id
    LEFT JOIN drafts d ON d.task_id = t.task_id AND d.member_id = j.member_id
"""
_HELD: Final = """
    (SELECT count(*) FROM judgements h
     WHERE h.member_id = j.member_id AND h.project_id = j.project_id AND h.is_open = 1
       AND h.available_ms > :now_ms) AS held
"""
_FOR_LABEL: Final = Sql(f"SELECT {_COLUMNS}, {_HELD} {_TABLES} WHERE j.judgement_id = :judgement_id")
# A reviewer's has a row for each submission in force; without any, the submission's columns are null.
_REVIEW_COLUMNS: Final = """
    c.labelling AS consensus,
    s.submission_id, s.version, s.labelling, s.active_ms, s.created_ms, s.member_id AS author_id
"""
_REVIEW_TABLES: Final = """
    LEFT JOIN consensus c ON c.task_id = t.task_id AND c.version = t.consensus_version
    LEFT JOIN submissions s ON s.task_id = t.task_id AND s.kind = 'human' AND s.is_newest = 1
                           AND s.is_rejected = 0
"""
_FOR_REVIEW: Final = Sql(
    f"SELECT {_COLUMNS}, {_HELD}, {_REVIEW_COLUMNS} {_TABLES} {_REVIEW_TABLES} "
    "WHERE j.judgement_id = :judgement_id ORDER BY s.submission_id"
)
_MINE: Final = Sql(
    f"SELECT {_COLUMNS}, {_REVIEW_COLUMNS} {_TABLES} {_REVIEW_TABLES} "
    "WHERE j.member_id = :member_id AND j.project_id = :project_id AND j.is_open = 1 "
    "ORDER BY j.claimed_ms, j.judgement_id, s.submission_id"
)


def read_payload(tx: Transaction, *, judgement_id: str, stage: Stage, now_ms: int) -> list[Row]:
    """Return what the workbench needs: one row to label, one for each submission to review."""
    statement = _FOR_LABEL if stage is Stage.LABEL else _FOR_REVIEW
    return tx.all(statement, {"judgement_id": judgement_id, "now_ms": now_ms})


def read_mine(tx: Transaction, *, project_id: str, member_id: str) -> list[Row]:
    """Return the same for all judgements that a member holds in a project, those of one judgement together."""
    return tx.all(_MINE, {"project_id": project_id, "member_id": member_id})
