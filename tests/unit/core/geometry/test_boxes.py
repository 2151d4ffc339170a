import math

from hypothesis import given

from goldsmith.core.geometry import Box, Polygon, clip_to_image, parse_geometry
from tests.unit.core.geometry.strategies import boxes


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
