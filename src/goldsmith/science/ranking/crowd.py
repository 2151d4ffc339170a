"""Strengths from pairs judged by people who differ in care: some guess, some mistake the question for its opposite.

Each judge names the player of higher strength, as Bradley and Terry have it, with one probability, and the other one
otherwise (CrowdBT: Chen et al., WSDM 2013, doi 10.1145/2433396.2433420). EM finds strengths and reliabilities together;
ties tell nothing of a judge's reliability.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from goldsmith.science.arrays import FloatArray
from goldsmith.science.ranking.bradley_terry import (
    Cells,
    PairState,
    fit_cells,
    ranking_of,
)
from goldsmith.science.ranking.types import FIRST_WINS, SECOND_WINS, TIE, Battles, Ranking

_USUAL_RELIABILITY: Final = 0.95
_USUAL_WEIGHT: Final = 4.0
"""Weight, in battles, of the usual reliability for each judge. The crowd's mean would be no good: crowds fall in two,
and whoever is drawn half way to the guessers makes strengths too wide."""
_PRIOR_SD: Final = 2.0
_LEAST: Final = 0.002
_CLOSE: Final = 1e-5


@dataclass(frozen=True, slots=True)
class JudgedRanking:
    """Strengths and whom to trust.

    Attributes:
        ranking: The strengths; intervals hold the doubt about judges too, and take each judge for one observation.
        reliability: ``[judges]`` probability of naming the better one as it is seen: 1 is careful, 0.5 guesses, 0 says
            the opposite; 0.95 for judges without battles.
    """

    ranking: Ranking
    reliability: FloatArray


def crowd_bradley_terry(
    battles: Battles,
    *,
    has_position: bool = False,
    prior_sd: float = _PRIOR_SD,
    sweeps: int = 30,
    tolerance: float = 1e-3,
) -> JudgedRanking:
    """Fit strengths and reliabilities.

    Most judges are taken to mean what is asked: with all reliabilities turned round, all strengths would turn round.

    Args:
        battles: What was judged, and by whom.
        has_position: Fit what being shown first adds.
        prior_sd: Standard deviation of strengths, above 0; narrower than elsewhere, as far apart players seen by
            careless judges and close ones seen by careful judges give much the same battles.
        sweeps: Of EM, each with a leap ahead, at most.
        tolerance: EM stops when no reliability moves by more.

    Returns:
        The ranking and the judges.

    >>> first, second, outcome = [0, 1, 0, 0, 1, 0], [1, 2, 2, 1, 2, 2], [0, 0, 0, 0, 0, 0]
    >>> told = Battles.of(first + [0, 1, 0], second + [1, 2, 2], outcome + [1, 1, 1], player_count=3,
    ...                   judge=[0, 0, 0, 1, 1, 1, 2, 2, 2], judge_count=3)
    >>> fitted = crowd_bradley_terry(told)
    >>> fitted.ranking.order.tolist(), int(fitted.reliability.argmin())
    ([0, 1, 2], 2)
    """
    fit = _Fit.start(battles, has_position=has_position, prior_sd=prior_sd)
    done = 0
    for _ in range(sweeps):
        before = fit.reliability
        fit.sweep()
        fit.leap()
        done += 1
        if float(np.abs(fit.reliability - before).max(initial=0.0)) < tolerance:
            break
    return JudgedRanking(replace(fit.ranking(), sweeps=done), fit.reliability)


@dataclass(slots=True)
class _Fit:
    """Strengths and reliabilities on their way.

    EM alone creeps, as careless judges of far apart players and careful judges of close ones say much the same; each
    sweep is followed by a leap of Fisher's scoring in both together.
    """

    battles: Battles
    turned: Battles
    given: FloatArray
    state: PairState
    reliability: FloatArray
    prior_sd: float

    @classmethod
    def start(cls, battles: Battles, *, has_position: bool, prior_sd: float) -> _Fit:
        is_decided = battles.outcome != TIE
        given = np.bincount(battles.judge[is_decided], minlength=battles.judge_count).astype(np.float64)
        return cls(
            battles=battles,
            turned=replace(battles, outcome=np.where(is_decided, 1 - battles.outcome, TIE)),
            given=given,
            state=fit_cells(
                Cells.of(battles), has_position=has_position, prior_sd=prior_sd, tolerance=_CLOSE
            ),
            reliability=np.full(battles.judge_count, _USUAL_RELIABILITY),
            prior_sd=prior_sd,
        )

    def sweep(self) -> None:
        """Who meant what, whom to trust, then strengths."""
        battles, judges = self.battles, self.battles.judge_count
        faithful = self._faithful()
        meant = np.bincount(
            battles.judge, weights=np.where(battles.outcome == TIE, 0.0, faithful), minlength=judges
        )
        drawn = (meant + _USUAL_WEIGHT * _USUAL_RELIABILITY) / (self.given + _USUAL_WEIGHT)
        self.reliability = np.clip(drawn, _LEAST, 1.0 - _LEAST)
        # battles counted as said by as much as they were meant so, and turned round by the rest
        said, meant_so = Cells.of(battles, weight=faithful), Cells.of(self.turned, weight=1.0 - faithful)
        cells = Cells(
            np.concatenate([said.first, meant_so.first]),
            np.concatenate([said.second, meant_so.second]),
            np.concatenate([said.counts, meant_so.counts]),
            battles.player_count,
        )
        self.state = fit_cells(
            cells,
            has_position=self.state.has_position,
            prior_sd=self.prior_sd,
            start=self.state.strength,
            tolerance=_CLOSE,
        )

    def leap(self) -> None:
        """One step of Fisher's scoring in strengths and log odds of reliabilities, as far as it gains."""
        parts = _Parts.of(self.battles, self.state, self.reliability)
        n = self.battles.player_count
        prior = np.eye(n) * self.prior_sd**-2.0
        slope = self.reliability * (1.0 - self.reliability)
        of_judge = parts.of_judge * slope**2 + _USUAL_WEIGHT * slope
        score = parts.judge_score * slope + _USUAL_WEIGHT * (_USUAL_RELIABILITY - self.reliability)
        crossed = parts.crossed.multiply(slope[:, None]).tocsr()
        beside = crossed.multiply((1.0 / of_judge)[:, None])
        own = parts.players - (crossed.T @ beside).toarray() + prior
        pull = parts.player_score - self.state.strength / self.prior_sd**2 - beside.T @ score
        step = np.linalg.solve(own, pull)
        turn = (score - crossed @ step) / of_judge
        height = self._height(self.state, self.reliability)
        for share in (1.0, 0.5, 0.25):
            odds = np.log(self.reliability / (1.0 - self.reliability)) + share * np.clip(turn, -2.0, 2.0)
            reliability = np.clip(1.0 / (1.0 + np.exp(-odds)), _LEAST, 1.0 - _LEAST)
            state = replace(self.state, strength=self.state.strength + share * step)
            if self._height(state, reliability) >= height:
                self.state, self.reliability = state, reliability
                return

    def ranking(self) -> Ranking:
        """The sandwich of strengths and reliabilities together, scores summed by judge."""
        battles, trust = self.battles, self.reliability
        parts = _Parts.of(battles, self.state, trust)
        # of a judge at least as much is told as the prior tells
        of_judge = parts.of_judge + _USUAL_WEIGHT / (trust * (1.0 - trust))
        beside = parts.crossed.multiply((1.0 / of_judge)[:, None])
        prior = np.eye(battles.player_count) * self.prior_sd**-2.0
        bread = np.linalg.inv(parts.players - (parts.crossed.T @ beside).toarray() + prior)
        own = parts.by_judge - beside.multiply(parts.judge_score[:, None])
        used = int((np.bincount(battles.judge, minlength=battles.judge_count) > 0).sum())
        meat = (own.T @ own).toarray() * used / max(used - 1, 1)
        return ranking_of(battles, self.state, _beside(bread @ (meat + prior) @ bread, self.state))

    def _faithful(self) -> FloatArray:
        """``[battles]`` probability that the judge meant what was said; 1 for ties."""
        chance = self.state.chances(self.battles.first, self.battles.second)
        rows = np.arange(self.battles.outcome.size)
        trust = self.reliability[self.battles.judge]
        as_said = trust * chance[rows, self.battles.outcome]
        total = as_said + (1.0 - trust) * chance[rows, self.turned.outcome]
        return np.where(self.battles.outcome == TIE, 1.0, as_said / np.maximum(total, 1e-300))

    def _height(self, state: PairState, reliability: FloatArray) -> float:
        """Log posterior, up to a constant."""
        chance = state.chances(self.battles.first, self.battles.second)
        rows = np.arange(self.battles.outcome.size)
        trust = reliability[self.battles.judge]
        told = trust * chance[rows, self.battles.outcome] + (1.0 - trust) * chance[rows, self.turned.outcome]
        drawn = _USUAL_RELIABILITY * np.log(reliability) + (1.0 - _USUAL_RELIABILITY) * np.log1p(-reliability)
        of_players = float((state.strength**2).sum()) / (2.0 * self.prior_sd**2)
        return float(np.log(np.maximum(told, 1e-300)).sum() + _USUAL_WEIGHT * drawn.sum()) - of_players


