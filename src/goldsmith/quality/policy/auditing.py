"""Audits: what their draws prove by now, and which are looked at next. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from goldsmith.quality.types import AuditReading, AuditState, Draw, DrawState
from goldsmith.science.auditing import audit_bounds, audit_verdict

AHEAD: Final = 10
"""Tasks that reviewers are asked about at a time."""
_MOST_READINGS: Final = 400
_DIGITS: Final = 4


class Standing(NamedTuple):
    """What an audit says by now.

    Attributes:
        reviewed: Draws that count: those looked at in the order drawn, up to the first that is not.
        items: How many tasks those are, each counted once; likewise ``objects`` and ``right``.
        state: What the bounds say of the target.
    """

    reviewed: int
    items: int
    objects: int
    right: int
    value: float | None
    low: float | None
    high: float | None
    curve: list[AuditReading]
    state: AuditState


def counted(draws: Sequence[Draw]) -> list[Draw]:
    """Return the draws that count: without what cannot be looked at, and up to the first that was not yet.

    Those after it were looked at too early: to take them in would favour tasks that reviewers are quick with.
    """
    found = []
    for draw in draws:
        if draw.state is DrawState.VOID:
            continue
        if draw.state is not DrawState.SCORED:
            break
        found.append(draw)
    return found


def stand_of(draws: Sequence[Draw], *, target: float, confidence: float, population: int) -> Standing:
    """Return what draws prove of a target.

    Args:
        draws: All of an audit.
        target: Share of objects that is to be right.
        confidence: Of the proof.
        population: Sizes of all tasks that could be drawn; those that cannot be looked at are taken off.
    """
    looked_at = counted(draws)
    void = sum(draw.size for draw in draws if draw.state is DrawState.VOID)
    bounds = audit_bounds(
        [draw.score for draw in looked_at],
        confidence,
        population=population - void,
        sizes=[draw.size for draw in looked_at],
    )
    verdict = audit_verdict(bounds, target)
    step = -(-len(looked_at) // _MOST_READINGS) if looked_at else 1
    curve: list[AuditReading] = []
    seen: set[str] = set()
    objects = right = 0
    for number, draw in enumerate(looked_at):
        if draw.task_id not in seen:
            seen.add(draw.task_id)
            objects += draw.objects
            right += draw.right
        if (number + 1) % step == 0 or number + 1 == len(looked_at):
            curve.append(
                AuditReading(
                    reviewed=number + 1,
                    objects=objects,
                    value=round(float(bounds.value[number]), _DIGITS),
                    low=round(float(bounds.low[number]), _DIGITS),
                    high=round(float(bounds.high[number]), _DIGITS),
                )
            )
    last = curve[-1] if curve else None
    return Standing(
        len(looked_at),
        len(seen),
        objects,
        right,
        None if last is None else last.value,
        None if last is None else last.low,
        None if last is None else last.high,
        curve,
        AuditState(verdict),
    )


def next_asked(draws: Sequence[Draw]) -> list[str]:
    """Return the tasks to ask reviewers about now, in order."""
    known = {draw.task_id for draw in draws if draw.state is not DrawState.WAITING}
    waiting = {draw.task_id for draw in draws if draw.state is DrawState.ASKED}
    free = AHEAD - len(waiting)
    found: dict[str, None] = {}
    for draw in draws:
        if len(found) >= free:
            break
        if draw.state is DrawState.WAITING and draw.task_id not in known:
            found[draw.task_id] = None
    return list(found)


def settled(draws: Iterable[Draw], looked_at: Mapping[str, Draw]) -> list[Draw]:
    """Return the draws that change because their tasks were asked about, looked at or cannot be.

    Args:
        draws: All of an audit.
        looked_at: How the draws of tasks stand now, by task.
    """
    changed = []
    for draw in draws:
        known = looked_at.get(draw.task_id)
        if known is None or draw.state in (DrawState.SCORED, DrawState.VOID):
            continue
        now = known._replace(number=draw.number, size=draw.size)
        if now != draw:
            changed.append(now)
    return changed


def sentence_of(stand: Standing, *, state: AuditState, confidence: float, target: float) -> str:
    """Say what is proved."""
    if stand.low is None or stand.high is None or stand.value is None:
        return "Nothing was looked at yet."
    sure = f"with {_percent(confidence, digits=0)} confidence"
    base = f"({_many(stand.objects, 'object')} of {_many(stand.items, 'item')} looked at)"
    at_least = f"at least {_percent(stand.low)} of objects are right"
    if state is AuditState.PROVED:
        return f"{_upper(sure)} {at_least} {base}"
    if state is AuditState.REFUTED:
        missed = f"which is below the target of {_percent(target)}"
        return f"{_upper(sure)} at most {_percent(stand.high)} of objects are right, {missed} {base}"
    return f"{_percent(stand.value)} of objects were right so far; {sure} {at_least} {base}"


def _percent(share: float, *, digits: int = 1) -> str:
    # rounded down: nothing is promised that was not proved
    scale = 10**digits
    return f"{int(share * 100 * scale + 1e-9) / scale:.{digits}f} %"


def _many(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _upper(text: str) -> str:
    return text[0].upper() + text[1:]
