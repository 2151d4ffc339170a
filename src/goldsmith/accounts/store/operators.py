"""Who a command acts as: whoever holds the data folder or the database is the owner, so the owner's member it is."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from goldsmith.accounts.tables import members, users, workspaces
from goldsmith.accounts.types import Access, Role
from goldsmith.core.errors import ConflictError, NotFoundError
from goldsmith.platform.database import Transaction, prepared

_OWNERS: Final = prepared(
    sa.select(members, workspaces.c.name.label("workspace_name"))
    .join(workspaces, workspaces.c.workspace_id == members.c.workspace_id)
    .join(users, users.c.user_id == members.c.user_id)
    .where(members.c.role == Role.OWNER.value, members.c.removed_ms.is_(None), users.c.disabled_ms.is_(None))
    .order_by(members.c.workspace_id, members.c.member_id)
)


def operator_access(tx: Transaction, *, workspace: str | None) -> Access:
    """Return the access of the first owner of a workspace.

    Args:
        tx: The transaction at hand.
        workspace: Its name or id; None when there is only one.

    Raises:
        NotFoundError: There is no such workspace, or none at all yet.
        ConflictError: There are several and none, or an ambiguous name, was given.
    """
    rows = [
        row
        for row in tx.all(_OWNERS)
        if workspace is None or workspace in (row["workspace_id"], row["workspace_name"])
    ]
    found = {row["workspace_id"] for row in rows}
    if not found:
        raise NotFoundError(
            "there is no workspace yet; start the server and follow the set-up link"
            if workspace is None
            else f"there is no workspace {workspace!r}"
        )
    if len(found) > 1:
        names = ", ".join(sorted({str(row["workspace_name"]) for row in rows}))
        raise ConflictError(f"there are several workspaces ({names}); say which with --workspace")
    row = rows[0]
    return Access(
        row["workspace_id"], row["member_id"], row["user_id"], row["name"], Role.OWNER, None, row["kind"]
    )
