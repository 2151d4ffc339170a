"""Votes that go in and the consensus that comes out."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from goldsmith.core.annotations import Labelling
from goldsmith.core.model import Model
from goldsmith.core.plain import AnyLabelling

METHOD_DETECTION = "detection"
METHOD_REVIEW = "review"
METHOD_IMPORTED = "imported"
METHOD_LIVE = "live"
"""Not stored: what the judgements that are in tell at this moment."""
METHOD_BULK = "bulk"
"""Nothing but what a lead answered for many items at once; says nothing of objects."""
DECIDER = "decided"
"""Stands for the author of a decision (a reviewer's fix, accepted labels) among the voters of its own task."""


class Vote(NamedTuple):
    """The newest counted submission of one member on one task."""

    task_id: str
    submission_id: str
    member_id: str
    labelling: Labelling


class Support(Model):
    """What stands behind one object of a consensus.

    Attributes:
        submissions: Ids of the submissions that hold the object.
        onlookers: How many people looked at the item.
        existence: Probability that there is such an object.
        class_posterior: Probability of each class, given that it exists; classes under 0.001 are left out.
    """

    submissions: list[str]
    onlookers: int
    existence: float
    class_posterior: dict[str, float]


class ResolvedTask(NamedTuple):
    """The consensus of one task before it is stored."""

    task_id: str
    labelling: AnyLabelling
    support: Mapping[str, Support]
    """By annotation id."""
    submission_ids: list[str]
    missed: float = 0.0
    """Expected number of objects that nobody marked."""
    answers: Mapping[str, Mapping[str, float]] = MappingProxyType({})
    """By question: how likely each answer is right; questions of which that is not known are absent."""
    certain: Mapping[str, float] = MappingProxyType({})
    """By question with options: how sure its answer is when it comes to asking once more (``science.stopping``)."""

    @property
    def lowest_posterior(self) -> float | None:
        """How likely the least sure decision is right, in [0.5, 1]; None when there is none.

        The decision is to keep an object from a posterior of one half on, and to leave it out below: an object with
        a posterior of 0.03, a mark that one person made and nobody else, is 97 % surely to be left out.
        """
        scores = [a.score for a in self.labelling.annotations if a.score is not None]
        scores += [r.score for r in self.labelling.relations if r.score is not None]
        return min((max(score, 1.0 - score) for score in scores), default=None)


class CurrentLabel(NamedTuple):
    """The label in force of one task, as datasets read it."""

    task_id: str
    item_id: str
    label_kind: str
    """``consensus`` or ``gold``."""
    version: int
    labelling: Labelling
    submission_ids: list[str]
    task_state: str
    is_reviewed: bool


class ConsensusView(Model):
    """One version of a task's consensus.

    Attributes:
        version: From 1; 0 for what is known at this moment and not stored.
        ontology_version: Whose classes the labelling speaks of.
        answers: By question: how likely each answer is right, where that is known.
    """

    task_id: str
    version: int
    method: str
    labelling: Labelling
    ontology_version: int
    support: dict[str, Support]
    submission_ids: list[str]
    lowest_posterior: float | None
    answers: dict[str, dict[str, float]] = {}
    created_ms: int
