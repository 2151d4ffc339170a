"""The job: answers become consensus."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from goldsmith.core.annotations import Labelling
from goldsmith.labeling.api import ConsensusOutcome
from goldsmith.platform.database import Transaction
from goldsmith.platform.jobs import JobContext
from goldsmith.quality.answering import with_said
from goldsmith.quality.deciding import decided_vote
from goldsmith.quality.policy import count_kept, is_settled, says_the_same
from goldsmith.quality.policy.asking import risk_of
from goldsmith.quality.reading import LabelReader
from goldsmith.quality.service.asking import AskingMore, AskingPlan
from goldsmith.quality.service.fitting import Fit, resolve_votes
from goldsmith.quality.store import versions
from goldsmith.quality.store.versions import NewVersion
from goldsmith.quality.types import (
    METHOD_DETECTION,
    ConsensusView,
    ResolvedTask,
    Vote,
)

_CHUNK_TASKS: Final = 100


class Resolving(AskingMore):
    """The part of the service that resolves tasks."""

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
        plan = self._asking_plan(project_id, fit)
        wanted = self._tasks_with_votes(project_id, waiting) if everything else waiting
        stored = 0
        for start in range(0, len(wanted), _CHUNK_TASKS):
            chunk = wanted[start : start + _CHUNK_TASKS]
            stored += self._resolve_chunk(context, project_id, reader, fit, plan, chunk, frozenset(waiting))
            context.progress(start + len(chunk), len(wanted), "resolving")
        if fit.version > context.step("fit before", lambda: 0):  # kept when the fit was chosen
            context.step_in_transaction(
                "signals", lambda tx: self._enqueue_signals(tx, project_id=project_id)
            )
        return {"tasks": len(wanted), "versions_stored": stored, "fit_version": fit.version}

    def _resolve_chunk(
        self,
        context: JobContext,
        project_id: str,
        reader: LabelReader,
        fit: Fit,
        plan: AskingPlan | None,
        chunk: Sequence[str],
        waiting: frozenset[str],
    ) -> int:
        votes = self._votes(reader, chunk)
        *stored, said = self._read(
            lambda tx: (
                versions.newest_decided_for(tx, chunk),
                versions.newest_for(tx, chunk),
                self.labeling.answers_said(tx, project_id, chunk),
            )
        )
        decided, current = (
            {task_id: reader.view(view) for task_id, view in views.items()} for views in stored
        )
        used = _submissions_by_task(votes)
        decisions = [
            decided_vote(view, classes=fit.classes) for task_id, view in decided.items() if task_id in used
        ]
        resolved = {entry.task_id: entry for entry in resolve_votes([*votes, *decisions], fit)}
        fresh: dict[str, NewVersion] = {}
        unchanged: dict[str, ConsensusOutcome] = {}
        to_decide: list[ResolvedTask] = []
        for task_id in chunk:
            entry = with_said(
                resolved.get(task_id, ResolvedTask(task_id, Labelling(), {}, [])), said.get(task_id)
            )
            previous = current.get(task_id)
            is_decided = previous is not None and is_settled(
                previous, is_waiting=task_id in waiting, has_votes=task_id in used
            )
            if not is_decided and task_id in waiting and task_id in used:
                to_decide.append(entry)
            if previous is not None and (is_decided or says_the_same(previous, entry)):
                unchanged[task_id] = _outcome(previous, entry, is_decided=is_decided)
            else:
                version = 1 if previous is None else previous.version + 1
                fresh[task_id] = NewVersion(version, entry, METHOD_DETECTION, {"fit_version": fit.version})

        asked = {} if plan is None else self._who_is_asked(project_id, plan, to_decide, used)

        def write(tx: Transaction) -> int:
            # all writers wait meanwhile, so everything dear is done before; whoever revised, rejected or decided a
            # task since queued the next job, and this one passes it over
            now, newest = self.labeling.counted_ids(tx, chunk), versions.newest_versions(tx, chunk)
            still = {
                task_id
                for task_id in chunk
                if now.get(task_id) == used.get(task_id)
                and newest.get(task_id) == (current[task_id].version if task_id in current else None)
            }
            entries = [entry for task_id, entry in fresh.items() if task_id in still]
            outcomes = [outcome for task_id, outcome in unchanged.items() if task_id in still]
            outcomes += self._store(tx, project_id, entries, ontology_version=reader.ontology_version)
            if plan is not None:
                outcomes = [
                    self._with_asked(outcome, asked.get(outcome.task_id), plan.policy) for outcome in outcomes
                ]
            self.labeling.after_consensus(tx, project_id=project_id, outcomes=outcomes)
            return len(entries)

        return context.step_in_transaction(f"resolve:{chunk[0]}:{len(chunk)}", write)

    def _tasks_with_votes(self, project_id: str, waiting: Sequence[str]) -> list[str]:
        """Return all tasks that somebody labelled, but for gold, whose answer is known; and those that wait."""
        voted = {row.task_id for batch in self.labeling.iter_counted(project_id) for row in batch}
        gold = {row.task_id for row in self._read(lambda tx: self.labeling.gold_evidence(tx, project_id))}
        return sorted((voted - gold) | set(waiting))


def _submissions_by_task(votes: Sequence[Vote]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for vote in votes:
        found.setdefault(vote.task_id, []).append(vote.submission_id)
    return found


def _outcome(view: ConsensusView, entry: ResolvedTask, *, is_decided: bool) -> ConsensusOutcome:
    risk = risk_of([entry._replace(missed=0.0, labelling=view.labelling) if is_decided else entry])
    return ConsensusOutcome(
        view.task_id,
        view.version,
        count_kept(view.labelling),
        view.lowest_posterior,
        expected_objects=float(risk.objects[0]),
        expected_wrong=0.0 if is_decided else float(risk.wrong[0]),
    )
