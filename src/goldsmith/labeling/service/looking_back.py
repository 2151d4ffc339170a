"""Looking back: a member's own work, what became of it, and what is new."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from goldsmith.accounts.api import Access, Role
from goldsmith.core.errors import InvalidInputError
from goldsmith.items.api import media_urls
from goldsmith.labeling.service.foundation import Foundation
from goldsmith.labeling.store import mine
from goldsmith.labeling.types import Verdict, WorkShow
from goldsmith.platform.database import Row, Transaction

_VERDICTS: Final = {
    WorkShow.ACCEPTED: Verdict.ACCEPT,
    WorkShow.FIXED: Verdict.FIX,
    WorkShow.REJECTED: Verdict.REJECT,
}


class LookingBack(Foundation):
    """The part of the service that shows members what became of their work."""

    def list_work(
        self,
        tx: Transaction,
        access: Access,
        *,
        show: WorkShow,
        project_id: str | None,
        cursor: str,
        limit: int,
    ) -> dict[str, Any]:
        """Return own work as ``WorkList``: what has news first, then submissions, newest first; one or two statements.

        A cursor is ``n`` with the time and task of the last entry with news, or ``s`` with the last submission.

        Raises:
            InvalidInputError: The cursor is none of ours.
        """
        params: dict[str, Any] = {"member_id": access.member_id, "workspace_id": access.workspace_id}
        common = ["workspace_id"]
        if project_id is not None:
            params["project_id"] = project_id
            common.append("project_id")
        if not _sees_all_projects(access):
            common.append("is_in_project")
        rows: list[Row] = []
        next_cursor: str | None = None
        is_by_news = show in (WorkShow.ALL, WorkShow.UNREAD, WorkShow.TALK)
        if is_by_news and not cursor.startswith("s"):
            narrow = "is_others" if show is WorkShow.TALK else "is_unread"
            rows, next_cursor = _news_page(tx, params, [*common, narrow], cursor=cursor, limit=limit)
        if show not in (WorkShow.UNREAD, WorkShow.TALK) and next_cursor is None:
            conditions = [*common]
            if show is WorkShow.ALL:
                conditions.append("is_read")
            else:
                params["verdict"] = _VERDICTS[show].value
                conditions.append("verdict")
            before = cursor.removeprefix("s") if cursor.startswith("s") else ""
            own, next_cursor = _own_page(tx, params, conditions, before=before, limit=limit - len(rows))
            rows += own
        return {"items": [_entry(row) for row in rows], "next_cursor": next_cursor}

    def count_unread(self, tx: Transaction, access: Access) -> int:
        """Return how many tasks have news that the member did not see."""
        return mine.count_unread(
            tx,
            workspace_id=access.workspace_id,
            member_id=access.member_id,
            is_in_all=_sees_all_projects(access),
        )

    def mark_seen(self, tx: Transaction, access: Access, task_id: str) -> None:
        """Note that the member saw what happened to a task."""
        mine.mark_seen(tx, member_id=access.member_id, task_id=task_id)


def _news_page(
    tx: Transaction, params: dict[str, Any], conditions: list[str], *, cursor: str, limit: int
) -> tuple[list[Row], str | None]:
    """Return a page of tasks with news and the cursor of the next; None when this was the last."""
    if cursor:
        at_ms, dot, task_id = cursor.removeprefix("n").partition(".")
        if not (cursor.startswith("n") and dot and at_ms.isdecimal() and len(at_ms) < 16):
            raise InvalidInputError("the cursor is not one that this list gave")
        params = {**params, "before_ms": int(at_ms), "before_task": task_id}
        conditions = [*conditions, "before_ms"]
    rows = mine.list_news(tx, params, conditions=conditions, limit=limit + 1)
    shown = rows[:limit]
    if len(rows) <= limit:
        return shown, None
    return shown, f"n{shown[-1]['news_ms']}.{shown[-1]['task_id']}"


def _own_page(
    tx: Transaction, params: dict[str, Any], conditions: list[str], *, before: str, limit: int
) -> tuple[list[Row], str | None]:
    """Return a page of own submissions and the cursor of the next."""
    if before:
        params = {**params, "before": before}
        conditions = [*conditions, "before"]
    rows = mine.list_own(tx, params, conditions=conditions, limit=limit + 1)
    shown = rows[:limit]
    if len(rows) <= limit:
        return shown, None
    # a page that news filled leaves all submissions to the next one
    return shown, f"s{shown[-1]['submission_id']}" if shown else "s"


def _sees_all_projects(access: Access) -> bool:
    return access.role.allows(Role.MANAGER)


def _entry(row: Row) -> dict[str, Any]:
    return {
        "task_id": row["task_id"],
        "project_id": row["project_id"],
        "project_name": row["project_name"],
        "item_id": row["item_id"],
        "item_name": row["item_name"],
        "thumbnail": media_urls(row["item_id"]).thumbnail,
        "submission": None if row["submission_id"] is None else _submission(row),
        "review": None if row["review_id"] is None else _review(row),
        "news": None if row["news_kind"] is None else _news(row),
        "comment_count": row["comment_count"],
        "open_threads": row["open_threads"],
    }


def _submission(row: Row) -> dict[str, Any]:
    return {
        "submission_id": row["submission_id"],
        "version": row["version"],
        "annotation_count": row["annotation_count"],
        "active_ms": row["active_ms"],
        "is_rejected": bool(row["is_rejected"]),
        "created_ms": row["created_ms"],
    }


def _review(row: Row) -> dict[str, Any]:
    return {
        "review_id": row["review_id"],
        "verdict": row["verdict"],
        "reasons": msgspec.Raw(row["reasons"].encode()),
        "created_ms": row["reviewed_ms"],
    }


def _news(row: Row) -> dict[str, Any]:
    return {"kind": row["news_kind"], "at_ms": row["news_ms"], "is_unread": bool(row["is_unread"])}
