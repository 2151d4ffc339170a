"""How good each annotator is, as a distribution and never as a bare number.

The probability to be right is a Beta: a prior learnt from the crowd, gold answers at full weight, agreement with the
consensus at a discount. Agreement is cheap and everywhere but blind to errors that the crowd shares, so the discount
falls where an annotator's gold and agreement contradict each other. Gold is reported on its own beside the mixture:
pay and bans must not rest on agreement alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.arrays import BoolArray, FloatArray, IntArray, as_indices
from goldsmith.science.consensus.types import DetectionConsensus
from goldsmith.science.distributions import beta_quantile
from goldsmith.science.marks import Looks, Marks
from goldsmith.science.matching import cluster_marks
from goldsmith.science.segments import ragged_arange

AGREEMENT_WEIGHT = 0.3
"""What an agreement with the consensus is worth, in gold answers."""
_CONTRADICTION = 0.15
_STRENGTHS = (4.0, 40.0)


@dataclass(frozen=True, slots=True)
class Skill:
    """Skill of annotators, or of annotators by class; all arrays have one shape.

    Attributes:
        mean: Probability to be right.
        low: Lower end of the interval.
        high: Upper end.
        gold_right: Gold decisions that were right.
        gold_total: Gold decisions.
        agreement_right: Expected decisions that agree with the consensus.
        agreement_total: Decisions compared with the consensus.
        agreement_weight: What an agreement counted, in gold answers.
        enough: Whether there is evidence worth acting on (the interval is shorter than the crowd's spread allows).
    """

    mean: FloatArray
    low: FloatArray
    high: FloatArray
    gold_right: FloatArray
    gold_total: FloatArray
    agreement_right: FloatArray
    agreement_total: FloatArray
    agreement_weight: FloatArray
    enough: BoolArray


@dataclass(frozen=True, slots=True)
class SkillEvidence:
    """Decisions of annotators by class, ``[annotators, classes]`` each; may be weighted down with age.

    Attributes:
        gold_right: Right on gold.
        gold_total: Decided on gold.
        agreement_right: Expected right by the consensus.
        agreement_total: Compared with the consensus.
    """

    gold_right: FloatArray
    gold_total: FloatArray
    agreement_right: FloatArray
    agreement_total: FloatArray

    @classmethod
    def nothing(cls, annotator_count: int) -> SkillEvidence:
        """Return that of no class at all."""
        return cls(*(np.zeros((annotator_count, 0)) for _ in cls.__dataclass_fields__))

    @classmethod
    def side_by_side(cls, parts: Sequence[SkillEvidence]) -> SkillEvidence:
        """Put evidence of the same annotators about different things (classes, questions) into one table.

        >>> told = [SkillEvidence(*(np.full((3, n), 1.0) for _ in range(4))) for n in (2, 5)]
        >>> SkillEvidence.side_by_side(told).gold_right.shape
        (3, 7)
        """
        names = cls.__dataclass_fields__
        return cls(*(np.concatenate([getattr(part, name) for part in parts], axis=1) for name in names))

    def overall(self, *, agreement_weight: float = AGREEMENT_WEIGHT, interval: float = 0.8) -> Skill:
        """Skill of each annotator over all classes."""
        return annotator_skill(
            gold_right=self.gold_right.sum(axis=1),
            gold_total=self.gold_total.sum(axis=1),
            agreement_right=self.agreement_right.sum(axis=1),
            agreement_total=self.agreement_total.sum(axis=1),
            agreement_weight=agreement_weight,
            interval=interval,
        )


def annotator_skill(
    *,
    gold_right: ArrayLike,
    gold_total: ArrayLike,
    agreement_right: ArrayLike,
    agreement_total: ArrayLike,
    agreement_weight: float = AGREEMENT_WEIGHT,
    interval: float = 0.8,
) -> Skill:
    """Skill from evidence.

    Args:
        gold_right: ``[annotators]`` right answers on gold, may be fractional.
        gold_total: ``[annotators]`` answers on gold.
        agreement_right: ``[annotators]`` expected right answers by the consensus.
        agreement_total: ``[annotators]`` answers compared with it.
        agreement_weight: Worth of an agreement in gold answers, in [0, 1].
        interval: Probability inside the interval.

    Returns:
        The skill; an annotator without evidence has the crowd's distribution.

    Raises:
        InvalidInputError: Counts that cannot be.

    >>> skill = annotator_skill(gold_right=[48, 5], gold_total=[50, 10], agreement_right=[90, 60],
    ...                         agreement_total=[100, 100])
    >>> bool(skill.low[0] > skill.high[1])
    True
    """
    right, total = _evidence("gold", gold_right, gold_total)
    agreed, compared = _evidence("agreement", agreement_right, agreement_total)
    if right.shape != agreed.shape:
        raise InvalidInputError("gold and agreement must be of the same annotators")
    if not 0.0 <= agreement_weight <= 1.0 or not 0.0 < interval < 1.0:
        raise InvalidInputError("agreement_weight must lie in [0, 1] and interval in (0, 1)")
    weight = agreement_weight * _trust_in_agreement(right, total, agreed, compared)
    hits, tries = right + weight * agreed, total + weight * compared
    a, b = _crowd_prior(hits, tries)
    a_post, b_post = a + hits, b + tries - hits
    low, high = (beta_quantile(p, a_post, b_post) for p in ((1.0 - interval) / 2.0, (1.0 + interval) / 2.0))
    return Skill(
        mean=a_post / (a_post + b_post),
        low=low,
        high=high,
        gold_right=right,
        gold_total=total,
        agreement_right=agreed,
        agreement_total=compared,
        agreement_weight=weight,
        enough=tries >= a + b,
    )


def class_skill(
    evidence: SkillEvidence, *, agreement_weight: float = AGREEMENT_WEIGHT, interval: float = 0.8
) -> Skill:
    """Skill by class, ``[annotators, classes]``; ``enough`` says where a class has data of its own to speak of.

    Each class has its own crowd prior. Where few decisions stand behind an entry it stays near the crowd's.

    Args:
        evidence: Decisions by annotator and class.
        agreement_weight: Worth of an agreement in gold answers, in [0, 1].
        interval: Probability inside the interval.

    Raises:
        InvalidInputError: Counts that cannot be.

    >>> evidence = SkillEvidence(*(np.array([[n, n]]) for n in (9.0, 10.0, 0.0, 0.0)))
    >>> class_skill(evidence).mean.shape
    (1, 2)
    """
    columns = [
        annotator_skill(
            gold_right=evidence.gold_right[:, c],
            gold_total=evidence.gold_total[:, c],
            agreement_right=evidence.agreement_right[:, c],
            agreement_total=evidence.agreement_total[:, c],
            agreement_weight=agreement_weight,
            interval=interval,
        )
        for c in range(evidence.gold_right.shape[1])
    ]
    if not columns:
        raise InvalidInputError("skill by class needs at least one class")
    return Skill(
        *(
            np.stack([getattr(column, name) for column in columns], axis=1)
            for name in Skill.__dataclass_fields__
        )
    )


def label_evidence(
    task: ArrayLike,
    annotator: ArrayLike,
    label: ArrayLike,
    *,
    posterior: FloatArray,
    annotator_count: int,
    gold: ArrayLike | None = None,
) -> SkillEvidence:
    """Evidence from answers with one of K labels.

    Args:
        task: ``[votes]``.
        annotator: ``[votes]``.
        label: ``[votes]``.
        posterior: ``[tasks, labels]`` of the consensus.
        annotator_count: Number of annotators.
        gold: ``[tasks]`` known label, -1 where unknown.

    Returns:
        By true label: gold tasks count as gold; the others, if more than one person answered, as agreement.

    >>> told = label_evidence([0, 0], [0, 1], [1, 0], posterior=np.array([[0.2, 0.8]]), annotator_count=2)
    >>> told.agreement_right.round(1).tolist()
    [[0.0, 0.8], [0.2, 0.0]]
    """
    tasks = as_indices("task", task, below=len(posterior))
    who = as_indices("annotator", annotator, below=annotator_count, length=tasks.size)
    answer = as_indices("label", label, below=posterior.shape[1], length=tasks.size)
    known = np.full(len(posterior), -1) if gold is None else np.asarray(gold)
    shape = (annotator_count, posterior.shape[1])
    tables = [np.zeros(shape) for _ in range(4)]
    on_gold = known[tasks] >= 0
    truth = known[tasks[on_gold]]
    np.add.at(tables[0], (who[on_gold], truth), answer[on_gold] == truth)
    np.add.at(tables[1], (who[on_gold], truth), 1.0)
    shared = ~on_gold & (np.bincount(tasks, minlength=len(posterior))[tasks] > 1)
    np.add.at(tables[2], (who[shared], answer[shared]), posterior[tasks[shared], answer[shared]])
    np.add.at(tables[3], who[shared], posterior[tasks[shared]])
    return SkillEvidence(*tables)


def detection_evidence(
    marks: Marks,
    looks: Looks,
    consensus: DetectionConsensus,
    *,
    annotator_count: int,
    class_count: int,
    gold: Marks | None = None,
    gold_images: ArrayLike = (),
    min_iou: float = 0.5,
) -> SkillEvidence:
    """Evidence from marked objects: every real object in sight, and every false mark, is a decision.

    Right is a mark of the right class; wrong are a miss, a wrong class and a false alarm. Images with gold are judged
    by gold, at ``min_iou``; others that more than one annotator looked at by the consensus, in expectation.

    Args:
        marks: What was marked.
        looks: Who looked at which image.
        consensus: Made from these marks.
        annotator_count: Number of annotators.
        class_count: Number of classes.
        gold: True objects; their ``annotator`` plays no part.
        gold_images: Images whose true objects are all in ``gold``.
        min_iou: Overlap from which a gold object counts as found.

    Returns:
        Evidence by class: of the real object, or of the false mark.

    >>> from goldsmith.science.marks import Looks, Marks
    >>> marks = Marks.of(image=[0, 0, 0], annotator=[0, 1, 0], class_index=[0, 0, 1],
    ...                  box_xyxy=[[0, 0, 20, 20], [1, 0, 20, 21], [50, 50, 60, 60]])
    >>> looks = Looks.of(image=[0, 0], annotator=[0, 1])
    >>> from goldsmith.science.consensus import fit_detection_skill, resolve_detections
    >>> skill = fit_detection_skill(marks, looks, annotator_count=2, class_count=2)
    >>> consensus = resolve_detections(marks, looks, skill=skill)
    >>> gold = marks.at(np.array([0]))
    >>> told = detection_evidence(marks, looks, consensus, annotator_count=2, class_count=2, gold=gold, gold_images=[0])
    >>> told.gold_right.tolist(), told.gold_total.tolist()
    ([[1.0, 0.0], [1.0, 0.0]], [[1.0, 1.0], [1.0, 0.0]])
    """
    images = as_indices("gold_images", gold_images)
    looks = looks.with_marks(marks)
    tables = [np.zeros((annotator_count, class_count)) for _ in range(4)]
    _against_gold(tables[0], tables[1], marks, looks, gold, images, min_iou=min_iou)
    _against_consensus(tables[2], tables[3], marks, looks, consensus, images)
    return SkillEvidence(*tables)


def _against_gold(
    right: FloatArray,
    total: FloatArray,
    marks: Marks,
    looks: Looks,
    gold: Marks | None,
    images: IntArray,
    *,
    min_iou: float,
) -> None:
    """Each annotator's marks matched one-to-one with gold, all looks at gold images together."""
    people = len(right)
    look = np.unique((looks.image * people + looks.annotator)[np.isin(looks.image, images)])
    mine = np.flatnonzero(np.isin(marks.image, images))
    group = np.searchsorted(look, marks.image[mine] * people + marks.annotator[mine])
    both = marks.at(mine, image=group, annotator=np.zeros_like(mine))
    if gold is not None:
        order = np.argsort(gold.image, kind="stable")
        begin = np.searchsorted(gold.image[order], look // people, side="left")
        counts = np.searchsorted(gold.image[order], look // people, side="right") - begin
        true = order[np.repeat(begin, counts) + ragged_arange(counts)]
        truths = gold.at(true, image=np.repeat(np.arange(look.size), counts), annotator=np.ones_like(true))
        both = both.joined(truths)
    cluster = cluster_marks(both, min_similarity=min_iou, other_class_factor=1.0)
    count = int(cluster.max(initial=-1)) + 1
    answer, truth, who = (np.full(count, -1, dtype=np.int64) for _ in range(3))
    given = both.annotator == 0
    who[cluster] = look[both.image] % people
    answer[cluster[given]] = both.class_index[given]
    truth[cluster[~given]] = both.class_index[~given]
    np.add.at(total, (who, np.where(truth >= 0, truth, answer)), 1.0)
    hit = (truth >= 0) & (truth == answer)
    np.add.at(right, (who[hit], truth[hit]), 1.0)


def _against_consensus(
    right: FloatArray,
    total: FloatArray,
    marks: Marks,
    looks: Looks,
    consensus: DetectionConsensus,
    images: IntArray,
) -> None:
    """Every resolved object with everybody who looked, in expectation."""
    judged = np.flatnonzero((consensus.onlookers > 1) & ~np.isin(consensus.image, images))
    order = np.argsort(looks.image, kind="stable")
    begin = np.searchsorted(looks.image[order], consensus.image[judged], side="left")
    counts = np.searchsorted(looks.image[order], consensus.image[judged], side="right") - begin
    object_ = np.repeat(judged, counts)
    who = looks.annotator[order][np.repeat(begin, counts) + ragged_arange(counts)]
    people = len(right)
    key = object_ * people + who
    mark_key = consensus.object_of_mark * people + marks.annotator
    by_key = np.argsort(mark_key, kind="stable")
    at = np.minimum(np.searchsorted(mark_key[by_key], key), max(mark_key.size - 1, 0))
    marked = mark_key[by_key][at] == key if mark_key.size else np.zeros(key.size, dtype=np.bool_)
    answer = np.where(marked, marks.class_index[by_key][at], -1) if mark_key.size else np.full(key.size, -1)
    exists = consensus.existence[object_]
    truth = consensus.class_posterior[object_] * exists[:, None]
    np.add.at(total, who, truth)
    hits = np.flatnonzero(marked)
    np.add.at(right, (who[hits], answer[hits]), truth[hits, answer[hits]])
    np.add.at(total, (who[hits], answer[hits]), 1.0 - exists[hits])


def _evidence(name: str, right: ArrayLike, total: ArrayLike) -> tuple[FloatArray, FloatArray]:
    hits, tries = np.asarray(right, dtype=np.float64), np.asarray(total, dtype=np.float64)
    if hits.ndim != 1 or hits.shape != tries.shape or (hits < 0).any() or (hits > tries + 1e-9).any():
        raise InvalidInputError(f"{name}_right must be a vector within [0, {name}_total]")
    return np.minimum(hits, tries), tries


def _trust_in_agreement(
    right: FloatArray, total: FloatArray, agreed: FloatArray, compared: FloatArray
) -> FloatArray:
    """1 without gold; falls as gold and agreement contradict each other beyond what gold's sample explains."""
    on_gold = (right + 1.0) / (total + 2.0)
    on_consensus = (agreed + 1.0) / (compared + 2.0)
    sampling = on_gold * (1.0 - on_gold) / (total + 3.0)
    beyond = np.maximum((on_gold - on_consensus) ** 2 - 2.0 * sampling, 0.0)
    told = (total > 0.0) & (compared > 0.0)
    return np.where(told, np.exp(-beyond / _CONTRADICTION**2), 1.0)


def _crowd_prior(hits: FloatArray, tries: FloatArray) -> tuple[float, float]:
    """Beta of the crowd by moments, its strength bounded; uniform-ish without evidence."""
    known = tries > 0.0
    if not known.any():
        return 3.2, 0.8
    mean = (hits.sum() + 1.6) / (tries.sum() + 2.0)
    rate = hits[known] / tries[known]
    noise = mean * (1.0 - mean) / tries[known]
    trust = tries[known] / (tries[known] + 10.0)
    spread = float(np.average((rate - mean) ** 2 - noise, weights=trust))
    usual = mean * (1.0 - mean)
    strength = usual / spread - 1.0 if spread > 1e-9 else _STRENGTHS[1]
    strength = float(np.clip(strength, *_STRENGTHS)) if known.sum() > 2 else _STRENGTHS[0]
    return mean * strength, (1.0 - mean) * strength
