"""The workspace's settings, form by form, as an owner uses them."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.person import PASSWORD, Person
from tests.integration.robustness.served import Served

FRESH_PASSWORD = "a sentence nobody guesses"
AddPerson = Callable[[str], Person]


class Listener:
    """An address on this machine that keeps what is posted to it."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []
        heard = self.heard

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                heard.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                del args

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture(scope="module")
def listener() -> Iterator[Listener]:
    listener = Listener()
    yield listener
    listener.close()


@pytest.fixture(scope="module")
def site(built_ui: None, listener: Listener, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """An installation that may talk to the listener, and to nobody else on this machine."""
    environment = {"GOLDSMITH_FETCH_HOSTS": json.dumps([listener.host])}
    served = Served(tmp_path_factory.mktemp("site"), environment=environment)
    served.start()
    yield served
    served.stop()


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def invite(owner: Person, email: str, *, role: str) -> str:
    """Invite with the form; returns the link."""
    owner.open("/settings?tab=people")
    owner.page.get_by_label("E-mail").fill(email)
    owner.page.get_by_label("Role", exact=True).select_option(role)
    press(owner.page, "Make a link")
    shown = owner.page.get_by_role("region", name=f"Send this link to {email}")
    return shown.locator("code").inner_text()


def test_the_owner_renames_themselves_and_the_workspace(owner: Person) -> None:
    page = owner.page
    owner.open("/settings")
    page.get_by_label("Name").fill("Ada Lovelace")
    press(page, "Rename")
    expect(page.get_by_text("Renamed")).to_be_visible()
    press(page, "Account")
    expect(page.get_by_text("Ada Lovelace")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Account")).to_be_focused()
    page.get_by_role("link", name="Workspace").click()
    page.get_by_label("Name of the workspace").fill("Roads")
    press(page, "Rename")
    expect(page.get_by_text("The workspace is renamed")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Name of the workspace")).to_have_value("Roads")


def test_a_password_is_changed_and_a_forgotten_session_ended(owner: Person, add_person: AddPerson) -> None:
    bob = add_person("Bob")
    bob.join(invite(owner, bob.email, role="reviewer"))
    page = bob.page
    bob.open("/settings")
    bob.expects_refusals = True
    for now, said in (("not my password", "The current password is wrong"), (PASSWORD, "Changed")):
        page.get_by_label("Password now").fill(now)
        page.get_by_label("New password").fill(FRESH_PASSWORD)
        press(page, "Change the password")
        expect(page.get_by_text(said)).to_be_visible()
    elsewhere = add_person("Elsewhere")
    elsewhere.email = bob.email
    elsewhere.open("/login")
    elsewhere.page.get_by_label("E-mail").fill(bob.email)
    elsewhere.page.get_by_label("Password").fill(FRESH_PASSWORD)
    press(elsewhere.page, "Sign in")
    expect(elsewhere.page.get_by_role("heading", name="Projects", exact=True)).to_be_visible()
    page.reload()
    page.get_by_role("button", name="End the session").click()
    expect(page.get_by_text("That session has ended")).to_be_visible()
    expect(page.get_by_role("button", name="End the session")).to_have_count(0)
    elsewhere.expects_refusals = True
    elsewhere.page.reload()
    expect(elsewhere.page.get_by_role("button", name="Sign in")).to_be_visible()


def test_people_come_change_their_role_and_go(owner: Person, add_person: AddPerson) -> None:
    page = owner.page
    invite(owner, "stranger@example.org", role="viewer")
    press(page, "Take back the invitation of stranger@example.org")
    expect(page.get_by_text("Taken back")).to_be_visible()
    expect(page.get_by_role("region", name="Open invitations")).to_have_count(0)
    cleo = add_person("Cleo")
    cleo.join(invite(owner, cleo.email, role="annotator"))
    owner.open("/settings?tab=people")
    page.get_by_label("Role of Cleo").select_option("manager")
    expect(page.get_by_text("Cleo is manager now")).to_be_visible()
    cleo.page.reload()
    expect(cleo.page.get_by_role("link", name="Jobs")).to_be_visible()
    press(page, "Remove Cleo")
    press(page, "Remove Cleo now")
    expect(page.get_by_text("Cleo was removed")).to_be_visible()
    expect(page.get_by_label("Role of Cleo")).to_have_count(0)
    cleo.expects_refusals = True
    cleo.page.reload()
    expect(cleo.page.get_by_role("heading", name="You are in no workspace")).to_be_visible()
    press(cleo.page, "Sign out")
    expect(cleo.page.get_by_role("button", name="Sign in")).to_be_visible()


def test_a_key_is_shown_once_works_and_is_ended(owner: Person, site: Served) -> None:
    page = owner.page
    owner.open("/settings?tab=keys")
    page.get_by_label("Name").fill("nightly import")
    press(page, "Make a key")
    secret = page.get_by_role("region", name="Your new key").locator("code").inner_text()
    with httpx.Client(
        base_url=f"{site.url}/api/v1", headers={"Authorization": f"Bearer {secret}"}, trust_env=False
    ) as program:
        assert program.get("/auth/me").status_code == 200
        page.reload()
        expect(page.get_by_role("listitem").filter(has_text="nightly import")).to_contain_text(secret[-4:])
        expect(page.get_by_text(secret)).to_have_count(0)
        press(page, "End nightly import")
        expect(page.get_by_text("nightly import has ended")).to_be_visible()
        assert program.get("/auth/me").status_code == 401


def test_a_webhook_is_tried_switched_off_and_deleted(owner: Person, listener: Listener) -> None:
    page, address = owner.page, f"http://{listener.host}/hook"
    owner.open("/settings?tab=webhooks")
    owner.expects_refusals = True
    for events, answer in (
        ("nonsense", page.get_by_role("alert")),
        ("task.*, job.*", page.get_by_text("The signing secret")),
    ):
        page.get_by_label("Address").fill(address)
        page.get_by_label("Events").fill(events)
        press(page, "Subscribe")
        expect(answer).to_be_visible()
    press(page, f"Test {address}")
    deliveries = page.get_by_role("dialog", name="Deliveries to")
    expect(deliveries.get_by_text("delivered")).to_be_visible()
    assert [event["event"] for event in listener.heard] == ["webhook.pinged"]
    deliveries.get_by_role("button", name="Send again").click()
    expect(page.get_by_text("Sent again")).to_be_visible()
    expect(deliveries.get_by_text("waiting")).to_have_count(0)
    page.keyboard.press("Escape")
    page.get_by_label(f"Send to {address}").uncheck()
    expect(page.get_by_text("Switched off")).to_be_visible()
    expect(page.get_by_role("button", name=f"Test {address}")).to_be_disabled()
    press(page, f"Delete the webhook to {address}")
    expect(page.get_by_text("Nobody is told yet.")).to_be_visible()


def test_a_callback_is_refused_allowed_seen_and_sent_again(owner: Person, site: Served) -> None:
    page, receiver = owner.page, Listener()
    owner.open("/settings?tab=callbacks")
    press(page, "Make a new key")
    key = page.get_by_role("region", name="The callback key").locator("code").inner_text()
    press(page, "I have it")
    expect(page.get_by_text(key[-4:])).to_be_visible()
    made = owner.ask("POST", "/workspaces/{w}/keys", {"name": "script", "mode": "test"})
    colour = {"attachment_type": "text", "attachment": "tomato", "categories": ["red"]}
    asked = {**colour, "callback_url": f"http://{receiver.host}/callback"}
    with httpx.Client(base_url=f"{site.url}/v1", auth=(made["secret"], ""), trust_env=False) as script:
        task_id = script.post("/task/categorization", json=asked).json()["task_id"]
        row = page.get_by_role("list", name="Callbacks").get_by_role("listitem").filter(has_text=task_id)
        page.reload()
        expect(row).to_contain_text("among the private hosts")
        page.get_by_label("Private hosts").fill(receiver.host)
        press(page, "Save")
        expect(page.get_by_text("Saved")).to_be_visible()
        task_id = script.post("/task/categorization", json=asked).json()["task_id"]
        row = page.get_by_role("list", name="Callbacks").get_by_role("listitem").filter(has_text=task_id)
        page.get_by_label("State").select_option("succeeded")
        page.get_by_label("Id of a task or batch").fill(task_id)
        page.keyboard.press("Enter")
        page.reload()
        expect(row).to_contain_text("succeeded")
        row.get_by_role("button").click()
        sheet = page.get_by_role("dialog", name="Callback to")
        expect(sheet.get_by_role("region", name="Body")).to_contain_text('"category": "red"')
        press(page, "Send again")
        expect(sheet.get_by_text("2 tries")).to_be_visible()
    assert [told["task_id"] for told in receiver.heard] == [task_id, task_id]
    receiver.close()


def test_the_audit_log_is_filtered_and_verified(owner: Person) -> None:
    page = owner.page
    owner.open("/settings?tab=audit")
    press(page, "Verify the chain")
    expect(page.get_by_text("The chain is whole")).to_be_visible()
    rows = page.get_by_role("list", name="Audit log").get_by_role("listitem")
    page.get_by_label("Kind of action").fill("workspace")
    page.keyboard.press("Enter")
    expect(rows.filter(has_text="workspace.created")).to_have_count(1)
    expect(rows.filter(has_not_text="workspace.")).to_have_count(0)


def test_the_keyboard_alone_is_enough(owner: Person) -> None:
    """The skip link leads to the page, a sheet takes the focus and gives it back, however it is closed."""
    page = owner.page
    owner.open("/datasets")
    expect(page.get_by_role("heading", name="Datasets", exact=True)).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    opener = page.get_by_role("button", name="New dataset").first
    expect(opener).to_be_focused()
    for close in ("Escape", "Close"):
        page.keyboard.press("Enter")
        sheet = page.get_by_role("dialog", name="New dataset")
        expect(sheet).to_be_visible()
        assert sheet.evaluate("sheet => sheet.contains(document.activeElement)")
        if close == "Close":
            sheet.get_by_role("button", name="Close").focus()
        page.keyboard.press("Escape" if close == "Escape" else "Enter")
        expect(sheet).to_have_count(0)
        expect(opener).to_be_focused()
