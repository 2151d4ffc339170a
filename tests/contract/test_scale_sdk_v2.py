"""``client.v2`` of Scale's own client, through every method it has, over what its first version made."""

from __future__ import annotations

from typing import Any

import pytest
from scaleapi.api_client.v2 import (
    BatchOperationRequest,
    CreateBatchRequest,
    CreateChatTaskRequest,
    SetBatchMetadataRequest,
    SetTaskMetadataRequest,
)
from scaleapi.api_client.v2.api import V2Api
from scaleapi.api_client.v2.exceptions import (
    ApiException,
    BadRequestException,
    ConflictException,
    ForbiddenException,
    NotFoundException,
    UnauthorizedException,
)
from scaleapi.tasks import TaskType

from tests.contract.site import PLACES, Desk, Site
from tests.unit.compat.scale_v1.task_types.made import EXAMPLES


def test_projects(desk: Desk) -> None:
    name = desk.project()
    found = desk.client.v2.get_project(project_name=name)
    assert (found.name, found.types) == (name, ["imageannotation"])
    assert desk.client.v2.get_project(project_id=found.id) == found
    assert name in [project.name for project in desk.client.v2.get_projects().projects]
    assert desk.client.v2.get_projects(created_before="2020-01-01T00:00:00Z").projects == []


def test_a_batch_is_made_paused_resumed_and_cancelled(desk: Desk) -> None:
    v2, project = desk.client.v2, desk.project()
    project_id = v2.get_project(project_name=project).id
    name = desk.name("batch")
    made = v2.create_batch(CreateBatchRequest(name=name, project_name=project, metadata={"a": {"b": 1}}))
    assert (made.name, made.status, made.project.actual_instance) == (name, "in_progress", project_id)
    which = BatchOperationRequest(batch_id=made.id)
    task = desk.task(batch=name)
    if not desk.is_test:  # a batch of completed tasks cannot be held back
        paused = v2.pause_batch(which)
        assert paused.message and paused.batch.status == "paused"
        with pytest.raises(AssertionError, match="nothing is handed out"):
            desk.label(project)
        assert v2.resume_batch(which).batch.status == "in_progress"
        with pytest.raises(ConflictException):
            v2.resume_batch(which)
        assert v2.get_batch(batch_name=name).status == "in_progress"
        assert v2.cancel_batch(which).batch.status == "cancelled"
        with pytest.raises(ConflictException):
            v2.resume_batch(which)
        assert v2.get_task(task.id).status == "canceled"
        with pytest.raises(Exception, match="cancelled"):
            desk.task(batch=name)
    else:
        assert v2.get_batch(batch_name=name).status == "completed"
        with pytest.raises(ConflictException):
            v2.pause_batch(which)


def test_an_empty_batch_goes_through_its_states(desk: Desk) -> None:
    v2 = desk.client.v2
    made = v2.create_batch(CreateBatchRequest(name=desk.name(), project_name=desk.project()))
    which = BatchOperationRequest(batch_name=made.name)
    assert v2.pause_batch(which).batch.status == "paused"
    assert v2.resume_batch(which).batch.status == "in_progress"
    assert v2.cancel_batch(which).batch.status == "cancelled"
    with pytest.raises(ConflictException):
        v2.resume_batch(which)


def test_a_staged_batch_is_finalized(desk: Desk) -> None:
    v2, project = desk.client.v2, desk.project()
    made = v2.create_batch(CreateBatchRequest(name=desk.name(), project_name=project, staging_batch=True))
    assert made.status == "staging"
    which = BatchOperationRequest(batch_id=made.id)
    with pytest.raises(ConflictException):
        v2.pause_batch(which)
    assert v2.finalize_batch(which).status == "in_progress"
    with pytest.raises(BadRequestException):
        v2.finalize_batch(which)
    assert desk.client.get_batch(made.name).status == "in_progress"


def test_batches_are_found_and_listed(desk: Desk) -> None:
    v2, project = desk.client.v2, desk.project()
    names = [desk.batch(project) for _ in range(3)]
    found = v2.get_batch(batch_name=names[0], expand=["project"])
    assert found.project.actual_instance.name == project and found.status == "staging"
    first = v2.get_batches(project_name=project, limit=2, expand=["project"])
    assert [batch.name for batch in first.batches] == [names[2], names[1]]
    rest = v2.get_batches(project_name=project, limit=2, next_token=first.next_token)
    assert [batch.name for batch in rest.batches] == [names[0]] and rest.next_token is None
    assert v2.get_batches(project_name=project, status="completed").batches == []
    assert len(v2.get_batches(project_name=project, created_after="2020-01-01T00:00:00Z").batches) == 3
    assert v2.get_batches(project_name=project, completed_after="2020-01-01T00:00:00Z").batches == []


def test_metadata_is_replaced_and_merged(desk: Desk) -> None:
    v2, project = desk.client.v2, desk.project()
    batch = desk.batch(project, metadata={"a": {"b": 1}})
    put = SetBatchMetadataRequest(batch_name=batch, metadata={"a": {"c": 2}}, merge=True)
    assert v2.set_batch_metadata(put).metadata == {"a": {"b": 1, "c": 2}}
    put = SetBatchMetadataRequest(batch_name=batch, metadata={"d": 3})
    assert v2.set_batch_metadata(put).metadata == {"d": 3}
    task = desk.task(project=project, metadata={"a": {"b": 1}})
    put = SetTaskMetadataRequest(task_id=task.id, metadata={"a": {"c": 2}}, merge=True)
    assert v2.set_task_metadata(put).metadata == {"a": {"b": 1, "c": 2}}
    put = SetTaskMetadataRequest(task_id=task.id, metadata={})
    assert v2.set_task_metadata(put).metadata == {}
    assert desk.client.get_task(task.id).metadata == {}


