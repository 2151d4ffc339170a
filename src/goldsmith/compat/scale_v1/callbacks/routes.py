"""Routes of callbacks, for goldsmith's own UI and for scripts that watch over them."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import Field

from goldsmith.accounts.api import Access, Gate, Page, Role
from goldsmith.compat.scale_v1.callbacks.service import Callbacks
from goldsmith.compat.scale_v1.callbacks.types import (
    Callback,
    CallbackDetail,
    CallbackSettings,
    CallbackState,
    NewAuthKey,
)
from goldsmith.core.model import Model

_C = "/api/v1/workspaces/{workspace_id}/callbacks"
_Host = Annotated[str, Field(max_length=260)]


class CallbackSettingsChange(Model):
    """Changes how callbacks are sent; what is null stays."""

    default_url: Annotated[str, Field(max_length=2048)] | None = None
    private_hosts: Annotated[list[_Host], Field(max_length=200)] | None = None


def router(callbacks: Callbacks, gate: Gate) -> APIRouter:
    """Return the routes of callbacks; full paths."""
    routes = APIRouter(tags=["callbacks"])
    database = callbacks.machine.database
    manager = gate.allow(Role.MANAGER)

    @routes.get(_C)
    async def list_callbacks(
        access: Annotated[Access, Depends(manager)],
        state: CallbackState | None = None,
        subject_id: Annotated[str, Query(max_length=40, description="Of one task or batch.")] = "",
        limit: Annotated[int, Query(ge=1, le=500, description="Rows in a page.")] = 50,
        cursor: Annotated[str, Query(max_length=100, description="next_cursor of the page before.")] = "",
    ) -> Page[Callback]:
        """List callbacks, newest first."""
        return await database.read(
            lambda tx: callbacks.list_page(
                tx, access, state=state or "", subject_id=subject_id, before=cursor, limit=limit
            )
        )

    @routes.get(_C + "/settings")
    async def get_callback_settings(access: Annotated[Access, Depends(manager)]) -> CallbackSettings:
        """Return the default address, the private hosts, and the end of the key that is sent along."""
        return await database.read(lambda tx: callbacks.settings(tx, access.workspace_id))

    @routes.patch(_C + "/settings")
    async def change_callback_settings(
        body: CallbackSettingsChange, access: Annotated[Access, Depends(manager)]
    ) -> CallbackSettings:
        """Change the default address or the private hosts that may be told."""
        return await database.write(
            lambda tx: callbacks.change_settings(
                tx, access, default_url=body.default_url, private_hosts=body.private_hosts
            )
        )

    @routes.post(_C + "/auth-key", status_code=201)
    async def renew_callback_auth_key(access: Annotated[Access, Depends(manager)]) -> NewAuthKey:
        """Make a new key for the header scale-callback-auth; it is shown once."""
        return await database.write(lambda tx: callbacks.renew_auth_key(tx, access))

    @routes.get(_C + "/{callback_id}")
    async def get_callback(callback_id: str, access: Annotated[Access, Depends(manager)]) -> CallbackDetail:
        """Return a callback with what was sent, what was answered, and every try."""
        return await database.read(lambda tx: callbacks.get(tx, access, callback_id))

    @routes.post(_C + "/{callback_id}/redeliver", status_code=202)
    async def redeliver_callback(
        callback_id: str, access: Annotated[Access, Depends(manager)]
    ) -> CallbackDetail:
        """Tell again what was told or given up, as it is now."""
        return await database.write(lambda tx: callbacks.send_again(tx, access, callback_id))

    return routes
