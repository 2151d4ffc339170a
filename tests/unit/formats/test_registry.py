from __future__ import annotations

import contextlib
import dataclasses
import io
import json

import pytest
from hypothesis import given, settings

from goldsmith.core.annotations import Annotation, AttributeValue, Labelling, Relation
from goldsmith.core.errors import InvalidInputError, UnsupportedError
from goldsmith.core.geometry import Polygon, Span
from goldsmith.core.ontology import Attribute, AttributeKind, LabelClass, Ontology, RelationType
from goldsmith.formats import FORMATS, OntologyDraft, Sample, ZipSource, detect_format, get_format
from goldsmith.formats.names import fault_of_name
from tests.unit.formats.made import box, boxes, data_sets, polygons, read, sample, written, zip_of

HOSTILE = [
    "../../etc/passwd.png", "/abs/a.png", "C:\\Windows\\a.png", "a\x00b.png", "..", "", "con.png", "a/../b.png",
    "x" * 400 + ".png", "same.png", "SAME.png", "same.png", "dir/\u202egnp.png", "=cmd|' /C calc'!A0.png",
]  # fmt: skip


@pytest.mark.parametrize("name", list(FORMATS))
def test_each_format_recognises_what_it_wrote_and_gives_it_back(name: str) -> None:
    given_samples = [
        sample(box(1, 2, 30, 40), name="a.png", split="train"),
        sample(name="b.png", split="val"),
    ]
    source, report, _ = written(name, given_samples)
    assert detect_format(source) is get_format(name)
    samples, problems = read(source, name)
    assert problems == []
    assert (report.samples, report.annotations) == (2, 1)
    assert [(entry.name, entry.split, entry.width, entry.height) for entry in samples] == [
        ("a.png", "train", 64, 48),
        ("b.png", "val", 64, 48),
    ]
    (found,) = samples[0].labelling.annotations
    assert (found.class_id, found.geometry.bounds_xyxy()) == ("car", pytest.approx((1, 2, 30, 40)))
    assert all(entry.media_name for entry in samples)


@pytest.mark.parametrize("name", list(FORMATS))
def test_a_report_of_losses_beside_a_set_does_not_hide_its_format(name: str) -> None:
    source, report, _ = written(name, [sample(box(1, 2, 30, 40), name="a.png", split="train")])
    files = {entry: source.open(entry).read() for entry in source.names()}
    beside = zip_of(files | {"loss_report.json": json.dumps(report.as_json(), indent=1).encode()})
    assert detect_format(beside) is get_format(name)


@pytest.mark.parametrize("name", list(FORMATS))
def test_hostile_names_are_made_safe_and_kept_apart(name: str) -> None:
    samples = [sample(box(1, 2, 30, 40), name=hostile) for hostile in HOSTILE]
    source, report, _ = written(name, samples)
    assert all(fault_of_name(entry) is None for entry in source.names())
    assert source.refused == ()
    images = [entry for entry in source.names() if entry.endswith(".png")]
    assert len({entry.casefold() for entry in images}) == len(images) >= len(HOSTILE) - 3
    assert report.samples == len(HOSTILE)


@pytest.mark.parametrize("name", list(FORMATS))
@given(data_sets(shapes=boxes() | polygons()))
@settings(max_examples=15, deadline=None)
def test_the_same_samples_give_the_same_bytes(name: str, samples: list[Sample]) -> None:
    assert written(name, samples)[2] == written(name, iter(samples))[2]


@pytest.mark.parametrize("name", list(FORMATS))
def test_what_cannot_be_held_is_reported(name: str) -> None:
    ring = [(1.0, 1.0), (20.0, 1.0), (20.0, 20.0), (1.0, 20.0)]
    hole = [(5.0, 5.0), (9.0, 5.0), (9.0, 9.0)]
    rich = Annotation(
        annotation_id="a", class_id="car", geometry=Polygon(rings=[ring, hole]), attributes={"color": "red"}, score=0.5,
        is_occluded=True, group_id="g",
    )  # fmt: skip
    full = dataclasses.replace(sample(rich, split="train"), metadata={"weather": "rain"}, group="g")
    full = dataclasses.replace(full, labelling=full.labelling.model_copy(update={"answers": {"q": True}}))
    _, report, _ = written(name, [full])
    held = get_format(name).capabilities
    expected = {
        kind
        for kind, is_held in {
            "attributes": held.has_attributes, "flags": held.has_flags, "scores": held.has_scores,
            "metadata": held.has_metadata, "groups": held.has_metadata, "answers": held.has_answers,
            f"polygons_as_{'masks' if name == 'masks' else 'boxes'}": "polygon" in held.geometry_kinds,
            "object_groups": held.has_object_groups,
        }.items()
        if not is_held
    }  # fmt: skip
    assert set(report.losses) == expected
    assert report.is_lossless == (not expected)
    assert report.as_json()["losses"] == dict.fromkeys(sorted(expected), 1)


@pytest.mark.parametrize("name", list(FORMATS))
def test_a_source_of_something_else_is_refused(name: str) -> None:
    source = zip_of({"readme.md": "nothing here"})
    assert detect_format(source) is None
    with pytest.raises(InvalidInputError):
        read(source, name)


