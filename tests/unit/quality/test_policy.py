from __future__ import annotations

from collections import Counter

import pytest

from goldsmith.core.annotations import Labelling
from goldsmith.labeling.api import CountedSubmission
from goldsmith.quality.policy import (
    LEARN_FROM_SUBMISSIONS,
    count_kept,
    draw_evidence,
    fresh_for_new_fit,
    is_settled,
    says_the_same,
)
from goldsmith.quality.types import METHOD_DETECTION, METHOD_REVIEW, ConsensusView, ResolvedTask
from tests.unit.quality.samples import mark


def view(*, score: float = 0.9, method: str = METHOD_DETECTION, class_id: str = "car") -> ConsensusView:
    found = mark("a", class_id, 0, 0, 9, 9, score=score)
    return ConsensusView(
        task_id="t",
        version=1,
        method=method,
        labelling=Labelling(annotations=[found], answers={"q": "yes"}),
        ontology_version=1,
        support={},
        submission_ids=["s1", "s2"],
        lowest_posterior=score,
        created_ms=0,
    )


def entry(
    *, score: float = 0.9, ids: tuple[str, ...] = ("s1", "s2"), answer: str = "yes", class_id: str = "car"
) -> ResolvedTask:
    found = mark("a", class_id, 0, 0, 9, 9, score=score)
    return ResolvedTask("t", Labelling(annotations=[found], answers={"q": answer}), {}, list(ids))


@pytest.mark.parametrize(("fitted_on", "fresh"), [(0, 1), (1, 2), (95, 11), (100, 11)])
def test_a_tenth_more_work_is_worth_a_new_fit(fitted_on: int, fresh: int) -> None:
    assert fresh_for_new_fit(fitted_on) == fresh


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        (entry(), True),
        (entry(score=0.9004), True),
        (entry(score=0.91), False),
        (entry(ids=("s1", "s2", "s3")), False),
        (entry(answer="no"), False),
        (entry(class_id="sign"), False),
        (ResolvedTask("t", Labelling(answers={"q": "yes"}), {}, ["s1", "s2"]), False),
    ],
)
def test_a_version_that_says_nothing_new_is_told(new: ResolvedTask, expected: bool) -> None:
    assert says_the_same(view(), new) is expected


def test_a_decision_stands_until_its_task_is_judged_again() -> None:
    decided = view(method=METHOD_REVIEW)
    assert is_settled(decided, is_waiting=False, has_votes=True)
    assert is_settled(decided, is_waiting=True, has_votes=False)
    assert not is_settled(decided, is_waiting=True, has_votes=True)
    assert not is_settled(view(), is_waiting=False, has_votes=True)


def test_only_objects_more_likely_real_than_not_are_counted() -> None:
    scores = (None, 0.5, 0.499, 0.97)
    found = [mark(f"a{n}", "car", 0, 0, 9, 9, score=score) for n, score in enumerate(scores)]
    assert count_kept(Labelling(annotations=found)) == 3


def test_the_least_sure_decision_may_be_to_leave_an_object_out() -> None:
    def lowest(*scores: float | None) -> float | None:
        found = [mark(f"a{n}", "car", 0, 0, 9, 9, score=score) for n, score in enumerate(scores)]
        return ResolvedTask("t", Labelling(annotations=found), {}, []).lowest_posterior

    assert lowest(0.99, 0.02) == pytest.approx(0.98)
    assert lowest(0.99, 0.4) == pytest.approx(0.6)
    assert lowest(None) is None


def submissions(tasks: int, people: tuple[str, ...]) -> list[CountedSubmission]:
    return [
        CountedSubmission(f"s{task}-{person}", f"t{task:06}", "item", person, "{}", 1, 1, 0, 0)
        for task in range(tasks)
        for person in people
    ]


def test_all_of_a_small_project_is_learnt_from() -> None:
    given = submissions(50, ("ann", "ben"))
    assert list(draw_evidence(given, count=len(given), always=())) == given


def test_of_a_large_project_whole_tasks_are_drawn_and_everybody_is_in() -> None:
    given = submissions(20_000, ("ann", "ben", "cleo"))
    given += [CountedSubmission("late", "t999999", "item", "dan", "{}", 1, 1, 0, 0)]
    drawn = list(draw_evidence(given, count=len(given), always={"t012345"}))
    assert LEARN_FROM_SUBMISSIONS * 0.9 < len(drawn) < LEARN_FROM_SUBMISSIONS * 1.1
    by_task = Counter(row.task_id for row in drawn)
    assert set(by_task.values()) == {1, 3}
    assert by_task["t012345"] == 3
    assert drawn[-1].member_id == "dan"
    assert drawn == list(draw_evidence(given, count=len(given), always={"t012345"}))
