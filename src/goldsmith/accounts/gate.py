"""The gate: from the credential of a request to the access of a member, in one statement.

Each route states who may use it, by one of five dependencies: ``allow``, ``ticket``, ``signed_in``, ``key_holder`` and
``public``.
Each step teaches the gate how its own path parameters resolve to a workspace and a project (``add_scope``).
Whatever belongs to another workspace, or to a project the member was not added to, is *not found*; only a member
who sees the thing but whose role is too low is told so.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from abc import ABC, abstractmethod
from typing import Any, Final, NoReturn

from starlette.requests import HTTPConnection, Request

from goldsmith.accounts.types import (
    CSRF_HEADER,
    KEY_PREFIX,
    SEES_ALL_PROJECTS,
    SESSION_COOKIE,
    Access,
    Credential,
    KeyAccess,
    Principal,
    Role,
)
from goldsmith.core.errors import BugError, NotAuthenticatedError, NotFoundError, PermissionDeniedError
from goldsmith.core.ids import Clock
from goldsmith.platform.database import Database, Row, Sql, Transaction

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_NUMBERED: Final = re.compile(r"\$(\d+)")
_COOKIE_START: Final = f"{SESSION_COOKIE}=".encode()
_CSRF_NAME: Final = CSRF_HEADER.lower().encode()

_BY_SESSION: Final = """
    SELECT s.user_id, s.csrf_token, scope.workspace_id, scope.project_id,
           member.member_id, member.name, member.role, member.kind,
           CASE WHEN scope.project_id IS NULL OR EXISTS (/*membership*/) THEN 1 ELSE 0 END AS is_in_project
    FROM sessions s
    JOIN users u ON u.user_id = s.user_id
    LEFT JOIN (/*scope*/) scope ON 1 = 1
    LEFT JOIN members member ON member.workspace_id = scope.workspace_id AND member.user_id = s.user_id
                            AND member.removed_ms IS NULL
    WHERE s.token_hash = :token_hash AND s.revoked_ms IS NULL AND s.expires_ms > :now_ms AND u.disabled_ms IS NULL
    ORDER BY is_in_project DESC, scope.project_id
    LIMIT 1
    """
_BY_KEY: Final = """
    SELECT member.user_id, NULL AS csrf_token, scope.workspace_id, scope.project_id,
           member.member_id, member.name, member.role, member.kind, k.mode,
           CASE WHEN scope.project_id IS NULL OR EXISTS (/*membership*/) THEN 1 ELSE 0 END AS is_in_project
    FROM api_keys k
    JOIN members member ON member.member_id = k.member_id AND member.removed_ms IS NULL
    LEFT JOIN users u ON u.user_id = member.user_id
    LEFT JOIN (/*scope*/) scope ON scope.workspace_id = k.workspace_id
    WHERE k.key_hash = :token_hash AND k.revoked_ms IS NULL AND (k.expires_ms IS NULL OR k.expires_ms > :now_ms)
      AND u.disabled_ms IS NULL
    ORDER BY is_in_project DESC, scope.project_id
    LIMIT 1
    """
_WHO_BY_SESSION: Final = Sql(
    """
    SELECT s.user_id, s.csrf_token, NULL AS member_id, NULL AS workspace_id
    FROM sessions s JOIN users u ON u.user_id = s.user_id
    WHERE s.token_hash = :token_hash AND s.revoked_ms IS NULL AND s.expires_ms > :now_ms AND u.disabled_ms IS NULL
    """
)
_WHO_BY_KEY: Final = Sql(
    """
    SELECT member.user_id, NULL AS csrf_token, member.member_id, member.workspace_id
    FROM api_keys k
    JOIN members member ON member.member_id = k.member_id AND member.removed_ms IS NULL
    LEFT JOIN users u ON u.user_id = member.user_id
    WHERE k.key_hash = :token_hash AND k.revoked_ms IS NULL AND (k.expires_ms IS NULL OR k.expires_ms > :now_ms)
      AND u.disabled_ms IS NULL
    """
)
_HOLDER: Final = Sql(
    """
    SELECT member.user_id, member.member_id, member.workspace_id, member.name, member.role, member.kind, k.mode
    FROM api_keys k
    JOIN members member ON member.member_id = k.member_id AND member.removed_ms IS NULL
    LEFT JOIN users u ON u.user_id = member.user_id
    WHERE k.key_hash = :token_hash AND k.revoked_ms IS NULL AND (k.expires_ms IS NULL OR k.expires_ms > :now_ms)
      AND u.disabled_ms IS NULL
    """
)
_NO_MEMBERSHIP: Final = Sql("SELECT 1 WHERE 1 = 0")


def _compose(template: str, *, scope: Sql, membership: Sql) -> Sql:
    """Put the scope and the membership question of the steps into one of the statements above."""
    by_dialect = {
        dialect: template.replace("/*scope*/", _source(scope, dialect)).replace(
            "/*membership*/", _source(membership, dialect)
        )
        for dialect in ("sqlite", "postgresql")
    }
    return Sql(by_dialect["sqlite"], postgresql=by_dialect["postgresql"])


def _source(sql: Sql, dialect: str) -> str:
    """Return the text of a statement with its parameters by name."""
    compiled = sql.compile_for(dialect, None)
    return _NUMBERED.sub(lambda match: f":{compiled.names[int(match[1]) - 1]}", compiled.text)


def hash_secret(secret: str) -> str:
    """Return the sha256 of a random 256-bit secret in hex; only this is stored."""
    return hashlib.sha256(secret.encode()).hexdigest()


class Guard(ABC):
    """Base of the dependencies by which a route states who may use it.

    Attributes:
        at_least: The lowest role that may; None where no membership is needed.
    """

    at_least: Role | None = None

    def __init__(self, gate: Gate) -> None:
        self.gate = gate

    @abstractmethod
    async def __call__(self, request: Request) -> Any:
        """Let the request pass, with what the route is to know about it, or refuse it."""


class Public(Guard):
    """Anybody may."""

    async def __call__(self, request: Request) -> None:
        """Let everybody pass."""


class SignedIn(Guard):
    """Whoever is signed in may, whatever the workspace."""

    async def __call__(self, request: Request) -> Principal:
        """Check the credential alone."""
        credential = self.gate.credential(request)
        return await self.gate.database.read(lambda tx: self.gate.identify(tx, credential))


class KeyHolder(Guard):
    """Members from a role on, by an API key alone; the key tells the workspace, and whether it is for tests."""

    at_least: Role

    def __init__(self, gate: Gate, at_least: Role) -> None:
        super().__init__(gate)
        self.at_least = at_least

    async def __call__(self, request: Request) -> KeyAccess:
        """Check the key."""
        credential = self.gate.credential(request)
        return await self.gate.database.read(
            lambda tx: self.gate.hold_key(tx, credential, at_least=self.at_least)
        )


class Ticket:
    """A request that is checked inside the transaction of its operation; made by ``Gate.ticket``."""

    __slots__ = ("_at_least", "_credential", "_gate", "_parameter", "_value")

    def __init__(
        self, gate: Gate, credential: Credential, at_least: Role, parameter: str, value: str
    ) -> None:
        self._gate = gate
        self._credential = credential
        self._at_least = at_least
        self._parameter = parameter
        self._value = value

    def check(self, tx: Transaction) -> Access:
        """Return the access, or refuse as ``Gate.authorize`` does."""
        return self._gate.authorize(
            tx, self._credential, at_least=self._at_least, parameter=self._parameter, value=self._value
        )


class MemberGuard(Guard):
    """Members of the thing's workspace, from a role on."""

    at_least: Role

    def __init__(self, gate: Gate, at_least: Role) -> None:
        super().__init__(gate)
        self.at_least = at_least

    def _ticket(self, request: Request) -> Ticket:
        parameter, value = self.gate.find_scope(request)
        return Ticket(self.gate, self.gate.credential(request), self.at_least, parameter, value)


