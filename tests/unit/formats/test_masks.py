from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from goldsmith.core.annotations import Annotation
from goldsmith.core.errors import InvalidInputError
from goldsmith.core.geometry import Box, Mask
from goldsmith.core.geometry.raster import pixels_in_image
from goldsmith.core.ontology import LabelClass, Ontology
from goldsmith.formats import ReadOptions, Sample, get_format
from goldsmith.formats.runs import masks_of_numbers, union_of_masks
from tests.unit.formats.made import (
    HEIGHT,
    ONE_OF_EACH,
    WIDTH,
    box,
    data_sets,
    masks,
    png,
    read,
    sample,
    split_up,
    written,
    zip_of,
)


def _mask(annotation_id: str, left: int, top: int, size: int, **more: Any) -> Annotation:
    shape = Mask(origin_xy=(left, top), size_wh=(size, size), runs=[0, size * size])
    return Annotation(annotation_id=annotation_id, geometry=shape, **{"class_id": "car"} | more)


def _picture(numbers: Any, mode: str | None = None) -> bytes:
    buffer = io.BytesIO()
    picture = Image.fromarray(np.asarray(numbers))
    (picture if mode is None else picture.convert(mode)).save(buffer, format="PNG")
    return buffer.getvalue()


def _numbers(source: Any, name: str) -> NDArray[Any]:
    with Image.open(io.BytesIO(source.open(name).read())) as picture:
        return np.asarray(picture)


@given(data_sets(shapes=masks(), at_least=1))
@settings(max_examples=30, deadline=None)
def test_masks_that_do_not_overlap_are_read_back_the_same(samples: list[Sample]) -> None:
    kept = []
    for entry in samples:  # those that lie on an earlier one are left out
        taken = np.zeros((HEIGHT, WIDTH), dtype=np.bool_)
        apart = []
        for annotation in entry.labelling.annotations:
            assert isinstance(annotation.geometry, Mask)
            pixels = pixels_in_image(annotation.geometry, width_px=WIDTH, height_px=HEIGHT)
            if not (pixels & taken).any():
                taken |= pixels
                apart.append(annotation)
        labelling = entry.labelling.model_copy(update={"annotations": apart})
        kept.append(Sample(entry.name, WIDTH, HEIGHT, labelling, entry.metadata, entry.split, entry.group))
    source, report, _ = written("masks", kept)
    found, problems = read(source, "masks")
    assert problems == []
    assert report.is_lossless
    for back, was in zip(found, kept, strict=True):
        assert (back.name, back.labelling) == (was.name, was.labelling)
        assert (back.split, back.group, back.metadata) == (was.split, was.group, was.metadata)
        assert back.media_name == f"images/{was.name}"
        assert set(back.label_names) <= set(source.names())
        assert len(back.label_names) == 2


@given(st.integers(1, 9), st.integers(1, 9), st.data())
@settings(max_examples=50, deadline=None)
def test_the_mask_of_each_number_has_its_pixels(height: int, width: int, data: st.DataObject) -> None:
    flat = data.draw(st.lists(st.integers(0, 3), min_size=height * width, max_size=height * width))
    numbers = np.array(flat, dtype=np.uint16).reshape(height, width)
    found = masks_of_numbers(numbers)
    assert sorted(found) == sorted(set(flat) - {0})
    for number, mask in found.items():
        assert np.array_equal(pixels_in_image(mask, width_px=width, height_px=height), numbers == number)


