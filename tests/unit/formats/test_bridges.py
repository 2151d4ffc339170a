from __future__ import annotations

import pytest
from hypothesis import given, settings

from goldsmith.core.geometry import Mask, Polygon
from goldsmith.core.geometry.raster import mask_of_rings
from goldsmith.formats.bridges import joined, parted, parted_as_polygon
from tests.unit.formats.made import (
    HEIGHT,
    WIDTH,
    canonical_rings,
    masks,
    polygons_with_holes,
    rounded_polygons,
)

_SQUARE = [(0.0, 0.0), (20.0, 0.0), (20.0, 20.0), (0.0, 20.0)]
_HOLE = [(5.0, 5.0), (9.0, 5.0), (9.0, 9.0)]


@given(masks())
@settings(max_examples=60, deadline=None)
def test_parts_and_holes_of_a_mask_are_one_ring_that_covers_the_same(mask: Mask) -> None:
    polygons = mask.polygons()
    ring = joined(polygons)
    assert mask_of_rings([ring], width_px=WIDTH, height_px=HEIGHT) == mask
    assert canonical_rings(parted(ring)) == canonical_rings([entry for rings in polygons for entry in rings])


@given(polygons_with_holes())
@settings(max_examples=40, deadline=None)
def test_holes_come_back_behind_their_outer_ring(polygon: Polygon) -> None:
    ring = joined([polygon.rings])
    assert mask_of_rings([ring], width_px=WIDTH, height_px=HEIGHT) == mask_of_rings(
        polygon.rings, width_px=WIDTH, height_px=HEIGHT
    )
    back = parted_as_polygon(ring)
    assert back[0] == polygon.rings[0]
    assert canonical_rings(back) == canonical_rings(polygon.rings)


@given(rounded_polygons())
@settings(max_examples=60, deadline=None)
def test_a_ring_without_bridges_stays_as_it_is(polygon: Polygon) -> None:
    assert parted_as_polygon(polygon.rings[0]) == polygon.rings


@pytest.mark.parametrize("order", [1, -1])
def test_both_fill_rules_agree_whichever_way_the_hole_goes(order: int) -> None:
    ring = joined([[_SQUARE, _HOLE[::order]]])
    turns = 0  # of the ring around a place in the hole: 0, so that the non-zero rule leaves it out too
    x, y = 8.0, 6.0
    for (x0, y0), (x1, y1) in zip(ring, [*ring[1:], ring[0]], strict=True):
        if (y0 > y) != (y1 > y) and x < x0 + (y - y0) / (y1 - y0) * (x1 - x0):
            turns += 1 if y1 > y0 else -1
    assert turns == 0


def test_parts_beside_each_other_stay_one_ring() -> None:
    apart = [(x + 30.0, y) for x, y in _SQUARE]
    ring = joined([[_SQUARE], [apart]])
    assert len(parted(ring)) == 2
    assert parted_as_polygon(ring) == [ring]


def test_brackets_that_do_not_match_are_left_alone() -> None:
    a, b, c, d = (0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0)
    for ring in ([a, b, a, c], [a, b, c, b, a, d], [a, b, c, a, b, c], [a, a, b, c]):
        assert parted(ring) == [ring]
