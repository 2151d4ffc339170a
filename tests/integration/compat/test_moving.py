"""Moving house from one goldsmith to another: over HTTP from a served one, into one on each database."""

from __future__ import annotations

import asyncio
import io
import json
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
import uvicorn
from PIL import Image
from typer.testing import CliRunner

import goldsmith.app
from goldsmith.accounts.api import operator_access
from goldsmith.app import App, open_app
from goldsmith.cli.main import application
from goldsmith.client import Client
from goldsmith.compat.migration.house import ScaleHouse
from goldsmith.compat.migration.moving import Move, plan_of
from goldsmith.compat.migration.source import Source
from goldsmith.compat.migration.types import Report, TaskKind
from goldsmith.compat.scale_v1.store import tasks as task_rows
from goldsmith.compat.scale_v1.task_types.registry import task_type_of
from goldsmith.compat.scale_v1.task_types.types import ItemFacts
from goldsmith.core.annotations import Labelling
from goldsmith.core.geometry import Box
from goldsmith.labeling.api import TaskPayload
from goldsmith.platform.database import Sql
from goldsmith.platform.machine import open_machine
from goldsmith.platform.settings import Settings
from goldsmith.server.serving import listen, make_config, url_of
from tests.unit.compat.scale_v1.task_types.made import EXAMPLES

OWNER, ANNA, BEN = "owner@example.org", "anna@example.org", "ben@example.org"
GEOMETRIES = {"box": {"objects_to_annotate": ["Cow", "Calf"], "min_height": 2, "min_width": 2}}
ATTRIBUTES = {"lying": {"type": "category", "choices": ["yes", "no"]}}


def picture(number: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), (number * 40 % 256, 90, 30)).save(out, "PNG")
    return out.getvalue()


class There(NamedTuple):
    """The place that is moved from."""

    app: App
    url: str
    key: str
    workspace_id: str

    def api(self, method: str, path: str, **options: Any) -> Any:
        answer = httpx.request(
            method, f"{self.url}/v1{path}", auth=(self.key, ""), trust_env=False, **options
        )
        assert answer.status_code == 200, (path, answer.text)
        return answer.json()

    def task(self, type_name: str, **body: Any) -> Any:
        return self.api("POST", f"/task/{type_name}", json=body)

    def tasks(self, project: str) -> dict[str, Any]:
        return {
            task["task_id"]: task for task in self.api("GET", "/tasks", params={"project": project})["docs"]
        }


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[There]:
    settings = Settings(
        data_dir=tmp_path_factory.mktemp("there"), port=0, job_threads=1, fetch_hosts=["127.0.0.1"]
    )
    listening = listen(settings.host, 0)
    url = url_of(listening, settings)
    app = open_app(settings.model_copy(update={"public_url": url}))
    founded, key = found(app)
    server = uvicorn.Server(make_config(app.application(), settings))
    thread = threading.Thread(target=lambda: server.run(sockets=[listening]), daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.01)
    place = There(app, url, key, founded)
    furnish(place)
    yield place
    server.should_exit = True
    thread.join()
    listening.close()
    app.close()


def found(app: App) -> tuple[str, str]:
    made = app.machine.database.write_sync(
        lambda tx: app.accounts.bootstrap_owner(
            tx, email=OWNER, name="Olga", password=None, workspace_name="Home"
        )
    )
    key = app.machine.database.write_sync(lambda tx: app.accounts.create_key(tx, "Home", OWNER, name="test"))
    return made.workspace_id, key.secret


