"""A customer's script on Scale's client, and the people who do its work in Chromium."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from PIL import Image, ImageOps
from playwright.sync_api import expect

from tests.e2e.bench import PICTURE_PX, Bench, Drawn
from tests.e2e.person import Person
from tests.e2e.receiver import Receiver
from tests.e2e.test_accessibility import faults_of
from tests.integration.robustness.served import Served
from tests.pdf_files import pdf_of

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
    have_labelled(
        customer, owner, (add_person("Bob"), add_person("Cleo")), project="Crossings", pictures=streets[:3]
    )


@pytest.mark.soak
def test_twenty_real_pictures(
    customer: Customer, owner: Person, add_person: Callable[[str], Person], shared_data: Path, tmp_path: Path
) -> None:
    found = sorted((shared_data / "images").rglob("*.jpg"))[:20]
    assert len(found) == 20
    pictures = []
    for number, path in enumerate(found):
        with Image.open(path) as image:
            pictures.append(tmp_path / f"real-{number}.jpg")
            ImageOps.fit(image.convert("RGB"), PICTURE_PX).save(pictures[-1], quality=90)
    have_labelled(customer, owner, (add_person("Hal"), add_person("Ida")), project="Real", pictures=pictures)


def have_labelled(
    customer: Customer, owner: Person, people: tuple[Person, Person], *, project: str, pictures: list[Path]
) -> None:
    """Send pictures by script, label each twice and review it in browsers, and look at what the script is told."""
    client, (annotator, reviewer), batch_name = customer.client, people, f"{project} on Monday"
    client.create_project(
        project, scaleapi.TaskType.ImageAnnotation,
        params={"instruction": "Box what moves.", "geometries": GEOMETRIES, "annotation_attributes": ATTRIBUTES},
    )  # fmt: skip
    project_id = project_of(owner, project)
    ask_two_and_review(owner, project_id)
    batch = client.create_batch(project, batch_name, callback=customer.receiver.url)
    made = {}
    for path in pictures:
        with path.open("rb") as file:
            upload = client.upload_file(file=file, project_name=project)
        task = client.create_task(
            scaleapi.TaskType.ImageAnnotation, project=project, batch=batch_name,
            attachment=upload.attachment_url, callback_url=customer.receiver.url,
            unique_id=path.stem, metadata={"name": path.name}, tags=["street"],
        )  # fmt: skip
        made[task.id] = path
    batch.finalize()

    join(owner, annotator, role="annotator", project=project)
    join(owner, reviewer, role="reviewer", project=project)
    for person in (owner, annotator):
        label_pictures(person, project_id, count=len(pictures))
    owner.wait_for_jobs()
    accept_all(reviewer, project_id, count=len(pictures))

    told = customer.receiver.wait_for(set(made))
    for task_id, path in made.items():
        assert told[task_id].auth == customer.auth_key
        body = told[task_id].body
        assert body["response"] == body["task"]["response"]
        assert (body["task"]["status"], body["task"]["unique_id"]) == ("completed", path.stem)
        check_boxes(body["response"]["annotations"])
    paged = list(client.get_tasks(project, batch_name=batch_name, tags=["street"], limit=2))
    assert {task.id for task in paged} == set(made)
    assert {task.status for task in paged} == {"completed"}
    assert client.batch_status(batch_name)["completed"] == len(made)
    assert client.get_batch(batch_name).status == "completed"


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


TEXT = "Ada Lovelace wrote to Charles Babbage from London."
NAMES = {"Ada Lovelace": "1", "Charles Babbage": "1", "London": "2"}
"""What people mark, and the key of its label."""
_PLACE_OF = """([root, wanted]) => {
  const walker = document.createTreeWalker(document.querySelector(root), NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const at = node.data.indexOf(wanted);
    if (at < 0) continue;
    const range = document.createRange();
    range.setStart(node, at);
    range.setEnd(node, at + wanted.length);
    const { left, right, top, bottom } = range.getBoundingClientRect();
    return [left, right, (top + bottom) / 2];
  }
  return null;
}"""


def mark(person: Person, words: str, key: str) -> None:
    """Drag over some words and give them a label."""
    page = person.page
    left, right, y = page.evaluate(_PLACE_OF, ["[data-text] .lines", words])
    page.mouse.move(left + 1, y)
    page.mouse.down()
    page.mouse.move((left + right) / 2, y)
    page.mouse.move(right - 1, y)
    page.mouse.up()
    page.keyboard.press(key)
    page.keyboard.press("Escape")


def wait_for_task(person: Person) -> None:
    expect(person.page.locator("header .item")).to_be_visible()
    hide = person.page.get_by_role("button", name="Hide the instructions")
    if hide.count():
        hide.click()


def accept_all(person: Person, project_id: str, *, count: int) -> None:
    person.open(f"/projects/{project_id}/review")
    for _ in range(count):
        wait_for_task(person)
        shown = person.page.locator("header .item")
        name = shown.inner_text()
        person.page.keyboard.press("a")
        expect(shown.filter(has_text=name)).to_have_count(0)


def join(owner: Person, person: Person, *, role: str, project: str) -> None:
    person.join(owner.invite(person.email, role=role, project=project))


def test_named_entities(customer: Customer, owner: Person, add_person: Callable[[str], Person]) -> None:
    client = customer.client
    labels = [
        {"name": "Person", "description": "Somebody by name"},
        {"name": "Place", "description": "A town"},
    ]
    client.create_project("Letters", scaleapi.TaskType.NamedEntityRecognition, params={"labels": labels})
    project_id = project_of(owner, "Letters")
    ask_two_and_review(owner, project_id)
    task = client.create_task(
        scaleapi.TaskType.NamedEntityRecognition, project="Letters", text=TEXT, labels=labels,
        instruction="Mark who and where.", callback_url=customer.receiver.url, unique_id="letter 1",
    )  # fmt: skip
    dora, eli = add_person("Dora"), add_person("Eli")
    join(owner, dora, role="annotator", project="Letters")
    join(owner, eli, role="reviewer", project="Letters")
    for person in (owner, dora):
        person.open(f"/projects/{project_id}/label")
        wait_for_task(person)
        for number, (words, key) in enumerate(NAMES.items(), start=1):
            mark(person, words, key)
            expect(Bench(person, project_id).objects).to_have_count(number)
        person.page.keyboard.press("Control+Enter")
        expect(person.page.get_by_text("All done")).to_be_visible()
        Bench(person, project_id).expect_delivered()
    owner.wait_for_jobs()
    accept_all(eli, project_id, count=1)

    told = customer.receiver.wait_for({task.id})[task.id]
    assert told.auth == customer.auth_key
    found = {(entry["text"], entry["label"]) for entry in told.body["response"]["annotations"]}
    assert found == {("Ada Lovelace", "Person"), ("Charles Babbage", "Person"), ("London", "Place")}
    for entry in told.body["response"]["annotations"]:
        assert TEXT[entry["start"] : entry["end"]] == entry["text"]
    assert [found.id for found in client.get_tasks("Letters")] == [task.id]


FIELDS = [
    {"type": "category", "field_id": "tone", "title": "Tone", "required": True,
     "choices": [{"label": "Angry", "value": "angry"}, {"label": "Calm", "value": "calm"}]},
    {"type": "text", "field_id": "wish", "title": "What does the customer want?", "required": True},
    {"type": "number", "field_id": "sum", "title": "How much money is asked for?"},
]  # fmt: skip
LETTER = "The lamp was broken when it came. I want my 80 euros back."


def test_a_form(customer: Customer, owner: Person, add_person: Callable[[str], Person]) -> None:
    client = customer.client
    client.create_project("Complaints", scaleapi.TaskType.TextCollection, params={"fields": FIELDS})
    project_id = project_of(owner, "Complaints")
    ask_two_and_review(owner, project_id)
    task = client.create_task(
        scaleapi.TaskType.TextCollection, project="Complaints", instruction="Read and say.", fields=FIELDS,
        attachments=[{"type": "text", "content": LETTER}], callback_url=customer.receiver.url,
    )  # fmt: skip
    fay, gus = add_person("Fay"), add_person("Gus")
    join(owner, fay, role="annotator", project="Complaints")
    join(owner, gus, role="reviewer", project="Complaints")
    for person in (owner, fay):
        person.open(f"/projects/{project_id}/label")
        wait_for_task(person)
        page = person.page
        expect(page.get_by_role("article").get_by_text(LETTER)).to_be_visible()
        page.get_by_role("radio", name="Angry").check()
        page.get_by_role("textbox", name="What does the customer want?").fill("The money back")
        page.get_by_role("textbox", name="How much money is asked for?").fill("80")
        page.keyboard.press("Control+Enter")
        expect(page.get_by_text("All done")).to_be_visible()
        Bench(person, project_id).expect_delivered()
    owner.wait_for_jobs()
    accept_all(gus, project_id, count=1)

    told = customer.receiver.wait_for({task.id})[task.id]
    answers = told.body["response"]["annotations"]
    assert {key: answers[key]["response"] for key in ("tone", "wish", "sum")} == {
        "tone": [["angry"]], "wish": [["The money back"]], "sum": [[80]],
    }  # fmt: skip
    assert [found.status for found in client.get_tasks("Complaints")] == ["completed"]


PAGES = ["Invoice 4711", "Terms of payment", "Signed: Ada"]
PAGE_PX = (1240, 1755)
WORD_AT = (140.0, 160.0, 420.0, 215.0)
"""Where the words of a page stand, in its pixels."""
MARGIN_PX = 24


def draw_on_page(person: Person, box_xyxy: tuple[float, float, float, float]) -> None:
    """Draw a box on the page that is looked at, while it fits the canvas."""
    page = person.page
    page.keyboard.press("f")
    page.keyboard.press("n")
    area = page.locator("canvas[data-canvas]").bounding_box()
    assert area is not None
    room = (area["width"] - 2 * MARGIN_PX, area["height"] - 2 * MARGIN_PX)
    scale = min(room[0] / PAGE_PX[0], room[1] / PAGE_PX[1])
    left = area["x"] + (area["width"] - PAGE_PX[0] * scale) / 2
    top = area["y"] + (area["height"] - PAGE_PX[1] * scale) / 2
    page.mouse.move(left + box_xyxy[0] * scale, top + box_xyxy[1] * scale)
    page.mouse.down()
    page.mouse.move(left + box_xyxy[2] * scale - 5, top + box_xyxy[3] * scale - 5)
    page.mouse.move(left + box_xyxy[2] * scale, top + box_xyxy[3] * scale)
    page.mouse.up()


def transcribe(person: Person, project_id: str) -> None:
    """Box the words of the first and the last page and write them down."""
    person.open(f"/projects/{project_id}/label")
    wait_for_task(person)
    page = person.page
    pages = page.get_by_role("navigation", name="Pages")
    expect(pages.get_by_role("listitem")).to_have_count(len(PAGES))
    expect(pages.get_by_role("status")).to_have_text("1 / 3")
    for number, key in ((0, ""), (2, "PageDown")):
        for _ in range(number):
            page.keyboard.press(key)
        expect(pages.get_by_role("status")).to_have_text(f"{number + 1} / 3")
        draw_on_page(person, WORD_AT)
        field = page.locator("[data-object-form]").get_by_role("textbox", name="text")
        field.fill(PAGES[number])
        field.press("Escape")
    expect(Bench(person, project_id).objects).to_have_count(2)
    page.get_by_role("button", name="Page 1, objects: 1").click()
    expect(pages.get_by_role("status")).to_have_text("1 / 3")
    page.locator("canvas[data-canvas]").hover()
    page.mouse.wheel(0, 600)
    expect(pages.get_by_role("status")).to_have_text("2 / 3")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("All done")).to_be_visible()
    Bench(person, project_id).expect_delivered()


def finalise(owner: Person, project_id: str, *, batch: str, kind: str) -> None:
    """Hand a staged batch out by the console."""
    owner.open(f"/projects/{project_id}?tab=batches")
    row = owner.page.get_by_role("list", name="Batches").get_by_role("listitem").filter(has_text=batch)
    for said in (kind, "staged", "0 / 1"):
        expect(row).to_contain_text(said)
    row.get_by_role("button", name="Finalise").click()
    expect(row.get_by_role("button", name="Pause")).to_be_visible()
    expect(row).to_contain_text("open")


def test_a_pdf_of_three_pages(
    customer: Customer, owner: Person, add_person: Callable[[str], Person], tmp_path: Path
) -> None:
    client, features = customer.client, [{"type": "text", "label": "words"}]
    client.create_project("Papers", scaleapi.TaskType.DocumentTranscription, params={"features": features})
    project_id = project_of(owner, "Papers")
    ask_two_and_review(owner, project_id)
    (tmp_path / "invoice.pdf").write_bytes(pdf_of(PAGES))
    with (tmp_path / "invoice.pdf").open("rb") as file:
        upload = client.upload_file(file=file, project_name="Papers")
    client.create_batch("Papers", "Trial", calibration_batch=True)
    task = client.create_task(
        scaleapi.TaskType.DocumentTranscription, project="Papers", batch="Trial", features=features,
        attachment=upload.attachment_url, callback_url=customer.receiver.url,
    )  # fmt: skip
    owner.wait_for_jobs()
    finalise(owner, project_id, batch="Trial", kind="calibration")
    hana, ivo = add_person("Hana"), add_person("Ivo")
    join(owner, hana, role="annotator", project="Papers")
    join(owner, ivo, role="reviewer", project="Papers")
    hana.open(f"/projects/{project_id}/label")
    expect(hana.page.get_by_role("navigation", name="Pages")).to_be_visible()
    assert faults_of(hana.page) == []
    hana.page.keyboard.press("Shift+w")
    expect(hana.page.get_by_label("Tolerance")).to_be_visible()
    for person in (owner, hana):
        transcribe(person, project_id)
    owner.wait_for_jobs()
    accept_all(ivo, project_id, count=1)

    body = customer.receiver.wait_for({task.id})[task.id].body
    assert [page["width"] for page in body["task"]["document_pages"]] == [PAGE_PX[0]] * 3
    found = sorted(body["response"]["annotations"], key=lambda entry: entry["page"])
    assert [(entry["page"], entry["label"], entry["text"]) for entry in found] == [
        (0, "words", PAGES[0]),
        (2, "words", PAGES[2]),
    ]
    x0, y0, x1, y1 = WORD_AT
    for entry in found:
        box = entry["location"]
        assert [box["left"], box["top"], box["width"], box["height"]] == pytest.approx(
            [x0, y0, x1 - x0, y1 - y0], abs=2 * NEAR_PX
        )
    owner.open(f"/projects/{project_id}?tab=items")
    cover = owner.page.get_by_role("button", name="Open invoice.pdf").locator("img")
    expect(cover).to_be_visible()
    owner.page.wait_for_function("image => image.naturalWidth > 100", arg=cover.element_handle())
    cover.click()
    expect(
        owner.page.get_by_role("region", name="Pages of invoice.pdf").get_by_role("img")
    ).not_to_have_count(0)
    assert faults_of(owner.page) == []
