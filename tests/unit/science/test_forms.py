"""Places, lines and pixels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldsmith.core.errors import InvalidInputError
from goldsmith.core.geometry.masks import Mask
from goldsmith.core.geometry.raster import mask_of_pixels, pixels_in_image, pixels_of_rings
from goldsmith.science.forms import HIDDEN, OUTSIDE, VISIBLE, Line, Pixels, Spots, form_similarity
from goldsmith.science.marks import Marks
from goldsmith.science.matching import cluster_marks
from goldsmith.science.shape_similarity import paired_similarity
from tests.unit.core.geometry.strategies import masks


def spot(x: float, y: float, scale_px: float = 10.0) -> Spots:
    return Spots.of(points=[[x, y]], state=[VISIBLE], scale_px=scale_px)


def pixels(mask: Mask) -> Pixels:
    return Pixels.of_spans(mask.spans())


@given(masks(), masks())
def test_overlap_of_pixels_is_that_of_arrays(one: Mask, other: Mask) -> None:
    other = other.translate(one.origin_xy[0] - other.origin_xy[0] + 1, one.origin_xy[1] - other.origin_xy[1])
    one, other = one.translate(30, 30), other.translate(30, 30)
    first, second = (pixels_in_image(mask, width_px=600, height_px=600) for mask in (one, other))
    wanted = (first & second).sum() / (first | second).sum()
    assert form_similarity(pixels(one), pixels(other)) == pytest.approx(wanted)
    assert form_similarity(pixels(other), pixels(one)) == pytest.approx(wanted)
    assert form_similarity(pixels(one), pixels(one)) == 1.0


def test_a_polygon_is_filled_as_the_core_fills_it() -> None:
    rng = np.random.default_rng(0)
    for _ in range(30):
        ring = rng.uniform(0, 40, (6, 2))
        filled = mask_of_pixels(pixels_of_rings([[(x, y) for x, y in ring]], width_px=40, height_px=40))
        assert filled is not None
        found, wanted = Pixels.of_rings([ring]), pixels(filled)
        assert (found.begin == wanted.begin).all() and (found.end == wanted.end).all()
    with pytest.raises(InvalidInputError):
        Pixels.of_rings([ring * 1e6])


def test_places_are_alike_by_distance_against_the_scale() -> None:
    assert form_similarity(spot(0, 0), spot(0, 0)) == 1.0
    assert form_similarity(spot(0, 0), spot(10, 0)) == pytest.approx(0.5)
    assert form_similarity(spot(0, 0), spot(30, 0)) < 0.01
    assert form_similarity(spot(0, 0, 10), spot(20, 0, 30)) == pytest.approx(0.5)


def test_a_place_that_only_one_sees_is_not_alike() -> None:
    both = [[0.0, 0.0], [50.0, 0.0]]
    one = Spots.of(points=both, state=[VISIBLE, HIDDEN], scale_px=5)
    other = Spots.of(points=both, state=[VISIBLE, OUTSIDE], scale_px=5)
    assert form_similarity(one, one) == 1.0
    assert form_similarity(one, other) == 0.5
    assert form_similarity(one, spot(0, 0)) == 0.0


def test_half_a_line_is_half_found_and_direction_does_not_count() -> None:
    whole = Line.of(points=[[0, 0], [100, 0], [200, 0]], scale_px=5)
    half = Line.of(points=[[100, 0], [0, 0]], scale_px=5)
    assert form_similarity(whole, Line.of(points=[[200, 0], [0, 0]], scale_px=5)) == pytest.approx(1)
    assert form_similarity(whole, half) == pytest.approx(0.75, abs=0.03)
    assert form_similarity(whole, Line.of(points=[[0, 5], [200, 5]], scale_px=5)) == pytest.approx(
        0.5, abs=0.01
    )
    assert form_similarity(whole, Line.of(points=[[0, 60], [200, 60]], scale_px=5)) < 0.01
    assert form_similarity(whole, spot(0, 0)) == 0.0


def test_a_line_of_many_points_costs_no_more_than_a_usual_one() -> None:
    x = np.linspace(0, 1000, 100_000)
    line = Line.of(points=np.stack([x, np.sin(x / 50) * 20], axis=1), scale_px=5)
    assert len(line.points) <= 2048
    assert form_similarity(line, line) == pytest.approx(1)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Spots.of(points=[[0, 0]], state=[OUTSIDE], scale_px=1),
        lambda: Spots.of(points=[[0, 0]], state=[VISIBLE, VISIBLE], scale_px=1),
        lambda: Spots.of(points=[[0, 0]], state=[VISIBLE], scale_px=0),
        lambda: Spots.of(points=[[0, float("nan")]], state=[VISIBLE], scale_px=1),
        lambda: Line.of(points=[[0, 0]], scale_px=1),
        lambda: Line.of(points=[[0, 0], [1, 1]], scale_px=0),
        lambda: Marks.of(image=[0], annotator=[0], class_index=[0], box_xyxy=[[0, 0, 1, 1]], forms=[]),
    ],
)
def test_what_does_not_fit_is_refused(make: object) -> None:
    with pytest.raises(InvalidInputError):
        make()  # type: ignore[operator]


def test_marks_without_an_area_are_matched_by_nearness() -> None:
    places = [(100, 100), (104, 103), (300, 100), (297, 102), (101, 99)]
    marks = Marks.of(
        image=[0] * 5,
        annotator=[0, 1, 0, 1, 2],
        class_index=[0] * 5,
        box_xyxy=[[x, y, x, y] for x, y in places],
        forms=[spot(x, y) for x, y in places],
        kind=[7] * 5,
    )
    assert cluster_marks(marks).tolist() == [0, 0, 1, 1, 0]


def test_a_place_is_never_the_same_as_a_box_around_it() -> None:
    marks = Marks.of(
        image=[0, 0],
        annotator=[0, 1],
        class_index=[0, 0],
        box_xyxy=[[5, 5, 5, 5], [4, 4, 6, 6]],
        forms=[spot(5, 5), None],
        kind=[7, 0],
    )
    assert cluster_marks(marks).tolist() in ([0, 1], [1, 0])


def test_pixels_and_polygons_are_compared_by_pixels() -> None:
    mask = Mask(origin_xy=(10, 10), size_wh=(10, 10), runs=[0, 100])
    triangle = [np.array([[10.0, 10.0], [20.0, 10.0], [20.0, 20.0]])]
    huge = [triangle[0] * 1e5]
    marks = Marks.of(
        image=[0] * 4,
        annotator=[0, 1, 2, 3],
        class_index=[0] * 4,
        box_xyxy=[[10, 10, 20, 20]] * 4,
        rings=[None, triangle, None, huge],
        forms=[pixels(mask), None, None, None],
        kind=[5, 1, 0, 1],
    )
    rows = np.array([0, 0, 0]), np.array([1, 2, 3])
    alike = paired_similarity(marks, *rows, box_similarity=np.array([0.9, 0.9, 0.1]))
    assert alike.tolist() == pytest.approx([0.5, 1.0, 0.1], abs=0.06)


@given(st.integers(0, 3))
def test_marks_keep_their_forms_when_they_are_picked_and_joined(row: int) -> None:
    places = [(float(i), 0.0) for i in range(4)]
    marks = Marks.of(
        image=[0] * 4,
        annotator=[0, 1, 2, 3],
        class_index=[0] * 4,
        box_xyxy=[[x, y, x, y] for x, y in places],
        forms=[spot(x, y) for x, y in places],
        kind=[7] * 4,
    )
    box = Marks.of(image=[0], annotator=[9], class_index=[0], box_xyxy=[[0, 0, 5, 5]])
    joined = marks.at(np.array([row])).joined(box)
    assert joined.form_of(0) is marks.form_of(row)
    assert joined.form_of(1) is None
    assert joined.kinds().tolist() == [7, 0]
    assert box.joined(box).kinds().tolist() == [0, 0]
