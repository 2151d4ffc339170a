"""How many judgements are enough."""

from goldsmith.science.stopping.object_crowds import ObjectOutcome, ObjectPolicy, ObjectWorld, try_policy
from goldsmith.science.stopping.objects import (
    TaskRisk,
    allowed_share,
    gain_of_looks,
    is_doubtful,
    task_risk,
    worth_asking,
)

__all__ = [
    "ObjectOutcome",
    "ObjectPolicy",
    "ObjectWorld",
    "TaskRisk",
    "allowed_share",
    "gain_of_looks",
    "is_doubtful",
    "task_risk",
    "try_policy",
    "worth_asking",
]
