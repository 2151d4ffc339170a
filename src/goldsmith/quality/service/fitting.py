"""Skill that is ready to resolve with: kept, or learnt anew when enough has changed."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from goldsmith.core.annotations import Labelling, Relation
from goldsmith.core.ontology import Ontology
from goldsmith.labeling.api import LabelingService
from goldsmith.platform.database import Transaction
from goldsmith.platform.jobs import JobContext
from goldsmith.platform.machine import Machine
from goldsmith.platform.memory import Memory
from goldsmith.projects.api import ProjectsService
from goldsmith.quality import answers
from goldsmith.quality.answers import AnswerSkill, with_posteriors
from goldsmith.quality.deciding import with_decider
from goldsmith.quality.evidence import Evidence, gather, resolved_tasks
from goldsmith.quality.learning import learn
from goldsmith.quality.policy import draw_evidence, fresh_for_new_fit
from goldsmith.quality.reading import LabelReader
from goldsmith.quality.relations import RelationSkill, resolve_relations
from goldsmith.quality.service.gold import GoldKeeping
from goldsmith.quality.store import fits
from goldsmith.quality.types import (
    DECIDER,
    ResolvedTask,
    Vote,
)
from goldsmith.quality.values import asked_only
from goldsmith.science.consensus.detection import expected_missing, resolve_detections
from goldsmith.science.consensus.types import DetectionSkill

_AT_HAND: Final = 16
"""Projects whose newest fit is kept ready."""
_CHUNK_TASKS: Final = 100
_RELATIONS: Final = "relations"
"""Key of a fit's skill under which that for relations is kept."""
_UNSEEN: Final = 2.0
"""Objects that nobody marked, for each that capture and recapture expects: that is a lower bound, since what is hard to
see for one is hard to see for all. Measured on simulated people who overlook what is small or hidden."""
_WEIGHT_OF_DECIDER: Final = 2.0
"""On attributes and answers; a member's is the skill, at most 1."""


class Fit(NamedTuple):
    """Skill that is ready to resolve with."""

    version: int
    members: dict[str, int]
    classes: dict[str, int]
    skill: DetectionSkill
    numbers: Mapping[str, Mapping[str, Any]]
    """Of each member, as stored."""
    answers: dict[str, AnswerSkill] = {}
    relations: RelationSkill | None = None
    ontology: Ontology = Ontology()

    @property
    def skill_of(self) -> dict[str, float]:
        """Probability that a decision of each member is right."""
        return {member: float(body["skill"]["value"]) for member, body in self.numbers.items()}


class KeptFit(NamedTuple):
    """A fit as stored, and ready to resolve with."""

    stored: fits.StoredFit
    ready: Fit


class Fitting(GoldKeeping):
    """The part of the service that learns.

    Args:
        machine: What the service runs on.
        projects: Tells the ontology.
        labeling: Tells the submissions, and takes what follows from a consensus.
    """

    def __init__(self, machine: Machine, projects: ProjectsService, labeling: LabelingService) -> None:
        super().__init__(machine, projects, labeling)
        self._at_hand: Memory[KeptFit] = Memory(most_values=_AT_HAND)

    def _newest_fit(self, tx: Transaction, project_id: str) -> KeptFit | None:
        """Return what was learnt last; None while nothing was.

        A stored fit never changes, so the ones used last are kept ready: to read one anew costs as much as a resolve.
        """
        stamp = fits.newest_stamp(tx, project_id)
        if stamp is None:
            return None
        ontology = self.projects.get_ontology(tx, project_id)
        found = self._at_hand.get((project_id, stamp))
        if found is None or found.ready.ontology is not ontology:
            stored = fits.newest_fit(tx, project_id)
            assert stored is not None, "its stamp was read in the same transaction"
            bodies = fits.skills_at(tx, project_id=project_id, version=stored.version)
            found = KeptFit(stored, ready_fit(stored, bodies, ontology))
            self._at_hand.put((project_id, (stored.version, stored.created_ms)), found)
        return found

    def _current_fit(
        self,
        context: JobContext,
        project_id: str,
        reader: LabelReader,
        waiting: Sequence[str],
        *,
        anew: bool,
    ) -> Fit:
        """Return the fit to use: the kept one, or a new one when what it rests on has grown."""
        kept = self._read(lambda tx: self._newest_fit(tx, project_id))
        before: int = context.step("fit before", lambda: 0 if kept is None else kept.stored.version)
        is_made = kept is not None and kept.stored.version > before  # by this job, before it was interrupted
        if kept is not None and (
            is_made or (not anew and self._is_enough(kept.stored, project_id, reader, waiting))
        ):
            return kept.ready
        context.progress(0, None, "learning the annotators' skill")
        count = self._read(lambda tx: self._count(tx, project_id))
        self._check_gold(context, project_id, reader)
        gold = self._gold(project_id, reader)
        counted = itertools.chain.from_iterable(self.labeling.iter_counted(project_id))
        votes = [reader.vote(row) for row in draw_evidence(counted, count=count, always=gold)]
        ontology = self._read(lambda tx: self.projects.get_ontology(tx, project_id))
        stored, bodies = learnt_fit(
            votes, gold, ontology, version=before + 1, count=count, now_ms=self.machine.clock.now_ms()
        )
        context.step_in_transaction(
            f"fit:{stored.version}",
            lambda tx: fits.insert_fit(tx, project_id=project_id, fit=stored, members=bodies),
        )
        return ready_fit(stored, bodies, ontology)

    def _is_enough(
        self, kept: fits.StoredFit, project_id: str, reader: LabelReader, waiting: Sequence[str]
    ) -> bool:
        """Say whether a fit still does: nearly all work is in it, and it knows who and what is waiting."""
        enough = fresh_for_new_fit(kept.submission_count)
        fresh = self._read(
            lambda tx: self.labeling.handed_in_since(
                tx, project_id, since_ms=kept.created_ms + 1, most=enough
            )
        )
        if fresh >= enough:
            return False
        for start in range(0, len(waiting), _CHUNK_TASKS):
            chunk = waiting[start : start + _CHUNK_TASKS]
            votes = self._votes(reader, chunk)
            used = {annotation.class_id for vote in votes for annotation in vote.labelling.annotations}
            if not used <= set(kept.classes) or not {vote.member_id for vote in votes} <= set(kept.members):
                return False
        return True


