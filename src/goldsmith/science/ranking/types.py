"""What is compared, and how strong each comes out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.arrays import FloatArray, IntArray, as_indices
from goldsmith.science.distributions import normal_quantile

FIRST_WINS: Final = 0
SECOND_WINS: Final = 1
TIE: Final = 2

ELO_SCALE: Final = 400.0 / float(np.log(10.0))
ELO_MIDDLE: Final = 1000.0


@dataclass(frozen=True, slots=True)
class Battles:
    """Who met whom, and what a judge said.

    Attributes:
        first: ``[battles]`` the player shown first, or on the left.
        second: ``[battles]`` another player.
        outcome: ``[battles]`` ``FIRST_WINS``, ``SECOND_WINS`` or ``TIE``.
        judge: ``[battles]``; all the same judge when nobody says.
        player_count: Number of players, also those who never met anybody.
        judge_count: Number of judges, also those who never judged.
    """

    first: IntArray
    second: IntArray
    outcome: IntArray
    judge: IntArray
    player_count: int
    judge_count: int

    @classmethod
    def of(
        cls,
        first: ArrayLike,
        second: ArrayLike,
        outcome: ArrayLike,
        *,
        player_count: int,
        judge: ArrayLike | None = None,
        judge_count: int = 1,
    ) -> Battles:
        """Check the columns.

        Raises:
            InvalidInputError: Columns of unequal length, an index out of range, or a player who meets itself.
        """
        one = as_indices("first", first, below=player_count)
        other = as_indices("second", second, below=player_count, length=one.size)
        told = as_indices("outcome", outcome, below=3, length=one.size)
        if (one == other).any():
            raise InvalidInputError("a player cannot meet itself; leave such battles out")
        if judge is None:
            judges = np.zeros(one.size, dtype=np.int64)
        else:
            judges = as_indices("judge", judge, below=judge_count, length=one.size)
        return cls(one, other, told, judges, player_count, max(judge_count, 1))


@dataclass(frozen=True, slots=True)
class Ranking:
    """Strengths with their doubt.

    Attributes:
        strength: ``[players]`` natural logarithms, which sum to 0; their difference is the log odds of winning. A
            player that met nobody stays at 0.
        covariance: ``[players, players]`` of ``strength``.
        battles: ``[players]`` battles, or lists, of each.
        group: ``[players]`` players met directly or through others bear the same number; strengths of different groups
            cannot be compared.
        tie: How usual ties are: between equals ``P(tie) = tie / (2 + tie)``; 0 without ties.
        position: What being shown first adds, in log odds; 0 where it was not asked for.
        position_sd: Its standard error.
        sweeps: Steps made.
    """

    strength: FloatArray
    covariance: FloatArray
    battles: IntArray
    group: IntArray
    tie: float
    position: float
    position_sd: float
    sweeps: int

    @property
    def sd(self) -> FloatArray:
        """``[players]`` standard errors of ``strength``."""
        return np.sqrt(np.maximum(np.diag(self.covariance), 0.0))

    @property
    def order(self) -> IntArray:
        """``[players]`` players, the strongest first; of equals the lowest number."""
        return np.asarray(np.argsort(-self.strength, kind="stable"), dtype=np.int64)

    @property
    def elo(self) -> FloatArray:
        """``[players]`` strengths on the scale of chess: 400 points are odds of ten to one, the mean is 1000."""
        return np.asarray(self.strength * ELO_SCALE + ELO_MIDDLE)

    def interval(self, confidence: float = 0.95) -> tuple[FloatArray, FloatArray]:
        """Lower and upper ends of ``strength``, each ``[players]``."""
        reach = _reach(confidence) * self.sd
        return self.strength - reach, self.strength + reach

    def rank_interval(self, confidence: float = 0.95) -> tuple[IntArray, IntArray]:
        """Best and worst rank (1 is first) that the data allow, each ``[players]``.

        A rank counts who is surely stronger: by the interval of the difference, which is narrower than two intervals
        laid side by side.
        """
        variance = np.diag(self.covariance)
        spread = np.sqrt(np.maximum(variance[:, None] + variance - 2.0 * self.covariance, 0.0))
        ahead = self.strength[None, :] - self.strength[:, None]
        is_comparable = self.group[:, None] == self.group
        surely = (ahead > _reach(confidence) * spread) & is_comparable & (ahead > 1e-12)
        return 1 + surely.sum(axis=1), self.strength.size - surely.sum(axis=0)

    def chance(self, first: ArrayLike, second: ArrayLike) -> FloatArray:
        """Probability that ``first`` is preferred to ``second`` where there is no tie and nobody is shown first.

        Args:
            first: Players.
            second: As many players.
        """
        gap = self.strength[np.asarray(first)] - self.strength[np.asarray(second)]
        return np.asarray(1.0 / (1.0 + np.exp(-gap)))


def _reach(confidence: float) -> float:
    if not 0.0 < confidence < 1.0:
        raise InvalidInputError(f"confidence must lie in (0, 1), not {confidence}")
    return float(normal_quantile((1.0 + confidence) / 2.0))
