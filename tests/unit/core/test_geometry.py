import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from goldsmith.core.errors import InvalidInputError
from goldsmith.core.geometry import GEOMETRY_KINDS, Box, Polygon, clip_to_image, parse_geometry

coordinates = st.floats(-1000, 1000, allow_nan=False, width=32)


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    left, top = draw(coordinates), draw(coordinates)
    width, height = draw(st.floats(0.5, 500)), draw(st.floats(0.5, 500))
    return Box(box_xyxy=(left, top, left + width, top + height))


@given(boxes())
def test_a_box_survives_the_wire(box: Box) -> None:
    assert parse_geometry(box.model_dump(mode="json")) == box


@given(boxes())
def test_a_box_and_the_polygon_of_its_corners_agree(box: Box) -> None:
    left, top, right, bottom = box.box_xyxy
    polygon = Polygon(rings=[[(left, top), (right, top), (right, bottom), (left, bottom)]])
    assert polygon.bounds_xyxy() == box.bounds_xyxy()
    assert math.isclose(polygon.area_px(), box.area_px(), rel_tol=1e-6, abs_tol=1e-3)


@given(boxes())
def test_clipping_stays_inside_and_never_grows(box: Box) -> None:
    clipped = clip_to_image(box, width_px=200, height_px=100)
    if clipped is None:
        left, top, right, bottom = box.box_xyxy
        assert right <= 0 or bottom <= 0 or left >= 200 or top >= 100
    else:
        left, top, right, bottom = clipped.bounds_xyxy()
        assert left >= 0 and top >= 0 and right <= 200 and bottom <= 100
        assert clipped.area_px() <= box.area_px() + 1e-9


def test_holes_are_taken_off_the_area() -> None:
    outer = [(0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0)]
    hole = [(2.0, 2.0), (4.0, 2.0), (4.0, 4.0), (2.0, 4.0)]
    assert Polygon(rings=[outer, hole]).area_px() == 96.0


@pytest.mark.parametrize(
    "raw",
    [
        {"kind": "box", "box_xyxy": [5, 5, 5, 9]},
        {"kind": "box", "box_xyxy": [0, 0, float("nan"), 9]},
        {"kind": "box", "box_xyxy": [0, 0, 1e9, 9]},
        {"kind": "polygon", "rings": [[[0, 0], [1, 1]]]},
        {"kind": "polygon", "rings": [[[0, 0], [1, 0], [2, 0]]]},
        {"kind": "blob"},
        "box",
    ],
)
def test_what_is_no_shape_is_refused(raw: object) -> None:
    with pytest.raises(InvalidInputError):
        parse_geometry(raw)


def test_every_kind_in_the_list_can_be_parsed() -> None:
    examples = {
        "box": {"kind": "box", "box_xyxy": [0, 0, 1, 1]},
        "polygon": {"kind": "polygon", "rings": [[[0, 0], [1, 0], [0, 1]]]},
    }
    assert set(examples) == set(GEOMETRY_KINDS)
    for kind, raw in examples.items():
        assert parse_geometry(raw).kind == kind


def test_unknown_fields_are_refused() -> None:
    with pytest.raises(ValidationError):
        Box.model_validate({"kind": "box", "box_xyxy": [0, 0, 1, 1], "extra": 1})
