"""The stopping part of ``benchmarks.quality``: real votes replayed, to see how few give what all of them give.

Taken are the sets with at least five votes a task in the mean. The votes of each task are revealed as a rule asks: in
a shuffled order ("as they come"), or by skill as far as the votes revealed tell it, among those who did vote on the
task ("by skill"; see ``replay``). Nobody is asked for more than they did, but that there were several to choose from,
up to sixty on a quiz and five on the smallest sets, is what the second rests on. The final labels are ``auto``'s on
the votes asked for, and what is lost is against ``auto`` on all of them, in points of accuracy. Beside fixed overlaps
(the same share of every task's votes) stand a budget spent where need is greatest, and thresholds
(``StoppingRule.enough``), which spend more on hard sets and less on easy ones; there ``planned_votes`` is the mean
number of votes a task of the set. Shares and losses are means over the sets, each with the standard error over the
orders. No rule sees gold or a name.

About twenty rules were tried on the open sets before this one: thresholds on the blended posterior, doubt over no,
the fourth, the square root or the whole number of votes, with and without the planned number; five weights of model
against votes; a first look at one vote; the expected gain of several votes; and ending a whole set when labels stop
changing, by four measures. The default of ``enough`` was chosen on the open sets, too. What is told of the open sets
is therefore a little too good.

Later thirteen more were tried on other orders of the votes and lie on the same curve of loss against votes, within
the error of a sixth of a point: a patience of 0.75 and 1 and a weight of 0.8 for the model, need that falls with the
votes left, a tenth of the tasks asked in full first, three votes or a seventh of the planned ones first, skill learnt
without the task itself, and MACE beside the other models. The default stands. Half of what it loses is lost on two
sets of 108 and 25 tasks. That was as they come. Copies of seven open sets thinned to 5 to 9 votes a task lost 0.5
points at 62 % of the votes; of three thinned quizzes (20 to 30 tasks) nothing can be told. These are no new crowds.

By skill six recipes were tried, four of them on other orders than the table's: asking whoever is best by a draw for
each chance to ask, by one draw for each person, and by the mean; asking for the most information about the task by
confusion matrices, with noise and without; and, kept, the first of these with a task wanted less where the best of
those left tells less than a usual vote. Without that last part 60 % of the votes lost 0.2 to 0.8 points; with it, on
other orders and without the largest set, 50 % and 56 % lost nothing (give or take 0.2). Much of the gain is on four
quizzes of 20 to 30 tasks, where few know and many guess: on the eleven other sets ``enough`` at 0.85 loses 0.3 points
at 41 % of the votes by skill, 0.7 at 50 % as they come. With the threshold for each set chosen on the others (the
lowest that loses half a point at most) it is 0.2 at 42 %, and 0.4 at 66 %. On one more order, 60 % of the votes by
skill gave labels of a lower log loss than all votes did (0.52 against 0.54) and a calibration error of 0.015 (0.023);
skill is stated no higher for having been chosen.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from goldsmith.science import votes as ours
from goldsmith.science.stopping import Replay, StoppingRule, replay

_LEAST_MEAN = 5.0
_BUDGETS = (0.5, 0.6, 0.7)
_THRESHOLDS = (0.8, 0.85, 0.9, 0.92)
_WAYS = ((False, ", as they come"), (True, ", by skill"))
_MANY_VOTES = 50_000
_FEW_VOTES = 7_000


class CrowdSet(Protocol):
    """A set as read: columns of names, and the gold."""

    @property
    def name(self) -> str:
        """Of the set."""

    @property
    def task(self) -> list[str]:
        """Of each vote."""

    @property
    def worker(self) -> list[str]:
        """Of each vote."""

    @property
    def label(self) -> list[str]:
        """Of each vote."""

    @property
    def gold(self) -> dict[str, str]:
        """By task."""


@dataclass(frozen=True, slots=True)
class _Known:
    votes: ours.Votes
    rows: np.ndarray
    truth: np.ndarray

    def accuracy(self, kept: np.ndarray) -> float:
        """Of ``auto`` on some of the votes."""
        label = ours.auto(self.votes.only(kept), np.random.default_rng(0)).label
        return float((label[self.rows] == self.truth).mean())


Result = dict[str, list[tuple[float, float]]]
"""By rule, of each order: the share of the votes asked for, and the points of accuracy lost."""


def _known(crowd: CrowdSet) -> _Known:
    tasks, task = np.unique(crowd.task, return_inverse=True)
    workers, worker = np.unique(crowd.worker, return_inverse=True)
    labels, label = np.unique(crowd.label, return_inverse=True)
    row_of = {name: row for row, name in enumerate(tasks.tolist())}
    label_of = {name: row for row, name in enumerate(labels.tolist())}
    kept = [name for name in crowd.gold if name in row_of]
    votes = ours.Votes.of(
        task, worker, label, task_count=len(tasks), annotator_count=len(workers), label_count=len(labels)
    )
    return _Known(
        votes,
        np.array([row_of[name] for name in kept]),
        np.array([label_of.get(crowd.gold[name], -1) for name in kept]),
    )


def _orders(votes: int) -> int:
    """Few votes make noisy losses and cheap replays."""
    return 1 if votes > _MANY_VOTES else 4 if votes < _FEW_VOTES else 2


def replayed(known: _Known, order: int) -> Result:
    """Try every rule on one order of the votes."""
    votes, total = known.votes, known.votes.vote_count
    mean = max(2, round(total / votes.task_count))
    each = int(np.bincount(votes.task).max())
    full = known.accuracy(np.ones(total, dtype=np.bool_))

    def lost(kept: np.ndarray) -> list[tuple[float, float]]:
        return [(float(kept.mean()), 100.0 * (full - known.accuracy(kept)))]

    found: Result = {}
    level = _levels(votes, order)
    for share in _BUDGETS:
        found[f"fixed overlap, {share:.0%}"] = lost(level < share)
    for by_skill, way in _WAYS:

        def asked(rule: StoppingRule, *, by_skill: bool = by_skill) -> Replay:
            return replay(votes, rule, np.random.default_rng(order), by_skill=by_skill)

        # ordered by need alone, the bound of votes of a task is its own number of them
        greedy = asked(StoppingRule(most_votes=each, enough=None, budget=round(max(_BUDGETS) * total)))
        for share in _BUDGETS:
            found[f"greedy budget, {share:.0%}{way}"] = lost(greedy.first(round(share * total)))
        for enough in _THRESHOLDS:
            rule = StoppingRule(most_votes=each, planned_votes=mean, enough=enough)
            found[f"enough at {enough:.2f}{way}"] = lost(asked(rule).kept)
    return found


def _levels(votes: ours.Votes, order: int) -> np.ndarray:
    """``[votes]`` at which share of its task's votes each comes, in a random order; ties of tasks fall at random."""
    rng = np.random.default_rng(order)
    shuffled = rng.permutation(votes.vote_count)
    sequence = shuffled[np.argsort(votes.task[shuffled], kind="stable")]
    total = np.bincount(votes.task, minlength=votes.task_count)
    first = np.cumsum(total) - total
    place = np.empty(votes.vote_count)
    place[sequence] = np.arange(votes.vote_count) - first[votes.task[sequence]]
    return np.asarray((place + rng.random(votes.task_count)[votes.task]) / total[votes.task])


