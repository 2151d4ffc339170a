"""One's own quality page: a pause, why, the appeal and its answer, all in browsers, until the work goes on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.bench import Bench, Drawn
from tests.e2e.crowd_world import Crowd
from tests.e2e.person import Person
from tests.e2e.test_accessibility import faults_of
from tests.e2e.test_pages import unnamed_controls
from tests.integration.robustness.served import Served

COUNT = 10
WHY = "Your boxes have been loose since Monday; let us talk first."
APPEAL = "I follow version 1 of the instructions, where shadows belong to the car."


class Crew(NamedTuple):
    """Who works in the project."""

    crowd: Crowd
    max: Person
    dee: Person


@pytest.fixture(scope="module")
def _crew(
    _founder: Person, chromium: Any, site: Served, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Crew]:
    crowd = Crowd(_founder, tmp_path_factory.mktemp("appeals"), name="Appeals", count=COUNT, overlap=3)
    people = {}
    for name, role in (("Max", "manager"), ("Bea", "annotator"), ("Dee", "annotator")):
        project = "" if role == "manager" else "Appeals"
        link = _founder.invite(f"{name.lower()}@example.org", role=role, project=project)
        people[name] = Person(chromium, site.url, name=name)
        people[name].join(link)
    assert crowd.label(people["Bea"], seed=1) == COUNT
    assert crowd.label(people["Dee"], seed=2, most=3) == 3
    assert crowd.label(people["Max"], seed=3, most=3) == 3
    _founder.wait_for_jobs()
    yield Crew(crowd, people["Max"], people["Dee"])
    faults = [fault for person in people.values() for fault in person.faults]
    for person in people.values():
        person.close()
    assert not faults, faults


@pytest.fixture
def crew(_crew: Crew, owner: Person) -> Crew:
    _crew.max.start_over()
    _crew.dee.start_over()
    return _crew


def open_people(person: Person, crew: Crew) -> None:
    person.open(f"/projects/{crew.crowd.project_id}?tab=quality&part=people")
    expect(person.page.get_by_role("table", name="People")).to_be_visible()


def pause(person: Person, crew: Crew, *, name: str, why: str) -> None:
    """Pause somebody on the project's quality page."""
    page = person.page
    open_people(person, crew)
    row = page.get_by_role("row").filter(has=page.get_by_role("button", name=f"Open {name}"))
    row.get_by_role("button", name=f"Pause… {name}").click()
    sheet = page.get_by_role("dialog", name=f"Decide about {name}")
    sheet.get_by_label("Why").fill(why)
    sheet.get_by_role("button", name="Pause the person").click()
    expect(row.get_by_text("paused", exact=True)).to_be_visible()


def answer(person: Person, crew: Crew, *, name: str, choice: str, why: str) -> None:
    """Answer the appeal of somebody on the project's quality page."""
    page = person.page
    open_people(person, crew)
    appeals = page.get_by_role("region", name="Appeals to answer", exact=True)
    expect(appeals).to_contain_text(APPEAL)
    appeals.get_by_role("button", name="Answer").click()
    sheet = page.get_by_role("dialog", name=f"Answer the appeal of {name}")
    sheet.get_by_label(choice).check()
    sheet.get_by_label("Why").fill(why)
    sheet.get_by_role("button", name="Answer", exact=True).click()
    expect(sheet).to_have_count(0)
    expect(appeals).to_have_count(0)


def card(page: Page, *, text: str) -> Locator:
    return page.get_by_role("article").filter(has_text=text)


def appeal(person: Person) -> None:
    """Follow the link from the labelling page to the own quality, and appeal there."""
    page = person.page
    page.get_by_role("link", name="See why, or appeal").click()
    page.get_by_role("button", name="This is wrong: appeal").click()
    page.get_by_label("Why it is wrong").fill(APPEAL)
    assert faults_in_both_schemes(page) == []
    page.get_by_role("button", name="Send the appeal").click()
    expect(card(page, text=APPEAL).first).to_contain_text("in force until your appeal is answered")


