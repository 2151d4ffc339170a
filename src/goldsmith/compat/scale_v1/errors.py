"""Errors in Scale's form, ``{"status_code": 404, "error": "..."}``, with statuses that its clients have classes for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from goldsmith.server.errors import Problem

_STATUSES: Final[Mapping[int, int]] = {403: 401, 405: 404, 410: 404, 413: 400, 415: 400, 422: 400, 501: 500}
"""Statuses for which its clients have no class, and what is said instead."""


_STATUSES_V2: Final[Mapping[int, int]] = {402: 403, 405: 404, 410: 404, 413: 400, 415: 400, 501: 500}
"""Likewise for its second version, which knows what is forbidden and not what is not enabled."""


def scale_form(problem: Problem) -> Problem:
    """Return a problem as Scale's clients read it."""
    return _told(problem, _STATUSES)


def scale_v2_form(problem: Problem) -> Problem:
    """Return a problem as clients of the second version read it."""
    return _told(problem, _STATUSES_V2)


def _told(problem: Problem, statuses: Mapping[int, int]) -> Problem:
    document = json.loads(problem.body)
    status = statuses.get(problem.status, problem.status)
    body = json.dumps({"status_code": status, "error": document["detail"]}, ensure_ascii=False)
    headers = tuple(pair for pair in problem.headers if pair[0] != b"content-type")
    return Problem(
        status, ((b"content-type", b"application/json"), *headers), body.encode("utf-8", "replace")
    )
