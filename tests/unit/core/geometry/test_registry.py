"""What holds for shapes of every kind."""

from __future__ import annotations

import pytest
from hypothesis import given
from pydantic import ValidationError

from goldsmith.core.errors import InvalidInputError
from goldsmith.core.geometry import GEOMETRY_KINDS, AnyShape, Box, clip_to_image, parse_geometry
from goldsmith.core.geometry.measures import area_of_box, has_extent
from tests.unit.core.geometry.strategies import SHAPES_BY_KIND, shapes

NODE = {"at": [0, 0], "handle_in": [0, 0], "handle_out": [0, 0]}


@pytest.mark.parametrize(
    "raw",
    [
        {"kind": "box", "box_xyxy": [5, 5, 5, 9]},
        {"kind": "box", "box_xyxy": [0, 0, float("nan"), 9]},
        {"kind": "box", "box_xyxy": [0, 0, 1e9, 9]},
        {"kind": "polygon", "rings": [[[0, 0], [1, 1]]]},
        {"kind": "polygon", "rings": [[[0, 0], [1, 0], [2, 0]]]},
        {"kind": "polygon", "rings": [[[0, 0]] * 100_001]},
        {"kind": "rotated_box", "center_xy": [0, 0], "size_wh": [0, 5], "angle_deg": 0},
        {"kind": "rotated_box", "center_xy": [0, 0], "size_wh": [5, 5], "angle_deg": 360},
        {"kind": "rotated_box", "center_xy": [1e7, 0], "size_wh": [5, 5], "angle_deg": 0},
        {"kind": "rotated_box", "center_xy": [1e6, 0], "size_wh": [1e-12, 5], "angle_deg": 0},
        {"kind": "polyline", "points": [[0, 0]]},
        {"kind": "polyline", "points": [[1, 1], [1, 1]]},
        {"kind": "bezier", "nodes": [NODE], "is_closed": False},
        {"kind": "bezier", "nodes": [NODE, NODE], "is_closed": True},
        {"kind": "bezier", "nodes": [NODE] * 10_001},
        {"kind": "mask", "origin_xy": [0, 0], "size_wh": [2, 2], "runs": [0, 3]},
        {"kind": "mask", "origin_xy": [0, 0], "size_wh": [2, 2], "runs": [4]},
        {"kind": "mask", "origin_xy": [0, 0], "size_wh": [2, 2], "runs": [0, 2, 0, 2]},
        {"kind": "mask", "origin_xy": [0, 0], "size_wh": [2, 2], "runs": [2, 2]},
        {"kind": "mask", "origin_xy": [0, 0], "size_wh": [2, 2], "runs": [0, 2, 2]},
        {"kind": "mask", "origin_xy": [0, 0], "size_wh": [2, 2], "runs": [1, 1, 1, 1]},
        {"kind": "mask", "origin_xy": [0, 0], "size_wh": [2, 2], "runs": [0, 1, 1, 1, 1]},
        {"kind": "mask", "origin_xy": [0.5, 0], "size_wh": [1, 1], "runs": [0, 1]},
        {"kind": "mask", "origin_xy": [0, 0], "size_wh": [65_536, 1], "runs": [0, 65_536]},
        {"kind": "mask", "origin_xy": [0, 0], "size_wh": [2000, 1001], "runs": [0, *[1] * 2_002_000]},
        {"kind": "mask", "origin_xy": [0, 0], "size_wh": [2, 1], "runs": [-1, 3]},
        {"kind": "ellipse", "center_xy": [0, 0], "radii_xy": [5, -1], "angle_deg": 0},
        {"kind": "ellipse", "center_xy": [0, 0], "radii_xy": [5, 1], "angle_deg": 180},
        {"kind": "point", "point_xy": [0]},
        {"kind": "skeleton", "nodes": []},
        {"kind": "skeleton", "nodes": [{"node_id": "a", "at": [0, 0], "state": "outside"}]},
        {"kind": "skeleton", "nodes": [{"node_id": "a", "at": [0, 0], "state": "gone"}]},
        {"kind": "skeleton", "nodes": [{"node_id": "a", "at": [0, 0]}, {"node_id": "a", "at": [1, 0]}]},
        {"kind": "cuboid", "corners": [[0, 0]] * 8},
        {"kind": "cuboid", "corners": [[0, 0], [1, 0], [1, 1], [0, 1]]},
        {"kind": "blob"},
        "box",
    ],
)
def test_what_is_no_shape_is_refused(raw: object) -> None:
    with pytest.raises(InvalidInputError):
        parse_geometry(raw)


