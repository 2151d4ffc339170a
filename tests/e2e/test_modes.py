"""Ways of working by keys alone: attributes, questions, quick mode, the object list; and fingers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.bench import Bench, Drawn
from tests.e2e.person import Person
from tests.e2e.pictures import coco_zip
from tests.e2e.test_console_project import bring

BOXES = [Drawn("1", (60, 190, 180, 300)), Drawn("1", (400, 200, 600, 330)), Drawn("2", (220, 180, 260, 300))]


def attribute(attribute_id: str, kind: str, *options: str, is_required: bool = False) -> dict[str, Any]:
    return {
        "attribute_id": attribute_id,
        "name": attribute_id.capitalize(),
        "kind": kind,
        "options": [{"option_id": option, "name": option.capitalize()} for option in options],
        "is_required": is_required,
    }


def make_project(person: Person, pictures: list[Path], *, name: str) -> str:
    """A project whose cars have attributes, with two questions about the picture."""
    project_id = person.make_project(name=name, classes="Car box\nPerson box", overlap=1, review="none")
    ontology = person.ask("GET", f"/projects/{project_id}/ontology")["ontology"]
    ontology["classes"][0]["attributes"] = [
        attribute("view", "choice", "front", "back", is_required=True),
        attribute("moving", "boolean"),
    ]
    ontology["questions"] = [
        attribute("wet", "boolean"),
        attribute("light", "choice", "day", "dusk", "night"),
    ]
    person.ask("PUT", f"/projects/{project_id}/ontology", {"ontology": ontology, "note": "attributes"})
    if pictures:
        person.import_pictures(project_id, pictures)
    return project_id


def submitted(person: Person, project_id: str) -> list[Any]:
    """The labellings handed in so far, oldest first."""
    tasks = person.ask("GET", f"/projects/{project_id}/tasks?limit=50")["items"]
    found = [person.ask("GET", f"/tasks/{task['task_id']}")["submissions"] for task in tasks]
    flat = [submission for submissions in found for submission in submissions if submission["is_mine"]]
    return [s["labelling"] for s in sorted(flat, key=lambda s: s["created_ms"])]


def press(bench: Bench, *keys: str) -> None:
    for key in keys:
        bench.page.keyboard.press(key)


def quick(bench: Bench) -> Locator:
    return bench.page.get_by_role("region", name="Quick mode")


def test_attributes_and_questions_are_answered_by_digits(owner: Person, streets: list[Path]) -> None:
    project_id = make_project(owner, streets[:2], name="Digits")
    bench = Bench(owner, project_id)
    bench.open()
    for drawn in BOXES:
        bench.draw(drawn)
    press(bench, "Shift+E", "1", "2", "Enter", "2", "1", "Escape")
    press(bench, "q", "2", "3", "Escape")
    bench.submit()
    bench.expect_delivered()
    (labelling,) = submitted(owner, project_id)
    cars = [a for a in labelling["annotations"] if a["attributes"]]
    assert sorted((a["attributes"]["view"], a["attributes"]["moving"]) for a in cars) == [
        ("back", True),
        ("front", False),
    ]
    assert labelling["answers"] == {"wet": False, "light": "night"}


def test_tool_and_class_go_along_to_the_next_task(owner: Person, streets: list[Path]) -> None:
    project_id = owner.make_project(name="In hand", classes="Car box\nPerson box", overlap=1, review="none")
    owner.import_pictures(project_id, streets[:2])
    bench = Bench(owner, project_id)
    bench.open()
    bench.draw(BOXES[2])
    press(bench, "n")
    bench.submit()
    x0, y0, x1, y1 = BOXES[0].box_xyxy
    owner.page.mouse.move(*bench.at(x0, y0))
    owner.page.mouse.down()
    owner.page.mouse.move(*bench.at((x0 + x1) / 2, y1))
    owner.page.mouse.move(*bench.at(x1, y1))
    owner.page.mouse.up()
    expect(bench.objects).to_have_count(1)
    expect(bench.objects.first).to_contain_text("Person")


@pytest.fixture(scope="module")
def prelabelled(_founder: Person, tmp_path_factory: pytest.TempPathFactory) -> str:
    project_id = _founder.make_project(name="Given", classes="Other box", overlap=1, review="none")
    archive = coco_zip(tmp_path_factory.mktemp("given") / "given.zip", seed=5, count=3)
    bring(_founder, project_id, [archive], labels_as="prelabels", batch="Given")
    return project_id


def test_quick_mode_decides_takes_back_and_hands_in(owner: Person, prelabelled: str) -> None:
    bench = Bench(owner, prelabelled)
    bench.open()
    first = bench.item()
    given = bench.objects.count()
    assert given > 1
    press(bench, "Shift+Q")
    expect(quick(bench)).to_contain_text("Is this right")
    press(bench, "x", "a", "Backspace", "Backspace")
    expect(quick(bench)).to_contain_text("0 right, 0 wrong")
    press(bench, "x", *["a"] * (given - 1))
    expect(quick(bench)).to_contain_text("Is everything there?")
    # the moment lasts until the test has seen all of it, however slow the machine is
    owner.page.evaluate("() => { const at = Date.now(); window.realNow = Date.now; Date.now = () => at; }")
    press(bench, "a")
    expect(owner.page.locator("header .item").filter(has_text=first)).to_have_count(0)
    second = bench.item()

    # The answer is held for a moment: the last decision comes back with its task, and so does the rejected object.
    press(bench, "Backspace")
    expect(owner.page.locator("header .item")).to_contain_text(first)
    expect(quick(bench)).to_contain_text("Is everything there?")
    for _ in range(given):
        press(bench, "Backspace")
    expect(quick(bench)).to_contain_text("0 right, 0 wrong")
    press(bench, *["a"] * (given + 1))
    expect(owner.page.locator("header .item")).to_contain_text(second)
    press(bench, "Escape")
    owner.page.evaluate("() => { Date.now = window.realNow; }")
    bench.expect_delivered()
    (labelling,) = submitted(owner, prelabelled)
    assert len(labelling["annotations"]) == given


def test_quick_mode_pauses_for_what_is_missing_and_goes_on(owner: Person, streets: list[Path]) -> None:
    project_id = owner.make_project(name="Missing", classes="Car box", overlap=1, review="none")
    owner.import_pictures(project_id, streets[:2])
    bench = Bench(owner, project_id)
    bench.open()
    press(bench, "Shift+Q")
    expect(quick(bench)).to_contain_text("Is there nothing to label?")
    press(bench, "x")
    expect(quick(bench)).to_have_count(0)
    bench.draw(BOXES[0])
    bench.submit()
    expect(quick(bench)).to_contain_text("Is there nothing to label?")
    press(bench, "Escape")
    bench.expect_delivered()
    assert [len(one["annotations"]) for one in submitted(owner, project_id)] == [1]


def test_the_object_list_finds_sorts_and_relabels_by_keyboard(owner: Person, streets: list[Path]) -> None:
    page = owner.page
    project_id = owner.make_project(name="List", classes="Car box\nPerson box", overlap=1, review="none")
    owner.import_pictures(project_id, streets[:1])
    bench = Bench(owner, project_id)
    bench.open()
    for drawn in BOXES:
        bench.draw(drawn)
    press(bench, "Control+f")
    page.keyboard.type("car")
    expect(bench.objects).to_have_count(2)
    press(bench, "Enter", "Escape", "Escape", "Control+e")
    page.get_by_role("dialog", name="Another class").get_by_role("combobox").fill("per")
    press(bench, "Enter")
    expect(bench.objects.filter(has_text="Person")).to_have_count(3)
    press(bench, "Control+z")
    expect(bench.objects.filter(has_text="Car")).to_have_count(2)
    page.get_by_label("Order of the objects").select_option("By class")
    expect(bench.objects.first).to_contain_text("Car")
    press(bench, "Alt+h")
    expect(bench.objects.get_by_role("button", name="Show")).to_have_count(3)


def test_fingers_draw_and_two_of_them_zoom(owner: Person, streets: list[Path]) -> None:
    page = owner.page
    project_id = owner.make_project(name="Fingers", classes="Car box", overlap=1, review="none")
    owner.import_pictures(project_id, streets[:1])
    bench = Bench(owner, project_id)
    bench.open()
    session = page.context.new_cdp_session(page)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        spots = [{"x": x, "y": y, "id": i} for i, (x, y) in enumerate(points)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": spots})

    press(bench, "Escape", "f", "n")
    start, end = bench.at(60, 190), bench.at(180, 300)
    touch("touchStart", start)
    for share in (0.3, 0.6, 1.0):
        touch("touchMove", (start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share))
    touch("touchEnd")
    expect(bench.objects).to_have_count(1)

    zoom = page.locator("footer span[title=Zoom]")
    before = int(zoom.inner_text().split()[0])
    middle = bench.at(320, 190)
    touch("touchStart", (middle[0] - 40, middle[1]), (middle[0] + 40, middle[1]))
    for spread in (60, 80, 100, 120):
        touch("touchMove", (middle[0] - spread, middle[1]), (middle[0] + spread, middle[1]))
    touch("touchEnd")
    page.wait_for_timeout(100)
    assert int(zoom.inner_text().split()[0]) > before * 2
    expect(bench.objects).to_have_count(1)
