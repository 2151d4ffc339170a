"""Tasks that ask for something of their own: texts, documents and scopes on the wire, and what became of them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
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
from goldsmith.core.errors import ConflictError, InvalidInputError, NotFoundError
from goldsmith.core.geometry import Span
from goldsmith.core.ids import Ids, ManualClock
from goldsmith.core.ontology import Attribute, Ontology
from goldsmith.items.api import (
    AnswerChange,
    ChangeContext,
    GeometryLimits,
    ItemsService,
    KnownMedia,
    LabelsAs,
    NewItem,
    NewTask,
    Part,
    PartKind,
    TaskScope,
    read_original,
)
from goldsmith.labeling.types import (
    Answered,
    ConsensusOutcome,
    Decision,
    ReviewBody,
    SkipBody,
    Stage,
    SubmitBody,
    TaskPage,
    TaskPayload,
    TaskResult,
    TaskState,
    Verdict,
)
from goldsmith.platform.database import Sql, Transaction
from goldsmith.platform.machine import open_machine
from goldsmith.platform.settings import Settings
from goldsmith.projects.api import BatchState, Workflow
from tests.integration.labeling.conftest import House, PlainQuality, labelling

WORKSPACE = "wsp_scope"
PDF = b"%PDF-1.4\n" + bytes(range(256)) * 4
TEXT = "Ada 👩‍🔬 met Charles."
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


class Follower:
    """Writes down what it hears, with what the tasks are at that moment."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._heard: list[list[tuple[str, str, int]]] = []

    def on_tasks_changed(self, tx: Transaction, *, project_id: str, task_ids: Sequence[str]) -> None:
        assert project_id == self._house.project_id
        found = self._house.labeling.result_of(tx, task_ids)
        assert [entry.task_id for entry in found] == list(dict.fromkeys(task_ids))
        self._heard.append([(entry.task_id, entry.state.value, entry.consensus_version) for entry in found])

    def heard(self) -> list[tuple[str, str, int]]:
        """Return what was heard since the last look."""
        said, self._heard = [entry for call in self._heard for entry in call], []
        return said


class AnsweringQuality(PlainQuality):
    """A quality whose objects stay as they are when leads answer."""

    def on_answered(
        self, tx: Transaction, *, project_id: str, entries: Sequence[Answered]
    ) -> list[ConsensusOutcome]:
        return []


@pytest.fixture
def follower(house: House) -> Follower:
    following = Follower(house)
    house.labeling.use_follower(following)
    house.project(review={"mode": "all"}, skip_reasons=["unclear"])
    return following


def result(house: House, task_id: str, **more: Any) -> TaskResult:
    (found,) = house.write(lambda tx: house.labeling.result_of(tx, [task_id], **more))
    assert isinstance(found, TaskResult)
    return found


def test_who_follows_hears_of_the_end_of_a_task_and_of_its_new_beginning(
    house: House, follower: Follower
) -> None:
    (task_id,) = house.tasks(1)
    ann, rob = house.member("ann"), house.member("rob", Role.REVIEWER)
    assert house.write(lambda tx: house.labeling.has_begun(tx, [task_id])) == set()
    house.submit(ann, house.next(ann))
    house.resolve(task_id)
    assert house.state(task_id) == "review"
    assert follower.heard() == []
    lease = house.next(rob, Stage.REVIEW)
    fix = labelling((1.0, 1.0, 2.0, 2.0))
    body = ReviewBody(token=lease.token, request_key="fix", verdict=Verdict.FIX, labelling=fix)
    house.write(lambda tx: house.labeling.review(tx, rob, judgement_id=lease.judgement_id, body=body))
    assert follower.heard() == [(task_id, "done", 2)]
    became = result(house, task_id)
    assert (became.state, became.verdict, became.method) == (TaskState.DONE, Verdict.FIX, "review")
    assert Labelling.model_validate_json(became.labelling or "") == fix
    assert became.done_ms == house.clock.now_ms() == became.reviewed_ms
    assert result(house, task_id, with_labels=False) == became._replace(labelling=None)
    house.clock.advance(1000)
    house.resolve(task_id)  # another version of a done task
    assert follower.heard() == [(task_id, "done", 3)]
    assert result(house, task_id).done_ms == became.done_ms
    house.write(
        lambda tx: house.labeling.requeue(
            tx, project_id=house.project_id, task_ids=[task_id], extra_judgements=1
        )
    )
    assert follower.heard() == [(task_id, "open", 3)]
    assert result(house, task_id).done_ms is None


