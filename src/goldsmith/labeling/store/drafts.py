"""Drafts: unfinished work, one for each member and task, its edit log in parts as they came."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from goldsmith.labeling.store.bulk import ids_of, with_ids
from goldsmith.platform.database import Row, Sql, Transaction

_INSERT: Final = Sql(
    """
    INSERT INTO drafts (task_id, member_id, body, revision, writer, line_count, log_size, saved_ms)
    VALUES (:task_id, :member_id, :body, :revision, :writer, :line_count, :log_size, :now_ms)
    ON CONFLICT DO NOTHING
    """
)
_UPDATE: Final = Sql(
    """
    UPDATE drafts SET body = :body, revision = :revision, writer = :writer, line_count = :line_count,
                      log_size = :log_size, saved_ms = :now_ms
    WHERE task_id = :task_id AND member_id = :member_id AND revision = :seen_revision AND writer = :seen_writer
    """
)
# The log stays: with what is kept here it says how the work came about.
_KEEP: Final = Sql(
    """
    INSERT INTO drafts (task_id, member_id, body, revision, saved_ms)
    VALUES (:task_id, :member_id, :body, 1, :now_ms)
    ON CONFLICT (task_id, member_id) DO UPDATE
    SET body = excluded.body, revision = drafts.revision + 1, writer = '', saved_ms = excluded.saved_ms
    """
)
_FIND: Final = Sql(
    """
    SELECT body, revision, writer, line_count, log_size, saved_ms FROM drafts
    WHERE task_id = :task_id AND member_id = :member_id
    """
)
_DELETE: Final = Sql("DELETE FROM drafts WHERE task_id = :task_id AND member_id = :member_id")

_OF_DRAFT: Final = "task_id = :task_id AND member_id = :member_id"
_PARTS: Final = Sql(f"SELECT lines FROM draft_parts WHERE {_OF_DRAFT} ORDER BY from_line")  # noqa: S608
_PARTS_OF_TASKS: Final = with_ids(
    """
    SELECT task_id, lines FROM draft_parts WHERE task_id IN /*ids*/ AND member_id = :member_id
    ORDER BY task_id, from_line
    """
)
_STRADDLING: Final = Sql(
    f"SELECT from_line, lines FROM draft_parts WHERE {_OF_DRAFT} AND from_line < :from_line "  # noqa: S608
    "AND from_line + line_count > :from_line"
)
_SIZE_OF_CUT: Final = Sql(
    f"SELECT sum(length(lines)) AS size FROM draft_parts WHERE {_OF_DRAFT} AND from_line >= :from_line"  # noqa: S608
)
_CUT: Final = Sql(f"DELETE FROM draft_parts WHERE {_OF_DRAFT} AND from_line >= :from_line")  # noqa: S608
_SHORTEN: Final = Sql(
    f"UPDATE draft_parts SET lines = :lines, line_count = :line_count WHERE {_OF_DRAFT} AND from_line = :part"  # noqa: S608
)
_ADD_PART: Final = Sql(
    """
    INSERT INTO draft_parts (task_id, member_id, from_line, line_count, lines)
    VALUES (:task_id, :member_id, :from_line, :line_count, :lines)
    """
)


class DraftHead(NamedTuple):
    """A draft without the lines of its log.

    Attributes:
        body: JSON text.
        log_size: Characters of all lines with their ends.
    """

    body: str
    revision: int
    writer: str
    line_count: int
    log_size: int
    saved_ms: int


def find(tx: Transaction, *, task_id: str, member_id: str) -> DraftHead | None:
    """Return a member's draft of a task without its log, or None."""
    row = tx.first(_FIND, {"task_id": task_id, "member_id": member_id})
    return None if row is None else DraftHead(*(row[name] for name in DraftHead._fields))


def save(tx: Transaction, *, task_id: str, member_id: str, head: DraftHead, after: DraftHead | None) -> bool:
    """Save a draft in place of the one that was found; False when another came in between."""
    params = {
        "task_id": task_id,
        "member_id": member_id,
        "body": head.body,
        "revision": head.revision,
        "writer": head.writer,
        "line_count": head.line_count,
        "log_size": head.log_size,
        "now_ms": head.saved_ms,
    }
    if after is None:
        return tx.run(_INSERT, params) == 1
    seen = {"seen_revision": after.revision, "seen_writer": after.writer}
    return tx.run(_UPDATE, {**params, **seen}) == 1


def keep(tx: Transaction, *, task_id: str, member_id: str, body: str, now_ms: int) -> None:
    """Save a draft (JSON text) as the newest revision; its log stays."""
    tx.run(_KEEP, {"task_id": task_id, "member_id": member_id, "body": body, "now_ms": now_ms})


def delete(tx: Transaction, *, task_id: str, member_id: str) -> None:
    """Remove a draft whose work was handed in, with its log."""
    tx.run(_DELETE, {"task_id": task_id, "member_id": member_id})


# --- the log


def read_log(tx: Transaction, *, task_id: str, member_id: str) -> list[str]:
    """Return the lines of a draft's log."""
    rows = tx.all(_PARTS, {"task_id": task_id, "member_id": member_id})
    return _lines_of(rows)


def read_logs(tx: Transaction, task_ids: Sequence[str], *, member_id: str) -> dict[str, list[str]]:
    """Return the lines of a member's drafts by task; drafts without lines are absent."""
    parts: dict[str, list[Row]] = {}
    for row in tx.all(_PARTS_OF_TASKS, {"ids": ids_of(task_ids), "member_id": member_id}):
        parts.setdefault(row["task_id"], []).append(row)
    return {task_id: _lines_of(rows) for task_id, rows in parts.items()}


def cut_log(tx: Transaction, *, task_id: str, member_id: str, from_line: int) -> int:
    """Drop the lines of a log from one on; return how many characters they had."""
    params = {"task_id": task_id, "member_id": member_id, "from_line": from_line}
    dropped = int(tx.scalar(_SIZE_OF_CUT, params) or 0)
    straddling = tx.first(_STRADDLING, params)
    tx.run(_CUT, params)
    if straddling is None:
        return dropped
    lines = straddling["lines"].split("\n")[:-1]
    kept = "".join(f"{line}\n" for line in lines[: from_line - straddling["from_line"]])
    shortened = {
        "part": straddling["from_line"],
        "lines": kept,
        "line_count": from_line - straddling["from_line"],
    }
    tx.run(_SHORTEN, {"task_id": task_id, "member_id": member_id, **shortened})
    return dropped + len(straddling["lines"]) - len(kept)


def add_lines(tx: Transaction, *, task_id: str, member_id: str, from_line: int, lines: Sequence[str]) -> None:
    """Append lines to a log, where nothing may stand from ``from_line`` on."""
    params = {"task_id": task_id, "member_id": member_id, "from_line": from_line}
    text = "".join(f"{line}\n" for line in lines)
    tx.run(_ADD_PART, {**params, "lines": text, "line_count": len(lines)})


def _lines_of(rows: Sequence[Row]) -> list[str]:
    return "".join(row["lines"] for row in rows).split("\n")[:-1] if rows else []
