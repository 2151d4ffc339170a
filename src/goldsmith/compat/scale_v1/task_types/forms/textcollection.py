"""``textcollection``: a form about attachments of every kind. Choices of nested categories are made at their leaves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from goldsmith.compat.scale_v1.task_types.base import (
    ATTACHMENT_KINDS,
    MAX_ATTACHMENTS,
    check_common,
    context_of,
    instructions_of,
    read_part,
)
from goldsmith.compat.scale_v1.task_types.forms.answers import read_answers, told_answers
from goldsmith.compat.scale_v1.task_types.forms.fields import read_fields
from goldsmith.compat.scale_v1.task_types.forms.questions import Form
from goldsmith.compat.scale_v1.task_types.prelabels import with_prelabel
from goldsmith.compat.scale_v1.task_types.reading import Place
from goldsmith.compat.scale_v1.task_types.types import CheckedTask, ItemFacts, Params, PartRequest
from goldsmith.core.annotations import Labelling
from goldsmith.core.ontology import Ontology

_TYPES: Final = tuple(kind for kind in ATTACHMENT_KINDS if kind != "iframe")


@dataclass(frozen=True)
class FormDetail:
    """What is needed to read and write responses."""

    form: Form


class TextCollection:
    """The task type."""

    name = "textcollection"

    def check(self, params: Params) -> CheckedTask:
        """Read the parameters."""
        task = check_common(params)
        places = task.at("attachments").required().items(least=1, most=MAX_ATTACHMENTS)
        fields = read_fields(task.at("fields"))
        form = Form(fields, task.at("fields"))
        titles = {field.field_id: field.title for top in fields for field in top.walk()}
        parts = tuple(_read_attachment(place, titles) for place in places)
        checked = CheckedTask(
            task_type=self.name,
            parts=parts,
            context=context_of(task, parts),
            item_kind="document",
            ontology=Ontology(questions=form.questions),
            class_ids=(),
            limits={},
            instructions=instructions_of(task),
            detail=FormDetail(form),
        )
        return with_prelabel(self, checked, task.at("hypothesis").value)

    def response(self, labelling: Labelling, checked: CheckedTask, item: ItemFacts) -> dict[str, Any]:  # noqa: ARG002
        """Return ``annotations`` by field id."""
        detail: FormDetail = checked.detail
        return {"annotations": told_answers(detail.form.nodes, labelling.answers)}

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
        place = Place(response, where).at("annotations").required()
        return Labelling(answers=read_answers(detail.form.nodes, place))

    def canned(self, checked: CheckedTask, item: ItemFacts) -> Labelling:  # noqa: ARG002
        """Return an answer to every question that is asked."""
        detail: FormDetail = checked.detail
        return Labelling(answers=detail.form.canned())


def _read_attachment(place: Place, titles: dict[str, str]) -> PartRequest:
    if isinstance(place.value, str):
        return read_part(place, None)
    kind = place.at("type").one_of(_TYPES)
    forms = [entry.one_of(tuple(titles)) for entry in place.at("forms").items()]
    title = ", ".join(titles[form] for form in forms) or None
    return read_part(place.at("content").required(), kind, title=title)