def test_who_follows_hears_of_all_that_is_done_to_many(house: House, follower: Follower) -> None:
    made = house.tasks(2, labelling=labelling(), labels_as=LabelsAs.ACCEPTED)
    assert sorted(follower.heard()) == sorted((task_id, "done", 1) for task_id in made)
    assert result(house, made[0]).method == "imported"
    waiting, gold, skipped, item_gone = house.tasks(4)
    house.write(
        lambda tx: house.labeling.mark_gold(tx, project_id=house.project_id, answers={gold: labelling()})
    )
    assert follower.heard() == [(gold, "idle", 0)]
    known = result(house, gold)
    assert (known.is_gold, known.method, known.ontology_version) == (True, "gold", 1)
    assert Labelling.model_validate_json(known.labelling or "") == labelling()
    house.write(
        lambda tx: house.labeling.rest_gold(
            tx, project_id=house.project_id, task_id=gold, is_retired=True, by=None, why="leaked"
        )
    )
    assert follower.heard() == [(gold, "done", 0)]
    assert result(house, gold).done_ms is not None
    item_id = house.task(item_gone)["item_id"]
    house.write(lambda tx: house.labeling.on_items_deleted(tx, item_ids=[item_id]))
    assert follower.heard() == [(item_gone, "cancelled", 0)]
    house.write(lambda tx: house.labeling.on_items_restored(tx, item_ids=[item_id]))
    assert follower.heard() == [(item_gone, "open", 0)]
    house.write(lambda tx: house.labeling.set_priority(tx, [skipped], 5))
    for name in ("a", "b", "c"):
        member = house.member(name)
        lease = house.next(member)
        assert lease.task_id == skipped
        body = SkipBody(token=lease.token, reason="unclear")
        house.write(
            lambda tx, who=member, one=lease, why=body: house.labeling.skip(
                tx, who, judgement_id=one.judgement_id, body=why
            )
        )
    assert follower.heard() == [(skipped, "idle", 0)]
    cancelled = house.write(lambda tx: house.labeling.cancel_tasks(tx, [waiting, gold, *made, "tsk_none"]))
    assert cancelled == [waiting]
    assert follower.heard() == [(waiting, "cancelled", 0)]


def test_who_follows_hears_of_answers_for_many_items(house: House, follower: Follower) -> None:
    house.labeling.use_quality(AnsweringQuality())  # type: ignore[arg-type]
    ontology = Ontology(
        questions=[Attribute.model_validate({"attribute_id": "q", "name": "Q", "kind": "text"})]
    )
    house.write(
        lambda tx: house.projects.put_ontology(tx, house.manager, house.project_id, ontology=ontology)
    )
    (task_id,) = house.tasks(1)
    change = AnswerChange(question_id="q", value="x", is_final=True)
    context = ChangeContext(house.project_id, "chg_1", house.manager.member_id)
    before = house.write(
        lambda tx: house.labeling.answer_tasks(tx, context, task_ids=[task_id], change=change)
    )
    assert follower.heard() == [(task_id, "done", 1)]
    house.write(lambda tx: house.labeling.take_answers_back(tx, context, change=change, before=before))
    assert follower.heard()[-1] == (task_id, "open", 0)


def test_begun_is_what_somebody_held(house: House) -> None:
    house.project(overlap=2)
    first, second, third = house.tasks(3)
    ann = house.member("ann")
    lease = house.next(ann)
    house.write(
        lambda tx: house.labeling.release(tx, ann, judgement_id=lease.judgement_id, token=lease.token)
    )
    house.write(lambda tx: house.labeling.set_priority(tx, [third], 3))
    assert house.next(ann).task_id == first, "what came back goes first"
    assert house.next(ann).task_id == third
    assert house.write(lambda tx: house.labeling.has_begun(tx, [first, second, third])) == {first, third}


