"""The rule that says which tasks are asked once more."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.arrays import BoolArray, FloatArray, IntArray, as_floats, as_indices
from goldsmith.science.stopping.certainty import certainty
from goldsmith.science.votes import Votes

_OF_TARGET = 3.0
_LEAST_ENOUGH = 0.5


@dataclass(frozen=True, slots=True)
class StoppingRule:
    """When a task has votes enough.

    The doubt of a task, ``1 - certainty``, is weighed by ``(planned_votes / votes) ** patience``: a task with few votes
    must be surer to be left than one that many have seen, as a vote still moves it and costs a smaller part of what was
    planned. Risk per vote, as in Van Horn et al. 2018 (CVPR, "Lean multiclass crowdsourcing"), which stops an image at
    an expected loss and asks next by risk over votes; repeated labelling by uncertainty is Sheng, Provost & Ipeirotis
    2008 (KDD, doi 10.1145/1401890.1401965).

    Attributes:
        least_votes: Every task gets so many, at least 1.
        most_votes: No task gets more; full redundancy.
        planned_votes: At least 1: votes that a usual task would get in full; None for ``most_votes``. Say it where
            tasks may get very different numbers, so that the few that may get many do not set the measure.
        enough: In (0, 1]: the certainty at which a task that has nearly all its votes is left; a task with n votes is
            left at ``1 - (1 - enough) * (n / planned_votes) ** patience``. 1 leaves none. At 0.85, replaying fifteen
            open sets of real votes asks for about 60 % of them and loses half a point of accuracy; for 46 %, losing
            nothing, where those who know most are asked first. None: doubt only orders, and the budget alone ends it.
        patience: At least 0; 0 makes ``enough`` a plain threshold.
        budget: All votes together; None: no end but ``enough``.

    Raises:
        InvalidInputError: Numbers that cannot be.

    >>> rule = StoppingRule(least_votes=2, most_votes=5, enough=0.75)
    >>> rule.asks_more([0.9, 0.8, 0.8, 0.9, 0.2], [2, 2, 4, 1, 5]).tolist()
    [False, True, False, True, False]
    """

    least_votes: int = 2
    most_votes: int = 5
    enough: float | None = 0.85
    patience: float = 0.5
    budget: int | None = None
    planned_votes: int | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.least_votes <= self.most_votes:
            raise InvalidInputError("least_votes must be at least 1 and at most most_votes")
        if self.enough is not None and not 0.0 < self.enough <= 1.0:
            raise InvalidInputError(f"enough must lie in (0, 1], not {self.enough}")
        if self.planned_votes is not None and self.planned_votes < 1:
            raise InvalidInputError(f"planned_votes must be at least 1, not {self.planned_votes}")
        if self.patience < 0.0 or (self.budget is not None and self.budget < 0):
            raise InvalidInputError("patience and budget must not be negative")

    @classmethod
    def of_target(cls, target: float, *, least_votes: int = 2, most_votes: int = 5) -> StoppingRule:
        """Return the rule that brings this share of tasks to the right label, if the crowd can.

        A task is left at three times the doubt that the target allows of all: most are far surer when they are left,
        and certainty is kept low for crowds that err together. For 0.95 that is ``enough`` at 0.85. With eighteen
        made-up crowds (2 to 10 labels, right in 50 to 97 %, a tenth of the tasks hard or none) 0.85, 0.9, 0.95 and
        0.97 were reached wherever asking everybody reached them by more than two points.

        Args:
            target: Share of tasks that are to be right, in (0, 1).
            least_votes: Of every task.
            most_votes: Of every task.

        >>> round(StoppingRule.of_target(0.95).enough or 0.0, 6)
        0.85
        """
        enough = max(1.0 - _OF_TARGET * (1.0 - target), _LEAST_ENOUGH)
        return cls(least_votes=least_votes, most_votes=most_votes, enough=enough)

    def need(self, sure: ArrayLike, votes: ArrayLike, *, gain: ArrayLike | None = None) -> FloatArray:
        """How badly each task wants another vote.

        Args:
            sure: ``[tasks]`` in [0, 1] as ``certainty`` gives.
            votes: ``[tasks]`` how many it has.
            gain: ``[tasks]`` in [0, 1] what the vote that would be asked for tells, beside a usual one, so that a
                task is left where those who could be asked know no better; 1 when None.

        Returns:
            ``[tasks]``: 0 with ``most_votes``; the weighed doubt in [0, ``planned_votes ** patience``]; infinite below
            ``least_votes``.
        """
        seen = as_indices("votes", votes)
        doubt = 1.0 - as_floats("sure", sure, length=seen.size, lowest=0.0, highest=1.0)
        if gain is not None:
            doubt = doubt * as_floats("gain", gain, length=seen.size, lowest=0.0, highest=1.0)
        planned = self.most_votes if self.planned_votes is None else self.planned_votes
        weighed = doubt * (planned / np.maximum(seen, 1)) ** self.patience
        weighed = np.where(seen < self.least_votes, np.inf, weighed)
        return np.where(seen >= self.most_votes, 0.0, weighed)

    def asks_more(self, sure: ArrayLike, votes: ArrayLike, *, gain: ArrayLike | None = None) -> BoolArray:
        """Say which tasks want another vote, whatever the budget; arguments as of ``need``, ``[tasks]``."""
        least = 0.0 if self.enough is None else 1.0 - self.enough
        return np.asarray(self.need(sure, votes, gain=gain) > least)


def tasks_to_ask(
    votes: Votes,
    rule: StoppingRule,
    *,
    most_tasks: int | None = None,
    sure: ArrayLike | None = None,
    weight: float | None = None,
    gain: ArrayLike | None = None,
) -> IntArray:
    """Choose the tasks that get one more vote each.

    Args:
        votes: What has been said so far.
        rule: When a task has enough; what is left of its budget bounds the answer.
        most_tasks: No more than so many; a few per cent of the votes between two calls lose nothing.
        sure: ``[tasks]`` certainty, where it is known; else it is computed.
        weight: For ``certainty``.
        gain: For ``StoppingRule.need``.

    Returns:
        Tasks, the neediest first; equals in their order. Empty where the rule is content or the budget spent.

    >>> votes = Votes.of([0, 0, 1, 1], [0, 1, 0, 1], [1, 1, 0, 1], task_count=3, annotator_count=2, label_count=2)
    >>> tasks_to_ask(votes, StoppingRule(least_votes=2, most_votes=3, enough=0.6)).tolist()
    [2, 1]
    >>> tasks_to_ask(votes, StoppingRule(least_votes=2, most_votes=3, budget=4)).tolist()
    []
    """
    known = certainty(votes, weight=weight) if sure is None else as_floats("sure", sure)
    seen = np.bincount(votes.task, minlength=votes.task_count)
    need = rule.need(known, seen, gain=gain)
    asking = np.flatnonzero(rule.asks_more(known, seen, gain=gain))
    # those without votes enough come by what they lack, so that all get their first before any gets its second
    order = asking[np.lexsort((seen[asking], -need[asking]))]
    limit = order.size if most_tasks is None else max(most_tasks, 0)
    if rule.budget is not None:
        limit = min(limit, max(rule.budget - votes.vote_count, 0))
    return np.asarray(order[:limit], dtype=np.int64)
