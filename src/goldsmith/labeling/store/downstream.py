"""What the steps above read of tasks: labels in force, work not begun."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

import sqlalchemy as sa

from goldsmith.labeling.tables import reviews, submissions, tasks
from goldsmith.labeling.types import SubmissionKind, TaskState, Verdict
from goldsmith.platform.database import Database, Transaction, prepared

_gold = submissions.alias("gold")
_LABELLED: Final = prepared(
    sa.select(
        tasks.c.task_id,
        tasks.c.item_id,
        tasks.c.state,
        _gold.c.labelling.label("gold_labelling"),
        _gold.c.submission_id.label("gold_submission_id"),
        sa.select(sa.func.max(reviews.c.consensus_version))
        .where(reviews.c.task_id == tasks.c.task_id, reviews.c.verdict == Verdict.ACCEPT.value)
        .scalar_subquery()
        .label("accepted_version"),
    )
    .join(
        _gold,
        sa.and_(
            _gold.c.task_id == tasks.c.task_id,
            _gold.c.kind == SubmissionKind.GOLD.value,
            _gold.c.is_newest == 1,
            tasks.c.is_gold == 1,
        ),
        isouter=True,
    )
    .where(
        tasks.c.project_id == sa.bindparam("project_id"),
        sa.or_(tasks.c.consensus_version > 0, _gold.c.submission_id.is_not(None)),
    )
    .order_by(tasks.c.task_id)
)
_UNLABELLED: Final = prepared(
    sa.select(tasks.c.item_id)
    .where(
        tasks.c.project_id == sa.bindparam("project_id"),
        tasks.c.state == TaskState.OPEN.value,
        tasks.c.submission_count == 0,
        tasks.c.is_gold == 0,
    )
    .order_by(tasks.c.item_id)
)
_OPEN: Final = prepared(
    sa.select(tasks.c.task_id, tasks.c.item_id)
    .where(tasks.c.project_id == sa.bindparam("project_id"), tasks.c.state == TaskState.OPEN.value)
    .order_by(tasks.c.task_id)
)


class LabelledTask(NamedTuple):
    """A task whose label is in force: gold, or a consensus that quality keeps.

    Attributes:
        gold_labelling: JSON text of a core ``Labelling``, when the known answer is the label.
        accepted_version: Newest version of the consensus that a reviewer accepted.
    """

    task_id: str
    item_id: str
    state: str
    gold_labelling: str | None
    gold_submission_id: str | None
    accepted_version: int | None


def iter_labelled_tasks(
    database: Database, project_id: str, *, batch_tasks: int
) -> Iterator[list[LabelledTask]]:
    """Yield the tasks of a project that have a label, in batches, in flat memory."""
    for rows in database.stream_sync(_LABELLED, {"project_id": project_id}, batch_rows=batch_tasks):
        yield [LabelledTask(*(row[name] for name in LabelledTask._fields)) for row in rows]


def unlabelled_items(tx: Transaction, project_id: str) -> list[str]:
    """Return the items of a project that nobody has labelled yet, also those held back with a paused batch."""
    return [row["item_id"] for row in tx.all(_UNLABELLED, {"project_id": project_id})]


def open_tasks(tx: Transaction, project_id: str) -> list[tuple[str, str]]:
    """Return (task id, item id) of the tasks that ask for judgements."""
    return [(row["task_id"], row["item_id"]) for row in tx.all(_OPEN, {"project_id": project_id})]
