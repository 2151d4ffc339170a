"""Texts in the workbench: spans by mouse and by keys alone, whatever the script, relations, finding, and review."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.person import Person
from tests.e2e.test_accessibility import faults_of

TEXT: Final = """Ruling of 14 March 2023 👩‍⚖️

Anna de Vries, born in The Hague, worked for Acme Shipping in Bonn. Acme Shipping paid Anna nothing.
تعمل آنا في شركة أكمي للشحن في روتردام.
Cafe\u0301 closes. """ + "\n".join(f"Section {i} tells of Bonn and of the sea." for i in range(60))
ONTOLOGY: Final[dict[str, Any]] = {
    "classes": [
        {"class_id": "person", "name": "Person", "color": "#3b82f6", "geometry_kinds": ["span"]},
        {"class_id": "org", "name": "Organisation", "color": "#f59e0b", "geometry_kinds": ["span"]},
        {"class_id": "place", "name": "Place", "color": "#22c55e", "geometry_kinds": ["span"]},
    ],
    "questions": [],
    "relation_types": [
        {"relation_type_id": "works", "name": "works for", "from_class_ids": ["person"], "to_class_ids": ["org"]},
        {"relation_type_id": "left", "name": "has left", "from_class_ids": ["person"], "to_class_ids": ["org"]},
        {"relation_type_id": "near", "name": "near", "is_directed": False, "from_class_ids": ["place"]},
    ],
}  # fmt: skip
_SEND: Final = """async ([path, body]) => {
  const me = await (await fetch('/api/v1/auth/me')).json();
  const headers = {'Content-Type': 'application/x-ndjson', 'X-CSRF-Token': me.csrf_token};
  const answer = await fetch('/api/v1' + path, {method: 'POST', headers, body});
  return await answer.json();
}"""
_RECT: Final = """([part, nth]) => {
  const walker = document.createTreeWalker(document.querySelector('[data-text] .lines'), NodeFilter.SHOW_TEXT);
  const runs = [];
  let text = '';
  while (walker.nextNode()) { runs.push([text.length, walker.currentNode]); text += walker.currentNode.data; }
  let at = -1;
  for (let i = 0; i <= nth; i++) at = text.indexOf(part, at + 1);
  const spot = (unit) => { const run = runs.findLast(([start]) => start <= unit); return [run[1], unit - run[0]]; };
  const range = document.createRange();
  range.setStart(...spot(at));
  range.setEnd(...spot(at + part.length));
  const rects = [...range.getClientRects()].filter((rect) => rect.width > 0);
  const [first, last] = [rects[0], rects[rects.length - 1]];
  return [first.left, first.top + first.height / 2, last.right, last.top + last.height / 2];
}"""


class Desk:
    """A person at a text."""

    def __init__(self, person: Person, project_id: str, *, stage: str = "label") -> None:
        self.person = person
        self.project_id = project_id
        self._path = f"/projects/{project_id}/{stage}"

    @property
    def page(self) -> Page:
        """The tab at hand."""
        return self.person.page

    @property
    def text(self) -> Locator:
        """Where the text is."""
        return self.page.get_by_role("application")

    @property
    def rows(self) -> Locator:
        """The rows of the list of objects."""
        return self.page.get_by_role("list", name="Objects").locator("[data-row]")

    def open(self) -> None:
        """Open the page, with a task on it and the keys in the text."""
        self.person.open(self._path)
        expect(self.text).to_be_visible()
        hide = self.page.get_by_role("button", name="Hide the instructions")
        if hide.count():
            hide.click()
        self.text.focus()

    def rect(self, part: str, nth: int = 0) -> tuple[float, float, float, float]:
        """Where a part of the text begins and ends on the screen, in the middle of its lines."""
        x0, y0, x1, y1 = self.page.evaluate(_RECT, [part, nth])
        return x0, y0, x1, y1

    def drag(self, part: str, nth: int = 0, *, cut_px: float = 4) -> None:
        """Drag over a part of the text, beginning and ending a little inside."""
        x0, y0, x1, y1 = self.rect(part, nth)
        is_backward = x0 > x1
        step = -cut_px if is_backward else cut_px
        self.page.mouse.move(x0 + step, y0)
        self.page.mouse.down()
        self.page.mouse.move((x0 + x1) / 2, y1)
        self.page.mouse.move(x1 - step, y1)
        self.page.mouse.up()

    def click(self, part: str, nth: int = 0, *, count: int = 1) -> None:
        """Click on the first letter of a part."""
        x0, y0, _, _ = self.rect(part, nth)
        self.page.mouse.click(x0 + 4, y0, click_count=count)

    def press(self, *keys: str) -> None:
        """Press keys one after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    def submit(self) -> dict[str, Any]:
        """Hand in, wait until it has arrived, and return what the server has."""
        with self.page.expect_response(lambda r: r.url.endswith("/submit") and r.ok) as sent:
            self.press("Control+Enter")
        body: dict[str, Any] = json.loads(sent.value.request.post_data or "{}")
        return dict(body["labelling"])


