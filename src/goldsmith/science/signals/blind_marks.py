"""Spam among people who mark objects: marks that nobody supports, and objects that are passed over."""

from __future__ import annotations

import numpy as np

from goldsmith.science.arrays import FloatArray, IntArray
from goldsmith.science.boxes import paired_box_iou
from goldsmith.science.marks import Marks
from goldsmith.science.segments import ragged_arange, rank_within_runs, run_starts, sum_by
from goldsmith.science.signals.object_view import ObjectView
from goldsmith.science.signals.spam import MOST_ATTENTION, SHARES, attention_ratio, spam_posterior
from goldsmith.science.signals.testing import (
    benjamini_hochberg,
    clearest_tasks,
    evidence_p_value,
    median_of,
)
from goldsmith.science.signals.types import SignalSettings, Spam

_WITHIN_IMAGE = 0.5
"""Marks of one image are right or wrong together; they count this much of as many independent ones."""
_MOST_LOOKS = 40
_CHANCE_IOU = 0.5
_LEAST_CHANCE = 0.01


def blind_marks(marks: Marks, view: ObjectView, *, annotator_count: int, settings: SignalSettings) -> Spam:
    """Whose marks say nothing about the images.

    As for votes, somebody looks at a share of the images and does there as this crowd does; on the rest, marks meet
    objects only by chance. The chance is each person's own: how often these marks, moved to other images of the same
    person, meet what others marked there, so that neither a good guess where things usually are nor the same boxes on
    every image pass for looking.

    Args:
        marks: What was marked, by people.
        view: The same, judged by the others.
        annotator_count: Number of annotators.
        settings: Where alarms begin.
    """
    rows = np.flatnonzero(view.is_judged)
    who = view.annotator[rows]
    marked, supported, solid, found = (
        sum_by(who, column[rows], size=annotator_count)
        for column in (view.marked, view.supported, view.solid, view.found)
    )
    looked = np.bincount(who, minlength=annotator_count)
    count = marked + solid
    tested = (looked >= settings.least_answers) & (count >= settings.least_answers)
    by_chance, found_by_chance = _by_chance(marks, view, rows, annotator_count)
    able, able_found = _able(supported, marked, tested), _able(found, solid, tested)
    log_likelihood = np.empty((annotator_count, SHARES.size))
    for column, share in enumerate(SHARES):
        log_likelihood[:, column] = _WITHIN_IMAGE * (
            _log_binomial(supported, marked, share * able + (1.0 - share) * by_chance)
            + _log_binomial(found, solid, share * able_found + (1.0 - share) * found_by_chance)
        )
    log_ratio = attention_ratio(log_likelihood, tested)
    p_value = np.where(tested, evidence_p_value(log_ratio), 1.0)
    adjusted = benjamini_hochberg(p_value, tested)
    is_empty = SHARES[log_likelihood.argmax(axis=1)] <= MOST_ATTENTION
    is_alarm = tested & (adjusted <= settings.false_discovery) & is_empty
    agreement = np.where(marked > 0.0, supported / np.maximum(marked, 1.0), np.nan)
    found_share = np.where(solid > 0.0, found / np.maximum(solid, 1.0), np.nan)
    doubt = view.marked[rows] - view.supported[rows] + view.solid[rows] - view.found[rows]
    return Spam(
        p_value=p_value,
        adjusted=adjusted,
        is_alarm=is_alarm,
        posterior=np.where(tested, spam_posterior(log_ratio), spam_posterior(np.zeros(annotator_count))),
        answers=count.astype(np.int64),
        information=np.full(annotator_count, np.nan),
        usual_information=float("nan"),
        agreement=agreement,
        chance_agreement=by_chance,
        usual_agreement=median_of(agreement[tested]),
        found=found_share,
        usual_found=median_of(found_share[tested]),
        tasks=clearest_tasks(who, view.image[rows], doubt, of=np.flatnonzero(is_alarm)),
    )


def _able(right: FloatArray, total: FloatArray, tested: np.ndarray) -> float:
    """Share right of the better half of the crowd."""
    known = tested & (total > 0.0)
    if not known.any():
        return 0.8
    share = right[known] / total[known]
    better = share >= np.median(share)
    return float(np.clip(np.median(share[better]), 0.3, 0.98))


def _log_binomial(right: FloatArray, total: FloatArray, share: FloatArray) -> FloatArray:
    inside = np.clip(share, 1e-4, 1.0 - 1e-4)
    return np.asarray(right * np.log(inside) + (total - right) * np.log1p(-inside))


def _by_chance(
    marks: Marks, view: ObjectView, rows: IntArray, annotator_count: int
) -> tuple[FloatArray, FloatArray]:
    """How often marks of each person, moved half of their images on, meet objects, and objects them."""
    order = rows[np.argsort(view.annotator[rows], kind="stable")]
    who = view.annotator[order]
    starts = run_starts(who)
    lengths = np.diff(np.r_[starts, who.size])
    size, place = np.repeat(lengths, lengths), rank_within_runs(who)
    step = np.maximum(size // _MOST_LOOKS, 1)
    picked = np.flatnonzero((place % step == 0) & (size > 1))
    moved = np.repeat(starts, lengths)[picked] + (place[picked] + size[picked] // 2) % size[picked]
    from_look, to_image = order[picked], view.image[order[moved]]
    # the marks of each look, and the solid objects of where they are moved to
    people = annotator_count
    mark_key = marks.image * people + marks.annotator
    sorted_marks = np.argsort(mark_key, kind="stable")
    own, own_count = _slices(
        mark_key[sorted_marks], view.image[from_look] * people + view.annotator[from_look]
    )
    solid = np.flatnonzero(view.object_solid)
    solid = solid[np.argsort(view.object_image[solid], kind="stable")]
    there, there_count = _slices(view.object_image[solid], to_image)
    met, was_met = np.zeros(own.size), np.zeros(there.size)
    # all pairs of one look's marks and the objects there
    own_look = np.repeat(np.arange(picked.size), own_count)
    there_start = np.cumsum(there_count) - there_count
    one = np.repeat(np.arange(own.size), there_count[own_look])
    other = np.repeat(there_start[own_look], there_count[own_look]) + ragged_arange(there_count[own_look])
    hit = (
        paired_box_iou(marks.box_xyxy[sorted_marks[own[one]]], view.object_box[solid[there[other]]])
        >= _CHANCE_IOU
    )
    met[one[hit]] = 1.0
    was_met[other[hit]] = 1.0
    owner = view.annotator[from_look]
    shares = []
    for flags, counts in ((met, own_count), (was_met, there_count)):
        person = np.repeat(owner, counts)
        total = sum_by(person, None, size=people)
        shares.append(np.maximum(sum_by(person, flags, size=people) / (total + 1.0), _LEAST_CHANCE))
    return shares[0], shares[1]


def _slices(sorted_keys: IntArray, wanted: IntArray) -> tuple[IntArray, IntArray]:
    """Positions of each wanted key in sorted keys, one after the other, and how many each has."""
    begin = np.searchsorted(sorted_keys, wanted, side="left")
    counts = np.searchsorted(sorted_keys, wanted, side="right") - begin
    return np.repeat(begin, counts) + ragged_arange(counts), counts
