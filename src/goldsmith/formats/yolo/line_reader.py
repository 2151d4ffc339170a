"""One line of a YOLO label file, read: the objects that it means."""

from __future__ import annotations

from typing import Final

from goldsmith.core.annotations import Annotation
from goldsmith.core.errors import InvalidInputError
from goldsmith.core.geometry import AnyShape, Box, NodeState, Polygon, RotatedBox, Skeleton
from goldsmith.formats.bridges import parted_as_polygon
from goldsmith.formats.own import is_near
from goldsmith.formats.shapes import (
    box_from_corners,
    checked,
    fitted,
    polygon_from_flat,
    polygon_from_rings,
    rotated_box_of_corners,
)
from goldsmith.formats.types import ReadOptions
from goldsmith.formats.yolo.layout import Layout

TOLERANCE: Final = 2e-3
"""Shares may overshoot 0 and 1 by so much through rounding; they are cut to the image."""

_BOX_NUMBERS: Final = 4
_CORNER_NUMBERS: Final = 8
_STATES: Final = (NodeState.OUTSIDE, NodeState.OCCLUDED, NodeState.VISIBLE)


class LineReader:
    """Reads the lines of one data set.

    Args:
        layout: What its description says.
        options: ``prefer`` counts.
        variant: What a line says; a line of four numbers is a box in each.
    """

    def __init__(self, layout: Layout, options: ReadOptions, variant: str) -> None:
        self._classes = layout.classes
        self._keypoints = layout.keypoints
        self._prefers_box = options.prefer == "box"
        self._variant = variant

    def objects_of(self, fields: list[str], number: int, width: int, height: int) -> list[Annotation]:
        """Return the objects of a line; two of them, a skeleton and its box, are a group.

        Args:
            fields: Of the line.
            number: Of the line, from 1.
            width: Of the image in pixels.
            height: Likewise.

        Raises:
            InvalidInputError: The line does not hold.
        """
        class_number, class_id = self._class_of(fields[0])
        try:
            shares = [float(field) for field in fields[1:]]
        except ValueError as error:
            raise InvalidInputError(f"holds something that is no number: {str(error)[:80]}") from error
        score = self._take_score(shares)
        shapes = self._shapes(shares, class_number, width, height)
        name = f"line-{number}"
        return [
            Annotation(
                annotation_id=name if place == 1 else f"{name}-{place}",
                class_id=class_id,
                geometry=shape,
                score=score,
                group_id=name if len(shapes) > 1 else None,
            )
            for place, shape in enumerate(shapes, start=1)
        ]

    def _class_of(self, text: str) -> tuple[int, str]:
        if not text.isdecimal() or len(text) > 9:
            raise InvalidInputError(f"the class {text[:20]!r} is not a whole number from 0")
        number = int(text)
        if not self._classes:
            return number, f"class_{number}"
        if number not in self._classes:
            raise InvalidInputError(f"the class {number} has no name in the data set's description")
        return number, self._classes[number]

    def _take_score(self, shares: list[float]) -> float | None:
        if self._variant == "pose" and self._keypoints is not None:
            has_score = len(shares) == self._pose_numbers() + 1 or len(shares) == _BOX_NUMBERS + 1
        else:
            has_score = len(shares) % 2 == 1 and len(shares) > _BOX_NUMBERS
        if not has_score:
            return None
        score = shares.pop()
        if not 0.0 <= score <= 1.0:
            raise InvalidInputError(f"the score {score:g} is not between 0 and 1")
        return score

    def _pose_numbers(self) -> int:
        found = self._keypoints
        return _BOX_NUMBERS + (found.total * found.dimensions if found is not None else 0)

    def _shapes(self, shares: list[float], class_number: int, width: int, height: int) -> list[AnyShape]:
        if len(shares) < _BOX_NUMBERS:
            raise InvalidInputError("a box needs 'class x y w h', a segment 'class x y x y x y ...'")
        if len(shares) == _BOX_NUMBERS:
            return [_box(shares, width, height)]
        if self._variant == "pose" and self._keypoints is not None:
            return self._pose(shares, class_number, width, height)
        read = _rotated_box if self._variant == "obb" else _polygon
        shape: AnyShape = read(shares, width, height)
        if self._prefers_box:
            return [box_from_corners(shape.bounds_xyxy(), width=width, height=height)]
        return [shape]

    def _pose(self, shares: list[float], class_number: int, width: int, height: int) -> list[AnyShape]:
        found = self._keypoints
        if found is None or len(shares) != self._pose_numbers():
            raise InvalidInputError(
                f"has {len(shares)} numbers; a box and the keypoints of kpt_shape are {self._pose_numbers()}"
            )
        box = _box(shares[:_BOX_NUMBERS], width, height)
        template = found.templates.get(class_number)
        if template is None:
            raise InvalidInputError("its class has no keypoints; name the classes in data.yaml")
        nodes = []
        for number, entry in enumerate(template.nodes):
            at = _BOX_NUMBERS + number * found.dimensions
            x, y = shares[at], shares[at + 1]
            seen = shares[at + 2] if found.dimensions > 2 else float((x, y) != (0.0, 0.0)) * 2
            if seen not in (0, 1, 2):
                raise InvalidInputError("the visibility of a keypoint must be 0, 1 or 2")
            if seen:
                _check_shares([x, y])
            place = (x * width, y * height) if seen else (0.0, 0.0)
            nodes.append({"node_id": entry.node_id, "at": place, "state": _STATES[int(seen)]})
        if self._prefers_box or all(node["state"] is NodeState.OUTSIDE for node in nodes):
            return [box]
        skeleton = fitted(checked(Skeleton, {"nodes": nodes}), width=width, height=height)
        return [skeleton] if _is_around(box, skeleton) else [skeleton, box]