def marked(labelling: dict[str, Any]) -> list[tuple[str, str]]:
    """The class and the words of each span, in the order of the text."""
    spans = [(a["geometry"]["start"], a["geometry"]["end"], a["class_id"]) for a in labelling["annotations"]]
    return [(class_id, TEXT[start:end]) for start, end, class_id in sorted(spans)]


def related(labelling: dict[str, Any]) -> list[tuple[str, str, str]]:
    """The relations by the words of their ends."""
    words = {
        a["annotation_id"]: TEXT[a["geometry"]["start"] : a["geometry"]["end"]]
        for a in labelling["annotations"]
    }
    return sorted(
        (r["relation_type_id"], words[r["from_id"]], words[r["to_id"]]) for r in labelling["relations"]
    )


def start_project(owner: Person, name: str, *, review: str = "none", count: int = 2) -> str:
    """Make a project with some copies of the text."""
    workflow = {"overlap": 1, "review": {"mode": review, "share": 1.0, "posterior_below": 0.9}}
    body = {"name": name, "ontology": ONTOLOGY, "workflow": workflow}
    project_id = str(owner.ask("POST", "/workspaces/{w}/projects", body)["project_id"])
    lines = "\n".join(json.dumps({"name": f"ruling-{i}.txt", "text": TEXT}) for i in range(count))
    answer = owner.page.evaluate(_SEND, [f"/projects/{project_id}/items/bulk", lines])
    assert answer["created"] == count, answer
    return project_id


@pytest.fixture
def desk(owner: Person, request: pytest.FixtureRequest) -> Desk:
    """The labelling page with a text."""
    owner.page.evaluate("localStorage.clear()")
    made = Desk(owner, start_project(owner, request.node.name))
    made.open()
    return made


def test_spans_by_mouse_have_the_code_points_of_the_wire(desk: Desk) -> None:
    page = desk.page
    # A drag takes the whole of the words it cuts; two clicks take a word.
    desk.drag("Anna de Vries", cut_px=8)
    expect(page.locator("footer")).to_contain_text("“Anna de Vries”")
    desk.press("1")
    desk.click("Hague", count=2)
    page.get_by_role("group", name="Class of the chosen text").get_by_role("button", name="Place").click()
    # Over it a longer one, under which it stays.
    desk.drag("The Hague")
    desk.press("3")
    desk.drag("شركة أكمي للشحن")
    desk.press("2")
    desk.click("Cafe", count=2)
    desk.press("2")
    expect(desk.rows).to_have_count(5)
    # The end is dragged on by a word.
    desk.click("Cafe")
    handle = page.get_by_title("Drag the end").bounding_box()
    assert handle is not None
    page.mouse.move(handle["x"] + 5, handle["y"] + 8)
    page.mouse.down()
    x0, y0, _, _ = desk.rect("closes")
    page.mouse.move(x0 + 12, y0)
    page.mouse.up()
    assert marked(desk.submit()) == [
        ("person", "Anna de Vries"),
        ("place", "The Hague"),
        ("place", "Hague"),
        ("org", "شركة أكمي للشحن"),
        ("org", "Cafe\u0301 closes"),
    ]


def test_by_keys_alone_with_relations_undone_and_reloaded(desk: Desk) -> None:
    page = desk.page
    # To the third word of the third line; the signs of the first line are one stop each.
    desk.press("ArrowRight", "ArrowDown", "Home")
    expect(page.locator("footer")).to_contain_text("Line 3")
    desk.press("Shift+ArrowRight", "Shift+ArrowRight", "1")
    expect(desk.rows).to_have_count(1)
    expect(page.locator("footer")).to_contain_text("“Anna de Vries”")
    # The end one word on and two letters back, the beginning one word on and back.
    desk.press("Shift+ArrowLeft", "Shift+ArrowRight", "Alt+Shift+ArrowRight", "Alt+Shift+ArrowLeft")
    desk.press("Control+f")
    page.keyboard.type("acme shipping")
    expect(page.get_by_role("search").get_by_role("status")).to_have_text("1 of 2")
    desk.press("Enter", "Escape", "2", "m")
    expect(desk.rows).to_have_count(3)
    # From the person to the next span: the type is asked, as two are allowed.
    desk.press("Escape", "Control+Home", "Tab", "b", "Tab", "Enter")
    expect(page.get_by_role("group", name="Which relation?")).to_be_visible()
    desk.press("1")
    expect(page.get_by_role("region", name="Relations")).to_contain_text("works for")
    expect(page.locator("[data-relation] text")).to_have_text(["works for"])
    desk.press("Control+z")
    expect(page.locator("[data-relation]")).to_have_count(0)
    desk.press("Control+Shift+z")
    page.wait_for_timeout(1200)
    desk.open()
    expect(desk.rows).to_have_count(3)
    expect(page.locator("[data-relation]")).to_have_count(1)
    desk.press("Control+z", "Control+z")
    expect(desk.rows).to_have_count(2)
    desk.press("Control+Shift+z", "Control+Shift+z")
    labelling = desk.submit()
    assert marked(labelling) == [
        ("person", "Anna de Vries"),
        ("org", "Acme Shipping"),
        ("org", "Acme Shipping"),
    ]
    assert related(labelling) == [("works", "Anna de Vries", "Acme Shipping")]


