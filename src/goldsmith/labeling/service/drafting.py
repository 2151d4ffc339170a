"""Drafting: unfinished work is taken in piece by piece, and never written over by who had not seen what stands."""

from __future__ import annotations

import json
from typing import Any, Final, NoReturn

from goldsmith.accounts.api import Access
from goldsmith.core.errors import (
    ConflictError,
    FieldFault,
    LeaseLostError,
    NotFoundError,
    TooLargeError,
    VersionConflictError,
)
from goldsmith.labeling import policy
from goldsmith.labeling.service.foundation import Foundation
from goldsmith.labeling.store import drafts, queue
from goldsmith.labeling.store.drafts import DraftHead
from goldsmith.labeling.types import (
    MAX_DRAFT_BYTES,
    MAX_DRAFT_LOG,
    Draft,
    DraftAnswer,
    DraftBody,
    LostLease,
)
from goldsmith.platform.database import Transaction

_LOST: Final = (
    "the lease ended and somebody else took the task, or it was withdrawn; the work was kept as a draft; "
    "take the next task instead"
)


class NewerDraftError(VersionConflictError):
    """Another draft stands than the one that was gone on from.

    Attributes:
        newer: That draft.
    """

    def __init__(self, newer: Draft) -> None:
        super().__init__(
            f"the draft at hand has revision {newer.revision} or a different text; load it and merge before saving",
            faults=[FieldFault("revision", f"the newest is {newer.revision}")],
        )
        self.newer = newer


class Drafting(Foundation):
    """The part of the service that keeps unfinished work."""

    def save_draft(
        self, tx: Transaction, access: Access, *, judgement_id: str, body: DraftBody
    ) -> DraftAnswer | LostLease:
        """Save unfinished work. When the lease is lost it is saved all the same, and the loss is told.

        Raises:
            NewerDraftError: Another draft stands than the one it goes on from.
            ConflictError: The task was handed in, or lines of the log are missing: send it from the first.
            TooLargeError: The draft is over the cap.
        """
        judgement = queue.find_judgement(tx, judgement_id)
        if judgement is None:
            raise NotFoundError("there is no such lease")
        is_closed_by_me = judgement["member_id"] == access.member_id and not judgement["is_open"]
        if is_closed_by_me:
            raise ConflictError("this task was handed in; a draft of it would be of no use")
        answer = self._keep_draft(tx, access, task_id=judgement["task_id"], body=body)
        if judgement["member_id"] != access.member_id or judgement["token"] != body.token:
            return LostLease(_LOST)
        return answer

    def find_draft(self, tx: Transaction, *, task_id: str, member_id: str) -> Draft | None:
        """Return a member's draft of a task with its log, or None."""
        head = drafts.find(tx, task_id=task_id, member_id=member_id)
        if head is None:
            return None
        log = drafts.read_log(tx, task_id=task_id, member_id=member_id) if head.line_count else []
        return Draft(body=json.loads(head.body), revision=head.revision, saved_ms=head.saved_ms, log=log)

    def _keep_draft(self, tx: Transaction, access: Access, *, task_id: str, body: DraftBody) -> DraftAnswer:
        text = _text_of(body)
        key: dict[str, Any] = {"task_id": task_id, "member_id": access.member_id}
        standing = drafts.find(tx, **key)
        line_count = 0 if standing is None else standing.line_count
        log_size = 0 if standing is None else standing.log_size
        if standing is not None and not policy.follows_draft(
            policy.DraftStand(standing.revision, standing.writer, is_same=standing.body == text),
            revision=body.revision,
            after_revision=body.after_revision,
            writer=body.writer,
        ):
            self._refuse_draft(tx, **key)
        log = body.log
        if log is not None and log.from_line > line_count:
            raise ConflictError(
                f"the server has {line_count} lines of the log; send it from the first",
                faults=[FieldFault("log.from_line", f"at most {line_count}")],
            )
        if log is not None:
            if log.from_line < line_count:
                log_size -= drafts.cut_log(tx, **key, from_line=log.from_line)
            log_size += sum(len(line) + 1 for line in log.lines)
            line_count = log.from_line + len(log.lines)
        if log_size > MAX_DRAFT_LOG:
            raise TooLargeError(
                f"the edit log of a draft may have {MAX_DRAFT_LOG} characters; let go of its oldest steps"
            )
        head = DraftHead(text, body.revision, body.writer, line_count, log_size, self._now_ms())
        if not drafts.save(tx, **key, head=head, after=standing):
            self._refuse_draft(tx, **key)
        if log is not None and log.lines:
            drafts.add_lines(tx, **key, from_line=log.from_line, lines=log.lines)
        return DraftAnswer(revision=body.revision, saved_ms=head.saved_ms)

    def _refuse_draft(self, tx: Transaction, *, task_id: str, member_id: str) -> NoReturn:
        newer = self.find_draft(tx, task_id=task_id, member_id=member_id)
        if newer is None:
            raise ConflictError("the draft was handed in meanwhile; load the task again")
        raise NewerDraftError(newer)


def settle_draft(result: DraftAnswer | LostLease) -> DraftAnswer:
    """Return a draft's answer, to be called once the transaction is committed.

    Raises:
        LeaseLostError: The lease was lost; the draft was saved all the same.
    """
    if isinstance(result, LostLease):
        raise LeaseLostError(result.detail)
    return result


def _text_of(body: DraftBody) -> str:
    text = json.dumps(body.body, ensure_ascii=False, separators=(",", ":"))
    if len(text) > MAX_DRAFT_BYTES:
        raise TooLargeError(f"a draft may have {MAX_DRAFT_BYTES} bytes beside its log")
    return text
