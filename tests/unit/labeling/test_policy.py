"""The life of a task: single decisions, and any sequence of events keeps the books in order."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from goldsmith.labeling import policy
from goldsmith.labeling.policy import MAX_SKIPS, Step, TaskFacts
from goldsmith.labeling.types import ConsensusOutcome, TaskState, Verdict
from goldsmith.projects.api import ReviewMode, ReviewPolicy

OPEN = TaskFacts(TaskState.OPEN, is_gold=False, open_judgements=1, submission_count=0)


def test_a_task_begins_open_gold_idle_and_accepted_done() -> None:
    assert policy.after_creation(overlap=3, is_gold=False, is_accepted=False) == Step(
        TaskState.OPEN, ask_label=3
    )
    assert policy.after_creation(overlap=3, is_gold=True, is_accepted=False) == Step(TaskState.IDLE)
    assert policy.after_creation(overlap=3, is_gold=False, is_accepted=True) == Step(TaskState.DONE)


def test_only_the_last_submission_moves_the_task() -> None:
    assert policy.after_submit(OPEN._replace(open_judgements=2)) == Step(TaskState.OPEN)
    assert policy.after_submit(OPEN) == Step(TaskState.RESOLVING, is_all_in=True)
    gold = TaskFacts(TaskState.IDLE, is_gold=True, open_judgements=0, submission_count=4)
    assert policy.after_submit(gold) == Step(TaskState.IDLE)


def test_skips_ask_others_until_too_many() -> None:
    assert policy.after_skip(OPEN, skips=1).ask_label == 1
    assert policy.after_skip(OPEN, skips=MAX_SKIPS) == Step(TaskState.IDLE)
    with_work = OPEN._replace(submission_count=1)
    assert policy.after_skip(with_work, skips=MAX_SKIPS) == Step(TaskState.RESOLVING, is_all_in=True)
    assert policy.after_skip(OPEN._replace(open_judgements=2), skips=MAX_SKIPS) == Step(TaskState.OPEN)


@pytest.mark.parametrize(
    ("review", "lowest", "expected"),
    [
        (ReviewPolicy(), 0.1, TaskState.DONE),
        (ReviewPolicy(mode=ReviewMode.ALL), 1.0, TaskState.REVIEW),
        (ReviewPolicy(mode=ReviewMode.FLAGGED, posterior_below=0.9), 0.89, TaskState.REVIEW),
        (ReviewPolicy(mode=ReviewMode.FLAGGED, posterior_below=0.9), 0.9, TaskState.DONE),
        (ReviewPolicy(mode=ReviewMode.FLAGGED), None, TaskState.DONE),
        (ReviewPolicy(mode=ReviewMode.SHARE, share=0.0), 0.1, TaskState.DONE),
        (ReviewPolicy(mode=ReviewMode.SHARE, share=1.0), 0.1, TaskState.REVIEW),
    ],
)
def test_the_review_policy_decides_after_consensus(
    review: ReviewPolicy, lowest: float | None, expected: TaskState
) -> None:
    facts = OPEN._replace(state=TaskState.RESOLVING, open_judgements=0)
    step = policy.after_consensus(facts, ConsensusOutcome("tsk_1", 1, 2, lowest), review)
    assert (step.state, step.ask_review) == (expected, expected is TaskState.REVIEW)


def test_a_share_is_drawn_evenly_and_always_the_same() -> None:
    review = ReviewPolicy(mode=ReviewMode.SHARE, share=0.25)
    ids = [f"tsk_{number}" for number in range(4000)]
    drawn = [policy.needs_review(review, task_id=task_id, lowest_posterior=None) for task_id in ids]
    assert drawn == [policy.needs_review(review, task_id=task_id, lowest_posterior=None) for task_id in ids]
    assert 0.22 < sum(drawn) / len(drawn) < 0.28


def test_a_consensus_moves_only_a_task_that_waits_for_it() -> None:
    outcome = ConsensusOutcome("tsk_1", 2, 1, 0.5)
    for state in set(TaskState) - {TaskState.RESOLVING}:
        facts = OPEN._replace(state=state)
        assert policy.after_consensus(facts, outcome, ReviewPolicy(mode=ReviewMode.ALL)) == Step(state)


def test_a_rejection_asks_others_and_stops_counting() -> None:
    facts = TaskFacts(TaskState.REVIEW, is_gold=False, open_judgements=0, submission_count=2)
    step = policy.after_review(facts, Verdict.REJECT, overlap=2)
    assert step == Step(TaskState.OPEN, ask_label=2, reject_submissions=True)
    assert policy.after_review(facts, Verdict.ACCEPT, overlap=2) == Step(TaskState.DONE)
    assert policy.after_review(facts, Verdict.FIX, overlap=2) == Step(TaskState.DONE)


def test_gold_looks_like_any_other_task() -> None:
    assert policy.shown_state(TaskState.IDLE, is_gold=True, overlap=1) is TaskState.RESOLVING
    assert policy.shown_state(TaskState.IDLE, is_gold=True, overlap=3) is TaskState.OPEN
    assert policy.shown_state(TaskState.DONE, is_gold=False, overlap=3) is TaskState.DONE


class LifeOfATask(RuleBasedStateMachine):
    """One task under any sequence of events, carried out as the store does."""

    def __init__(self) -> None:
        super().__init__()
        self.overlap = 2
        self.state = TaskState.OPEN
        self.fresh = self.overlap  # judgements to label that are open
        self.reviews = 0  # open judgements to review
        self.counted = 0
        self.skips = 0
        self.asked_quality = 0
        self.answered_quality = 0

    @property
    def facts(self) -> TaskFacts:
        return TaskFacts(self.state, is_gold=False, open_judgements=self.fresh, submission_count=self.counted)

    def carry_out(self, step: Step, *, closed: int = 0) -> None:
        self.fresh -= closed
        if step.withdraw:
            self.fresh = self.reviews = 0
        self.fresh += step.ask_label
        self.reviews += int(step.ask_review)
        if step.reject_submissions:
            self.counted = 0
        self.asked_quality += int(step.is_all_in)
        self.state = step.state

    @precondition(lambda self: self.fresh)
    @rule()
    def submit(self) -> None:
        step = policy.after_submit(self.facts)
        self.counted += 1
        self.carry_out(step, closed=1)

    @precondition(lambda self: self.fresh)
    @rule()
    def skip(self) -> None:
        self.skips += 1
        self.carry_out(policy.after_skip(self.facts, skips=self.skips), closed=1)

    @precondition(lambda self: self.counted and self.state in policy.REVISABLE)
    @rule()
    def revise(self) -> None:
        self.carry_out(policy.after_revision(self.facts))

    @precondition(lambda self: self.asked_quality > self.answered_quality)
    @rule(lowest=st.one_of(st.none(), st.floats(0, 1)), mode=st.sampled_from(ReviewMode))
    def consensus(self, lowest: float | None, mode: ReviewMode) -> None:
        self.answered_quality += 1
        review = ReviewPolicy(mode=mode, posterior_below=0.5, share=0.5)
        outcome = ConsensusOutcome(f"tsk_{self.answered_quality}", self.answered_quality, 1, lowest)
        self.carry_out(policy.after_consensus(self.facts, outcome, review))

    @precondition(lambda self: self.reviews)
    @rule(verdict=st.sampled_from(Verdict))
    def review(self, verdict: Verdict) -> None:
        self.reviews -= 1
        self.carry_out(policy.after_review(self.facts, verdict, overlap=self.overlap))

    @precondition(lambda self: self.reviews)
    @rule()
    def skip_review(self) -> None:
        self.reviews -= 1
        self.carry_out(policy.after_review_skip(self.facts))

    @rule(extra=st.integers(0, 3))
    def requeue(self, extra: int) -> None:
        self.carry_out(policy.after_requeue(self.facts, extra_judgements=extra))

    @rule(by=st.integers(-2, 2), leased=st.integers(0, 3))
    def change_overlap(self, by: int, leased: int) -> None:
        withdrawn = max(min(-by, self.fresh - leased), 0) if self.state is TaskState.OPEN else 0
        step = policy.after_overlap_change(self.facts, by=by, withdrawn=withdrawn)
        self.carry_out(step, closed=withdrawn)

    @rule()
    def cancel(self) -> None:
        self.carry_out(policy.after_cancellation(self.facts))

    @invariant()
    def an_open_task_asks_for_something(self) -> None:
        assert (self.state is TaskState.OPEN) == (self.fresh > 0)

    @invariant()
    def a_task_in_review_asks_one_reviewer(self) -> None:
        assert self.reviews == (1 if self.state is TaskState.REVIEW else 0)

    @invariant()
    def whoever_waits_for_consensus_has_asked_for_it_and_has_work(self) -> None:
        if self.state is TaskState.RESOLVING:
            assert self.asked_quality > 0
            assert self.counted > 0

    @invariant()
    def books_are_not_negative(self) -> None:
        assert min(self.fresh, self.reviews, self.counted) >= 0


TestLifeOfATask = LifeOfATask.TestCase
TestLifeOfATask.settings = settings(max_examples=200, stateful_step_count=30, deadline=None)


@pytest.mark.parametrize(
    ("standing", "revision", "after", "writer", "follows"),
    [
        ((5, "a", False), 6, 5, "b", True),  # seen what stands
        ((5, "a", False), 9, 4, "b", False),  # from something older, however new itself
        ((5, "a", False), 5, 5, "b", False),
        ((5, "a", False), 5, 3, "a", True),  # the own one again, whose answer was lost
        ((5, "a", False), 8, 3, "a", True),
        ((5, "a", False), 4, 3, "a", False),  # overtaken by the own next one
        ((5, "", False), 6, 4, "", False),  # nobody is nobody's continuation
        ((5, "a", False), 6, None, "", True),
        ((5, "a", True), 5, None, "", True),
        ((5, "a", False), 5, None, "", False),
        ((5, "a", True), 4, None, "", False),
    ],
)
def test_a_draft_takes_the_place_of_what_was_seen(
    standing: tuple[int, str, bool], revision: int, after: int | None, writer: str, follows: bool
) -> None:
    stand = policy.DraftStand(standing[0], standing[1], is_same=standing[2])
    assert policy.follows_draft(stand, revision=revision, after_revision=after, writer=writer) is follows
