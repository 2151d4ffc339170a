"""Working: what the holder of a lease does with a task."""

from __future__ import annotations

import json
from typing import Final

from goldsmith.accounts.api import Access
from goldsmith.core.annotations import Labelling
from goldsmith.core.errors import (
    ConflictError,
    InvalidInputError,
    LeaseLostError,
    NotFoundError,
)
from goldsmith.labeling import policy
from goldsmith.labeling.service.foundation import Foundation, Move
from goldsmith.labeling.store import drafts, known, queue, submissions
from goldsmith.labeling.store.assistance import add_assistance
from goldsmith.labeling.store.handing_in import hand_in
from goldsmith.labeling.types import (
    LostLease,
    Outcome,
    SkipBody,
    Stage,
    SubmissionKind,
    SubmitBody,
    Submitted,
    TaskState,
)
from goldsmith.platform.database import Row, Transaction

_LOST: Final = (
    "the lease ended and somebody else took the task, or it was withdrawn; {kept}take the next task instead"
)
_FRONTIER_LETTERS: Final = frozenset("08go")
"""The frontier is a hint: one submission in eight, told by the last letter of its judgement's id, moves it."""


def settle(result: Submitted | LostLease) -> Submitted:
    """Return a submission's answer, to be called once the transaction is committed.

    Raises:
        LeaseLostError: The lease was lost; the work was kept as a draft.
    """
    if isinstance(result, LostLease):
        raise LeaseLostError(result.detail)
    return result


