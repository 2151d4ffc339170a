from __future__ import annotations

import contextlib
import dataclasses
import io
import itertools
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools.coco import COCO

from goldsmith.core.annotations import MAX_RELATIONS, Annotation, Labelling, Relation
from goldsmith.core.errors import InvalidInputError
from goldsmith.core.geometry import Box, Mask, Polygon, Span
from goldsmith.core.ontology import LabelClass, Ontology, RelationType
from goldsmith.core.plain import PlainLabelling, read_labelling
from goldsmith.formats import ReadOptions, Sample, get_format
from goldsmith.formats.coco import CocoDocument, CocoImages, Prediction, labellings_of_results, read_results
from goldsmith.formats.coco.reader import split_of_document
from goldsmith.formats.coco.results import ImageRef
from tests.unit.formats.made import (
    box,
    boxes,
    data_sets,
    polygons,
    read,
    sample,
    split_up,
    words,
    written,
    zip_of,
)


def _document(**changes: Any) -> dict[str, Any]:
    document: dict[str, Any] = {
        "images": [{"id": 7, "file_name": "a.png", "width": 64, "height": 48}],
        "categories": [{"id": 3, "name": "car"}],
        "annotations": [{"id": 9, "image_id": 7, "category_id": 3, "bbox": [1, 2, 10, 20]}],
    }
    return document | changes


def _one(**record: Any) -> dict[str, Any]:
    return {"annotations": [{"id": 1, "image_id": 7, "category_id": 3} | record]}


def _read(document: dict[str, Any] | str, name: str = "annotations/instances_val2017.json") -> Any:
    text = document if isinstance(document, str) else json.dumps(document)
    return read(zip_of({name: text}), "coco")


@given(data_sets(shapes=boxes() | polygons()))
@settings(max_examples=35, deadline=None)
def test_what_is_written_is_read_back_the_same(samples: list[Sample]) -> None:
    source, report, _ = written("coco", samples)
    found, problems = read(source, "coco")
    assert problems == []
    assert report.is_lossless
    assert [entry.name for entry in found] == [entry.name for entry in samples]
    for back, was in zip(found, samples, strict=True):
        assert back.labelling == was.labelling
        assert (back.split, back.group, back.metadata) == (was.split, was.group, was.metadata)
        assert back.media_name == f"images/{was.name}"


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # within pycocotools
def test_the_export_loads_in_pycocotools(tmp_path: Path) -> None:
    polygon = Polygon(rings=[[(10.0, 10.0), (40.0, 10.0), (40.0, 30.0), (10.0, 30.0)]])
    shape = Annotation(annotation_id="b", class_id="tree", geometry=polygon)
    ontology = Ontology(
        classes=[LabelClass(class_id="tree", name="Tree"), LabelClass(class_id="car", name="Car")]
    )
    source, _, _ = written(
        "coco", [sample(box(1, 2, 30.5, 40), shape), sample(name="b.png")], ontology=ontology
    )
    path = tmp_path / "annotations.json"
    path.write_bytes(source.open("annotations.json").read())
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO(str(path))
        results = coco.loadRes([{"image_id": 1, "category_id": 2, "bbox": [1, 2, 29.5, 38], "score": 0.9}])
    assert sorted(coco.imgs) == [1, 2]
    assert [coco.cats[number]["name"] for number in (1, 2)] == ["tree", "car"]
    assert [coco.anns[number]["bbox"] for number in (1, 2)] == [[1, 2, 29.5, 38], [10, 10, 30, 20]]
    assert [coco.anns[number]["area"] for number in (1, 2)] == [29.5 * 38, 600]
    assert int(np.sum(coco.annToMask(coco.anns[2]))) == 600
    assert len(results.anns) == 1


