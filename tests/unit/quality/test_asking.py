"""How many judgements a task gets, and of whom."""

from __future__ import annotations

from typing import Any

from goldsmith.core.annotations import Annotation, Labelling
from goldsmith.core.geometry import Box
from goldsmith.labeling.api import WorkTotals
from goldsmith.projects.api import QualityPolicy
from goldsmith.quality.policy.asking import (
    Budget,
    Crowd,
    Stand,
    allowed_of,
    budget_of,
    risk_of,
    rule_of,
    skilled_of,
    told_by,
    who_is_asked,
)
from goldsmith.quality.types import GoldScore, Interval, MemberSkill, ResolvedTask

POLICY = QualityPolicy(asking="adaptive", target=0.95)
CROWD = Crowd(frozenset("abcdef"), frozenset("ab"), {"a": 0.95, "b": 0.95, "c": 0.8})


def task(name: str, *posteriors: float, missed: float = 0.0, **answers: float) -> ResolvedTask:
    annotations = [
        Annotation(
            annotation_id=f"a{number}", class_id="car", geometry=Box(box_xyxy=(0, 0, 9, 9)), score=score
        )
        for number, score in enumerate(posteriors)
    ]
    shares = {question: {"yes": share, "no": 1.0 - share} for question, share in answers.items()}
    return ResolvedTask(name, Labelling(annotations=annotations), {}, [], missed, shares)


def stand(resolved: ResolvedTask, *, judgements: int = 2, met: str = "cd") -> Stand:
    return Stand(resolved, judgements, frozenset(met))


def asked(*stands: Stand, policy: QualityPolicy = POLICY, **more: Any) -> list[tuple[int, bool, bool]]:
    given = {"crowd": CROWD, "budget": Budget(), "allowed": 0.05, **more}
    return [tuple(answer) for answer in who_is_asked(list(stands), policy=policy, **given)]  # type: ignore[misc]


def totals(**values: float) -> WorkTotals:
    return WorkTotals(**{**dict.fromkeys(WorkTotals._fields, 0), **values})  # type: ignore[arg-type]


def test_what_is_sure_is_finished_and_what_is_doubtful_is_asked_of_the_skilled() -> None:
    sure, doubtful = stand(task("1", 0.99, 0.98)), stand(task("2", 0.99, 0.6))
    assert asked(sure, doubtful) == [(0, False, False), (1, True, True)]


def test_nothing_is_asked_by_number() -> None:
    assert asked(stand(task("1", 0.5)), policy=QualityPolicy()) == [(0, False, False)]


def test_at_the_cap_it_stays_doubtful() -> None:
    assert asked(stand(task("1", 0.6), judgements=5)) == [(0, False, True)]


def test_where_everybody_has_met_it_nobody_is_asked() -> None:
    assert asked(stand(task("1", 0.6), met="abcdef")) == [(0, False, True)]


def test_where_the_skilled_have_met_it_anybody_is_asked() -> None:
    assert asked(stand(task("1", 0.6), met="ab")) == [(1, False, True)]


def test_answers_and_what_may_be_missed_count() -> None:
    assert asked(stand(task("1", weather=0.6)))[0][0] == 1
    assert asked(stand(task("1", 0.99, missed=0.4)))[0][0] == 1
    assert asked(stand(task("1", 0.99, missed=0.01, weather=0.99)))[0][0] == 0


def test_a_small_budget_goes_to_those_with_the_most_to_gain() -> None:
    stands = [stand(task("1", 0.8)), stand(task("2", 0.55)), stand(task("3", 0.7))]
    assert [entry[0] for entry in asked(*stands, budget=Budget(left=1))] == [0, 1, 0]
    assert [entry[0] for entry in asked(*stands, budget=Budget(left=9, least_wrong=0.35))] == [0, 1, 0]


