"""Votes as arrays for the science, and its answers as labellings again. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from goldsmith.core.annotations import Annotation, Labelling
from goldsmith.core.geometry import GEOMETRY_KINDS, AnyShape, Box, Polygon, Span
from goldsmith.core.ontology import Attribute, Ontology
from goldsmith.quality.deciding import LEAST_OF_DECIDED
from goldsmith.quality.groups import Member, drawing_order, groups_of
from goldsmith.quality.shapes import (
    compared_bounds,
    form_of,
    moved_to,
    rings_of,
    scales_of_images,
    span_of,
)
from goldsmith.quality.types import DECIDER, ResolvedTask, Support, Vote
from goldsmith.quality.values import asked_only, values_together
from goldsmith.science.consensus.detection import DetectionConsensus, Looks
from goldsmith.science.marks import Marks

_SHOWN_FROM = 0.001


class Evidence(NamedTuple):
    """The votes of some tasks as columns.

    Attributes:
        task_ids: Task of each image index.
        votes: As given; ``mark_of`` points into them.
        mark_of: For each mark, the vote and the annotation it came from.
        height_of: For each mark, its place in its labelling, from 0 (lowest) to 1.
        has_order: Some labelling has groups, or shapes of which one hides another.
    """

    task_ids: list[str]
    votes: Sequence[Vote]
    marks: Marks
    looks: Looks
    mark_of: list[tuple[int, Annotation]]
    height_of: list[float]
    has_order: bool


class ResolvedObjects(NamedTuple):
    """Resolved tasks, and what each object of the consensus is called in them."""

    tasks: list[ResolvedTask]
    annotation_ids: dict[int, str]


def gather(votes: Sequence[Vote], *, members: Mapping[str, int], classes: Mapping[str, int]) -> Evidence:
    """Turn votes into columns.

    Args:
        votes: At most one a member and task.
        members: Index of each member.
        classes: Index of each class.
    """
    task_index: dict[str, int] = {}
    for vote in votes:
        task_index.setdefault(vote.task_id, len(task_index))
    mark_of = [
        (number, annotation) for number, vote in enumerate(votes) for annotation in vote.labelling.annotations
    ]
    marks = _marks(
        [task_index[votes[number].task_id] for number, _ in mark_of],
        [members[votes[number].member_id] for number, _ in mark_of],
        [annotation for _, annotation in mark_of],
        classes,
    )
    looks = Looks.of(
        image=np.array([task_index[vote.task_id] for vote in votes], dtype=np.int64),
        annotator=np.array([members[vote.member_id] for vote in votes], dtype=np.int64),
    )
    height_of = [
        place / max(len(vote.labelling.annotations) - 1, 1)
        for vote in votes
        for place in range(len(vote.labelling.annotations))
    ]
    has_order = marks.rings is not None or marks.kind is not None
    has_order = has_order or any(annotation.group_id is not None for _, annotation in mark_of)
    return Evidence(list(task_index), votes, marks, looks, mark_of, height_of, has_order)


def gather_gold(
    gold: Mapping[str, Labelling], task_ids: Sequence[str], *, classes: Mapping[str, int]
) -> tuple[Marks, list[int]]:
    """Turn the known answers of those tasks that have one into columns; returns also their image indices."""
    images: list[int] = []
    found: list[tuple[int, Annotation]] = []
    for image, task_id in enumerate(task_ids):
        labelling = gold.get(task_id)
        if labelling is not None:
            images.append(image)
            found.extend((image, annotation) for annotation in labelling.annotations)
    marks = _marks([image for image, _ in found], [0] * len(found), [a for _, a in found], classes)
    return marks, images


def class_index(ontology_classes: Iterable[str], labellings: Iterable[Labelling]) -> dict[str, int]:
    """Number the classes: the ontology's in its order, then those only older labels use."""
    index = {class_id: number for number, class_id in enumerate(ontology_classes)}
    extra = {a.class_id for labelling in labellings for a in labelling.annotations} - index.keys()
    for class_id in sorted(extra):
        index[class_id] = len(index)
    return index


