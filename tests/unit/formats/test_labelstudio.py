from __future__ import annotations

import contextlib
import itertools
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldsmith.core.annotations import MAX_ANNOTATIONS, MAX_RELATIONS, Annotation
from goldsmith.core.errors import InvalidInputError
from goldsmith.core.geometry import Box, Ellipse, Mask, PointShape, Polygon, Polyline, RotatedBox
from goldsmith.formats import ReadOptions, Sample, get_format
from goldsmith.formats.labelstudio.brush import inside_runs, pack
from goldsmith.formats.runs import mask_from_rows
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


def _result(kind: str, value: dict[str, Any], **more: Any) -> dict[str, Any]:
    # as Label Studio 1.13 writes it
    plain: dict[str, Any] = {
        "original_width": 200, "original_height": 100, "image_rotation": 0, "id": "r1", "from_name": "label",
        "to_name": "image", "type": kind, "origin": "manual", "value": value,
    }  # fmt: skip
    return plain | more


def _task(*results: dict[str, Any], **more: Any) -> dict[str, Any]:
    annotation = {
        "id": 5,
        "completed_by": 1,
        "was_cancelled": False,
        "ground_truth": False,
        "result": list(results),
    }
    return {
        "id": 1, "data": {"image": "/data/upload/3/0a1b2c3d-a.png"}, "annotations": [annotation], "predictions": [],
    } | more  # fmt: skip


def _read(*tasks: dict[str, Any], **files: Any) -> Any:
    return read(zip_of({"export.json": json.dumps(list(tasks)), **files}), "labelstudio")


_BOX = {"x": 10, "y": 20, "width": 30, "height": 40, "rotation": 0, "rectanglelabels": ["car"]}
_ROUND = {"x": 50, "y": 50, "radiusX": 10, "radiusY": 10, "rotation": 190, "ellipselabels": ["car"]}
_TRIANGLE = {"points": [[10, 10], [40, 10], [40, 30]], "polygonlabels": ["car"]}
# a picture of 2 x 2, its second pixel red and opaque, as Label Studio's own converter packs it
_BRUSH = [0, 0, 0, 16, 57, 27, 252, 96, 0, 127, 194, 0, 7, 252, 224, 0]


def test_a_task_of_label_studio_is_read_whole() -> None:
    task = _task(
        _result("rectanglelabels", _BOX, id="a"),
        _result("rectanglelabels", _BOX | {"rotation": 90}, id="b"),
        _result("ellipselabels", _ROUND, id="c"),
        _result("polygonlabels", _TRIANGLE | {"closed": True}, id="d"),
        _result("keypointlabels", {"x": 5, "y": 6, "width": 0.5, "keypointlabels": ["car"]}, id="e"),
        _result("polygon", {"points": [[10, 10], [40, 10]], "closed": False}, id="f"),
        _result("labels", {"points": [], "labels": ["line", "other"]}, id="f"),
        _result("choices", _BOX | {"choices": ["red"]}, id="a", from_name="color"),
        _result("textarea", {"text": ["one", "two"]}, id="a", from_name="note"),
        _result("choices", {"choices": ["night"]}, id="g", from_name="light"),
        _result("number", {"number": 3}, id="h", from_name="count"),
        _result("taxonomy", {"taxonomy": [["animal", "cat"]]}, id="i", from_name="kind"),
        _result("rating", {"rating": 4}, id="j", from_name="stars"),
        {"type": "relation", "from_id": "a", "to_id": "b"},
    )  # fmt: skip
    (found,), problems = _read(task, **{"images/0a1b2c3d-a.png": png(200, 100)})
    assert [problem.severity for problem in problems] == ["warning"]
    assert [(entry.relation_type_id, entry.from_id, entry.to_id) for entry in found.labelling.relations] == [
        ("related", "a", "b")
    ]
    assert (found.name, found.media_name) == ("a.png", "images/0a1b2c3d-a.png")
    assert (found.width, found.height) == (200, 100)
    shapes = {entry.annotation_id: entry.geometry for entry in found.labelling.annotations}
    assert shapes["a"] == Box(box_xyxy=(20, 20, 80, 60))
    assert_near(shapes["b"], RotatedBox(center_xy=(0, 50), size_wh=(60, 40), angle_deg=90))
    assert shapes["c"] == Ellipse(center_xy=(100, 50), radii_xy=(20, 10), angle_deg=10)
    assert shapes["d"] == Polygon(rings=[[(20, 10), (80, 10), (80, 30)]])
    assert shapes["e"] == PointShape(point_xy=(10, 6))
    assert shapes["f"] == Polyline(points=[(20, 10), (80, 10)])
    by_id = {entry.annotation_id: entry for entry in found.labelling.annotations}
    assert by_id["a"].attributes == {"color": "red", "note": "one\ntwo"}
    assert by_id["f"].class_id == "line"
    assert found.labelling.answers == {"light": "night", "count": 3.0, "kind": ["animal > cat"], "stars": 4.0}


