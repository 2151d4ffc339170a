"""A long day at the bench: all in reach, hints that tell the truth, settings and keys that stay as they were set."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.bench import Bench, Drawn
from tests.e2e.person import Person
from tests.e2e.test_drafts import two_computers

KINDS = [
    "box",
    "rotated_box",
    "polygon",
    "polyline",
    "bezier",
    "ellipse",
    "point",
    "cuboid",
    "mask",
    "skeleton",
]
SKELETON = {
    "nodes": [
        {"node_id": "head", "name": "Head", "at": [0.5, 0.0]},
        {"node_id": "foot", "name": "Foot", "at": [0.5, 1.0]},
    ],
    "edges": [["head", "foot"]],
}
CLASSES = [
    {"class_id": "car", "name": "Car", "color": "#3b82f6", "geometry_kinds": KINDS, "skeleton": SKELETON}
]
PREFERENCES = "/auth/preferences"
OUT_OF_SIGHT = """bar => [...bar.querySelectorAll('button')].filter(button => {
  const {top, bottom, left, right} = button.getBoundingClientRect();
  return top < 0 || left < 0 || bottom > innerHeight || right > innerWidth;
}).map(button => button.ariaLabel)"""


@pytest.fixture
def bench(owner: Person, streets: list[Path], request: pytest.FixtureRequest) -> Bench:
    """The labelling page with a class that is drawn in every way, with keys and tools as they come."""
    owner.ask("PATCH", PREFERENCES, {"preferences": {"keys": None, "tools": None}})
    owner.page.evaluate("localStorage.clear()")
    body = {"name": request.node.name, "ontology": {"classes": CLASSES, "questions": []}}
    project_id = owner.ask("POST", "/workspaces/{w}/projects", body)["project_id"]
    owner.import_pictures(project_id, streets[:2])
    made = Bench(owner, project_id)
    made.open()
    return made


def wait_until_kept(owner: Person, name: str, fits: Callable[[Any], bool]) -> None:
    deadline_s = time.monotonic() + 10
    while not fits(owner.ask("GET", PREFERENCES)["preferences"].get(name)):
        assert time.monotonic() < deadline_s, f"{name} was not kept"
        time.sleep(0.1)


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (1280, 680), (1920, 1080), (2560, 1440)])
def test_every_tool_and_view_is_in_sight(bench: Bench, width: int, height: int) -> None:
    page = bench.page
    page.set_viewport_size({"width": width, "height": height})
    bar = page.get_by_role("toolbar", name="Tools and views")
    expect(bar.get_by_role("button", name="Map of all keys")).to_be_in_viewport(ratio=1)
    assert bar.get_by_role("button").count() > 30
    assert bar.evaluate(OUT_OF_SIGHT) == []
    assert bar.evaluate("bar => bar.scrollHeight <= bar.clientHeight")


def test_hints_name_the_keys_in_force(bench: Bench, owner: Person) -> None:
    page = bench.page
    hint = page.locator("footer .hint")
    page.keyboard.press("p")
    expect(hint).to_contain_text("Enter closes")
    keys = {"format": 1, "preset": "labelme", "changes": {"labelme": {"tool.select": ["x"]}}}
    owner.ask("PATCH", PREFERENCES, {"preferences": {"keys": keys}})
    bench.open()
    page.keyboard.press("p")
    expect(hint).to_contain_text("F closes")
    page.keyboard.press("x")
    expect(hint).to_contain_text("Click to select")
    page.keyboard.press(".")
    expect(hint).to_contain_text("X leaves")


def test_tools_stay_as_they_were_set(
    bench: Bench, owner: Person, add_person: Callable[[str], Person]
) -> None:
    page = bench.page
    page.keyboard.press("Shift+V")
    page.get_by_label("Size").fill("33")
    page.get_by_label("Size").press("Enter")
    page.get_by_role("button", name="Square").click()
    page.get_by_label("Other masks").select_option("spare")
    bench.canvas.focus()
    page.keyboard.press("]")
    size = page.get_by_label("Size").input_value()
    assert int(size) > 33
    wait_until_kept(owner, "tools", lambda kept: kept is not None and kept["size_px"] == int(size))

    other_computer = add_person(owner.name)
    other_computer.sign_in()
    elsewhere = Bench(other_computer, bench.project_id)
    page.goto("about:blank")  # the task is put down here
    elsewhere.open()
    bench.open()
    for at in (bench, elsewhere):
        at.page.bring_to_front()
        at.page.keyboard.press("Shift+V")
        expect(at.page.get_by_label("Size")).to_have_value(size)
        expect(at.page.get_by_role("button", name="Square")).to_have_attribute("aria-pressed", "true")
        expect(at.page.get_by_label("Other masks")).to_have_value("spare")


def test_the_merge_view_has_the_keys_of_the_person(
    owner: Person, add_person: Callable[[str], Person], streets: list[Path]
) -> None:
    changes = {"merge.theirs": ["q"], "merge.finish": ["g g"]}
    keys = {"format": 1, "preset": "goldsmith", "changes": {"goldsmith": changes}}
    owner.ask("PATCH", PREFERENCES, {"preferences": {"keys": keys}})
    bench, elsewhere = two_computers(owner, add_person, streets, project="Merged by own keys")
    elsewhere.objects.first.click()
    elsewhere.page.keyboard.press("Delete")
    elsewhere.expect_draft_kept()

    page = bench.page
    bench.objects.first.click()
    bench.canvas.focus()
    page.keyboard.press("Shift+ArrowRight")
    merge = page.get_by_role("dialog", name="Put two states together")
    expect(merge.get_by_text("1 of 1 to be decided")).to_be_visible()
    # neither the key that was given up nor what the page behind would do
    for press in ("2", "Control+z", "Delete"):
        page.keyboard.press(press)
    expect(merge.get_by_text("1 of 1 to be decided")).to_be_visible()
    page.keyboard.press("q")
    expect(merge.get_by_text("All decided")).to_be_visible()
    page.keyboard.press("g")
    page.keyboard.press("g")
    expect(merge).to_be_hidden()
    expect(bench.objects).to_have_count(1)
    bench.draw(Drawn("1", (300, 100, 380, 180)))
    expect(bench.objects).to_have_count(2)
    owner.ask("PATCH", PREFERENCES, {"preferences": {"keys": None}})
