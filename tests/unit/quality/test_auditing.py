"""What the draws of an audit prove, and which are looked at next."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from goldsmith.quality.policy.auditing import AHEAD, counted, next_asked, sentence_of, settled, stand_of
from goldsmith.quality.types import AuditState, Draw, DrawState

MANY = 100_000
"""A population that hardly shrinks."""


def scored(
    number: int, *, right: int = 5, wrong: int = 0, missed: int = 0, task: str = "", size: int = 1
) -> Draw:
    task_id = task or f"tsk_{number}"
    return Draw(number, task_id, DrawState.SCORED, right=right, wrong=wrong, missed=missed, size=size)


def waiting(number: int, task: str = "") -> Draw:
    return Draw(number, task or f"tsk_{number}", DrawState.WAITING)


def test_what_was_looked_at_too_early_does_not_count_yet() -> None:
    draws = [scored(0), Draw(1, "tsk_1", DrawState.ASKED), scored(2)]
    assert [draw.number for draw in counted(draws)] == [0]


def test_what_cannot_be_looked_at_is_passed_over() -> None:
    draws = [scored(0), Draw(1, "tsk_1", DrawState.VOID), scored(2)]
    assert [draw.number for draw in counted(draws)] == [0, 2]


def test_a_faultless_sample_proves_and_a_bad_one_refutes() -> None:
    good = stand_of([scored(number) for number in range(100)], target=0.95, confidence=0.95, population=MANY)
    assert good.state is AuditState.PROVED and good.low is not None and good.low >= 0.95
    bad = [scored(number, right=3, wrong=2) for number in range(60)]
    assert stand_of(bad, target=0.95, confidence=0.95, population=MANY).state is AuditState.REFUTED
    assert stand_of([], target=0.95, confidence=0.95, population=MANY).value is None


def test_what_was_all_looked_at_is_known() -> None:
    draws = [scored(number, size=5) for number in range(9)] + [scored(9, right=4, wrong=1, size=5)]
    stand = stand_of(draws, target=0.98, confidence=0.95, population=50)
    assert (stand.state, stand.low, stand.high) == (AuditState.PROVED, 0.98, 0.98)
    without = [*draws, Draw(10, "tsk_10", DrawState.VOID, size=7)]
    assert stand_of(without, target=0.98, confidence=0.95, population=57) == stand
    more = stand_of(draws, target=0.98, confidence=0.95, population=57)
    assert more.state is AuditState.RUNNING, "nothing is known of what is left"


def test_a_few_tasks_are_asked_about_at_a_time_each_once() -> None:
    draws = [waiting(number, f"tsk_{number // 2}") for number in range(60)]
    assert next_asked(draws) == [f"tsk_{number}" for number in range(AHEAD)]
    begun = [Draw(0, "tsk_0", DrawState.ASKED), waiting(1, "tsk_0"), *draws[2:]]
    assert next_asked(begun)[0] == "tsk_1" and len(next_asked(begun)) == AHEAD - 1


def test_one_look_answers_all_draws_of_its_task() -> None:
    draws = [Draw(0, "a", DrawState.ASKED, size=4), waiting(1, "b"), waiting(2, "a")]
    changed = settled(draws, {"a": scored(9, task="a")})
    assert [draw.size for draw in changed] == [4, 1]
    assert [(draw.number, draw.state) for draw in changed] == [(0, DrawState.SCORED), (2, DrawState.SCORED)]
    assert settled([changed[0], draws[1], changed[1]], {"a": scored(9, task="a")}) == []


def test_the_sentence_promises_no_more_than_was_proved() -> None:
    stand = stand_of([scored(number) for number in range(100)], target=0.95, confidence=0.95, population=MANY)
    assert stand.low is not None
    said = sentence_of(stand, state=AuditState.PROVED, confidence=0.95, target=0.95)
    promised = float(said.split("at least ")[1].split(" %")[0]) / 100
    assert said.startswith("With 95 % confidence at least") and "500 objects of 100 items" in said
    assert stand.low - 0.001 <= promised <= stand.low
    nothing = stand_of([], target=0.9, confidence=0.9, population=MANY)
    assert sentence_of(nothing, state=AuditState.STOPPED, confidence=0.9, target=0.9).startswith("Nothing")


@given(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9))
def test_a_score_is_never_above_the_share_that_is_right(right: int, wrong: int, missed: int) -> None:
    draw = scored(0, right=right, wrong=wrong, missed=missed)
    share = right / draw.objects if draw.objects else 1.0
    assert 0.0 <= draw.score <= share + 1e-9


def test_bad_labels_are_seldom_called_proved() -> None:
    rng = np.random.default_rng(1)
    proved = 0
    for _ in range(60):
        faults = rng.random((150, 5)) < 0.07
        draws = [scored(n, right=5 - int(row.sum()), wrong=int(row.sum())) for n, row in enumerate(faults)]
        stand = stand_of(draws, target=0.95, confidence=0.95, population=MANY)
        proved += stand.state is AuditState.PROVED
    assert proved <= 3
