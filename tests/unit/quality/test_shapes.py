"""Shapes of labels as the science compares them, and back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

from goldsmith.core.geometry import AnyShape, PointShape, Skeleton
from goldsmith.quality.shapes import form_of, moved_to, rings_of, scales_of_images
from goldsmith.science.forms import Spots, form_similarity
from tests.unit.core.geometry.strategies import shapes


@given(shapes)
def test_every_shape_is_a_box_has_rings_or_has_a_form(shape: AnyShape) -> None:
    rings, form = rings_of(shape), form_of(shape, scale_px=8)
    assert (shape.kind in ("box", "span")) == (rings is None and form is None)
    assert rings is None or form is None
    if form is not None:
        assert form_similarity(form, form) == pytest.approx(1)


@given(shapes)
def test_places_come_back_as_they_were(shape: AnyShape) -> None:
    form = form_of(shape, scale_px=8)
    spots = form if isinstance(form, Spots) else None
    assert (spots is not None) == isinstance(shape, PointShape | Skeleton)
    assert moved_to(shape, spots) == shape


def test_the_scale_follows_the_image() -> None:
    bounds = np.array([[0, 0, 10, 10], [0, 0, 3000, 4000], [-2000, 0, -1000, 0]], dtype=np.float64)
    assert scales_of_images([0, 1, 2], bounds) == {0: 8.0, 1: 50.0, 2: 10.0}
