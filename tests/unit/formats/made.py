"""Samples and sources made for the tests of formats, all in memory."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping

from hypothesis import strategies as st
from PIL import Image

from goldsmith.core.annotations import Annotation, Labelling
from goldsmith.core.geometry import Box, Polygon
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


_values = st.one_of(st.booleans(), st.floats(-1e6, 1e6), words, st.lists(words, max_size=3))
_attributes = st.dictionaries(words, _values, max_size=3)


@st.composite
def labellings(draw: st.DrawFn, *, shapes: st.SearchStrategy[Box | Polygon], rich: bool = True) -> Labelling:
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
    draw: st.DrawFn, *, shapes: st.SearchStrategy[Box | Polygon], rich: bool = True, at_least: int = 0
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
