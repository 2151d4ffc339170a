"""Strengths from pairs: Bradley and Terry with ties, a bias for who is shown first, and intervals that hold.

Between players whose strengths differ by ``u`` (the bias of the place added), the first wins, loses or ties in
proportion to ``exp(u / 2)``, ``exp(-u / 2)`` and ``tie`` (Bradley & Terry 1952; ties after Davidson 1970, doi
10.1080/01621459.1970.10481082). This is an exponential family: one maximum, found by Newton's steps over the table of
who met whom, however many battles there are. Intervals are from the sandwich of Huber and White, which holds where the
model does not; by judge, where judges differ in taste.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.arrays import FloatArray, IntArray
from goldsmith.science.ranking.types import FIRST_WINS, SECOND_WINS, TIE, Battles, Ranking
from goldsmith.science.segments import connected_components

PRIOR_SD: Final = 5.0
"""Strengths are drawn to 0 as by a normal distribution: nobody is infinitely strong, as the never beaten would be."""
_MOST_STEPS: Final = 50
_MOST_STEP: Final = 2.0
_DENSE_CELLS: Final = 4_000_000


def bradley_terry(
    battles: Battles,
    *,
    has_position: bool = False,
    by_judge: bool = False,
    prior_sd: float = PRIOR_SD,
    tolerance: float = 1e-9,
) -> Ranking:
    """Fit strengths to pairs.

    Args:
        battles: What was judged.
        has_position: Fit what being shown first adds.
        by_judge: Intervals take all battles of a judge for one observation; needs some ten judges to mean much. Each
            battle is one otherwise.
        prior_sd: Standard deviation of strengths, above 0; the wider, the less they are drawn to 0.
        tolerance: Of the largest step.

    Returns:
        The ranking; without battles all strengths are 0 and as wide as the prior.

    Raises:
        InvalidInputError: ``prior_sd`` is not above 0.

    >>> battles = Battles.of([0, 0, 1, 0], [1, 1, 2, 2], [0, 0, 0, 2], player_count=3)
    >>> bradley_terry(battles).order.tolist()
    [0, 1, 2]
    """
    if not prior_sd > 0.0:
        raise InvalidInputError(f"prior_sd must be above 0, not {prior_sd}")
    cells = Cells.of(battles)
    state = fit_cells(cells, has_position=has_position, prior_sd=prior_sd, tolerance=tolerance)
    bread = np.linalg.inv(state.information)
    meat = _meat_by_judge(battles, state) if by_judge else _meat(cells, state)
    return ranking_of(battles, state, bread @ (meat + state.prior) @ bread)


@dataclass(frozen=True, slots=True)
class Cells:
    """Battles counted: one row per ordered pair that met.

    Attributes:
        first: ``[rows]``.
        second: ``[rows]``.
        counts: ``[rows, 3]`` by outcome; may be fractions.
        player_count: Number of players.
    """

    first: IntArray
    second: IntArray
    counts: FloatArray
    player_count: int

    @classmethod
    def of(cls, battles: Battles, *, weight: FloatArray | None = None) -> Cells:
        """Count; ``weight`` ``[battles]`` counts a battle as so many."""
        n = battles.player_count
        key = (battles.first * n + battles.second) * 3 + battles.outcome
        if n * n <= _DENSE_CELLS:
            table = np.bincount(key, weights=weight, minlength=n * n * 3).reshape(-1, 3)
            rows = np.flatnonzero(table.any(axis=1))
            return cls(rows // n, rows % n, table[rows].astype(np.float64), n)
        rows, slot = np.unique(key // 3, return_inverse=True)
        table = np.bincount(slot * 3 + key % 3, weights=weight, minlength=rows.size * 3)
        return cls(rows // n, rows % n, table.reshape(-1, 3).astype(np.float64), n)


@dataclass(frozen=True, slots=True)
class PairState:
    """Where Newton's steps ended.

    Attributes:
        strength: ``[players]``.
        log_tie: Logarithm of ``tie``; minus infinity without ties.
        position: What being shown first adds.
        information: ``[p, p]`` minus the second derivative; players first, then tie and position where fitted.
        prior: ``[p, p]`` the prior's part of it.
        has_tie: Whether ties are fitted.
        has_position: Whether the place is.
        steps: Steps made.
    """

    strength: FloatArray
    log_tie: float
    position: float
    information: FloatArray
    prior: FloatArray
    has_tie: bool
    has_position: bool
    steps: int

    def chances(self, first: IntArray, second: IntArray) -> FloatArray:
        """``[n, 3]`` probability of each outcome."""
        half = (self.strength[first] - self.strength[second] + self.position) / 2.0
        return _chances(half, self.log_tie)


def fit_cells(
    cells: Cells,
    *,
    has_position: bool,
    prior_sd: float,
    start: FloatArray | None = None,
    tolerance: float = 1e-9,
) -> PairState:
    """Newton's steps to the maximum; ``start`` ``[players]`` first strengths, 0 when None."""
    n = cells.player_count
    has_tie = bool(cells.counts[:, TIE].sum() > 0.0)
    size = n + has_tie + has_position
    prior = np.diag(np.r_[np.full(n, prior_sd**-2.0), np.full(size - n, 1e-6)])
    x = np.zeros(size)
    if start is not None:
        x[:n] = start
    total = cells.counts.sum(axis=1)
    steps = 0
    information = prior
    while steps < _MOST_STEPS:
        half = (x[cells.first] - x[cells.second] + (x[-1] if has_position else 0.0)) / 2.0
        chance = _chances(half, x[n] if has_tie else -np.inf)
        gradient = (
            _gradient(cells, total, chance, size, has_tie=has_tie, has_position=has_position) - prior @ x
        )
        information = prior + _information(
            cells, total, chance, size, has_tie=has_tie, has_position=has_position
        )
        step = np.linalg.solve(information, gradient)
        largest = float(np.abs(step).max(initial=0.0))
        x += step * min(1.0, _MOST_STEP / max(largest, 1e-300))
        steps += 1
        if largest < tolerance:
            break
    return PairState(
        strength=x[:n],
        log_tie=float(x[n]) if has_tie else -np.inf,
        position=float(x[-1]) if has_position else 0.0,
        information=information,
        prior=prior,
        has_tie=has_tie,
        has_position=has_position,
        steps=steps,
    )


