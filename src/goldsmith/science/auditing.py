"""What share is right, proved from a sample that is looked at one by one, at whatever moment one chooses to stop.

A reviewer looks at randomly drawn tasks; each gives a score in [0, 1]. The bounds hold at all times at once, so that an
audit may stop as soon as the target is proved or refuted without fooling itself, which a fixed interval looked at after
every score does. They come from betting (Waudby-Smith & Ramdas 2023, "Estimating means of bounded random variables by
betting"): for every mean m that might be true, somebody bets that the scores are better than m at odds that are fair if
m is the mean. Fair bets make nobody rich: the capital exceeds ``1 / alpha`` at any time with a probability of at most
alpha (Ville 1939), so every m against which the capital grew beyond is out.

The stake is not one but a fixed mixture of stakes (their grid Kelly bets), half of the capital on "all are right",
which is what good labels are: a sample without a fault proves ``1 - 3.3 / n`` at 95 %, and faults cost little.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.arrays import FloatArray, IntArray, as_floats
from goldsmith.science.distributions import normal_quantile

Verdict = Literal["running", "proved", "refuted"]

_STAKES = np.r_[
    1.0, 0.95, 0.9, 0.85, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.15, 0.1, 0.07, 0.05,
    0.035, 0.025, 0.018, 0.0125, 0.009, 0.006, 0.004, 0.002, 0.001,
]  # fmt: skip
"""Shares of the largest stake allowed. A stake of 1 bets all on the next score being 1 and is lost at the first fault;
small ones are for scores whose mean is small, as when a good set is to be refuted by its rare faults."""
_FOR = np.log(np.r_[0.5, 0.5 * _STAKES[1:] / _STAKES[1:].sum()])
"""Log of the capital behind each stake that bets on the mean being higher."""
_AGAINST = np.log(np.r_[0.1, np.full(_STAKES.size - 1, 0.9 / (_STAKES.size - 1))])
"""The same of those who bet on it being lower, by scores turned round."""
_LOWEST, _CLOSE, _TINY = 1e-9, 1e-10, 1e-300
_NUMBERS_AT_ONCE, _ROWS_AT_ONCE = 500_000, 64
_MOST_STEPS = 60
_MOST_PAIRS = 200_000
"""Scores times bounds that are computed where what is left changes with each draw; fewer bounds of many scores."""
_MOST_SAMPLE = 10**9


@dataclass(frozen=True, slots=True)
class AuditBounds:
    """Bounds after each score; all arrays ``[n]``, in [0, 1].

    Attributes:
        value: Mean of the scores so far.
        low: The mean is at least this; never falls.
        high: The mean is at most this; never rises.
    """

    value: FloatArray
    low: FloatArray
    high: FloatArray

    def __len__(self) -> int:
        return self.value.size


def audit_bounds(
    scores: ArrayLike,
    confidence: float = 0.95,
    *,
    population: float | None = None,
    sizes: ArrayLike | None = None,
    both: bool = False,
) -> AuditBounds:
    """Bounds of a mean that hold whenever one stops.

    Draws must be random: independently in proportion to size (``draw_by_size``), or without replacement from a
    population, each in proportion to size among what is left (``order_by_size``) or in equal chances. Where draws are
    by size the mean is that over all sizes, such as the share of all objects. Without replacement the bounds close
    in on the mean itself, and meet there once everything was looked at.

    Args:
        scores: ``[n]`` in [0, 1] in the order drawn, such as the share of a task's objects that are right; a task drawn
            twice is scored twice.
        confidence: In (0, 1), with which each of the two bounds holds on its own.
        population: Size of the population where draws are without replacement (their section 5: bets on what is left;
            by size, Shekhar et al. 2023, "Risk-limiting financial audits via weighted sampling without replacement"):
            how many there are, or with ``sizes`` the sum over all of them. None where draws are with replacement.
        sizes: ``[n]`` above 0, of what was drawn without replacement; None where all are equally likely.
        both: Whether the confidence is that of both bounds together.

    Returns:
        The running bounds: with the probability ``confidence``, ``low[t]`` is below the mean for every t at once.

    Raises:
        InvalidInputError: Scores, sizes or confidence out of range, or more of them than the population has.

    >>> bounds = audit_bounds([1.0] * 300)
    >>> round(float(bounds.low[-1]), 3), float(bounds.high[-1])
    (0.989, 1.0)
    >>> bounds = audit_bounds([1, 0, 1, 1, 1, 1, 1, 1, 0, 1] * 20)
    >>> round(float(bounds.low[-1]), 2), round(float(bounds.high[-1]), 2)
    (0.7, 0.88)
    >>> bounds = audit_bounds([1.0, 0.5, 1.0], population=10, sizes=[4, 2, 4])
    >>> round(float(bounds.low[-1]), 3), round(float(bounds.high[-1]), 3)
    (0.9, 0.9)
    """
    score = as_floats("scores", scores, lowest=0.0, highest=1.0)
    alpha = _alpha(confidence) / (2.0 if both else 1.0)
    size = np.ones(score.size)
    if sizes is not None:
        size = as_floats("sizes", sizes, length=score.size, lowest=_LOWEST)
        if population is None:
            raise InvalidInputError(
                "sizes are of draws without replacement: say the population, the sum of all sizes"
            )
    if population is not None and size.sum() > population * (1.0 + _LOWEST):
        raise InvalidInputError(f"a population of {population} does not hold {size.sum():g}")
    value = np.cumsum(score) / np.arange(1, score.size + 1)
    low = _lower_bounds(score, size, alpha, population, capital=_FOR)
    high = 1.0 - _lower_bounds(1.0 - score, size, alpha, population, capital=_AGAINST)
    return AuditBounds(value, np.minimum(low, 1.0), np.maximum(high, 0.0))


def lower_bound(scores: ArrayLike, confidence: float = 0.95, *, population: float | None = None) -> float:
    """What the mean is at least, after all scores: "with 95 % confidence at least 98.7 % are right".

    Holds also when the sample was ended because of what it showed; 0 without scores. See ``audit_bounds``.

    >>> round(lower_bound([1.0] * 100), 3)
    0.967
    """
    low = audit_bounds(scores, confidence, population=population).low
    return float(low[-1]) if low.size else 0.0


def needed_sample(
    expected: float, target: float, confidence: float = 0.95, *, power: float = 0.5
) -> int | None:
    """How many draws will prove the target if the share is what one expects.

    Args:
        expected: Share that is right, in [0, 1].
        target: Share to prove, in (0, 1).
        confidence: Of the proof, in (0, 1).
        power: Chance that so many draws are enough, in (0, 1), when each is either right or wrong; scores in between
            vary less and need fewer.

    Returns:
        Draws; None where the expectation is not above the target, since no sample proves what is not so.

    Raises:
        InvalidInputError: Out of range.

    >>> needed_sample(1.0, 0.99)
    330
    >>> needed_sample(0.97, 0.95) > needed_sample(0.98, 0.95) > needed_sample(1.0, 0.95)
    True
    >>> needed_sample(0.9, 0.95) is None
    True
    """
    if not 0.0 <= expected <= 1.0 or not 0.0 < target < 1.0 or not 0.0 < power < 1.0:
        raise InvalidInputError("expected must lie in [0, 1], target and power in (0, 1)")
    threshold = -float(np.log(_alpha(confidence)))
    z = float(normal_quantile(power))

    def gained(right: FloatArray) -> float:
        wealth, _ = _wealth(np.array([1.0, 0.0]), right, np.array([[target]]), np.ones(1), _FOR)
        return float(wealth[0])

    def proves(draws: int) -> bool:
        share = expected - z * float(np.sqrt(expected * (1.0 - expected) / draws))
        right = np.array([[share, 1.0 - share]]) * draws
        return share > 0.0 and gained(right) >= threshold

    if expected <= target:
        return None
    high = 1
    while not proves(high):
        high *= 2
        if high > _MOST_SAMPLE:
            return None
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if proves(middle) else (middle, high)
    return high


def draw_by_size(rng: np.random.Generator, sizes: ArrayLike, count: int) -> IntArray:
    """Draw tasks with replacement, in proportion to their sizes.

    The mean of the scores of tasks so drawn is the mean over sizes: of a task's share of right objects, the share of
    all objects that are right. A task may come twice; looking once is enough, its score counts each time.

    Args:
        rng: Source of the draws.
        sizes: ``[tasks]`` at least 0, such as objects; tasks of size 0 are never drawn.
        count: Number of draws.

    Returns:
        ``[count]`` indices of tasks, in the order drawn.

    Raises:
        InvalidInputError: A size is negative, or all are 0.

    >>> set(draw_by_size(np.random.default_rng(0), [3, 0, 5], 50).tolist()) == {0, 2}
    True
    """
    size = as_floats("sizes", sizes, lowest=0.0)
    if count < 0:
        raise InvalidInputError(f"count must be at least 0, not {count}")
    if count and size.sum() <= 0.0:
        raise InvalidInputError("sizes must hold something to draw from")
    ends = np.cumsum(size)
    if not count:
        return np.zeros(0, dtype=np.int64)
    at = np.searchsorted(ends, rng.random(count) * ends[-1], side="right")
    return np.asarray(np.minimum(at, np.flatnonzero(size)[-1]), dtype=np.int64)


def order_by_size(rng: np.random.Generator, sizes: ArrayLike, count: int) -> IntArray:
    """Draw tasks without replacement, each in proportion to its size among what is left.

    As ``draw_by_size``, but nothing is looked at twice: a small population is used up, and what it holds is then known.
    The keys are those of Efraimidis & Spirakis 2006 ("Weighted random sampling with a reservoir").

    Args:
        rng: Source of the draws.
        sizes: ``[tasks]`` at least 0, such as objects; tasks of size 0 are never drawn.
        count: Draws at most; fewer where there are not so many tasks.

    Returns:
        ``[count or fewer]`` indices of different tasks, in the order drawn.

    Raises:
        InvalidInputError: A size or the count is negative.

    >>> sorted(order_by_size(np.random.default_rng(0), [3, 0, 5], 50).tolist())
    [0, 2]
    """
    size = as_floats("sizes", sizes, lowest=0.0)
    if count < 0:
        raise InvalidInputError(f"count must be at least 0, not {count}")
    some = np.flatnonzero(size)
    waits = rng.exponential(size=some.size) / size[some]
    return np.asarray(some[np.argsort(waits, kind="stable")][:count], dtype=np.int64)


@dataclass(slots=True)
class SequentialAudit:
    """An audit under way: scores come in, the verdict is there as soon as they allow one.

    A good set is called refuted, and a bad one proved, with a probability of at most ``1 - confidence`` each.

    Attributes:
        target: Share to prove, in (0, 1).
        confidence: Of the verdict.
        population: See ``audit_bounds``.
        scores: Those so far.

    >>> audit = SequentialAudit(target=0.95)
    >>> audit.add([1.0] * 60), audit.add([1.0] * 20)
    ('running', 'proved')
    """

    target: float
    confidence: float = 0.95
    population: float | None = None
    scores: list[float] = field(default_factory=list)

    def add(self, scores: ArrayLike) -> Verdict:
        """Take further scores in, in the order drawn."""
        self.scores.extend(np.atleast_1d(np.asarray(scores, dtype=np.float64)).tolist())
        return self.verdict

    @property
    def bounds(self) -> AuditBounds:
        """After each score."""
        return audit_bounds(self.scores, self.confidence, population=self.population)

    @property
    def verdict(self) -> Verdict:
        """Proved when the lower bound has reached the target, refuted when the upper one is below it."""
        return audit_verdict(self.bounds, self.target)


def audit_verdict(bounds: AuditBounds, target: float) -> Verdict:
    """What bounds say of a target: whichever came first, should scores go on after a verdict.

    >>> audit_verdict(audit_bounds([0.0] * 20), 0.9)
    'refuted'
    """
    proved = np.flatnonzero(bounds.low >= target)
    refuted = np.flatnonzero(bounds.high < target)
    if not proved.size and not refuted.size:
        return "running"
    return "proved" if proved.size and (not refuted.size or proved[0] <= refuted[0]) else "refuted"


def _alpha(confidence: float) -> float:
    if not 0.0 < confidence < 1.0:
        raise InvalidInputError(f"confidence must lie in (0, 1), not {confidence}")
    return 1.0 - confidence


def _lower_bounds(
    score: FloatArray, size: FloatArray, alpha: float, population: float | None, *, capital: FloatArray
) -> FloatArray:
    """Where the capital falls to ``1 / alpha``, after each score; the best so far."""
    threshold = -float(np.log(alpha))
    if population is None:
        kinds, which = np.unique(score, return_inverse=True)
        left, steps = None, 1
        least = np.zeros(score.size)
    else:
        kinds, which = score, np.arange(score.size)
        left = _Left(np.cumsum(size * score) - size * score, np.cumsum(size) - size, float(population))
        steps = max(-(-score.size * score.size // _MOST_PAIRS), 1)
        least = np.cumsum(size * score) / population
    at_once = min(max(_NUMBERS_AT_ONCE // max(kinds.size * _STAKES.size, 1), 1), _ROWS_AT_ONCE) * steps
    found = np.zeros(score.size)
    seen, best = np.zeros(kinds.size), 0.0
    for begin in range(0, score.size, at_once):
        rows = slice(begin, min(begin + at_once, score.size))
        new = np.zeros((rows.stop - begin, kinds.size))
        new[np.arange(rows.stop - begin), which[rows]] = 1.0
        times = seen + np.cumsum(new, axis=0)
        # where it starts: what was seen is certain, and the bound never falls
        certain = np.maximum(least[rows], best)
        looked = np.flatnonzero(
            (score.size - 1 - np.arange(begin, rows.stop)) % steps == 0
        )  # the last one always
        certain[looked] = _crossing(
            kinds, times[looked], threshold, capital=capital, certain=certain[looked], left=left
        )
        found[rows] = np.maximum.accumulate(certain)
        seen, best = times[-1], float(found[rows.stop - 1])
    return found


@dataclass(frozen=True, slots=True)
class _Left:
    """What is left of a population before each draw: what was right, and the size, of those gone."""

    before: FloatArray
    gone: FloatArray
    population: float

    def mean(self, mean: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Mean of what is left ``[rows, n]`` if that of all is ``mean`` ``[rows, 1]``, and its slope ``[n]``."""
        remain = self.population - self.gone
        left = (self.population * mean - self.before) / remain
        return np.maximum(left, _TINY), self.population / remain