@dataclass(frozen=True, slots=True)
class _Parts:
    """Scores and expected information of strengths and reliabilities; the prior apart.

    ``players`` ``[players, players]``, ``of_judge`` ``[judges]`` and ``crossed`` (sparse ``[judges, players]``) are
    information; ``player_score``, ``judge_score`` and ``by_judge`` (sparse, of players, summed by judge) are scores.
    """

    players: FloatArray
    of_judge: FloatArray
    crossed: Any
    player_score: FloatArray
    judge_score: FloatArray
    by_judge: Any

    @classmethod
    def of(cls, battles: Battles, state: PairState, reliability: FloatArray) -> _Parts:
        (by_lead, by_trust), told = _slopes(battles, state, reliability)
        safe = np.maximum(told, 1e-12)
        n, judges = battles.player_count, battles.judge_count
        pair = (by_lead**2 / safe).sum(axis=1)
        off = np.bincount(battles.first * n + battles.second, weights=pair, minlength=n * n).reshape(n, n)
        off = off + off.T
        rows = np.arange(battles.outcome.size), battles.outcome
        by_judge = _by_judge(battles, by_lead[rows] / safe[rows])
        return cls(
            players=np.diag(off.sum(axis=1)) - off,
            of_judge=np.bincount(
                battles.judge, weights=(by_trust**2 / safe).sum(axis=1), minlength=judges
            ).astype(np.float64),
            crossed=_by_judge(battles, (by_lead * by_trust / safe).sum(axis=1)),
            player_score=np.asarray(by_judge.sum(axis=0)).ravel(),
            judge_score=np.bincount(
                battles.judge, weights=by_trust[rows] / safe[rows], minlength=judges
            ).astype(np.float64),
            by_judge=by_judge,
        )


