"""What the parts of the service share: setups of projects, checks of labellings, and carrying out a step."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from goldsmith.core.annotations import Labelling
from goldsmith.core.errors import BugError, ConflictError, FieldFault, InvalidInputError
from goldsmith.core.ontology import Ontology
from goldsmith.items.api import TaskScope
from goldsmith.labeling import policy
from goldsmith.labeling.policy import Step
from goldsmith.labeling.store import queue, submissions, tasks
from goldsmith.labeling.store.queue import NewJudgement
from goldsmith.labeling.store.tasks import Event, LockedTask
from goldsmith.labeling.types import QualityHook, Stage, TaskFollower, TaskState
from goldsmith.platform.database import Transaction
from goldsmith.platform.machine import Machine
from goldsmith.projects.api import Asking, ProjectSetup, ProjectsService

_ONTOLOGIES_KEPT: Final = 512


class TryAgainError(ConflictError):
    """A claim met another claim of the same member, or a setup that changed meanwhile; going again settles it."""


class Move(NamedTuple):
    """A step of one task.

    Attributes:
        closed: Judgements to label that the caller closed for it.
    """

    task: LockedTask
    step: Step
    closed: int = 0


class Foundation:
    """Base of the parts of the service.

    Args:
        machine: What the service runs on.
        projects: The step below.
        rng: Draws when hidden gold is handed out; seeded by the operating system by default.
    """

    def __init__(
        self, machine: Machine, projects: ProjectsService, *, rng: random.Random | None = None
    ) -> None:
        self.machine = machine
        self.projects = projects
        self._rng = rng or random.Random()  # noqa: S311  no secret
        self._quality: QualityHook | None = None
        self._follower: TaskFollower | None = None
        # the newest setup seen of each project; whoever uses it compares the version with what the hot statement
        # read, so that no statement is spent on asking first
        self._setups: dict[str, ProjectSetup] = {}
        self._ontologies: dict[tuple[str, int], Ontology] = {}  # immutable, so nothing to invalidate
        self._own_gold_rates: dict[tuple[str, str], float] = {}  # see ``StandingKeeping``

    def use_quality(self, quality: QualityHook) -> None:
        """Connect the step above, which cannot be there when this one is made; for the composition root."""
        self._quality = quality

    def use_follower(self, follower: TaskFollower) -> None:
        """Let somebody follow what becomes of tasks; for the composition root. Without, nothing is told."""
        self._follower = follower

    def _tell_changed(self, tx: Transaction, project_id: str, task_ids: Sequence[str]) -> None:
        if self._follower is not None and task_ids:
            self._follower.on_tasks_changed(tx, project_id=project_id, task_ids=task_ids)

    def _quality_hook(self) -> QualityHook:
        if self._quality is None:
            raise BugError("quality is asked before the steps are wired")
        return self._quality

    def _now_ms(self) -> int:
        return self.machine.clock.now_ms()

    # --- setups

    def _setup(
        self, tx: Transaction, project_id: str, *, workflow_version: int | None = None
    ) -> ProjectSetup:
        """Return the setup of a project: a kept one, unless its workflow has another version than the one given."""
        kept = self._setups.get(project_id)
        if kept is not None and workflow_version in (None, kept.project.workflow_version):
            return kept
        return self._fresh_setup(tx, project_id)

    def _fresh_setup(self, tx: Transaction, project_id: str) -> ProjectSetup:
        setup = self.projects.get_setup(tx, project_id)
        self._setups[project_id] = setup
        self._keep_ontology(project_id, setup.project.ontology_version, setup.ontology)
        return setup

    def _ontology(self, tx: Transaction, project_id: str, version: int) -> Ontology:
        found = self._ontologies.get((project_id, version))
        if found is None:
            found = self.projects.get_ontology(tx, project_id, version)
            self._keep_ontology(project_id, version, found)
        return found

    def _keep_ontology(self, project_id: str, version: int, ontology: Ontology) -> None:
        if len(self._ontologies) >= _ONTOLOGIES_KEPT:
            self._ontologies.clear()
        self._ontologies[project_id, version] = ontology

    def _check_labelling(
        self,
        tx: Transaction,
        labelling: Labelling,
        *,
        project_id: str,
        made_with: int,
        newest: int,
        scope: str | None = None,
    ) -> None:
        """Check a labelling against the newest ontology, and the scope of its task (JSON text) where it has one.

        Raises:
            InvalidInputError: It does not fit; says so when the ontology changed since it was made.
        """
        if made_with > newest:
            raise InvalidInputError(
                f"ontology_version is {made_with} but the newest is {newest}; send the version the task came with"
            )
        faults = faults_of(labelling, self._ontology(tx, project_id, newest), scope)
        if not faults:
            return
        if made_with < newest:
            raise InvalidInputError(
                f"the ontology changed from version {made_with} to {newest} while this was labelled and the labels "
                "do not fit it any more; load the new ontology, mend them and submit again",
                faults=faults,
            )
        raise InvalidInputError(
            "the labels do not fit what the task asks for; mend them and submit again"
            if scope
            else "the labels do not fit the ontology; mend them and submit again",
            faults=faults,
        )

    # --- carrying out

    def _carry_out(
        self, tx: Transaction, project_id: str, moves: Sequence[Move], *, tells: bool = True
    ) -> None:
        """Set states, ask for judgements, withdraw others and tell quality, for any number of tasks at once.

        Who follows tasks is told as well, unless the caller does so (``tells``) once all is stored.
        """
        if not moves:
            return
        now_ms = self._now_ms()
        tasks.set_states(
            tx,
            [(move.task, move.step, self._judgements_after(move)) for move in moves],
            now_ms=now_ms,
        )
        rejected = [move.task.task_id for move in moves if move.step.reject_submissions]
        for task_id in rejected:
            submissions.reject(tx, task_id)
        if rejected:
            tasks.reset_counts(tx, rejected)
        self._ask(tx, project_id, moves, Stage.LABEL)
        self._ask(tx, project_id, moves, Stage.REVIEW)
        for move in moves:
            if move.step.is_all_in:
                self._tell_all_in(tx, project_id, move.task.task_id)
        if tells:
            self._tell_changed(tx, project_id, told_of(moves))

    def _tell_all_in(self, tx: Transaction, project_id: str, task_id: str) -> None:
        setup = self._setup(tx, project_id)
        self._quality_hook().on_all_in(
            tx,
            workspace_id=setup.project.workspace_id,
            project_id=project_id,
            task_id=task_id,
            is_urgent=setup.quality.asking is Asking.ADAPTIVE,
        )

    @staticmethod
    def _judgements_after(move: Move) -> int:
        kept = 0 if move.step.withdraw else move.task.facts.open_judgements - move.closed
        return max(kept, 0) + move.step.ask_label

    def _ask(self, tx: Transaction, project_id: str, moves: Sequence[Move], stage: Stage) -> None:
        entries: list[tuple[str | None, NewJudgement]] = []
        for move in moves:
            step, task = move.step, move.task
            is_label = stage is Stage.LABEL
            available_ms, tier = self._first_asked(step) if is_label else (0, 0)
            entries += [
                (
                    task.batch_id,
                    NewJudgement(
                        self.machine.ids.new("jdg"),
                        task.task_id,
                        -task.priority,
                        task.position,
                        available_ms=available_ms,
                        tier=tier,
                    ),
                )
                for _ in range(step.ask_label if is_label else int(step.ask_review))
            ]
        held = tasks.held_batches(tx, {batch_id for batch_id, _ in entries if batch_id is not None})
        for is_held in (False, True):
            queue.add_judgements(
                tx,
                project_id=project_id,
                stage=stage,
                entries=[entry for batch_id, entry in entries if (batch_id in held) is is_held],
                is_held=is_held,
                now_ms=self._now_ms(),
            )

    def _first_asked(self, step: Step) -> tuple[int, int]:
        """Return (available_ms, tier) of what is asked: in the task's place, at once, or of the skilled first."""
        if step.reserved_until_ms == 0:
            return 0, 0
        now_ms = self._now_ms()
        return max(step.reserved_until_ms, now_ms), int(step.reserved_until_ms > now_ms)

    def _event(
        self, task_id: str, kind: str, *, member_id: str | None, detail: Mapping[str, Any] | None = None
    ) -> Event:
        return Event(self.machine.ids.new("evt"), task_id, member_id, kind, detail or {})

    def _record(self, tx: Transaction, project_id: str, entries: Iterable[Event]) -> None:
        tasks.insert_events(tx, project_id=project_id, at_ms=self._now_ms(), entries=entries)

    def _lock(self, tx: Transaction, task_id: str) -> LockedTask:
        """Lock one task; its scope comes with it."""
        found = tasks.lock_tasks(tx, [task_id], now_ms=self._now_ms(), with_scope=True)
        if not found:
            raise BugError(f"task {task_id} is gone")
        return found[0]

    def _cancel(self, tx: Transaction, task: LockedTask, *, why: str) -> None:
        """Cancel a task that nobody can work on any more, hidden gold included."""
        is_done = task.facts.state is TaskState.DONE
        step = Step(TaskState.DONE if is_done else TaskState.CANCELLED, withdraw=True)
        self._carry_out(tx, task.project_id, [Move(task, step)])
        self._record(
            tx, task.project_id, [self._event(task.task_id, "cancelled", member_id=None, detail={"why": why})]
        )

    def _lock_all(
        self, tx: Transaction, project_id: str, task_ids: Sequence[str], *, with_scope: bool = False
    ) -> list[LockedTask]:
        locked = tasks.lock_tasks(tx, task_ids, now_ms=self._now_ms(), with_scope=with_scope)
        if len(locked) != len(task_ids) or any(task.project_id != project_id for task in locked):
            raise InvalidInputError("some of the tasks are not of this project; send ids of its tasks")
        return locked


def told_of(moves: Sequence[Move]) -> list[str]:
    """Return the tasks of whose moves who follows tasks hears."""
    return [move.task.task_id for move in moves if policy.is_told(move.task.facts.state, move.step.state)]


def faults_of(labelling: Labelling, ontology: Ontology, scope: str | None) -> list[FieldFault]:
    """Return what in a labelling the ontology does not allow, or the scope of its task (JSON text) where it has one."""
    if scope is None:
        return ontology.faults_of(labelling)
    return policy.faults_in_scope(labelling, ontology, TaskScope.model_validate_json(scope))
