"""What labelling tells: all are in, somebody decided, a lead answered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from goldsmith.core.plain import read_labelling
from goldsmith.labeling.api import Answered, ConsensusOutcome, Decision, Verdict
from goldsmith.platform.database import Transaction
from goldsmith.quality.answering import answered_task
from goldsmith.quality.reading import LabelReader
from goldsmith.quality.service.foundation import Foundation
from goldsmith.quality.store import audits, versions
from goldsmith.quality.store.versions import NewVersion
from goldsmith.quality.types import (
    ResolvedTask,
)

_DEBOUNCE_MS: Final = 500


class Listening(Foundation):
    """The part of the service that labelling calls; implements its ``QualityHook``."""

    def on_all_in(
        self, tx: Transaction, *, workspace_id: str, project_id: str, task_id: str, is_urgent: bool
    ) -> None:
        """Queue the project's resolve job; many tasks share one."""
        del task_id  # the job takes all tasks that wait
        delay_ms = 0 if is_urgent else _DEBOUNCE_MS
        self._enqueue(tx, workspace_id=workspace_id, project_id=project_id, delay_ms=delay_ms)

    def on_reviewed(
        self, tx: Transaction, *, workspace_id: str, project_id: str, task_id: str, verdict: Verdict
    ) -> None:
        """Queue the project's audit job, where an audit waits for this task."""
        del verdict  # the job reads it
        if audits.is_asked(tx, task_id):
            self._enqueue_audit(tx, workspace_id=workspace_id, project_id=project_id)

    def on_decided(
        self, tx: Transaction, *, project_id: str, decisions: Sequence[Decision]
    ) -> Sequence[ConsensusOutcome]:
        """Store what a reviewer's fix or an import decides as the next consensus version of each task."""
        ontology_version = self.projects.get_project(tx, project_id).ontology_version
        current = versions.newest_versions(tx, [decision.task_id for decision in decisions])
        entries = []
        for decision in decisions:
            labelling = decision.parsed or read_labelling(decision.labelling)
            resolved = ResolvedTask(decision.task_id, labelling, {}, [decision.submission_id])
            version = current[decision.task_id] = current.get(decision.task_id, 0) + 1
            entries.append(NewVersion(version, resolved, decision.method, {}))
        return self._store(tx, project_id, entries, ontology_version=ontology_version)

    def on_answered(
        self, tx: Transaction, *, project_id: str, entries: Sequence[Answered]
    ) -> Sequence[ConsensusOutcome]:
        """Store the next version of tasks that have one, with other answers to the item-level questions."""
        if not entries:
            return []
        reader = LabelReader(self.projects.get_upgrader(tx, project_id))
        views = versions.newest_for(tx, [entry.task_id for entry in entries])
        fresh = [
            NewVersion(
                view.version + 1,
                answered_task(reader.view(view), entry),
                view.method,
                {"answered": entry.submission_id},
            )
            for entry in entries
            if (view := views.get(entry.task_id)) is not None
        ]
        return self._store(tx, project_id, fresh, ontology_version=reader.ontology_version)
