"""What happened to others, tried on our own edge. The names say whose record the attack is from."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import goldsmith
from goldsmith.accounts.api import Access, Role
from goldsmith.accounts.routes import bodies
from goldsmith.platform.settings import Settings
from tests.integration.server.house import PASSWORD, Browser, House

POLYGLOTS = (
    "<script>alert(1)</script>",
    "</script><img src=x onerror=alert(1)>",
    "javascript:alert(1)",
    "{{7*7}}",
)


@pytest.fixture
def owner(sqlite_house: House) -> Access:
    return sqlite_house.bootstrap()


@pytest.fixture
def browser(sqlite_house: House, owner: Access) -> Browser:
    return sqlite_house.sign_in("owner@example.org")


def base(access: Access) -> str:
    return f"/api/v1/workspaces/{access.workspace_id}"


def test_no_shared_secret_signs_anything(sqlite_house: House, owner: Access, browser: Browser) -> None:
    """A default key that signs cookies let anybody forge the session of any user; ours are random and kept here."""
    token = browser.cookies["goldsmith_session"]
    for forged in (
        token[:-1] + ("A" if token[-1] != "A" else "B"),
        "",
        "null",
        "eyJ1c2VyIjoxfQ.x.y",
        "a" * 5000,
    ):
        client = sqlite_house.client()
        client.cookies.set("goldsmith_session", forged)
        assert client.get("/api/v1/auth/me").status_code == 401
    assert sqlite_house.sign_in("owner@example.org").cookies["goldsmith_session"] != token


@pytest.mark.parametrize(
    "name", ["sort", "order_by", "filter", "ordering", "filter:tasks:user__password", "user__password"]
)
def test_no_list_filters_or_sorts_by_a_named_column(owner: Access, browser: Browser, name: str) -> None:
    """Filters on dotted columns leaked password hashes letter by letter; unknown parameters change nothing here."""
    for path in ("/members", "/keys", "/audit", "/jobs", "/webhooks", "/invitations"):
        plain = browser.get(base(owner) + path).json()
        assert browser.get(base(owner) + path, params={name: "password_hash"}).json() == plain


def test_no_answer_tells_a_secret(sqlite_house: House, owner: Access, browser: Browser) -> None:
    secret = sqlite_house.key_of(owner)
    seen = ""
    for path in ("/members", "/keys", "/audit", "/webhooks", "/invitations", ""):
        seen += browser.get(base(owner) + path).text
    for path in ("me", "sessions", "preferences"):
        seen += browser.get(f"/api/v1/auth/{path}").text
    for word in (
        "argon2",
        "password_hash",
        "token_hash",
        "key_hash",
        secret,
        browser.cookies["goldsmith_session"],
    ):
        assert word not in seen


def test_markup_in_any_text_comes_back_as_json_that_no_browser_renders(
    owner: Access, browser: Browser
) -> None:
    """Stored and reflected XSS through names, hotkeys, error texts and request ids."""
    for text in POLYGLOTS:
        answers = [
            browser.patch("/api/v1/auth/me", json={"name": text}),
            browser.patch(base(owner), json={"name": text}),
            browser.put("/api/v1/auth/preferences", json={"preferences": {text: text}}),
            browser.get("/api/v1/auth/preferences"),
            browser.get(f"/api/v1/workspaces/{text}"),
            browser.get(base(owner) + "/members", params={"limit": text}),
            browser.post(base(owner) + "/keys", content=text, headers={"Content-Type": "application/json"}),
            browser.get("/api/v1/auth/me", headers={"X-Request-Id": text, "Origin": text}),
        ]
        for answer in answers:
            assert answer.headers.get("content-type", "application/json") in (
                "application/json",
                "application/problem+json",
            )
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert "sandbox" in answer.headers["content-security-policy"]
            assert text not in str(answer.headers)
            assert answer.status_code < 500


def test_what_was_sent_is_not_sent_back_in_errors(browser: Browser) -> None:
    sent = {"email": "a@b.c", "password": ["hunter2-secret"]}
    answer = browser.post("/api/v1/auth/login", json=sent)
    assert answer.status_code == 422
    assert "hunter2" not in answer.text
    long = browser.post("/api/v1/auth/login", json={"email": "a@b.c", "password": "hunter2" * 500})
    assert long.status_code == 422
    assert "hunter2" not in long.text


def test_nothing_is_changed_by_get(sqlite_house: House) -> None:
    """A GET that exported or wrote a backup could be triggered from any page."""
    for route in sqlite_house.application.api_routes():
        methods = route.methods or set()
        assert not ({"GET", "HEAD"} & methods and {"POST", "PUT", "PATCH", "DELETE"} & methods)
        if "GET" in methods:
            assert route.body_field is None


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "http://127.0.0.1:9999", "null", "http://localhost:8400.evil.example"]
)
def test_a_page_of_another_site_cannot_write(owner: Access, browser: Browser, origin: str) -> None:
    answer = browser.patch(base(owner), json={"name": "pwned"}, headers={"Origin": origin})
    assert answer.status_code == 403
    login = browser.post(
        "/api/v1/auth/login",
        json={"email": "owner@example.org", "password": PASSWORD},
        headers={"Origin": origin},
    )
    assert login.status_code == 403  # nor sign somebody in under another name
    assert browser.get(base(owner)).json()["name"] == "Home"


def test_a_form_of_another_site_is_no_json(owner: Access, browser: Browser) -> None:
    """A cross-site form can send text/plain that reads as JSON, without asking first."""
    body = json.dumps({"name": "pwned"})
    for media_type in (
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "",
    ):
        answer = browser.patch(base(owner), content=body, headers={"Content-Type": media_type})
        assert answer.status_code in (400, 422)


def test_no_page_of_another_site_reads_anything(owner: Access, browser: Browser) -> None:
    """A wildcard CORS header let any page read the disk through a local server."""
    for origin in ("https://evil.example", "null"):
        for path in (base(owner), "/", "/healthz", "/api/v1/openapi.json"):
            answer = browser.get(path, headers={"Origin": origin})
            assert not [name for name in answer.headers if name.startswith("access-control")]
        preflight = browser.request(
            "OPTIONS", base(owner), headers={"Origin": origin, "Access-Control-Request-Method": "PATCH"}
        )
        assert preflight.status_code == 405
        assert not [name for name in preflight.headers if name.startswith("access-control")]


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8400",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "",
        "@",
        "[",
        "goldsmith",
    ],
)
def test_a_name_that_points_at_us_is_not_served(browser: Browser, host: str) -> None:
    """DNS rebinding: a page's own name is made to resolve to 127.0.0.1."""
    answer = browser.get("/api/v1/auth/me", headers={"Host": host})
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed_request")
    assert browser.get("/", headers={"Host": host}).status_code == 400


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.0.0.1:1", "localhost:8400", "LOCALHOST", "[::1]:8400", "192.168.1.5:8400"]
)
def test_numbers_and_localhost_are_served(browser: Browser, host: str) -> None:
    assert browser.get("/api/v1/auth/me", headers={"Host": host}).status_code == 200


