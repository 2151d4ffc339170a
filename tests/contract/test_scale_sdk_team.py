"""Scale's own client, unmodified: known answers, files, teams and Studio."""

from __future__ import annotations

import io

import httpx
import pytest
from scaleapi import TeammateRole
from scaleapi.exceptions import (
    ScaleDuplicateResource,
    ScaleInvalidRequest,
    ScaleResourceNotFound,
    ScaleUnauthorized,
)
from scaleapi.tasks import TaskType

from tests.contract.site import TIME, Desk, Site
from tests.unit.compat.scale_v1.task_types.made import EXAMPLES

# --- known answers

KNOWN = {
    "annotations": [
        {
            "type": "box",
            "label": "Cow",
            "left": 10,
            "top": 20,
            "width": 50,
            "height": 40,
            "attributes": {"lying": "no"},
        }
    ]
}


def test_an_evaluation_task_is_hidden_gold(desk: Desk) -> None:
    project = desk.project()
    made = desk.client.create_evaluation_task(
        TaskType.ImageAnnotation,
        **desk.payload(project=project),
        expected_response=KNOWN,
        initial_response=KNOWN,
    )
    assert made.expected_response == KNOWN and made.as_dict()["initial_response"] == KNOWN
    assert desk.client.get_tasks_count(project_name=project) == 0
    if not desk.is_test:
        project_id = desk.goldsmith_project(project)
        assert len(desk.ask(f"/projects/{project_id}/gold")["gold"]) == 1
        assert desk.ask(f"/projects/{project_id}/workflow")["workflow"]["gold_rate"] > 0


def test_a_training_task_is_a_lesson(desk: Desk) -> None:
    project = desk.project()
    for number in (1, 2):
        made = desk.client.create_training_task(
            TaskType.ImageAnnotation, **desk.payload(project=project), expected_response=KNOWN
        )
        assert made.expected_response == KNOWN
        if not desk.is_test:
            course = desk.ask(f"/projects/{desk.goldsmith_project(project)}/course")
            assert len(course["lessons"]) == number


@pytest.mark.parametrize("method", ["create_evaluation_task", "create_training_task"])
def test_a_known_answer_must_be_one(desk: Desk, method: str) -> None:
    make = getattr(desk.client, method)
    with pytest.raises(ScaleInvalidRequest, match='"expected_response" is required'):
        make(TaskType.ImageAnnotation, **desk.payload())
    wrong = {"annotations": [{**KNOWN["annotations"][0], "label": "Horse"}]}
    with pytest.raises(ScaleInvalidRequest, match="must be one of"):
        make(TaskType.ImageAnnotation, **desk.payload(), expected_response=wrong)


# --- files


def test_files_are_uploaded_and_imported(desk: Desk) -> None:
    project = desk.project()
    uploaded = desk.client.upload_file(
        io.BytesIO(desk.site.picture), project_name=project, display_name="A cow", reference_id="r1"
    ).as_dict()
    assert uploaded["attachment_url"].startswith("scaledata://")
    assert uploaded["attachment_url"].endswith(uploaded["id"])
    assert TIME.fullmatch(uploaded["created_at"]) and TIME.fullmatch(uploaded["updated_at"])
    assert {name: uploaded[name] for name in ("mime_type", "size", "project_names", "display_name")} == {
        "mime_type": "image/jpeg",
        "size": len(desk.site.picture),
        "project_names": [project],
        "display_name": "A cow",
    }
    imported = desk.client.import_file(f"{desk.site.pictures_url}/cow.jpg", project_name=project)
    assert imported.as_dict()["size"] == len(desk.site.picture)
    assert desk.task(project=project, attachment=imported.attachment_url).id
    with pytest.raises(ScaleInvalidRequest, match="fetched"):
        desk.client.import_file("http://169.254.169.254/latest")
    with pytest.raises(ScaleResourceNotFound):
        desk.client.upload_file(io.BytesIO(b"x"), project_name=desk.name())


