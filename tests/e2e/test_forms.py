"""Documents and forms: parts beside each other, answers by keys alone, the scope of a task, and review of answers."""

from __future__ import annotations

import io
import math
import struct
import wave
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

import pytest
from PIL import Image
from playwright.sync_api import Locator, expect

from goldsmith.accounts.api import Access, Role
from goldsmith.app import App
from goldsmith.core.annotations import Labelling
from goldsmith.core.ontology import Ontology
from goldsmith.items.api import GeometryLimits, NewItem, NewTask, Part, PartKind, TaskScope
from goldsmith.platform.database import Transaction
from goldsmith.projects.types import Workflow
from tests.e2e.bench import PICTURE_PX, Bench, Drawn
from tests.e2e.person import PASSWORD, Person
from tests.e2e.test_accessibility import faults_of
from tests.integration.robustness.served import Served

LETTER: Final = "Dear Sir or Madam,\n\nthe lamp was broken. I want my money back.\n\nE. Miller"
PDF: Final = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj
trailer<</Root 1 0 R>>
%%EOF
"""


def ask(question_id: str, name: str, kind: str, *options: str, **more: Any) -> dict[str, Any]:
    chosen = [{"option_id": option.lower(), "name": option} for option in options]
    return {"attribute_id": question_id, "name": name, "kind": kind, "options": chosen, **more}


QUESTIONS: Final = [
    ask("mood", "Mood", "choice", "Angry", "Calm", is_required=True, description="By the words alone."),
    ask("why", "Why angry", "text", condition={"attribute_id": "mood", "equals": ["angry"]}, is_required=True),
    ask("sum", "Sum", "number", minimum=1, maximum=500),
    ask("bought", "Bought on", "date"),
    ask("wishes", "Wishes", "ranking", "Money", "Lamp", "Letter", is_required=True, condition={"any": [
        {"attribute_id": "sum", "equals": [80]},
        {"all": [{"attribute_id": "mood", "equals": ["calm"]}, {"attribute_id": "sum", "equals": [7]}]},
    ]}),
]  # fmt: skip


class World(NamedTuple):
    """Ids of the projects."""

    letters: str
    reviews: str
    pairs: str
    sounds: str
    streets: str


def _png(color: str, size_px: tuple[int, int] = (400, 400)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size_px, color).save(out, "PNG")
    return out.getvalue()


def _sound() -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(b"".join(struct.pack("<h", int(8000 * math.sin(i / 3))) for i in range(8000 * 20)))
    return out.getvalue()


class _Maker:
    """Makes projects and their documents while no server runs."""

    def __init__(self, app: App, workspace_id: str, member_id: str) -> None:
        self.app = app
        self.workspace_id = workspace_id
        self.access = Access(workspace_id, member_id, None, "Ada", Role.OWNER, None)

    def file(self, kind: PartKind, data: bytes, title: str = "") -> Part:
        """Return a part that is a file."""
        stored = self.app.items.put_file(self.workspace_id, data)
        return Part(kind=kind, sha256=stored.sha256, media_type=stored.media_type, title=title)

    def project(
        self,
        name: str,
        ontology: dict[str, Any],
        documents: Sequence[Sequence[Part]],
        *,
        picture: bytes | None = None,
        scope: TaskScope | None = None,
        workflow: Workflow | None = None,
    ) -> str:
        """Make a project with a task for each document, and for the picture; returns its id."""
        picture_media = None if picture is None else self.app.items.put_original(self.workspace_id, picture)

        def make(tx: Transaction) -> str:
            project_id = self.app.projects.create_project(
                tx, self.access, name=name, ontology=Ontology.model_validate(ontology), workflow=workflow
            ).project_id
            media = self.app.items.document_media(
                tx, workspace_id=self.workspace_id, documents=[list(parts) for parts in documents]
            )
            media += [] if picture_media is None else [picture_media]
            entries = [
                NewItem(f"{name} {number}", known.sha256, known.width_px, known.height_px, known.kind)
                for number, known in enumerate(media)
            ]
            item_ids = self.app.items.create_items(tx, workspace_id=self.workspace_id, entries=entries)
            batch = self.app.projects.ensure_batch(tx, project_id=project_id, created_by="system")
            self.app.labeling.make_tasks(
                tx,
                project_id=project_id,
                batch_id=batch.batch_id,
                entries=[NewTask(item_id, scope=scope) for item_id in item_ids],
            )
            return project_id

        return self.app.machine.database.write_sync(make)


def _make_world(app: App) -> tuple[World, str]:
    """Make the owner, a key, and the projects."""
    database = app.machine.database
    made = database.write_sync(
        lambda tx: app.accounts.bootstrap_owner(
            tx, email="ada@example.org", name="Ada", password=PASSWORD, workspace_name="Letters"
        )
    )
    key = database.write_sync(
        lambda tx: app.accounts.create_key(tx, made.workspace_id, "ada@example.org", name="tests")
    ).secret
    maker = _Maker(app, made.workspace_id, made.member_id)
    text = Part(kind=PartKind.TEXT, text=LETTER, title="Letter")
    prompt = Part(kind=PartKind.MARKDOWN, text="Which is **warmer**? <b>no</b>", title="Task")
    reviewed = Workflow.model_validate({"overlap": 2, "review": {"mode": "all"}})
    picture = maker.file(PartKind.IMAGE, _png("red"))
    best = [ask("best", "Warmer", "choice", "A", "B", "Alike", is_required=True)]
    said = [ask("said", "What is said", "text", is_required=True)]
    page = Part(kind=PartKind.WEBSITE, url="https://ada.example/page")
    form = {"classes": [], "questions": QUESTIONS}
    car = {"class_id": "car", "name": "Car", "color": "#3b82f6", "geometry_kinds": ["box"]}
    tree = {"class_id": "tree", "name": "Tree", "color": "#22c55e", "geometry_kinds": ["box"]}
    scope = TaskScope(
        instructions="Only the *left* half.",
        class_ids=["car"],
        question_ids=["mood"],
        limits={"box": GeometryLimits(min_width_px=30, max_count=1)},
        context=[Part(kind=PartKind.TEXT, text="Taken at noon.", title="Note"), picture],
    )
    world = World(
        maker.project("Letters", form, [[text]] * 2),
        maker.project("Reviews", form, [[text]] * 2, workflow=reviewed),
        maker.project(
            "Pairs",
            {"classes": [], "questions": best},
            [[prompt, picture, maker.file(PartKind.IMAGE, _png("blue"))]] * 2,
        ),
        maker.project(
            "Sounds",
            {"classes": [], "questions": said},
            [[maker.file(PartKind.AUDIO, _sound(), "Sound"), maker.file(PartKind.PDF, PDF, "Paper"), page]],
        ),
        maker.project(
            "Streets",
            {"classes": [car, tree], "questions": QUESTIONS[:3]},
            [],
            picture=_png("grey", PICTURE_PX),
            scope=scope,
        ),
    )
    return world, key


@pytest.fixture(scope="module")
def installed(
    built_ui: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Served, World, str]]:
    """A started server with the projects, and the owner's key."""
    served = Served(tmp_path_factory.mktemp("forms"))
    world, key = served.inside(_make_world)
    served.start()
    yield served, world, key
    served.stop()