@given(data_sets(shapes=boxes() | polygons()))
@settings(max_examples=30, deadline=None)
def test_a_stream_of_stored_labels_is_the_file_byte_by_byte(samples: list[Sample]) -> None:
    source, report, _ = written("coco", samples)
    with CocoDocument(None) as document:
        parts = [document.head()]
        for entry in samples:
            labelling = read_labelling(entry.labelling.as_json())
            assert isinstance(labelling, PlainLabelling)
            parts.append(
                document.add(
                    entry.name,
                    labelling,
                    width_px=entry.width,
                    height_px=entry.height,
                    metadata=entry.metadata,
                    split=entry.split,
                    group=entry.group,
                )
            )
        parts += document.tail()
    assert b"".join(parts) == source.open("annotations.json").read()
    assert document.report.as_json() == report.as_json()


RELATED = Ontology(
    classes=[LabelClass(class_id="car", name="Car"), LabelClass(class_id="trailer", name="Trailer")],
    relation_types=[RelationType(relation_type_id="tows", name="tows", from_class_ids=["car"])],
)


def _relation(name: str, start: str, end: str, *, score: float | None = None) -> Relation:
    return Relation(relation_id=name, relation_type_id="tows", from_id=start, to_id=end, score=score)


def _related(*relations: Relation, more: Annotation | None = None) -> Sample:
    objects = [
        Annotation(annotation_id=name, class_id="car", geometry=Box(box_xyxy=(at, 2, at + 9, 12)))
        for at, name in enumerate("abc")
    ]
    objects += [] if more is None else [more]
    return dataclasses.replace(sample(), labelling=Labelling(annotations=objects, relations=list(relations)))


_ends = st.tuples(st.sampled_from("abc"), st.sampled_from("abc")).filter(lambda ends: ends[0] != ends[1])


@given(st.lists(_ends, unique=True, max_size=5), st.none() | st.floats(0, 1))
def test_relations_come_back_with_their_types(ends: list[tuple[str, str]], score: float | None) -> None:
    given_ = _related(*(_relation(f"r{n}", *pair, score=score) for n, pair in enumerate(ends)))
    source, report, _ = written("coco", [given_], ontology=RELATED)
    (found,), problems = read(source, "coco")
    assert problems == []
    assert report.is_lossless
    assert found.labelling == given_.labelling
    known = get_format("coco").read_ontology(source)
    assert known is not None
    assert [(entry.relation_type_id, entry.name) for entry in known.relation_types] == [("tows", "tows")]


def test_a_document_tells_what_it_could_not_hold() -> None:
    name = Annotation(annotation_id="s", class_id="car", geometry=Span(start=0, end=3))
    given_ = _related(_relation("r", "a", "s"), _relation("q", "a", "b"), more=name)
    source, report, _ = written("coco", [given_])
    assert report.losses == {"spans_left_out": 1, "relations": 1}
    own = json.loads(source.open("annotations.json").read())["goldsmith"]
    assert own == {key: value for key, value in report.as_json().items() if key in ("losses", "examples")}
    (found,), problems = read(source, "coco")
    assert problems == []
    assert [entry.relation_id for entry in found.labelling.relations] == ["q"]
    lossless, _, _ = written("coco", [_related()])
    assert "goldsmith" not in json.loads(lossless.open("annotations.json").read())


@pytest.mark.parametrize(
    ("relation", "what"),
    [
        ({"relation_id": "r"}, "relation_type_id"),
        ("text", "valid"),
        (_relation("r", "a", "gone").model_dump(), "an object that it joins is not among those of the image"),
        (_relation("r", "a", "a").model_dump(), "joins 'a' with itself"),
    ],
)
def test_broken_relations_are_listed_and_the_rest_is_kept(relation: Any, what: str) -> None:
    annotations = [
        {"id": number, "annotation_id": name, "image_id": 7, "category_id": 3, "bbox": [1, 2, 10, 20]}
        for number, name in enumerate("ab")
    ]
    image = {"id": 7, "file_name": "a.png", "width": 64, "height": 48, "relations": [relation]}
    (found,), (problem,) = _read(_document(images=[image], annotations=annotations))
    assert what in problem.what
    assert len(found.labelling.annotations) == 2
    assert found.labelling.relations == []