def test_a_brush_of_label_studio_is_a_mask() -> None:
    runs = inside_runs(_BRUSH, width=2, height=2)
    assert mask_from_rows(runs, origin_xy=(0, 0), size_wh=(2, 2)) == Mask(
        origin_xy=(1, 0), size_wh=(1, 1), runs=[0, 1]
    )


@given(masks())
@settings(max_examples=50, deadline=None)
def test_brushes_are_packed_and_unpacked(mask: Mask) -> None:
    rle = pack(mask, width=WIDTH, height=HEIGHT)
    assert all(0 <= value < 256 for value in rle)
    runs = inside_runs(rle, width=WIDTH, height=HEIGHT)
    assert mask_from_rows(runs, origin_xy=(0, 0), size_wh=(WIDTH, HEIGHT)) == mask


@pytest.mark.parametrize(
    ("annotations", "predictions", "class_ids", "warned"),
    [
        ([("old", {"updated_at": "2024-01-01"}), ("new", {"updated_at": "2025-01-01"})], [], ["new"], True),
        ([("true", {"ground_truth": True}), ("new", {"updated_at": "2025-01-01"})], [], ["true"], True),
        ([("kept", {}), ("skipped", {"was_cancelled": True})], [("guess", {})], ["kept"], False),
        ([("skipped", {"was_cancelled": True})], [("guess", {})], ["guess"], False),
        ([], [], [], False),
    ],
)  # fmt: skip
def test_one_annotation_of_a_task_counts(
    annotations: Any, predictions: Any, class_ids: list[str], warned: bool
) -> None:
    def made(entries: Any) -> list[dict[str, Any]]:
        return [
            {"result": [_result("rectanglelabels", _BOX | {"rectanglelabels": [name]}, score=0.5)]} | more
            for name, more in entries
        ]

    (found,), problems = _read(_task(annotations=made(annotations), predictions=made(predictions)))
    assert [entry.class_id for entry in found.labelling.annotations] == class_ids
    assert bool(problems) == warned


@pytest.mark.parametrize(
    ("image", "name"),
    [
        ("/data/upload/3/0a1b2c3d-a.png", "a.png"), ("/data/upload/a b.png", "a b.png"),
        ("/data/local-files/?d=set/val/a.png", "set/val/a.png"), ("s3://bucket/set/a.png", "set/a.png"),
        ("https://example.org/x/a.png?sig=1", "x/a.png"), ("https://example.org/x/a%20b.png", "x/a b.png"),
    ],
)  # fmt: skip
def test_images_are_named_as_people_know_them(image: str, name: str) -> None:
    (found,), problems = _read(_task(data={"image": image, "weather": "rain"}, annotations=[]))
    assert problems == []
    assert (found.name, dict(found.metadata)) == (name, {"weather": "rain"})


def test_a_control_with_two_choices_anywhere_takes_several() -> None:
    one = _task(_result("choices", {"choices": ["a"]}, from_name="tags"))
    two = _task(
        _result("choices", {"choices": ["a", "b"]}, from_name="tags"), data={"image": "/data/upload/b.png"}
    )
    found, _ = _read(one, two, **{"a.png": png(), "b.png": png()})
    assert [entry.labelling.answers for entry in found] == [{"tags": ["a"]}, {"tags": ["a", "b"]}]


_stored_shapes = boxes() | rounded_polygons() | polygons_with_holes() | masks() | skeletons() | other_shapes


