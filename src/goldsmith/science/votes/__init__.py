"""Votes on one of K labels made one label, with calibrated doubt.

``auto`` where nobody says how; the models by name where somebody does: ``majority``, ``dawid_skene``,
``bayesian_dawid_skene``, ``one_coin``, ``crowd_confusion``, ``smoothed_confusion``, ``mace``, ``glad``. ``LiveVotes``
takes over a fit and adds votes one by one.

What is answered at the edges, by every model unless it says otherwise:
    no votes            uniform; for one task among others, the class prior (what a classifier says, if one is asked)
    one annotator       their answers, at the confidence of a usual annotator; never certain
    one label           that label, with probability 1
    all agree           what they say
    an adversary        is found by those who agree with one another, and turned round (``majority`` counts everybody)
    parts without       are answered each by its own votes; skill is measured against what people have in common
    common people
    more of the same    the same labels; skill is surer where there are priors (``dawid_skene``: the very same)
    other names         the same answers; with random starts (``mace``, ``auto``) those of another start
``dawid_skene`` has no priors: an annotator who gave one answer only would have given it whatever is true.
"""

from goldsmith.science.votes.auto import AutoConsensus, auto
from goldsmith.science.votes.classifier import ClassEvidence, EvidenceScale
from goldsmith.science.votes.evidence import better_by, foreseen
from goldsmith.science.votes.glad import GladConsensus, glad
from goldsmith.science.votes.live import LiveVotes
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
    LiveAnswer,
    LiveSkill,
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
