"""Scale's own client, unmodified, against a started server: projects, batches and tasks, bodies as in the contract."""

from __future__ import annotations

import itertools
import threading
from typing import Any

import pytest
from scaleapi.batches import BatchStatus
from scaleapi.exceptions import (
    ScaleDuplicateResource,
    ScaleInvalidRequest,
    ScaleNotEnabled,
)
from scaleapi.tasks import TaskReviewStatus, TaskStatus, TaskType

from tests.contract.site import ATTRIBUTES, GEOMETRIES, PLACES, TIME, Desk, Site, assert_task
from tests.unit.compat.scale_v1.task_types.made import EXAMPLES

# --- projects


def test_a_project_is_made_and_found(desk: Desk) -> None:
    name = desk.name("project")
    made = desk.client.create_project(name, TaskType.ImageAnnotation, params={"instruction": "Box the cows"})
    [version] = made.as_dict()["param_history"]
    assert made.as_dict() == {
        "name": name,
        "type": "imageannotation",
        "param_history": [{"version": 0, "created_at": version["created_at"], "instruction": "Box the cows"}],
        "created_at": made.as_dict()["created_at"],
    }
    assert TIME.fullmatch(made.as_dict()["created_at"]) and TIME.fullmatch(version["created_at"])
    found = desk.client.get_project(name)
    assert found.as_dict() == made.as_dict()
    assert (found.version, found.instruction) == (0, "Box the cows")
    listed = desk.client.projects()
    assert isinstance(listed, list) and name in [project.name for project in listed]
    assert [project.as_dict() for project in desk.client.get_projects()] == [p.as_dict() for p in listed]


def test_a_project_without_parameters(desk: Desk) -> None:
    project = desk.client.get_project(desk.project())
    assert project.params == {"version": 0, "created_at": project.params["created_at"]}


def test_parameters_are_patched_and_replaced_as_versions(desk: Desk) -> None:
    name = desk.project(instruction="one", priority=10)
    patched = desk.client.update_project(name, patch=True, priority=30)
    assert (patched.version, patched.instruction, patched.params["priority"]) == (1, "one", 30)
    replaced = desk.client.update_project(name, patch=False, instruction="two")
    assert (replaced.version, replaced.instruction) == (2, "two")
    assert "priority" not in replaced.params
    assert [entry["version"] for entry in replaced.as_dict()["param_history"]] == [0, 1, 2]


def test_a_task_template(desk: Desk) -> None:
    name = desk.name("form")
    fields = [{"type": "text", "field_id": "f", "title": "f"}]
    desk.client.create_project(name, TaskType.TextCollection, params={"instruction": "x", "fields": fields})
    template = desk.client.get_project_template(name)
    assert template.get_template_variables() == {"fields": fields}
    assert (template.version, template.get_response_schema(), template.is_auto_onboardable()) == (
        0,
        None,
        False,
    )
    assert desk.client.get_project(name).get_template().id == template.id
    with pytest.raises(ScaleNotEnabled):
        desk.client.get_project_template(desk.project())


# --- batches


def test_a_batch_from_staging_to_its_end(desk: Desk) -> None:
    project, name = desk.project(), desk.name("batch")
    made = desk.client.create_batch(project, name, callback="http://127.0.0.1:9/cb", metadata={"a": 1})
    assert made.as_dict() == {
        "name": name,
        "project": project,
        "status": "staging",
        "created_at": made.created_at,
        "metadata": {"a": 1},
        "callback": "http://127.0.0.1:9/cb",
        "calibration_batch": False,
        "self_label_batch": False,
    }
    assert TIME.fullmatch(made.created_at)
    assert desk.client.batch_status(name) == {"status": "staging"}
    task = desk.task(project=project, batch=name)
    if not desk.is_test:
        assert desk.client.batch_status(name) == {"status": "staging", "pending": 1}
    assert desk.client.finalize_batch(name).as_dict() | {"status": ""} == made.as_dict() | {"status": ""}
    if not desk.is_test:
        assert made.get_status() == {"status": "in_progress", "pending": 1}
        desk.label(project)
        desk.wait(task, "completed")
    assert made.get_status() == {"status": "completed", "completed": 1}
    assert (made.tasks_pending, made.tasks_completed, made.tasks_error, made.tasks_canceled) == (0, 1, 0, 0)
    assert desk.client.get_batch(name).status == "completed"


