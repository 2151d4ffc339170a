"""What a data.yaml says of keypoints: how many, of how many numbers each, their names, and which are mirrored.

``kpt_shape`` is [number, 2 or 3], the same for all classes; ``kpt_names`` gives names by class number; ``flip_idx`` the
place each keypoint takes in a mirror. goldsmith keeps its own templates beside them, under its own key, for the ids,
places and edges of nodes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from pydantic import ValidationError

from goldsmith.core.errors import InvalidInputError
from goldsmith.core.geometry.shape import MAX_SKELETON_NODES
from goldsmith.core.ontology import LabelClass, Ontology, SkeletonTemplate
from goldsmith.formats.own import OWN_KEY
from goldsmith.formats.skeletons import mirrored_order, spread_template

KEYS: Final = ("kpt_shape", "kpt_names", "flip_idx", OWN_KEY)


class Keypoints(NamedTuple):
    """Keypoints of a data set."""

    total: int
    dimensions: int
    """2: x, y; 3: with a visibility."""
    templates: dict[int, SkeletonTemplate]
    """By class number; nodes beyond ``total`` are never there."""


def keypoints_of(description: Mapping[str, Any], classes: Mapping[int, str]) -> Keypoints | None:
    """Return what a description says of keypoints; None when it says nothing.

    Raises:
        InvalidInputError: It does not hold.
    """
    shape = description.get("kpt_shape")
    if shape is None:
        return None
    is_pair = isinstance(shape, list) and len(shape) == 2 and all(type(value) is int for value in shape)
    if not is_pair or not 0 < shape[0] <= MAX_SKELETON_NODES or shape[1] not in (2, 3):
        raise InvalidInputError(
            f"kpt_shape must be [number of keypoints, 2 or 3]; it is {str(shape)[:60]}; labels are read without it"
        )
    count = shape[0]
    names, own = description.get("kpt_names"), _own_templates(description)
    templates = {}
    for number, class_id in classes.items():
        template = own.get(class_id)
        if template is None or len(template.nodes) > count:
            template = spread_template(_names_of(names, number, count), edges=[])
        templates[number] = template
    return Keypoints(count, shape[1], templates)


def ontology_of(keypoints: Keypoints, classes: Mapping[int, str]) -> Ontology:
    """Return the classes with their skeletons."""
    return Ontology(
        classes=[
            LabelClass(
                class_id=class_id,
                name=class_id,
                geometry_kinds=["skeleton"],
                skeleton=keypoints.templates[number],
            )
            for class_id, number in sorted({name: number for number, name in classes.items()}.items())
        ]
    )


def describe(templates: Mapping[str, SkeletonTemplate], class_ids: Sequence[str]) -> dict[str, Any]:
    """Return the keys of a description for skeletons."""
    count = max(len(template.nodes) for template in templates.values())
    described: dict[str, Any] = {"kpt_shape": [count, 3]}
    orders = [mirrored_order(_padded(template, count)) for template in templates.values()]
    if orders[0] is not None and all(order == orders[0] for order in orders):
        described["flip_idx"] = orders[0]
    known = [(number, templates[name]) for number, name in enumerate(class_ids) if name in templates]
    described["kpt_names"] = {number: _padded(template, count) for number, template in known}
    return described


def own_templates(templates: Mapping[str, SkeletonTemplate]) -> dict[str, Any]:
    """Return templates as they stand under goldsmith's key."""
    return {class_id: template.model_dump(mode="json") for class_id, template in templates.items()}


def _padded(template: SkeletonTemplate, count: int) -> list[str]:
    names = [node.name for node in template.nodes]
    return names + [f"point-{number}" for number in range(len(names) + 1, count + 1)]


def _names_of(names: Any, number: int, count: int) -> list[str]:
    found = names.get(number) if isinstance(names, dict) else names
    texts = [str(entry) for entry in found[:count]] if isinstance(found, list) else []
    return texts + [f"point-{place}" for place in range(len(texts) + 1, count + 1)]


def _own_templates(description: Mapping[str, Any]) -> dict[str, SkeletonTemplate]:
    own = description.get(OWN_KEY)
    skeletons = own.get("skeletons") if isinstance(own, dict) else None
    found: dict[str, SkeletonTemplate] = {}
    for class_id, raw in (skeletons if isinstance(skeletons, dict) else {}).items():
        try:
            found[str(class_id)] = SkeletonTemplate.model_validate(raw)
        except ValidationError:
            continue
    return found
