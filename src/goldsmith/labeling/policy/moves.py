r"""The life of a task, as pure decisions.

::

                 last judgement in          consensus           accept, fix
       open ------------------> resolving ----------> review ---------------> done
        ^ ^ <- another is worth it -'^  \                 | ^ <---- audited ----- |
        | | skipped: ask another    |   `--- no review -|--------------------> |
        | `-----------              | author revises    | reject               |
        |                           `-------------------+                      |
        `------------------------------ requeue --------+----------------------'

``idle`` asks for nothing: hidden gold, or a task that everybody skipped. ``cancelled`` is left by a requeue only.
Each function says what follows an event; the store carries it out.
"""

from __future__ import annotations

import hashlib
from typing import Final, NamedTuple

from goldsmith.labeling.types import ConsensusOutcome, TaskState, Verdict
from goldsmith.projects.api import ReviewMode, ReviewPolicy

MAX_SKIPS: Final = 3
"""After so many skips of one task nobody else is asked."""

_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_TOLD: Final = frozenset({TaskState.DONE, TaskState.CANCELLED, TaskState.IDLE})
"""States that who follows tasks hears of."""

REVISABLE: Final = frozenset({TaskState.OPEN, TaskState.RESOLVING, TaskState.REVIEW})
"""States in which an author may still change what was submitted."""


class TaskFacts(NamedTuple):
    """What a decision needs to know of a task.

    Attributes:
        open_judgements: Judgements to label that are not closed, before the event.
        submission_count: Human submissions that count, before the event.
    """

    state: TaskState
    is_gold: bool
    open_judgements: int
    submission_count: int


class Step(NamedTuple):
    """What follows an event.

    Attributes:
        state: The state after it.
        ask_label: Judgements to label to be added.
        reserved_until_ms: Until when those are kept for skilled people; 0: asked of anybody, in the task's place.
        ask_review: Whether a reviewer is to be asked.
        withdraw: Whether all other open judgements of the task are closed.
        is_all_in: Whether quality is to compute the consensus.
        reject_submissions: Whether the submissions in force stop counting.
    """

    state: TaskState
    ask_label: int = 0
    reserved_until_ms: int = 0
    ask_review: bool = False
    withdraw: bool = False
    is_all_in: bool = False
    reject_submissions: bool = False


def after_creation(*, overlap: int, is_gold: bool, is_accepted: bool) -> Step:
    """Return how a task begins."""
    if is_gold:
        return Step(TaskState.IDLE)
    if is_accepted:
        return Step(TaskState.DONE)
    return Step(TaskState.OPEN, ask_label=overlap)


def after_submit(facts: TaskFacts) -> Step:
    """Return what follows a submission; ``store.handing_in`` says the same in SQL."""
    if facts.state is TaskState.OPEN and not facts.is_gold and facts.open_judgements <= 1:
        return Step(TaskState.RESOLVING, is_all_in=True)
    return Step(facts.state)


def after_skip(facts: TaskFacts, *, skips: int) -> Step:
    """Return what follows a skip of a judgement to label.

    Args:
        facts: The task, the skipped judgement still counted as open.
        skips: How often the task was skipped, this one included.
    """
    if facts.is_gold or facts.state is not TaskState.OPEN:
        return Step(facts.state)
    if skips < MAX_SKIPS:
        return Step(TaskState.OPEN, ask_label=1)
    if facts.open_judgements > 1:
        return Step(TaskState.OPEN)
    if facts.submission_count > 0:
        return Step(TaskState.RESOLVING, is_all_in=True)
    return Step(TaskState.IDLE)


def after_revision(facts: TaskFacts) -> Step:
    """Return what follows a new version of a submission; a task that already asked for review is resolved anew."""
    if facts.state in (TaskState.RESOLVING, TaskState.REVIEW):
        return Step(TaskState.RESOLVING, withdraw=True, is_all_in=True)
    return Step(facts.state)