class Allow(MemberGuard):
    """Checks before the route runs, in a read of its own."""

    async def __call__(self, request: Request) -> Access:
        """Return the access of the member."""
        return await self.gate.database.read(self._ticket(request).check)


class AllowLater(MemberGuard):
    """Leaves the check to the route's own transaction; for hot paths."""

    async def __call__(self, request: Request) -> Ticket:
        """Return the ticket, whose ``check`` the route must call."""
        return self._ticket(request)


class Gate:
    """Decides on every request.

    Args:
        database: Where sessions, keys and members are.
        clock: Tells what has expired.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self._clock = clock
        self._scopes: dict[str, Sql] = {}
        self._membership = _NO_MEMBERSHIP
        self._composed: dict[tuple[str, str], Sql] = {}

    def add_scope(self, parameter: str, sql: Sql) -> None:
        """Teach how a path parameter resolves.

        Args:
            parameter: Name of the path parameter, such as ``task_id``.
            sql: A SELECT of ``workspace_id`` and ``project_id`` (NULL for what belongs to the workspace) for
                ``:value``. It may return a row for each project that the thing is in; any of them that is open to
                the member opens it.
        """
        if parameter in self._scopes:
            raise BugError(f"the path parameter {parameter} is registered twice; one step owns it")
        self._scopes[parameter] = sql

    def set_project_membership(self, sql: Sql) -> None:
        """Teach who was added to a project.

        Args:
            sql: A SELECT with at least one row when ``member.member_id`` was added to ``scope.project_id`` (both are
                columns at hand). Until this is set, nobody below manager sees anything of a project.
        """
        self._membership = sql
        self._composed.clear()

    @property
    def scopes(self) -> frozenset[str]:
        """The path parameters that are known."""
        return frozenset(self._scopes)

    def allow(self, at_least: Role) -> Allow:
        """Return the dependency that gives ``Access`` to members from ``at_least`` on.

        The thing is what the route's first path parameter with a known scope names.
        """
        return Allow(self, at_least)

    def ticket(self, at_least: Role) -> AllowLater:
        """Return the dependency that gives a ``Ticket``, to be checked inside the route's own transaction."""
        return AllowLater(self, at_least)

    def signed_in(self) -> SignedIn:
        """Return the dependency that gives the ``Principal`` of whoever is signed in."""
        return SignedIn(self)

    def key_holder(self, at_least: Role) -> KeyHolder:
        """Return the dependency that gives ``KeyAccess`` to keys of members from ``at_least`` on.

        For routes whose path does not name the workspace: the key does. Sessions are refused.
        """
        return KeyHolder(self, at_least)

    def public(self) -> Public:
        """Return the dependency that marks a route without login."""
        return Public(self)

    def find_scope(self, request: HTTPConnection) -> tuple[str, str]:
        """Return the first path parameter with a known scope, and its value."""
        for name, value in request.path_params.items():
            if name in self._scopes:
                return name, str(value)
        raise BugError("the route states a role but none of its path parameters has a scope; register one")

    def credential(self, request: HTTPConnection) -> Credential:
        """Return what the request carries; a key wins over a session. It comes as Bearer, or as the user of HTTP Basic.

        Raises:
            NotAuthenticatedError: It carries neither.
        """
        csrf: str | None = None
        session: str | None = None
        method: str = request.scope.get("method", "GET")
        for name, value in request.scope["headers"]:
            if name == b"authorization":
                secret = _key_in(value)
                if secret is not None:
                    return Credential("key", hash_secret(secret), None, method)
                raise NotAuthenticatedError(
                    "the Authorization header must be: Bearer gsk_..., or HTTP Basic with the key as user name"
                )
            if name == b"cookie":
                session = _session_in(value) or session
            elif name == _CSRF_NAME:
                csrf = value.decode("latin-1")
        if session is None:
            raise NotAuthenticatedError("sign in, or send an API key as: Authorization: Bearer gsk_...")
        return Credential("session", hash_secret(session), csrf, method)

    def authorize(
        self, tx: Transaction, credential: Credential, *, at_least: Role, parameter: str, value: str
    ) -> Access:
        """Check a credential at a thing, in one statement.

        Args:
            tx: The transaction at hand.
            credential: From ``credential``.
            at_least: The lowest role that may.
            parameter: Whose scope to use, such as ``project_id``.
            value: The id.

        Raises:
            NotAuthenticatedError: The session or key is unknown, expired or revoked.
            PermissionDeniedError: The role is too low, or the CSRF token of a session is missing or wrong.
            NotFoundError: There is no such thing, or it is not the member's to see.
        """
        params = {"token_hash": credential.token_hash, "now_ms": self._clock.now_ms(), "value": value}
        row = tx.first(self._statement(credential.kind, parameter), params)
        if row is None:
            _refuse_credential(credential)
        _check_csrf(credential, row)
        if credential.kind == "key" and row["mode"] == "test":
            raise NotAuthenticatedError(
                "this key is for tests: it works under /v1 and /v2 only, on data of their own"
            )
        if row["member_id"] is None or row["workspace_id"] is None:
            raise _not_found(parameter)
        role = Role(row["role"])
        if not row["is_in_project"] and not role.allows(SEES_ALL_PROJECTS):
            raise _not_found(parameter)
        if not role.allows(at_least):
            raise PermissionDeniedError(f"this needs the role {at_least} or above; yours is {role}")
        return Access(
            row["workspace_id"],
            row["member_id"],
            row["user_id"],
            row["name"],
            role,
            row["project_id"],
            row["kind"],
        )

    def hold_key(self, tx: Transaction, credential: Credential, *, at_least: Role) -> KeyAccess:
        """Check a key, which tells the workspace by itself.

        Raises:
            NotAuthenticatedError: The key is unknown, expired or revoked, or it is a session.
            PermissionDeniedError: The role of the key's member is too low.
        """
        if credential.kind != "key":
            raise NotAuthenticatedError(
                "this address takes API keys only; make one with: goldsmith key create"
            )
        row = tx.first(_HOLDER, {"token_hash": credential.token_hash, "now_ms": self._clock.now_ms()})
        if row is None:
            _refuse_credential(credential)
        role = Role(row["role"])
        if not role.allows(at_least):
            raise PermissionDeniedError(f"this needs the role {at_least} or above; the key's is {role}")
        access = Access(
            row["workspace_id"], row["member_id"], row["user_id"], row["name"], role, None, row["kind"]
        )
        return KeyAccess(access, row["mode"] == "test")

    def identify(self, tx: Transaction, credential: Credential) -> Principal:
        """Check a credential alone.

        Raises:
            NotAuthenticatedError: The session or key is unknown, expired or revoked.
            PermissionDeniedError: The CSRF token of a session is missing or wrong.
        """
        statement = _WHO_BY_SESSION if credential.kind == "session" else _WHO_BY_KEY
        row = tx.first(statement, {"token_hash": credential.token_hash, "now_ms": self._clock.now_ms()})
        if row is None:
            _refuse_credential(credential)
        _check_csrf(credential, row)
        return Principal(
            credential.kind,
            row["user_id"],
            row["member_id"],
            row["workspace_id"],
            row["csrf_token"],
            credential.token_hash,
        )

    def _statement(self, kind: str, parameter: str) -> Sql:
        found = self._composed.get((kind, parameter))
        if found is None:
            scope = self._scopes.get(parameter)
            if scope is None:
                raise BugError(f"no scope is registered for the path parameter {parameter}")
            template = _BY_SESSION if kind == "session" else _BY_KEY
            found = _compose(template, scope=scope, membership=self._membership)
            self._composed[kind, parameter] = found
        return found


