"""SQL of users, workspaces and members."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import sqlalchemy as sa

from goldsmith.accounts.tables import members, users, workspaces
from goldsmith.accounts.types import Role
from goldsmith.platform.database import Row, Sql, Transaction, prepared

_INSERT_USER: Final = prepared(sa.insert(users))
_INSERT_WORKSPACE: Final = prepared(sa.insert(workspaces))
_INSERT_MEMBER: Final = prepared(sa.insert(members))
_USER_BY_EMAIL: Final = Sql("SELECT * FROM users WHERE email = :email")
_USER_BY_ID: Final = Sql("SELECT * FROM users WHERE user_id = :user_id")
_MEMBERSHIPS: Final = Sql(
    """
    SELECT w.workspace_id, w.name AS workspace_name, m.member_id, m.role
    FROM members m JOIN workspaces w ON w.workspace_id = m.workspace_id
    WHERE m.user_id = :user_id AND m.removed_ms IS NULL
    ORDER BY w.workspace_id
    """
)
_MEMBERSHIP_OF_KEY: Final = Sql(
    """
    SELECT w.workspace_id, w.name AS workspace_name, m.member_id, m.role
    FROM members m JOIN workspaces w ON w.workspace_id = m.workspace_id
    WHERE m.member_id = :member_id AND m.removed_ms IS NULL
    """
)
_MEMBER: Final = Sql(
    """
    SELECT m.*, u.email FROM members m LEFT JOIN users u ON u.user_id = m.user_id
    WHERE m.workspace_id = :workspace_id AND m.member_id = :member_id AND m.removed_ms IS NULL
    """
)
_MEMBER_BY_EMAIL: Final = Sql(
    """
    SELECT m.*, u.email FROM members m JOIN users u ON u.user_id = m.user_id
    WHERE m.workspace_id = :workspace_id AND u.email = :email AND m.removed_ms IS NULL
    """
)
_MEMBER_OF_USER: Final = Sql(
    "SELECT * FROM members WHERE workspace_id = :workspace_id AND user_id = :user_id"  # removed ones too
)
_MEMBERS_PAGE: Final = Sql(
    """
    SELECT m.*, u.email FROM members m LEFT JOIN users u ON u.user_id = m.user_id
    WHERE m.workspace_id = :workspace_id AND m.removed_ms IS NULL AND m.member_id > :after
    ORDER BY m.member_id LIMIT :limit
    """
)
_OWNERS: Final = Sql(
    """
    SELECT count(*) AS number FROM members m JOIN users u ON u.user_id = m.user_id
    WHERE m.workspace_id = :workspace_id AND m.role = 'owner' AND m.removed_ms IS NULL AND u.disabled_ms IS NULL
    """
)
_LOCK_WORKSPACE: Final = Sql(
    "SELECT workspace_id FROM workspaces WHERE workspace_id = :workspace_id",
    postgresql="SELECT workspace_id FROM workspaces WHERE workspace_id = :workspace_id FOR UPDATE",
)
_LOCK_USER: Final = Sql(
    "SELECT * FROM users WHERE user_id = :user_id",
    postgresql="SELECT * FROM users WHERE user_id = :user_id FOR UPDATE",
)


def member_names(tx: Transaction, member_ids: Iterable[str]) -> dict[str, str]:
    """Return the names of members, also of removed ones; unknown ids are left out."""
    wanted = sorted(set(member_ids))
    if not wanted:
        return {}
    statement = sa.select(members.c.member_id, members.c.name).where(members.c.member_id.in_(wanted))
    return {row["member_id"]: row["name"] for row in tx.all(statement)}


def has_users(tx: Transaction) -> bool:
    """Say whether anybody has an account."""
    return tx.first(Sql("SELECT 1 AS one FROM users LIMIT 1")) is not None


def insert_user(
    tx: Transaction, *, user_id: str, email: str, name: str, password_hash: str | None, at_ms: int
) -> None:
    """Add a user."""
    row = {
        "user_id": user_id,
        "email": email,
        "name": name,
        "password_hash": password_hash,
        "created_ms": at_ms,
    }
    tx.run(_INSERT_USER, row)


def user_by_email(tx: Transaction, email: str) -> Row | None:
    """Return the user with this normalised address."""
    return tx.first(_USER_BY_EMAIL, {"email": email})


def user_by_id(tx: Transaction, user_id: str) -> Row | None:
    """Return the user."""
    return tx.first(_USER_BY_ID, {"user_id": user_id})


def lock_user(tx: Transaction, user_id: str) -> Row | None:
    """Return the user as they are now; nobody else changes them until this transaction ends."""
    return tx.first(_LOCK_USER, {"user_id": user_id})


def update_user(tx: Transaction, user_id: str, **values: Any) -> None:
    """Set columns of a user."""
    tx.run(sa.update(users).where(users.c.user_id == user_id).values(**values))


def memberships(tx: Transaction, *, user_id: str) -> list[Row]:
    """Return the workspaces of a user, with the role in each."""
    return tx.all(_MEMBERSHIPS, {"user_id": user_id})


def membership_of_member(tx: Transaction, *, member_id: str) -> list[Row]:
    """Return the one workspace a key's member is in."""
    return tx.all(_MEMBERSHIP_OF_KEY, {"member_id": member_id})


