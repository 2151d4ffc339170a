"""Callbacks on both databases, told to real receivers on loopback."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from goldsmith.accounts.api import Access, Role
from goldsmith.compat.scale_v1.callbacks import Callbacks, CallbackWish, jobs, policy, routes
from goldsmith.core.ids import Ids, ManualClock, SystemClock
from goldsmith.platform.database import Transaction
from tests.integration.compat.receiver import Receiver
from tests.integration.server.house import Browser, House, build_house

TASK = "576ba74eec471ff9b01557cc"


@dataclass
class Tasks:
    """Stands for the tasks and batches: their bodies, and what is kept of how they were told."""

    bodies: dict[str, dict[str, Any]] = field(default_factory=dict)
    states: dict[str, bool] = field(default_factory=dict)

    def task_body(self, scale_id: str) -> dict[str, Any] | None:
        return self.bodies.get(scale_id)

    def batch_body(self, batch_id: str) -> dict[str, Any] | None:
        return self.bodies.get(batch_id)

    def keep_callback_state(
        self, tx: Transaction, *, kind: str, subject_id: str, has_succeeded: bool
    ) -> None:
        self.states[subject_id] = has_succeeded


@dataclass
class Place:
    """An installation with callbacks, and its owner at a browser."""

    house: House
    callbacks: Callbacks
    tasks: Tasks
    owner: Access
    browser: Browser

    @property
    def base(self) -> str:
        return f"/api/v1/workspaces/{self.owner.workspace_id}/callbacks"

    def tell(
        self, url: str = "", *, subject_id: str = TASK, kind: Any = "task", event: str = "completed"
    ) -> int:
        wish = CallbackWish(self.owner.workspace_id, kind, subject_id, event, url)
        told: int = self.house.write(lambda tx: self.callbacks.queue(tx, [wish]))
        return told

    def run(self) -> int:
        return self.house.machine.jobs.run_until_idle()

    def allow(self, *hosts: str, **more: Any) -> None:
        answer = self.browser.patch(self.base + "/settings", json={"private_hosts": list(hosts), **more})
        assert answer.status_code == 200, answer.text

    def log(self, **query: Any) -> list[Any]:
        items: list[Any] = self.browser.get(self.base, params=query).json()["items"]
        return items

    def detail(self, callback_id: str) -> Any:
        return self.browser.get(f"{self.base}/{callback_id}").json()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


@pytest.fixture
def other_receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


@pytest.fixture
def make_place(database_url: str, tmp_path: Path) -> Iterator[Callable[..., Place]]:
    made: list[House] = []

    def make(clock: Any, ids: Ids, **settings: Any) -> Place:
        kept: list[Callbacks] = []

        def router(machine: Any, gate: Any) -> Any:
            kept.append(Callbacks(machine))
            jobs.register(machine.jobs, kept[0])
            return routes.router(kept[0], gate)

        house = build_house(
            database_url=database_url, folder=tmp_path, clock=clock, ids=ids, routers=[router], **settings
        )
        made.append(house)
        tasks = Tasks({TASK: {"task_id": TASK, "status": "completed", "response": {"category": "grün"}}})
        kept[0].use_source(tasks)
        owner = house.bootstrap()
        return Place(house, kept[0], tasks, owner, house.sign_in("owner@example.org"))

    yield make
    for house in made:
        house.close()


@pytest.fixture
def place(make_place: Callable[..., Place], clock: ManualClock, ids: Ids) -> Place:
    return make_place(clock, ids)


def test_the_task_as_it_is_then_is_told_with_the_key(place: Place, receiver: Receiver) -> None:
    place.allow("127.0.0.1")
    key = place.browser.post(place.base + "/auth-key").json()["auth_key"]
    shown = place.browser.get(place.base + "/settings").json()
    assert shown["auth_key_hint"] == key[-4:]
    assert key not in str(shown)
    assert place.tell(receiver.url) == 1
    place.tasks.bodies[TASK]["response"] = {"category": "blue"}
    receiver.status = 204
    assert place.run() == 1
    ((headers, body),) = receiver.got
    assert headers["scale-callback-auth"] == key
    assert headers["content-type"] == "application/json"
    task = {"task_id": TASK, "status": "completed", "response": {"category": "blue"}}
    assert body == {"task_id": TASK, "response": {"category": "blue"}, "task": task}
    assert place.tasks.states == {TASK: True}
    (logged,) = place.log(state="succeeded")
    assert (logged["attempts"], logged["last_status"], logged["event"]) == (1, 204, "completed")
    detail = place.detail(logged["callback_id"])
    assert '"category":"blue"' in detail["body"]
    assert [entry["status"] for entry in detail["tries"]] == [204]
    assert place.log(state="failed") == place.log(subject_id="0" * 24) == []


def test_a_renewed_key_is_sent_and_audited_and_none_is_never_sent(place: Place, receiver: Receiver) -> None:
    place.allow(receiver.host)
    place.tell(receiver.url)
    place.run()
    first = receiver.got[0][0]["scale-callback-auth"]
    assert len(first) >= 43
    second = place.browser.post(place.base + "/auth-key").json()["auth_key"]
    place.tell(receiver.url)
    place.run()
    assert receiver.got[1][0]["scale-callback-auth"] == second != first
    actions = [action for action, _, _ in place.house.audited(place.owner.workspace_id)]
    assert "callback_auth_key.renewed" in actions
    assert second not in str(place.house.audited(place.owner.workspace_id))


def test_the_default_address_is_told_where_none_is_given(place: Place, receiver: Receiver) -> None:
    assert place.tell() == 0
    place.allow("127.0.0.1", default_url=receiver.url)
    place.tasks.bodies["bat_1"] = {"name": "b", "project": "p", "status": "completed"}
    assert place.tell(kind="batch", subject_id="bat_1") == 1
    place.run()
    batch = {"name": "b", "project": "p", "status": "completed"}
    assert receiver.got[0][1] == {"batch": batch, "status": "completed"}
    for default, status in (("me@example.org", 402), ("ftp://x", 422)):
        answer = place.browser.patch(place.base + "/settings", json={"default_url": default})
        assert answer.status_code == status, answer.text
    assert place.browser.get(place.base + "/settings").json()["default_url"] == receiver.url


def test_twenty_failures_within_a_day_are_the_end_and_a_person_may_try_again(
    place: Place, receiver: Receiver, clock: ManualClock
) -> None:
    place.allow("127.0.0.1")
    receiver.status, receiver.answer = 500, b"broken \xff"
    place.tell(receiver.url)
    began_ms = clock.now_ms()
    for number in range(1, policy.ATTEMPTS + 1):
        assert place.run() == 1
        assert len(receiver.got) == number
        clock.advance(policy.retry_delay_ms(number) * 5 // 4)
    assert place.run() == 0
    assert clock.now_ms() - policy.retry_delay_ms(policy.ATTEMPTS) * 5 // 4 - began_ms < policy.WINDOW_MS
    (logged,) = place.log(state="failed")
    assert (logged["attempts"], logged["last_status"], logged["next_try_ms"]) == (20, 500, None)
    detail = place.detail(logged["callback_id"])
    assert detail["answer"] == "broken \N{REPLACEMENT CHARACTER}"
    assert [entry["error"] for entry in detail["tries"]] == ["the receiver answered 500"] * 20
    assert place.tasks.states == {TASK: False}
    receiver.status = 201
    again = f"{place.base}/{logged['callback_id']}/redeliver"
    assert place.browser.post(again).json()["callback"]["state"] == "waiting"
    assert place.browser.post(again).status_code == 409
    place.run()
    assert place.tasks.states == {TASK: True}
    assert place.detail(logged["callback_id"])["callback"]["state"] == "succeeded"


def test_private_addresses_are_told_only_when_they_are_on_the_list(
    place: Place, receiver: Receiver, other_receiver: Receiver
) -> None:
    place.tell(receiver.url)
    place.run()
    assert receiver.got == []
    (logged,) = place.log()
    assert (logged["state"], logged["last_status"]) == ("waiting", None)
    assert "public" in logged["last_error"]
    place.allow(receiver.host)
    receiver.status, receiver.location = 302, other_receiver.url
    place.tell(receiver.url)
    place.run()
    assert (len(receiver.got), other_receiver.got) == (1, [])
    assert place.log()[0]["last_error"] == "the receiver answered 302"


def test_one_receiver_without_an_answer_puts_off_all_that_waits_for_it(
    place: Place, receiver: Receiver, clock: ManualClock
) -> None:
    place.allow("127.0.0.1")
    for _ in range(3):
        place.tell("http://127.0.0.1:1/nobody")
    place.tell(receiver.url)
    assert place.run() == 2
    assert sorted(entry["attempts"] for entry in place.log(state="waiting")) == [0, 0, 1]
    assert len(receiver.got) == 1
    clock.advance(20_000)
    assert place.run() == 1


def test_what_is_gone_is_not_told(place: Place, receiver: Receiver) -> None:
    place.allow("127.0.0.1")
    place.tell(receiver.url, subject_id="0" * 24)
    place.run()
    (logged,) = place.log()
    assert (logged["state"], logged["last_error"], receiver.got) == ("failed", "the task is gone", [])


def test_others_see_and_change_nothing(place: Place, receiver: Receiver) -> None:
    place.tell(receiver.url)
    (logged,) = place.log()
    place.house.add_person(place.owner.workspace_id, "rita@example.org", Role.REVIEWER)
    place.house.add_workspace("stranger@example.org")
    for email, status in (("rita@example.org", 403), ("stranger@example.org", 404)):
        browser = place.house.sign_in(email)
        assert browser.get(place.base).status_code == status
        assert browser.post(place.base + "/auth-key").status_code == status
        assert browser.post(f"{place.base}/{logged['callback_id']}/redeliver").status_code == status
    theirs = place.house.add_workspace("else@example.org", name="Else")
    browser = place.house.sign_in("else@example.org")
    path = f"/api/v1/workspaces/{theirs.workspace_id}/callbacks/{logged['callback_id']}"
    assert browser.get(path).status_code == 404


def test_who_hangs_keeps_nobody_else_waiting(
    make_place: Callable[..., Place], receiver: Receiver, other_receiver: Receiver
) -> None:
    clock = SystemClock()
    place = make_place(clock, Ids(clock))
    place.allow("127.0.0.1")
    place.house.machine.jobs.register("test.work", lambda context: "done")
    receiver.may_answer.clear()
    for _ in range(6):
        place.tell(receiver.url)
    place.house.machine.jobs.start(1)
    wait_for(lambda: len(receiver.got) == 2)
    work = place.house.write(
        lambda tx: place.house.machine.jobs.enqueue(
            tx, "test.work", workspace_id=place.owner.workspace_id, args={}
        )
    )
    place.tell(other_receiver.url)
    wait_for(lambda: len(other_receiver.got) == 1)
    wait_for(lambda: place.house.read(lambda tx: place.house.machine.jobs.get(tx, work)).state == "done")
    hanging = [entry for entry in place.log() if entry["url"] == receiver.url]
    assert [entry["attempts"] for entry in hanging] == [0] * 6  # nobody had to wait for the ends of those
    assert len(receiver.got) == 2
    receiver.may_answer.set()
    wait_for(lambda: len(place.log(state="succeeded")) == 7)
    place.house.machine.jobs.stop()


def wait_for(condition: Callable[[], bool], timeout_s: float = 20.0) -> None:
    deadline_s = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline_s, "it did not happen"
        time.sleep(0.01)