def test_spans_over_each_other_have_lanes_and_what_is_far_is_found(desk: Desk) -> None:
    page = desk.page
    for part, key in (("Anna de Vries", "1"), ("Anna de", "2"), ("de Vries", "3")):
        desk.drag(part)
        # Nothing stays selected, whose ends would be taken hold of.
        desk.press(key, "Escape")
    pieces = page.locator(".piece").evaluate_all(
        "all => all.map(p => [p.textContent, p.dataset.ids.split(' ').length])"
    )
    assert pieces == [["Anna ", 2], ["de", 3], [" Vries", 2]]
    lanes = page.locator(".tag").evaluate_all("all => all.map(t => t.style.getPropertyValue('--lane'))")
    assert sorted(lanes) == ["0", "1", "2"]
    # A click takes the innermost, the next click the one around it.
    desk.press("Escape")
    desk.click("Vries")
    expect(page.locator("footer")).to_contain_text("“de Vries”")
    desk.click("Vries")
    expect(page.locator("footer")).to_contain_text("“Anna de Vries”")
    desk.press("Control+f")
    page.keyboard.type("Section 59")
    expect(page.get_by_role("search").get_by_role("status")).to_have_text("1 of 1")
    expect(page.locator("[data-block]").last).to_be_in_viewport()
    desk.press("Enter", "Escape", "3")
    expect(desk.rows).to_have_count(4)
    # Tab goes on to the first span, which is brought into view.
    desk.press("Tab")
    expect(page.locator(".piece").first).to_be_in_viewport()
    # The view is set: no tags, larger letters, another measure.
    page.get_by_role("button", name="View", exact=False).last.click()
    panel = page.get_by_role("dialog", name="View")
    expect(panel.get_by_role("region")).to_have_count(3)
    panel.get_by_label("Class tags").uncheck()
    expect(page.locator(".tag")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_at_a_text(desk: Desk, scheme: Any) -> None:
    desk.page.emulate_media(color_scheme=scheme)
    desk.drag("Anna de Vries")
    desk.press("1")
    desk.drag("The Hague")
    desk.press("Control+f")
    expect(desk.page.get_by_role("search")).to_be_visible()
    assert faults_of(desk.page) == []


def test_a_reviewer_sees_the_spans_and_mends_one(owner: Person, add_person: Callable[[str], Person]) -> None:
    project_id = start_project(owner, "Reviewed", review="all", count=1)
    bo = add_person("Bo")
    bo.join(owner.invite(bo.email, role="annotator", project="Reviewed"))
    task = bo.ask("POST", f"/projects/{project_id}/tasks/next", {"stage": "label"})
    start = TEXT.index("Anna de Vries")
    span = {"kind": "span", "start": start, "end": start + len("Anna")}
    answer = {
        "token": task["lease"]["token"],
        "request_key": "review-of-a-text-1",
        "labelling": {"annotations": [{"annotation_id": "a", "class_id": "person", "geometry": span}], "answers": {}},
        "active_ms": 4000,
        "ontology_version": task["ontology_version"],
        "instructions_version": task["instructions_version"],
    }  # fmt: skip
    bo.ask("POST", f"/leases/{task['lease']['judgement_id']}/submit", answer)
    owner.wait_for_jobs()
    desk = Desk(owner, project_id, stage="review")
    desk.open()
    page = desk.page
    # The consensus' span, and under it the line of the one who drew it.
    piece = page.locator(".piece")
    expect(piece).to_have_text("Anna")
    assert piece.evaluate("p => p.dataset.ids.split(' ').length") == 2
    desk.press("j")
    expect(page.locator("footer")).to_contain_text("“Anna”")
    desk.press("2")
    expect(page.locator("footer")).to_contain_text("“Anna”")
    desk.press("F2", "Shift+ArrowRight", "Shift+ArrowRight")
    expect(page.locator("footer")).to_contain_text("“Anna de Vries”")
    with page.expect_response(lambda r: r.url.endswith("/review") and r.ok) as sent:
        page.get_by_role("button", name="Submit fix").click()
    body = json.loads(sent.value.request.post_data or "{}")
    assert (body["verdict"], marked(body["labelling"])) == ("fix", [("person", "Anna de Vries")])