def test_nothing_of_a_staged_batch_is_handed_out(live: Desk) -> None:
    project = live.project()
    live.task(project=project, batch=live.batch(project))
    with pytest.raises(AssertionError, match="nothing is handed out"):
        live.label(project)


def test_batches_are_listed_by_offset(desk: Desk) -> None:
    project = desk.project()
    names = [desk.batch(project) for _ in range(3)]
    page = desk.client.batches(project=project, limit=2, offset=0)
    assert [batch.name for batch in page] == [names[2], names[1]]
    assert (page.total, page.limit, page.offset, page.has_more) == (3, 2, 0, True)
    assert [batch.name for batch in desk.client.batches(project=project, limit=2, offset=2)] == [names[0]]
    listed = list(desk.client.get_batches(project_name=project, exclude_archived=True))
    assert [batch.name for batch in listed] == names[::-1]
    staging = desk.client.get_batches(project_name=project, batch_status=BatchStatus.Staging)
    assert len(list(staging)) == 3
    assert list(desk.client.get_batches(project_name=project, batch_status=BatchStatus.Completed)) == []
    assert list(desk.client.get_batches(project_name=project, created_before="2020-01-01")) == []
    recent = desk.client.get_batches(project_name=project, created_after="2020-01-01 00:00:00.000000")
    assert len(list(recent)) == 3


def test_metadata_of_a_batch_is_replaced(desk: Desk) -> None:
    name = desk.batch(desk.project(), metadata={"a": 1})
    assert desk.client.set_batch_metadata(name, {"b": {"c": 2}}).metadata == {"b": {"c": 2}}
    assert desk.client.set_batch_metadata(name, {}).metadata == {}


@pytest.mark.parametrize("kind", ["calibration_batch", "self_label_batch"])
def test_kinds_of_batches_are_remembered(desk: Desk, kind: str) -> None:
    name = desk.batch(desk.project(), **{kind: True})
    assert desk.client.get_batch(name).as_dict()[kind] is True


# --- tasks


def test_a_task_comes_back_as_it_was_sent(desk: Desk) -> None:
    project = desk.project(instruction="Box the cows.", priority=20)
    batch = desk.batch(project)
    task = desk.task(
        project=project,
        batch=batch,
        instruction="All of them.",
        callback_url="http://127.0.0.1:9/cb",
        unique_id=desk.name("unique"),
        metadata={"k": [1, {"n": None}]},
        tags=["x", "y", "x"],
    )
    body = task.as_dict()
    assert_task(
        body,
        type="imageannotation",
        project=project,
        batch=batch,
        instruction="Box the cows.\n\nAll of them.",
        metadata={"k": [1, {"n": None}]},
        tags=["x", "y"],
        is_test=desk.is_test,
        priority=20,
        callback_url="http://127.0.0.1:9/cb",
        customer_review_status="pending",
        status="completed" if desk.is_test else "pending",
        params={
            "attachment_type": "image",
            "attachment": desk.attachment,
            "geometries": GEOMETRIES,
            "annotation_attributes": ATTRIBUTES,
        },
    )
    assert desk.client.get_task(task.id).as_dict() | {"updated_at": ""} == body | {"updated_at": ""}
    assert task.params["geometries"] == GEOMETRIES