@given(data_sets(shapes=_stored_shapes, at_least=1))
@settings(max_examples=30, deadline=None)
def test_every_kind_comes_back(samples: list[Sample]) -> None:
    source, report, _ = written("labelstudio", samples)
    found, problems = read(source, "labelstudio")
    assert problems == []
    assert set(report.losses) <= {"skeletons_as_polylines"}
    for back, was in zip(found, samples, strict=True):
        assert (back.name, back.split, back.group, back.metadata) == (
            was.name,
            was.split,
            was.group,
            was.metadata,
        )
        assert back.media_name == f"images/{was.name}"
        assert back.labelling.answers == was.labelling.answers
        for one, other in zip(back.labelling.annotations, was.labelling.annotations, strict=True):
            if isinstance(other.geometry, Polygon) and len(other.geometry.rings) > 1:
                assert isinstance(one.geometry, Polygon)
                rings = [[(round(x, 2), round(y, 2)) for x, y in ring] for ring in one.geometry.rings]
                assert canonical_rings(rings) == canonical_rings(other.geometry.rings)
            else:
                assert_near(one.geometry, other.geometry)
            assert one.model_copy(update={"geometry": other.geometry}) == other


def test_what_label_studio_changed_counts() -> None:
    cuboid = Annotation(
        annotation_id="a", class_id="car", geometry=ONE_OF_EACH["cuboid"], attributes={"color": "red"}
    )
    source, _, _ = written("labelstudio", [sample(cuboid)])
    tasks = json.loads(source.open("tasks.json").read())
    region, color = tasks[0]["annotations"][0]["result"]
    region["value"]["points"][0][0] += 1
    color["value"]["choices"] = ["blue"]
    (found,), problems = _read(*tasks, **{"images/a.png": png()})
    assert problems == []
    (back,) = found.labelling.annotations
    assert (back.geometry.kind, back.attributes) == ("polygon", {"color": "blue"})
    interface = source.open("interface.xml").read().decode()
    assert '<PolygonLabels name="polygon" toName="image">' in interface


@pytest.mark.parametrize(
    ("result", "what"),
    [
        (_result("rectanglelabels", {"rectanglelabels": ["a"]}), "x is not a finite number"),
        (_result("rectanglelabels", _BOX | {"x": "5"}), "x is not"),
        (_result("rectanglelabels", _BOX | {"width": -1}), "no width"),
        (_result("rectanglelabels", _BOX | {"rectanglelabels": []}), "no label"),
        (_result("rectanglelabels", _BOX | {"x": 300}), "outside"), (_result("rectanglelabels", 5), "object"),
        (_result("rectanglelabels", _BOX | {"rotation": "x"}), "rotation"),
        (_result("ellipselabels", {"x": 1, "y": 2, "radiusX": 0, "radiusY": 1, "ellipselabels": ["a"]}), "ellipse"),
        (_result("polygonlabels", {"points": [[1, 2]], "polygonlabels": ["a"]}), "three points"),
        (_result("polygonlabels", {"points": [[1, "x"]], "polygonlabels": ["a"]}), "finite"),
        (_result("polygonlabels", {"points": 5, "polygonlabels": ["a"]}), "points"),
        (_result("brushlabels", {"rle": "x", "brushlabels": ["a"]}), "rle"),
        (_result("brushlabels", {"rle": [999], "brushlabels": ["a"]}), "bytes"),
        (_result("brushlabels", {"rle": [0, 0, 0], "brushlabels": ["a"]}), "breaks off"),
        (_result("brushlabels", {"rle": _BRUSH, "brushlabels": ["a"]}), "has 16 values"),
        (_result("brushlabels", {"rle": [0, 1, 56, 128, 0], "brushlabels": ["a"]}), "breaks off"),
        (_result("videorectangle", {}), "not read"), (_result("rectanglelabels", _BOX, score=7), "score"),
    ],
)  # fmt: skip
def test_broken_results_are_listed_and_good_ones_kept(result: dict[str, Any], what: str) -> None:
    (found,), problems = _read(_task(result, _result("rectanglelabels", _BOX, id="good")))
    assert [entry.annotation_id for entry in found.labelling.annotations] == ["good"]
    assert [problem.where for problem in problems] == ["export.json: [0]: result[0]"]
    assert what in problems[0].what, problems


@pytest.mark.parametrize(
    ("task", "what"),
    [
        ({"data": 5}, "object"), (_task(data={"image": "data:image/png;base64,aaaa"}), "inside the file"),
        (_task(data={"text": "hello"}), "no image"), (_task(data={"image": "s3://b/../a.png"}), "'..'"),
        (_task(_result("rectanglelabels", _BOX, original_width=None)), "original_width"),
        (_task(annotations=5), "array"), (_task(data={"image": "https://[bad/a.png"}), "no image"),
    ],
)  # fmt: skip
def test_broken_tasks_are_listed(task: dict[str, Any], what: str) -> None:
    found, problems = _read(_task(annotations=[]), task)
    assert [entry.name for entry in found] == ["a.png"]
    assert [problem.where for problem in problems] == ["export.json: [1]"]
    assert what in problems[0].what, problems


