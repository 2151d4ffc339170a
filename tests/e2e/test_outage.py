"""A person works on while the server is dead, closes the tab, and comes back: everything arrives, once."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.bench import Bench, Drawn
from tests.e2e.person import Person
from tests.integration.robustness.served import Served

CLASSES = "Car #3b82f6 box\nPerson #a855f7 box"
BEFORE = [Drawn("1", (60, 190, 180, 300))]
IN_BETWEEN = [Drawn("1", (200, 190, 320, 300)), Drawn("2", (340, 180, 380, 290))]
"""The first was drawn while the server lived; both are handed in while it is dead."""
AFTERWARDS = [
    Drawn("2", (100, 150, 150, 290)),
    Drawn("1", (400, 200, 600, 330)),
    Drawn("2", (20, 20, 60, 90)),
]
TOLERANCE_PX = 2.0


def hand_in(bench: Bench, boxes: list[Drawn]) -> str:
    name = bench.item()
    for drawn in boxes:
        bench.draw(drawn)
    bench.submit()
    return name


class Detour:
    """The worst order of things when a tab comes back.

    The server says what is leased; then the kept answers arrive there; only then the page hears what is leased.
    """

    def __init__(self, page: Page) -> None:
        self._page = page
        self._is_told = False
        self._held: list[Route] = []
        page.route("**/api/v1/projects/*/leases", self._hear)
        page.route("**/api/v1/leases/*/submit", self._send)

    def _send(self, route: Route) -> None:
        if self._is_told:
            route.continue_()
        else:
            self._held.append(route)

    def _hear(self, route: Route) -> None:
        said = route.fetch()
        self._is_told = True
        for held in self._held:
            held.continue_()
        self._page.wait_for_timeout(1500)
        route.fulfill(response=said)


def submissions_of(owner: Person, project_id: str) -> dict[str, list[Any]]:
    """All submissions of a project, by the name of the picture, as the server has them."""
    rows = owner.ask("GET", f"/projects/{project_id}/tasks?limit=100")["items"]
    tasks = [owner.ask("GET", f"/tasks/{row['task_id']}") for row in rows]
    return {task["item"]["name"]: task["submissions"] for task in tasks if task["submissions"]}


def check_boxes(submission: Any, wanted: list[Drawn]) -> None:
    found = sorted(entry["geometry"]["box_xyxy"] for entry in submission["labelling"]["annotations"])
    expected = sorted(list(drawn.box_xyxy) for drawn in wanted)
    assert len(found) == len(expected), submission
    for ours, theirs in zip(found, expected, strict=True):
        assert all(abs(a - b) <= TOLERANCE_PX for a, b in zip(ours, theirs, strict=True)), (ours, theirs)


def work_through_an_outage(site: Served, person: Person, pictures: list[Path], *, seconds: float) -> None:
    project_id = person.make_project(
        name=f"Outage of {seconds:.0f} s", classes=CLASSES, overlap=1, review="none"
    )
    person.import_pictures(project_id, pictures)
    bench = Bench(person, project_id)
    bench.open()
    wanted = {hand_in(bench, BEFORE): BEFORE}
    bench.expect_delivered()

    bench.wait_for_task()
    person.page.wait_for_timeout(1000)  # the tasks behind the open one are fetched ahead
    bench.draw(IN_BETWEEN[0])
    person.is_server_away = True
    site.kill()
    wanted[hand_in(bench, IN_BETWEEN[1:])] = IN_BETWEEN
    bench.wait_for_task()
    expect(bench.status).to_contain_text("waiting")
    unfinished = bench.item()
    for drawn in AFTERWARDS[:2]:
        bench.draw(drawn)
    expect(bench.objects).to_have_count(2)
    person.page.wait_for_timeout(1000)  # drafts are kept within a second
    person.page.close()

    time.sleep(seconds)
    site.start()
    person.is_server_away = False
    Detour(person.new_tab())
    bench.open()
    assert bench.item() == unfinished
    expect(bench.objects).to_have_count(2)
    wanted[hand_in(bench, AFTERWARDS[2:])] = AFTERWARDS
    bench.expect_delivered()
    expect(bench.status).not_to_contain_text("not accepted")

    found = submissions_of(person, project_id)
    assert found.keys() == wanted.keys()
    assert Counter(len(submissions) for submissions in found.values()) == {1: 3}
    for name, [submission] in found.items():
        check_boxes(submission, wanted[name])


def test_the_server_dies_and_comes_back(site: Served, owner: Person, streets: list[Path]) -> None:
    work_through_an_outage(site, owner, streets, seconds=10)


@pytest.mark.soak
def test_the_server_is_away_for_two_minutes(site: Served, owner: Person, streets: list[Path]) -> None:
    work_through_an_outage(site, owner, streets, seconds=120)


def test_what_is_said_and_drawn_in_an_outage_arrives_once(
    site: Served, owner: Person, streets: list[Path]
) -> None:
    """A polygon, a step taken back and a comment at a place, made while the server is dead; the tab closes on them."""
    classes = "Car #3b82f6 box,polygon,ellipse"
    project_id = owner.make_project(name="Silence", classes=classes, overlap=1, review="none")
    owner.import_pictures(project_id, streets[:1])
    bench = Bench(owner, project_id)
    bench.open()
    bench.draw(BEFORE[0])
    bench.expect_draft_kept()
    owner.is_server_away = True
    site.kill()

    page = owner.page
    page.keyboard.press("p")
    for place in ((300, 100), (420, 120), (360, 220)):
        page.mouse.click(*bench.at(*place))
        page.wait_for_timeout(350)  # two quick clicks would close it
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(bench.objects).to_have_count(2)
    page.keyboard.press("b")
    bench.draw(AFTERWARDS[1])
    expect(bench.objects).to_have_count(3)
    page.keyboard.press("Control+z")
    expect(bench.objects).to_have_count(2)
    page.keyboard.press("Alt+n")
    page.mouse.click(*bench.at(360, 150))
    page.get_by_label("Comment at this place").fill("Is this a car?")
    page.keyboard.press("Enter")
    expect(page.get_by_text("on its way")).to_be_visible()
    page.wait_for_timeout(500)
    page.close()

    time.sleep(2)
    site.start()
    owner.is_server_away = False
    owner.new_tab()
    bench.open()
    expect(bench.objects).to_have_count(2)
    expect(owner.page.get_by_role("button", name="Comment 1: Is this a car?")).to_be_visible()
    owner.page.keyboard.press("Control+y")
    expect(bench.objects).to_have_count(3)
    bench.expect_draft_kept()
    bench.submit()
    bench.expect_delivered()
    ((name, [submission]),) = submissions_of(owner, project_id).items()
    kinds = [entry["geometry"]["kind"] for entry in submission["labelling"]["annotations"]]
    assert kinds == ["box", "polygon", "box"], name
    (row,) = owner.ask("GET", f"/projects/{project_id}/tasks?limit=10")["items"]
    threads = owner.ask("GET", f"/tasks/{row['task_id']}/comments")["items"]
    assert [(entry["text"], entry["is_mine"]) for entry in threads] == [("Is this a car?", True)]
