"""Texts and documents with a scope of their own, as browsers and scripts are sent them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from goldsmith.accounts.api import Access, Role
from goldsmith.accounts.gate import hash_secret
from goldsmith.accounts.tables import api_keys, members, workspaces
from goldsmith.app import App, wire
from goldsmith.core.annotations import Annotation, Labelling
from goldsmith.core.geometry import Span
from goldsmith.core.ids import Ids, ManualClock
from goldsmith.core.ontology import Ontology
from goldsmith.items.api import (
    GeometryLimits,
    KnownMedia,
    NewItem,
    NewTask,
    Part,
    PartKind,
    TaskScope,
)
from goldsmith.labeling.types import (
    SubmitBody,
    TaskPage,
    TaskPayload,
)
from goldsmith.platform.database import Sql, Transaction
from goldsmith.platform.machine import open_machine
from goldsmith.platform.settings import Settings
from goldsmith.projects.api import Workflow
from tests.integration.labeling.test_scope import PDF, TEXT

WORKSPACE = "wsp_scope"
ONTOLOGY = Ontology.model_validate(
    {
        "classes": [
            {"class_id": "person", "name": "Person", "geometry_kinds": ["span"]},
            {"class_id": "place", "name": "Place", "geometry_kinds": ["span"]},
        ],
        "questions": [
            {"attribute_id": "tone", "name": "Tone", "kind": "text", "is_required": True},
            {"attribute_id": "topic", "name": "Topic", "kind": "text", "is_required": True},
        ],
    }
)
SCOPE = TaskScope(
    instructions="Only **people**.",
    class_ids=["person"],
    question_ids=["tone"],
    limits={"span": GeometryLimits(min_width_px=2, max_count=2)},
)


class Site:
    """A running application with a manager and an annotator, and a project of texts and documents."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.application = app.application(runs_jobs=False)
        self.manager = self._member("manager", Role.MANAGER, is_first=True)
        self.project_id = self._write(self._make_project)
        self._member("ann", Role.ANNOTATOR)
        self.batch_id = self._write(
            lambda tx: app.projects.ensure_batch(tx, project_id=self.project_id, created_by="system").batch_id
        )

    def _write(self, operation: Any) -> Any:
        return self.app.machine.database.write_sync(operation)

    def _make_project(self, tx: Transaction) -> str:
        return self.app.projects.create_project(
            tx, self.manager, name="p", ontology=ONTOLOGY, workflow=Workflow()
        ).project_id

    def _member(self, name: str, role: Role, *, is_first: bool = False) -> Access:
        access = Access(WORKSPACE, f"mem_{name}", None, name, role, None)
        who = {"workspace_id": WORKSPACE, "member_id": access.member_id, "name": name, "created_ms": 0}
        key = {"key_id": f"key_{name}", "key_hash": hash_secret(f"gsk_{name}"), "hint": "x"}

        def make(tx: Transaction) -> None:
            if is_first:
                tx.run(sa.insert(workspaces), {"workspace_id": WORKSPACE, "name": "w", "created_ms": 0})
            tx.run(sa.insert(members), {**who, "kind": "service", "role": role.value})
            tx.run(sa.insert(api_keys), {**who, **key})
            if not is_first:
                add = Sql("INSERT INTO project_members VALUES (:project_id, :member_id, 'x', 0)")
                tx.run(add, {"project_id": self.project_id, "member_id": access.member_id})

        self._write(make)
        return access

    def task(self, media: Any, scope: TaskScope | None = None) -> tuple[str, str]:
        """Make an item of the media that ``media(tx)`` keeps, and its task; return both ids."""

        def make(tx: Transaction) -> tuple[str, str]:
            known: KnownMedia = media(tx)
            item = NewItem("one", known.sha256, known.width_px, known.height_px, known.kind)
            (item_id,) = self.app.items.create_items(tx, workspace_id=WORKSPACE, entries=[item])
            (task_id,) = self.app.labeling.make_tasks(
                tx,
                project_id=self.project_id,
                batch_id=self.batch_id,
                entries=[NewTask(item_id, scope=scope)],
            )
            return item_id, task_id

        made: tuple[str, str] = self._write(make)
        return made

    def client(self, name: str) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            transport=httpx.ASGITransport(self.application),
            base_url="http://localhost/api/v1",
            headers={"Authorization": f"Bearer gsk_{name}"},
        )


@pytest.fixture
def site(database_url: str, tmp_path: Path, clock: ManualClock, ids: Ids) -> Iterator[Site]:
    settings = Settings(data_dir=tmp_path / "data", database_url=database_url)
    app = wire(open_machine(settings, clock=clock, ids=ids))
    yield Site(app)
    app.close()


