"""Teams: the members of the workspace under Scale's roles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from goldsmith.accounts.api import Access, Invitation, KeyAccess, Role
from goldsmith.compat.scale_v1.service.foundation import Foundation
from goldsmith.compat.scale_v1.store import people as store
from goldsmith.compat.scale_v1.store.people import TestPerson
from goldsmith.compat.scale_v1.task_types.types import ParameterFault
from goldsmith.compat.scale_v1.words import read_name, read_names
from goldsmith.core.errors import NotFoundError
from goldsmith.platform.database import Transaction

ROLES: Final[Mapping[str, Role]] = {
    "labeler": Role.ANNOTATOR,
    "member": Role.REVIEWER,
    "manager": Role.MANAGER,
    "admin": Role.OWNER,
}
_NAMES: Final[Mapping[Role, str]] = {role: name for name, role in ROLES.items()} | {Role.VIEWER: "member"}
_PAGE: Final = 500


class Teams(Foundation):
    """The part of the service that keeps the team. In test mode it is a team of its own, whom nobody invites."""

    def list_team(self, tx: Transaction, key: KeyAccess) -> list[dict[str, Any]]:
        """Return everybody: members, and whoever is invited."""
        if key.is_test:
            return self._test_team(tx, key)
        people = self.steps.accounts.people
        company = people.get_workspace(tx, key.access.workspace_id).name
        found: dict[str, dict[str, Any]] = {}
        after: str | None = ""
        while after is not None:
            page = people.list_members(tx, key.access, after=after, limit=_PAGE)
            for member in page.items:
                if member.email is not None:
                    found[member.email] = _teammate(
                        member.email, member.role, company=company, name=member.name
                    )
            after = page.next_cursor
        for invitation in self.invitations(tx, key.access):
            found.setdefault(invitation.email, _teammate(invitation.email, invitation.role, company=company))
        return list(found.values())

    def invite_team(self, tx: Transaction, key: KeyAccess, body: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Invite people and return everybody; the invited come with the link that brings them in.

        Raises:
            ParameterFault: A parameter does not hold.
            PermissionDeniedError: The role is above that of the key's member.
        """
        emails, role = _read_emails(body, "emails"), _read_role(body)
        if key.is_test:
            return self._put_test_team(tx, key, emails, role)
        known = store.members_by_email(tx, key.access.workspace_id, emails)
        links = {
            email: self._invite(tx, key, email, role, project_ids=())
            for email in emails
            if email not in known
        }
        return self._team_with(tx, key, links)

    def invitations(self, tx: Transaction, access: Access) -> Iterator[Invitation]:
        """Yield the invitations that can still be accepted, by pages."""
        after: str | None = ""
        while after is not None:
            page = self.steps.accounts.people.list_invitations(tx, access, after=after, limit=_PAGE)
            yield from page.items
            after = page.next_cursor

    def set_role(self, tx: Transaction, key: KeyAccess, body: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Give members (or whoever is invited) another role, and return everybody.

        Whoever is invited stays so for the same projects, and comes with the link that replaces the one before.

        Raises:
            ParameterFault: A parameter does not hold.
            NotFoundError: Somebody is neither a member nor invited.
            PermissionDeniedError: It is oneself, an equal or somebody above, or the role is above one's own.
        """
        emails, role = _read_emails(body, "emails"), _read_role(body)
        team = {entry["email"]: entry for entry in self.list_team(tx, key)}
        unknown = [email for email in emails if email not in team]
        if unknown:
            raise NotFoundError(f"Teammate with the email {unknown[0]} not found.")
        if key.is_test:
            return self._put_test_team(tx, key, emails, role)
        members = store.members_by_email(tx, key.access.workspace_id, emails)
        invited = {entry.email: entry.project_ids for entry in self.invitations(tx, key.access)}
        people, links = self.steps.accounts.people, {}
        for email in emails:
            if team[email]["role"] == role_name(role):
                continue
            if email in members:
                people.change_role(tx, key.access, member_id=members[email]["member_id"], role=role)
            else:
                links[email] = self._invite(tx, key, email, role, project_ids=invited[email])
        return self._team_with(tx, key, links)

    def _invite(
        self, tx: Transaction, key: KeyAccess, email: str, role: Role, *, project_ids: Sequence[str]
    ) -> str:
        """Invite somebody, in place of an invitation that is open; return the link that brings them in."""
        base_url = self.machine.settings.resolved_public_url()
        made = self.steps.accounts.people.invite(
            tx, key.access, email=email, role=role, project_ids=project_ids, base_url=base_url
        )
        return made.url

    def _team_with(self, tx: Transaction, key: KeyAccess, links: Mapping[str, str]) -> list[dict[str, Any]]:
        """Return everybody, with the links of those who were just invited."""
        return [
            entry | ({"invitation_url": links[entry["email"]]} if entry["email"] in links else {})
            for entry in self.list_team(tx, key)
        ]

    # --- test mode

    def _test_team(self, tx: Transaction, key: KeyAccess) -> list[dict[str, Any]]:
        company = self.steps.accounts.people.get_workspace(tx, key.access.workspace_id).name
        own = store.email_of(tx, key.access.member_id)
        holder = [] if own is None else [_teammate(own, key.access.role, company=company)]
        team = store.test_team(tx, key.access.workspace_id)
        return holder + [
            _teammate(person.email, ROLES[person.role], company=company)
            for person in team
            if person.email != own
        ]

    def _put_test_team(
        self, tx: Transaction, key: KeyAccess, emails: list[str], role: Role
    ) -> list[dict[str, Any]]:
        workspace_id = key.access.workspace_id
        known = {person.email: person.project_ids for person in store.test_team(tx, workspace_id)}
        people = [TestPerson(email, role_name(role), known.get(email, [])) for email in emails]
        store.put_test_people(tx, workspace_id, people)
        return self._test_team(tx, key)


def role_name(role: Role) -> str:
    """Return what Scale calls a role."""
    return _NAMES[role]


def _teammate(email: str, role: Role, *, company: str, name: str = "") -> dict[str, Any]:
    first, _, last = name.partition(" ")
    return {
        "email": email,
        "role": role_name(role),
        "company": company,
        "firstName": first,
        "lastName": last,
        "isStudioLabeler": role is Role.ANNOTATOR,
        "expiry": None,
    }


def _read_role(body: Mapping[str, Any]) -> Role:
    role = ROLES.get(read_name(body, "team_role"))
    if role is None:
        raise ParameterFault(f'"team_role" must be one of [{", ".join(ROLES)}]')
    return role


def _read_emails(body: Mapping[str, Any], name: str) -> list[str]:
    emails = [email.strip().lower() for email in read_names(body, name)]
    for number, email in enumerate(emails):
        if "@" not in email.strip("@") or any(character.isspace() for character in email):
            raise ParameterFault(f'"{name}[{number}]" must be a valid email')
    return list(dict.fromkeys(emails))


def read_emails(body: Mapping[str, Any], name: str) -> list[str]:
    """Return e-mail addresses in the form they are compared in, each once; none where they were left out.

    Raises:
        ParameterFault: One is none.
    """
    return _read_emails(body, name) if body.get(name) is not None else []
