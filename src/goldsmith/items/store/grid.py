"""SQL of the items grid: a page of a project's items with their tasks, any filter, one statement.

What is said of labels is looked up as sets of tasks (``task_facets``, submissions), which are met by ``INTERSECT``.
All else are columns of the tasks that are left. A page of a project of 100,000 items so costs a walk over its tasks at
most, whatever is asked for.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any, Final, NamedTuple

from goldsmith.items.policy.facets import CLASS_KEY, FLAG_KEY, KIND_KEY, answer_key, attribute_key
from goldsmith.items.policy.looks import HEAD_CHARS, look_of
from goldsmith.items.types import GridCursor, GridFilter, GridRow, GridSort, ItemKind
from goldsmith.platform.database import Row, Sql, Transaction

# the page is cut first, of nothing but keys; only its rows are read whole, with their items and classes
_PAGE: Final = (
    "WITH {chosen_and}page AS MATERIALIZED (SELECT t.task_id, {key} AS sort_key "
    "FROM {source} WHERE {conditions} ORDER BY {order} LIMIT :limit) "
    "SELECT t.task_id, t.item_id, t.item_name, t.batch_id, t.state, t.is_gold, t.submission_count, t.object_count, "
    "t.lowest_posterior, t.updated_ms, t.item_deleted_ms, page.sort_key, i.kind, i.width_px, i.height_px, i.group_key, "
    "m.thumbnail_sha256, substr(m.body, 1, :head) AS head, "
    "(SELECT {aggregate}(c.value, c.object_count) FROM task_facets c WHERE c.task_id = t.task_id AND c.key = 'class') "
    "AS classes FROM page CROSS JOIN tasks t CROSS JOIN items i "
    "LEFT JOIN media m ON i.kind <> 'image' AND m.workspace_id = i.workspace_id AND m.sha256 = i.sha256 "
    "WHERE t.task_id = page.task_id AND i.item_id = t.item_id ORDER BY {page_order}"
)
_COUNT: Final = "{only_chosen} SELECT count(*) AS number FROM {source} WHERE {conditions}"
# the WITH is of the SELECT, so that both databases take it
_FREEZE: Final = (
    "INSERT INTO change_tasks (change_id, number, task_id) {only_chosen} "
    "SELECT :change_id, row_number() OVER (ORDER BY t.task_id), t.task_id FROM {source} WHERE {conditions}"
)
_CHOSEN: Final = "chosen AS MATERIALIZED ({sets})"
_FACET: Final = (
    "SELECT DISTINCT f.task_id FROM task_facets f WHERE f.project_id = :project_id AND f.key = :{name}_key "
    "AND f.value >= :{name}_low AND f.value <= :{name}_high"
)
_SAME_FACET: Final = (
    "SELECT f.task_id FROM task_facets f WHERE f.project_id = :project_id AND f.key = :{name}_key "
    "AND f.value = :{name}_low"
)
# the conditions of the partial index that holds all of it; "+" keeps SQLite from that of the project
_OF_MEMBER: Final = (
    "SELECT s.task_id FROM submissions s WHERE s.member_id = :member_id AND {own} = :project_id "
    "AND s.kind = 'human' AND s.is_newest = 1"
)
_CONDITIONS: Final = {
    "batch_id": "t.batch_id = :batch_id",
    "state": "t.state = :state",
    "text": "t.item_name {like} :text ESCAPE '!'",
    "group_key": "f.group_key = :group_key",
    "metadata": "f.metadata {like} :metadata ESCAPE '!'",
    "is_gold": "t.is_gold = :is_gold",
    "posterior_min": "t.lowest_posterior >= :posterior_min",
    "posterior_max": "t.lowest_posterior <= :posterior_max",
    "objects_min": "t.object_count >= :objects_min",
    "objects_max": "t.object_count <= :objects_max",
}
_SQLITE: Final = {
    "{aggregate}": "json_group_object",
    "{like}": "LIKE",
    "{own}": "+s.project_id",
    "{in_order}": "INDEXED BY ix_tasks_project",
}
_POSTGRESQL: Final = {
    "{aggregate}": "json_object_agg",
    "{like}": "ILIKE",
    "{own}": "s.project_id",
    "{in_order}": "",
}
_INDEXED: Final = frozenset({"state", "batch_id", "is_gold"})
_OF_ITEMS: Final = frozenset({"group_key", "metadata"})
_COUNTS: Final = {
    "objects_min": " AND f.object_count >= :objects_min",
    "objects_max": " AND f.object_count <= :objects_max",
}
_KEYS: Final = {
    GridSort.CREATED: "t.task_id",
    GridSort.NAME: "t.item_name",
    GridSort.POSTERIOR: "COALESCE(t.lowest_posterior, 2.0)",
    GridSort.OBJECTS: "t.object_count",
    GridSort.UPDATED: "t.updated_ms",
}


class _Shape(NamedTuple):
    """What a statement depends on beside its values.

    Attributes:
        sets: (name, is_range) of the sets of tasks that are met.
        count_bounds: Bounds on the number of objects of the class.
    """

    sets: tuple[tuple[str, bool], ...]
    count_bounds: tuple[str, ...]
    conditions: tuple[str, ...]
    is_deleted: bool


class _Order(NamedTuple):
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
    shape, params = _read(wanted)
    params |= {"project_id": project_id, "limit": limit, "head": HEAD_CHARS}
    if after is not None:
        params["after_key"] = after.key
        if sort is not GridSort.CREATED:
            params["after_id"] = after.task_id
    order = _Order(sort, is_descending, after is not None)
    return [_grid_row(row) for row in tx.all(_page_statement(shape, order), params)]


def count_grid(tx: Transaction, *, project_id: str, wanted: GridFilter) -> int:
    """Return how many items of a project fit."""
    shape, params = _read(wanted)
    return int(tx.scalar(_plain_statement(shape, _COUNT), {**params, "project_id": project_id}))


def chosen_statement(wanted: GridFilter) -> tuple[Sql, dict[str, Any]]:
    """Return the statement that keeps all tasks that fit under ``change_id``, and its values but for the ids."""
    shape, params = _read(wanted)
    return _plain_statement(shape, _FREEZE), params


def _read(wanted: GridFilter) -> tuple[_Shape, dict[str, Any]]:
    """Return what a filter asks for: the shape of its statement, and its values."""
    params: dict[str, Any] = {}
    sets: list[tuple[str, bool]] = []

    def meet(name: str, key: str, low: str, high: str) -> None:
        params[f"{name}_key"], params[f"{name}_low"] = key, low
        if high != low:
            params[f"{name}_high"] = high
        sets.append((name, high != low))

    if wanted.class_id is not None:
        meet("class", CLASS_KEY, wanted.class_id, wanted.class_id)
    if wanted.geometry_kind is not None:
        meet("kind", KIND_KEY, wanted.geometry_kind, wanted.geometry_kind)
    if wanted.flag is not None:
        meet("flag", FLAG_KEY, wanted.flag, wanted.flag)
    for number, value in enumerate(wanted.values):
        is_answer = value.class_id is None
        key = (
            answer_key(value.attribute_id)
            if is_answer
            else attribute_key(str(value.class_id), value.attribute_id)
        )
        meet(f"value{number}", key, value.low, value.high)
    if wanted.member_id is not None:
        sets.append(("member", False))
        params["member_id"] = wanted.member_id
    given = {name: value for name in _CONDITIONS if (value := getattr(wanted, name)) is not None}
    bounds = tuple(name for name in given if name in _COUNTS) if wanted.class_id is not None else ()
    for name in ("text", "metadata"):
        if name in given:
            given[name] = f"%{_escaped(given[name])}%"
    if "is_gold" in given:
        given["is_gold"] = int(given["is_gold"])
    conditions = tuple(name for name in given if name not in bounds)
    return _Shape(tuple(sets), bounds, conditions, wanted.is_deleted), params | given


@lru_cache(maxsize=512)
def _page_statement(shape: _Shape, order: _Order) -> Sql:
    key = _KEYS[order.sort]
    is_unique = order.sort is GridSort.CREATED
    direction, follows = ("DESC", "<") if order.is_descending else ("ASC", ">")
    parts = _parts(shape)
    if order.is_continued:
        parts["conditions"] += (
            f" AND {key} {follows} :after_key"
            if is_unique
            else f" AND ({key}, t.task_id) {follows} (:after_key, :after_id)"
        )
    parts |= {
        "key": key,
        "order": f"{key} {direction}" + ("" if is_unique else f", t.task_id {direction}"),
        "page_order": f"sort_key {direction}, page.task_id {direction}",
    }
    return _both(_PAGE, parts)


@lru_cache(maxsize=512)
def _plain_statement(shape: _Shape, template: str) -> Sql:
    return _both(template, _parts(shape))


def _both(template: str, parts: dict[str, str]) -> Sql:
    """Return a statement in the words of both databases."""
    texts = []
    for words in (_SQLITE, _POSTGRESQL):
        text = template.format(**parts, aggregate=words["{aggregate}"])
        for word, meant in words.items():
            text = text.replace(word, meant)
        texts.append(text)
    return Sql(texts[0], postgresql=texts[1])


def _parts(shape: _Shape) -> dict[str, str]:
    met = [_set_of(name, shape.count_bounds, is_range=is_range) for name, is_range in shape.sets]
    conditions = ["t.project_id = :project_id"]
    source = "tasks t"
    if not met and not _INDEXED.intersection(shape.conditions):
        # else SQLite may take another index that begins with the project, and read the tasks here and there
        source += " {in_order}"
    if met:
        # in this order on SQLite: the tasks of the set, not the set of each task
        source = "chosen CROSS JOIN tasks t"
        conditions.append("t.task_id = chosen.task_id")
    conditions.append("t.item_deleted_ms IS " + ("NOT NULL" if shape.is_deleted else "NULL"))
    if _OF_ITEMS.intersection(shape.conditions):
        source += " CROSS JOIN items f"
        conditions.append("f.item_id = t.item_id")
    conditions += [_CONDITIONS[name] for name in shape.conditions]
    chosen = _CHOSEN.format(sets=" INTERSECT ".join(met)) if met else ""
    return {
        "chosen_and": f"{chosen}, " if met else "",
        "only_chosen": f"WITH {chosen}" if met else "",
        "source": source,
        "conditions": " AND ".join(conditions),
    }


def _set_of(name: str, count_bounds: tuple[str, ...], *, is_range: bool) -> str:
    if name == "member":
        return _OF_MEMBER
    text = (_FACET if is_range else _SAME_FACET).format(name=name)
    return text + "".join(_COUNTS[bound] for bound in count_bounds) if name == "class" else text


def _escaped(text: str) -> str:
    return text.replace("!", "!!").replace("%", "!%").replace("_", "!_")


def _grid_row(row: Row) -> GridRow:
    classes = row["classes"] or "{}"
    kind = ItemKind(row["kind"])
    look = look_of(
        kind, item_id=row["item_id"], head=row["head"], has_thumbnail=row["thumbnail_sha256"] is not None
    )
    return GridRow(
        item_id=row["item_id"],
        name=row["item_name"],
        kind=kind,
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
        deleted_ms=row["item_deleted_ms"],
        classes=json.loads(classes) if isinstance(classes, str) else classes,
        sort_key=row["sort_key"],
        cover=look.cover,
        words=look.words,
    )
