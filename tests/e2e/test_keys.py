"""A person's keys: other tools' presets, changed keys, conflicts, and that they follow the person."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.bench import Bench, Drawn
from tests.e2e.person import Person

CLASSES = "Car #3b82f6 box polygon\nPerson #a855f7 box"
CAR = Drawn("1", (60, 190, 180, 300))
PREFERENCES = "/auth/preferences"


@pytest.fixture(scope="module")
def project_id(_founder: Person, streets: list[Path]) -> str:
    made = _founder.make_project(name="Keys", classes=CLASSES, overlap=1, review="none")
    _founder.import_pictures(made, streets)
    return made


@pytest.fixture
def bench(owner: Person, project_id: str) -> Bench:
    """The labelling page with the keys as they come."""
    owner.ask("PATCH", PREFERENCES, {"preferences": {"keys": None, "recent_actions": None}})
    owner.page.evaluate("localStorage.clear()")
    bench = Bench(owner, project_id)
    bench.open()
    return bench


def open_map(bench: Bench) -> Locator:
    bench.page.keyboard.press("F1")
    found = bench.page.locator("[data-keymap]")
    expect(found).to_be_visible()
    return found


def close_map(bench: Bench) -> None:
    bench.page.locator("[data-keymap]").get_by_role("button", name="Close").click()


def add_key(keymap: Locator, action: str, *presses: str) -> None:
    """Search an action and press a further key for it."""
    keymap.get_by_role("searchbox").fill(action)
    keymap.get_by_role("button", name=f"{action}: add a key").click()
    for press in presses:
        keymap.page.keyboard.press(press)


def wait_until_kept(person: Person, preset: str) -> None:
    for _ in range(40):
        kept = person.ask("GET", PREFERENCES)["preferences"].get("keys", {})
        if kept.get("preset") == preset:
            return
        person.page.wait_for_timeout(100)
    raise AssertionError("the keys were not kept")


def test_keys_of_another_tool_work_and_follow_the_person(
    bench: Bench, owner: Person, add_person: Callable[[str], Person]
) -> None:
    page = bench.page
    bench.draw(CAR)
    open_map(bench).get_by_role("combobox").select_option("CVAT")
    close_map(bench)
    before = bench.item()
    page.keyboard.press("t")
    expect(page.locator(".waiting")).to_contain_text("T")
    page.keyboard.press("h")
    expect(bench.objects.get_by_role("button", name="Show")).to_have_count(1)
    page.keyboard.press("t")
    page.keyboard.press("h")
    expect(bench.objects.get_by_role("button", name="Show")).to_have_count(0)
    wait_until_kept(owner, "cvat")

    same_person = add_person(owner.name)
    same_person.sign_in()
    elsewhere = Bench(same_person, bench.project_id)
    elsewhere.open()
    expect(same_person.page.get_by_role("button", name="Submit F")).to_be_visible()
    same_person.page.close()

    page.keyboard.press("f")
    expect(page.locator("header .item").filter(has_text=before)).to_have_count(0)


def test_a_key_is_moved_or_left_where_it_is(bench: Bench) -> None:
    page = bench.page
    keymap = open_map(bench)
    add_key(keymap, "Draw a polygon", "b")
    claim = keymap.get_by_role("alert").filter(has_text="belongs to Draw a box")
    claim.get_by_role("button", name="Leave it there").click()
    expect(claim).to_have_count(0)
    add_key(keymap, "Draw a polygon", "b")
    claim.get_by_role("button", name="Move it here").click()
    keymap.get_by_role("button", name="By key").click()
    page.keyboard.press("b")
    expect(keymap.locator("li").filter(has_text="Draw a polygon")).to_have_count(1)
    expect(keymap.locator("li").filter(has_text="Draw a box")).to_have_count(0)
    close_map(bench)
    page.keyboard.press("b")
    expect(page.get_by_role("button", name="Draw a polygon", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )

    keymap = open_map(bench)
    keymap.get_by_role("button", name="Reset 2 changes").click()
    close_map(bench)
    page.keyboard.press("b")
    expect(page.get_by_role("button", name="Draw a box", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )


def test_two_presses_are_learnt_and_the_browsers_keys_refused(bench: Bench) -> None:
    page = bench.page
    keymap = open_map(bench)
    add_key(
        keymap,
        "Show the crosshair" if keymap.get_by_text("Show the crosshair").count() else "Crosshair",
        "k",
        "1",
    )
    close_map(bench)
    crosshair = page.get_by_role("button", name="Crosshair", exact=True)
    before = crosshair.get_attribute("aria-pressed")
    page.keyboard.press("k")
    page.keyboard.press("1")
    expect(crosshair).not_to_have_attribute("aria-pressed", str(before))

    keymap = open_map(bench)
    add_key(keymap, "Undo", "Control+Shift+i")
    expect(keymap.get_by_role("alert")).to_contain_text("The browser keeps Ctrl+Shift+I for itself")


def test_a_key_map_is_saved_and_opened_as_a_file(bench: Bench, tmp_path: Path) -> None:
    page = bench.page
    keymap = open_map(bench)
    keymap.get_by_role("combobox").select_option("LabelMe")
    add_key(keymap, "Undo", "Control+Alt+u")
    expect(keymap.locator("li").filter(has_text="Undo").locator("kbd")).to_have_count(5)
    with page.expect_download() as started:
        keymap.get_by_role("button", name="Save", exact=True).click()
    target = tmp_path / "keys.json"
    started.value.save_as(target)
    kept = json.loads(target.read_text())
    assert (kept["preset"], kept["changes"]["labelme"]["edit.undo"]) == ("labelme", ["ctrl+z", "ctrl+alt+u"])

    keymap.get_by_role("combobox").select_option("goldsmith")
    keymap.get_by_label("A saved key map").set_input_files(target)
    expect(keymap.get_by_role("combobox")).to_have_value("labelme")
    nonsense = tmp_path / "nonsense.json"
    nonsense.write_text('{"format": 1}')
    keymap.get_by_label("A saved key map").set_input_files(nonsense)
    expect(page.get_by_text("holds no key map")).to_be_visible()
    expect(keymap.get_by_role("combobox")).to_have_value("labelme")


def test_the_palette_shows_first_what_was_used_last(bench: Bench) -> None:
    page = bench.page
    page.keyboard.press("Control+k")
    page.keyboard.type("fit the picture")
    page.keyboard.press("Enter")
    page.keyboard.press("Control+k")
    first = page.get_by_role("listbox", name="Actions").get_by_role("option").first
    expect(first).to_contain_text("Fit the picture")
    expect(first).to_contain_text("used lately")
