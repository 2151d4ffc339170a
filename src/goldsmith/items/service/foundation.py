"""What the parts of the service share: the machine, the step below, the step above."""

from __future__ import annotations

from collections.abc import Sequence

from goldsmith.core.errors import BugError, ConflictError
from goldsmith.items.store import items as item_rows
from goldsmith.items.types import ItemFollower, NewItem, NewTask, TaskMaker
from goldsmith.items.types.changes import TaskHand
from goldsmith.platform.database import Transaction
from goldsmith.platform.machine import Machine
from goldsmith.projects.api import Batch, BatchState, ProjectSetup, ProjectsService, ProjectState


class Foundation:
    """Base of the parts of the service.

    Args:
        machine: What the service runs on.
        projects: The step below.
    """

    def __init__(self, machine: Machine, projects: ProjectsService) -> None:
        self.machine = machine
        self.projects = projects
        self._task_maker: TaskMaker | None = None
        self._follower: ItemFollower | None = None
        self._hand: TaskHand | None = None

    def wire(self, *, task_maker: TaskMaker, follower: ItemFollower, hand: TaskHand | None = None) -> None:
        """Connect the step above, which cannot be there when this one is made; for the composition root."""
        self._task_maker, self._follower, self._hand = task_maker, follower, hand

    def create_items(self, tx: Transaction, *, workspace_id: str, entries: Sequence[NewItem]) -> list[str]:
        """Store items and return their ids in the order given; their media must be known to the workspace."""
        item_ids = self.machine.ids.new_many("itm", len(entries))
        item_rows.insert_items(
            tx,
            workspace_id=workspace_id,
            item_ids=item_ids,
            entries=entries,
            now_ms=self.machine.clock.now_ms(),
        )
        return item_ids

    def make_tasks(
        self, tx: Transaction, *, project_id: str, batch_id: str, entries: Sequence[NewTask]
    ) -> Sequence[str]:
        """Let labelling make the tasks of new items and return their ids."""
        if self._task_maker is None:
            raise BugError("tasks are to be made before the steps are wired")
        return self._task_maker.make_tasks(tx, project_id=project_id, batch_id=batch_id, entries=entries)

    def open_setup(self, tx: Transaction, project_id: str) -> ProjectSetup:
        """Return the setup of a project that takes items; ConflictError when it is archived."""
        setup = self.projects.get_setup(tx, project_id)
        if setup.project.state is ProjectState.ARCHIVED:
            raise ConflictError("the project is archived; restore it before you bring items in")
        return setup

    def open_batch(
        self, tx: Transaction, project_id: str, *, name: str, created_by: str, priority: int = 0
    ) -> Batch:
        """Return the batch of that name, made when there is none; ConflictError when it was cancelled."""
        batch = self.projects.ensure_batch(
            tx, project_id=project_id, name=name, created_by=created_by, priority=priority
        )
        if batch.state is BatchState.CANCELLED:
            raise ConflictError(f"the batch {name!r} was cancelled; choose another name")
        return batch

    def task_hand(self) -> TaskHand:
        """Return what changes many tasks at once."""
        if self._hand is None:
            raise BugError("tasks are to be changed before the steps are wired")
        return self._hand

    def item_follower(self) -> ItemFollower:
        """Return the step above."""
        if self._follower is None:
            raise BugError("an item is to be deleted before the steps are wired")
        return self._follower
