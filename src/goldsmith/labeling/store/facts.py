"""What other steps read of tasks and submissions: set-based, without labels unless they are wanted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from goldsmith.labeling.store.bulk import ids_of, with_ids
from goldsmith.labeling.types import CountedSubmission, LabelledTask, SubmissionFact, TaskFact
from goldsmith.platform.database import Database, Row, Sql, Transaction

_TASK: Final = "SELECT task_id, project_id, item_id, batch_id, state, is_gold, consensus_version FROM tasks t"
_TASKS_BY_ID: Final = with_ids(_TASK + " WHERE task_id IN /*ids*/ ORDER BY task_id")
_TASKS_OF_ITEM: Final = Sql(_TASK + " WHERE item_id = :item_id ORDER BY task_id")
_TASKS_OF_BATCH: Final = Sql("SELECT task_id FROM tasks WHERE batch_id = :batch_id ORDER BY task_id")
_OPEN: Final = Sql(
    """
    SELECT task_id, item_id FROM tasks
    WHERE project_id = :project_id AND state = 'open' AND is_gold = 0 ORDER BY task_id
    """
)
_UNLABELLED: Final = Sql(
    """
    SELECT t.item_id FROM tasks t JOIN items i ON i.item_id = t.item_id
    WHERE t.project_id = :project_id AND t.state = 'open' AND t.is_gold = 0 AND t.submission_count = 0
      AND t.consensus_version = 0 AND i.deleted_ms IS NULL
    ORDER BY t.task_id
    """
)

_FACT: Final = """
    SELECT s.submission_id, s.task_id, t.item_id, s.project_id, s.member_id, s.kind, s.version, s.is_newest,
           s.is_rejected, s.model_version_id, s.annotation_count, s.ontology_version, s.instructions_version,
           s.active_ms, s.created_ms
    FROM submissions s JOIN tasks t ON t.task_id = s.task_id
"""
_FACTS_BY_ID: Final = with_ids(_FACT + " WHERE s.submission_id IN /*ids*/ ORDER BY s.submission_id")
_FACTS_OF_ITEM: Final = Sql(
    _FACT + " WHERE t.item_id = :item_id AND s.kind <> 'course' ORDER BY s.submission_id"
)
_FACTS_OF_MEMBER: Final = Sql(_FACT + " WHERE s.member_id = :member_id ORDER BY s.submission_id")

# CROSS JOIN: SQLite keeps the order of the tables and so walks tasks by their index; sorting would hold all labels
_COUNTED: Final = Sql(
    """
    SELECT s.submission_id, s.task_id, t.item_id, s.member_id, s.labelling, s.ontology_version,
           s.instructions_version, s.active_ms, s.created_ms
    FROM tasks t CROSS JOIN submissions s
    WHERE t.project_id = :project_id AND s.task_id = t.task_id
      AND s.kind = 'human' AND s.is_newest = 1 AND s.is_rejected = 0
    ORDER BY t.task_id, s.submission_id
    """
)
# accepted_version is what a reviewer accepted last; a rejection after it does not take that back
_LABELLED: Final = Sql(
    """
    SELECT t.task_id, t.item_id, t.state, t.consensus_version,
           g.submission_id AS gold_submission_id, g.labelling AS gold_labelling, g.version AS gold_version,
           g.ontology_version AS gold_ontology_version,
           (SELECT max(r.consensus_version) FROM reviews r
            WHERE r.task_id = t.task_id AND r.verdict = 'accept') AS accepted_version
    FROM tasks t
    LEFT JOIN submissions g ON g.task_id = t.task_id AND g.kind = 'gold' AND g.is_newest = 1 AND t.is_gold = 1
    WHERE t.project_id = :project_id AND (t.consensus_version > 0 OR t.is_gold = 1)
    ORDER BY t.task_id
    """
)


def tasks_by_id(tx: Transaction, task_ids: Sequence[str]) -> list[TaskFact]:
    """Return tasks by their ids, in order of the ids; unknown ones are left out."""
    return [_task(row) for row in tx.all(_TASKS_BY_ID, {"ids": ids_of(task_ids)})]


def tasks_of_item(tx: Transaction, item_id: str) -> list[TaskFact]:
    """Return the tasks of an item, one for each project it is in."""
    return [_task(row) for row in tx.all(_TASKS_OF_ITEM, {"item_id": item_id})]


def task_ids_of_batch(tx: Transaction, batch_id: str) -> list[str]:
    """Return the tasks of a batch."""
    return [row["task_id"] for row in tx.all(_TASKS_OF_BATCH, {"batch_id": batch_id})]


def open_tasks(tx: Transaction, project_id: str) -> list[tuple[str, str]]:
    """Return (task_id, item_id) of the tasks that still ask for judgements, gold left out."""
    return [(row["task_id"], row["item_id"]) for row in tx.all(_OPEN, {"project_id": project_id})]


def unlabelled_items(tx: Transaction, project_id: str) -> list[str]:
    """Return the items of open tasks for which nobody submitted anything."""
    return [row["item_id"] for row in tx.all(_UNLABELLED, {"project_id": project_id})]


def submissions_by_id(tx: Transaction, submission_ids: Sequence[str]) -> list[SubmissionFact]:
    """Return submissions by their ids, in order of the ids; unknown ones are left out."""
    return _facts(tx.all(_FACTS_BY_ID, {"ids": ids_of(submission_ids)}))


def submissions_of_item(tx: Transaction, item_id: str) -> list[SubmissionFact]:
    """Return all submissions for an item, in all projects and versions, but for answers in a course."""
    return _facts(tx.all(_FACTS_OF_ITEM, {"item_id": item_id}))


def submissions_of_member(tx: Transaction, member_id: str) -> list[SubmissionFact]:
    """Return all submissions of a member, in all versions."""
    return _facts(tx.all(_FACTS_OF_MEMBER, {"member_id": member_id}))


def iter_counted(
    database: Database, project_id: str, *, batch_rows: int
) -> Iterable[list[CountedSubmission]]:
    """Yield what counts in a project in batches, gold tasks included, by task and then by time; in flat memory."""
    for rows in database.stream_sync(_COUNTED, {"project_id": project_id}, batch_rows=batch_rows):
        yield [CountedSubmission(*(row[name] for name in CountedSubmission._fields)) for row in rows]


def iter_labelled(database: Database, project_id: str, *, batch_tasks: int) -> Iterable[list[LabelledTask]]:
    """Yield the tasks with a label in force, in batches, in order of their ids; in flat memory."""
    for rows in database.stream_sync(_LABELLED, {"project_id": project_id}, batch_rows=batch_tasks):
        yield [LabelledTask(*(row[name] for name in LabelledTask._fields)) for row in rows]


def _task(row: Row) -> TaskFact:
    return TaskFact(*(row[name] for name in TaskFact._fields))


def _facts(rows: Sequence[Row]) -> list[SubmissionFact]:
    return [SubmissionFact(*(row[name] for name in SubmissionFact._fields)) for row in rows]
