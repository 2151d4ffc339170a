"""Moving house from one goldsmith to another: over HTTP from a served one, into one on each database."""

from __future__ import annotations

import io
import json
import threading
import time
from collections.abc import Iterator
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
from goldsmith.compat.migration.types import Report
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

OWNER = "owner@example.org"
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
    for name, project, metadata in (("b 1", "Cows / 1", {"from": "field"}), ("later", "Colours", {})):
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


class Killed(BaseException):
    """Stands for a process that is ended: nothing catches it."""


def move(here: App, there: There, *, prefix: str = "", die_at: int | None = None) -> Report:
    told: list[str] = []

    def progress(what: str, done: int, total: int) -> None:
        told.append(what)
        if die_at is not None and len(told) == die_at:
            raise Killed

    access = here.machine.database.read_sync(lambda tx: operator_access(tx, workspace=None))
    source = Source(
        there.url, there.key, fetch=lambda url: here.machine.fetcher.get(url, max_bytes=10**8).content
    )
    plan = plan_of(workspace_id=access.workspace_id, actor=access.member_id, source=source, prefix=prefix)
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
        "batch": (2, 2, 2),
        "task": (total, total, total),
        "file": (3, 3, 3),
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
            ):
                assert ours.get(field) == theirs.get(field), field
            assert ours.get("completed_at") == theirs.get("completed_at")
    counted = Sql("SELECT COUNT(*) AS number FROM scale_callbacks")
    assert here.machine.database.read_sync(lambda tx: tx.scalar(counted)) == 0


def test_it_goes_on_after_a_kill_and_brings_what_is_new(there: There, here: App) -> None:
    for die_at in (1, 3, 5):
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
