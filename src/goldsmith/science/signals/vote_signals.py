"""All signals from votes on one of K labels, in one call."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.arrays import FloatArray
from goldsmith.science.signals.copying import copying
from goldsmith.science.signals.drift import drift
from goldsmith.science.signals.findings import all_signals
from goldsmith.science.signals.lines import straight_lining
from goldsmith.science.signals.others import view_of_others
from goldsmith.science.signals.spam import spam
from goldsmith.science.signals.speed import too_fast
from goldsmith.science.signals.types import Signals, SignalSettings
from goldsmith.science.skill import AGREEMENT_WEIGHT
from goldsmith.science.votes.table import Votes


def vote_signals(
    votes: Votes,
    *,
    seconds: ArrayLike | None = None,
    submitted: ArrayLike | None = None,
    gold: ArrayLike | None = None,
    settings: SignalSettings | None = None,
) -> Signals:
    """Whose votes deserve a look, and why.

    Args:
        votes: The votes.
        seconds: ``[votes]`` active time of each, NaN where unknown; without it nobody is too fast.
        submitted: ``[votes]`` when each was handed in, in any unit, NaN where unknown; without it nobody drifts, and
            nothing tells who copied whom.
        gold: ``[tasks]`` known label, -1 where unknown.
        settings: Where alarms begin.

    Returns:
        All signals with their findings.

    Raises:
        InvalidInputError: Columns of another length.

    >>> rng = np.random.default_rng(0)
    >>> truth, who = rng.integers(0, 3, 90), np.repeat(np.arange(9), 90)
    >>> label = np.where(rng.random(810) < 0.8, np.tile(truth, 9), rng.integers(0, 3, 810))
    >>> label[who == 4] = 1
    >>> votes = Votes.of(np.tile(np.arange(90), 9), who, label, task_count=90, annotator_count=9, label_count=3)
    >>> sorted({finding.signal.value for finding in vote_signals(votes).of(4)})
    ['spam', 'straight_lining']
    """
    chosen = settings or SignalSettings()
    spent, times = _column("seconds", seconds, votes), _column("submitted", submitted, votes)
    view = view_of_others(votes, gold=gold)
    judged = np.flatnonzero(view.judged)
    usual = (view.expected * view.truth).sum(axis=1)
    return all_signals(
        too_fast=too_fast(
            votes.task, votes.annotator, spent, annotator_count=votes.annotator_count, settings=chosen
        ),
        straight_lining=straight_lining(
            votes, submitted=None if submitted is None else times, settings=chosen
        ),
        copying=copying(votes, submitted=times, view=view, settings=chosen),
        drift=drift(
            view.right[judged],
            votes.annotator[judged],
            times[judged],
            annotator_count=votes.annotator_count,
            expected=usual[judged],
            weight=np.where(view.on_gold[judged], 1.0, AGREEMENT_WEIGHT),
            task=votes.task[judged],
            settings=chosen,
        ),
        spam=spam(votes, view=view, settings=chosen),
        settings=chosen,
    )


def _column(name: str, values: ArrayLike | None, votes: Votes) -> FloatArray:
    if values is None:
        return np.full(votes.vote_count, np.nan)
    column = np.asarray(values, dtype=np.float64)
    if column.shape != (votes.vote_count,):
        raise InvalidInputError(
            f"{name} has the shape {list(column.shape)} where [{votes.vote_count}] is needed"
        )
    return column
