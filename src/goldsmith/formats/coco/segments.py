"""What COCO's keys say of a shape, and goldsmith's own key where they do not say all.

| shape | segmentation | own key |
|---|---|---|
| box | empty, with exact corners in ``box_xyxy`` | no |
| polygon | one polygon; with holes RLE of the pixels whose centres are inside | with holes |
| mask | RLE, exact | no |
| rotated box, ellipse, cuboid, closed curve | the outline as a polygon | yes |
| skeleton | empty, with ``keypoints``; area of the box, as the similarity of keypoints needs one | nodes outside |
| point, polyline, open curve | empty | yes |
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import msgspec

from goldsmith.core.geometry.curves import BezierForm
from goldsmith.core.geometry.masks import MaskForm
from goldsmith.core.geometry.measures import XY, Bounds, area_of_box
from goldsmith.core.geometry.points import NodeState, SkeletonForm
from goldsmith.core.geometry.polygons import PolygonForm
from goldsmith.core.geometry.raster import mask_of_rings
from goldsmith.core.geometry.shape import Form
from goldsmith.formats.coco.rle import pack_counts
from goldsmith.formats.own import own_json
from goldsmith.formats.runs import mask_to_columns

Segmentation = list[list[float]] | dict[str, Any]
_VISIBILITY: Final = {NodeState.OUTSIDE: 0, NodeState.OCCLUDED: 1, NodeState.VISIBLE: 2}
_DECIMALS: Final = 3


class Segment(NamedTuple):
    """A shape in COCO's words."""

    segmentation: Segmentation
    area_px: float
    own: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    keypoints: list[float] | msgspec.UnsetType = msgspec.UNSET
    labelled: int | msgspec.UnsetType = msgspec.UNSET
    """Number of keypoints that are not outside."""
    loss: str = ""
    """Kind of loss; empty for none."""


def segment_of(shape: Form, *, width_px: int, height_px: int, node_ids: Sequence[str]) -> Segment:
    """Return a shape in COCO's words.

    Args:
        shape: Any but a box.
        width_px: Of the image; 0 when it is not known.
        height_px: Likewise.
        node_ids: Names of the keypoints of the shape's category.
    """
    if isinstance(shape, PolygonForm):
        return _polygon(shape, width_px, height_px)
    if isinstance(shape, MaskForm):
        return Segment(_rle(shape, width_px, height_px, shape.bounds_xyxy()), shape.area_px())
    if isinstance(shape, SkeletonForm):
        return _skeleton(shape, node_ids)
    outline = shape.outline()
    if outline is None:
        is_told = "curves" if isinstance(shape, BezierForm) else "lines_and_points"
        return Segment([], 0.0, own_json(shape), loss=f"{is_told}_in_own_key")
    return Segment([_flat(ring, _DECIMALS) for ring in outline], shape.area_px(), own_json(shape))


def _polygon(shape: PolygonForm, width_px: int, height_px: int) -> Segment:
    if len(shape.rings) == 1:
        return Segment([_flat(shape.rings[0])], shape.area_px())
    bounds = shape.bounds_xyxy()
    width, height = _size(width_px, height_px, bounds)
    mask = mask_of_rings(shape.rings, width_px=width, height_px=height)
    if mask is None:  # it covers the centre of no pixel
        return Segment([_flat(shape.rings[0])], shape.area_px(), own_json(shape), loss="polygon_holes")
    return Segment(_rle(mask, width_px, height_px, bounds), shape.area_px(), own_json(shape))


def _skeleton(shape: SkeletonForm, node_ids: Sequence[str]) -> Segment:
    flat: list[float] = []
    labelled = 0
    is_all_said = [node.node_id for node in shape.nodes] == list(node_ids)
    for node in shape.nodes:
        seen = _VISIBILITY[NodeState(node.state)]
        labelled += seen > 0
        if seen:
            flat += [*node.at, seen]
        else:
            flat += [0, 0, 0]
            is_all_said = is_all_said and node.at == (0.0, 0.0)
    own = msgspec.UNSET if is_all_said else own_json(shape)
    return Segment([], area_of_box(shape.bounds_xyxy()), own, flat, labelled)


def _rle(mask: MaskForm, width_px: int, height_px: int, bounds: Bounds) -> dict[str, Any]:
    width, height = _size(width_px, height_px, bounds)
    counts = mask_to_columns(mask, width=width, height=height)
    return {"size": [height, width], "counts": pack_counts(counts)}


def _size(width_px: int, height_px: int, bounds: Bounds) -> tuple[int, int]:
    """Return the size of the image, or, when that is not known, one that holds the shape."""
    if width_px > 0 and height_px > 0:
        return width_px, height_px
    return max(math.ceil(bounds[2]), 1), max(math.ceil(bounds[3]), 1)


def _flat(ring: Sequence[XY], decimals: int | None = None) -> list[float]:
    if decimals is None:
        return [value for point in ring for value in point]
    return [round(value, decimals) for point in ring for value in point]