def test_every_kind_in_the_list_is_tested() -> None:
    assert tuple(SHAPES_BY_KIND) == GEOMETRY_KINDS


def test_unknown_fields_are_refused() -> None:
    with pytest.raises(ValidationError):
        Box.model_validate({"kind": "box", "box_xyxy": [0, 0, 1, 1], "extra": 1})


@given(shapes)
def test_every_shape_survives_the_wire(shape: AnyShape) -> None:
    raw = shape.model_dump(mode="json")
    assert next(iter(raw)) == "kind"
    assert parse_geometry(raw) == shape


@given(shapes)
def test_an_outline_covers_what_the_shape_covers(shape: AnyShape) -> None:
    outline, area = shape.outline(), shape.area_px()
    bounds = shape.bounds_xyxy()
    if outline is None:
        assert area == 0.0
        return
    assert area <= area_of_box(bounds) * (1 + 1e-9) or shape.kind in (
        "polygon",
        "bezier",
    )  # these may cross themselves
    left, top, right, bottom = bounds
    slack = 1e-6 * max(1.0, *(abs(value) for value in bounds))
    for x, y in (point for ring in outline for point in ring):
        is_hole_of_polygon = shape.kind == "polygon" and (x, y) not in outline[0]
        assert is_hole_of_polygon or (
            left - slack <= x <= right + slack and top - slack <= y <= bottom + slack
        )


@given(shapes)
def test_moving_moves_the_bounds_and_keeps_the_area(shape: AnyShape) -> None:
    moved = shape.translate(16, -8)
    assert moved.kind == shape.kind
    left, top, right, bottom = shape.bounds_xyxy()
    down = 0 if shape.kind == "span" else -8  # a text is one row
    assert moved.bounds_xyxy() == pytest.approx((left + 16, top + down, right + 16, bottom + down), abs=1e-3)
    assert moved.area_px() == pytest.approx(shape.area_px(), rel=1e-5, abs=0.1)


@given(shapes)
def test_clipping_keeps_the_kind_and_stays_in_the_image_or_whole(shape: AnyShape) -> None:
    clipped = clip_to_image(shape, width_px=200, height_px=100)
    left, top, right, bottom = shape.bounds_xyxy()
    is_inside = left >= 0 and top >= 0 and right <= 200 and bottom <= 100
    if clipped is None:
        assert not is_inside
        return
    assert clipped.kind == shape.kind
    if clipped.kind in ("rotated_box", "ellipse", "cuboid", "bezier"):
        assert clipped == shape
    else:
        left, top, right, bottom = clipped.bounds_xyxy()
        assert left >= 0 and top >= 0 and right <= 200 and bottom <= 100
    if is_inside and shape.kind not in ("polygon", "skeleton", "polyline"):
        assert clipped == shape
    assert clip_to_image(clipped, width_px=200, height_px=100) == clipped


@given(shapes)
def test_what_lies_wholly_outside_is_no_more(shape: AnyShape) -> None:
    away = 20_000 if shape.kind == "span" else -20_000  # nothing lies before a text
    assert clip_to_image(shape.translate(away, 0), width_px=200, height_px=100) is None


@given(shapes)
def test_only_shapes_with_extent_cover_an_area(shape: AnyShape) -> None:
    assert (shape.outline() is None) == (
        shape.kind in ("polyline", "point", "skeleton")
        or (shape.kind == "bezier" and not shape.model_dump()["is_closed"])
    )
    if shape.outline() is not None:
        assert has_extent(shape.bounds_xyxy())
