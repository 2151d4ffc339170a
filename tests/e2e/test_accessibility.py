"""axe finds no serious fault on the pages where people work, light and dark; the way about by keyboard; less motion."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.bench import Bench, Drawn
from tests.e2e.person import Person

_AXE: Final = Path(__file__).resolve().parents[2] / "web/node_modules/axe-core/axe.min.js"
_SERIOUS: Final = frozenset({"serious", "critical"})
_RUN: Final = "axe.run(document, {resultTypes: ['violations']})"
_FOCUSED: Final = """() => {
  const at = document.activeElement;
  const region = at?.closest('[data-region], [data-canvas], header, nav, main, aside');
  const name = region?.getAttribute('aria-label') ?? region?.tagName.toLowerCase() ?? '';
  return [name, at?.tagName ?? ''];
}"""


def faults_of(page: Page) -> list[str]:
    """What axe finds serious or critical on a page as it stands."""
    if not _AXE.is_file():
        pytest.skip("axe-core is not installed: run npm ci in web/")
    page.evaluate(_AXE.read_text(encoding="utf-8"))
    found: dict[str, Any] = page.evaluate(_RUN)
    return [
        f"{violation['id']} ({violation['impact']}): {node['html'][:160]} {node['failureSummary'][:200]}"
        for violation in found["violations"]
        if violation["impact"] in _SERIOUS
        for node in violation["nodes"]
    ]


@pytest.fixture(scope="module")
def labelled(_founder: Person, streets: list[Path]) -> str:
    """A project with a task answered, one under way and more to come."""
    project_id = _founder.make_project(name="Access", classes="Car box\nPerson box", overlap=1, review="all")
    ontology = _founder.ask("GET", f"/projects/{project_id}/ontology")["ontology"]
    ontology["questions"] = [
        {"attribute_id": "wet", "name": "Wet road", "kind": "boolean", "options": [], "is_required": False},
        {
            "attribute_id": "light",
            "name": "Light",
            "kind": "choice",
            "options": [{"option_id": name, "name": name} for name in ("day", "dusk", "night")],
            "is_required": False,
        },
    ]
    _founder.ask("PUT", f"/projects/{project_id}/ontology", {"ontology": ontology, "note": "questions"})
    guide = {"instructions": "# Streets\nDraw **tight** boxes.\n\n- every car\n"}
    _founder.ask("PUT", f"/projects/{project_id}/instructions", guide)
    _founder.import_pictures(project_id, streets[:4])
    bench = Bench(_founder, project_id)
    bench.open()
    bench.draw(Drawn("1", (60, 190, 180, 300)))
    bench.submit()
    bench.draw(Drawn("1", (60, 190, 180, 300)))
    bench.draw(Drawn("2", (220, 180, 260, 300)))
    bench.expect_draft_kept()
    return project_id


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "path",
    [
        "/projects/{p}/label",
        "/projects/{p}/review",
        "/projects/{p}",
        "/projects/{p}?tab=items",
        "/projects/{p}?tab=quality",
        "/projects/{p}?tab=instructions",
    ],
)
def test_axe_finds_nothing_serious(owner: Person, labelled: str, path: str, scheme: Any) -> None:
    owner.page.emulate_media(color_scheme=scheme)
    owner.open(path.format(p=labelled))
    owner.page.wait_for_load_state("networkidle")
    expect(owner.page.get_by_role("heading").first).to_be_attached()
    assert faults_of(owner.page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("keys", "shown"),
    [
        (["Tab"], "section[aria-label='Selected object']"),
        (["F1"], "[data-keymap]"),
        (["Control+k"], "[data-palette]"),
        (["q"], "section.active"),
        (["Shift+Q"], "section[aria-label='Quick mode']"),
        (["w", "w"], "[role=dialog][aria-label=View]"),
        (["Tab", "Control+e"], "[data-class-picker]"),
        (["Control+Space"], "[role=group][aria-label='Skip: why?']"),
        (["F8"], "button[aria-label='Unfold the panel']"),
        (["F9"], "button[aria-label='Show the panels again']"),
    ],
)
def test_axe_finds_nothing_serious_in_what_keys_open(
    owner: Person, labelled: str, keys: list[str], shown: str, scheme: Any
) -> None:
    page = owner.page
    page.emulate_media(color_scheme=scheme)
    bench = Bench(owner, labelled)
    bench.open()
    for key in keys:
        page.keyboard.press(key)
    expect(page.locator(shown).first).to_be_visible()
    faults = faults_of(page)
    # What is remembered on this computer goes back to how it was.
    for key in [key for key in keys if key in {"F8", "F9"}]:
        page.keyboard.press(key)
    assert faults == []


def test_f6_goes_round_the_parts_of_the_page(owner: Person, labelled: str) -> None:
    page = owner.page
    bench = Bench(owner, labelled)
    bench.open()
    page.locator("canvas[data-canvas]").focus()
    places = []
    for _ in range(4):
        page.keyboard.press("F6")
        places.append(tuple(page.evaluate(_FOCUSED)))
    names = {name for name, _ in places}
    assert {"Tools", "Classes and objects"} <= names, places


def test_nothing_moves_for_those_who_asked_for_less_motion(owner: Person, labelled: str) -> None:
    page = owner.page
    page.emulate_media(reduced_motion="reduce")
    Bench(owner, labelled).open()
    moving = page.evaluate(
        "[...document.querySelectorAll('*')].filter((e) => { const s = getComputedStyle(e);"
        " return parseFloat(s.transitionDuration) > 0 || s.animationName !== 'none'; }).length"
    )
    assert moving == 0


@pytest.mark.parametrize(
    ("width", "height", "share"), [(1024, 640, 0.6), (1280, 720, 0.6), (2560, 1440, 0.7)]
)
def test_the_picture_keeps_most_of_the_room(
    owner: Person, labelled: str, width: int, height: int, share: float
) -> None:
    page = owner.page
    page.set_viewport_size({"width": width, "height": height})
    bench = Bench(owner, labelled)
    bench.open()
    area = bench.canvas.bounding_box()
    assert area is not None
    assert area["width"] * area["height"] >= share * width * height, area
    overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert overflow <= 0
    page.keyboard.press("F8")
    folded = bench.canvas.bounding_box()
    page.keyboard.press("F8")
    assert folded is not None
    assert folded["width"] > area["width"] + 200
    page.keyboard.press("F9")
    bare = bench.canvas.bounding_box()
    page.keyboard.press("F9")
    assert bare is not None
    assert (bare["width"], bare["height"] > height - 60) == (width, True)