def test_a_budget_is_dealt_out_over_what_is_to_come() -> None:
    policy = POLICY.model_copy(update={"budget_judgements": 250})
    begun = totals(tasks=100, done=50, submissions=110, open_judgements=100, expected_wrong=10.0)
    budget = budget_of(policy, begun)
    assert budget.left == 40 and 0.0 < budget.least_wrong < 0.2
    assert budget_of(policy, begun._replace(submissions=150)) == Budget(0, 0.0)
    assert budget_of(POLICY, begun) == Budget()


def test_hard_tasks_may_hold_more_while_others_are_better_than_need_be() -> None:
    assert abs(allowed_of(POLICY, totals()) - 0.05) < 1e-9
    good = allowed_of(POLICY, totals(expected_objects=1000, expected_wrong=10))
    poor = allowed_of(POLICY, totals(expected_objects=1000, expected_wrong=60))
    assert poor == allowed_of(POLICY, totals()) < good <= 0.15 + 1e-9


def test_a_decided_task_holds_nothing_wrong() -> None:
    plain = Labelling(
        annotations=[
            entry.model_copy(update={"score": None}) for entry in task("", 0.1).labelling.annotations
        ]
    )
    risk = risk_of([ResolvedTask("1", plain, {}, []), task("2", 0.9)])
    assert risk.wrong.round(9).tolist() == [0.0, 0.1]


def test_the_better_half_of_those_who_worked_is_skilled() -> None:
    def skill(low: float, submissions: int = 20) -> MemberSkill:
        return MemberSkill(
            skill=Interval(value=low, low=low, high=low),
            per_class={},
            gold=GoldScore(right=0, total=0),
            agreement=low,
            is_enough=True,
            submissions=submissions,
            objects=0,
        )

    known = {"a": skill(0.9), "b": skill(0.8), "c": skill(0.7), "new": skill(0.99, submissions=2)}
    assert skilled_of(known) == {"a", "b"}
    assert skilled_of({"a": skill(0.9)}) == frozenset()


def votes_of(name: str, sure: float, *, judgements: int = 2) -> Stand:
    resolved = task(name, weather=sure)._replace(certain={"weather": sure})
    return stand(resolved, judgements=judgements)


def test_votes_on_labels_follow_their_own_rule() -> None:
    few, many = votes_of("1", 0.89), votes_of("2", 0.89, judgements=3)
    assert asked(few, many, is_votes=True) == [(1, True, False), (0, False, False)]
    assert rule_of(POLICY).asks_more([0.89, 0.89], [2, 3]).tolist() == [True, False]
    assert asked(votes_of("3", 0.6, judgements=5), is_votes=True) == [(0, False, True)]


def test_a_vote_is_left_where_those_who_could_be_asked_know_no_better() -> None:
    told = told_by({"a": 0.95, "b": 0.9, "c": 0.9, "d": 0.9, "e": 0.5, "f": 0.5}, options=2)
    assert told == {"a": 1.0, "b": 1.0, "c": 1.0, "d": 1.0, "e": 0.0, "f": 0.0}
    crowd = CROWD._replace(told=told)
    doubtful = votes_of("1", 0.6)
    guessers = doubtful._replace(met=frozenset("abcd"))
    assert asked(doubtful, guessers, is_votes=True, crowd=crowd) == [(1, True, True), (0, False, True)]
    newcomer = crowd._replace(workers=crowd.workers | {"new"})
    assert asked(guessers, is_votes=True, crowd=newcomer) == [(1, False, True)], "who may turn out to know"
    assert told_by({}, options=2) == told_by({"e": 0.5}, options=2) == {}


def test_an_answer_that_was_decided_holds_nothing_wrong_and_asks_nothing() -> None:
    decided = ResolvedTask("1", Labelling(answers={"weather": "sun"}), {}, [])
    risk = risk_of([decided])
    assert (risk.objects.tolist(), risk.wrong.tolist()) == ([1.0], [0.0])
    assert asked(stand(decided, judgements=1), is_votes=True) == [(0, False, False)]
