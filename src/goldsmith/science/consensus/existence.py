"""Whether an object that somebody marked is really there: capture and recapture.

Marked or not marked is no vote between two labels: nobody votes on what nobody saw, and a lone mark may be a find or a
false alarm. So each annotator has a detection rate, measured on what somebody else found or gold knows (recapture), and
a rate of false alarms, measured on the lone marks that exceed what detection rates explain. An object marked by several
is false only through shared error, whose rate starts from a prior and is taught by gold alone. Rates are per stratum
(class and size), drawn towards the annotator's and the stratum's own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from goldsmith.science.arrays import BoolArray, FloatArray, IntArray
from goldsmith.science.segments import sum_by


@dataclass(frozen=True, slots=True)
class Sightings:
    """Each object with everybody who looked at its image: one row per object and onlooker.

    Attributes:
        object_index: ``[rows]`` ascending.
        annotator: ``[rows]``.
        marked: ``[rows]`` whether the onlooker marked the object.
        stratum: ``[objects]`` kind of object, for rates.
        known: ``[objects]`` 1 is in gold, 0 is not in gold, -1 unknown.
        informative: ``[objects]`` whether somebody else, or gold, can tell about the marks on this image. A lone
            onlooker's marks are judged by what is known of them, and teach nothing.
        looked: ``[annotators]`` informative images each annotator looked at.
        informative_images: Number of such images.
        all_looks: Looks at any image.
    """

    object_index: IntArray
    annotator: IntArray
    marked: BoolArray
    stratum: IntArray
    known: IntArray
    informative: BoolArray
    looked: FloatArray
    informative_images: int
    all_looks: int


@dataclass(frozen=True, slots=True)
class ExistencePriors:
    """Priors in units of objects (rates) and images (false alarms).

    Few onlookers an image leave a ridge along which more false alarms and better eyes explain the marks as well; the
    crowd's priors hold the fit near what is usual there, and fade where three or more look.

    Attributes:
        detection_rate: Of anybody, before any evidence.
        precision: Share of all marks that are taken for real before any evidence.
        shared_error: Chance that another onlooker shares a false alarm, before gold.
        crowd: Weight of the priors of the crowd's rates.
        annotator: Weight of the crowd's rate for an annotator.
        stratum: Weight of annotator's and stratum's rate for their combination.
        shared: Weight of ``shared_error``.
    """

    detection_rate: float = 0.75
    precision: float = 0.92
    shared_error: float = 0.03
    crowd: float = 60.0
    annotator: float = 6.0
    stratum: float = 40.0
    shared: float = 100.0


@dataclass(frozen=True, slots=True)
class ExistenceRates:
    """What EM learnt. The last row stands for an annotator nobody knows yet.

    Attributes:
        detection: ``[annotators + 1, strata]`` probability to mark a real object.
        false_alarms: ``[annotators + 1, strata]`` expected false marks per image.
        objects: ``[strata]`` expected real objects per image, marked or not.
        shared_error: Probability that an onlooker shares somebody else's false alarm.
    """

    detection: FloatArray
    false_alarms: FloatArray
    objects: FloatArray
    shared_error: float


def fit_existence(
    sightings: Sightings,
    *,
    stratum_count: int,
    priors: ExistencePriors | None = None,
    max_iterations: int = 60,
    tolerance: float = 1e-4,
) -> tuple[ExistenceRates, FloatArray]:
    """Estimate rates and existence together.

    Args:
        sightings: Objects and onlookers.
        stratum_count: Number of strata.
        priors: Priors.
        max_iterations: EM sweeps at most.
        tolerance: EM stops when no posterior moves by more.

    Returns:
        The rates, and ``[objects]`` the probability of existence from the marks (also for objects known from gold).
    """
    chosen = priors or ExistencePriors()
    support = sum_by(sightings.object_index, sightings.marked, size=sightings.known.size)
    onlookers = sum_by(sightings.object_index, None, size=sightings.known.size)
    lone = np.where(onlookers > 1, chosen.precision / 2.0, chosen.precision)
    posterior = np.where(support >= 2, 0.98, lone)
    exists = _with_gold(posterior, sightings.known)
    rates = _rates(sightings, exists, support, stratum_count=stratum_count, priors=chosen)
    for _ in range(max_iterations):
        posterior = existence_posterior(sightings, rates)
        updated = _with_gold(posterior, sightings.known)
        moved = float(np.abs(updated - exists).max(initial=0.0))
        exists = updated
        rates = _rates(sightings, exists, support, stratum_count=stratum_count, priors=chosen)
        if moved < tolerance:
            break
    return rates, existence_posterior(sightings, rates)


def existence_posterior(sightings: Sightings, rates: ExistenceRates) -> FloatArray:
    """Probability that each object exists, given fixed rates; ``[objects]``.

    Annotators beyond the known ones are judged as the unknown annotator.
    """
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(existence_log_odds(sightings, rates), -60.0, 60.0))))


def existence_log_odds(sightings: Sightings, rates: ExistenceRates) -> FloatArray:
    """Log odds of existence, ``[objects]``; 0 for an object without onlookers."""
    size = sightings.known.size
    row = np.minimum(sightings.annotator, len(rates.detection) - 1)
    stratum = sightings.stratum[sightings.object_index]
    detection = rates.detection[row, stratum]
    told = np.where(sightings.marked, np.log(detection), np.log1p(-detection))
    real = sum_by(sightings.object_index, told, size=size) + np.log(rates.objects[sightings.stratum])
    support = sum_by(sightings.object_index, sightings.marked, size=size)
    onlookers = sum_by(sightings.object_index, None, size=size)
    alarms = sum_by(sightings.object_index, rates.false_alarms[row, stratum] * sightings.marked, size=size)
    shared, alone = np.log(rates.shared_error), np.log1p(-rates.shared_error)
    with np.errstate(divide="ignore"):
        false = np.log(alarms / np.maximum(support, 1.0))
    false = false + (support - 1.0) * shared + (onlookers - support) * alone
    return np.where(support > 0, real - false, 0.0)


def chance_to_be_marked(sightings: Sightings, rates: ExistenceRates) -> FloatArray:
    """Probability that at least one onlooker marks an object like each of these; ``[objects]``."""
    row = np.minimum(sightings.annotator, len(rates.detection) - 1)
    missed = np.log1p(-rates.detection[row, sightings.stratum[sightings.object_index]])
    return -np.expm1(sum_by(sightings.object_index, missed, size=sightings.known.size))


def _rates(
    sightings: Sightings,
    exists: FloatArray,
    support: FloatArray,
    *,
    stratum_count: int,
    priors: ExistencePriors,
) -> ExistenceRates:
    detection = _detection(sightings, exists, support, stratum_count=stratum_count, priors=priors)
    false_alarms = _false_alarms(sightings, exists, support, stratum_count=stratum_count, priors=priors)
    shared = _shared_error(sightings, exists, support, priors=priors)
    rates = ExistenceRates(detection, false_alarms, np.ones(stratum_count), shared)
    told = sightings.informative & (support > 0)
    seen = np.where(told, exists / np.maximum(chance_to_be_marked(sightings, rates), 1e-3), 0.0)
    objects = np.bincount(sightings.stratum, weights=seen, minlength=stratum_count)
    before = _marks_per_look(sightings) * priors.precision / priors.detection_rate
    prior = priors.crowd * before * _kind_shares(sightings, support, stratum_count=stratum_count)
    images = sightings.informative_images
    return ExistenceRates(detection, false_alarms, (objects + prior) / (images + priors.crowd), shared)


def _detection(
    sightings: Sightings,
    exists: FloatArray,
    support: FloatArray,
    *,
    stratum_count: int,
    priors: ExistencePriors,
) -> FloatArray:
    """Share that each annotator marked of what is real and was found by somebody else or gold."""
    people = sightings.looked.size
    of_object = sightings.object_index
    by_others = (support[of_object] - sightings.marked) > 0
    weight = exists[of_object] * (by_others | (sightings.known[of_object] == 1))
    key = sightings.annotator * stratum_count + sightings.stratum[of_object]
    shape = (people, stratum_count)
    tried = sum_by(key, weight, size=people * stratum_count).reshape(shape)
    hit = sum_by(key, weight * sightings.marked, size=people * stratum_count).reshape(shape)
    crowd = (hit.sum() + priors.crowd * priors.detection_rate) / (tried.sum() + priors.crowd)
    person = (hit.sum(axis=1) + priors.annotator * crowd) / (tried.sum(axis=1) + priors.annotator)
    kind = (hit.sum(axis=0) + priors.annotator * crowd) / (tried.sum(axis=0) + priors.annotator)
    towards = _expit(_logit(np.r_[person, crowd])[:, None] + _logit(kind) - _logit(np.array(crowd)))
    hit, tried = np.vstack([hit, np.zeros(stratum_count)]), np.vstack([tried, np.zeros(stratum_count)])
    rate = (hit + priors.stratum * towards) / (tried + priors.stratum)
    return np.clip(rate, 0.01, 0.995)


def _false_alarms(
    sightings: Sightings,
    exists: FloatArray,
    support: FloatArray,
    *,
    stratum_count: int,
    priors: ExistencePriors,
) -> FloatArray:
    """False marks per image of each annotator and stratum."""
    people = sightings.looked.size
    of_object = sightings.object_index
    blame = (1.0 - exists) * sightings.informative / np.maximum(support, 1.0)
    blame = blame[of_object] * sightings.marked
    key = sightings.annotator * stratum_count + sightings.stratum[of_object]
    alarms = sum_by(key, blame, size=people * stratum_count).reshape(people, stratum_count)
    looks = sightings.looked
    before = _marks_per_look(sightings) * (1.0 - priors.precision)
    crowd = (alarms.sum() + priors.crowd * before) / (looks.sum() + priors.crowd)
    person = (alarms.sum(axis=1) + priors.annotator * crowd) / (looks + priors.annotator)
    kinds = _kind_shares(sightings, support, stratum_count=stratum_count)
    crowd_share = alarms.sum(axis=0) + priors.stratum * kinds
    crowd_share /= crowd_share.sum()
    share = alarms + priors.stratum * crowd_share
    share /= share.sum(axis=1, keepdims=True)
    known = person[:, None] * share
    return np.asarray(np.maximum(np.vstack([known, crowd * crowd_share]), 1e-9))


def _shared_error(
    sightings: Sightings, exists: FloatArray, support: FloatArray, *, priors: ExistencePriors
) -> float:
    """How often onlookers share a false alarm, counted on gold images only."""
    onlookers = sum_by(sightings.object_index, None, size=exists.size)
    false = (sightings.known == 0) & (support > 0)
    joined = float((support[false] - 1.0).sum())
    chances = float((onlookers[false] - 1.0).sum())
    return (joined + priors.shared * priors.shared_error) / (chances + priors.shared)


def _marks_per_look(sightings: Sightings) -> float:
    return max(float(sightings.marked.sum()) / max(float(sightings.all_looks), 1.0), 0.1)


def _kind_shares(sightings: Sightings, support: FloatArray, *, stratum_count: int) -> FloatArray:
    """How the marks spread over the strata; ``[strata]``, sums to 1."""
    kinds = np.bincount(sightings.stratum, weights=support, minlength=stratum_count) + 1.0
    return np.asarray(kinds / kinds.sum())


def _with_gold(posterior: FloatArray, known: IntArray) -> FloatArray:
    return np.where(known >= 0, known.astype(np.float64), posterior)


def _logit(p: FloatArray) -> FloatArray:
    bounded = np.clip(p, 1e-3, 1.0 - 1e-3)
    return np.asarray(np.log(bounded) - np.log1p(-bounded))


def _expit(x: FloatArray) -> FloatArray:
    return np.asarray(1.0 / (1.0 + np.exp(-x)))
