"""The words of callbacks, and what they ask of the tasks and batches they tell of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, Protocol

from goldsmith.core.model import Model
from goldsmith.platform.database import Transaction

SubjectKind = Literal["task", "batch"]
CallbackState = Literal["waiting", "succeeded", "failed"]


class CallbackWish(NamedTuple):
    """Something that happened and is to be told.

    Attributes:
        workspace_id: Where it happened.
        kind: What it happened to.
        subject_id: The task's 24 hex characters, or the batch's id.
        event: Why it is told, for the log: ``completed``, ``error``, ``canceled``.
        url: The task's own ``callback_url``, or the batch's ``callback``; empty takes the workspace's default.
        is_test: It was made with a test key.
    """

    workspace_id: str
    kind: SubjectKind
    subject_id: str
    event: str
    url: str = ""
    is_test: bool = False


class CallbackSource(Protocol):
    """What callbacks ask of the tasks and batches; given by ``Callbacks.use_source``."""

    def task_body(self, scale_id: str) -> Mapping[str, Any] | None:
        """Return the whole task as ``GET /v1/task/{id}`` gives it now, ``response`` in it once there is one.

        Called on a job's thread, outside any transaction. None when the task is gone.
        """
        ...

    def batch_body(self, batch_id: str) -> Mapping[str, Any] | None:
        """Return the whole batch as ``GET /v1/batches/{name}`` gives it now; None when it is gone."""
        ...

    def keep_callback_state(
        self, tx: Transaction, *, kind: SubjectKind, subject_id: str, has_succeeded: bool
    ) -> None:
        """Keep ``callback_succeeded``: true after a 2xx, false when the callback was given up."""
        ...


class CallbackTry(Model):
    """One attempt to tell.

    Attributes:
        at_ms: When it was sent.
        status: What the receiver answered; None when nothing came.
        error: Why it does not count as told; None when it does.
        took_ms: How long the receiver took.
    """

    at_ms: int
    status: int | None
    error: str | None
    took_ms: int


class Callback(Model):
    """One thing that is told to one address, with how it went.

    Attributes:
        event: Why it is told.
        next_try_ms: When it is tried again; None once it ended.
        attempts: Tries since it was asked for, or asked for again.
        last_status: What the receiver answered last.
        last_error: Why the last try does not count as told.
    """

    callback_id: str
    kind: SubjectKind
    subject_id: str
    event: str
    url: str
    is_test: bool
    state: CallbackState
    attempts: int
    created_ms: int
    next_try_ms: int | None
    ended_ms: int | None
    last_status: int | None
    last_error: str | None


class CallbackDetail(Model):
    """A callback with what was sent and answered.

    Attributes:
        body: What was sent last, its beginning where it is long; empty while nothing was sent.
        answer: The beginning of what the receiver answered last.
        tries: Every try, oldest first.
    """

    callback: Callback
    body: str
    answer: str
    tries: list[CallbackTry]


class CallbackSettings(Model):
    """How a workspace's callbacks are sent.

    Attributes:
        default_url: Told of tasks and batches that name no address; empty for none.
        private_hosts: ``host`` or ``host:port`` that may be told although they are not public.
        auth_key_hint: The last four characters of the key in ``scale-callback-auth``; empty while there is none.
        auth_key_made_ms: When the key was made.
    """

    default_url: str
    private_hosts: list[str]
    auth_key_hint: str
    auth_key_made_ms: int | None


class NewAuthKey(Model):
    """The key in ``scale-callback-auth``, as its maker sees it, once."""

    auth_key: str
    settings: CallbackSettings
