"""How many judgements are enough."""

from goldsmith.science.stopping.objects import (
    TaskRisk,
    gain_of_looks,
    is_doubtful,
    task_risk,
    worth_asking,
)

__all__ = ["TaskRisk", "gain_of_looks", "is_doubtful", "task_risk", "worth_asking"]
