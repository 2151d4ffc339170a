"""Who gave which label: submissions and tasks as lineage walks them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import sqlalchemy as sa

from goldsmith.labeling.tables import submissions, tasks
from goldsmith.platform.database import Row, Transaction

_BATCH: Final = 500  # stays under SQLite's limit on bind parameters


class SubmissionFact(NamedTuple):
    """What lineage needs of a submission; its labels stay where they are."""

    submission_id: str
    task_id: str
    item_id: str
    project_id: str
    member_id: str | None
    kind: str
    version: int
    model_version_id: str | None
    ontology_version: int
    instructions_version: int
    annotation_count: int
    is_rejected: bool
    created_ms: int


class TaskFact(NamedTuple):
    """What lineage needs of a task."""

    task_id: str
    item_id: str
    project_id: str
    batch_id: str | None
    state: str
    consensus_version: int


def submissions_by_id(tx: Transaction, submission_ids: Sequence[str]) -> list[SubmissionFact]:
    """Return the submissions that are there, a few hundred a statement."""
    found: list[SubmissionFact] = []
    for start in range(0, len(submission_ids), _BATCH):
        chunk = submission_ids[start : start + _BATCH]
        found += [_fact(row) for row in tx.all(_query().where(submissions.c.submission_id.in_(chunk)))]
    return found


def submissions_of_member(tx: Transaction, member_id: str) -> list[SubmissionFact]:
    """Return all that a member gave, oldest first."""
    query = _query().where(submissions.c.member_id == member_id).order_by(submissions.c.submission_id)
    return [_fact(row) for row in tx.all(query)]


def submissions_of_item(tx: Transaction, item_id: str) -> list[SubmissionFact]:
    """Return all that was given on an item, in any project, oldest first."""
    query = _query().where(tasks.c.item_id == item_id).order_by(submissions.c.submission_id)
    return [_fact(row) for row in tx.all(query)]


def submissions_of_model(tx: Transaction, model_version_id: str, *, limit: int) -> list[SubmissionFact]:
    """Return the first predictions of a model version that served as pre-labels."""
    query = _query().where(submissions.c.model_version_id == model_version_id)
    return [_fact(row) for row in tx.all(query.order_by(submissions.c.submission_id).limit(limit))]


def tasks_by_id(tx: Transaction, task_ids: Sequence[str]) -> list[TaskFact]:
    """Return the tasks that are there, a few hundred a statement."""
    found: list[TaskFact] = []
    for start in range(0, len(task_ids), _BATCH):
        query = _tasks().where(tasks.c.task_id.in_(task_ids[start : start + _BATCH]))
        found += [TaskFact(*(row[name] for name in TaskFact._fields)) for row in tx.all(query)]
    return found


def tasks_of_item(tx: Transaction, item_id: str) -> list[TaskFact]:
    """Return the tasks of an item, in any project."""
    rows = tx.all(_tasks().where(tasks.c.item_id == item_id).order_by(tasks.c.task_id))
    return [TaskFact(*(row[name] for name in TaskFact._fields)) for row in rows]


def task_ids_of_batch(tx: Transaction, batch_id: str) -> list[str]:
    """Return the tasks that are in a batch."""
    query = sa.select(tasks.c.task_id).where(tasks.c.batch_id == batch_id).order_by(tasks.c.task_id)
    return [row["task_id"] for row in tx.all(query)]


def _query() -> sa.Select[tuple[object, ...]]:
    columns = (submissions.c[name] for name in SubmissionFact._fields if name != "item_id")
    return sa.select(*columns, tasks.c.item_id).join(tasks, tasks.c.task_id == submissions.c.task_id)


def _tasks() -> sa.Select[tuple[object, ...]]:
    return sa.select(*(tasks.c[name] for name in TaskFact._fields))


def _fact(row: Row) -> SubmissionFact:
    values = {name: row[name] for name in SubmissionFact._fields}
    return SubmissionFact(**(values | {"is_rejected": bool(values["is_rejected"])}))
