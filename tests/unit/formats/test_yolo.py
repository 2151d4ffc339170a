from __future__ import annotations

import contextlib

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from goldsmith.core.errors import InvalidInputError
from goldsmith.core.geometry import Box, Polygon
from goldsmith.core.ontology import LabelClass, Ontology
from goldsmith.formats import ReadOptions, Sample, get_format
from tests.unit.formats.made import (
    box,
    boxes,
    data_sets,
    png,
    polygons,
    read,
    sample,
    split_up,
    written,
    zip_of,
)

_YAML = "names: [car, bus]\n"


def _lines(*lines: str) -> dict[str, bytes | str]:
    return {"data.yaml": _YAML, "images/a.png": png(), "labels/a.txt": "\n".join(lines)}


@given(data_sets(shapes=boxes() | polygons(), rich=False, at_least=1))
@settings(max_examples=35, deadline=None)
def test_what_is_written_is_read_back_to_a_thousandth_of_a_pixel(samples: list[Sample]) -> None:
    source, report, _ = written("yolo", samples)
    found, problems = read(source, "yolo")
    assert [problem for problem in problems if problem.severity == "refused"] == []
    assert report.is_lossless
    by_name = {entry.name: entry for entry in found}
    assert sorted(by_name) == sorted(entry.name for entry in samples)
    for was in samples:
        back = by_name[was.name]
        assert back.split == was.split
        assert (back.width, back.height) == (was.width, was.height)
        for one, other in zip(back.labelling.annotations, was.labelling.annotations, strict=True):
            assert one.class_id == other.class_id
            assert one.geometry.kind == other.geometry.kind
            assert one.geometry.bounds_xyxy() == pytest.approx(other.geometry.bounds_xyxy(), abs=1e-3)
            assert one.geometry.area_px() == pytest.approx(other.geometry.area_px(), abs=0.5)


def test_the_files_are_those_of_ultralytics() -> None:
    ontology = Ontology(
        classes=[LabelClass(class_id="bus", name="Bus"), LabelClass(class_id="car", name="Car")]
    )
    samples = [
        sample(box(16, 12, 48, 36), name="x/a.png", split="train"),
        sample(name="b.png", split="val"),
        sample(name="c.png", split="holdout"),
    ]
    source, _, _ = written("yolo", samples, ontology=ontology)
    assert source.names() == (
        "data.yaml", "images/holdout/c.png", "images/train/x/a.png", "images/val/b.png",
        "labels/holdout/c.txt", "labels/train/x/a.txt", "labels/val/b.txt",
    )  # fmt: skip
    assert source.open("labels/train/x/a.txt").read() == b"1 0.5 0.5 0.5 0.5\n"
    assert source.open("labels/val/b.txt").read() == b""
    assert yaml.safe_load(source.open("data.yaml").read()) == {
        "path": ".", "train": "images/train", "val": "images/val", "holdout": "images/holdout",
        "names": {0: "bus", 1: "car"},
    }  # fmt: skip
    found, _ = read(source, "yolo")
    assert [(entry.name, entry.split) for entry in found] == [
        ("c.png", "holdout"),
        ("x/a.png", "train"),
        ("b.png", "val"),
    ]


def test_lines_of_every_kind_are_read() -> None:
    (found,), problems = read(
        zip_of(_lines("0 0.5 0.5 0.5 0.5", "", "1 .5 .5 .25 .25 0.75", "0 0 0 1 0 1 1", "1 0 0 1 0 1 1 0.5")),
        "yolo",
    )
    assert problems == []
    shapes = [(entry.class_id, type(entry.geometry), entry.score) for entry in found.labelling.annotations]
    assert shapes == [("car", Box, None), ("bus", Box, 0.75), ("car", Polygon, None), ("bus", Polygon, 0.5)]
    assert found.labelling.annotations[0].geometry.bounds_xyxy() == (16, 12, 48, 36)
    assert [entry.annotation_id for entry in found.labelling.annotations] == [
        "line-1",
        "line-3",
        "line-4",
        "line-5",
    ]


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("0 0.5 0.5", "needs"), ("0", "needs"), ("x 0.5 0.5 0.1 0.1", "whole number"),
        ("-1 0.5 0.5 0.1 0.1", "whole number"),
        ("2 0.5 0.5 0.1 0.1", "no name"), ("0 0.5 nan 0.1 0.1", "between 0 and 1"),
        ("0 inf 0.5 0.1 0.1", "between 0 and 1"),
        ("0 320 240 100 100", "pixels"), ("0 0.5 0.5 0 0.1", "no width"), ("0 0.5 0.5 -0.1 0.1", "negative"),
        ("0 0.5 0.5 0.1 0.1 7", "score"), ("0 0.1 a b c", "no number"), ("0 0 0 0 0 0 0", "width"),
    ],
)  # fmt: skip
def test_broken_lines_are_listed_and_good_ones_kept(line: str, what: str) -> None:
    (found,), problems = read(zip_of(_lines("0 0.5 0.5 0.5 0.5", line)), "yolo")
    assert len(found.labelling.annotations) == 1
    assert [(problem.where, what in problem.what) for problem in problems] == [
        ("labels/a.txt: line 2", True)
    ], problems


