"""What a classifier says of tasks, as evidence beside the votes: believed as far as the votes bear it out.

Its probabilities take the place of the class prior, each task having its own: ``softmax(trust * log p + bias)``, after
bias-corrected temperature scaling (Alexandari, Kundaje & Shrikumar 2020, arXiv 1901.06852). Both are fitted by how
probable they make the votes: a classifier never confirms itself, and one that knows nothing ends as the class prior.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.arrays import BoolArray, FloatArray

LEAST_STATED: Final = 1e-3
"""Nothing that a classifier says is taken for less likely."""
_MOST_TRUST: Final = 3.0
_MOST_TASKS: Final = 20_000
_STEPS: Final = 15
_USUAL_TASKS: Final = 5.0
"""Tasks that it takes to move away from believing a classifier as it stands."""


@dataclass(frozen=True, slots=True)
class EvidenceScale:
    """How far a classifier is believed.

    Attributes:
        trust: 0 not at all, 1 as it stands, in [0, 3].
        bias: ``[labels]`` added to its logarithms.
    """

    trust: float
    bias: FloatArray

    @classmethod
    def as_stated(cls, label_count: int) -> EvidenceScale:
        """Believe it as it stands."""
        return cls(1.0, np.zeros(label_count))

    def prior(self, log_stated: FloatArray) -> FloatArray:
        """Return ``[tasks, labels]`` what is expected of tasks whose logarithms of probabilities are given.

        There may be more labels than the scale was fitted with.
        """
        logit = self.trust * log_stated
        logit[:, : self.bias.size] += self.bias
        logit -= logit.max(axis=1, keepdims=True)
        table = np.exp(logit)
        return np.asarray(table / table.sum(axis=1, keepdims=True))


@dataclass(frozen=True, slots=True)
class ClassEvidence:
    """Probabilities of a classifier.

    Attributes:
        stated: ``[tasks, labels]``, NaN where it says nothing.
    """

    stated: FloatArray

    @property
    def is_stated(self) -> BoolArray:
        """``[tasks]`` where it says something."""
        return ~np.isnan(self.stated[:, 0])

    @property
    def log_stated(self) -> FloatArray:
        """``[tasks, labels]`` natural logarithms, of at least ``LEAST_STATED``."""
        return np.asarray(np.log(np.maximum(self.stated, LEAST_STATED)))

    @classmethod
    def of(cls, probability: ArrayLike, *, task_count: int, label_count: int) -> ClassEvidence:
        """Check a table.

        Args:
            probability: ``[tasks, labels]`` in [0, 1], rows sum to 1; rows of NaN where the classifier says nothing. It
                must not have learnt from the votes on the same tasks.
            task_count: Number of tasks.
            label_count: Number of labels.

        Raises:
            InvalidInputError: Another shape, or a row that is neither probabilities nor NaN.
        """
        table = np.asarray(probability, dtype=np.float64)
        if table.shape != (task_count, label_count):
            raise InvalidInputError(
                f"evidence has the shape {table.shape} where ({task_count}, {label_count}) is needed"
            )
        is_stated: BoolArray = ~np.asarray(np.isnan(table).all(axis=1))
        stated = table[is_stated]
        is_right = bool(np.isfinite(stated).all()) and float(stated.min(initial=0.0)) >= 0.0
        if not is_right or (np.abs(stated.sum(axis=1) - 1.0) > 1e-3).any():
            raise InvalidInputError("each row of evidence must be probabilities that sum to 1, or all NaN")
        return cls(table)

    def prior(self, class_prior: FloatArray, scale: EvidenceScale) -> FloatArray:
        """Return ``[tasks, labels]`` what is expected of each task before its votes."""
        prior = np.tile(class_prior, (len(self.stated), 1))
        stated = self.is_stated
        prior[stated] = scale.prior(self.log_stated[stated])
        return prior

    def fitted(
        self, log_likelihood: FloatArray, taught: FloatArray, first: EvidenceScale | None = None
    ) -> EvidenceScale:
        """Fit how far the classifier is believed.

        Args:
            log_likelihood: ``[tasks, labels]`` of the votes on each task, given its truth.
            taught: ``[tasks]`` how far a task may teach; 0 where nobody votes.
            first: Where to begin.
        """
        from scipy.optimize import minimize

        k = log_likelihood.shape[1]
        rows = np.flatnonzero(self.is_stated & (taught > 0.0))
        rows = rows[:: -(-rows.size // _MOST_TASKS) or 1]
        if not rows.size or k == 1:
            return EvidenceScale.as_stated(k)
        stated, weight = self.log_stated[rows], taught[rows, None]
        of_votes = np.exp(log_likelihood[rows] - log_likelihood[rows].max(axis=1, keepdims=True))
        usual = np.r_[1.0, np.zeros(k)]

        def loss(parameters: FloatArray) -> tuple[float, FloatArray]:
            logit = parameters[0] * stated + parameters[1:]
            prior = np.exp(logit - logit.max(axis=1, keepdims=True))
            prior /= prior.sum(axis=1, keepdims=True)
            joint = prior * of_votes
            evident = np.maximum(joint.sum(axis=1, keepdims=True), 1e-300)
            moved = weight * (prior - joint / evident)
            away = parameters - usual
            value = -float((weight * np.log(evident)).sum()) + 0.5 * _USUAL_TASKS * float(away @ away)
            slope = np.r_[(moved * stated).sum(), moved.sum(axis=0)]
            return value, slope + _USUAL_TASKS * away

        begin = usual if first is None else np.r_[first.trust, first.bias]
        bounds = [(0.0, _MOST_TRUST), *[(-20.0, 20.0)] * k]
        found = minimize(loss, begin, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": _STEPS})
        return EvidenceScale(float(found.x[0]), np.asarray(found.x[1:], dtype=np.float64))
