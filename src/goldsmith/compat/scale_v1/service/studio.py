"""Studio: people are assigned to projects and put into groups, and batches are for groups and have an order.

Whoever is assigned to a project is given its tasks; those of a batch that has groups are given to their people alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from goldsmith.accounts.api import KeyAccess
from goldsmith.compat.scale_v1.service.foundation import Foundation, in_project, space_of
from goldsmith.compat.scale_v1.service.teams import read_emails
from goldsmith.compat.scale_v1.store import batches as batch_rows
from goldsmith.compat.scale_v1.store import people as store
from goldsmith.compat.scale_v1.store import projects as project_rows
from goldsmith.compat.scale_v1.store import tasks as task_rows
from goldsmith.compat.scale_v1.store.people import Group, TestPerson
from goldsmith.compat.scale_v1.task_types.types import ParameterFault
from goldsmith.compat.scale_v1.types import BatchRow, ProjectRow, Space
from goldsmith.compat.scale_v1.views import batch_body
from goldsmith.compat.scale_v1.words import read_name, read_names
from goldsmith.core.errors import ConflictError, NotFoundError
from goldsmith.platform.database import Transaction

_RANK_STEP: Final = 1000
"""Between the priorities of batches that follow each other: the tasks' own priorities fit between them."""
_PRIORITIES: Final = range(10, 31)
"""From the lowest to the highest that ``prioritize`` takes; a batch without is below."""


