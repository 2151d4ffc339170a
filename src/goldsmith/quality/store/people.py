"""Consequences with their history, and how members did day by day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

import sqlalchemy as sa

from goldsmith.platform.database import Row, Sql, Transaction, prepared
from goldsmith.quality.tables import consequence_events, consequences, days_of_quality
from goldsmith.quality.types import (
    Appeal,
    ConsequenceEventKind,
    ConsequenceEvidence,
    ConsequenceKind,
    ConsequenceState,
    DayOfQuality,
    Signal,
    StoredConsequence,
)

_INSERT: Final = prepared(sa.insert(consequences))
_INSERT_EVENT: Final = prepared(sa.insert(consequence_events))
_INSERT_DAY: Final = prepared(sa.insert(days_of_quality))
_CHANGE: Final = Sql(
    """
    UPDATE consequences SET state = :state, appeal = :appeal, ended_ms = :ended_ms
    WHERE consequence_id = :consequence_id AND state = :was
    """
)
_ONE: Final = Sql("SELECT * FROM consequences WHERE consequence_id = :consequence_id")
_OF_PROJECT: Final = Sql(
    """
    SELECT * FROM consequences
    WHERE project_id = :project_id AND (:member_id = '' OR member_id = :member_id)
      AND (:state = '' OR state = :state)
    ORDER BY consequence_id DESC
    """
)
_HISTORY: Final = Sql(
    """
    SELECT e.consequence_id, e.kind, e.member_id, e.text, e.at_ms
    FROM consequence_events e JOIN consequences c ON c.consequence_id = e.consequence_id
    WHERE c.project_id = :project_id AND (:member_id = '' OR c.member_id = :member_id)
    ORDER BY e.event_id
    """
)
_FORGET_DAYS: Final = Sql("DELETE FROM days_of_quality WHERE project_id = :project_id")
_DAYS: Final = Sql(
    """
    SELECT day, decisions, agreed, gold_right, gold_total FROM days_of_quality
    WHERE project_id = :project_id AND member_id = :member_id ORDER BY day
    """
)


class StoredEvent(NamedTuple):
    """An entry of a consequence's history; ``member_id`` is None for the project's policy."""

    consequence_id: str
    kind: ConsequenceEventKind
    member_id: str | None
    text: str
    at_ms: int


class DayCount(NamedTuple):
    """What a member did on one day; ``agreed`` is the expected number of decisions that agree."""

    member_id: str
    day: str
    decisions: int
    agreed: float
    gold_right: int
    gold_total: int


def insert_consequence(tx: Transaction, entry: StoredConsequence) -> None:
    """Add a consequence."""
    tx.run(
        _INSERT,
        {
            **entry._asdict(),
            "kind": entry.kind.value,
            "signal": entry.signal.value,
            "state": entry.state.value,
            "evidence": entry.evidence.model_dump_json(),
            "appeal": None if entry.appeal is None else entry.appeal.model_dump_json(),
        },
    )


def change_consequence(tx: Transaction, entry: StoredConsequence, *, was: ConsequenceState) -> bool:
    """Store state, appeal and end of a consequence; False when its state is not what it was any more."""
    params = {
        "consequence_id": entry.consequence_id,
        "state": entry.state.value,
        "appeal": None if entry.appeal is None else entry.appeal.model_dump_json(),
        "ended_ms": entry.ended_ms,
        "was": was.value,
    }
    return tx.run(_CHANGE, params) == 1


def insert_event(tx: Transaction, event: StoredEvent, *, event_id: str) -> None:
    """Append to a consequence's history."""
    tx.run(_INSERT_EVENT, {**event._asdict(), "kind": event.kind.value, "event_id": event_id})


def find_consequence(tx: Transaction, consequence_id: str) -> StoredConsequence | None:
    """Return a consequence, or None."""
    row = tx.first(_ONE, {"consequence_id": consequence_id})
    return None if row is None else _consequence(row)


def list_consequences(
    tx: Transaction, project_id: str, *, member_id: str | None = None, state: ConsequenceState | None = None
) -> list[StoredConsequence]:
    """Return the consequences of a project, newest first."""
    params = {
        "project_id": project_id,
        "member_id": member_id or "",
        "state": "" if state is None else state.value,
    }
    return [_consequence(row) for row in tx.all(_OF_PROJECT, params)]


def histories(
    tx: Transaction, project_id: str, *, member_id: str | None = None
) -> dict[str, list[StoredEvent]]:
    """Return the history of each consequence, oldest first."""
    found: dict[str, list[StoredEvent]] = {}
    for row in tx.all(_HISTORY, {"project_id": project_id, "member_id": member_id or ""}):
        event = StoredEvent(
            row["consequence_id"],
            ConsequenceEventKind(row["kind"]),
            row["member_id"],
            row["text"],
            row["at_ms"],
        )
        found.setdefault(event.consequence_id, []).append(event)
    return found


def replace_days(tx: Transaction, project_id: str, days: Iterable[DayCount]) -> None:
    """Store how everybody did day by day, in place of what was stored."""
    tx.run(_FORGET_DAYS, {"project_id": project_id})
    rows: Sequence[Mapping[str, object]] = [{**day._asdict(), "project_id": project_id} for day in days]
    if rows:
        tx.many(_INSERT_DAY, rows)


def days_of(tx: Transaction, *, project_id: str, member_id: str) -> list[DayOfQuality]:
    """Return how a member did day by day, oldest first."""
    return [
        DayOfQuality(
            day=row["day"],
            decisions=row["decisions"],
            agreement=round(row["agreed"] / row["decisions"], 4) if row["decisions"] else None,
            gold_right=row["gold_right"],
            gold_total=row["gold_total"],
        )
        for row in tx.all(_DAYS, {"project_id": project_id, "member_id": member_id})
    ]


def _consequence(row: Row) -> StoredConsequence:
    return StoredConsequence(
        consequence_id=row["consequence_id"],
        project_id=row["project_id"],
        member_id=row["member_id"],
        kind=ConsequenceKind(row["kind"]),
        signal=Signal(row["signal"]),
        state=ConsequenceState(row["state"]),
        evidence=ConsequenceEvidence.model_validate_json(row["evidence"]),
        appeal=None if row["appeal"] is None else Appeal.model_validate_json(row["appeal"]),
        created_ms=row["created_ms"],
        created_by=row["created_by"],
        ended_ms=row["ended_ms"],
    )
