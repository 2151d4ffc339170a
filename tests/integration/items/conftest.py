"""A workspace with a project, a stand-in for labelling, and the HTTP of items in front of it."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import httpx
import numpy as np
import pytest
import sqlalchemy as sa
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from PIL import Image

from goldsmith.accounts.api import Access, Gate, Role
from goldsmith.accounts.gate import hash_secret
from goldsmith.accounts.tables import api_keys, members, workspaces
from goldsmith.core.errors import GoldsmithError
from goldsmith.core.ids import Ids, ManualClock
from goldsmith.core.ontology import LabelClass, Ontology
from goldsmith.items.api import ItemsService, NewTask
from goldsmith.items.jobs import register
from goldsmith.items.routes import router
from goldsmith.labeling.tables import tasks
from goldsmith.platform.database import Database, Sql, Transaction, prepared
from goldsmith.platform.engine import SerialEngine
from goldsmith.platform.machine import Machine, open_machine
from goldsmith.platform.settings import Settings
from goldsmith.projects.api import ProjectsService
from goldsmith.projects.routes import register_scopes

INSERT_TASKS = prepared(sa.insert(tasks))
HIDE = Sql("UPDATE tasks SET item_deleted_ms = :deleted_ms WHERE item_id = :item_id")


class TinyLabelling:
    """Stands for labelling: makes bare tasks and keeps what came with them."""

    def __init__(self, ids: Ids) -> None:
        self._ids = ids
        self.entries: dict[str, NewTask] = {}
        self.on_tasks_made: Callable[[Transaction], None] = lambda _: None
        self.deleted: list[str] = []

    def make_tasks(
        self, tx: Transaction, *, project_id: str, batch_id: str, entries: Sequence[NewTask]
    ) -> Sequence[str]:
        task_ids = [self._ids.new("tsk") for _ in entries]
        tx.many(
            INSERT_TASKS,
            [
                {
                    "task_id": task_id,
                    "project_id": project_id,
                    "item_id": entry.item_id,
                    "item_name": entry.name or "",
                    "batch_id": batch_id,
                    "state": "open",
                    "priority": entry.priority,
                    "position": float(number),
                    "created_ms": 0,
                    "updated_ms": 0,
                }
                for number, (task_id, entry) in enumerate(zip(task_ids, entries, strict=True))
            ],
        )
        self.entries.update({entry.item_id: entry for entry in entries})
        self.on_tasks_made(tx)
        return task_ids

    def on_items_deleted(self, tx: Transaction, *, item_ids: Sequence[str]) -> None:
        self.deleted += item_ids
        tx.many(HIDE, [{"deleted_ms": 1, "item_id": item_id} for item_id in item_ids])

    def on_items_restored(self, tx: Transaction, *, item_ids: Sequence[str]) -> None:
        self.deleted = [item_id for item_id in self.deleted if item_id not in item_ids]
        tx.many(HIDE, [{"deleted_ms": None, "item_id": item_id} for item_id in item_ids])


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of the server's disk that may be imported from."""
    path = tmp_path / "allowed"
    path.mkdir()
    return path


@pytest.fixture
def machine(
    database_url: str, tmp_path: Path, folder: Path, clock: ManualClock, ids: Ids
) -> Iterator[Machine]:
    settings = Settings(
        data_dir=tmp_path / "data",
        database_url=database_url,
        import_roots=[folder],
        fetch_hosts=["127.0.0.1"],
        max_image_pixels=10_000_000,
        max_upload_bytes=50_000_000,
    )
    opened = dataclasses.replace(open_machine(settings, clock=clock, ids=ids), engine=SerialEngine())
    yield opened
    opened.close()


@pytest.fixture
def labelling(machine: Machine) -> TinyLabelling:
    return TinyLabelling(machine.ids)


@pytest.fixture
def projects(machine: Machine) -> ProjectsService:
    return ProjectsService(machine)


@pytest.fixture
def service(machine: Machine, projects: ProjectsService, labelling: TinyLabelling) -> ItemsService:
    service = ItemsService(machine, projects)
    service.wire(task_maker=labelling, follower=labelling)
    register(machine.jobs, service, chunk_records=2)
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
def project_id(projects: ProjectsService, accesses: dict[str, Access]) -> str:
    """A project with the class Car, drawn as boxes; the annotator and the viewer are in it."""

    def make(tx: Transaction) -> str:
        ontology = Ontology(classes=[LabelClass(class_id="car", name="Car")])
        project = projects.create_project(tx, accesses["owner"], name="Streets", ontology=ontology)
        for role in ("annotator", "viewer", "reviewer"):
            projects.add_member(tx, accesses["owner"], project.project_id, accesses[role].member_id)
        return project.project_id

    return projects.machine.database.write_sync(make)


@pytest.fixture
def client_of(machine: Machine, service: ItemsService) -> Callable[[str], httpx.AsyncClient]:
    """HTTP clients by who asks, such as ``one_manager``."""
    app = FastAPI()
    gate = Gate(machine.database, machine.clock)
    workspace_scope = "SELECT workspace_id, NULL AS project_id FROM workspaces WHERE workspace_id = :value"
    gate.add_scope("workspace_id", Sql(workspace_scope))
    register_scopes(gate)
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


def draw(seed: int, *, width: int = 40, height: int = 30) -> Image.Image:
    """A picture of its own for each seed."""
    pixels = np.random.default_rng(seed).integers(0, 255, (6, 8, 3), dtype=np.uint8)
    return Image.fromarray(pixels).resize((width, height), Image.Resampling.BICUBIC)


@pytest.fixture
def image_bytes() -> Callable[..., bytes]:
    """Encoded pictures: ``image_bytes(seed, kind="PNG", width=40, height=30)``; the same bytes for the same seed."""

    def make(seed: int, kind: str = "PNG", width: int = 40, height: int = 30, **options: object) -> bytes:
        out = io.BytesIO()
        draw(seed, width=width, height=height).save(out, kind, **options)
        return out.getvalue()

    return make