def _crossing(
    kinds: FloatArray,
    times: FloatArray,
    threshold: float,
    *,
    capital: FloatArray,
    certain: FloatArray,
    left: _Left | None,
) -> FloatArray:
    """Largest mean, per row of ``times``, against which the capital still reaches the threshold.

    The log capital is convex and falling in the mean, hence Newton's steps from the left never overshoot: wherever they
    end, the bound is on the safe side.
    """
    mean = np.maximum(certain, _LOWEST)
    result = certain.copy()
    active = np.arange(len(times))
    for _ in range(_MOST_STEPS):
        at, slope = mean[active, None], np.ones(1)
        if left is not None:
            at, slope = left.mean(at)
        excess, fall = _wealth(kinds, times[active], at, slope, capital)
        excess -= threshold
        reached = excess >= 0.0
        result[active[reached]] = mean[active[reached]]
        step = np.divide(excess, fall, out=np.zeros_like(excess), where=reached & (fall > 0.0))
        mean[active] += step
        active = active[reached & (step > _CLOSE)]
        if not active.size:
            break
    return np.minimum(result, 1.0)


def _wealth(
    kinds: FloatArray, times: FloatArray, mean: FloatArray, slope: FloatArray, start: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Log capital ``[rows]`` against means ``[rows, 1 or kinds]`` and how fast it falls with them.

    A stake c multiplies its capital by ``1 - c + c x / m`` at a score of x.
    """
    ratio = kinds / mean
    growth = np.maximum((1.0 - _STAKES) + _STAKES * ratio[:, :, None], _TINY)
    capital = start + np.einsum("rk,rks->rs", times, np.log(growth))
    top = capital.max(axis=1)
    share = np.exp(capital - top[:, None])
    total = share.sum(axis=1)
    falls = np.einsum("rk,rks->rs", times * slope * ratio / mean, _STAKES / growth)
    return top + np.log(total), (falls * share).sum(axis=1) / total