def furnish(place: There) -> None:
    """Two projects; pictures that are labelled and not, categories, one canceled, one that failed."""
    params = {"instruction": "Box the cows", "geometries": GEOMETRIES}
    place.api("POST", "/projects", json={"name": "Cows / 1", "type": "imageannotation", "params": params})
    place.api(
        "POST",
        "/projects/Cows%20%2F%201/setParams",
        json={"patch": True, "annotation_attributes": ATTRIBUTES},
    )
    place.api("POST", "/projects", json={"name": "Colours", "type": "categorization"})
    batches: tuple[tuple[str, str, dict[str, str]], ...] = (
        ("b 1", "Cows / 1", {"from": "field"}),
        ("later", "Colours", {}),
        ("b 2", "Cows / 1", {}),
    )
    for name, project, metadata in batches:
        batch = {"project": project, "name": name, "metadata": metadata, "callback": ""}
        place.api("POST", "/batches", json={**batch, "calibration_batch": False, "self_label_batch": False})
    place.api("POST", "/batches/b%201/finalize")
    for number in range(3):
        uploaded = place.api(
            "POST", "/files/upload", files={"file": (f"{number}.png", picture(number), "image/png")},
            data={"project_name": "Cows / 1"},
        )  # fmt: skip
        place.task(
            "imageannotation", project="Cows / 1", batch="b 1", instruction="All of them", unique_id=f"cow-{number}",
            attachment=uploaded["attachment_url"], metadata={"number": number}, tags=["z", "a"], priority=5,
        )  # fmt: skip
    colour = {"project": "Colours", "attachment_type": "text", "categories": ["red", "blue"]}
    for text in ("tomato", "sky", "grass"):
        place.task("categorization", attachment=text, **colour)
    canceled = place.task("categorization", attachment="snow", batch="later", **colour)
    place.api("POST", f"/task/{canceled['task_id']}/cancel")
    broken = place.task(
        "categorization", **{**colour, "attachment_type": "image"}, attachment=f"{place.url}/v1/nothing"
    )
    label(place, ("Cows / 1", 2), ("Colours", 2))
    deadline_s = time.monotonic() + 60
    while place.api("GET", f"/task/{broken['task_id']}")["status"] == "pending":
        assert time.monotonic() < deadline_s
        time.sleep(0.1)
    done = [task_id for task_id, task in place.tasks("Cows / 1").items() if task["status"] == "completed"]
    for task_id, is_accepted in zip(done, (True, False), strict=True):
        place.api("POST", f"/task/{task_id}/audit", json={"accepted": is_accepted, "comments": "Seen"})
    staff(place)
    teach(place)


def staff(place: There) -> None:
    """Anna, who joined, works on one batch with Ben, who is invited."""
    for email in (ANNA, BEN):
        team = place.api("POST", "/teams/invite", json={"emails": [email], "team_role": "labeler"})
        if email == ANNA:
            [link] = [entry["invitation_url"] for entry in team if "invitation_url" in entry]
            join(place.app, link)
    place.api("POST", "/studio/assignments/add", json={"emails": [ANNA], "projects": ["Colours", "Cows / 1"]})
    place.api(
        "POST", "/studio/projects/Cows%20%2F%201/groups", json={"emails": [ANNA], "name": "experts / 1"}
    )
    place.api("PUT", "/studio/batches/b%202", json={"groups": ["experts / 1"]})


def join(app: App, link: str) -> None:
    token = link.rpartition("/")[2].rpartition("=")[2]
    words = {"name": "Anna", "password": "a long passphrase", "address": "127.0.0.1", "user_agent": ""}
    asyncio.run(app.accounts.people.accept_invitation(token=token, **words))


def teach(place: There) -> None:
    """A hidden known answer with a flawed beginning, and a lesson."""
    box = {"type": "box", "label": "Cow", "left": 4, "top": 5, "width": 20, "height": 12}
    known = {"annotations": [{**box, "attributes": {"lying": "yes"}}]}
    for number, kind in ((7, "evaluation"), (8, "training")):
        sent = {"file": (f"{number}.png", picture(number), "image/png")}
        attachment = place.api("POST", "/files/upload", files=sent)["attachment_url"]
        body = {
            "project": "Cows / 1",
            "attachment": attachment,
            "expected_response": known,
            "metadata": {"n": 1},
        }
        first: dict[str, Any] = {"initial_response": {"annotations": []}} if kind == "evaluation" else {}
        place.api("POST", f"/{kind}_tasks/imageannotation", json={**body, **first})


