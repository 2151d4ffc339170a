"""Background work of callbacks: sending them.

They run on threads of their own, of which one receiver has at most half; and one that does not answer puts off all that
waits for it. So whoever hangs there slows neither the server nor the callbacks of others.
"""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

import structlog

from goldsmith.compat.scale_v1.callbacks import policy, store
from goldsmith.compat.scale_v1.callbacks.service import CALL_KIND, Callbacks, receiver_of
from goldsmith.compat.scale_v1.callbacks.types import CallbackTry
from goldsmith.core.errors import DependencyError, GoldsmithError, GoneError
from goldsmith.platform.database import Row, Transaction
from goldsmith.platform.fetcher import FetchError
from goldsmith.platform.jobs import JobContext, Jobs

_log = structlog.get_logger()
_NO_ANSWER: Final = (
    f"no answer within {policy.ANSWER_WITHIN_S:.0f} seconds, "
    "or the address is neither public nor among the private hosts"
)
AUTH_HEADER: Final = "scale-callback-auth"
_THREADS: Final = 4
_AT_ONE_RECEIVER: Final = 2
_TURN_WITHIN_S: Final = 0.5
_PUT_OFF_MS: Final = 2_000


class Lanes:
    """How many are at each receiver, in this process.

    Args:
        most: So many may be at one receiver at once.
    """

    def __init__(self, most: int = _AT_ONE_RECEIVER) -> None:
        self._most = most
        self._at: Counter[str] = Counter()
        self._changed = threading.Condition()

    @contextmanager
    def turn_at(self, receiver: str, *, within_s: float = _TURN_WITHIN_S) -> Iterator[bool]:
        """Wait for a turn and hold it; gives False when none came: those that are there do not get on."""
        with self._changed:
            has_turn = self._changed.wait_for(lambda: self._at[receiver] < self._most, within_s)
            self._at[receiver] += has_turn
        try:
            yield has_turn
        finally:
            with self._changed:
                self._at[receiver] -= has_turn
                if not self._at[receiver]:
                    del self._at[receiver]
                self._changed.notify_all()


class _Sent(NamedTuple):
    """What became of one try; one that is hopeless is the last."""

    body: str
    answer: str
    entry: CallbackTry
    is_hopeless: bool


def register(jobs: Jobs, callbacks: Callbacks) -> None:
    """Say how the jobs of callbacks are run."""
    lanes = Lanes()
    jobs.register(
        CALL_KIND,
        lambda context: call_back(callbacks, lanes, context),
        max_attempts=policy.ATTEMPTS,
        backoff=policy.retry_delay_ms,
        own_threads=_THREADS,
    )


def call_back(callbacks: Callbacks, lanes: Lanes, context: JobContext) -> dict[str, Any]:
    """Send one callback.

    Raises:
        DependencyError: The receiver could not be reached or did not answer 2xx; it is tried again.
        GoneError: It was given up, or what it tells of is gone.
    """
    database, callback_id = callbacks.machine.database, context.args["callback_id"]
    row = database.read_sync(lambda tx: store.find(tx, callback_id))
    if row is None or row["state"] != "waiting" or row["job_id"] != context.job_id:
        raise GoneError("the callback does not wait for this job any more")
    with lanes.turn_at(receiver_of(row["url"])) as has_turn:
        if not has_turn:
            database.write_sync(lambda tx: callbacks.put_off(tx, row, delay_ms=_PUT_OFF_MS))
            return {"is_put_off": True}
        sent = _send(callbacks, row)
    is_last = sent.is_hopeless or _is_last(row, at_ms=callbacks.machine.clock.now_ms())
    database.write_sync(lambda tx: _keep(tx, callbacks, row, sent, is_last=is_last))
    error = sent.entry.error
    if error is None:
        return {"status": sent.entry.status}
    if is_last:
        raise GoneError(f"given up: {error}")
    raise DependencyError(error)


def _is_last(row: Row, *, at_ms: int) -> bool:
    attempts: int = row["attempts"] + 1
    waited_ms: int = at_ms + policy.retry_delay_ms(attempts) - row["requested_ms"]
    return attempts >= policy.ATTEMPTS or waited_ms > policy.WINDOW_MS


