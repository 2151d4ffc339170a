"""The audit log on both databases: gapless under concurrency, and whatever is done to it shows."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from goldsmith.accounts.api import Access, audit
from goldsmith.accounts.audit import row_hash, verify_chain
from goldsmith.platform.database import Sql, Transaction
from tests.integration.server.house import House


@pytest.fixture
def owner(house: House) -> Access:
    access = house.bootstrap()
    for number in range(9):
        house.write(
            lambda tx, n=number: house.accounts.audit(tx, access, action="thing.done", target=f"t{n}", n=n)
        )
    return access


def tamper(house: House, text: str, **params: Any) -> None:
    house.write(lambda tx: tx.run(Sql(text), params))


def test_an_untouched_log_holds(house: House, owner: Access) -> None:
    report = house.accounts.verify_audit(owner.workspace_id)
    assert (report.rows, report.fault) == (10, None)
    assert [entry.workspace_id for entry in house.accounts.verify_all_audits()] == [owner.workspace_id]


@pytest.mark.parametrize("column", ["at_ms", "actor", "action", "target", "detail", "hash", "previous_hash"])
@pytest.mark.parametrize("sequence", [1, 5, 10])
def test_a_changed_row_is_named(house: House, owner: Access, column: str, sequence: int) -> None:
    value = "1" if column == "at_ms" else "'0'"
    tamper(house, f"UPDATE audit_log SET {column} = {value} WHERE sequence = {sequence}")
    fault = house.accounts.verify_audit(owner.workspace_id).fault
    assert fault is not None
    assert (fault.sequence, fault.what) == (sequence, "changed")


@pytest.mark.parametrize("sequence", [1, 5, 10])
def test_a_removed_row_is_named(house: House, owner: Access, sequence: int) -> None:
    tamper(house, "DELETE FROM audit_log WHERE sequence = :sequence", sequence=sequence)
    fault = house.accounts.verify_audit(owner.workspace_id).fault
    assert fault is not None
    assert (fault.sequence, fault.what) == (sequence, "removed")


def test_a_row_put_behind_the_last_is_named(house: House, owner: Access) -> None:
    last = house.read(lambda tx: dict(tx.first(Sql("SELECT * FROM audit_log WHERE sequence = 10"))))
    row = {**last, "sequence": 11, "previous_hash": last["hash"], "action": "nothing.happened"}
    row["hash"] = row_hash(row, row["previous_hash"])
    names = ", ".join(row)
    tamper(house, f"INSERT INTO audit_log ({names}) VALUES ({', '.join(':' + name for name in row)})", **row)
    fault = house.accounts.verify_audit(owner.workspace_id).fault
    assert fault is not None
    assert (fault.sequence, fault.what) == (11, "inserted")


def test_a_row_slipped_in_is_named(house: House, owner: Access) -> None:
    tamper(house, "UPDATE audit_log SET sequence = 100 + sequence WHERE sequence >= 5")
    tamper(house, "UPDATE audit_log SET sequence = sequence - 99 WHERE sequence >= 100")
    row = house.read(lambda tx: dict(tx.first(Sql("SELECT * FROM audit_log WHERE sequence = 4"))))
    row = {**row, "sequence": 5, "previous_hash": row["hash"], "action": "slipped.in"}
    row["hash"] = row_hash(row, row["previous_hash"])
    names = ", ".join(row)
    tamper(house, f"INSERT INTO audit_log ({names}) VALUES ({', '.join(':' + name for name in row)})", **row)
    fault = house.accounts.verify_audit(owner.workspace_id).fault
    assert fault is not None
    assert fault.sequence == 6  # the first row that no longer matches what it was hashed with


def test_a_chain_hashed_anew_from_the_middle_does_not_meet_its_head(house: House, owner: Access) -> None:
    def forge(tx: Transaction) -> None:
        rows = [dict(row) for row in tx.all(Sql("SELECT * FROM audit_log ORDER BY sequence"))]
        rows[4]["action"] = "forged.action"
        previous = rows[3]["hash"]
        for row in rows[4:]:
            row["previous_hash"], row["hash"] = previous, row_hash(row, previous)
            previous = row["hash"]
            text = "UPDATE audit_log SET action = :action, previous_hash = :previous_hash, hash = :hash"
            tx.run(Sql(text + " WHERE sequence = :sequence"), row)

    house.write(forge)
    fault = house.accounts.verify_audit(owner.workspace_id).fault
    assert fault is not None
    assert (fault.sequence, fault.what) == (10, "changed")


def test_chains_of_workspaces_are_apart(house: House, owner: Access) -> None:
    house.write(lambda tx: audit(tx, at_ms=1, actor="system", workspace_id="wsp_b", action="a.b", target="t"))
    tamper(house, "UPDATE audit_log SET target = 'x' WHERE workspace_id = 'wsp_b'")
    assert verify_chain(house.machine.database, owner.workspace_id).fault is None
    assert verify_chain(house.machine.database, "wsp_b").fault is not None


def test_concurrent_actions_make_one_gapless_chain(house: House, owner: Access) -> None:
    def act(number: int) -> None:
        workspace_id = owner.workspace_id if number % 2 else "wsp_fresh"
        house.write(
            lambda tx: audit(
                tx, at_ms=number, actor="a", workspace_id=workspace_id, action="x.y", target=str(number)
            )
        )

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(act, range(200)))
    reports = {report.workspace_id: report for report in house.accounts.verify_all_audits()}
    assert (reports[owner.workspace_id].rows, reports["wsp_fresh"].rows) == (110, 100)
    assert not any(report.fault for report in reports.values())


def test_an_action_that_fails_leaves_no_row(house: House, owner: Access) -> None:
    def fail(tx: Transaction) -> None:
        house.accounts.audit(tx, owner, action="x.y", target="t")
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        house.write(fail)
    assert house.accounts.verify_audit(owner.workspace_id).rows == 10


def test_the_log_is_read_and_verified_over_http(house: House, owner: Access) -> None:
    client = house.sign_in("owner@example.org")
    base = f"/api/v1/workspaces/{owner.workspace_id}/audit"
    seen: list[int] = []
    cursor: str | None = ""
    while cursor is not None:
        page = client.get(base, params={"limit": 4, "cursor": cursor}).json()
        seen += [entry["sequence"] for entry in page["items"]]
        cursor = page["next_cursor"]
    assert seen == list(range(10, 0, -1))
    assert [
        entry["actor_name"]
        for entry in client.get(base, params={"action": "workspace.created"}).json()["items"]
    ] == ["Olga Owner"]
    about_workspaces = client.get(base, params={"action": "workspace"}).json()["items"]
    assert [entry["action"] for entry in about_workspaces] == ["workspace.created"]
    for cursor in ("x", "-1", "٣", "1 OR 1=1", "9" * 19):
        assert client.get(base, params={"cursor": cursor}).status_code == 422
    assert client.post(base + "/verify").json()["is_intact"] is True
    tamper(house, "UPDATE audit_log SET target = 'x' WHERE sequence = 3")
    found = client.post(base + "/verify").json()
    assert (found["is_intact"], found["fault"]["sequence"]) == (False, 3)


def test_unusual_text_is_hashed_alike_when_read_back(house: House, owner: Access) -> None:
    rng = random.Random(3)
    for _ in range(30):
        text = "".join(chr(rng.choice([0x41, 0xE4, 0x1F600, 0x2028, 0x22, 0x5C, 0x0A])) for _ in range(20))
        house.write(
            lambda tx, text=text: house.accounts.audit(tx, owner, action="x.y", target=text, text=text)
        )
    assert house.accounts.verify_audit(owner.workspace_id).fault is None
