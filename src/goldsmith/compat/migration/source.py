"""Reading a place that speaks v1 of Scale's task API, as any of its clients may."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote, urlsplit

import httpx

from goldsmith import __version__
from goldsmith.compat.migration.types import Document, TaskKind
from goldsmith.core.errors import (
    DependencyError,
    InvalidInputError,
    NotAuthenticatedError,
    NotFoundError,
    TooLargeError,
)

PAGE: Final = 100
_PATHS: Final[Mapping[TaskKind, str]] = {
    "task": "/tasks",
    "evaluation": "/evaluation_tasks",
    "training": "/training_tasks",
}
_TRIES: Final = 6
_FIRST_WAIT_S: Final = 0.5
_LONGEST_WAIT_S: Final = 60.0
_TRIED_AGAIN: Final = frozenset({408, 429, 500, 502, 503, 504})
MAX_FILE_BYTES: Final = 2 * 1024**3


class Source:
    """The other place.

    Args:
        url: Such as ``https://api.scale.com``; with or without ``/v1``.
        key: An API key of the account.
        fetch: Brings what lies elsewhere, such as pictures in a bucket, through the guard.
        timeout_s: For one request.
        wait: Lets time pass between tries.
    """

    def __init__(
        self,
        url: str,
        key: str,
        *,
        fetch: Callable[[str], bytes],
        timeout_s: float = 60.0,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise InvalidInputError("the address to move from must be a URL such as https://api.scale.com")
        self.url = url.rstrip("/").removesuffix("/v1")
        self._fetch = fetch
        self._wait = wait
        agent = {"User-Agent": f"goldsmith/{__version__} migrate"}
        self._api = httpx.Client(
            base_url=f"{self.url}/v1", auth=(key, ""), headers=agent, timeout=timeout_s, trust_env=False
        )

    def close(self) -> None:
        """Release the connection."""
        self._api.close()

    def projects(self) -> list[Document]:
        """Return all projects with their ``param_history``, archived ones too where the other place tells them."""
        found = {entry["name"]: entry for entry in self._list("/projects", archived="true")}
        return list({**found, **{entry["name"]: entry for entry in self._list("/projects")}}.values())

    def project(self, name: str) -> Document:
        """Return one project."""
        return self._document(f"/projects/{_in_path(name)}")

    def batches(self) -> Iterator[Document]:
        """Yield all batches, by pages."""
        offset = 0
        while True:
            page = self._document("/batches", limit=PAGE, offset=offset, exclude_archived="False")
            yield from page["docs"]
            offset += len(page["docs"])
            if not page["has_more"] or not page["docs"]:
                return

    def batch(self, name: str) -> Document:
        """Return one batch."""
        return self._document(f"/batches/{_in_path(name)}")

    def count_batches(self) -> int:
        """Return how many batches there are."""
        return int(self._document("/batches", limit=1, offset=0, exclude_archived="False")["totalDocs"])

    def tasks(self, project: str, kind: TaskKind = "task") -> Iterator[Document]:
        """Yield all tasks of a project, newest first, with the addresses of their files where it tells them."""
        token: str | None = None
        while True:
            asked = {"project": project, "limit": PAGE, "include_attachment_url": "True"}
            page = self._document(_PATHS[kind], **asked, **({"next_token": token} if token else {}))
            yield from page["docs"]
            token = page.get("next_token")
            if not page["has_more"] or not token:
                return

    def count_tasks(self, project: str, kind: TaskKind = "task") -> int:
        """Return how many tasks a project has, by the other place's own count."""
        return int(self._document(_PATHS[kind], project=project, limit=1)["total"])

    def lists(self, kind: TaskKind) -> bool:
        """Say whether tasks of a kind can be listed there: goldsmith tells those with known answers, Scale does not."""
        try:
            self._document(_PATHS[kind], limit=1)
        except (NotFoundError, InvalidInputError):
            return False
        return True

    def task(self, task_id: str) -> Document:
        """Return one task, with its known answer where that is told."""
        return self._document(f"/task/{_in_path(task_id)}", include_attachment_url="True")

    def people(self) -> list[Document]:
        """Return the team with e-mail address, role, and the projects that each works in; none where it is not told."""
        team, assigned = self._told("/teams") or [], self._told("/studio/assignments") or {}
        projects = {_normal(email): names for email, names in assigned.items()}
        people = {_normal(entry["email"]): entry.get("role") for entry in team}
        return [
            {"email": email, "role": role, "projects": projects.get(email, [])}
            for email, role in people.items()
        ]

    def groups(self, projects: Sequence[str]) -> list[Document]:
        """Return the groups of projects with their people and the batches they are for; none where none are told."""
        found = [
            (project, group)
            for project in projects
            for group in self._told(f"/studio/projects/{_in_path(project)}/groups") or []
        ]
        batches = (self._told("/studio/batches") or []) if found else []
        return [
            {
                "project": project,
                "name": group["name"],
                "emails": [_normal(worker["email"]) for worker in group.get("workers") or []],
                "batches": [
                    batch["name"]
                    for batch in batches
                    if batch["projectName"] == project and group["name"] in batch["groups"]
                ],
            }
            for project, group in found
        ]

    def _told(self, path: str) -> Any:
        """Return what a place tells that need not; None where it does not."""
        try:
            return self._get(path, {})
        except (NotFoundError, InvalidInputError):
            return None

    def file(self, url: str) -> bytes:
        """Return the bytes behind an address; only the other place itself is shown the key.

        Raises:
            InvalidInputError: It is no http(s) address.
            NotFoundError: There is nothing (any more).
            TooLargeError: It has more than 2 GiB.
            DependencyError: It could not be fetched.
        """
        if urlsplit(url).scheme not in ("http", "https"):
            raise InvalidInputError(
                f"{urlsplit(url).scheme or 'such'} addresses can be read only where they belong"
            )
        if urlsplit(url).netloc != urlsplit(self.url).netloc:
            return self._fetch(url)
        content: bytes = self._tried(lambda: self._download(url), what=url)
        return content

    def _download(self, url: str) -> httpx.Response | bytes:
        with self._api.stream("GET", url) as response:
            if response.status_code != httpx.codes.OK:
                response.read()
                return response
            content = bytearray()
            for chunk in response.iter_bytes():
                content += chunk
                if len(content) > MAX_FILE_BYTES:
                    raise TooLargeError("a file has more than 2 GiB")
            return bytes(content)

    def _document(self, path: str, **query: Any) -> Document:
        found = self._get(path, query)
        if not isinstance(found, dict):
            raise InvalidInputError(f"{path} of the other place is not as Scale's API tells it")
        return found

    def _list(self, path: str, **query: Any) -> list[Document]:
        found = self._get(path, query)
        if not isinstance(found, list):
            raise InvalidInputError(f"{path} of the other place is not as Scale's API tells it")
        return found

    def _get(self, path: str, query: Mapping[str, Any]) -> Any:
        return self._tried(lambda: self._api.get(path, params=dict(query)), what=path)

    def _tried(self, send: Callable[[], httpx.Response | bytes], *, what: str) -> Any:
        """Send until there is an answer that holds; whoever is busy or away is asked again."""
        for number in range(_TRIES):
            is_last = number == _TRIES - 1
            try:
                answer = send()
            except httpx.TransportError as error:
                if is_last:
                    raise DependencyError(f"the other place cannot be reached at {what}: {error}") from error
                self._wait(_pause_s(number, None))
                continue
            if isinstance(answer, bytes):
                return answer
            if answer.status_code in _TRIED_AGAIN and not is_last:
                self._wait(_pause_s(number, answer.headers.get("retry-after")))
                continue
            return _checked(answer, what)
        raise AssertionError("unreachable")