def test_later_objects_lie_above_and_what_they_cover_is_told() -> None:
    below, above = _mask("below", 1, 1, 6), _mask("above", 4, 4, 6, class_id="bus")
    hidden = _mask("hidden", 5, 5, 2)
    ontology = Ontology(
        classes=[
            LabelClass(class_id="bus", name="Bus", color="#102030"),
            LabelClass(class_id="car", name="Car", color="#405060"),
        ]
    )
    source, report, _ = written("masks", [sample(hidden, below, above, split="train")], ontology=ontology)
    assert dict(report.losses) == {"covered_objects": 1, "hidden_objects": 1}
    assert (report.samples, report.annotations) == (1, 2)
    instances, semantic = _numbers(source, "instances/a.png"), _numbers(source, "semantic/a.png")
    assert (instances.dtype, semantic.dtype) == (np.uint16, np.uint8)
    assert (instances[5, 5], instances[2, 2], instances[0, 0]) == (3, 2, 0)
    assert (semantic[5, 5], semantic[2, 2], semantic[0, 0]) == (1, 2, 0)
    with Image.open(io.BytesIO(source.open("semantic/a.png").read())) as picture:
        assert picture.convert("RGB").getpixel((5, 5)) == (0x10, 0x20, 0x30)
    assert json.loads(source.open("classes.json").read())["classes"] == [
        {"index": 1, "class_id": "bus", "name": "Bus", "color": "#102030"},
        {"index": 2, "class_id": "car", "name": "Car", "color": "#405060"},
    ]
    (found,), problems = read(source, "masks")
    assert problems == []
    assert [entry.annotation_id for entry in found.labelling.annotations] == ["below", "above"]
    assert [entry.geometry.area_px() for entry in found.labelling.annotations] == [36 - 9, 36]
    known = get_format("masks").read_ontology(source)
    assert known is not None
    assert [(entry.class_id, entry.name, entry.color) for entry in known.classes] == [
        ("bus", "Bus", "#102030"), ("car", "Car", "#405060"),
    ]  # fmt: skip


def test_other_kinds_become_their_pixels_and_are_told() -> None:
    shapes = [
        Annotation(annotation_id=kind, class_id="car", geometry=shape) for kind, shape in ONE_OF_EACH.items()
    ]
    _, report, _ = written("masks", [sample(*shapes, split="train")])
    kinds = {kind for kind in report.losses if not kind.endswith("_objects")}
    assert kinds == {
        "boxes_as_masks", "polygons_as_masks", "rotated_boxes_as_masks", "beziers_as_masks", "ellipses_as_masks",
        "cuboids_as_masks", "polylines_left_out", "points_left_out", "skeletons_left_out",
    }  # fmt: skip


