"""A small installation to test against: accounts behind the real edge, with people, services and their ways in."""

from __future__ import annotations

import asyncio
import json
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from fastapi import APIRouter
from starlette.types import ASGIApp

from goldsmith.accounts import jobs as accounts_jobs
from goldsmith.accounts import routes as accounts_routes
from goldsmith.accounts.api import Access, AccountsService, Gate, Role
from goldsmith.accounts.passwords import Passwords
from goldsmith.accounts.policy import normal_email
from goldsmith.accounts.store import people as people_store
from goldsmith.core.errors import NotFoundError
from goldsmith.core.ids import Ids, ManualClock
from goldsmith.platform.database import Sql, Transaction
from goldsmith.platform.machine import Machine, open_machine
from goldsmith.platform.settings import Settings
from goldsmith.server.application import Application, create_application

ADDRESS = "http://127.0.0.1:8400"
PASSWORD = "correct horse battery"
CHEAP = Passwords(memory_kib=64)
_AUDIT_ROWS = Sql(
    "SELECT action, target, detail FROM audit_log WHERE workspace_id = :workspace_id ORDER BY sequence"
)


class Roster:
    """Stands for projects: knows which exist, and who was added."""

    def __init__(self) -> None:
        self.projects: dict[str, str] = {}
        self.added: list[tuple[str, str]] = []

    def check_projects(self, tx: Transaction, *, workspace_id: str, project_ids: Any) -> None:
        if any(self.projects.get(project_id) != workspace_id for project_id in project_ids):
            raise NotFoundError("there is no such project here")

    def add_to_projects(
        self, tx: Transaction, *, project_ids: Any, member_id: str, added_by: str, at_ms: int
    ) -> None:
        self.added += [(project_id, member_id) for project_id in project_ids]


