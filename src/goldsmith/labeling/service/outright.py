"""A verdict on a finished task by somebody who was not asked: whoever ordered it."""

from __future__ import annotations

from typing import Final

from goldsmith.accounts.api import Access
from goldsmith.core.errors import ConflictError
from goldsmith.labeling.service.asking import Asking
from goldsmith.labeling.service.reviewing import Reviewing, settle_review
from goldsmith.labeling.store import queue
from goldsmith.labeling.types import Reviewed, ReviewReason, Verdict
from goldsmith.labeling.types.wire import ReviewBody
from goldsmith.platform.database import Transaction

_HELD_MS: Final = 60_000


class Outright(Asking, Reviewing):
    """The part of the service that takes such verdicts; they are reviews like any other."""

    def review_outright(
        self,
        tx: Transaction,
        access: Access,
        *,
        project_id: str,
        task_id: str,
        verdict: Verdict,
        reason: str,
        text: str = "",
    ) -> Reviewed:
        """Accept or reject a finished task; a rejected one is asked for again. A reviewer who looks at it is released.

        Args:
            tx: The transaction.
            access: Who says so.
            project_id: Of the task.
            task_id: The task.
            verdict: Accept or reject.
            reason: Of a rejection; the project's first one where the workflow does not know it.
            text: What else is to be said.

        Raises:
            ConflictError: The task is not finished.
        """
        self.ask_audit_reviews(tx, project_id=project_id, task_ids=[task_id])
        now_ms = self._now_ms()
        held = queue.take_review(
            tx, task_id=task_id, member_id=access.member_id, now_ms=now_ms, until_ms=now_ms + _HELD_MS
        )
        if held is None:
            raise ConflictError("the task is not finished; there is nothing to judge yet")
        known = self._fresh_setup(tx, project_id).workflow.reject_reasons
        code = reason if reason in known else known[0]
        reasons = [ReviewReason(code=code, text=text)] if verdict is Verdict.REJECT or text else []
        body = ReviewBody(
            token=held["token"], request_key=self.machine.ids.new("req"), verdict=verdict, reasons=reasons
        )
        return settle_review(self.review(tx, access, judgement_id=held["judgement_id"], body=body))
