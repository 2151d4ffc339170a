"""Each error becomes the answer it states."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from goldsmith.core import errors
from goldsmith.core.errors import FieldFault, GoldsmithError, InvalidInputError
from goldsmith.server.errors import internal_problem, problem_of


def every_error(base: type[GoldsmithError] = GoldsmithError) -> list[type[GoldsmithError]]:
    found = [base]
    for below in base.__subclasses__():
        found += every_error(below)
    return [kind for kind in found if kind.__module__ == errors.__name__]


def told(error: Exception) -> dict[str, Any]:
    problem = problem_of(error, incident_id="i-1")
    assert problem is not None
    document: dict[str, Any] = json.loads(problem.body)
    assert document["status"] == problem.status
    assert problem.headers[0] == (b"content-type", b"application/problem+json")
    return document


@pytest.mark.parametrize("kind", [kind for kind in every_error() if kind is not errors.BugError])
def test_every_error_has_code_status_title_and_sentence(kind: type[GoldsmithError]) -> None:
    error = kind("a package", extra="x") if kind is errors.MissingExtraError else kind("what to do")  # type: ignore[call-arg]
    document = told(error)
    assert (document["code"], document["status"], document["title"]) == (kind.code, kind.status, kind.title)
    assert document["type"] == f"urn:goldsmith:error:{kind.code}"
    assert document["detail"]
    assert document["errors"] == []


def test_faults_are_listed_up_to_a_cap() -> None:
    faults = [FieldFault(f"line {number}", "bad") for number in range(500)]
    listed = told(InvalidInputError("many", faults=faults))["errors"]
    assert len(listed) == 100
    assert listed[0] == {"where": "line 0", "what": "bad"}


def test_validation_names_the_place_and_not_the_value() -> None:
    entries = [
        {
            "type": "missing",
            "loc": ("body", "classes", 2, "name"),
            "msg": "Field required",
            "input": "s3cret",
        },
        {"type": "int", "loc": ("query", "limit"), "msg": "too big", "input": "s3cret"},
    ]
    document = told(RequestValidationError(entries))
    assert document["errors"] == [
        {"where": "body.classes[2].name", "what": "Field required"},
        {"where": "query.limit", "what": "too big"},
    ]
    assert "s3cret" not in str(document)


def test_a_body_that_is_not_json_is_malformed() -> None:
    entry = {"type": "json_invalid", "loc": ("body", 3), "msg": "JSON decode error", "input": {}}
    assert told(RequestValidationError([entry]))["code"] == "malformed_request"


@pytest.mark.parametrize(
    ("status", "code"),
    [(404, "not_found"), (405, "method_not_allowed"), (418, "error"), (400, "malformed_request")],
)
def test_errors_of_the_framework_are_put_in_our_words(status: int, code: str) -> None:
    document = told(HTTPException(status, headers={"Allow": "GET"}))
    assert (document["status"], document["code"]) == (status, code)


def test_headers_of_the_framework_are_kept() -> None:
    problem = problem_of(HTTPException(405, headers={"Allow": "GET"}), incident_id="")
    assert problem is not None
    assert (b"allow", b"GET") in problem.headers


def test_our_error_wrapped_by_the_framework_is_still_ours() -> None:
    wrapped = HTTPException(400, "There was an error parsing the body")
    wrapped.__cause__ = errors.TooLargeError("smaller, please")
    assert told(wrapped)["status"] == 413


@pytest.mark.parametrize(
    "error",
    [
        ValueError("inside"),
        errors.BugError("inside"),
        KeyError("inside"),
        UnicodeEncodeError("utf-8", "x", 0, 1, "inside"),
    ],
)
def test_what_nobody_meant_to_raise_has_no_answer_of_its_own(error: Exception) -> None:
    assert problem_of(error, incident_id="i-1") is None
    document = json.loads(internal_problem("i-1").body)
    assert (document["status"], document["incident_id"]) == (500, "i-1")
    assert "inside" not in str(document)
    assert "inside" not in str(told(HTTPException(500, "inside")))


def test_it_says_when_to_come_back_and_how_to_sign_in() -> None:
    def headers(error: Exception) -> dict[bytes, bytes]:
        problem = problem_of(error, incident_id="")
        assert problem is not None
        return dict(problem.headers)

    assert b"retry-after" in headers(errors.LimitExceededError("x"))
    assert b"retry-after" in headers(errors.DatabaseBusyError("x"))
    assert b"www-authenticate" in headers(errors.NotAuthenticatedError("x"))
    assert b"retry-after" not in headers(errors.NotFoundError("x"))
