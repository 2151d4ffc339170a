"""The application as a whole: its document, and errors on their way out."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import APIRouter, Depends, Request
from openapi_spec_validator import validate
from structlog.testing import capture_logs

from goldsmith.accounts.api import Gate
from goldsmith.accounts.gate import Public
from goldsmith.core.errors import BlobStoreError
from goldsmith.core.ids import Ids, ManualClock
from goldsmith.platform.machine import Machine
from goldsmith.server.application import stated_guard
from tests.integration.server.house import House, build_house


def odd_router(machine: Machine, gate: Gate) -> APIRouter:
    """Routes that fail, and one that reads its body piece by piece."""
    routes = APIRouter()

    @routes.get("/api/v1/odd/explode", dependencies=[Depends(gate.public())])
    async def explode() -> str:
        raise RuntimeError("SELECT secret FROM inside")

    @routes.get("/api/v1/odd/blobs", dependencies=[Depends(gate.public())])
    async def blobs() -> str:
        raise BlobStoreError("the blob store did not answer; try again")

    @routes.post("/api/v1/odd/imports", dependencies=[Depends(gate.public())])
    async def take(request: Request) -> dict[str, int]:
        size_bytes = 0
        async for piece in request.stream():
            size_bytes += len(piece)
        return {"size_bytes": size_bytes}

    return routes


@pytest.fixture
def odd_house(sqlite_url: str, tmp_path: Path, clock: ManualClock, ids: Ids) -> Iterator[House]:
    built = build_house(
        database_url=sqlite_url,
        folder=tmp_path,
        clock=clock,
        ids=ids,
        routers=[odd_router],
        max_upload_bytes=48 * 1024 * 1024,
    )
    yield built
    built.close()


def test_the_document_is_valid_and_states_each_role(sqlite_house: House) -> None:
    answer = sqlite_house.client().get("/api/v1/openapi.json")
    document = answer.json()
    validate(document)
    assert document["openapi"].startswith("3.1")
    for route in sqlite_house.application.api_routes():
        guard = stated_guard(route)
        for method in route.methods or ():
            operation = document["paths"][route.path_format][method.lower()]
            if isinstance(guard, Public):
                assert operation["security"] == []
            else:
                stated = guard.at_least.value if guard.at_least is not None else "signed-in"
                assert operation["x-role"] == stated
                assert operation["security"]
            assert operation["summary"]
            assert operation["description"]


def test_few_routes_are_public(sqlite_house: House) -> None:
    public = [
        route.path
        for route in sqlite_house.application.api_routes()
        if isinstance(stated_guard(route), Public)
    ]
    assert sorted(public) == [
        "/api/v1/auth/invitations/accept",
        "/api/v1/auth/invitations/preview",
        "/api/v1/auth/link",
        "/api/v1/auth/login",
        "/api/v1/setup",
        "/healthz",
    ]


def test_an_unforeseen_error_says_nothing_of_the_inside(odd_house: House) -> None:
    with capture_logs() as logs:
        answer = odd_house.client().get("/api/v1/odd/explode")
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert answer.json()["incident_id"] == answer.headers["x-request-id"]
    assert "inside" not in answer.text
    assert "RuntimeError" not in answer.text
    assert any(entry["event"] == "request failed" for entry in logs)


def test_a_failing_dependency_says_to_come_back(odd_house: House) -> None:
    answer = odd_house.client().get("/api/v1/odd/blobs")
    assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (
        503,
        "blob_store",
        "5",
    )


def test_uploads_have_a_cap_of_their_own_and_need_a_credential(odd_house: House) -> None:
    odd_house.bootstrap()
    browser = odd_house.sign_in("owner@example.org")
    content = b"x" * (40 * 1024 * 1024)
    assert odd_house.client().post("/api/v1/odd/imports", content=content).status_code == 401
    assert browser.post("/api/v1/odd/imports", content=content).json() == {"size_bytes": len(content)}
    assert (
        browser.post("/api/v1/odd/imports", content=content + content[: 9 * 1024 * 1024]).status_code == 413
    )


def test_health_tells_what_does_not_answer(sqlite_house: House) -> None:
    assert sqlite_house.client().get("/healthz").json() == {"status": "ok", "database": "ok", "blobs": "ok"}
    sqlite_house.machine.database.close()
    answer = sqlite_house.client().get("/healthz")
    assert (answer.status_code, answer.json()["database"]) == (503, "failed")


def test_another_method_and_another_address_are_told_apart(sqlite_house: House) -> None:
    client = sqlite_house.client()
    answer = client.delete("/healthz")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")
    assert client.get("/api/v1/healthz").json()["code"] == "not_found"
    assert client.post("/anything", json={}).json()["code"] == "not_found"
    assert client.get("/healthz/").status_code == 200  # a page of the UI, not a redirect
