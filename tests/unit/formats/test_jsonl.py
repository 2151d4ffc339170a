from __future__ import annotations

import dataclasses
import json

import pytest
from hypothesis import given, settings

from goldsmith.core.errors import InvalidInputError
from goldsmith.core.ontology import LabelClass, Ontology
from goldsmith.formats import Sample
from goldsmith.formats.jsonl import read_ontology
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
