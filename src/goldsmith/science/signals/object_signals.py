"""All signals from marked objects, in one call."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.arrays import FloatArray, IntArray, as_indices
from goldsmith.science.marks import Looks, Marks
from goldsmith.science.matching import cluster_marks
from goldsmith.science.segments import sum_by
from goldsmith.science.signals.blind_marks import blind_marks
from goldsmith.science.signals.copying import answer_rows, judge_pairs
from goldsmith.science.signals.drift import drift
from goldsmith.science.signals.findings import all_signals
from goldsmith.science.signals.lines import COUNT, PLACE, as_aspect, shared_lines, straight_lining, worst_of
from goldsmith.science.signals.object_view import ObjectView, view_of_objects
from goldsmith.science.signals.others import view_of_others
from goldsmith.science.signals.outlines import outline_rows
from goldsmith.science.signals.speed import too_fast
from goldsmith.science.signals.types import Drift, Signals, SignalSettings, Spam, StraightLining
from goldsmith.science.skill import AGREEMENT_WEIGHT
from goldsmith.science.votes.table import Votes

_MOST_MARKS = 30
"""Images with more marks are counted as if they had so many."""
_PLACE_PX = 4.0
_REPEATED_ON = 3
_MOST_DECISIONS = 8.0
_TRUST_SWEEPS = 2


def object_signals(
    marks: Marks,
    looks: Looks,
    *,
    annotator_count: int,
    class_count: int,
    seconds: ArrayLike | None = None,
    submitted: ArrayLike | None = None,
    gold: Marks | None = None,
    gold_images: ArrayLike = (),
    object_of_mark: ArrayLike | None = None,
    settings: SignalSettings | None = None,
) -> Signals:
    """Whose marks deserve a look, and why.

    Args:
        marks: What was marked.
        looks: Who looked at which image, each look once.
        annotator_count: Number of annotators.
        class_count: Number of classes.
        seconds: ``[looks]`` active time of each, NaN where unknown.
        submitted: ``[looks]`` when each was handed in, in any unit, NaN where unknown.
        gold: True objects of some images; their ``annotator`` plays no part.
        gold_images: Images whose true objects are all in ``gold``, also those that have none.
        object_of_mark: ``[marks]`` from ``cluster_marks``, when already made; made anew where there is gold.
        settings: Where alarms begin.

    Returns:
        All signals with their findings; tasks are images.

    Raises:
        InvalidInputError: Columns of another length, or an index out of range.

    >>> rng = np.random.default_rng(0)
    >>> image, who = np.repeat(np.arange(40), 5), np.tile(np.arange(5), 40)
    >>> corner = rng.uniform(0, 400, (40, 2))[image] + rng.normal(0, 1.5, (200, 2))
    >>> corner[who == 3] = rng.uniform(0, 400, (40, 2))
    >>> marks = Marks.of(image=image, annotator=who, class_index=np.zeros(200, dtype=int),
    ...                  box_xyxy=np.c_[corner, corner + 40])
    >>> seen = object_signals(marks, Looks.of(image=image, annotator=who), annotator_count=5, class_count=1)
    >>> [(finding.annotator, finding.signal.value) for finding in seen.findings]
    [(3, 'spam')]
    """
    chosen = settings or SignalSettings()
    as_indices("looks.annotator", looks.annotator, below=annotator_count)
    as_indices("marks.annotator", marks.annotator, below=annotator_count)
    as_indices("marks.class_index", marks.class_index, below=class_count)
    spent, times = _column("seconds", seconds, looks), _column("submitted", submitted, looks)
    images = np.unique(as_indices("gold_images", gold_images))
    everything, objects = _with_gold(marks, gold, images, object_of_mark, annotator_count)
    own = objects[: len(marks)]
    view, spam = _trusted_view(marks, everything, objects, looks, images, annotator_count, chosen)
    votes = _class_votes(marks, own, annotator_count, class_count)
    image_of = np.zeros(votes.task_count, dtype=np.int64)
    image_of[own] = marks.image
    mark_times = _of_marks(marks, looks, times, annotator_count)
    answers = answer_rows(view_of_others(votes), mark_times, settings=chosen)
    pairs = [
        outline_rows(marks, own, mark_times, annotator_count=annotator_count, settings=chosen),
        replace(answers, task=image_of[answers.task]),
    ]
    return all_signals(
        too_fast=too_fast(
            looks.image,
            looks.annotator,
            spent,
            annotator_count=annotator_count,
            size=_usual_marks(view, int(looks.image.max(initial=-1)) + 1),
            settings=chosen,
        ),
        straight_lining=_lines(marks, view, votes, image_of, annotator_count, chosen),
        copying=judge_pairs(pairs, annotator_count=annotator_count, settings=chosen),
        drift=_drift(view, times, annotator_count, chosen),
        spam=spam,
        settings=chosen,
    )


def _with_gold(
    marks: Marks,
    gold: Marks | None,
    images: IntArray,
    object_of_mark: ArrayLike | None,
    gold_annotator: int,
) -> tuple[Marks, IntArray]:
    """All marks, gold's as those of one more annotator, and the object of each."""
    if gold is not None and len(gold):
        rows = np.flatnonzero(np.isin(gold.image, images))
        truth = gold.at(rows, annotator=np.full(rows.size, gold_annotator))
        everything = marks.joined(truth)
        return everything, cluster_marks(everything)
    if object_of_mark is None:
        return marks, cluster_marks(marks)
    return marks, as_indices("object_of_mark", object_of_mark, length=len(marks))


