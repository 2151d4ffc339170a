"""Callbacks by e-mail on both databases, taken by a real mail server on loopback."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest

from goldsmith.compat.scale_v1.callbacks import policy
from goldsmith.core.ids import Ids, ManualClock
from tests.integration.compat.mail_receiver import MailReceiver
from tests.integration.compat.receiver import Receiver
from tests.integration.compat.test_callbacks import TASK, Place, make_place, receiver

__all__ = ["make_place", "receiver"]
MAIL = "me@example.org"


@pytest.fixture
def mail() -> Iterator[MailReceiver]:
    made = MailReceiver()
    yield made
    made.close()


@pytest.fixture
def place(
    make_place: Callable[..., Place],
    clock: ManualClock,
    ids: Ids,
    mail: MailReceiver,
) -> Place:
    return make_place(
        clock,
        ids,
        smtp_host="127.0.0.1",
        smtp_port=mail.port,
        smtp_security="none",
        smtp_sender="goldsmith@example.org",
    )


def test_the_task_is_mailed_and_its_words_stay_out_of_the_head(place: Place, mail: MailReceiver) -> None:
    place.tasks.bodies[TASK]["metadata"] = {"note": "\r\nBcc: them@example.org\r\n.\r\n"}
    place.tell(f"mailto:{MAIL}")
    assert place.run() == 1
    ((to, got),) = mail.got
    assert (to, got["To"], got["From"]) == (MAIL, MAIL, "goldsmith@example.org")
    assert got["Subject"] == f"Task {TASK}: completed"
    assert set(got.keys()) == {
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Type",
        "Content-Transfer-Encoding", "MIME-Version",
    }  # fmt: skip
    body = json.loads(got.get_content())
    assert (body["task_id"], body["task"]) == (TASK, place.tasks.bodies[TASK])
    assert place.tasks.states == {TASK: True}
    (logged,) = place.log(state="succeeded")
    assert (logged["last_status"], place.detail(logged["callback_id"])["answer"]) == (250, "kept")
    key = place.browser.post(place.base + "/auth-key").json()["auth_key"]
    assert key not in str(got)


def test_mail_is_tried_twenty_times_and_again_by_hand(
    place: Place, mail: MailReceiver, clock: ManualClock
) -> None:
    mail.refused = MAIL
    place.browser.patch(place.base + "/settings", json={"default_url": MAIL})
    place.tell()
    for number in range(1, policy.ATTEMPTS + 1):
        assert place.run() == 1
        clock.advance(policy.retry_delay_ms(number) * 5 // 4)
    assert place.run() == 0
    (logged,) = place.log(state="failed")
    assert (logged["attempts"], logged["last_status"], logged["url"]) == (20, 550, MAIL)
    assert place.detail(logged["callback_id"])["answer"] == "nobody of that name"
    assert place.tasks.states == {TASK: False}
    mail.refused = ""
    assert place.browser.post(f"{place.base}/{logged['callback_id']}/redeliver").status_code == 202
    place.run()
    assert [to for to, _ in mail.got] == [MAIL]
    assert place.tasks.states == {TASK: True}


def test_a_mail_server_that_is_away_puts_off_mail_alone(
    place: Place,
    mail: MailReceiver,
    receiver: Receiver,
) -> None:
    mail.close()
    place.allow("127.0.0.1")
    for address in (MAIL, "you@example.org", receiver.url):
        place.tell(address)
    assert place.run() == 2
    assert len(receiver.got) == 1
    told = {entry["url"]: (entry["attempts"], entry["last_error"]) for entry in place.log(state="waiting")}
    assert sorted(attempts for attempts, _ in told.values()) == [0, 1]
    assert any("mail server cannot be reached" in (error or "") for _, error in told.values())


def test_without_a_mail_server_the_setting_is_named(
    make_place: Callable[..., Place],
    clock: ManualClock,
    ids: Ids,
) -> None:
    place = make_place(clock, ids)
    answer = place.browser.patch(place.base + "/settings", json={"default_url": MAIL})
    assert answer.status_code == 402 and "GOLDSMITH_SMTP_HOST" in answer.text
    place.tell(MAIL)  # it was given while there was a server
    place.run()
    (logged,) = place.log()
    assert logged["state"] == "waiting" and "smtp_host" in logged["last_error"]
