"""Revising: a new version of one's own submission, made from the newest one or merged with it."""

from __future__ import annotations

import json
from typing import Any

from goldsmith.accounts.api import Access
from goldsmith.core.errors import ConflictError, FieldFault, NotFoundError, VersionConflictError
from goldsmith.labeling import policy
from goldsmith.labeling.service.drafting import Drafting
from goldsmith.labeling.service.foundation import Move
from goldsmith.labeling.service.shown import item_of, scope_of
from goldsmith.labeling.service.working import Working, without_scores
from goldsmith.labeling.store import drafts, mine, submissions
from goldsmith.labeling.store.assistance import add_assistance
from goldsmith.labeling.store.submissions import NewSubmission
from goldsmith.labeling.types import (
    DraftAnswer,
    ReviseBody,
    RevisionDraftBody,
    RevisionSubmission,
    SubmissionKind,
    Submitted,
    TaskState,
)
from goldsmith.platform.database import Row, Transaction


class NewerVersionError(VersionConflictError):
    """The submission has a newer version than the one that the revision was made from.

    Attributes:
        newest: That version.
    """

    def __init__(self, newest: RevisionSubmission) -> None:
        super().__init__(
            f"version {newest.version} of your submission stands already; merge with it and send again",
            faults=[FieldFault("after_version", f"the newest is {newest.version}")],
        )
        self.newest = newest


class Revising(Working, Drafting):
    """The part of the service by which authors change what they handed in."""

    def revise(self, tx: Transaction, access: Access, *, task_id: str, body: ReviseBody) -> Submitted:
        """Add a new version of the member's own submission, while the task is not done.

        Raises:
            NotFoundError: The member submitted nothing for the task that counts.
            ConflictError: The task is done.
            NewerVersionError: It was made from an older version than the newest.
            InvalidInputError: The labelling does not fit the ontology.
        """
        again = submissions.find_by_request(tx, member_id=access.member_id, request_key=body.request_key)
        if again is not None:
            return self._submitted_before(tx, again, task_id=task_id)
        task = self._lock(tx, task_id)
        if not _is_revisable(task.facts.state, is_gold=task.facts.is_gold):
            raise ConflictError(f"the task is {task.facts.state}; its submissions cannot be changed any more")
        if body.after_version is not None:
            self._check_version(tx, access, task_id=task_id, after_version=body.after_version)
        previous = submissions.retire_of_member(tx, task_id=task_id, member_id=access.member_id)
        if previous is None:
            raise NotFoundError("you have no submission of this task that counts")
        newest = self._fresh_setup(tx, task.project_id).project.ontology_version
        self._check_labelling(
            tx,
            body.labelling,
            project_id=task.project_id,
            made_with=body.ontology_version,
            newest=newest,
            scope=task.scope,
        )
        labelling = without_scores(body.labelling)
        row = NewSubmission(
            submission_id=self.machine.ids.new("sub"),
            task_id=task_id,
            project_id=task.project_id,
            judgement_id=previous["judgement_id"],
            member_id=access.member_id,
            kind=SubmissionKind.HUMAN.value,
            version=previous["version"] + 1,
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
        add_assistance(
            tx, submission_id=row.submission_id, project_id=task.project_id, entries=body.assistance
        )
        drafts.delete(tx, task_id=task_id, member_id=access.member_id)
        step = policy.after_revision(task.facts)
        self._carry_out(tx, task.project_id, [Move(task, step)])
        detail = {"submission_id": row.submission_id, "version": row.version}
        self._record(
            tx, task.project_id, [self._event(task_id, "revised", member_id=access.member_id, detail=detail)]
        )
        overlap = self._setup(tx, task.project_id).first_judgements
        state = policy.shown_state(step.state, is_gold=task.facts.is_gold, overlap=overlap)
        return Submitted(row.submission_id, row.version, state)

    def get_revision(self, tx: Transaction, access: Access, task_id: str) -> dict[str, Any]:
        """Return what is needed to revise one's own submission, as ``Revision``.

        Raises:
            NotFoundError: The member submitted nothing for the task.
        """
        row = self._own_submission(tx, access, task_id)
        why_not = _why_not(row)
        draft = self.find_draft(tx, task_id=task_id, member_id=access.member_id)
        return {
            "task_id": task_id,
            "project_id": row["project_id"],
            "item": item_of(row),
            "submission": self._revision_submission(tx, row).model_dump(mode="json"),
            "may_revise": why_not is None,
            "why_not": why_not,
            "draft": None if draft is None else draft.model_dump(mode="json"),
            "ontology_version": row["newest_ontology"],
            "instructions_version": row["newest_instructions"],
            **scope_of(row),
        }

    def save_revision_draft(
        self, tx: Transaction, access: Access, *, task_id: str, body: RevisionDraftBody
    ) -> DraftAnswer:
        """Save unfinished work on a revision.

        Raises:
            NotFoundError: The member submitted nothing for the task.
            ConflictError: The task takes no new version any more.
            NewerDraftError: Another draft stands than the one it goes on from.
        """
        why_not = _why_not(self._own_submission(tx, access, task_id))
        if why_not is not None:
            raise ConflictError(why_not)
        return self._keep_draft(tx, access, task_id=task_id, body=body)

    def _check_version(self, tx: Transaction, access: Access, *, task_id: str, after_version: int) -> None:
        row = mine.find_own(tx, task_id=task_id, member_id=access.member_id)
        if row is not None and row["version"] != after_version:
            raise NewerVersionError(self._revision_submission(tx, row))

    def _own_submission(self, tx: Transaction, access: Access, task_id: str) -> Row:
        row = mine.find_own(tx, task_id=task_id, member_id=access.member_id)
        if row is None:
            raise NotFoundError("you have no submission of this task")
        return row

    def _revision_submission(self, tx: Transaction, row: Row) -> RevisionSubmission:
        text = row["labelling"]
        if row["ontology_version"] != row["newest_ontology"]:
            upgrader = self.projects.get_upgrader(tx, row["project_id"])
            text = upgrader.upgrade_text(text, from_version=row["ontology_version"])
        return RevisionSubmission.model_validate(
            {
                "submission_id": row["submission_id"],
                "version": row["version"],
                "labelling": json.loads(text),
                "is_rejected": bool(row["is_rejected"]),
                "created_ms": row["created_ms"],
            }
        )


def _is_revisable(state: TaskState, *, is_gold: bool) -> bool:
    return is_gold or state in policy.REVISABLE


def _why_not(row: Row) -> str | None:
    if row["is_rejected"]:
        return "A reviewer rejected these labels and others were asked; they are kept as they are."
    if _is_revisable(TaskState(row["state"]), is_gold=bool(row["is_gold"])):
        return None
    return "The task is finished; its labels cannot be changed any more. You can still comment on it."
