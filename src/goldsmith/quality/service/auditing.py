"""Audits: finished tasks are drawn at random, looked at by reviewers, and prove what share of objects is right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from goldsmith.accounts.api import Access, audit
from goldsmith.core.errors import ConflictError, InvalidInputError, NotFoundError
from goldsmith.items.api import KEPT_FROM
from goldsmith.labeling.api import ReviewFact, TaskState, Verdict, tasks_by_id
from goldsmith.platform.database import Transaction
from goldsmith.platform.jobs import JobContext
from goldsmith.quality.comparing import compare
from goldsmith.quality.policy.auditing import next_asked, sentence_of, settled, stand_of
from goldsmith.quality.reading import LabelReader
from goldsmith.quality.service.foundation import Foundation
from goldsmith.quality.store import audits, versions
from goldsmith.quality.store.audits import StoredAudit
from goldsmith.quality.types import (
    AuditBegin,
    AuditFinding,
    AuditList,
    AuditState,
    AuditView,
    ConsensusView,
    Draw,
    DrawState,
)
from goldsmith.science.auditing import order_by_size

_LISTED: Final = 20


class Auditing(Foundation):
    """The part of the service that proves.

    All draws of an audit are made when it begins, in proportion to the objects of each finished task and none twice,
    and looked at in that order, a few at a time. What is proved is the share of objects that were right then.
    """

    def start_audit(
        self, tx: Transaction, access: Access, project_id: str, *, begin: AuditBegin
    ) -> AuditView:
        """Begin an audit, and ask reviewers about its first tasks.

        Raises:
            InvalidInputError: Neither the request nor the project's policy names a target.
            ConflictError: Nothing is finished, or an audit runs already.
        """
        policy = self.projects.get_quality_policy(tx, project_id)
        target = begin.target if begin.target is not None else policy.target
        if target is None:
            raise InvalidInputError("say the target that is to be proved; the project's policy has none")
        if audits.running_audits(tx, project_id):
            raise ConflictError("an audit of this project runs already; wait for its end or stop it")
        finished = self.labeling.list_auditable(tx, project_id)
        if not finished:
            raise ConflictError("no task is finished yet; there is nothing to audit")
        sizes = [max(task.object_count, 1) for task in finished]
        made = StoredAudit(
            self.machine.ids.new("aud"),
            project_id,
            AuditState.RUNNING,
            target,
            begin.confidence,
            sum(sizes),
            access.member_id,
            self.machine.clock.now_ms(),
            None,
        )
        rng = np.random.default_rng(list(made.audit_id.encode()))
        order = order_by_size(rng, sizes, begin.most_tasks).tolist()
        audits.insert_audit(tx, made, drawn=[(finished[number].task_id, sizes[number]) for number in order])
        self._record_audit(tx, access, made, action="started")
        self._ask_ahead(tx, made, audits.draws_of(tx, made.audit_id))
        return self._audit_view(tx, made)

    def stop_audit(self, tx: Transaction, access: Access, audit_id: str) -> AuditView:
        """End an audit without a verdict; one that ended before is left as it is."""
        found = self._audit(tx, audit_id)
        if found.state is AuditState.RUNNING:
            self._end_audit(tx, found, AuditState.STOPPED)
            self._record_audit(tx, access, found, action="stopped")
        return self._audit_view(tx, self._audit(tx, audit_id))

    def list_audits(self, tx: Transaction, project_id: str) -> AuditList:
        """Return the newest audits of a project."""
        found = audits.list_audits(tx, project_id, limit=_LISTED)
        return AuditList(audits=[self._audit_view(tx, entry) for entry in found])

    def follow_audits(self, context: JobContext) -> dict[str, Any]:
        """Take in what reviewers said for the audits of a project; ask about the next tasks, or end them.

        Args:
            context: ``args``: ``project_id``.
        """
        project_id = context.args["project_id"]
        reader = self._reader(project_id)
        followed = 0
        for entry in self._read(lambda tx: audits.running_audits(tx, project_id)):
            followed += self._follow(entry, reader)
        return {"looked_at": followed}

    # --- parts

    def _follow(self, entry: StoredAudit, reader: LabelReader) -> int:
        draws = self._read(lambda tx: audits.draws_of(tx, entry.audit_id))
        looked_at = self._read(lambda tx: self._answered(tx, draws, reader))
        changed = settled(draws, looked_at)
        now = {draw.number: draw for draw in changed}
        draws = [now.get(draw.number, draw) for draw in draws]
        stand = stand_of(draws, target=entry.target, confidence=entry.confidence, population=entry.population)
        is_over = stand.state is AuditState.RUNNING and all(
            draw.state in (DrawState.SCORED, DrawState.VOID) for draw in draws
        )

        def write(tx: Transaction) -> None:
            audits.keep_draws(tx, entry.audit_id, changed)
            if stand.state is not AuditState.RUNNING or is_over:
                self._end_audit(tx, entry, AuditState.STOPPED if is_over else stand.state)
            elif self._audit(tx, entry.audit_id).state is AuditState.RUNNING:
                self._ask_ahead(tx, entry, draws)

        self.machine.database.write_sync(write)
        return len(changed)

    def _answered(self, tx: Transaction, draws: Sequence[Draw], reader: LabelReader) -> dict[str, Draw]:
        """Return how draws stand whose tasks were reviewed since they were asked about, or left review otherwise."""
        asked = {draw.task_id: draw for draw in draws if draw.state is DrawState.ASKED}
        # what was looked at for an earlier draw answers a later one of the same task
        found = {draw.task_id: draw for draw in draws if draw.state in (DrawState.SCORED, DrawState.VOID)}
        answers: dict[str, ReviewFact] = {}
        for review in self.labeling.reviews_of(tx, list(asked)):
            if review.review_id > asked[review.task_id].after_review:
                answers.setdefault(review.task_id, review)
        for task_id, review in answers.items():
            view = versions.find_consensus(tx, task_id, review.consensus_version)
            found[task_id] = _scored(asked[task_id], review, view, reader)
        left = [task_id for task_id in asked if task_id not in answers]
        for fact in tasks_by_id(tx, left):
            if fact.state != TaskState.REVIEW:
                found[fact.task_id] = asked[fact.task_id]._replace(state=DrawState.VOID)
        return found

    def _ask_ahead(self, tx: Transaction, entry: StoredAudit, draws: Sequence[Draw]) -> None:
        """Ask reviewers about the next tasks; those that are being worked on cannot be looked at."""
        wanted = next_asked(draws)
        while wanted:
            newest: dict[str, str] = {}
            for review in self.labeling.reviews_of(tx, wanted):
                newest[review.task_id] = review.review_id
            asked = self.labeling.ask_audit_reviews(tx, project_id=entry.project_id, task_ids=wanted)
            looked_at = {
                task_id: Draw(
                    0,
                    task_id,
                    DrawState.ASKED if task_id in asked else DrawState.VOID,
                    after_review=newest.get(task_id, ""),
                    is_own=asked.get(task_id, False),
                )
                for task_id in wanted
            }
            changed = settled(draws, looked_at)
            audits.keep_draws(tx, entry.audit_id, changed)
            now = {draw.number: draw for draw in changed}
            draws = [now.get(draw.number, draw) for draw in draws]
            wanted = next_asked(draws) if len(asked) < len(wanted) else []

    def _end_audit(self, tx: Transaction, entry: StoredAudit, state: AuditState) -> None:
        if not audits.end_audit(tx, entry.audit_id, state=state, ended_ms=self.machine.clock.now_ms()):
            return
        open_ = {
            draw.task_id
            for draw in audits.draws_of(tx, entry.audit_id)
            if draw.state is DrawState.ASKED and draw.is_own
        }
        self.labeling.drop_audit_reviews(tx, project_id=entry.project_id, task_ids=sorted(open_))

    def _audit(self, tx: Transaction, audit_id: str) -> StoredAudit:
        found = audits.find_audit(tx, audit_id)
        if found is None:
            raise NotFoundError("there is no such audit")
        return found

    def _audit_view(self, tx: Transaction, entry: StoredAudit) -> AuditView:
        draws = audits.draws_of(tx, entry.audit_id)
        stand = stand_of(draws, target=entry.target, confidence=entry.confidence, population=entry.population)
        faulty = {
            draw.task_id: draw
            for draw in draws
            if draw.state is DrawState.SCORED and draw.right < draw.objects
        }
        names = self.labeling.items_of_tasks(tx, list(faulty))
        stored = entry._asdict()
        del stored["population"]
        return AuditView(
            **stored,
            planned=len(draws),
            drawn=len({draw.task_id for draw in draws if draw.state is not DrawState.WAITING}),
            reviewed=stand.reviewed,
            objects=stand.objects,
            right=stand.right,
            value=stand.value,
            low=stand.low,
            high=stand.high,
            curve=stand.curve,
            sentence=sentence_of(stand, state=entry.state, confidence=entry.confidence, target=entry.target),
            findings=[
                AuditFinding(
                    task_id=task_id,
                    item_id=names[task_id][0],
                    item_name=names[task_id][1],
                    right=draw.right,
                    wrong=draw.wrong,
                    missed=draw.missed,
                )
                for task_id, draw in reversed(faulty.items())
                if task_id in names
            ],
        )

    def _record_audit(self, tx: Transaction, access: Access, entry: StoredAudit, *, action: str) -> None:
        audit(
            tx,
            at_ms=self.machine.clock.now_ms(),
            access=access,
            action=f"quality_audit.{action}",
            target=entry.audit_id,
            detail={
                "project_id": entry.project_id,
                "target": entry.target,
                "confidence": entry.confidence,
            },
        )


def _scored(draw: Draw, review: ReviewFact, view: ConsensusView | None, reader: LabelReader) -> Draw:
    """Score the labels that were reviewed by what the reviewer made of them."""
    done = draw._replace(state=DrawState.SCORED, review_id=review.review_id)
    if view is None:
        return draw._replace(state=DrawState.VOID)
    shown = reader.view(view).labelling.sure_from(KEPT_FROM)
    count = len(shown.annotations) + len(shown.relations) + len(shown.answers)
    if review.verdict == Verdict.REJECT:
        return done._replace(wrong=count, missed=0 if count else 1)
    if review.verdict == Verdict.FIX and review.fix is not None:
        fix = reader.labelling(review.fix, made_with=review.fix_ontology_version or 1)
        said = compare(shown, fix, relation_types=reader.relation_types)
        return done._replace(right=said.right, wrong=said.wrong, missed=said.missed)
    return done._replace(right=max(count, 1))