def test_a_staged_batch_waits_until_it_is_opened(house: House) -> None:
    house.project(review={"mode": "all"})
    change = house.projects.change_batch

    def staged(tx: Transaction) -> str:
        batch = house.projects.create_batch(
            tx, house.manager, house.project_id, name="later", state=BatchState.STAGING
        )
        return batch.batch_id

    batch_id = house.batch_id = house.write(staged)
    (task_id,) = house.tasks(1)
    ann = house.member("ann")
    assert house.next(ann) is None
    house.write(  # a task that is asked for again waits as well
        lambda tx: house.labeling.requeue(
            tx, project_id=house.project_id, task_ids=[task_id], extra_judgements=1
        )
    )
    assert house.next(ann) is None
    with pytest.raises(ConflictError, match="waits already"):
        house.write(lambda tx: change(tx, house.manager, batch_id, state=BatchState.PAUSED))
    house.write(lambda tx: change(tx, house.manager, batch_id, priority=3))
    assert house.next(ann) is None
    house.write(lambda tx: change(tx, house.manager, batch_id, state=BatchState.OPEN))
    assert house.next(ann).task_id == task_id
    with pytest.raises(ConflictError, match="not staged any more"):
        house.write(lambda tx: change(tx, house.manager, batch_id, state=BatchState.STAGING))
    view = house.write(lambda tx: house.projects.list_batches(tx, house.project_id, before=None, limit=1))[0]
    assert (view.state, view.is_completed) == (BatchState.OPEN, False)
    house.write(lambda tx: house.labeling.cancel_tasks(tx, [task_id]))
    view = house.write(lambda tx: house.projects.list_batches(tx, house.project_id, before=None, limit=1))[0]
    assert view.is_completed


def test_a_scope_holds_for_fixes_and_known_answers(house: House) -> None:
    house.project(review={"mode": "all"})
    (task_id,) = house.tasks(1, scope=TaskScope(class_ids=["person"]))
    wrong, right = labelling(class_id="car"), labelling(class_id="person")
    with pytest.raises(InvalidInputError) as refused:
        house.write(
            lambda tx: house.labeling.mark_gold(tx, project_id=house.project_id, answers={task_id: wrong})
        )
    assert [fault.where for fault in refused.value.faults] == ["annotations[0].class_id"]
    ann, rob = house.member("ann"), house.member("rob", Role.REVIEWER)
    house.submit(ann, house.next(ann), right)
    house.write(
        lambda tx: house.labeling.after_consensus(
            tx,
            project_id=house.project_id,
            outcomes=[
                house.quality.store(
                    tx, house.project_id, Decision(task_id, "sub_x", right.as_json(), "detection")
                )
            ],
        )
    )
    lease = house.next(rob, Stage.REVIEW)
    body = ReviewBody(token=lease.token, request_key="k", verdict=Verdict.FIX, labelling=wrong)
    with pytest.raises(InvalidInputError):
        house.write(lambda tx: house.labeling.review(tx, rob, judgement_id=lease.judgement_id, body=body))
    body = body.model_copy(update={"labelling": right})
    house.write(lambda tx: house.labeling.review(tx, rob, judgement_id=lease.judgement_id, body=body))
    assert house.state(task_id) == "done"


def test_originals_are_read_wherever_they_are_kept(house: House) -> None:
    items = ItemsService(house.machine, house.projects)
    file = items.put_file("wsp_test", PDF)
    (text,) = house.write(lambda tx: items.text_media(tx, workspace_id="wsp_test", texts=[TEXT]))
    for sha256, data in ((file.sha256, PDF), (text.sha256, TEXT.encode())):
        assert read_original(house.machine, workspace_id="wsp_test", sha256=sha256) == data
    with pytest.raises(NotFoundError):
        read_original(house.machine, workspace_id="wsp_other", sha256=text.sha256)


def test_parts_name_files_of_the_workspace_only(house: House) -> None:
    items = ItemsService(house.machine, house.projects)
    part = Part(kind=PartKind.PDF, sha256="0" * 64)
    with pytest.raises(InvalidInputError, match="no file of this sha256"):
        house.write(lambda tx: items.document_media(tx, workspace_id="wsp_test", documents=[[part]]))


# --- the wire


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