def label(place: There, *answers: tuple[str, int]) -> None:
    """Answer so many tasks of projects, as a person would, and wait until they are completed."""
    database = place.app.machine.database
    access = database.read_sync(lambda tx: operator_access(tx, workspace=None))
    projects = database.read_sync(
        lambda tx: place.app.projects.list_projects(tx, access, with_archived=False, before=None, limit=99)
    )
    ids = {project.name: project.project_id for project in projects}
    done = completed(place)
    with Client(place.url, place.key) as client:
        for name, count in answers:
            client.add_to_project(project_id=ids[name], member_id=client.member_id)
            for _ in range(count):
                task = client.next_task(ids[name])
                assert task is not None
                client.submit(task, answer_to(place, task), request_key=task.lease.judgement_id)
    deadline_s = time.monotonic() + 60
    while completed(place) < done + sum(count for _, count in answers):
        assert time.monotonic() < deadline_s
        time.sleep(0.05)


def completed(place: There) -> int:
    found = [task for entry in place.api("GET", "/projects") for task in place.tasks(entry["name"]).values()]
    return sum(task["status"] == "completed" for task in found)


def answer_to(place: There, task: TaskPayload) -> Labelling:
    """Return an answer to a task of the task API: a cow, or what its type calls an answer that holds."""
    assert task.item.metadata is not None
    row = place.app.machine.database.read_sync(
        lambda tx: task_rows.find_any(tx, str(task.item.metadata["scale_task_id"]))
    )
    assert row is not None
    checked = task_type_of(row.type).check(row.params)
    text = task.item.text or ""
    answer = task_type_of(row.type).canned(checked, ItemFacts(task.item.width, task.item.height, text))
    if row.project_name != "Cows / 1":
        return answer
    cow = answer.annotations[0].model_copy(update={"geometry": Box(box_xyxy=(4.25, 4, 30, 24.5))})
    return answer.model_copy(update={"annotations": [cow]})


@pytest.fixture
def here(database_url: str, tmp_path: Path) -> Iterator[App]:
    app = goldsmith.app.wire(
        open_machine(Settings(data_dir=tmp_path / "here", database_url=database_url, job_threads=0))
    )
    found(app)
    yield app
    app.close()


class LikeScale(Source):
    """A place that lists no tasks with known answers."""

    def lists(self, kind: TaskKind) -> bool:
        return False


class Killed(BaseException):
    """Stands for a process that is ended: nothing catches it."""


def move(
    here: App,
    there: There,
    *,
    prefix: str = "",
    die_at: int | None = None,
    quality_task_ids: Sequence[str] = (),
    place: type[Source] = Source,
) -> Report:
    told: list[str] = []

    def progress(what: str, done: int, total: int) -> None:
        told.append(what)
        if die_at is not None and len(told) == die_at:
            raise Killed

    access = here.machine.database.read_sync(lambda tx: operator_access(tx, workspace=None))
    source = place(
        there.url, there.key, fetch=lambda url: here.machine.fetcher.get(url, max_bytes=10**8).content
    )
    plan = plan_of(
        workspace_id=access.workspace_id,
        actor=access.member_id,
        source=source,
        prefix=prefix,
        quality_task_ids=quality_task_ids,
    )
    try:
        return Move(
            here.machine, source, ScaleHouse(here.machine, here.scale, access), plan, progress=progress
        ).run()
    finally:
        source.close()