class Studio(Foundation):
    """The part of the service that keeps assignments, groups and the order of batches."""

    # --- assignments

    def list_assignments(self, tx: Transaction, key: KeyAccess) -> dict[str, list[str]]:
        """Return the names of each one's projects, by e-mail address."""
        if not key.is_test:
            return store.assignments(tx, key.access.workspace_id)
        names = {
            project.project_id: project.name
            for project in project_rows.list_projects(tx, space_of(key), with_archived=True)
        }
        return {
            person.email: [names[project_id] for project_id in person.project_ids if project_id in names]
            for person in store.test_team(tx, key.access.workspace_id)
        }

    def change_assignments(
        self, tx: Transaction, key: KeyAccess, body: Mapping[str, Any], *, is_added: bool
    ) -> dict[str, list[str]]:
        """Add people to projects or take them out; return everybody's projects.

        Raises:
            NotFoundError: There is no such project, or no such member.
        """
        if body.get("emails") is None:
            raise ParameterFault('"emails" is required')
        emails, names = read_emails(body, "emails"), read_names(body, "projects")
        project_ids = [self._project(tx, space_of(key), name).project_id for name in names]
        if key.is_test:
            self._assign_in_test(tx, key, emails, project_ids, is_added=is_added)
        else:
            self._assign(tx, key, emails, project_ids, is_added=is_added)
        found = self.list_assignments(tx, key)
        return {**{email: [] for email in emails}, **found}

    # --- groups

    def list_groups(self, tx: Transaction, key: KeyAccess, project_name: str) -> list[dict[str, Any]]:
        """Return the groups of a project with their people."""
        project = self._project(tx, space_of(key), project_name)
        found = store.list_groups(tx, workspace_id=key.access.workspace_id, project_id=project.project_id)
        return [_group_body(group) for group in found]

    def create_group(
        self, tx: Transaction, key: KeyAccess, project_name: str, body: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Make a group; whoever is in it is added to the project.

        Raises:
            NotFoundError: There is no such project, or no such member.
            ConflictError: The project has a group of that name.
        """
        name, emails = read_name(body, "name"), read_emails(body, "emails")
        project = self._project(tx, space_of(key), project_name)
        if self._groups(tx, key, project.project_id, [name], is_required=False):
            raise ConflictError("Group with that name already exists.")
        group_id = self.machine.ids.new("grp")
        store.insert_group(
            tx, group_id=group_id, project_id=project.project_id, name=name, now_ms=self._now_ms()
        )
        return self._change_group(tx, key, project.project_id, group_id, name, add=emails, remove=[])

    def update_group(
        self, tx: Transaction, key: KeyAccess, project_name: str, group_name: str, body: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Put people into a group and take others out.

        Raises:
            NotFoundError: There is no such project, group or member.
        """
        project = self._project(tx, space_of(key), project_name)
        group = self._groups(tx, key, project.project_id, [group_name])[0]
        return self._change_group(
            tx,
            key,
            project.project_id,
            group.group_id,
            group.name,
            add=read_emails(body, "add_emails"),
            remove=read_emails(body, "remove_emails"),
        )

    def set_group(
        self,
        tx: Transaction,
        key: KeyAccess,
        project: ProjectRow,
        name: str,
        *,
        emails: Sequence[str],
        batch_ids: Sequence[str],
    ) -> str:
        """Make a group of exactly these people for these batches, or change it to that; returns its id.

        Whoever is no member yet is in it on joining the project.
        """
        store.hold_groups(tx, [project.project_id])
        found = self._groups(tx, key, project.project_id, [name], is_required=False)
        group_id = found[0].group_id if found else self.machine.ids.new("grp")
        if not found:
            store.insert_group(
                tx, group_id=group_id, project_id=project.project_id, name=name, now_ms=self._now_ms()
            )
        members = store.members_by_email(tx, key.access.workspace_id, emails)
        self._assign(tx, key, sorted(members), [project.project_id], is_added=True)
        gone = {email for group in found for email, _ in group.people} - set(emails)
        store.change_group(tx, group_id, add=emails, remove=sorted(gone))
        before = store.batches_of_group(tx, group_id)
        store.put_group_batches(tx, group_id, batch_ids)
        for batch_id in sorted({*before, *batch_ids}):
            self._let_label(tx, key, project.project_id, batch_id)
        return group_id

    def on_members_added(self, tx: Transaction, *, project_ids: Sequence[str], member_id: str) -> None:
        """Give a member who came into projects the tasks of the batches of the own groups; for projects."""
        store.hold_groups(tx, project_ids)
        for batch_id, project_id in store.batches_of_newcomer(tx, member_id, project_ids):
            workspace_id = self.steps.projects.get_project(tx, project_id).workspace_id
            found = store.members_of_batch(tx, workspace_id=workspace_id, batch_id=batch_id)
            self.steps.projects.let_label(tx, None, batch_id, found)

    # --- batches

    def list_studio_batches(self, tx: Transaction, key: KeyAccess) -> list[dict[str, Any]]:
        """Return the batches that are not completed, in their order, by three statements."""
        pending = batch_rows.list_pending(tx, space_of(key))
        return self._batch_bodies(tx, space_of(key), pending, pending=pending)

    def assign_batch(
        self, tx: Transaction, key: KeyAccess, batch_name: str, body: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Say which groups a batch is for: only their people are given its tasks; without any, the whole project.

        Raises:
            NotFoundError: There is no such batch, or its project has no such group.
        """
        names = read_names(body, "groups")
        batch = self._batch(tx, space_of(key), batch_name)
        store.hold_groups(tx, [batch.project_id])
        groups = self._groups(tx, key, batch.project_id, names)
        store.put_batch_groups(tx, batch.batch_id, [group.group_id for group in groups])
        self._let_label(tx, key, batch.project_id, batch.batch_id)
        return self._batch_bodies(tx, space_of(key), [batch])[0]

    def set_priorities(
        self, tx: Transaction, key: KeyAccess, body: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        """Put all batches that are not completed into an order.

        Raises:
            ParameterFault: One is missing, named twice or not pending.
        """
        names = _read_batch_names(body)
        pending = {batch.name: batch for batch in batch_rows.list_pending(tx, space_of(key))}
        if sorted(names) != sorted(pending):
            raise ParameterFault('"batches" must name all pending batches, each once')
        for number, name in enumerate(names):
            self._rank(tx, key, pending[name], priority=(len(names) - number) * _RANK_STEP)
        return self.list_studio_batches(tx, key)

    def reset_priorities(self, tx: Transaction, key: KeyAccess) -> list[dict[str, Any]]:
        """Put the batches back into the order in which they were made."""
        for batch in batch_rows.list_pending(tx, space_of(key)):
            self._rank(tx, key, batch, priority=0)
        return self.list_studio_batches(tx, key)

    def prioritize_batch(
        self, tx: Transaction, key: KeyAccess, batch_name: str, body: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Give a batch a priority: higher ones are handed out first, those without one last.

        Raises:
            ParameterFault: The priority is not among those there are.
            NotFoundError: There is no such batch.
        """
        priority = body.get("priority")
        if priority is None:
            raise ParameterFault('"priority" is required')
        if isinstance(priority, bool) or priority not in _PRIORITIES:
            raise ParameterFault(f'"priority" must be an integer from {_PRIORITIES[0]} to {_PRIORITIES[-1]}')
        batch = self._batch(tx, space_of(key), batch_name)
        self._rank(tx, key, batch, priority=int(priority) * _RANK_STEP)
        return {"result": "success", **batch_body(batch)}

    # --- parts

    def _assign(
        self,
        tx: Transaction,
        key: KeyAccess,
        emails: Sequence[str],
        project_ids: Sequence[str],
        *,
        is_added: bool,
    ) -> None:
        members = self._members(tx, key, emails)
        store.hold_groups(tx, project_ids)
        projects = self.steps.projects
        for project_id in project_ids:
            access = in_project(key.access, project_id)
            for email in emails:
                member_id = members[email]
                is_in = projects.has_member(tx, project_id=project_id, member_id=member_id)
                if is_added and not is_in:
                    projects.add_member(tx, access, project_id, member_id)
                elif is_in and not is_added:
                    projects.remove_member(tx, access, project_id, member_id)

    @staticmethod
    def _assign_in_test(
        tx: Transaction,
        key: KeyAccess,
        emails: Sequence[str],
        project_ids: Sequence[str],
        *,
        is_added: bool,
    ) -> None:
        workspace_id = key.access.workspace_id
        known = {person.email: person for person in store.test_team(tx, workspace_id)}
        changed: list[TestPerson] = []
        for email in emails:
            person = known.get(email, TestPerson(email, "labeler", []))
            others = [entry for entry in person.project_ids if entry not in project_ids]
            changed.append(person._replace(project_ids=[*others, *project_ids] if is_added else others))
        store.put_test_people(tx, workspace_id, changed)

    @staticmethod
    def _members(tx: Transaction, key: KeyAccess, emails: Sequence[str]) -> dict[str, str]:
        found = store.members_by_email(tx, key.access.workspace_id, emails)
        unknown = [email for email in emails if email not in found]
        if unknown:
            raise NotFoundError(f"Teammate with the email {unknown[0]} not found.")
        return {email: row["member_id"] for email, row in found.items()}

    @staticmethod
    def _groups(
        tx: Transaction, key: KeyAccess, project_id: str, names: Sequence[str], *, is_required: bool = True
    ) -> list[Group]:
        found = {
            group.name: group
            for group in store.list_groups(tx, workspace_id=key.access.workspace_id, project_id=project_id)
        }
        unknown = [name for name in names if name not in found]
        if unknown and is_required:
            raise NotFoundError(f'Group with the name "{unknown[0]}" not found.')
        return [found[name] for name in names if name in found]

    def _change_group(
        self,
        tx: Transaction,
        key: KeyAccess,
        project_id: str,
        group_id: str,
        name: str,
        *,
        add: Sequence[str],
        remove: Sequence[str],
    ) -> dict[str, Any]:
        store.hold_groups(tx, [project_id])
        if key.is_test:
            self._assign_in_test(tx, key, add, [project_id], is_added=True)
        else:
            self._assign(tx, key, add, [project_id], is_added=True)
        store.change_group(tx, group_id, add=add, remove=remove)
        for batch_id in store.batches_of_group(tx, group_id):
            self._let_label(tx, key, project_id, batch_id)
        return _group_body(self._groups(tx, key, project_id, [name])[0])

    def _let_label(self, tx: Transaction, key: KeyAccess, project_id: str, batch_id: str) -> None:
        """Let the people of a batch's groups label it, and nobody else; without a group everybody."""
        if key.is_test:  # nobody labels
            return
        found: list[str] | None = None
        if store.groups_of_batches(tx, [batch_id]):
            found = store.members_of_batch(tx, workspace_id=key.access.workspace_id, batch_id=batch_id)
        self.steps.projects.let_label(tx, in_project(key.access, project_id), batch_id, found)

    def _rank(self, tx: Transaction, key: KeyAccess, batch: BatchRow, *, priority: int) -> None:
        if key.is_test:
            batch_rows.change_batch(tx, batch.batch_id, test_priority=priority)
            return
        access = in_project(key.access, batch.project_id)
        self.steps.projects.change_batch(tx, access, batch.batch_id, priority=priority)
        # the tasks took the batch's priority; those with one of their own stand before or behind the others again
        for own, task_ids in task_rows.priorities_of(tx, batch.batch_id).items():
            self.steps.labeling.set_priority(tx, task_ids, priority + own, by=key.access.member_id)

    @staticmethod
    def _batch_bodies(
        tx: Transaction,
        space: Space,
        batches: Sequence[BatchRow],
        *,
        pending: Sequence[BatchRow] | None = None,
    ) -> list[dict[str, Any]]:
        """Return batches as Studio tells them; their place in the order is among those that are ``pending``."""
        order = batch_rows.list_pending(tx, space) if pending is None else pending
        places = {batch.batch_id: number for number, batch in enumerate(order, 1)}
        ids = [batch.batch_id for batch in batches]
        counts = batch_rows.count_tasks(tx, ids)
        groups = store.groups_of_batches(tx, ids)
        return [
            {
                "id": batch.batch_id,
                "name": batch.name,
                "projectId": batch.project_id,
                "projectName": batch.project_name,
                "batchType": _batch_type(batch),
                "studioPriority": places.get(batch.batch_id),
                "total": sum(counts[batch.batch_id].values()),
                "completed": counts[batch.batch_id].get("completed", 0),
                "groups": groups.get(batch.batch_id, []),
            }
            for batch in batches
        ]


def _batch_type(batch: BatchRow) -> str:
    if batch.is_calibration:
        return "calibration"
    return "self_label" if batch.is_self_label else "production"


def _group_body(group: Group) -> dict[str, Any]:
    return {
        "id": group.group_id,
        "name": group.name,
        "numWorkers": len(group.people),
        "isSingleton": False,
        "workers": [{"id": member_id or email, "email": email} for email, member_id in group.people],
    }


def _read_batch_names(body: Mapping[str, Any]) -> list[str]:
    batches = body.get("batches")
    if not isinstance(batches, list):
        raise ParameterFault('"batches" is required' if batches is None else '"batches" must be an array')
    return [
        read_name(entry, "name") if isinstance(entry, dict) else read_name({"name": entry}, "name")
        for entry in batches
    ]
