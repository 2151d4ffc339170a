"""A workspace with a member of each role, and the HTTP of projects in front of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from goldsmith.accounts.api import Access, Gate, Role
from goldsmith.accounts.gate import hash_secret
from goldsmith.accounts.tables import api_keys, members, workspaces
from goldsmith.core.errors import GoldsmithError
from goldsmith.core.ids import Ids, ManualClock
from goldsmith.platform.database import Database, Sql, Transaction
from goldsmith.platform.engine import SerialEngine
from goldsmith.platform.machine import Machine, open_machine
from goldsmith.platform.settings import Settings
from goldsmith.projects.api import Batch, OntologyUse, Project, ProjectsService, QualityPolicy, Workflow
from goldsmith.projects.routes import router


class Above:
    """Stands for labelling: counts what it is told and keeps what it hears."""

    def __init__(self) -> None:
        self.use = OntologyUse()
        self.heard: list[Any] = []

    def count_label_use(self, tx: Transaction, *, project_id: str) -> OntologyUse:
        return self.use

    def on_batch_changed(self, tx: Transaction, *, batch: Batch) -> None:
        self.heard.append(("batch", batch.state.value, batch.priority))

    def on_batch_members_changed(self, tx: Transaction, *, batch: Batch) -> None:
        self.heard.append(("batch members", batch.batch_id))

    def on_project_changed(self, tx: Transaction, *, project: Project) -> None:
        self.heard.append(("project", project.state.value))

    def on_quality_changed(
        self, tx: Transaction, *, project_id: str, before: QualityPolicy, after: QualityPolicy
    ) -> None:
        self.heard.append(("quality", before.asking.value, after.asking.value))

    def on_workflow_changed(
        self, tx: Transaction, *, project_id: str, before: Workflow, after: Workflow
    ) -> None:
        self.heard.append(("workflow", before.overlap, after.overlap))


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def above() -> Above:
    return Above()


@pytest.fixture
def machine(database_url: str, tmp_path: Path, clock: ManualClock, ids: Ids) -> Iterator[Machine]:
    settings = Settings(data_dir=tmp_path / "data", database_url=database_url)
    opened = dataclasses.replace(open_machine(settings, clock=clock, ids=ids), engine=SerialEngine())
    yield opened
    opened.close()


@pytest.fixture
def service(machine: Machine, above: Above) -> ProjectsService:
    service = ProjectsService(machine)
    service.wire(usage=above, work=above)
    return service


def seed_workspace(database: Database, name: str) -> dict[str, Access]:
    """Make a workspace with a member, and a key ``gsk_<workspace>_<role>``, of each role; accesses by role."""

    def seed(tx: Transaction) -> dict[str, Access]:
        workspace_id = f"wsp_{name}"
        tx.run(sa.insert(workspaces), {"workspace_id": workspace_id, "name": name, "created_ms": 0})
        accesses = {}
        for role in Role:
            member_id = f"mem_{name}_{role}"
            values = {"member_id": member_id, "workspace_id": workspace_id, "name": f"{role} of {name}"}
            tx.run(sa.insert(members), {**values, "kind": "service", "role": role.value, "created_ms": 0})
            key = {
                "key_id": f"key_{name}_{role}",
                "key_hash": hash_secret(f"gsk_{name}_{role}"),
                "hint": "test",
            }
            owner = {"workspace_id": workspace_id, "member_id": member_id, "created_ms": 0}
            tx.run(sa.insert(api_keys), {**key, **owner, "name": "test"})
            accesses[role.value] = Access(
                workspace_id, member_id, None, values["name"], role, None, "service"
            )
        return accesses

    return database.write_sync(seed)


@pytest.fixture
def accesses(machine: Machine) -> dict[str, Access]:
    """Accesses by role in the workspace ``one``."""
    return seed_workspace(machine.database, "one")


@pytest.fixture
def strangers(machine: Machine) -> dict[str, Access]:
    """Accesses by role in the workspace ``two``."""
    return seed_workspace(machine.database, "two")


@pytest.fixture
def client_of(machine: Machine, service: ProjectsService) -> Callable[[str], httpx.AsyncClient]:
    """HTTP clients by who asks, such as ``one_manager``."""
    app = FastAPI()
    gate = Gate(machine.database, machine.clock)
    workspace_scope = "SELECT workspace_id, NULL AS project_id FROM workspaces WHERE workspace_id = :value"
    gate.add_scope("workspace_id", Sql(workspace_scope))
    app.include_router(router(service, gate))

    @app.exception_handler(GoldsmithError)
    async def answer(request: Request, error: GoldsmithError) -> JSONResponse:
        faults = [{"where": fault.where, "what": fault.what} for fault in error.faults]
        return JSONResponse({"code": error.code, "detail": error.detail, "errors": faults}, error.status)

    def make(who: str) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(app=app)
        headers = {"Authorization": f"Bearer gsk_{who}"}
        return httpx.AsyncClient(transport=transport, base_url="http://test/api/v1", headers=headers)

    return make
