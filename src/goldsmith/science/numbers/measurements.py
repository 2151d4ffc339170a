"""Numbers that several annotators gave for the same tasks: each with an own bias and precision.

``y = z + b + noise``: the truth of the task, the annotator's bias, and a noise whose size is the annotator's and whose
tails are Student's, so that a slip of the keyboard does not pull the rest. After Raykar et al. 2010 (JMLR 11, section
5: regression) and Welinder & Perona 2010, with biases and noise drawn towards the crowd's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.arrays import BoolArray, FloatArray, IntArray, as_floats, as_indices
from goldsmith.science.distributions import normal_quantile
from goldsmith.science.medians import weighted_median
from goldsmith.science.segments import connected_components, sum_by

_FREEDOM: Final = 4.0
_NOISE_WEIGHT: Final = 4.0
"""Weight, in numbers given, of the crowd's noise for each annotator."""
_BIAS_WEIGHT: Final = 2.0
"""Annotators without bias that are added when the spread of biases is estimated."""
_FIRST_NOISE: Final = 3.0
"""What is far out at first is told by so many times the first idea of the noise, as biases are not known yet."""
_FIRST_WEIGHT: Final = 12.0
"""Weight, in numbers given, of the first idea of the noise: of a handful of numbers nothing better is known."""
_LEAST: Final = 1e-9
"""Of the noise, as a share of the crowd's first idea of it."""


@dataclass(frozen=True, slots=True)
class Measurements:
    """Who gave which number.

    Attributes:
        task: ``[n]``.
        annotator: ``[n]``.
        value: ``[n]``.
        task_count: Number of tasks, also those without numbers.
        annotator_count: Number of annotators, also those without numbers.
    """

    task: IntArray
    annotator: IntArray
    value: FloatArray
    task_count: int
    annotator_count: int

    @classmethod
    def of(
        cls, task: ArrayLike, annotator: ArrayLike, value: ArrayLike, *, task_count: int, annotator_count: int
    ) -> Measurements:
        """Check the columns.

        Raises:
            InvalidInputError: Columns of unequal length, an index out of range or a number that is not finite.
        """
        tasks = as_indices("task", task, below=task_count)
        annotators = as_indices("annotator", annotator, below=annotator_count, length=tasks.size)
        return cls(
            tasks, annotators, as_floats("value", value, length=tasks.size), task_count, annotator_count
        )


@dataclass(frozen=True, slots=True)
class NumberConsensus:
    """The truth of each task and the skill of each annotator, in the unit of the numbers.

    Attributes:
        value: ``[tasks]``; where nobody gave a number, the median of the other tasks (0 without any).
        sd: ``[tasks]`` standard error; where nobody gave a number, the spread of the other tasks.
        count: ``[tasks]`` numbers given.
        bias: ``[annotators]`` what the annotator adds; 0 where nothing tells.
        noise: ``[annotators]`` standard deviation of the annotator's numbers; the crowd's where nothing tells.
        sweeps: EM sweeps made.
    """

    value: FloatArray
    sd: FloatArray
    count: IntArray
    bias: FloatArray
    noise: FloatArray
    sweeps: int

    def interval(self, confidence: float = 0.95) -> tuple[FloatArray, FloatArray]:
        """Lower and upper ends of ``value``, each ``[tasks]``.

        Raises:
            InvalidInputError: ``confidence`` outside (0, 1).
        """
        if not 0.0 < confidence < 1.0:
            raise InvalidInputError(f"confidence must lie in (0, 1), not {confidence}")
        reach = float(normal_quantile((1.0 + confidence) / 2.0)) * self.sd
        return self.value - reach, self.value + reach