def test_a_task_of_a_batch_alone_and_of_nothing(desk: Desk) -> None:
    project = desk.project()
    assert desk.task(batch=desk.batch(project)).project == project
    bare = desk.task()
    assert_task(bare.as_dict(), project="default imageannotation")
    assert not {"batch", "unique_id", "tags"} & set(bare.as_dict())


def test_the_response_is_what_was_drawn(live: Desk) -> None:
    task = live.finished(live.project())
    body = task.as_dict()
    assert_task(body, status="completed")
    assert TIME.fullmatch(body["completed_at"])
    [annotation] = body["response"]["annotations"]
    assert annotation.pop("uuid")
    assert annotation == {
        "type": "box",
        "label": "Cow",
        "left": 10,
        "top": 20,
        "width": 100,
        "height": 60,
        "attributes": {"lying": "yes"},
    }


@pytest.mark.parametrize("name", EXAMPLES)
def test_each_type_in_test_mode(site: Site, name: str) -> None:
    desk = site.desk("test")
    params = {key: value for key, value in EXAMPLES[name].items() if key not in PLACES}
    task = desk.client.create_task(TaskType(name), **params)
    assert_task(task.as_dict(), status="completed", type=name, is_test=True)
    assert desk.client.get_task(task.id).response == task.response


@pytest.mark.parametrize("name", EXAMPLES)
def test_each_type_becomes_a_task_for_people(live: Desk, name: str) -> None:
    def at_home(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: at_home(entry) for key, entry in value.items()}
        if isinstance(value, list):
            return [at_home(entry) for entry in value]
        is_address = isinstance(value, str) and value.startswith("http")
        return f"{live.site.pictures_url}/cow.jpg" if is_address else value

    left_out = (*PLACES, "hypothesis", "callback_url", "context_attachments")
    params = {key: at_home(value) for key, value in EXAMPLES[name].items() if key not in left_out}
    task = live.client.create_task(TaskType(name), **params)
    assert_task(task.as_dict(), status="pending", type=name)
    project_id = live.goldsmith_project(task.project)

    def is_there() -> bool:
        task.refresh()
        assert task.status == "pending", task.as_dict()
        return len(live.ask(f"/projects/{project_id}/items")["items"]) >= 1

    live.until(is_there)


@pytest.mark.parametrize(
    "name", ["lidarannotation", "videoannotation", "chat", "sensorfusion", "documentmodel"]
)
def test_what_nobody_can_work_on_is_not_enabled(desk: Desk, name: str) -> None:
    with pytest.raises(ScaleNotEnabled, match="no workbench"):
        desk.client.create_task(TaskType(name), attachments=["http://127.0.0.1:9/a"])


def test_pictures_are_fetched_and_those_that_cannot_be_had_are_errors(live: Desk) -> None:
    project = live.project(instruction="Box the cows.")
    address = f"{live.site.pictures_url}/cow.jpg"
    good = live.task(project=project, attachment=address, instruction="All of them.")
    broken = live.task(
        project=project, attachment=f"{live.site.pictures_url}/broken.jpg",
        unique_id="broken one", clear_unique_id_on_error=True,
    )  # fmt: skip
    gone = live.task(project=project, attachment=f"{live.site.pictures_url}/gone.jpg")
    live.wait(broken, "error")
    live.wait(gone, "error")
    assert_task(broken.as_dict(), status="error")
    assert "unique_id" not in broken.as_dict() and "404" in gone.error
    handed = live.label(project)
    assert handed.scope is not None and handed.scope.instructions.strip() == "All of them."
    live.wait(good, "completed")
    assert live.client.get_tasks_count(project_name=project) == 3


def test_labels_that_come_along_are_where_people_begin(live: Desk) -> None:
    project = live.project()
    box = {"type": "box", "label": "Boar", "left": 1, "top": 2, "width": 30, "height": 40, "attributes": {}}
    live.task(project=project, hypothesis={"annotations": [box]})
    with live.people() as people:
        handed = people.next_task(live.goldsmith_project(project))
    assert handed is not None and handed.prelabel is not None
    [begun] = handed.prelabel.annotations
    assert begun.geometry.bounds_xyxy() == (1, 2, 31, 42)


