"""What signals about people's work look like: arrays per annotator or pair, and findings that a person can read.

Two calls give everything::

    vote_signals(votes: Votes, *, seconds=None, submitted=None, gold=None, settings=None) -> Signals
    object_signals(marks: Marks, looks: Looks, *, annotator_count, class_count, seconds=None, submitted=None,
                   gold=None, gold_images=(), object_of_mark=None, settings=None) -> Signals

``seconds`` and ``submitted`` stand beside the rows of ``votes`` or ``looks``. ``Signals.findings`` are the alarms, the
worst first; ``Signals.of(annotator)`` those of one. A finding is a reason to look, with its numbers; never a verdict.

Every p-value is the chance that an honest annotator of this crowd looks at least so bad; most come from likelihood
ratios, whose mean under honesty is at most 1, and are therefore on the safe side. Across annotators (or pairs) they are
adjusted after Benjamini & Hochberg (1995). Significance alone raises nothing: with many votes small habits become
significant, so each alarm also needs an effect that matters (``SignalSettings``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.arrays import BoolArray, FloatArray, IntArray


class SignalKind(StrEnum):
    """What was seen."""

    SPAM = "spam"
    COPYING = "copying"
    STRAIGHT_LINING = "straight_lining"
    TOO_FAST = "too_fast"
    DRIFT = "drift"


class SignalNumber(NamedTuple):
    """One number that a finding rests on.

    Attributes:
        name: In plain words, such as "median seconds a task".
        value: Of this annotator (or pair).
        usual: Of the crowd on the same tasks; NaN where there is nothing to compare with.
    """

    name: str
    value: float
    usual: float


@dataclass(frozen=True, slots=True)
class SignalSettings:
    """Where alarms begin.

    Attributes:
        false_discovery: Share of alarms of each kind that may be false, in (0, 1); also bounds the chance that an
            honest crowd gets any alarm of the kind.
        fast_ratio: Too fast only below this share of the usual time, in (0, 1).
        rushed_ratio: A task is rushed when done in less than this share of its usual time.
        rushed_share: Too fast also from this share of rushed tasks on.
        line_excess: Straight-lining only if the favourite answer is given so much more often (share of all answers).
        copied_share: Copying only from this estimated share of copied answers on.
        drop: Drift only from this fall of the share that is right on.
        least_answers: Nobody is judged on fewer answers (looks, for objects); pairs on fewer shared ones.
        most_pair_rows: Pairs of answers looked at; of more, tasks are left out at regular steps.
    """

    false_discovery: float = 0.01
    fast_ratio: float = 0.5
    rushed_ratio: float = 0.2
    rushed_share: float = 0.25
    line_excess: float = 0.15
    copied_share: float = 0.2
    drop: float = 0.1
    least_answers: int = 8
    most_pair_rows: int = 4_000_000

    def __post_init__(self) -> None:
        shares = (
            self.false_discovery,
            self.fast_ratio,
            self.rushed_ratio,
            self.rushed_share,
            self.line_excess,
            self.copied_share,
            self.drop,
        )
        if not all(0.0 < share < 1.0 for share in shares) or min(self.least_answers, self.most_pair_rows) < 1:
            raise InvalidInputError(
                "shares must lie in (0, 1), least_answers and most_pair_rows be at least 1"
            )


@dataclass(frozen=True, slots=True)
class Finding:
    """One alarm.

    Attributes:
        signal: What was seen.
        annotator: Whose work it is; of copying, who copied, where the order of submission tells.
        other: Of copying, from whom; None for the other signals.
        p_value: Chance of the like from an honest annotator of this crowd.
        adjusted: The p-value adjusted for the number of annotators or pairs looked at (Benjamini & Hochberg).
        severity: In (0, 1], how large the effect is: 0.5 is what alarms begin to matter at, 1 could not be worse.
        numbers: What it rests on, for people to read.
        tasks: Up to 20 tasks (images) that show it best, the clearest first.
        since: Of drift, when it began, in the units of ``submitted``; None for the other signals.
        is_certain_who: Of copying, whether the order tells who copied; otherwise both have the finding.
    """

    signal: SignalKind
    annotator: int
    other: int | None
    p_value: float
    adjusted: float
    severity: float
    numbers: tuple[SignalNumber, ...]
    tasks: tuple[int, ...]
    since: float | None = None
    is_certain_who: bool = True


@dataclass(frozen=True, slots=True)
class TooFast:
    """Speed; all arrays ``[annotators]``.

    Attributes:
        p_value: 1 where there are no times.
        adjusted: For the number of annotators.
        is_alarm: Significant, and fast enough to matter.
        answers: With a known time.
        median_seconds: Per task; NaN without times.
        usual_seconds: Median of what the crowd would take for the same tasks.
        ratio: Of the own speed: time as a share of the usual, by task.
        rushed_share: Share of tasks done in less than ``rushed_ratio`` of their usual time.
        usual_rushed_share: Median of the crowd.
        tasks: Of those with an alarm, up to 20 tasks that show it best.
    """

    p_value: FloatArray
    adjusted: FloatArray
    is_alarm: BoolArray
    answers: IntArray
    median_seconds: FloatArray
    usual_seconds: FloatArray
    ratio: FloatArray
    rushed_share: FloatArray
    usual_rushed_share: float
    tasks: Mapping[int, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class StraightLining:
    """The same answer again and again; all arrays ``[annotators]``.

    Attributes:
        p_value: 1 where nobody else answered the same tasks.
        adjusted: For the number of annotators.
        is_alarm: Significant, and large enough to matter.
        answers: Compared with others' on the same tasks.
        favourite: The answer given most in excess (a class; for objects what ``aspect`` says); -1 without answers.
        favourite_share: Share of the favourite among the own answers.
        usual_share: Share of that answer among the others' on the same tasks.
        entropy: Of the own answers, in bits.
        usual_entropy: Of the others' on the same tasks, in bits.
        aspect: 0 the class, 1 the number of marks, 2 the same mark at the same place on several images,
            3 the answer before once more.
        tasks: Of those with an alarm, up to 20 tasks that show it best.
    """

    p_value: FloatArray
    adjusted: FloatArray
    is_alarm: BoolArray
    answers: IntArray
    favourite: IntArray
    favourite_share: FloatArray
    usual_share: FloatArray
    entropy: FloatArray
    usual_entropy: FloatArray
    aspect: IntArray
    tasks: Mapping[int, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Copying:
    """Pairs that agree beyond chance; all arrays ``[pairs]`` unless said; pairs without enough shared tasks are absent.

    Attributes:
        first: Who handed in later more often (the likelier copier).
        second: The other.
        log_ratio: Log likelihood ratio of copying to what this crowd usually shares, in nats.
        p_value: ``exp(-log_ratio)`` at most.
        adjusted: For the number of pairs.
        is_alarm: Significant, and enough copied to matter.
        shared: Tasks that both answered (objects: objects that both marked).
        copied_share: Estimate of the share copied.
        same_errors: Equal answers that nobody would expect: both the same and both against what others say (objects:
            outlines nearer than the nearest hundredth of the crowd's).
        expected_errors: How many of these two honest people share.
        later_share: Share of such tasks that ``first`` handed in after ``second``; NaN without times.
        is_certain_who: Whether the order tells who copied.
        group: ``[annotators]`` group of annotators connected by alarms, numbered from 0; -1 for everybody else.
        tasks: By pair with an alarm, up to 20 tasks that show it best.
    """

    first: IntArray
    second: IntArray
    log_ratio: FloatArray
    p_value: FloatArray
    adjusted: FloatArray
    is_alarm: BoolArray
    shared: IntArray
    copied_share: FloatArray
    same_errors: IntArray
    expected_errors: FloatArray
    later_share: FloatArray
    is_certain_who: BoolArray
    group: IntArray
    tasks: Mapping[int, tuple[int, ...]]

    def __len__(self) -> int:
        return self.first.size


@dataclass(frozen=True, slots=True)
class Drift:
    """A change for the worse; all arrays ``[annotators]``.

    Attributes:
        p_value: 1 without times or with too few decisions.
        adjusted: For the number of annotators.
        is_alarm: Significant, and a large enough fall.
        since: Most probable time of the change, in the units given; NaN where nothing can be said.
        before: Share right before, as far as the tasks allow comparing; NaN likewise.
        after: Share right since.
        answers: Judged by gold or by others.
        answers_after: Those since the change.
        tasks: Of those with an alarm, up to 20 tasks that show it best.
    """

    p_value: FloatArray
    adjusted: FloatArray
    is_alarm: BoolArray
    since: FloatArray
    before: FloatArray
    after: FloatArray
    answers: IntArray
    answers_after: IntArray
    tasks: Mapping[int, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Spam:
    """Whether somebody's answers say anything; all arrays ``[annotators]``.

    Attributes:
        p_value: Chance that honest answers look so empty.
        adjusted: For the number of annotators.
        is_alarm: Significant, and as good as empty.
        posterior: Probability that the answers say nothing, one in a hundred being a spammer beforehand.
        answers: Compared with others' (objects: marks and objects of others together).
        information: Bits an answer tells about the truth (votes); NaN for objects.
        usual_information: Median of the crowd; NaN for objects.
        agreement: Share that agrees with what others say (objects: share of marks that others support).
        chance_agreement: What blind answers with the same favourites would reach on the same tasks.
        usual_agreement: Median of the crowd.
        found: Share of the objects others agree on that were marked; NaN for votes.
        usual_found: Median of the crowd; NaN for votes.
        tasks: Of those with an alarm, up to 20 tasks that show it best.
    """

    p_value: FloatArray
    adjusted: FloatArray
    is_alarm: BoolArray
    posterior: FloatArray
    answers: IntArray
    information: FloatArray
    usual_information: float
    agreement: FloatArray
    chance_agreement: FloatArray
    usual_agreement: float
    found: FloatArray
    usual_found: float
    tasks: Mapping[int, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Signals:
    """All signals of a crowd.

    Attributes:
        too_fast: Speed.
        straight_lining: The same answer again and again.
        copying: Pairs and groups.
        drift: Changes for the worse.
        spam: Answers that say nothing.
        findings: The alarms, the most severe first.
    """

    too_fast: TooFast
    straight_lining: StraightLining
    copying: Copying
    drift: Drift
    spam: Spam
    findings: tuple[Finding, ...]

    def of(self, annotator: int) -> tuple[Finding, ...]:
        """Findings of one annotator, the most severe first."""
        return tuple(finding for finding in self.findings if finding.annotator == annotator)
