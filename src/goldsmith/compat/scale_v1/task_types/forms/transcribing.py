"""``transcription`` and ``datacollection``: texts read off an attachment, or found by means of it.

A row of ``repeatable_fields`` is a numbered set of questions; ``MAX_REPEATS`` rows are asked, none of them required.
``row_visibility`` is kept with the task.
"""

from __future__ import annotations

from typing import Any, Final

from goldsmith.compat.scale_v1.task_types.base import (
    attachments_of,
    check_common,
    context_of,
    instructions_of,
)
from goldsmith.compat.scale_v1.task_types.choices import item_kind_of
from goldsmith.compat.scale_v1.task_types.forms.answers import read_answers, told_answers
from goldsmith.compat.scale_v1.task_types.forms.fields import MAX_FIELDS, MAX_REPEATS, Field
from goldsmith.compat.scale_v1.task_types.forms.questions import Form
from goldsmith.compat.scale_v1.task_types.forms.textcollection import FormDetail
from goldsmith.compat.scale_v1.task_types.prelabels import with_prelabel
from goldsmith.compat.scale_v1.task_types.reading import Place
from goldsmith.compat.scale_v1.task_types.types import CheckedTask, ItemFacts, Params
from goldsmith.core.annotations import Labelling
from goldsmith.core.ontology import Ontology

_FIELDS: Final = "fields"
_ROWS: Final = "repeatable_fields"


class _Fields:
    """A task type whose response has texts by the keys of its fields."""

    name = ""
    has_rows = False

    def check(self, params: Params) -> CheckedTask:
        """Read the parameters."""
        task = check_common(params)
        parts = attachments_of(task)
        form = Form(self._read(task), task.at(_FIELDS))
        checked = CheckedTask(
            task_type=self.name,
            parts=parts,
            context=context_of(task, parts),
            item_kind=item_kind_of(parts),
            ontology=Ontology(questions=form.questions),
            class_ids=(),
            limits={},
            instructions=instructions_of(task),
            detail=FormDetail(form),
        )
        return with_prelabel(self, checked, task.at("hypothesis").value)

    def labelling_from(
        self,
        response: Any,
        checked: CheckedTask,
        item: ItemFacts,  # noqa: ARG002
        *,
        where: str = "response",
    ) -> Labelling:
        """Read a response."""
        detail: FormDetail = checked.detail
        whole = Place(response, where)
        known = [node.field.field_id for node in detail.form.nodes]
        whole.at(known[0]).required()
        given = {key: whole.at(key).value for key in known}
        if _ROWS in given and isinstance(given[_ROWS], list):
            given[_ROWS] = [row for row in given[_ROWS] if row]
        if isinstance(given.get(_ROWS), list) and not given[_ROWS]:
            del given[_ROWS]
        return Labelling(answers=read_answers(detail.form.nodes, Place(given, where)))

    def canned(self, checked: CheckedTask, item: ItemFacts) -> Labelling:  # noqa: ARG002
        """Return a text for every field, and one row."""
        detail: FormDetail = checked.detail
        return Labelling(answers=detail.form.canned())

    def _read(self, task: Place) -> tuple[Field, ...]:
        rows = task.at(_ROWS) if self.has_rows else Place(None, _ROWS)
        sets = []
        if task.at(_FIELDS).is_given or not rows.is_given:
            sets.append(_set_of(task.at(_FIELDS).required(), _FIELDS, ""))
        if rows.is_given:
            sets.append(_set_of(rows, _ROWS, "Row"))
        return tuple(sets)

    def _told(self, labelling: Labelling, checked: CheckedTask) -> dict[str, Any]:
        detail: FormDetail = checked.detail
        told = told_answers(detail.form.nodes, labelling.answers, is_plain=True)
        return {_FIELDS: {}, **told}


class Transcription(_Fields):
    """The task type."""

    name = "transcription"
    has_rows = True

    def response(self, labelling: Labelling, checked: CheckedTask, item: ItemFacts) -> dict[str, Any]:  # noqa: ARG002
        """Return ``fields`` and ``repeatable_fields``."""
        return {_ROWS: [], **self._told(labelling, checked)}


class DataCollection(_Fields):
    """The task type."""

    name = "datacollection"

    def response(self, labelling: Labelling, checked: CheckedTask, item: ItemFacts) -> dict[str, Any]:
        """Return ``fields`` and ``time_spent_in_seconds``."""
        return {**self._told(labelling, checked), "time_spent_in_seconds": item.active_s}


def _set_of(place: Place, set_id: str, title: str) -> Field:
    """Return an object of questions by key as a set of fields; repeated where it has a title."""
    entries = place.entries(least=1)
    if len(entries) > MAX_FIELDS:
        raise place.fault(f"must have less than or equal to {MAX_FIELDS} keys")
    return Field(
        field_id=set_id,
        stated_type="form",
        kind="group",
        title=title,
        most=MAX_REPEATS if title else 1,
        fields=tuple(
            Field(
                field_id=f"{set_id}.{key}",
                key=key,
                stated_type="text",
                kind="text",
                title=entry.text(),
                is_required=not title,
                definition=entry.value,
            )
            for key, entry in entries
        ),
        definition=set_id,
    )
