"""Scale's own client, unmodified: each documented error by its class, and the wire past the client."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
import scaleapi
from scaleapi.exceptions import (
    ScaleDuplicateResource,
    ScaleInvalidRequest,
    ScaleResourceNotFound,
    ScaleUnauthorized,
)
from scaleapi.tasks import TaskType

from tests.contract.site import Desk, Site

# --- errors


def test_a_wrong_key(site: Site) -> None:
    for key in ("gsk_wrong", "live_abc", site.live + "x"):
        with pytest.raises(ScaleUnauthorized):
            site.client(key).projects()


def test_a_role_that_is_too_low(site: Site) -> None:
    with pytest.raises(ScaleUnauthorized, match="manager"):
        site.client(site.annotator).projects()


def test_another_workspace_and_the_other_mode_see_nothing(live: Desk) -> None:
    project = live.project()
    task, batch = live.task(project=project), live.batch(project)
    for key in (live.site.stranger, live.site.test):
        client = live.site.client(key)
        with pytest.raises(ScaleResourceNotFound, match="Task with that ID not found"):
            client.get_task(task.id)
        with pytest.raises(ScaleResourceNotFound):
            client.get_project(project)
        with pytest.raises(ScaleResourceNotFound):
            client.batch_status(batch)
        with (
            pytest.raises(ScaleInvalidRequest, match="was not found")
            if key == live.site.stranger
            else _nothing()
        ):
            client.create_task(TaskType.ImageAnnotation, **live.payload())
        assert project not in [entry.name for entry in client.projects()]
        client.create_project(project, TaskType.ImageAnnotation)


class _nothing:  # noqa: N801  reads as a context
    def __enter__(self) -> None: ...
    def __exit__(self, *_: object) -> None: ...


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"attachment": None}, '"attachment" is required'),
        ({"geometries": None}, '"geometries" is required'),
        ({"attachment": "no address"}, '"attachment" must be a valid uri'),
        ({"metadata": "text"}, '"metadata" must be an object'),
        ({"tags": "text"}, '"tags" must be an array'),
        ({"priority": "high"}, '"priority" must be a number'),
        ({"callback_url": "not a url"}, "the callback must be a URL"),
        ({"unique_id": 5}, '"unique_id" must be a string'),
        ({"project": 5}, '"project" must be a string'),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_wrong_parameters_are_named(desk: Desk, change: dict[str, Any], words: str) -> None:
    with pytest.raises(ScaleInvalidRequest) as raised:
        desk.client.create_task(TaskType.ImageAnnotation, **desk.payload(**change))
    assert words in raised.value.message


def test_unknown_and_taken_names(desk: Desk) -> None:
    project = desk.project()
    batch, no = desk.batch(project), desk.name("no such")
    for call in (
        lambda: desk.client.get_project(no),
        lambda: desk.client.update_project(no, instruction="x"),
        lambda: desk.client.get_batch(no),
        lambda: desk.client.finalize_batch(no),
        lambda: desk.client.create_batch(no, desk.name()),
        lambda: desk.client.get_task("0" * 24),
        lambda: desk.client.cancel_task("0" * 24),
        lambda: desk.client.set_task_tags("0" * 24, ["a"]),
        lambda: desk.task(project=no),
        lambda: desk.task(batch=no),
        lambda: desk.client.list_project_groups(no),
    ):
        with pytest.raises(ScaleResourceNotFound):
            call()
    with pytest.raises(ScaleDuplicateResource):
        desk.client.create_project(project, TaskType.ImageAnnotation)
    with pytest.raises(ScaleDuplicateResource):
        desk.client.create_batch(project, batch)
    with pytest.raises(ScaleInvalidRequest, match="belongs to the project"):
        desk.task(project=desk.project(), batch=batch)
    with pytest.raises(ScaleInvalidRequest, match="type of the project"):
        desk.client.create_task(TaskType.Categorization, project=project, attachment="x", categories=["a"])
    desk.client.finalize_batch(batch)
    with pytest.raises(ScaleInvalidRequest, match="finalized"):
        desk.client.finalize_batch(batch)


# --- the wire


def test_errors_are_in_scales_form(site: Site) -> None:
    answer = site.raw("GET", "/v1/task/nothing")
    assert answer.status_code == 404
    assert answer.json() == {"status_code": 404, "error": "Task with that ID not found."}
    for method, path in (("GET", "/v1/no/such/address"), ("PATCH", "/v1/projects"), ("GET", "/v1/project")):
        answer = site.raw(method, path)
        assert (answer.status_code, set(answer.json())) == (404, {"status_code", "error"})
    no_json = site.raw("POST", "/v1/projects", content=b"{", headers={"content-type": "application/json"})
    assert no_json.status_code == 400 and no_json.json()["status_code"] == 400
    without = httpx.get(f"{site.served.url}/v1/projects")
    assert without.status_code == 401 and without.json()["status_code"] == 401


def test_a_conflict_is_told_only_where_the_client_can_read_it(live: Desk) -> None:
    """On a body that is no object the client fails over a 409; so it must not come."""
    task = live.task()
    for method, path, more in (
        ("POST", "cancel", {}),
        ("POST", "cancel", {}),
        ("POST", "tags", {"json": ["a"]}),
        ("DELETE", "unique_id", {}),
    ):
        assert live.site.raw(method, f"/v1/task/{task.id}/{path}", **more).status_code in (200, 400)


def test_keys_of_test_mode_work_nowhere_else(site: Site) -> None:
    headers = {"Authorization": f"Bearer {site.test}"}
    answer = httpx.get(f"{site.served.url}/api/v1/workspaces/{site.workspace_id}", headers=headers)
    assert answer.status_code == 401 and "for tests" in answer.json()["detail"]


def test_every_method_of_the_client_is_tried() -> None:
    """What the client can do is tried above, or in the file of its second version."""
    own = {name for name in vars(scaleapi.ScaleClient) if not name.startswith("_")}
    assert own == {
        "add_studio_assignments", "add_task_tags", "assign_studio_batches", "audit_task", "batch_status", "batches",
        "cancel_task", "clear_task_unique_id", "create_batch", "create_evaluation_task", "create_project",
        "create_project_group", "create_task", "create_training_task", "delete_task_tags", "finalize_batch",
        "get_batch", "get_batches", "get_project", "get_project_template", "get_projects", "get_task", "get_tasks",
        "get_tasks_count", "import_file", "invite_teammates", "list_project_groups", "list_studio_assignments",
        "list_studio_batches", "list_teammates", "projects", "remove_studio_assignments",
        "reset_studio_batches_priorities", "set_batch_metadata", "set_studio_batches_priorities", "set_task_metadata",
        "set_task_tags", "tasks", "update_project", "update_project_group", "update_task_unique_id",
        "update_teammates_role", "upload_file", "v2_get_tasks",
    }  # fmt: skip
