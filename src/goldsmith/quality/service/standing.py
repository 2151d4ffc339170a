"""Consequences: raised by the policy or by a manager, lifted, and what they mean for what a member may do."""

from __future__ import annotations

from collections.abc import Sequence

from goldsmith.accounts.api import Access, audit, member_names
from goldsmith.core.errors import ConflictError, InvalidInputError, NotFoundError, PermissionDeniedError
from goldsmith.platform.database import Transaction
from goldsmith.quality.policy.consequences import after_lift, standing_after
from goldsmith.quality.service.foundation import Foundation
from goldsmith.quality.store import course as course_store
from goldsmith.quality.store import people
from goldsmith.quality.store.people import StoredEvent
from goldsmith.quality.types import (
    Consequence,
    ConsequenceEvent,
    ConsequenceEventKind,
    ConsequenceEvidence,
    ConsequenceKind,
    ConsequenceState,
    Signal,
    StoredConsequence,
)


class Standing(Foundation):
    """The part of the service that keeps consequences; a change, its history, audit log and news are one commit."""

    def list_consequences(
        self,
        tx: Transaction,
        project_id: str,
        *,
        member_id: str | None = None,
        state: ConsequenceState | None = None,
        is_own: bool = False,
    ) -> list[Consequence]:
        """Return consequences of a project, newest first.

        Args:
            tx: The transaction at hand.
            project_id: Where.
            member_id: Of one member only.
            state: In this state only.
            is_own: For the member who is concerned: who else is concerned is left out, and managers are nameless.
        """
        found = people.list_consequences(tx, project_id, member_id=member_id, state=state)
        history = people.histories(tx, project_id, member_id=member_id) if found else {}
        return self._views(tx, found, history, is_own=is_own)

    def impose(
        self,
        tx: Transaction,
        access: Access,
        *,
        project_id: str,
        member_id: str,
        kind: ConsequenceKind,
        text: str,
    ) -> Consequence:
        """Raise a consequence by a manager's word.

        Raises:
            InvalidInputError: Nobody of this id works in the project, it is the manager, or there is no course to take.
        """
        if member_id == access.member_id:
            raise InvalidInputError("member_id is yourself; let another manager decide")
        if not self._works_here(tx, project_id=project_id, member_id=member_id):
            raise InvalidInputError("member_id names nobody of this project; send one of its members")
        if kind is ConsequenceKind.REQUALIFY and not self.has_course(tx, project_id):
            raise InvalidInputError("the project has no course with an exam; set one up first")
        raised = self._raise(
            tx,
            project_id=project_id,
            workspace_id=access.workspace_id,
            member_id=member_id,
            kind=kind,
            signal=Signal.MANUAL,
            evidence=ConsequenceEvidence(sentence=text),
            by=access,
        )
        return self._view(tx, raised)

    def lift(self, tx: Transaction, access: Access, *, consequence_id: str, text: str) -> Consequence:
        """End a consequence; what it changed is changed back.

        Raises:
            ConflictError: It was lifted before.
            PermissionDeniedError: The manager is the one who is concerned.
        """
        entry = self._consequence(tx, consequence_id)
        refuse_concerned(access, entry)
        lifted = entry._replace(state=after_lift(entry.state), ended_ms=self.machine.clock.now_ms())
        self._change(tx, access, entry, lifted, event=ConsequenceEventKind.LIFTED, text=text)
        return self._view(tx, lifted)

    # --- parts

    def _works_here(self, tx: Transaction, *, project_id: str, member_id: str) -> bool:
        """Say whether somebody was added to a project, or did something there as one who sees all."""
        if self.projects.has_member(tx, project_id=project_id, member_id=member_id):
            return True
        return any(person.member_id == member_id for person in self.labeling.activity(tx, project_id))

    def _raise(
        self,
        tx: Transaction,
        *,
        project_id: str,
        workspace_id: str,
        member_id: str,
        kind: ConsequenceKind,
        signal: Signal,
        evidence: ConsequenceEvidence,
        by: Access | None = None,
    ) -> StoredConsequence:
        now_ms = self.machine.clock.now_ms()
        entry = StoredConsequence(
            consequence_id=self.machine.ids.new("csq"),
            project_id=project_id,
            member_id=member_id,
            kind=kind,
            signal=signal,
            state=ConsequenceState.ACTIVE,
            evidence=evidence,
            appeal=None,
            created_ms=now_ms,
            created_by=None if by is None else by.member_id,
            ended_ms=None,
        )
        people.insert_consequence(tx, entry)
        if kind is ConsequenceKind.REQUALIFY:
            course_store.begin_round(tx, project_id=project_id, member_id=member_id, now_ms=now_ms)
        self._note(
            tx,
            entry,
            event=ConsequenceEventKind.RAISED,
            text=evidence.sentence,
            by=by,
            workspace_id=workspace_id,
        )
        self._tell(tx, entry)
        return entry

    def _change(
        self,
        tx: Transaction,
        access: Access,
        before: StoredConsequence,
        after: StoredConsequence,
        *,
        event: ConsequenceEventKind,
        text: str,
    ) -> None:
        if not people.change_consequence(tx, after, was=before.state):
            raise ConflictError("it changed meanwhile; load it again")
        self._note(tx, after, event=event, text=text, by=access, workspace_id=access.workspace_id)
        if access.member_id != after.member_id:
            self._tell(tx, after)

    def _tell(self, tx: Transaction, entry: StoredConsequence) -> None:
        """Leave news for the member, at a task that shows it."""
        self.labeling.tell_of_consequence(
            tx,
            project_id=entry.project_id,
            member_id=entry.member_id,
            task_ids=for_member(entry).task_ids,
        )

    def _note(
        self,
        tx: Transaction,
        entry: StoredConsequence,
        *,
        event: ConsequenceEventKind,
        text: str,
        by: Access | None,
        workspace_id: str,
    ) -> None:
        """Append to the history and the audit log, and let the member's standing follow."""
        now_ms = self.machine.clock.now_ms()
        who = None if by is None else by.member_id
        people.insert_event(
            tx,
            StoredEvent(entry.consequence_id, event, who, text, now_ms),
            event_id=self.machine.ids.new("evt"),
        )
        audit(
            tx,
            at_ms=now_ms,
            action=f"consequence.{event.value}",
            target=entry.consequence_id,
            actor=who or "system",
            workspace_id=workspace_id,
            detail={
                "project_id": entry.project_id,
                "member_id": entry.member_id,
                "kind": entry.kind.value,
                "signal": entry.signal.value,
                "text": text,
            },
        )
        self._follow_consequences(tx, project_id=entry.project_id, member_id=entry.member_id)

    def _follow_consequences(self, tx: Transaction, *, project_id: str, member_id: str) -> None:
        """Let a member's standing say what all consequences in force say."""
        entries = people.list_consequences(tx, project_id, member_id=member_id)
        before = self.labeling.standing_of(tx, project_id=project_id, member_id=member_id)
        after = standing_after(
            before,
            [entry for entry in entries if entry.state is not ConsequenceState.LIFTED],
            workflow_gold_rate=self.projects.get_setup(tx, project_id).workflow.gold_rate,
        )
        if after != before:
            self.labeling.change_standing(tx, project_id=project_id, member_id=member_id, standing=after)

    def _consequence(self, tx: Transaction, consequence_id: str) -> StoredConsequence:
        entry = people.find_consequence(tx, consequence_id)
        if entry is None:
            raise NotFoundError("there is no such consequence")
        return entry

    def has_course(self, tx: Transaction, project_id: str) -> bool:
        """Say whether a project has a course whose exam can be taken; asked by labelling."""
        course = course_store.newest_course(tx, project_id)
        return course is not None and len(course.exam) > 0

    def _view(self, tx: Transaction, entry: StoredConsequence, *, is_own: bool = False) -> Consequence:
        history = people.histories(tx, entry.project_id, member_id=entry.member_id)
        return self._views(tx, [entry], history, is_own=is_own)[0]

    def _views(
        self,
        tx: Transaction,
        entries: Sequence[StoredConsequence],
        history: dict[str, list[StoredEvent]],
        *,
        is_own: bool,
    ) -> list[Consequence]:
        ids = {entry.member_id for entry in entries} | {entry.created_by or "" for entry in entries}
        ids |= {entry.appeal.answered_by or "" for entry in entries if entry.appeal is not None}
        ids |= {event.member_id or "" for events in history.values() for event in events}
        names = member_names(tx, ids - {""})

        def name(member_id: str | None, concerned: str) -> str | None:
            if member_id is None:
                return None
            if is_own and member_id != concerned:
                return "a manager"
            return names.get(member_id, "somebody who left")

        views = []
        for entry in entries:
            evidence, appeal = entry.evidence, entry.appeal
            if is_own:
                evidence = for_member(entry)
            if appeal is not None:
                appeal = appeal.model_copy(update={"answered_by": name(appeal.answered_by, entry.member_id)})
            views.append(
                Consequence(
                    consequence_id=entry.consequence_id,
                    project_id=entry.project_id,
                    member_id=entry.member_id,
                    name=names.get(entry.member_id, "somebody who left"),
                    kind=entry.kind,
                    signal=entry.signal,
                    state=entry.state,
                    evidence=evidence,
                    created_ms=entry.created_ms,
                    created_by=name(entry.created_by, entry.member_id),
                    appeal=appeal,
                    history=[
                        ConsequenceEvent(
                            kind=event.kind,
                            by=name(event.member_id, entry.member_id),
                            text=event.text,
                            at_ms=event.at_ms,
                        )
                        for event in history.get(entry.consequence_id, [])
                    ],
                )
            )
        return views


def for_member(entry: StoredConsequence) -> ConsequenceEvidence:
    """Return the evidence as the member may see it: nobody else is named, and no task is told to be hidden gold."""
    hidden: dict[str, object] = {"other_member_id": None}
    if entry.signal is Signal.GOLD:
        hidden["task_ids"] = []
    return entry.evidence.model_copy(update=hidden)


def refuse_concerned(access: Access, entry: StoredConsequence) -> None:
    """Refuse whoever would decide in their own matter.

    Raises:
        PermissionDeniedError: The consequence is the member's own.
    """
    if access.member_id == entry.member_id:
        raise PermissionDeniedError("this is about yourself; let another manager decide")
