"""Use cases of accounts: the ways in, people, keys, webhooks, and the record of what was done."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from goldsmith.accounts import policy
from goldsmith.accounts.audit import AuditReport, audit, chains, verify_chain
from goldsmith.accounts.passwords import Passwords
from goldsmith.accounts.service.entry import Entry
from goldsmith.accounts.service.keys import Keys
from goldsmith.accounts.service.people import People
from goldsmith.accounts.service.webhooks import Webhooks, emit
from goldsmith.accounts.store import people as people_store
from goldsmith.accounts.store import webhooks as webhook_store
from goldsmith.accounts.types import (
    Access,
    AuditEntry,
    Bootstrap,
    KeyMode,
    Me,
    NewApiKey,
    NewSession,
    Page,
    Principal,
    ProjectRoster,
)
from goldsmith.core.errors import NotFoundError
from goldsmith.platform.database import Row, Transaction
from goldsmith.platform.machine import Machine


class AccountsService:
    """Accounts in one value.

    Attributes:
        machine: What the step stands on.
        entry: Set-up, login, links, sessions, preferences.
        people: Workspaces, members, invitations.
        keys: API keys.
        webhooks: Subscriptions and deliveries.

    Args:
        machine: What the step stands on.
        passwords: Hashes and verifies; cheaper in tests.
        new_secret: Makes 256-bit secrets.
    """

    def __init__(
        self,
        machine: Machine,
        *,
        passwords: Passwords | None = None,
        new_secret: policy.SecretSource = policy.random_secret,
    ) -> None:
        self.machine = machine
        self._passwords = passwords or Passwords()
        self.entry = Entry(machine, passwords=self._passwords, new_secret=new_secret)
        self.people = People(machine, self.entry, new_secret=new_secret)
        self.keys = Keys(machine, new_secret=new_secret)
        self.webhooks = Webhooks(machine, new_secret=new_secret)

    def use_roster(self, roster: ProjectRoster) -> None:
        """Wire in the projects, which invitations may bring somebody into."""
        self.people.use_roster(roster)

    # --- for commands and the demo, which act without a member

    def ensure_setup_link(self, tx: Transaction) -> str | None:
        """Return a fresh token for the set-up page while there is no user; see ``Entry.ensure_setup_link``."""
        return self.entry.ensure_setup_link(tx)

    def bootstrap_owner(
        self, tx: Transaction, *, email: str, name: str, password: str | None, workspace_name: str
    ) -> Bootstrap:
        """Make the first user and workspace; without a password the way in is a login link.

        Raises:
            ConflictError: There is a user already.
            InvalidInputError: The e-mail address or the password does not do.
        """
        address = policy.normal_email(email)
        password_hash: str | None = None
        if password is not None:
            policy.check_password(password, email=address)
            password_hash = self._passwords.hash(password)
        return self.entry.bootstrap_owner(
            tx, email=address, name=name, password_hash=password_hash, workspace_name=workspace_name
        )

    def create_login_link(
        self, tx: Transaction, user_id: str, *, lasts_ms: int = policy.LOGIN_LINK_MS
    ) -> str:
        """Return a token that signs the user in once; see ``link_url``.

        Raises:
            NotFoundError: There is no such user.
        """
        return self.entry.create_login_link(tx, user_id, lasts_ms=lasts_ms)

    def create_key(
        self,
        tx: Transaction,
        workspace_name_or_id: str,
        email: str,
        *,
        name: str = "command line",
        mode: KeyMode = "live",
        lasts_ms: int | None = None,
    ) -> NewApiKey:
        """Make a key for the member with this e-mail address.

        Raises:
            NotFoundError: There is no such workspace, or no such member in it.
            ConflictError: Several workspaces have the name.
        """
        workspace = self.people.find_workspace(tx, workspace_name_or_id)
        address = policy.normal_email(email)
        member = people_store.member_by_email(tx, workspace_id=workspace.workspace_id, email=address)
        if member is None:
            raise NotFoundError(f"{address} is not a member of {workspace.name}")
        return self.keys.issue(
            tx,
            workspace_id=workspace.workspace_id,
            member_id=member["member_id"],
            name=name,
            mode=mode,
            lasts_ms=lasts_ms,
        )

    async def session_me(self, session: NewSession) -> Me:
        """Return who has just been signed in."""
        principal = Principal("session", session.user_id, None, None, session.csrf_token, "")
        return await self.machine.database.read(lambda tx: self.entry.me(tx, principal))

    # --- for every step

    def audit(self, tx: Transaction, access: Access, *, action: str, target: str, **detail: Any) -> None:
        """Record an administrative action of a member in the caller's transaction, at the machine's time."""
        audit(
            tx, at_ms=self.machine.clock.now_ms(), access=access, action=action, target=target, detail=detail
        )

    def emit(self, tx: Transaction, *, workspace_id: str, event: str, body: Mapping[str, Any]) -> int:
        """Tell the workspace's webhooks in the caller's transaction; see ``emit``."""
        return emit(tx, machine=self.machine, workspace_id=workspace_id, event=event, body=body)

    # --- the audit log

    def audit_page(
        self, tx: Transaction, access: Access, *, before: int, action: str, limit: int
    ) -> Page[AuditEntry]:
        """Return the audit log, newest first."""
        rows = webhook_store.audit_page(
            tx, workspace_id=access.workspace_id, before=before, action=action, limit=limit + 1
        )
        items = [_to_entry(row) for row in rows[:limit]]
        return Page(items=items, next_cursor=str(items[-1].sequence) if len(rows) > limit else None)

    def verify_audit(self, workspace_id: str) -> AuditReport:
        """Verify one chain; for threads outside the event loop."""
        return verify_chain(self.machine.database, workspace_id)

    def verify_all_audits(self) -> list[AuditReport]:
        """Verify the chain of each workspace and of the installation; for threads outside the event loop."""
        return [self.verify_audit(workspace_id) for workspace_id in self.machine.database.read_sync(chains)]


def _to_entry(row: Row) -> AuditEntry:
    return AuditEntry(
        sequence=row["sequence"],
        at_ms=row["at_ms"],
        actor=row["actor"],
        actor_name=row["actor_name"],
        action=row["action"],
        target=row["target"],
        detail=json.loads(row["detail"]),
        hash=row["hash"],
    )
