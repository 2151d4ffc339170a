"""Workspaces, members and invitations."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from goldsmith.accounts import policy
from goldsmith.accounts.audit import audit
from goldsmith.accounts.gate import hash_secret
from goldsmith.accounts.service.entry import Entry
from goldsmith.accounts.store import entry as entry_store
from goldsmith.accounts.store import people as store
from goldsmith.accounts.types import (
    Access,
    Invitation,
    InvitationPreview,
    Member,
    MemberKind,
    NewInvitation,
    NewSession,
    Page,
    Principal,
    ProjectRoster,
    Role,
    Workspace,
)
from goldsmith.core.errors import (
    BugError,
    ConflictError,
    GoneError,
    InvalidInputError,
    NotAuthenticatedError,
    NotFoundError,
    PermissionDeniedError,
)
from goldsmith.platform.database import Row, Transaction
from goldsmith.platform.machine import Machine

_GONE: Final = "the invitation has expired, was taken back or was used already; ask for a new one"
_NOT_A_MEMBER: Final = "there is no such member here"


class People:
    """Who is in which workspace, and as what.

    Args:
        machine: What the step stands on.
        entry: Opens the session of whoever accepts an invitation.
        new_secret: Makes 256-bit secrets.
    """

    def __init__(self, machine: Machine, entry: Entry, *, new_secret: policy.SecretSource) -> None:
        self._machine = machine
        self._entry = entry
        self._new_secret = new_secret
        self._roster: ProjectRoster | None = None

    def use_roster(self, roster: ProjectRoster) -> None:
        """Wire in the projects, which invitations may bring somebody into."""
        self._roster = roster

    # --- workspaces

    def create_workspace(self, tx: Transaction, principal: Principal, *, name: str) -> Workspace:
        """Make a workspace, owned by its maker, who must own one already.

        Raises:
            PermissionDeniedError: The user owns no workspace, or a key was used.
        """
        if principal.kind != "session" or principal.user_id is None:
            raise PermissionDeniedError("this needs a browser session; an API key is bound to one workspace")
        roles = {row["role"] for row in store.memberships(tx, user_id=principal.user_id)}
        if Role.OWNER not in roles:
            raise PermissionDeniedError("only owners of a workspace make more of them")
        return self.add_workspace(tx, user_id=principal.user_id, name=name)

    def add_workspace(self, tx: Transaction, *, user_id: str, name: str) -> Workspace:
        """Make a workspace owned by a user; for commands, which need no permission."""
        user = store.user_by_id(tx, user_id)
        if user is None:
            raise NotFoundError("there is no such user")
        at_ms, ids = self._machine.clock.now_ms(), self._machine.ids
        workspace_id, member_id = ids.new("wsp"), ids.new("mem")
        store.insert_workspace(tx, workspace_id=workspace_id, name=name, at_ms=at_ms)
        store.insert_member(
            tx,
            member_id=member_id,
            workspace_id=workspace_id,
            user_id=user_id,
            name=user["name"],
            kind="person",
            role=Role.OWNER,
            at_ms=at_ms,
        )
        audit(
            tx,
            at_ms=at_ms,
            actor=member_id,
            workspace_id=workspace_id,
            action="workspace.created",
            target=workspace_id,
            detail={"name": name, "owner": member_id},
        )
        return Workspace(workspace_id=workspace_id, name=name, created_ms=at_ms)

    def get_workspace(self, tx: Transaction, workspace_id: str) -> Workspace:
        """Return the workspace.

        Raises:
            NotFoundError: There is none.
        """
        row = store.workspace(tx, workspace_id)
        if row is None:
            raise NotFoundError("there is no such workspace")
        return Workspace(**dict(row))

    def find_workspace(self, tx: Transaction, name_or_id: str) -> Workspace:
        """Return the workspace with this id or name; for commands.

        Raises:
            NotFoundError: There is none.
            ConflictError: Several have the name.
        """
        rows = store.workspaces_named(tx, name_or_id)
        if not rows:
            raise NotFoundError(f"there is no workspace {name_or_id!r}")
        if len(rows) > 1:
            ids = ", ".join(row["workspace_id"] for row in rows)
            raise ConflictError(f"several workspaces are called {name_or_id!r}; use an id: {ids}")
        return Workspace(**dict(rows[0]))

    def rename_workspace(self, tx: Transaction, access: Access, *, name: str) -> Workspace:
        """Change the workspace's name."""
        store.rename_workspace(tx, access.workspace_id, name=name)
        self._audit(tx, access, "workspace.renamed", access.workspace_id, name=name)
        return self.get_workspace(tx, access.workspace_id)

    # --- members

    def list_members(self, tx: Transaction, access: Access, *, after: str, limit: int) -> Page[Member]:
        """Return members; e-mail addresses only to managers and owners."""
        rows = store.members_page(tx, workspace_id=access.workspace_id, after=after, limit=limit + 1)
        with_email = access.role.allows(Role.MANAGER)
        items = [_to_member(row, with_email=with_email) for row in rows[:limit]]
        return Page(items=items, next_cursor=items[-1].member_id if len(rows) > limit else None)

    def add_member(
        self, tx: Transaction, access: Access, *, name: str, kind: MemberKind, role: Role
    ) -> Member:
        """Add a service or a simulated annotator, who has no login but keys.

        Raises:
            InvalidInputError: People are invited, not added.
            PermissionDeniedError: The role is above one's own.
        """
        if kind not in ("service", "simulated"):
            raise InvalidInputError("only service and simulated members are added; people are invited")
        policy.check_grant(actor=access.role, granted=role)
        member_id, at_ms = self._machine.ids.new("mem"), self._machine.clock.now_ms()
        store.insert_member(
            tx,
            member_id=member_id,
            workspace_id=access.workspace_id,
            user_id=None,
            name=name,
            kind=kind,
            role=role,
            at_ms=at_ms,
        )
        self._audit(tx, access, "member.added", member_id, name=name, kind=kind, role=role.value)
        return Member(member_id=member_id, name=name, email=None, kind=kind, role=role, created_ms=at_ms)

    def change_role(self, tx: Transaction, access: Access, *, member_id: str, role: Role) -> Member:
        """Give a member another role.

        Raises:
            PermissionDeniedError: It is oneself, an equal or somebody above, or the role is above one's own.
            ConflictError: It is the last owner.
        """
        store.lock_workspace(tx, access.workspace_id)
        row = self._member(tx, access.workspace_id, member_id)
        before = Role(row["role"])
        policy.check_power_over(
            actor=access.role, actor_member_id=access.member_id, target=before, target_member_id=member_id
        )
        policy.check_grant(actor=access.role, granted=role)
        store.update_member(tx, member_id, role=role.value)
        self._require_owner(tx, access.workspace_id)
        if not role.allows(before):
            self._revoke_invitations_by(tx, access.workspace_id, member_id)
        self._audit(tx, access, "member.role_changed", member_id, before=before.value, after=role.value)
        return _to_member(self._member(tx, access.workspace_id, member_id), with_email=True)

    def remove_member(self, tx: Transaction, access: Access, *, member_id: str) -> None:
        """Take a member out, with their keys and open invitations; their work stays. Everybody may leave.

        Raises:
            PermissionDeniedError: It is an equal or somebody above.
            ConflictError: It is the last owner.
        """
        store.lock_workspace(tx, access.workspace_id)
        row = self._member(tx, access.workspace_id, member_id)
        policy.check_power_over(
            actor=access.role,
            actor_member_id=access.member_id,
            target=Role(row["role"]),
            target_member_id=member_id,
            is_leaving=True,
        )
        if member_id != access.member_id and not access.role.allows(Role.MANAGER):
            raise PermissionDeniedError("managers and owners remove members")
        now_ms = self._machine.clock.now_ms()
        store.update_member(tx, member_id, removed_ms=now_ms)
        self._require_owner(tx, access.workspace_id)
        keys = entry_store.revoke_keys_of(tx, member_id=member_id, now_ms=now_ms)
        self._revoke_invitations_by(tx, access.workspace_id, member_id)
        self._audit(tx, access, "member.removed", member_id, role=row["role"], keys_revoked=keys)

    # --- invitations

    def invite(
        self,
        tx: Transaction,
        access: Access,
        *,
        email: str,
        role: Role,
        project_ids: Sequence[str],
        base_url: str,
    ) -> NewInvitation:
        """Make a one-time link that brings somebody in; it replaces open ones to the same address.

        Raises:
            PermissionDeniedError: The role is above one's own.
            ConflictError: The address is a member's already.
            NotFoundError: A project is not in the workspace.
        """
        address = policy.normal_email(email)
        policy.check_grant(actor=access.role, granted=role)
        workspace_id = access.workspace_id
        if store.member_by_email(tx, workspace_id=workspace_id, email=address) is not None:
            raise ConflictError(f"{address} is a member already; change the role instead")
        if project_ids:
            self._required_roster().check_projects(tx, workspace_id=workspace_id, project_ids=project_ids)
        now_ms, link_id, token = (
            self._machine.clock.now_ms(),
            self._machine.ids.new("inv"),
            self._new_secret(),
        )
        entry_store.revoke_invitations_to(tx, workspace_id=workspace_id, email=address, now_ms=now_ms)
        entry_store.insert_link(
            tx,
            link_id=link_id,
            token_hash=hash_secret(token),
            purpose="invitation",
            created_ms=now_ms,
            expires_ms=now_ms + policy.INVITATION_MS,
            workspace_id=workspace_id,
            email=address,
            role=role.value,
            project_ids=sorted(set(project_ids)),
            created_by=access.member_id,
        )
        self._audit(tx, access, "invitation.created", link_id, email=address, role=role.value)
        row = entry_store.invitation(tx, workspace_id=workspace_id, link_id=link_id)
        assert row is not None
        return NewInvitation(
            invitation=_to_invitation(row),
            url=policy.link_url(base_url, page="invite", token=token),
            token=token,
        )

    def list_invitations(
        self, tx: Transaction, access: Access, *, after: str, limit: int
    ) -> Page[Invitation]:
        """Return invitations that can still be accepted."""
        rows = entry_store.open_invitations(
            tx,
            workspace_id=access.workspace_id,
            now_ms=self._machine.clock.now_ms(),
            after=after,
            limit=limit + 1,
        )
        items = [_to_invitation(row) for row in rows[:limit]]
        return Page(items=items, next_cursor=items[-1].invitation_id if len(rows) > limit else None)

    def take_back_invitation(self, tx: Transaction, access: Access, *, invitation_id: str) -> None:
        """End an invitation.

        Raises:
            NotFoundError: There is no such open invitation.
        """
        is_revoked = entry_store.revoke_invitation(
            tx, workspace_id=access.workspace_id, link_id=invitation_id, now_ms=self._machine.clock.now_ms()
        )
        if not is_revoked:
            raise NotFoundError("there is no such open invitation here")
        self._audit(tx, access, "invitation.taken_back", invitation_id)

    def preview_invitation(self, tx: Transaction, *, token: str) -> InvitationPreview:
        """Return what the invited sees before accepting.

        Raises:
            GoneError: The token is unknown, expired, taken back or used.
        """
        link = self._open_invitation(tx, hash_secret(token))
        user = store.user_by_email(tx, link["email"])
        workspace = self.get_workspace(tx, link["workspace_id"])
        return InvitationPreview(
            email=link["email"],
            workspace_name=workspace.name,
            role=Role(link["role"]),
            has_account=user is not None,
        )

    async def accept_invitation(
        self, *, token: str, name: str, password: str, address: str, user_agent: str
    ) -> NewSession:
        """Come in by an invitation.

        Who has an account already proves it by its password: the link alone opens nobody's account.

        Raises:
            GoneError: The token is unknown, expired, taken back or used.
            NotAuthenticatedError: The address has an account, and this is not its password.
            InvalidInputError: The new password does not do.
        """
        token_hash, database = hash_secret(token), self._machine.database
        link = await database.read(lambda tx: self._open_invitation(tx, token_hash))
        email: str = link["email"]
        user = await database.read(lambda tx: store.user_by_email(tx, email))
        password_hash: str | None = None
        if user is not None:
            try:
                await self._entry.verify_owner_of(email=email, password=password, address=address)
            except NotAuthenticatedError as error:
                raise NotAuthenticatedError(
                    f"{email} has an account here already; use its password"
                ) from error
        else:
            policy.check_password(password, email=email)
            password_hash = await self._entry.hash_password(password)

        def operation(tx: Transaction) -> NewSession:
            user_id = self._come_in(tx, token_hash, name=name, password_hash=password_hash)
            return self._entry.open_session(tx, user_id=user_id, user_agent=user_agent)

        return await database.write(operation)

    def _come_in(self, tx: Transaction, token_hash: str, *, name: str, password_hash: str | None) -> str:
        at_ms = self._machine.clock.now_ms()
        link = entry_store.use_link(tx, token_hash=token_hash, purpose="invitation", now_ms=at_ms)
        if link is None:
            raise GoneError(_GONE)
        user = store.user_by_email(tx, link["email"])
        if user is None:
            user_id = self._machine.ids.new("usr")
            store.insert_user(
                tx, user_id=user_id, email=link["email"], name=name, password_hash=password_hash, at_ms=at_ms
            )
        elif password_hash is not None:  # the account was made between the check and now
            raise ConflictError("the address has an account since a moment ago; try again with its password")
        else:
            user_id, name = user["user_id"], user["name"]
        member_id = self._become_member(tx, link, user_id=user_id, name=name, at_ms=at_ms)
        project_ids: list[str] = json.loads(link["project_ids"])
        if project_ids:
            self._required_roster().add_to_projects(
                tx, project_ids=project_ids, member_id=member_id, added_by=link["created_by"], at_ms=at_ms
            )
        audit(
            tx,
            at_ms=at_ms,
            actor=member_id,
            workspace_id=link["workspace_id"],
            action="invitation.accepted",
            target=link["link_id"],
            detail={"role": link["role"], "invited_by": link["created_by"]},
        )
        return user_id

    def _become_member(self, tx: Transaction, link: Row, *, user_id: str, name: str, at_ms: int) -> str:
        existing = store.member_of_user(tx, workspace_id=link["workspace_id"], user_id=user_id)
        if existing is None:
            member_id = self._machine.ids.new("mem")
            store.insert_member(
                tx,
                member_id=member_id,
                workspace_id=link["workspace_id"],
                user_id=user_id,
                name=name,
                kind="person",
                role=Role(link["role"]),
                at_ms=at_ms,
            )
            return member_id
        if existing["removed_ms"] is None:
            raise ConflictError("you are a member of this workspace already")
        member_id = str(existing["member_id"])
        store.update_member(tx, member_id, role=link["role"], removed_ms=None)
        return member_id

    # --- inside

    def _open_invitation(self, tx: Transaction, token_hash: str) -> Row:
        now_ms = self._machine.clock.now_ms()
        link = entry_store.open_link(tx, token_hash=token_hash, purpose="invitation", now_ms=now_ms)
        if link is None:
            raise GoneError(_GONE)
        return link

    def _member(self, tx: Transaction, workspace_id: str, member_id: str) -> Row:
        row = store.member(tx, workspace_id=workspace_id, member_id=member_id)
        if row is None:
            raise NotFoundError(_NOT_A_MEMBER)
        return row

    def _require_owner(self, tx: Transaction, workspace_id: str) -> None:
        if store.owner_count(tx, workspace_id) == 0:
            raise ConflictError("this is the last owner; make somebody else owner first")

    def _revoke_invitations_by(self, tx: Transaction, workspace_id: str, member_id: str) -> None:
        now_ms = self._machine.clock.now_ms()
        entry_store.revoke_invitations_by(tx, workspace_id=workspace_id, member_id=member_id, now_ms=now_ms)

    def _required_roster(self) -> ProjectRoster:
        if self._roster is None:
            raise BugError("no projects are wired into accounts; call use_roster")
        return self._roster

    def _audit(self, tx: Transaction, access: Access, action: str, target: str, **detail: object) -> None:
        audit(
            tx, at_ms=self._machine.clock.now_ms(), access=access, action=action, target=target, detail=detail
        )


def _to_member(row: Row, *, with_email: bool) -> Member:
    return Member(
        member_id=row["member_id"],
        name=row["name"],
        email=row["email"] if with_email else None,
        kind=row["kind"],
        role=Role(row["role"]),
        created_ms=row["created_ms"],
    )


def _to_invitation(row: Row) -> Invitation:
    return Invitation(
        invitation_id=row["link_id"],
        email=row["email"],
        role=Role(row["role"]),
        project_ids=json.loads(row["project_ids"]),
        created_by=row["created_by"],
        created_ms=row["created_ms"],
        expires_ms=row["expires_ms"],
    )