class Loop:
    """An event loop on a thread of its own, for tests that are not asynchronous."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(60)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class Browser:
    """An HTTP client in front of an application, with a cookie jar of its own."""

    def __init__(self, loop: Loop, application: ASGIApp, *, address: str = "127.0.0.1") -> None:
        transport = httpx.ASGITransport(application, client=(address, 50_000), raise_app_exceptions=False)
        self._loop = loop
        self._client = httpx.AsyncClient(transport=transport, base_url=ADDRESS)
        self.headers, self.cookies = self._client.headers, self._client.cookies

    def request(self, method: str, url: str, **options: Any) -> httpx.Response:
        answer: httpx.Response = self._loop.run(self._client.request(method, url, **options))
        return answer

    def get(self, url: str, **options: Any) -> httpx.Response:
        return self.request("GET", url, **options)

    def post(self, url: str, **options: Any) -> httpx.Response:
        return self.request("POST", url, **options)

    def put(self, url: str, **options: Any) -> httpx.Response:
        return self.request("PUT", url, **options)

    def patch(self, url: str, **options: Any) -> httpx.Response:
        return self.request("PATCH", url, **options)

    def delete(self, url: str, **options: Any) -> httpx.Response:
        return self.request("DELETE", url, **options)


@dataclass
class House:
    """Everything of one installation."""

    machine: Machine
    accounts: AccountsService
    gate: Gate
    application: Application
    roster: Roster
    clock: ManualClock
    loop: Loop = field(default_factory=Loop)

    def client(self, *, key: str | None = None, address: str = "127.0.0.1") -> Browser:
        """A client with a cookie jar of its own; with a key when one is given."""
        client = Browser(self.loop, self.application, address=address)
        if key is not None:
            client.headers["Authorization"] = f"Bearer {key}"
        return client

    def write(self, operation: Any) -> Any:
        return self.machine.database.write_sync(operation)

    def read(self, operation: Any) -> Any:
        return self.machine.database.read_sync(operation)

    def bootstrap(self, email: str = "owner@example.org", *, workspace_name: str = "Home") -> Access:
        """The first owner, with ``PASSWORD``."""
        made = self.write(
            lambda tx: self.accounts.bootstrap_owner(
                tx, email=email, name="Olga Owner", password=PASSWORD, workspace_name=workspace_name
            )
        )
        return Access(made.workspace_id, made.member_id, made.user_id, "Olga Owner", Role.OWNER, None)

    def add_person(self, workspace_id: str, email: str, role: Role) -> Access:
        """A person with ``PASSWORD``, member of a workspace."""
        user_id, member_id = self.machine.ids.new("usr"), self.machine.ids.new("mem")
        name = email.partition("@")[0]

        def add(tx: Transaction) -> None:
            user = people_store.user_by_email(tx, normal_email(email))
            nonlocal user_id
            if user is None:
                people_store.insert_user(
                    tx, user_id=user_id, email=email, name=name, password_hash=CHEAP.hash(PASSWORD), at_ms=0
                )
            else:
                user_id = user["user_id"]
            people_store.insert_member(
                tx,
                member_id=member_id,
                workspace_id=workspace_id,
                user_id=user_id,
                name=name,
                kind="person",
                role=role,
                at_ms=0,
            )

        self.write(add)
        return Access(workspace_id, member_id, user_id, name, role, None)

    def add_workspace(self, owner_email: str, *, name: str = "Other") -> Access:
        """Another tenant, owned by somebody new with ``PASSWORD``."""
        workspace_id = self.machine.ids.new("wsp")
        self.write(
            lambda tx: people_store.insert_workspace(tx, workspace_id=workspace_id, name=name, at_ms=0)
        )
        return self.add_person(workspace_id, owner_email, Role.OWNER)

    def sign_in(self, email: str, *, password: str = PASSWORD, address: str = "127.0.0.1") -> Browser:
        """A browser of this person: cookie and CSRF header set."""
        client = self.client(address=address)
        answer = client.post("/api/v1/auth/login", json={"email": email, "password": password})
        assert answer.status_code == 200, answer.text
        client.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
        return client

    def key_of(self, access: Access, **options: Any) -> str:
        """A fresh API key of a member."""
        made = self.write(
            lambda tx: self.accounts.keys.issue(
                tx, workspace_id=access.workspace_id, member_id=access.member_id, name="test", **options
            )
        )
        return str(made.secret)

    def audited(self, workspace_id: str) -> list[tuple[str, str, dict[str, Any]]]:
        """Action, target and detail of each row of the audit log, oldest first."""
        rows = self.read(
            lambda tx: tx.all(
                _AUDIT_ROWS,
                {"workspace_id": workspace_id},
            )
        )
        return [(row["action"], row["target"], json.loads(row["detail"])) for row in rows]

    def close(self) -> None:
        self.loop.close()
        self.machine.close()


def build_house(
    *,
    database_url: str,
    folder: Path,
    clock: ManualClock,
    ids: Ids,
    routers: Any = (),
    static_folder: Path | None = None,
    **settings: Any,
) -> House:
    """An installation on a migrated database.

    Args:
        database_url: Migrated already.
        folder: Data folder.
        clock: Time.
        ids: Ids.
        routers: Functions from (machine, gate) to a router, besides that of accounts.
        static_folder: The web UI; none by default.
        settings: More settings.
    """
    machine = open_machine(
        Settings(data_dir=folder / "data", database_url=database_url, job_threads=0, **settings),
        clock=clock,
        ids=ids,
    )
    accounts = AccountsService(machine, passwords=CHEAP)
    roster = Roster()
    accounts.use_roster(roster)
    accounts_jobs.register(machine.jobs, accounts)
    gate = Gate(machine.database, machine.clock)
    all_routers: list[APIRouter] = [accounts_routes.router(accounts, gate)]
    all_routers += [make(machine, gate) for make in routers]
    application = create_application(
        machine, all_routers, gate, static_folder=static_folder or folder / "no-ui", runs_jobs=False
    )
    return House(machine, accounts, gate, application, roster, clock)
