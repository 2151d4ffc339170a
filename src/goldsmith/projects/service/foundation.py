"""What the parts of the service share: the machine, the step above, and the record of each change."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from goldsmith.accounts.api import Access, audit, emit
from goldsmith.core.errors import BugError, NotFoundError
from goldsmith.core.ontology import Ontology
from goldsmith.platform.database import Transaction
from goldsmith.platform.machine import Machine
from goldsmith.projects import store
from goldsmith.projects.types import (
    ExampleBook,
    LabelUsage,
    Newcomers,
    Project,
    QualityPolicy,
    WorkControl,
    Workflow,
)


class Foundation:
    """Base of the parts of the service.

    Args:
        machine: What the service runs on.
    """

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self._usage: LabelUsage | None = None
        self._work: WorkControl | None = None
        self._newcomers: Newcomers | None = None
        self._examples: ExampleBook | None = None
        # documents are immutable, so their text is the key; nothing to invalidate
        self._ontology_of = lru_cache(maxsize=128)(Ontology.model_validate_json)
        self._workflow_of = lru_cache(maxsize=128)(Workflow.model_validate_json)
        self._quality_of = lru_cache(maxsize=128)(QualityPolicy.model_validate_json)

    def wire(self, *, usage: LabelUsage, work: WorkControl, examples: ExampleBook | None = None) -> None:
        """Connect the step above, which cannot be there when this one is made; for the composition root."""
        self._usage, self._work, self._examples = usage, work, examples

    def use_newcomers(self, newcomers: Newcomers) -> None:
        """Say who hears of members that come into projects."""
        self._newcomers = newcomers

    def get_project(self, tx: Transaction, project_id: str) -> Project:
        """Return the project; NotFoundError when there is none."""
        project = store.find_project(tx, project_id)
        if project is None:
            raise NotFoundError("there is no such project")
        return project

    def _label_usage(self) -> LabelUsage:
        if self._usage is None:
            raise BugError("the use of labels is asked for before the steps are wired")
        return self._usage

    def _example_book(self) -> ExampleBook:
        if self._examples is None:
            raise BugError("examples are asked for before the steps are wired")
        return self._examples

    def _work_control(self) -> WorkControl:
        if self._work is None:
            raise BugError("work is to be steered before the steps are wired")
        return self._work

    def _record(
        self, tx: Transaction, access: Access, *, action: str, target: str, detail: Mapping[str, Any]
    ) -> None:
        audit(
            tx,
            at_ms=self.machine.clock.now_ms(),
            access=access,
            action=action,
            target=target,
            detail=detail,
        )
        emit(
            tx,
            machine=self.machine,
            workspace_id=access.workspace_id,
            event=action,
            body={"target": target, **detail},
        )
