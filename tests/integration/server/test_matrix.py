"""The matrix on the routes of accounts, and proof that it finds holes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import pytest
from fastapi import APIRouter, Depends

from goldsmith.accounts.api import Access, Gate, Role, Ticket
from goldsmith.core.errors import BugError
from goldsmith.core.ids import Ids, ManualClock
from goldsmith.platform.database import Sql
from goldsmith.platform.machine import Machine
from goldsmith.server.application import create_application
from tests.integration.server.house import House, build_house
from tests.integration.server.matrix import find_holes, make_actors


def samples_of(owner: Access) -> dict[str, str]:
    return {"workspace_id": owner.workspace_id, "member_id": owner.member_id}


def test_no_route_of_accounts_has_a_hole(house: House) -> None:
    owner = house.bootstrap()
    actors, _ = make_actors(house, owner)
    assert find_holes(house, actors, samples=samples_of(owner), bodies={}) == []
    assert house.accounts.verify_audit(owner.workspace_id).fault is None


def leaky_router(machine: Machine, gate: Gate) -> APIRouter:
    """Routes with a hole each, and one without."""
    gate.add_scope(
        "thing_id", Sql("SELECT workspace_id, 'prj_a' AS project_id FROM workspaces WHERE name = :value")
    )
    routes = APIRouter()

    @routes.post("/api/v1/things/{thing_id}/good")
    async def good(
        body: dict[str, str], ticket: Annotated[Ticket, Depends(gate.ticket(Role.ANNOTATOR))]
    ) -> str:
        return (await machine.database.write(ticket.check)).name

    @routes.post("/api/v1/things/{thing_id}/forgotten")
    async def forgotten(ticket: Annotated[Ticket, Depends(gate.ticket(Role.ANNOTATOR))]) -> str:
        return "the ticket was never checked"

    @routes.get("/api/v1/things/{thing_id}/failing")
    async def failing(access: Annotated[Access, Depends(gate.allow(Role.VIEWER))]) -> str:
        raise PermissionError(access.name)

    return routes


@pytest.fixture
def leaky_house(sqlite_url: str, tmp_path: Path, clock: ManualClock, ids: Ids) -> Iterator[House]:
    built = build_house(
        database_url=sqlite_url, folder=tmp_path, clock=clock, ids=ids, routers=[leaky_router]
    )
    yield built
    built.close()


def test_holes_are_found(leaky_house: House) -> None:
    owner = leaky_house.bootstrap()
    actors, accesses = make_actors(leaky_house, owner)
    in_project = ", ".join(f"'{access.member_id}'" for access in accesses)
    leaky_house.gate.set_project_membership(Sql(f"SELECT 1 WHERE member.member_id IN ({in_project})"))
    samples = samples_of(owner) | {"thing_id": "Home"}
    bodies: dict[tuple[str, str], Any] = {("POST", "/api/v1/things/{thing_id}/good"): {}}
    holes = find_holes(leaky_house, actors, samples=samples, bodies=bodies)
    assert not [hole for hole in holes if "/good" in hole]
    assert any(
        "forgotten: another workspace's owner by key gets 200 instead of 404" in hole for hole in holes
    )
    assert any("forgotten: viewer by key gets 200 instead of 403" in hole for hole in holes)
    assert any("forgotten: a revoked key gets 200 instead of 401" in hole for hole in holes)
    assert any("forgotten: annotator outside the project gets 200 instead of 404" in hole for hole in holes)
    assert any("failing: owner by key gets 500" in hole for hole in holes)
    without = find_holes(leaky_house, actors, samples=samples_of(owner), bodies=bodies)
    assert any("there is no sample for ['thing_id']" in hole for hole in without)


def test_a_route_that_states_nobody_stops_the_start(sqlite_house: House) -> None:
    routes = APIRouter()

    @routes.get("/api/v1/open")
    async def unguarded() -> str:
        return "anybody"

    with pytest.raises(BugError, match="states 0 guards"):
        create_application(sqlite_house.machine, [routes], sqlite_house.gate)


def test_nested_routers_stop_the_start(sqlite_house: House) -> None:
    inner, outer = APIRouter(), APIRouter()
    outer.include_router(inner)
    with pytest.raises(BugError, match="not nested"):
        create_application(sqlite_house.machine, [outer], sqlite_house.gate)
