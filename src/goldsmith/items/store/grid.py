"""SQL of the items grid: a page of a project's items with their tasks, any filter, one statement."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any, Final, NamedTuple

from goldsmith.items.types import GridCursor, GridFilter, GridRow, GridSort, ItemKind
from goldsmith.platform.database import Row, Sql, Transaction

# the page is cut first, and only its rows get their classes
_PAGE: Final = (
    "WITH page AS (SELECT i.item_id, i.name, i.kind, i.width_px, i.height_px, i.group_key, t.task_id, t.batch_id, "
    "t.state, t.is_gold, t.submission_count, t.object_count, t.lowest_posterior, t.updated_ms, {key} AS sort_key "
    "FROM tasks t JOIN items i ON i.item_id = t.item_id "
    "WHERE t.project_id = :project_id AND i.deleted_ms IS NULL {conditions} ORDER BY {order} LIMIT :limit) "
    "SELECT page.*, (SELECT {aggregate}(c.class_id, c.object_count) FROM task_classes c "
    "WHERE c.project_id = :project_id AND c.task_id = page.task_id) AS classes FROM page ORDER BY {page_order}"
)
_CONDITIONS: Final = {
    "batch_id": "t.batch_id = :batch_id",
    "state": "t.state = :state",
    "class_id": "t.task_id IN (SELECT k.task_id FROM task_classes k "
    "WHERE k.project_id = :project_id AND k.class_id = :class_id)",
    "text": "LOWER(i.name) LIKE :text ESCAPE '!'",
    "group_key": "i.group_key = :group_key",
    "is_gold": "t.is_gold = :is_gold",
    "posterior_min": "t.lowest_posterior >= :posterior_min",
    "posterior_max": "t.lowest_posterior <= :posterior_max",
    "member_id": "t.task_id IN (SELECT s.task_id FROM submissions s "
    "WHERE s.member_id = :member_id AND s.project_id = :project_id)",
}
# ordering by creation walks the index that also serves the filter: ids sort by time
_INDEXED: Final = ("batch_id", "state", "class_id", "is_gold")
_KEYS: Final = {
    GridSort.NAME: "i.name",
    GridSort.POSTERIOR: "COALESCE(t.lowest_posterior, 2.0)",
    GridSort.OBJECTS: "t.object_count",
    GridSort.UPDATED: "t.updated_ms",
}


class _Shape(NamedTuple):
    conditions: tuple[str, ...]
    sort: GridSort
    is_descending: bool
    is_continued: bool


def list_grid(
    tx: Transaction,
    *,
    project_id: str,
    wanted: GridFilter,
    sort: GridSort,
    is_descending: bool,
    after: GridCursor | None,
    limit: int,
) -> list[GridRow]:
    """Return a page of the items of a project with their tasks."""
    params: dict[str, Any] = {name: value for name, value in wanted._asdict().items() if value is not None}
    shape = _Shape(tuple(params), sort, is_descending, after is not None)
    if wanted.text is not None:
        params["text"] = f"%{_escaped(wanted.text.lower())}%"
    if wanted.is_gold is not None:
        params["is_gold"] = int(wanted.is_gold)
    if after is not None:
        params |= {"after_key": after.key}
        if sort is not GridSort.CREATED:
            params["after_id"] = after.task_id
    params |= {"project_id": project_id, "limit": limit}
    return [_grid_row(row) for row in tx.all(_statement(shape), params)]


@lru_cache(maxsize=512)
def _statement(shape: _Shape) -> Sql:
    key = _key_of(shape)
    is_unique = shape.sort is GridSort.CREATED  # within a project; then the index alone gives the order
    direction, follows = ("DESC", "<") if shape.is_descending else ("ASC", ">")
    conditions = [f"AND {_CONDITIONS[name]}" for name in shape.conditions]
    if shape.is_continued:
        after = (
            f"{key} {follows} :after_key"
            if is_unique
            else f"({key}, t.task_id) {follows} (:after_key, :after_id)"
        )
        conditions.append(f"AND {after}")
    filled = {
        "key": key,
        "conditions": " ".join(conditions),
        "order": f"{key} {direction}" + ("" if is_unique else f", t.task_id {direction}"),
        "page_order": f"sort_key {direction}, task_id {direction}",
    }
    return Sql(
        _PAGE.format(**filled, aggregate="json_group_object"),
        postgresql=_PAGE.format(**filled, aggregate="json_object_agg"),
    )


def _key_of(shape: _Shape) -> str:
    if shape.sort is not GridSort.CREATED:
        return _KEYS[shape.sort]
    return "t.task_id" if any(name in shape.conditions for name in _INDEXED) else "t.item_id"


def _escaped(text: str) -> str:
    return text.replace("!", "!!").replace("%", "!%").replace("_", "!_")


def _grid_row(row: Row) -> GridRow:
    classes = row["classes"] or "{}"
    return GridRow(
        item_id=row["item_id"],
        name=row["name"],
        kind=ItemKind(row["kind"]),
        width=row["width_px"],
        height=row["height_px"],
        group_key=row["group_key"],
        task_id=row["task_id"],
        batch_id=row["batch_id"],
        state=row["state"],
        is_gold=bool(row["is_gold"]),
        submission_count=row["submission_count"],
        object_count=row["object_count"],
        lowest_posterior=row["lowest_posterior"],
        updated_ms=row["updated_ms"],
        classes=json.loads(classes) if isinstance(classes, str) else classes,
        sort_key=row["sort_key"],
    )