def _is_around(box: Box, skeleton: Skeleton) -> bool:
    """Say whether a box is the one around keypoints, or stands for keypoints that span no width or height."""
    left, top, right, bottom = bounds = skeleton.bounds_xyxy()
    if is_near(box.box_xyxy, bounds):
        return True
    around_left, around_top, around_right, around_bottom = box.box_xyxy
    return (
        (left == right or top == bottom)
        and around_right - around_left <= max(right - left, 1.0) + 0.02
        and around_bottom - around_top <= max(bottom - top, 1.0) + 0.02
    )


def _box(shares: list[float], width: int, height: int) -> Box:
    x, y, across, down = shares
    if across < 0 or down < 0:
        raise InvalidInputError("the box has a negative size")
    corners = (x - across / 2, y - down / 2, x + across / 2, y + down / 2)
    _check_shares(corners)
    left, top, right, bottom = corners
    return box_from_corners(
        (left * width, top * height, right * width, bottom * height), width=width, height=height
    )


def _rotated_box(shares: list[float], width: int, height: int) -> RotatedBox:
    if len(shares) != _CORNER_NUMBERS:
        raise InvalidInputError("a rotated box needs 'class x0 y0 x1 y1 x2 y2 x3 y3'")
    _check_shares(shares)
    corners = [(x * width, y * height) for x, y in zip(shares[0::2], shares[1::2], strict=True)]
    return fitted(rotated_box_of_corners(corners)[0], width=width, height=height, what="rotated box")


def _polygon(shares: list[float], width: int, height: int) -> Polygon:
    _check_shares(shares)
    numbers = [share * (height if index % 2 else width) for index, share in enumerate(shares)]
    polygon = polygon_from_flat(numbers, width=width, height=height)
    rings = parted_as_polygon(polygon.rings[0])
    return polygon if len(rings) == 1 else polygon_from_rings(rings, width=width, height=height)


def _check_shares(shares: tuple[float, ...] | list[float]) -> None:
    if not all(-TOLERANCE <= share <= 1.0 + TOLERANCE for share in shares):
        raise InvalidInputError("coordinates must be shares of the image between 0 and 1, not pixels")