def test_an_unknown_format_is_named_with_the_known_ones() -> None:
    with pytest.raises(UnsupportedError, match="coco"):
        get_format("tfrecord")


@pytest.mark.parametrize("name", list(FORMATS))
@pytest.mark.parametrize("at", range(0, 1000, 150))
def test_a_damaged_archive_gives_samples_and_problems_or_is_refused(name: str, at: int) -> None:
    samples = [sample(box(1, 2, 30, 40), name=f"{index}.png", split="train") for index in range(3)]
    data = bytearray(written(name, samples)[2])
    data[at % len(data)] ^= 0xFF
    with contextlib.suppress(InvalidInputError):
        source = ZipSource(io.BytesIO(bytes(data)))
        detect_format(source)
        found, _ = read(source, name)
        assert len(found) <= 3


@pytest.mark.parametrize("name", list(FORMATS))
def test_values_of_every_kind_come_back_or_are_told_as_lost(name: str) -> None:
    options = [{"option_id": letter, "name": letter.upper()} for letter in "abc"]
    said: dict[str, AttributeValue] = {
        "choice": "b",
        "multi_choice": ["c", "a"],
        "ranking": ["c", "a", "b"],
        "number": 2.5,
        "text": "left lane",
        "boolean": True,
        "date": "2024-02-29",
    }
    assert set(said) == set(AttributeKind)
    attributes = [
        Attribute.model_validate(
            {"attribute_id": kind, "name": kind, "kind": kind}
            | ({"options": options} if kind in ("choice", "multi_choice", "ranking") else {})
        )
        for kind in said
    ]
    ontology = Ontology(
        classes=[LabelClass(class_id="car", name="Car", attributes=attributes)], questions=attributes
    )
    one = box(1, 2, 30, 40).model_copy(update={"attributes": said})
    labelling = Labelling(annotations=[one], answers=said)
    source, report, _ = written(name, [dataclasses.replace(sample(), labelling=labelling)], ontology=ontology)
    (found,), problems = read(source, name)
    assert problems == []
    assert found.labelling.annotations[0].attributes == said or report.losses["attributes"] == 1
    assert found.labelling.answers == said or report.losses["answers"] == 1


@pytest.mark.parametrize("name", list(FORMATS))
def test_relations_come_back_or_are_told_as_lost(name: str) -> None:
    objects = [
        box(at, 2, at + 9, 12, annotation_id=letter) for at, letter in zip((1, 21, 41), "abc", strict=True)
    ]
    objects.append(Annotation(annotation_id="span", class_id="car", geometry=Span(start=0, end=3)))
    relations = [
        Relation(relation_id=f"r{number}", relation_type_id=kind, from_id=ends[0], to_id=ends[1], score=score)
        for number, (kind, ends, score) in enumerate(
            [("tows", "ab", 0.5), ("near", "cb", None), ("near", ("a", "span"), None)]
        )
    ]
    types = [
        RelationType(relation_type_id="tows", name="Tows"),
        RelationType(relation_type_id="near", name="Near", is_directed=False),
    ]
    ontology = Ontology(classes=[LabelClass(class_id="car", name="Car")], relation_types=types)
    given_ = dataclasses.replace(sample(), labelling=Labelling(annotations=objects, relations=relations))
    source, report, _ = written(name, [given_], ontology=ontology)
    (found,), problems = read(source, name)
    assert problems == []
    if name == "jsonl":
        assert found.labelling.relations == relations
        assert report.is_lossless
    else:
        assert report.losses["relations"] == 1
        held = get_format(name).capabilities.has_relations
        assert found.labelling.relations == (relations[:2] if held else [])
    draft = OntologyDraft()
    draft.add(found)
    made = draft.ontology(get_format(name).read_ontology(source))
    kept = {entry.relation_type_id for entry in found.labelling.relations}
    assert kept <= {entry.relation_type_id for entry in made.relation_types}


@pytest.mark.parametrize("name", ["labelstudio", "coco", "jsonl"])
def test_ids_that_look_like_those_of_a_format_itself_come_back(name: str) -> None:
    objects = [
        box(at, 2, at + 9, 12, annotation_id=known)
        for at, known in zip((1, 21, 41), (" a ", "answer-1", "7"), strict=True)
    ]
    relations = [
        Relation(relation_id="relation-9", relation_type_id=" tows ", from_id=" a ", to_id="answer-1"),
        Relation(relation_id="r", relation_type_id="near", from_id="answer-1", to_id="7", score=0.0),
    ]
    labelling = Labelling(annotations=objects, relations=relations, answers={"why": "x", "who": "y"})
    source, report, _ = written(name, [dataclasses.replace(sample(), labelling=labelling)])
    (found,), problems = read(source, name)
    assert problems == []
    assert report.is_lossless
    assert [entry.annotation_id for entry in found.labelling.annotations] == [" a ", "answer-1", "7"]
    assert found.labelling.relations == relations
    assert found.labelling.answers == labelling.answers
