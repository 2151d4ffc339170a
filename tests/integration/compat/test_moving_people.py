"""People and known answers that come over where something stands already, or that are written in another way there."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from goldsmith.accounts.api import KeyAccess, operator_access
from goldsmith.app import App, wire
from goldsmith.cli.main import application
from goldsmith.compat.migration.source import Source
from goldsmith.platform.database import Transaction
from goldsmith.platform.machine import open_machine
from goldsmith.platform.settings import Settings
from tests.integration.compat.test_moving import ANNA, BEN, There, found, here, join, move, there

__all__ = ["here", "there"]


class Shouting(Source):
    """A place that writes addresses as people typed them, and has callbacks by e-mail."""

    def _told(self, path: str) -> Any:
        found = super()._told(path)
        return json.loads(json.dumps(found).replace(ANNA, ANNA.upper()).replace(BEN, f" {BEN.title()}"))

    def batches(self) -> Iterator[dict[str, Any]]:
        yield from ({**batch, "callback": "lead@example.org"} for batch in super().batches())


def test_addresses_are_the_same_however_they_are_written(there: There, here: App) -> None:
    report = move(here, there, prefix="old ", place=Shouting)
    assert (report.left, report.different) == ([], [])
    assert sorted(report.invitations) == [ANNA, BEN]


def test_whoever_is_here_and_what_has_the_same_name_is_left_alone(there: There, here: App) -> None:
    write, read = here.machine.database.write_sync, here.machine.database.read_sync
    access = read(lambda tx: operator_access(tx, workspace=None))
    key = KeyAccess(access, is_test=False)

    def prepare(tx: Transaction) -> str:
        scale = here.scale
        scale.create_project(tx, key, {"name": "Own", "type": "categorization"})
        scale.create_batch(tx, key, {"name": "b 2", "project": "Own"})
        team = scale.invite_team(tx, key, {"emails": [ANNA], "team_role": "manager"})
        return str(next(entry["invitation_url"] for entry in team if "invitation_url" in entry))

    join(here, write(prepare))
    write(lambda tx: assign(here, tx, key, "Own"))
    report = move(here, there, prefix="old ")
    assert [(entry.kind, entry.name) for entry in report.left] == [("batch", "b 2")]
    assert [entry.kind for entry in report.different] == ["group"]  # its batch did not come
    told = read(lambda tx: here.scale.list_studio_batches(tx, key))
    assert [(entry["projectName"], entry["groups"]) for entry in told if entry["name"] == "b 2"] == [
        ("Own", [])
    ]
    assert sorted(report.invitations) == [BEN]
    assigned = read(lambda tx: here.scale.list_assignments(tx, key))
    assert sorted(assigned[ANNA]) == ["Own", "old Colours", "old Cows / 1"]
    roles = {entry["email"]: entry["role"] for entry in read(lambda tx: here.scale.list_team(tx, key))}
    assert (roles[ANNA], roles[BEN]) == ("manager", "labeler")


def assign(app: App, tx: Transaction, key: KeyAccess, project: str) -> None:
    app.scale.change_assignments(tx, key, {"emails": [ANNA], "projects": [project]}, is_added=True)


def test_an_invitation_that_is_over_is_told(there: There, here: App) -> None:
    move(here, there)
    write, read = here.machine.database.write_sync, here.machine.database.read_sync
    access = read(lambda tx: operator_access(tx, workspace=None))
    people = here.accounts.people
    open_ = read(lambda tx: people.list_invitations(tx, access, after="", limit=9)).items
    lost = next(entry.invitation_id for entry in open_ if entry.email == BEN)
    write(lambda tx: people.take_back_invitation(tx, access, invitation_id=lost))
    again = move(here, there)
    assert [(entry.kind, entry.name) for entry in again.different] == [("person", BEN)]
    assert "nor invited" in again.different[0].reason and not again.invitations


def test_words_of_a_known_answer_follow(there: There, here: App) -> None:
    assert move(here, there).is_whole
    [task] = there.api("GET", "/evaluation_tasks")["docs"]
    there.api("POST", f"/task/{task['task_id']}/setMetadata", json={"n": 2})
    there.api("POST", f"/task/{task['task_id']}/tags", json=["new"])
    report = move(here, there)
    assert (report.left, report.different) == ([], [])
    ours = here.scale.task_body(task["task_id"]) or {}
    assert (ours["metadata"], ours["tags"]) == ({"n": 2}, ["new"])


def test_an_invitation_keeps_its_projects_when_the_role_changes(there: There, here: App) -> None:
    move(here, there)
    write, read = here.machine.database.write_sync, here.machine.database.read_sync
    key = KeyAccess(read(lambda tx: operator_access(tx, workspace=None)), is_test=False)
    asked = {"emails": [ANNA], "team_role": "member"}
    team = {entry["email"]: entry for entry in write(lambda tx: here.scale.set_role(tx, key, asked))}
    assert team[ANNA]["role"] == "member" and "invitation_url" not in team[BEN]
    join(here, team[ANNA]["invitation_url"])
    assigned = read(lambda tx: here.scale.list_assignments(tx, key))
    assert sorted(assigned[ANNA]) == ["Colours", "Cows / 1"]


class _Leaving(BaseHTTPRequestHandler):
    """A place that tells its team, and then does not know the key any more."""

    def do_GET(self) -> None:
        told: dict[str, Any] = {
            "/v1/projects": [],
            "/v1/batches": {"docs": [], "totalDocs": 0, "has_more": False},
            "/v1/teams": [{"email": ANNA, "role": "labeler"}],
            "/v1/studio/assignments": {},
        }
        path = self.path.partition("?")[0]
        self.send_response(200 if path in told else 401)
        self.end_headers()
        self.wfile.write(json.dumps(told.get(path)).encode())

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def test_links_are_told_when_the_move_breaks_off(tmp_path: Path, sqlite_url: str) -> None:
    app = wire(open_machine(Settings(data_dir=tmp_path, database_url=sqlite_url, job_threads=0)))
    found(app)
    app.close()
    with ThreadingHTTPServer(("127.0.0.1", 0), _Leaving) as place:
        threading.Thread(target=place.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        url = f"http://127.0.0.1:{place.server_address[1]}"
        words = ["migrate", "scale", "--from", url, "--key", "gone", "--data", str(tmp_path), "--json"]
        result = CliRunner().invoke(application, words, env={"GOLDSMITH_DATABASE_URL": sqlite_url})
        place.shutdown()
    assert result.exit_code not in (0, 3)
    assert f"{ANNA}: http" in result.stderr and not result.stdout
