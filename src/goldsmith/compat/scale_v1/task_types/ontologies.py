"""Ontologies of single tasks, and the union of them that a project has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from goldsmith.compat.scale_v1.task_types.identity import color_of, key_of, shown
from goldsmith.compat.scale_v1.task_types.labels import Label
from goldsmith.compat.scale_v1.task_types.types import ParameterFault
from goldsmith.core.ontology import Attribute, LabelClass, Ontology


@dataclass(frozen=True)
class ClassRequest:
    """A label and the kinds of shapes it is drawn with."""

    label: Label
    kinds: tuple[str, ...]

    @property
    def class_id(self) -> str:
        """Its id: what tells it is all about the label, and the shapes."""
        return key_of("class", str(self.label.value), [self.label.said(), sorted(self.kinds)])


def folder_id(folders: Sequence[tuple[str, str]]) -> str | None:
    """Return the class id of the innermost of some folders; None where there are none."""
    return key_of("folder", folders[-1][0], [list(pair) for pair in folders]) if folders else None


def classes_of(
    requests: Iterable[ClassRequest], attributes: Mapping[str, list[Attribute]] | None = None
) -> list[LabelClass]:
    """Return the classes of some labels, and above them a class for each folder, which is not to be used itself.

    Args:
        requests: Leaves.
        attributes: What is asked about the objects of a class, by class id.
    """
    found: dict[str, LabelClass] = {}
    for request in requests:
        label = request.label
        for depth in range(1, len(label.folders) + 1):
            path = label.folders[:depth]
            class_id = folder_id(path) or ""
            above = found.get(class_id)
            kinds = sorted({*(above.geometry_kinds if above else ()), *request.kinds})
            found[class_id] = LabelClass(
                class_id=class_id,
                name=shown(path[-1][1]),
                color=color_of(path[-1][0]),
                parent_id=folder_id(path[:-1]),
                geometry_kinds=kinds,
            )
        found[request.class_id] = LabelClass(
            class_id=request.class_id,
            name=shown(label.display),
            color=color_of(str(label.value)),
            parent_id=folder_id(label.folders),
            geometry_kinds=list(request.kinds),
            attributes=(attributes or {}).get(request.class_id, []),
        )
    return list(found.values())


def union(project: Ontology, task: Ontology) -> Ontology:
    """Return what a project asks for when a task is added to it; ``project`` itself where nothing is new.

    Classes meet by id and have the attributes of both; folders are open to the shapes of both. Questions and types of
    relations meet by id.

    Raises:
        ParameterFault: It would be more than one project may hold.
    """
    classes = {entry.class_id: entry for entry in project.classes}
    for entry in task.classes:
        own = classes.get(entry.class_id)
        classes[entry.class_id] = entry if own is None else _joined(own, entry)
    questions = _added(project.questions, task.questions, "attribute_id")
    relation_types = _added(project.relation_types, task.relation_types, "relation_type_id")
    try:
        found = Ontology(classes=list(classes.values()), questions=questions, relation_types=relation_types)
    except ValueError as error:
        raise ParameterFault("the project's tasks ask for more than one project may hold") from error
    return project if found == project else found


def _joined(own: LabelClass, other: LabelClass) -> LabelClass:
    kinds = [*own.geometry_kinds, *(kind for kind in other.geometry_kinds if kind not in own.geometry_kinds)]
    attributes = _added(own.attributes, other.attributes, "attribute_id")
    return own.model_copy(update={"geometry_kinds": kinds, "attributes": attributes})


def _added(own: Sequence[Any], others: Sequence[Any], key: str) -> list[Any]:
    known = {getattr(entry, key) for entry in own}
    return [*own, *(entry for entry in others if getattr(entry, key) not in known)]