def insert_workspace(tx: Transaction, *, workspace_id: str, name: str, at_ms: int) -> None:
    """Add a workspace."""
    tx.run(_INSERT_WORKSPACE, {"workspace_id": workspace_id, "name": name, "created_ms": at_ms})


def workspace(tx: Transaction, workspace_id: str) -> Row | None:
    """Return the workspace."""
    return tx.first(Sql("SELECT * FROM workspaces WHERE workspace_id = :id"), {"id": workspace_id})


def workspaces_named(tx: Transaction, name_or_id: str) -> list[Row]:
    """Return the workspaces with this id or name."""
    return tx.all(Sql("SELECT * FROM workspaces WHERE workspace_id = :x OR name = :x"), {"x": name_or_id})


def rename_workspace(tx: Transaction, workspace_id: str, *, name: str) -> None:
    """Change the name of a workspace."""
    tx.run(sa.update(workspaces).where(workspaces.c.workspace_id == workspace_id).values(name=name))


def lock_workspace(tx: Transaction, workspace_id: str) -> None:
    """Hold changes of the workspace's members apart until the transaction ends."""
    tx.first(_LOCK_WORKSPACE, {"workspace_id": workspace_id})


def insert_member(
    tx: Transaction,
    *,
    member_id: str,
    workspace_id: str,
    user_id: str | None,
    name: str,
    kind: str,
    role: Role,
    at_ms: int,
) -> None:
    """Add a member."""
    tx.run(
        _INSERT_MEMBER,
        {
            "member_id": member_id,
            "workspace_id": workspace_id,
            "user_id": user_id,
            "name": name,
            "kind": kind,
            "role": role.value,
            "created_ms": at_ms,
        },
    )


def member(tx: Transaction, *, workspace_id: str, member_id: str) -> Row | None:
    """Return a member who was not removed, with the e-mail address."""
    return tx.first(_MEMBER, {"workspace_id": workspace_id, "member_id": member_id})


def member_by_email(tx: Transaction, *, workspace_id: str, email: str) -> Row | None:
    """Return the member with this normalised address."""
    return tx.first(_MEMBER_BY_EMAIL, {"workspace_id": workspace_id, "email": email})


def member_of_user(tx: Transaction, *, workspace_id: str, user_id: str) -> Row | None:
    """Return the member a user is or was in a workspace."""
    return tx.first(_MEMBER_OF_USER, {"workspace_id": workspace_id, "user_id": user_id})


def members_page(tx: Transaction, *, workspace_id: str, after: str, limit: int) -> list[Row]:
    """Return members by id, from the one after ``after``."""
    return tx.all(_MEMBERS_PAGE, {"workspace_id": workspace_id, "after": after, "limit": limit})


def update_member(tx: Transaction, member_id: str, **values: Any) -> None:
    """Set columns of a member."""
    tx.run(sa.update(members).where(members.c.member_id == member_id).values(**values))


def owner_count(tx: Transaction, workspace_id: str) -> int:
    """Return how many people own the workspace."""
    return int(tx.scalar(_OWNERS, {"workspace_id": workspace_id}))


def rename_members_of(tx: Transaction, *, user_id: str, name: str) -> None:
    """Change the name of a user's members."""
    tx.run(sa.update(members).where(members.c.user_id == user_id).values(name=name))
