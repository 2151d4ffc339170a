"""A rule tried on votes that are all there: each task's are revealed one by one, as the rule asks.

Whose vote comes next is either left to chance, or chosen by skill among those who did vote on the task. Nobody is thus
asked for what they were not there to do; that several were there to choose from is what the second rests on.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.arrays import BoolArray, FloatArray, IntArray
from goldsmith.science.segments import ragged_arange, run_starts
from goldsmith.science.stopping.certainty import certainty, confusion_share, families
from goldsmith.science.stopping.people import KnownSkill, known_skill
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


def replay(
    votes: Votes,
    rule: StoppingRule,
    rng: np.random.Generator,
    *,
    batch: float = 0.03,
    by_skill: bool = False,
) -> Replay:
    """Reveal the votes of each task, asking by a rule; gold plays no part.

    Args:
        votes: All of them; a task's own number bounds what it can be asked, beside ``rule.most_votes``.
        rule: When to ask more.
        rng: For the order, and for who is tried.
        batch: In (0, 1] share of all votes asked between two looks at certainty.
        by_skill: Ask who is likely to be the best of those who voted on the task and were not asked yet, as far as the
            votes revealed tell (``known_skill``), and now and then somebody unknown; else they come in a random order.
            Tasks then begin a few at a time, so that the first votes teach who is asked for the later ones; and one is
            wanted less where the best of those left tells less than a usual vote does.

    Returns:
        What was asked for. With a larger budget and the same seed the same votes come first; by skill only if both
        budgets hold the least votes of every task.

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
    asking = _Asking(votes, rule, rng)
    size = max(1, int(min(batch * votes.vote_count, _MOST_OF_TASKS * votes.task_count)))
    if not by_skill or asking.is_short_for_all:
        asking.begin_all()
    rounds, weight, weighed_at = 0, 0.5, -1.0
    while asking.left > 0:
        seen = votes.only(asking.place >= 0)
        if asking.taken > weighed_at + _SLOWLY * votes.vote_count:
            weight, weighed_at = confusion_share(seen), float(asking.taken)
        fitted = families(seen, weight=weight)
        rounds += 1
        skill = known_skill(seen, fitted=fitted) if by_skill else None
        tasks = asking.beginning()[:size]
        if not tasks.size:
            tasks = asking.wanting(seen, certainty(seen, fitted=fitted), skill)[:size]
        if not tasks.size:
            break
        asking.reveal(tasks, skill)
    return Replay(asking.place, rounds)


class _Asking:
    """The votes of a replay, more and more of them revealed."""

    def __init__(self, votes: Votes, rule: StoppingRule, rng: np.random.Generator) -> None:
        self._votes, self._rule, self._rng = votes, rule, rng
        shuffled = rng.permutation(votes.vote_count)
        self._order = shuffled[np.argsort(votes.task[shuffled], kind="stable")]
        self._turn = rng.permutation(votes.task_count)
        self._total = np.bincount(votes.task, minlength=votes.task_count)
        self._starts = np.cumsum(self._total) - self._total
        self._limit = np.minimum(self._total, rule.most_votes)
        self._least = np.minimum(self._limit, rule.least_votes)
        self._have = np.zeros(votes.task_count, dtype=np.int64)
        there = int(self._limit.sum())
        self._most = there if rule.budget is None else min(rule.budget, there)
        self.place = np.full(votes.vote_count, -1, dtype=np.int64)
        self.taken = 0

    @property
    def left(self) -> int:
        """How many votes may still be asked for."""
        return self._most - self.taken

    @property
    def is_short_for_all(self) -> bool:
        """Whether the budget does not hold the least votes of every task."""
        return self._most < int(self._least.sum())

    def begin_all(self) -> None:
        """Reveal the least votes of every task, as far as the budget reaches; this needs no look at certainty."""
        for level in range(self._rule.least_votes):
            self.reveal(np.flatnonzero(self._least > level)[: self.left], None)

    def beginning(self) -> IntArray:
        """Tasks that have less than their least votes: those begun first, the others as chance has it."""
        lacking = np.flatnonzero(self._have < self._least)
        return lacking[np.lexsort((self._turn[lacking], -self._have[lacking]))][: self.left]

    def wanting(self, seen: Votes, sure: FloatArray, skill: KnownSkill | None) -> IntArray:
        """Tasks that want another vote and can have it, the neediest first."""
        can = self._have < self._limit
        gain = None if skill is None else self._gain(seen, skill)
        tasks = tasks_to_ask(seen, self._rule, sure=np.where(can, sure, 1.0), gain=gain)
        return tasks[can[tasks]]

    def _gain(self, seen: Votes, skill: KnownSkill) -> FloatArray:
        """``[tasks]`` what the best of those not asked yet would tell, beside a usual vote and no more than that."""
        told = skill.information(seen.label_count)
        usual = float(told[seen.annotator].mean()) if seen.vote_count else 0.0
        best = np.zeros(seen.task_count)
        hidden = np.flatnonzero(self.place < 0)
        np.maximum.at(best, self._votes.task[hidden], told[self._votes.annotator[hidden]])
        return np.minimum(best / usual, 1.0) if usual > 0.0 else np.ones(seen.task_count)

    def reveal(self, tasks: IntArray, skill: KnownSkill | None) -> None:
        """Reveal one vote of each task: the next, or of whom skill is drawn highest."""
        total = self._total[tasks]
        row = np.repeat(np.arange(tasks.size), total)
        vote = self._order[np.repeat(self._starts[tasks], total) + ragged_arange(total)]
        is_hidden = self.place[vote] < 0
        row, vote = row[is_hidden], vote[is_hidden]
        if skill is not None:
            drawn = skill.drawn(self._votes.annotator[vote], self._rng)
            vote = vote[np.lexsort((-drawn, row))]
        self.place[vote[run_starts(row)]] = self.taken + np.arange(tasks.size)
        self.taken += tasks.size
        self._have[tasks] += 1
