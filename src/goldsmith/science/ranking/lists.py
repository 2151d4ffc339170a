"""Strengths from lists put in order: Plackett and Luce.

The first of a list is chosen among all of it, the second among the rest, and so on, each in proportion to its strength
(Luce 1959; Plackett 1975, doi 10.2307/2346567; the likelihood as in Hunter 2004, doi 10.1214/aos/1079120141). One
maximum, found by Newton's steps; of lists of two this is Bradley and Terry's model.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.arrays import FloatArray, IntArray, as_indices
from goldsmith.science.ranking.bradley_terry import PRIOR_SD, centred
from goldsmith.science.ranking.types import Ranking
from goldsmith.science.segments import connected_components, ragged_arange, run_starts

UNPLACED: Final = -1
"""Place of what was shown and not put in order, behind all that was."""
_MOST_STEPS: Final = 50
_MOST_STEP: Final = 2.0
_PAIRS_AT_ONCE: Final = 4_000_000


@dataclass(frozen=True, slots=True)
class Lists:
    """Lists put in order, one row per list and player, by list and place; the unplaced last.

    Attributes:
        list_index: ``[rows]`` ascending.
        player: ``[rows]``.
        is_chosen: ``[rows]`` whether the place says anything: not of the unplaced, nor of the last one left.
        judge: ``[lists]``.
        player_count: Number of players.
        judge_count: Number of judges.
    """

    list_index: IntArray
    player: IntArray
    is_chosen: np.ndarray
    judge: IntArray
    player_count: int
    judge_count: int

    @classmethod
    def of(
        cls,
        list_index: ArrayLike,
        player: ArrayLike,
        place: ArrayLike,
        *,
        player_count: int,
        judge: ArrayLike | None = None,
        judge_count: int = 1,
    ) -> Lists:
        """Check the columns and sort them.

        Args:
            list_index: ``[rows]``.
            player: ``[rows]`` what was shown in the list.
            place: ``[rows]`` the smaller the better, all different in a list; ``UNPLACED`` for what was shown and left.
            player_count: Number of players.
            judge: ``[lists]`` who put it in order; each list is an own judge when None.
            judge_count: Number of judges.

        Raises:
            InvalidInputError: Columns of unequal length, an index out of range, a player or a place twice in a list.
        """
        lists = as_indices("list_index", list_index)
        players = as_indices("player", player, below=player_count, length=lists.size)
        places = as_indices("place", np.asarray(place, dtype=np.int64) + 1, length=lists.size) - 1
        count = int(lists.max(initial=-1)) + 1
        judges = (
            np.arange(count) if judge is None else as_indices("judge", judge, below=judge_count, length=count)
        )
        is_placed = places != UNPLACED
        if np.unique(lists * player_count + players).size < lists.size:
            raise InvalidInputError("a list must not hold a player twice")
        order = np.lexsort((players, np.where(is_placed, places, places.max(initial=0) + 1), lists))
        lists, players, places = lists[order], players[order], places[order]
        is_twice = (lists[1:] == lists[:-1]) & (places[1:] == places[:-1]) & (places[1:] != UNPLACED)
        if is_twice.any():
            raise InvalidInputError("a list must not hold a place twice; leave out what ties")
        is_last = np.r_[lists[1:] != lists[:-1], True] if lists.size else np.zeros(0, dtype=np.bool_)
        return cls(
            lists,
            players,
            (places != UNPLACED) & ~is_last,
            judges,
            player_count,
            count if judge is None else judge_count,
        )


def plackett_luce(
    lists: Lists, *, prior_sd: float = PRIOR_SD, weight: ArrayLike | None = None, tolerance: float = 1e-9
) -> Ranking:
    """Fit strengths to lists.

    Args:
        lists: What was put in order, by whom; intervals take all lists of a judge for one observation.
        prior_sd: Standard deviation of strengths, above 0.
        weight: ``[lists]`` how much each counts, at least 0; such as the care of its judge.
        tolerance: Of the largest step.

    Returns:
        The ranking; without lists all strengths are 0 and as wide as the prior.

    Raises:
        InvalidInputError: ``prior_sd`` is not above 0, or a weight is negative or missing.

    >>> three = Lists.of([0, 0, 0, 1, 1, 1], [2, 0, 1, 2, 1, 0], [0, 1, 2, 0, 1, -1], player_count=3)
    >>> plackett_luce(three).order.tolist()[0]
    2
    """
    if not prior_sd > 0.0:
        raise InvalidInputError(f"prior_sd must be above 0, not {prior_sd}")
    counted = np.ones(lists.judge.size) if weight is None else np.asarray(weight, dtype=np.float64)
    if counted.shape != lists.judge.shape or (counted < 0.0).any():
        raise InvalidInputError("weight must hold a number of at least 0 for each list")
    n = lists.player_count
    strength, information = np.zeros(n), np.eye(n) * prior_sd**-2.0
    steps = 0
    while steps < _MOST_STEPS:
        score = _scores(lists, strength) * counted[lists.list_index]
        gradient = np.bincount(lists.player, weights=score, minlength=n) - strength * prior_sd**-2.0
        information = _information(lists, strength, counted) + np.eye(n) * prior_sd**-2.0
        step = np.linalg.solve(information, gradient)
        largest = float(np.abs(step).max(initial=0.0))
        strength = strength + step * min(1.0, _MOST_STEP / max(largest, 1e-300))
        steps += 1
        if largest < tolerance:
            break
    return _ranking(lists, strength, information, counted, prior_sd=prior_sd, steps=steps)


def _scores(lists: Lists, strength: FloatArray) -> FloatArray:
    """``[rows]`` derivative of the log likelihood by the strength of each row's player."""
    power, reached = _reached(lists, strength)
    return np.asarray(lists.is_chosen - power * reached)


