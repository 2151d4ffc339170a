"""How sure the votes on a task are, in time to decide on the next one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.arrays import BoolArray, FloatArray, as_floats
from goldsmith.science.votes import LabelConsensus, Votes, better_by, crowd_confusion, foreseen, one_coin
from goldsmith.science.votes.evidence import some_tasks

TRUST = 0.7
"""Weight of the model's posterior beside the shares of the votes; chosen on open sets of real votes among 0.35, 0.5,
0.7 and 0.85."""
_EVIDENCE_VOTES = 10_000
_NEGLIGIBLE = 0.01
_SWEEPS = 6
_FEWEST, _LIVE_SHARE, _DOUBTFUL = 4, 0.3, 0.7

Family = tuple[float, LabelConsensus]
"""A fit, and its share in what is believed."""


def certainty(
    votes: Votes,
    *,
    weight: float | None = None,
    trust: float = TRUST,
    fitted: Sequence[Family] | None = None,
) -> FloatArray:
    """Say how probable it is that the leading label of each task is right.

    The weighed mean of what a model of the annotators says and of the smoothed share of the votes, which is
    ``(votes + 1/K) / (all + 1)``.
    The posterior alone must not drive stopping: EM is far too sure where people err together, and tasks that would have
    been put right are left. A few sweeps, so that it can be done after every batch.

    Args:
        votes: What has been said so far.
        weight: In [0, 1] share of the model with confusion matrices beside the one coin; see ``confusion_share``, which
            is asked when None.
        trust: In [0, 1] weight of the model.
        fitted: What ``families`` says of the same votes, where it is at hand; ``weight`` is then not asked for.

    Returns:
        ``[tasks]`` in [1/K, 1]; 1/K at least, about the share of the commonest label where nobody voted.

    Raises:
        InvalidInputError: A weight out of range.

    >>> votes = Votes.of([0, 0, 1, 1], [0, 1, 0, 1], [1, 1, 0, 1], task_count=2, annotator_count=2, label_count=2)
    >>> sure = certainty(votes)
    >>> bool(sure[0] > sure[1])
    True
    """
    if not 0.0 <= trust <= 1.0 or not 0.0 <= (0.5 if weight is None else weight) <= 1.0:
        raise InvalidInputError("weight and trust must lie in [0, 1]")
    if not votes.task_count or not votes.vote_count:
        return np.asarray(_smoothed(votes.counts).max(axis=1, initial=0.0))
    known = families(votes, weight=weight) if fitted is None else fitted
    posterior = sum((part * fit.posterior for part, fit in known), np.zeros_like(votes.counts))
    return sure_of(posterior, votes.counts, trust=trust)


def sure_of(posterior: FloatArray, counts: FloatArray, *, trust: float = TRUST) -> FloatArray:
    """Say how probable it is that the leading label is right, where a model's posterior is at hand; see ``certainty``.

    Args:
        posterior: ``[tasks, labels]`` bare, as a model of the annotators gives it.
        counts: ``[tasks, labels]`` how many voted for what.
        trust: In [0, 1] weight of the model.

    Returns:
        ``[tasks]`` in [1/K, 1].

    >>> sure_of(np.array([[0.0, 1.0]]), np.array([[0.0, 2.0]])).round(2).tolist()
    [0.95]
    """
    mixed = trust * posterior + (1.0 - trust) * _smoothed(counts)
    return np.asarray(np.minimum(mixed.max(axis=1), 1.0))


def _smoothed(counts: FloatArray) -> FloatArray:
    return np.asarray((counts + 1.0 / counts.shape[1]) / (counts.sum(axis=1, keepdims=True) + 1.0))


def families(votes: Votes, *, weight: float | None = None) -> list[Family]:
    """Fit the two families of models in a few sweeps, so that it can be done after every batch.

    Args:
        votes: What has been said so far.
        weight: In [0, 1] share of the model with confusion matrices beside the one coin; see ``confusion_share``, which
            is asked when None.

    Returns:
        Fits and their shares, which sum to 1; a family that hardly counts is left out.

    >>> votes = Votes.of([0, 0], [0, 1], [1, 1], task_count=1, annotator_count=2, label_count=2)
    >>> [share for share, _ in families(votes, weight=0.25)]
    [0.25, 0.75]
    """
    by_class = confusion_share(votes) if weight is None else weight
    if by_class < _NEGLIGIBLE:
        return [(1.0, one_coin(votes, sweeps=_SWEEPS))]
    if by_class > 1.0 - _NEGLIGIBLE:
        return [(1.0, crowd_confusion(votes))]
    return [(by_class, crowd_confusion(votes)), (1.0 - by_class, one_coin(votes, sweeps=_SWEEPS))]


def confusion_share(votes: Votes) -> float:
    """Say how far this crowd errs by class, by how well hidden votes are foretold with and without confusion matrices.

    The same choice as ``auto`` makes, on fewer votes; it changes slowly, so ask again when there are a tenth more.

    Returns:
        In [0, 1]; 0.5 where nothing can be told.

    >>> confusion_share(Votes.of([], [], [], task_count=0, annotator_count=0, label_count=2))
    0.5
    """
    from scipy.special import ndtr

    if not votes.vote_count:
        return 0.5
    sample = some_tasks(votes, most_votes=_EVIDENCE_VOTES)
    return float(ndtr(better_by(sample, foreseen(sample, crowd_confusion), foreseen(sample, one_coin))))


def ambiguous(votes: Votes, sure: FloatArray) -> BoolArray:
    """Say which tasks people honestly disagree about: more votes of the same people will not settle them.

    At least four votes, of which the second label holds three in ten, and no model that explains them away.

    Args:
        votes: What has been said so far.
        sure: ``[tasks]`` as ``certainty`` gives.

    Returns:
        ``[tasks]``.

    >>> votes = Votes.of([0] * 4, [0, 1, 2, 3], [0, 1, 0, 1], task_count=1, annotator_count=4, label_count=2)
    >>> ambiguous(votes, certainty(votes)).tolist()
    [True]
    """
    doubtful = as_floats("sure", sure, length=votes.task_count) < _DOUBTFUL
    if votes.label_count < 2:
        return np.zeros(votes.task_count, dtype=np.bool_)
    total = votes.counts.sum(axis=1)
    second = np.partition(votes.counts, -2, axis=1)[:, -2]
    return np.asarray(doubtful & (total >= _FEWEST) & (second >= _LIVE_SHARE * total))
