"""What a project's page of quality shows."""

from __future__ import annotations

from goldsmith.core.model import Model


class Interval(Model):
    """A number with an interval."""

    value: float
    low: float
    high: float


class GoldScore(Model):
    """How a member did on hidden known answers."""

    right: int
    total: int


class MemberSkill(Model):
    """What all work of a project tells of one member.

    Attributes:
        skill: Probability that a decision of the member is right, with an 80 % interval.
        per_class: The same by class, where there is enough evidence of its own.
        gold: Decisions on hidden known answers.
        agreement: Expected share of decisions that agree with the consensus; blind to errors that all share.
        is_enough: Whether there is evidence worth acting on.
    """

    skill: Interval
    per_class: dict[str, Interval]
    gold: GoldScore
    agreement: float
    is_enough: bool
    submissions: int
    objects: int


class AnnotatorQuality(MemberSkill):
    """A member on the quality page.

    Attributes:
        active_ms: Time spent, hidden tabs and idle time left out.
    """

    member_id: str
    name: str
    kind: str
    active_ms: int
    skips: int
    last_ms: int | None


class ClassAgreement(Model):
    """How far people agree on one class: F1 of their objects matched pair by pair, and the mean IoU of matches."""

    class_id: str
    f1: Interval
    mean_iou: float
    objects: int


class PairAgreement(Model):
    """How far two members agree on what both saw."""

    first: str
    second: str
    f1: float
    mean_iou: float
    items: int


class OverallAgreement(Model):
    """How far people agree on everything, with an interval from resampling items; None without overlap."""

    f1: float | None
    low: float | None
    high: float | None


class QualityReport(Model):
    """The quality page of a project.

    Attributes:
        objects: That are kept (with a posterior of one half or more).
        tasks: Tasks that somebody labelled, when this was learnt; likewise ``objects``.
        expected_right: Mean posterior of the objects that are kept.
        posterior_histogram: All objects that anybody marked, by posterior, in twenty equal bins from 0 to 1.
        fit_version: 0 while nothing was learnt yet.
    """

    objects: int
    tasks: int
    expected_right: float | None
    posterior_histogram: list[int]
    overall: OverallAgreement
    per_class: list[ClassAgreement]
    per_pair: list[PairAgreement]
    annotators: list[AnnotatorQuality]
    fit_version: int
    fitted_ms: int | None
