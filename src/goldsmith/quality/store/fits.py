"""What was learnt of annotators, version by version."""

from __future__ import annotations

import json
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from goldsmith.platform.database import Transaction, prepared
from goldsmith.quality.tables import fits, skills

_INSERT_FIT: Final = prepared(sa.insert(fits))
_INSERT_SKILL: Final = prepared(sa.insert(skills))
_NEWEST_FIT: Final = prepared(
    sa.select(fits)
    .where(fits.c.project_id == sa.bindparam("project_id"))
    .order_by(fits.c.version.desc())
    .limit(1)
)
_NEWEST_STAMP: Final = prepared(
    sa.select(fits.c.version, fits.c.created_ms)
    .where(fits.c.project_id == sa.bindparam("project_id"))
    .order_by(fits.c.version.desc())
    .limit(1)
)
_SKILLS_AT: Final = prepared(
    sa.select(skills).where(
        skills.c.project_id == sa.bindparam("project_id"), skills.c.version == sa.bindparam("version")
    )
)


class StoredFit(NamedTuple):
    """What was learnt at one time."""

    version: int
    members: list[str]
    classes: list[str]
    skill: dict[str, Any]
    report: dict[str, Any]
    answers: dict[str, Any]
    submission_count: int
    gold_count: int
    created_ms: int


def newest_stamp(tx: Transaction, project_id: str) -> tuple[int, int] | None:
    """Return which fit is the newest: its version and when it was made; None while there is none."""
    row = tx.first(_NEWEST_STAMP, {"project_id": project_id})
    return None if row is None else (row["version"], row["created_ms"])


def newest_fit(tx: Transaction, project_id: str) -> StoredFit | None:
    """Return what was learnt last, or None."""
    row = tx.first(_NEWEST_FIT, {"project_id": project_id})
    if row is None:
        return None
    return StoredFit(
        row["version"],
        json.loads(row["members"]),
        json.loads(row["classes"]),
        json.loads(row["skill"]),
        json.loads(row["report"]),
        json.loads(row["answers"]),
        row["submission_count"],
        row["gold_count"],
        row["created_ms"],
    )


def insert_fit(
    tx: Transaction, *, project_id: str, fit: StoredFit, members: dict[str, dict[str, Any]]
) -> None:
    """Store what was learnt, and the numbers of each member."""
    tx.run(
        _INSERT_FIT,
        {
            "project_id": project_id,
            "version": fit.version,
            "members": json.dumps(fit.members),
            "classes": json.dumps(fit.classes),
            "skill": json.dumps(fit.skill),
            "report": json.dumps(fit.report),
            "answers": json.dumps(fit.answers),
            "submission_count": fit.submission_count,
            "gold_count": fit.gold_count,
            "created_ms": fit.created_ms,
        },
    )
    tx.many(
        _INSERT_SKILL,
        [
            {
                "project_id": project_id,
                "member_id": member_id,
                "version": fit.version,
                "body": json.dumps(body),
                "created_ms": fit.created_ms,
            }
            for member_id, body in members.items()
        ],
    )


def newest_skills(tx: Transaction, project_id: str) -> dict[str, float]:
    """Return what was learnt last of each member's skill; empty while nothing was."""
    fit = newest_fit(tx, project_id)
    if fit is None:
        return {}
    bodies = skills_at(tx, project_id=project_id, version=fit.version)
    return {member_id: float(body["skill"]["value"]) for member_id, body in bodies.items()}


def skills_at(tx: Transaction, *, project_id: str, version: int) -> dict[str, dict[str, Any]]:
    """Return the numbers of each member at one fit."""
    rows = tx.all(_SKILLS_AT, {"project_id": project_id, "version": version})
    return {row["member_id"]: json.loads(row["body"]) for row in rows}
