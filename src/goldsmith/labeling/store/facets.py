"""What the labels in force hold, kept beside them for the items grid to be filtered by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from goldsmith.core.annotations import AttributeValue
from goldsmith.core.plain import AnyLabelling
from goldsmith.items.api import answer_key, facets_of, values_of
from goldsmith.labeling.store.bulk import ids_of, with_ids
from goldsmith.labeling.tables import task_facets
from goldsmith.platform.database import BulkInsert, Transaction

_INSERT: Final = BulkInsert(task_facets, ("project_id", "key", "value", "task_id", "object_count"))
_FORGET: Final = with_ids("DELETE FROM task_facets WHERE task_id IN /*ids*/")
_FORGET_KEY: Final = with_ids("DELETE FROM task_facets WHERE task_id IN /*ids*/ AND key = :key")


def note_labels(
    tx: Transaction,
    *,
    project_id: str,
    entries: Iterable[tuple[str, AnyLabelling]],
    is_first: bool = False,
) -> None:
    """Keep what the labels now in force of tasks hold, in place of what was kept.

    Args:
        tx: The transaction at hand.
        project_id: Of all the tasks.
        entries: (task_id, labelling), each task once.
        is_first: Nothing was kept for any of them so far.
    """
    rows, task_ids = [], []
    for task_id, labelling in entries:
        task_ids.append(task_id)
        rows += [
            (project_id, key, value, task_id, object_count)
            for key, value, object_count in facets_of(labelling)
        ]
    if task_ids and not is_first:
        tx.run(_FORGET, {"ids": ids_of(task_ids)})
    _INSERT.run(tx, rows)


def note_answers(
    tx: Transaction,
    *,
    project_id: str,
    task_ids: Sequence[str],
    answers: Mapping[str, AttributeValue | None],
) -> None:
    """Keep answers to questions for tasks, in place of the former ones; None for no answer any more."""
    if not task_ids:
        return
    for question_id, answer in answers.items():
        key = answer_key(question_id)
        tx.run(_FORGET_KEY, {"ids": ids_of(task_ids), "key": key})
        values = [] if answer is None else values_of(answer)
        _INSERT.run(tx, [(project_id, key, value, task_id, 1) for task_id in task_ids for value in values])