def finish_what_was_handed_out(bench: Bench) -> None:
    """Hand in the open task, and those that were fetched ahead of it, until nothing more comes."""
    paused = bench.page.get_by_role("heading", name="Your work here is paused")
    item = bench.page.locator("header .item")
    while item.count():
        before = item.inner_text()
        bench.page.keyboard.press("Control+Enter")
        expect(paused.or_(item.filter(has_not_text=before))).to_be_visible()


def faults_in_both_schemes(page: Page) -> list[str]:
    """What axe finds on a page as it stands, light and dark, and controls without a name."""
    page.wait_for_load_state("networkidle")
    found = unnamed_controls(page)
    schemes: tuple[Literal["light", "dark"], ...] = ("dark", "light")
    for scheme in schemes:
        page.emulate_media(color_scheme=scheme)
        found += [f"{scheme}: {fault}" for fault in faults_of(page)]
    return found


def test_who_is_paused_reads_why_appeals_and_works_on(crew: Crew, owner: Person) -> None:
    dee = crew.dee
    page = dee.page
    bench = Bench(dee, crew.crowd.project_id)
    pause(crew.max, crew, name="Dee", why=WHY)
    dee.expects_refusals = True
    bench.open_empty()
    expect(page.get_by_role("heading", name="Your work here is paused")).to_be_visible()
    expect(page.get_by_text(WHY)).to_be_visible()
    assert faults_in_both_schemes(page) == []
    appeal(dee)
    assert faults_in_both_schemes(page) == []
    answer(owner, crew, name="Dee", choice="Grant it", why="You are right; version 2 comes tomorrow.")
    granted = page.get_by_text("You are right; version 2 comes tomorrow.")
    expect(granted).to_be_attached()
    expect(page.get_by_text("Your work in Appeals is paused.")).to_have_count(0)
    assert faults_in_both_schemes(page) == []
    page.get_by_role("link", name="Go on labelling").click()
    bench.wait_for_task()
    bench.draw(Drawn("1", (60, 190, 180, 300)))
    bench.submit()
    bench.expect_delivered()


def test_a_refused_appeal_is_read_and_the_work_stays_paused_until_it_is_lifted(
    crew: Crew, owner: Person
) -> None:
    dee = crew.dee
    page = dee.page
    bench = Bench(dee, crew.crowd.project_id)
    bench.open()
    pause(owner, crew, name="Dee", why=WHY)
    dee.expects_refusals = True
    finish_what_was_handed_out(bench)
    expect(page.get_by_role("heading", name="Your work here is paused")).to_be_visible()
    appeal(dee)
    answer(crew.max, crew, name="Dee", choice="Refuse it", why="Version 3 is in force since Monday.")
    upheld = card(page, text="Version 3 is in force since Monday.")
    expect(upheld).to_contain_text("in force, the appeal was refused")
    expect(upheld.get_by_role("button", name="This is wrong: appeal")).to_have_count(0)
    expect(page.get_by_text("Your work in Appeals is paused.")).to_be_visible()
    assert faults_in_both_schemes(page) == []
    bench.open_empty()
    expect(page.get_by_role("heading", name="Your work here is paused")).to_be_visible()
    lead = crew.max.page
    shown = card(lead, text="Version 3 is in force since Monday.")
    shown.get_by_role("button", name="Lift").click()
    sheet = lead.get_by_role("dialog", name="Lift")
    sheet.get_by_label("Why").fill("We have talked.")
    sheet.get_by_role("button", name="Lift", exact=True).click()
    expect(sheet).to_have_count(0)
    bench.wait_for_task()


def test_who_is_concerned_does_not_answer(crew: Crew, owner: Person) -> None:
    """A manager who labels is paused by the owner; the own appeal shows no way to answer it."""
    mine = crew.max
    pause(owner, crew, name="Max", why=WHY)
    mine.expects_refusals = True
    Bench(mine, crew.crowd.project_id).open_empty()
    appeal(mine)
    open_people(mine, crew)
    appeals = mine.page.get_by_role("region", name="Appeals to answer", exact=True)
    expect(appeals.get_by_role("button", name="Answer")).to_be_disabled()
    answer(owner, crew, name="Max", choice="Grant it", why="Agreed.")
