"""How many judgements are enough, which task is asked next, and what that costs.

Votes on one label: ``StoppingRule``, ``tasks_to_ask``; ``replay`` tries a rule on votes that are there, ``simulate`` on
people who are made up. Tasks with many objects: ``task_risk``, ``gain_of_looks``, ``worth_asking``; ``try_policy``.
"""

from goldsmith.science.stopping.certainty import ambiguous, certainty, confusion_share, sure_of
from goldsmith.science.stopping.object_crowds import ObjectOutcome, ObjectPolicy, ObjectWorld, try_policy
from goldsmith.science.stopping.objects import (
    TaskRisk,
    allowed_share,
    gain_of_looks,
    is_doubtful,
    task_risk,
    worth_asking,
)
from goldsmith.science.stopping.people import KnownSkill, known_skill, vote_information
from goldsmith.science.stopping.replaying import Replay, replay
from goldsmith.science.stopping.rules import StoppingRule, tasks_to_ask
from goldsmith.science.stopping.simulation import CrowdMember, CurvePoint, simulate

__all__ = [
    "CrowdMember",
    "CurvePoint",
    "KnownSkill",
    "ObjectOutcome",
    "ObjectPolicy",
    "ObjectWorld",
    "Replay",
    "StoppingRule",
    "TaskRisk",
    "allowed_share",
    "ambiguous",
    "certainty",
    "confusion_share",
    "gain_of_looks",
    "is_doubtful",
    "known_skill",
    "replay",
    "simulate",
    "sure_of",
    "task_risk",
    "tasks_to_ask",
    "try_policy",
    "vote_information",
    "worth_asking",
]