def run(crowds: Iterable[CrowdSet]) -> dict[str, Any]:
    """Replay every set with votes enough, printing the table."""
    found: dict[str, Result] = {}
    begun = time.process_time()
    for crowd in crowds:
        if len(crowd.task) < _LEAST_MEAN * len(set(crowd.task)):
            continue
        known = _known(crowd)
        for order in range(_orders(known.votes.vote_count)):
            for rule, points in replayed(known, order).items():
                found.setdefault(rule, {}).setdefault(crowd.name, []).extend(points)
    if not found:
        return {}
    cpu_s = time.process_time() - begun
    print(
        f"\nstopping, {len(next(iter(found.values())))} sets               votes   points lost        worst set"
    )
    rows = {rule: _row(sets) for rule, sets in found.items()}
    for rule, row in rows.items():
        print(
            f"{rule:<34} {row['share']:6.1%}  {row['lost']:6.2f} +- {row['standard_error']:.2f}"
            f"   {row['worst']:6.2f} {row['worst_set']}"
        )
    print(f"{cpu_s:.0f} s of CPU")
    return {"rules": rows, "sets": {rule: _plain(sets) for rule, sets in found.items()}, "cpu_s": cpu_s}


def _plain(sets: Result) -> dict[str, dict[str, float]]:
    return {name: {"share": _mean(points, 0), "lost": _mean(points, 1)} for name, points in sets.items()}


def _mean(points: list[tuple[float, float]], column: int) -> float:
    return float(np.mean([point[column] for point in points]))


def _row(sets: Result) -> dict[str, Any]:
    lost = {name: _mean(points, 1) for name, points in sets.items()}
    variance = [
        float(np.var([point[1] for point in points], ddof=1)) / len(points)
        for points in sets.values()
        if len(points) > 1
    ]
    worst = max(lost, key=lambda name: lost[name])
    return {
        "share": float(np.mean([_mean(points, 0) for points in sets.values()])),
        "lost": float(np.mean(list(lost.values()))),
        "standard_error": float(np.sqrt(sum(variance))) / len(sets),
        "worst": lost[worst],
        "worst_set": worst,
    }
