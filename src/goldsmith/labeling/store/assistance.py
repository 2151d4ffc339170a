"""What became of assistants' suggestions: one row for each submission and source."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from goldsmith.labeling.types.assistance import Assistance, AssistanceOfSource
from goldsmith.platform.database import Sql, Transaction

_INSERT: Final = Sql(
    """
    INSERT INTO assistance (submission_id, source, project_id, accepted, fixed, refused, took_ms)
    VALUES (:submission_id, :source, :project_id, :accepted, :fixed, :refused, :took_ms)
    """
)
_BY_SOURCE: Final = Sql(
    """
    SELECT source, sum(accepted) AS accepted, sum(fixed) AS fixed, sum(refused) AS refused,
           count(*) AS submissions, sum(took_ms) AS took_ms
    FROM assistance WHERE project_id = :project_id
    GROUP BY source
    """
)


def add_assistance(
    tx: Transaction, *, submission_id: str, project_id: str, entries: Sequence[Assistance]
) -> None:
    """Keep what a submission tells of its suggestions, counted by source."""
    rows: dict[str, dict[str, Any]] = {}
    for entry in entries:
        row = rows.setdefault(
            entry.source,
            {
                "submission_id": submission_id,
                "source": entry.source,
                "project_id": project_id,
                "accepted": 0,
                "fixed": 0,
                "refused": 0,
                "took_ms": 0,
            },
        )
        row[entry.outcome] += 1
        row["took_ms"] += entry.took_ms
    if rows:
        tx.many(_INSERT, list(rows.values()))


def assistance_of(tx: Transaction, project_id: str) -> list[AssistanceOfSource]:
    """Return how each source did in a project, the most used first."""
    found = [
        AssistanceOfSource(
            source=row["source"],
            accepted=int(row["accepted"]),
            fixed=int(row["fixed"]),
            refused=int(row["refused"]),
            submissions=int(row["submissions"]),
            mean_took_ms=round(int(row["took_ms"]) / (row["accepted"] + row["fixed"] + row["refused"])),
        )
        for row in tx.all(_BY_SOURCE, {"project_id": project_id})
    ]
    return sorted(found, key=lambda entry: (-(entry.accepted + entry.fixed + entry.refused), entry.source))
