"""A project's own pages, form by form: import, ontology, instructions, workflow, batches, items, people."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.person import Person
from tests.e2e.pictures import coco_zip

AddPerson = Callable[[str], Person]


@pytest.fixture(scope="module")
def labelled_zip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some pictures with exact labels, in COCO form."""
    return coco_zip(tmp_path_factory.mktemp("coco") / "streets.zip", seed=21, count=4)


def press(page: Page | Locator, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def bring(owner: Person, project_id: str, files: list[Path], *, labels_as: str, batch: str) -> None:
    """Import with the form, classes that are new included, and wait for the end."""
    page = owner.page
    owner.open(f"/projects/{project_id}?tab=import")
    page.locator("input[type=file]").set_input_files(files)
    page.get_by_label("Labels that come along count as").select_option(labels_as)
    if labels_as != "none":
        page.get_by_label("Classes the project does not have").select_option("extend")
    page.get_by_label("Batch").fill(batch)
    press(page, "Import")
    expect(page.get_by_text("The import is done")).to_be_visible()


def make_labelled(owner: Person, labelled_zip: Path, *, name: str) -> str:
    """A project with finished labels."""
    project_id = owner.make_project(name=name, classes="Car box", overlap=1, review="none")
    bring(owner, project_id, [labelled_zip], labels_as="accepted", batch="Known")
    return project_id


def test_an_import_lists_what_it_refuses(owner: Person, streets: list[Path], tmp_path: Path) -> None:
    page = owner.page
    (tmp_path / "broken.jpg").write_bytes(streets[0].read_bytes()[:900])
    (tmp_path / "disguised.png").write_text("#!/bin/sh\n" * 50)
    project_id = owner.make_project(name="Mixed", classes="Car box", overlap=1, review="none")
    bring(
        owner,
        project_id,
        [*streets[:2], tmp_path / "broken.jpg", tmp_path / "disguised.png"],
        labels_as="none",
        batch="Drive",
    )
    press(page, "2 to see")
    problems = page.get_by_role("dialog", name="Problems of the import into Drive").get_by_role("listitem")
    expect(problems.filter(has_text="broken.jpg")).to_contain_text("damaged or cut short")
    expect(problems.filter(has_text="disguised.png")).to_contain_text("not an image")
    page.keyboard.press("Escape")
    press(page, "Folder on the server")
    owner.expects_refusals = True
    page.get_by_label("Folder", exact=True).fill("/etc")
    press(page, "Import")
    expect(page.get_by_role("alert")).to_contain_text("import_roots")


@pytest.mark.parametrize(
    ("labels_as", "state", "is_gold"),
    [("gold", "idle", True), ("prelabels", "open", False), ("accepted", "done", False)],
)
def test_labels_come_along_as_what_one_says(
    owner: Person, labelled_zip: Path, labels_as: str, state: str, is_gold: bool
) -> None:
    page = owner.page
    project_id = owner.make_project(name=f"As {labels_as}", classes="Car box", overlap=1, review="none")
    bring(owner, project_id, [labelled_zip], labels_as=labels_as, batch="Known")
    owner.open(f"/projects/{project_id}?tab=items")
    page.get_by_label("State", exact=True).select_option(state)
    page.get_by_label("Gold", exact=True).select_option("true" if is_gold else "false")
    expect(page.get_by_text("4 items found")).to_be_visible()


def test_a_class_in_use_goes_with_an_answer_about_its_labels(owner: Person, labelled_zip: Path) -> None:
    page = owner.page
    project_id = make_labelled(owner, labelled_zip, name="Ontology")
    owner.open(f"/projects/{project_id}?tab=ontology")
    press(page, "Class")
    page.get_by_label("Name", exact=True).fill("Rider")
    for number, (name, kind) in enumerate((("Moves", "boolean"), ("Pace", "choice")), start=1):
        press(page, "Attribute")
        page.get_by_label(f"Attribute {number}, name").fill(name)
        page.get_by_label(f"Kind of {name}").select_option(kind)
    page.get_by_label("Options of Pace, between commas").fill("slow, fast")
    page.get_by_label("When Pace is asked").select_option(label="asked only where Moves is")
    press(page, "Class below it")
    page.get_by_label("Name", exact=True).fill("Child")
    press(page, "Check and save…")
    sheet = page.get_by_role("dialog", name="Save the ontology")
    expect(sheet).to_contain_text("is new")
    sheet.get_by_label("Note").fill("riders")
    sheet.get_by_role("button", name="Save as version").click()
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    classes = owner.ask("GET", f"/projects/{project_id}/ontology")["ontology"]["classes"]
    rider, child = (next(c for c in classes if c["class_id"] == key) for key in ("rider", "child"))
    assert child["parent_id"] == "rider"
    assert rider["attributes"][1]["condition"] == {"attribute_id": "moves", "equals": [True]}

    page.get_by_role("button", name="Car box").first.click()
    press(page, "Remove class")
    press(page, "Check and save…")
    save = sheet.get_by_role("button", name="Save as version")
    expect(sheet.get_by_text("1 decision to make")).to_be_visible()
    expect(save).to_be_disabled()
    sheet.get_by_label("What to do").select_option(label="Read them as")
    expect(save).to_be_disabled()
    sheet.get_by_label("Read as").select_option(label="Rider")
    save.click()
    expect(sheet).to_have_count(0)
    expect(page.get_by_role("button", name="Car box")).to_have_count(0)


def test_instructions_keep_their_history(owner: Person) -> None:
    page = owner.page
    project_id = owner.make_project(name="Guide", classes="Car box", overlap=1, review="none")
    owner.open(f"/projects/{project_id}?tab=instructions")
    for number, text in enumerate(("# Cars\n\nUnder 10 px: skip", "# Cars\n\nUnder 20 px: skip"), start=2):
        page.get_by_label("Instructions, in Markdown").fill(text)
        press(page, f"Save as version {number}")
        expect(page.get_by_role("button", name=f"Save as version {number + 1}")).to_be_visible()
    press(page, "Versions")
    sheet = page.get_by_role("dialog", name="Versions of the instructions")
    lines = sheet.get_by_role("listitem")
    expect(lines.filter(has_text="removed:")).to_contain_text("Under 10 px: skip")
    expect(lines.filter(has_text="added:")).to_contain_text("Under 20 px: skip")
    sheet.get_by_role("button", name="2 ·").click()
    press(sheet, "Take version 2 into the editor")
    expect(page.get_by_label("Instructions, in Markdown")).to_have_value("# Cars\n\nUnder 10 px: skip")


def test_workflow_batches_people_and_the_archive(owner: Person, add_person: AddPerson) -> None:
    page = owner.page
    project_id = owner.make_project(name="Steered", classes="Car box", overlap=1, review="none")
    owner.open(f"/projects/{project_id}?tab=workflow")
    page.get_by_label("Opinions for each item").fill("3")
    page.get_by_label("Review", exact=True).select_option("share")
    page.get_by_label("Share").fill("25")
    page.get_by_label("For skipping, one a line").fill("too dark\nempty")
    press(page, "Save as version 2")
    expect(page.get_by_text("Version 2")).to_be_visible()
    flow = owner.ask("GET", f"/projects/{project_id}/workflow")["workflow"]
    assert (flow["overlap"], flow["review"]["share"], flow["skip_reasons"]) == (
        3,
        0.25,
        ["too dark", "empty"],
    )

    owner.open(f"/projects/{project_id}?tab=batches")
    page.get_by_label("Name", exact=True).fill("Night")
    press(page, "Make")
    night = page.get_by_role("listitem").filter(has_text="Night")
    night.get_by_role("button", name="Pause").click()
    expect(night.get_by_role("button", name="Resume")).to_be_visible()
    night.get_by_label("Priority of Night").fill("7")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Priority changed")).to_be_visible()

    dora = add_person("Dora")
    dora.join(owner.invite(dora.email, role="annotator", project="Steered"))
    owner.open(f"/projects/{project_id}?tab=people")
    press(page, "Remove Dora")
    expect(page.get_by_text("Dora was removed")).to_be_visible()
    page.get_by_label("Member of the workspace").select_option(label="Dora · annotator")
    press(page, "Add")
    expect(page.get_by_role("listitem").filter(has_text="Dora")).to_be_visible()

    for deed, said in (("Pause", "Paused"), ("Archive", "Archived"), ("Restore", "Work goes on")):
        press(page, "Rename, pause or archive")
        press(page.get_by_role("dialog", name="Project"), deed)
        expect(page.get_by_text(said, exact=True)).to_be_visible()
        expect(page.get_by_role("link", name="Start labelling")).to_have_count(0 if deed == "Archive" else 1)


def test_items_are_found_chosen_and_asked_again(owner: Person, labelled_zip: Path) -> None:
    page = owner.page
    project_id = make_labelled(owner, labelled_zip, name="Grid")
    owner.open(f"/projects/{project_id}?tab=items&state=done")
    ticks = page.get_by_role("checkbox", name="Choose")
    ticks.nth(0).click()
    ticks.nth(2).click(modifiers=["Shift"])
    expect(page.get_by_text("3 chosen")).to_be_visible()
    assert [ticks.nth(n).is_checked() for n in range(4)] == [True, True, True, False]
    press(page, "Label again…")
    press(page.get_by_role("dialog"), "Label again")
    expect(page.get_by_text("3 items to be labelled again")).to_be_visible()
    expect(page.get_by_text("1 item found")).to_be_visible()
    ticks.nth(0).click()
    press(page, "Make gold…")
    press(page.get_by_role("dialog"), "Make gold")
    expect(page.get_by_text("1 item made gold")).to_be_visible()

    owner.open(f"/projects/{project_id}?tab=items")
    first = page.get_by_role("button", name="Open").first
    first.click()
    drawer = page.get_by_role("dialog")
    name = drawer.get_by_role("heading", level=2).first.inner_text()
    expect(drawer.get_by_role("group", name="Labels shown")).to_contain_text("imported")
    drawer.get_by_role("button", name="Next item").press("Enter")
    expect(drawer.get_by_role("heading", level=2).first).not_to_have_text(name)
    expect(drawer.get_by_role("button", name="Next item")).to_be_focused()
    page.keyboard.press("Escape")
    expect(drawer).to_have_count(0)
    expect(first).to_be_focused()


def test_labels_are_downloaded_as_they_are(owner: Person, labelled_zip: Path, tmp_path: Path) -> None:
    page = owner.page
    project_id = make_labelled(owner, labelled_zip, name="Out")
    owner.open(f"/projects/{project_id}?tab=export")
    assert b'"annotations"' in owner.download("Download", target=tmp_path / "coco").read_bytes()
    page.get_by_label("Format").select_option("jsonl")
    assert owner.download("Download", target=tmp_path / "lines").read_bytes().count(b"\n") == 4
    page.get_by_label("Labels", exact=True).select_option("submissions")
    page.get_by_label("Format").select_option("coco")
    expect(page.get_by_label("Labels", exact=True)).to_have_value("consensus")
