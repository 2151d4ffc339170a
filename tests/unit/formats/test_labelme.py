from __future__ import annotations

import base64
import contextlib
import io
import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from goldsmith.core.annotations import Annotation
from goldsmith.core.errors import InvalidInputError
from goldsmith.core.geometry import Box, Ellipse, Mask, Polygon
from goldsmith.formats import ReadOptions, Sample, get_format
from tests.unit.formats.made import (
    HEIGHT,
    ONE_OF_EACH,
    WIDTH,
    assert_near,
    boxes,
    canonical_rings,
    data_sets,
    masks,
    other_shapes,
    png,
    polygons_with_holes,
    read,
    rounded_polygons,
    sample,
    skeletons,
    split_up,
    written,
    zip_of,
)


def _png(pixels: Any) -> str:
    buffer = io.BytesIO()
    Image.fromarray(np.asarray(pixels)).save(buffer, format="PNG")
    return base64.b64encode(buffer.getvalue()).decode()


def _document(*shapes: dict[str, Any], **more: Any) -> str:
    # as LabelMe 5 writes it
    document: dict[str, Any] = {
        "version": "5.5.0", "flags": {}, "shapes": list(shapes), "imagePath": "..\\photos\\a.png", "imageData": None,
        "imageHeight": HEIGHT, "imageWidth": WIDTH,
    }  # fmt: skip
    return json.dumps(document | more)


def _shape(kind: str, points: Any, **more: Any) -> dict[str, Any]:
    plain = {"label": "car", "group_id": None, "description": "", "flags": {}, "mask": None}
    return plain | {"shape_type": kind, "points": points} | more


def _read(*shapes: dict[str, Any], **more: Any) -> Any:
    return read(zip_of({"a.json": _document(*shapes, **more)}), "labelme")


_MASK = _png(np.array([[0, 255, 0], [0, 1, 0]], dtype=np.uint8))


def test_a_file_of_labelme_is_read_whole() -> None:
    shapes = [
        _shape("polygon", [[10, 10], [40, 10], [40, 30]], group_id=3, flags={"parked": True, "wet": False}),
        _shape("rectangle", [[30, 40], [1, 2]], description="a note"),
        _shape("circle", [[30, 20], [33, 24]]), _shape("line", [[1, 2], [30, 40]]),
        _shape("linestrip", [[1, 2], [30, 40], [5, 6]]), _shape("point", [[5, 6]]), _shape("points", [[5, 6], [7, 8]]),
        _shape("mask", [[9.2, 4.0], [11.2, 5.0]], mask=_MASK),
        _shape("oriented_rectangle", [[20, 15], [40, 15], [40, 25], [20, 25]]),
        _shape("rectangle", [[1, 2], [30, 2], [30, 40], [1, 40]]), _shape("", [[1, 1], [9, 1], [9, 9]]),
    ]  # fmt: skip
    files = {
        "set/val/a.json": _document(*shapes, flags={"night": True, "odd": 3}),
        "set/val/a.png": png(),
    }
    (found,), problems = read(zip_of(files), "labelme")
    assert problems == []
    assert (found.name, found.media_name, found.split) == ("set/val/a.png", "set/val/a.png", "val")
    assert found.labelling.answers == {"night": True}
    objects = found.labelling.annotations
    assert [entry.geometry.kind for entry in objects] == [
        "polygon", "box", "ellipse", "polyline", "polyline", "point", "point", "point", "mask", "rotated_box", "box",
        "polygon",
    ]  # fmt: skip
    assert (objects[0].group_id, objects[0].attributes) == ("3", {"parked": True, "wet": False})
    assert objects[1].attributes == {"description": "a note"}
    assert objects[1].geometry == Box(box_xyxy=(1, 2, 30, 40))
    assert objects[2].geometry == Ellipse(center_xy=(30, 20), radii_xy=(5, 5))
    assert objects[6].group_id == objects[7].group_id == "shape-7"
    assert objects[8].geometry == Mask(origin_xy=(10, 4), size_wh=(1, 2), runs=[0, 2])


_stored_shapes = boxes() | rounded_polygons() | polygons_with_holes() | masks() | skeletons() | other_shapes


@given(data_sets(shapes=_stored_shapes, at_least=1))
@settings(max_examples=30, deadline=None)
def test_every_kind_comes_back(samples: list[Sample]) -> None:
    source, report, _ = written("labelme", samples)
    assert report.is_lossless
    found, problems = read(source, "labelme")
    assert problems == []
    by_name = {entry.name: entry for entry in found}
    for was in samples:
        back = by_name[was.name]
        assert (back.split, back.group, back.metadata) == (was.split, was.group, was.metadata)
        assert back.labelling.answers == was.labelling.answers
        assert back.media_name == f"labelme/{was.name}"
        for one, other in zip(back.labelling.annotations, was.labelling.annotations, strict=True):
            if isinstance(other.geometry, Polygon) and len(other.geometry.rings) > 1:
                assert isinstance(one.geometry, Polygon)
                assert canonical_rings(one.geometry.rings) == canonical_rings(other.geometry.rings)
            else:
                assert_near(one.geometry, other.geometry)
            assert one.model_copy(update={"geometry": other.geometry}) == other