def test_more_relations_than_an_image_may_have_are_told_and_its_objects_are_kept() -> None:
    annotations = [
        {"id": number, "annotation_id": f"r{number}", "image_id": 7, "category_id": 3, "bbox": [1, 2, 9, 9]}
        for number in range(150)
    ]
    ends = itertools.islice(
        itertools.permutations((f"r{number}" for number in range(150)), 2), MAX_RELATIONS + 1
    )
    relations = [_relation(f"q{at}", *pair).model_dump() for at, pair in enumerate(ends)]
    image = {"id": 7, "file_name": "a.png", "width": 64, "height": 48, "relations": relations}
    (found,), (problem,) = _read(_document(images=[image], annotations=annotations))
    assert problem.what == "its relations are left out: there are 20,001, and one image may have 20,000"
    assert (len(found.labelling.annotations), found.labelling.relations) == (150, [])


def test_ids_may_come_in_any_order_and_of_any_kind() -> None:
    samples, problems = _read(
        _document(
            images=[
                {"id": "zz", "file_name": "b.png", "width": 64, "height": 48},
                {"id": -5, "file_name": "a.png", "width": 64.0, "height": 48.0},
            ],
            annotations=[
                {"id": 100, "image_id": -5, "category_id": 3, "bbox": [1, 2, 10, 20]},
                {"id": 2, "image_id": "zz", "category_id": 3, "bbox": [5, 5, 5, 5]},
                {"id": 50, "image_id": -5, "category_id": 3, "bbox": [0, 0, 64, 48]},
            ],
        )
    )
    assert problems == []
    assert [entry.name for entry in samples] == ["b.png", "a.png"]
    ids = [[found.annotation_id for found in entry.labelling.annotations] for entry in samples]
    assert ids == [["coco-2"], ["coco-100", "coco-50"]]
    assert {entry.split for entry in samples} == {"val"}


@pytest.mark.parametrize(
    ("changes", "where", "what"),
    [
        (_one(category_id=4, bbox=[1, 2, 3, 4]), "annotations[0]", "category_id"),
        (_one(image_id=8, bbox=[1, 2, 3, 4]), "annotations[0]", "image_id"),
        (_one(bbox=[1, 2, 0, 4]), "annotations[0]", "no width"),
        (_one(bbox=[1, 2, 3]), "annotations[0]", "four"),
        (_one(bbox=[100, 2, 3, 3]), "annotations[0]", "outside"),
        (_one(), "annotations[0]", "neither"),
        ({"annotations": [{"id": 1, "category_id": 3}]}, "annotations[0]", "image_id"),
        ({"annotations": [17]}, "annotations[0]", "object"),
        ({"categories": [{"id": 3}, {"id": 3, "name": "car"}]}, "categories[0]", "name"),
        ({"categories": [{"id": 3, "name": "car"}, {"id": 3, "name": "bus"}]}, "categories[1]", "twice"),
        ({"images": [{"id": 7, "file_name": "../../etc/passwd", "width": 1, "height": 1}]}, "images[0]", "'..'"),
        ({"images": [{"id": 7, "file_name": "..\\..\\a.png", "width": 1, "height": 1}]}, "images[0]", "'..'"),
        ({"images": [{"id": 7, "file_name": "/etc/passwd", "width": 1, "height": 1}]}, "images[0]", "relative"),
        ({"images": [{"id": 7, "file_name": "a.png"}]}, "images[0]", "width"),
    ],
)  # fmt: skip
def test_broken_records_are_listed_with_place_and_reason(
    changes: dict[str, Any], where: str, what: str
) -> None:
    _, problems = _read(_document(**changes))
    assert any(where in problem.where and what in problem.what for problem in problems), problems


def test_good_records_beside_broken_ones_are_kept() -> None:
    bad = [{"id": 1, "image_id": 7, "category_id": 99, "bbox": [1, 2, 3, 4]}, "x", None, {"image_id": 7}]
    samples, problems = _read(_document(annotations=[*bad, *_document()["annotations"]]))
    assert len(problems) == len(bad)
    assert [found.annotation_id for found in samples[0].labelling.annotations] == ["coco-9"]


