"""Routes for whoever runs the installation: health and metrics."""

from __future__ import annotations

import asyncio
from typing import Final

from fastapi import APIRouter, Depends, Request, Response
from starlette.requests import HTTPConnection

from goldsmith.accounts.api import Gate, Role
from goldsmith.accounts.gate import Guard
from goldsmith.core.errors import GoldsmithError, PermissionDeniedError
from goldsmith.platform.database import Sql, Transaction
from goldsmith.platform.machine import Machine

_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
_IS_OWNER: Final = Sql(
    """
    SELECT 1 AS one FROM members
    WHERE removed_ms IS NULL AND role = 'owner' AND (user_id = :user_id OR member_id = :member_id) LIMIT 1
    """
)
_ABSENT_BLOB: Final = "0" * 64


class Operator(Guard):
    """Whoever is on the machine itself, or owns a workspace."""

    at_least = Role.OWNER

    async def __call__(self, request: Request) -> None:
        """Let a caller from loopback pass, ask others for a key."""
        client = request.client.host if request.client is not None else ""
        if client in _LOOPBACK and (request.url.hostname or "") in _LOOPBACK:
            return
        credential = self.gate.credential(request)

        def is_owner(tx: Transaction) -> bool:
            who = self.gate.identify(tx, credential)
            return tx.first(_IS_OWNER, {"user_id": who.user_id, "member_id": who.member_id}) is not None

        if not await self.gate.database.read(is_owner):
            raise PermissionDeniedError("metrics are for owners, and for callers on the machine itself")


def router(machine: Machine, gate: Gate) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(tags=["operations"])

    @routes.get("/healthz", dependencies=[Depends(gate.public())])
    async def health() -> Response:
        """Say whether the database and the blob store answer; 503 when one does not."""
        checks = {"database": await _check_database(machine), "blobs": await _check_blobs(machine)}
        is_well = all(checks.values())
        parts = ", ".join(f'"{name}": "{"ok" if is_ok else "failed"}"' for name, is_ok in checks.items())
        body = f'{{"status": "{"ok" if is_well else "failed"}", {parts}}}'
        return Response(body, status_code=200 if is_well else 503, media_type="application/json")

    @routes.get("/metrics", dependencies=[Depends(Operator(gate))])
    async def metrics() -> Response:
        """Return all metrics in Prometheus' text form; to loopback, or to an owner's key."""
        return Response(machine.telemetry.render(), media_type="text/plain; version=0.0.4")

    return routes


async def _check_database(machine: Machine) -> bool:
    try:
        await machine.database.read(lambda tx: tx.first(Sql("SELECT 1 AS one")))
    except (GoldsmithError, OSError):
        return False
    return True


async def _check_blobs(machine: Machine) -> bool:
    try:
        await asyncio.to_thread(machine.blobs.exists, _ABSENT_BLOB)
    except (GoldsmithError, OSError):
        return False
    return True


async def authenticate(gate: Gate, connection: HTTPConnection) -> None:
    """Check that a credential is good, whatever it is for.

    Raises:
        NotAuthenticatedError: It is not.
    """
    credential = gate.credential(connection)
    await gate.database.read(lambda tx: gate.identify(tx, credential))
