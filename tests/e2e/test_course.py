"""The course in the workbench: lessons with the known answer, an exam, the first real task, and exams that fail."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Locator, expect

from tests.e2e.bench import Bench, Drawn
from tests.e2e.lead_world import CLASSES
from tests.e2e.person import Person
from tests.e2e.school_world import TEXTS, School, drawn
from tests.e2e.test_own_quality import faults_in_both_schemes
from tests.integration.robustness.served import Served

EXTRA = Drawn("5", (560, 8, 630, 60))
MANY_COLOURS = 1000
"""A picture has them; an empty canvas with shapes does not."""


@pytest.fixture(scope="module")
def school(_founder: Person, chromium: Any, site: Served, tmp_path_factory: pytest.TempPathFactory) -> School:
    """A project with known answers, whose policy asks for a course of two lessons and an exam of two tasks."""
    link = _founder.invite("bea@example.org", role="manager")
    bea = Person(chromium, site.url, name="Bea")
    bea.join(link)
    made = School(_founder, bea, tmp_path_factory.mktemp("school"), name="School", lessons=2, exam=2, work=3)
    made.require(exam_tasks=2, pass_share=1.0, tries=2)
    bea.close()
    assert not bea.faults, bea.faults
    return made


@pytest.fixture
def newcomer(owner: Person, school: School, add_person: Callable[[str], Person]) -> Callable[[str], Person]:
    def come(name: str) -> Person:
        link = owner.invite(f"{name.lower()}@example.org", role="annotator", project="School")
        person = add_person(name)
        person.join(link)
        return person

    return come


def colours_of(shown: Locator) -> int:
    """How many colours are on the screen there."""
    found = Image.open(io.BytesIO(shown.screenshot())).convert("RGB")
    return len(found.getcolors(found.width * found.height) or [])


def plan_the_course(owner: Person, school: School) -> None:
    """Make the course with the form of the quality page."""
    page = owner.page
    owner.open(f"/projects/{school.project_id}?tab=quality&part=gold")
    page.get_by_role("button", name="From reviewed items").click()
    sheet = page.get_by_role("dialog", name="Make known answers")
    for name in (*school.lessons, *school.exam):
        sheet.get_by_role("checkbox", name=name).check()
    sheet.get_by_role("button", name="Make 4 items gold").click()
    expect(sheet).to_have_count(0)
    plan = page.get_by_role("region", name="Course for newcomers", exact=True)
    for name, text in zip(school.lessons, TEXTS, strict=True):
        plan.get_by_label(f"Place of {name}").select_option("lesson")
        plan.get_by_label(f"What {name} teaches").fill(text.replace("\n", " "))
    for name in school.exam:
        plan.get_by_label(f"Place of {name}").select_option("exam")
    plan.get_by_role("button", name="Save the course").click()
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()


def test_a_newcomer_learns_passes_the_exam_and_labels_the_first_task(
    site: Served, owner: Person, school: School, newcomer: Callable[[str], Person]
) -> None:
    plan_the_course(owner, school)
    nia = newcomer("Nia")
    page = nia.page
    bench = Bench(nia, school.project_id)
    nia.expects_refusals = True
    bench.open_empty()
    expect(page.get_by_role("heading", name="The course comes first")).to_be_visible()
    assert faults_in_both_schemes(page) == []
    page.get_by_role("link", name="To the course").click()
    bench.wait_for_task()
    expect(page.get_by_text("Lesson 1 of 2")).to_be_visible()

    known = school.known(bench.item())
    other = next(class_id for class_id in CLASSES if class_id != known[1]["class_id"])
    bench.draw(drawn(known[0]))
    bench.draw(drawn(known[1], class_id=other))
    bench.expect_draft_kept()
    page.reload()
    bench.wait_for_task()
    expect(bench.objects).to_have_count(2)
    bench.draw(EXTRA)
    expect(bench.objects).to_have_count(3)
    assert faults_in_both_schemes(page) == []
    page.get_by_role("button", name="Hand in").click()

    findings = page.get_by_role("complementary", name="What is to be learnt")
    expect(findings).to_contain_text(f"1 right, 2 wrong, {len(known) - 2} missed")
    expect(findings).to_contain_text("A box ends where the car ends.")
    rows = findings.get_by_role("listitem").get_by_role("button")
    expect(rows).to_have_count(len(known) + 1)
    expect(findings.get_by_text("Not there", exact=True)).to_have_count(1)
    expect(findings.get_by_text("Missed", exact=True)).to_have_count(len(known) - 2)
    expect(page.get_by_role("slider", name="Border between")).to_be_visible()
    assert colours_of(page.get_by_role("main")) > MANY_COLOURS
    assert faults_in_both_schemes(page) == []
    page.keyboard.press("j")
    expect(rows.first).to_have_attribute("aria-pressed", "true")
    assert faults_in_both_schemes(page) == []
    page.keyboard.press("k")
    expect(rows.last).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("b")
    expect(findings.get_by_role("button", name="Yours")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("b")
    expect(findings.get_by_role("button", name="Known")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("n")

    expect(page.get_by_text("Lesson 2 of 2")).to_be_visible()
    bench.wait_for_task()
    school_answer = school.known(bench.item())
    for annotation in school_answer:
        bench.draw(drawn(annotation))
    nia.is_server_away = owner.is_server_away = True
    site.kill()
    page.get_by_role("button", name="Hand in").click()
    expect(page.get_by_role("heading", name="Your answer is on its way")).to_be_visible()
    assert faults_in_both_schemes(page) == []
    site.start()
    expect(findings).to_contain_text("All right")
    expect(findings).to_contain_text("Who rides a bicycle")
    nia.is_server_away = owner.is_server_away = False
    assert faults_in_both_schemes(page) == []
    page.get_by_role("button", name="Go on").click()

    for number in (1, 2):
        expect(page.get_by_text(f"Exam, task {number} of 2")).to_be_visible()
        bench.wait_for_task()
        school.answer_right(bench)
        page.get_by_role("button", name="Hand in").click()
    expect(page.get_by_role("heading", name="The course is passed")).to_be_visible()
    expect(page.get_by_text("2 of 2 exam tasks right")).to_be_visible()
    assert faults_in_both_schemes(page) == []
    page.get_by_role("link", name="Start labelling").click()
    bench.wait_for_task()
    assert bench.item() not in {*school.lessons, *school.exam}
    bench.draw(Drawn("1", (60, 190, 180, 300)))
    bench.submit()
    bench.expect_delivered()


def test_an_exam_that_is_not_passed_may_be_tried_again_until_no_try_is_left(
    owner: Person, school: School, newcomer: Callable[[str], Person]
) -> None:
    school.make_course()
    oli = newcomer("Oli")
    page = oli.page
    bench = Bench(oli, school.project_id)
    oli.expects_refusals = True
    for _ in range(2):
        task = oli.ask("POST", f"/projects/{school.project_id}/course/next")
        lease = task["lease"]
        body = {
            "token": lease["token"],
            "request_key": lease["judgement_id"],
            "labelling": {"annotations": [], "answers": {}},
            "active_ms": 20_000,
            "ontology_version": task["ontology_version"],
            "instructions_version": task["instructions_version"],
        }
        oli.ask("POST", f"/leases/{lease['judgement_id']}/submit", body)
    oli.open(f"/projects/{school.project_id}/course")
    again = page.get_by_role("button", name="Try again")
    for left in (1, 0):
        for number in (1, 2):
            expect(page.get_by_text(f"Exam, task {number} of 2")).to_be_visible()
            bench.wait_for_task()
            page.get_by_role("button", name="Hand in").click()
        expect(page.get_by_role("heading", name="The exam was not passed")).to_be_visible()
        if left:
            assert faults_in_both_schemes(page) == []
            again.click()
    expect(page.get_by_text("Ask who leads the project")).to_be_visible()
    expect(again).to_have_count(0)
    assert faults_in_both_schemes(page) == []
    page.get_by_role("link", name="My quality").click()
    expect(page.get_by_text("which is not enough")).to_be_visible()
    assert faults_in_both_schemes(page) == []
    bench.open_empty()
    expect(page.get_by_role("heading", name="The course comes first")).to_be_visible()
    assert faults_in_both_schemes(page) == []