def after_consensus(facts: TaskFacts, outcome: ConsensusOutcome, review: ReviewPolicy) -> Step:
    """Return what follows a stored consensus version; only a task that waits for it moves."""
    if facts.state is not TaskState.RESOLVING:
        return Step(facts.state)
    if outcome.ask_more > 0:
        return Step(
            TaskState.OPEN, ask_label=outcome.ask_more, reserved_until_ms=max(outcome.reserved_until_ms, 1)
        )
    if needs_review(
        review,
        task_id=outcome.task_id,
        lowest_posterior=outcome.lowest_posterior,
        is_doubtful=outcome.is_doubtful,
    ):
        return Step(TaskState.REVIEW, ask_review=True)
    return Step(TaskState.DONE)


def after_review(facts: TaskFacts, verdict: Verdict, *, overlap: int) -> Step:
    """Return what follows a verdict.

    A rejection makes the submissions stop counting and asks as many others as the workflow's overlap says.
    """
    if facts.state is not TaskState.REVIEW:
        return Step(facts.state)
    if verdict is Verdict.REJECT:
        return Step(TaskState.OPEN, ask_label=overlap, reject_submissions=True)
    return Step(TaskState.DONE)


def after_audit_draw(facts: TaskFacts) -> Step:
    """Return what follows when a finished task is drawn for an audit: a reviewer looks at it."""
    if facts.state is TaskState.DONE and not facts.is_gold:
        return Step(TaskState.REVIEW, ask_review=True)
    return Step(facts.state)


def after_audit_end(facts: TaskFacts) -> Step:
    """Return what follows when an audit ends before anybody looked at a task that it asked about."""
    if facts.state is not TaskState.REVIEW:
        return Step(facts.state)
    return Step(TaskState.DONE, withdraw=True)


def after_requeue(facts: TaskFacts, *, extra_judgements: int) -> Step:
    """Return what follows a wish for more judgements; what was submitted goes on counting.

    A task that asks for nothing at the moment is asked at least once, or it would have no reason to be open.
    """
    if facts.is_gold:
        return Step(facts.state)
    is_open = facts.state is TaskState.OPEN
    asked = extra_judgements if is_open else max(extra_judgements, 1)
    return Step(TaskState.OPEN, ask_label=asked, withdraw=facts.state is TaskState.REVIEW)


def after_overlap_change(facts: TaskFacts, *, by: int, withdrawn: int) -> Step:
    """Return what follows when a workflow asks for more or fewer judgements of open tasks.

    Args:
        facts: The task, before anything was withdrawn.
        by: How many more (or fewer, negative) judgements each task gets.
        withdrawn: How many of its open ones could be withdrawn; what is being worked on stays.
    """
    if facts.state is not TaskState.OPEN or facts.is_gold:
        return Step(facts.state)
    if by > 0:
        return Step(TaskState.OPEN, ask_label=by)
    if facts.open_judgements > withdrawn:
        return Step(TaskState.OPEN)
    if facts.submission_count > 0:
        return Step(TaskState.RESOLVING, is_all_in=True)
    return Step(TaskState.OPEN, ask_label=1)


def after_review_skip(facts: TaskFacts) -> Step:
    """Return what follows when a reviewer passes a task over: another is asked."""
    return Step(facts.state, ask_review=facts.state is TaskState.REVIEW)


def after_cancellation(facts: TaskFacts) -> Step:
    """Return what follows when the task is no longer wanted; what is done stays done."""
    if facts.is_gold or facts.state is TaskState.DONE:
        return Step(facts.state)
    return Step(TaskState.CANCELLED, withdraw=True)


def after_deletion(facts: TaskFacts) -> Step:
    """Return what follows when the item is deleted: nobody can work on it, hidden gold included; done stays done."""
    is_done = facts.state is TaskState.DONE
    return Step(TaskState.DONE if is_done else TaskState.CANCELLED, withdraw=True)


def after_restoration(facts: TaskFacts, *, overlap: int) -> Step:
    """Return what follows when a deleted item is there again: the opinions that are missing are asked for."""
    if facts.state is not TaskState.CANCELLED:
        return Step(facts.state)
    if facts.is_gold:
        return Step(TaskState.IDLE)
    missing = overlap - facts.submission_count
    if missing <= 0:
        return Step(TaskState.RESOLVING, is_all_in=True)
    return Step(TaskState.OPEN, ask_label=missing)