def test_boxes_can_be_preferred_and_other_json_is_passed_over() -> None:
    tasks = json.dumps([_task(_result("polygonlabels", _TRIANGLE))])
    source = zip_of({"a.json": tasks, "b.json": '{"a": 1}', "c.json": '[{"x": 1}]'})
    (found,), problems = split_up(get_format("labelstudio").read(source, options=ReadOptions(prefer="box")))
    assert problems == []
    assert found.labelling.annotations[0].geometry == Box(box_xyxy=(20, 10, 80, 30))


_kinds = st.sampled_from(["rectanglelabels", "brushlabels", "choices", "x"])


@given(st.text(max_size=60), _kinds, st.lists(st.integers(0, 255), max_size=30))
@settings(max_examples=40, deadline=None)
def test_no_text_breaks_the_reader(text: str, kind: str, rle: list[int]) -> None:
    value = {kind: [text], "rle": rle, "x": 1, "y": 2, "width": 3, "height": 4, "choices": text}
    task = _task(_result(kind, value, id=text), data={"image": text})
    files = {"a.json": "[" + text, "b.json": json.dumps([task])}
    with contextlib.suppress(InvalidInputError):
        samples, problems = read(zip_of(files), "labelstudio")
        assert len(samples) + len(problems) >= 1


def _relation(**more: Any) -> dict[str, Any]:
    return {"type": "relation", "from_id": "r1", "to_id": "r2", "direction": "right"} | more


def test_relations_have_a_direction_and_labels() -> None:
    boxes_ = [_result("rectanglelabels", _BOX, id=name) for name in ("r1", "r2", "r3")]
    task = _task(
        *boxes_,
        _relation(labels=["tows", "near"]),
        _relation(direction="left", labels=["tows"]),
        _relation(to_id="r3", direction="bi"),
    )
    (found,), problems = _read(task)
    assert problems == []
    assert [(r.relation_id, r.relation_type_id, r.from_id, r.to_id) for r in found.labelling.relations] == [
        ("relation-4", "tows", "r1", "r2"),
        ("relation-4-2", "near", "r1", "r2"),
        ("relation-5", "tows", "r2", "r1"),
        ("relation-6", "related", "r1", "r3"),
    ]


@pytest.mark.parametrize(
    ("relation", "what"),
    [
        (_relation(to_id="gone"), "does not join two regions"),
        (_relation(to_id="r1"), "does not join two regions"),
        (_relation(from_id=None), "not a usable result"),
        (_relation(labels=[" "]), "not a usable relation"),
        (_relation(), "there already"),
    ],
)
def test_broken_relations_are_listed_and_the_rest_is_kept(relation: dict[str, Any], what: str) -> None:
    boxes_ = [_result("rectanglelabels", _BOX, id=name) for name in ("r1", "r2")]
    (found,), (problem,) = _read(_task(*boxes_, _relation(), relation))
    assert what in problem.what
    assert len(found.labelling.annotations) == 2
    assert len(found.labelling.relations) == 1


def test_more_relations_than_one_task_may_have_are_told_and_its_objects_are_kept() -> None:
    names = [f"r{number}" for number in range(150)]
    ends = list(itertools.islice(itertools.permutations(names, 2), MAX_RELATIONS + 2))
    (found,), (problem,) = _read(
        _task(
            *(_result("rectanglelabels", _BOX, id=name) for name in names),
            *(_relation(from_id=start, to_id=end) for start, end in ends),
        )
    )
    assert problem.where.endswith(f"result[{150 + MAX_RELATIONS}]")
    assert problem.what == "one task may have 20,000 relations; this one and those after it are left out"
    assert (len(found.labelling.annotations), len(found.labelling.relations)) == (150, MAX_RELATIONS)


def test_more_objects_than_one_task_may_have_are_told() -> None:
    boxes_ = (_result("rectanglelabels", _BOX, id=f"r{number}") for number in range(MAX_ANNOTATIONS + 2))
    (found,), (problem,) = _read(_task(*boxes_))
    assert "this one and those after it are left out" in problem.what
    assert len(found.labelling.annotations) == MAX_ANNOTATIONS
