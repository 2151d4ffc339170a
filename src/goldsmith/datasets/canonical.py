"""The content hash of a version: what it says, in one canonical form, without ids or times.

Two installations that imported the same pictures and hold the same labels get the same hash.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from heapq import heapify, heappop, heappush
from operator import itemgetter
from typing import Any, Final

from pydantic import ValidationError

from goldsmith.core.annotations import Annotation, Labelling, Relation
from goldsmith.core.geometry import AnyShape, Ellipse, Mask, Polygon, RotatedBox
from goldsmith.core.geometry.shape import Part
from goldsmith.core.ontology import Ontology
from goldsmith.datasets.types import FORMAT_NAME, Entry

COORDINATE_DIGITS = 3
SCORE_DIGITS = 4

_COVERING_KINDS: Final = frozenset({"polygon", "rotated_box", "bezier", "mask", "ellipse", "cuboid"})
_MOST_COMPARED: Final = 3000
"""With more shapes that cover each other in one image, they all stay in their order."""


def canonical_labelling(labelling: Labelling) -> Labelling:
    """Round to what the hash sees and put the objects into an order of their content.

    Where shapes that cover each other meet, the lower one stays before the upper one, for the order tells which of them
    is seen; boxes and all that covers nothing lie beside each other.
    """
    rounded = [_rounded(annotation) for annotation in labelling.annotations]
    ordered = _ordered(rounded, [json.dumps(content, sort_keys=True) for content in _contents(rounded)])
    relations = [_rounded_relation(relation) for relation in labelling.relations]
    told = [_canonical(content) for content in _relation_contents(relations, ordered)]
    return Labelling(
        annotations=ordered,
        answers=dict(sorted(labelling.answers.items())),
        relations=[relation for _, relation in sorted(zip(told, relations, strict=True), key=itemgetter(0))],
    )


def content_hash(entries: Iterable[Entry], ontology: Ontology) -> str:
    """Hash a version.

    Args:
        entries: With canonical labellings, in any order; media, names, splits, groups and labels count, ids do not.
        ontology: Of the labels.

    Returns:
        Lower-case hex sha256.
    """
    lines = sorted(_canonical(_entry_content(entry)) for entry in entries)
    digest = hashlib.sha256(f"{FORMAT_NAME}\n{_canonical(_ontology_content(ontology))}\n".encode())
    for line in lines:
        digest.update(line.encode())
        digest.update(b"\n")
    return digest.hexdigest()


def canonical_json(text: str) -> str:
    """Write a JSON text anew with sorted keys and no spaces."""
    return _canonical(json.loads(text))


def label_hash(labelling: Labelling) -> str:
    """Hash one canonical labelling; equal when it says the same."""
    content = {
        "annotations": _contents(labelling.annotations),
        "answers": labelling.answers,
        **_related(labelling),
    }
    return hashlib.sha256(_canonical(content).encode()).hexdigest()


def _entry_content(entry: Entry) -> dict[str, Any]:
    return {
        "media": entry.sha256,
        "name": entry.name,
        "size": [entry.width_px, entry.height_px],
        "group": entry.group_key,
        "metadata": entry.metadata,
        "split": entry.split,
        "kind": entry.label_kind,
        "annotations": _contents(entry.labelling.annotations),
        "answers": entry.labelling.answers,
        **_related(entry.labelling),
    }


def _ontology_content(ontology: Ontology) -> dict[str, Any]:
    """Return what an ontology says; what older ones did not have is absent where it is not used, for their hashes."""
    content = ontology.model_dump(mode="json")
    for entry in content["classes"]:
        if entry["skeleton"] is None:
            del entry["skeleton"]
    for attribute in [
        *content["questions"],
        *(a for entry in content["classes"] for a in entry["attributes"]),
    ]:
        if not attribute["description"]:
            del attribute["description"]
    if not content["relation_types"]:
        del content["relation_types"]
    return content


def _related(labelling: Labelling) -> dict[str, Any]:
    """Return what relations say, in an order of its own; nothing where there are none, as before there were any."""
    if not labelling.relations:
        return {}
    contents = _relation_contents(labelling.relations, labelling.annotations)
    return {"relations": sorted(contents, key=_canonical)}


def _relation_contents(
    relations: Sequence[Relation], annotations: Sequence[Annotation]
) -> list[dict[str, Any]]:
    """Return what each relation says: ids are only names, so that its ends are told by what they say."""
    if not relations:
        return []
    digests = {
        annotation.annotation_id: hashlib.sha256(_canonical(content).encode()).hexdigest()
        for annotation, content in zip(annotations, _contents(annotations), strict=True)
    }
    return [
        {
            "type": relation.relation_type_id,
            "from": digests[relation.from_id],
            "to": digests[relation.to_id],
            "score": relation.score,
        }
        for relation in relations
    ]


def _contents(annotations: Sequence[Annotation]) -> list[dict[str, Any]]:
    """Return what each object says; of its group, what all the members of it say, for ids of groups are only names."""
    contents = [
        annotation.model_dump(mode="json", exclude={"annotation_id", "origin", "group_id"})
        for annotation in annotations
    ]
    members: dict[str, list[str]] = defaultdict(list)
    for annotation, content in zip(annotations, contents, strict=True):
        if annotation.group_id is not None:
            members[annotation.group_id].append(_canonical(content))
    digests = {
        group_id: hashlib.sha256("\n".join(sorted(said)).encode()).hexdigest()
        for group_id, said in members.items()
    }
    return [
        content if annotation.group_id is None else {**content, "group": digests[annotation.group_id]}
        for annotation, content in zip(annotations, contents, strict=True)
    ]


def _ordered(annotations: Sequence[Annotation], keys: Sequence[str]) -> list[Annotation]:
    """Sort by key, but no object before one that lies under it."""
    above, waits_for = _piles(annotations)
    free = [(key, index) for index, key in enumerate(keys) if not waits_for[index]]
    heapify(free)
    ordered: list[Annotation] = []
    while free:
        _, index = heappop(free)
        ordered.append(annotations[index])
        for other in above[index]:
            waits_for[other] -= 1
            if not waits_for[other]:
                heappush(free, (keys[other], other))
    return ordered


def _piles(annotations: Sequence[Annotation]) -> tuple[dict[int, list[int]], list[int]]:
    """Return which objects lie above each, and above how many each lies, judged by their bounds."""
    above: dict[int, list[int]] = defaultdict(list)
    waits_for = [0] * len(annotations)
    covering = [index for index, a in enumerate(annotations) if a.geometry.kind in _COVERING_KINDS]
    bounds = {index: annotations[index].geometry.bounds_xyxy() for index in covering}
    is_crowd = len(covering) > _MOST_COMPARED
    for place, upper in enumerate(covering):
        left, top, right, bottom = bounds[upper]
        for lower in covering[place - 1 : place] if is_crowd else covering[:place]:
            x0, y0, x1, y1 = bounds[lower]
            if is_crowd or (x0 < right and left < x1 and y0 < bottom and top < y1):
                above[lower].append(upper)
                waits_for[upper] += 1
    return above, waits_for


def _rounded(annotation: Annotation) -> Annotation:
    score = None if annotation.score is None else round(annotation.score, SCORE_DIGITS)
    attributes = dict(sorted(annotation.attributes.items()))
    geometry = _rounded_shape(annotation.geometry)
    return annotation.model_copy(update={"geometry": geometry, "score": score, "attributes": attributes})


def _rounded_relation(relation: Relation) -> Relation:
    score = None if relation.score is None else round(relation.score, SCORE_DIGITS)
    return relation.model_copy(update={"score": score})


def _rounded_shape(shape: AnyShape) -> AnyShape:
    """Round the numbers; a shape too small to be rounded stays as it is."""
    match shape:
        case Mask():
            return shape
        case Polygon():
            rings = [
                [(round(x, COORDINATE_DIGITS), round(y, COORDINATE_DIGITS)) for x, y in ring]
                for ring in shape.rings
            ]
            return shape.model_copy(update={"rings": rings})
        case _:
            values = _rounded_value(dict(shape))
            if isinstance(shape, RotatedBox | Ellipse):
                values["angle_deg"] %= 360.0 if isinstance(shape, RotatedBox) else 180.0
            try:
                return type(shape)(**values)
            except ValidationError:
                return shape


def _rounded_value(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, COORDINATE_DIGITS)
    if isinstance(value, dict):
        return {key: _rounded_value(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_rounded_value(entry) for entry in value)
    if isinstance(value, Part):
        return value.changed(**_rounded_value(dict(value)))
    return value


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
