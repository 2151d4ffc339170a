"""Reviewing: what follows a consensus, and what a reviewer says of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from goldsmith.accounts.api import Access
from goldsmith.core.errors import ConflictError, InvalidInputError, LeaseLostError
from goldsmith.labeling import policy
from goldsmith.labeling.service.foundation import Move, told_of
from goldsmith.labeling.service.making import Making
from goldsmith.labeling.service.talking import Talking
from goldsmith.labeling.service.working import Working, without_scores
from goldsmith.labeling.store import asking, drafts, mine, queue, reviews, submissions, tasks
from goldsmith.labeling.store.assistance import add_assistance
from goldsmith.labeling.store.submissions import NewSubmission
from goldsmith.labeling.store.tasks import LockedTask
from goldsmith.labeling.types import (
    ConsensusOutcome,
    Decision,
    LostLease,
    NewsKind,
    Outcome,
    ReviewBody,
    Reviewed,
    Stage,
    SubmissionKind,
    TaskState,
    Verdict,
)
from goldsmith.platform.database import Transaction
from goldsmith.projects.api import ProjectSetup, Workflow

_NEWS: Final = {
    Verdict.ACCEPT: NewsKind.ACCEPTED,
    Verdict.FIX: NewsKind.FIXED,
    Verdict.REJECT: NewsKind.REJECTED,
}


def settle_review(result: Reviewed | LostLease) -> Reviewed:
    """Return a review's answer, to be called once the transaction is committed.

    Raises:
        LeaseLostError: The lease was lost; a fix was kept as a draft.
    """
    if isinstance(result, LostLease):
        raise LeaseLostError(result.detail)
    return result


class Reviewing(Working, Making, Talking):
    """The part of the service that asks reviewers and follows their verdicts."""

    def after_consensus(
        self, tx: Transaction, *, project_id: str, outcomes: Sequence[ConsensusOutcome]
    ) -> None:
        """Note new consensus versions and move on the tasks that waited for them: to a reviewer, or done.

        To be called in the transaction that stores the versions; set-based, for thousands at once.
        """
        if not outcomes:
            return
        review = self._fresh_setup(tx, project_id).workflow.review
        locked = tasks.lock_tasks(tx, [outcome.task_id for outcome in outcomes], now_ms=self._now_ms())
        tasks.note_consensus(tx, outcomes, project_id=project_id, now_ms=self._now_ms())
        outcome_of = {outcome.task_id: outcome for outcome in outcomes}
        moves = [
            Move(task, policy.after_consensus(task.facts, outcome_of[task.task_id], review))
            for task in locked
            if task.facts.state is TaskState.RESOLVING
        ]
        self._carry_out(tx, project_id, moves, tells=False)
        standing = [task.task_id for task in locked if task.facts.state is TaskState.DONE]
        self._tell_changed(tx, project_id, [*standing, *told_of(moves)])
        self._record(
            tx,
            project_id,
            [
                self._event(
                    move.task.task_id,
                    "resolved",
                    member_id=None,
                    detail={"version": outcome_of[move.task.task_id].version, "state": move.step.state.value},
                )
                for move in moves
            ],
        )

    def review(
        self, tx: Transaction, access: Access, *, judgement_id: str, body: ReviewBody
    ) -> Reviewed | LostLease:
        """Take in a verdict; pass the result to ``settle_review`` after the commit.

        Raises:
            InvalidInputError: The verdict lacks its reasons or labels, or they do not fit.
            ConflictError: The lease was closed with another request key.
        """
        closed = queue.close(
            tx,
            judgement_id=judgement_id,
            member_id=access.member_id,
            token=body.token,
            stage=Stage.REVIEW,
            outcome=Outcome.REVIEWED,
            now_ms=self._now_ms(),
        )
        if closed is None:
            return self._review_again(tx, access, judgement_id=judgement_id, body=body)
        setup = self._fresh_setup(tx, closed.project_id)
        workflow = setup.workflow
        _check_verdict(body, workflow)
        task = self._lock(tx, closed.task_id)
        if task.facts.state is not TaskState.REVIEW:
            raise ConflictError(f"the task is {task.facts.state}; there is nothing to review")
        submission_id = (
            self._store_fix(tx, access, task, body, setup) if body.verdict is Verdict.FIX else None
        )
        step = policy.after_review(task.facts, body.verdict, overlap=setup.first_judgements)
        move = Move(task, step)
        self._carry_out(tx, closed.project_id, [move], tells=False)
        review_id = self._store_review(
            tx, access, task, judgement_id=judgement_id, body=body, submission_id=submission_id
        )
        if body.verdict is Verdict.ACCEPT:
            asking.note_accepted(tx, task.task_id)
        self._quality_hook().on_reviewed(
            tx,
            workspace_id=setup.project.workspace_id,
            project_id=closed.project_id,
            task_id=task.task_id,
            verdict=body.verdict,
        )
        drafts.delete(tx, task_id=task.task_id, member_id=access.member_id)
        queue.raise_frontier(tx, closed, member_id=access.member_id)
        self._tell_changed(tx, closed.project_id, told_of([move]))
        return Reviewed(review_id, submission_id, step.state)

    def _store_fix(
        self, tx: Transaction, access: Access, task: LockedTask, body: ReviewBody, setup: ProjectSetup
    ) -> str:
        assert body.labelling is not None, "checked before"
        task_id = task.task_id
        project = setup.project
        version = project.ontology_version
        self._check_labelling(
            tx,
            body.labelling,
            project_id=project.project_id,
            made_with=version,
            newest=version,
            scope=task.scope,
        )
        previous = submissions.retire_of_member(
            tx, task_id=task_id, member_id=access.member_id, kind=SubmissionKind.FIX
        )
        labelling = without_scores(body.labelling)
        row = NewSubmission(
            submission_id=self.machine.ids.new("sub"),
            task_id=task_id,
            project_id=project.project_id,
            judgement_id=None,
            member_id=access.member_id,
            kind=SubmissionKind.FIX.value,
            version=1 if previous is None else previous["version"] + 1,
            model_version_id=None,
            labelling=labelling.model_dump_json(),
            annotation_count=len(labelling.annotations),
            ontology_version=version,
            instructions_version=project.instructions_version,
            active_ms=body.active_ms,
            request_key=body.request_key,
            created_ms=self._now_ms(),
        )
        submissions.insert_submissions(tx, [row])
        add_assistance(
            tx, submission_id=row.submission_id, project_id=project.project_id, entries=body.assistance
        )
        self._decide(
            tx, project.project_id, [Decision(task_id, row.submission_id, row.labelling, "review", labelling)]
        )
        return row.submission_id

    def _store_review(
        self,
        tx: Transaction,
        access: Access,
        task: LockedTask,
        *,
        judgement_id: str,
        body: ReviewBody,
        submission_id: str | None,
    ) -> str:
        review_id = self.machine.ids.new("rev")
        reviews.insert_review(
            tx,
            {
                "review_id": review_id,
                "task_id": task.task_id,
                "project_id": task.project_id,
                "judgement_id": judgement_id,
                "member_id": access.member_id,
                "verdict": body.verdict.value,
                "reasons": json.dumps([reason.model_dump() for reason in body.reasons], ensure_ascii=False),
                "consensus_version": task.consensus_version,
                "submission_id": submission_id,
                "request_key": body.request_key,
                "created_ms": self._now_ms(),
            },
        )
        self._store_review_comments(
            tx, access, task.task_id, task.project_id, review_id=review_id, comments=body.comments
        )
        if body.verdict is not Verdict.ACCEPT or body.comments:
            mine.tell_authors(
                tx,
                task_id=task.task_id,
                kind=_NEWS[body.verdict],
                by=access.member_id,
                review_id=review_id,
                now_ms=self._now_ms(),
            )
        detail = {"review_id": review_id, "verdict": body.verdict.value}
        event = self._event(task.task_id, "reviewed", member_id=access.member_id, detail=detail)
        self._record(tx, task.project_id, [event])
        return review_id

    def _review_again(
        self, tx: Transaction, access: Access, *, judgement_id: str, body: ReviewBody
    ) -> Reviewed | LostLease:
        judgement = self._judgement(tx, judgement_id)
        again = reviews.find_by_request(tx, member_id=access.member_id, request_key=body.request_key)
        if again is not None:
            if again["judgement_id"] != judgement_id:
                raise ConflictError("the request key was used for another review; make a new one for each")
            return Reviewed(again["review_id"], again["submission_id"], TaskState(again["state"]))
        if judgement["stage"] != Stage.REVIEW:
            raise InvalidInputError("this lease is to label; send the labels to its /submit")
        if self._was_closed_by(judgement, access, body.token, Outcome.REVIEWED):
            raise ConflictError("this review was sent with another request key")
        kept = ""
        if body.labelling is not None:
            draft = {"labelling": body.labelling.model_dump(mode="json"), "kept_from": "lost lease"}
            drafts.keep(
                tx,
                task_id=judgement["task_id"],
                member_id=access.member_id,
                body=json.dumps(draft, ensure_ascii=False, separators=(",", ":")),
                now_ms=self._now_ms(),
            )
            kept = "the fix was kept as a draft; "
        return LostLease(
            f"the lease ended and somebody else took the review, or it was withdrawn; {kept}take the next one instead"
        )


def _check_verdict(body: ReviewBody, workflow: Workflow) -> None:
    if (body.verdict is Verdict.FIX) != (body.labelling is not None):
        raise InvalidInputError("the verdict fix comes with a labelling, the others without one")
    if body.verdict is Verdict.REJECT:
        if not body.reasons:
            raise InvalidInputError(f"a rejection needs a reason out of {workflow.reject_reasons}")
        unknown = sorted({reason.code for reason in body.reasons} - set(workflow.reject_reasons))
        if unknown:
            raise InvalidInputError(f"unknown reject reasons {unknown}; known are {workflow.reject_reasons}")
