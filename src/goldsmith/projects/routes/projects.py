"""HTTP of projects, their documents, members and batches."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Response
from pydantic import Field

from goldsmith.accounts.api import Access, Gate, Role
from goldsmith.core.errors import InvalidInputError
from goldsmith.core.model import Model
from goldsmith.core.ontology import Name, Ontology
from goldsmith.platform.database import Transaction
from goldsmith.projects.service import ProjectsService
from goldsmith.projects.types import (
    Aspect,
    Batch,
    BatchState,
    BatchView,
    Migration,
    MigrationReport,
    Project,
    ProjectMember,
    ProjectState,
    ProjectView,
    QualityPolicy,
    Version,
    Workflow,
)

MAX_INSTRUCTIONS_CHARS = 500_000
MAX_EXAMPLES = 100
Note = Annotated[str, Field(max_length=2000)]
Markdown = Annotated[str, Field(max_length=MAX_INSTRUCTIONS_CHARS)]
Priority = Annotated[int, Field(ge=-1_000_000, le=1_000_000)]
Limit = Annotated[int, Query(ge=1, le=200)]
Cursor = Annotated[str | None, Query(max_length=200)]


class NewProject(Model):
    """A project to make; its documents may come later."""

    name: Name
    ontology: Ontology | None = None
    instructions: Markdown = ""
    workflow: Workflow | None = None
    quality: QualityPolicy | None = None


class ProjectChange(Model):
    """What to change of a project; what is absent stays."""

    name: Name | None = None
    state: ProjectState | None = None


class ProjectPage(Model):
    """Projects, newest first."""

    items: list[ProjectView]
    next_cursor: str | None


class OntologyDocument(Model):
    """A version of the ontology."""

    version: int
    ontology: Ontology


class OntologyChange(Model):
    """A new ontology, whole."""

    ontology: Ontology
    note: Note = ""
    migration: Migration | None = None
    base_version: int | None = None


class OntologyCheck(Model):
    """An ontology to try, and what a migration would say."""

    ontology: Ontology
    migration: Migration | None = None


class InstructionsDocument(Model):
    """A version of the instructions, in Markdown, with the ids of its examples."""

    version: int
    instructions: str
    examples: list[str]


class InstructionsChange(Model):
    """New instructions, whole."""

    instructions: Markdown
    examples: Annotated[list[str], Field(max_length=MAX_EXAMPLES)] | None = None
    note: Note = ""
    base_version: int | None = None


class WorkflowDocument(Model):
    """A version of the workflow."""

    version: int
    workflow: Workflow


class WorkflowChange(Model):
    """A new workflow, whole."""

    workflow: Workflow
    note: Note = ""
    base_version: int | None = None


class VersionNumber(Model):
    """The version that is now the newest."""

    version: int


class VersionPage(Model):
    """Versions of all documents, newest first."""

    items: list[Version]
    next_cursor: str | None


class MemberPage(Model):
    """Members that were added to a project."""

    items: list[ProjectMember]
    next_cursor: str | None


class NewBatch(Model):
    """A batch to make.

    Attributes:
        state: The tasks of a staged batch wait until it is opened.
    """

    name: Name
    priority: Priority = 0
    origin: dict[str, Any] = {}
    state: Literal["open", "staging"] = "open"


class BatchChange(Model):
    """What to change of a batch; what is absent stays."""

    name: Name | None = None
    priority: Priority | None = None
    state: BatchState | None = None


class BatchPage(Model):
    """Batches, newest first."""

    items: list[BatchView]
    next_cursor: str | None


def add_routes(routes: APIRouter, service: ProjectsService, gate: Gate) -> None:
    """Add the routes."""
    _add_projects(routes, service, gate)
    _add_ontology(routes, service, gate)
    _add_texts(routes, service, gate)
    _add_members(routes, service, gate)
    _add_batches(routes, service, gate)


def _add_projects(routes: APIRouter, service: ProjectsService, gate: Gate) -> None:
    database = service.machine.database

    @routes.get("/workspaces/{workspace_id}/projects")
    async def list_projects(
        workspace_id: str,  # noqa: ARG001  read by the gate
        access: Annotated[Access, Depends(gate.allow(Role.VIEWER))],
        with_archived: bool = False,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> ProjectPage:
        """List projects with their progress; members below manager see those they were added to."""
        found = await database.read(
            lambda tx: service.list_projects(
                tx, access, with_archived=with_archived, before=cursor, limit=limit + 1
            )
        )
        items = found[:limit]
        return ProjectPage(items=items, next_cursor=items[-1].project_id if len(found) > limit else None)

    @routes.post("/workspaces/{workspace_id}/projects", status_code=201)
    async def create_project(
        workspace_id: str,  # noqa: ARG001  read by the gate
        body: NewProject,
        access: Annotated[Access, Depends(gate.allow(Role.MANAGER))],
    ) -> Project:
        """Make a project."""
        return await database.write(
            lambda tx: service.create_project(
                tx,
                access,
                name=body.name,
                ontology=body.ontology,
                instructions=body.instructions,
                workflow=body.workflow,
                quality=body.quality,
            )
        )

    @routes.get("/projects/{project_id}", dependencies=[Depends(gate.allow(Role.VIEWER))])
    async def get_project(
        project_id: str,
    ) -> ProjectView:
        """Show a project with its progress."""
        return await database.read(lambda tx: service.get_view(tx, project_id))

    @routes.patch("/projects/{project_id}")
    async def change_project(
        project_id: str, body: ProjectChange, access: Annotated[Access, Depends(gate.allow(Role.MANAGER))]
    ) -> Project:
        """Rename, pause, resume, archive or restore a project."""
        return await database.write(
            lambda tx: service.change_project(tx, access, project_id, name=body.name, state=body.state)
        )

    @routes.delete("/projects/{project_id}", status_code=204)
    async def archive_project(
        project_id: str, access: Annotated[Access, Depends(gate.allow(Role.MANAGER))]
    ) -> Response:
        """Archive a project; nothing is deleted and it can be restored."""
        await database.write(
            lambda tx: service.change_project(tx, access, project_id, state=ProjectState.ARCHIVED)
        )
        return Response(status_code=204)


def _add_ontology(routes: APIRouter, service: ProjectsService, gate: Gate) -> None:
    database = service.machine.database

    @routes.get("/projects/{project_id}/ontology", dependencies=[Depends(gate.allow(Role.VIEWER))])
    async def get_ontology(
        project_id: str,
        version: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
    ) -> OntologyDocument:
        """Show a version of the ontology, the newest by default."""
        number, body = await database.read(
            lambda tx: service.get_document(tx, project_id, Aspect.ONTOLOGY, version)
        )
        return OntologyDocument(version=number, ontology=Ontology.model_validate_json(body))

    @routes.put("/projects/{project_id}/ontology")
    async def put_ontology(
        project_id: str, body: OntologyChange, access: Annotated[Access, Depends(gate.allow(Role.MANAGER))]
    ) -> VersionNumber:
        """Change the ontology; refused when labels in force do not survive it and no migration says how they read."""
        number = await database.write(
            lambda tx: service.put_ontology(
                tx,
                access,
                project_id,
                ontology=body.ontology,
                note=body.note,
                migration=body.migration,
                base_version=body.base_version,
            )
        )
        return VersionNumber(version=number)

    @routes.post("/projects/{project_id}/ontology/check", dependencies=[Depends(gate.allow(Role.MANAGER))])
    async def check_ontology(
        project_id: str,
        body: OntologyCheck,
    ) -> MigrationReport:
        """Tell what changing to an ontology would mean for the labels in force."""
        return await database.read(
            lambda tx: service.check_ontology(
                tx, project_id, ontology=body.ontology, migration=body.migration
            )
        )


def _add_texts(routes: APIRouter, service: ProjectsService, gate: Gate) -> None:
    database = service.machine.database

    @routes.get("/projects/{project_id}/instructions", dependencies=[Depends(gate.allow(Role.VIEWER))])
    async def get_instructions(
        project_id: str,
        version: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
    ) -> InstructionsDocument:
        """Show a version of the instructions, the newest by default."""

        def read(tx: Transaction) -> InstructionsDocument:
            number, body = service.get_document(tx, project_id, Aspect.INSTRUCTIONS, version)
            examples = service.get_examples(tx, project_id, number)
            return InstructionsDocument(version=number, instructions=body, examples=examples)

        return await database.read(read)

    @routes.put("/projects/{project_id}/instructions")
    async def put_instructions(
        project_id: str,
        body: InstructionsChange,
        access: Annotated[Access, Depends(gate.allow(Role.MANAGER))],
    ) -> VersionNumber:
        """Change the instructions."""
        number = await database.write(
            lambda tx: service.put_instructions(
                tx,
                access,
                project_id,
                instructions=body.instructions,
                examples=body.examples,
                note=body.note,
                base_version=body.base_version,
            )
        )
        return VersionNumber(version=number)

    @routes.get("/projects/{project_id}/workflow", dependencies=[Depends(gate.allow(Role.VIEWER))])
    async def get_workflow(
        project_id: str,
        version: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
    ) -> WorkflowDocument:
        """Show a version of the workflow, the newest by default."""
        number, body = await database.read(
            lambda tx: service.get_document(tx, project_id, Aspect.WORKFLOW, version)
        )
        return WorkflowDocument(version=number, workflow=Workflow.model_validate_json(body))

    @routes.put("/projects/{project_id}/workflow")
    async def put_workflow(
        project_id: str, body: WorkflowChange, access: Annotated[Access, Depends(gate.allow(Role.MANAGER))]
    ) -> VersionNumber:
        """Change the workflow."""
        number = await database.write(
            lambda tx: service.put_workflow(
                tx,
                access,
                project_id,
                workflow=body.workflow,
                note=body.note,
                base_version=body.base_version,
            )
        )
        return VersionNumber(version=number)

    @routes.get("/projects/{project_id}/versions", dependencies=[Depends(gate.allow(Role.VIEWER))])
    async def list_versions(
        project_id: str,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> VersionPage:
        """List the versions of all documents, newest first."""
        before = None if cursor is None else _version_cursor(cursor)
        found = await database.read(
            lambda tx: service.list_versions(tx, project_id, before=before, limit=limit + 1)
        )
        items = found[:limit]
        last = items[-1] if len(found) > limit else None
        following = None if last is None else f"{last.created_ms}.{last.aspect}.{last.version}"
        return VersionPage(items=items, next_cursor=following)


def _add_members(routes: APIRouter, service: ProjectsService, gate: Gate) -> None:
    database = service.machine.database

    @routes.get("/projects/{project_id}/members", dependencies=[Depends(gate.allow(Role.REVIEWER))])
    async def list_members(
        project_id: str,
        limit: Limit = 200,
        cursor: Cursor = None,
    ) -> MemberPage:
        """List the members that were added to a project."""
        found = await database.read(
            lambda tx: service.list_members(tx, project_id, after=cursor, limit=limit + 1)
        )
        items = found[:limit]
        return MemberPage(items=items, next_cursor=items[-1].member_id if len(found) > limit else None)

    @routes.put("/projects/{project_id}/members/{member_id}", status_code=204)
    async def add_member(
        project_id: str, member_id: str, access: Annotated[Access, Depends(gate.allow(Role.MANAGER))]
    ) -> Response:
        """Add a member of the workspace to a project."""
        await database.write(lambda tx: service.add_member(tx, access, project_id, member_id))
        return Response(status_code=204)

    @routes.delete("/projects/{project_id}/members/{member_id}", status_code=204)
    async def remove_member(
        project_id: str, member_id: str, access: Annotated[Access, Depends(gate.allow(Role.MANAGER))]
    ) -> Response:
        """Remove a member from a project; what it submitted stays."""
        await database.write(lambda tx: service.remove_member(tx, access, project_id, member_id))
        return Response(status_code=204)


def _add_batches(routes: APIRouter, service: ProjectsService, gate: Gate) -> None:
    database = service.machine.database

    @routes.get("/projects/{project_id}/batches", dependencies=[Depends(gate.allow(Role.VIEWER))])
    async def list_batches(
        project_id: str,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> BatchPage:
        """List batches with their tasks counted by state, newest first."""
        found = await database.read(
            lambda tx: service.list_batches(tx, project_id, before=cursor, limit=limit + 1)
        )
        items = found[:limit]
        return BatchPage(items=items, next_cursor=items[-1].batch_id if len(found) > limit else None)

    @routes.post("/projects/{project_id}/batches", status_code=201)
    async def create_batch(
        project_id: str, body: NewBatch, access: Annotated[Access, Depends(gate.allow(Role.MANAGER))]
    ) -> Batch:
        """Make a batch."""
        return await database.write(
            lambda tx: service.create_batch(
                tx,
                access,
                project_id,
                name=body.name,
                priority=body.priority,
                origin=body.origin,
                state=BatchState(body.state),
            )
        )

    @routes.patch("/batches/{batch_id}")
    async def change_batch(
        batch_id: str, body: BatchChange, access: Annotated[Access, Depends(gate.allow(Role.MANAGER))]
    ) -> Batch:
        """Rename, reorder, open, pause, resume or cancel a batch."""
        return await database.write(
            lambda tx: service.change_batch(
                tx, access, batch_id, name=body.name, priority=body.priority, state=body.state
            )
        )


def _version_cursor(cursor: str) -> tuple[int, str, int]:
    at_ms, _, rest = cursor.partition(".")
    aspect, _, version = rest.partition(".")
    if not (at_ms.isdecimal() and version.isdecimal() and len(at_ms) < 16 and len(version) < 10):
        raise InvalidInputError("the cursor is not one that this list returned")
    return int(at_ms), aspect, int(version)
