"""The shape, or shapes, that one COCO annotation means.

- A ``segmentation`` of one polygon is a polygon. Of several polygons it is one mask of what any of them covers (a pixel
  is inside when its centre is), as one object stays one object; or, when asked for, a group of polygons.
- RLE, packed or as a list, is a mask, exact to the pixel.
- ``keypoints`` are a skeleton, unless none of them is labelled. An outline, or a box that is not the one around the
  keypoints, is a further shape of the same object.
- A shape that goldsmith wrote under its own key is taken while the rest still says the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec

from goldsmith.core.errors import InvalidInputError
from goldsmith.core.geometry import AnyShape, Box, Mask, NodeState, Polygon, Skeleton
from goldsmith.core.geometry.measures import XY, bounds_of_ring
from goldsmith.core.geometry.raster import mask_of_shape
from goldsmith.formats.coco.documents import CocoAnnotation, CocoRle
from goldsmith.formats.coco.rle import unpack_counts
from goldsmith.formats.own import is_near, is_same_path, read_own
from goldsmith.formats.runs import mask_from_columns
from goldsmith.formats.shapes import (
    box_from_corners,
    checked,
    fitted,
    mask_of_parts,
    pairs,
    polygon_from_rings,
)
from goldsmith.formats.types import ReadOptions

STATES: Final = (NodeState.OUTSIDE, NodeState.OCCLUDED, NodeState.VISIBLE)
"""What COCO's visibilities 0, 1 and 2 mean."""

_EMPTY: Final = (b"", b"null", b"[]", b"[[]]")
_Size = tuple[int, int]
_NO_SHAPE: Final = "it has neither a bbox nor a segmentation nor keypoints that can be read"


def shapes_of(
    record: CocoAnnotation, *, node_ids: Sequence[str], size: _Size, options: ReadOptions
) -> tuple[list[AnyShape], str]:
    """Return the shapes of an annotation, and a warning when something of them is lost.

    Args:
        record: The annotation.
        node_ids: Names of its category's keypoints.
        size: Width and height of the image in pixels.
        options: ``prefer`` and ``parts`` count.

    Raises:
        InvalidInputError: It has no shape that can be read.
    """
    if options.prefer == "box":
        return [_as_box(record, size)], ""
    if record.keypoints is None and bytes(record.segmentation) in _EMPTY and not bytes(record.goldsmith):
        return [_bbox(record, size)], ""  # what most detection sets are made of
    segmentation, warning = _segmentation(record, size)
    skeleton = _skeleton(record, node_ids, size)
    own = _own(record, segmentation, skeleton, size)
    if own is not None:
        return [own], ""
    outline, told = _outline(record, segmentation, size, options)
    warning = warning or told
    if skeleton is None:
        return outline or [_bbox(record, size)], warning
    if outline or record.bbox is None:
        return [skeleton, *outline], warning
    left, top, across, down = _four(record.bbox)
    is_around = is_near(skeleton.bounds_xyxy(), (left, top, left + across, top + down))
    return [skeleton] if is_around else [skeleton, _bbox(record, size)], warning


class _Outline(NamedTuple):
    """A segmentation as it stands in the file: rings, or a mask."""

    parts: list[list[XY]]
    shape: Polygon | Mask | None
    """None where there are several rings."""


def _segmentation(record: CocoAnnotation, size: _Size) -> tuple[_Outline | None, str]:
    """Return what can be read; None with a warning when it cannot be but there is a box."""
    raw = bytes(record.segmentation)
    if raw in _EMPTY:
        return None, ""
    try:
        outline = _decoded(raw, size)
    except (msgspec.MsgspecError, RecursionError, InvalidInputError) as error:
        if record.bbox is None:
            raise InvalidInputError(f"its segmentation cannot be read: {error}") from error
        return None, f"its segmentation cannot be read ({error}); it is kept as its box"
    return outline, ""


def _decoded(raw: bytes, size: _Size) -> _Outline | None:
    if raw.lstrip().startswith(b"{"):
        return _Outline([], _mask(raw, size))
    flat = [part for part in msgspec.json.decode(raw, type=list[list[float]]) if part]
    parts = [pairs(part, what="polygon", at_least=3) for part in flat]
    if len(parts) == 1:
        return _Outline(parts, polygon_from_rings(parts, width=size[0], height=size[1]))
    return _Outline(parts, None) if parts else None


def _mask(raw: bytes, size: _Size) -> Mask:
    rle = msgspec.json.decode(raw, type=CocoRle)
    height, width = rle.size
    if size != (0, 0) and size != (width, height):
        raise InvalidInputError(
            f"the RLE is for an image of {width} x {height} pixels, this one has {size[0]} x {size[1]}"
        )
    counts = unpack_counts(rle.counts) if isinstance(rle.counts, str) else rle.counts
    return mask_from_columns(counts, width=width, height=height)


