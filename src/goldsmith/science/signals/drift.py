"""Drift: somebody's work became worse at some moment, which one, and by how much."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.arrays import BoolArray, FloatArray, IntArray, as_floats, as_indices
from goldsmith.science.distributions import normal_below
from goldsmith.science.segments import rank_within_runs, run_starts, sum_by
from goldsmith.science.signals.testing import benjamini_hochberg, clearest_tasks
from goldsmith.science.signals.types import Drift, SignalSettings

_USUAL_FALL = 0.25
"""Standard deviation of the fall, before any evidence."""
_POOLED = 10.0
"""Answers that the crowd's variance counts in everybody's."""
_LEAST_VARIANCE = 0.01
_SAFETY = 0.1
"""A mean Bayes factor of x is far rarer under honesty than 1/x, as moments are many and alike: about 0.07/x in
simulated crowds of every kind; this much is taken of it."""


def drift(
    right: ArrayLike,
    annotator: ArrayLike,
    time: ArrayLike,
    *,
    annotator_count: int,
    expected: ArrayLike | None = None,
    weight: ArrayLike | None = None,
    task: ArrayLike | None = None,
    settings: SignalSettings | None = None,
) -> Drift:
    """Who became worse, since when.

    For each moment a fall of unknown size is weighed against no change by a Bayes factor (Barry & Hartigan 1993, with
    one change); their mean over all moments is a likelihood ratio, so that looking everywhere for a change costs what
    it should. What is compared is the difference from what the task lets expect: hard tasks that come late are no
    drift.

    Args:
        right: ``[n]`` probability in [0, 1] that the answer is right, such as 0 or 1 on gold.
        annotator: ``[n]``.
        time: ``[n]`` when, in any unit; NaN where unknown.
        annotator_count: Number of annotators.
        expected: ``[n]`` the same probability for this annotator on such tasks; 0 when None.
        weight: ``[n]`` at least 0; 1 for gold, less for what only others tell; 1 when None.
        task: ``[n]`` for ``Drift.tasks``; the row itself when None.
        settings: Where alarms begin.

    Returns:
        The signal.

    Raises:
        InvalidInputError: Columns of unequal length or out of range.

    >>> rng = np.random.default_rng(0)
    >>> right = np.r_[rng.random(150) < 0.9, rng.random(100) < 0.55, rng.random(250) < 0.9]
    >>> seen = drift(right, np.repeat([0, 1], 250), np.tile(np.arange(250), 2), annotator_count=2)
    >>> seen.is_alarm.tolist(), bool(abs(seen.since[0] - 150) < 15)
    ([True, False], True)
    """
    chosen = settings or SignalSettings()
    who = as_indices("annotator", annotator, below=annotator_count)
    values = as_floats("right", right, length=who.size, lowest=0.0, highest=1.0)
    times = np.asarray(time, dtype=np.float64)
    if times.shape != values.shape:
        raise InvalidInputError(f"time has the shape {list(times.shape)} where [{who.size}] is needed")
    usual = np.zeros(who.size) if expected is None else as_floats("expected", expected, length=who.size)
    mass = np.ones(who.size) if weight is None else as_floats("weight", weight, length=who.size, lowest=0.0)
    places = np.arange(who.size) if task is None else as_indices("task", task, length=who.size)
    kept = np.flatnonzero(np.isfinite(times) & (mass > 0.0))
    order = kept[np.lexsort((times[kept], who[kept]))]
    runs = _Runs.of(who[order], values[order], values[order] - usual[order], mass[order])
    log_ratio, fall = runs.splits(chosen.least_answers, times=times[order])
    return _signal(runs, log_ratio, fall, times[order], places[order], annotator_count, chosen)


class _Runs:
    """Answers of each annotator in order of time, with sums so far."""

    def __init__(self, who: IntArray, right: FloatArray, off: FloatArray, mass: FloatArray) -> None:
        self.who, self.right, self.off, self.mass = who, right, off, mass
        self.starts = run_starts(who)
        self.lengths = np.diff(np.r_[self.starts, who.size])
        self.run = np.repeat(np.arange(self.starts.size), self.lengths)
        self.place = rank_within_runs(who)

    @classmethod
    def of(cls, who: IntArray, right: FloatArray, off: FloatArray, mass: FloatArray) -> _Runs:
        """The same, typed."""
        return cls(who, right, off, mass)

    def so_far(self, values: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Sums up to and with each row, and sums of what comes after it in the run."""
        total = np.cumsum(values)
        before = np.r_[0.0, total][self.starts]
        here = total - before[self.run]
        whole = sum_by(self.run, values, size=self.starts.size)[self.run]
        return here, whole - here

    def splits(self, least: int, *, times: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Log Bayes factor of a fall right after each row (-inf where too few are on a side), and the fall."""
        mass, mass_after = self.so_far(self.mass)
        square, square_after = self.so_far(self.mass**2)
        first, second = self.so_far(self.mass * self.off)
        first_sq, second_sq = self.so_far(self.mass * self.off**2)
        pooled = self._variance()
        here = np.maximum(mass, 1e-12)
        after = np.maximum(mass_after, 1e-12)
        fall = first / here - second / after
        error = np.maximum(first_sq / here - (first / here) ** 2, pooled) * square / here**2
        error += np.maximum(second_sq / after - (second / after) ** 2, pooled) * square_after / after**2
        prior = _USUAL_FALL**2
        spread = error * (error + prior)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            ratio = 0.5 * np.log(error / (error + prior)) + fall**2 * prior / (2.0 * spread)
            ratio += np.log(np.maximum(2.0 * normal_below(fall * np.sqrt(prior / spread)), 1e-300))
        left = self.lengths[self.run] - self.place - 1
        allowed = (self.place + 1 >= least) & (left >= least)
        allowed[:-1] &= times[1:] > times[:-1]  # no change within one moment
        return np.where(allowed, ratio, -np.inf), fall

    def _variance(self) -> FloatArray:
        """``[n]`` variance of the annotator's answers, drawn towards the crowd's."""
        size = self.starts.size
        mass = np.maximum(sum_by(self.run, self.mass, size=size), 1e-12)
        mean = sum_by(self.run, self.mass * self.off, size=size) / mass
        spread = sum_by(self.run, self.mass * (self.off - mean[self.run]) ** 2, size=size) / mass
        crowd = float(np.median(spread)) if size else 0.1
        drawn = (self.lengths * spread + _POOLED * crowd) / (self.lengths + _POOLED)
        return np.asarray(np.maximum(drawn, _LEAST_VARIANCE)[self.run])


def _signal(
    runs: _Runs,
    log_ratio: FloatArray,
    fall: FloatArray,
    times: FloatArray,
    task: IntArray,
    annotator_count: int,
    settings: SignalSettings,
) -> Drift:
    log_mean = np.full(annotator_count, -np.inf)
    since, before, after = (np.full(annotator_count, np.nan) for _ in range(3))
    falls, answers, late = np.zeros(annotator_count), np.zeros(annotator_count), np.zeros(annotator_count)
    is_late: BoolArray = np.zeros(runs.who.size, dtype=np.bool_)
    answers[runs.who[runs.starts]] = runs.lengths
    tested = np.zeros(annotator_count, dtype=np.bool_)
    for start, length in zip(runs.starts.tolist(), runs.lengths.tolist(), strict=True):
        rows = slice(start, start + length)
        ratios = log_ratio[rows]
        possible = np.isfinite(ratios)
        if not possible.any():
            continue
        who, best = int(runs.who[start]), int(ratios.argmax())
        tested[who] = True
        log_mean[who] = ratios[best] + np.log(np.exp(ratios[possible] - ratios[best]).mean())
        since[who], falls[who] = times[start + best + 1], fall[start + best]
        mass, right = runs.mass[rows], runs.right[rows]
        before[who] = np.average(right[: best + 1], weights=mass[: best + 1])
        after[who] = np.average(right[best + 1 :], weights=mass[best + 1 :])
        late[who] = length - best - 1
        is_late[start + best + 1 : start + length] = True
    p_value = np.where(tested, np.minimum(_SAFETY * np.exp(-np.clip(log_mean, -50.0, 700.0)), 1.0), 1.0)
    adjusted = benjamini_hochberg(p_value, tested)
    is_alarm = tested & (adjusted <= settings.false_discovery) & (falls >= settings.drop)
    after_it = np.flatnonzero(is_late)
    return Drift(
        p_value=p_value,
        adjusted=adjusted,
        is_alarm=is_alarm,
        since=since,
        before=before,
        after=after,
        answers=answers.astype(np.int64),
        answers_after=late.astype(np.int64),
        tasks=clearest_tasks(
            runs.who[after_it], task[after_it], -runs.off[after_it], of=np.flatnonzero(is_alarm)
        ),
    )