def test_a_document_without_categories_gives_images_and_a_problem() -> None:
    document = _document()
    del document["categories"]
    samples, problems = _read(document)
    assert samples[0].labelling.annotations == []
    assert "categories" in problems[0].what


def test_crowds_are_noted_and_broken_outlines_become_boxes_with_a_warning() -> None:
    one, two = [1, 1, 9, 1, 9, 9], [20, 20, 30, 20, 30, 30]
    common = {"image_id": 7, "category_id": 3}
    mask = {"size": [48, 64], "counts": [0, 9, 48 * 64 - 9]}
    samples, problems = _read(
        _document(
            annotations=[
                common | {"id": 1, "bbox": [1, 1, 8, 8], "segmentation": mask, "iscrowd": 1},
                common | {"id": 2, "bbox": [1, 1, 29, 29], "segmentation": [one, two]},
                common | {"id": 3, "segmentation": [one, two]},
                common | {"id": 4, "bbox": [1, 1, 8, 8], "segmentation": [one]},
                common | {"id": 5, "bbox": [1, 1, 8, 8], "segmentation": []},
                common | {"id": 6, "bbox": [1, 1, 8, 8], "segmentation": [[1, 2, 3]]},
                common | {"id": 7, "bbox": [1, 1, 8, 8], "segmentation": "oops"},
            ]
        )
    )  # fmt: skip
    assert [problem.severity for problem in problems] == ["warning"] * 2
    shapes = [found.geometry for found in samples[0].labelling.annotations]
    assert [type(shape) for shape in shapes] == [Mask, Mask, Mask, Polygon, Box, Box, Box]
    assert shapes[2].bounds_xyxy() == (1, 1, 30, 30)
    assert samples[0].metadata["coco_iscrowd"] == ["coco-1"]
    source, _, _ = written("coco", samples)
    document = json.loads(source.open("annotations.json").read())
    assert [record["iscrowd"] for record in document["annotations"]] == [1, 0, 0, 0, 0, 0, 0]


def test_boxes_can_be_preferred_to_outlines() -> None:
    annotation = {
        "id": 4,
        "image_id": 7,
        "category_id": 3,
        "bbox": [1, 1, 8, 8],
        "segmentation": [[1, 1, 9, 1, 9, 9]],
    }
    source = zip_of({"a.json": json.dumps(_document(annotations=[annotation]))})
    samples, problems = split_up(get_format("coco").read(source, options=ReadOptions(prefer="box")))
    assert problems == []
    assert isinstance(samples[0].labelling.annotations[0].geometry, Box)


def test_attributes_and_flags_of_other_tools_are_taken() -> None:
    attributes = {"occluded": True, "color": "red", "wheels": 4, "ok": False, "deep": {"a": 1}, "none": None}
    record = {"id": 4, "image_id": 7, "category_id": 3, "bbox": [1, 1, 8, 8], "attributes": attributes}
    samples, problems = _read(_document(annotations=[record]))
    (found,) = samples[0].labelling.annotations
    assert found.is_occluded
    assert found.attributes == {"color": "red", "wheels": 4.0, "ok": False}
    assert [(problem.severity, "deep" in problem.what) for problem in problems] == [("warning", True)]


def test_images_are_found_where_people_put_them() -> None:
    images = [
        {"id": n, "file_name": name, "width": 64, "height": 48}
        for n, name in enumerate(["a.png", "b.png", "c.png"])
    ]
    files = {"annotations/instances_train2017.json": json.dumps(_document(images=images, annotations=[]))}
    pictures = {"annotations/a.png": b"", "images/b.png": b"", "train2017/c.png": b"", "val2017/a.png": b""}
    samples, _ = read(zip_of(files | pictures), "coco")
    assert [entry.media_name for entry in samples] == ["annotations/a.png", "images/b.png", "train2017/c.png"]


def test_an_image_described_twice_is_taken_once() -> None:
    text = json.dumps(_document())
    samples, problems = read(zip_of({"train.json": text, "val.json": text}), "coco")
    assert len(samples) == 1
    assert "already" in problems[0].what


