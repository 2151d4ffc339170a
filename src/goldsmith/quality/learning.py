"""Learning from all votes of a project: skill to resolve with, and the numbers that its pages show. Pure and seeded."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from goldsmith.core.annotations import Labelling
from goldsmith.core.ontology import RelationType
from goldsmith.items.api import KEPT_FROM
from goldsmith.quality.answers import LearntAnswers
from goldsmith.quality.evidence import Evidence, class_index, gather, gather_gold
from goldsmith.quality.relations import RelationSkill, learn_relations, relation_evidence
from goldsmith.quality.types import (
    ClassAgreement,
    GoldScore,
    Interval,
    MemberSkill,
    PairAgreement,
    Vote,
)
from goldsmith.science.agreement import detection_agreement
from goldsmith.science.consensus.detection import fit_detection_skill, resolve_detections
from goldsmith.science.consensus.types import DetectionConsensus, DetectionSkill
from goldsmith.science.marks import Marks
from goldsmith.science.skill import Skill, SkillEvidence, class_skill, detection_evidence

SEED: Final = 20_240_601
_DIGITS: Final = 4
HISTOGRAM_BINS: Final = 20


class Learnt(NamedTuple):
    """What all votes together tell.

    Attributes:
        members: Index of each member.
        classes: Index of each class.
        skill: To resolve with.
        numbers: Of each member.
        report: What the project's page shows; JSON-able.
        relations: How they find relations; None where nobody says any.
    """

    members: dict[str, int]
    classes: dict[str, int]
    skill: DetectionSkill
    numbers: dict[str, MemberSkill]
    report: dict[str, Any]
    relations: RelationSkill | None = None


def learn(
    votes: Sequence[Vote],
    gold: Mapping[str, Labelling],
    *,
    ontology_classes: Sequence[str],
    relation_types: Sequence[RelationType] = (),
    answered: LearntAnswers | None = None,
) -> Learnt:
    """Learn from all votes.

    Args:
        votes: At most one a member and task.
        gold: Known answers by task.
        ontology_classes: Class ids in the order of the ontology.
        relation_types: Of the ontology.
        answered: From ``learn_answers`` on the same votes; an answer is a decision as an object is.
    """
    members = {member: number for number, member in enumerate(sorted({vote.member_id for vote in votes}))}
    classes = class_index(
        ontology_classes, itertools.chain((vote.labelling for vote in votes), gold.values())
    )
    evidence = gather(votes, members=members, classes=classes)
    gold_marks, gold_images = gather_gold(gold, evidence.task_ids, classes=classes)
    fitted = fit_detection_skill(
        evidence.marks,
        evidence.looks,
        annotator_count=len(members),
        class_count=max(len(classes), 1),
        gold=gold_marks,
        gold_images=gold_images,
    )
    # resolved with what is kept, so that the first time and a later time give the same
    skill = DetectionSkill.from_lists(fitted.as_lists())
    # nobody looks at the merged shapes here, and merging polygons is the dear part
    consensus = resolve_detections(evidence.marks, evidence.looks, skill=skill, with_shapes=False)
    relations = learn_relations(
        evidence, consensus.object_of_mark, relation_types=relation_types, annotator_count=len(members)
    )
    related = relation_evidence(
        evidence,
        consensus.object_of_mark,
        skill=relations,
        gold=gold,
        relation_types=relation_types,
        annotator_count=len(members),
    )
    more = [part for part in (related, None if answered is None else answered.evidence) if part is not None]
    numbers = _numbers(evidence, consensus, gold_marks, gold_images, members, classes, more)
    report = _report(evidence, consensus, members, classes, answered)
    return Learnt(members, classes, skill, numbers, report, relations)


def _numbers(
    evidence: Evidence,
    consensus: DetectionConsensus,
    gold_marks: Marks,
    gold_images: Sequence[int],
    members: Mapping[str, int],
    classes: Mapping[str, int],
    more: Sequence[SkillEvidence],
) -> dict[str, MemberSkill]:
    shape = {"annotator_count": len(members), "class_count": max(len(classes), 1)}
    decided = detection_evidence(
        evidence.marks, evidence.looks, consensus, gold=gold_marks, gold_images=gold_images, **shape
    )
    overall = SkillEvidence.side_by_side([decided, *more]).overall()
    by_class = class_skill(decided)
    submissions = Counter(vote.member_id for vote in evidence.votes)
    objects = Counter(evidence.votes[number].member_id for number, _ in evidence.mark_of)
    numbers = {}
    for member, row in members.items():
        numbers[member] = MemberSkill(
            skill=_interval(overall, row),
            per_class={
                class_id: Interval(
                    value=_round(by_class.mean[row, column]),
                    low=_round(by_class.low[row, column]),
                    high=_round(by_class.high[row, column]),
                )
                for class_id, column in classes.items()
                if by_class.enough[row, column]
            },
            gold=GoldScore(
                right=round(float(overall.gold_right[row])), total=round(float(overall.gold_total[row]))
            ),
            agreement=_round(overall.agreement_right[row] / max(float(overall.agreement_total[row]), 1e-9)),
            is_enough=bool(overall.enough[row]),
            submissions=submissions[member],
            objects=objects[member],
        )
    return numbers


def _report(
    evidence: Evidence,
    consensus: DetectionConsensus,
    members: Mapping[str, int],
    classes: Mapping[str, int],
    answered: LearntAnswers | None,
) -> dict[str, Any]:
    agreement = detection_agreement(
        evidence.marks,
        evidence.looks,
        object_of_mark=consensus.object_of_mark,
        annotator_count=len(members),
        class_count=max(len(classes), 1),
        rng=np.random.default_rng(SEED),
    )
    names = {number: member for member, number in members.items()}
    ids = {number: class_id for class_id, number in classes.items()}
    pairs, by_class = agreement.pairs, agreement.classes
    has_overlap = len(pairs) > 0
    answers = np.zeros(0) if answered is None else answered.confidence
    posterior = np.concatenate([consensus.posterior, answers])
    kept = np.concatenate([consensus.posterior[consensus.posterior >= KEPT_FROM], answers])
    histogram, _ = np.histogram(posterior, bins=HISTOGRAM_BINS, range=(0.0, 1.0))
    return {
        "objects": len(kept),
        "tasks": len(evidence.task_ids),
        "expected_right": _round(kept.mean()) if len(kept) else None,
        "posterior_histogram": [int(count) for count in histogram],
        "overall": {
            "f1": _round(agreement.overall.f1[0]) if has_overlap else None,
            "low": _round(agreement.overall.low[0]) if has_overlap else None,
            "high": _round(agreement.overall.high[0]) if has_overlap else None,
        },
        "per_pair": [
            PairAgreement(
                first=names[int(pairs.first[k])],
                second=names[int(pairs.second[k])],
                f1=_round(pairs.f1[k]),
                mean_iou=_round(pairs.mean_iou[k]),
                items=int(pairs.images[k]),
            ).model_dump()
            for k in range(len(pairs))
        ],
        "per_class": [
            ClassAgreement(
                class_id=ids[int(by_class.first[k])],
                f1=Interval(
                    value=_round(by_class.f1[k]), low=_round(by_class.low[k]), high=_round(by_class.high[k])
                ),
                mean_iou=_round(by_class.mean_iou[k]),
                objects=int(by_class.marks[k]),
            ).model_dump()
            for k in range(len(by_class))
            if by_class.marks[k] and int(by_class.first[k]) in ids
        ],
    }


def _interval(skill: Skill, row: int) -> Interval:
    return Interval(value=_round(skill.mean[row]), low=_round(skill.low[row]), high=_round(skill.high[row]))


def _round(value: Any) -> float:
    number = float(value)
    return round(number, _DIGITS) if np.isfinite(number) else 0.0
