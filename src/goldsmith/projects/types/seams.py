"""What projects ask of the steps above, wired in by the composition root."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from goldsmith.platform.database import Transaction
from goldsmith.projects.types.migrations import OntologyUse
from goldsmith.projects.types.policies import QualityPolicy, Workflow
from goldsmith.projects.types.projects import Batch, Project


class WorkControl(Protocol):
    """What projects ask of labelling, wired in by the composition root."""

    def on_batch_changed(self, tx: Transaction, *, batch: Batch) -> None:
        """Follow a changed priority or state of a batch: its open tasks are reordered, held back or cancelled."""
        ...

    def on_batch_members_changed(self, tx: Transaction, *, batch: Batch) -> None:
        """Follow a change of who may label a batch."""
        ...

    def on_project_changed(self, tx: Transaction, *, project: Project) -> None:
        """Follow a pause, a resume or the archiving of a project."""
        ...

    def on_workflow_changed(
        self, tx: Transaction, *, project_id: str, before: Workflow, after: Workflow
    ) -> None:
        """Follow a changed workflow: overlap of open tasks, order, ..."""
        ...

    def on_quality_changed(
        self, tx: Transaction, *, project_id: str, before: QualityPolicy, after: QualityPolicy
    ) -> None:
        """Follow a changed quality policy: how many judgements open tasks begin with."""
        ...


class Newcomers(Protocol):
    """Who wants to hear of members that come into projects, wired in by the composition root."""

    def on_members_added(self, tx: Transaction, *, project_ids: Sequence[str], member_id: str) -> None:
        """Follow a member who was added to projects."""
        ...


class ExampleBook(Protocol):
    """Which examples there are for the instructions; implemented by items."""

    def known_examples(self, tx: Transaction, *, project_id: str, example_ids: Collection[str]) -> set[str]:
        """Return those of the ids that are examples of the project."""
        ...


class LabelUsage(Protocol):
    """How often parts of the ontology are used by labels in force; implemented by labelling."""

    def count_label_use(self, tx: Transaction, *, project_id: str) -> OntologyUse:
        """Return the counts over the newest submissions of each author and the newest consensus of each task."""
        ...
