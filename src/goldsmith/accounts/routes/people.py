"""Routes of workspaces, members, invitations and API keys."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from goldsmith.accounts import policy
from goldsmith.accounts.gate import Gate
from goldsmith.accounts.routes import bodies
from goldsmith.accounts.service import AccountsService
from goldsmith.accounts.types import (
    Access,
    ApiKey,
    Invitation,
    Me,
    Member,
    NewApiKey,
    NewInvitation,
    NewMember,
    Page,
    Principal,
    Role,
    Workspace,
)
from goldsmith.platform.database import Transaction

_W = "/api/v1/workspaces/{workspace_id}"


def add_routes(routes: APIRouter, service: AccountsService, gate: Gate) -> None:
    """Add the routes."""
    _add_workspaces(routes, service, gate)
    _add_members(routes, service, gate)
    _add_invitations(routes, service, gate)
    _add_keys(routes, service, gate)


def _add_workspaces(routes: APIRouter, service: AccountsService, gate: Gate) -> None:
    database, people = service.machine.database, service.people

    @routes.get("/api/v1/workspaces")
    async def list_workspaces(principal: Annotated[Principal, Depends(gate.signed_in())]) -> Me:
        """List the workspaces one is a member of; the same as /auth/me."""
        return await database.read(lambda tx: service.entry.me(tx, principal))

    @routes.post("/api/v1/workspaces", status_code=201)
    async def create_workspace(
        body: bodies.Rename, principal: Annotated[Principal, Depends(gate.signed_in())]
    ) -> Workspace:
        """Make another workspace; for owners."""
        return await database.write(lambda tx: people.create_workspace(tx, principal, name=body.name))

    @routes.get(_W)
    async def get_workspace(access: Annotated[Access, Depends(gate.allow(Role.VIEWER))]) -> Workspace:
        """Return the workspace."""
        return await database.read(lambda tx: people.get_workspace(tx, access.workspace_id))

    @routes.patch(_W)
    async def rename_workspace(
        body: bodies.Rename, access: Annotated[Access, Depends(gate.allow(Role.OWNER))]
    ) -> Workspace:
        """Rename the workspace."""
        return await database.write(lambda tx: people.rename_workspace(tx, access, name=body.name))


def _add_members(routes: APIRouter, service: AccountsService, gate: Gate) -> None:
    database, people = service.machine.database, service.people

    @routes.get(_W + "/members")
    async def list_members(
        access: Annotated[Access, Depends(gate.allow(Role.VIEWER))],
        limit: bodies.Limit = 100,
        cursor: bodies.Cursor = "",
    ) -> Page[Member]:
        """List members; e-mail addresses are shown to managers and owners."""
        return await database.read(lambda tx: people.list_members(tx, access, after=cursor, limit=limit))

    @routes.post(_W + "/members", status_code=201)
    async def add_member(
        body: bodies.MemberAddition, access: Annotated[Access, Depends(gate.allow(Role.MANAGER))]
    ) -> NewMember:
        """Add a service or a simulated annotator, with a key when asked for. People are invited instead."""

        def operation(tx: Transaction) -> NewMember:
            member = people.add_member(tx, access, name=body.name, kind=body.kind, role=body.role)
            if not body.with_key:
                return NewMember(member=member, key=None)
            key = service.keys.create(tx, access, name=body.name, member_id=member.member_id)
            return NewMember(member=member, key=key)

        return await database.write(operation)

    @routes.patch(_W + "/members/{member_id}")
    async def change_role(
        member_id: str,
        body: bodies.RoleChange,
        access: Annotated[Access, Depends(gate.allow(Role.MANAGER))],
    ) -> Member:
        """Give a member below you another role, up to your own."""
        return await database.write(
            lambda tx: people.change_role(tx, access, member_id=member_id, role=body.role)
        )

    @routes.delete(_W + "/members/{member_id}", status_code=204)
    async def remove_member(
        member_id: str, access: Annotated[Access, Depends(gate.allow(Role.VIEWER))]
    ) -> None:
        """Remove a member below you, or leave; the work stays."""
        await database.write(lambda tx: people.remove_member(tx, access, member_id=member_id))


def _add_invitations(routes: APIRouter, service: AccountsService, gate: Gate) -> None:
    database, people = service.machine.database, service.people
    manager = gate.allow(Role.MANAGER)

    @routes.get(_W + "/invitations")
    async def list_invitations(
        access: Annotated[Access, Depends(manager)], limit: bodies.Limit = 100, cursor: bodies.Cursor = ""
    ) -> Page[Invitation]:
        """List open invitations."""
        return await database.read(lambda tx: people.list_invitations(tx, access, after=cursor, limit=limit))

    @routes.post(_W + "/invitations", status_code=201)
    async def invite(
        body: bodies.InvitationRequest, request: Request, access: Annotated[Access, Depends(manager)]
    ) -> NewInvitation:
        """Make a one-time invitation link, shown once, for a role up to your own."""
        base_url = service.machine.settings.public_url or str(request.base_url)
        return await database.write(
            lambda tx: people.invite(
                tx, access, email=body.email, role=body.role, project_ids=body.project_ids, base_url=base_url
            )
        )

    @routes.delete(_W + "/invitations/{invitation_id}", status_code=204)
    async def take_back_invitation(invitation_id: str, access: Annotated[Access, Depends(manager)]) -> None:
        """Take an open invitation back."""
        await database.write(lambda tx: people.take_back_invitation(tx, access, invitation_id=invitation_id))


def _add_keys(routes: APIRouter, service: AccountsService, gate: Gate) -> None:
    database, keys = service.machine.database, service.keys
    viewer = gate.allow(Role.VIEWER)

    @routes.get(_W + "/keys")
    async def list_keys(
        access: Annotated[Access, Depends(viewer)], limit: bodies.Limit = 100, cursor: bodies.Cursor = ""
    ) -> Page[ApiKey]:
        """List one's own keys, without secrets; managers and owners see all."""
        return await database.read(lambda tx: keys.list_page(tx, access, after=cursor, limit=limit))

    @routes.post(_W + "/keys", status_code=201)
    async def create_key(body: bodies.KeyRequest, access: Annotated[Access, Depends(viewer)]) -> NewApiKey:
        """Make a key, shown once, that acts with its member's role in this workspace."""
        lasts_ms = None if body.lasts_days is None else body.lasts_days * policy.DAY_MS
        return await database.write(
            lambda tx: keys.create(
                tx, access, name=body.name, mode=body.mode, lasts_ms=lasts_ms, member_id=body.member_id
            )
        )

    @routes.delete(_W + "/keys/{key_id}", status_code=204)
    async def revoke_key(key_id: str, access: Annotated[Access, Depends(viewer)]) -> None:
        """End a key at once."""
        await database.write(lambda tx: keys.revoke(tx, access, key_id=key_id))
