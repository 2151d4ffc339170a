"""Samples and sources made for the tests of formats, all in memory."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st
from PIL import Image

from goldsmith.core.annotations import Annotation, Labelling
from goldsmith.core.geometry import (
    AnyShape,
    Bezier,
    Box,
    Cuboid,
    Ellipse,
    Mask,
    NodeState,
    PointShape,
    Polygon,
    Polyline,
    RotatedBox,
    Skeleton,
)
from goldsmith.core.geometry.raster import mask_of_pixels
from goldsmith.core.ontology import LabelClass, Ontology, SkeletonTemplate
from goldsmith.formats import ReadProblem, Sample, ZipSource, ZipTarget, get_format
from goldsmith.formats.types import LossReport

WIDTH, HEIGHT = 64, 48


def png(width: int = WIDTH, height: int = HEIGHT) -> bytes:
    """A small PNG."""
    buffer = io.BytesIO()
    Image.new("L", (width, height)).save(buffer, format="PNG")
    return buffer.getvalue()


def zip_of(files: Mapping[str, bytes | str]) -> ZipSource:
    """A source with these files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    buffer.seek(0)
    return ZipSource(buffer)


def written(name: str, samples: Iterable[Sample], **more: object) -> tuple[ZipSource, LossReport, bytes]:
    """What a format writes: as a source, with its report and bytes; every image is a PNG of the sample's size."""
    buffer = io.BytesIO()
    with ZipTarget(buffer) as target:
        report = get_format(name).write(
            samples,
            target,
            media=lambda sample: png(sample.width, sample.height),
            **more,  # type: ignore[arg-type]
        )
    return ZipSource(buffer), report, buffer.getvalue()


def split_up(entries: Iterable[Sample | ReadProblem]) -> tuple[list[Sample], list[ReadProblem]]:
    """Samples and problems apart."""
    samples: list[Sample] = []
    problems: list[ReadProblem] = []
    for entry in entries:
        if isinstance(entry, Sample):
            samples.append(entry)
        else:
            problems.append(entry)
    return samples, problems


def read(source: ZipSource, name: str) -> tuple[list[Sample], list[ReadProblem]]:
    """Samples and problems that a format finds in a source."""
    return split_up(get_format(name).read(source))


def sample(*annotations: Annotation, name: str = "a.png", **more: object) -> Sample:
    """A sample of the usual size."""
    return Sample(name, WIDTH, HEIGHT, Labelling(annotations=list(annotations)), **more)  # type: ignore[arg-type]


def box(left: float, top: float, right: float, bottom: float, **more: object) -> Annotation:
    """A box of class ``car``."""
    fields = {"annotation_id": "a", "class_id": "car"} | more
    return Annotation(geometry=Box(box_xyxy=(left, top, right, bottom)), **fields)  # type: ignore[arg-type]


_printable = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn", "Co"])
words = st.text(_printable, min_size=1, max_size=12).map(str.strip).filter(bool)
splits = st.sampled_from(["train", "val", "test"])


@st.composite
def boxes(draw: st.DrawFn, *, whole: bool = False) -> Box:
    """Boxes inside the image."""
    if whole:
        left, top = draw(st.integers(0, WIDTH - 1)), draw(st.integers(0, HEIGHT - 1))
        right, bottom = draw(st.integers(left + 1, WIDTH)), draw(st.integers(top + 1, HEIGHT))
        return Box(box_xyxy=(left, top, right, bottom))
    left, right = sorted(draw(st.lists(st.floats(0, WIDTH), min_size=2, max_size=2)))
    top, bottom = sorted(draw(st.lists(st.floats(0, HEIGHT), min_size=2, max_size=2)))
    if right - left < 0.01:
        left, right = 1.0, 5.5
    if bottom - top < 0.01:
        top, bottom = 2.25, 7.0
    return Box(box_xyxy=(left, top, right, bottom))


@st.composite
def polygons(draw: st.DrawFn) -> Polygon:
    """Polygons without holes inside the image that span some room."""
    points = draw(st.lists(st.tuples(st.floats(0, WIDTH), st.floats(0, HEIGHT)), max_size=6))
    return Polygon(rings=[[(1.0, 2.0), *points, (20.5, 30.25), (3.0, 40.0)]])


def _hundredths(low: float, high: float) -> st.SearchStrategy[float]:
    """Numbers as shapes are stored: to a hundredth of a pixel."""
    return st.integers(round(low * 100), round(high * 100)).map(lambda value: value / 100)


_xs, _ys = _hundredths(0, WIDTH), _hundredths(0, HEIGHT)
_points = st.tuples(_xs, _ys)


@st.composite
def rounded_polygons(draw: st.DrawFn) -> Polygon:
    """Polygons without holes whose corners are stored ones and differ."""
    more = draw(st.lists(_points, max_size=6, unique=True))
    return Polygon(rings=[[(1.0, 2.0), *more, (20.5, 30.25), (3.0, 40.0)]])


