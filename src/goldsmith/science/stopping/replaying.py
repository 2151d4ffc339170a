"""A rule tried on votes that are all there: each task's are revealed one by one, as the rule asks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.arrays import BoolArray, IntArray
from goldsmith.science.segments import rank_within_runs
from goldsmith.science.stopping.certainty import certainty, confusion_share
from goldsmith.science.stopping.rules import StoppingRule, tasks_to_ask
from goldsmith.science.votes import Votes

_SLOWLY = 0.08
"""Share of the votes after which the family of models is chosen anew."""
_MOST_OF_TASKS = 0.5
"""Of the tasks asked at once, so that few tasks with many votes are not asked blindly."""


@dataclass(frozen=True, slots=True)
class Replay:
    """Which votes a rule asked for, and when.

    Attributes:
        place: ``[votes]`` in which place each vote was asked for, from 0; -1 where it never was.
        rounds: How often certainty was computed.
    """

    place: IntArray
    rounds: int

    @property
    def kept(self) -> BoolArray:
        """``[votes]`` those asked for."""
        return np.asarray(self.place >= 0)

    @property
    def share(self) -> float:
        """Of all votes; 0 where there are none."""
        return float(self.kept.mean()) if self.place.size else 0.0

    def first(self, count: int) -> BoolArray:
        """``[votes]`` the first so many: what a smaller budget would have bought under the same rule."""
        return np.asarray((self.place >= 0) & (self.place < count))


def replay(votes: Votes, rule: StoppingRule, rng: np.random.Generator, *, batch: float = 0.03) -> Replay:
    """Reveal the votes of each task in a random order, asking by a rule; gold plays no part.

    Args:
        votes: All of them; a task's own number bounds what it can be asked, beside ``rule.most_votes``.
        rule: When to ask more.
        rng: For the order.
        batch: In (0, 1] share of all votes asked between two looks at certainty.

    Returns:
        What was asked for. With a larger budget and the same seed the same votes come first.

    Raises:
        InvalidInputError: A batch out of range.

    >>> votes = Votes.of([0, 0, 0, 1, 1, 1], [0, 1, 2] * 2, [1, 1, 1, 0, 1, 0],
    ...                  task_count=2, annotator_count=3, label_count=2)
    >>> rule = StoppingRule(least_votes=1, most_votes=3, enough=None, budget=4)
    >>> int(replay(votes, rule, np.random.default_rng(0)).kept.sum())
    4
    """
    if not 0.0 < batch <= 1.0:
        raise InvalidInputError(f"batch must lie in (0, 1], not {batch}")
    shuffled = rng.permutation(votes.vote_count)
    order = shuffled[np.argsort(votes.task[shuffled], kind="stable")]
    rank = np.empty(votes.vote_count, dtype=np.int64)
    rank[order] = rank_within_runs(votes.task[order])
    total = np.bincount(votes.task, minlength=votes.task_count)
    limit = np.minimum(total, rule.most_votes)
    have = np.zeros(votes.task_count, dtype=np.int64)
    place = np.full(votes.vote_count, -1, dtype=np.int64)
    places = _Places(place, starts=np.cumsum(total) - total, order=order)
    # the first votes of every task need no look at certainty
    for level in range(rule.least_votes):
        wanting = np.flatnonzero(limit > level)
        places.add(wanting[: _left(rule, places)], have)
    rounds, weight, weighed_at = 0, 0.5, -1.0
    size = max(1, int(min(batch * votes.vote_count, _MOST_OF_TASKS * votes.task_count)))
    while places.taken < int(limit.sum()) and _left(rule, places) > 0:
        seen = votes.only(rank < have[votes.task])
        if places.taken > weighed_at + _SLOWLY * votes.vote_count:
            weight, weighed_at = confusion_share(seen), float(places.taken)
        sure = np.where(have < limit, certainty(seen, weight=weight), 1.0)
        rounds += 1
        asked = tasks_to_ask(seen, rule, sure=sure)
        asked = asked[have[asked] < limit[asked]][:size]
        if not asked.size:
            break
        places.add(asked, have)
    return Replay(place, rounds)


class _Places:
    """Hands out places in the order of asking."""

    def __init__(self, place: IntArray, *, starts: IntArray, order: IntArray) -> None:
        self._place, self._starts, self._order = place, starts, order
        self.taken = 0

    def add(self, tasks: IntArray, have: IntArray) -> None:
        """Reveal the next vote of each task."""
        self._place[self._order[self._starts[tasks] + have[tasks]]] = self.taken + np.arange(tasks.size)
        self.taken += tasks.size
        have[tasks] += 1


def _left(rule: StoppingRule, places: _Places) -> int:
    most = places.taken + places._place.size if rule.budget is None else rule.budget  # noqa: SLF001 - own module
    return max(most - places.taken, 0)
