"""The people of this installation as moving house sees them: the team, who works in which project, and groups."""

from __future__ import annotations

from urllib.parse import quote, unquote

from goldsmith.accounts.api import Access, KeyAccess, Role
from goldsmith.compat.migration import journal
from goldsmith.compat.migration.types import Document, Plan
from goldsmith.compat.scale_v1.service import ScaleService
from goldsmith.compat.scale_v1.service.foundation import in_project
from goldsmith.compat.scale_v1.service.teams import ROLES, role_name
from goldsmith.compat.scale_v1.store import batches as batch_rows
from goldsmith.compat.scale_v1.store import people as people_rows
from goldsmith.compat.scale_v1.store import projects as project_rows
from goldsmith.compat.scale_v1.types import ProjectRow, Space
from goldsmith.core.errors import InvalidInputError, NotFoundError
from goldsmith.platform.database import Transaction


class Team:
    """The people of this installation.

    Args:
        service: Scale's protocol here.
        access: In whose name people are invited and assigned; an owner or manager.

    Attributes:
        links: By e-mail address of whoever was invited in this run: the link that brings them in.
    """

    def __init__(self, service: ScaleService, access: Access) -> None:
        self._service = service
        self._access = access
        self._key = KeyAccess(access, is_test=False)
        self._space = Space(access.workspace_id, is_test=False)
        self.links: dict[str, str] = {}

    def put_person(self, tx: Transaction, plan: Plan, document: Document) -> str:
        """Assign a member to the projects, or invite whoever is none into them; returns the address.

        Raises:
            InvalidInputError: The role is none.
            PermissionDeniedError: The role is above one's own.
        """
        email: str = document["email"]
        role = ROLES.get(document["role"])
        if role is None:
            raise InvalidInputError(f"there is no role {document['role']!r} here")
        projects = self._projects(tx, plan, document)
        member = people_rows.members_by_email(tx, self._access.workspace_id, [email]).get(email)
        steps = self._service.steps
        if member is None:
            made = steps.accounts.people.invite(
                tx,
                self._access,
                email=email,
                role=role,
                project_ids=[project.project_id for project in projects],
                base_url=self._service.machine.settings.resolved_public_url(),
            )
            self.links[email] = made.url
            return email
        people_rows.hold_groups(tx, [project.project_id for project in projects])
        for project in projects:
            access = in_project(self._access, project.project_id)
            steps.projects.add_member(tx, access, project.project_id, member["member_id"])
        return email

    def put_group(self, tx: Transaction, plan: Plan, document: Document) -> str:
        """Make a group, or bring the one that is here up to date; returns its id.

        Raises:
            NotFoundError: Its project did not come over.
        """
        project = project_rows.find_by_name(tx, self._space, plan.prefix + document["project"])
        if project is None:
            raise NotFoundError(f"its project {document['project']} did not come over")
        found = [batch_rows.find_by_name(tx, self._space, name) for name in document["batches"]]
        return self._service.set_group(
            tx,
            self._key,
            project,
            document["name"],
            emails=list(dict.fromkeys(document["emails"])),
            batch_ids=[
                batch.batch_id
                for batch in found
                if batch is not None and batch.project_id == project.project_id
            ],
        )

    def person(self, tx: Transaction, plan: Plan, email: str) -> Document | None:
        """Return somebody as this installation tells them; None for nobody."""
        workspace_id = self._access.workspace_id
        member = people_rows.members_by_email(tx, workspace_id, [email]).get(email)
        if member is not None:
            names = people_rows.projects_of(tx, workspace_id=workspace_id, email=email)
            return {
                "email": email,
                "role": role_name(Role(member["role"])),
                "projects": _moved(tx, plan, names),
            }
        for invitation in self._service.invitations(tx, self._access):
            if invitation.email == email:
                projects = project_rows.list_projects(tx, self._space, with_archived=True)
                names = [entry.name for entry in projects if entry.project_id in invitation.project_ids]
                return {
                    "email": email,
                    "role": role_name(invitation.role),
                    "projects": _moved(tx, plan, names),
                }
        return None

    def group(self, tx: Transaction, plan: Plan, theirs: str) -> Document | None:
        """Return a group as this installation tells it; None when it is gone."""
        project_name, name = group_names(theirs)
        project = project_rows.find_by_name(tx, self._space, plan.prefix + project_name)
        if project is None:
            return None
        found = people_rows.list_groups(
            tx, workspace_id=self._access.workspace_id, project_id=project.project_id, name=name
        )
        if not found:
            return None
        batches = batch_rows.find_by_ids(tx, self._space, people_rows.batches_of_group(tx, found[0].group_id))
        return {
            "project": project.name,
            "name": name,
            "emails": [email for email, _ in found[0].people],
            "batches": [batch.name for batch in batches.values()],
        }

    def _projects(self, tx: Transaction, plan: Plan, document: Document) -> list[ProjectRow]:
        found = [
            project_rows.find_by_name(tx, self._space, plan.prefix + name) for name in document["projects"]
        ]
        return [project for project in found if project is not None]


def group_key(project: str, name: str) -> str:
    """Return by which the journal knows a group: names of groups are of one project only."""
    return f"{quote(project, safe=' ')}/{quote(name, safe=' ')}"


def group_names(key: str) -> tuple[str, str]:
    """Return the project and the name of a group from its key."""
    project, _, name = key.partition("/")
    return unquote(project), unquote(name)


def _moved(tx: Transaction, plan: Plan, names: list[str]) -> list[str]:
    """Return those of the projects' names here that came over: whoever was here before may work in others."""
    came = {plan.prefix + name for name in journal.moved(tx, plan, kind="project")}
    return [name for name in names if name in came]