def _slopes(
    battles: Battles, state: PairState, reliability: FloatArray
) -> tuple[tuple[FloatArray, FloatArray], FloatArray]:
    """``[battles, 3]`` derivatives of each outcome's probability by the difference of strengths and by reliability.

    And the probabilities themselves.
    """
    chance = state.chances(battles.first, battles.second)
    trust = reliability[battles.judge][:, None]
    lead = (chance[:, FIRST_WINS] - chance[:, SECOND_WINS])[:, None] / 2.0
    careful = chance * (np.array([0.5, -0.5, 0.0]) - lead)
    opposite = [SECOND_WINS, FIRST_WINS, TIE]
    by_lead = trust * careful + (1.0 - trust) * careful[:, opposite]
    told = trust * chance + (1.0 - trust) * chance[:, opposite]
    return (by_lead, chance - chance[:, opposite]), told


def _by_judge(battles: Battles, values: FloatArray) -> Any:
    """``[judges, players]`` sums, sparse: added to the first player of each battle and taken from the second."""
    from scipy import sparse

    judge = np.concatenate([battles.judge, battles.judge])
    player = np.concatenate([battles.first, battles.second])
    shape = (battles.judge_count, battles.player_count)
    return sparse.coo_matrix((np.concatenate([values, -values]), (judge, player)), shape=shape).tocsr()


def _beside(covariance: FloatArray, state: PairState) -> FloatArray:
    """The covariance of strengths with the variance of tie and place, as fitted, beside it."""
    n = len(covariance)
    whole = np.diag(1.0 / np.maximum(np.diag(state.information), 1e-12))
    whole[:n, :n] = covariance
    return whole
