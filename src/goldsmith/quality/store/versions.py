"""Consensus versions."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from goldsmith.core.annotations import Labelling
from goldsmith.platform.database import BulkInsert, Row, Transaction, prepared
from goldsmith.quality.tables import consensus
from goldsmith.quality.types import METHOD_BULK, METHOD_DETECTION, ConsensusView, ResolvedTask, Support

_BATCH: Final = 500  # stays under SQLite's limit on bind parameters
_INSERT_CONSENSUS: Final = BulkInsert(
    consensus,
    (
        "task_id",
        "version",
        "project_id",
        "labelling",
        "ontology_version",
        "support",
        "submission_ids",
        "method",
        "model",
        "lowest_posterior",
        "answers",
        "created_ms",
    ),
)
_NEWEST: Final = prepared(
    sa.select(consensus)
    .where(consensus.c.task_id == sa.bindparam("task_id"))
    .order_by(consensus.c.version.desc())
    .limit(1)
)
_AT_VERSION: Final = prepared(
    sa.select(consensus).where(
        consensus.c.task_id == sa.bindparam("task_id"), consensus.c.version == sa.bindparam("version")
    )
)
_IS_DECIDED: Final = sa.and_(consensus.c.method != METHOD_DETECTION, consensus.c.method != METHOD_BULK)
_NEWEST_DECIDED: Final = prepared(
    sa.select(consensus)
    .where(consensus.c.task_id == sa.bindparam("task_id"), _IS_DECIDED)
    .order_by(consensus.c.version.desc())
    .limit(1)
)
_later = consensus.alias("later")


class NewVersion(NamedTuple):
    """A consensus version to be stored."""

    version: int
    resolved: ResolvedTask
    method: str
    model: dict[str, Any]


def newest_consensus(tx: Transaction, task_id: str) -> ConsensusView | None:
    """Return the newest version, or None."""
    row = tx.first(_NEWEST, {"task_id": task_id})
    return None if row is None else view_of(row)


def find_consensus(tx: Transaction, task_id: str, version: int) -> ConsensusView | None:
    """Return one version, or None."""
    row = tx.first(_AT_VERSION, {"task_id": task_id, "version": version})
    return None if row is None else view_of(row)


def newest_for(tx: Transaction, task_ids: Sequence[str]) -> dict[str, ConsensusView]:
    """Return the newest version of each of up to some hundred tasks that have one."""
    if len(task_ids) == 1:  # compiling a set takes longer than looking one up
        return _by_task(newest_consensus(tx, task_ids[0]))
    query = (
        sa.select(consensus)
        .where(
            consensus.c.task_id.in_(task_ids),
            ~sa.exists().where(
                _later.c.task_id == consensus.c.task_id, _later.c.version > consensus.c.version
            ),
        )
        .order_by(consensus.c.task_id)
    )
    return {row["task_id"]: view_of(row) for row in tx.all(query)}


def newest_versions(tx: Transaction, task_ids: Sequence[str]) -> dict[str, int]:
    """Return the number of the newest version of each task that has one."""
    found: dict[str, int] = {}
    for start in range(0, len(task_ids), _BATCH):
        query = (
            sa.select(consensus.c.task_id, sa.func.max(consensus.c.version).label("version"))
            .where(consensus.c.task_id.in_(task_ids[start : start + _BATCH]))
            .group_by(consensus.c.task_id)
        )
        found |= {row["task_id"]: row["version"] for row in tx.all(query)}
    return found


def newest_decided_for(tx: Transaction, task_ids: Sequence[str]) -> dict[str, ConsensusView]:
    """Return, of up to some hundred tasks, the newest version whose objects were decided and not computed."""
    if len(task_ids) == 1:
        row = tx.first(_NEWEST_DECIDED, {"task_id": task_ids[0]})
        return _by_task(None if row is None else view_of(row))
    newest = (
        sa.select(consensus.c.task_id, sa.func.max(consensus.c.version).label("version"))
        .where(consensus.c.task_id.in_(task_ids), _IS_DECIDED)
        .group_by(consensus.c.task_id)
        .subquery()
    )
    query = sa.select(consensus).join(
        newest,
        sa.and_(newest.c.task_id == consensus.c.task_id, newest.c.version == consensus.c.version),
    )
    return {row["task_id"]: view_of(row) for row in tx.all(query)}


def _by_task(view: ConsensusView | None) -> dict[str, ConsensusView]:
    return {} if view is None else {view.task_id: view}


def insert_consensus(
    tx: Transaction, *, project_id: str, entries: Sequence[NewVersion], ontology_version: int, now_ms: int
) -> None:
    """Store the next versions of tasks, each task at most once."""
    _INSERT_CONSENSUS.run(
        tx,
        [
            (
                resolved.task_id,
                version,
                project_id,
                resolved.labelling.as_json(),
                ontology_version,
                json.dumps({key: value.model_dump() for key, value in resolved.support.items()}),
                json.dumps(resolved.submission_ids),
                method,
                json.dumps(model),
                resolved.lowest_posterior,
                json.dumps({key: dict(value) for key, value in resolved.answers.items()}),
                now_ms,
            )
            for version, resolved, method, model in entries
        ],
    )


def view_of(row: Row) -> ConsensusView:
    """Read a stored version."""
    return ConsensusView(
        task_id=row["task_id"],
        version=row["version"],
        method=row["method"],
        labelling=Labelling.model_validate_json(row["labelling"]),
        ontology_version=row["ontology_version"],
        support={key: Support(**value) for key, value in json.loads(row["support"]).items()},
        submission_ids=json.loads(row["submission_ids"]),
        lowest_posterior=row["lowest_posterior"],
        answers=json.loads(row["answers"]),
        created_ms=row["created_ms"],
    )
