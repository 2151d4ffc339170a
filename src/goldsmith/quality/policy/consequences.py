r"""What follows for a member, as pure decisions.

::

                      appeal                    upheld
       active ------------------> appealed ------------------> upheld
         |                           | granted                    |
         `-------- lift ------------>v<------------ lift ---------'
                                   lifted

All but ``lifted`` are in force. A member's standing is what all consequences in force say together.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from goldsmith.core.errors import ConflictError
from goldsmith.labeling.api import MemberStanding, StandingState
from goldsmith.quality.types import (
    ConsequenceKind,
    ConsequenceState,
    Signal,
    StoredConsequence,
    Verdict,
)

HARSHNESS: Final = {kind: number for number, kind in enumerate(ConsequenceKind)}
"""Of each kind: 0 tells, 3 pauses."""

MORE_GOLD_AT_LEAST: Final = 0.25
MORE_GOLD_AT_MOST: Final = 0.5
MORE_GOLD_TIMES: Final = 3.0


def after_appeal(state: ConsequenceState) -> ConsequenceState:
    """Return the state after the member appealed.

    Raises:
        ConflictError: It was appealed before, or is not in force any more.
    """
    match state:
        case ConsequenceState.ACTIVE:
            return ConsequenceState.APPEALED
        case ConsequenceState.APPEALED:
            raise ConflictError("you appealed already; wait for the answer")
        case ConsequenceState.UPHELD:
            raise ConflictError("an appeal was answered already; talk to who leads the project")
        case ConsequenceState.LIFTED:
            raise ConflictError("this was lifted; there is nothing to appeal")


def after_answer(state: ConsequenceState, verdict: Verdict) -> ConsequenceState:
    """Return the state after a manager answered the appeal.

    Raises:
        ConflictError: There is no appeal to answer.
    """
    if state is not ConsequenceState.APPEALED:
        raise ConflictError("there is no appeal that waits for an answer")
    return ConsequenceState.LIFTED if verdict is Verdict.GRANTED else ConsequenceState.UPHELD


def after_lift(state: ConsequenceState) -> ConsequenceState:
    """Return the state after a manager lifted it.

    Raises:
        ConflictError: It was lifted before.
    """
    if state is ConsequenceState.LIFTED:
        raise ConflictError("this was lifted before")
    return ConsequenceState.LIFTED


class Raising(NamedTuple):
    """Whether a signal raises a consequence.

    Attributes:
        kind: What is raised; None for nothing.
        since_ms: Only if work handed in after this time shows the signal by itself; 0 for all work.
    """

    kind: ConsequenceKind | None
    since_ms: int = 0


def what_to_raise(
    wanted: ConsequenceKind | None, earlier: Iterable[StoredConsequence], *, has_course: bool
) -> Raising:
    """Say what follows a signal that was seen.

    What was lifted, or answered with a grant, is not raised again on the same evidence; what is in force already is
    raised again only as something harsher, and only on work that came after it.

    Args:
        wanted: What the project's policy says of the signal; None for off.
        earlier: Consequences of the same member for the same signal.
        has_course: Whether there is a course to take; without one, more gold takes the place of requalifying.
    """
    if wanted is None:
        return Raising(None)
    kind = ConsequenceKind.MORE_GOLD if wanted is ConsequenceKind.REQUALIFY and not has_course else wanted
    since_ms = 0
    for entry in earlier:
        if entry.state is ConsequenceState.LIFTED:
            since_ms = max(since_ms, entry.ended_ms or entry.created_ms)
        elif HARSHNESS[entry.kind] >= HARSHNESS[kind]:
            return Raising(None)
        else:
            since_ms = max(since_ms, entry.created_ms)
    return Raising(kind, since_ms)


def more_gold_rate(workflow_rate: float) -> float:
    """Return the share of hidden gold for somebody who is to get more of it."""
    return min(MORE_GOLD_AT_MOST, max(MORE_GOLD_AT_LEAST, MORE_GOLD_TIMES * workflow_rate))


def standing_after(
    standing: MemberStanding, in_force: Sequence[StoredConsequence], *, workflow_gold_rate: float
) -> MemberStanding:
    """Return what a member may do under all consequences in force.

    Args:
        standing: As it is; its tier and when the exam was passed stay.
        in_force: Consequences that were not lifted.
        workflow_gold_rate: Share of hidden gold that everybody gets.
    """
    newest: dict[ConsequenceKind, StoredConsequence] = {}
    for entry in in_force:
        if entry.kind not in newest or entry.created_ms > newest[entry.kind].created_ms:
            newest[entry.kind] = entry
    pause = newest.get(ConsequenceKind.PAUSE)
    again = newest.get(ConsequenceKind.REQUALIFY)
    gold_rate = more_gold_rate(workflow_gold_rate) if ConsequenceKind.MORE_GOLD in newest else None
    passed_ms = standing.passed_ms
    is_due = again is not None and (passed_ms is None or passed_ms < again.created_ms)
    plain = standing._replace(gold_rate=gold_rate)
    if pause is not None:
        reason = f"Your work in this project is paused: {pause.evidence.sentence} {_HOW_TO_APPEAL}"
        return plain._replace(state=StandingState.PAUSED, reason=reason)
    if is_due and again is not None:
        reason = f"Please pass the course again: {again.evidence.sentence} {_HOW_TO_APPEAL}"
        return plain._replace(state=StandingState.COURSE, reason=reason)
    return plain._replace(state=StandingState.ACTIVE, reason="")


_HOW_TO_APPEAL: Final = "If you think this is wrong, open your quality page in this project and appeal."

SIGNAL_NAMES: Final = {
    Signal.SPAM: "answers that say nothing",
    Signal.COPYING: "copying",
    Signal.STRAIGHT_LINING: "the same answer again and again",
    Signal.TOO_FAST: "answers too fast to be looked at",
    Signal.DRIFT: "a change for the worse",
    Signal.GOLD: "hidden known answers",
    Signal.MANUAL: "a manager's word",
}
"""How signals are called in sentences."""
