import json

import pytest

from goldsmith.compat.scale_v1.errors import scale_form, scale_v2_form
from goldsmith.compat.scale_v1.task_types.types import NotEnabledFault, ParameterFault
from goldsmith.core.errors import (
    ConflictError,
    GoldsmithError,
    InvalidInputError,
    LimitExceededError,
    NotAuthenticatedError,
    NotFoundError,
    PermissionDeniedError,
    TooLargeError,
)
from goldsmith.server.errors import internal_problem, problem_of


@pytest.mark.parametrize(
    ("error", "first", "second"),
    [
        (ParameterFault('"x" is required'), 400, 400),
        (InvalidInputError("x"), 400, 422),
        (NotAuthenticatedError("x"), 401, 401),
        (PermissionDeniedError("x"), 401, 403),
        (NotEnabledFault("x"), 402, 403),
        (NotFoundError("x"), 404, 404),
        (ConflictError("x"), 409, 409),
        (TooLargeError("x"), 400, 400),
        (LimitExceededError("x"), 429, 429),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, GoldsmithError) else str(value),
)
def test_each_error_in_both_versions(error: GoldsmithError, first: int, second: int) -> None:
    problem = problem_of(error, incident_id="i")
    assert problem is not None
    for form, status in ((scale_form, first), (scale_v2_form, second)):
        told = form(problem)
        assert told.status == status
        assert json.loads(told.body) == {"status_code": status, "error": error.detail}
        assert (b"content-type", b"application/json") in told.headers
        assert len([name for name, _ in told.headers if name == b"content-type"]) == 1


def test_what_went_wrong_inside_is_500() -> None:
    told = scale_form(internal_problem("abc"))
    assert told.status == 500 and "abc" in json.loads(told.body)["error"]
