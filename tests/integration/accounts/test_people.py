"""Workspaces, members, invitations and keys, over HTTP on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from goldsmith.accounts.api import Access, Role
from goldsmith.accounts.policy import DAY_MS, INVITATION_MS
from goldsmith.core.errors import ConflictError, NotFoundError
from goldsmith.platform.database import Sql
from tests.integration.server.house import ADDRESS, PASSWORD, Browser, House


@pytest.fixture
def owner(house: House) -> Access:
    return house.bootstrap()


@pytest.fixture
def browser(house: House, owner: Access) -> Browser:
    return house.sign_in("owner@example.org")


def base(access: Access) -> str:
    return f"/api/v1/workspaces/{access.workspace_id}"


def invite(browser: Browser, access: Access, **body: Any) -> Any:
    answer = browser.post(
        base(access) + "/invitations", json={"email": "new@example.org", "role": "annotator"} | body
    )
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_an_invitation_brings_somebody_in_once(house: House, owner: Access, browser: Browser) -> None:
    house.roster.projects["prj_a"] = owner.workspace_id
    made = invite(browser, owner, project_ids=["prj_a"])
    assert made["url"] == f"{ADDRESS}/invite#token={made['token']}"
    preview = house.client().post("/api/v1/auth/invitations/preview", json={"token": made["token"]}).json()
    assert preview == {
        "email": "new@example.org",
        "workspace_name": "Home",
        "role": "annotator",
        "has_account": False,
    }
    accept = {"token": made["token"], "name": "New", "password": PASSWORD}
    guest = house.client()
    answer = guest.post("/api/v1/auth/invitations/accept", json=accept)
    member = answer.json()["memberships"][0]
    assert member["role"] == "annotator"
    assert guest.get("/api/v1/auth/me").status_code == 200
    assert house.roster.added == [("prj_a", member["member_id"])]
    assert house.client().post("/api/v1/auth/invitations/accept", json=accept).status_code == 410
    assert [action for action, _, _ in house.audited(owner.workspace_id)][-2:] == [
        "invitation.created",
        "invitation.accepted",
    ]


def test_an_invitation_link_never_opens_an_account_that_is_there(
    house: House, owner: Access, browser: Browser
) -> None:
    house.add_workspace("new@example.org")
    token = invite(browser, owner)["token"]
    hijack = {"token": token, "name": "Mallory", "password": "a password of mallory"}
    answer = house.client().post("/api/v1/auth/invitations/accept", json=hijack)
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers
    joined = house.client().post("/api/v1/auth/invitations/accept", json={**hijack, "password": PASSWORD})
    assert [entry["workspace_name"] for entry in joined.json()["memberships"]] == ["Home", "Other"]
    assert joined.json()["user"]["name"] == "new"


def test_invitations_expire_are_replaced_and_taken_back(
    house: House, owner: Access, browser: Browser
) -> None:
    old, new = invite(browser, owner), invite(browser, owner)
    listed = browser.get(base(owner) + "/invitations").json()["items"]
    assert [entry["invitation_id"] for entry in listed] == [new["invitation"]["invitation_id"]]
    assert "token" not in str(listed)
    accept = {"name": "N", "password": PASSWORD}
    for token in (old["token"], "x" * 43):
        assert (
            house.client()
            .post("/api/v1/auth/invitations/accept", json={**accept, "token": token})
            .status_code
            == 410
        )
    path = f"{base(owner)}/invitations/{new['invitation']['invitation_id']}"
    assert (browser.delete(path).status_code, browser.delete(path).status_code) == (204, 404)
    late = invite(browser, owner)
    house.clock.advance(INVITATION_MS)
    browser = house.sign_in("owner@example.org")
    assert browser.get(base(owner) + "/invitations").json()["items"] == []
    assert (
        house.client()
        .post("/api/v1/auth/invitations/accept", json={**accept, "token": late["token"]})
        .status_code
        == 410
    )


def test_nobody_invites_above_their_role_or_into_foreign_projects(
    house: House, owner: Access, browser: Browser
) -> None:
    house.add_person(owner.workspace_id, "manager@example.org", Role.MANAGER)
    manager = house.sign_in("manager@example.org")
    body = {"email": "x@example.org", "role": "owner"}
    assert manager.post(base(owner) + "/invitations", json=body).status_code == 403
    house.roster.projects["prj_foreign"] = "wsp_other"
    foreign = {**body, "role": "annotator", "project_ids": ["prj_foreign"]}
    assert manager.post(base(owner) + "/invitations", json=foreign).status_code == 404
    assert (
        browser.post(base(owner) + "/invitations", json={**body, "email": "owner@example.org"}).status_code
        == 409
    )
    assert browser.post(base(owner) + "/invitations", json={**body, "email": "no address"}).status_code == 422


def test_roles_change_only_downwards_from_above(house: House, owner: Access, browser: Browser) -> None:
    people = {
        role: house.add_person(owner.workspace_id, f"{role}@example.org", role)
        for role in (Role.MANAGER, Role.REVIEWER, Role.ANNOTATOR)
    }
    rival = house.add_person(owner.workspace_id, "rival@example.org", Role.MANAGER)
    manager = house.sign_in("manager@example.org")

    def change(client: Browser, target: Access, role: Role) -> int:
        return client.patch(
            f"{base(owner)}/members/{target.member_id}", json={"role": role.value}
        ).status_code

    assert change(manager, people[Role.MANAGER], Role.OWNER) == 403  # oneself
    assert change(manager, people[Role.MANAGER], Role.VIEWER) == 403
    assert change(manager, owner, Role.VIEWER) == 403  # above
    assert change(manager, rival, Role.VIEWER) == 403  # an equal
    assert change(manager, people[Role.REVIEWER], Role.OWNER) == 403  # to above
    assert change(manager, people[Role.REVIEWER], Role.ANNOTATOR) == 200
    assert change(browser, owner, Role.VIEWER) == 403  # oneself, the owner
    assert change(browser, people[Role.MANAGER], Role.OWNER) == 200
    assert change(manager, owner, Role.VIEWER) == 200  # an owner may change an owner
    assert change(house.sign_in("annotator@example.org"), rival, Role.VIEWER) == 403


def test_the_last_owner_stays(house: House, owner: Access, browser: Browser) -> None:
    path = f"{base(owner)}/members/{owner.member_id}"
    assert browser.delete(path).json()["code"] == "conflict"
    second = house.add_person(owner.workspace_id, "second@example.org", Role.OWNER)
    assert browser.delete(path).status_code == 204
    assert browser.get(base(owner)).status_code == 404
    other = house.sign_in("second@example.org")
    assert other.delete(f"{base(owner)}/members/{second.member_id}").status_code == 409


def test_two_owners_who_demote_each_other_leave_one(house: House, owner: Access, browser: Browser) -> None:
    second = house.add_person(owner.workspace_id, "second@example.org", Role.OWNER)
    other = house.sign_in("second@example.org")
    tries = [(browser, second), (other, owner)]
    with ThreadPoolExecutor(2) as pool:
        done = [
            pool.submit(client.patch, f"{base(owner)}/members/{target.member_id}", json={"role": "viewer"})
            for client, target in tries
        ]
    assert sorted(future.result().status_code for future in done).count(200) == 1


def test_a_removed_member_is_out_with_keys_and_invitations(
    house: House, owner: Access, browser: Browser
) -> None:
    manager = house.add_person(owner.workspace_id, "manager@example.org", Role.MANAGER)
    session, key = house.sign_in("manager@example.org"), house.client(key=house.key_of(manager))
    token = invite(session, owner)["token"]
    assert key.get(base(owner)).status_code == 200
    assert browser.delete(f"{base(owner)}/members/{manager.member_id}").status_code == 204
    assert key.get(base(owner)).status_code == 401
    assert session.get(base(owner)).status_code == 404
    assert house.client().post("/api/v1/auth/invitations/preview", json={"token": token}).status_code == 410
    assert browser.delete(f"{base(owner)}/members/{manager.member_id}").status_code == 404
    again = invite(browser, owner, email="manager@example.org", role="viewer")["token"]
    back = house.client().post(
        "/api/v1/auth/invitations/accept", json={"token": again, "name": "x", "password": PASSWORD}
    )
    assert back.json()["memberships"][0] == {
        "workspace_id": owner.workspace_id,
        "workspace_name": "Home",
        "member_id": manager.member_id,
        "role": "viewer",
    }
    assert key.get(base(owner)).status_code == 401


def test_a_demoted_manager_leaves_no_invitation_behind(house: House, owner: Access, browser: Browser) -> None:
    manager = house.add_person(owner.workspace_id, "manager@example.org", Role.MANAGER)
    token = invite(house.sign_in("manager@example.org"), owner, role="manager")["token"]
    browser.patch(f"{base(owner)}/members/{manager.member_id}", json={"role": "viewer"})
    assert house.client().post("/api/v1/auth/invitations/preview", json={"token": token}).status_code == 410


def test_addresses_of_mail_are_shown_to_managers_only(house: House, owner: Access, browser: Browser) -> None:
    house.add_person(owner.workspace_id, "viewer@example.org", Role.VIEWER)
    seen = browser.get(base(owner) + "/members").json()["items"]
    assert {member["email"] for member in seen} == {"owner@example.org", "viewer@example.org"}
    shown = house.sign_in("viewer@example.org").get(base(owner) + "/members").json()["items"]
    assert {member["email"] for member in shown} == {None}


def test_members_come_in_pages(house: House, owner: Access, browser: Browser) -> None:
    for number in range(5):
        house.add_person(owner.workspace_id, f"p{number}@example.org", Role.VIEWER)
    seen, cursor = [], ""
    while cursor is not None:
        page = browser.get(base(owner) + "/members", params={"limit": 2, "cursor": cursor}).json()
        seen += [member["member_id"] for member in page["items"]]
        cursor = page["next_cursor"]
    assert len(seen) == len(set(seen)) == 6
    assert browser.get(base(owner) + "/members", params={"limit": 501}).status_code == 422


def test_services_and_simulated_annotators_work_by_key(house: House, owner: Access, browser: Browser) -> None:
    body = {"name": "Sim 1", "kind": "simulated", "role": "annotator", "with_key": True}
    made = browser.post(base(owner) + "/members", json=body).json()
    client = house.client(key=made["key"]["secret"])
    me = client.get("/api/v1/auth/me").json()
    assert me["user"] is None
    assert [entry["member_id"] for entry in me["memberships"]] == [made["member"]["member_id"]]
    assert client.get(base(owner)).status_code == 200
    assert client.patch(base(owner), json={"name": "x"}).status_code == 403
    assert client.get("/api/v1/auth/sessions").status_code == 403
    assert browser.post(base(owner) + "/members", json={**body, "kind": "person"}).status_code == 422
    house.add_person(owner.workspace_id, "manager@example.org", Role.MANAGER)
    above = house.sign_in("manager@example.org").post(
        base(owner) + "/members", json={**body, "role": "owner"}
    )
    assert above.status_code == 403


def test_a_key_is_shown_once_and_stored_hashed(house: House, owner: Access, browser: Browser) -> None:
    made = browser.post(base(owner) + "/keys", json={"name": "ci", "mode": "test"}).json()
    secret = made["secret"]
    assert secret.startswith("gsk_")
    assert len(secret) == 47
    assert (made["key"]["hint"], made["key"]["mode"]) == (secret[-4:], "test")
    assert secret not in browser.get(base(owner) + "/keys").text
    rows = house.read(lambda tx: [dict(row) for row in tx.all(Sql("SELECT * FROM api_keys"))])
    log = house.read(lambda tx: [dict(row) for row in tx.all(Sql("SELECT * FROM audit_log"))])
    assert secret not in str(rows) + str(log)


def test_a_key_ends_by_revocation_and_by_time(house: House, owner: Access, browser: Browser) -> None:
    made = browser.post(base(owner) + "/keys", json={"name": "ci"}).json()
    client = house.client(key=made["secret"])
    assert client.get(base(owner)).status_code == 200
    path = f"{base(owner)}/keys/{made['key']['key_id']}"
    assert browser.delete(path).status_code == 204
    assert browser.delete(path).status_code == 204  # twice is once
    assert client.get(base(owner)).status_code == 401
    short = browser.post(base(owner) + "/keys", json={"name": "ci", "lasts_days": 1}).json()["secret"]
    house.clock.advance(DAY_MS - 1)
    assert house.client(key=short).get(base(owner)).status_code == 200
    house.clock.advance(1)
    assert house.client(key=short).get(base(owner)).status_code == 401


def test_keys_of_others_are_neither_seen_nor_made(house: House, owner: Access, browser: Browser) -> None:
    annotator = house.add_person(owner.workspace_id, "a@example.org", Role.ANNOTATOR)
    theirs = browser.post(base(owner) + "/keys", json={"name": "owner's"}).json()["key"]["key_id"]
    client = house.sign_in("a@example.org")
    own = client.post(base(owner) + "/keys", json={"name": "mine"}).json()["key"]["key_id"]
    assert [key["key_id"] for key in client.get(base(owner) + "/keys").json()["items"]] == [own]
    assert client.delete(f"{base(owner)}/keys/{theirs}").status_code == 404
    asked = {"name": "x", "member_id": owner.member_id}
    assert client.post(base(owner) + "/keys", json=asked).status_code == 403
    asked = {"name": "x", "member_id": annotator.member_id}
    assert browser.post(base(owner) + "/keys", json=asked).status_code == 403
    assert browser.delete(f"{base(owner)}/keys/{own}").status_code == 204


def test_a_key_reaches_its_workspace_only(house: House, owner: Access, browser: Browser) -> None:
    other = house.add_workspace("o@example.org")
    house.add_person(other.workspace_id, "owner@example.org", Role.OWNER)
    key = house.client(key=house.key_of(owner))
    assert key.get(base(owner)).status_code == 200
    assert key.get(base(other)).status_code == 404
    assert browser.get(base(other)).status_code == 200
    assert [entry["workspace_name"] for entry in key.get("/api/v1/workspaces").json()["memberships"]] == [
        "Home"
    ]
    assert key.post("/api/v1/workspaces", json={"name": "more"}).status_code == 403


def test_owners_make_more_workspaces(house: House, owner: Access, browser: Browser) -> None:
    made = browser.post("/api/v1/workspaces", json={"name": "Second"})
    assert made.status_code == 201
    assert (
        browser.patch(f"/api/v1/workspaces/{made.json()['workspace_id']}", json={"name": "2nd"}).json()[
            "name"
        ]
        == "2nd"
    )
    house.add_person(owner.workspace_id, "m@example.org", Role.MANAGER)
    assert house.sign_in("m@example.org").post("/api/v1/workspaces", json={"name": "x"}).status_code == 403


def test_a_command_makes_a_key_by_name_and_address(house: House, owner: Access) -> None:
    made = house.write(lambda tx: house.accounts.create_key(tx, "Home", "OWNER@example.org"))
    assert house.client(key=made.secret).get(base(owner)).status_code == 200
    with pytest.raises(NotFoundError, match="no workspace"):
        house.write(lambda tx: house.accounts.create_key(tx, "Nowhere", "owner@example.org"))
    with pytest.raises(NotFoundError, match="not a member"):
        house.write(lambda tx: house.accounts.create_key(tx, owner.workspace_id, "who@example.org"))
    house.add_workspace("x@example.org", name="Home")
    with pytest.raises(ConflictError, match="use an id"):
        house.write(lambda tx: house.accounts.create_key(tx, "Home", "owner@example.org"))
