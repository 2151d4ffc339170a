"""What the parts of the service share: reading votes, storing versions, queueing the job."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from goldsmith.core.annotations import Labelling
from goldsmith.labeling.api import ConsensusOutcome, LabelingService
from goldsmith.platform.database import Transaction
from goldsmith.platform.machine import Machine
from goldsmith.projects.api import ProjectsService
from goldsmith.quality.policy import count_kept
from goldsmith.quality.policy.asking import risk_of
from goldsmith.quality.reading import LabelReader
from goldsmith.quality.store import gold, versions
from goldsmith.quality.store.versions import NewVersion
from goldsmith.quality.types import (
    Vote,
)

T = TypeVar("T")
RESOLVE_JOB: Final = "quality.resolve"
AUDIT_JOB: Final = "quality.audit"
SIGNALS_JOB: Final = "quality.signals"


class Foundation:
    """Base of the parts of the service.

    Args:
        machine: What the service runs on.
        projects: Tells the ontology.
        labeling: Tells the submissions, and takes what follows from a consensus.
    """

    def __init__(self, machine: Machine, projects: ProjectsService, labeling: LabelingService) -> None:
        self.machine = machine
        self.projects = projects
        self.labeling = labeling

    def _count(self, tx: Transaction, project_id: str) -> int:
        totals = self.labeling.totals(tx, project_id)
        return totals.submissions + totals.gold_submissions

    def _reader(self, project_id: str) -> LabelReader:
        return LabelReader(self._read(lambda tx: self.projects.get_upgrader(tx, project_id)))

    def _votes(self, reader: LabelReader, task_ids: Sequence[str]) -> list[Vote]:
        rows = self._read(lambda tx: self.labeling.counted_of_tasks(tx, task_ids))
        return sorted(map(reader.vote, rows), key=lambda vote: (vote.task_id, vote.submission_id))

    def _read(self, operation: Callable[[Transaction], T]) -> T:
        return self.machine.database.read_sync(operation)

    def _gold(self, project_id: str, reader: LabelReader) -> dict[str, Labelling]:
        """Return the known answers that somebody answered; those that are doubted or got about are left out."""
        rows = self._read(lambda tx: self.labeling.gold_evidence(tx, project_id))
        left_out = self._read(lambda tx: gold.uncounted(tx, project_id))
        answers = {
            row.task_id: (row.gold_labelling, row.gold_ontology_version)
            for row in rows
            if row.task_id not in left_out
        }
        return {
            task_id: reader.labelling(text, made_with=version) for task_id, (text, version) in answers.items()
        }

    def _store(
        self, tx: Transaction, project_id: str, entries: Sequence[NewVersion], *, ontology_version: int
    ) -> list[ConsensusOutcome]:
        now_ms = self.machine.clock.now_ms()
        versions.insert_consensus(
            tx, project_id=project_id, entries=entries, ontology_version=ontology_version, now_ms=now_ms
        )
        risk = risk_of([entry.resolved for entry in entries])
        return [
            ConsensusOutcome(
                resolved.task_id,
                version,
                count_kept(resolved.labelling),
                resolved.lowest_posterior,
                resolved.labelling,
                expected_objects=objects,
                expected_wrong=wrong,
            )
            for (version, resolved, _, _), objects, wrong in zip(
                entries, risk.objects.tolist(), risk.wrong.tolist(), strict=True
            )
        ]

    def _enqueue_signals(self, tx: Transaction, *, project_id: str, created_by: str | None = None) -> str:
        return self.machine.jobs.enqueue(
            tx,
            SIGNALS_JOB,
            workspace_id=self.projects.get_project(tx, project_id).workspace_id,
            args={"project_id": project_id},
            subject=project_id,
            unique_key=f"{SIGNALS_JOB}:{project_id}",
            created_by=created_by,
        )

    def _enqueue_audit(self, tx: Transaction, *, workspace_id: str, project_id: str) -> str:
        return self.machine.jobs.enqueue(
            tx,
            AUDIT_JOB,
            workspace_id=workspace_id,
            args={"project_id": project_id},
            subject=project_id,
            unique_key=f"{AUDIT_JOB}:{project_id}",
        )

    def _enqueue(
        self,
        tx: Transaction,
        *,
        workspace_id: str,
        project_id: str,
        delay_ms: int,
        everything: bool = False,
        created_by: str | None = None,
    ) -> str:
        return self.machine.jobs.enqueue(
            tx,
            RESOLVE_JOB,
            workspace_id=workspace_id,
            args={"project_id": project_id, "everything": everything},
            subject=project_id,
            unique_key=f"{RESOLVE_JOB}:{project_id}:{int(everything)}",
            delay_ms=delay_ms,
            created_by=created_by,
        )