def test_boxes_over_the_border_by_rounding_are_cut() -> None:
    (found,), problems = read(zip_of(_lines("0 0.25 0.5 0.501 1.001")), "yolo")
    assert problems == []
    assert found.labelling.annotations[0].geometry.bounds_xyxy() == pytest.approx(
        (0, 0, 32.032, 48), abs=1e-6
    )


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"images/train/a.png": "", "labels/train/a.txt": ""}, ("a.png", "train")),
        ({"train/images/a.png": "", "train/labels/a.txt": ""}, ("a.png", "train")),
        ({"valid/images/a.png": "", "valid/labels/a.txt": ""}, ("a.png", "val")),
        ({"set/images/val/sub/a.png": "", "set/labels/val/sub/a.txt": ""}, ("set/val/sub/a.png", "val")),
        ({"a.png": "", "a.txt": ""}, ("a.png", "")),
        ({"a.png": "", "labels/a.txt": ""}, ("a.png", "")),
    ],
)  # fmt: skip
def test_labels_and_splits_are_found_in_usual_layouts(
    files: dict[str, str], expected: tuple[str, str]
) -> None:
    full: dict[str, bytes | str] = {"classes.txt": "car\nbus\n"}
    full |= {name: png() if name.endswith(".png") else "1 0.5 0.5 0.5 0.5" for name in files}
    (found,), problems = read(zip_of(full), "yolo")
    assert problems == []
    assert (found.name, found.split) == expected
    assert [entry.class_id for entry in found.labelling.annotations] == ["bus"]


def test_list_files_say_the_split() -> None:
    source = zip_of(
        {
            "data.yaml": "path: /srv/data\ntrain: train.txt\nval: ../lists/val.txt\nnames: {0: car}\n",
            "train.txt": "./images/a.png\n",
            "lists/val.txt": "images/b.png\nimages/none.png\n",
            "images/a.png": png(),
            "images/b.png": png(),
        }
    )
    found, problems = read(source, "yolo")
    assert [(entry.name, entry.split) for entry in found] == [("a.png", "train"), ("b.png", "val")]
    assert [problem.where for problem in problems] == ["lists/val.txt: line 2"]


def test_labels_without_image_and_images_that_are_none_are_listed() -> None:
    files = _lines("0 0.5 0.5 0.5 0.5") | {"labels/b.txt": "0 0.5 0.5 0.5 0.5", "images/c.png": b"no image"}
    found, problems = read(zip_of(files), "yolo")
    assert [entry.name for entry in found] == ["a.png"]
    assert sorted(problem.where for problem in problems) == ["images/c.png", "labels/b.txt"]


def test_classes_without_names_are_numbered_with_a_warning() -> None:
    files = _lines("3 0.5 0.5 0.5 0.5")
    del files["data.yaml"]
    (found,), problems = read(zip_of(files), "yolo")
    assert [entry.class_id for entry in found.labelling.annotations] == ["class_3"]
    assert [problem.severity for problem in problems] == ["warning"]


@pytest.mark.parametrize(
    "text",
    [
        "names: !!python/object/apply:os.system ['true']\n",
        "a: &a [x, x]\nb: &b [*a, *a]\nnames: {0: *b}\n",
        "names: [",
        "names: {car: 0}\n",
        "[" * 3000,
    ],
)
def test_odd_descriptions_run_nothing_and_are_listed(text: str) -> None:
    (found,), problems = read(zip_of(_lines() | {"data.yaml": text}), "yolo")
    assert found.name == "a.png"
    assert problems


def test_samples_of_unknown_size_are_left_out_and_counted() -> None:
    _, report, _ = written("yolo", [Sample("a.png", 0, 0)])
    assert (report.samples, dict(report.losses)) == (0, {"unknown_size": 1})


def test_boxes_can_be_preferred_to_outlines() -> None:
    source = zip_of(_lines("0 0 0 1 0 1 1"))
    (found,), _ = split_up(get_format("yolo").read(source, options=ReadOptions(prefer="box")))
    assert isinstance(found.labelling.annotations[0].geometry, Box)


@given(
    st.text(max_size=60) | st.text(st.sampled_from("0123456789. -e\n\t,nai"), max_size=60),
    st.text(max_size=40),
)
@settings(max_examples=60, deadline=None)
def test_no_text_breaks_the_reader(labels: str, description: str) -> None:
    files: dict[str, bytes | str] = {"data.yaml": description, "images/a.png": png(), "labels/a.txt": labels}
    with contextlib.suppress(InvalidInputError):
        samples, problems = read(zip_of(files), "yolo")
        assert len(samples) + sum(problem.where == "labels/a.txt" for problem in problems) >= 1
