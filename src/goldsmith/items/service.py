"""What people do with items: bring them in, look at them, take them out."""

from __future__ import annotations

from collections.abc import Sequence

from goldsmith.core.errors import GoneError, NotFoundError
from goldsmith.items import store
from goldsmith.items.types import ItemView, NewItem, TaskMaker
from goldsmith.platform.database import Transaction
from goldsmith.platform.machine import Machine
from goldsmith.projects.api import ProjectsService


class ItemsService:
    """Items and their media.

    Args:
        machine: What the service runs on.
        projects: The step below.
        task_maker: Makes the tasks of new items.
    """

    def __init__(self, machine: Machine, projects: ProjectsService, *, task_maker: TaskMaker) -> None:
        self.machine = machine
        self.projects = projects
        self.task_maker = task_maker

    def create_items(self, tx: Transaction, *, workspace_id: str, entries: Sequence[NewItem]) -> list[str]:
        """Store items and return their ids in the order given; their media must be known to the workspace."""
        item_ids = [self.machine.ids.new("itm") for _ in entries]
        store.insert_items(
            tx,
            workspace_id=workspace_id,
            item_ids=item_ids,
            entries=entries,
            now_ms=self.machine.clock.now_ms(),
        )
        return item_ids

    def get_item(self, tx: Transaction, item_id: str) -> ItemView:
        """Return an item as the wire shows it.

        Raises:
            NotFoundError: There is none.
            GoneError: It was deleted.
        """
        row = store.find_item(tx, item_id)
        if row is None:
            raise NotFoundError("there is no such item")
        if row["deleted_ms"] is not None:
            raise GoneError("the item was deleted")
        return store.view_of(row)
