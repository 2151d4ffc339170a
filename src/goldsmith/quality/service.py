"""Quality at work: answers become consensus, and annotators' skill is learnt from all of them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, Final, NamedTuple, TypeVar

from goldsmith.core.annotations import Labelling
from goldsmith.core.errors import NotFoundError
from goldsmith.core.plain import read_labelling
from goldsmith.labeling.api import Answered, ConsensusOutcome, Decision, LabelingService
from goldsmith.platform.database import Transaction
from goldsmith.platform.jobs import JobContext
from goldsmith.platform.machine import Machine
from goldsmith.projects.api import ProjectsService
from goldsmith.quality import store
from goldsmith.quality.answering import answered_task, with_said
from goldsmith.quality.deciding import decided_vote, with_decider
from goldsmith.quality.evidence import Evidence, gather, resolved_tasks
from goldsmith.quality.learning import HISTOGRAM_BINS, learn
from goldsmith.quality.policy import count_kept, draw_evidence, is_settled, needs_new_fit, says_the_same
from goldsmith.quality.reading import LabelReader
from goldsmith.quality.store import NewVersion
from goldsmith.quality.types import (
    DECIDER,
    METHOD_DETECTION,
    AnnotatorQuality,
    ConsensusView,
    CurrentLabel,
    OverallAgreement,
    QualityReport,
    ResolvedTask,
    Vote,
)
from goldsmith.science.consensus.detection import resolve_detections
from goldsmith.science.consensus.types import DetectionSkill

T = TypeVar("T")
RESOLVE_JOB: Final = "quality.resolve"
_DEBOUNCE_MS: Final = 500
_CHUNK_TASKS: Final = 100
_WEIGHT_OF_DECIDER: Final = 2.0
"""On attributes and answers; a member's is the skill, at most 1."""
_NOTHING_LEARNT: Final[dict[str, Any]] = {
    "objects": 0,
    "tasks": 0,
    "expected_right": None,
    "posterior_histogram": [0] * HISTOGRAM_BINS,
    "overall": OverallAgreement(f1=None, low=None, high=None),
    "per_class": [],
    "per_pair": [],
}


class Fit(NamedTuple):
    """Skill that is ready to resolve with."""

    version: int
    members: dict[str, int]
    classes: dict[str, int]
    skill: DetectionSkill
    skill_of: dict[str, float]


