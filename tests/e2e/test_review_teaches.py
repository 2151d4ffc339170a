"""Review that teaches: the annotator sees what became of the work, answers, and changes it where that is allowed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from playwright.sync_api import Page, expect

from tests.e2e.bench import Bench, Drawn
from tests.e2e.person import Person

CLASSES = "Car #3b82f6 box\nPerson #a855f7 box"
BOXES = [Drawn("1", (60, 190, 180, 300)), Drawn("2", (220, 180, 260, 300))]
MISSED = Drawn("1", (400, 200, 600, 330))


class Office(NamedTuple):
    """A project where all is reviewed, and one who labels in it."""

    project_id: str
    bea: Person


def office(owner: Person, add_person: Callable[[str], Person], streets: list[Path], *, name: str) -> Office:
    project_id = owner.make_project(name=name, classes=CLASSES, overlap=1, review="all")
    owner.import_pictures(project_id, streets[:2])
    bea = add_person(f"Bea{name}")
    bea.join(owner.invite(bea.email, role="annotator", project=name))
    return Office(project_id, bea)


def hand_in(bea: Person, project_id: str) -> str:
    """Label one picture; returns its name."""
    bench = Bench(bea, project_id)
    bench.open()
    name = bench.item()
    for drawn in BOXES:
        bench.draw(drawn)
    expect(bench.objects).to_have_count(2)
    bench.submit()
    bench.expect_delivered()
    return name


def open_review(owner: Person, project_id: str) -> Bench:
    owner.wait_for_jobs()
    bench = Bench(owner, project_id, stage="review")
    bench.open()
    return bench


def pin(page: Page, bench: Bench, at: tuple[float, float], text: str) -> None:
    """Comment at a place of the picture."""
    x, y = bench.at(*at)
    page.mouse.move(x, y)
    page.mouse.click(x, y)
    page.get_by_label("Comment at this place").fill(text)
    page.keyboard.press("Enter")


def task_of(owner: Person, project_id: str, name: str) -> Any:
    rows = owner.ask("GET", f"/projects/{project_id}/tasks?limit=100")["items"]
    (row,) = [row for row in rows if row["name"] == name]
    return owner.ask("GET", f"/tasks/{row['task_id']}")


def test_a_fix_with_a_comment_is_seen_answered_and_settled(
    owner: Person, add_person: Callable[[str], Person], streets: list[Path]
) -> None:
    project_id, bea = office(owner, add_person, streets, name="Teach")
    name = hand_in(bea, project_id)

    bench = open_review(owner, project_id)
    page = owner.page
    page.keyboard.press("c")
    pin(page, bench, (500, 260), "A car stands here")
    expect(page.get_by_text("These go with your verdict")).to_be_visible()
    page.keyboard.press("F2")
    bench.draw(MISSED)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("All done")).to_be_visible()
    bench.expect_delivered()

    bea.open("/work")
    page = bea.page
    row = page.get_by_role("list", name="Tasks").get_by_role("listitem").filter(has_text=name)
    expect(row).to_contain_text("Fixed by a reviewer")
    expect(page.get_by_role("link", name="My work: 1 with news")).to_be_visible()
    row.get_by_role("link").click()
    changes = page.get_by_role("region", name="What changed")
    expect(changes.get_by_role("listitem")).to_have_count(1)
    expect(changes).to_contain_text("added")
    expect(page.get_by_role("slider", name="Border between: Before, After")).to_be_visible()
    talk = page.get_by_role("region", name="Comments")
    talk.get_by_text("A car stands here").click()
    page.get_by_label("Answer to this comment").fill("I took it for a van.")
    page.keyboard.press("Enter")
    expect(talk.get_by_text("I took it for a van.")).to_be_visible()
    expect(talk.get_by_text("on its way")).to_have_count(0)
    page.get_by_role("link", name="My work").first.click()
    expect(page.get_by_role("link", name="My work", exact=True).first).to_be_visible()

    owner.open("/work?show=unread")
    page = owner.page
    page.get_by_role("list", name="Tasks").get_by_role("link").click()
    talk = page.get_by_role("region", name="Comments")
    talk.get_by_text("A car stands here").click()
    expect(talk.get_by_text("I took it for a van.")).to_be_visible()
    talk.get_by_role("button", name="Settled", exact=True).click()
    expect(talk.get_by_text("Settled by")).to_be_visible()

    found = task_of(owner, project_id, name)
    assert [entry["kind"] for entry in found["submissions"]] == ["human", "fix"]
    threads = owner.ask("GET", f"/tasks/{found['task']['task_id']}/comments")["items"]
    assert [(entry["text"], len(entry["replies"])) for entry in threads] == [("A car stands here", 1)]


def test_a_rejection_shows_its_reasons(
    owner: Person, add_person: Callable[[str], Person], streets: list[Path]
) -> None:
    project_id, bea = office(owner, add_person, streets, name="Reject")
    hand_in(bea, project_id)
    bench = open_review(owner, project_id)
    page = owner.page
    page.keyboard.press("r")
    expect(page.get_by_role("group", name="Reject")).to_be_visible()
    page.keyboard.press("1")
    page.get_by_label("Note").fill("see the wheel")
    page.keyboard.press("Enter")
    expect(page.get_by_text("All done")).to_be_visible()
    bench.expect_delivered()

    bea.open("/work")
    row = bea.page.get_by_role("list", name="Tasks").get_by_role("listitem").first
    expect(row).to_contain_text("Rejected")
    row.get_by_role("link").click()
    expect(bea.page.get_by_role("region", name="Outcome")).to_contain_text("see the wheel")
    expect(bea.page.get_by_text("they are kept as they are")).to_be_visible()
    expect(bea.page.get_by_role("link", name="Change my labels")).to_have_count(0)
    bea.page.get_by_role("link", name="My work").click()
    bea.page.get_by_role("button", name="Rejected").click()
    expect(bea.page.get_by_role("list", name="Tasks").get_by_role("listitem")).to_have_count(1)
    bea.page.get_by_role("button", name="Accepted").click()
    expect(bea.page.get_by_text("Nothing of that kind")).to_be_visible()


def test_labels_are_changed_while_a_reviewer_is_at_them(
    owner: Person, add_person: Callable[[str], Person], streets: list[Path]
) -> None:
    """The reviewer begins a fix, the author hands in another version, and the fix is put together with it."""
    project_id, bea = office(owner, add_person, streets, name="Meanwhile")
    name = hand_in(bea, project_id)
    reviewing = open_review(owner, project_id)
    owner.page.keyboard.press("F2")
    reviewing.draw(MISSED)
    reviewing.expect_draft_kept()

    bea.open("/work")
    bea.page.get_by_role("list", name="Tasks").get_by_role("link").first.click()
    expect(bea.page.get_by_text("is reviewing this item")).to_be_visible()
    bea.page.get_by_role("link", name="Change my labels").click()
    revising = Bench(bea, project_id)
    revising.wait_for_task()
    expect(revising.objects).to_have_count(2)
    revising.draw(Drawn("2", (20, 20, 60, 90)))
    revising.expect_draft_kept()
    bea.page.reload()
    revising.wait_for_task()
    expect(revising.objects).to_have_count(3)
    bea.page.keyboard.press("Control+z")
    expect(revising.objects).to_have_count(2)
    bea.page.keyboard.press("Control+y")
    expect(revising.objects).to_have_count(3)
    bea.page.keyboard.press("Control+Enter")
    expect(bea.page.get_by_role("region", name="Outcome")).to_be_visible()
    revising.expect_delivered()

    owner.expects_refusals = True
    owner.wait_for_jobs()
    owner.page.reload()
    reviewing.wait_for_task()
    assert reviewing.item() == name
    expect(owner.page.get_by_text("Put together with the new labels: 1 added")).to_be_visible()
    owner.page.keyboard.press("Control+Enter")
    expect(owner.page.get_by_text("All done")).to_be_visible()
    reviewing.expect_delivered()
    found = task_of(owner, project_id, name)
    assert [len(entry["labelling"]["annotations"]) for entry in found["submissions"]] == [2, 3, 4]
    assert found["task"]["state"] == "done"


def test_two_versions_of_ones_own_are_put_together(
    owner: Person, add_person: Callable[[str], Person], streets: list[Path]
) -> None:
    """One person revises on two computers; the second to hand in merges with the first."""
    project_id, bea = office(owner, add_person, streets, name="Versions")
    name = hand_in(bea, project_id)
    owner.wait_for_jobs()
    task_id = task_of(owner, project_id, name)["task"]["task_id"]
    phone = add_person(bea.name)
    phone.sign_in()
    desk = Bench(bea, project_id)
    bea.open(f"/work/{task_id}/revise")
    desk.wait_for_task()
    away = Bench(phone, project_id)
    phone.open(f"/work/{task_id}/revise")
    away.wait_for_task()
    # neither knows of the other's draft: the phone hands in before the desk has sent anything
    away.draw(MISSED)
    phone.page.keyboard.press("Control+Enter")
    away.expect_delivered()
    bea.expects_refusals = True
    desk.draw(Drawn("2", (20, 20, 60, 90)))
    bea.page.keyboard.press("Control+Enter")
    expect(desk.status).to_contain_text("1 not accepted")
    desk.status.get_by_role("button", name="1 not accepted").click()
    with bea.page.expect_download() as copy:
        desk.status.get_by_role("button", name="Keep a copy").click()
    assert len(json.loads(Path(copy.value.path()).read_text())["labelling"]["annotations"]) == 3
    owner.wait_for_jobs()
    bea.page.get_by_role("link", name="Change my labels").click()
    desk.wait_for_task()
    expect(bea.page.get_by_text("Put together with what was not taken: 1 added")).to_be_visible()
    expect(desk.objects).to_have_count(4)
    bea.page.keyboard.press("Control+Enter")
    desk.expect_delivered()
    found = task_of(owner, project_id, name)
    assert [len(entry["labelling"]["annotations"]) for entry in found["submissions"]] == [2, 3, 4]