class Working(Foundation):
    """The part of the service that takes in work."""

    def submit(
        self, tx: Transaction, access: Access, *, judgement_id: str, body: SubmitBody
    ) -> Submitted | LostLease:
        """Take in a labelling: three to four statements (one or two on PostgreSQL) before quality is told.

        The same again is answered from what is stored. A lease that ended counts as long as nobody else took the
        task. When it is lost, the work is kept as a draft; pass the result to ``settle`` after the commit.

        Raises:
            InvalidInputError: The labelling does not fit the ontology or the task's scope; the lease stays.
            ConflictError: It was submitted with another request key, or the key was used for another task.
        """
        labelling = without_scores(body.labelling)
        submission_id = self.machine.ids.new("sub")
        handed_in = hand_in(
            tx,
            {
                "judgement_id": judgement_id,
                "member_id": access.member_id,
                "token": body.token,
                "submission_id": submission_id,
                "labelling": labelling.model_dump_json(),
                "annotation_count": len(labelling.annotations),
                "instructions_version": body.instructions_version,
                "active_ms": body.active_ms,
                "request_key": body.request_key,
                "now_ms": self._now_ms(),
            },
        )
        if handed_in is None:
            return self._answer_again(tx, access, judgement_id=judgement_id, body=body)
        project_id, newest = handed_in.project_id, handed_in.ontology_version
        self._check_labelling(
            tx,
            labelling,
            project_id=project_id,
            made_with=body.ontology_version,
            newest=newest,
            scope=handed_in.scope,
        )
        if not handed_in.had_draft and judgement_id[-1] in _FRONTIER_LETTERS:
            queue.raise_frontier(tx, handed_in, member_id=access.member_id)
        if body.assistance:
            add_assistance(tx, submission_id=submission_id, project_id=project_id, entries=body.assistance)
        is_last = not handed_in.is_gold and handed_in.open_judgements == 0
        if is_last and handed_in.state is TaskState.RESOLVING:
            self._tell_all_in(tx, project_id, handed_in.task_id)
        state = self._shown_state(tx, project_id, handed_in.state, is_gold=handed_in.is_gold)
        return Submitted(submission_id, 1, state)

    def skip(self, tx: Transaction, access: Access, *, judgement_id: str, body: SkipBody) -> TaskState:
        """Pass a task over for good; somebody else is asked instead, until too many passed it over.

        Raises:
            LeaseLostError: The lease is gone.
            InvalidInputError: The reason is none of the project's.
        """
        judgement = self._judgement(tx, judgement_id)
        if judgement["is_open"] == known.COURSE_OPEN:
            raise ConflictError("a task of the course is not skipped; answer it as well as you can")
        stage = Stage(judgement["stage"])
        workflow = self._setup(tx, judgement["project_id"]).workflow
        if stage is Stage.LABEL and body.reason not in workflow.skip_reasons:
            workflow = self._fresh_setup(tx, judgement["project_id"]).workflow
            if body.reason not in workflow.skip_reasons:
                raise InvalidInputError(f"reason must be one of {workflow.skip_reasons}")
        closed = queue.close(
            tx,
            judgement_id=judgement_id,
            member_id=access.member_id,
            token=body.token,
            stage=stage,
            outcome=Outcome.SKIPPED,
            skip_reason=body.reason,
            now_ms=self._now_ms(),
        )
        task = self._lock(tx, judgement["task_id"])
        if closed is None:
            if not self._was_closed_by(judgement, access, body.token, Outcome.SKIPPED):
                raise LeaseLostError(_LOST.format(kept=""))
            step = policy.Step(task.facts.state)
        elif stage is Stage.REVIEW:
            step = policy.after_review_skip(task.facts)
        else:
            step = policy.after_skip(task.facts, skips=queue.count_skips(tx, task.task_id))
        if closed is not None:
            is_counted = stage is Stage.LABEL and not task.facts.is_gold
            self._carry_out(tx, task.project_id, [Move(task, step, closed=int(is_counted))])
            detail = {"reason": body.reason, "stage": stage.value}
            event = self._event(task.task_id, "skipped", member_id=access.member_id, detail=detail)
            self._record(tx, task.project_id, [event])
            drafts.delete(tx, task_id=task.task_id, member_id=access.member_id)
            queue.raise_frontier(tx, closed, member_id=access.member_id)
        overlap = self._setup(tx, task.project_id).first_judgements
        return policy.shown_state(step.state, is_gold=task.facts.is_gold, overlap=overlap)

    def release(self, tx: Transaction, access: Access, *, judgement_id: str, token: int) -> None:
        """Put a task back; its draft stays for when the member gets it again.

        Raises:
            LeaseLostError: The lease is gone.
        """
        now_ms = self._now_ms()
        released = queue.release(
            tx, judgement_id=judgement_id, member_id=access.member_id, token=token, now_ms=now_ms
        )
        if released is None:
            judgement = self._judgement(tx, judgement_id)
            if judgement["token"] == token and judgement["member_id"] is None and judgement["is_open"]:
                return  # released before
            if self._holds_known(judgement, access, token):
                return  # waits for its one holder
            raise LeaseLostError(_LOST.format(kept=""))
        if released["is_gold"]:  # an extra judgement; nobody else needs to take it up
            queue.withdraw(tx, judgement_id=judgement_id, now_ms=now_ms)

    def renew(self, tx: Transaction, access: Access, *, judgement_id: str, token: int) -> int:
        """Keep a task for another lease time from now, and return its new end in ms.

        Raises:
            LeaseLostError: The lease is gone.
        """
        project_id = access.project_id or self._judgement(tx, judgement_id)["project_id"]
        until_ms = self._now_ms() + self._setup(tx, project_id).workflow.lease_s * 1000
        if not queue.renew(
            tx, judgement_id=judgement_id, member_id=access.member_id, token=token, until_ms=until_ms
        ) and not self._holds_known(self._judgement(tx, judgement_id), access, token):
            raise LeaseLostError(_LOST.format(kept=""))
        return until_ms

    # --- the roads less travelled

    def _answer_again(
        self, tx: Transaction, access: Access, *, judgement_id: str, body: SubmitBody
    ) -> Submitted | LostLease:
        again = submissions.find_by_request(tx, member_id=access.member_id, request_key=body.request_key)
        judgement = self._judgement(tx, judgement_id)
        if again is not None:
            return self._submitted_before(tx, again, task_id=judgement["task_id"])
        if judgement["is_open"] == known.COURSE_OPEN and judgement["member_id"] == access.member_id:
            return self._take_known(tx, access, judgement_id=judgement_id, body=body)
        if self._was_closed_by(judgement, access, body.token, Outcome.SUBMITTED):
            raise ConflictError("this task was submitted with another request key; revise it instead")
        if self._was_closed_by(judgement, access, body.token, Outcome.SKIPPED):
            raise ConflictError("this task was skipped by you; it cannot be submitted any more")
        if judgement["stage"] != Stage.LABEL:
            raise InvalidInputError("this lease is to review; send a verdict to its /review")
        kept = {"labelling": body.labelling.model_dump(mode="json"), "kept_from": "lost lease"}
        drafts.keep(
            tx,
            task_id=judgement["task_id"],
            member_id=access.member_id,
            body=json.dumps(kept, ensure_ascii=False, separators=(",", ":")),
            now_ms=self._now_ms(),
        )
        return LostLease(_LOST.format(kept="the work was kept as a draft; "))

    def _take_known(
        self, tx: Transaction, access: Access, *, judgement_id: str, body: SubmitBody
    ) -> Submitted | LostLease:
        """Take in the answer to a task of the course: it is kept for its author alone and counts nowhere."""
        closed = known.close_course_judgement(
            tx,
            judgement_id=judgement_id,
            member_id=access.member_id,
            token=body.token,
            now_ms=self._now_ms(),
        )
        if closed is None:
            return LostLease(_LOST.format(kept=""))
        project_id, newest = closed["project_id"], closed["ontology_version"]
        labelling = without_scores(body.labelling)
        self._check_labelling(
            tx,
            labelling,
            project_id=project_id,
            made_with=body.ontology_version,
            newest=newest,
            scope=closed["scope"],
        )
        submission_id = self.machine.ids.new("sub")
        row = submissions.NewSubmission(
            submission_id=submission_id,
            task_id=closed["task_id"],
            project_id=project_id,
            judgement_id=judgement_id,
            member_id=access.member_id,
            kind=SubmissionKind.COURSE.value,
            version=1,
            model_version_id=None,
            labelling=labelling.model_dump_json(),
            annotation_count=len(labelling.annotations),
            ontology_version=newest,
            instructions_version=body.instructions_version,
            active_ms=body.active_ms,
            request_key=body.request_key,
            created_ms=self._now_ms(),
        )
        submissions.insert_submissions(tx, [row])
        drafts.delete(tx, task_id=closed["task_id"], member_id=access.member_id)
        state = self._shown_state(tx, project_id, TaskState.DONE, is_gold=True)
        return Submitted(submission_id, 1, state)

    def _submitted_before(self, tx: Transaction, row: Row, *, task_id: str) -> Submitted:
        if row["task_id"] != task_id:
            raise ConflictError(
                "the request key was used for another task; make a new one for each submission"
            )
        looks_like_gold = bool(row["is_gold"]) or row["kind"] == SubmissionKind.COURSE
        state = self._shown_state(tx, row["project_id"], TaskState(row["state"]), is_gold=looks_like_gold)
        return Submitted(row["submission_id"], row["version"], state)

    def _shown_state(self, tx: Transaction, project_id: str, state: TaskState, *, is_gold: bool) -> TaskState:
        if not is_gold:
            return state
        overlap = self._setup(tx, project_id).first_judgements
        return policy.shown_state(state, is_gold=True, overlap=overlap)

    def _judgement(self, tx: Transaction, judgement_id: str) -> Row:
        judgement = queue.find_judgement(tx, judgement_id)
        if judgement is None:
            raise NotFoundError("there is no such lease")
        return judgement

    @staticmethod
    def _holds_known(judgement: Row, access: Access, token: int) -> bool:
        return bool(
            judgement["is_open"] == known.COURSE_OPEN
            and judgement["member_id"] == access.member_id
            and judgement["token"] == token
        )

    @staticmethod
    def _was_closed_by(judgement: Row, access: Access, token: int, outcome: Outcome) -> bool:
        return bool(
            judgement["member_id"] == access.member_id
            and judgement["token"] == token
            and judgement["outcome"] == outcome
        )


def without_scores(labelling: Labelling) -> Labelling:
    """Return a person's labelling without scores: only predictions and consensus carry them."""
    if all(annotation.score is None for annotation in labelling.annotations):
        return labelling
    mended = [annotation.model_copy(update={"score": None}) for annotation in labelling.annotations]
    return labelling.model_copy(update={"annotations": mended})
