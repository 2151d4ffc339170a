"""Shapes redrawn as other kinds."""

from __future__ import annotations

import pytest
from hypothesis import given

from goldsmith.core.geometry import (
    GEOMETRY_KINDS,
    AnyShape,
    Box,
    Ellipse,
    Mask,
    PointShape,
    Polygon,
    Polyline,
    RotatedBox,
    parse_geometry,
)
from goldsmith.core.geometry.conversions import TARGETS, can_convert, convert
from tests.unit.core.geometry.strategies import shapes

SQUARE = [(10.0, 10.0), (20.0, 10.0), (20.0, 20.0), (10.0, 20.0)]
HOLE = [(12.0, 12.0), (15.0, 12.0), (15.0, 15.0), (12.0, 15.0)]


def test_the_table_knows_every_kind() -> None:
    assert set(TARGETS) == set(GEOMETRY_KINDS)
    for kind, targets in TARGETS.items():
        assert kind not in targets
        assert set(targets) <= set(GEOMETRY_KINDS)


@given(shapes)
def test_what_is_redrawn_covers_the_same_or_its_bounds(shape: AnyShape) -> None:
    for target in TARGETS[shape.kind]:
        found = convert(shape, [target])
        assert {one.kind for one in found} <= {target}
        if target == "box" and found:
            assert found[0].bounds_xyxy() == shape.bounds_xyxy()
        if target == "polygon" and shape.kind in ("box", "rotated_box", "mask", "cuboid"):
            assert sum(one.area_px() for one in found) == pytest.approx(shape.area_px(), rel=1e-6, abs=1e-2)


def test_a_kind_that_is_allowed_stays() -> None:
    box = Box(box_xyxy=(0, 0, 4, 4))
    assert convert(box, ["polygon", "box"]) == [box]


def test_the_target_that_loses_the_least_is_taken() -> None:
    ellipse = Ellipse(center_xy=(50, 50), radii_xy=(20, 10), angle_deg=30)
    assert [one.kind for one in convert(ellipse, ["box", "polygon"])] == ["polygon"]
    assert convert(ellipse, ["box", "rotated_box"]) == [
        RotatedBox(center_xy=(50, 50), size_wh=(40, 20), angle_deg=30)
    ]


def test_a_mask_in_parts_becomes_as_many_polygons() -> None:
    mask = Mask(origin_xy=(4, 5), size_wh=(3, 2), runs=[0, 1, 1, 2, 1, 1])
    found = convert(mask, ["polygon"])
    assert [one.area_px() for one in found] == [2, 2]


def test_holes_stay_holes() -> None:
    polygon = Polygon(rings=[SQUARE, HOLE])
    (mask,) = convert(polygon, ["mask"])
    assert mask.area_px() == 91
    assert [one.area_px() for one in convert(mask, ["polygon"])] == [91]


def test_masks_end_with_the_image() -> None:
    (mask,) = convert(Polygon(rings=[SQUARE]), ["mask"], size_px=(15, 100))
    assert mask.bounds_xyxy() == (10, 10, 15, 20)


@pytest.mark.parametrize(
    ("shape", "allowed"),
    [
        (Polyline(points=[(3, 3), (3, 9)]), ["box"]),
        (PointShape(point_xy=(3, 3)), ["box", "polygon"]),
        (Polygon(rings=[[(0.6, 0.6), (0.9, 0.6), (0.9, 0.9)]]), ["mask"]),
        (Polygon(rings=[[(i % 2, 60_000.0 * (i % 2)) for i in range(1000)]]), ["mask"]),
        (Ellipse(center_xy=(9e6, 0), radii_xy=(1e6 - 1, 9e6), angle_deg=0), ["mask"]),
    ],
)
def test_what_no_allowed_kind_can_hold_is_none(shape: AnyShape, allowed: list[str]) -> None:
    assert convert(shape, allowed) == []


def test_a_line_becomes_a_path_of_corners_and_back() -> None:
    line = Polyline(points=[(0, 0), (10, 5), (20, 0)])
    (path,) = convert(line, ["bezier"])
    assert convert(path, ["polyline"]) == [line]


def test_what_can_be_converted_is_said_beforehand() -> None:
    assert can_convert("mask", ["box"])
    assert not can_convert("point", GEOMETRY_KINDS)


def test_a_mask_of_few_runs_and_many_pixels_is_traced() -> None:
    side = 65_535
    mask = parse_geometry(
        {"kind": "mask", "origin_xy": [0, 0], "size_wh": [side, side], "runs": [0, side * side]}
    )
    assert [len(one.outline()[0]) for one in convert(mask, ["polygon"])] == [4]  # type: ignore[index]
