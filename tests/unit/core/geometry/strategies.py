"""Shapes of every kind, for property tests; used by every room that holds shapes."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from goldsmith.core.geometry import (
    AnyShape,
    Bezier,
    BezierNode,
    Box,
    Cuboid,
    Ellipse,
    Mask,
    NodeState,
    PointShape,
    Polygon,
    Polyline,
    RotatedBox,
    Skeleton,
    SkeletonNode,
    Span,
)
from goldsmith.core.geometry.raster import mask_of_pixels

coordinates = st.floats(-1000, 1000, allow_nan=False, width=32)
points = st.tuples(coordinates, coordinates)
lengths = st.floats(0.5, 500, width=32)


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    left, top = draw(coordinates), draw(coordinates)
    return Box(box_xyxy=(left, top, left + draw(lengths), top + draw(lengths)))


@st.composite
def polygons(draw: st.DrawFn) -> Polygon:
    (x, y), width, height = draw(points), draw(lengths), draw(lengths)
    outer = [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
    more = draw(st.lists(st.lists(points, min_size=3, max_size=5), max_size=2))
    return Polygon(rings=[outer, *more])


@st.composite
def rotated_boxes(draw: st.DrawFn) -> RotatedBox:
    angle = draw(st.floats(0, 360, exclude_max=True) | st.sampled_from([0.0, 90.0, 180.0, 270.0]))
    return RotatedBox(center_xy=draw(points), size_wh=(draw(lengths), draw(lengths)), angle_deg=angle)


@st.composite
def polylines(draw: st.DrawFn) -> Polyline:
    line = draw(st.lists(points, min_size=1, max_size=6))
    return Polyline(points=[*line, (line[0][0] + draw(lengths), line[0][1])])


@st.composite
def beziers(draw: st.DrawFn) -> Bezier:
    x, y = draw(points)
    places = [(x, y), (x + draw(lengths), y + draw(lengths)), *draw(st.lists(points, max_size=3))]
    nodes = [
        BezierNode(at=at, handle_in=draw(points | st.just(at)), handle_out=draw(points | st.just(at)))
        for at in places
    ]
    return Bezier(nodes=nodes, is_closed=draw(st.booleans()))


@st.composite
def masks(draw: st.DrawFn) -> Mask:
    width, height = draw(st.integers(1, 8)), draw(st.integers(1, 8))
    bits = draw(st.lists(st.booleans(), min_size=width * height, max_size=width * height))
    pixels = np.array(bits).reshape(height, width)
    pixels[draw(st.integers(0, height - 1)), draw(st.integers(0, width - 1))] = True
    origin = (draw(st.integers(-20, 500)), draw(st.integers(-20, 500)))
    mask = mask_of_pixels(pixels, origin_xy=origin)
    assert mask is not None
    return mask


@st.composite
def ellipses(draw: st.DrawFn) -> Ellipse:
    angle = draw(st.floats(0, 180, exclude_max=True) | st.sampled_from([0.0, 90.0]))
    return Ellipse(center_xy=draw(points), radii_xy=(draw(lengths), draw(lengths)), angle_deg=angle)


point_shapes = st.builds(PointShape, point_xy=points)


@st.composite
def skeletons(draw: st.DrawFn, names: tuple[str, ...] = ("head", "neck", "tail")) -> Skeleton:
    nodes = [
        SkeletonNode(node_id=name, at=draw(points), state=draw(st.sampled_from(NodeState))) for name in names
    ]
    seen = draw(st.integers(0, len(names) - 1))
    nodes[seen] = nodes[seen].changed(state=NodeState.VISIBLE)
    return Skeleton(nodes=nodes)


@st.composite
def cuboids(draw: st.DrawFn) -> Cuboid:
    (x, y), width, height = draw(points), draw(lengths), draw(lengths)
    front = [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
    return Cuboid(corners=[*front, *(draw(points) for _ in range(4))])


@st.composite
def spans(draw: st.DrawFn) -> Span:
    start = draw(st.integers(0, 1000))
    return Span(start=start, end=start + draw(st.integers(1, 200)))


SHAPES_BY_KIND: dict[str, st.SearchStrategy[Any]] = {
    "box": boxes(),
    "polygon": polygons(),
    "rotated_box": rotated_boxes(),
    "polyline": polylines(),
    "bezier": beziers(),
    "mask": masks(),
    "ellipse": ellipses(),
    "point": point_shapes,
    "skeleton": skeletons(),
    "cuboid": cuboids(),
    "span": spans(),
}

shapes: st.SearchStrategy[AnyShape] = st.one_of(*SHAPES_BY_KIND.values())
