"""Callbacks: queued with what happened, looked at, sent again, and how a workspace wants them."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from goldsmith.accounts.api import Access, Page, audit
from goldsmith.compat.scale_v1.callbacks import policy, store
from goldsmith.compat.scale_v1.callbacks.types import (
    Callback,
    CallbackDetail,
    CallbackSettings,
    CallbackSource,
    CallbackTry,
    CallbackWish,
    NewAuthKey,
)
from goldsmith.core.errors import BugError, ConflictError, NotFoundError
from goldsmith.platform.database import Row, Transaction
from goldsmith.platform.machine import Machine

CALL_KIND: Final = "scale_v1.call_back"
_PRIORITY: Final = 10
_NO_SETTINGS: Final = CallbackSettings(
    default_url="", private_hosts=[], auth_key_hint="", auth_key_made_ms=None
)


def _random_key() -> str:
    return secrets.token_urlsafe(32)


class Callbacks:
    """What happened, told to the addresses that the makers of tasks and batches gave.

    Args:
        machine: Clock, ids, database, jobs, guarded HTTP.
        new_key: Makes keys that nobody guesses.
    """

    def __init__(self, machine: Machine, *, new_key: Callable[[], str] = _random_key) -> None:
        self.machine = machine
        self._new_key = new_key
        self._source: CallbackSource | None = None

    def use_source(self, source: CallbackSource) -> None:
        """Say who knows the tasks and batches that are told of."""
        self._source = source

    @property
    def source(self) -> CallbackSource:
        """Who knows the tasks and batches.

        Raises:
            BugError: Nobody was named.
        """
        if self._source is None:
            raise BugError("callbacks were not given a source of bodies")
        return self._source

    def checked_url(self, url: str | None) -> str:
        """Return the address of a callback without blanks around it; empty for none.

        Raises:
            NotEnabledFault: It is an e-mail address, and this installation sends no mail.
            InvalidInputError: It is neither an http(s) URL nor an e-mail address.
        """
        return policy.checked_callback_url(url, has_mail=self.machine.mailer.is_enabled)

    def queue(self, tx: Transaction, wishes: Sequence[CallbackWish]) -> int:
        """Queue callbacks in the transaction of what happened, each with a durable job; returns how many.

        A wish without an address takes the workspace's default; without one it is dropped, as nobody asked.

        Args:
            tx: The transaction of what happened.
            wishes: What to tell.
        """
        defaults = {
            workspace_id: self.settings(tx, workspace_id).default_url
            for workspace_id in {wish.workspace_id for wish in wishes if not wish.url}
        }
        told = [wish._replace(url=wish.url or defaults[wish.workspace_id]) for wish in wishes]
        told = [wish for wish in told if wish.url]
        if not told:
            return 0
        callback_ids = self.machine.ids.new_many("cbk", len(told))
        rows = [
            {
                **self._new_row(callback_id, wish),
                "job_id": self._enqueue(tx, callback_id, workspace_id=wish.workspace_id, url=wish.url),
            }
            for callback_id, wish in zip(callback_ids, told, strict=True)
        ]
        store.insert(tx, rows)
        return len(told)

    def list_page(
        self, tx: Transaction, access: Access, *, state: str, subject_id: str, before: str, limit: int
    ) -> Page[Callback]:
        """Return callbacks, newest first; of one state and of one task or batch where these are not empty."""
        rows = store.page(
            tx,
            workspace_id=access.workspace_id,
            state=state,
            subject_id=subject_id,
            before=before,
            limit=limit + 1,
        )
        items = [_to_callback(row) for row in rows[:limit]]
        return Page(items=items, next_cursor=items[-1].callback_id if len(rows) > limit else None)

    def get(self, tx: Transaction, access: Access, callback_id: str) -> CallbackDetail:
        """Return a callback with what was sent and answered.

        Raises:
            NotFoundError: It is not there, or another workspace's.
        """
        row = self._row(tx, access, callback_id)
        return CallbackDetail(
            callback=_to_callback(row),
            body=row["body"],
            answer=row["answer"],
            tries=[CallbackTry.model_validate(entry) for entry in json.loads(row["tries"])],
        )

    def send_again(self, tx: Transaction, access: Access, callback_id: str) -> CallbackDetail:
        """Tell once more what was told or given up, as it is now; it has its 20 tries and 24 hours anew.

        Raises:
            NotFoundError: It is not there, or another workspace's.
            ConflictError: It is still being tried.
        """
        row = self._row(tx, access, callback_id)
        if row["state"] == "waiting":
            raise ConflictError("the callback is still being tried")
        at_ms = self.machine.clock.now_ms()
        job_id = self._enqueue(tx, callback_id, workspace_id=access.workspace_id, url=row["url"])
        anew = {"state": "waiting", "attempts": 0, "requested_ms": at_ms, "next_try_ms": at_ms}
        store.update(tx, callback_id, **anew, ended_ms=None, job_id=job_id)
        audit(tx, at_ms=at_ms, access=access, action="callback.sent_again", target=callback_id)
        return self.get(tx, access, callback_id)

    def put_off(self, tx: Transaction, row: Row, *, delay_ms: int) -> None:
        """Let a callback, and all that are due for the same receiver, wait without counting a try; for jobs."""
        workspace_id, url = row["workspace_id"], row["url"]
        job_id = self._enqueue(tx, row["callback_id"], workspace_id=workspace_id, url=url, delay_ms=delay_ms)
        next_ms = self.machine.clock.now_ms() + delay_ms
        store.update(tx, row["callback_id"], job_id=job_id, next_try_ms=next_ms)
        self.put_off_others(tx, row, delay_ms=delay_ms)

    def put_off_others(self, tx: Transaction, row: Row, *, delay_ms: int) -> None:
        """Let all that are due for the receiver of a callback wait; for jobs."""
        self.machine.jobs.put_off(
            tx,
            CALL_KIND,
            workspace_id=row["workspace_id"],
            subject=receiver_of(row["url"]),
            delay_ms=delay_ms,
        )

    def settings(self, tx: Transaction, workspace_id: str) -> CallbackSettings:
        """Return how the workspace wants its callbacks, without the key."""
        row = store.settings(tx, workspace_id)
        if row is None:
            return _NO_SETTINGS
        return CallbackSettings(
            default_url=row["default_url"],
            private_hosts=json.loads(row["private_hosts"]),
            auth_key_hint=row["auth_key"][-4:],
            auth_key_made_ms=row["auth_key_made_ms"],
        )

    def change_settings(
        self,
        tx: Transaction,
        access: Access,
        *,
        default_url: str | None = None,
        private_hosts: Sequence[str] | None = None,
    ) -> CallbackSettings:
        """Change what is given, keep the rest.

        Raises:
            NotEnabledFault: The default address is one of e-mail, and this installation sends no mail.
            InvalidInputError: The address is no URL, or a host is none.
        """
        values: dict[str, Any] = {}
        if default_url is not None:
            values["default_url"] = self.checked_url(default_url)
        if private_hosts is not None:
            values["private_hosts"] = json.dumps(policy.checked_private_hosts(private_hosts))
        if values:
            store.put_settings(tx, access.workspace_id, **values)
            at_ms = self.machine.clock.now_ms()
            audit(
                tx,
                at_ms=at_ms,
                access=access,
                action="callback_settings.changed",
                target=access.workspace_id,
                detail=values,
            )
        return self.settings(tx, access.workspace_id)

    def renew_auth_key(self, tx: Transaction, access: Access) -> NewAuthKey:
        """Make a new key for ``scale-callback-auth``; from the next callback on it is the one that is sent."""
        auth_key, at_ms = self._new_key(), self.machine.clock.now_ms()
        store.put_settings(tx, access.workspace_id, auth_key=auth_key, auth_key_made_ms=at_ms)
        audit(tx, at_ms=at_ms, access=access, action="callback_auth_key.renewed", target=access.workspace_id)
        return NewAuthKey(auth_key=auth_key, settings=self.settings(tx, access.workspace_id))

    def terms_of(self, workspace_id: str) -> tuple[str, frozenset[str]]:
        """Return the key that is sent along and the private hosts that may be told; for jobs.

        A workspace that has no key yet gets one, so that no callback ever goes out without.
        """
        database = self.machine.database
        row = database.read_sync(lambda tx: store.settings(tx, workspace_id))
        if row is None or not row["auth_key"]:
            auth_key, at_ms = self._new_key(), self.machine.clock.now_ms()
            database.write_sync(
                lambda tx: store.put_first_key(tx, workspace_id, auth_key=auth_key, at_ms=at_ms)
            )
            row = database.read_sync(lambda tx: store.settings(tx, workspace_id))
            assert row is not None
        return row["auth_key"], frozenset(json.loads(row["private_hosts"]))

    def _new_row(self, callback_id: str, wish: CallbackWish) -> dict[str, Any]:
        at_ms = self.machine.clock.now_ms()
        return {
            "callback_id": callback_id,
            **wish._asdict(),
            "is_test": int(wish.is_test),
            "state": "waiting",
            "created_ms": at_ms,
            "requested_ms": at_ms,
            "next_try_ms": at_ms,
        }

    def _enqueue(
        self, tx: Transaction, callback_id: str, *, workspace_id: str, url: str, delay_ms: int = 0
    ) -> str:
        return self.machine.jobs.enqueue(
            tx,
            CALL_KIND,
            workspace_id=workspace_id,
            args={"callback_id": callback_id},
            subject=receiver_of(url),
            priority=_PRIORITY,
            delay_ms=delay_ms,
        )

    def _row(self, tx: Transaction, access: Access, callback_id: str) -> Row:
        row = store.find(tx, callback_id)
        if row is None or row["workspace_id"] != access.workspace_id:
            raise NotFoundError("there is no such callback here")
        return row


def receiver_of(url: str) -> str:
    """Return host and port of an address: what hangs together when it hangs. All mail goes to one mail server."""
    return urlsplit(url).netloc.lower() if policy.mail_address(url) is None else "mail"


def _to_callback(row: Row) -> Callback:
    return Callback(
        callback_id=row["callback_id"],
        kind=row["kind"],
        subject_id=row["subject_id"],
        event=row["event"],
        url=row["url"],
        is_test=bool(row["is_test"]),
        state=row["state"],
        attempts=row["attempts"],
        created_ms=row["created_ms"],
        next_try_ms=row["next_try_ms"],
        ended_ms=row["ended_ms"],
        last_status=row["last_status"],
        last_error=row["last_error"],
    )
