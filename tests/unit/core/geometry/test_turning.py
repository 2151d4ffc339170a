"""Shapes of an image stored on its side."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldsmith.core.geometry import AnyShape, Cuboid, Mask, RotatedBox, Span
from goldsmith.core.geometry.turning import Turn
from tests.unit.core.geometry.strategies import shapes

W, H = 300, 200  # as shown
STORED_CORNERS = {  # where the first pixel of the stored image is shown, and which way its rows run
    1: ((0, 0), (1, 0)),
    2: ((W, 0), (-1, 0)),
    3: ((W, H), (-1, 0)),
    4: ((0, H), (1, 0)),
    5: ((0, 0), (0, 1)),
    6: ((W, 0), (0, 1)),
    7: ((W, H), (0, -1)),
    8: ((0, H), (0, -1)),
}
UNDO = {6: 8, 8: 6}


@pytest.mark.parametrize("orientation", range(1, 9))
def test_places_go_where_exif_says(orientation: int) -> None:
    corner, row = STORED_CORNERS[orientation]
    turn = Turn(orientation, W, H)
    assert turn.point((0, 0)) == corner
    assert turn.point((10, 0)) == (corner[0] + 10 * row[0], corner[1] + 10 * row[1])


@given(shapes, st.integers(1, 8))
def test_a_shape_is_turned_as_its_outline_is(shape: AnyShape, orientation: int) -> None:
    turn = Turn(orientation, W, H)
    turned = turn.shape(shape)
    assert turned.kind == shape.kind
    if isinstance(shape, Span):  # of a text, which no camera held askew
        assert turned == shape
        return
    assert turned.area_px() == pytest.approx(shape.area_px(), rel=1e-6, abs=1e-2)
    left, top, right, bottom = shape.bounds_xyxy()
    (x0, y0), (x1, y1) = turn.point((left, top)), turn.point((right, bottom))
    wanted = (min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
    assert turned.bounds_xyxy() == pytest.approx(wanted, abs=1e-6)
    for ring in shape.outline() or ():
        for x, y in ring[:3]:
            place = (x + 0.37, y + 0.21)
            if isinstance(shape, Mask):
                assert turned.contains(*turn.point(place)) == shape.contains(*place)


@given(shapes, st.integers(1, 8))
def test_turning_back_gives_the_same_shape(shape: AnyShape, orientation: int) -> None:
    shown = Turn(orientation, W, H)
    size = (H, W) if orientation >= 5 else (W, H)
    back = Turn(UNDO.get(orientation, orientation), *size)
    again = back.shape(shown.shape(shape))
    assert again.bounds_xyxy() == pytest.approx(shape.bounds_xyxy(), abs=1e-6)
    if isinstance(shape, Mask):
        assert again == shape


def test_a_cuboid_keeps_its_top_left_first() -> None:
    front = [(10.0, 10.0), (50.0, 10.0), (50.0, 40.0), (10.0, 40.0)]
    cuboid = Cuboid(corners=[*front, *((x + 5, y - 5) for x, y in front)])
    turned = Turn(6, W, H).shape(cuboid)
    assert isinstance(turned, Cuboid)
    assert turned.corners[:4] == [(260, 10), (290, 10), (290, 50), (260, 50)]


def test_angles_turn_exactly() -> None:
    box = RotatedBox(center_xy=(50, 50), size_wh=(40, 10), angle_deg=350)
    angles = []
    for orientation in range(1, 9):
        turned = Turn(orientation, W, H).shape(box)
        assert isinstance(turned, RotatedBox)
        angles.append(turned.angle_deg)
    assert angles == [350, 190, 170, 10, 100, 80, 280, 260]
