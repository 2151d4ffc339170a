"""Webhooks on both databases, told to a real receiver on loopback."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from goldsmith.accounts.api import Access, Role, check_signature, emit
from goldsmith.accounts.policy import DELIVERY_ATTEMPTS, DELIVERY_WINDOW_MS
from goldsmith.core.ids import Ids, ManualClock
from tests.integration.server.house import Browser, House, build_house


class Receiver:
    """Keeps what it is sent and answers with ``status``."""

    def __init__(self) -> None:
        self.status = 200
        self.got: list[tuple[dict[str, str], bytes]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(receiver.status)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


@pytest.fixture
def house(database_url: str, tmp_path: Path, clock: ManualClock, ids: Ids) -> Iterator[House]:
    built = build_house(
        database_url=database_url, folder=tmp_path, clock=clock, ids=ids, fetch_hosts=["127.0.0.1"]
    )
    yield built
    built.close()


@pytest.fixture
def owner(house: House) -> Access:
    return house.bootstrap()


@pytest.fixture
def browser(house: House, owner: Access) -> Browser:
    return house.sign_in("owner@example.org")


def base(access: Access) -> str:
    return f"/api/v1/workspaces/{access.workspace_id}"


def subscribe(browser: Browser, access: Access, url: str, events: list[str]) -> Any:
    answer = browser.post(base(access) + "/webhooks", json={"url": url, "events": events})
    assert answer.status_code == 201, answer.text
    return answer.json()


def tell(house: House, access: Access, event: str = "task.done", **body: Any) -> int:
    told = house.write(
        lambda tx: emit(tx, machine=house.machine, workspace_id=access.workspace_id, event=event, body=body)
    )
    return int(told)


def deliveries(browser: Browser, access: Access, hook: Any) -> list[Any]:
    path = f"{base(access)}/webhooks/{hook['webhook']['webhook_id']}/deliveries"
    items: list[Any] = browser.get(path).json()["items"]
    return items


def test_a_delivery_is_signed_and_logged(
    house: House, owner: Access, browser: Browser, receiver: Receiver
) -> None:
    hook = subscribe(browser, owner, receiver.url, ["task.*"])
    assert hook["secret"] not in browser.get(base(owner) + "/webhooks").text
    assert tell(house, owner, task_id="tsk_1", name="grün") == 1
    house.machine.jobs.run_until_idle()
    headers, body = receiver.got[0]
    sent = json.loads(body)
    assert (sent["event"], sent["body"], sent["workspace_id"]) == (
        "task.done",
        {"task_id": "tsk_1", "name": "grün"},
        owner.workspace_id,
    )
    assert headers["goldsmith-delivery"] == sent["delivery_id"]
    now_s = house.clock.now_ms() // 1000
    signature = {"secret": hook["secret"], "header": headers["goldsmith-signature"]}
    assert check_signature(**signature, body=body, now_s=now_s)
    assert not check_signature(**signature, body=body + b" ", now_s=now_s)
    assert not check_signature(**signature, body=body, now_s=now_s + 301)
    (logged,) = deliveries(browser, owner, hook)
    assert (logged["state"], logged["attempts"], logged["last_status"]) == ("delivered", 1, 200)


def test_only_subscribed_events_of_the_own_workspace_are_told(
    house: House, owner: Access, browser: Browser, receiver: Receiver
) -> None:
    other = house.add_workspace("o@example.org")
    subscribe(browser, owner, receiver.url, ["task.done", "run.*"])
    assert [tell(house, owner, event) for event in ("task.done", "task.made", "run.done", "runs.done")] == [
        1,
        0,
        1,
        0,
    ]
    assert tell(house, other, "task.done") == 0


def test_what_is_rolled_back_is_not_told(
    house: House, owner: Access, browser: Browser, receiver: Receiver
) -> None:
    subscribe(browser, owner, receiver.url, ["*"])

    def fail(tx: Any) -> None:
        house.accounts.emit(tx, workspace_id=owner.workspace_id, event="task.done", body={})
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        house.write(fail)
    house.machine.jobs.run_until_idle()
    assert receiver.got == []


def test_a_failing_receiver_is_tried_for_a_day_and_then_given_up(
    house: House, owner: Access, browser: Browser, receiver: Receiver
) -> None:
    hook = subscribe(browser, owner, receiver.url, ["*"])
    receiver.status = 503
    tell(house, owner)
    start_ms = house.clock.now_ms()
    while house.clock.now_ms() < start_ms + 2 * DELIVERY_WINDOW_MS:
        house.machine.jobs.run_until_idle()
        house.clock.advance(10 * 60_000)
    assert len(receiver.got) == DELIVERY_ATTEMPTS
    (logged,) = deliveries(browser, owner, hook)
    assert (logged["state"], logged["attempts"]) == ("failed", DELIVERY_ATTEMPTS)
    assert logged["last_error"] == "the receiver answered 503"
    receiver.status = 200
    path = f"{base(owner)}/deliveries/{logged['delivery_id']}/redeliver"
    assert browser.post(path).status_code == 202
    assert browser.post(path).status_code == 409  # it is being tried
    house.machine.jobs.run_until_idle()
    assert deliveries(browser, owner, hook)[0]["state"] == "delivered"
    assert len({body for _, body in receiver.got}) == 1


def test_a_receiver_that_comes_back_gets_it_once(
    house: House, owner: Access, browser: Browser, receiver: Receiver
) -> None:
    hook = subscribe(browser, owner, receiver.url, ["*"])
    receiver.status = 500
    tell(house, owner)
    house.machine.jobs.run_until_idle()
    receiver.status = 204
    for _ in range(3):
        house.clock.advance(60_000)
        house.machine.jobs.run_until_idle()
    assert len(receiver.got) == 2
    assert deliveries(browser, owner, hook)[0]["last_status"] == 204


def test_a_webhook_switched_off_or_deleted_hears_nothing_more(
    house: House, owner: Access, browser: Browser, receiver: Receiver
) -> None:
    hook = subscribe(browser, owner, receiver.url, ["*"])
    path = f"{base(owner)}/webhooks/{hook['webhook']['webhook_id']}"
    tell(house, owner)
    assert browser.patch(path, json={"is_active": False}).json()["is_active"] is False
    house.machine.jobs.run_until_idle()
    assert receiver.got == []
    assert tell(house, owner) == 0
    assert browser.patch(path, json={"is_active": True, "events": ["run.done"]}).json()["events"] == [
        "run.done"
    ]
    assert browser.post(path + "/ping").status_code == 202
    house.machine.jobs.run_until_idle()
    assert json.loads(receiver.got[0][1])["event"] == "webhook.pinged"
    assert browser.delete(path).status_code == 204
    assert browser.get(path + "/deliveries").status_code == 404


def test_addresses_inside_are_refused_with_uniform_words(
    sqlite_url: str, tmp_path: Path, clock: ManualClock, ids: Ids, receiver: Receiver
) -> None:
    house = build_house(database_url=sqlite_url, folder=tmp_path, clock=clock, ids=ids)
    try:
        owner = house.bootstrap()
        browser = house.sign_in("owner@example.org")
        inside = [receiver.url, "http://169.254.169.254/latest/", "http://[::1]:1/", "http://2130706433/"]
        hooks = [subscribe(browser, owner, url, ["*"]) for url in inside]
        tell(house, owner)
        house.machine.jobs.run_until_idle()
        errors = {deliveries(browser, owner, hook)[0]["last_error"] for hook in hooks}
        assert len(errors) == 1
        assert receiver.got == []
    finally:
        house.close()


def test_subscriptions_are_checked_and_counted(house: House, owner: Access, browser: Browser) -> None:
    path = base(owner) + "/webhooks"
    for url in ("file:///etc/passwd", "gopher://x", "javascript:alert(1)", "http://a b", ""):
        assert browser.post(path, json={"url": url, "events": ["*"]}).status_code == 422
    for events in ([], ["Task.Done"], ["x"], ["task.done; drop"]):
        assert browser.post(path, json={"url": "https://example.org/", "events": events}).status_code == 422
    for _ in range(50):
        subscribe(browser, owner, "https://example.org/", ["*"])
    assert browser.post(path, json={"url": "https://example.org/", "events": ["*"]}).status_code == 429


def test_webhooks_of_another_workspace_are_not_there(
    house: House, owner: Access, browser: Browser, receiver: Receiver
) -> None:
    hook = subscribe(browser, owner, receiver.url, ["*"])
    tell(house, owner)
    house.machine.jobs.run_until_idle()
    delivery_id = deliveries(browser, owner, hook)[0]["delivery_id"]
    other = house.add_workspace("o@example.org")
    stranger = house.sign_in("o@example.org")
    hook_path = f"{base(other)}/webhooks/{hook['webhook']['webhook_id']}"
    assert stranger.get(hook_path + "/deliveries").status_code == 404
    assert stranger.post(hook_path + "/ping").status_code == 404
    assert stranger.patch(hook_path, json={"is_active": False}).status_code == 404
    assert stranger.delete(hook_path).status_code == 404
    assert stranger.post(f"{base(other)}/deliveries/{delivery_id}/redeliver").status_code == 404


def test_jobs_of_others_are_neither_seen_nor_ended(
    house: House, owner: Access, browser: Browser, receiver: Receiver
) -> None:
    subscribe(browser, owner, receiver.url, ["*"])
    tell(house, owner)
    job_id = browser.get(base(owner) + "/jobs").json()["items"][0]["job_id"]
    assert browser.get(f"{base(owner)}/jobs/{job_id}").json()["state"] == "queued"
    other = house.add_workspace("o@example.org")
    stranger = house.sign_in("o@example.org")
    assert stranger.get(f"{base(other)}/jobs/{job_id}").status_code == 404
    assert stranger.post(f"{base(other)}/jobs/{job_id}/cancel").status_code == 404
    assert stranger.post(f"{base(other)}/jobs/{job_id}/retry").status_code == 404
    house.add_person(owner.workspace_id, "a@example.org", Role.ANNOTATOR)
    assert house.sign_in("a@example.org").get(f"{base(owner)}/jobs/{job_id}").status_code == 404
    assert browser.post(f"{base(owner)}/jobs/{job_id}/cancel").json()["state"] == "cancelled"
    assert browser.post(f"{base(owner)}/jobs/{job_id}/retry").json()["state"] == "queued"
