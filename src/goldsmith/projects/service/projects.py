"""Projects as a whole, and their members."""

from __future__ import annotations

from collections.abc import Sequence

from goldsmith.accounts.api import Access, Role
from goldsmith.core.errors import ConflictError, NotFoundError
from goldsmith.core.ontology import Ontology
from goldsmith.platform.database import Transaction
from goldsmith.projects import store
from goldsmith.projects.service.batches import Batches
from goldsmith.projects.service.documents import Documents
from goldsmith.projects.types import (
    Aspect,
    Project,
    ProjectMember,
    ProjectState,
    ProjectView,
    QualityPolicy,
    Version,
    Workflow,
)


class ProjectsService(Documents, Batches):
    """Projects with their versioned documents, members and batches.

    Args:
        machine: What the service runs on.
    """

    def create_project(
        self,
        tx: Transaction,
        access: Access,
        *,
        name: str,
        ontology: Ontology | None = None,
        instructions: str = "",
        workflow: Workflow | None = None,
        quality: QualityPolicy | None = None,
    ) -> Project:
        """Make a project with version 1 of its documents.

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
            quality_version=1,
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
            Aspect.QUALITY: (quality or QualityPolicy()).model_dump_json(),
        }
        for aspect, body in bodies.items():
            version = Version(
                aspect=aspect, version=1, note="", created_by=access.member_id, created_ms=now_ms
            )
            store.insert_version(tx, project_id=project.project_id, version=version, body=body)
        self._record(tx, access, action="project.created", target=project.project_id, detail={"name": name})
        return project

    def list_projects(
        self, tx: Transaction, access: Access, *, with_archived: bool, before: str | None, limit: int
    ) -> list[ProjectView]:
        """Return the projects that the member may see, with their counters, newest first, by one statement."""
        sees_all = access.role.allows(Role.MANAGER)
        return store.list_projects(
            tx,
            workspace_id=access.workspace_id,
            member_id=None if sees_all else access.member_id,
            with_archived=with_archived,
            now_ms=self.machine.clock.now_ms(),
            before=before,
            limit=limit,
        )

    def get_view(self, tx: Transaction, project_id: str) -> ProjectView:
        """Return the project with its counters; NotFoundError when there is none."""
        view = store.find_view(tx, project_id, now_ms=self.machine.clock.now_ms())
        if view is None:
            raise NotFoundError("there is no such project")
        return view

    def change_project(
        self,
        tx: Transaction,
        access: Access,
        project_id: str,
        *,
        name: str | None = None,
        state: ProjectState | None = None,
    ) -> Project:
        """Rename, pause, resume, archive or restore a project; None leaves a value as it is.

        Raises:
            NotFoundError: There is no such project.
            ConflictError: The workspace has a project of that name.
        """
        before = self.get_project(tx, project_id)
        archived_ms = before.archived_ms
        if state is not None and state != before.state:
            archived_ms = self.machine.clock.now_ms() if state is ProjectState.ARCHIVED else None
        after = before.model_copy(
            update={"name": name or before.name, "state": state or before.state, "archived_ms": archived_ms}
        )
        if after == before:
            return before
        try:
            store.change_project(tx, after)
        except ConflictError as error:
            raise ConflictError(
                f"this workspace has a project named {name!r}; choose another name"
            ) from error
        if after.name != before.name:
            detail = {"from": before.name, "to": after.name}
            self._record(tx, access, action="project.renamed", target=project_id, detail=detail)
        if after.state != before.state:
            action = {"active": "project.resumed", "paused": "project.paused"}.get(
                after.state, "project.archived"
            )
            self._record(tx, access, action=action, target=project_id, detail={"from": before.state.value})
            self._work_control().on_project_changed(tx, project=after)
        return after

    def list_members(
        self, tx: Transaction, project_id: str, *, after: str | None, limit: int
    ) -> list[ProjectMember]:
        """Return members that were added to the project, by id."""
        return store.list_members(tx, project_id=project_id, after=after, limit=limit)

    def has_member(self, tx: Transaction, *, project_id: str, member_id: str) -> bool:
        """Say whether a member was added to the project."""
        return store.has_member(tx, project_id=project_id, member_id=member_id)

    def add_member(self, tx: Transaction, access: Access, project_id: str, member_id: str) -> None:
        """Add a member of the same workspace to the project; nothing happens when it is there already.

        Raises:
            NotFoundError: The workspace has no such member.
        """
        if store.has_member(tx, project_id=project_id, member_id=member_id):
            return
        now_ms = self.machine.clock.now_ms()
        if not store.add_member(
            tx, project_id=project_id, member_id=member_id, added_by=access.member_id, added_ms=now_ms
        ):
            raise NotFoundError("this workspace has no such member")
        self._tell_newcomer(
            tx, [project_id], member_id
        )  # who may wait for others, as those do for the audit log
        detail = {"member_id": member_id}
        self._record(tx, access, action="project.member_added", target=project_id, detail=detail)

    def remove_member(self, tx: Transaction, access: Access, project_id: str, member_id: str) -> None:
        """Remove a member from the project; NotFoundError when it was not added."""
        if not store.remove_member(tx, project_id=project_id, member_id=member_id):
            raise NotFoundError("the member was not added to this project")
        detail = {"member_id": member_id}
        self._record(tx, access, action="project.member_removed", target=project_id, detail=detail)

    def check_projects(self, tx: Transaction, *, workspace_id: str, project_ids: Sequence[str]) -> None:
        """Raise NotFoundError when one of the projects is not in the workspace; for accounts."""
        wanted = set(project_ids)
        if store.count_known(tx, workspace_id=workspace_id, project_ids=sorted(wanted)) != len(wanted):
            raise NotFoundError("this workspace has no such project")

    def add_to_projects(
        self, tx: Transaction, *, project_ids: Sequence[str], member_id: str, added_by: str, at_ms: int
    ) -> None:
        """Add a member to each project; being in already is fine; for accounts."""
        store.add_to_projects(
            tx, project_ids=sorted(set(project_ids)), member_id=member_id, added_by=added_by, added_ms=at_ms
        )
        self._tell_newcomer(tx, project_ids, member_id)

    def _tell_newcomer(self, tx: Transaction, project_ids: Sequence[str], member_id: str) -> None:
        if self._newcomers is not None:
            self._newcomers.on_members_added(tx, project_ids=project_ids, member_id=member_id)