@pytest.mark.parametrize(
    ("name", "split"),
    [
        ("annotations/instances_train2017.json", "train"), ("test.coco.json", "test"), ("a.json", ""),
        ("valid/_annotations.coco.json", "val"), ("latest.json", ""),
    ],
)  # fmt: skip
def test_splits_are_read_from_file_names(name: str, split: str) -> None:
    assert split_of_document(name) == split


_KEYS = [
    "id",
    "image_id",
    "category_id",
    "bbox",
    "segmentation",
    "file_name",
    "width",
    "height",
    "name",
    "attributes",
]
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.sampled_from(_KEYS), inner, max_size=6),
    max_leaves=20,
)  # fmt: skip


@given(images=_json, annotations=_json, categories=_json)
@settings(max_examples=60, deadline=None)
def test_no_document_breaks_the_reader(images: Any, annotations: Any, categories: Any) -> None:
    document = _document()
    for key, value in (("images", images), ("annotations", annotations), ("categories", categories)):
        document[key] = [*document[key], *value] if isinstance(value, list) else [*document[key], value]
    with contextlib.suppress(InvalidInputError):
        samples, _ = _read(document)
        assert any(entry.name == "a.png" for entry in samples)


@pytest.mark.parametrize(
    "text",
    ['{"images": [', '{"images": [NaN], "annotations": []}', "[" * 100_000, '{"images":' + "[" * 100_000],
)
def test_text_that_is_no_json_is_refused_or_listed(text: str) -> None:
    with contextlib.suppress(InvalidInputError):
        samples, problems = _read(text)
        assert not samples
        assert problems


# ---- results -----------------------------------------------------------------------------------------------------


@given(data_sets(shapes=boxes()), st.lists(words, unique=True, max_size=3))
@settings(max_examples=30, deadline=None)
def test_ids_of_an_export_are_known_without_the_file(samples: list[Sample], class_ids: list[str]) -> None:
    ontology = Ontology(classes=[LabelClass(class_id=class_id, name=class_id) for class_id in class_ids])
    source, _, _ = written("coco", samples, ontology=ontology)
    by_file = CocoImages.of_document(source.open("annotations.json").read())
    by_order = CocoImages.of_export(
        [ImageRef(entry.name, entry.width, entry.height) for entry in samples], class_ids=class_ids
    )
    assert all(by_order.images[key] == ref for key, ref in by_file.images.items())
    assert all(by_file.categories[number] == class_id for number, class_id in enumerate(class_ids, start=1))
    assert all(by_order.categories[number] == class_id for number, class_id in enumerate(class_ids, start=1))


def test_results_become_predictions_and_the_rest_is_listed() -> None:
    images = CocoImages.of_export([ImageRef("a.png", 64, 48)], class_ids=["car"])
    good = {"image_id": 1, "category_id": 1, "bbox": [1, 2, 10, 20], "score": 0.5}
    records = [
        good, good | {"image_id": "a.png", "category_id": "car", "bbox": [60, 40, 10, 20]}, good | {"image_id": 2},
        good | {"category_id": 9}, good | {"score": 1.5}, good | {"bbox": [1, 2, -3, 4]}, {"image_id": 1}, 5,
    ]  # fmt: skip
    entries = list(read_results(json.dumps(records).encode(), images=images))
    predictions = [entry for entry in entries if isinstance(entry, Prediction)]
    assert [entry.box_xyxy for entry in predictions] == [(1, 2, 11, 22), (60, 40, 64, 48)]
    assert len(entries) - len(predictions) == 6
    labelling = labellings_of_results(entries)["a.png"]
    assert [(found.class_id, found.score) for found in labelling.annotations] == [("car", 0.5), ("car", 0.5)]


@pytest.mark.parametrize("data", [b"", b"{}", b"[1", b"nonsense"])
def test_what_is_no_results_file_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidInputError):
        list(read_results(data, images=CocoImages({}, {})))
    with pytest.raises(InvalidInputError):
        CocoImages.of_document(data)
