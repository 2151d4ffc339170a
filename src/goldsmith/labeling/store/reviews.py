"""Reviews: verdicts that are only ever added."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import sqlalchemy as sa

from goldsmith.labeling.tables import reviews
from goldsmith.platform.database import Row, Sql, Transaction, prepared

_INSERT: Final = prepared(sa.insert(reviews))
_BY_REQUEST: Final = Sql(
    """
    SELECT r.review_id, r.judgement_id, r.submission_id, t.state
    FROM reviews r JOIN tasks t ON t.task_id = r.task_id
    WHERE r.member_id = :member_id AND r.request_key = :request_key
    """
)


def insert_review(tx: Transaction, row: Mapping[str, Any]) -> None:
    """Add a review.

    Raises:
        ConflictError: The request key was used before.
    """
    tx.run(_INSERT, row)


def find_by_request(tx: Transaction, *, member_id: str, request_key: str) -> Row | None:
    """Return the review that a request made before, with its task's state; None when there is none."""
    return tx.first(_BY_REQUEST, {"member_id": member_id, "request_key": request_key})