def test_more_classes_than_a_byte_holds_make_16_bit_pictures() -> None:
    many = [
        _mask(f"m{number}", number % 60, number // 60, 1, class_id=f"c{number:03}") for number in range(300)
    ]
    source, _, _ = written("masks", [sample(*many, split="train")])
    assert _numbers(source, "semantic/a.png").max() == 300
    (found,), problems = read(source, "masks")
    assert problems == []
    assert [entry.class_id for entry in found.labelling.annotations] == [
        f"c{number:03}" for number in range(300)
    ]


def test_images_of_unknown_or_absurd_size_are_left_out_and_told() -> None:
    source, report, _ = written("masks", [Sample("a.png", 0, 0), Sample("b.png", 100_000, 100_000)])
    assert dict(report.losses) == {"unknown_size": 1, "too_large_images": 1}
    assert read(source, "masks") == ([], [])


_CLASSES = json.dumps(
    {"classes": [{"index": 1, "name": "road"}, {"index": 7, "name": "sky", "color": "red"}]}
)


def test_pictures_of_classes_alone_are_read_one_mask_for_each_class() -> None:
    numbers = np.zeros((4, 6), dtype=np.uint8)
    numbers[0], numbers[3, :2], numbers[2, 2] = 7, 1, 9
    source = zip_of(
        {
            "set/classes.json": _CLASSES,
            "set/semantic/train/a.png": _picture(numbers),
            "set/images/train/a.jpg": png(6, 4),
        }
    )
    (found,), problems = read(source, "masks")
    assert [(problem.severity, "9" in problem.what) for problem in problems] == [("warning", True)]
    assert (found.name, found.split, found.media_name) == ("train/a.jpg", "train", "set/images/train/a.jpg")
    shapes = {entry.class_id: entry.geometry.bounds_xyxy() for entry in found.labelling.annotations}
    assert shapes == {"sky": (0, 0, 6, 1), "road": (0, 3, 2, 4)}
    known = get_format("masks").read_ontology(source)
    assert known is not None
    assert [entry.name for entry in known.classes] == ["road", "sky"]
    (found,), _ = split_up(get_format("masks").read(source, options=ReadOptions(prefer="box")))
    assert all(isinstance(entry.geometry, Box) for entry in found.labelling.annotations)


def _broken(record: dict[str, Any], picture: bytes) -> dict[str, bytes | str]:
    sample_record = {
        "name": "a.png", "file_name": "a.png", "width": 6, "height": 4, "instances": "instances/a.png",
        "objects": [{"id": 1, "class_id": "road"}],
    }  # fmt: skip
    document = {"format": "goldsmith-masks", "version": 1, "samples": [sample_record | record]}
    return {
        "classes.json": _CLASSES, "annotations.json": json.dumps(document), "instances/a.png": picture,
    }  # fmt: skip


_ONE = np.eye(4, 6, dtype=np.uint8)


@pytest.mark.parametrize(
    ("record", "picture", "what"),
    [
        ({"width": 60}, _picture(_ONE), "60 x 4"), ({"instances": "../a.png"}, _picture(_ONE), "'..'"),
        ({"instances": "b.png"}, _picture(_ONE), "not there"), ({"name": 5}, _picture(_ONE), "str"),
        ({"name": "/a.png"}, _picture(_ONE), "relative"), ({}, _picture(_ONE, "RGB"), "colours"),
        ({}, b"no picture", "cannot be read"), ({}, _picture(_ONE)[:45], "cannot be read"),
        ({"objects": [{"id": 2, "class_id": "road"}]}, _picture(_ONE), "no pixel"),
        ({"objects": []}, _picture(_ONE), "not listed"), ({"objects": [{"id": "x"}]}, _picture(_ONE), "int"),
        ({"objects": [{"id": 1, "class_id": ""}]}, _picture(_ONE), "at least 1"),
        ({"answers": {"a": [1]}}, _picture(_ONE), ""),
    ],
)  # fmt: skip
def test_broken_records_and_pictures_are_listed(record: dict[str, Any], picture: bytes, what: str) -> None:
    _, problems = read(zip_of(_broken(record, picture)), "masks")
    assert problems
    assert all(problem.where.startswith("annotations.json: samples[0]") for problem in problems)
    assert any(what in problem.what for problem in problems), problems


@pytest.mark.parametrize(
    "classes",
    ["[", '{"classes": [{"index": 0, "name": "a"}]}', '{"classes": [{"index": 1}]}',
     '{"classes": [{"index": 1, "name": "a"}, {"index": 1, "name": "b"}]}', '{"classes": 5}'],
)  # fmt: skip
def test_classes_that_do_not_hold_are_refused(classes: str) -> None:
    source = zip_of({"classes.json": classes, "semantic/a.png": _picture(_ONE)})
    with pytest.raises(InvalidInputError, match=r"classes\.json"):
        read(source, "masks")
    assert get_format("masks").read_ontology(source) is None


def test_a_list_of_a_newer_goldsmith_is_refused() -> None:
    files = _broken({}, _picture(_ONE)) | {
        "annotations.json": json.dumps({"format": "goldsmith-masks", "version": 2, "samples": []})
    }
    found, problems = read(zip_of(files), "masks")
    assert (found, "newer" in problems[0].what) == ([], True)
    source, _, _ = written("masks", [sample(box(1, 2, 3, 4), split="train")])
    assert read(source, "masks")[1] == []


@given(st.lists(masks(), min_size=1, max_size=4))
@settings(max_examples=40, deadline=None)
def test_a_union_covers_what_any_mask_covers(parts: list[Mask]) -> None:
    covered = np.zeros((HEIGHT, WIDTH), dtype=np.bool_)
    for part in parts:
        covered |= pixels_in_image(part, width_px=WIDTH, height_px=HEIGHT)
    union = union_of_masks(parts)
    assert np.array_equal(pixels_in_image(union, width_px=WIDTH, height_px=HEIGHT), covered)
