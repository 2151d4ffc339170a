"""Something done to many items at once: at once where they are few, by a job where they are many; and taken back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from goldsmith.accounts.api import Access, audit, emit
from goldsmith.core.errors import ConflictError, InvalidInputError, NotFoundError
from goldsmith.items.service.foundation import Foundation
from goldsmith.items.store import changes as rows
from goldsmith.items.types import GridFilter
from goldsmith.items.types.changes import (
    AnswerChange,
    Change,
    ChangeContext,
    ChangeRow,
    ChangeView,
    DeleteChange,
    GoldChange,
    MoveChange,
    RequeueChange,
    RestoreChange,
)
from goldsmith.platform.database import Transaction
from goldsmith.platform.jobs import JobContext

CHANGE_KIND: Final = "items.change"
_UNDOABLE: Final = (AnswerChange, DeleteChange, RestoreChange)


class Changes(Foundation):
    """Changes many items.

    Attributes:
        changed_at_once: Up to so many are changed in the request itself.
        changed_in_a_portion: By a job, in one transaction.
    """

    changed_at_once = 200
    changed_in_a_portion = 250

    def request_change(
        self,
        tx: Transaction,
        access: Access,
        project_id: str,
        *,
        change: Change,
        task_ids: list[str] | None,
        wanted: GridFilter | None,
    ) -> ChangeView:
        """Choose the items and do it, or queue the job that does.

        Args:
            tx: The transaction at hand.
            access: Who wants it.
            project_id: Where.
            change: What.
            task_ids: Which; None for all that fit ``wanted``.
            wanted: A filter of the grid.

        Raises:
            InvalidInputError: Nothing fits, or the change itself does not hold.
            ConflictError: The project is archived.
        """
        self.open_setup(tx, project_id)
        self._check(tx, project_id, change)
        change_id = self.machine.ids.new("chg")
        now_ms = self.machine.clock.now_ms()
        row = ChangeRow(
            change_id, project_id, change, 0, 0, 0, None, access.member_id, now_ms, None, None, None
        )
        rows.insert_change(tx, row)
        are_deleted = isinstance(change, RestoreChange)
        if task_ids is not None:
            total = rows.freeze_named(
                tx, change_id=change_id, project_id=project_id, task_ids=task_ids, are_deleted=are_deleted
            )
        else:
            chosen = (wanted or GridFilter())._replace(is_deleted=are_deleted)
            total = rows.freeze_filtered(tx, change_id=change_id, project_id=project_id, wanted=chosen)
        if total == 0:
            raise InvalidInputError(
                "none of the items are there any more; choose some of those that are shown"
            )
        job_id = (
            None
            if total <= self.changed_at_once
            else self._enqueue(tx, access, change_id, change, undo=False)
        )
        rows.start(tx, change_id=change_id, total=total, job_id=job_id)
        detail = {"change_id": change_id, "count": total, "change": change.model_dump(mode="json")}
        audit(tx, at_ms=now_ms, access=access, action="items.changed", target=project_id, detail=detail)
        self._tell(tx, access.workspace_id, "items.changed", project_id, detail)
        row = row._replace(total=total, job_id=job_id)
        if job_id is None:
            self._settle(tx, row, after=0, limit=self.changed_at_once)
            rows.finish(tx, change_id=change_id, now_ms=now_ms)
        return self.get_change(tx, change_id)

    def undo_change(self, tx: Transaction, access: Access, change_id: str) -> ChangeView:
        """Take a change back, where nobody changed the same anew since.

        Raises:
            NotFoundError: There is none.
            ConflictError: It cannot be taken back, is not through yet, or was taken back.
        """
        row = self._require_change(tx, change_id)
        if not isinstance(row.change, _UNDOABLE):
            raise ConflictError("only answers, deletions and restorations can be taken back")
        if row.finished_ms is None:
            raise ConflictError("the change is not through yet; cancel its job or wait for its end")
        if row.undone_by is not None:
            raise ConflictError("the change was taken back before")
        is_small = row.total <= self.changed_at_once
        job_id = None if is_small else self._enqueue(tx, access, change_id, row.change, undo=True)
        rows.begin_undo(tx, change_id=change_id, by=access.member_id, job_id=job_id)
        now_ms = self.machine.clock.now_ms()
        detail = {"change_id": change_id, "count": row.changed}
        audit(
            tx,
            at_ms=now_ms,
            access=access,
            action="items.change_undone",
            target=row.project_id,
            detail=detail,
        )
        if job_id is None:
            self._unsettle(tx, row._replace(undone_by=access.member_id), after=0, limit=self.changed_at_once)
            rows.finish_undo(tx, change_id=change_id, now_ms=now_ms)
        return self.get_change(tx, change_id)

    def get_change(self, tx: Transaction, change_id: str) -> ChangeView:
        """Return a change and how far it came; NotFoundError when there is none."""
        return _view(self._require_change(tx, change_id))

    def list_changes(
        self, tx: Transaction, project_id: str, *, before: str | None, limit: int
    ) -> list[ChangeView]:
        """Return what was done to many items of a project, newest first."""
        found = rows.list_changes(tx, project_id=project_id, before=before or "zzz", limit=limit)
        return [_view(row) for row in found]

    def run_change(self, context: JobContext) -> dict[str, Any]:
        """Run the job of a change or of taking one back: portion by portion, each exactly once."""
        change_id, is_undo = context.args["change_id"], bool(context.args["undo"])
        read, write = self.machine.database.read_sync, self.machine.database.write_sync
        row = read(lambda tx: self._require_change(tx, change_id))
        work = self._unsettle if is_undo else self._settle
        portion = self.changed_in_a_portion
        for after in range(0, row.total, portion):

            def settle(tx: Transaction, after: int = after) -> int:
                return work(tx, row, after=after, limit=portion)

            context.step_in_transaction(f"{after}", settle)
            context.progress(min(after + portion, row.total), row.total, _TITLES[row.change.kind])
        end = rows.finish_undo if is_undo else rows.finish
        write(lambda tx: end(tx, change_id=change_id, now_ms=self.machine.clock.now_ms()))
        done = read(lambda tx: self._require_change(tx, change_id))
        return {"change_id": change_id, "total": done.total, "changed": done.changed}

    # --- parts

    def _check(self, tx: Transaction, project_id: str, change: Change) -> None:
        if isinstance(change, AnswerChange):
            self.task_hand().check_answer(tx, project_id=project_id, change=change)
        batch_id = getattr(change, "batch_id", None)
        if batch_id is not None and self.projects.get_batch(tx, batch_id).project_id != project_id:
            raise NotFoundError("the project has no such batch")
        if isinstance(change, MoveChange) and change.batch_id is None and change.priority is None:
            raise InvalidInputError("say a batch, a priority, or both")

    def _settle(self, tx: Transaction, row: ChangeRow, *, after: int, limit: int) -> int:
        portion = rows.list_portion(tx, change_id=row.change_id, after=after, limit=limit)
        number_of = {task_id: number for number, task_id, _ in portion}
        before = self._apply(tx, row, list(number_of), first=after)
        noted = {number_of[task_id]: entry for task_id, entry in before.items()}
        rows.note_before(tx, change_id=row.change_id, before=noted)
        settled = after + len(portion)
        rows.advance(tx, change_id=row.change_id, settled=settled, changed=len(before))
        return len(before)

    def _apply(
        self, tx: Transaction, row: ChangeRow, task_ids: list[str], *, first: int
    ) -> Mapping[str, Any]:
        context = ChangeContext(row.project_id, row.change_id, row.created_by)
        hand, change = self.task_hand(), row.change
        match change:
            case AnswerChange():
                return hand.answer_tasks(tx, context, task_ids=task_ids, change=change)
            case RequeueChange():
                return hand.requeue_tasks(tx, context, task_ids=task_ids, first=first, change=change)
            case MoveChange():
                return hand.move_tasks(tx, context, task_ids=task_ids, change=change)
            case GoldChange():
                return hand.make_gold(tx, context, task_ids=task_ids)
            case DeleteChange() | RestoreChange():
                return self._turn(tx, task_ids, deletes=isinstance(change, DeleteChange))

    def _turn(self, tx: Transaction, task_ids: list[str], *, deletes: bool) -> dict[str, bool]:
        now_ms = self.machine.clock.now_ms()
        turned = rows.turn_items(tx, task_ids, deleted_ms=now_ms if deletes else None)
        item_ids = sorted(set(turned.values()))
        if item_ids and deletes:
            self.item_follower().on_items_deleted(tx, item_ids=item_ids)
        elif item_ids:
            self.item_follower().on_items_restored(tx, item_ids=item_ids)
        return dict.fromkeys(turned, True)

    def _unsettle(self, tx: Transaction, row: ChangeRow, *, after: int, limit: int) -> int:
        portion = rows.list_portion(tx, change_id=row.change_id, after=after, limit=limit)
        number_of = {task_id: number for number, task_id, _ in portion}
        before = {task_id: entry for _, task_id, entry in portion if entry is not None}
        change = row.change
        if isinstance(change, AnswerChange):
            context = ChangeContext(row.project_id, row.change_id, row.created_by)
            undone = self.task_hand().take_answers_back(tx, context, change=change, before=before)
        else:
            undone = set(self._turn(tx, list(before), deletes=isinstance(change, RestoreChange)))
        rows.note_before(tx, change_id=row.change_id, before={number_of[task_id]: None for task_id in undone})
        rows.advance(tx, change_id=row.change_id, settled=after + len(portion), changed=-len(undone))
        return len(undone)

    def _enqueue(self, tx: Transaction, access: Access, change_id: str, change: Change, *, undo: bool) -> str:
        return self.machine.jobs.enqueue(
            tx,
            CHANGE_KIND,
            workspace_id=access.workspace_id,
            args={"change_id": change_id, "undo": undo},
            subject=f"Undo: {_TITLES[change.kind]}" if undo else _TITLES[change.kind],
            created_by=access.member_id,
        )

    def _tell(
        self, tx: Transaction, workspace_id: str, event: str, target: str, detail: dict[str, Any]
    ) -> None:
        body = {"target": target, **detail}
        emit(tx, machine=self.machine, workspace_id=workspace_id, event=event, body=body)

    def _require_change(self, tx: Transaction, change_id: str) -> ChangeRow:
        row = rows.find_change(tx, change_id)
        if row is None:
            raise NotFoundError("there is no such change")
        return row


_TITLES: Final = {
    "answer": "Answering for items",
    "requeue": "Asking more people",
    "move": "Moving items",
    "gold": "Making gold",
    "delete": "Deleting items",
    "restore": "Restoring items",
}


def _view(row: ChangeRow) -> ChangeView:
    is_undoable = isinstance(row.change, _UNDOABLE) and row.finished_ms is not None and row.undone_by is None
    return ChangeView(**row._asdict(), is_undoable=is_undoable and row.changed > 0)
