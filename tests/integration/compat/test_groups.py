"""Studio's groups while several change them at once, on both databases."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from goldsmith.accounts.api import KeyAccess, operator_access
from goldsmith.app import App
from goldsmith.platform.database import Transaction
from tests.integration.compat.test_moving import ANNA, BEN, here, join

__all__ = ["here"]


def shop(app: App) -> KeyAccess:
    """A project with one batch that is for the group ``experts``, in which nobody is; Anna and Ben are in it."""
    write = app.machine.database.write_sync
    key = KeyAccess(
        app.machine.database.read_sync(lambda tx: operator_access(tx, workspace=None)), is_test=False
    )

    def prepare(tx: Transaction) -> list[str]:
        app.scale.create_project(tx, key, {"name": "p", "type": "categorization"})
        app.scale.create_batch(tx, key, {"name": "b", "project": "p"})
        app.scale.create_group(tx, key, "p", {"name": "experts", "emails": []})
        team = app.scale.invite_team(tx, key, {"emails": [ANNA, BEN], "team_role": "labeler"})
        return [entry["invitation_url"] for entry in team if "invitation_url" in entry]

    for link in write(prepare):
        join(app, link)
    asked = {"emails": [ANNA, BEN], "projects": ["p"]}
    write(lambda tx: app.scale.change_assignments(tx, key, asked, is_added=True))
    return key


def people_of_batch(app: App, key: KeyAccess) -> tuple[bool, int]:
    def read(tx: Transaction) -> tuple[bool, int]:
        [batch] = app.scale.list_studio_batches(tx, key)
        [shown] = app.projects.list_batches(tx, batch["projectId"], before=None, limit=9)
        return shown.is_for_some, len(shown.members)

    return app.machine.database.read_sync(read)


def at_once(app: App, first: Callable[[Transaction], Any], second: Callable[[Transaction], Any]) -> None:
    """Do the second thing while the first is done, but not yet on record."""
    write, is_begun, is_over = app.machine.database.write_sync, threading.Event(), threading.Event()

    def begin(tx: Transaction) -> None:
        first(tx)
        is_begun.set()
        is_over.wait(0.3)  # where it waits for this one, for ever

    def follow() -> None:
        is_begun.wait(10)
        write(second)
        is_over.set()

    follower = threading.Thread(target=follow)
    follower.start()
    write(begin)
    follower.join(30)
    assert is_over.is_set()


def test_nobody_is_forgotten_when_two_change_a_group(here: App) -> None:
    key = shop(here)
    here.machine.database.write_sync(
        lambda tx: here.scale.assign_batch(tx, key, "b", {"groups": ["experts"]})
    )
    assert people_of_batch(here, key) == (True, 0)

    def adding(email: str) -> Callable[[Transaction], Any]:
        return lambda tx: here.scale.update_group(tx, key, "p", "experts", {"add_emails": [email]})

    at_once(here, adding(ANNA), adding(BEN))
    assert people_of_batch(here, key) == (True, 2)


def test_whoever_comes_while_a_batch_is_assigned_is_given_it(here: App) -> None:
    key = shop(here)
    at_once(
        here,
        lambda tx: here.scale.assign_batch(tx, key, "b", {"groups": ["experts"]}),
        lambda tx: here.scale.update_group(tx, key, "p", "experts", {"add_emails": [BEN]}),
    )
    assert people_of_batch(here, key) == (True, 1)
