"""Scale's own client, unmodified: who is given the tasks of a batch, and which batch goes first."""

from __future__ import annotations

import pytest
from httpx import HTTPStatusError
from scaleapi.api import Api
from scaleapi.exceptions import ScaleInvalidRequest, ScaleResourceNotFound
from scaleapi.tasks import TaskType

from tests.contract.site import Desk


def batch_of_one(desk: Desk, project: str) -> tuple[str, str]:
    """A finalized batch with one task; returns both names."""
    name = desk.batch(project)
    task = desk.task(project=project, batch=name)
    desk.client.finalize_batch(name)
    return name, str(task.id)


def test_the_tasks_of_a_batch_go_to_its_groups_alone(live: Desk) -> None:
    project = live.project()
    anna, ben = "anna.group@example.org", "ben.group@example.org"
    site = live.site
    first, second = site.labeler(anna), site.labeler(ben)
    batch, task_id = batch_of_one(live, project)
    project_id = live.goldsmith_project(project)
    with pytest.raises(HTTPStatusError):
        site.given(first, project_id)
    live.client.add_studio_assignments([ben], [project])
    assert site.given(second, project_id) == task_id
    live.client.create_project_group(project, [anna], "cow experts")
    assigned = live.client.assign_studio_batches(batch, ["cow experts"])
    assert assigned.groups == ["cow experts"]
    assert site.given(first, project_id) == task_id
    assert site.given(second, project_id) is None
    shown = live.ask(f"/projects/{project_id}/batches")["items"]
    assert [(entry["is_for_some"], entry["members"]) for entry in shown] == [(True, [anna])]
    live.client.update_project_group(project, "cow experts", [ben], [anna])
    assert (site.given(first, project_id), site.given(second, project_id)) == (None, task_id)
    live.client.update_project_group(project, "cow experts", [], [ben])
    assert (site.given(first, project_id), site.given(second, project_id)) == (None, None)
    assert live.client.assign_studio_batches(batch, []).groups == []
    assert site.given(first, project_id) == site.given(second, project_id) == task_id
    live.client.remove_studio_assignments([ben], [project])
    with pytest.raises(HTTPStatusError):
        site.given(second, project_id)


def test_a_batch_takes_a_priority(desk: Desk) -> None:
    project = desk.project()
    (one, first), (two, second) = batch_of_one(desk, project), batch_of_one(desk, project)
    answer = desk.site.raw(
        "POST", f"/v1/batches/{_in_path(two)}/prioritize", key=desk.key, json={"priority": 30}
    )
    assert (answer.status_code, answer.json()["name"]) == (200, two)
    if desk.is_test:
        return
    own = [batch for batch in desk.client.list_studio_batches() if batch.project_name == project]
    assert [batch.name for batch in own] == [two, one]
    assert own[0].studio_priority < own[1].studio_priority
    project_id = desk.goldsmith_project(project)
    assert desk.site.given(desk.key, project_id) == second
    desk.site.raw("POST", f"/v1/batches/{_in_path(one)}/prioritize", json={"priority": 20})
    late = desk.task(project=project, batch=two)
    with desk.people() as people:
        handed = [people.next_task(project_id) for _ in range(3)]
    order = [task.item.metadata["scale_task_id"] for task in handed if task is not None]
    assert order == [second, late.id, first]
    own = [batch for batch in desk.client.reset_studio_batches_priorities() if batch.project_name == project]
    assert [batch.name for batch in own] == [one, two]


@pytest.mark.parametrize("priority", [None, 9, 31, "high", True, 20.5])
def test_a_priority_must_be_one(desk: Desk, priority: object) -> None:
    batch = desk.batch(desk.project())
    path = f"batches/{_in_path(batch)}/prioritize"
    with pytest.raises(ScaleInvalidRequest, match='"priority"'):
        desk.client.api.post_request(path, body={"priority": priority})
    with pytest.raises(ScaleResourceNotFound):
        desk.client.api.post_request("batches/nobody/prioritize", body={"priority": 20})


def _in_path(name: str) -> str:
    return str(Api.quote_string(name))


def test_a_consensus_pipeline_asks_several_people(desk: Desk) -> None:
    name = desk.name("project")
    body = {"type": "imageannotation", "name": name, "studio": True, "pipeline": "consensus_task"}
    made = desk.client.api.post_request("projects", body={**body, "consensus_attempts": 4})
    assert (made["pipelineName"], made["numConsensus"]) == ("consensus_task", 4)
    if not desk.is_test:
        project_id = desk.goldsmith_project(name)
        assert desk.ask(f"/projects/{project_id}/workflow")["workflow"]["overlap"] == 4
    with pytest.raises(ScaleInvalidRequest, match="consensus_attempts"):
        desk.client.api.post_request("projects", body={**body, "name": desk.name(), "consensus_attempts": 0})


def test_a_known_answer_can_be_read_again(desk: Desk) -> None:
    box = {"type": "box", "label": "Cow", "left": 1, "top": 2, "width": 30, "height": 20}
    known = {"annotations": [{**box, "attributes": {"lying": "no"}}]}
    made = desk.client.create_evaluation_task(
        TaskType.ImageAnnotation, **desk.payload(project=desk.project()), expected_response=known
    )
    told = desk.client.get_task(made.id).as_dict()
    assert (told["purpose"], told["expected_response"]) == ("evaluation", known)
    assert "initial_response" not in told
