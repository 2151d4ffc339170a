"""The quality page: target and budget, simulation, audit, people and gold, on a project that a small crowd labelled."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.crowd_world import SPAMMER, Crowd
from tests.e2e.person import Person
from tests.e2e.test_accessibility import faults_of
from tests.integration.robustness.served import Served

COUNT = 12
GOOD = ("Bea", "Cem", "Dee")
SECTIONS = ("overview", "target", "simulation", "audit", "people", "gold")


class Desk:
    """The owner at the quality page."""

    def __init__(self, owner: Person, crowd: Crowd, people: dict[str, Person]) -> None:
        self.owner = owner
        self.crowd = crowd
        self.people = people
        self.project_id = crowd.project_id

    @property
    def page(self) -> Page:
        return self.owner.page

    def open(self, section: str) -> None:
        self.owner.open(f"/projects/{self.project_id}?tab=quality&part={section}")
        parts = self.page.get_by_role("navigation", name="Parts of quality")
        expect(parts.locator("[aria-current=page]")).to_be_visible()

    def ask(self, path: str) -> Any:
        return self.owner.ask("GET", f"/projects/{self.project_id}/{path}")

    def policy(self) -> dict[str, Any]:
        found: dict[str, Any] = self.ask("quality-policy")["policy"]
        return found

    def put_policy(self, **change: Any) -> None:
        self.owner.ask(
            "PUT",
            f"/projects/{self.project_id}/quality-policy",
            {"policy": self.policy() | change, "note": "set by a test"},
        )

    def panel(self, name: str) -> Locator:
        return self.page.get_by_role("region", name=name, exact=True)

    def member_id(self, name: str) -> str:
        rows = self.ask("quality")["annotators"]
        return next(str(row["member_id"]) for row in rows if row["name"] == name)


@pytest.fixture(scope="module")
def crew(
    _founder: Person, chromium: Any, site: Served, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Crowd, dict[str, Person]]]:
    """A project that three careful people labelled, and one who marked anything."""
    crowd = Crowd(_founder, tmp_path_factory.mktemp("crowd"), name="Crowd", count=COUNT, overlap=4)
    people = {}
    for name in (*GOOD, SPAMMER):
        link = _founder.invite(f"{name.lower()}@example.org", role="annotator", project="Crowd")
        people[name] = Person(chromium, site.url, name=name)
        people[name].join(link)
    for seed, name in enumerate(GOOD, start=1):
        assert crowd.label(people[name], seed=seed) == COUNT
    assert crowd.label(people[SPAMMER], seed=7, active_ms=1_500) == COUNT
    _founder.wait_for_jobs()
    yield crowd, people
    faults = [fault for person in people.values() for fault in person.faults]
    for person in people.values():
        person.close()
    assert not faults, faults


@pytest.fixture
def desk(owner: Person, crew: tuple[Crowd, dict[str, Person]]) -> Desk:
    return Desk(owner, *crew)


def test_the_overview_shows_labels_agreement_and_what_it_took(desk: Desk) -> None:
    page = desk.page
    desk.open("overview")
    wanted = desk.panel("Expected against wanted")
    expect(wanted).to_contain_text("No target is stated")
    expect(wanted.get_by_role("img", name="Expected right")).to_be_visible()
    expect(wanted).to_contain_text(f"{COUNT} / {COUNT}")
    spent = desk.panel("Judgements and cost")
    expect(spent).to_contain_text("4.00")
    expect(spent).to_contain_text("Without a rate there is no cost")
    expect(desk.panel("Labels").get_by_role("img", name="Objects by posterior")).to_be_visible()
    pairs = desk.panel("Agreement between people").get_by_role("link")
    expect(pairs).to_have_count(len((*GOOD, SPAMMER)) * len(GOOD))
    expect(desk.panel("Agreement by class").get_by_role("row").nth(1)).to_be_visible()
    page.get_by_role("link", name="State a target").click()
    expect(page.get_by_role("button", name="Save as version")).to_be_visible()


def test_a_target_is_simulated_before_it_is_saved_as_a_version(desk: Desk) -> None:
    page = desk.page
    desk.open("target")
    page.get_by_label("Where it is worth it").check()
    expect(page.get_by_role("alert")).to_contain_text("needs a target, or a budget")
    page.get_by_label("A share of objects that has to be right").check()
    page.get_by_label("Objects that are right").fill("92")
    page.get_by_label("Working time has a price").check()
    page.get_by_label("Pay for an hour").fill("18")
    page.get_by_label("Labels that say nothing").select_option(label="Pause the person")
    page.get_by_label("At most", exact=True).fill("6")
    expect(page.get_by_role("alert")).to_have_count(0)
    page.get_by_role("link", name="Simulate it first").click()
    expect(page.get_by_label("The policy")).to_have_value("draft")
    page.get_by_label("Tasks", exact=True).fill("120")
    page.get_by_role("button", name="Simulate").click()
    rows = page.get_by_role("table", name="Ways of asking").get_by_role("row")
    expect(rows.filter(has_text="chosen")).to_have_count(1)
    assert rows.count() > 4
    expect(page.get_by_role("img", name="Accuracy over cost")).to_be_visible()
    page.get_by_label("Across").select_option("cost")
    assert desk.policy()["target"] is None

    page.get_by_role("link", name="Target and budget").first.click()
    expect(page.get_by_label("Objects that are right")).to_have_value("92")
    page.get_by_label("Note for the version").fill("what the customer asks for")
    page.get_by_role("button", name="Save as version").click()
    versions = page.get_by_role("table", name="Versions of the quality policy")
    expect(versions.get_by_role("row").nth(1)).to_contain_text("what the customer asks for")
    policy = desk.policy()
    assert (policy["asking"], policy["target"], policy["most_judgements"]) == ("adaptive", 0.92, 6)
    assert (policy["rate_per_hour"], policy["consequences"]["spam"]) == (18, "pause")
    desk.open("overview")
    expect(desk.panel("Expected against wanted")).to_contain_text("target of 92.0 %")
    expect(desk.panel("Judgements and cost")).to_contain_text("An accepted label")
    expect(desk.panel("Judgements and cost")).to_contain_text(re.compile(r"€0\.\d+ to €0\.\d+"))


def test_supposed_people_are_simulated_group_by_group(desk: Desk) -> None:
    page = desk.page
    desk.open("simulation")
    page.get_by_label("The people").select_option("supposed")
    for button in page.get_by_role("button", name="Take out group").all()[1:]:
        button.click()
        break
    page.get_by_label("Group 1: right in per cent").fill("97")
    page.get_by_label("Group 1: people").fill("5")
    page.get_by_role("button", name="Group", exact=True).click()
    page.get_by_label("Tasks", exact=True).fill("100")
    page.get_by_role("button", name="Simulate").click()
    expect(page.get_by_text("5 × 97 % right")).to_be_visible()


def test_an_audit_closes_in_while_reviewers_work_and_another_is_stopped(desk: Desk) -> None:
    page = desk.page
    desk.open("audit")
    target = page.get_by_role("spinbutton", name="Objects that are right")
    start = page.get_by_role("button", name="Start", exact=True)
    target.fill("50")
    page.get_by_label("Tasks to review at most").fill("40")
    start.click()
    expect(desk.panel("Running")).to_contain_text(f"0 of {COUNT} tasks reviewed")
    expect(start).to_have_count(0)
    fixed = desk.crowd.review(verdict="fix", drop=1)
    assert fixed is not None
    found = page.get_by_role("table", name="Findings of the audit")
    expect(found.get_by_role("button", name=fixed)).to_be_visible()
    for _ in range(3):
        while desk.crowd.review(verdict="accept"):
            pass
        desk.owner.wait_for_jobs()
    proved = desk.panel("Proved")
    expect(proved).to_contain_text("50")
    expect(proved.get_by_role("img", name="Share of objects that are right")).to_be_visible()
    page.get_by_text("Readings in numbers").click()
    expect(page.get_by_role("table", name="Readings of the audit").get_by_role("row").nth(4)).to_be_visible()
    found.get_by_role("button", name=fixed).click()
    expect(page.get_by_role("dialog", name=fixed)).to_be_visible()
    page.keyboard.press("Escape")

    target.fill("99")
    start.click()
    expect(desk.panel("Running")).to_be_visible()
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(desk.panel("Stopped")).to_be_visible()
    audits = desk.panel("Audits").get_by_role("button")
    expect(audits).to_have_count(2)
    audits.last.click()
    expect(proved).to_be_visible()
    desk.open("overview")
    expect(desk.panel("Expected against wanted")).to_contain_text("Stopped:")


def test_somebody_is_paused_appeals_and_goes_on(desk: Desk) -> None:
    page = desk.page
    desk.open("people")
    table = page.get_by_role("table", name="People")
    row = table.get_by_role("row").filter(has=page.get_by_role("button", name="Open Dee"))
    expect(row.get_by_role("img", name="Skill of Dee")).to_be_visible()
    page.get_by_role("button", name="Open Dee").click()
    expect(page.get_by_role("link", name="Items labelled by Dee")).to_be_visible()
    row = table.get_by_role("row").filter(has=page.get_by_role("button", name="Close Dee"))
    row.get_by_role("button", name="Pause… Dee").click()
    sheet = page.get_by_role("dialog", name="Decide about Dee")
    sheet.get_by_label("Why").fill("Your boxes have changed since Monday. Let us talk first.")
    sheet.get_by_role("button", name="Pause the person").click()
    expect(row.get_by_text("paused", exact=True)).to_be_visible()

    dee = desk.people["Dee"]
    one = next(c for c in desk.ask("quality/consequences")["consequences"] if c["name"] == "Dee")
    answer = dee.page.evaluate(
        """async (project) => {
          const me = await (await fetch('/api/v1/auth/me')).json();
          const headers = {'Content-Type': 'application/json', 'X-CSRF-Token': me.csrf_token};
          const body = JSON.stringify({stage: 'label'});
          const got = await fetch(`/api/v1/projects/${project}/tasks/next`, {method: 'POST', headers, body});
          return [got.status, await got.text()];
        }""",
        desk.project_id,
    )
    dee.faults.clear()  # the browser complains of the refusal that was asked for
    assert answer[0] == 409, answer
    assert "paused" in answer[1]
    dee.ask("POST", f"/consequences/{one['consequence_id']}/appeal", {"text": "I follow version 2."})

    desk.open("people")
    appeals = desk.panel("Appeals to answer")
    expect(appeals).to_contain_text("I follow version 2.")
    appeals.get_by_role("button", name="Answer").click()
    sheet = page.get_by_role("dialog", name="Answer the appeal of Dee")
    sheet.get_by_label("Refuse it").check()
    sheet.get_by_label("Why").fill("Version 3 is in force.")
    sheet.get_by_role("button", name="Answer", exact=True).click()
    expect(sheet).to_have_count(0)
    card = desk.panel("Noticed and in force").get_by_role("article").filter(has_text="I follow version 2.")
    expect(card).to_contain_text("Version 3 is in force.")
    card.get_by_role("button", name="Lift").click()
    sheet = page.get_by_role("dialog", name="Lift")
    sheet.get_by_label("Why").fill("We have talked.")
    sheet.get_by_role("button", name="Lift", exact=True).click()
    expect(page.get_by_text("paused", exact=True)).to_have_count(0)
    dee.ask("POST", f"/projects/{desk.project_id}/tasks/next", {"stage": "label"})


def test_known_answers_are_made_retired_and_become_a_course(desk: Desk, tmp_path: Path) -> None:
    page = desk.page
    known = Crowd(desk.owner, tmp_path, name="Known", count=2, overlap=1, review="all", seed=3)
    bea = desk.member_id("Bea")
    desk.owner.ask("PUT", f"/projects/{known.project_id}/members/{bea}", {})
    known.label(desk.people["Bea"], seed=1)
    desk.owner.wait_for_jobs()
    for _ in range(2):
        known.review(verdict="accept")
    desk = Desk(desk.owner, known, desk.people)
    desk.open("gold")
    page.get_by_role("button", name="From reviewed items").click()
    sheet = page.get_by_role("dialog", name="Make known answers")
    boxes = sheet.get_by_role("checkbox")
    expect(boxes.first).to_be_visible()
    for number in (0, 1):
        boxes.nth(number).check()
    sheet.get_by_role("button", name="Make 2 items gold").click()
    table = page.get_by_role("table", name="Known answers")
    expect(table.get_by_role("row")).to_have_count(3)
    table.get_by_role("button", name="Retire").first.click()
    expect(table.get_by_role("row")).to_have_count(2)
    page.get_by_role("button", name="Retired · 1").click()
    table.get_by_role("button", name="Restore").click()
    expect(page.get_by_text("None of this sort.")).to_be_visible()
    page.get_by_role("button", name="In use · 2").click()

    plan = desk.panel("Course for newcomers")
    places = plan.get_by_role("combobox")
    places.nth(0).select_option("lesson")
    plan.get_by_role("textbox").fill("Mirrors belong to the car.")
    places.nth(1).select_option("exam")
    plan.get_by_role("button", name="Save the course").click()
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    course = desk.ask("course")
    assert [lesson["text"] for lesson in course["lessons"]] == ["Mirrors belong to the car."]
    assert len(course["exam"]) == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_in_any_section(desk: Desk, scheme: Any) -> None:
    page = desk.page
    page.emulate_media(color_scheme=scheme)
    found = {}
    for section in SECTIONS:
        desk.open(section)
        page.wait_for_load_state("networkidle")
        if section == "simulation":
            page.get_by_label("Tasks", exact=True).fill("60")
            page.get_by_role("button", name="Simulate").click()
            expect(page.get_by_role("table", name="Ways of asking")).to_be_visible()
        if section == "people":
            page.get_by_role("button", name="Open Bea").click()
        found[section] = faults_of(page)
    assert {name: faults for name, faults in found.items() if faults} == {}


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (2560, 1440)])
def test_every_section_fits_the_window(desk: Desk, width: int, height: int) -> None:
    page = desk.page
    page.set_viewport_size({"width": width, "height": height})
    too_wide = {}
    for section in SECTIONS:
        desk.open(section)
        page.wait_for_load_state("networkidle")
        too_wide[section] = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert {name: by for name, by in too_wide.items() if by > 0} == {}
