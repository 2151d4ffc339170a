from __future__ import annotations

import json

import numpy as np

from goldsmith.core.annotations import Annotation, Labelling
from goldsmith.quality.deciding import with_decider
from goldsmith.quality.learning import HISTOGRAM_BINS, learn
from goldsmith.quality.types import Vote
from tests.unit.quality.samples import CLASSES, mark, outline, vote


def street(seed: int) -> list[Annotation]:
    rng = np.random.default_rng(seed)
    found = []
    for number in range(4):
        left, top = 60.0 * number, float(rng.integers(0, 50))
        found.append(mark(f"o{number}", CLASSES[int(rng.integers(2))], left, top, left + 40, top + 40))
    return found


def crowd(tasks: int) -> tuple[list[Vote], dict[str, Labelling]]:
    """Two careful people and one who misses half and invents."""
    votes: list[Vote] = []
    truth: dict[str, Labelling] = {}
    rng = np.random.default_rng(5)
    for number in range(tasks):
        task, objects = f"t{number:02d}", street(number)
        truth[task] = Labelling(annotations=objects)
        votes += [vote(task, member, *objects) for member in ("ann", "ben")]
        seen = [thing for thing in objects if rng.random() > 0.5]
        votes.append(vote(task, "eve", *seen, mark("false", "car", 300, 300, 330, 330)))
    return votes, truth


def test_skill_tells_the_careful_from_the_careless() -> None:
    votes, truth = crowd(20)
    gold = {task: truth[task] for task in list(truth)[:8]}
    made = learn(votes, gold, ontology_classes=CLASSES)
    assert made.members == {"ann": 0, "ben": 1, "eve": 2}
    numbers = made.numbers
    assert numbers["ann"].skill.value > numbers["eve"].skill.value + 0.2
    for member in numbers.values():
        assert 0.0 <= member.skill.low <= member.skill.value <= member.skill.high <= 1.0
        assert member.submissions == 20
    assert numbers["ann"].gold.right == numbers["ann"].gold.total > 0
    assert numbers["eve"].gold.right < numbers["eve"].gold.total


def test_the_report_adds_up_and_is_json() -> None:
    votes, _ = crowd(10)
    report = learn(votes, {}, ontology_classes=CLASSES).report
    assert json.loads(json.dumps(report)) == report
    assert report["tasks"] == 10
    assert len(report["posterior_histogram"]) == HISTOGRAM_BINS
    assert sum(report["posterior_histogram"][HISTOGRAM_BINS // 2 :]) == report["objects"]
    assert 0.5 <= report["expected_right"] <= 1.0
    pairs = {(row["first"], row["second"]): row["f1"] for row in report["per_pair"]}
    assert pairs["ann", "ben"] == 1.0
    assert pairs["ann", "eve"] < 0.8
    assert {row["class_id"] for row in report["per_class"]} == set(CLASSES)


def test_the_same_votes_teach_the_same() -> None:
    votes, truth = crowd(8)
    first = learn(votes, truth, ontology_classes=CLASSES)
    again = learn(votes, truth, ontology_classes=CLASSES)
    assert first.report == again.report
    assert first.skill.as_lists() == again.skill.as_lists()


def test_there_may_be_nothing_to_learn_from() -> None:
    made = learn([], {}, ontology_classes=[])
    assert (made.members, made.numbers) == ({}, {})
    assert made.report["objects"] == 0
    alone = learn([vote("t", "ann", outline("a", "sign", 0, 0, 9, 9))], {}, ontology_classes=CLASSES)
    assert alone.report["overall"]["f1"] is None
    assert alone.report["per_pair"] == []
    assert not alone.numbers["ann"].is_enough


def test_the_decider_is_more_careful_than_anybody() -> None:
    skill = learn(crowd(6)[0], {}, ontology_classes=CLASSES).skill
    more = with_decider(skill)
    assert more.annotator_count == skill.annotator_count + 1
    at = skill.annotator_count
    assert (more.rates.detection[at] >= skill.rates.detection.max(axis=0)).all()
    assert (more.rates.false_alarms[at] <= skill.rates.false_alarms.min(axis=0)).all()
    assert np.allclose(more.confusion[at].sum(axis=-1), 1.0)
    assert np.array_equal(more.confusion[-1], skill.confusion[-1]), "the crowd stays last"
    assert np.array_equal(np.delete(more.rates.detection, at, axis=0), skill.rates.detection)
