"""How likely answers to questions about a whole item are right."""

from __future__ import annotations

import json

import numpy as np
import pytest

from goldsmith.core.annotations import AttributeValue, Labelling
from goldsmith.core.ontology import Attribute, LabelClass, Ontology, Option
from goldsmith.quality.answers import (
    are_all,
    as_json,
    from_json,
    learn_answers,
    options_of,
    with_posteriors,
    with_usual,
)
from goldsmith.quality.learning import learn
from goldsmith.quality.types import DECIDER, ResolvedTask, Vote

QUESTIONS = [
    Attribute(
        attribute_id="weather",
        name="Weather",
        kind="choice",
        options=[Option(option_id=name, name=name) for name in ("sun", "rain", "fog")],
    ),
    Attribute(attribute_id="dark", name="Dark", kind="boolean"),
    Attribute(attribute_id="note", name="Note", kind="text"),
]


def vote(task: int, member: str, **answers: AttributeValue) -> Vote:
    return Vote(f"tsk_{task}", f"sub_{task}_{member}", member, Labelling(answers=answers))


def crowd(*, tasks: int = 120) -> list[Vote]:
    """Two careful people and one who guesses."""
    rng = np.random.default_rng(3)
    options = ["sun", "rain", "fog"]
    votes = []
    for task in range(tasks):
        truth = options[task % 3]
        for member, skill in (("ada", 0.95), ("ben", 0.9), ("guess", 0.34)):
            said = truth if rng.random() < skill else options[int(rng.integers(3))]
            votes.append(vote(task, member, weather=said, note="x"))
    return votes


def test_only_questions_with_options_are_learnt() -> None:
    options = options_of(QUESTIONS)
    assert options == {"weather": ['"sun"', '"rain"', '"fog"'], "dark": ["false", "true"]}
    assert list(learn_answers(crowd(), {}, options=options).skills) == ["weather"]


def test_the_careful_outweigh_the_one_who_guesses() -> None:
    skills = learn_answers(crowd(), {}, options=options_of(QUESTIONS)).skills
    votes = [vote(999, "ada", weather="rain"), vote(999, "guess", weather="sun")]
    resolved = with_posteriors(
        ResolvedTask("tsk_999", Labelling(answers={"weather": "sun", "note": "x"}), {}, []), votes, skills
    )
    assert resolved.labelling.answers == {"weather": "rain", "note": "x"}
    posterior = resolved.answers["weather"]
    assert sum(posterior.values()) == pytest.approx(1.0, abs=1e-3)
    assert max(posterior, key=lambda name: posterior[name]) == "rain"


def test_more_who_agree_are_surer_and_strangers_count_as_usual() -> None:
    skills = learn_answers(crowd(), {}, options=options_of(QUESTIONS)).skills

    def sure(*members: str) -> float:
        votes = [vote(1, member, weather="fog") for member in members]
        return with_posteriors(ResolvedTask("tsk_1", Labelling(), {}, []), votes, skills).answers["weather"][
            "fog"
        ]

    assert sure("ada") < sure("ada", "ben") < sure("ada", "ben", "stranger") < 1.0
    assert sure("stranger") < sure(DECIDER)


def test_what_is_learnt_is_kept_as_json() -> None:
    skills = learn_answers(
        crowd(), {"tsk_0": Labelling(answers={"weather": "sun"})}, options=options_of(QUESTIONS)
    ).skills
    again = from_json(json.loads(json.dumps(as_json(skills))))
    assert again["weather"].options == skills["weather"].options
    assert np.allclose(again["weather"].confusion, skills["weather"].confusion, atol=1e-3)


def test_an_option_that_nobody_knew_then_leaves_the_votes_to_decide() -> None:
    skills = learn_answers(crowd(), {}, options=options_of(QUESTIONS)).skills
    plain = ResolvedTask("tsk_1", Labelling(answers={"weather": "snow"}), {}, [])
    assert with_posteriors(plain, [vote(1, "ada", weather="snow")], skills) is plain


def test_answers_are_decisions_that_skill_rests_on() -> None:
    learnt = learn_answers(crowd(), {}, options=options_of(QUESTIONS))
    assert learnt.evidence.agreement_total.shape == (3, 3)  # ada, ben, guess by the three options
    numbers = learn(crowd(), {}, ontology_classes=[], answered=learnt).numbers
    assert numbers["guess"].skill.value < numbers["ben"].skill.low < numbers["ada"].skill.high
    assert learn(crowd(), {}, ontology_classes=[], answered=learnt).report["objects"] == 120


def test_gold_answers_count_as_gold() -> None:
    gold = {
        f"tsk_{task}": Labelling(answers={"weather": ["sun", "rain", "fog"][task % 3]}) for task in range(30)
    }
    learnt = learn_answers(crowd(), gold, options=options_of(QUESTIONS))
    score = learn(crowd(), gold, ontology_classes=[], answered=learnt).numbers["ada"].gold
    assert score.total == 30 and score.right >= 26


def test_of_what_is_new_something_usual_is_expected() -> None:
    options = options_of(QUESTIONS)
    learnt = learn_answers(crowd(), {}, options=options).skills
    skills = with_usual(learnt, {**options, "weather": [*options["weather"], '"snow"']})
    assert set(skills) == {"weather", "dark"} and len(skills["weather"].options) == 4
    for skill in skills.values():
        assert np.allclose(skill.confusion.sum(axis=2), 1.0) and np.isclose(skill.prior.sum(), 1.0)
    plain = ResolvedTask("tsk_1", Labelling(), {}, [])
    alone = with_posteriors(plain, [vote(1, "ada", weather="snow", dark=True)], skills)
    assert alone.labelling.answers == {"weather": "snow", "dark": True}
    assert 0.5 < alone.certain["dark"] < 0.9


def test_only_questions_with_options_alone_make_votes() -> None:
    choices = QUESTIONS[:2]
    assert are_all(Ontology(questions=choices))
    assert not are_all(Ontology(questions=QUESTIONS)) and not are_all(Ontology())
    drawn = [LabelClass(class_id="car", name="Car", geometry_kinds=["box"])]
    assert not are_all(Ontology(classes=drawn, questions=choices))
