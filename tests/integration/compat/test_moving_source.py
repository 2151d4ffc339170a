"""Reading a place that speaks Scale's task API, with a small one on loopback that is at times busy or broken."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from goldsmith.compat.migration.source import Source
from goldsmith.core.errors import (
    DependencyError,
    InvalidInputError,
    NotAuthenticatedError,
    NotFoundError,
)

KEY = "live_key"


class Place:
    """Answers what ``answers`` holds for a path: a document, or a status with a document; lists are used up."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, list[str]]]] = []
        self.answers: dict[str, Any] = {}
        place = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                place.asked.append((parts.path, parse_qs(parts.query)))
                wanted = "Basic " + base64.b64encode(f"{KEY}:".encode()).decode()
                if self.headers["authorization"] != wanted:
                    return self._send(401, {"status_code": 401, "error": "no"})
                answer = place.answers.get(parts.path, (404, {"status_code": 404, "error": "nothing there"}))
                if isinstance(answer, list):
                    answer = answer.pop(0) if len(answer) > 1 else answer[0]
                self._send(*(answer if isinstance(answer, tuple) else (200, answer)))
                return None

            def _send(self, status: int, document: Any) -> None:
                body = document if isinstance(document, bytes) else json.dumps(document).encode()
                self.send_response(status)
                self.send_header("content-length", str(len(body)))
                self.send_header("retry-after", "3")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        ).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def place() -> Iterator[Place]:
    made = Place()
    yield made
    made.close()


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def source(place: Place, waits: list[float]) -> Iterator[Source]:
    made = Source(place.url + "/v1/", KEY, fetch=lambda url: b"from " + url.encode(), wait=waits.append)
    yield made
    made.close()


def test_pages_are_followed_to_their_ends(place: Place, source: Source) -> None:
    first = {"docs": [{"task_id": "2"}], "has_more": True, "next_token": "t", "total": 2}
    last = {"docs": [{"task_id": "1"}], "has_more": False, "total": 2}
    place.answers["/v1/tasks"] = [first, last]
    assert [task["task_id"] for task in source.tasks("a b/c")] == ["2", "1"]
    assert [query.get("next_token") for _, query in place.asked] == [None, ["t"]]
    assert place.asked[0][1]["project"] == ["a b/c"]
    assert source.count_tasks("a b/c") == 2
    batch = {"docs": [{"name": "b"}], "has_more": True, "totalDocs": 2}
    place.answers["/v1/batches"] = [batch, {**batch, "has_more": False}]
    assert len(list(source.batches())) == 2
    assert place.asked[-1][1]["offset"] == ["1"]


def test_who_is_busy_is_asked_again(place: Place, source: Source, waits: list[float]) -> None:
    place.answers["/v1/projects"] = [(429, {}), (503, b"away"), [{"name": "a"}]]
    place.answers["/v1/projects"][2] = (200, [{"name": "a"}])
    assert [project["name"] for project in source.projects()] == ["a"]
    assert waits == [3.0, 3.0]


def test_what_goes_wrong_is_said(place: Place, source: Source, waits: list[float]) -> None:
    with pytest.raises(NotFoundError, match="nothing there"):
        source.project("x")
    place.answers["/v1/projects"] = (200, b"<html>")
    with pytest.raises(InvalidInputError, match="no JSON"):
        source.projects()
    place.answers["/v1/projects"] = (200, {"not": "a list"})
    with pytest.raises(InvalidInputError, match="not as Scale's API"):
        source.projects()
    place.answers["/v1/batches"] = (500, {"status_code": 500, "error": "broken"})
    with pytest.raises(DependencyError, match="broken"):
        source.count_batches()
    stranger = Source(place.url, "other", fetch=lambda url: b"")
    with pytest.raises(NotAuthenticatedError):
        stranger.projects()
    stranger.close()
    assert (source.people(), source.groups(["a b/c"]), source.lists("evaluation")) == ([], [], False)
    away = Source("http://127.0.0.1:1", KEY, fetch=lambda url: b"", wait=waits.append)
    with pytest.raises(DependencyError, match="cannot be reached"):
        away.projects()
    away.close()
    with pytest.raises(InvalidInputError):
        Source("api.scale.com", KEY, fetch=lambda url: b"")


def test_people_come_with_their_projects_and_groups_with_their_batches(place: Place, source: Source) -> None:
    place.answers["/v1/teams"] = (
        200,
        [{"email": "a@b", "role": "labeler"}, {"email": "c@d", "role": "admin"}],
    )
    place.answers["/v1/studio/assignments"] = {"a@b": ["p"]}
    assert source.people() == [
        {"email": "a@b", "role": "labeler", "projects": ["p"]},
        {"email": "c@d", "role": "admin", "projects": []},
    ]
    place.answers["/v1/studio/projects/p/groups"] = (
        200,
        [{"name": "g", "workers": [{"id": "1", "email": "a@b"}]}],
    )
    studio = {"projectName": "p", "groups": ["g"]}
    others = [{"name": "c", **studio, "projectName": "q"}, {"name": "d", **studio, "groups": []}]
    place.answers["/v1/studio/batches"] = (200, [{"name": "b", **studio}, *others])
    assert source.groups(["p"]) == [{"project": "p", "name": "g", "emails": ["a@b"], "batches": ["b"]}]


def test_only_the_place_itself_is_shown_the_key(place: Place, source: Source) -> None:
    place.answers["/v1/files/1"] = (200, b"bytes")
    assert source.file(f"{place.url}/v1/files/1") == b"bytes"
    assert source.file("http://elsewhere.example/a.png") == b"from http://elsewhere.example/a.png"
    with pytest.raises(InvalidInputError, match="scaledata"):
        source.file("scaledata://account/1")
    with pytest.raises(NotFoundError):
        source.file(f"{place.url}/v1/files/2")