def test_labelme_finds_what_it_needs() -> None:
    objects = [
        Annotation(annotation_id=kind, class_id="car", geometry=shape, group_id=kind[0])
        for kind, shape in ONE_OF_EACH.items()
    ]
    source, _, _ = written("labelme", [sample(*objects, name="x/a.png")])
    document = json.loads(source.open("labelme/x/a.json").read())
    assert (document["imagePath"], document["imageHeight"], document["imageWidth"]) == ("a.png", 48, 64)
    needed = {"polygon": 3, "rectangle": 2, "linestrip": 2, "point": 1, "mask": 2}
    assert [shape["shape_type"] for shape in document["shapes"]] == [
        "rectangle", "polygon", "polygon", "linestrip", "polygon", "mask", "polygon", "point", "linestrip", "polygon",
    ]  # fmt: skip
    for shape in document["shapes"]:
        assert len(shape["points"]) >= needed[shape["shape_type"]]
        assert isinstance(shape["group_id"], int)
        assert all(isinstance(value, bool) for value in shape["flags"].values())
        assert (shape["mask"] is not None) == (shape["shape_type"] == "mask")
    mask = document["shapes"][5]
    with Image.open(io.BytesIO(base64.b64decode(mask["mask"]))) as picture:
        (x1, y1), (x2, y2) = mask["points"]
        assert picture.size == (x2 - x1 + 1, y2 - y1 + 1)


def test_what_labelme_changed_counts() -> None:
    turned = Annotation(
        annotation_id="a",
        class_id="car",
        geometry=ONE_OF_EACH["rotated_box"],
        group_id="g",
        attributes={"wet": False},
    )
    source, _, _ = written("labelme", [sample(turned)])
    document = json.loads(source.open("labelme/a.json").read())
    document["shapes"][0]["points"][0][0] += 1
    document["shapes"][0]["group_id"] = 7
    document["shapes"][0]["flags"]["wet"] = True
    (found,), problems = read(zip_of({"a.json": json.dumps(document)}), "labelme")
    assert problems == []
    (back,) = found.labelling.annotations
    assert (back.geometry.kind, back.group_id, back.attributes) == ("polygon", "7", {"wet": True})


@pytest.mark.parametrize(
    ("shape", "what"),
    [
        (_shape("rectangle", [[1, 2]]), "2 or 4 points"), (_shape("circle", [[1, 2], [1, 2]]), "ellipse"),
        (_shape("polygon", [[1, 2], [3, 4]]), "three points"), (_shape("point", []), "1 points"),
        (_shape("points", []), "1 to"), (_shape("line", [[1, 2], [1, 2]]), "polyline"),
        (_shape("wave", [[1, 2]]), "not known"), (_shape("polygon", [[1, 2, 3]]), "length"),
        (_shape("polygon", [[1e9, 2], [3, 4], [5, 6]]), "not a polygon"), (_shape("polygon", "x"), "array"),
        (_shape("rectangle", [[100, 100], [101, 101]]), "outside"), (_shape("rectangle", [[1, 1], [1, 5]]), "no width"),
        (_shape("mask", [[1, 2], [3, 4]]), "PNG in base64"), (_shape("mask", [[1, 2], [3, 4]], mask="%%"), "base64"),
        (_shape("mask", [[1, 2], [3, 4]], mask="aGVsbG8="), "not a PNG"),
        (_shape("mask", [[1, 2], [3, 4]], mask=_png(np.zeros((2, 2), dtype=np.uint8))), "no pixel"),
        (_shape("mask", [[1, 2], [3, 4]], mask=_png(np.ones((2, 2, 3), dtype=np.uint8))), "colours"),
        (_shape("mask", [[100, 100], [101, 101]], mask=_MASK), "outside"),
        (_shape("point", [[1, 2]], label=" "), "no label"), (_shape("point", [[1, 2]], label=5), "str"),
        (_shape("point", [[1, 2]], score=7), "score"),
    ],
)  # fmt: skip
def test_broken_shapes_are_listed_and_good_ones_kept(shape: dict[str, Any], what: str) -> None:
    (found,), problems = _read(shape, _shape("rectangle", [[1, 2], [3, 4]]))
    assert [entry.annotation_id for entry in found.labelling.annotations] == ["shape-2"]
    assert [problem.where for problem in problems] == ["a.json: shapes[0]"]
    assert what in problems[0].what, problems


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ('{"shapes": [', "JSON"), (_document(imageHeight=None), "imageWidth"),
        (_document(imageHeight=-5), "imageWidth"),
        (_document(shapes=5).replace("5,", "[],", 1).replace('"flags": {}', '"flags": 5'), "usable"),
        (_document(imagePath="a\x00.png"), "control"),
    ],
)  # fmt: skip
def test_broken_files_are_listed(text: str, what: str) -> None:
    found, problems = read(zip_of({"a.json": text, "b.json": _document()}), "labelme")
    assert [entry.name for entry in found] == ["a.png"]
    assert [(problem.where, what in problem.what) for problem in problems] == [("a.json", True)], problems


def test_other_json_is_passed_over_and_sizes_come_from_the_image() -> None:
    files = {"a.json": _document(imageHeight=None), "photos/a.png": png(30, 20), "other.json": '{"a": 1}'}
    (found,), problems = read(zip_of(files), "labelme")
    assert (problems, found.width, found.height) == ([], 30, 20)
    (found,), _ = split_up(
        get_format("labelme").read(
            zip_of({"a.json": _document(_shape("polygon", [[10, 10], [40, 10], [40, 30]]))}),
            options=ReadOptions(prefer="box"),
        )
    )
    assert found.labelling.annotations[0].geometry == Box(box_xyxy=(10, 10, 40, 30))


@given(st.text(max_size=60), st.text(max_size=20))
@settings(max_examples=40, deadline=None)
def test_no_text_breaks_the_reader(text: str, kind: str) -> None:
    files = {
        "a.json": text,
        "b.json": _document(_shape(kind, [[1, 2], [3, 4]], mask=text, label=text or "a")),
    }
    with contextlib.suppress(InvalidInputError):
        samples, problems = read(zip_of(files), "labelme")
        assert len(samples) + len(problems) >= 1