class QualityService:
    """Consensus and skill of projects; the ``QualityHook`` of labelling.

    Args:
        machine: What the service runs on.
        projects: Tells the ontology.
        labeling: Tells the submissions, and takes what follows from a consensus.
    """

    def __init__(self, machine: Machine, projects: ProjectsService, labeling: LabelingService) -> None:
        self.machine = machine
        self.projects = projects
        self.labeling = labeling

    # --- asked by labelling

    def on_all_in(self, tx: Transaction, *, workspace_id: str, project_id: str, task_id: str) -> None:
        """Queue the project's resolve job; many tasks share one."""
        del task_id  # the job takes all tasks that wait
        self._enqueue(tx, workspace_id=workspace_id, project_id=project_id, delay_ms=_DEBOUNCE_MS)

    def on_decided(
        self, tx: Transaction, *, project_id: str, decisions: Sequence[Decision]
    ) -> Sequence[ConsensusOutcome]:
        """Store what a reviewer's fix or an import decides as the next consensus version of each task."""
        ontology_version = self.projects.get_project(tx, project_id).ontology_version
        current = store.newest_versions(tx, [decision.task_id for decision in decisions])
        entries = []
        for decision in decisions:
            labelling = decision.parsed or read_labelling(decision.labelling)
            resolved = ResolvedTask(decision.task_id, labelling, {}, [decision.submission_id])
            version = current[decision.task_id] = current.get(decision.task_id, 0) + 1
            entries.append(NewVersion(version, resolved, decision.method, {}))
        return self._store(tx, project_id, entries, ontology_version=ontology_version)

    def on_answered(
        self, tx: Transaction, *, project_id: str, entries: Sequence[Answered]
    ) -> Sequence[ConsensusOutcome]:
        """Store the next version of tasks that have one, with other answers to the item-level questions."""
        if not entries:
            return []
        reader = LabelReader(self.projects.get_upgrader(tx, project_id))
        views = store.newest_for(tx, [entry.task_id for entry in entries])
        fresh = [
            NewVersion(
                view.version + 1,
                answered_task(reader.view(view), entry),
                view.method,
                {"answered": entry.submission_id},
            )
            for entry in entries
            if (view := views.get(entry.task_id)) is not None
        ]
        return self._store(tx, project_id, fresh, ontology_version=reader.ontology_version)

    # --- asked by people

    def request_resolve(self, tx: Transaction, *, project_id: str, created_by: str) -> str:
        """Queue a job that learns the skill anew and resolves every task of the project again."""
        return self._enqueue(
            tx,
            workspace_id=self.projects.get_project(tx, project_id).workspace_id,
            project_id=project_id,
            delay_ms=0,
            everything=True,
            created_by=created_by,
        )

    def get_consensus(self, tx: Transaction, task_id: str, version: int | None = None) -> ConsensusView:
        """Return a version of a task's consensus, the newest by default.

        Raises:
            NotFoundError: The task has none, or not this version.
        """
        found = (
            store.newest_consensus(tx, task_id)
            if version is None
            else store.find_consensus(tx, task_id, version)
        )
        if found is None:
            raise NotFoundError("the task has no such consensus")
        return found

    def report(self, tx: Transaction, project_id: str) -> QualityReport:
        """Return what the quality page shows: what was learnt last, and what each member did so far."""
        fit = store.newest_fit(tx, project_id)
        skills = {} if fit is None else store.skills_at(tx, project_id=project_id, version=fit.version)
        annotators = [
            AnnotatorQuality(
                **skills[activity.member_id] | {"submissions": activity.submissions},
                member_id=activity.member_id,
                name=activity.name,
                kind=activity.kind,
                active_ms=activity.active_ms,
                skips=activity.skips,
                last_ms=activity.last_ms,
            )
            for activity in self.labeling.activity(tx, project_id)
            if activity.member_id in skills
        ]
        learnt = _NOTHING_LEARNT if fit is None else fit.report
        return QualityReport(
            **learnt,
            annotators=sorted(annotators, key=lambda entry: -entry.skill.value),
            fit_version=0 if fit is None else fit.version,
            fitted_ms=None if fit is None else fit.created_ms,
        )

    # --- asked by datasets

    def iter_labels(self, project_id: str) -> Iterator[list[CurrentLabel]]:
        """Yield, in batches, the label in force of each task that has one, as it reads in the newest ontology."""
        reader = self._reader(project_id)
        for rows in self.labeling.iter_labelled_tasks(project_id, batch_tasks=_CHUNK_TASKS):
            plain = [row.task_id for row in rows if row.gold_labelling is None]
            views = self.machine.database.read_sync(partial(store.newest_for, task_ids=plain))
            batch = []
            for row in rows:
                if row.gold_labelling is not None and row.gold_submission_id is not None:
                    labelling = reader.labelling(row.gold_labelling, made_with=row.gold_ontology_version or 1)
                    ids = [row.gold_submission_id]
                    batch.append(
                        CurrentLabel(
                            row.task_id, row.item_id, "gold", 1, labelling, ids, row.state, is_reviewed=True
                        )
                    )
                elif (view := views.get(row.task_id)) is not None:
                    view = reader.view(view)
                    is_reviewed = view.method != METHOD_DETECTION or row.accepted_version == view.version
                    batch.append(
                        CurrentLabel(
                            row.task_id,
                            row.item_id,
                            "consensus",
                            view.version,
                            view.labelling,
                            view.submission_ids,
                            row.state,
                            is_reviewed,
                        )
                    )
            yield batch

    # --- the job

    def resolve(self, context: JobContext) -> dict[str, Any]:
        """Resolve the tasks that wait, learning the skill anew when enough has changed.

        Args:
            context: ``args``: ``project_id``, and ``everything`` to resolve all tasks again.
        """
        project_id = context.args["project_id"]
        everything = bool(context.args.get("everything", False))
        context.progress(0, None, "reading submissions")
        # first who waits, then what they said: whoever begins to wait meanwhile has queued the next job
        waiting = self._read(lambda tx: self.labeling.list_resolving(tx, project_id))
        reader = self._reader(project_id)
        fit = self._current_fit(context, project_id, reader, waiting, anew=everything)
        wanted = self._tasks_with_votes(project_id, waiting) if everything else waiting
        stored = 0
        for start in range(0, len(wanted), _CHUNK_TASKS):
            chunk = wanted[start : start + _CHUNK_TASKS]
            stored += self._resolve_chunk(context, project_id, reader, fit, chunk, frozenset(waiting))
            context.progress(start + len(chunk), len(wanted), "resolving")
        return {"tasks": len(wanted), "versions_stored": stored, "fit_version": fit.version}

    def _resolve_chunk(
        self,
        context: JobContext,
        project_id: str,
        reader: LabelReader,
        fit: Fit,
        chunk: Sequence[str],
        waiting: frozenset[str],
    ) -> int:
        votes = self._votes(reader, chunk)
        decided, current = (
            {task_id: reader.view(view) for task_id, view in views.items()}
            for views in self._read(
                lambda tx: (store.newest_decided_for(tx, chunk), store.newest_for(tx, chunk))
            )
        )
        used = _submissions_by_task(votes)
        decisions = [
            decided_vote(view, classes=fit.classes) for task_id, view in decided.items() if task_id in used
        ]
        resolved = {entry.task_id: entry for entry in resolve_votes([*votes, *decisions], fit)}
        said = self._read(lambda tx: self.labeling.answers_said(tx, project_id, chunk))
        fresh: dict[str, NewVersion] = {}
        unchanged: dict[str, ConsensusOutcome] = {}
        for task_id in chunk:
            entry = with_said(
                resolved.get(task_id, ResolvedTask(task_id, Labelling(), {}, [])), said.get(task_id)
            )
            previous = current.get(task_id)
            if previous is not None and (
                is_settled(previous, is_waiting=task_id in waiting, has_votes=task_id in used)
                or says_the_same(previous, entry)
            ):
                unchanged[task_id] = _outcome(previous)
            else:
                version = 1 if previous is None else previous.version + 1
                fresh[task_id] = NewVersion(version, entry, METHOD_DETECTION, {"fit_version": fit.version})

        def write(tx: Transaction) -> int:
            # all writers wait meanwhile, so everything dear is done before; whoever revised, rejected or decided a
            # task since queued the next job, and this one passes it over
            now, versions = self.labeling.counted_ids(tx, chunk), store.newest_versions(tx, chunk)
            still = {
                task_id
                for task_id in chunk
                if now.get(task_id) == used.get(task_id)
                and versions.get(task_id) == (current[task_id].version if task_id in current else None)
            }
            entries = [entry for task_id, entry in fresh.items() if task_id in still]
            outcomes = [outcome for task_id, outcome in unchanged.items() if task_id in still]
            outcomes += self._store(tx, project_id, entries, ontology_version=reader.ontology_version)
            self.labeling.after_consensus(tx, project_id=project_id, outcomes=outcomes)
            return len(entries)

        return context.step_in_transaction(f"resolve:{chunk[0]}:{len(chunk)}", write)

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
        kept = self._read(lambda tx: store.newest_fit(tx, project_id))
        before: int = context.step("fit before", lambda: 0 if kept is None else kept.version)
        is_made = kept is not None and kept.version > before  # by this job, before it was interrupted
        if kept is not None and (
            is_made or (not anew and self._is_enough(kept, project_id, reader, waiting))
        ):
            body = self._read(lambda tx: store.skills_at(tx, project_id=project_id, version=kept.version))
            return _ready(kept, {member: entry["skill"]["value"] for member, entry in body.items()})
        context.progress(0, None, "learning the annotators' skill")
        count = self._read(lambda tx: self._count(tx, project_id))
        gold = self._gold(project_id, reader)
        counted = itertools.chain.from_iterable(self.labeling.iter_counted(project_id))
        votes = [reader.vote(row) for row in draw_evidence(counted, count=count, always=gold)]
        ontology = self._read(lambda tx: self.projects.get_ontology(tx, project_id))
        made = learn(votes, gold, ontology_classes=[entry.class_id for entry in ontology.classes])
        stored = store.StoredFit(
            before + 1,
            list(made.members),
            list(made.classes),
            made.skill.as_lists(),
            made.report,
            count,
            len(gold),
            self.machine.clock.now_ms(),
        )
        bodies = {member: numbers.model_dump() for member, numbers in made.numbers.items()}
        context.step_in_transaction(
            f"fit:{stored.version}",
            lambda tx: store.insert_fit(tx, project_id=project_id, fit=stored, members=bodies),
        )
        return _ready(stored, {member: numbers.skill.value for member, numbers in made.numbers.items()})

    def _is_enough(
        self, kept: store.StoredFit, project_id: str, reader: LabelReader, waiting: Sequence[str]
    ) -> bool:
        """Say whether a fit still does: nearly all work is in it, and it knows who and what is waiting."""
        count = self._read(lambda tx: self._count(tx, project_id))
        if needs_new_fit(submissions=count, fitted_on=kept.submission_count):
            return False
        for start in range(0, len(waiting), _CHUNK_TASKS):
            chunk = waiting[start : start + _CHUNK_TASKS]
            votes = self._votes(reader, chunk)
            used = {annotation.class_id for vote in votes for annotation in vote.labelling.annotations}
            if not used <= set(kept.classes) or not {vote.member_id for vote in votes} <= set(kept.members):
                return False
        return True

    def _count(self, tx: Transaction, project_id: str) -> int:
        progress = self.labeling.progress(tx, project_id)
        return progress.submissions + progress.gold_submissions

    def _reader(self, project_id: str) -> LabelReader:
        return LabelReader(self._read(lambda tx: self.projects.get_upgrader(tx, project_id)))

    def _votes(self, reader: LabelReader, task_ids: Sequence[str]) -> list[Vote]:
        rows = self._read(lambda tx: self.labeling.counted_of_tasks(tx, task_ids))
        return sorted(map(reader.vote, rows), key=lambda vote: (vote.task_id, vote.submission_id))

    def _tasks_with_votes(self, project_id: str, waiting: Sequence[str]) -> list[str]:
        """Return all tasks that somebody labelled, but for gold, whose answer is known; and those that wait."""
        voted = {row.task_id for batch in self.labeling.iter_counted(project_id) for row in batch}
        gold = {row.task_id for row in self._read(lambda tx: self.labeling.gold_evidence(tx, project_id))}
        return sorted((voted - gold) | set(waiting))

    def _read(self, operation: Callable[[Transaction], T]) -> T:
        return self.machine.database.read_sync(operation)

    def _gold(self, project_id: str, reader: LabelReader) -> dict[str, Labelling]:
        rows = self._read(lambda tx: self.labeling.gold_evidence(tx, project_id))
        answers = {row.task_id: (row.gold_labelling, row.gold_ontology_version) for row in rows}
        return {
            task_id: reader.labelling(text, made_with=version) for task_id, (text, version) in answers.items()
        }

    def _store(
        self, tx: Transaction, project_id: str, entries: Sequence[NewVersion], *, ontology_version: int
    ) -> list[ConsensusOutcome]:
        now_ms = self.machine.clock.now_ms()
        store.insert_consensus(
            tx, project_id=project_id, entries=entries, ontology_version=ontology_version, now_ms=now_ms
        )
        return [
            ConsensusOutcome(
                resolved.task_id,
                version,
                count_kept(resolved.labelling),
                resolved.lowest_posterior,
                resolved.labelling,
            )
            for version, resolved, _, _ in entries
        ]

    def _enqueue(
        self,
        tx: Transaction,
        *,
        workspace_id: str,
        project_id: str,
        delay_ms: int,
        everything: bool = False,
        created_by: str | None = None,
    ) -> str:
        return self.machine.jobs.enqueue(
            tx,
            RESOLVE_JOB,
            workspace_id=workspace_id,
            args={"project_id": project_id, "everything": everything},
            subject=project_id,
            unique_key=f"{RESOLVE_JOB}:{project_id}:{int(everything)}",
            delay_ms=delay_ms,
            created_by=created_by,
        )


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
    consensus = resolve_detections(evidence.marks, evidence.looks, skill=with_decider(fit.skill))
    skill_of = {**fit.skill_of, DECIDER: _WEIGHT_OF_DECIDER}
    return resolved_tasks(evidence, consensus, classes=fit.classes, skill_of=skill_of)


def _submissions_by_task(votes: Sequence[Vote]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for vote in votes:
        found.setdefault(vote.task_id, []).append(vote.submission_id)
    return found


def _ready(stored: store.StoredFit, skill_of: dict[str, float]) -> Fit:
    return Fit(
        stored.version,
        {member: number for number, member in enumerate(stored.members)},
        {class_id: number for number, class_id in enumerate(stored.classes)},
        DetectionSkill.from_lists(stored.skill),
        skill_of,
    )


def _outcome(view: ConsensusView) -> ConsensusOutcome:
    return ConsensusOutcome(view.task_id, view.version, count_kept(view.labelling), view.lowest_posterior)
