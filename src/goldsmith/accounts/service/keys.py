"""API keys: shown once, stored hashed, bound to one workspace and acting with their member's role."""

from __future__ import annotations

from goldsmith.accounts import policy
from goldsmith.accounts.audit import audit
from goldsmith.accounts.gate import hash_secret
from goldsmith.accounts.store import entry as store
from goldsmith.accounts.store import people as people_store
from goldsmith.accounts.types import KEY_PREFIX, Access, ApiKey, KeyMode, NewApiKey, Page, Role
from goldsmith.core.errors import NotFoundError, PermissionDeniedError
from goldsmith.platform.database import Row, Transaction
from goldsmith.platform.machine import Machine


class Keys:
    """Makes, lists and ends keys.

    Args:
        machine: What the step stands on.
        new_secret: Makes 256-bit secrets.
    """

    def __init__(self, machine: Machine, *, new_secret: policy.SecretSource) -> None:
        self._machine = machine
        self._new_secret = new_secret

    def create(
        self,
        tx: Transaction,
        access: Access,
        *,
        name: str,
        mode: KeyMode = "live",
        lasts_ms: int | None = None,
        member_id: str | None = None,
    ) -> NewApiKey:
        """Make a key for oneself, or (managers, owners) for a service or simulated member.

        Raises:
            PermissionDeniedError: It is another person, or a member whose role is above one's own.
            NotFoundError: There is no such member.
        """
        target_id = member_id or access.member_id
        if target_id != access.member_id:
            target = people_store.member(tx, workspace_id=access.workspace_id, member_id=target_id)
            if target is None:
                raise NotFoundError("there is no such member here")
            if target["kind"] == "person" or not access.role.allows(Role.MANAGER):
                raise PermissionDeniedError("people make their own keys; managers make those of services")
            policy.check_grant(actor=access.role, granted=Role(target["role"]))
        return self.issue(
            tx,
            workspace_id=access.workspace_id,
            member_id=target_id,
            name=name,
            mode=mode,
            lasts_ms=lasts_ms,
            actor=access.member_id,
        )

    def issue(
        self,
        tx: Transaction,
        *,
        workspace_id: str,
        member_id: str,
        name: str,
        mode: KeyMode = "live",
        lasts_ms: int | None = None,
        actor: str = "system",
    ) -> NewApiKey:
        """Make a key without asking for permission; for commands and for ``create``."""
        secret, now_ms, key_id = (
            KEY_PREFIX + self._new_secret(),
            self._machine.clock.now_ms(),
            self._machine.ids.new("key"),
        )
        store.insert_key(
            tx,
            key_id=key_id,
            key_hash=hash_secret(secret),
            hint=secret[-4:],
            name=name,
            mode=mode,
            workspace_id=workspace_id,
            member_id=member_id,
            created_ms=now_ms,
            expires_ms=None if lasts_ms is None else now_ms + lasts_ms,
        )
        detail = {"name": name, "mode": mode, "member_id": member_id, "hint": secret[-4:]}
        audit(
            tx,
            at_ms=now_ms,
            actor=actor,
            workspace_id=workspace_id,
            action="key.created",
            target=key_id,
            detail=detail,
        )
        row = store.key(tx, workspace_id=workspace_id, key_id=key_id)
        assert row is not None
        return NewApiKey(key=_to_key(row), secret=secret)

    def list_page(self, tx: Transaction, access: Access, *, after: str, limit: int) -> Page[ApiKey]:
        """Return one's own keys; managers and owners see all."""
        member_id = "" if access.role.allows(Role.MANAGER) else access.member_id
        rows = store.keys_page(
            tx, workspace_id=access.workspace_id, member_id=member_id, after=after, limit=limit + 1
        )
        items = [_to_key(row) for row in rows[:limit]]
        return Page(items=items, next_cursor=items[-1].key_id if len(rows) > limit else None)

    def revoke(self, tx: Transaction, access: Access, *, key_id: str) -> None:
        """End a key at once: one's own, or (managers, owners) one of a member who is not above.

        Raises:
            NotFoundError: There is no such key, or it is not one's to see.
            PermissionDeniedError: Its member is above.
        """
        row = store.key(tx, workspace_id=access.workspace_id, key_id=key_id)
        is_own = row is not None and row["member_id"] == access.member_id
        if row is None or not (is_own or access.role.allows(Role.MANAGER)):
            raise NotFoundError("there is no such key here")
        if not is_own:
            policy.check_grant(actor=access.role, granted=Role(row["member_role"]))
        now_ms = self._machine.clock.now_ms()
        if store.revoke_key(tx, key_id=key_id, now_ms=now_ms):
            audit(tx, at_ms=now_ms, access=access, action="key.revoked", target=key_id)


def _to_key(row: Row) -> ApiKey:
    return ApiKey(
        key_id=row["key_id"],
        name=row["name"],
        hint=row["hint"],
        mode=row["mode"],
        member_id=row["member_id"],
        member_name=row["member_name"],
        created_ms=row["created_ms"],
        expires_ms=row["expires_ms"],
        revoked_ms=row["revoked_ms"],
    )
