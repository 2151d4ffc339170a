"""Votes on one of K labels made one label, with calibrated doubt.

``auto`` where nobody says how; the models by name where somebody does: ``majority``, ``dawid_skene``,
``bayesian_dawid_skene``, ``one_coin``, ``crowd_confusion``, ``smoothed_confusion``, ``mace``, ``glad``. ``LiveVotes``
takes over a fit and adds votes one by one.
"""

from goldsmith.science.votes.auto import AutoConsensus, auto
from goldsmith.science.votes.classifier import ClassEvidence, EvidenceScale
from goldsmith.science.votes.evidence import better_by, foreseen
from goldsmith.science.votes.glad import GladConsensus, glad
from goldsmith.science.votes.live import LiveAnswer, LiveSkill, LiveVotes
from goldsmith.science.votes.models import (
    bayesian_dawid_skene,
    crowd_confusion,
    dawid_skene,
    mace,
    majority,
    one_coin,
    resolve_labels,
    smoothed_confusion,
)
from goldsmith.science.votes.table import Votes
from goldsmith.science.votes.types import (
    MOST_CERTAIN,
    FittedModel,
    LabelConsensus,
    SkillModel,
    blended,
    never_certain,
)

__all__ = [
    "MOST_CERTAIN",
    "AutoConsensus",
    "ClassEvidence",
    "EvidenceScale",
    "FittedModel",
    "GladConsensus",
    "LabelConsensus",
    "LiveAnswer",
    "LiveSkill",
    "LiveVotes",
    "SkillModel",
    "Votes",
    "auto",
    "bayesian_dawid_skene",
    "better_by",
    "blended",
    "crowd_confusion",
    "dawid_skene",
    "foreseen",
    "glad",
    "mace",
    "majority",
    "never_certain",
    "one_coin",
    "resolve_labels",
    "smoothed_confusion",
]
