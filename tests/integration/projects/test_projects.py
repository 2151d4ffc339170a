"""Projects on both databases, through their service and their HTTP."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from goldsmith.accounts.api import Access
from goldsmith.accounts.tables import audit_log
from goldsmith.core.annotations import Annotation, Labelling
from goldsmith.core.errors import ConflictError, InvalidInputError, NotFoundError, VersionConflictError
from goldsmith.core.geometry import Box
from goldsmith.core.ids import ManualClock
from goldsmith.core.ontology import LabelClass, Ontology
from goldsmith.items.tables import items
from goldsmith.labeling.tables import submissions, tasks
from goldsmith.platform.database import Transaction
from goldsmith.platform.machine import Machine
from goldsmith.projects.api import (
    BatchState,
    OntologyUse,
    ProjectsService,
    ProjectState,
    QualityPolicy,
    Workflow,
)
from goldsmith.projects.types import Migration, Rule, Subject

ClientOf = Callable[[str], httpx.AsyncClient]
ONE_CLASS = Ontology(classes=[LabelClass(class_id="car", name="Car")])
OTHER_CLASS = Ontology(classes=[LabelClass(class_id="bus", name="Bus")])


@pytest.fixture
def project_id(service: ProjectsService, accesses: dict[str, Access]) -> str:
    def make(tx: Transaction) -> str:
        return service.create_project(tx, accesses["owner"], name="Streets", ontology=ONE_CLASS).project_id

    return service.machine.database.write_sync(make)


def audited(machine: Machine) -> list[str]:
    statement = sa.select(audit_log.c.action).order_by(audit_log.c.sequence)
    return [row["action"] for row in machine.database.read_sync(lambda tx: tx.all(statement))]


def test_a_new_project_has_version_one_of_each_document(service: ProjectsService, project_id: str) -> None:
    database = service.machine.database
    setup = database.read_sync(lambda tx: service.get_setup(tx, project_id))
    assert (setup.project.name, setup.project.state, setup.project.ontology_version) == (
        "Streets",
        "active",
        1,
    )
    assert setup.ontology == ONE_CLASS
    assert setup.workflow == Workflow()
    assert (setup.quality, setup.first_judgements) == (QualityPolicy(), 1)
    assert database.read_sync(lambda tx: service.get_instructions(tx, project_id)) == ""
    assert audited(service.machine) == ["project.created"]


def test_a_name_is_taken_once_in_a_workspace(
    service: ProjectsService, accesses: dict[str, Access], strangers: dict[str, Access], project_id: str
) -> None:
    write = service.machine.database.write_sync
    with pytest.raises(ConflictError, match="Streets"):
        write(lambda tx: service.create_project(tx, accesses["owner"], name="Streets"))
    write(lambda tx: service.create_project(tx, strangers["owner"], name="Streets"))


def test_what_is_not_there_is_not_found(service: ProjectsService, project_id: str) -> None:
    read = service.machine.database.read_sync
    with pytest.raises(NotFoundError):
        read(lambda tx: service.get_project(tx, "prj_nothing"))
    with pytest.raises(NotFoundError):
        read(lambda tx: service.get_setup(tx, "prj_nothing"))
    with pytest.raises(NotFoundError):
        read(lambda tx: service.get_ontology(tx, project_id, 2))
    with pytest.raises(NotFoundError):
        read(lambda tx: service.get_batch(tx, "bat_nothing"))


def test_documents_are_versions(
    service: ProjectsService, accesses: dict[str, Access], project_id: str
) -> None:
    database = service.machine.database
    owner = accesses["owner"]
    both = Ontology(classes=[*ONE_CLASS.classes, *OTHER_CLASS.classes])
    assert (
        database.write_sync(
            lambda tx: service.put_ontology(tx, owner, project_id, ontology=both, note="more")
        )
        == 2
    )
    assert database.write_sync(lambda tx: service.put_ontology(tx, owner, project_id, ontology=both)) == 2
    assert (
        database.write_sync(
            lambda tx: service.put_instructions(tx, owner, project_id, instructions="# Cars", base_version=1)
        )
        == 2
    )
    assert database.read_sync(lambda tx: service.get_ontology(tx, project_id, 1)) == ONE_CLASS
    assert database.read_sync(lambda tx: service.get_ontology(tx, project_id)) == both
    assert database.read_sync(lambda tx: service.get_instructions(tx, project_id)) == "# Cars"
    with pytest.raises(VersionConflictError, match="version 2"):
        database.write_sync(
            lambda tx: service.put_instructions(tx, owner, project_id, instructions="# Old", base_version=1)
        )
    assert audited(service.machine) == ["project.created", "ontology.changed", "instructions.changed"]


def test_a_breaking_change_needs_a_migration_and_old_labels_read_through_it(
    service: ProjectsService, accesses: dict[str, Access], above: Any, project_id: str
) -> None:
    database = service.machine.database
    owner = accesses["owner"]
    above.use = OntologyUse(1, {"car": 3}, {("car", "box"): 3})
    with pytest.raises(InvalidInputError) as caught:
        database.write_sync(lambda tx: service.put_ontology(tx, owner, project_id, ontology=OTHER_CLASS))
    assert [fault.where for fault in caught.value.faults] == ["class 'car'"]
    assert database.read_sync(lambda tx: service.get_project(tx, project_id)).ontology_version == 1
    migration = Migration(rules=[Rule(subject=Subject(class_id="car"), action="map", to="bus")])
    number = database.write_sync(
        lambda tx: service.put_ontology(tx, owner, project_id, ontology=OTHER_CLASS, migration=migration)
    )
    upgrader = database.read_sync(lambda tx: service.get_upgrader(tx, project_id))
    assert number == upgrader.newest_version == 2
    label = Annotation(annotation_id="1", class_id="car", geometry=Box(box_xyxy=(0, 0, 1, 1)))
    upgraded = upgrader.upgrade(Labelling(annotations=[label]), from_version=1)
    assert upgraded.labelling.annotations[0].class_id == "bus"


def test_a_changed_workflow_is_told_to_labelling(
    service: ProjectsService, accesses: dict[str, Access], above: Any, project_id: str
) -> None:
    database = service.machine.database
    workflow = Workflow(overlap=3)
    assert (
        database.write_sync(
            lambda tx: service.put_workflow(tx, accesses["manager"], project_id, workflow=workflow)
        )
        == 2
    )
    assert database.read_sync(lambda tx: service.get_workflow(tx, project_id)).overlap == 3
    assert above.heard == [("workflow", 1, 3)]


def test_a_project_is_paused_archived_and_restored(
    service: ProjectsService, accesses: dict[str, Access], above: Any, project_id: str, clock: ManualClock
) -> None:
    database = service.machine.database
    owner = accesses["owner"]
    for state in (ProjectState.PAUSED, ProjectState.ARCHIVED, ProjectState.ARCHIVED, ProjectState.ACTIVE):
        changed = database.write_sync(
            lambda tx, state=state: service.change_project(tx, owner, project_id, state=state)
        )
        assert changed.archived_ms == (clock.now_ms() if state is ProjectState.ARCHIVED else None)
    assert above.heard == [("project", "paused"), ("project", "archived"), ("project", "active")]
    assert audited(service.machine)[1:] == ["project.paused", "project.archived", "project.resumed"]


def test_batches_are_made_once_and_steered(
    service: ProjectsService, accesses: dict[str, Access], above: Any, project_id: str
) -> None:
    database = service.machine.database
    owner = accesses["owner"]

    def ensure(tx: Transaction) -> str:
        return service.ensure_batch(tx, project_id=project_id, name="Monday", created_by="system").batch_id

    batch_id = database.write_sync(ensure)
    assert database.write_sync(ensure) == batch_id
    with pytest.raises(ConflictError):
        database.write_sync(lambda tx: service.create_batch(tx, owner, project_id, name="Monday"))
    second = database.write_sync(lambda tx: service.create_batch(tx, owner, project_id, name="Tuesday"))
    with pytest.raises(ConflictError, match="Monday"):
        database.write_sync(lambda tx: service.change_batch(tx, owner, second.batch_id, name="Monday"))
    database.write_sync(lambda tx: service.change_batch(tx, owner, batch_id, priority=5))
    database.write_sync(lambda tx: service.change_batch(tx, owner, batch_id, state=BatchState.PAUSED))
    database.write_sync(lambda tx: service.change_batch(tx, owner, batch_id, state=BatchState.CANCELLED))
    with pytest.raises(ConflictError, match="cancelled"):
        database.write_sync(lambda tx: service.change_batch(tx, owner, batch_id, state=BatchState.OPEN))
    assert above.heard == [("batch", "open", 5), ("batch", "paused", 5), ("batch", "cancelled", 5)]


def add_work(tx: Transaction, project_id: str, batch_id: str, now_ms: int, *, states: list[str]) -> None:
    """Tasks as labelling keeps them; every second one has a submission, one of them an old one."""
    for number, state in enumerate(states):
        item = {
            "item_id": f"itm_{project_id}_{number}",
            "workspace_id": "wsp_one",
            "kind": "image",
            "name": str(number),
        }
        tx.run(sa.insert(items), {**item, "sha256": "0", "width_px": 1, "height_px": 1, "created_ms": 0})
        task = {"task_id": f"tsk_{project_id}_{number}", "project_id": project_id, "item_id": item["item_id"]}
        dates = {"created_ms": 0, "updated_ms": 0}
        tx.run(sa.insert(tasks), {**task, **dates, "batch_id": batch_id, "state": state, "position": number})


def test_lists_count_tasks_submissions_and_members(
    service: ProjectsService, accesses: dict[str, Access], project_id: str, clock: ManualClock
) -> None:
    database, ids = service.machine.database, service.machine.ids
    owner = accesses["owner"]

    def add(tx: Transaction) -> None:
        batch = service.ensure_batch(tx, project_id=project_id, created_by="system")
        add_work(tx, project_id, batch.batch_id, clock.now_ms(), states=["open", "open", "done"])
        service.add_member(tx, owner, project_id, accesses["annotator"].member_id)

    def submit(tx: Transaction) -> None:
        values = {"task_id": f"tsk_{project_id}_0", "project_id": project_id, "kind": "human", "version": 1}
        more = {"labelling": "{}", "annotation_count": 0, "ontology_version": 1, "instructions_version": 1}
        row = {**values, **more, "submission_id": ids.new("sub"), "created_ms": clock.now_ms()}
        tx.run(sa.insert(submissions), row)

    database.write_sync(add)
    database.write_sync(submit)
    clock.advance(8 * 86_400_000)
    database.write_sync(submit)
    database.write_sync(submit)
    other = database.write_sync(lambda tx: service.create_project(tx, owner, name="Empty"))
    listed = database.read_sync(
        lambda tx: service.list_projects(tx, owner, with_archived=False, before=None, limit=10)
    )
    assert [view.project_id for view in listed] == [other.project_id, project_id]
    assert listed[0].progress.model_dump() == {"items": 0, "states": {}, "submissions_7d": 0, "members": 0}
    assert listed[1].progress.model_dump() == {
        "items": 3,
        "states": {"open": 2, "done": 1},
        "submissions_7d": 2,
        "members": 1,
    }
    assert database.read_sync(lambda tx: service.get_view(tx, project_id)) == listed[1]
    batches = database.read_sync(lambda tx: service.list_batches(tx, project_id, before=None, limit=10))
    assert [batch.states for batch in batches] == [{"open": 2, "done": 1}]
    mine = database.read_sync(
        lambda tx: service.list_projects(
            tx, accesses["annotator"], with_archived=False, before=None, limit=10
        )
    )
    assert [view.project_id for view in mine] == [project_id]


def test_accounts_bring_invited_members_into_projects(
    service: ProjectsService, accesses: dict[str, Access], strangers: dict[str, Access], project_id: str
) -> None:
    database = service.machine.database
    database.read_sync(
        lambda tx: service.check_projects(tx, workspace_id="wsp_one", project_ids=[project_id] * 2)
    )
    with pytest.raises(NotFoundError):
        database.read_sync(
            lambda tx: service.check_projects(tx, workspace_id="wsp_two", project_ids=[project_id])
        )
    for member in (accesses["viewer"], accesses["viewer"], strangers["viewer"]):
        database.write_sync(
            lambda tx, member=member: service.add_to_projects(
                tx, project_ids=[project_id], member_id=member.member_id, added_by="system", at_ms=1
            )
        )
    members = database.read_sync(lambda tx: service.list_members(tx, project_id, after=None, limit=10))
    assert [member.member_id for member in members] == ["mem_one_viewer"]


@pytest.mark.anyio
async def test_http_from_the_first_project_to_its_archive(
    client_of: ClientOf, accesses: dict[str, Access], strangers: dict[str, Access]
) -> None:
    async with client_of("one_manager") as manager, client_of("one_annotator") as annotator:
        body = {"name": "Streets", "ontology": json.loads(ONE_CLASS.model_dump_json())}
        made = await manager.post("/workspaces/wsp_one/projects", json=body)
        assert made.status_code == 201
        project = f"/projects/{made.json()['project_id']}"
        assert (await annotator.get(project)).status_code == 404
        assert (await annotator.get("/workspaces/wsp_one/projects")).json() == {
            "items": [],
            "next_cursor": None,
        }
        assert (await manager.put(f"{project}/members/mem_one_annotator")).status_code == 204
        assert (await manager.put(f"{project}/members/mem_one_annotator")).status_code == 204
        assert (await manager.put(f"{project}/members/mem_two_annotator")).status_code == 404
        assert (await annotator.get(project)).json()["progress"]["members"] == 1
        assert (await annotator.get(f"{project}/members")).status_code == 403
        members = (await manager.get(f"{project}/members")).json()["items"]
        assert [member["member_id"] for member in members] == ["mem_one_annotator"]

        ontology = json.loads(OTHER_CLASS.model_dump_json())
        report = (await manager.post(f"{project}/ontology/check", json={"ontology": ontology})).json()
        assert {finding["code"] for finding in report["findings"]} == {"class_removed", "class_added"}
        put = await manager.put(f"{project}/ontology", json={"ontology": ontology, "base_version": 1})
        assert put.json() == {"version": 2}
        stale = await manager.put(
            f"{project}/ontology", json={"ontology": body["ontology"], "base_version": 1}
        )
        assert (stale.status_code, stale.json()["code"]) == (409, "version_conflict")
        assert (await annotator.put(f"{project}/ontology", json={"ontology": ontology})).status_code == 403
        assert (await annotator.get(f"{project}/ontology?version=1")).json()["ontology"] == body["ontology"]

        text = {"instructions": "# Draw tight boxes"}
        assert (await manager.put(f"{project}/instructions", json=text)).json() == {"version": 2}
        assert (await annotator.get(f"{project}/instructions")).json() == {
            "version": 2,
            **text,
            "examples": [],
        }
        workflow = (await annotator.get(f"{project}/workflow")).json()["workflow"]
        put = await manager.put(f"{project}/workflow", json={"workflow": {**workflow, "overlap": 2}})
        assert put.json() == {"version": 2}
        assert (
            await manager.put(f"{project}/workflow", json={"workflow": {"overlap": 0}})
        ).status_code == 422

        policy = (await manager.get(f"{project}/quality-policy")).json()
        assert (policy["version"], policy["policy"]["asking"]) == (1, "fixed")
        wanted = {**policy["policy"], "asking": "adaptive", "target": 0.95}
        put = await manager.put(f"{project}/quality-policy", json={"policy": wanted, "base_version": 1})
        assert put.json() == {"version": 2, "policy": wanted}
        for wrong in ({"target": 1.2}, {"target": None}, {"most_judgements": 1}):
            refused = await manager.put(f"{project}/quality-policy", json={"policy": {**wanted, **wrong}})
            assert refused.status_code == 422
        assert (await annotator.put(f"{project}/quality-policy", json={"policy": wanted})).status_code == 403

        first = (await manager.get(f"{project}/versions?limit=4")).json()
        rest = (await manager.get(f"{project}/versions?limit=4&cursor={first['next_cursor']}")).json()
        assert [entry["aspect"] for entry in first["items"] + rest["items"]] == [
            "workflow", "workflow", "quality", "quality", "ontology", "ontology", "instructions", "instructions",
        ]  # fmt: skip
        assert rest["next_cursor"] is None

        batch = (await manager.post(f"{project}/batches", json={"name": "Night"})).json()
        changed = await manager.patch(
            f"/batches/{batch['batch_id']}", json={"priority": 3, "state": "paused"}
        )
        assert (changed.json()["priority"], changed.json()["state"]) == (3, "paused")
        assert (await annotator.patch(f"/batches/{batch['batch_id']}", json={})).status_code == 403
        assert (await manager.get(f"{project}/batches")).json()["items"][0]["states"] == {}

        assert (await manager.delete(f"{project}/members/mem_one_annotator")).status_code == 204
        assert (await manager.delete(f"{project}/members/mem_one_annotator")).status_code == 404
        assert (await manager.patch(project, json={"name": "Roads"})).json()["name"] == "Roads"
        assert (await manager.delete(project)).status_code == 204
        assert (await manager.get("/workspaces/wsp_one/projects")).json()["items"] == []
        archived = await manager.get("/workspaces/wsp_one/projects?with_archived=true")
        assert [entry["state"] for entry in archived.json()["items"]] == ["archived"]


@pytest.mark.anyio
async def test_another_workspace_sees_nothing(
    client_of: ClientOf, service: ProjectsService, strangers: dict[str, Access], project_id: str
) -> None:
    async with client_of("two_owner") as stranger:
        for path in ("", "/ontology", "/instructions", "/workflow", "/versions", "/members", "/batches"):
            assert (await stranger.get(f"/projects/{project_id}{path}")).status_code == 404
        assert (await stranger.get("/workspaces/wsp_one/projects")).status_code == 404


@pytest.mark.anyio
async def test_two_changes_on_one_version_at_the_same_time(
    client_of: ClientOf, accesses: dict[str, Access], project_id: str
) -> None:
    async with client_of("one_owner") as owner:
        answers = await asyncio.gather(
            *(
                owner.put(
                    f"/projects/{project_id}/instructions", json={"instructions": text, "base_version": 1}
                )
                for text in "abcdefgh"
            )
        )
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 7