def _key_in(authorization: bytes) -> str | None:
    """Return the key of an Authorization header, or None when there is none that could be ours."""
    scheme, _, given = authorization.decode("latin-1").partition(" ")
    secret = given.strip()
    if scheme.lower() == "basic":
        try:
            secret = base64.b64decode(secret, validate=True).decode("latin-1").partition(":")[0]
        except (binascii.Error, ValueError):
            return None
    elif scheme.lower() != "bearer":
        return None
    return secret if secret.startswith(KEY_PREFIX) else None


def _session_in(cookie_header: bytes) -> str | None:
    for part in cookie_header.split(b";"):
        stripped = part.strip()
        if stripped.startswith(_COOKIE_START):
            return stripped[len(_COOKIE_START) :].decode("latin-1")
    return None


def _refuse_credential(credential: Credential) -> NoReturn:
    if credential.kind == "session":
        raise NotAuthenticatedError("the session has ended; sign in again")
    raise NotAuthenticatedError("the API key is unknown, expired or revoked; make a new one")


def _check_csrf(credential: Credential, row: Row) -> None:
    if credential.kind != "session" or credential.method in SAFE_METHODS:
        return
    if credential.csrf is None or not hmac.compare_digest(
        credential.csrf.encode(), row["csrf_token"].encode()
    ):
        raise PermissionDeniedError(
            f"the {CSRF_HEADER} header is missing or old; send the csrf_token that GET /api/v1/auth/me returns"
        )


def _not_found(parameter: str) -> NotFoundError:
    return NotFoundError(
        f"there is no such {parameter.removesuffix('_id').replace('_', ' ')} here, or it is not yours"
    )