def resolve_numbers(
    measurements: Measurements, *, gold: ArrayLike | None = None, sweeps: int = 60, tolerance: float = 1e-4
) -> NumberConsensus:
    """Fit truth, bias and precision together.

    Adding a constant to all numbers, or multiplying them, does the same to the answer. Without gold, biases are told
    against the crowd: what everybody adds, nobody knows.

    Args:
        measurements: The numbers.
        gold: ``[tasks]`` the right number, NaN where unknown. It teaches bias and noise; the answers of its own tasks
            come from the numbers given, so that quality can be checked on them.
        sweeps: Of EM at most.
        tolerance: EM stops when no answer moves by more, as a share of the noise.

    Returns:
        The answers. All finite, also without any number.

    Raises:
        InvalidInputError: ``gold`` has another length than the tasks.

    >>> table = Measurements.of([0, 0, 0, 1, 1, 1], [0, 1, 2, 0, 1, 2], [10, 10.5, 90, 20, 20.5, 20.2],
    ...                         task_count=2, annotator_count=3)
    >>> bool(abs(resolve_numbers(table).value[0] - 10.25) < 1.0)
    True
    """
    known = _known(gold, measurements.task_count)
    middle = weighted_median(measurements.task, measurements.value, group_count=measurements.task_count)
    count = np.bincount(measurements.task, minlength=measurements.task_count)
    unit = _unit(measurements, middle, known)
    fit = _Fit.start(measurements, _settled(measurements, middle, 6.0 * unit), known, unit)
    done = 0
    for _ in range(sweeps):
        moved = fit.sweep()
        done += 1
        if moved < tolerance * unit:
            break
    value, sd = fit.answers()
    some = value[count > 0]
    usual = float(np.median(some)) if some.size else 0.0
    spread = float(some.std()) if some.size else 0.0
    return NumberConsensus(
        value=np.where(count > 0, value, usual),
        sd=np.where(count > 0, sd, max(spread, unit)),
        count=count,
        bias=fit.bias,
        noise=np.sqrt(fit.variance),
        sweeps=done,
    )


@dataclass(slots=True)
class _Fit:
    """State of EM.

    ``far`` is what Student's tails make of each number: 1 is usual, near 0 is far out. ``circle`` names, for each
    annotator, those connected by shared tasks; ``is_told`` which of these gold speaks to.
    """

    table: Measurements
    known: FloatArray
    is_known: BoolArray
    truth: FloatArray
    truth_variance: FloatArray
    bias: FloatArray
    bias_variance: FloatArray
    variance: FloatArray
    bias_spread: float
    far: FloatArray
    first_variance: float
    floor: float
    circle: IntArray
    is_told: BoolArray

    @classmethod
    def start(cls, table: Measurements, middle: FloatArray, known: FloatArray, unit: float) -> _Fit:
        """Begin with medians and equal noise."""
        is_known = np.isfinite(known)
        n = table.annotator_count
        circle, is_told = _circles(table, is_known)
        truth = np.where(is_known, known, middle)
        gap = (table.value - truth[table.task]) / (unit * _FIRST_NOISE)
        return cls(
            table=table,
            known=known,
            is_known=is_known,
            truth=truth,
            truth_variance=np.zeros(table.task_count),
            bias=np.zeros(n),
            bias_variance=np.zeros(n),
            variance=np.full(n, unit**2),
            bias_spread=unit**2,
            far=(_FREEDOM + 1.0) / (_FREEDOM + gap**2),
            first_variance=unit**2,
            floor=(unit * _LEAST) ** 2,
            circle=circle,
            is_told=is_told,
        )

    def sweep(self) -> float:
        """Biases, noise, then truth; returns by how much the truth moved at most."""
        who, task = self.table.annotator, self.table.task
        n = self.table.annotator_count
        gap = self.table.value - self.truth[task]
        trust = self.far / self.variance[who]
        mass = sum_by(who, trust, size=n) + 1.0 / self.bias_spread
        self.bias = self._against_the_crowd(sum_by(who, trust * gap, size=n) / mass)
        self.bias_variance = 1.0 / mass
        given = sum_by(who, None, size=n)
        people = max(float((given > 0).sum()), 1.0)
        second = float(((self.bias**2 + self.bias_variance) * (given > 0)).sum())
        self.bias_spread = max(
            (second + _BIAS_WEIGHT * self._usual_variance(given) * 0.25) / (people + _BIAS_WEIGHT), self.floor
        )
        squares = (gap - self.bias[who]) ** 2 + self.truth_variance[task] + self.bias_variance[who]
        total = sum_by(who, self.far * squares, size=n)
        crowd = self._usual_variance(given)
        self.variance = np.maximum((total + _NOISE_WEIGHT * crowd) / (given + _NOISE_WEIGHT), self.floor)
        spread = self.variance[who]
        self.far = (_FREEDOM + 1.0) / (_FREEDOM + squares / spread)
        before = self.truth
        truth, variance = self._from_numbers()
        self.truth = np.where(self.is_known, self.known, truth)
        self.truth_variance = np.where(self.is_known, 0.0, variance)
        used = np.bincount(task, minlength=self.table.task_count) > 0
        return float(np.abs(self.truth - before)[used].max(initial=0.0))

    def _against_the_crowd(self, bias: FloatArray) -> FloatArray:
        """Biases whose mean over people who share tasks, directly or through others, is 0, unless gold tells."""
        given = np.bincount(self.table.annotator, minlength=bias.size).astype(np.float64)
        total = np.bincount(self.circle, weights=given, minlength=bias.size)
        sums = np.bincount(self.circle, weights=given * bias, minlength=bias.size)
        mean = np.where(self.is_told | (total == 0.0), 0.0, sums / np.maximum(total, 1.0))
        return np.asarray(bias - mean[self.circle])

    def _usual_variance(self, given: FloatArray) -> float:
        """Geometric mean over the annotators, by how much they gave, and the first idea."""
        logs = float(given @ np.log(self.variance)) + _FIRST_WEIGHT * np.log(self.first_variance)
        return float(np.exp(logs / (float(given.sum()) + _FIRST_WEIGHT)))

    def _from_numbers(self) -> tuple[FloatArray, FloatArray]:
        who, task = self.table.annotator, self.table.task
        trust = self.far / self.variance[who]
        mass = sum_by(task, trust, size=self.table.task_count)
        straight = sum_by(task, trust * (self.table.value - self.bias[who]), size=self.table.task_count)
        has_any = mass > 0.0
        safe = np.where(has_any, mass, 1.0)
        return np.where(has_any, straight / safe, 0.0), np.where(has_any, 1.0 / safe, 0.0)

    def answers(self) -> tuple[FloatArray, FloatArray]:
        """Truth from the numbers alone and its standard error, which holds the doubt about biases too."""
        truth, variance = self._from_numbers()
        who, task = self.table.annotator, self.table.task
        share = self.far / self.variance[who] * variance[task]
        by_bias = sum_by(task, share**2 * self.bias_variance[who], size=self.table.task_count)
        return truth, np.sqrt(variance + by_bias)


