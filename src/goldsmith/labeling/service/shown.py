"""How things are shown to a reader: an item, and the names of members as far as the reader may know them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from goldsmith.accounts.api import Access, Role
from goldsmith.items.api import TaskScope, content_of, media_urls
from goldsmith.labeling.policy import author_letter
from goldsmith.labeling.types import SubmissionKind
from goldsmith.platform.database import Row


def sees_everything(access: Access) -> bool:
    """Say whether a member may know who gave what, and what is gold."""
    return access.role.allows(Role.REVIEWER)


def item_of(row: Row) -> dict[str, Any]:
    """Return an item as the wire shows it."""
    return {
        "item_id": row["item_id"],
        "name": row["name"],
        "width": row["width_px"],
        "height": row["height_px"],
        "kind": row["kind"],
        "group_key": row["group_key"],
        "metadata": msgspec.Raw(row["metadata"].encode()),
        "media": media_urls(row["item_id"]).model_dump(),
        **_content_of(row),
    }


def scope_of(row: Row) -> dict[str, Any]:
    """Return the scope of a task as the wire shows it; nothing for the most, which have none.

    Args:
        row: Holds task_id and scope.
    """
    if row["scope"] is None:
        return {}
    view = TaskScope.model_validate_json(row["scope"]).view(row["task_id"])
    return {"scope": view.model_dump(mode="json")}


def _content_of(row: Row) -> dict[str, Any]:
    content = content_of(row)
    if "parts" in content:
        content["parts"] = [part.model_dump(mode="json") for part in content["parts"]]
    return content


class Names:
    """How members are called to one reader of one task.

    Reviewers know everybody, but while a task is in their hands its authors are the letters of the material that they
    judge. Annotators know themselves; other authors are letters, as on the task's page, and reviewers are nameless.

    Args:
        access: The reader.
        authors: Rows of the task's submissions by people, oldest first: member_id, kind, is_newest, is_rejected.
        is_blind: Whether the reader holds the review of the task.
    """

    def __init__(self, access: Access, authors: Sequence[Row], *, is_blind: bool) -> None:
        self._access = access
        self._is_staff = sees_everything(access)
        self._is_open = self._is_staff and not is_blind
        self._letters: dict[str, str] = {}
        self.authors = frozenset(row["member_id"] for row in authors if row["kind"] == SubmissionKind.HUMAN)
        if self._is_staff:
            human = [row for row in authors if row["kind"] == SubmissionKind.HUMAN]
            judged = [row for row in human if row["is_newest"] and not row["is_rejected"]]
            order = [row["member_id"] for row in [*judged, *human]]
        else:
            order = [row["member_id"] for row in authors if row["member_id"] != access.member_id]
        for member_id in order:
            self._letters.setdefault(member_id, author_letter(len(self._letters)))

    def of(self, member_id: str, name: str | None, role: str | None, *, as_reviewer: bool = False) -> str:
        """Return what a member is called.

        Args:
            member_id: Whom.
            name: The true name; None for somebody who is gone.
            role: The role in the workspace.
            as_reviewer: Whether the member is met as one who reviews, whatever else they did.
        """
        if self.is_me(member_id) or self._is_open:
            return name or "somebody who left"
        is_reviewer = as_reviewer or (role is not None and Role(role).allows(Role.REVIEWER))
        if is_reviewer and member_id not in self.authors:
            return (name or "a reviewer") if self._is_staff else "a reviewer"
        if as_reviewer:
            return "a reviewer"
        return self._letters.get(member_id, "an annotator")

    def is_me(self, member_id: str) -> bool:
        """Say whether a member is the reader."""
        return member_id == self._access.member_id
