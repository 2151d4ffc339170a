"""Set-up, login, links, sessions and one's own account, over HTTP on both databases."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from goldsmith.accounts.api import Role
from goldsmith.accounts.policy import DAY_MS, LOGIN_LINK_MS, SETUP_LINK_MS
from goldsmith.accounts.store import people as people_store
from goldsmith.core.errors import ConflictError
from goldsmith.platform.database import Database, Sql, Transaction
from tests.integration.server.house import PASSWORD, House

SETUP = {"email": " Ann@Example.ORG ", "name": "Ann", "password": PASSWORD, "workspace_name": "Home"}


def test_the_first_start_gives_a_link_that_makes_the_owner_once(house: House) -> None:
    token = house.write(house.accounts.ensure_setup_link)
    client = house.client()
    made = client.post("/api/v1/setup", json={**SETUP, "token": token})
    assert made.status_code == 200
    assert made.json()["user"]["email"] == "ann@example.org"
    assert [entry["role"] for entry in made.json()["memberships"]] == ["owner"]
    assert client.get("/api/v1/auth/me").json() == made.json()
    assert house.client().post("/api/v1/setup", json={**SETUP, "token": token}).status_code == 410
    assert house.write(house.accounts.ensure_setup_link) is None


def test_each_start_replaces_the_setup_link_and_it_expires(house: House) -> None:
    old = house.write(house.accounts.ensure_setup_link)
    new = house.write(house.accounts.ensure_setup_link)
    assert old != new
    assert house.client().post("/api/v1/setup", json={**SETUP, "token": old}).json()["code"] == "gone"
    house.clock.advance(SETUP_LINK_MS)
    assert house.client().post("/api/v1/setup", json={**SETUP, "token": new}).status_code == 410


def test_a_weak_password_does_not_use_up_the_setup_link(house: House) -> None:
    token = house.write(house.accounts.ensure_setup_link)
    weak = house.client().post("/api/v1/setup", json={**SETUP, "token": token, "password": "short"})
    assert weak.status_code == 422
    assert "short" not in weak.text.replace("too short", "")
    assert house.client().post("/api/v1/setup", json={**SETUP, "token": token}).status_code == 200


def test_bootstrap_takes_back_the_setup_link_and_happens_once(house: House) -> None:
    token = house.write(house.accounts.ensure_setup_link)
    house.bootstrap()
    assert house.client().post("/api/v1/setup", json={**SETUP, "token": token}).status_code == 410
    with pytest.raises(ConflictError):
        house.bootstrap("second@example.org")


def test_login_answers_the_same_for_a_wrong_password_and_an_unknown_address(house: House) -> None:
    house.bootstrap()
    wrong = house.client().post("/api/v1/auth/login", json={"email": "owner@example.org", "password": "nope"})
    unknown = house.client().post("/api/v1/auth/login", json={"email": "who@example.org", "password": "nope"})
    assert (wrong.status_code, wrong.json()) == (unknown.status_code, unknown.json())
    assert wrong.status_code == 401
    assert "set-cookie" not in wrong.headers


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(house: House) -> None:
    house.bootstrap()
    answer = house.client().post(
        "/api/v1/auth/login", json={"email": "OWNER@example.org", "password": PASSWORD}
    )
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "path=/" in cookie
    assert "secure" not in cookie  # plain http on loopback
    token = answer.cookies["goldsmith_session"]
    assert token not in answer.text
    stored = str(house.read(lambda tx: [dict(row) for row in tx.all(Sql("SELECT * FROM sessions"))]))
    assert token not in stored


def test_guessing_is_braked_by_address_of_mail_and_network(house: House) -> None:
    house.bootstrap()
    body = {"email": "owner@example.org", "password": "guess"}
    statuses = [house.client().post("/api/v1/auth/login", json=body).status_code for _ in range(12)]
    assert statuses == [401] * 10 + [429] * 2
    right = house.client(address="10.0.0.9").post("/api/v1/auth/login", json={**body, "password": PASSWORD})
    assert right.status_code == 429
    assert right.headers["retry-after"]
    for number in range(40):
        house.client().post("/api/v1/auth/login", json={"email": f"{number}@x.org", "password": "guess"})
    other = {"email": "new@example.org", "password": "guess"}
    assert house.client().post("/api/v1/auth/login", json=other).status_code == 429
    assert house.client(address="10.0.0.9").post("/api/v1/auth/login", json=other).status_code == 401
    house.clock.advance(10 * 60_000)
    assert house.sign_in("owner@example.org")


def test_right_passwords_do_not_count_as_guesses(house: House) -> None:
    house.bootstrap()
    for _ in range(60):
        house.sign_in("owner@example.org")


def test_a_login_link_opens_one_session_and_expires(house: House) -> None:
    owner = house.bootstrap()
    token = house.write(lambda tx: house.accounts.create_login_link(tx, owner.user_id))
    answer = house.client().post("/api/v1/auth/link", json={"token": token})
    assert answer.json()["user"]["email"] == "owner@example.org"
    assert house.client().post("/api/v1/auth/link", json={"token": token}).status_code == 410
    late = house.write(lambda tx: house.accounts.create_login_link(tx, owner.user_id))
    house.clock.advance(LOGIN_LINK_MS)
    assert house.client().post("/api/v1/auth/link", json={"token": late}).status_code == 410


def test_of_many_who_follow_a_link_at_once_one_comes_in(house: House) -> None:
    owner = house.bootstrap()
    token = house.write(lambda tx: house.accounts.create_login_link(tx, owner.user_id))
    with ThreadPoolExecutor(8) as pool:
        follow = [
            pool.submit(house.client().post, "/api/v1/auth/link", json={"token": token}) for _ in range(8)
        ]
    assert sorted(future.result().status_code for future in follow) == [200] + [410] * 7


def test_a_token_of_one_purpose_opens_nothing_else(house: House) -> None:
    setup = house.write(house.accounts.ensure_setup_link)
    assert house.client().post("/api/v1/auth/link", json={"token": setup}).status_code == 410
    accept = {"token": setup, "name": "X", "password": PASSWORD}
    assert house.client().post("/api/v1/auth/invitations/accept", json=accept).status_code == 410


def test_logout_ends_the_session_on_the_server(house: House) -> None:
    house.bootstrap()
    client = house.sign_in("owner@example.org")
    stolen = client.cookies["goldsmith_session"]
    assert client.post("/api/v1/auth/logout").status_code == 204
    thief = house.client()
    thief.cookies.set("goldsmith_session", stolen)
    assert thief.get("/api/v1/auth/me").status_code == 401


def test_a_session_ends_by_itself(house: House) -> None:
    house.bootstrap()
    client = house.sign_in("owner@example.org")
    house.clock.advance(14 * DAY_MS - 1)
    assert client.get("/api/v1/auth/me").status_code == 200
    house.clock.advance(1)
    assert client.get("/api/v1/auth/me").status_code == 401


def test_writes_of_a_session_need_its_csrf_token(house: House) -> None:
    house.bootstrap()
    client = house.sign_in("owner@example.org")
    foreign = house.sign_in("owner@example.org").headers["X-CSRF-Token"]
    for token in (None, "", "x", foreign, "ü"):
        headers = {} if token is None else {"X-CSRF-Token": token.encode("latin-1")}
        client.headers.pop("X-CSRF-Token", None)
        answer = client.patch("/api/v1/auth/me", json={"name": "Eve"}, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")
    assert client.get("/api/v1/auth/me").json()["user"]["name"] == "Olga Owner"


def test_one_sees_and_ends_ones_own_sessions_only(house: House) -> None:
    owner = house.bootstrap()
    house.add_person(owner.workspace_id, "other@example.org", Role.OWNER)
    mine, second, others = (house.sign_in(f"{who}@example.org") for who in ("owner", "owner", "other"))
    listed = mine.get("/api/v1/auth/sessions").json()["items"]
    assert sorted(entry["is_current"] for entry in listed) == [False, True]
    ended = next(entry["session_id"] for entry in listed if not entry["is_current"])
    foreign = others.get("/api/v1/auth/sessions").json()["items"][0]["session_id"]
    assert mine.delete(f"/api/v1/auth/sessions/{foreign}").status_code == 404
    assert mine.delete(f"/api/v1/auth/sessions/{ended}").status_code == 204
    assert second.get("/api/v1/auth/me").status_code == 401
    assert others.get("/api/v1/auth/me").status_code == 200


def test_a_new_password_needs_the_old_one_and_ends_other_sessions(house: House) -> None:
    house.bootstrap()
    mine, elsewhere = house.sign_in("owner@example.org"), house.sign_in("owner@example.org")
    change = {"current_password": "wrong", "new_password": "another fine one"}
    assert mine.post("/api/v1/auth/password", json=change).status_code == 403
    change["current_password"] = PASSWORD
    assert mine.post("/api/v1/auth/password", json={**change, "new_password": "x"}).status_code == 422
    assert mine.post("/api/v1/auth/password", json=change).status_code == 204
    assert mine.get("/api/v1/auth/me").status_code == 200
    assert elsewhere.get("/api/v1/auth/me").status_code == 401
    assert house.sign_in("owner@example.org", password="another fine one")
    assert ("user.password_changed") in [action for action, _, _ in house.audited("")]


def test_whoever_has_no_password_yet_sets_one_from_a_link(house: House) -> None:
    made = house.write(
        lambda tx: house.accounts.bootstrap_owner(
            tx, email="demo@example.org", name="Demo", password=None, workspace_name="Demo"
        )
    )
    refused = house.client().post("/api/v1/auth/login", json={"email": "demo@example.org", "password": ""})
    assert refused.status_code == 401
    token = house.write(lambda tx: house.accounts.create_login_link(tx, made.user_id))
    client = house.client()
    csrf = client.post("/api/v1/auth/link", json={"token": token}).json()["csrf_token"]
    change = {"new_password": PASSWORD}
    assert (
        client.post("/api/v1/auth/password", json=change, headers={"X-CSRF-Token": csrf}).status_code == 204
    )
    assert house.sign_in("demo@example.org")


def test_preferences_are_ones_own_and_capped(house: House) -> None:
    owner = house.bootstrap()
    client = house.sign_in("owner@example.org")
    keys = {"preferences": {"theme": "dark", "keys": {"</script><script>": "a"}}}
    assert client.put("/api/v1/auth/preferences", json=keys).status_code == 204
    assert client.get("/api/v1/auth/preferences").json() == keys
    big = {"preferences": {"x": "y" * 65_536}}
    assert client.put("/api/v1/auth/preferences", json=big).status_code == 422
    key = house.client(key=house.key_of(owner))
    assert key.put("/api/v1/auth/preferences", json=keys).status_code == 403


def test_preferences_change_name_by_name(house: House) -> None:
    house.bootstrap()
    client = house.sign_in("owner@example.org")
    path = "/api/v1/auth/preferences"

    def change(**preferences: object) -> tuple[int, object]:
        answer = client.patch(path, json={"preferences": preferences})
        return answer.status_code, answer.json().get("preferences")

    assert change(keys={"preset": "cvat"}) == (200, {"keys": {"preset": "cvat"}})
    assert change(view={"grid": True}) == (200, {"keys": {"preset": "cvat"}, "view": {"grid": True}})
    assert change(keys=None) == (200, {"view": {"grid": True}})
    assert change(big="y" * 65_536)[0] == 422
    assert client.get(path).json() == {"preferences": {"view": {"grid": True}}}


def test_preferences_changed_at_once_are_all_kept(house: House) -> None:
    house.bootstrap()
    clients = [house.sign_in("owner@example.org") for _ in range(4)]
    path = "/api/v1/auth/preferences"

    def change(number: int) -> None:
        for step in range(10):
            answer = clients[number].patch(path, json={"preferences": {f"{number}.{step}": step}})
            assert answer.status_code == 200

    with ThreadPoolExecutor(len(clients)) as pool:
        list(pool.map(change, range(len(clients))))
    assert len(clients[0].get(path).json()["preferences"]) == 40


def test_preferences_wait_for_whoever_is_changing_them(database: Database) -> None:
    def add(tx: Transaction) -> None:
        people_store.insert_user(
            tx, user_id="usr_1", email="a@example.org", name="Ann", password_hash=None, at_ms=1
        )

    database.write_sync(add)

    def count(tx: Transaction) -> None:
        user = people_store.lock_user(tx, "usr_1")
        assert user is not None
        kept = json.loads(user["preferences"])
        kept[str(len(kept))] = True
        people_store.update_user(tx, "usr_1", preferences=json.dumps(kept))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: database.write_sync(count), range(40)))
    user = database.read_sync(lambda tx: people_store.user_by_id(tx, "usr_1"))
    assert user is not None and len(json.loads(user["preferences"])) == 40


def test_a_name_changes_everywhere(house: House) -> None:
    owner = house.bootstrap()
    client = house.sign_in("owner@example.org")
    assert client.patch("/api/v1/auth/me", json={"name": "  Olga Neu "}).json()["user"]["name"] == "Olga Neu"
    members = client.get(f"/api/v1/workspaces/{owner.workspace_id}/members").json()["items"]
    assert [member["name"] for member in members] == ["Olga Neu"]
    assert client.patch("/api/v1/auth/me", json={"name": "a\x00b"}).status_code == 422


def test_a_disabled_user_is_out_at_once(house: House) -> None:
    owner = house.bootstrap()
    client, key = house.sign_in("owner@example.org"), house.client(key=house.key_of(owner))
    link = house.write(lambda tx: house.accounts.create_login_link(tx, owner.user_id))
    house.write(lambda tx: tx.run(Sql("UPDATE users SET disabled_ms = 1")))
    assert client.get("/api/v1/auth/me").status_code == 401
    assert key.get(f"/api/v1/workspaces/{owner.workspace_id}").status_code == 401
    assert house.client().post("/api/v1/auth/link", json={"token": link}).status_code == 410
    login = {"email": "owner@example.org", "password": PASSWORD}
    assert house.client().post("/api/v1/auth/login", json=login).status_code == 401
