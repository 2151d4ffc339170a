"""Every kind gives the numbers that were derived without it; the workbench is held to the same ones."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from goldsmith.core.geometry import GEOMETRY_KINDS, Mask, parse_geometry
from goldsmith.core.geometry.raster import mask_of_rings, pixels_of_rings
from goldsmith.core.geometry.shape import FLATNESS_PX, Form
from goldsmith.core.plain import PlainGeometry

CASES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[3] / "golden" / "geometry.json").read_text(encoding="utf-8")
)
CURVES = ("bezier", "ellipse")
SLACK_PX = 0.05

XY = Sequence[float]


def distance_px(point: XY, ring: Sequence[XY]) -> float:
    """To the nearest side of a ring."""
    best = math.inf
    x0, y0 = ring[-1]
    for x1, y1 in ring:
        dx, dy = x1 - x0, y1 - y0
        length = dx * dx + dy * dy
        share = 0.0 if length == 0 else ((point[0] - x0) * dx + (point[1] - y0) * dy) / length
        share = min(max(share, 0.0), 1.0)
        best = min(best, math.hypot(x0 + share * dx - point[0], y0 + share * dy - point[1]))
        x0, y0 = x1, y1
    return best


def from_first(ring: Sequence[XY]) -> list[tuple[float, float]]:
    points = [(round(x, 4) + 0.0, round(y, 4) + 0.0) for x, y in ring]
    first = points.index(min(points))
    return points[first:] + points[:first]


@pytest.fixture(params=CASES, ids=lambda case: case["name"])
def case(request: pytest.FixtureRequest) -> dict[str, Any]:
    found: dict[str, Any] = request.param
    return found


@pytest.fixture(params=["model", "plain"])
def shape(request: pytest.FixtureRequest, case: dict[str, Any]) -> Form:
    if request.param == "model":
        return parse_geometry(case["geometry"])
    return msgspec.json.decode(json.dumps(case["geometry"]), type=PlainGeometry)


def test_bounds_and_area(shape: Form, case: dict[str, Any]) -> None:
    assert shape.bounds_xyxy() == pytest.approx(case["bounds_xyxy"], abs=1.5e-6)
    assert shape.area_px() == pytest.approx(case["area_px"], rel=1e-4, abs=1e-6)


def test_inside_or_outside(shape: Form, case: dict[str, Any]) -> None:
    assert [[x, y, shape.contains(x, y)] for x, y, _ in case["contains"]] == case["contains"]


def test_outline(shape: Form, case: dict[str, Any]) -> None:
    outline, wanted = shape.outline(), case["polygon_rings"]
    if wanted is None or outline is None:
        assert outline == wanted
    elif case["geometry"]["kind"] in CURVES:
        assert len(outline) == len(wanted)
        for ring, fine in zip(outline, wanted, strict=True):
            assert max(distance_px(point, fine) for point in ring) <= SLACK_PX
            assert max(distance_px(point, ring) for point in fine) <= FLATNESS_PX + SLACK_PX
    else:
        assert [from_first(ring) for ring in outline] == [from_first(ring) for ring in wanted]


def test_pixels_of_outlines_are_those_whose_centres_lie_inside(case: dict[str, Any]) -> None:
    if case["polygon_rings"] is None or case["area_px"] > 50_000:
        return
    found = parse_geometry(case["geometry"])
    pixels = pixels_of_rings(found.outline() or [], width_px=300, height_px=250)
    for x, y in ((3, 3), (40, 33), (7, 9), (60, 40), (25, 60)):
        assert pixels[y, x] == found.contains(x + 0.5, y + 0.5)
    if isinstance(found, Mask) and found.origin_xy[0] >= 0:
        assert mask_of_rings(case["polygon_rings"], width_px=300, height_px=250) == found


def test_every_kind_has_cases() -> None:
    counts = Counter(case["geometry"]["kind"] for case in CASES)
    assert set(counts) == set(GEOMETRY_KINDS)
    assert len(CASES) >= 40
    assert min(counts.values()) >= 2