@pytest.fixture(scope="module")
def _ada(chromium: Any, installed: tuple[Served, World, str]) -> Iterator[Person]:
    person = Person(chromium, installed[0].url, name="Ada")
    person.sign_in()
    yield person
    person.close()


@pytest.fixture
def ada(_ada: Person) -> Iterator[Person]:
    """The owner with a fresh tab."""
    _ada.start_over()
    yield _ada
    assert not _ada.faults, _ada.faults


@pytest.fixture
def world(installed: tuple[Served, World, str]) -> World:
    """Ids of the projects."""
    return installed[1]


def open_task(person: Person, project_id: str, *, stage: str = "label") -> Bench:
    """Open a task and put the instructions aside."""
    bench = Bench(person, project_id, stage=stage)
    bench.open_empty()
    expect(person.page.locator("header .item")).to_be_visible()
    hide = person.page.get_by_role("button", name="Hide the instructions")
    if hide.count():
        hide.click()
    return bench


def submitted(person: Person, project_id: str) -> list[dict[str, Any]]:
    """The answers handed in so far by this person."""
    tasks = person.ask("GET", f"/projects/{project_id}/tasks?limit=50")["items"]
    pages = [person.ask("GET", f"/tasks/{task['task_id']}") for task in tasks]
    return [s["labelling"] for page in pages for s in page["submissions"] if s["is_mine"]]


def field(person: Person, name: str) -> Locator:
    return person.page.get_by_role("region", name="Questions").get_by_role("group", name=name, exact=True)