def resolved_tasks(
    evidence: Evidence,
    consensus: DetectionConsensus,
    *,
    classes: Mapping[str, int],
    skill_of: Mapping[str, float],
    ontology: Ontology | None = None,
) -> ResolvedObjects:
    """Put the resolved objects back into labellings, one a task, also where nothing was found.

    Attributes and item-level answers become one by their kinds (``values_together``), flags by votes weighted with
    skill. An object that a reviewer drew keeps its class, and at least ``LEAST_OF_DECIDED``.

    Args:
        evidence: What went in.
        consensus: What came out.
        classes: Index of each class.
        skill_of: Weight of each member's vote on attributes and answers, above 0; 0.5 where
            unknown.
        ontology: Tells the kinds of attributes and questions; without one, all go by weighted votes.
    """
    asked = Ontology() if ontology is None else ontology
    attributes = {entry.class_id: entry.attributes for entry in asked.classes}
    names = {number: class_id for class_id, number in classes.items()}
    members_of: dict[int, list[int]] = defaultdict(list)
    for mark, object_number in enumerate(consensus.object_of_mark.tolist()):
        members_of[object_number].append(mark)
    objects_of: dict[int, list[int]] = defaultdict(list)
    for object_number, image in enumerate(consensus.image.tolist()):
        objects_of[image].append(object_number)
    votes_of: dict[str, list[Vote]] = defaultdict(list)
    for vote in evidence.votes:
        votes_of[vote.task_id].append(vote)
    resolved: list[ResolvedTask] = []
    annotation_ids: dict[int, str] = {}
    for image, task_id in enumerate(evidence.task_ids):
        annotations: list[Annotation] = []
        support: dict[str, Support] = {}
        for object_number in objects_of[image]:
            annotation, behind = _object(
                object_number, members_of[object_number], evidence, consensus, names, skill_of, attributes
            )
            annotation_ids[object_number] = annotation.annotation_id
            annotations.append(annotation)
            support[annotation.annotation_id] = behind
        if evidence.has_order:
            members = [_members(members_of[number], evidence, skill_of) for number in objects_of[image]]
            annotations = _in_groups_and_order(annotations, members)
        votes = votes_of[task_id]
        answers = values_together(
            [(vote.labelling.answers, skill_of.get(vote.member_id, 0.5)) for vote in votes], asked.questions
        )
        labelling = Labelling(annotations=annotations, answers=answers.values)
        submissions = sorted(vote.submission_id for vote in votes)
        resolved.append(ResolvedTask(task_id, labelling, support, submissions, answers=answers.shares))
    return ResolvedObjects(resolved, annotation_ids)


def _marks(
    images: Sequence[int],
    annotators: Sequence[int],
    annotations: Sequence[Annotation],
    classes: Mapping[str, int],
) -> Marks:
    kinds = {a.geometry.kind for a in annotations}
    bounds = np.array([compared_bounds(a.geometry) for a in annotations], dtype=np.float64).reshape(-1, 4)
    more: dict[str, Any] = {}
    if kinds - {"box"}:
        more["rings"] = [rings_of(a.geometry) for a in annotations]
    if kinds - {"box", "polygon"}:
        scales = scales_of_images(images, bounds)
        forms = [
            form_of(a.geometry, scale_px=scales[image]) for image, a in zip(images, annotations, strict=True)
        ]
        more |= {"forms": forms, "kind": [GEOMETRY_KINDS.index(a.geometry.kind) for a in annotations]}
    return Marks.of(
        image=np.array(images, dtype=np.int64),
        annotator=np.array(annotators, dtype=np.int64),
        class_index=np.array([classes[a.class_id] for a in annotations], dtype=np.int64),
        box_xyxy=bounds,
        **more,
    )