def test_every_filter_of_the_list(desk: Desk) -> None:
    project = desk.project()
    batch = desk.batch(project)
    one = desk.task(project=project, batch=batch, unique_id=desk.name(), tags=["a", "b"])
    two = desk.task(project=project, unique_id=desk.name(), tags=["b"])
    three = desk.finished(project) if desk.is_test else desk.task(project=project)

    def ids(**wanted: Any) -> set[str]:
        return {task.id for task in desk.client.get_tasks(project_name=project, **wanted)}

    everything = {one.id, two.id, three.id}
    pending, completed = (set(), everything) if desk.is_test else (everything, set())
    assert [task.id for task in desk.client.get_tasks(project_name=project)] == [three.id, two.id, one.id]
    assert ids(batch_name=batch) == {one.id}
    assert ids(tags=["a"]) == {one.id} and ids(tags=["a", "b"]) == ids(tags="b") == {one.id, two.id}
    assert ids(unique_id=one.unique_id) == {one.id}
    assert ids(unique_id=[one.unique_id, two.unique_id]) == {one.id, two.id}
    assert ids(status=TaskStatus.Pending) == pending and ids(status=TaskStatus.Completed) == completed
    assert ids(status=TaskStatus.Canceled) == set()
    assert ids(task_type=TaskType.ImageAnnotation) == everything
    assert ids(task_type=TaskType.Categorization) == set()
    assert ids(review_status=TaskReviewStatus.Pending) == everything
    assert ids(review_status=[TaskReviewStatus.Accepted, TaskReviewStatus.Rejected]) == set()
    assert ids(created_after="2020-01-01", created_before="2100-01-01") == everything
    assert ids(created_after="2100-01-01") == set()
    assert ids(completed_after="2020-01-01", completed_before="2100-01-01") == completed
    assert ids(updated_after="2020-01-01") == everything and ids(updated_before="2020-01-01") == set()
    assert ids(limited_response=True) == everything
    [limited] = desk.client.get_tasks(batch_name=batch, limited_response=True, include_attachment_url=False)
    assert set(limited.as_dict()) == {"task_id", "status", "metadata", "project", "otherVersion"}
    assert desk.client.get_tasks_count(project_name=project, tags=["b"]) == 2
    assert desk.client.get_tasks_count(project_name=desk.name("no such")) == 0


def test_pages_hold_each_task_once(desk: Desk) -> None:
    project = desk.project()
    made = [desk.task(project=project).id for _ in range(5)]
    first = desk.client.tasks(project=project, limit=2)
    assert (first.total, first.limit, first.offset, first.has_more) == (5, 2, 0, True)
    second = desk.client.tasks(project=project, limit=2, next_token=first.next_token)
    last = desk.client.tasks(project=project, limit=2, next_token=second.next_token)
    assert [task.id for task in itertools.chain(first, second, last)] == made[::-1]
    assert not last.has_more and last.next_token is None
    assert [task.id for task in desk.client.get_tasks(project_name=project, limit=2)] == made[::-1]


def test_a_pending_task_is_canceled(live: Desk) -> None:
    project = live.project()
    task = live.task(project=project, unique_id="to be canceled")
    canceled = live.client.cancel_task(task.id, clear_unique_id=True)
    assert_task(canceled.as_dict(), status="canceled")
    assert "unique_id" not in canceled.as_dict()
    with pytest.raises(ScaleInvalidRequest, match="canceled"):
        task.cancel()
    again = live.task(project=project, unique_id="to be canceled")
    again.cancel()
    assert live.client.get_task(again.id).unique_id == "to be canceled"
    assert live.client.get_tasks_count(project_name=project, status=TaskStatus.Canceled) == 2