def _send(callbacks: Callbacks, row: Row) -> _Sent:
    at_ms = callbacks.machine.clock.now_ms()
    body, began_s = "", time.monotonic()
    status, answer, error, is_hopeless = None, "", None, False
    try:
        address, told = policy.mail_address(row["url"]), _body(callbacks, row)
        body = _json(told, is_for_people=address is not None)
        began_s = time.monotonic()
        status, answer = (
            _post(callbacks, row, body) if address is None else _mail(callbacks, row, address, body)
        )
        if not 200 <= status < 300:
            error = f"the receiver answered {status}"
    except FetchError:
        error = _NO_ANSWER
    except GoldsmithError as failure:
        error, is_hopeless = failure.detail, isinstance(failure, GoneError)
    except Exception as failure:  # noqa: BLE001  whatever stands in the way is told in the log of callbacks
        _log.exception("callback failed", callback_id=row["callback_id"])
        error = f"unexpected {type(failure).__name__}"
    took_ms = round((time.monotonic() - began_s) * 1000)
    entry = CallbackTry(at_ms=at_ms, status=status, error=error, took_ms=took_ms)
    return _Sent(body, answer, entry, is_hopeless)


def _body(callbacks: Callbacks, row: Row) -> Mapping[str, Any]:
    """Return what is told: of a task as Scale tells it; of a batch, which Scale does not show, the batch."""
    if row["kind"] == "batch":
        batch = callbacks.source.batch_body(row["subject_id"])
        if batch is None:
            raise GoneError("the batch is gone")
        return {"batch": batch, "status": batch.get("status")}
    task = callbacks.source.task_body(row["subject_id"])
    if task is None:
        raise GoneError("the task is gone")
    return {"task_id": row["subject_id"], "response": task.get("response", {}), "task": task}


def _json(told: Mapping[str, Any], *, is_for_people: bool) -> str:
    if is_for_people:
        return json.dumps(told, ensure_ascii=False, indent=2)
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def _mail(callbacks: Callbacks, row: Row, address: str, body: str) -> tuple[int, str]:
    """Send a callback as a mail; its head holds nothing that the task's maker wrote, and no key."""
    return callbacks.machine.mailer.send(
        to=address,
        subject=f"{str(row['kind']).capitalize()} {row['subject_id']}: {row['event']}",
        text=body,
        reference=f"{row['callback_id']}.{row['requested_ms']}",
        at_ms=row["requested_ms"],
    )


def _post(callbacks: Callbacks, row: Row, body: str) -> tuple[int, str]:
    auth_key, private_hosts = callbacks.terms_of(row["workspace_id"])
    answered = callbacks.machine.fetcher.post(
        row["url"],
        body.encode(),
        {"Content-Type": "application/json", AUTH_HEADER: auth_key},
        private_hosts=private_hosts,
        timeout_s=policy.ANSWER_WITHIN_S,
        answer_bytes=policy.KEPT_ANSWER_BYTES,
    )
    return answered.status, answered.content.decode(errors="replace").replace(
        "\x00", "\N{REPLACEMENT CHARACTER}"
    )


def _keep(tx: Transaction, callbacks: Callbacks, row: Row, sent: _Sent, *, is_last: bool) -> None:
    now_ms, entry = callbacks.machine.clock.now_ms(), sent.entry
    attempts, has_succeeded = row["attempts"] + 1, entry.error is None
    tries = [*json.loads(row["tries"]), entry.model_dump()][-policy.KEPT_TRIES :]
    delay_ms = policy.retry_delay_ms(attempts)
    has_ended = has_succeeded or is_last
    store.update(
        tx,
        row["callback_id"],
        state="succeeded" if has_succeeded else "failed" if is_last else "waiting",
        attempts=attempts,
        last_status=entry.status,
        last_error=entry.error,
        body=_beginning(sent.body),
        answer=sent.answer,
        tries=json.dumps(tries),
        next_try_ms=None if has_ended else now_ms + delay_ms,
        ended_ms=now_ms if has_ended else None,
    )
    if has_ended:
        callbacks.source.keep_callback_state(
            tx, kind=row["kind"], subject_id=row["subject_id"], has_succeeded=has_succeeded
        )
    if entry.status is None and sent.body:
        callbacks.put_off_others(tx, row, delay_ms=min(delay_ms, policy.REST_MS))


def _beginning(body: str) -> str:
    """Return a body as it is kept: its beginning where it is long."""
    if len(body) <= policy.KEPT_BODY_CHARS:
        return body
    return f"{body[: policy.KEPT_BODY_CHARS]}... ({len(body):,} characters in all)"
