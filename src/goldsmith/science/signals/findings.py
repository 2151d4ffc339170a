"""Alarms as findings: one form for all signals, with the numbers a person needs to judge for oneself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from goldsmith.science.signals.lines import CLASS, COUNT, PLACE, REPEAT
from goldsmith.science.signals.types import (
    Copying,
    Drift,
    Finding,
    SignalKind,
    SignalNumber,
    Signals,
    SignalSettings,
    Spam,
    StraightLining,
    TooFast,
)

_LINES: Mapping[int, str] = {
    CLASS: "share of the favourite class",
    COUNT: "share of the favourite number of marks",
    PLACE: "share of marks repeated at the same place",
    REPEAT: "share of answers that repeat the one before",
}


def all_signals(
    *,
    too_fast: TooFast,
    straight_lining: StraightLining,
    copying: Copying,
    drift: Drift,
    spam: Spam,
    settings: SignalSettings,
) -> Signals:
    """All signals with their alarms as findings, the most severe first."""
    findings = [
        *_of_spam(spam),
        *_of_copying(copying, settings),
        *_of_lines(straight_lining, settings),
        *_of_speed(too_fast, settings),
        *_of_drift(drift, settings),
    ]
    findings.sort(key=lambda finding: (-finding.severity, finding.p_value, finding.annotator))
    return Signals(too_fast, straight_lining, copying, drift, spam, tuple(findings))


def _severity(effect: float, *, begins: float, worst: float) -> float:
    """0.5 where an effect begins to matter, 1 where it could not be worse."""
    way = (effect - begins) / (worst - begins) if worst != begins else 1.0
    return 0.5 + 0.5 * float(np.clip(way if np.isfinite(way) else 0.0, 0.0, 1.0))


def _of_spam(seen: Spam) -> Iterator[Finding]:
    for who in np.flatnonzero(seen.is_alarm).tolist():
        numbers = [
            SignalNumber("share that agrees with others", float(seen.agreement[who]), seen.usual_agreement),
            SignalNumber("share that would agree by chance", float(seen.chance_agreement[who]), float("nan")),
        ]
        if np.isfinite(seen.information[who]):
            numbers.append(
                SignalNumber(
                    "bits an answer tells about the task",
                    float(seen.information[who]),
                    seen.usual_information,
                )
            )
        if np.isfinite(seen.found[who]):
            numbers.append(
                SignalNumber("share of agreed objects found", float(seen.found[who]), seen.usual_found)
            )
        numbers.append(SignalNumber("answers compared", float(seen.answers[who]), float("nan")))
        yield Finding(
            signal=SignalKind.SPAM,
            annotator=who,
            other=None,
            p_value=float(seen.p_value[who]),
            adjusted=float(seen.adjusted[who]),
            severity=_severity(float(seen.posterior[who]), begins=0.5, worst=1.0),
            numbers=tuple(numbers),
            tasks=seen.tasks.get(who, ()),
        )


def _of_copying(seen: Copying, settings: SignalSettings) -> Iterator[Finding]:
    for pair in np.flatnonzero(seen.is_alarm).tolist():
        members = (int(seen.first[pair]), int(seen.second[pair]))
        is_certain = bool(seen.is_certain_who[pair])
        numbers = (
            SignalNumber("share of answers copied", float(seen.copied_share[pair]), 0.0),
            SignalNumber(
                "unexpected answers in common",
                float(seen.same_errors[pair]),
                float(seen.expected_errors[pair]),
            ),
            SignalNumber("answers to the same tasks", float(seen.shared[pair]), float("nan")),
            SignalNumber("share handed in after the other", float(seen.later_share[pair]), 0.5),
        )
        for who, other in (members,) if is_certain else (members, members[::-1]):
            yield Finding(
                signal=SignalKind.COPYING,
                annotator=who,
                other=other,
                p_value=float(seen.p_value[pair]),
                adjusted=float(seen.adjusted[pair]),
                severity=_severity(float(seen.copied_share[pair]), begins=settings.copied_share, worst=0.9),
                numbers=numbers[:3] if not is_certain else numbers,
                tasks=seen.tasks.get(pair, ()),
                is_certain_who=is_certain,
            )


def _of_lines(seen: StraightLining, settings: SignalSettings) -> Iterator[Finding]:
    for who in np.flatnonzero(seen.is_alarm).tolist():
        share, usual = float(seen.favourite_share[who]), float(seen.usual_share[who])
        numbers = [SignalNumber(_LINES[int(seen.aspect[who])], share, usual)]
        if np.isfinite(seen.entropy[who]):
            numbers.append(
                SignalNumber(
                    "variety of answers in bits", float(seen.entropy[who]), float(seen.usual_entropy[who])
                )
            )
        numbers.append(SignalNumber("answers compared", float(seen.answers[who]), float("nan")))
        yield Finding(
            signal=SignalKind.STRAIGHT_LINING,
            annotator=who,
            other=None,
            p_value=float(seen.p_value[who]),
            adjusted=float(seen.adjusted[who]),
            severity=_severity(share, begins=usual + settings.line_excess, worst=1.0),
            numbers=tuple(numbers),
            tasks=seen.tasks.get(who, ()),
        )


def _of_speed(seen: TooFast, settings: SignalSettings) -> Iterator[Finding]:
    for who in np.flatnonzero(seen.is_alarm).tolist():
        slow, rushed = float(seen.ratio[who]), float(seen.rushed_share[who])
        yield Finding(
            signal=SignalKind.TOO_FAST,
            annotator=who,
            other=None,
            p_value=float(seen.p_value[who]),
            adjusted=float(seen.adjusted[who]),
            severity=max(
                _severity(-np.log(slow), begins=-np.log(settings.fast_ratio), worst=np.log(20.0)),
                _severity(rushed, begins=settings.rushed_share, worst=1.0),
            ),
            numbers=(
                SignalNumber(
                    "median seconds a task", float(seen.median_seconds[who]), float(seen.usual_seconds[who])
                ),
                SignalNumber("share of rushed tasks", rushed, seen.usual_rushed_share),
                SignalNumber("tasks timed", float(seen.answers[who]), float("nan")),
            ),
            tasks=seen.tasks.get(who, ()),
        )


def _of_drift(seen: Drift, settings: SignalSettings) -> Iterator[Finding]:
    for who in np.flatnonzero(seen.is_alarm).tolist():
        before, after = float(seen.before[who]), float(seen.after[who])
        yield Finding(
            signal=SignalKind.DRIFT,
            annotator=who,
            other=None,
            p_value=float(seen.p_value[who]),
            adjusted=float(seen.adjusted[who]),
            severity=_severity(before - after, begins=settings.drop, worst=0.5),
            numbers=(
                SignalNumber("share right since the change, and before", after, before),
                SignalNumber("answers since the change", float(seen.answers_after[who]), float("nan")),
                SignalNumber("answers judged", float(seen.answers[who]), float("nan")),
            ),
            tasks=seen.tasks.get(who, ()),
            since=float(seen.since[who]),
        )
