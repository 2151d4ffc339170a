"""What people do with projects: make them, and read their documents."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from goldsmith.accounts.api import Access, audit, emit
from goldsmith.core.errors import ConflictError, NotFoundError
from goldsmith.core.ontology import Ontology
from goldsmith.platform.database import Transaction
from goldsmith.platform.machine import Machine
from goldsmith.projects import store
from goldsmith.projects.types import (
    DEFAULT_BATCH,
    Aspect,
    Batch,
    BatchState,
    Project,
    ProjectSetup,
    ProjectState,
    Version,
    Workflow,
)


class ProjectsService:
    """Projects with their versioned documents and batches.

    Args:
        machine: What the service runs on.
    """

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        # documents are immutable, so their text is the key; nothing to invalidate
        self._ontology_of = lru_cache(maxsize=128)(Ontology.model_validate_json)
        self._workflow_of = lru_cache(maxsize=128)(Workflow.model_validate_json)

    def create_project(
        self,
        tx: Transaction,
        access: Access,
        *,
        name: str,
        ontology: Ontology | None = None,
        instructions: str = "",
        workflow: Workflow | None = None,
    ) -> Project:
        """Make a project with version 1 of its three documents.

        Raises:
            ConflictError: The workspace has a project of that name.
        """
        now_ms = self.machine.clock.now_ms()
        project = Project(
            project_id=self.machine.ids.new("prj"),
            workspace_id=access.workspace_id,
            name=name,
            state=ProjectState.ACTIVE,
            ontology_version=1,
            instructions_version=1,
            workflow_version=1,
            created_by=access.member_id,
            created_ms=now_ms,
        )
        try:
            store.insert_project(tx, project)
        except ConflictError as error:
            raise ConflictError(
                f"this workspace has a project named {name!r}; choose another name"
            ) from error
        bodies = {
            Aspect.ONTOLOGY: (ontology or Ontology()).model_dump_json(),
            Aspect.INSTRUCTIONS: instructions,
            Aspect.WORKFLOW: (workflow or Workflow()).model_dump_json(),
        }
        for aspect, body in bodies.items():
            version = Version(
                aspect=aspect, version=1, note="", created_by=access.member_id, created_ms=now_ms
            )
            store.insert_version(tx, project_id=project.project_id, version=version, body=body)
        self._record(tx, access, action="project.created", target=project.project_id, detail={"name": name})
        return project

    def get_project(self, tx: Transaction, project_id: str) -> Project:
        """Return the project; NotFoundError when there is none."""
        project = store.find_project(tx, project_id)
        if project is None:
            raise NotFoundError("there is no such project")
        return project

    def get_setup(self, tx: Transaction, project_id: str) -> ProjectSetup:
        """Return the project, its newest ontology and its workflow by one statement; NotFoundError when absent."""
        found = store.find_setup(tx, project_id)
        if found is None:
            raise NotFoundError("there is no such project")
        project, ontology, workflow = found
        return ProjectSetup(project, self._ontology_of(ontology), self._workflow_of(workflow))

    def get_ontology(self, tx: Transaction, project_id: str, version: int | None = None) -> Ontology:
        """Return a version of the ontology, the newest by default; NotFoundError when there is none."""
        return self._ontology_of(self._body(tx, project_id, Aspect.ONTOLOGY, version)[1])

    def get_workflow(self, tx: Transaction, project_id: str, version: int | None = None) -> Workflow:
        """Return a version of the workflow, the newest by default; NotFoundError when there is none."""
        return self._workflow_of(self._body(tx, project_id, Aspect.WORKFLOW, version)[1])

    def get_instructions(self, tx: Transaction, project_id: str, version: int | None = None) -> str:
        """Return a version of the instructions (Markdown), the newest by default; NotFoundError when there is none."""
        return self._body(tx, project_id, Aspect.INSTRUCTIONS, version)[1]

    def ensure_batch(
        self,
        tx: Transaction,
        *,
        project_id: str,
        name: str = DEFAULT_BATCH,
        created_by: str,
        priority: int = 0,
        origin: Mapping[str, Any] | None = None,
    ) -> Batch:
        """Return the batch of that name, made when the project has none; ``created_by`` is a member id or "system"."""
        return store.ensure_batch(
            tx,
            Batch(
                batch_id=self.machine.ids.new("bat"),
                project_id=project_id,
                name=name,
                priority=priority,
                state=BatchState.OPEN,
                origin=dict(origin or {}),
                created_by=created_by,
                created_ms=self.machine.clock.now_ms(),
            ),
        )

    def get_batch(self, tx: Transaction, batch_id: str) -> Batch:
        """Return the batch; NotFoundError when there is none."""
        batch = store.find_batch(tx, batch_id)
        if batch is None:
            raise NotFoundError("there is no such batch")
        return batch

    def _body(self, tx: Transaction, project_id: str, aspect: Aspect, version: int | None) -> tuple[int, str]:
        found = store.find_body(tx, project_id=project_id, aspect=aspect, version=version)
        if found is None:
            raise NotFoundError(f"there is no such version of the {aspect}")
        return found

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
