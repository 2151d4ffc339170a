"""Slices: filters and an order of the items grid under a name."""

from __future__ import annotations

from typing import Any

from goldsmith.accounts.api import Access
from goldsmith.core.errors import NotFoundError
from goldsmith.items.service.foundation import Foundation
from goldsmith.items.store import slices as rows
from goldsmith.items.types import Slice
from goldsmith.platform.database import Transaction


class Slices(Foundation):
    """Keeps slices."""

    def list_slices(self, tx: Transaction, project_id: str) -> list[Slice]:
        """Return the slices of a project by name."""
        return rows.list_slices(tx, project_id)

    def put_slice(self, tx: Transaction, access: Access, project_id: str, *, name: str, query: str) -> Slice:
        """Keep a slice, in place of one of the same name."""
        now_ms = self.machine.clock.now_ms()
        new: dict[str, Any] = {
            "slice_id": self.machine.ids.new("slc"),
            "project_id": project_id,
            "name": name,
            "query": query,
            "created_by": access.member_id,
            "created_ms": now_ms,
        }
        return rows.put_slice(tx, Slice(**new))

    def delete_slice(self, tx: Transaction, slice_id: str) -> None:
        """Forget a slice; NotFoundError when there is none."""
        if not rows.delete_slice(tx, slice_id):
            raise NotFoundError("there is no such slice")