def test_a_local_caller_needs_a_credential_like_everybody(sqlite_house: House, owner: Access) -> None:
    assert sqlite_house.client().get(base(owner)).status_code == 401


def test_whoever_was_invited_but_has_not_come_gets_nothing(
    sqlite_house: House, owner: Access, browser: Browser
) -> None:
    """Basic authentication skipped the check of the e-mail address."""
    browser.post(base(owner) + "/invitations", json={"email": "new@example.org", "role": "viewer"})
    login = {"email": "new@example.org", "password": PASSWORD}
    assert sqlite_house.client().post("/api/v1/auth/login", json=login).status_code == 401
    for header in (
        "Basic bmV3QGV4YW1wbGUub3JnOng=",
        "Bearer ",
        "Bearer gsk_",
        "Token x",
        "bearer gsk_x",
        "Digest",
    ):
        answer = sqlite_house.client().get("/api/v1/auth/me", headers={"Authorization": header})
        assert answer.status_code == 401
    assert sqlite_house.client().post("/api/v1/auth/register", json=login).status_code == 404


def test_a_refused_key_is_not_rescued_by_a_session(owner: Access, browser: Browser) -> None:
    answer = browser.get(base(owner), headers={"Authorization": "Bearer gsk_revoked"})
    assert answer.status_code == 401