def test_a_task_that_was_begun_or_is_completed_is_not_canceled(live: Desk) -> None:
    project = live.project()
    begun = live.task(project=project)
    with live.people() as people:
        assert people.next_task(live.goldsmith_project(project)) is not None
    with pytest.raises(ScaleInvalidRequest, match="begun"):
        begun.cancel()
    with pytest.raises(ScaleInvalidRequest, match="completed"):
        live.site.desk("test").task().cancel(clear_unique_id=True)


def test_unique_ids_are_set_cleared_and_kept_apart(desk: Desk) -> None:
    one, two = desk.task(unique_id=desk.name()), desk.task()
    with pytest.raises(ScaleDuplicateResource) as raised:
        desk.task(unique_id=one.unique_id)
    assert raised.value.code == 409
    with pytest.raises(ScaleDuplicateResource):
        desk.client.update_task_unique_id(two.id, one.unique_id)
    new = desk.name()
    assert desk.client.update_task_unique_id(two.id, new).unique_id == new
    assert desk.client.update_task_unique_id(two.id, new).unique_id == new
    assert "unique_id" not in desk.client.clear_task_unique_id(two.id).as_dict()
    two.update_unique_id(new)
    two.clear_unique_id()
    desk.task(unique_id=new)


def test_two_threads_with_one_unique_id_make_one_task(live: Desk) -> None:
    project, unique_id = live.project(), live.name()
    live.attachment  # noqa: B018  uploaded before the race
    start, codes = threading.Barrier(4), []

    def make() -> None:
        desk = live.site.desk("live")
        payload = live.payload(project=project, unique_id=unique_id)
        start.wait()
        try:
            desk.client.create_task(TaskType.ImageAnnotation, **payload)
            codes.append(200)
        except ScaleDuplicateResource as error:
            codes.append(error.code or 0)

    threads = [threading.Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [200, 409, 409, 409]
    assert live.client.get_tasks_count(project_name=project) == 1


def test_tags_are_a_set(desk: Desk) -> None:
    task = desk.task(tags=["a"])
    assert desk.client.add_task_tags(task.id, ["b", "a", "b"]).tags == ["a", "b"]
    assert desk.client.delete_task_tags(task.id, ["a", "no"]).tags == ["b"]
    assert desk.client.set_task_tags(task.id, ["z", "y", "z"]).tags == ["z", "y"]
    task.add_tags(["x"])
    task.delete_tags(["y"])
    task.refresh()
    assert task.tags == ["z", "x"]
    assert "tags" not in desk.client.set_task_tags(task.id, []).as_dict()
    task.set_tags(["q"])


def test_metadata_of_a_task_is_replaced(desk: Desk) -> None:
    task = desk.task(metadata={"a": 1})
    assert desk.client.set_task_metadata(task.id, {"b": 2}).metadata == {"b": 2}
    assert desk.client.set_task_metadata(task.id, {}).metadata == {}
    task.set_metadata({"c": 3})
    task.refresh()
    assert task.metadata == {"c": 3}


def test_an_audit_accepts(desk: Desk) -> None:
    project = desk.project()
    task = desk.finished(project)
    desk.client.audit_task(task.id, True)
    task.refresh()
    assert_task(task.as_dict(), status="completed", customer_review_status="accepted")
    found = desk.client.get_tasks(project_name=project, review_status=TaskReviewStatus.Accepted)
    assert [entry.id for entry in found] == [task.id]


def test_an_audit_rejects_and_the_task_is_asked_again(desk: Desk) -> None:
    project = desk.project()
    task = desk.finished(project)
    task.audit(False, "the tail is missing")
    task.refresh()
    assert task.customer_review_status == "rejected"
    assert task.status == ("completed" if desk.is_test else "pending")


def test_only_completed_tasks_are_audited(live: Desk) -> None:
    with pytest.raises(ScaleInvalidRequest, match="only completed"):
        live.client.audit_task(live.task().id, True, "x")
