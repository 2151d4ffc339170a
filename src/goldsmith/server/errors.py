"""From an exception to an answer: the one place where errors become HTTP (RFC 9457 problem+json)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final, NamedTuple

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from goldsmith.core.errors import (
    BugError,
    FieldFault,
    GoldsmithError,
    InvalidInputError,
    LimitExceededError,
    MalformedRequestError,
    NotAuthenticatedError,
)

_MAX_FAULTS: Final = 100
_CODES: Final[Mapping[int, str]] = {
    400: "malformed_request",
    401: "not_authenticated",
    403: "permission_denied",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported",
    429: "limit_exceeded",
}


class Problem(NamedTuple):
    """An answer that says what went wrong."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes


ErrorForm = Callable[[Problem], Problem]
"""Says a problem in the form of another protocol."""


def problem_of(error: Exception, *, incident_id: str) -> Problem | None:
    """Return the answer to an exception, or None for one that nobody meant to raise.

    Args:
        error: What was raised.
        incident_id: Given to the caller when the house itself is at fault, to find it in the log.
    """
    if isinstance(error, BugError):
        return None
    if isinstance(error, GoldsmithError):
        return _of_goldsmith(error)
    if isinstance(error, UnicodeEncodeError) and error.reason == "surrogates not allowed":
        return _of_goldsmith(
            InvalidInputError("a text holds half of a surrogate pair (\\ud800 ...); mend its encoding")
        )
    if isinstance(error, RequestValidationError):
        return _of_goldsmith(_of_validation(error))
    if isinstance(error, HTTPException):
        if isinstance(error.__cause__, GoldsmithError):  # raised while the framework read the body
            return problem_of(error.__cause__, incident_id=incident_id)
        return _of_http(error, incident_id=incident_id)
    return None


def internal_problem(incident_id: str) -> Problem:
    """Return the answer to an exception nobody meant to raise; it says nothing of the inside."""
    return make_problem(
        status=500,
        code="internal",
        title="Internal error",
        detail=f"Something went wrong on the server. The log has it under {incident_id}; please report it.",
        extra={"incident_id": incident_id},
    )


def make_problem(
    *,
    status: int,
    code: str,
    title: str,
    detail: str,
    faults: Sequence[FieldFault] = (),
    headers: tuple[tuple[bytes, bytes], ...] = (),
    extra: Mapping[str, Any] | None = None,
) -> Problem:
    """Return an answer of one's own words."""
    document: dict[str, Any] = {
        "type": f"urn:goldsmith:error:{code}",
        "title": title,
        "status": status,
        "code": code,
        "detail": detail,
        "errors": [{"where": fault.where, "what": fault.what} for fault in faults[:_MAX_FAULTS]],
        **(extra or {}),
    }
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    return Problem(status, ((b"content-type", b"application/problem+json"), *headers), body)


def _of_goldsmith(error: GoldsmithError) -> Problem:
    headers: tuple[tuple[bytes, bytes], ...] = ()
    if isinstance(error, NotAuthenticatedError):
        headers = ((b"www-authenticate", b'Bearer realm="goldsmith"'),)
    elif isinstance(error, LimitExceededError) or error.status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers = ((b"retry-after", b"5"),)
    return make_problem(
        status=error.status,
        code=error.code,
        title=error.title,
        detail=error.detail,
        faults=error.faults,
        headers=headers,
    )


def _of_validation(error: RequestValidationError) -> GoldsmithError:
    found = error.errors()
    if any(entry["type"] == "json_invalid" for entry in found):
        return MalformedRequestError("the body is not JSON")
    faults = [FieldFault(_where(entry["loc"]), str(entry["msg"])) for entry in found]
    first = f"{faults[0].where}: {faults[0].what}" if faults else "see errors"
    return InvalidInputError(f"the request does not hold: {first}", faults=faults)


def _where(location: Sequence[str | int]) -> str:
    """Return ``body.classes[2].name`` for ``("body", "classes", 2, "name")``."""
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def _of_http(error: HTTPException, *, incident_id: str) -> Problem:
    if error.status_code >= 500:
        return internal_problem(incident_id)
    title = HTTPStatus(error.status_code).phrase if error.status_code in set(HTTPStatus) else "Error"
    headers = tuple(
        (name.lower().encode("latin-1"), value.encode("latin-1"))
        for name, value in (error.headers or {}).items()
    )
    return make_problem(
        status=error.status_code,
        code=_CODES.get(error.status_code, "error"),
        title=title,
        detail=_sentence(error, title),
        headers=headers,
    )


def _sentence(error: HTTPException, title: str) -> str:
    if error.status_code == HTTPStatus.NOT_FOUND:
        return "there is nothing at this address; see /api/v1/openapi.json for what there is"
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        return "this address does not take this method; the Allow header says which it takes"
    return str(error.detail or title)
