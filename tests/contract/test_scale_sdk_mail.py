"""Scale's own client, unmodified: callbacks to e-mail addresses, taken by a real mail server."""

from __future__ import annotations

import json
from email.message import EmailMessage

import pytest
from scaleapi.exceptions import ScaleException

from tests.contract.site import Desk


def mails_to(desk: Desk, address: str, *, count: int) -> list[EmailMessage]:
    """The mails to an address, once there are as many."""

    def got() -> list[EmailMessage]:
        return [mail for to, mail in desk.site.mail.got if to == address]

    desk.until(lambda: len(got()) >= count)
    return got()


def test_a_finished_task_and_its_batch_are_mailed(desk: Desk) -> None:
    project, address = desk.project(), f"tasks{next(Desk._numbers)}@example.org"
    batch = desk.batch(project, callback=address)
    assert desk.client.get_batch(batch).as_dict()["callback"] == address
    desk.client.finalize_batch(batch)
    words = {"note": "a\r\nBcc: them@example.org"}
    task = desk.finished(project, batch=batch, callback_url=f"mailto:{address}", metadata=words)
    told = [json.loads(mail.get_content()) for mail in mails_to(desk, address, count=2)]
    [of_task] = [body for body in told if "task" in body]
    [of_batch] = [body for body in told if "batch" in body]
    task.refresh()
    assert (of_task["task_id"], of_task["response"]) == (task.id, task.response)
    assert of_task["task"]["metadata"] == words
    assert (of_batch["batch"]["name"], of_batch["status"]) == (batch, "completed")
    assert all(mail["Bcc"] is None for mail in mails_to(desk, address, count=2))
    desk.until(lambda: bool(desk.client.get_task(task.id).as_dict().get("callback_succeeded")))
    assert desk.client.api.post_request(f"task/{task.id}/send_callback") == {"success": True}
    assert mails_to(desk, address, count=3)[-1]["Subject"] == f"Task {task.id}: completed"


@pytest.mark.parametrize("address", ["A <a@b.example>", "a@b.example, c@d.example", "a@b\r\nBcc: c@d"])
def test_what_is_no_single_address_is_refused(desk: Desk, address: str) -> None:
    with pytest.raises(ScaleException, match="callback"):
        desk.task(project=desk.project(), callback_url=address)
