"""The wire: the whole application in front of one project."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from goldsmith.accounts.api import Access, Role
from goldsmith.accounts.gate import hash_secret
from goldsmith.accounts.tables import api_keys, members, workspaces
from goldsmith.app import App, wire
from goldsmith.core.ids import Ids, ManualClock
from goldsmith.items.api import NewTask
from goldsmith.items.tables import items
from goldsmith.labeling.types import TaskPage, TaskPayload, TaskRow
from goldsmith.platform.database import Sql, Transaction
from goldsmith.platform.machine import open_machine
from goldsmith.platform.settings import Settings
from goldsmith.projects.api import Workflow
from tests.integration.labeling.conftest import ONTOLOGY, labelling

WORKSPACE = "wsp_http"
LABELS = labelling().model_dump(mode="json")


class Site:
    """A running application and its people."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.application = app.application(runs_jobs=False)
        self.project_id = ""
        self.batch_id = ""
        self.write(
            lambda tx: tx.run(
                sa.insert(workspaces), {"workspace_id": WORKSPACE, "name": "w", "created_ms": 0}
            )
        )
        self.manager = self.member("manager", Role.MANAGER)

    def write(self, operation: Callable[[Transaction], Any]) -> Any:
        return self.app.machine.database.write_sync(operation)

    def member(self, name: str, role: Role) -> Access:
        access = Access(WORKSPACE, f"mem_{name}", None, name, role, None)

        def make(tx: Transaction) -> None:
            tx.run(
                sa.insert(members),
                {"member_id": access.member_id, "workspace_id": WORKSPACE, "name": name, "kind": "service",
                 "role": role.value, "created_ms": 0},
            )  # fmt: skip
            tx.run(
                sa.insert(api_keys),
                {"key_id": f"key_{name}", "key_hash": hash_secret(f"gsk_{name}"), "hint": "x", "name": "x",
                 "workspace_id": WORKSPACE, "member_id": access.member_id, "created_ms": 0},
            )  # fmt: skip
            if self.project_id:
                add = Sql("INSERT INTO project_members VALUES (:project_id, :member_id, 'x', 0)")
                tx.run(add, {"project_id": self.project_id, "member_id": access.member_id})

        self.write(make)
        return access

    def project(self, *, tasks: int, **workflow: Any) -> list[str]:
        def make(tx: Transaction) -> list[str]:
            project = self.app.projects.create_project(
                tx, self.manager, name="p", ontology=ONTOLOGY, workflow=Workflow.model_validate(workflow)
            )
            self.project_id = project.project_id
            self.batch_id = self.app.projects.ensure_batch(
                tx, project_id=self.project_id, created_by="system"
            ).batch_id
            item_ids = [self.app.machine.ids.new("itm") for _ in range(tasks)]
            row = {
                "workspace_id": WORKSPACE,
                "kind": "image",
                "sha256": "0",
                "width_px": 100,
                "height_px": 80,
            }
            tx.many(
                sa.insert(items),
                [
                    {**row, "item_id": item_id, "name": f"{item_id}.jpg", "created_ms": 0}
                    for item_id in item_ids
                ],
            )
            return self.app.labeling.make_tasks(
                tx,
                project_id=self.project_id,
                batch_id=self.batch_id,
                entries=[NewTask(item_id) for item_id in item_ids],
            )

        return list(self.write(make))

    def run(self, work: Callable[[Callable[[str], httpx.AsyncClient]], Coroutine[Any, Any, None]]) -> None:
        def client(name: str) -> httpx.AsyncClient:
            transport = httpx.ASGITransport(self.application)
            headers = {"Authorization": f"Bearer gsk_{name}"}
            return httpx.AsyncClient(transport=transport, base_url="http://localhost/api/v1", headers=headers)

        asyncio.run(work(client))


@pytest.fixture
def site(database_url: str, tmp_path: Path, clock: ManualClock, ids: Ids) -> Iterator[Site]:
    settings = Settings(data_dir=tmp_path / "data", database_url=database_url)
    app = wire(open_machine(settings, clock=clock, ids=ids))
    yield Site(app)
    app.close()


def submission(lease: dict[str, Any], key: str, **more: Any) -> dict[str, Any]:
    return {"token": lease["token"], "request_key": key, "labelling": LABELS, "active_ms": 5, "ontology_version": 1,
            "instructions_version": 1, **more}  # fmt: skip