def _trusted_view(
    marks: Marks,
    everything: Marks,
    objects: IntArray,
    looks: Looks,
    images: IntArray,
    annotator_count: int,
    settings: SignalSettings,
) -> tuple[ObjectView, Spam]:
    """Who says nothing is not asked about the others: views and spam are found in turns."""
    trust = np.ones(annotator_count)
    for sweep in range(_TRUST_SWEEPS):
        view = view_of_objects(everything, looks, object_of_mark=objects, trust=trust, gold_images=images)
        spam = blind_marks(marks, view, annotator_count=annotator_count, settings=settings)
        trust = 1.0 - spam.posterior
        if sweep + 1 == _TRUST_SWEEPS or (trust > 0.5).all():
            return view, spam
    raise AssertionError("unreachable: the last sweep returns")


def _class_votes(marks: Marks, objects: IntArray, annotator_count: int, class_count: int) -> Votes:
    return Votes.of(
        objects,
        marks.annotator,
        marks.class_index,
        task_count=int(objects.max(initial=-1)) + 1,
        annotator_count=annotator_count,
        label_count=max(class_count, 1),
    )


def _of_marks(marks: Marks, looks: Looks, column: FloatArray, annotator_count: int) -> FloatArray:
    """``[marks]`` a column of looks."""
    key = looks.image * annotator_count + looks.annotator
    wanted = marks.image * annotator_count + marks.annotator
    if not key.size:
        return np.full(wanted.size, np.nan)
    order = np.argsort(key, kind="stable")
    at = np.minimum(np.searchsorted(key[order], wanted), key.size - 1)
    return np.where(key[order][at] == wanted, column[order][at], np.nan)


def _usual_marks(view: ObjectView, image_count: int) -> FloatArray:
    """``[images]`` mean number of marks."""
    size = max(image_count, int(view.image.max(initial=-1)) + 1)
    return np.asarray(
        sum_by(view.image, view.marked, size=size) / np.maximum(sum_by(view.image, None, size=size), 1.0)
    )


def _lines(
    marks: Marks,
    view: ObjectView,
    votes: Votes,
    image_of: IntArray,
    annotator_count: int,
    settings: SignalSettings,
) -> StraightLining:
    """The favourite class, the favourite number of marks, and the same mark at the same place."""
    counts = np.minimum(view.marked, _MOST_MARKS).astype(np.int64)
    numbers = Votes.of(
        view.image,
        view.annotator,
        counts,
        task_count=int(view.image.max(initial=-1)) + 1,
        annotator_count=annotator_count,
        label_count=_MOST_MARKS + 1,
    )
    classes = straight_lining(votes, settings=settings)
    images = {
        who: tuple(dict.fromkeys(image_of[list(tasks)].tolist())) for who, tasks in classes.tasks.items()
    }
    return worst_of(
        [
            replace(classes, tasks=images),
            as_aspect(straight_lining(numbers, settings=settings), COUNT),
            _repeated_places(marks, annotator_count, settings),
        ],
        settings,
    )


def _repeated_places(marks: Marks, annotator_count: int, settings: SignalSettings) -> StraightLining:
    """Marks that one person has at the same place on several images, against others' on these images."""
    place = np.floor(marks.box_xyxy / _PLACE_PX).astype(np.int64)
    table = np.column_stack([marks.annotator, marks.class_index, place])
    _, slot, count = np.unique(table, axis=0, return_inverse=True, return_counts=True)
    is_repeated = (count[slot.reshape(-1)] >= _REPEATED_ON).astype(np.float64)
    images = int(marks.image.max(initial=-1)) + 1
    key = marks.image * annotator_count + marks.annotator
    found, of_look = np.unique(key, return_inverse=True)
    own, own_count = sum_by(of_look, is_repeated, size=found.size), sum_by(of_look, None, size=found.size)
    all_, all_count = sum_by(marks.image, is_repeated, size=images), sum_by(marks.image, None, size=images)
    others = all_count[marks.image] - own_count[of_look]
    kept = np.flatnonzero(others > 0.0)
    usual = (all_[marks.image] - own[of_look])[kept] / others[kept]
    return shared_lines(
        task=marks.image[kept],
        annotator=marks.annotator[kept],
        answer=marks.class_index[kept],
        own=is_repeated[kept],
        usual=usual,
        others=others[kept],
        annotator_count=annotator_count,
        aspect=PLACE,
        settings=settings,
    )


def _drift(view: ObjectView, times: FloatArray, annotator_count: int, settings: SignalSettings) -> Drift:
    """Share of decisions right on each image, against the others' on the same image."""
    decisions = view.solid + view.marked - view.supported
    rows = np.flatnonzero(view.is_judged & (decisions > 0.0) & (view.row >= 0))
    right = view.right[rows] / decisions[rows]
    image = view.image[rows]
    size = int(image.max(initial=-1)) + 1
    level = float(right.mean()) if rows.size else 0.0
    total, count = sum_by(image, right, size=size), sum_by(image, None, size=size)
    expected = (total[image] - right + level) / count[image]
    mass = np.minimum(decisions[rows], _MOST_DECISIONS)
    return drift(
        right,
        view.annotator[rows],
        times[view.row[rows]],
        annotator_count=annotator_count,
        expected=expected,
        weight=mass * np.where(view.on_gold[rows], 1.0, AGREEMENT_WEIGHT),
        task=image,
        settings=settings,
    )


def _column(name: str, values: ArrayLike | None, looks: Looks) -> FloatArray:
    if values is None:
        return np.full(looks.image.size, np.nan)
    column = np.asarray(values, dtype=np.float64)
    if column.shape != (looks.image.size,):
        raise InvalidInputError(
            f"{name} has the shape {list(column.shape)} where [{looks.image.size}] is needed"
        )
    return column