def ranking_of(battles: Battles, state: PairState, covariance: FloatArray) -> Ranking:
    """Strengths centred on 0, their covariance, and who can be compared."""
    n = battles.player_count
    group = connected_components(n, battles.first, battles.second)
    places = np.diag(covariance)
    return Ranking(
        strength=state.strength - (state.strength.mean() if n else 0.0),
        covariance=centred(covariance[:n, :n]),
        battles=np.bincount(battles.first, minlength=n) + np.bincount(battles.second, minlength=n),
        group=group,
        tie=float(np.exp(state.log_tie)),
        position=state.position,
        position_sd=float(np.sqrt(places[-1])) if state.has_position else 0.0,
        sweeps=state.steps,
    )


def centred(covariance: FloatArray) -> FloatArray:
    """The covariance of strengths of which the mean is taken off."""
    if not covariance.size:
        return covariance
    rows = covariance.mean(axis=0)
    return np.asarray(covariance - rows - rows[:, None] + rows.mean())


def _chances(half: FloatArray, log_tie: float) -> FloatArray:
    """``[n, 3]`` from half the difference of the strengths."""
    scores = np.stack([half, -half, np.full(half.size, log_tie)], axis=1)
    scores -= np.abs(half)[:, None] if log_tie == -np.inf else scores.max(axis=1, keepdims=True)
    np.exp(scores, out=scores)
    return np.asarray(scores / (scores[:, FIRST_WINS] + scores[:, SECOND_WINS] + scores[:, TIE])[:, None])


def _gradient(
    cells: Cells, total: FloatArray, chance: FloatArray, size: int, *, has_tie: bool, has_position: bool
) -> FloatArray:
    n = cells.player_count
    over = cells.counts - total[:, None] * chance
    won = (over[:, FIRST_WINS] - over[:, SECOND_WINS]) / 2.0
    gradient = np.zeros(size)
    gradient[:n] = np.bincount(cells.first, weights=won, minlength=n)
    gradient[:n] -= np.bincount(cells.second, weights=won, minlength=n)
    if has_tie:
        gradient[n] = over[:, TIE].sum()
    if has_position:
        gradient[-1] = won.sum()
    return gradient


def _information(
    cells: Cells, total: FloatArray, chance: FloatArray, size: int, *, has_tie: bool, has_position: bool
) -> FloatArray:
    decided = chance[:, FIRST_WINS] + chance[:, SECOND_WINS]
    lead = chance[:, FIRST_WINS] - chance[:, SECOND_WINS]
    return _squares(
        cells.first,
        cells.second,
        pair=total * (decided - lead**2) / 4.0,
        crossed=-total * lead * chance[:, TIE] / 2.0,
        tie=total * chance[:, TIE] * (1.0 - chance[:, TIE]),
        size=size,
        player_count=cells.player_count,
        has_tie=has_tie,
        has_position=has_position,
    )


