"""Votes for tests of quality."""

from __future__ import annotations

from goldsmith.core.annotations import Annotation, Labelling
from goldsmith.core.geometry import Box, Polygon
from goldsmith.quality.types import Vote

CLASSES = ["car", "sign"]


def mark(name: str, class_id: str, *corners: float, **more: object) -> Annotation:
    left, top, right, bottom = corners
    geometry = Box(box_xyxy=(left, top, right, bottom))
    return Annotation.model_validate(
        {"annotation_id": name, "class_id": class_id, "geometry": geometry, **more}
    )


def outline(name: str, class_id: str, *corners: float) -> Annotation:
    left, top, right, bottom = corners
    ring = [(left, top), (right, top), (right, bottom), (left, bottom)]
    return Annotation(annotation_id=name, class_id=class_id, geometry=Polygon(rings=[ring]))


def vote(task: str, member: str, *marks: Annotation, **answers: str) -> Vote:
    labelling = Labelling(annotations=list(marks), answers=dict(answers))
    return Vote(task, f"sub_{task}_{member}", member, labelling)
