"""Requests and answers: problem+json becomes an error, a busy or absent server is asked again."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Final, NamedTuple, TypeVar

import httpx
from pydantic import TypeAdapter

T = TypeVar("T")
API: Final = "/api/v1"
_RETRIES: Final = 5
_REFUSED_STATUS: Final = frozenset({429, 503})
_RETRY_STATUS: Final = _REFUSED_STATUS | {502, 504}
_FIRST_WAIT_S: Final = 0.2


class ClientError(Exception):
    """The server refused a request.

    Attributes:
        status: HTTP status.
        code: Slug of the error, such as ``not_found``.
        detail: What happened and how to mend it.
        errors: The single faults, each with ``where`` and ``what``.
    """

    def __init__(self, status: int, code: str, detail: str, errors: list[dict[str, str]]) -> None:
        super().__init__(
            f"{status} {code}: {detail}" + "".join(f"\n  {e['where']}: {e['what']}" for e in errors)
        )
        self.status = status
        self.code = code
        self.detail = detail
        self.errors = errors


class Endpoint(NamedTuple):
    """One operation of the API, as the client uses it; a test holds it against the OpenAPI document."""

    method: str
    path: str
    """Below ``/api/v1``, with ``{names}`` for path parameters."""


class Connection:
    """A connection to a server with one key.

    Args:
        url: Such as ``http://127.0.0.1:8400``.
        key: An API key, ``gsk_...``.
        timeout_s: For one request.
    """

    def __init__(self, url: str, key: str, *, timeout_s: float = 60.0) -> None:
        self._http = httpx.Client(
            base_url=url.rstrip("/"),
            headers={"Authorization": f"Bearer {key}"},
            timeout=timeout_s,
            trust_env=False,
        )

    def close(self) -> None:
        """Release the connection."""
        self._http.close()

    def call(
        self,
        endpoint: Endpoint,
        returns: type[T],
        *,
        body: Any = None,
        query: Mapping[str, Any] | None = None,
        **path: str,
    ) -> T | None:
        """Send a request and read the answer as ``returns``; an empty answer is None."""
        response = self.send(endpoint, json=body, query=query, **path)
        if response.status_code == httpx.codes.NO_CONTENT or not response.content:
            return None
        return TypeAdapter(returns).validate_json(response.content)

    def send(
        self,
        endpoint: Endpoint,
        *,
        json: Any = None,
        query: Mapping[str, Any] | None = None,
        content: Any = None,
        files: Any = None,
        **path: str,
    ) -> httpx.Response:
        """Send a request; a server that is busy or just restarting is asked again.

        Raises:
            ClientError: The server refused it.
            httpx.TransportError: The server cannot be reached.
        """
        url = API + endpoint.path.format(**path)
        params = {key: value for key, value in (query or {}).items() if value is not None}
        # a stream is sent once; what makes something without a request key only where it was surely not done
        attempts = 1 if content is not None or files is not None else _RETRIES
        is_repeatable = endpoint.method != "POST" or (isinstance(json, dict) and "request_key" in json)
        again = _RETRY_STATUS if is_repeatable else _REFUSED_STATUS
        for attempt in range(attempts):
            is_last = attempt == attempts - 1
            try:
                response = self._http.request(
                    endpoint.method, url, json=json, params=params, content=content, files=files
                )
            except httpx.ConnectError:
                if is_last:
                    raise
            else:
                if response.status_code not in again or is_last:
                    return _checked(response)
            time.sleep(_FIRST_WAIT_S * 2**attempt)
        raise AssertionError("unreachable")


def _checked(response: httpx.Response) -> httpx.Response:
    if response.is_success:
        return response
    try:
        problem = response.json()
    except ValueError:
        problem = {}
    raise ClientError(
        response.status_code,
        problem.get("code", "error"),
        problem.get("detail", response.text[:500]),
        problem.get("errors") or [],
    )