def _skeleton(record: CocoAnnotation, node_ids: Sequence[str], size: _Size) -> Skeleton | None:
    numbers = record.keypoints or []
    if not any(numbers[2::3]):
        return None
    if not node_ids or len(numbers) != 3 * len(node_ids):
        raise InvalidInputError(
            f"it has {len(numbers)} numbers for keypoints; its category names {len(node_ids)} keypoints, "
            "each of which needs x, y and a visibility"
        )
    if not all(seen in (0, 1, 2) for seen in numbers[2::3]):
        raise InvalidInputError("the visibility of a keypoint must be 0, 1 or 2")
    places = pairs(
        [value for at in range(0, len(numbers), 3) for value in numbers[at : at + 2]],
        what="skeleton",
        at_least=1,
    )
    nodes = [
        {"node_id": node_id, "at": place, "state": STATES[int(seen)]}
        for node_id, place, seen in zip(node_ids, places, numbers[2::3], strict=True)
    ]
    return fitted(checked(Skeleton, {"nodes": nodes}), width=size[0], height=size[1])


def _own(
    record: CocoAnnotation, segmentation: _Outline | None, skeleton: Skeleton | None, size: _Size
) -> AnyShape | None:
    """Return the shape that goldsmith wrote, while the rest of the record says the same."""
    own = read_own(record.goldsmith)
    if own is None:
        return None
    if isinstance(own, Skeleton):
        is_same = skeleton is not None and _seen(own) == _seen(skeleton)
    elif segmentation is None:
        left, top, across, down = _four(record.bbox or [])
        is_same = is_near(own.bounds_xyxy(), (left, top, left + across, top + down))
    elif isinstance(segmentation.shape, Mask):
        is_same = mask_of_shape(own, width_px=size[0], height_px=size[1]) == segmentation.shape
    else:
        rings = own.outline() or []
        is_same = len(rings) == len(segmentation.parts) and all(
            is_same_path(ring, part) for ring, part in zip(rings, segmentation.parts, strict=True)
        )
    return own if is_same else None


def _seen(skeleton: Skeleton) -> list[tuple[str, str, tuple[float, float]]]:
    return [
        (node.node_id, node.state, node.at) for node in skeleton.nodes if node.state is not NodeState.OUTSIDE
    ]


def _outline(
    record: CocoAnnotation, segmentation: _Outline | None, size: _Size, options: ReadOptions
) -> tuple[list[AnyShape], str]:
    width, height = size
    if segmentation is None:
        return [], ""
    if segmentation.shape is not None:
        return [segmentation.shape], ""
    if options.parts == "group":
        return [polygon_from_rings([part], width=width, height=height) for part in segmentation.parts], ""
    mask = mask_of_parts(segmentation.parts, width=width, height=height)
    if mask is not None:
        return [mask], ""
    return [_as_box(record, size)], "its outline covers the centre of no pixel; it is kept as its box"


def _as_box(record: CocoAnnotation, size: _Size) -> Box:
    if record.bbox is not None:
        return _bbox(record, size)
    segmentation, _ = _segmentation(record, size)
    if segmentation is None:
        raise InvalidInputError(_NO_SHAPE)
    if isinstance(segmentation.shape, Mask):
        bounds = segmentation.shape.bounds_xyxy()
    else:
        bounds = bounds_of_ring([point for part in segmentation.parts for point in part])
    return box_from_corners(bounds, width=size[0], height=size[1])


def _bbox(record: CocoAnnotation, size: _Size) -> Box:
    if record.bbox is None:
        raise InvalidInputError(_NO_SHAPE)
    return _own_corners(record) or box_of_xywh(record.bbox, width=size[0], height=size[1])


def _own_corners(record: CocoAnnotation) -> Box | None:
    """Return the exact corners that goldsmith wrote, when they still say the same as the bbox."""
    corners, bbox = record.box_xyxy, record.bbox
    if corners is None or bbox is None or len(corners) != 4 or len(bbox) != 4:
        return None
    left, top, right, bottom = corners
    said = (left, top, right - left, bottom - top)
    is_same = all(abs(a - b) <= 1e-3 for a, b in zip(said, bbox, strict=True))
    return box_from_corners((left, top, right, bottom), width=0, height=0) if is_same else None


def box_of_xywh(box: list[float], *, width: int, height: int) -> Box:
    """Return the box of ``[left, top, width, height]``, cut to the image.

    Raises:
        InvalidInputError: It is none.
    """
    left, top, across, down = _four(box)
    return box_from_corners((left, top, left + across, top + down), width=width, height=height)


def _four(box: list[float]) -> tuple[float, float, float, float]:
    if len(box) != 4:
        raise InvalidInputError("a bbox needs four numbers: left, top, width, height")
    return box[0], box[1], box[2], box[3]
