"""Lists of values inside statements, the same text for any length."""

from __future__ import annotations

import json
from collections.abc import Iterable


def in_list(name: str) -> tuple[str, str]:
    """Return, for SQLite and for PostgreSQL, the test for one of the values of the JSON list in a parameter.

    PostgreSQL looks up an array in an index whatever it knows of the table; a subquery it joins, which reads the whole
    table where the plan is of the time when that was empty.
    """
    return (
        f"IN (SELECT value FROM json_each(:{name}))",  # noqa: S608  names of parameters
        f"= ANY (ARRAY(SELECT jsonb_array_elements_text(CAST(:{name} AS jsonb))))",
    )


def as_list(values: Iterable[str]) -> str:
    """Return the parameter for ``in_list``."""
    return json.dumps(list(values))
