"""SQL of accounts."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from goldsmith.accounts.tables import members
from goldsmith.platform.database import Transaction


def member_names(tx: Transaction, member_ids: Iterable[str]) -> dict[str, str]:
    """Return the names of members, also of removed ones; unknown ids are left out."""
    wanted = sorted(set(member_ids))
    if not wanted:
        return {}
    statement = sa.select(members.c.member_id, members.c.name).where(members.c.member_id.in_(wanted))
    return {row["member_id"]: row["name"] for row in tx.all(statement)}