def test_no_body_takes_more_than_it_names() -> None:
    """Mass assignment: a role, an owner or a storage slipped into a body that did not ask for it."""
    models = [
        value for value in vars(bodies).values() if isinstance(value, type) and hasattr(value, "model_config")
    ]
    assert len(models) > 10
    assert {model.model_config.get("extra") for model in models} == {"forbid"}


def test_a_role_slipped_into_a_body_is_refused(owner: Access, browser: Browser) -> None:
    for extra in ({"role": "owner"}, {"member_id": owner.member_id, "role": "owner"}, {"is_admin": True}):
        assert browser.patch("/api/v1/auth/me", json={"name": "x", **extra}).status_code == 422


@pytest.mark.parametrize(
    "path",
    [
        "/../errors.py", "/..%2ferrors.py", "/%2e%2e/errors.py", "/assets/../../errors.py", "/assets/..%2f..%2ferrors",
        "//etc/passwd", "/assets//etc/passwd", "/assets/%2fetc%2fpasswd", "/..\\errors.py", "/assets/..%5c..%5cerrors",
        "/static/../errors.py", "/.git/config", "/index.html/../../errors.py", "/%252e%252e/errors.py",
    ],
)  # fmt: skip
def test_no_path_reaches_a_file_that_is_not_of_the_ui(browser: Browser, path: str) -> None:
    answer = browser.get(path)
    assert "GoldsmithError" not in answer.text
    assert "root:" not in answer.text
    assert answer.status_code in (200, 404)
    if answer.status_code == 200:
        assert "its web UI is not built" in answer.text


def test_a_nul_in_the_address_is_refused(owner: Access, browser: Browser) -> None:
    assert browser.get(base(owner) + "/jobs/x%00y").status_code == 400
    assert browser.get(base(owner) + "/audit?action=%00").status_code == 400


def test_large_bodies_are_refused_before_they_are_read(
    sqlite_house: House, owner: Access, browser: Browser
) -> None:
    big = b'{"name": "' + b"x" * 300_000 + b'"}'
    headers = {"Content-Type": "application/json"}
    assert sqlite_house.client().post("/api/v1/setup", content=big, headers=headers).status_code == 401
    assert browser.patch(base(owner), content=big, headers=headers).status_code == 422
    huge = {**headers, "Content-Length": str(33 * 1024 * 1024)}
    assert browser.patch(base(owner), content=b"{}", headers=huge).status_code == 413
    for length in ("-1", "1e3", "x"):
        answer = browser.patch(base(owner), content=b"{}", headers={**headers, "Content-Length": length})
        assert answer.status_code == 400


def test_large_bodies_without_a_length_are_counted(
    sqlite_house: House, owner: Access, browser: Browser
) -> None:
    async def endless(size_bytes: int):
        for _ in range(0, size_bytes, 65_536):
            yield b"x" * 65_536

    headers = {"Content-Type": "application/json"}
    refused = sqlite_house.client().post("/api/v1/setup", content=endless(400_000), headers=headers)
    assert refused.status_code == 401
    capped = browser.patch(base(owner), content=endless(34 * 1024 * 1024), headers=headers)
    assert (capped.status_code, capped.json()["code"]) == (413, "too_large")


def test_page_sizes_are_capped(owner: Access, browser: Browser) -> None:
    for path in ("/members", "/keys", "/audit", "/jobs", "/webhooks", "/invitations"):
        assert browser.get(base(owner) + path, params={"limit": 10**9}).status_code == 422
        assert browser.get(base(owner) + path, params={"limit": 0}).status_code == 422


