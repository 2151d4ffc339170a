"""Credentials of requests, and how statements are put together."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.requests import Request

from goldsmith.accounts import gate as gate_module
from goldsmith.accounts.gate import Gate, hash_secret
from goldsmith.accounts.types import Role
from goldsmith.core.errors import BugError, NotAuthenticatedError
from goldsmith.core.ids import ManualClock
from goldsmith.platform.database import Sql


@pytest.fixture
def gate(clock: ManualClock) -> Gate:
    made = Gate(None, clock)  # type: ignore[arg-type]  # no database is asked here
    made.add_scope("task_id", Sql("SELECT workspace_id, project_id FROM tasks WHERE task_id = :value"))
    made.add_scope("project_id", Sql("SELECT 1"))
    return made


def request(*headers: tuple[str, str], method: str = "GET", **path_params: str) -> Request:
    raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers]
    scope: dict[str, Any] = {"type": "http", "method": method, "headers": raw, "path_params": path_params}
    return Request(scope)


def test_a_session_comes_from_its_cookie(gate: Gate) -> None:
    found = gate.credential(
        request(("Cookie", "a=b; goldsmith_session=tok; c=d"), ("X-CSRF-Token", "csrf"), method="POST")
    )
    assert found == ("session", hash_secret("tok"), "csrf", "POST")


def test_a_key_wins_over_a_session(gate: Gate) -> None:
    found = gate.credential(request(("Cookie", "goldsmith_session=tok"), ("Authorization", "bearer gsk_x")))
    assert found == ("key", hash_secret("gsk_x"), None, "GET")


@pytest.mark.parametrize(
    "headers",
    [
        (),
        (("Cookie", "other=1"),),
        (("Cookie", "xgoldsmith_session=tok"),),
        (("Authorization", "Bearer other"), ("Cookie", "goldsmith_session=tok")),
        (("Authorization", "Basic gsk_x"),),
        (("Authorization", "gsk_x"),),
        (("Authorization", ""),),
    ],
)
def test_everything_else_is_nobody(gate: Gate, headers: tuple[tuple[str, str], ...]) -> None:
    with pytest.raises(NotAuthenticatedError):
        gate.credential(request(*headers))


def test_the_first_known_parameter_names_the_thing(gate: Gate) -> None:
    assert gate.find_scope(request(number="1", task_id="t", project_id="p")) == ("task_id", "t")
    with pytest.raises(BugError, match="none of its path parameters"):
        gate.find_scope(request(number="1"))


def test_guards_state_their_role(gate: Gate) -> None:
    assert gate.allow(Role.MANAGER).at_least is Role.MANAGER
    assert gate.ticket(Role.ANNOTATOR).at_least is Role.ANNOTATOR
    assert gate.signed_in().at_least is None
    assert gate.public().at_least is None


def test_statements_of_both_databases_are_composed_with_parameters_by_name() -> None:
    scope = Sql(
        "SELECT a FROM b WHERE c = :value AND d = :now_ms", postgresql="SELECT a FROM b WHERE c = :value"
    )
    composed = gate_module._compose(
        "SELECT :token_hash, (/*scope*/) WHERE EXISTS (/*membership*/)",
        scope=scope,
        membership=Sql("SELECT :value"),
    )
    assert composed.compile_for("sqlite", None).text == (
        "SELECT :token_hash, (SELECT a FROM b WHERE c = :value AND d = :now_ms) WHERE EXISTS (SELECT :value)"
    )
    other = composed.compile_for("postgresql", None)
    assert other.text == "SELECT $1, (SELECT a FROM b WHERE c = $2) WHERE EXISTS (SELECT $2)"
    assert other.names == ("token_hash", "value")