def _object(
    number: int,
    marks: Sequence[int],
    evidence: Evidence,
    consensus: DetectionConsensus,
    names: Mapping[int, str],
    skill_of: Mapping[str, float],
    attributes: Mapping[str, Sequence[Attribute]],
) -> tuple[Annotation, Support]:
    given = [(evidence.votes[evidence.mark_of[mark][0]], evidence.mark_of[mark][1]) for mark in marks]
    decided = next((a for vote, a in given if vote.member_id == DECIDER), None)
    drawn = None if decided is None or decided.geometry.kind in ("box", "polygon") else decided.geometry
    class_id = names[int(consensus.class_index[number])] if decided is None else decided.class_id
    posterior = max(float(consensus.posterior[number]), 0.0 if decided is None else LEAST_OF_DECIDED)
    weights = [skill_of.get(vote.member_id, 0.5) for vote, _ in given]
    same_class = [
        (a.attributes, w) for (_, a), w in zip(given, weights, strict=True) if a.class_id == class_id
    ]
    asked = attributes.get(class_id, [])
    first_vote, first_mark = min(given, key=lambda pair: (pair[0].submission_id, pair[1].annotation_id))
    annotation = Annotation(
        # unique in the task, and the same again when the same marks are resolved again
        annotation_id=f"{first_vote.submission_id[-8:]}:{first_mark.annotation_id}"[:200],
        class_id=class_id,
        geometry=_geometry(number, marks, weights, evidence, consensus) if drawn is None else drawn,
        attributes=asked_only(values_together(same_class, asked).values, asked),
        is_occluded=_weighted_flag([a.is_occluded for _, a in given], weights),
        is_truncated=_weighted_flag([a.is_truncated for _, a in given], weights),
        score=round(posterior, 6),
    )
    class_posterior = consensus.class_posterior[number]
    support = Support(
        submissions=sorted({vote.submission_id for vote, _ in given}),
        onlookers=int(consensus.onlookers[number]),
        existence=round(float(consensus.existence[number]), 6),
        class_posterior={
            names[index]: round(float(share), 6)
            for index, share in enumerate(class_posterior)
            if share >= _SHOWN_FROM
        },
    )
    return annotation, support


def _members(marks: Sequence[int], evidence: Evidence, skill_of: Mapping[str, float]) -> list[Member]:
    return [
        Member(
            voter=evidence.votes[number].member_id,
            weight=skill_of.get(evidence.votes[number].member_id, 0.5),
            group_id=annotation.group_id,
            height=evidence.height_of[mark],
        )
        for mark in marks
        for number, annotation in [evidence.mark_of[mark]]
    ]


def _in_groups_and_order(
    annotations: Sequence[Annotation], members: Sequence[Sequence[Member]]
) -> list[Annotation]:
    """Put objects into the groups that the annotators see, named by an object each, and the lowest object first."""
    grouped = [
        annotation
        if first is None
        else annotation.model_copy(update={"group_id": annotations[first].annotation_id})
        for annotation, first in zip(annotations, groups_of(members), strict=True)
    ]
    return [grouped[number] for number in drawing_order(members)]


def _geometry(
    number: int,
    marks: Sequence[int],
    weights: Sequence[float],
    evidence: Evidence,
    consensus: DetectionConsensus,
) -> AnyShape:
    mark = -1 if consensus.mark_of_shape is None else int(consensus.mark_of_shape[number])
    if mark >= 0 and isinstance(typical := evidence.mark_of[mark][1].geometry, Span):
        drawn = [evidence.mark_of[other][1].geometry for other in marks]
        spans = [(one, weight) for one, weight in zip(drawn, weights, strict=True) if isinstance(one, Span)]
        return span_of(typical, spans)
    if mark >= 0:
        form = None if consensus.forms is None else consensus.forms[number]
        return moved_to(evidence.mark_of[mark][1].geometry, form)
    rings = None if consensus.rings is None else consensus.rings[number]
    if rings is not None:
        return Polygon(rings=[[(float(x), float(y)) for x, y in ring] for ring in rings])
    left, top, right, bottom = (float(value) for value in consensus.box_xyxy[number])
    return Box(box_xyxy=(left, top, right, bottom))


def _weighted_flag(flags: Sequence[bool], weights: Sequence[float]) -> bool:
    raised = sum(weight for flag, weight in zip(flags, weights, strict=True) if flag)
    return raised * 2.0 > sum(weights)