def learnt_fit(
    votes: Sequence[Vote],
    gold: Mapping[str, Labelling],
    ontology: Ontology,
    *,
    version: int,
    count: int,
    now_ms: int,
) -> tuple[fits.StoredFit, dict[str, dict[str, Any]]]:
    """Learn from votes; returns what is stored of it, and the numbers of each member.

    Args:
        votes: At most one a member and task.
        gold: Known answers by task.
        ontology: Of the project.
        version: Of the fit.
        count: Submissions that the votes were drawn from.
        now_ms: When.
    """
    answered = answers.learn_answers(votes, gold, options=answers.options_of(ontology.questions))
    made = learn(
        votes,
        gold,
        ontology_classes=[entry.class_id for entry in ontology.classes],
        relation_types=ontology.relation_types,
        answered=answered,
    )
    related = {} if made.relations is None else {_RELATIONS: made.relations.as_json()}
    stored = fits.StoredFit(
        version,
        list(made.members),
        list(made.classes),
        made.skill.as_lists() | related,
        made.report,
        answers.as_json(answered.skills),
        count,
        len(gold),
        now_ms,
    )
    return stored, {member: numbers.model_dump() for member, numbers in made.numbers.items()}


def resolve_votes(votes: Sequence[Vote], fit: Fit) -> list[ResolvedTask]:
    """Resolve the votes of some tasks with skill that was learnt before.

    Args:
        votes: Members that the fit does not know count as average; ``DECIDER`` counts for more than anybody.
        fit: Knows every class.
    """
    members = {**fit.members, DECIDER: len(fit.members)}
    for vote in votes:
        members.setdefault(vote.member_id, len(members))
    evidence: Evidence = gather(votes, members=members, classes=fit.classes)
    skill = with_decider(fit.skill)
    consensus = resolve_detections(evidence.marks, evidence.looks, skill=skill)
    skill_of = {**fit.skill_of, DECIDER: _WEIGHT_OF_DECIDER}
    resolved, annotation_ids = resolved_tasks(
        evidence, consensus, classes=fit.classes, skill_of=skill_of, ontology=fit.ontology
    )
    related = resolve_relations(
        evidence,
        consensus.object_of_mark,
        skill=fit.relations,
        annotation_ids=annotation_ids,
        relation_types=fit.ontology.relation_types,
    )
    missed = expected_missing(consensus, evidence.looks, skill=skill, image_count=len(evidence.task_ids))
    of_task: dict[str, list[Vote]] = {}
    for vote in votes:
        of_task.setdefault(vote.task_id, []).append(vote)
    return [
        _finished(
            entry._replace(missed=_UNSEEN * number), of_task[entry.task_id], related.get(image, []), fit
        )
        for image, (entry, number) in enumerate(zip(resolved, missed.tolist(), strict=True))
    ]


def _finished(
    entry: ResolvedTask, votes: Sequence[Vote], relations: list[Relation], fit: Fit
) -> ResolvedTask:
    """Return a task with its relations and with the answers that are asked, each with how likely it is right."""
    answered = with_posteriors(entry, votes, fit.answers)
    given = asked_only(answered.labelling.answers, fit.ontology.questions)
    labelling = Labelling(annotations=list(entry.labelling.annotations), answers=given, relations=relations)
    shares = {key: share for key, share in answered.answers.items() if key in given}
    certain = {key: sure for key, sure in answered.certain.items() if key in given}
    return answered._replace(labelling=labelling, answers=shares, certain=certain)


def ready_fit(stored: fits.StoredFit, bodies: Mapping[str, Mapping[str, Any]], ontology: Ontology) -> Fit:
    """Make a stored fit ready to resolve with; ``bodies`` are the numbers of each member."""
    related = stored.skill.get(_RELATIONS)
    return Fit(
        stored.version,
        {member: number for number, member in enumerate(stored.members)},
        {class_id: number for number, class_id in enumerate(stored.classes)},
        DetectionSkill.from_lists(stored.skill),
        bodies,
        answers.with_usual(answers.from_json(stored.answers), answers.options_of(ontology.questions)),
        None if related is None else RelationSkill.from_json(related),
        ontology,
    )