def _circles(table: Measurements, is_known: BoolArray) -> tuple[IntArray, BoolArray]:
    """``[annotators]`` circle of each, and ``[annotators]`` by circle whether gold tells about it."""
    n = table.annotator_count
    nodes = connected_components(n + table.task_count, table.annotator, table.task + n)
    circle = nodes[:n]
    is_told = np.zeros(n, dtype=np.bool_)
    is_told[circle[table.annotator[is_known[table.task]]]] = True
    return circle, is_told


def _known(gold: ArrayLike | None, task_count: int) -> FloatArray:
    if gold is None:
        return np.full(task_count, np.nan)
    known = np.asarray(gold, dtype=np.float64)
    if known.shape != (task_count,):
        raise InvalidInputError(f"gold has shape {known.shape} where ({task_count},) is needed")
    return known


def _settled(table: Measurements, middle: FloatArray, far: float) -> FloatArray:
    """Medians, but where the middle lies between two numbers that are far apart, the one nearer to what is usual.

    Started half way between a number and a slip of the keyboard, EM would keep whichever is the better annotator's.
    """
    if not table.value.size:
        return middle
    usual = float(np.median(middle[np.isfinite(middle)]))
    gap = np.abs(table.value - middle[table.task])
    nearest = np.full(table.task_count, np.inf)
    np.minimum.at(nearest, table.task, gap)
    torn = nearest > far
    rows = np.flatnonzero(torn[table.task] & (gap <= nearest[table.task] * (1.0 + 1e-9)))
    order = rows[np.argsort(-np.abs(table.value[rows] - usual), kind="stable")]
    settled = middle.copy()
    settled[table.task[order]] = table.value[order]
    return settled


def _unit(table: Measurements, middle: FloatArray, known: FloatArray) -> float:
    """A first idea of the noise: the usual distance from the median of the task."""
    if not table.value.size:
        return 1.0
    from_truth = np.where(np.isfinite(known), known, middle)[table.task]
    gap = np.abs(table.value - from_truth)
    is_apart = gap > 0.0
    if is_apart.any():
        return 1.4826 * float(np.median(gap[is_apart]))
    spread = max(float(table.value.std()), float(np.abs(table.value).max()) * 1e-3, 1e-6)
    is_shared = bool(
        (np.bincount(table.task, minlength=table.task_count) > 1).any() or np.isfinite(known).any()
    )
    # people who never differ are exact; where nobody can differ, nothing is known but how the tasks differ
    return spread * 1e-3 if is_shared else spread
