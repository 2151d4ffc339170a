"""SQL of imports and of their problems."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from goldsmith.items.types import ImportRow, Problem
from goldsmith.platform.database import Row, Sql, Transaction

_INSERT: Final = Sql(
    "INSERT INTO imports (job_id, workspace_id, project_id, options, source_kind, source, created_by, created_ms) "
    "VALUES (:job_id, :workspace_id, :project_id, :options, :source_kind, :source, :created_by, :created_ms)"
)
_COLUMNS: Final = ", ".join(ImportRow._fields)
_FIND: Final = Sql(f"SELECT {_COLUMNS} FROM imports WHERE job_id = :job_id")  # noqa: S608  constants
_SOURCE: Final = Sql("SELECT source FROM imports WHERE job_id = :job_id")
_LIST: Final = Sql(
    f"SELECT {_COLUMNS} FROM imports WHERE project_id = :project_id AND job_id < :before "  # noqa: S608
    "ORDER BY job_id DESC LIMIT :limit"
)
_USES: Final = Sql(
    "SELECT 1 AS used WHERE EXISTS (SELECT 1 FROM blobs WHERE sha256 = :sha256) "
    "OR EXISTS (SELECT 1 FROM imports i JOIN jobs j ON j.job_id = i.job_id AND j.is_open = 1 "
    "WHERE i.job_id <> :job_id AND i.source_kind = 'upload' AND i.source LIKE :pattern)"
)
_SET_BATCH: Final = Sql("UPDATE imports SET batch_id = :batch_id WHERE job_id = :job_id")
_ADVANCE: Final = Sql(
    "UPDATE imports SET next_record = :next_record, imported = imported + :imported, "
    "labelled = labelled + :labelled, duplicates = duplicates + :duplicates, refused = refused + :refused, "
    "warnings = warnings + :warnings WHERE job_id = :job_id"
)
_FINISH: Final = Sql("UPDATE imports SET finished_ms = :now_ms WHERE job_id = :job_id")
_ADD_PROBLEM: Final = Sql(
    'INSERT INTO import_problems (job_id, number, "where", what, severity) '
    "VALUES (:job_id, :number, :place, :what, :severity)"
)
_LAST_PROBLEM: Final = Sql(
    "SELECT COALESCE(MAX(number), 0) AS last FROM import_problems WHERE job_id = :job_id"
)
_PROBLEMS: Final = Sql(
    'SELECT number, "where", what, severity FROM import_problems '
    "WHERE job_id = :job_id AND number > :after ORDER BY number LIMIT :limit"
)
_ABOVE_ALL: Final = "zzz"


def insert_import(tx: Transaction, values: ImportRow, *, source: str) -> None:
    """Store an import that was asked for, with the JSON of its source."""
    names = (
        "job_id",
        "workspace_id",
        "project_id",
        "options",
        "source_kind",
        "created_by",
        "created_ms",
    )
    tx.run(_INSERT, {**{name: getattr(values, name) for name in names}, "source": source})


def find_source(tx: Transaction, job_id: str) -> str | None:
    """Return the JSON of an import's source, or None."""
    row = tx.first(_SOURCE, {"job_id": job_id})
    return None if row is None else row["source"]


def is_spool_used(tx: Transaction, *, sha256: str, except_job_id: str) -> bool:
    """Say whether an uploaded file became an original, or waits for another import."""
    params = {"sha256": sha256, "job_id": except_job_id, "pattern": f"%{sha256}%"}
    return tx.first(_USES, params) is not None


def find_import(tx: Transaction, job_id: str) -> ImportRow | None:
    """Return an import, or None."""
    row = tx.first(_FIND, {"job_id": job_id})
    return None if row is None else _import_of(row)


def list_imports(tx: Transaction, *, project_id: str, before: str | None, limit: int) -> list[ImportRow]:
    """Return the imports of a project, newest first."""
    params = {"project_id": project_id, "before": before or _ABOVE_ALL, "limit": limit}
    return [_import_of(row) for row in tx.all(_LIST, params)]


def set_batch(tx: Transaction, *, job_id: str, batch_id: str) -> None:
    """Note the batch that the items go to."""
    tx.run(_SET_BATCH, {"job_id": job_id, "batch_id": batch_id})


def finish(tx: Transaction, *, job_id: str, now_ms: int) -> None:
    """Note that everything is through."""
    tx.run(_FINISH, {"job_id": job_id, "now_ms": now_ms})


def advance(
    tx: Transaction,
    *,
    job_id: str,
    next_record: int,
    imported: int,
    labelled: int,
    problems: Sequence[Problem],
) -> None:
    """Settle a chunk: count what came in and list what did not."""
    by_severity = [problem.severity for problem in problems]
    tx.run(
        _ADVANCE,
        {
            "job_id": job_id,
            "next_record": next_record,
            "imported": imported,
            "labelled": labelled,
            "duplicates": by_severity.count("duplicate"),
            "refused": by_severity.count("refused"),
            "warnings": by_severity.count("warning"),
        },
    )
    if problems:
        first = int(tx.scalar(_LAST_PROBLEM, {"job_id": job_id})) + 1
        rows = [
            {
                "job_id": job_id,
                "number": first + offset,
                "place": problem.where[:1000],
                "what": problem.what[:2000],
                "severity": problem.severity,
            }
            for offset, problem in enumerate(problems)
        ]
        tx.many(_ADD_PROBLEM, rows)


def list_problems(tx: Transaction, *, job_id: str, after: int, limit: int) -> list[tuple[int, Problem]]:
    """Return (number, problem) pairs in the order they were found."""
    rows = tx.all(_PROBLEMS, {"job_id": job_id, "after": after, "limit": limit})
    return [(row["number"], Problem(row["where"], row["what"], row["severity"])) for row in rows]


def _import_of(row: Row) -> ImportRow:
    return ImportRow(*(row[name] for name in ImportRow._fields))
