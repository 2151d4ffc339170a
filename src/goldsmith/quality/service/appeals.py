"""Appeals: a member speaks up against a consequence, and a manager who is not concerned answers."""

from __future__ import annotations

from goldsmith.accounts.api import Access
from goldsmith.core.errors import NotFoundError
from goldsmith.platform.database import Transaction
from goldsmith.quality.policy.consequences import after_answer, after_appeal
from goldsmith.quality.service.standing import Standing, refuse_concerned
from goldsmith.quality.types import Appeal, Consequence, ConsequenceEventKind, Verdict


class Appeals(Standing):
    """The part of the service that takes appeals; the consequence stays in force until it is answered."""

    def appeal(self, tx: Transaction, access: Access, *, consequence_id: str, text: str) -> Consequence:
        """Take in what the member says.

        Raises:
            NotFoundError: It is none of the member's.
            ConflictError: It was appealed or lifted before.
        """
        entry = self._consequence(tx, consequence_id)
        if entry.member_id != access.member_id:
            raise NotFoundError("there is no such consequence among yours")
        appealed = entry._replace(
            state=after_appeal(entry.state),
            appeal=Appeal(text=text, at_ms=self.machine.clock.now_ms()),
        )
        self._change(tx, access, entry, appealed, event=ConsequenceEventKind.APPEALED, text=text)
        return self._view(tx, appealed, is_own=True)

    def answer(
        self, tx: Transaction, access: Access, *, consequence_id: str, verdict: Verdict, text: str
    ) -> Consequence:
        """Answer an appeal: grant it, which lifts the consequence, or uphold that.

        Raises:
            ConflictError: No appeal waits for an answer.
            PermissionDeniedError: The manager is the one who is concerned.
        """
        entry = self._consequence(tx, consequence_id)
        refuse_concerned(access, entry)
        state, now_ms = after_answer(entry.state, verdict), self.machine.clock.now_ms()
        assert entry.appeal is not None, "an appealed consequence without its appeal"
        answered = entry._replace(
            state=state,
            appeal=entry.appeal.model_copy(
                update={
                    "verdict": verdict,
                    "answer": text,
                    "answered_by": access.member_id,
                    "answered_ms": now_ms,
                }
            ),
            ended_ms=now_ms if verdict is Verdict.GRANTED else None,
        )
        self._change(tx, access, entry, answered, event=ConsequenceEventKind(verdict.value), text=text)
        return self._view(tx, answered)