def test_tasks_of_the_first_version(desk: Desk) -> None:
    v2, project = desk.client.v2, desk.project()
    batch = desk.batch(project)
    made = [desk.task(project=project, batch=batch, metadata={"n": number}) for number in range(3)]
    task = v2.get_task(made[0].id, expand=["project", "batch"])
    assert (task.task_id, task.metadata) == (made[0].id, {"n": 0})
    assert task.project.actual_instance.name == project and task.batch.actual_instance.name == batch
    assert task.status == made[0].status
    plain = v2.get_task(made[0].id)
    assert plain.project.actual_instance == v2.get_project(project_name=project).id
    first = v2.get_tasks(project_name=project, limit=2)
    rest = v2.get_tasks(project_name=project, limit=2, next_token=first.next_token)
    assert [entry.task_id for entry in [*first.tasks, *rest.tasks]] == [entry.id for entry in made[::-1]]
    assert rest.next_token is None
    everything = list(desk.client.v2_get_tasks(batch_name=batch, limit=1, expand=["batch"]))
    assert len(everything) == 3
    assert len(v2.get_tasks(project_name=project, status=made[0].status).tasks) == 3
    assert v2.get_tasks(project_name=project, status="canceled").tasks == []
    assert v2.get_tasks(project_name=project, completed_before="2020-01-01T00:00:00Z").tasks == []


def test_answers_are_annotations(site: Site) -> None:
    desk = site.desk("test")
    for name in ("categorization", "textcollection", "imageannotation"):
        params = {key: value for key, value in EXAMPLES[name].items() if key not in PLACES}
        made = desk.client.create_task(TaskType(name), **params)
        [thread] = desk.client.v2.get_task(made.id).threads
        assert thread.turns == [] and thread.annotations
        for entry in thread.annotations:
            annotation = entry.actual_instance
            found = desk.client.v2.get_annotation(annotation.id).actual_instance
            assert (found.key, found.type, found.value) == (annotation.key, annotation.type, annotation.value)
    with pytest.raises(NotFoundException):
        desk.client.v2.get_annotation(f"{made.id}.nothing")


def test_who_worked_on_a_task(live: Desk) -> None:
    task = live.finished(live.project())
    [thread] = live.client.v2.get_task(task.id, opts=["submissions"]).threads
    [submission] = thread.submissions
    assert submission.contributor_id.startswith("mem_") and submission.submitted_at is not None
    assert live.client.v2.get_task(task.id).threads[0].submissions is None


def test_chat_is_not_enabled(desk: Desk) -> None:
    with pytest.raises(ForbiddenException) as raised:
        desk.client.v2.create_chat_task(CreateChatTaskRequest(project_name=desk.project()))
    assert "not enabled" in raised.value.body


def test_there_are_no_deliveries_and_datasets(desk: Desk) -> None:
    v2 = desk.client.v2
    assert v2.get_deliveries().deliveries == []
    assert v2.get_datasets().datasets == []
    assert v2.get_dataset_deliveries(dataset_id="d").deliveries == []
    assert v2.get_dataset_tasks(dataset_id="d").tasks == []


@pytest.mark.parametrize(
    ("method", "given"),
    [
        ("get_delivery", {"delivery_id": "d"}),
        ("get_delivery_tasks", {"delivery_id": "d"}),
        ("get_dataset_delivery", {"delivery_id": "d"}),
        ("get_dataset_task", {"task_id": "d"}),
        ("get_dataset_task_response_url", {"task_id": "d", "attachment_id": "a"}),
        ("get_schema", {"schema_id": "s"}),
        ("get_task", {"task_id": "0" * 24}),
        ("get_project", {"project_name": "no such"}),
        ("get_batch", {"batch_id": "no such"}),
        ("get_annotation", {"annotation_id": "no such"}),
        ("get_tasks", {"project_name": "no such"}),
        ("get_batches", {"project_id": "no such"}),
    ],
)
def test_what_is_not_there(live: Desk, method: str, given: dict[str, Any]) -> None:
    with pytest.raises(NotFoundException) as raised:
        getattr(live.client.v2, method)(**given)
    assert '"status_code": 404' in raised.value.body


def test_wrong_requests(live: Desk, site: Site) -> None:
    v2 = live.client.v2
    with pytest.raises(BadRequestException):
        v2.get_project()
    with pytest.raises(BadRequestException):
        v2.cancel_batch(BatchOperationRequest())
    project = live.project()
    batch = live.batch(project)
    with pytest.raises(ConflictException):
        v2.create_batch(CreateBatchRequest(name=batch, project_name=project))
    with pytest.raises(UnauthorizedException):
        site.client("gsk_wrong").v2.get_projects()
    task = live.task(project=project)
    with pytest.raises(NotFoundException):
        site.client(site.stranger).v2.get_task(task.id)
    with pytest.raises(ApiException) as raised:
        site.client(site.annotator).v2.get_projects()
    assert raised.value.status == 403


def test_every_method_is_tried() -> None:
    tried = {
        "cancel_batch", "create_batch", "create_chat_task", "finalize_batch", "get_annotation", "get_batch",
        "get_batches", "get_dataset_deliveries", "get_dataset_delivery", "get_dataset_task",
        "get_dataset_task_response_url", "get_dataset_tasks", "get_datasets", "get_deliveries", "get_delivery",
        "get_delivery_tasks", "get_project", "get_projects", "get_schema", "get_task", "get_tasks", "pause_batch",
        "resume_batch", "set_batch_metadata", "set_task_metadata",
    }  # fmt: skip
    own = {name for name in vars(V2Api) if not name.startswith("_")}
    assert {
        name for name in own if not name.endswith(("_with_http_info", "_without_preload_content"))
    } == tried
