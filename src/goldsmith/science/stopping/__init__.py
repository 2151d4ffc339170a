"""When a task has votes enough, which one is asked next, and what that costs.

``StoppingRule`` and ``tasks_to_ask`` for votes on labels; ``expected_wrong`` and ``worth_asking`` for objects;
``replay`` and ``simulate`` to try a rule on votes that are there, or on people who are made up.
"""

from goldsmith.science.stopping.certainty import ambiguous, certainty, confusion_share
from goldsmith.science.stopping.objects import ObjectRisk, Worth, expected_wrong, worth_asking
from goldsmith.science.stopping.replaying import Replay, replay
from goldsmith.science.stopping.rules import StoppingRule, tasks_to_ask
from goldsmith.science.stopping.simulation import CrowdMember, CurvePoint, simulate

__all__ = [
    "CrowdMember",
    "CurvePoint",
    "ObjectRisk",
    "Replay",
    "StoppingRule",
    "Worth",
    "ambiguous",
    "certainty",
    "confusion_share",
    "expected_wrong",
    "replay",
    "simulate",
    "tasks_to_ask",
    "worth_asking",
]
