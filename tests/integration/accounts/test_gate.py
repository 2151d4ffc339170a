"""The gate's one statement on both databases."""

from __future__ import annotations

from typing import Any

import pytest

from goldsmith.accounts.api import Access, Credential, Gate, Role
from goldsmith.accounts.gate import hash_secret
from goldsmith.core.errors import BugError, NotAuthenticatedError, NotFoundError, PermissionDeniedError
from goldsmith.platform.database import Sql, Transaction
from tests.integration.server.house import House


@pytest.fixture
def owner(house: House) -> Access:
    return house.bootstrap()


@pytest.fixture
def gate(house: House, owner: Access) -> Gate:
    """Things ``plain`` (of the workspace), ``a``, ``b`` (of a project each), ``both`` and ``elsewhere``."""
    gate = Gate(house.machine.database, house.machine.clock)
    rows = [
        ("plain", owner.workspace_id, None),
        ("a", owner.workspace_id, "prj_a"),
        ("b", owner.workspace_id, "prj_b"),
        ("both", owner.workspace_id, "prj_a"),
        ("both", owner.workspace_id, "prj_b"),
        ("elsewhere", "wsp_elsewhere", None),
    ]
    selects = " UNION ALL ".join(
        f"SELECT '{thing}' AS thing, '{workspace}' AS workspace_id, "
        + (f"'{project}'" if project else "CAST(NULL AS TEXT)")
        + " AS project_id"
        for thing, workspace, project in rows
    )
    gate.add_scope(
        "thing_id", Sql(f"SELECT workspace_id, project_id FROM ({selects}) t WHERE thing = :value")
    )
    return gate


def credential_of(house: House, access: Access, *, method: str = "GET") -> Credential:
    return Credential("key", hash_secret(house.key_of(access)), None, method)


def check(house: House, gate: Gate, credential: Credential, thing: str, at_least: Role = Role.VIEWER) -> Any:
    def operation(tx: Transaction) -> Access:
        return gate.authorize(tx, credential, at_least=at_least, parameter="thing_id", value=thing)

    return house.read(operation)


def test_until_projects_are_wired_nobody_below_manager_sees_them(
    house: House, owner: Access, gate: Gate
) -> None:
    annotator = credential_of(house, house.add_person(owner.workspace_id, "a@x.org", Role.ANNOTATOR))
    manager = credential_of(house, house.add_person(owner.workspace_id, "m@x.org", Role.MANAGER))
    assert check(house, gate, annotator, "plain").project_id is None
    assert check(house, gate, manager, "a").project_id == "prj_a"
    with pytest.raises(NotFoundError):
        check(house, gate, annotator, "a")


def test_members_below_manager_see_the_projects_they_were_added_to(
    house: House, owner: Access, gate: Gate
) -> None:
    person = house.add_person(owner.workspace_id, "a@x.org", Role.ANNOTATOR)
    gate.set_project_membership(
        Sql(f"SELECT 1 WHERE scope.project_id = 'prj_b' AND member.member_id = '{person.member_id}'")
    )
    annotator = credential_of(house, person)
    assert check(house, gate, annotator, "b").project_id == "prj_b"
    assert check(house, gate, annotator, "both").project_id == "prj_b"
    with pytest.raises(NotFoundError):
        check(house, gate, annotator, "a")
    stranger = credential_of(house, house.add_person(owner.workspace_id, "v@x.org", Role.VIEWER))
    for thing in ("a", "b", "both"):
        with pytest.raises(NotFoundError):
            check(house, gate, stranger, thing)


def test_refusals_come_in_order(house: House, owner: Access, gate: Gate) -> None:
    viewer = credential_of(house, house.add_person(owner.workspace_id, "v@x.org", Role.VIEWER))
    with pytest.raises(PermissionDeniedError, match="yours is viewer"):
        check(house, gate, viewer, "plain", Role.OWNER)
    with pytest.raises(NotFoundError):
        check(house, gate, viewer, "a", Role.OWNER)
    for thing in ("elsewhere", "absent", "' OR 1=1 --"):
        with pytest.raises(NotFoundError):
            check(house, gate, viewer, thing)
    with pytest.raises(NotAuthenticatedError):
        check(house, gate, Credential("key", hash_secret("gsk_x"), None, "GET"), "plain")
    with pytest.raises(NotAuthenticatedError):  # a key's hash is no session, and the other way round
        check(house, gate, viewer._replace(kind="session"), "plain")


def test_access_tells_who_it_is(house: House, owner: Access, gate: Gate) -> None:
    found = check(house, gate, credential_of(house, owner), "plain", Role.OWNER)
    assert found == owner._replace(project_id=None)
    assert found.kind == "person"


def test_wiring_mistakes_are_told(house: House, gate: Gate) -> None:
    with pytest.raises(BugError, match="registered twice"):
        gate.add_scope("thing_id", Sql("SELECT 1"))
    with pytest.raises(BugError, match="no scope is registered"):
        house.read(
            lambda tx: gate.authorize(
                tx, Credential("key", "", None, "GET"), at_least=Role.VIEWER, parameter="other_id", value=""
            )
        )


def test_one_statement_decides(house: House, owner: Access, gate: Gate) -> None:
    counted: list[Any] = []

    class Counting(Transaction):
        def __init__(self, inner: Transaction) -> None:
            self._inner = inner
            self.dialect = inner.dialect

        def first(self, statement: Any, params: Any = None) -> Any:
            counted.append(statement)
            return self._inner.first(statement, params)

        def _unused(self, *args: Any, **kwargs: Any) -> Any:
            raise AssertionError("only one statement is allowed")

        all = run = many = insert_many = stream = after_commit = _unused

    credential = credential_of(house, owner)
    house.read(
        lambda tx: gate.authorize(
            Counting(tx), credential, at_least=Role.VIEWER, parameter="thing_id", value="plain"
        )
    )
    assert len(counted) == 1
