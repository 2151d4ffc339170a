"""The content hash of a version: what it says, in one canonical form, without ids or times.

Two installations that imported the same pictures and hold the same labels get the same hash.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from typing import Any

from goldsmith.core.annotations import Annotation, Labelling
from goldsmith.core.geometry import Box
from goldsmith.core.ontology import Ontology
from goldsmith.datasets.types import FORMAT_NAME, Entry

COORDINATE_DIGITS = 3
SCORE_DIGITS = 4


def canonical_labelling(labelling: Labelling) -> Labelling:
    """Round to what the hash sees and put the objects into an order of their content."""
    rounded = [_rounded(annotation) for annotation in labelling.annotations]
    return Labelling(
        annotations=sorted(rounded, key=lambda entry: json.dumps(_annotation_content(entry), sort_keys=True)),
        answers=dict(sorted(labelling.answers.items())),
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
    digest = hashlib.sha256(f"{FORMAT_NAME}\n{_canonical(ontology.model_dump(mode='json'))}\n".encode())
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
        "annotations": [_annotation_content(a) for a in labelling.annotations],
        "answers": labelling.answers,
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
        "annotations": [_annotation_content(annotation) for annotation in entry.labelling.annotations],
        "answers": entry.labelling.answers,
    }


def _annotation_content(annotation: Annotation) -> dict[str, Any]:
    return annotation.model_dump(mode="json", exclude={"annotation_id", "origin"})


def _rounded(annotation: Annotation) -> Annotation:
    geometry = annotation.geometry
    if isinstance(geometry, Box):
        left, top, right, bottom = (round(value, COORDINATE_DIGITS) for value in geometry.box_xyxy)
        if left < right and top < bottom:
            geometry = Box(box_xyxy=(left, top, right, bottom))
    else:
        rings = [
            [(round(x, COORDINATE_DIGITS), round(y, COORDINATE_DIGITS)) for x, y in ring]
            for ring in geometry.rings
        ]
        geometry = geometry.model_copy(update={"rings": rings})
    score = None if annotation.score is None else round(annotation.score, SCORE_DIGITS)
    attributes = dict(sorted(annotation.attributes.items()))
    return annotation.model_copy(update={"geometry": geometry, "score": score, "attributes": attributes})


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
