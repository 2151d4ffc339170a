"""What follows for people holds its rules whatever happens in whatever order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from goldsmith.core.errors import ConflictError
from goldsmith.labeling.api import MemberStanding, StandingState
from goldsmith.quality.policy.consequences import (
    HARSHNESS,
    after_answer,
    after_appeal,
    after_lift,
    more_gold_rate,
    standing_after,
    what_to_raise,
)
from goldsmith.quality.types import (
    Appeal,
    ConsequenceEvidence,
    ConsequenceKind,
    ConsequenceState,
    Signal,
    StoredConsequence,
    Verdict,
)


def consequence(
    kind: ConsequenceKind,
    *,
    state: ConsequenceState = ConsequenceState.ACTIVE,
    created_ms: int = 10,
    ended_ms: int | None = None,
) -> StoredConsequence:
    evidence = ConsequenceEvidence(sentence="It shows.")
    return StoredConsequence(
        "csq_1", "prj_1", "mem_1", kind, Signal.SPAM, state, evidence, None, created_ms, None, ended_ms
    )


kinds = st.sampled_from(ConsequenceKind)
states = st.sampled_from(ConsequenceState)
consequences = st.builds(
    consequence,
    kinds,
    state=states,
    created_ms=st.integers(0, 100),
    ended_ms=st.integers(100, 200),
)


class Life(RuleBasedStateMachine):
    """One consequence, and everybody who may do something to it."""

    def __init__(self) -> None:
        super().__init__()
        self.state = ConsequenceState.ACTIVE
        self.appeals = 0
        self.answers = 0

    @rule()
    def appeal(self) -> None:
        if self.state is ConsequenceState.ACTIVE:
            self.state = after_appeal(self.state)
            self.appeals += 1
        else:
            with pytest.raises(ConflictError):
                after_appeal(self.state)

    @rule(verdict=st.sampled_from(Verdict))
    def answer(self, verdict: Verdict) -> None:
        if self.state is ConsequenceState.APPEALED:
            self.state = after_answer(self.state, verdict)
            self.answers += 1
            assert (self.state is ConsequenceState.LIFTED) is (verdict is Verdict.GRANTED)
        else:
            with pytest.raises(ConflictError):
                after_answer(self.state, verdict)

    @precondition(lambda self: self.state is not ConsequenceState.LIFTED)
    @rule()
    def lift(self) -> None:
        self.state = after_lift(self.state)

    @invariant()
    def is_appealed_and_answered_once_at_most(self) -> None:
        assert self.answers <= self.appeals <= 1

    @invariant()
    def can_always_be_reversed(self) -> None:
        if self.state is not ConsequenceState.LIFTED:
            assert after_lift(self.state) is ConsequenceState.LIFTED


TestLife = Life.TestCase


def test_what_was_lifted_stays_lifted() -> None:
    with pytest.raises(ConflictError):
        after_lift(ConsequenceState.LIFTED)


@given(wanted=st.none() | kinds, earlier=st.lists(consequences, max_size=4), has_course=st.booleans())
def test_nothing_is_raised_that_is_harsher_than_the_policy_says(
    wanted: ConsequenceKind | None, earlier: list[StoredConsequence], *, has_course: bool
) -> None:
    raising = what_to_raise(wanted, earlier, has_course=has_course)
    if raising.kind is None:
        return
    assert wanted is not None
    assert HARSHNESS[raising.kind] <= HARSHNESS[wanted]
    assert has_course or raising.kind is not ConsequenceKind.REQUALIFY
    for entry in earlier:
        if entry.state is ConsequenceState.LIFTED:
            assert entry.ended_ms is not None
            assert raising.since_ms >= entry.ended_ms  # never on the same evidence again
        else:
            assert HARSHNESS[raising.kind] > HARSHNESS[entry.kind]
            assert raising.since_ms >= entry.created_ms


def test_the_first_time_all_work_counts() -> None:
    raising = what_to_raise(ConsequenceKind.PAUSE, [], has_course=False)
    assert raising == (ConsequenceKind.PAUSE, 0)


@given(
    entries=st.lists(consequences, max_size=6),
    rate=st.floats(0.0, 0.5),
    passed=st.none() | st.integers(0, 200),
)
def test_a_standing_is_the_sum_of_what_is_in_force(
    entries: list[StoredConsequence], rate: float, passed: int | None
) -> None:
    in_force = [entry for entry in entries if entry.state is not ConsequenceState.LIFTED]
    before = MemberStanding(tier=1, passed_ms=passed, reason="old", state=StandingState.PAUSED)
    after = standing_after(before, in_force, workflow_gold_rate=rate)
    kinds_in_force = {entry.kind for entry in in_force}
    assert (after.state is StandingState.PAUSED) is (ConsequenceKind.PAUSE in kinds_in_force)
    assert (after.gold_rate is not None) is (ConsequenceKind.MORE_GOLD in kinds_in_force)
    assert (after.tier, after.passed_ms) == (1, passed)
    assert (after.reason == "") is (after.state is StandingState.ACTIVE)
    assert standing_after(after, in_force, workflow_gold_rate=rate) == after
    assert standing_after(after, [], workflow_gold_rate=rate).state is StandingState.ACTIVE


def test_a_passed_exam_fulfils_what_asked_for_it() -> None:
    asked = [consequence(ConsequenceKind.REQUALIFY, created_ms=10)]
    due = standing_after(MemberStanding(passed_ms=5), asked, workflow_gold_rate=0.1)
    assert due.state is StandingState.COURSE
    passed = standing_after(MemberStanding(passed_ms=11), asked, workflow_gold_rate=0.1)
    assert passed.state is StandingState.ACTIVE


@given(rate=st.floats(0.0, 0.5))
def test_more_gold_is_more_and_never_only_gold(rate: float) -> None:
    assert rate <= more_gold_rate(rate) <= 0.5
    assert more_gold_rate(rate) >= 0.25


def test_an_appeal_keeps_what_was_said() -> None:
    appeal = Appeal(text="No.", at_ms=1)
    answered = appeal.model_copy(update={"verdict": Verdict.UPHELD, "answer": "Yes."})
    assert (answered.text, answered.verdict) == ("No.", Verdict.UPHELD)
