"""What other steps may use of evaluation."""

from goldsmith.evaluation.service import EvaluationService
from goldsmith.evaluation.store import evaluations_of, evaluations_on
from goldsmith.evaluation.types import Comparison, EvaluationView, Metrics

__all__ = ["Comparison", "EvaluationService", "EvaluationView", "Metrics", "evaluations_of", "evaluations_on"]
