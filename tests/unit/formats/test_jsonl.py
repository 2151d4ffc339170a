from __future__ import annotations

import dataclasses
import json

import pytest
from hypothesis import given, settings

from goldsmith.core.annotations import Annotation, Labelling, Relation
from goldsmith.core.errors import InvalidInputError
from goldsmith.core.geometry import Span
from goldsmith.core.ontology import LabelClass, Ontology
from goldsmith.formats import Sample
from goldsmith.formats.jsonl import read_ontology
from goldsmith.formats.registry import FORMATS
from tests.unit.formats.made import box, data_sets, read, sample, shapes_of_every_kind, written, zip_of

_HEAD = '{"format":"goldsmith-samples","version":1}'


@given(data_sets(shapes=shapes_of_every_kind))
@settings(max_examples=35, deadline=None)
def test_nothing_is_lost(samples: list[Sample]) -> None:
    source, report, _ = written("jsonl", samples)
    found, problems = read(source, "jsonl")
    assert problems == []
    assert report.is_lossless
    assert [dataclasses.replace(entry, media_name=None) for entry in found] == samples
    assert all(entry.media_name is not None for entry in found)


def test_the_ontology_comes_along() -> None:
    ontology = Ontology(classes=[LabelClass(class_id="car", name="Car", color="#102030")])
    source, _, _ = written("jsonl", [sample(box(1, 2, 3, 4))], ontology=ontology)
    assert read_ontology(source) == ontology
    assert read_ontology(written("jsonl", [])[0]) is None
    broken = zip_of({"a.jsonl": '{"format":"goldsmith-samples","version":1,"ontology":{"classes":5}}\n'})
    with pytest.raises(InvalidInputError):
        read_ontology(broken)


@pytest.mark.parametrize(
    "line",
    [
        "not json", "5", "{}", '{"name":"../a.png","width":1,"height":1,"labelling":{}}',
        '{"name":"a.png","width":-1,"height":1,"labelling":{}}',
        '{"name":"a.png","width":1,"height":1,"labelling":{"annotations":[{"class_id":"car"}]}}',
        '{"name":"good.png","width":1,"height":1,"labelling":{}}',
    ],
)  # fmt: skip
def test_broken_lines_are_listed_and_good_ones_kept(line: str) -> None:
    good = json.dumps({"name": "good.png", "width": 4, "height": 4, "labelling": {}})
    samples, problems = read(zip_of({"x.jsonl": f"{_HEAD}\n{good}\n\n{line}\n"}), "jsonl")
    assert [entry.name for entry in samples] == ["good.png"]
    assert [problem.where for problem in problems] == ["x.jsonl: line 4"]


def test_a_later_version_is_not_guessed_at() -> None:
    samples, problems = read(zip_of({"x.jsonl": _HEAD.replace("1}", "2}")}), "jsonl")
    assert samples == []
    assert "newer" in problems[0].what


def of_a_text() -> Sample:
    spans = [
        Annotation(annotation_id=name, class_id="person", geometry=Span(start=at, end=at + 4))
        for at, name in enumerate("ab")
    ]
    relation = Relation(relation_id="r", relation_type_id="knows", from_id="a", to_id="b")
    return Sample("letter.txt", 40, 1, Labelling(annotations=spans, relations=[relation]))


def test_spans_and_relations_are_kept_here_and_told_where_a_format_has_none() -> None:
    source, report, _ = written("jsonl", [of_a_text()])
    assert report.is_lossless
    assert read(source, "jsonl")[0][0].labelling == of_a_text().labelling
    for name in FORMATS:
        if name != "jsonl":
            _, report, _ = written(name, [of_a_text()])
            assert (report.losses["spans_left_out"], report.losses["relations"]) == (2, 1)
            assert report.examples["relations"] == ["letter.txt"]
