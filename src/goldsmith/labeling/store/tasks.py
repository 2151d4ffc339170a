"""Tasks: made in bulk, moved from state to state, with the events that tell of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import msgspec

from goldsmith.core.plain import AnyLabelling
from goldsmith.labeling.policy import Step, TaskFacts
from goldsmith.labeling.store.bulk import BulkUpdate, ids_of, with_ids
from goldsmith.labeling.store.facets import note_labels
from goldsmith.labeling.tables import events, tasks
from goldsmith.labeling.types import ConsensusOutcome, TaskState
from goldsmith.platform.database import BulkInsert, Row, Sql, Transaction

_INSERT_TASKS: Final = BulkInsert(
    tasks,
    (
        "task_id",
        "project_id",
        "item_id",
        "batch_id",
        "state",
        "is_gold",
        "priority",
        "position",
        "open_judgements",
        "item_name",
        "scope",
        "created_ms",
        "updated_ms",
        "done_ms",
    ),
)
_INSERT_EVENTS: Final = BulkInsert(
    events, ("event_id", "project_id", "task_id", "member_id", "kind", "detail", "at_ms")
)
# The scope only where it is wanted: what a task shows beside its item may be long, and thousands are locked at once.
_LOCK, _LOCK_WITH_SCOPE = (
    with_ids(
        f"""
        UPDATE tasks SET updated_ms = :now_ms WHERE task_id IN /*ids*/
        RETURNING task_id, project_id, item_id, batch_id, state, is_gold, priority, position, open_judgements,
                  submission_count, consensus_version, done_ms, {scope} AS scope
        """  # noqa: S608  constants
    )
    for scope in ("NULL", "scope")
)
_SCOPES: Final = with_ids("SELECT task_id, scope FROM tasks WHERE scope IS NOT NULL AND task_id IN /*ids*/")
_APPLY: Final = BulkUpdate(tasks, "task_id", ("state", "open_judgements", "done_ms"))
_NOTE_CONSENSUS: Final = BulkUpdate(
    tasks,
    "task_id",
    (
        "consensus_version",
        "object_count",
        "lowest_posterior",
        "expected_objects",
        "expected_wrong",
        "updated_ms",
    ),
)
_NOTE_KNOWN: Final = BulkUpdate(tasks, "task_id", ("object_count",))
_HIDE: Final = with_ids("UPDATE tasks SET item_deleted_ms = :deleted_ms WHERE task_id IN /*ids*/")
_NAMES_OF_ITEMS: Final = with_ids("SELECT item_id, name FROM items WHERE item_id IN /*ids*/")
_PLACE: Final = BulkUpdate(tasks, "task_id", ("batch_id", "priority", "position"))
_WITHDRAW_OF_TASKS: Final = with_ids(
    """
    UPDATE judgements SET is_open = 0, outcome = 'withdrawn', closed_ms = :now_ms, member_id = NULL
    WHERE task_id IN /*ids*/ AND is_open <> 0
    """
)
_RESET_COUNT: Final = with_ids("UPDATE tasks SET submission_count = 0 WHERE task_id IN /*ids*/")
_MARK_GOLD: Final = with_ids(
    """
    UPDATE tasks SET is_gold = 1, state = 'idle', open_judgements = 0, updated_ms = :now_ms, done_ms = NULL
    WHERE task_id IN /*ids*/
    """
)
# not by project, whose rows PostgreSQL would walk through where it has seen none of a new project yet
_TASKS_OF_ITEMS: Final = with_ids("SELECT item_id, task_id, project_id FROM tasks WHERE item_id IN /*ids*/")
_RESOLVING: Final = Sql(
    """
    SELECT task_id FROM tasks WHERE project_id = :project_id AND state = 'resolving' AND task_id > :after
    ORDER BY task_id LIMIT :limit
    """
)
_BATCH: Final = Sql("SELECT batch_id, project_id, priority, state FROM batches WHERE batch_id = :batch_id")
_HELD: Final = with_ids(
    "SELECT batch_id FROM batches WHERE state IN ('paused', 'staging') AND batch_id IN /*ids*/"
)


class NewTaskRow(NamedTuple):
    """A row of tasks to be added."""

    task_id: str
    project_id: str
    item_id: str
    batch_id: str | None
    state: str
    is_gold: int
    priority: int
    position: float
    open_judgements: int
    item_name: str
    scope: str | None
    created_ms: int
    updated_ms: int
    done_ms: int | None


class LockedTask(NamedTuple):
    """A task that no other transaction can move until this one ends.

    Attributes:
        scope: JSON text of ``TaskScope``; None where there is none, or it was not asked for.
    """

    task_id: str
    project_id: str
    item_id: str
    batch_id: str | None
    priority: int
    position: float
    consensus_version: int
    facts: TaskFacts
    done_ms: int | None = None
    scope: str | None = None


class Event(NamedTuple):
    """Something that happened to a task."""

    event_id: str
    task_id: str
    member_id: str | None
    kind: str
    detail: Mapping[str, Any]


def insert_tasks(tx: Transaction, rows: Sequence[NewTaskRow]) -> None:
    """Add tasks.

    Raises:
        ConflictError: An item has a task in the project already.
    """
    _INSERT_TASKS.run(tx, rows)


def insert_events(tx: Transaction, *, project_id: str, at_ms: int, entries: Iterable[Event]) -> None:
    """Append to the event log."""
    _INSERT_EVENTS.run(
        tx,
        [
            (
                entry.event_id,
                project_id,
                entry.task_id,
                entry.member_id,
                entry.kind,
                msgspec.json.encode(entry.detail).decode() if entry.detail else "{}",
                at_ms,
            )
            for entry in entries
        ],
    )


def lock_tasks(
    tx: Transaction, task_ids: Sequence[str], *, now_ms: int, with_scope: bool = False
) -> list[LockedTask]:
    """Return tasks by their ids, held against others until the end of the transaction; unknown ids are left out."""
    if not task_ids:
        return []
    return [
        LockedTask(
            row["task_id"],
            row["project_id"],
            row["item_id"],
            row["batch_id"],
            row["priority"],
            row["position"],
            row["consensus_version"],
            TaskFacts(
                TaskState(row["state"]), bool(row["is_gold"]), row["open_judgements"], row["submission_count"]
            ),
            row["done_ms"],
            row["scope"],
        )
        for row in tx.all(
            _LOCK_WITH_SCOPE if with_scope else _LOCK, {"ids": ids_of(task_ids), "now_ms": now_ms}
        )
    ]


def set_states(tx: Transaction, steps: Sequence[tuple[LockedTask, Step, int]], *, now_ms: int) -> None:
    """Carry out the part of steps that concerns tasks and open judgements.

    Args:
        tx: The transaction at hand.
        steps: (task, step, open judgements to label after it).
        now_ms: The time.
    """
    withdrawn = [task.task_id for task, step, _ in steps if step.withdraw]
    if withdrawn:
        tx.run(_WITHDRAW_OF_TASKS, {"ids": ids_of(withdrawn), "now_ms": now_ms})
    _APPLY.run(
        tx,
        [
            (task.task_id, step.state.value, count, _done_ms(task, step, now_ms))
            for task, step, count in steps
        ],
    )


def _done_ms(task: LockedTask, step: Step, now_ms: int) -> int | None:
    if step.state is not TaskState.DONE:
        return None
    return task.done_ms if task.facts.state is TaskState.DONE else now_ms


def scopes_of(tx: Transaction, task_ids: Sequence[str]) -> dict[str, str]:
    """Return the scopes (JSON text) of those tasks that have one."""
    rows = tx.all(_SCOPES, {"ids": ids_of(task_ids)}) if task_ids else []
    return {row["task_id"]: row["scope"] for row in rows}


def reset_counts(tx: Transaction, task_ids: Sequence[str]) -> None:
    """Count no submissions any more, after they were rejected."""
    tx.run(_RESET_COUNT, {"ids": ids_of(task_ids)})


def place(tx: Transaction, rows: Sequence[tuple[str, str | None, int, float]]) -> None:
    """Set (task_id, batch_id, priority, position)."""
    _PLACE.run(tx, rows)


def note_consensus(
    tx: Transaction,
    outcomes: Sequence[ConsensusOutcome],
    *,
    project_id: str,
    now_ms: int,
    is_first: bool = False,
) -> None:
    """Note the newest consensus version of tasks, and what it holds; ``is_first`` when none had labels before."""
    fresh = [(entry.task_id, entry.labelling) for entry in outcomes if entry.labelling is not None]
    note_labels(tx, project_id=project_id, entries=fresh, is_first=is_first)
    _NOTE_CONSENSUS.run(
        tx,
        [
            (
                entry.task_id,
                entry.version,
                entry.object_count,
                entry.lowest_posterior,
                entry.expected_objects,
                entry.expected_wrong,
                now_ms,
            )
            for entry in outcomes
        ],
    )


def note_known(
    tx: Transaction, entries: Sequence[tuple[str, AnyLabelling]], *, project_id: str, is_first: bool
) -> None:
    """Note what the known answers of gold tasks hold; see ``note_consensus``."""
    note_labels(tx, project_id=project_id, entries=entries, is_first=is_first)
    _NOTE_KNOWN.run(tx, [(task_id, len(labelling.annotations)) for task_id, labelling in entries])


def all_of_items(tx: Transaction, item_ids: Sequence[str]) -> list[str]:
    """Return the tasks of items, in all projects."""
    rows = tx.all(_TASKS_OF_ITEMS, {"ids": ids_of(item_ids)}) if item_ids else []
    return [row["task_id"] for row in rows]


def names_of_items(tx: Transaction, item_ids: Sequence[str]) -> dict[str, str]:
    """Return the names of items."""
    rows = tx.all(_NAMES_OF_ITEMS, {"ids": ids_of(item_ids)}) if item_ids else []
    return {row["item_id"]: row["name"] for row in rows}


def hide_item(tx: Transaction, task_ids: Sequence[str], *, deleted_ms: int | None) -> None:
    """Note that the items of tasks were deleted, or with None that they are there again."""
    tx.run(_HIDE, {"ids": ids_of(task_ids), "deleted_ms": deleted_ms})


def mark_gold(tx: Transaction, task_ids: Sequence[str], *, now_ms: int) -> None:
    """Make tasks hidden gold; their open judgements are withdrawn."""
    params = {"ids": ids_of(task_ids), "now_ms": now_ms}
    tx.run(_WITHDRAW_OF_TASKS, params)
    tx.run(_MARK_GOLD, params)


def tasks_of_items(tx: Transaction, *, project_id: str, item_ids: Sequence[str]) -> dict[str, str]:
    """Return the task of each item that has one in the project."""
    rows = tx.all(_TASKS_OF_ITEMS, {"ids": ids_of(item_ids)})
    return {row["item_id"]: row["task_id"] for row in rows if row["project_id"] == project_id}


def list_resolving(tx: Transaction, *, project_id: str, after: str, limit: int) -> list[str]:
    """Return tasks that wait for their consensus, in order of their ids."""
    params = {"project_id": project_id, "after": after, "limit": limit}
    return [row["task_id"] for row in tx.all(_RESOLVING, params)]


def held_batches(tx: Transaction, batch_ids: Collection[str]) -> set[str]:
    """Return those of the batches whose tasks wait: they are paused, or staged."""
    if not batch_ids:
        return set()
    return {row["batch_id"] for row in tx.all(_HELD, {"ids": ids_of(sorted(batch_ids))})}


def find_batch(tx: Transaction, batch_id: str) -> Row | None:
    """Return batch_id, project_id, priority and state of a batch, or None."""
    return tx.first(_BATCH, {"batch_id": batch_id})