def test_a_form_is_filled_in_by_keys_and_outlives_a_reload(ada: Person, world: World) -> None:
    bench = open_task(ada, world.letters)
    page = ada.page
    expect(page.get_by_role("region", name="Document Letters 0")).to_contain_text("money back")
    expect(field(ada, "Mood")).to_contain_text("By the words alone.")
    expect(field(ada, "Why angry")).to_have_count(0)
    expect(field(ada, "Mood").get_by_role("radio", name="Angry")).to_be_focused()
    page.keyboard.press("1")
    expect(field(ada, "Why angry").get_by_role("textbox")).to_be_focused()
    page.keyboard.type("Broken lamp.\nNobody answers.")
    page.keyboard.press("Tab")
    page.keyboard.type("800")
    expect(field(ada, "Sum")).to_contain_text("Sum is at most 500.")
    expect(field(ada, "Wishes")).to_have_count(0)
    page.keyboard.press("Backspace")
    expect(field(ada, "Wishes")).to_be_visible()
    page.keyboard.press("Enter")
    expect(field(ada, "Bought on").locator("input")).to_be_focused()
    bench.expect_draft_kept()
    page.reload()
    expect(field(ada, "Why angry").get_by_role("textbox")).to_have_value("Broken lamp.\nNobody answers.")

    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("region", name="Still open")).to_contain_text("Wishes is required.")
    wishes = field(ada, "Wishes")
    expect(wishes.get_by_role("button", name="Money, no place yet")).to_be_focused()
    page.keyboard.press("3")
    page.keyboard.press("2")
    expect(wishes).to_contain_text("Best first. Drag")
    page.wait_for_timeout(800)  # changes in quick succession are one step
    wishes.get_by_role("button", name="Lamp, place 2 of 3").focus()
    page.keyboard.press("Alt+ArrowUp")
    expect(wishes.get_by_role("button", name="Lamp, place 1 of 3")).to_be_focused()
    page.keyboard.press("Control+z")
    expect(wishes.get_by_role("button", name="Letter, place 1 of 3")).to_be_visible()
    wishes.get_by_role("button", name="Money, place 3 of 3").drag_to(wishes.get_by_role("listitem").first)
    expect(wishes.get_by_role("button", name="Money, place 1 of 3")).to_be_visible()
    bench.submit()
    bench.expect_delivered()
    (labelling,) = submitted(ada, world.letters)
    assert labelling["answers"] == {
        "mood": "angry",
        "why": "Broken lamp.\nNobody answers.",
        "sum": 80,
        "wishes": ["money", "letter", "lamp"],
    }


def test_what_is_not_asked_any_more_is_not_handed_in(ada: Person, world: World) -> None:
    bench = open_task(ada, world.letters)
    page = ada.page
    page.keyboard.press("1")
    page.keyboard.type("Late.")
    field(ada, "Mood").get_by_role("radio", name="Calm").check()
    expect(field(ada, "Why angry")).to_have_count(0)
    field(ada, "Bought on").locator("input").fill("2024-02-29")
    before = bench.item()
    page.keyboard.press("Control+Enter")
    expect(page.locator("header .item").filter(has_text=before)).to_have_count(0)
    bench.expect_delivered()
    assert {"mood": "calm", "bought": "2024-02-29"} in [s["answers"] for s in submitted(ada, world.letters)]


def test_parts_are_compared_side_by_side(ada: Person, world: World) -> None:
    bench = open_task(ada, world.pairs)
    page = ada.page
    parts = page.locator("article[data-part]")
    expect(parts.nth(0)).to_contain_text("Which is warmer? <b>no</b>")
    left, right = parts.nth(1).locator("img"), parts.nth(2).locator("img")
    expect(right).to_be_visible()
    a, b = parts.nth(1).bounding_box(), parts.nth(2).bounding_box()
    assert a and b and a["y"] == b["y"] and a["x"] + a["width"] <= b["x"]
    before = left.get_attribute("style")
    page.keyboard.press("+")
    page.keyboard.press("+")
    expect(left).not_to_have_attribute("style", str(before))
    assert left.get_attribute("style") == right.get_attribute("style"), "pictures of one size zoom together"
    page.keyboard.press("2")
    expect(parts.nth(2)).to_contain_text("Chosen")
    parts.nth(1).get_by_role("button", name="Choose Part A").click()
    expect(parts.nth(1)).to_contain_text("Chosen")
    page.keyboard.press("v")
    expect(page.get_by_role("button", name="One under the other")).to_have_attribute("aria-pressed", "true")
    bench.submit()
    bench.expect_delivered()
    (labelling,) = submitted(ada, world.pairs)
    assert labelling["answers"] == {"best": "a"}
    tasks = [t["task_id"] for t in ada.ask("GET", f"/projects/{world.pairs}/tasks")["items"]]
    done = next(task_id for task_id in tasks if ada.ask("GET", f"/tasks/{task_id}")["submissions"])
    ada.open(f"/work/{done}")
    expect(page.get_by_role("article", name="Task")).to_contain_text("Which is warmer?")