def test_all_comes_over_and_is_the_same(there: There, here: App) -> None:
    report = move(here, there, prefix="old ")
    assert (report.left, report.different) == ([], [])
    total = sum(len(there.tasks(name)) for name in ("Cows / 1", "Colours"))
    counts = {kind: (tally.there, tally.here, tally.equal) for kind, tally in report.tallies.items()}
    assert counts == {
        "project": (2, 2, 2),
        "batch": (3, 3, 3),
        "person": (3, 3, 3),
        "group": (1, 1, 1),
        "task": (total, total, total),
        "evaluation": (1, 1, 1),
        "training": (1, 1, 1),
        "file": (5, 5, 5),
    }
    assert report.is_whole
    for name in ("Cows / 1", "Colours"):
        for task_id, theirs in there.tasks(name).items():
            ours = dict(here.scale.task_body(task_id) or {})
            assert ours["project"] == f"old {name}"
            for field in (
                "status",
                "params",
                "instruction",
                "unique_id",
                "tags",
                "metadata",
                "created_at",
                "response",
                "customer_review_status",
            ):
                assert ours.get(field) == theirs.get(field), field
            assert ours.get("completed_at") == theirs.get("completed_at")
    counted = Sql("SELECT COUNT(*) AS number FROM scale_callbacks")
    assert here.machine.database.read_sync(lambda tx: tx.scalar(counted)) == 0


def test_people_and_known_answers_are_at_work_here(there: There, here: App) -> None:
    report = move(here, there, prefix="old ")
    assert sorted(report.invitations) == [ANNA, BEN]
    said = {task["customer_review_status"] for task in there.tasks("Cows / 1").values()}
    assert {"accepted", "rejected"} <= said
    read = here.machine.database.read_sync
    access = read(lambda tx: operator_access(tx, workspace=None))
    projects = read(
        lambda tx: here.projects.list_projects(tx, access, with_archived=False, before=None, limit=9)
    )
    project_id = next(entry.project_id for entry in projects if entry.name == "old Cows / 1")

    def batch() -> tuple[bool, list[str]]:
        shown = read(lambda tx: here.projects.list_batches(tx, project_id, before=None, limit=9))
        return next((entry.is_for_some, entry.members) for entry in shown if entry.name == "b 2")

    assert batch() == (True, [])
    join(here, report.invitations[ANNA])
    assert batch() == (True, ["Anna"])
    assert len(read(lambda tx: here.quality.get_course(tx, project_id)).lessons) == 1
    kinds = Sql(
        "SELECT kind FROM submissions WHERE project_id = :project_id AND kind IN ('gold', 'prediction')"
    )
    found = read(lambda tx: tx.all(kinds, {"project_id": project_id}))
    assert sorted(row["kind"] for row in found) == [
        "gold",
        "gold",
        "prediction",
    ]  # the lesson's, the hidden one's
    again = move(here, there, prefix="old ")
    assert again.is_whole and not again.invitations
    changed = {"add_emails": [], "remove_emails": [ANNA]}
    path = "/studio/projects/Cows%20%2F%201/groups/experts%20%2F%201"
    there.api("PUT", path, json=changed)
    assert move(here, there, prefix="old ").is_whole
    assert batch() == (True, [])
    there.api("PUT", path, json={"add_emails": [ANNA], "remove_emails": []})


def test_known_answers_that_are_not_listed_come_by_their_ids(there: There, here: App) -> None:
    listed = [there.api("GET", f"/{kind}_tasks")["docs"] for kind in ("evaluation", "training")]
    ids = [task["task_id"] for docs in listed for task in docs]
    report = move(here, there, quality_task_ids=[*ids, "0" * 24], place=LikeScale)
    known = [report.tallies[kind] for kind in ("evaluation", "training")]
    assert [(tally.here, tally.equal) for tally in known] == [(1, 1), (1, 1)]
    assert [(entry.kind, entry.name) for entry in report.left] == [("evaluation", "0" * 24)]
    assert any("--quality-tasks" in entry for entry in report.never_asked)


