"""``categorization`` and ``comparison``: one question about one attachment, or about several side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from goldsmith.compat.scale_v1.task_types.attributes import options_of, read_choice
from goldsmith.compat.scale_v1.task_types.base import (
    attachments_of,
    check_common,
    context_of,
    instructions_of,
)
from goldsmith.compat.scale_v1.task_types.canned import canned_values
from goldsmith.compat.scale_v1.task_types.identity import key_of, option_key
from goldsmith.compat.scale_v1.task_types.labels import Label, leaves, read_labels
from goldsmith.compat.scale_v1.task_types.prelabels import with_prelabel
from goldsmith.compat.scale_v1.task_types.reading import Place
from goldsmith.compat.scale_v1.task_types.types import CheckedTask, ItemFacts, ItemKind, Params, PartRequest
from goldsmith.core.annotations import Labelling
from goldsmith.core.ontology import Attribute, AttributeKind, Ontology


@dataclass(frozen=True)
class ChoiceDetail:
    """What is needed to read and write responses.

    Attributes:
        choices: Values by option id.
        external_ids: For each value, the id under which the customer knows it.
    """

    question_id: str
    choices: Mapping[str, Any]
    allow_multiple: bool = False
    external_ids: Mapping[str, Any] | None = None


class Categorization:
    """Which category, or categories, something belongs to.

    ``category_ids`` may be a list beside ``categories``, or an object either way round; the id of each category that
    was chosen is told as ``category_id``.
    """

    name = "categorization"

    def check(self, params: Params) -> CheckedTask:
        """Read the parameters."""
        task = check_common(params)
        parts = attachments_of(task)
        labels = leaves(read_labels(task.at("categories"), texts_only=False))
        allow_multiple = task.at("allow_multiple").truth()
        question = _question("category", "Category", labels, allow_multiple)
        detail = ChoiceDetail(
            question.attribute_id,
            {option_key(label.value): label.value for label in labels},
            allow_multiple,
            _external_ids(task.at("category_ids"), [str(label.value) for label in labels]),
        )
        return _checked(self, task, parts, question, detail)

    def response(self, labelling: Labelling, checked: CheckedTask, item: ItemFacts) -> dict[str, Any]:  # noqa: ARG002
        """Return ``category``, a list where several are allowed, and ``category_id`` where ids were given."""
        detail: ChoiceDetail = checked.detail
        value = labelling.answers.get(detail.question_id)
        if value is None:
            return {}
        chosen = [detail.choices[entry] for entry in (value if isinstance(value, list) else [str(value)])]
        body: dict[str, Any] = {"category": chosen if detail.allow_multiple else chosen[0]}
        if detail.external_ids is not None:
            ids = [detail.external_ids.get(str(entry)) for entry in chosen]
            body["category_id"] = ids if detail.allow_multiple else ids[0]
        return body

    def labelling_from(
        self,
        response: Any,
        checked: CheckedTask,
        item: ItemFacts,  # noqa: ARG002
        *,
        where: str = "response",
    ) -> Labelling:
        """Read a response."""
        detail: ChoiceDetail = checked.detail
        place = Place(response, where).at("category").required()
        if not detail.allow_multiple:
            single = place.items(least=1, most=1)[0] if isinstance(place.value, list) else place
            return Labelling(answers={detail.question_id: read_choice(single, detail.choices)})
        several = place.items() if isinstance(place.value, list) else [place]
        chosen = dict.fromkeys(read_choice(entry, detail.choices) for entry in several)
        return Labelling(answers={detail.question_id: list(chosen)})

    def canned(self, checked: CheckedTask, item: ItemFacts) -> Labelling:  # noqa: ARG002
        """Return the first category."""
        return Labelling(answers=canned_values(checked.ontology.questions))


class Comparison:
    """Which of some choices holds of several attachments side by side."""

    name = "comparison"

    def check(self, params: Params) -> CheckedTask:
        """Read the parameters."""
        task = check_common(params)
        parts = attachments_of(task, least=2)
        labels = leaves(read_labels(task.at("choices"), texts_only=False))
        question = _question("choice", "Choice", labels, False)
        choices = {option_key(label.value): label.value for label in labels}
        return _checked(self, task, parts, question, ChoiceDetail(question.attribute_id, choices))

    def response(self, labelling: Labelling, checked: CheckedTask, item: ItemFacts) -> dict[str, Any]:  # noqa: ARG002
        """Return ``choice``."""
        detail: ChoiceDetail = checked.detail
        value = labelling.answers.get(detail.question_id)
        return {} if value is None else {"choice": detail.choices[str(value)]}

    def labelling_from(
        self,
        response: Any,
        checked: CheckedTask,
        item: ItemFacts,  # noqa: ARG002
        *,
        where: str = "response",
    ) -> Labelling:
        """Read a response."""
        detail: ChoiceDetail = checked.detail
        place = Place(response, where).at("choice").required()
        return Labelling(answers={detail.question_id: read_choice(place, detail.choices)})

    def canned(self, checked: CheckedTask, item: ItemFacts) -> Labelling:  # noqa: ARG002
        """Return the first choice."""
        return Labelling(answers=canned_values(checked.ontology.questions))


def item_kind_of(parts: tuple[PartRequest, ...]) -> ItemKind:
    """Return the kind of item for parts that are only looked at: a picture alone is an image."""
    return "image" if len(parts) == 1 and parts[0].kind == "image" else "document"


def _question(key: str, name: str, labels: list[Label], allow_multiple: bool) -> Attribute:
    kind = AttributeKind.MULTI_CHOICE if allow_multiple else AttributeKind.CHOICE
    return Attribute(
        attribute_id=key_of("question", key, [kind, [label.said() for label in labels]]),
        name=name,
        kind=kind,
        options=options_of(labels),
        is_required=True,
    )


def _checked(
    task_type: Categorization | Comparison,
    task: Place,
    parts: tuple[PartRequest, ...],
    question: Attribute,
    detail: ChoiceDetail,
) -> CheckedTask:
    checked = CheckedTask(
        task_type=task_type.name,
        parts=parts,
        context=context_of(task, parts),
        item_kind=item_kind_of(parts),
        ontology=Ontology(questions=[question]),
        class_ids=(),
        limits={},
        instructions=instructions_of(task),
        detail=detail,
    )
    return with_prelabel(task_type, checked, task.at("hypothesis").value)


def _external_ids(place: Place, categories: list[str]) -> dict[str, Any] | None:
    if not place.is_given:
        return None
    if isinstance(place.value, list):
        if len(place.value) != len(categories):
            raise place.fault(f"must contain {len(categories)} items")
        return dict(zip(categories, place.value, strict=True))
    pairs = [(key, entry.value) for key, entry in place.entries()]
    if all(key in categories for key, _ in pairs):
        return dict(pairs)
    if all(value in categories for _, value in pairs):
        return {value: key for key, value in pairs}
    raise place.fault("must name categories")
