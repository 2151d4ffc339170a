"""A started server, its keys, and what Scale's client is tried with against it."""

from __future__ import annotations

import functools
import http.server
import io
import itertools
import re
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
import scaleapi
from PIL import Image
from scaleapi.tasks import TaskType

from goldsmith.accounts.api import Role, operator_access
from goldsmith.app import App
from goldsmith.client import Client
from goldsmith.core.annotations import Annotation, Labelling
from goldsmith.core.geometry import Box
from goldsmith.labeling.api import TaskPayload
from goldsmith.platform.database import Transaction
from tests.integration.compat.mail_receiver import MailReceiver
from tests.integration.robustness.served import Served, free_port

ID = re.compile(r"[0-9a-f]{24}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
GEOMETRIES = {
    "box": {"objects_to_annotate": ["Cow", {"choice": "Pig", "subchoices": ["Boar"]}], "min_height": 4}
}
ATTRIBUTES = {"lying": {"type": "category", "description": "Does it lie?", "choices": ["no", "yes"]}}
WIDTH, HEIGHT = 320, 240
PLACES = ("project", "batch", "unique_id")
"""What an example of a task says of its own place."""
_PATIENCE_S = 30.0


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Say nothing."""


class Site:
    """The server and whoever uses it.

    Attributes:
        live: Key of the owner; likewise ``test``, for test mode.
        stranger: Key of the owner of another workspace.
        annotator: Key of somebody who only labels.
    """

    def __init__(self, folder: Path) -> None:
        pictures = folder / "pictures"
        pictures.mkdir(parents=True)
        self.picture = picture_bytes((90, 120, 40))
        (pictures / "cow.jpg").write_bytes(self.picture)
        (pictures / "broken.jpg").write_bytes(self.picture[:200])
        handler = functools.partial(_Quiet, directory=str(pictures))
        port = free_port()
        self._pictures = http.server.ThreadingHTTPServer(("127.0.0.1", port), handler)
        threading.Thread(target=self._pictures.serve_forever, daemon=True).start()
        self.pictures_url = f"http://127.0.0.1:{port}"
        self.mail = MailReceiver()
        environment = {"GOLDSMITH_FETCH_HOSTS": f'["127.0.0.1:{port}"]', **self.mail.environment()}
        self.served = Served(folder / "installation", environment=environment)
        self.workspace_id, self.live = self.served.found()
        self.served.inside(lambda app: app.machine.database.write_sync(lambda tx: self._make_keys(app, tx)))
        self.served.start()

    def _make_keys(self, app: App, tx: Transaction) -> None:
        accounts = app.accounts
        made = accounts.create_key(tx, self.workspace_id, "owner@example.org", name="tests", mode="test")
        self.test = made.secret
        owner = operator_access(tx, workspace=self.workspace_id)
        other = accounts.people.add_workspace(tx, user_id=str(owner.user_id), name="Elsewhere")
        self.stranger = accounts.create_key(tx, other.workspace_id, "owner@example.org", name="other").secret
        self.annotator = self._add_annotator(app, tx)

    def _add_annotator(self, app: App, tx: Transaction) -> str:
        owner = operator_access(tx, workspace=self.workspace_id)
        member = app.accounts.people.add_member(tx, owner, name="Anna", kind="simulated", role=Role.ANNOTATOR)
        return app.accounts.keys.create(tx, owner, name="tests", member_id=member.member_id).secret

    def close(self) -> None:
        self.served.stop()
        self._pictures.shutdown()
        self.mail.close()

    def labeler(self, email: str) -> str:
        """Invite somebody as Scale's client does, as a labeler; returns their key for work in goldsmith."""
        asked = {"emails": [email], "team_role": "labeler"}
        invited = self.raw("POST", "/v1/teams/invite", json=asked).json()
        [url] = [entry["invitation_url"] for entry in invited if "invitation_url" in entry]
        with httpx.Client(base_url=f"{self.served.url}/api/v1", timeout=30) as browser:
            told = {
                "token": url.rpartition("/")[2].rpartition("=")[2],
                "name": email,
                "password": "a long passphrase",
            }
            came = browser.post("/auth/invitations/accept", json=told).raise_for_status().json()
            headers = {"X-CSRF-Token": came["csrf_token"]}
            path = f"/workspaces/{self.workspace_id}/keys"
            key = browser.post(path, json={"name": "tests"}, headers=headers).raise_for_status().json()
        return str(key["secret"])

    def given(self, key: str, project_id: str) -> str | None:
        """The task that somebody is given next, by the id that Scale's clients know; it is put back."""
        own = {"Authorization": f"Bearer {key}"}
        with httpx.Client(base_url=f"{self.served.url}/api/v1", headers=own, timeout=30) as browser:
            handed = browser.post(f"/projects/{project_id}/tasks/next", json={"stage": "label"})
            if handed.status_code == 204:
                return None
            body = handed.raise_for_status().json()
            lease = body["lease"]
            token = {"token": lease["token"]}
            browser.post(f"/leases/{lease['judgement_id']}/release", json=token).raise_for_status()
        return str(body["item"]["metadata"]["scale_task_id"])

    def desk(self, mode: str) -> Desk:
        return Desk(self, mode, self.live if mode == "live" else self.test)

    def client(self, key: str) -> scaleapi.ScaleClient:
        """Scale's own client, as its users point it at another server."""
        client = scaleapi.ScaleClient(key, api_instance_url=f"{self.served.url}/v1")
        client.v2.api_client.configuration.host = self.served.url
        return client

    def raw(self, method: str, path: str, *, key: str | None = None, **more: Any) -> httpx.Response:
        """One request as it is, past the client."""
        auth = (self.live if key is None else key, "")
        return httpx.request(method, f"{self.served.url}{path}", auth=auth, timeout=30, **more)


class Desk:
    """One customer's desk: a client in one mode, and fresh names."""

    _numbers = itertools.count(1)

    def __init__(self, site: Site, mode: str, key: str) -> None:
        self.site = site
        self.is_test = mode == "test"
        self.key = key
        self.client: Any = site.client(key)

    def name(self, what: str = "thing") -> str:
        """A name that has everything a path must not trip over."""
        return f"{what} {next(self._numbers)}/ä?&#%"

    def project(self, **params: Any) -> str:
        name = self.name("project")
        self.client.create_project(name, TaskType.ImageAnnotation, params=params or None)
        return name

    def batch(self, project: str, **more: Any) -> str:
        name = self.name("batch")
        self.client.create_batch(project, name, **more)
        return name

    @functools.cached_property
    def attachment(self) -> str:
        """A picture that was uploaded, so that tasks are there at once."""
        return str(self.client.upload_file(io.BytesIO(self.site.picture)).attachment_url)

    def payload(self, **more: Any) -> dict[str, Any]:
        return {
            "attachment_type": "image",
            "attachment": self.attachment,
            "geometries": GEOMETRIES,
            "annotation_attributes": ATTRIBUTES,
            **more,
        }

    def task(self, **more: Any) -> Any:
        return self.client.create_task(TaskType.ImageAnnotation, **self.payload(**more))

    def finished(self, project: str, **more: Any) -> Any:
        """A completed task: at once in test mode, else labelled by the owner in goldsmith."""
        task = self.task(project=project, **more)
        if not self.is_test:
            self.label(project)
        self.wait(task, "completed")
        return task

    def goldsmith_project(self, project: str) -> str:
        return str(self.client.v2.get_project(project_name=project).id)

    def label(self, project: str) -> TaskPayload:
        """Draw one cow in the next task of a project, and return it."""
        with self.people() as people:
            project_id = self.goldsmith_project(project)
            ontology = self.ask(f"/projects/{project_id}/ontology")["ontology"]
            cow = next(entry for entry in ontology["classes"] if entry["name"] == "Cow")
            lying = cow["attributes"][0]
            handed = people.next_task(project_id)
            assert handed is not None, "nothing is handed out"
            drawn = Annotation(
                annotation_id="a1",
                class_id=cow["class_id"],
                geometry=Box(box_xyxy=(10, 20, 110, 80)),
                attributes={lying["attribute_id"]: lying["options"][1]["option_id"]},
            )
            people.submit(
                handed, Labelling(annotations=[drawn]), request_key=handed.lease.judgement_id, active_ms=4000
            )
            return handed

    def ask(self, path: str) -> Any:
        """What goldsmith's own API says."""
        url = f"{self.site.served.url}/api/v1{path}"
        return httpx.get(url, headers={"Authorization": f"Bearer {self.key}"}).raise_for_status().json()

    def people(self) -> Client:
        """The people of the workspace, who work in goldsmith."""
        return Client(self.site.served.url, self.key)

    def wait(self, task: Any, status: str) -> Any:
        """Wait until a task has a status."""
        ends = time.monotonic() + _PATIENCE_S
        while task.status != status:
            assert time.monotonic() < ends, f"the task is {task.as_dict()}"
            time.sleep(0.05)
            task.refresh()
        return task

    def until(self, is_so: Callable[[], bool]) -> None:
        """Wait until something is so."""
        ends = time.monotonic() + _PATIENCE_S
        while not is_so():
            assert time.monotonic() < ends
            time.sleep(0.05)


def picture_bytes(colour: tuple[int, int, int]) -> bytes:
    sink = io.BytesIO()
    Image.new("RGB", (WIDTH, HEIGHT), colour).save(sink, "JPEG")
    return sink.getvalue()


def assert_task(body: Mapping[str, Any], **expected: Any) -> None:
    """Check a task's body against the contract: what is always there, and nothing that says nothing."""
    always = {
        "task_id",
        "created_at",
        "updated_at",
        "type",
        "status",
        "project",
        "is_test",
        "metadata",
        "params",
    }
    assert always <= set(body)
    assert ID.fullmatch(body["task_id"])
    assert TIME.fullmatch(body["created_at"]) and TIME.fullmatch(body["updated_at"])
    assert isinstance(body["metadata"], dict) and isinstance(body["params"], dict)
    assert body["status"] in ("pending", "completed", "canceled", "error")
    assert ("completed_at" in body) == ("response" in body) == (body["status"] == "completed")
    assert all(body[name] is not None for name in body)
    for name, value in expected.items():
        assert body[name] == value, name