@st.composite
def polygons_with_holes(draw: st.DrawFn) -> Polygon:
    """A rectangle with up to three holes beside each other, none of which touches another."""
    holes = []
    for number in range(draw(st.integers(1, 3))):
        x, y = 4.0 + 18 * number, draw(_hundredths(5, 20))
        ring = [
            (x, y),
            (round(x + draw(_hundredths(2, 12)), 2), y),
            (round(x + draw(_hundredths(0.5, 8)), 2), round(y + draw(_hundredths(2, 15)), 2)),
        ]
        holes.append(draw(st.sampled_from([ring, ring[::-1]])))
    return Polygon(rings=[[(1.0, 2.0), (63.0, 2.5), (62.25, 45.0), (2.0, 46.5)], *holes])


@st.composite
def masks(draw: st.DrawFn) -> Mask:
    """Masks inside the image: of any pixels of a small part of it, or of bars that touch its borders."""
    bitmap = np.zeros((HEIGHT, WIDTH), dtype=np.bool_)
    across, down = draw(st.integers(1, 7)), draw(st.integers(1, 7))
    left, top = draw(st.integers(0, WIDTH - across)), draw(st.integers(0, HEIGHT - down))
    bits = draw(st.lists(st.booleans(), min_size=across * down, max_size=across * down))
    bitmap[top : top + down, left : left + across] = np.array(bits).reshape(down, across)
    if draw(st.booleans()) or not bitmap.any():
        row, column = draw(st.integers(0, HEIGHT - 1)), draw(st.integers(0, WIDTH - 1))
        bitmap[row:, column] = True
        bitmap[row, draw(st.integers(0, column)) :] = True
    mask = mask_of_pixels(bitmap)
    assert mask is not None
    return mask


_sizes = _hundredths(0.5, 40)
rotated_boxes = st.builds(
    lambda center, w, h, angle: RotatedBox(center_xy=center, size_wh=(w, h), angle_deg=angle),
    _points, _sizes, _sizes, _hundredths(0, 359.99),
)  # fmt: skip
ellipses = st.builds(
    lambda center, a, b, angle: Ellipse(center_xy=center, radii_xy=(a, b), angle_deg=angle),
    _points, _sizes, _sizes, _hundredths(0, 179.99),
)  # fmt: skip
points = st.builds(lambda point: PointShape(point_xy=point), _points)
polylines = st.builds(
    lambda points: Polyline(points=[(0.5, 1.25), *points, (40.0, 1.25)]),
    st.lists(_points.filter(lambda at: at not in ((0.5, 1.25), (40.0, 1.25))), max_size=4, unique=True),
)
cuboids = st.builds(
    lambda x, y, w, h: Cuboid(
        corners=[
            (x, y), (x + w, y), (x + w, y + h), (x, y + h),
            (x + 5.5, y - 3), (x + w + 5.5, y - 3), (x + w + 5.5, y + h - 3), (x + 5.5, y + h - 3),
        ]
    ),
    _hundredths(0, 20), _hundredths(4, 20), _hundredths(1, 30), _hundredths(1, 20),
)  # fmt: skip


@st.composite
def beziers(draw: st.DrawFn, *, is_closed: bool | None = None) -> Bezier:
    """Curves, open and closed."""
    places = [(2.0, 3.0), *draw(st.lists(_points, min_size=1, max_size=3)), (50.0, 40.5), (10.25, 44.0)]
    nodes = [
        {"at": at, "handle_in": draw(st.just(at) | _points), "handle_out": draw(st.just(at) | _points)}
        for at in places
    ]
    closed = draw(st.booleans()) if is_closed is None else is_closed
    return Bezier.model_validate({"nodes": nodes, "is_closed": closed})


NODE_IDS = ("nose", "left_eye", "right_eye")
_states = st.sampled_from(list(NodeState))


@st.composite
def skeletons(draw: st.DrawFn) -> Skeleton:
    """Skeletons of three nodes, at least two of them not outside."""
    nodes = [{"node_id": "nose", "at": (3.0, 4.0), "state": "visible"}]
    for node_id in NODE_IDS[1:]:
        state = draw(_states) if node_id == "left_eye" else draw(st.sampled_from(["visible", "occluded"]))
        nodes.append({"node_id": node_id, "at": draw(_points), "state": state})  # type: ignore[dict-item]
    return Skeleton.model_validate({"nodes": nodes})


TEMPLATE = SkeletonTemplate.model_validate(
    {
        "nodes": [
            {"node_id": "nose", "name": "Nose", "at": (0.5, 0.6)},
            {"node_id": "left_eye", "name": "Left eye", "at": (0.7, 0.3)},
            {"node_id": "right_eye", "name": "Right eye", "at": (0.3, 0.3)},
        ],
        "edges": [("nose", "left_eye"), ("nose", "right_eye")],
    }
)
FACES = Ontology(
    classes=[
        LabelClass(class_id="bus", name="Bus"),
        LabelClass(class_id="face", name="Face", geometry_kinds=["skeleton", "box"], skeleton=TEMPLATE),
    ]
)
other_shapes = st.one_of(rotated_boxes, ellipses, points, polylines, cuboids, beziers())
"""Neither boxes nor polygons, masks or skeletons."""
shapes_of_every_kind = st.one_of(
    boxes(), polygons(), polygons_with_holes(), masks(), skeletons(), other_shapes
)