def test_a_large_file_is_uploaded(desk: Desk) -> None:
    data = bytes(range(256)) * 8192
    uploaded = desk.client.upload_file(io.BytesIO(data), project_name=desk.project()).as_dict()
    assert (uploaded["size"], uploaded["mime_type"]) == (len(data), "application/octet-stream")
    with pytest.raises(ScaleUnauthorized):
        desk.site.client("gsk_wrong").upload_file(io.BytesIO(data))


def test_files_of_a_response_are_fetched_without_a_key(site: Site) -> None:
    task = site.desk("test").client.create_task(TaskType.SegmentAnnotation, **EXAMPLES["segmentannotation"])
    url = task.response["annotations"]["combined"]["indexedImage"]
    answer = httpx.get(url)
    assert answer.status_code == 200 and answer.headers["content-type"] == "image/png"
    assert answer.content.startswith(b"\x89PNG")
    assert httpx.get(url.replace("signature=", "signature=0")).status_code == 404
    assert httpx.get(url.replace("type=image%2Fpng", "type=text%2Fhtml")).status_code == 404


# --- teams and Studio


def test_a_team_is_listed_invited_and_given_roles(desk: Desk) -> None:
    address = f"anna{next(Desk._numbers)}@example.org"
    before = {person.email: person.role for person in desk.client.list_teammates()}
    assert before["owner@example.org"] == "admin" and address not in before
    invited = {
        person.email: person for person in desk.client.invite_teammates([address], TeammateRole.Labeler)
    }
    assert (invited[address].role, invited[address].is_studio_labeler) == ("labeler", True)
    changed = {p.email: p.role for p in desk.client.update_teammates_role([address], TeammateRole.Manager)}
    assert changed[address] == "manager"
    [person] = [entry for entry in desk.client.list_teammates() if entry.email == address]
    assert set(person.as_dict()) == {
        "email", "role", "company", "firstName", "lastName", "isStudioLabeler", "expiry",
    }  # fmt: skip
    person.update_teammate_role(TeammateRole.Member)
    with pytest.raises(ScaleResourceNotFound):
        desk.client.update_teammates_role(["nobody@example.org"], TeammateRole.Member)


def test_people_are_assigned_to_projects(desk: Desk) -> None:
    one, two = desk.project(), desk.project()
    who = "owner@example.org"
    added = desk.client.add_studio_assignments([who], [one, two])
    assert {one, two} <= set(added[who].assigned_projects)
    assert set(desk.client.list_studio_assignments()[who].assigned_projects) >= {one, two}
    left = desk.client.remove_studio_assignments([who], [one])[who].assigned_projects
    assert one not in left and two in left


def test_groups_of_a_project(desk: Desk) -> None:
    project, name, who = desk.project(), desk.name("group"), "owner@example.org"
    made = desk.client.create_project_group(project, [who], name)
    assert (made.name, made.numWorkers, made.isSingleton) == (name, 1, False)
    assert [worker["email"] for worker in made.as_dict()["workers"]] == [who]
    assert desk.client.update_project_group(project, name, [], [who]).numWorkers == 0
    assert desk.client.update_project_group(project, name, [who], []).numWorkers == 1
    assert [group.as_dict() for group in desk.client.list_project_groups(project)] == [made.as_dict()]
    with pytest.raises(ScaleDuplicateResource):
        desk.client.create_project_group(project, [], name)


def test_batches_of_studio_have_groups_and_an_order(desk: Desk) -> None:
    project = desk.project()
    one, two = desk.batch(project), desk.batch(project, calibration_batch=True)
    group = desk.client.create_project_group(project, [], desk.name("group")).name
    assert desk.client.assign_studio_batches(one, [group]).groups == [group]
    pending = [batch.name for batch in desk.client.list_studio_batches()]
    assert pending.index(one) < pending.index(two)
    ordered = desk.client.set_studio_batches_priorities([two, *(name for name in pending if name != two)])
    assert ordered[0].name == two and ordered[0].studio_priority == 1
    assert ordered[0].batch_type == "calibration" and ordered[0].total == 0
    assert ordered[0].project_name == project
    again = [batch.name for batch in desk.client.reset_studio_batches_priorities()]
    assert again == pending
    with pytest.raises(ScaleInvalidRequest, match="all pending"):
        desk.client.set_studio_batches_priorities([one])
