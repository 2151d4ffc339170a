"""What a project comes to: where it stands to its target, what it costs, and what other policies would cost."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from goldsmith.core.model import Model
from goldsmith.projects.api import QualityPolicy
from goldsmith.quality.types.report import Interval

MOST_SIMULATED_TASKS = 2_000
MOST_SIMULATED_PEOPLE = 200


class Forecast(Model):
    """What is still to come, if it goes on like this.

    Attributes:
        hours: Of active work.
        cost: In the policy's currency; None without a rate.
    """

    judgements: int
    hours: float
    cost: float | None


class Cost(Model):
    """What was spent so far.

    Attributes:
        total: In ``currency``; None without a rate, likewise ``per_label``.
        per_label: For each object of finished tasks, or each answer where nothing is drawn; None while there is none.
        per_label_low: Lower end of its 80 % interval, as if the same work were done once more.
        per_label_high: Upper end.
        hours: Of active work; idle stretches cut, times that nobody measured taken for the person's usual ones.
    """

    total: float | None
    per_label: float | None
    per_label_low: float | None
    per_label_high: float | None
    hours: float
    currency: str


class TargetView(Model):
    """Where a project stands to its target.

    Attributes:
        done: Tasks that are finished.
        judgements: Labelling judgements that are in.
        judgements_per_task: Of tasks that have a consensus; None while there are none.
        reviews: Verdicts of reviewers.
        expected: Share of objects of finished tasks that is right, as far as posteriors tell. The interval says what
            chance leaves open; whether the posteriors are right, only an audit can say.
        ambiguous: Finished tasks that are worse than the target allows.
        budget_left: Judgements beyond those that are in or asked for.
    """

    policy: QualityPolicy
    tasks: int
    done: int
    judgements: int
    judgements_per_task: float | None
    reviews: int
    expected: Interval | None
    ambiguous: int
    budget_left: int | None
    forecast: Forecast | None
    cost: Cost | None


class CrowdGroup(Model):
    """People alike.

    Attributes:
        skill: Probability that a decision is right, in [0.3, 0.995].
        seconds: For a task, up to a day.
        count: How many they are.
    """

    skill: Annotated[float, Field(ge=0.3, le=0.995)]
    seconds: Annotated[float, Field(ge=0.0, le=86_400.0)]
    count: Annotated[int, Field(ge=1, le=MOST_SIMULATED_PEOPLE)] = 1


class SimulationBody(Model):
    """What to try.

    Attributes:
        policy: The one that is marked as chosen; the project's by default.
        crowd: Who works; as learnt in the project by default.
    """

    policy: QualityPolicy | None = None
    crowd: Annotated[list[CrowdGroup], Field(min_length=1, max_length=50)] | None = None
    tasks: Annotated[int, Field(ge=50, le=MOST_SIMULATED_TASKS)] = 500
    seed: Annotated[int, Field(ge=0, le=2**31)] = 0


class SimulatedPoint(Model):
    """What one policy came to.

    Attributes:
        threshold: Target that the policy asked for; None where it asked by number.
        cost: Of all simulated tasks, in the policy's currency; None without a rate.
        is_chosen: Whether it is the policy that was sent, or the project's.
    """

    name: str
    is_adaptive: bool
    threshold: float | None
    judgements_per_task: float
    accuracy: Interval
    cost: float | None
    is_chosen: bool


class SimulationView(Model):
    """Cost against accuracy of several policies.

    Attributes:
        note: What it rests on.
    """

    points: list[SimulatedPoint]
    crowd: list[CrowdGroup]
    note: str