def test_it_goes_on_after_a_kill_and_brings_what_is_new(there: There, here: App) -> None:
    for die_at in (1, 3, 6, 9, 11):
        with pytest.raises(Killed):
            move(here, there, die_at=die_at)
    report = move(here, there)
    assert report.is_whole, report
    asked = there.task(
        "categorization", project="Colours", attachment_type="text", attachment="coal", categories=["red"]
    )
    label(there, ("Colours", 1))
    again = move(here, there)
    assert (again.left, again.different, again.tallies["task"].here) == (
        [],
        [],
        report.tallies["task"].here + 1,
    )
    done = [task["status"] for task in there.tasks("Colours").values()]
    assert [(here.scale.task_body(task_id) or {})["status"] for task_id in there.tasks("Colours")] == done
    assert here.scale.task_body(asked["task_id"]) is not None


def test_what_does_not_come_is_said(there: There, here: App) -> None:
    access = here.machine.database.read_sync(lambda tx: operator_access(tx, workspace=None))
    here.machine.database.write_sync(lambda tx: here.projects.create_project(tx, access, name="Colours"))
    report = move(here, there)
    reasons = {(entry.kind, entry.name): entry.reason for entry in report.left}
    assert reasons["project", "Colours"].endswith("--to-project-prefix")
    assert "did not come over" in reasons["batch", "later"]
    assert report.tallies["task"].left == len(there.tasks("Colours"))
    assert not report.is_whole


def test_the_command_tells_what_came_of_it(there: There, tmp_path: Path, sqlite_url: str) -> None:
    app = goldsmith.app.wire(
        open_machine(Settings(data_dir=tmp_path / "cli", database_url=sqlite_url, job_threads=0))
    )
    found(app)
    app.close()
    config = tmp_path / "goldsmith.toml"
    config.write_text(f'database_url = "{sqlite_url}"\n')
    words = ["migrate", "scale", "--from", there.url, "--key", there.key, "--data", str(tmp_path / "cli")]
    result = CliRunner().invoke(application, [*words, "--json"], env={"GOLDSMITH_DATABASE_URL": sqlite_url})
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert told["tallies"]["task"]["equal"] == told["tallies"]["task"]["there"] > 0
    again = CliRunner().invoke(application, words, env={"GOLDSMITH_DATABASE_URL": sqlite_url})
    assert again.exit_code == 0
    assert "Never told to a client" in again.stdout


FILES = {
    "jpg": picture(5),
    "pdf": b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n",
    "mp3": b"ID3\x03\x00\x00" + bytes(64),
    "mp4": b"\x00\x00\x00\x18ftypmp42" + bytes(64),
}


def test_answers_of_every_kind_come_over(there: There, sqlite_url: str, tmp_path: Path) -> None:
    """A task of each type, answered with what its type calls an answer that holds, files in responses among them."""
    for name, params in EXAMPLES.items():
        there.api("POST", "/projects", json={"name": name, "type": name})
        beside = ("project", "batch", "unique_id", "callback_url")
        there.task(
            name, project=name, **uploaded(there, {k: v for k, v in params.items() if k not in beside})
        )
    label(there, *((name, 1) for name in EXAMPLES))
    app = goldsmith.app.wire(
        open_machine(Settings(data_dir=tmp_path / "here", database_url=sqlite_url, job_threads=0))
    )
    found(app)
    report = move(app, there)
    app.close()
    assert (report.left, report.different) == ([], [])


def uploaded(place: There, value: Any) -> Any:
    """Return parameters with the addresses of files replaced by those of files that are there."""
    if isinstance(value, dict):
        return {key: uploaded(place, entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [uploaded(place, entry) for entry in value]
    ending = str(value).rpartition(".")[2]
    if not str(value).startswith("http://") or ending not in FILES:
        return value
    content = FILES[ending] if not str(value).endswith("b.jpg") else picture(6)
    sent = {"file": (f"a.{ending}", content, "application/octet-stream")}
    return place.api("POST", "/files/upload", files=sent)["attachment_url"]