def _reached(lists: Lists, strength: FloatArray, *, exponent: float = 1.0) -> tuple[FloatArray, FloatArray]:
    """``[rows]`` exp(strength), and the sum over choices up to this row of one over the strength of what was left."""
    power = np.exp(strength[lists.player])
    left = _within(lists, power, is_backward=True)
    share = np.where(lists.is_chosen, 1.0 / np.maximum(left, 1e-300) ** exponent, 0.0)
    return power, _within(lists, share, is_backward=False)


def _within(lists: Lists, values: FloatArray, *, is_backward: bool) -> FloatArray:
    """Running sums inside each list, from its start or towards its end; exact also where lists differ in size."""
    starts = run_starts(lists.list_index)
    sizes = np.diff(np.r_[starts, values.size])
    place = ragged_arange(sizes)
    if is_backward:
        place = np.repeat(sizes, sizes) - 1 - place
    result = values.copy()
    # rows of the same place at once: a running sum over everything would lose what is small
    order = np.argsort(place, kind="stable")
    bounds = np.searchsorted(place[order], np.arange(1, int(place.max(initial=0)) + 1))
    for rows in np.split(order, bounds)[1:]:
        result[rows] += result[rows + (1 if is_backward else -1)]
    return result


def _information(lists: Lists, strength: FloatArray, counted: FloatArray) -> FloatArray:
    """Sum over the choices of the variance of who is chosen; ``[players, players]``."""
    n = lists.player_count
    power, reached = _reached(lists, strength)
    _, squared = _reached(lists, strength, exponent=2.0)
    weight = counted[lists.list_index]
    table = np.diag(np.bincount(lists.player, weights=weight * power * reached, minlength=n))
    starts = run_starts(lists.list_index)
    sizes = np.diff(np.r_[starts, lists.list_index.size])
    portion = np.cumsum(sizes**2) // _PAIRS_AT_ONCE
    for lot in np.split(np.arange(sizes.size), np.flatnonzero(np.diff(portion)) + 1) if sizes.size else []:
        begin, size = starts[lot], sizes[lot]
        row = np.repeat(np.repeat(begin, size) + ragged_arange(size), np.repeat(size, size))
        other = np.repeat(np.repeat(begin, size), np.repeat(size, size)) + ragged_arange(
            np.repeat(size, size)
        )
        shared = weight[row] * power[row] * power[other] * squared[np.minimum(row, other)]
        cell = lists.player[row] * n + lists.player[other]
        table -= np.bincount(cell, weights=shared, minlength=n * n).reshape(n, n)
    return np.asarray(table)


def _ranking(
    lists: Lists,
    strength: FloatArray,
    information: FloatArray,
    counted: FloatArray,
    *,
    prior_sd: float,
    steps: int,
) -> Ranking:
    from scipy import sparse

    n = lists.player_count
    score = _scores(lists, strength) * counted[lists.list_index]
    shape = (lists.judge_count, n)
    by_judge = sparse.coo_matrix((score, (lists.judge[lists.list_index], lists.player)), shape=shape).tocsr()
    used = np.unique(lists.judge[np.unique(lists.list_index)]).size
    meat = np.asarray((by_judge.T @ by_judge).toarray()) * used / max(used - 1, 1)
    bread = np.linalg.inv(information)
    covariance = bread @ (meat + np.eye(n) * prior_sd**-2.0) @ bread
    starts = run_starts(lists.list_index)
    first = np.repeat(lists.player[starts], np.diff(np.r_[starts, lists.player.size]))
    return Ranking(
        strength=strength - (strength.mean() if n else 0.0),
        covariance=centred(covariance),
        battles=np.bincount(lists.player, minlength=n),
        group=connected_components(n, first, lists.player),
        tie=0.0,
        position=0.0,
        position_sd=0.0,
        sweeps=steps,
    )