def after_final_answer(facts: TaskFacts, *, has_labels: bool) -> Step:
    """Return what follows a lead's word that a task is done with it: what is in so far is resolved, nobody is asked."""
    if facts.is_gold or facts.state in (TaskState.DONE, TaskState.CANCELLED):
        return Step(facts.state)
    if facts.submission_count > 0 and (not has_labels or facts.state is TaskState.RESOLVING):
        return Step(TaskState.RESOLVING, withdraw=True, is_all_in=True)
    return Step(TaskState.DONE, withdraw=True)


def after_reopening(facts: TaskFacts, *, was: TaskState, overlap: int) -> Step:
    """Return what follows when a lead's word that a task is done is taken back; see ``after_final_answer``.

    Args:
        facts: The task as it is now.
        was: Its state before that word.
        overlap: Opinions that the workflow asks for.
    """
    if was is TaskState.REVIEW:
        return Step(TaskState.REVIEW, ask_review=True)
    if was is TaskState.IDLE:
        return Step(TaskState.IDLE)
    return Step(TaskState.OPEN, ask_label=max(overlap - facts.submission_count, 1))


def is_told(before: TaskState, after: TaskState) -> bool:
    """Say whether who follows tasks hears of a change of state; see ``TaskFollower``."""
    return before is not after and not _TOLD.isdisjoint((before, after))


def needs_review(
    review: ReviewPolicy, *, task_id: str, lowest_posterior: float | None, is_doubtful: bool | None = None
) -> bool:
    """Say whether a reviewer is asked about a task.

    A share is drawn by a hash of the task's id, so that the same tasks are drawn whoever computes it. A consensus
    without objects has no posterior and is not flagged. Where a project has a target (``is_doubtful`` is known), what
    is flagged is what further judgements could not bring up to it.
    """
    match review.mode:
        case ReviewMode.NONE:
            return False
        case ReviewMode.ALL:
            return True
        case ReviewMode.SHARE:
            return unit_hash(f"review:{task_id}") < review.share
        case ReviewMode.FLAGGED:
            if is_doubtful is not None:
                return is_doubtful
            return lowest_posterior is not None and lowest_posterior < review.posterior_below


def unit_hash(text: str) -> float:
    """Return a number in [0, 1) that only depends on ``text`` and is uniform over texts."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=6).digest(), "big") / 2**48


def wants_gold(*, gold_rate: float, draw: float) -> bool:
    """Say whether the next task is a hidden gold task; ``draw`` is uniform in [0, 1)."""
    return draw < gold_rate


def author_letter(number: int) -> str:
    """Return how the author of the n-th submission (from 0) is called to others: A ... Z, A2 ... Z2, ..."""
    round_, letter = divmod(number, len(_LETTERS))
    return _LETTERS[letter] + (str(round_ + 1) if round_ else "")


class DraftStand(NamedTuple):
    """A draft that stands, as the question whether another may take its place needs it.

    Attributes:
        is_same: Whether the other says the same.
    """

    revision: int
    writer: str
    is_same: bool


def follows_draft(standing: DraftStand, *, revision: int, after_revision: int | None, writer: str) -> bool:
    """Say whether a draft may take the place of one that stands: whoever wrote it has seen that one, or wrote it.

    Args:
        standing: What stands.
        revision: Of the new one.
        after_revision: The revision it goes on from; None for those who do not say, whose newer draft is taken.
        writer: Who wrote the new one; empty for those who do not say.
    """
    if after_revision is None:
        return standing.revision < revision or (standing.revision == revision and standing.is_same)
    if writer and standing.writer == writer:
        return standing.revision <= revision
    return standing.revision == after_revision and revision > after_revision


def shown_state(state: TaskState, *, is_gold: bool, overlap: int) -> TaskState:
    """Return the state as an annotator may see it: a gold task looks like any other."""
    if not is_gold:
        return state
    return TaskState.OPEN if overlap > 1 else TaskState.RESOLVING
