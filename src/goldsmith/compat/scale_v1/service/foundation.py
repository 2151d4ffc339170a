"""What the parts of the service share: the steps below, and finding things by the names that scripts know them by."""

from __future__ import annotations

import random
from typing import NamedTuple

from goldsmith.accounts.api import Access, AccountsService, KeyAccess
from goldsmith.compat.scale_v1.callbacks import Callbacks
from goldsmith.compat.scale_v1.store import batches as batch_rows
from goldsmith.compat.scale_v1.store import projects as project_rows
from goldsmith.compat.scale_v1.store import tasks as task_rows
from goldsmith.compat.scale_v1.types import BatchRow, ProjectRow, Space, TaskRow
from goldsmith.core.errors import NotFoundError
from goldsmith.items.api import ItemsService
from goldsmith.labeling.api import LabelingService
from goldsmith.platform.database import Transaction
from goldsmith.platform.machine import Machine
from goldsmith.projects.api import ProjectsService
from goldsmith.quality.api import QualityService


class Steps(NamedTuple):
    """The steps that the protocol translates to."""

    accounts: AccountsService
    projects: ProjectsService
    items: ItemsService
    labeling: LabelingService
    quality: QualityService
    callbacks: Callbacks


class Foundation:
    """Base of the parts of the service.

    Args:
        machine: What the service runs on.
        steps: The steps below.
        rng: Makes the random part of ids and secrets of links; the operating system's by default.
    """

    def __init__(self, machine: Machine, steps: Steps, *, rng: random.Random | None = None) -> None:
        self.machine = machine
        self.steps = steps
        self._rng = rng or random.SystemRandom()

    def _now_ms(self) -> int:
        return self.machine.clock.now_ms()

    def _project(self, tx: Transaction, space: Space, name: str) -> ProjectRow:
        found = project_rows.find_by_name(tx, space, name)
        if found is None:
            raise NotFoundError("Project with that name not found.")
        return found

    def _batch(self, tx: Transaction, space: Space, name: str) -> BatchRow:
        found = batch_rows.find_by_name(tx, space, name)
        if found is None:
            raise NotFoundError("Batch with that name not found.")
        return found

    def _task(self, tx: Transaction, space: Space, scale_id: str, *, is_held: bool = False) -> TaskRow:
        """Return a task; held, nobody else changes it until the transaction ends."""
        if is_held:
            task_rows.lock_task(tx, scale_id)
        found = task_rows.find_task(tx, space, scale_id)
        if found is None:
            raise NotFoundError("Task with that ID not found.")
        return found


def space_of(key: KeyAccess) -> Space:
    """Return whose data a key is about."""
    return Space(key.access.workspace_id, key.is_test)


def in_project(access: Access, project_id: str) -> Access:
    """Return the access of a key's member at one project."""
    return access._replace(project_id=project_id)