def _normal(email: Any) -> str:
    """Return an e-mail address in the form in which it is compared here."""
    return str(email).strip().lower()


def _in_path(name: str) -> str:
    return quote(name, safe="")


def _pause_s(number: int, asked: str | None) -> float:
    wanted_s = float(asked) if asked and asked.isascii() and asked.isdigit() else _FIRST_WAIT_S * 2**number
    return min(wanted_s, _LONGEST_WAIT_S)


def _checked(answer: httpx.Response, what: str) -> Any:
    if answer.status_code == httpx.codes.OK:
        try:
            return answer.json()
        except ValueError as error:
            raise InvalidInputError(f"{what} of the other place is no JSON; is the address right?") from error
    if answer.status_code == httpx.codes.UNAUTHORIZED:
        raise NotAuthenticatedError("the other place does not know the key")
    reason = _reason(answer)
    if answer.status_code in (403, 404, 410):
        raise NotFoundError(f"{what}: {reason}")
    if answer.status_code in _TRIED_AGAIN:
        raise DependencyError(f"the other place answered {answer.status_code} to {what}: {reason}")
    raise InvalidInputError(f"the other place answered {answer.status_code} to {what}: {reason}")


def _reason(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["error"])[:300]
    except (ValueError, KeyError, TypeError):
        return answer.text[:300] or answer.reason_phrase