def test_deep_and_odd_json_is_refused_whole(owner: Access, browser: Browser) -> None:
    headers = {"Content-Type": "application/json"}
    for body in (
        b"[" * 100_000,
        b'{"name": "x"',
        b"\xff\xfe",
        b'{"name": NaN}',
        b'{"name": 1e999}',
        b"null",
        b'"x"',
    ):
        assert browser.patch(base(owner), content=body, headers=headers).status_code in (400, 422)


def test_text_that_no_encoding_takes_is_refused(house: House) -> None:
    """NUL and lone surrogates come through JSON escapes, and end in errors of the database."""
    access = house.bootstrap()
    client = house.sign_in("owner@example.org")
    headers = {"Content-Type": "application/json"}
    for text in (rb"\u0000", rb"\ud800", rb"\ud800\ud800"):
        bodies_of = {
            ("PATCH", "/api/v1/auth/me"): b'{"name": "a%s"}',
            ("PUT", "/api/v1/auth/preferences"): b'{"preferences": {"a": "%s"}}',
            ("POST", "/api/v1/auth/login"): b'{"email": "a%s@b.c", "password": "x"}',
            ("POST", "/api/v1/auth/link"): b'{"token": "a%s"}',
            ("POST", base(access) + "/keys"): b'{"name": "x", "member_id": "%s"}',
            ("POST", base(access) + "/webhooks"): b'{"url": "https://x.org/%s"}',
        }
        for (method, path), body in bodies_of.items():
            answer = client.request(method, path, content=body % text, headers=headers)
            assert answer.status_code < 500, (method, path, text)


def test_no_default_credential_is_shipped(sqlite_house: House) -> None:
    """A default user, password or key is found by the first scanner that comes by."""
    for email, password in (
        ("admin@localhost", "admin"),
        ("argilla", "1234"),
        ("admin@example.org", "password"),
    ):
        login = {"email": email, "password": password}
        assert sqlite_house.client().post("/api/v1/auth/login", json=login).status_code == 401
    for key in ("argilla.apikey", "gsk_", "gsk_admin", "gsk_default"):
        assert sqlite_house.client(key=key).get("/api/v1/auth/me").status_code == 401
    assigned = re.compile(
        r"""(password|secret|api_?key|token)\w*\s*[:=]\s*["'][\w.!-]{4,}["']""", re.IGNORECASE
    )
    for path in Path(goldsmith.__file__).parent.glob("accounts/**/*.py"):
        found = assigned.findall(path.read_text())
        assert not found, path


def test_the_defaults_are_closed() -> None:
    settings = Settings()
    assert settings.host == "127.0.0.1"
    assert settings.fetch_hosts == []
    assert settings.import_roots == []


def test_every_answer_carries_the_security_headers(
    sqlite_house: House, owner: Access, browser: Browser
) -> None:
    answers = [
        browser.get(path)
        for path in ("/", "/healthz", "/metrics", "/api/v1/auth/me", "/api/v1/absent", "/assets/absent.js")
    ]
    answers += [
        browser.post(base(owner) + "/keys", json={}),
        browser.request("BREW", "/"),
        sqlite_house.client().get("/api/v1/auth/me", headers={"Host": "evil.example"}),
    ]
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert "unsafe" not in policy
        assert "default-src" in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert answer.headers["cross-origin-opener-policy"] == "same-origin"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert "permissions-policy" in answer.headers
        assert answer.headers["x-request-id"]
        assert "server" not in answer.headers
        assert answer.headers["cache-control"] in ("no-store", "no-cache")


def test_metrics_are_for_the_machine_itself_and_for_owners(sqlite_house: House, owner: Access) -> None:
    away = {"address": "192.0.2.7"}
    assert sqlite_house.client().get("/metrics").status_code == 200
    assert sqlite_house.client(**away).get("/metrics").status_code == 401
    viewer = sqlite_house.add_person(owner.workspace_id, "v@example.org", Role.VIEWER)
    assert sqlite_house.client(key=sqlite_house.key_of(viewer), **away).get("/metrics").status_code == 403
    shown = sqlite_house.client(key=sqlite_house.key_of(owner), **away).get("/metrics")
    assert 'route="/metrics"' in shown.text
    assert owner.workspace_id not in shown.text  # templates, never ids
