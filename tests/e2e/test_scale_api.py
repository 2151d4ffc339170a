"""A customer's script on Scale's client, and the people who do its work in Chromium."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import expect

from tests.e2e.bench import Bench, Drawn
from tests.e2e.person import Person
from tests.e2e.receiver import Receiver
from tests.integration.robustness.served import Served

scaleapi = pytest.importorskip("scaleapi")

AUTH = "scale-callback-auth"
CAR = Drawn("1", (80, 200, 240, 320))
PERSON = Drawn("2", (300, 180, 350, 300))
NEAR_PX = 3.0
GEOMETRIES = {"box": {"objects_to_annotate": ["Car", "Person"], "min_width": 5, "min_height": 5}}
ATTRIBUTES = {
    "parked": {
        "type": "category",
        "description": "Does it stand at the kerb?",
        "choices": ["no", "yes"],
        "conditions": {"label_condition": {"label": "Car"}},
    },
    "lights": {
        "type": "category",
        "description": "Are its lights on?",
        "choices": ["off", "on"],
        "conditions": {"label_condition": {"label": "Car"}, "attribute_conditions": [{"parked": "no"}]},
    },
}


class Customer(NamedTuple):
    """Somebody with a script."""

    client: Any
    receiver: Receiver
    auth_key: str


@pytest.fixture(scope="module")
def customer(_founder: Person, site: Served) -> Iterator[Customer]:
    key = _founder.ask("POST", "/workspaces/{w}/keys", {"name": "the script"})["secret"]
    receiver = Receiver()
    _founder.ask("PATCH", "/workspaces/{w}/callbacks/settings", {"private_hosts": [receiver.host]})
    auth_key = _founder.ask("POST", "/workspaces/{w}/callbacks/auth-key")["auth_key"]
    yield Customer(scaleapi.ScaleClient(key, api_instance_url=f"{site.url}/v1"), receiver, auth_key)
    receiver.close()


def project_of(owner: Person, name: str) -> str:
    """Goldsmith's id of a project that a script made."""
    found = owner.ask("GET", "/workspaces/{w}/projects")["items"]
    [project_id] = [str(project["project_id"]) for project in found if project["name"] == name]
    return project_id


def ask_two_and_review(owner: Person, project_id: str) -> None:
    """The lead wants two opinions of each task, and a look at all of them."""
    workflow = owner.ask("GET", f"/projects/{project_id}/workflow")["workflow"]
    wanted = {**workflow, "overlap": 2, "review": {**workflow["review"], "mode": "all"}}
    owner.ask("PUT", f"/projects/{project_id}/workflow", {"workflow": wanted, "note": "two opinions"})


def test_pictures(
    customer: Customer, owner: Person, add_person: Callable[[str], Person], streets: list[Path]
) -> None:
    client, pictures = customer.client, streets[:3]
    client.create_project(
        "Crossings", scaleapi.TaskType.ImageAnnotation,
        params={"instruction": "Box what moves.", "geometries": GEOMETRIES, "annotation_attributes": ATTRIBUTES},
    )  # fmt: skip
    project_id = project_of(owner, "Crossings")
    ask_two_and_review(owner, project_id)
    batch = client.create_batch("Crossings", "monday", callback=customer.receiver.url)
    made = {}
    for path in pictures:
        with path.open("rb") as file:
            upload = client.upload_file(file=file, project_name="Crossings")
        task = client.create_task(
            scaleapi.TaskType.ImageAnnotation, project="Crossings", batch="monday",
            attachment=upload.attachment_url, callback_url=customer.receiver.url,
            unique_id=path.stem, metadata={"name": path.name}, tags=["street"],
        )  # fmt: skip
        made[task.id] = path
    batch.finalize()

    bob, cleo = add_person("Bob"), add_person("Cleo")
    for person, role in ((bob, "annotator"), (cleo, "reviewer")):
        person.join(owner.invite(person.email, role=role, project="Crossings"))
    for person in (owner, bob):
        label_pictures(person, project_id, count=len(pictures))
    owner.wait_for_jobs()
    review = Bench(cleo, project_id, stage="review")
    review.open()
    for _ in pictures:
        review.wait_for_task()
        name = review.item()
        cleo.page.keyboard.press("a")
        expect(cleo.page.locator("header .item").filter(has_text=name)).to_have_count(0)

    told = customer.receiver.wait_for(set(made))
    for task_id, path in made.items():
        assert told[task_id].auth == customer.auth_key
        body = told[task_id].body
        assert body["response"] == body["task"]["response"]
        assert (body["task"]["status"], body["task"]["unique_id"]) == ("completed", path.stem)
        check_boxes(body["response"]["annotations"])
    paged = list(client.get_tasks("Crossings", batch_name="monday", tags=["street"], limit=2))
    assert {task.id for task in paged} == set(made)
    assert {task.status for task in paged} == {"completed"}
    assert client.batch_status("monday")["completed"] == len(made)
    assert client.get_batch("monday").status == "completed"


def label_pictures(person: Person, project_id: str, *, count: int) -> None:
    bench = Bench(person, project_id)
    bench.open()
    for _ in range(count):
        bench.wait_for_task()
        bench.draw(PERSON)
        bench.draw(CAR)
        expect(bench.objects).to_have_count(2)
        bench.page.get_by_role("list", name="Objects").get_by_role("listitem").filter(has_text="Car").click()
        form = bench.page.locator("[data-object-form]")
        expect(form.get_by_role("radiogroup", name="lights")).to_have_count(0)
        for question, answer in (("parked", "no"), ("lights", "on")):
            form.get_by_role("radiogroup", name=question).get_by_label(answer, exact=True).check()
        bench.submit()
    expect(bench.page.get_by_text("All done")).to_be_visible()
    bench.expect_delivered()


def check_boxes(annotations: list[dict[str, Any]]) -> None:
    """The response holds the boxes that were drawn, with what was said of them."""
    by_label = {annotation["label"]: annotation for annotation in annotations}
    assert sorted(by_label) == ["Car", "Person"]
    assert by_label["Car"]["attributes"] == {"parked": "no", "lights": "on"}
    assert by_label["Person"]["attributes"] == {}
    for label, drawn in (("Car", CAR), ("Person", PERSON)):
        box = by_label[label]
        assert box["type"] == "box"
        x0, y0, x1, y1 = drawn.box_xyxy
        assert [box["left"], box["top"], box["width"], box["height"]] == pytest.approx(
            [x0, y0, x1 - x0, y1 - y0], abs=NEAR_PX
        )
