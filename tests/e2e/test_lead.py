"""What a labelling lead does: finds items, changes many at once, lays two people side by side, makes examples."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.lead_world import Street
from tests.e2e.person import Person
from tests.e2e.test_accessibility import faults_of
from tests.integration.robustness.served import Served

AddPerson = Callable[[str], Person]
COUNT = 6


class Lead:
    """The owner at a project that two people have labelled; one of them overlooks much."""

    def __init__(self, owner: Person, street: Street, careful: Person, careless: Person) -> None:
        self.owner = owner
        self.street = street
        self.careful = careful
        self.careless = careless
        self.project_id = street.project_id

    @property
    def page(self) -> Page:
        return self.owner.page

    @property
    def cards(self) -> Locator:
        return self.page.locator("[data-task]")

    def open_grid(self, query: str = "") -> None:
        self.owner.open(f"/projects/{self.project_id}?tab=items{query}")
        expect(self.page.get_by_role("search", name="Filter the items")).to_be_visible()

    def expect_found(self, count: int) -> None:
        expect(self.page.get_by_text(f"{count} item{'' if count == 1 else 's'} found")).to_be_visible()
        expect(self.cards).to_have_count(count)

    def items(self, query: str = "") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.owner.ask(
            "GET", f"/projects/{self.project_id}/items?limit=200{query}"
        )["items"]
        return found


@pytest.fixture(scope="module")
def crew(
    _founder: Person, chromium: Any, site: Served, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Street, Person, Person]]:
    """A labelled project, and the two people who labelled it."""
    street = Street(_founder, tmp_path_factory.mktemp("lead"), name="Lead", count=COUNT)
    people = []
    for name in ("Bea", "Cem"):
        link = _founder.invite(f"{name.lower()}@example.org", role="annotator", project="Lead")
        people.append(Person(chromium, site.url, name=name))
        people[-1].join(link)
    street.label(people[0], seed=1)
    street.label(people[1], seed=2, miss=0.5, shake_px=4)
    _founder.wait_for_jobs()
    yield street, people[0], people[1]
    faults = [fault for person in people for fault in person.faults]
    for person in people:
        person.close()
    assert not faults, faults


@pytest.fixture
def lead(owner: Person, crew: tuple[Street, Person, Person]) -> Lead:
    return Lead(owner, *crew)


def test_filters_go_together_and_travel_by_address(lead: Lead) -> None:
    page = lead.page
    lead.open_grid()
    expect(lead.cards).to_have_count(COUNT)
    page.get_by_role("button", name="More filters").click()
    page.get_by_label("Class", exact=True).select_option("car")
    page.get_by_label("At least so many objects").fill("2")
    page.keyboard.press("Enter")
    page.get_by_label("Attribute or question").select_option(label="Car: Colour")
    page.get_by_label("Has the value").select_option("red")
    page.get_by_label("Labelled by").select_option(label="Bea")
    expected = [
        item
        for item in lead.items('&class_id=car&objects_min=2&value=["car","colour","red"]')
        if item["classes"]["car"] >= 2
    ]
    assert 0 < len(expected) <= COUNT
    lead.expect_found(len(expected))
    address = page.url
    query = parse_qs(urlsplit(address).query)
    assert query["values"] == ['[["car","colour","red"]]']
    page.get_by_role("button", name="Keep as a slice").click()
    sheet = page.get_by_role("dialog", name="Slices")
    sheet.get_by_label("Keep the filters").fill("Red cars")
    sheet.get_by_role("button", name="Keep", exact=True).click()
    expect(sheet).to_have_count(0)
    page.get_by_role("button", name="Clear the filters").click()
    expect(lead.cards).to_have_count(COUNT)
    page.get_by_label("Slice", exact=True).select_option(label="Red cars")
    lead.expect_found(len(expected))
    page.goto(address)
    lead.expect_found(len(expected))
    page.get_by_role("button", name="Take away the filter Car, Colour: Red").click()
    page.get_by_label("Order").select_option("posterior")
    by_doubt = lead.items("&class_id=car&objects_min=2&sort=posterior")
    expect(lead.cards).to_have_count(len(by_doubt))
    for place, item in enumerate(by_doubt):  # waits: the other order is shown until the new one is there
        expect(lead.cards.nth(place)).to_have_attribute("data-task", item["task_id"])


def test_many_are_chosen_by_keys_tagged_and_taken_back(lead: Lead) -> None:
    page = lead.page
    lead.open_grid()
    lead.cards.first.get_by_role("button").first.focus()
    page.keyboard.press("x")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    bar = page.get_by_role("region", name="Chosen items")
    expect(bar).to_contain_text("3 chosen")
    bar.get_by_role("button", name="Tag").click()
    sheet = page.get_by_role("dialog", name="Tag 3 items")
    sheet.get_by_label("Answer", exact=True).select_option("rain")
    sheet.get_by_role("button", name="Tag 3 items").click()
    expect(page.get_by_text("3 items answered")).to_be_visible()
    rainy = '&value=[null,"weather","rain"]'
    assert len(lead.items(rainy)) == 3
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Taken back")).to_be_visible()
    assert lead.items(rainy) == []
    page.get_by_role("button", name="Put this remark away").click()
    page.get_by_role("button", name="Bulk changes").click()
    history = page.get_by_role("dialog", name="What was done to many items")
    expect(history).to_contain_text("Weather: Rain")


def test_all_of_a_filter_are_deleted_and_restored(lead: Lead) -> None:
    page = lead.page
    lead.open_grid("&text=00000")
    first = lead.cards.first
    expect(first).to_be_visible()
    count = lead.cards.count()
    assert 0 < count < COUNT
    first.get_by_role("checkbox").check()
    page.keyboard.press("Control+a")
    bar = page.get_by_role("region", name="Chosen items")
    expect(bar).to_contain_text(f"{count} chosen")
    bar.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("deleted", exact=False).first).to_be_visible()
    expect(page.get_by_text("Nothing matches")).to_be_visible()
    assert len(lead.items()) == COUNT - count
    lead.open_grid("&deleted=true")
    expect(lead.cards).to_have_count(count)
    lead.cards.first.get_by_role("checkbox").check()
    if count > 1:
        page.get_by_role("button", name=f"Choose all {count} that fit").click()
    page.get_by_role("button", name="Restore").click()
    page.get_by_role("dialog").get_by_role("button", name="Restore").click()
    expect(page.get_by_text("restored", exact=False).first).to_be_visible()
    assert len(lead.items()) == COUNT
    assert {item["state"] for item in lead.items()} == {"done"}


def test_chosen_items_are_labelled_again_and_made_gold(lead: Lead) -> None:
    page = lead.page
    lead.open_grid("&sort=-created")
    lead.cards.first.get_by_role("checkbox").check()
    task_id = lead.cards.first.get_attribute("data-task")
    page.get_by_role("button", name="Make gold").click()
    page.get_by_role("dialog").get_by_role("button", name="Make gold").click()
    expect(page.get_by_text("1 item made gold")).to_be_visible()
    assert [item["task_id"] for item in lead.items("&has_gold=true")] == [task_id]
    lead.open_grid("&has_gold=false")
    lead.cards.first.get_by_role("checkbox").check()
    page.get_by_role("button", name="Label again").click()
    sheet = page.get_by_role("dialog", name="Label 1 item again")
    sheet.get_by_label("More opinions for each").fill("1")
    sheet.get_by_role("button", name="Label again").click()
    expect(page.get_by_text("1 item to be labelled again")).to_be_visible()
    assert [item["state"] for item in lead.items("&state=open")] == ["open"]


def test_two_people_are_laid_side_by_side(lead: Lead) -> None:
    page = lead.page
    lead.owner.open(f"/projects/{lead.project_id}?tab=quality")
    page.get_by_role("link", name="Bea and Cem").first.click()
    page.wait_for_url("**/compare?**task=*")
    expect(page.get_by_label("Left side")).to_be_visible()
    names = [
        page.get_by_label(label).evaluate("e => e.selectedOptions[0].text")
        for label in ("Left side", "Right side")
    ]
    assert [name.split(" ")[0] for name in names] == ["Bea", "Cem"]
    panel = page.get_by_role("region", name="Differences")
    differences = panel.get_by_role("listitem").filter(has=page.get_by_role("button"))
    expect(differences.first).to_be_visible()
    page.locator("canvas[data-canvas]").first.focus()
    page.keyboard.press("j")
    expect(panel.get_by_role("button", pressed=True)).to_have_count(1)
    before = page.get_by_role("heading", level=1).inner_text()
    page.keyboard.press("n")
    expect(page.get_by_role("heading", level=1)).not_to_have_text(before)
    page.keyboard.press("p")
    expect(page.get_by_role("heading", level=1)).to_have_text(before)
    page.get_by_label("Right side").select_option("consensus")
    expect(page).to_have_url(lambda url: "right=consensus" in url) if False else page.wait_for_url(
        "**right=consensus**"
    )
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Swap the sides").click()
    page.wait_for_url("**left=consensus**")


def test_an_example_of_a_real_item_stands_beside_the_work(lead: Lead) -> None:
    page = lead.page
    lead.open_grid("&class_id=car&sort=name")
    lead.cards.first.get_by_role("button").first.click()
    drawer = page.get_by_role("dialog").first
    drawer.get_by_role("button", name="Use as example").click()
    maker = page.get_by_role("dialog", name="Example of")
    maker.get_by_role("checkbox").first.check()
    maker.get_by_role("button", name="Badly labelled").click()
    maker.get_by_label("Why").fill("The box has **air** on the left.")
    maker.get_by_role("button", name="Keep it for the next version").click()
    page.wait_for_url("**tab=instructions**")
    kept = page.get_by_role("list", name="Examples that are kept")
    expect(kept).to_contain_text("The box has air on the left.")
    kept.get_by_role("button", name="Put in").click()
    page.get_by_label("Instructions, in Markdown").fill("# Streets\n\nDraw **tight** boxes.")
    page.get_by_role("button", name="Changes").click()
    expect(page.get_by_text("Draw **tight** boxes.").last).to_be_visible()
    page.get_by_role("button", name="Save as version 2").click()
    expect(page.get_by_role("button", name="Save as version 3")).to_be_visible()

    worker = lead.careful.page
    lead.careful.open(f"/projects/{lead.project_id}?tab=instructions")
    shown = worker.get_by_role("list", name="Examples of the instructions")
    expect(shown.get_by_text("Badly labelled")).to_be_visible()
    expect(shown.get_by_text("The box has air on the left.")).to_be_visible()
    pictures = worker.evaluate(
        """async (project) => {
          const list = (await (await fetch(`/api/v1/projects/${project}/examples`)).json()).items;
          const answers = await Promise.all(list.map((e) => fetch(e.picture)));
          return answers.map((a) => [a.status, a.headers.get('content-type')]);
        }""",
        lead.project_id,
    )
    assert pictures == [[200, "image/jpeg"]]


def test_new_people_see_the_examples_large_before_their_first_task(
    lead: Lead, add_person: AddPerson, tmp_path: Path
) -> None:
    owner = lead.owner
    street = Street(owner, tmp_path, name="Guided", count=2, seed=8)
    item = owner.ask("GET", f"/projects/{street.project_id}/items")["items"][0]
    example = owner.ask(
        "POST",
        f"/projects/{street.project_id}/examples",
        {
            "item_id": item["item_id"],
            "verdict": "good",
            "why": "The mirror is **in** the box.",
            "crop": [10, 10, 200, 160],
            "labelling": {
                "annotations": [
                    {
                        "annotation_id": "a",
                        "class_id": "car",
                        "geometry": {"kind": "box", "box_xyxy": [30, 30, 120, 90]},
                    }
                ],
                "answers": {},
            },
            "ontology_version": 1,
        },
    )
    owner.ask(
        "PUT",
        f"/projects/{street.project_id}/instructions",
        {"instructions": "# Look", "examples": [example["example_id"]]},
    )
    dan = add_person("Dan")
    dan.join(owner.invite("dan@example.org", role="annotator", project="Guided"))
    page = dan.page
    dan.open(f"/projects/{street.project_id}/label")
    panel = page.get_by_role("complementary", name="Instructions")
    expect(panel.get_by_text("Well labelled")).to_be_visible()
    panel.get_by_role("button", name="See the example").click()
    large = page.get_by_role("dialog", name="Example")
    expect(large.get_by_role("img", name="Car")).to_be_visible()
    expect(large).to_contain_text("The mirror is in the box.")
    page.keyboard.press("Escape")
    expect(large).to_have_count(0)
    expect(panel).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_on_a_leads_pages(lead: Lead, scheme: Any) -> None:
    page = lead.page
    page.emulate_media(color_scheme=scheme)
    found: dict[str, list[str]] = {}
    lead.open_grid("&class_id=car&objects_min=1")
    page.get_by_role("button", name="More filters").click()
    lead.cards.first.get_by_role("checkbox").check()
    found["grid"] = faults_of(page)
    page.get_by_role("button", name="Tag").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    found["tag"] = faults_of(page)
    page.keyboard.press("Escape")
    lead.cards.first.get_by_role("button").first.click()
    page.get_by_role("button", name="Use as example").click()
    expect(page.get_by_role("dialog", name="Example of")).to_be_visible()
    found["example"] = faults_of(page)
    lead.owner.open(f"/projects/{lead.project_id}?tab=instructions")
    expect(page.get_by_label("Instructions, in Markdown")).to_be_visible()
    found["instructions"] = faults_of(page)
    task_id = lead.items()[0]["task_id"]
    lead.owner.open(f"/projects/{lead.project_id}/compare?task={task_id}")
    expect(page.get_by_role("region", name="Differences")).to_be_visible()
    found["compare"] = faults_of(page)
    assert {name: faults for name, faults in found.items() if faults} == {}