ONE_OF_EACH: dict[str, AnyShape] = {
    "box": Box(box_xyxy=(1, 2, 30, 40)),
    "polygon": Polygon(rings=[[(10, 10), (40, 10), (40, 30)]]),
    "rotated_box": RotatedBox(center_xy=(30, 20), size_wh=(20, 10), angle_deg=30),
    "polyline": Polyline(points=[(1, 2), (30, 40), (50, 6)]),
    "bezier": Bezier.model_validate(
        {
            "nodes": [
                {"at": at, "handle_in": at, "handle_out": (at[0] + 3.0, at[1] + 4.0)}
                for at in ((10.0, 10.0), (40.0, 12.0), (20.0, 30.0))
            ],
            "is_closed": True,
        }
    ),
    "mask": Mask(origin_xy=(3, 4), size_wh=(3, 2), runs=[0, 2, 1, 1, 1, 1]),
    "ellipse": Ellipse(center_xy=(30, 20), radii_xy=(10, 6), angle_deg=40),
    "point": PointShape(point_xy=(5.25, 6.5)),
    "skeleton": Skeleton.model_validate(
        {
            "nodes": [
                {"node_id": "nose", "at": (10, 10), "state": "visible"},
                {"node_id": "left_eye", "at": (15, 5), "state": "occluded"},
                {"node_id": "right_eye", "at": (5, 5.5), "state": "outside"},
            ]
        }
    ),
    "cuboid": Cuboid(corners=[(5, 10), (25, 10), (25, 30), (5, 30), (10, 5), (30, 5), (30, 25), (10, 25)]),
}
"""A shape of each kind, inside the image."""


def canonical_rings(rings: Sequence[Sequence[tuple[float, float]]]) -> list[list[tuple[float, float]]]:
    """Rings so that those that cover the same are equal wherever they start and whichever way they go."""
    return sorted(min(_from_lowest(ring), _from_lowest(list(ring)[::-1])) for ring in rings)


def _from_lowest(ring: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    first = list(ring).index(min(ring))
    return [*ring[first:], *ring[:first]]


def assert_near(one: AnyShape, other: AnyShape, *, within_px: float = 0.01) -> None:
    """Two shapes are of one kind and the same to so many pixels; masks exactly."""
    assert one.kind == other.kind
    if isinstance(one, Mask):
        assert one == other
        return
    flat, wanted = _numbers(one.model_dump(mode="json")), _numbers(other.model_dump(mode="json"))
    assert flat == pytest.approx(wanted, abs=within_px)


def _numbers(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [number for key in sorted(value) for number in _numbers(value[key])]
    if isinstance(value, list | tuple):
        return [number for entry in value for number in _numbers(entry)]
    return [value] if isinstance(value, int | float) and not isinstance(value, bool) else []


_values = st.one_of(st.booleans(), st.floats(-1e6, 1e6), words, st.lists(words, max_size=3))
_attributes = st.dictionaries(words, _values, max_size=3)


@st.composite
def labellings(draw: st.DrawFn, *, shapes: st.SearchStrategy[Any], rich: bool = True) -> Labelling:
    """Labellings of up to five objects."""
    annotations = [
        Annotation(
            annotation_id=f"id-{index}",
            class_id=draw(words),
            geometry=draw(shapes),
            attributes=draw(_attributes) if rich else {},
            is_occluded=draw(st.booleans()) if rich else False,
            is_truncated=draw(st.booleans()) if rich else False,
            score=draw(st.none() | st.floats(0, 1)) if rich else None,
            origin=draw(st.none() | words) if rich else None,
            group_id=draw(st.none() | words) if rich else None,
        )
        for index in range(draw(st.integers(0, 5)))
    ]
    return Labelling(annotations=annotations, answers=draw(_attributes) if rich else {})


_json = st.recursive(
    st.none() | st.booleans() | st.integers(-1000, 1000) | st.floats(-1e9, 1e9) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=5,
)


@st.composite
def data_sets(
    draw: st.DrawFn, *, shapes: st.SearchStrategy[Any], rich: bool = True, at_least: int = 0
) -> list[Sample]:
    """Up to four samples with names of their own."""
    return [
        Sample(
            name=draw(st.sampled_from(["", "left/", "train/deep/"])) + f"{index}.png",
            width=WIDTH,
            height=HEIGHT,
            labelling=draw(labellings(shapes=shapes, rich=rich)),
            metadata=draw(st.dictionaries(words, _json, max_size=3)) if rich else {},
            split=draw(splits),
            group=draw(st.just("") | words) if rich else "",
        )
        for index in range(draw(st.integers(at_least, 4)))
    ]
