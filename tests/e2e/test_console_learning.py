"""From labels to versions, exports, measurements and back to labelling, by the console's forms; no training."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.person import Person
from tests.e2e.pictures import coco_zip, results_of

PICTURES = 6


class Ground(NamedTuple):
    """What the errands stand on."""

    project_id: str
    dataset_id: str


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def cut(page: Page, *, how: str, said: str) -> None:
    """Cut a version of the project Streets, on the page of a dataset."""
    page.get_by_role("button", name="Cut a version").first.click()
    fill_cut(page, how=how, said=said)


def fill_cut(page: Page, *, how: str, said: str) -> None:
    """Fill in the form that is open."""
    sheet = page.get_by_role("dialog", name="Cut a version")
    sheet.get_by_label("Streets", exact=True).check()
    sheet.get_by_label("How", exact=True).select_option(how)
    sheet.get_by_role("button", name="Cut").click()
    expect(page.get_by_text(said)).to_be_visible()


@pytest.fixture(scope="module")
def ground(_founder: Person, streets: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Ground:
    """A project of accepted labels and three pictures without, and a dataset with a version all in the split test."""
    owner, page = _founder, _founder.page
    project_id = owner.make_project(name="Streets", classes="Car box", overlap=1, review="none")
    archive = coco_zip(tmp_path_factory.mktemp("coco") / "streets.zip", seed=33, count=PICTURES)
    page.locator("input[type=file]").set_input_files(archive)
    page.get_by_label("Labels that come along count as").select_option("accepted")
    press(page, "Import")
    expect(page.get_by_text("The import is done")).to_be_visible()
    owner.import_pictures(project_id, streets[:3])
    owner.open("/datasets")
    page.get_by_role("button", name="New dataset").first.click()
    page.get_by_role("dialog").get_by_label("Name").fill("streets")
    press(page, "Make and cut a version")
    fill_cut(page, how="fixed", said="The version is cut")
    dataset_id = page.url.partition("/datasets/")[2].partition("?")[0]
    return Ground(project_id, dataset_id)


def export(owner: Person, *, form: str, target: Path) -> Path:
    """Export the version shown; returns the archive."""
    owner.page.get_by_label("Export format").select_option(form)
    press(owner.page, "Export")
    expect(owner.page.get_by_text(f"-{form}.zip")).to_be_visible()
    return owner.download("Download the zip", target=target)


def measure(owner: Person, ground: Ground, tmp_path: Path, *, name: str, leave_out_every: int) -> None:
    """Export the version as COCO, and import results that find all but some; their page is open then."""
    page = owner.page
    owner.open(f"/datasets/{ground.dataset_id}")
    archive = zipfile.ZipFile(export(owner, form="coco", target=tmp_path / "coco.zip"))
    (document,) = (n for n in archive.namelist() if n.endswith(".json") and n != "loss_report.json")
    annotations = json.loads(archive.read(document))["annotations"]
    results = tmp_path / f"{name}.json"
    results.write_text(json.dumps(results_of(annotations, leave_out_every=leave_out_every)))
    owner.open("/evaluations")
    press(page, "Import COCO results")
    page.get_by_label("Results file").set_input_files(results)
    expect(page.get_by_label("Model", exact=True)).to_have_value(name)
    page.get_by_label("Measured on").select_option(label="streets 1")
    press(page, "Import and measure")
    expect(page.get_by_role("heading", name="Headline")).to_be_visible()


def test_versions_are_cut_by_each_way_and_compared(owner: Person, ground: Ground) -> None:
    page = owner.page
    owner.open(f"/datasets/{ground.dataset_id}")
    expect(page.get_by_role("heading", name="Datasheet")).to_be_visible()
    cut(page, how="fixed", said="Nothing is new: version 1 holds these labels")
    cut(page, how="hash", said="The version is cut")
    expect(page.get_by_role("button", name="Version 2")).to_have_attribute("aria-pressed", "true")
    changed = page.get_by_role("region", name="What changed")
    expect(changed.get_by_label("Compared with")).to_contain_text("since version 1")
    expect(changed).to_contain_text("moved")
    page.get_by_role("button", name="Cut a version").first.click()
    sheet = page.get_by_role("dialog", name="Cut a version")
    expect(sheet.get_by_text("Choose a project.")).to_be_visible()
    sheet.get_by_label("Streets", exact=True).check()
    sheet.get_by_label("How", exact=True).select_option("metadata")
    sheet.get_by_label("Metadata key").fill("")
    expect(sheet.get_by_role("button", name="Cut")).to_be_disabled()


@pytest.mark.parametrize(("form", "is_lossy"), [("yolo", False), ("voc", True), ("jsonl", False)])
def test_an_export_tells_what_it_lost(
    owner: Person, ground: Ground, tmp_path: Path, form: str, is_lossy: bool
) -> None:
    owner.open(f"/datasets/{ground.dataset_id}")
    names = zipfile.ZipFile(export(owner, form=form, target=tmp_path / "out.zip")).namelist()
    assert "loss_report.json" in names
    told = owner.page.get_by_role("status").filter(has_text=f"-{form}.zip")
    expect(told).to_contain_text(f"{PICTURES} images")
    expect(told).to_contain_text("rounded boxes" if is_lossy else re.compile("Nothing was lost|metadata"))


def test_results_are_measured_compared_and_sent_to_labelling(
    owner: Person, ground: Ground, tmp_path: Path
) -> None:
    page = owner.page
    measure(owner, ground, tmp_path, name="poor", leave_out_every=2)
    measure(owner, ground, tmp_path, name="better", leave_out_every=9)
    page.get_by_role("link", name="Compare").click()
    page.get_by_label("With", exact=True).select_option(index=1)
    expect(page.get_by_text(re.compile("better 1 .*poor 1"))).to_be_visible()

    page.get_by_role("link", name="Numbers").click()
    part = page.get_by_title("The items behind it, and who labelled them").first
    name = part.inner_text()
    part.click()
    expect(page.get_by_text(f"evaluation, where {name}")).to_be_visible()
    expect(page.get_by_role("region", name="measured on")).to_be_visible()
    page.go_back()

    page.get_by_role("link", name="Worst samples").click()
    for number in range(2):
        page.get_by_role("checkbox", name="Choose").nth(number).check()
    press(page, "Send 2 chosen to labelling")
    sheet = page.get_by_role("dialog", name="Send to labelling")
    sheet.get_by_label("Project", exact=True).select_option(index=1)
    sheet.get_by_label("Name of the batch").fill("Second look")
    sheet.get_by_role("button", name="Send", exact=True).click()
    expect(sheet.get_by_text("2 items will be labelled.")).to_be_visible()
    page.keyboard.press("Escape")
    press(page, "Send to labelling")
    sheet.get_by_label("Project", exact=True).select_option(index=1)
    sheet.get_by_label("Items").fill("3")
    sheet.get_by_label("Chosen by").select_option("random")
    sheet.get_by_role("button", name="Send", exact=True).click()
    expect(sheet.get_by_text("3 items will be labelled.")).to_be_visible()
    page.keyboard.press("Escape")

    page.get_by_role("link", name="Lineage").click()
    page.get_by_role("link", name="What came of it").first.click()
    expect(page.get_by_role("link", name="Second look", exact=True)).to_be_visible()
    page.get_by_role("link", name="Where it came from").first.click()
    page.get_by_role("link", name="streets v1", exact=True).click()
    expect(page.get_by_role("button", name="Version 1")).to_have_attribute("aria-pressed", "true")


@pytest.mark.usefixtures("ground")
def test_settings_of_a_training_that_are_no_json_are_refused(owner: Person) -> None:
    page = owner.page
    owner.open("/models")
    page.get_by_role("button", name="Train a model").first.click()
    sheet = page.get_by_role("dialog", name="Train a model")
    sheet.get_by_label("Recipe", exact=True).select_option("detect-quick")
    sheet.get_by_text("All settings").click()
    sheet.get_by_label("Recipe as JSON").fill("{oops")
    sheet.get_by_role("button", name="Train", exact=True).click()
    expect(sheet.get_by_role("alert")).to_contain_text("The settings are not JSON.")


def test_a_job_that_failed_is_tried_again(owner: Person, ground: Ground, streets: list[Path]) -> None:
    page = owner.page
    owner.open(f"/projects/{ground.project_id}?tab=import")
    page.locator("input[type=file]").set_input_files(streets[0])
    page.get_by_label("Format").select_option("coco")
    press(page, "Import")
    expect(page.get_by_text("The import did not finish")).to_be_visible()
    expect(page.get_by_role("link", name="failed")).to_be_visible()
    owner.open("/jobs")
    page.get_by_label("State").select_option("failed")
    page.get_by_role("button", name="Try again").first.click()
    expect(page.get_by_text("Trying again")).to_be_visible()
    page.get_by_label("State").select_option("")
    expect(page.get_by_role("listitem").filter(has_text="run 2")).to_be_visible()
