"""Talking: comments on a task, who is at it now, and who drew what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from goldsmith.accounts.api import Access, Role, audit, emit
from goldsmith.core.errors import ConflictError, InvalidInputError, LimitExceededError, NotFoundError
from goldsmith.labeling.service.blaming import blame_of
from goldsmith.labeling.service.foundation import Foundation
from goldsmith.labeling.service.shown import Names, sees_everything
from goldsmith.labeling.store import mine, pages, talk
from goldsmith.labeling.store.talk import Standing
from goldsmith.labeling.types import (
    MAX_REPLIES,
    MAX_THREADS,
    Blame,
    CommentBody,
    Doing,
    NewsKind,
    Presence,
    PresenceBody,
    PresentView,
    ReplyBody,
    ReplyView,
    ReviewComment,
    ThreadList,
    ThreadView,
)
from goldsmith.platform.database import Row, Transaction

_EVENTS: Final = {
    "comment.created": "commented",
    "comment.replied": "replied",
    "comment.resolved": "thread_settled",
    "comment.reopened": "thread_reopened",
}


class Talking(Foundation):
    """The part of the service by which people talk about a task.

    Reviewers and above talk about every task. Annotators read all of a task that they handed in; while it is in their
    hands they see their own threads alone, so that nothing sways their opinion.
    """

    # --- comments

    def list_comments(
        self, tx: Transaction, access: Access, task_id: str, *, after: str, limit: int
    ) -> ThreadList:
        """Return threads in the order they were begun; three to five statements.

        Raises:
            NotFoundError: There is no such task, or the reader has nothing to do with it.
        """
        standing = self._standing(tx, access, task_id)
        names = _names(access, standing)
        only_by = "" if _reads_all(access, standing) else access.member_id
        rows = talk.list_threads(tx, task_id=task_id, only_by=only_by, after=after, limit=limit + 1)
        shown = rows[:limit]
        replies = talk.list_replies(tx, [row["comment_id"] for row in shown], task_id=task_id)
        items = [_thread(row, replies.get(row["comment_id"], []), names) for row in shown]
        return ThreadList(items=items, next_cursor=items[-1].comment_id if len(rows) > limit else None)

    def comment(self, tx: Transaction, access: Access, task_id: str, body: CommentBody) -> ThreadView:
        """Begin a thread; the same again returns what stands.

        Raises:
            NotFoundError: There is no such task, or the writer has nothing to do with it.
            InvalidInputError: The place is outside the image.
            LimitExceededError: The task has too many threads.
        """
        standing = self._standing(tx, access, task_id)
        again = talk.find_by_request(tx, member_id=access.member_id, request_key=body.request_key)
        comment_id = self.machine.ids.new("cmt") if again is None else again["thread_id"]
        if again is None:
            self._check_place(tx, task_id, body)
            if talk.count_threads(tx, task_id) >= MAX_THREADS:
                raise LimitExceededError(f"a task has at most {MAX_THREADS} threads; answer in one of them")
            self._store_thread(
                tx,
                access,
                standing.task_id,
                standing.project_id,
                comment_id=comment_id,
                text=body.text,
                place=None if body.x is None or body.y is None else (body.x, body.y),
                annotation_id=body.annotation_id,
                request_key=body.request_key,
            )
            self._told(tx, access, standing, "comment.created", comment_id, thread_id=comment_id)
            self._tell(tx, access, standing, thread_id=comment_id, kind=NewsKind.COMMENTED)
        elif again["task_id"] != task_id:
            raise ConflictError("the request key was used for another task; make a new one for each comment")
        return self._one(tx, access, standing, comment_id)

    def reply(self, tx: Transaction, access: Access, comment_id: str, body: ReplyBody) -> ThreadView:
        """Answer in a thread, which is open again then; the same again returns what stands.

        Raises:
            NotFoundError: There is no such thread for the writer.
            LimitExceededError: The thread is too long.
        """
        row, standing = self._thread_of(tx, access, comment_id)
        thread_id, task_id = row["thread_id"], row["task_id"]
        again = talk.find_by_request(tx, member_id=access.member_id, request_key=body.request_key)
        if again is not None:
            if again["thread_id"] != thread_id:
                raise ConflictError("the request key was used for another thread; make a new one for each")
            return self._one(tx, access, standing, thread_id)
        if talk.count_replies(tx, task_id=task_id, thread_id=thread_id) >= MAX_REPLIES:
            raise LimitExceededError(f"a thread has at most {MAX_REPLIES} replies; begin another one")
        reply_id = self.machine.ids.new("cmt")
        self._insert(
            tx,
            access,
            task_id,
            standing.project_id,
            comment_id=reply_id,
            thread_id=thread_id,
            text=body.text,
            request_key=body.request_key,
        )
        if row["resolved_ms"] is not None:
            talk.resolve(tx, thread_id, by=None, at_ms=None)
        self._told(tx, access, standing, "comment.replied", reply_id, thread_id=thread_id)
        self._tell(tx, access, standing, thread_id=thread_id, kind=NewsKind.REPLIED)
        return self._one(tx, access, standing, thread_id)

    def resolve_thread(
        self, tx: Transaction, access: Access, comment_id: str, *, is_resolved: bool
    ) -> ThreadView:
        """Settle a thread or open it again; whoever may answer in it may.

        Raises:
            NotFoundError: There is no such thread for the reader.
        """
        row, standing = self._thread_of(tx, access, comment_id)
        thread_id = row["thread_id"]
        first = row if row["comment_id"] == thread_id else talk.find_comment(tx, thread_id)
        assert first is not None, "a reply without its thread"
        if (first["resolved_ms"] is not None) != is_resolved:
            by, at_ms = (access.member_id, self._now_ms()) if is_resolved else (None, None)
            talk.resolve(tx, thread_id, by=by, at_ms=at_ms)
            kind = "comment.resolved" if is_resolved else "comment.reopened"
            self._told(tx, access, standing, kind, thread_id, thread_id=thread_id)
        return self._one(tx, access, standing, thread_id)

    def _store_thread(
        self,
        tx: Transaction,
        access: Access,
        task_id: str,
        project_id: str,
        *,
        comment_id: str,
        text: str,
        place: tuple[float, float] | None,
        annotation_id: str | None = None,
        review_id: str | None = None,
        request_key: str | None = None,
    ) -> None:
        self._insert(
            tx,
            access,
            task_id,
            project_id,
            comment_id=comment_id,
            thread_id=comment_id,
            text=text,
            request_key=request_key,
            review_id=review_id,
            x_px=None if place is None else place[0],
            y_px=None if place is None else place[1],
            annotation_id=annotation_id,
        )

    def _store_review_comments(
        self,
        tx: Transaction,
        access: Access,
        task_id: str,
        project_id: str,
        *,
        review_id: str,
        comments: Sequence[ReviewComment],
    ) -> None:
        """Begin a thread for each comment of a verdict."""
        for entry, comment_id in zip(comments, self.machine.ids.new_many("cmt", len(comments)), strict=True):
            self._store_thread(
                tx,
                access,
                task_id,
                project_id,
                comment_id=comment_id,
                text=entry.text,
                place=(entry.x, entry.y),
                annotation_id=entry.annotation_id,
                review_id=review_id,
            )

    def _insert(self, tx: Transaction, access: Access, task_id: str, project_id: str, **columns: Any) -> None:
        row: dict[str, Any] = {
            "review_id": None,
            "x_px": None,
            "y_px": None,
            "annotation_id": None,
            "request_key": None,
            "resolved_ms": None,
            "resolved_by": None,
            **columns,
            "task_id": task_id,
            "project_id": project_id,
            "member_id": access.member_id,
            "created_ms": self._now_ms(),
        }
        talk.insert_comment(tx, row)

    def _check_place(self, tx: Transaction, task_id: str, body: CommentBody) -> None:
        if body.x is None or body.y is None:
            return
        task = pages.find_task(tx, task_id)
        assert task is not None, "found before"
        width, height = task["width_px"], task["height_px"]
        if not (0 <= body.x <= width and 0 <= body.y <= height):
            raise InvalidInputError(f"the place must be inside the image, which is {width} x {height} pixels")

    def _told(
        self,
        tx: Transaction,
        access: Access,
        standing: Standing,
        kind: str,
        comment_id: str,
        *,
        thread_id: str,
    ) -> None:
        """Write what happened to the task's events and the audit log, and tell those who subscribed."""
        detail = {"comment_id": comment_id, "thread_id": thread_id}
        event = self._event(standing.task_id, _EVENTS[kind], member_id=access.member_id, detail=detail)
        self._record(tx, standing.project_id, [event])
        audit(
            tx,
            at_ms=self._now_ms(),
            access=access,
            action=kind,
            target=comment_id,
            detail={"task_id": standing.task_id},
        )
        emit(
            tx,
            machine=self.machine,
            workspace_id=standing.workspace_id,
            event=kind,
            body={**detail, "task_id": standing.task_id, "project_id": standing.project_id},
        )

    def _tell(
        self, tx: Transaction, access: Access, standing: Standing, *, thread_id: str, kind: NewsKind
    ) -> None:
        is_staff = sees_everything(access)
        mine.tell_talkers(
            tx,
            task_id=standing.task_id,
            project_id=standing.project_id,
            thread_id=thread_id,
            kind=kind,
            by=access.member_id,
            # authors may read what is said of their work; that a task is gold must not show
            tells_authors=is_staff and not standing.is_gold,
            tells_reviewers=not is_staff,
            now_ms=self._now_ms(),
        )

    def _one(self, tx: Transaction, access: Access, standing: Standing, thread_id: str) -> ThreadView:
        row = talk.find_comment(tx, thread_id)
        assert row is not None, "written before"
        replies = talk.list_replies(tx, [thread_id], task_id=standing.task_id)
        return _thread(row, replies.get(thread_id, []), _names(access, standing))

    def _thread_of(self, tx: Transaction, access: Access, comment_id: str) -> tuple[Row, Standing]:
        row = talk.find_comment(tx, comment_id)
        if row is None:
            raise NotFoundError("there is no such comment")
        standing = self._standing(tx, access, row["task_id"])
        first = row if row["comment_id"] == row["thread_id"] else talk.find_comment(tx, row["thread_id"])
        if first is None or not (_reads_all(access, standing) or first["member_id"] == access.member_id):
            raise NotFoundError("there is no such comment")
        return first, standing

    # --- presence

    def be_present(self, tx: Transaction, access: Access, task_id: str, body: PresenceBody) -> Presence:
        """Note what a page of the reader does, and return who else is at the task; five statements.

        Annotators hear of reviewers and of their own other devices alone: who labels beside them, with an opinion of
        their own, is not their business.

        Raises:
            NotFoundError: There is no such task, or the reader has nothing to do with it.
        """
        standing = self._standing(tx, access, task_id)
        key = {"task_id": task_id, "member_id": access.member_id, "device": body.device}
        now_ms = self._now_ms()
        if body.doing is Doing.AWAY:
            talk.leave(tx, **key, now_ms=now_ms)
            return Presence(others=[])
        talk.beat(tx, **key, doing=body.doing.value, now_ms=now_ms)
        names = _names(access, standing)
        newest: dict[str, Row] = {}
        for row in sorted(talk.present(tx, **key, now_ms=now_ms), key=lambda row: row["seen_ms"]):
            newest[row["member_id"]] = row
        others = [
            PresentView(
                who=names.of(
                    row["member_id"], row["name"], row["role"], as_reviewer=row["doing"] == Doing.REVIEW
                ),
                is_me=names.is_me(row["member_id"]),
                doing=Doing(row["doing"]),
                has_lease=bool(row["has_lease"]),
                since_ms=row["since_ms"],
                seen_ms=row["seen_ms"],
            )
            for row in newest.values()
            if names.is_me(row["member_id"]) or sees_everything(access) or _is_staff(row)
        ]
        return Presence(others=sorted(others, key=lambda entry: entry.since_ms))

    # --- blame

    def blame(self, tx: Transaction, access: Access, task_id: str) -> Blame:
        """Return where each object of a task comes from; four statements.

        Raises:
            NotFoundError: There is no such task, or an annotator did not hand it in.
        """
        standing = self._standing(tx, access, task_id)
        is_staff = sees_everything(access)
        if not is_staff and access.member_id not in _names(access, standing).authors:
            raise NotFoundError("there is no such task among those you handed in")
        versions = talk.versions_of(tx, task_id)
        consensus = talk.consensus_of(tx, task_id)
        if standing.is_gold and not is_staff:  # of a gold task an annotator sees the own answer alone
            versions = [row for row in versions if row["member_id"] == access.member_id]
            consensus = []
        return blame_of(versions, consensus, _names(access, standing))

    def _standing(self, tx: Transaction, access: Access, task_id: str) -> Standing:
        standing = talk.find_standing(tx, task_id=task_id, member_id=access.member_id)
        if standing is None or not (
            sees_everything(access) or standing.met or _has_labelled(access, standing)
        ):
            raise NotFoundError("there is no such task among those you worked on")
        return standing


