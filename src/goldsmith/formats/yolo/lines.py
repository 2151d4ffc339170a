"""One line of a YOLO label file for one object, in each variant.

| variant | line | what has no form of its own |
|---|---|---|
| detect | ``class x y w h``: middle and size | its bounds |
| segment | ``class x0 y0 x1 y1 ...``: one ring; holes and parts hang on it by bridges | its outline |
| obb | ``class x0 y0 x1 y1 x2 y2 x3 y3``: corners, the first side along the angle | its smallest rotated box |
| pose | ``class x y w h`` and for each keypoint ``px py v``; 0 0 0 for one outside | its bounds, without keypoints |

All numbers are shares of the image; what overhangs is cut, as trainers refuse shares beyond 0 and 1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from goldsmith.core.annotations import Annotation
from goldsmith.core.geometry import Box, NodeState, RotatedBox, Skeleton
from goldsmith.core.geometry.measures import XY, Bounds
from goldsmith.core.geometry.shape import MAX_POINTS, Form
from goldsmith.core.ontology import SkeletonTemplate
from goldsmith.formats.bridges import joined, parted
from goldsmith.formats.losses import count_shape_loss
from goldsmith.formats.own import path_of
from goldsmith.formats.shapes import bounds_in_image, cut_to_image, polygons_of, smallest_rotated_box
from goldsmith.formats.types import LossReport, Sample, YoloVariant

VISIBILITY: Final = {NodeState.OUTSIDE: 0, NodeState.OCCLUDED: 1, NodeState.VISIBLE: 2}
_STAND_INS: Final = {"detect": "box", "segment": "polygon", "obb": "rotated_box", "pose": "box"}
_OWN_KINDS: Final = {
    "detect": {"box"},
    "segment": {"polygon"},
    "obb": {"rotated_box"},
    "pose": {"skeleton", "box"},
}


class LineWriter:
    """Writes the lines of one data set.

    Args:
        variant: What a line says.
        templates: Of the classes that have skeletons; each line of ``pose`` has as many keypoints as the largest.
        report: Counts what is lost.
    """

    def __init__(
        self, variant: YoloVariant, templates: Mapping[str, SkeletonTemplate], report: LossReport
    ) -> None:
        self.variant = variant
        self._templates = templates
        self._report = report
        self.keypoints = max((len(entry.nodes) for entry in templates.values()), default=0)

    def numbers_of(self, annotation: Annotation, sample: Sample) -> str | None:
        """Return the line of an object without its class; None when it is left out."""
        shape = annotation.geometry
        size = sample.width, sample.height
        if self.variant == "segment":
            numbers = self._segment(shape, sample)
        elif self.variant == "obb":
            numbers = self._corners(shape, sample)
        else:
            bounds = bounds_in_image(shape, width=size[0], height=size[1])
            if isinstance(shape, Skeleton) and self.variant == "pose":
                bounds = bounds or _small_box(shape.bounds_xyxy(), size)
            numbers = None if bounds is None else _middle_and_size(bounds, size)
            if numbers is not None and self.variant == "pose":
                numbers += self._keypoints(annotation, sample)
        if shape.kind not in _OWN_KINDS[self.variant] or numbers is None:
            stand_in = None if numbers is None else _STAND_INS[self.variant]
            count_shape_loss(shape.kind, self._report, where=sample.name, stand_in=stand_in)
        return None if numbers is None else " ".join(_short(number) for number in numbers)

    def _segment(self, shape: Form, sample: Sample) -> list[float] | None:
        polygons = polygons_of(shape)
        if polygons is None:
            return None
        cut = [cut_to_image(rings, width=sample.width, height=sample.height) for rings in polygons]
        cut = [rings for rings in cut if rings]
        if cut != polygons:
            self._report.add("overhanging_shapes", sample.name)
        if not cut:
            return None
        ring = cut[0][0] if len(cut) == 1 and len(cut[0]) == 1 else joined(cut)
        if len(parted(ring)) != sum(len(rings) for rings in cut):
            self._report.add("polygon_holes", sample.name)
        if len(ring) > MAX_POINTS:
            self._report.add("too_many_points", sample.name)
        return _shares(ring, sample)

    def _corners(self, shape: Form, sample: Sample) -> list[float] | None:
        if isinstance(shape, Box):
            corners: list[XY] = shape.outline()[0]
        else:
            turned = shape if isinstance(shape, RotatedBox) else smallest_rotated_box(_points_of(shape))
            if turned is None:
                return None
            corners = turned.corners()
        inside = [
            (min(max(x, 0.0), float(sample.width)), min(max(y, 0.0), float(sample.height)))
            for x, y in corners
        ]
        if inside != corners:
            self._report.add("overhanging_shapes", sample.name)
        return _shares(inside, sample)

    def _keypoints(self, annotation: Annotation, sample: Sample) -> list[float]:
        shape, template = annotation.geometry, self._templates.get(annotation.class_id)
        if not isinstance(shape, Skeleton) or template is None:
            return [0.0] * (3 * self.keypoints)
        by_id = {node.node_id: node for node in shape.nodes}
        numbers: list[float] = []
        for entry in template.nodes:
            node = by_id.pop(entry.node_id, None)
            if node is None or node.state is NodeState.OUTSIDE:
                numbers += [0.0, 0.0, 0.0]
            else:
                x, y = node.at[0] / sample.width, node.at[1] / sample.height
                numbers += [min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0), VISIBILITY[node.state]]
        if by_id:
            self._report.add("skeleton_nodes", sample.name)
        return numbers + [0.0] * (3 * self.keypoints - len(numbers))


def _points_of(shape: Form) -> Sequence[XY]:
    if isinstance(shape, Skeleton):
        return [node.at for node in shape.nodes if node.state is not NodeState.OUTSIDE]
    return path_of(shape) or []


def _small_box(bounds: Bounds, size: tuple[int, int]) -> Bounds:
    """Return a box of at least a pixel around keypoints that span none, inside the image."""
    left, top, right, bottom = bounds
    x, y = min(max(left - 0.5, 0.0), size[0] - 1.0), min(max(top - 0.5, 0.0), size[1] - 1.0)
    return x, y, min(max(right, x + 1.0), float(size[0])), min(max(bottom, y + 1.0), float(size[1]))


def _middle_and_size(bounds: Bounds, size: tuple[int, int]) -> list[float]:
    left, top, right, bottom = bounds
    width, height = size
    return [
        (left + right) / 2 / width,
        (top + bottom) / 2 / height,
        (right - left) / width,
        (bottom - top) / height,
    ]


def _shares(ring: Sequence[XY], sample: Sample) -> list[float]:
    return [share for x, y in ring for share in (x / sample.width, y / sample.height)]


def _short(share: float) -> str:
    return f"{share:.9f}".rstrip("0").rstrip(".") if abs(share) >= 5e-10 else "0"