def test_label_resolve_review_and_read(site: Site) -> None:
    (task_id,) = site.project(tasks=1, overlap=2, review={"mode": "all"})
    for name, role in (("ann", Role.ANNOTATOR), ("ben", Role.ANNOTATOR), ("rob", Role.REVIEWER)):
        site.member(name, role)
    path = f"/projects/{site.project_id}"

    async def label(client: httpx.AsyncClient, key: str) -> None:
        answer = await client.post(f"{path}/tasks/next", json={"stage": "label"})
        payload = TaskPayload.model_validate_json(answer.content)
        assert payload.task.task_id == task_id
        held = (await client.get(f"{path}/leases")).json()["items"]
        assert [entry["lease"] for entry in held] == [answer.json()["lease"]]
        lease = answer.json()["lease"]
        submit = f"/leases/{lease['judgement_id']}/submit"
        first = await client.post(submit, json=submission(lease, key))
        assert first.status_code == 200, first.text
        again = await client.post(submit, json=submission(lease, key))
        assert (again.status_code, again.json()) == (200, first.json())
        assert (await client.post(f"{path}/tasks/next")).status_code == 204

    async def work(client_of: Callable[[str], httpx.AsyncClient]) -> None:
        await label(client_of("ann"), "a")
        await label(client_of("ben"), "b")
        site.app.machine.clock.advance(60_000)  # type: ignore[attr-defined]
        await asyncio.to_thread(site.app.machine.jobs.run_until_idle)
        reviewer = client_of("rob")
        answer = await reviewer.post(f"{path}/tasks/next", json={"stage": "review"})
        payload = TaskPayload.model_validate_json(answer.content)
        assert payload.review is not None
        assert [entry.author for entry in payload.review.submissions] == ["A", "B"]
        assert payload.review.consensus is not None
        assert len(payload.review.consensus.annotations) == 1
        verdict = {"token": payload.lease.token, "request_key": "r", "verdict": "accept"}
        reviewed = await reviewer.post(f"/leases/{payload.lease.judgement_id}/review", json=verdict)
        assert reviewed.json()["task_state"] == "done"
        page = TaskPage.model_validate_json((await reviewer.get(f"/tasks/{task_id}")).content)
        assert [entry.author for entry in page.submissions] == ["ann", "ben"]
        assert [entry.kind for entry in page.events] == ["submitted", "submitted", "resolved", "reviewed"]
        mine = TaskPage.model_validate_json((await client_of("ann").get(f"/tasks/{task_id}")).content)
        assert [(entry.author, entry.is_mine) for entry in mine.submissions] == [("ann", True), ("A", False)]
        assert mine.judgements == []
        rows = (await reviewer.get(f"{path}/tasks", params={"state": "done"})).json()
        assert [TaskRow.model_validate(row).task_id for row in rows["items"]] == [task_id]
        progress = (await reviewer.get(f"{path}/progress")).json()
        assert (progress["states"], progress["submissions"]) == ({"done": 1}, 2)
        people = (await reviewer.get(f"{path}/activity")).json()["people"]
        assert {entry["name"]: (entry["submissions"], entry["reviews"]) for entry in people} == {
            "ann": (1, 0),
            "ben": (1, 0),
            "rob": (0, 1),
        }
        lines = (await client_of("manager").get(f"{path}/export")).text.splitlines()
        assert json.loads(lines[0])["task_id"] == task_id
        coco = (await client_of("manager").get(f"{path}/export", params={"format": "coco"})).json()
        assert (len(coco["images"]), len(coco["annotations"])) == (1, 1)
        assert coco["categories"][0] == {"id": 1, "name": "car", "supercategory": ""}

    site.run(work)


def test_a_newer_draft_is_told(site: Site) -> None:
    site.project(tasks=1)
    site.member("ann", Role.ANNOTATOR)

    async def work(client_of: Callable[[str], httpx.AsyncClient]) -> None:
        client = client_of("ann")
        lease = (await client.post(f"/projects/{site.project_id}/tasks/next")).json()["lease"]
        path = f"/leases/{lease['judgement_id']}"
        saved = await client.put(f"{path}/draft", json={"token": 1, "body": {"x": [1]}, "revision": 4})
        assert saved.json()["revision"] == 4
        refused = await client.put(f"{path}/draft", json={"token": 1, "body": {"x": [0]}, "revision": 3})
        assert (refused.status_code, refused.json()["code"]) == (409, "version_conflict")
        assert refused.json()["draft"]["body"] == {"x": [1]}
        held = (await client.get(f"/projects/{site.project_id}/leases")).json()["items"]
        assert held[0]["draft"]["revision"] == 4
        assert (await client.post(f"{path}/renew", json={"token": 1})).status_code == 200
        assert (await client.post(f"{path}/release", json={"token": 1})).status_code == 204
        late = await client.put(f"{path}/draft", json={"token": 1, "body": {"x": [2]}, "revision": 5})
        assert (late.status_code, late.json()["code"]) == (409, "lease_lost")
        again = (await client.post(f"/projects/{site.project_id}/tasks/next")).json()
        assert again["draft"]["body"] == {"x": [2]}  # kept although the lease was lost

    site.run(work)


def test_bad_bodies_are_told_where_they_are_bad(site: Site) -> None:
    site.project(tasks=1)
    site.member("ann", Role.ANNOTATOR)

    async def work(client_of: Callable[[str], httpx.AsyncClient]) -> None:
        client = client_of("ann")
        lease = (await client.post(f"/projects/{site.project_id}/tasks/next")).json()["lease"]
        path = f"/leases/{lease['judgement_id']}/submit"
        box = {"kind": "box", "box_xyxy": [5, 5, 1, 1]}
        broken = {"annotations": [{"annotation_id": "a", "class_id": "car", "geometry": box}]}
        answer = await client.post(path, json=submission(lease, "k", labelling=broken))
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["where"].startswith("body.labelling.annotations[0].geometry")
        assert (await client.post(path, content=b"{")).status_code == 400
        unknown = await client.post(path, json=submission(lease, "k", surprise=1))
        assert unknown.json()["errors"][0]["where"] == "body.surprise"

    site.run(work)


def test_the_document_describes_the_bodies(site: Site) -> None:
    paths = site.application.openapi()["paths"]
    submit = paths["/api/v1/leases/{judgement_id}/submit"]["post"]
    schema = submit["requestBody"]["content"]["application/json"]["schema"]
    assert {"token", "request_key", "labelling"} <= set(schema["required"])
    annotation = schema["properties"]["labelling"]["properties"]["annotations"]["items"]
    assert annotation["properties"]["geometry"]["discriminator"] == {"propertyName": "kind"}
    assert "$ref" not in json.dumps(schema)