def _names(access: Access, standing: Standing) -> Names:
    return Names(access, standing.authors, is_blind=standing.is_reviewing)


def _has_labelled(access: Access, standing: Standing) -> bool:
    return any(row["member_id"] == access.member_id for row in standing.authors)


def _reads_all(access: Access, standing: Standing) -> bool:
    return sees_everything(access) or _has_labelled(access, standing)


def _is_staff(row: Row) -> bool:
    return row["role"] is not None and Role(row["role"]).allows(Role.REVIEWER)


def _thread(row: Row, replies: Sequence[Row], names: Names) -> ThreadView:
    resolved_by = row["resolved_by"]
    return ThreadView(
        comment_id=row["comment_id"],
        author=names.of(row["member_id"], row["name"], row["role"], as_reviewer=row["review_id"] is not None),
        is_mine=names.is_me(row["member_id"]),
        x=row["x_px"],
        y=row["y_px"],
        annotation_id=row["annotation_id"],
        text=row["text"],
        review_id=row["review_id"],
        created_ms=row["created_ms"],
        resolved_ms=row["resolved_ms"],
        resolved_by=None
        if resolved_by is None
        else names.of(resolved_by, row["resolver_name"], row["resolver_role"]),
        replies=[
            ReplyView(
                comment_id=reply["comment_id"],
                author=names.of(reply["member_id"], reply["name"], reply["role"]),
                is_mine=names.is_me(reply["member_id"]),
                text=reply["text"],
                created_ms=reply["created_ms"],
            )
            for reply in replies
        ],
    )
