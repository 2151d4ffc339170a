"""Handing out: the next task, and what its holder is shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import groupby
from typing import Any, Final, NamedTuple

import msgspec

from goldsmith.accounts.api import Access, Role
from goldsmith.core.errors import ConflictError, DatabaseBusyError, LimitExceededError, PermissionDeniedError
from goldsmith.labeling import policy
from goldsmith.labeling.service.foundation import TryAgainError
from goldsmith.labeling.service.shown import item_of, scope_of
from goldsmith.labeling.service.standing import StandingKeeping
from goldsmith.labeling.store import claims, drafts, queue
from goldsmith.labeling.types import MAX_LEASES, Stage, TaskState
from goldsmith.platform.database import Row, Transaction
from goldsmith.projects.api import ProjectSetup, ProjectState

_CLAIM_ATTEMPTS: Final = 8
_DELETED_ATTEMPTS: Final = 20


class HandoutLabels(NamedTuple):
    """The labels that come with a task, as they read in the newest ontology; JSON text.

    Attributes:
        prelabel: The newest prediction, for whoever labels.
        consensus: For whoever reviews; likewise ``submissions``, one for each row.
        draft_log: Lines of the edit log of the holder's draft.
    """

    prelabel: str | None = None
    consensus: str | None = None
    submissions: Sequence[str | None] = ()
    draft_log: Sequence[str] = ()


class Handout:
    """A leased task with all that the workbench needs.

    Attributes:
        judgement_id: The lease.
        token: Its fencing token.
        task_id: The task.
        stage: What is asked.
    """

    __slots__ = ("_course", "_labels", "_rows", "judgement_id", "stage", "task_id", "token")

    def __init__(
        self, rows: Sequence[Row], labels: HandoutLabels, *, course: Mapping[str, Any] | None = None
    ) -> None:
        head = rows[0]
        self._course = course
        self._rows = rows
        self._labels = labels
        self.judgement_id: str = head["judgement_id"]
        self.token: int = head["token"]
        self.task_id: str = head["task_id"]
        self.stage = Stage(head["stage"])

    def to_json(self) -> bytes:
        """Return the wire form of ``TaskPayload``; stored JSON goes through as it is."""
        return msgspec.json.encode(self.to_wire())

    def to_wire(self) -> dict[str, Any]:
        """Return what ``to_json`` encodes."""
        row = self._rows[0]
        is_review = self.stage is Stage.REVIEW
        more = {} if self._course is None else {"course": self._course}
        return more | {
            "lease": {
                "judgement_id": self.judgement_id,
                "token": self.token,
                "expires_ms": row["expires_ms"],
                "stage": row["stage"],
            },
            "task": {
                "task_id": self.task_id,
                "project_id": row["project_id"],
                # what is leased to be labelled is open; a gold task, which rests, must not be told by it
                "state": TaskState.REVIEW if is_review else TaskState.OPEN,
                "batch_id": row["batch_id"],
            },
            "item": item_of(row),
            "prelabel": _raw(self._labels.prelabel),
            "draft": _draft(row, self._labels.draft_log),
            "ontology_version": row["ontology_version"],
            "instructions_version": row["instructions_version"],
            "review": self._review() if is_review else None,
            **scope_of(row),
        }

    def _review(self) -> dict[str, Any]:
        return {
            "consensus": _raw(self._labels.consensus),
            "consensus_version": self._rows[0]["consensus_version"],
            "submissions": [
                {
                    "submission_id": row["submission_id"],
                    "author": policy.author_letter(number),
                    "version": row["version"],
                    "labelling": _raw(labelling),
                    "active_ms": row["active_ms"],
                    "created_ms": row["created_ms"],
                }
                for number, (row, labelling) in enumerate(
                    zip(self._rows, self._labels.submissions, strict=True)
                )
                if row["submission_id"] is not None
            ],
        }


def _raw(text: str | None) -> msgspec.Raw | None:
    return None if text is None else msgspec.Raw(text.encode())


def _draft(row: Row, log: Sequence[str]) -> dict[str, Any] | None:
    if row["draft_body"] is None:
        return None
    return {
        "body": _raw(row["draft_body"]),
        "revision": row["draft_revision"],
        "saved_ms": row["draft_saved_ms"],
        "log": log,
    }


class HandingOut(StandingKeeping):
    """The part of the service that hands out work."""

    async def hand_out(
        self, check: Callable[[Transaction], Access], *, project_id: str, stage: Stage
    ) -> Handout | None:
        """Authorise and lease the next task in one transaction; None when nothing is left for this member.

        Args:
            check: Gives the access, such as ``Ticket.check``; runs inside the transaction.
            project_id: Where.
            stage: What kind of work.

        Raises:
            DatabaseBusyError: It kept colliding with other claims of the same member.
        """

        def claim(tx: Transaction, *, is_alone: bool) -> Handout | None:
            access = check(tx)
            if is_alone:
                claims.exclude_own_claims(tx, project_id=project_id, member_id=access.member_id)
            return self.next_task(tx, access, project_id=project_id, stage=stage)

        for attempt in range(_CLAIM_ATTEMPTS):
            try:
                return await self.machine.database.write(partial(claim, is_alone=attempt > 0))
            except TryAgainError:
                continue
        raise DatabaseBusyError("the claim kept colliding with others of yours; try again")

    def next_task(
        self, tx: Transaction, access: Access, *, project_id: str, stage: Stage = Stage.LABEL
    ) -> Handout | None:
        """Lease the next task to a member; None when nothing is left for this member.

        Two statements (one on PostgreSQL); one more when no gold is left to hide or the setup is new.

        Raises:
            PermissionDeniedError: Reviewing needs the role of a reviewer.
            ConflictError: The project is paused or archived.
            PausedError: The member's own work is paused.
            CourseRequiredError: The member has to pass the project's course first.
            LimitExceededError: The member holds too many tasks.
            TryAgainError: To be run again in a new transaction; ``hand_out`` does.
        """
        if stage is Stage.REVIEW and not access.role.allows(Role.REVIEWER):
            raise PermissionDeniedError(f"reviewing needs the role reviewer or above; yours is {access.role}")
        setup = self._setup(tx, project_id)
        for _ in range(_DELETED_ATTEMPTS):
            rows = self._claim(tx, setup, member_id=access.member_id, stage=stage)
            if not rows:
                self._check_standing_of(tx, access, setup, stage=stage)
                return None
            self._check_handout(rows[0], setup)
            self._follow_standing(tx, access, rows[0], setup)
            if rows[0]["deleted_ms"] is None:
                labels = self._labels_of(tx, rows, setup)
                if rows[0]["draft_lines"]:
                    log = drafts.read_log(tx, task_id=rows[0]["task_id"], member_id=access.member_id)
                    labels = labels._replace(draft_log=log)
                return Handout(rows, labels)
            self._cancel(tx, self._lock(tx, rows[0]["task_id"]), why="item deleted")
        return None

    def list_mine(self, tx: Transaction, access: Access, *, project_id: str) -> list[Handout]:
        """Return all tasks that a member holds in a project, ended leases that nobody else took included."""
        setup = self._setup(tx, project_id)
        rows = claims.read_mine(tx, project_id=project_id, member_id=access.member_id)
        with_log = sorted({row["task_id"] for row in rows if row["draft_lines"]})
        logs = drafts.read_logs(tx, with_log, member_id=access.member_id) if with_log else {}
        handouts = []
        for _, group in groupby(rows, key=lambda row: row["judgement_id"]):
            held = list(group)
            labels = self._labels_of(tx, held, setup)
            handouts.append(Handout(held, labels._replace(draft_log=logs.get(held[0]["task_id"], []))))
        return handouts

    def _claim(self, tx: Transaction, setup: ProjectSetup, *, member_id: str, stage: Stage) -> list[Row]:
        project_id = setup.project.project_id
        now_ms = self._now_ms()
        until_ms = now_ms + setup.workflow.lease_s * 1000
        params: dict[str, Any] = {"project_id": project_id, "member_id": member_id, "now_ms": now_ms}
        try:
            rows: list[Row] = []
            if self._is_gold_due(setup, stage, member_id=member_id):
                judgement_id = self.machine.ids.new("jdg")
                rows = claims.claim_gold(tx, **params, until_ms=until_ms, judgement_id=judgement_id)
            if not rows:
                rows = claims.claim(tx, **params, stage=stage, until_ms=until_ms)
            if not rows and queue.start_over(tx, **params, stage=stage):
                rows = claims.claim(tx, **params, stage=stage, until_ms=until_ms)
        except ConflictError as error:
            raise TryAgainError("two claims of yours met at one task; try again") from error
        return rows

    def _labels_of(self, tx: Transaction, rows: Sequence[Row], setup: ProjectSetup) -> HandoutLabels:
        head = rows[0]
        if head["stage"] == Stage.REVIEW:
            stored = [(row["labelling"], row["labelling_ontology"]) for row in rows]
            consensus, *given = self._in_newest(
                tx, head, [(head["consensus"], head["consensus_ontology"]), *stored]
            )
            return HandoutLabels(consensus=consensus, submissions=given)
        if head["prelabel"] is None or not setup.workflow.use_prelabels:
            return HandoutLabels()
        version, _, text = head["prelabel"].partition(":")
        (prelabel,) = self._in_newest(tx, head, [(text, int(version))])
        return HandoutLabels(prelabel)

    def _in_newest(
        self, tx: Transaction, head: Row, labels: Sequence[tuple[str | None, int | None]]
    ) -> list[str | None]:
        """Return labels (JSON text, ontology version) as they read in the newest ontology."""
        newest = head["ontology_version"]
        if all(text is None or version == newest for text, version in labels):
            return [text for text, _ in labels]
        upgrader = self.projects.get_upgrader(tx, head["project_id"])
        return [
            None if text is None or version is None else upgrader.upgrade_text(text, from_version=version)
            for text, version in labels
        ]

    def _is_gold_due(self, setup: ProjectSetup, stage: Stage, *, member_id: str) -> bool:
        rate = self._gold_rate(setup, member_id=member_id)
        return (
            stage is Stage.LABEL and rate > 0.0 and policy.wants_gold(gold_rate=rate, draw=self._rng.random())
        )

    def _check_handout(self, row: Row, setup: ProjectSetup) -> None:
        project = setup.project
        if (row["workflow_version"], row["quality_version"]) != (
            project.workflow_version,
            project.quality_version,
        ):
            self._setups.pop(project.project_id, None)
            raise TryAgainError("the workflow changed meanwhile; try again")
        if row["project_state"] != ProjectState.ACTIVE:
            raise ConflictError(f"the project is {row['project_state']}; its work is not handed out")
        if row["held_beside"] >= MAX_LEASES:
            raise LimitExceededError(
                f"you hold {MAX_LEASES} tasks of this project; submit, skip or release some first"
            )
