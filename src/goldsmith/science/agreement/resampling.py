"""Coefficients that follow from sums over items, and their intervals from drawing items again with replacement."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.arrays import FloatArray, IntArray

_MOST_ROWS: Final = 2000
"""More items are drawn in so many random groups: sums of many need no finer grain."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """A coefficient with its interval.

    Attributes:
        value: 1 is perfect, 0 is chance, negative is worse than chance.
        low: Lower end.
        high: Upper end.
        observed: Agreement as observed, in [0, 1] (of scales and distances, one minus the mean distance).
        expected: Agreement expected by chance, likewise.
        pairs: Pairs of answers it rests on.
    """

    value: float
    low: float
    high: float
    observed: float
    expected: float
    pairs: int

    @classmethod
    def nothing(cls) -> Agreement:
        """Where no item has two answers: nothing can be said."""
        return cls(0.0, 0.0, 0.0, 0.0, 0.0, 0)


Coefficient = Callable[[FloatArray], FloatArray]
"""From sums ``[..., columns]`` to the coefficient ``[...]``."""


@dataclass(frozen=True, slots=True)
class Draws:
    """How intervals are made.

    Attributes:
        rng: Source; without one an interval is the value itself.
        replicates: Resamplings of items.
        confidence: Of the interval.
    """

    rng: np.random.Generator | None
    replicates: int
    confidence: float

    def ends(self, values: FloatArray) -> tuple[float, float]:
        """Interval from the values of all resamplings.

        Raises:
            InvalidInputError: ``confidence`` outside (0, 1).
        """
        if not 0.0 < self.confidence < 1.0:
            raise InvalidInputError(f"confidence must lie in (0, 1), not {self.confidence}")
        tail = (1.0 - self.confidence) / 2.0
        low, high = np.quantile(values, (tail, 1.0 - tail))
        return float(low), float(high)

    def interval(self, columns: FloatArray, coefficient: Coefficient) -> tuple[float, float]:
        """Interval of a coefficient of sums.

        Args:
            columns: ``[items, columns]`` what each item adds.
            coefficient: From sums to the coefficient.
        """
        if self.rng is None or not len(columns):
            return self.ends(coefficient(columns.sum(axis=0))[None])
        sums, _ = self.grouped(columns)
        return self.ends(coefficient(self.weights(len(sums)) @ sums))

    def grouped(self, columns: FloatArray) -> tuple[FloatArray, IntArray]:
        """Sums over random groups of items where there are many, and ``[items]`` the group of each."""
        count = len(columns)
        if count <= _MOST_ROWS:
            return columns, np.arange(count)
        assert self.rng is not None
        group = self.rng.permutation(count) % _MOST_ROWS
        sums = [np.bincount(group, weights=column, minlength=_MOST_ROWS) for column in columns.T]
        return np.stack(sums, axis=1), group

    def weights(self, count: int) -> IntArray:
        """``[replicates, count]`` how often each item is drawn."""
        assert self.rng is not None
        return self.rng.multinomial(count, np.full(count, 1.0 / count), size=self.replicates)
