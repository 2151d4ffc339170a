"""The ways in: first set-up, password, one-time links, sessions."""

from __future__ import annotations

import asyncio
import json
from typing import Any, Final

from goldsmith.accounts import policy
from goldsmith.accounts.audit import audit
from goldsmith.accounts.gate import hash_secret
from goldsmith.accounts.passwords import LoginThrottle, Passwords
from goldsmith.accounts.store import entry as store
from goldsmith.accounts.store import people as people_store
from goldsmith.accounts.types import (
    Bootstrap,
    BrowserSession,
    Me,
    Membership,
    NewSession,
    Principal,
    Role,
    User,
)
from goldsmith.core.errors import (
    ConflictError,
    GoneError,
    InvalidInputError,
    NotAuthenticatedError,
    NotFoundError,
    PermissionDeniedError,
)
from goldsmith.platform.database import Row, Transaction
from goldsmith.platform.machine import Machine

_USER_AGENT_CHARS: Final = 300
_LINK_GONE: Final = "the link has expired or was used already; ask for a new one"
_WRONG_PASSWORD: Final = "the e-mail address or the password is wrong"  # noqa: S105


class Entry:
    """Lets people in, and out.

    Args:
        machine: What the step stands on.
        passwords: Hashes and verifies.
        new_secret: Makes 256-bit secrets.
    """

    def __init__(self, machine: Machine, *, passwords: Passwords, new_secret: policy.SecretSource) -> None:
        self._machine = machine
        self._passwords = passwords
        self._new_secret = new_secret
        self._throttle = LoginThrottle(machine.clock)
        self._hashing = asyncio.Semaphore(2)

    # --- the first owner

    def ensure_setup_link(self, tx: Transaction) -> str | None:
        """Return a fresh token for the set-up page, valid for a day, while there is no user; None from then on.

        Each call takes back the tokens before it.
        """
        if people_store.has_users(tx):
            return None
        now_ms = self._machine.clock.now_ms()
        store.revoke_setup_links(tx, now_ms=now_ms)
        return self._new_link(tx, purpose="setup", lasts_ms=policy.SETUP_LINK_MS)

    def bootstrap_owner(
        self, tx: Transaction, *, email: str, name: str, password_hash: str | None, workspace_name: str
    ) -> Bootstrap:
        """Make the first user, owner of the first workspace.

        Raises:
            ConflictError: There is a user already.
        """
        if people_store.has_users(tx):
            raise ConflictError("goldsmith is set up already; sign in, or ask an owner for an invitation")
        at_ms, ids = self._machine.clock.now_ms(), self._machine.ids
        made = Bootstrap(ids.new("usr"), ids.new("wsp"), ids.new("mem"))
        people_store.insert_user(
            tx, user_id=made.user_id, email=email, name=name, password_hash=password_hash, at_ms=at_ms
        )
        people_store.insert_workspace(tx, workspace_id=made.workspace_id, name=workspace_name, at_ms=at_ms)
        people_store.insert_member(
            tx,
            member_id=made.member_id,
            workspace_id=made.workspace_id,
            user_id=made.user_id,
            name=name,
            kind="person",
            role=Role.OWNER,
            at_ms=at_ms,
        )
        store.revoke_setup_links(tx, now_ms=at_ms)
        audit(
            tx,
            at_ms=at_ms,
            actor=made.member_id,
            workspace_id=made.workspace_id,
            action="workspace.created",
            target=made.workspace_id,
            detail={"name": workspace_name, "owner": made.member_id},
        )
        return made

    async def set_up(
        self, *, token: str, email: str, name: str, password: str, workspace_name: str, user_agent: str
    ) -> NewSession:
        """Use the set-up link.

        Raises:
            GoneError: The token is unknown, expired, replaced or used.
            InvalidInputError: The e-mail address or the password does not do.
        """
        address, token_hash = policy.normal_email(email), hash_secret(token)
        policy.check_password(password, email=address)
        await self._require_open(token_hash, purpose="setup")
        password_hash = await self.hash_password(password)

        def operation(tx: Transaction) -> NewSession:
            self._use(tx, token_hash, purpose="setup")
            made = self.bootstrap_owner(
                tx, email=address, name=name, password_hash=password_hash, workspace_name=workspace_name
            )
            return self.open_session(tx, user_id=made.user_id, user_agent=user_agent)

        return await self._machine.database.write(operation)

    # --- links

    def create_login_link(
        self,
        tx: Transaction,
        user_id: str,
        *,
        lasts_ms: int = policy.LOGIN_LINK_MS,
        created_by: str = "system",
    ) -> str:
        """Return a token that signs a user in once.

        Raises:
            NotFoundError: There is no such user.
        """
        if people_store.user_by_id(tx, user_id) is None:
            raise NotFoundError("there is no such user")
        return self._new_link(tx, purpose="login", lasts_ms=lasts_ms, user_id=user_id, created_by=created_by)

    async def follow_link(self, *, token: str, user_agent: str) -> NewSession:
        """Sign in by a one-time link.

        Raises:
            GoneError: The token is unknown, expired or used, or the user was disabled.
        """
        token_hash = hash_secret(token)

        def operation(tx: Transaction) -> NewSession:
            link = self._use(tx, token_hash, purpose="login")
            user = people_store.user_by_id(tx, link["user_id"])
            if user is None or user["disabled_ms"] is not None:
                raise GoneError(_LINK_GONE)
            return self.open_session(tx, user_id=user["user_id"], user_agent=user_agent)

        return await self._machine.database.write(operation)

    # --- passwords

    async def log_in(self, *, email: str, password: str, address: str, user_agent: str) -> NewSession:
        """Sign in by password.

        Args:
            email: As typed.
            password: As typed.
            address: Network address it comes from; failures are counted by it and by e-mail address.
            user_agent: Shown in the list of sessions.

        Raises:
            NotAuthenticatedError: The address or the password is wrong; it does not say which, nor by its time.
            LimitExceededError: Too many failures.
        """
        user = await self._verified_user(email=email, password=password, address=address)

        def operation(tx: Transaction) -> NewSession:
            return self.open_session(tx, user_id=user["user_id"], user_agent=user_agent)

        return await self._machine.database.write(operation)

    async def _verified_user(self, *, email: str, password: str, address: str) -> Row:
        typed = email.strip().lower()[:320]
        succeeded = self._throttle.begin(email=typed, address=address)
        user = await self._machine.database.read(lambda tx: people_store.user_by_email(tx, typed))
        known_hash = user["password_hash"] if user is not None and user["disabled_ms"] is None else None
        is_right = await self.verify_password(known_hash, password)
        if user is None or not is_right:
            raise NotAuthenticatedError(_WRONG_PASSWORD)
        succeeded()
        if self._passwords.is_outdated(user["password_hash"]):
            fresh = await self.hash_password(password)
            user_id: str = user["user_id"]
            await self._machine.database.write(
                lambda tx: people_store.update_user(tx, user_id, password_hash=fresh)
            )
        return user

    async def change_password(
        self, principal: Principal, *, current_password: str | None, new_password: str, address: str
    ) -> int:
        """Set the password of the signed-in user and end their other sessions.

        Args:
            principal: Signed in by a session, not by a key.
            current_password: Needed when there is one.
            new_password: What it shall be.
            address: Network address, for the brake on guessing.

        Returns:
            How many other sessions were ended.

        Raises:
            PermissionDeniedError: A key was used, or the current password is wrong.
            InvalidInputError: The new password does not do.
        """
        user_id = self._session_user(principal)
        user = await self._machine.database.read(lambda tx: people_store.user_by_id(tx, user_id))
        assert user is not None
        if user["password_hash"] is not None:
            try:
                await self._verified_user(
                    email=user["email"], password=current_password or "", address=address
                )
            except NotAuthenticatedError as error:
                raise PermissionDeniedError("the current password is wrong") from error
        policy.check_password(new_password, email=user["email"])
        password_hash = await self.hash_password(new_password)
        now_ms = self._machine.clock.now_ms()

        def operation(tx: Transaction) -> int:
            people_store.update_user(tx, user_id, password_hash=password_hash)
            audit(tx, at_ms=now_ms, actor=user_id, action="user.password_changed", target=user_id)
            return store.revoke_other_sessions(tx, user_id=user_id, keep=principal.token_hash, now_ms=now_ms)

        return await self._machine.database.write(operation)

    async def hash_password(self, password: str) -> str:
        """Hash off the event loop, at most two at once."""
        async with self._hashing:
            return await asyncio.to_thread(self._passwords.hash, password)

    async def verify_password(self, password_hash: str | None, password: str) -> bool:
        """Verify off the event loop, at most two at once."""
        async with self._hashing:
            return await asyncio.to_thread(self._passwords.verify, password_hash, password)

    async def verify_owner_of(self, *, email: str, password: str, address: str) -> str:
        """Return the id of the user whose password it is; raises as ``log_in``."""
        user = await self._verified_user(email=email, password=password, address=address)
        return str(user["user_id"])

    # --- sessions

    def open_session(self, tx: Transaction, *, user_id: str, user_agent: str) -> NewSession:
        """Start a session with a token of its own."""
        token, csrf_token, now_ms = self._new_secret(), self._new_secret(), self._machine.clock.now_ms()
        expires_ms = now_ms + self._machine.settings.session_days * policy.DAY_MS
        store.insert_session(
            tx,
            token_hash=hash_secret(token),
            user_id=user_id,
            csrf_token=csrf_token,
            user_agent=user_agent[:_USER_AGENT_CHARS],
            created_ms=now_ms,
            expires_ms=expires_ms,
        )
        return NewSession(token, csrf_token, user_id, expires_ms)

    def log_out(self, tx: Transaction, principal: Principal) -> None:
        """End the session at once, on the server. A key is not touched: it is revoked where keys are kept."""
        if principal.kind == "session":
            store.revoke_session(tx, token_hash=principal.token_hash, now_ms=self._machine.clock.now_ms())

    def list_sessions(self, tx: Transaction, principal: Principal) -> list[BrowserSession]:
        """Return the user's live sessions."""
        return [
            BrowserSession(
                session_id=row["token_hash"][:16],
                created_ms=row["created_ms"],
                expires_ms=row["expires_ms"],
                user_agent=row["user_agent"],
                is_current=row["token_hash"] == principal.token_hash,
            )
            for row in self._live_sessions(tx, principal)
        ]

    def revoke_session(self, tx: Transaction, principal: Principal, *, session_id: str) -> None:
        """End one of the user's own sessions.

        Raises:
            NotFoundError: There is no such session of theirs.
        """
        for row in self._live_sessions(tx, principal):
            if row["token_hash"][:16] == session_id:
                store.revoke_session(tx, token_hash=row["token_hash"], now_ms=self._machine.clock.now_ms())
                return
        raise NotFoundError("there is no such session of yours")

    def _live_sessions(self, tx: Transaction, principal: Principal) -> list[Row]:
        user_id = self._session_user(principal)
        return store.live_sessions(tx, user_id=user_id, now_ms=self._machine.clock.now_ms())

    # --- who

    def me(self, tx: Transaction, principal: Principal) -> Me:
        """Return who is signed in, with the roles."""
        user = people_store.user_by_id(tx, principal.user_id) if principal.user_id is not None else None
        if principal.member_id is not None:
            rows = people_store.membership_of_member(tx, member_id=principal.member_id)
        else:
            assert principal.user_id is not None
            rows = people_store.memberships(tx, user_id=principal.user_id)
        return Me(
            user=User(user_id=user["user_id"], email=user["email"], name=user["name"])
            if user is not None
            else None,
            memberships=[Membership(**dict(row)) for row in rows],
            csrf_token=principal.csrf_token,
        )

    def rename(self, tx: Transaction, principal: Principal, *, name: str) -> Me:
        """Change the name of the signed-in user, everywhere."""
        user_id = self._session_user(principal)
        people_store.update_user(tx, user_id, name=name)
        people_store.rename_members_of(tx, user_id=user_id, name=name)
        return self.me(tx, principal)

    def preferences(self, tx: Transaction, principal: Principal) -> dict[str, Any]:
        """Return the signed-in user's own preferences."""
        user = people_store.user_by_id(tx, self._session_user(principal))
        assert user is not None
        found: dict[str, Any] = json.loads(user["preferences"])
        return found

    def keep_preferences(self, tx: Transaction, principal: Principal, *, preferences: dict[str, Any]) -> None:
        """Replace the signed-in user's own preferences.

        Raises:
            InvalidInputError: They are over 64 KiB.
        """
        text = json.dumps(preferences, ensure_ascii=False, separators=(",", ":"))
        if len(text.encode()) > policy.PREFERENCES_MAX_BYTES:
            raise InvalidInputError(
                f"preferences are capped at {policy.PREFERENCES_MAX_BYTES // 1024} KiB of JSON"
            )
        people_store.update_user(tx, self._session_user(principal), preferences=text)

    def change_preferences(
        self, tx: Transaction, principal: Principal, *, changes: dict[str, Any]
    ) -> dict[str, Any]:
        """Replace some of the signed-in user's own preferences, so that two pages do not undo each other's.

        Args:
            tx: The transaction.
            principal: Whose.
            changes: New values by name; ``None`` drops a name.

        Returns:
            All preferences as they are now.

        Raises:
            InvalidInputError: They would be over 64 KiB.
        """
        # Two pages that change different names at once must not undo each other's.
        user = people_store.lock_user(tx, self._session_user(principal))
        assert user is not None
        together = {**json.loads(user["preferences"]), **changes}
        kept = {name: value for name, value in together.items() if value is not None}
        self.keep_preferences(tx, principal, preferences=kept)
        return kept

    # --- inside

    def _session_user(self, principal: Principal) -> str:
        if principal.kind != "session" or principal.user_id is None:
            raise PermissionDeniedError("this needs a browser session; an API key cannot do it")
        return principal.user_id

    def _new_link(self, tx: Transaction, *, purpose: str, lasts_ms: int, **columns: Any) -> str:
        token, now_ms = self._new_secret(), self._machine.clock.now_ms()
        store.insert_link(
            tx,
            link_id=self._machine.ids.new("inv"),
            token_hash=hash_secret(token),
            purpose=purpose,
            created_ms=now_ms,
            expires_ms=now_ms + lasts_ms,
            **columns,
        )
        return token

    async def _require_open(self, token_hash: str, *, purpose: str) -> Row:
        now_ms = self._machine.clock.now_ms()
        link = await self._machine.database.read(
            lambda tx: store.open_link(tx, token_hash=token_hash, purpose=purpose, now_ms=now_ms)
        )
        if link is None:
            raise GoneError(_LINK_GONE)
        return link

    def _use(self, tx: Transaction, token_hash: str, *, purpose: str) -> Row:
        link = store.use_link(tx, token_hash=token_hash, purpose=purpose, now_ms=self._machine.clock.now_ms())
        if link is None:
            raise GoneError(_LINK_GONE)
        return link