def test_a_text_is_handed_out_with_its_scope_and_held_to_it(site: Site) -> None:
    stored = site.app.items.put_file(WORKSPACE, PDF)
    context = [
        Part(kind=PartKind.PDF, sha256=stored.sha256, title="Paper"),
        Part(kind=PartKind.WEBSITE, url="https://ada.example/"),
    ]
    scope = SCOPE.model_copy(update={"context": context})
    item_id, task_id = site.task(
        lambda tx: site.app.items.text_media(tx, workspace_id=WORKSPACE, texts=[TEXT])[0], scope
    )
    plain_id, _ = site.task(
        lambda tx: site.app.items.text_media(tx, workspace_id=WORKSPACE, texts=["Plain."])[0]
    )

    def labels(*spans: tuple[int, int], class_id: str = "person", **answers: Any) -> dict[str, Any]:
        annotations = [
            Annotation(annotation_id=f"a{start}", class_id=class_id, geometry=Span(start=start, end=end))
            for start, end in spans
        ]
        return Labelling(annotations=annotations, answers=answers).model_dump(mode="json")

    async def work() -> None:
        async with site.client("ann") as ann, site.client("manager") as manager:
            answer = await ann.post(f"/projects/{site.project_id}/tasks/next", json={"stage": "label"})
            payload = TaskPayload.model_validate_json(answer.content)
            assert (payload.item.text, payload.item.width, payload.item.height) == (TEXT, len(TEXT), 1)
            assert payload.scope is not None
            assert payload.scope.class_ids == ["person"]
            assert payload.scope.attribute_ids is None
            paper, page = payload.scope.context
            assert (paper.kind, paper.title, page.url) == (PartKind.PDF, "Paper", "https://ada.example/")
            held = (await ann.get(f"/projects/{site.project_id}/leases")).json()["items"]
            assert [entry["scope"] for entry in held] == [answer.json()["scope"]]
            part = await ann.get(str(paper.url).removeprefix("/api/v1"), headers={"Range": "bytes=9-12"})
            assert (part.status_code, part.content) == (206, PDF[9:13])
            assert part.headers["content-type"] == "application/pdf"
            assert part.headers["x-content-type-options"] == "nosniff"
            assert "sandbox" in part.headers["content-security-policy"]
            for number, status in ((1, 404), (7, 404), (-1, 422)):
                assert (await ann.get(f"/tasks/{task_id}/context/{number}")).status_code == status

            url = f"/leases/{payload.lease.judgement_id}/submit"
            body = SubmitBody(
                token=payload.lease.token,
                request_key="k",
                labelling=Labelling(),
                ontology_version=1,
                instructions_version=1,
            ).model_dump(mode="json")
            wrong = labels((0, 1), (4, 7), (8, 11), topic="x")
            wrong["annotations"][1]["class_id"] = "place"
            refused = await ann.post(url, json={**body, "labelling": wrong})
            assert refused.status_code == 422
            assert {fault["where"] for fault in refused.json()["errors"]} == {
                "annotations[0].geometry",
                "annotations[1].class_id",
                "annotations",
                "answers.tone",
                "answers.topic",
            }
            good = labels((0, 3), tone="dry")
            assert (await ann.post(url, json={**body, "labelling": good})).status_code == 200
            shown = TaskPage.model_validate_json((await manager.get(f"/tasks/{task_id}")).content)
            assert shown.scope == payload.scope
            assert (shown.item.item_id, shown.item.text) == (item_id, TEXT)
            own = (await ann.get(f"/tasks/{task_id}/revision")).json()
            assert own["scope"]["question_ids"] == ["tone"]
            worse = {**body, "request_key": "k2", "labelling": labels((0, 3), class_id="place", tone="dry")}
            del worse["token"]
            assert (await ann.post(f"/tasks/{task_id}/revise", json=worse)).status_code == 422

            answer = await ann.post(f"/projects/{site.project_id}/tasks/next", json={"stage": "label"})
            assert answer.json()["item"]["item_id"] == plain_id
            assert "scope" not in answer.json(), "a task without one says nothing of it"
            assert "parts" not in answer.json()["item"]

    asyncio.run(work())


def test_a_document_comes_in_by_records_and_its_files_are_sent(site: Site) -> None:
    async def work() -> None:
        async with site.client("manager") as manager, site.client("ann") as ann:
            blobs = f"/workspaces/{WORKSPACE}/blobs"
            stored = await manager.post(blobs, params={"use": "part"}, content=PDF)
            assert (stored.status_code, stored.json()["kind"]) == (201, "pdf")
            refused = await manager.post(blobs, params={"use": "part"}, content=b"\xfe\xed\xfa\xce\0")
            assert refused.status_code == 422
            sha256 = stored.json()["sha256"]
            parts = [
                {"kind": "markdown", "text": "# Read *this*", "title": "First"},
                {"kind": "pdf", "sha256": sha256},
                {"kind": "website", "url": "https://ada.example/"},
            ]
            lines = httpx.Response(200, json={"name": "note", "parts": parts}).content
            lost = httpx.Response(200, json={"parts": [{"kind": "pdf", "sha256": "0" * 64}]}).content
            bulk = f"/projects/{site.project_id}/items/bulk"
            answer = (await manager.post(bulk, content=b"\n".join([lost, lines, lines]))).json()
            assert (answer["created"], answer["refused"]) == (2, 1)
            assert "no file of a sha256" in answer["problems"][0]["what"]
            payload = TaskPayload.model_validate_json(
                (await ann.post(f"/projects/{site.project_id}/tasks/next", json={})).content
            )
            assert (payload.item.kind, payload.item.width, payload.item.name) == ("document", 0, "note")
            assert payload.item.parts is not None
            assert [part.kind for part in payload.item.parts] == ["markdown", "pdf", "website"]
            assert payload.item.parts[0].text == "# Read *this*"
            assert payload.item.parts[2].url == "https://ada.example/"
            url = str(payload.item.parts[1].url).removeprefix("/api/v1")
            whole = await ann.get(url)
            assert (whole.status_code, whole.content) == (200, PDF)
            assert whole.headers["content-disposition"] == "inline"
            assert (await ann.get(url, headers={"If-None-Match": whole.headers["etag"]})).status_code == 304
            assert (await ann.get(f"/items/{payload.item.item_id}/parts/0")).status_code == 404
            detail = (await ann.get(f"/items/{payload.item.item_id}")).json()
            assert detail["parts"][1]["url"] == payload.item.parts[1].url
            assert sha256 not in (await ann.get(f"/items/{payload.item.item_id}")).text
            media = await ann.get(f"/items/{payload.item.item_id}/media")
            assert media.headers["content-disposition"] == "attachment"
            assert (await manager.delete(f"/items/{payload.item.item_id}")).status_code == 204
            assert (await ann.get(url)).status_code == 410

    asyncio.run(work())