def _meat(cells: Cells, state: PairState) -> FloatArray:
    """Sum over the battles of the squares of their scores."""
    chance = state.chances(cells.first, cells.second)
    by_lead, by_tie = _scores(chance)
    return _squares(
        cells.first,
        cells.second,
        pair=(cells.counts * by_lead**2).sum(axis=1),
        crossed=(cells.counts * by_lead * by_tie).sum(axis=1),
        tie=(cells.counts * by_tie**2).sum(axis=1),
        size=len(state.information),
        player_count=cells.player_count,
        has_tie=state.has_tie,
        has_position=state.has_position,
    )


def _scores(chance: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Derivatives of the log probability of each outcome, ``[n, 3]``: by the difference, and by the log of ties."""
    lead = (chance[:, FIRST_WINS] - chance[:, SECOND_WINS])[:, None] / 2.0
    return np.array([0.5, -0.5, 0.0]) - lead, np.array([0.0, 0.0, 1.0]) - chance[:, TIE][:, None]


def _squares(
    first: IntArray,
    second: IntArray,
    *,
    pair: FloatArray,
    crossed: FloatArray,
    tie: FloatArray,
    size: int,
    player_count: int,
    has_tie: bool,
    has_position: bool,
) -> FloatArray:
    """Sum of outer products of ``(e_first - e_second, tie, position)`` by these weights."""
    n = player_count
    table = np.zeros((size, size))
    off = np.zeros((n, n))
    np.add.at(off, (first, second), pair)
    off += off.T
    table[:n, :n] = np.diag(off.sum(axis=1)) - off
    if has_tie:
        table[n, n] = tie.sum()
        table[n, :n] = np.bincount(first, weights=crossed, minlength=n) - np.bincount(
            second, weights=crossed, minlength=n
        )
        table[:n, n] = table[n, :n]
    if has_position:
        table[-1, -1] = pair.sum()
        table[-1, :n] = np.bincount(first, weights=pair, minlength=n) - np.bincount(
            second, weights=pair, minlength=n
        )
        table[:n, -1] = table[-1, :n]
        if has_tie:
            table[n, -1] = table[-1, n] = crossed.sum()
    return table


def _meat_by_judge(battles: Battles, state: PairState) -> FloatArray:
    """Sum over the judges of the square of the sum of their scores."""
    by_lead, by_tie = _scores(state.chances(battles.first, battles.second))
    picked = np.arange(battles.outcome.size), battles.outcome
    return clustered_squares(
        battles,
        by_lead[picked],
        by_tie[picked] if state.has_tie else None,
        has_position=state.has_position,
    )


def clustered_squares(
    battles: Battles, by_lead: FloatArray, by_tie: FloatArray | None, *, has_position: bool
) -> FloatArray:
    """Sum over the judges of the square of the sum of their scores.

    Args:
        battles: The battles.
        by_lead: ``[battles]`` score by the difference of the strengths.
        by_tie: ``[battles]`` by the logarithm of ties, None where ties are not fitted.
        has_position: Whether the place is fitted.
    """
    from scipy import sparse

    n, judges = battles.player_count, battles.judge_count
    judge = np.concatenate([battles.judge, battles.judge])
    player = np.concatenate([battles.first, battles.second])
    value = np.concatenate([by_lead, -by_lead])
    others = [
        np.bincount(battles.judge, weights=part, minlength=judges)
        for part in ([] if by_tie is None else [by_tie]) + ([by_lead] if has_position else [])
    ]
    rest = np.stack(others, axis=1) if others else np.zeros((judges, 0))
    if n * judges <= _DENSE_CELLS:
        players = np.bincount(judge * n + player, weights=value, minlength=judges * n).reshape(judges, n)
        own, beside = players.T @ players, players.T @ rest
    else:
        thin = sparse.coo_matrix((value, (judge, player)), shape=(judges, n)).tocsr()
        own, beside = (thin.T @ thin).toarray(), np.asarray(thin.T @ rest)
    used = int((np.bincount(battles.judge, minlength=judges) > 0).sum())
    correction = used / max(used - 1, 1)
    return np.asarray(np.block([[own, beside], [beside.T, rest.T @ rest]])) * correction
