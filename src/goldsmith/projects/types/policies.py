"""How a project works: judgements asked for, what is reviewed, its target and what follows for people."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field, model_validator

from goldsmith.core.model import Model

Reason = Annotated[str, Field(min_length=1, max_length=200)]
Reasons = Annotated[list[Reason], Field(min_length=1, max_length=50)]


class ReviewMode(StrEnum):
    """Which tasks a reviewer is asked about."""

    NONE = "none"
    SHARE = "share"
    ALL = "all"
    FLAGGED = "flagged"


class TaskOrder(StrEnum):
    """Which task comes next among those of the same priority."""

    SEQUENCE = "sequence"
    RANDOM = "random"
    GAIN = "gain"


class ReviewPolicy(Model):
    """Which tasks go to review once their labels are in.

    Attributes:
        mode: None, a random share, all, or those the quality numbers flag.
        share: Share in [0, 1] of the tasks; used by ``share``.
        posterior_below: ``flagged`` asks for tasks that hold a decision (to keep an object or to leave it out) that
            is right with a lower posterior than this, in [0, 1]; nothing is flagged below one half.
    """

    mode: ReviewMode = ReviewMode.NONE
    share: Annotated[float, Field(ge=0.0, le=1.0)] = 0.1
    posterior_below: Annotated[float, Field(ge=0.0, le=1.0)] = 0.9


class Workflow(Model):
    """How the work of a project runs.

    Attributes:
        overlap: Judgements asked for each task, 1 to 50.
        lease_s: Seconds a task stays with one member without a sign of life, 30 s to 7 days.
        review: Which tasks go to review.
        gold_rate: Share of handed-out tasks that are hidden gold, 0 to 0.5.
        order: Which task comes next within a priority.
        skip_reasons: What an annotator may say when skipping.
        reject_reasons: What a reviewer may say when rejecting.
        use_prelabels: Whether annotators start from predictions.
    """

    overlap: Annotated[int, Field(ge=1, le=50)] = 1
    lease_s: Annotated[int, Field(ge=30, le=7 * 86_400)] = 1800
    review: ReviewPolicy = ReviewPolicy()
    gold_rate: Annotated[float, Field(ge=0.0, le=0.5)] = 0.0
    order: TaskOrder = TaskOrder.SEQUENCE
    skip_reasons: Reasons = ["image is broken", "cannot tell", "not in the instructions", "harmful content"]
    reject_reasons: Reasons = [
        "object missed",
        "wrong class",
        "loose shape",
        "extra object",
        "wrong attribute",
    ]
    use_prelabels: bool = True


class Asking(StrEnum):
    """How many judgements a task gets."""

    FIXED = "fixed"
    ADAPTIVE = "adaptive"


class Reaction(StrEnum):
    """What follows by itself when numbers speak against somebody's work."""

    OFF = "off"
    TELL = "tell"
    MORE_GOLD = "more_gold"
    REQUALIFY = "requalify"
    PAUSE = "pause"


class Consequences(Model):
    """What follows each signal; every one of them is shown with its evidence and can be appealed."""

    spam: Reaction = Reaction.TELL
    copying: Reaction = Reaction.TELL
    straight_lining: Reaction = Reaction.TELL
    too_fast: Reaction = Reaction.TELL
    drift: Reaction = Reaction.TELL
    gold: Reaction = Reaction.TELL


class CoursePolicy(Model):
    """Whether members pass an exam before they work, and how.

    Attributes:
        exam_tasks: Known answers in the exam, 1 to 200.
        pass_share: Share of them that must be right, in [0.1, 1].
        tries: Exams that a member may sit before a manager has to help, 1 to 20.
    """

    is_required: bool = False
    exam_tasks: Annotated[int, Field(ge=1, le=200)] = 10
    pass_share: Annotated[float, Field(ge=0.1, le=1.0)] = 0.8
    tries: Annotated[int, Field(ge=1, le=20)] = 3


class QualityPolicy(Model):
    """What quality a project wants and what it may cost.

    ``fixed`` asks the workflow's overlap of every task. ``adaptive`` begins with ``least_judgements`` and asks for
    another where it is worth it, until the target is reached, ``most_judgements`` are in or the budget is used up.

    Attributes:
        target: Share of objects that are to be right, in [0.5, 0.9999].
        budget_judgements: Labelling judgements of the whole project; the first ``least_judgements`` of a task are
            asked in any case, further ones only within it.
        least_judgements: Of each task, 1 to 50; likewise ``most_judgements``.
        reserve_s: Seconds that a further judgement waits for skilled people before anybody may give it, up to 30 days.
        rate_per_hour: What an hour of work costs, in ``currency``.
        retire_gold_after: Answers after which a hidden known answer is not handed out any more; None for never.
        consequences: What follows when numbers speak against somebody's work.
        course: Of newcomers.
    """

    asking: Asking = Asking.FIXED
    target: Annotated[float | None, Field(ge=0.5, le=0.9999)] = None
    budget_judgements: Annotated[int | None, Field(ge=1, le=1_000_000_000)] = None
    least_judgements: Annotated[int, Field(ge=1, le=50)] = 2
    most_judgements: Annotated[int, Field(ge=1, le=50)] = 5
    reserve_s: Annotated[int, Field(ge=0, le=30 * 86_400)] = 3600
    rate_per_hour: Annotated[float | None, Field(ge=0.0, le=1e6)] = None
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "EUR"
    retire_gold_after: Annotated[int | None, Field(ge=1, le=1_000_000)] = None
    consequences: Consequences = Consequences()
    course: CoursePolicy = CoursePolicy()

    @model_validator(mode="after")
    def _check(self) -> QualityPolicy:
        if self.most_judgements < self.least_judgements:
            raise ValueError("most_judgements must be at least least_judgements")
        if self.asking is Asking.ADAPTIVE and self.target is None and self.budget_judgements is None:
            raise ValueError("adaptive asking needs a target, a budget or both")
        return self


def first_judgements(workflow: Workflow, quality: QualityPolicy) -> int:
    """Return how many judgements a task begins with."""
    return quality.least_judgements if quality.asking is Asking.ADAPTIVE else workflow.overlap
