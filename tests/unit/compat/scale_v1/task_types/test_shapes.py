import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldsmith.compat.scale_v1.task_types.cuboids import (
    CORNERS,
    cuboid_fields,
    edges_of,
    read_cuboid,
    six_vertices,
)
from goldsmith.compat.scale_v1.task_types.reading import Place
from goldsmith.compat.scale_v1.task_types.shapes import TYPE_OF_KIND, read_shape, shape_fields
from goldsmith.compat.scale_v1.task_types.types import ParameterFault
from goldsmith.core.geometry import Cuboid, Ellipse, RotatedBox
from tests.unit.compat.scale_v1.task_types import made


@settings(max_examples=60)
@given(st.one_of(*made.SHAPES.values()))
def test_every_shape_reads_back(shape: object) -> None:
    name = TYPE_OF_KIND[shape.kind]  # type: ignore[attr-defined]
    again = read_shape(name, Place(shape_fields(shape), "a"))  # type: ignore[arg-type]
    assert again.kind == shape.kind  # type: ignore[attr-defined]
    assert again.bounds_xyxy() == pytest.approx(shape.bounds_xyxy())  # type: ignore[attr-defined]


def test_an_ellipse_is_told_by_the_ends_of_its_axes() -> None:
    ellipse = Ellipse(center_xy=(123, 113), radii_xy=(50, 21))
    ends = [{"x": 123, "y": 92}, {"x": 173, "y": 113}, {"x": 123, "y": 134}, {"x": 73, "y": 113}]
    assert shape_fields(ellipse) == {"vertices": ends}
    assert read_shape("ellipse", Place({"vertices": ends}, "a")) == ellipse


def test_rotation_is_clockwise_in_radians() -> None:
    shape = RotatedBox(center_xy=(10, 10), size_wh=(8, 4), angle_deg=30)
    fields = shape_fields(shape)
    assert fields["rotation"] == pytest.approx(math.pi / 6)
    assert read_shape(
        "box", Place({**fields, "rotation": fields["rotation"] - 2 * math.pi}, "a")
    ).bounds_xyxy() == (pytest.approx(shape.bounds_xyxy()))


RECORDED = [
    {"description": "face-topleft", "y": 70, "x": 100, "type": "vertex"},
    {"description": "face-bottomleft", "y": 296, "x": 100, "type": "vertex"},
    {"description": "face-topright", "y": 70, "x": 320, "type": "vertex"},
    {"description": "face-bottomright", "y": 296, "x": 320, "type": "vertex"},
    {"description": "side-topcorner", "y": 82, "x": 441, "type": "vertex"},
    {"description": "side-bottomcorner", "y": 198, "x": 441, "type": "vertex"},
]


def test_six_vertices_make_a_cuboid_and_are_told_again() -> None:
    cuboid = read_cuboid(Place({"vertices": RECORDED}, "a"))
    assert six_vertices(cuboid) == RECORDED
    assert cuboid.corners[5] == (441, 82)
    assert cuboid.corners[4][0] < 441
    assert [edge["description"] for edge in edges_of(cuboid)][:5] == [
        "face-top",
        "face-right",
        "face-bottom",
        "face-left",
        "side-top",
    ]
    assert edges_of(cuboid)[4] == {
        "description": "side-top",
        "x1": 320,
        "y1": 70,
        "x2": 441,
        "y2": 82,
        "type": "edge",
    }


@settings(max_examples=60)
@given(made.cuboids())
def test_any_cuboid_reads_back_from_its_eight_corners(cuboid: Cuboid) -> None:
    fields = cuboid_fields(cuboid)
    assert [entry["description"] for entry in fields["points_2d"]] == list(CORNERS)
    assert read_cuboid(Place(fields, "a")) == cuboid


@settings(max_examples=60)
@given(made.points, made.lengths, made.lengths, made.points, made.lengths)
def test_the_six_vertices_of_a_cuboid_stay(
    corner: tuple[float, float], width: float, height: float, back: tuple[float, float], size: float
) -> None:
    (x, y), (bx, by) = corner, back
    scale = min(size / 100, 1.0)
    front = [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
    behind = [(bx + scale * (px - x), by + scale * (py - y)) for px, py in front]
    told = six_vertices(Cuboid(corners=[*front, *behind]))
    again = six_vertices(read_cuboid(Place({"vertices": told}, "a")))
    assert again == told


@pytest.mark.parametrize(
    ("name", "fields", "reason"),
    [
        ("polygon", {"vertices": [{"x": 1, "y": 1}]}, '"a.vertices" must contain at least 3 items'),
        ("line", {}, '"a.vertices" is required'),
        ("line", {"vertices": [{"x": 1, "y": 1}, {"x": 1}]}, '"a.vertices[1].y" is required'),
        ("point", {"x": 1, "y": 1e9}, '"a.y" must be less than or equal to 1e+07'),
        ("ellipse", {"vertices": [{"x": 1, "y": 1}] * 5}, '"a.vertices" must contain 4 items'),
        (
            "ellipse",
            {"vertices": [{"x": 1, "y": 1}] * 4},
            '"a" is not a ellipse: Input should be greater than 0',
        ),
        (
            "cuboid",
            {"vertices": RECORDED[:5]},
            '"a.vertices" must contain a vertex with the description side-bottomcorner',
        ),
    ],
)
def test_shapes_are_checked(name: str, fields: dict[str, object], reason: str) -> None:
    with pytest.raises(ParameterFault) as raised:
        read_shape(name, Place(fields, "a"))
    assert raised.value.reason == reason
