"""Routes of the ways in: set-up, login, links, sessions, one's own account."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from goldsmith.accounts.gate import Gate
from goldsmith.accounts.routes import bodies
from goldsmith.accounts.service import AccountsService
from goldsmith.accounts.types import (
    SESSION_COOKIE,
    BrowserSession,
    InvitationPreview,
    Me,
    NewSession,
    Page,
    Principal,
)


def add_routes(routes: APIRouter, service: AccountsService, gate: Gate) -> None:
    """Add the routes."""
    _add_ways_in(routes, service, gate)
    _add_own_account(routes, service, gate)


def _add_ways_in(routes: APIRouter, service: AccountsService, gate: Gate) -> None:
    public = [Depends(gate.public())]
    signed_in = gate.signed_in()

    async def signed_in_now(response: Response, session: NewSession) -> Me:
        _set_cookie(response, service, session)
        return await service.session_me(session)

    @routes.post("/api/v1/setup", dependencies=public)
    async def set_up(body: bodies.Setup, request: Request, response: Response) -> Me:
        """Make the first owner and workspace, by the link that the first start prints."""
        session = await service.entry.set_up(**body.model_dump(), user_agent=_user_agent(request))
        return await signed_in_now(response, session)

    @routes.post("/api/v1/auth/login", dependencies=public)
    async def log_in(body: bodies.Login, request: Request, response: Response) -> Me:
        """Sign in by password."""
        session = await service.entry.log_in(
            email=body.email,
            password=body.password,
            address=_address(request),
            user_agent=_user_agent(request),
        )
        return await signed_in_now(response, session)

    @routes.post("/api/v1/auth/link", dependencies=public)
    async def follow_link(body: bodies.Link, request: Request, response: Response) -> Me:
        """Sign in by a one-time link."""
        session = await service.entry.follow_link(token=body.token, user_agent=_user_agent(request))
        return await signed_in_now(response, session)

    @routes.post("/api/v1/auth/invitations/preview", dependencies=public)
    async def preview_invitation(body: bodies.Link) -> InvitationPreview:
        """Tell what an invitation is for, without using it."""
        return await service.machine.database.read(
            lambda tx: service.people.preview_invitation(tx, token=body.token)
        )

    @routes.post("/api/v1/auth/invitations/accept", dependencies=public)
    async def accept_invitation(body: bodies.Acceptance, request: Request, response: Response) -> Me:
        """Come in by an invitation."""
        session = await service.people.accept_invitation(
            token=body.token,
            name=body.name,
            password=body.password,
            address=_address(request),
            user_agent=_user_agent(request),
        )
        return await signed_in_now(response, session)

    @routes.post("/api/v1/auth/logout", status_code=204)
    async def log_out(response: Response, principal: Annotated[Principal, Depends(signed_in)]) -> None:
        """End this session, on the server."""
        await service.machine.database.write(lambda tx: service.entry.log_out(tx, principal))
        response.delete_cookie(SESSION_COOKIE, path="/", httponly=True, samesite="lax")


def _add_own_account(routes: APIRouter, service: AccountsService, gate: Gate) -> None:
    database, entry = service.machine.database, service.entry
    signed_in = gate.signed_in()

    @routes.get("/api/v1/auth/me")
    async def me(principal: Annotated[Principal, Depends(signed_in)]) -> Me:
        """Tell who is signed in, with the role in each workspace."""
        return await database.read(lambda tx: entry.me(tx, principal))

    @routes.patch("/api/v1/auth/me")
    async def rename(body: bodies.Rename, principal: Annotated[Principal, Depends(signed_in)]) -> Me:
        """Change one's own name."""
        return await database.write(lambda tx: entry.rename(tx, principal, name=body.name))

    @routes.post("/api/v1/auth/password", status_code=204)
    async def change_password(
        body: bodies.PasswordChange, request: Request, principal: Annotated[Principal, Depends(signed_in)]
    ) -> None:
        """Change one's own password; all other sessions end."""
        await entry.change_password(
            principal,
            current_password=body.current_password,
            new_password=body.new_password,
            address=_address(request),
        )

    @routes.get("/api/v1/auth/sessions")
    async def list_sessions(principal: Annotated[Principal, Depends(signed_in)]) -> Page[BrowserSession]:
        """List one's own live sessions."""
        return Page(items=await database.read(lambda tx: entry.list_sessions(tx, principal)))

    @routes.delete("/api/v1/auth/sessions/{session_id}", status_code=204)
    async def revoke_session(session_id: str, principal: Annotated[Principal, Depends(signed_in)]) -> None:
        """End one of one's own sessions."""
        await database.write(lambda tx: entry.revoke_session(tx, principal, session_id=session_id))

    @routes.get("/api/v1/auth/preferences")
    async def preferences(principal: Annotated[Principal, Depends(signed_in)]) -> bodies.Preferences:
        """Return one's own preferences."""
        return bodies.Preferences(
            preferences=await database.read(lambda tx: entry.preferences(tx, principal))
        )

    @routes.put("/api/v1/auth/preferences", status_code=204)
    async def keep_preferences(
        body: bodies.Preferences, principal: Annotated[Principal, Depends(signed_in)]
    ) -> None:
        """Replace one's own preferences; at most 64 KiB."""
        await database.write(lambda tx: entry.keep_preferences(tx, principal, preferences=body.preferences))

    @routes.patch("/api/v1/auth/preferences")
    async def change_preferences(
        body: bodies.Preferences, principal: Annotated[Principal, Depends(signed_in)]
    ) -> bodies.Preferences:
        """Replace those of one's own preferences that are named, null drops one; returns all, at most 64 KiB."""
        changed = await database.write(
            lambda tx: entry.change_preferences(tx, principal, changes=body.preferences)
        )
        return bodies.Preferences(preferences=changed)


def _set_cookie(response: Response, service: AccountsService, session: NewSession) -> None:
    settings = service.machine.settings
    response.set_cookie(
        SESSION_COOKIE,
        session.token,
        max_age=settings.session_days * 86_400,
        path="/",
        httponly=True,
        samesite="lax",
        secure=settings.resolved_public_url().startswith("https://"),
    )


def _address(request: Request) -> str:
    return request.client.host if request.client is not None else "unknown"


def _user_agent(request: Request) -> str:
    return request.headers.get("user-agent", "")
