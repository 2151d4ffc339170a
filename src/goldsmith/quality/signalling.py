"""Signs against people's work, out of what they handed in: arrays for the science, and sentences back. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple

import numpy as np

from goldsmith.core.annotations import Labelling
from goldsmith.core.ontology import Attribute, Ontology
from goldsmith.quality.evidence import class_index, gather, gather_gold
from goldsmith.quality.types import ConsequenceEvidence, EvidenceNumber, Signal, Vote
from goldsmith.science.signals import object_signals, vote_signals
from goldsmith.science.signals.types import Finding, SignalKind, Signals
from goldsmith.science.votes.table import Votes

_CLOSED_KINDS: Final = ("choice", "boolean")


class HandedIn(NamedTuple):
    """A vote with when it was handed in and how long it took; ``active_ms`` is 0 where nobody measured."""

    vote: Vote
    active_ms: int
    created_ms: int


class PersonFinding(NamedTuple):
    """One sign against one member's work.

    Attributes:
        severity: In (0, 1]: how large the effect is.
        is_certain: Whether it is this member's doing; of two who are alike, the order may not tell who copied.
    """

    member_id: str
    signal: Signal
    severity: float
    is_certain: bool
    evidence: ConsequenceEvidence


def find_signals(
    entries: Sequence[HandedIn], gold: Mapping[str, Labelling], *, ontology: Ontology
) -> list[PersonFinding]:
    """Look for signs in what people marked and in what they answered; at most one a member and signal.

    Args:
        entries: At most one a member and task.
        gold: Known answers by task, those that count.
        ontology: The newest.

    Returns:
        The most severe first.
    """
    if not entries:
        return []
    found: list[PersonFinding] = []
    members = sorted({entry.vote.member_id for entry in entries})
    if any(entry.vote.labelling.annotations for entry in entries):
        found += _of_objects(entries, gold, members, ontology)
    for question in ontology.questions:
        if question.kind in _CLOSED_KINDS:
            found += _of_question(entries, gold, members, question)
    best: dict[tuple[str, Signal], PersonFinding] = {}
    for finding in sorted(found, key=lambda entry: (not entry.is_certain, -entry.severity)):
        best.setdefault((finding.member_id, finding.signal), finding)
    return sorted(best.values(), key=lambda entry: (-entry.severity, entry.member_id, entry.signal))


def _of_objects(
    entries: Sequence[HandedIn],
    gold: Mapping[str, Labelling],
    members: Sequence[str],
    ontology: Ontology,
) -> list[PersonFinding]:
    number_of = {member_id: number for number, member_id in enumerate(members)}
    votes = [entry.vote for entry in entries]
    labellings = [*(vote.labelling for vote in votes), *gold.values()]
    classes = class_index([entry.class_id for entry in ontology.classes], labellings)
    evidence = gather(votes, members=number_of, classes=classes)
    gold_marks, gold_images = gather_gold(gold, evidence.task_ids, classes=classes)
    signals = object_signals(
        evidence.marks,
        evidence.looks,
        annotator_count=len(members),
        class_count=max(len(classes), 1),
        seconds=_seconds(entries),
        submitted=_submitted(entries),
        gold=gold_marks,
        gold_images=gold_images,
    )
    return _in_words(signals, members, evidence.task_ids)


def _of_question(
    entries: Sequence[HandedIn], gold: Mapping[str, Labelling], members: Sequence[str], question: Attribute
) -> list[PersonFinding]:
    answered = [entry for entry in entries if question.attribute_id in entry.vote.labelling.answers]
    if not answered:
        return []
    said = [str(entry.vote.labelling.answers[question.attribute_id]) for entry in answered]
    known = {
        task_id: str(labelling.answers[question.attribute_id])
        for task_id, labelling in gold.items()
        if question.attribute_id in labelling.answers
    }
    labels = {label: number for number, label in enumerate(sorted({*said, *known.values()}))}
    task_ids = list(dict.fromkeys(entry.vote.task_id for entry in answered))
    place = {task_id: number for number, task_id in enumerate(task_ids)}
    number_of = {member_id: number for number, member_id in enumerate(members)}
    votes = Votes.of(
        [place[entry.vote.task_id] for entry in answered],
        [number_of[entry.vote.member_id] for entry in answered],
        [labels[label] for label in said],
        task_count=len(task_ids),
        annotator_count=len(members),
        label_count=len(labels),
    )
    truth = np.array([labels[known[task_id]] if task_id in known else -1 for task_id in task_ids])
    signals = vote_signals(votes, seconds=_seconds(answered), submitted=_submitted(answered), gold=truth)
    return _in_words(signals, members, task_ids)


def _seconds(entries: Sequence[HandedIn]) -> np.ndarray:
    return np.array([entry.active_ms / 1000.0 if entry.active_ms > 0 else math.nan for entry in entries])


def _submitted(entries: Sequence[HandedIn]) -> np.ndarray:
    return np.array([entry.created_ms / 1000.0 for entry in entries])


def _in_words(signals: Signals, members: Sequence[str], task_ids: Sequence[str]) -> list[PersonFinding]:
    return [
        PersonFinding(
            member_id=members[finding.annotator],
            signal=Signal(finding.signal.value),
            severity=finding.severity,
            is_certain=finding.is_certain_who,
            evidence=ConsequenceEvidence(
                sentence=_sentence(finding),
                numbers=_numbers(finding),
                task_ids=[task_ids[task] for task in finding.tasks],
                other_member_id=None if finding.other is None else members[finding.other],
            ),
        )
        for finding in signals.findings
    ]


def _sentence(finding: Finding) -> str:
    is_either = finding.signal is SignalKind.COPYING and not finding.is_certain_who
    said = _ALIKE if is_either else _SENTENCES[finding.signal]
    if finding.since is not None and math.isfinite(finding.since):
        day = datetime.fromtimestamp(finding.since, UTC).date().isoformat()
        said = f"Since {day}: {said[0].lower()}{said[1:]}"
    shown = [
        f"{number.name}: {_shown(number.value)}{_beside(number.usual)}" for number in finding.numbers[:3]
    ]
    return f"{said} ({'; '.join(shown)})." if shown else f"{said}."


def _beside(usual: float) -> str:
    return f", usually {_shown(usual)}" if math.isfinite(usual) else ""


def _shown(value: float) -> str:
    return f"{value:.3g}" if math.isfinite(value) else "unknown"


def _numbers(finding: Finding) -> list[EvidenceNumber]:
    return [
        EvidenceNumber(name=number.name, value=_finite(number.value), usual=_finite(number.usual))
        for number in finding.numbers
    ]


def _finite(value: float) -> float | None:
    return round(float(value), 6) if math.isfinite(value) else None


def without_before(entries: Iterable[HandedIn], *, member_id: str, since_ms: int) -> list[HandedIn]:
    """Return what was handed in without a member's work up to a time, so that only what came later speaks."""
    return [entry for entry in entries if entry.vote.member_id != member_id or entry.created_ms > since_ms]


_ALIKE: Final = (
    "The answers and another member's are alike far beyond chance, and the order does not tell who had them "
    "from whom"
)
_SENTENCES: Final = {
    SignalKind.SPAM: "The answers say little or nothing about the tasks",
    SignalKind.COPYING: "The answers repeat another member's, mistakes included, far beyond chance",
    SignalKind.STRAIGHT_LINING: "The same answer is given again and again where others give different ones",
    SignalKind.TOO_FAST: "The answers come much faster than others need to look at the same tasks",
    SignalKind.DRIFT: "Less of the work is right than before",
}