def test_sound_plays_while_somebody_types_and_papers_are_framed(ada: Person, world: World) -> None:
    open_task(ada, world.sounds)
    page = ada.page
    answer = field(ada, "What is said").get_by_role("textbox")
    expect(answer).to_be_focused()
    page.keyboard.type("one ")
    page.keyboard.press("Alt+p")
    page.wait_for_function("!document.querySelector('audio').paused")
    page.keyboard.press("Alt+]")
    page.wait_for_function("document.querySelector('audio').currentTime >= 5")
    page.keyboard.press("Alt+p")
    page.wait_for_function("document.querySelector('audio').paused")
    page.keyboard.type("two")
    expect(answer).to_have_value("one two")
    page.wait_for_function("[...document.querySelectorAll('iframe')].some((f) => f.src.includes('/parts/1'))")
    link = page.get_by_role("link", name="https://ada.example/page")
    assert {"noopener", "noreferrer"} <= set(str(link.get_attribute("rel")).split())
    assert link.get_attribute("target") == "_blank"


def test_a_task_asks_for_what_its_scope_says(ada: Person, world: World) -> None:
    page = ada.page
    bench = Bench(ada, world.streets)
    bench.open_empty()
    guide = page.get_by_role("complementary", name="Instructions")
    expect(guide.get_by_role("heading", name="For this task")).to_be_visible()
    guide.get_by_role("button", name="Understood").click()
    context = page.get_by_role("region", name="Context")
    expect(context).to_contain_text("Taken at noon.")
    expect(context.locator("img")).to_be_visible()
    context.get_by_role("button", name="Fold the context").click()
    expect(context).to_have_count(0)
    bench.wait_for_task()
    panel = page.get_by_role("complementary", name="Classes and objects")
    expect(panel).to_contain_text("Car")
    expect(panel).not_to_contain_text("Tree")
    expect(panel).to_contain_text("Mood")
    expect(panel).not_to_contain_text("Sum")
    bench.draw(Drawn("1", (60, 100, 80, 160)))
    bench.draw(Drawn("1", (200, 100, 300, 160)))
    page.keyboard.press("Control+Enter")
    toast = page.get_by_text("30 px are the least this task asks for.").first
    expect(toast).to_be_visible()
    expect(page.get_by_role("region", name="Selected object")).to_be_visible()
    page.keyboard.press("Delete")
    page.keyboard.press("F4")
    expect(page.get_by_text("Mood is required.").first).to_be_visible()
    page.get_by_role("radio", name="Calm").check()
    before = bench.item()
    page.keyboard.press("Control+Enter")
    expect(page.locator("header .item").filter(has_text=before)).to_have_count(0)
    bench.expect_delivered()
    (labelling,) = submitted(ada, world.streets)
    assert (len(labelling["annotations"]), labelling["answers"]) == (1, {"mood": "calm"})


@pytest.fixture(scope="module")
def answered(installed: tuple[Served, World, str], _ada: Person) -> None:
    """Two members have answered all of what is reviewed, and not alike."""
    served, world, key = installed
    said = {"Ben": {"mood": "angry", "why": "A broken lamp.", "sum": 12}, "Cyd": {"mood": "calm", "sum": 12}}
    with served.client(key) as client:
        for name, answers in said.items():
            new = client.add_member(name=name, kind="service", role="annotator")
            assert new.key is not None
            client.add_to_project(project_id=world.reviews, member_id=new.member.member_id)
            with served.client(new.key.secret) as theirs:
                for number in range(2):
                    task = theirs.next_task(world.reviews)
                    assert task is not None
                    theirs.submit(task, Labelling(answers=answers), request_key=f"{name}{number}")
    _ada.wait_for_jobs()


@pytest.mark.usefixtures("answered")
def test_answers_are_reviewed_side_by_side(ada: Person, world: World) -> None:
    bench = open_task(ada, world.reviews, stage="review")
    page = ada.page
    table = page.get_by_role("region", name="Answers", exact=True)
    expect(table).to_contain_text("differ")
    first = table.get_by_role("group").first
    expect(first).to_contain_text("differs")
    table.get_by_role("button", name="Take the answer of").first.click()
    expect(page.get_by_role("button", name="Submit fix")).to_be_visible()
    expect(page.get_by_role("region", name="Questions")).to_be_visible()
    page.get_by_role("button", name="Drop the fix").click()
    before = bench.item()
    page.keyboard.press("a")
    expect(page.locator("header .item").filter(has_text=before)).to_have_count(0)
    bench.expect_delivered()


@pytest.mark.usefixtures("answered")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(ada: Person, world: World, scheme: Any) -> None:
    ada.page.emulate_media(color_scheme=scheme)
    for project_id in (world.reviews, world.pairs, world.sounds):
        bench = Bench(ada, project_id, stage="review" if project_id == world.reviews else "label")
        bench.open_empty()
        expect(ada.page.locator("header .item")).to_be_visible()
        assert faults_of(ada.page) == []
