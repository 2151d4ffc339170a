"""Classes between formats and ontologies: numbers for writing, matching for reading, an ontology from samples."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from goldsmith.core.annotations import AttributeValue
from goldsmith.core.geometry import Skeleton
from goldsmith.core.ontology import Attribute, AttributeKind, LabelClass, Ontology, Option, RelationType
from goldsmith.formats.skeletons import template_of_ids
from goldsmith.formats.types import ReadProblem, Sample

MAX_OPTIONS: Final = 60
"""A text attribute with more different values than this stays free text."""

_COLORS: Final = (
    "#3b82f6", "#f97316", "#22c55e", "#d946ef", "#eab308", "#06b6d4", "#ef4444", "#8b5cf6", "#84cc16", "#ec4899",
    "#14b8a6", "#f59e0b", "#6366f1", "#10b981", "#f43f5e", "#0ea5e9", "#a855f7", "#65a30d", "#b45309", "#64748b",
)  # fmt: skip


def class_color(number: int) -> str:
    """Return the colour of the class of this number, from 0, where nobody chose one."""
    return _COLORS[number % len(_COLORS)]


class ClassNumbers:
    """Numbers classes from 0: those of an ontology in its order, then others as they come.

    Args:
        ontology: Gives the first classes.
    """

    def __init__(self, ontology: Ontology | None = None) -> None:
        self._numbers: dict[str, int] = {}
        for label_class in ontology.classes if ontology else ():
            self.number_of(label_class.class_id)

    def number_of(self, class_id: str) -> int:
        """Return the number of a class; a new class gets the next one."""
        return self._numbers.setdefault(class_id, len(self._numbers))

    def class_ids(self) -> list[str]:
        """Return all classes in the order of their numbers."""
        return list(self._numbers)


class ClassMatcher:
    """Finds the class of an ontology that a name in a file means: by id, by name, then without regard to form.

    Args:
        ontology: The classes to choose from.
    """

    def __init__(self, ontology: Ontology) -> None:
        self._ids = {label_class.class_id for label_class in ontology.classes}
        self._by_form: dict[str, str | None] = {}
        for label_class in ontology.classes:
            for text in (label_class.name, label_class.class_id):
                form = _form(text)
                known = self._by_form.get(form, label_class.class_id)
                self._by_form[form] = label_class.class_id if known == label_class.class_id else None

    def match(self, name: str) -> str | None:
        """Return the class id meant by ``name``, None when none is, or more than one could be."""
        return name if name in self._ids else self._by_form.get(_form(name))


def _form(text: str) -> str:
    return re.sub(r"[\s_\-]+", " ", text).strip().casefold()


_Values = dict[str, list[AttributeValue]]
"""The different values of each attribute."""


class OntologyDraft:
    """Collects what samples show and makes an ontology of it.

    Classes come in the order of their names, so that the same data give the same ontology in any order.
    """

    def __init__(self) -> None:
        self._kinds: dict[str, set[str]] = {}
        self._values: dict[str, _Values] = {}
        self._answers: _Values = {}
        self._nodes: dict[str, tuple[str, ...]] = {}
        self._seen: set[tuple[str | None, str, str]] = set()
        self._relation_type_ids: set[str] = set()

    def add(self, sample: Sample) -> None:
        """Take note of one sample."""
        for annotation in sample.labelling.annotations:
            class_id = annotation.class_id
            self._kinds.setdefault(class_id, set()).add(annotation.geometry.kind)
            if annotation.attributes:
                self._note(class_id, annotation.attributes, self._values.setdefault(class_id, {}))
            if isinstance(annotation.geometry, Skeleton):
                # those that differ cannot all fit; which one counts must not depend on the order
                nodes = tuple(node.node_id for node in annotation.geometry.nodes)
                self._nodes[class_id] = min(self._nodes.get(class_id, nodes), nodes)
        self._note(None, sample.labelling.answers, self._answers)
        self._relation_type_ids.update(entry.relation_type_id for entry in sample.labelling.relations)

    def ontology(self, known: Ontology | None = None) -> Ontology:
        """Return the ontology of all samples so far.

        Args:
            known: What is known beside; its classes come first, and what it says of them is kept.
        """
        stated = {entry.class_id: entry for entry in known.classes} if known else {}
        shown = [
            LabelClass(
                class_id=class_id,
                name=class_id,
                color=class_color(index),
                geometry_kinds=sorted(self._kinds[class_id]),
                attributes=_attributes_of(self._values.get(class_id, {})),
                skeleton=template_of_ids(self._nodes[class_id]) if class_id in self._nodes else None,
            )
            for index, class_id in enumerate(sorted(self._kinds))
        ]
        drawn = {entry.class_id: entry for entry in shown}
        classes = [_with_shown(entry, drawn.get(entry.class_id)) for entry in stated.values()]
        classes += [entry for entry in shown if entry.class_id not in stated]
        questions = list(known.questions) if known else []
        taken = {question.attribute_id for question in questions}
        questions += [entry for entry in _attributes_of(self._answers) if entry.attribute_id not in taken]
        relation_types = list(known.relation_types) if known else []
        related = self._relation_type_ids - {entry.relation_type_id for entry in relation_types}
        relation_types += [RelationType(relation_type_id=name, name=name) for name in sorted(related)]
        return Ontology(classes=classes, questions=questions, relation_types=relation_types)

    def _note(self, class_id: str | None, values: Mapping[str, AttributeValue], noted: _Values) -> None:
        for attribute_id, value in values.items():
            known = noted.setdefault(attribute_id, [])
            mark = (class_id, attribute_id, repr(value))
            if mark not in self._seen and len(known) <= MAX_OPTIONS:
                self._seen.add(mark)
                known.append(value)


def _with_shown(stated: LabelClass, shown: LabelClass | None) -> LabelClass:
    """Return a class as it is stated, with the kinds and attributes that its objects show beside."""
    if shown is None:
        return stated
    kinds = [
        *stated.geometry_kinds,
        *(kind for kind in shown.geometry_kinds if kind not in stated.geometry_kinds),
    ]
    taken = {attribute.attribute_id for attribute in stated.attributes}
    attributes = [entry for entry in shown.attributes if entry.attribute_id not in taken]
    return stated.model_copy(
        update={
            "geometry_kinds": kinds,
            "attributes": [*stated.attributes, *attributes],
            "skeleton": stated.skeleton or shown.skeleton,
        }
    )


def _attributes_of(values: _Values) -> list[Attribute]:
    return [_attribute_of(attribute_id, entries) for attribute_id, entries in sorted(values.items())]


def infer_ontology(samples: Iterable[Sample | ReadProblem]) -> Ontology:
    """Return an ontology that all samples fit, as far as each attribute's values are of one kind.

    Problems are passed over.
    """
    draft = OntologyDraft()
    for sample in samples:
        if isinstance(sample, Sample):
            draft.add(sample)
    return draft.ontology()


def _attribute_of(attribute_id: str, values: list[AttributeValue]) -> Attribute:
    name = attribute_id[:200]
    if all(isinstance(value, bool) for value in values):
        return Attribute(attribute_id=attribute_id, name=name, kind=AttributeKind.BOOLEAN)
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        return Attribute(attribute_id=attribute_id, name=name, kind=AttributeKind.NUMBER)
    if all(isinstance(value, list) for value in values):
        words = sorted({word for value in values if isinstance(value, list) for word in value})
        return _choice(attribute_id, name, words, AttributeKind.MULTI_CHOICE)
    words = sorted({value for value in values if isinstance(value, str)})
    return _choice(attribute_id, name, words, AttributeKind.CHOICE)


def _choice(attribute_id: str, name: str, words: list[str], kind: AttributeKind) -> Attribute:
    is_short = bool(words) and len(words) <= MAX_OPTIONS and all(0 < len(word) <= 200 for word in words)
    if not is_short:
        return Attribute(attribute_id=attribute_id, name=name, kind=AttributeKind.TEXT)
    options = [Option(option_id=word, name=word) for word in words]
    return Attribute(attribute_id=attribute_id, name=name, kind=kind, options=options)
