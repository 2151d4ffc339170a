"""The items grid: any filter and order, page by page, on both databases."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from goldsmith.accounts.api import Access
from goldsmith.core.errors import PermissionDeniedError
from goldsmith.items.api import ItemsService, NewItem
from goldsmith.items.types import GridCursor, GridFilter, GridSort
from goldsmith.labeling.tables import submissions, tasks
from goldsmith.platform.database import Transaction
from goldsmith.quality.tables import task_classes

ClientOf = Callable[[str], httpx.AsyncClient]
STATES = ("open", "review", "done")
Facts = dict[str, dict[str, Any]]


@pytest.fixture
def facts(service: ItemsService, accesses: dict[str, Access], project_id: str) -> Facts:
    """Sixty items with tasks in all conditions; what is known of each, by item id."""
    rng = random.Random(11)
    known: Facts = {}

    def fill(tx: Transaction) -> None:
        batches = [
            service.projects.ensure_batch(tx, project_id=project_id, name=name, created_by="system").batch_id
            for name in "AB"
        ]
        entries = [
            NewItem(f"Frame_{n % 7}_{n}%.png", f"{n:064x}", 4, 3, group_key=f"g{n % 3}") for n in range(60)
        ]
        item_ids = service.create_items(tx, workspace_id="wsp_one", entries=entries)
        for entry, item_id in zip(entries, item_ids, strict=True):
            task = {
                "task_id": service.machine.ids.new("tsk"),
                "batch_id": rng.choice(batches),
                "state": rng.choice(STATES),
                "is_gold": int(rng.random() < 0.2),
                "lowest_posterior": rng.choice([None, 0.25, 0.5, 0.75]),
                "object_count": rng.randrange(4),
                "updated_ms": rng.randrange(10),
            }
            row = {**task, "project_id": project_id, "item_id": item_id, "position": 0.0, "created_ms": 0}
            tx.run(sa.insert(tasks), row)
            classes = {key: rng.randrange(1, 5) for key in ("car", "bus") if rng.random() < 0.3}
            for class_id, count in classes.items():
                place = {"project_id": project_id, "class_id": class_id, "task_id": task["task_id"]}
                tx.run(sa.insert(task_classes), {**place, "object_count": count})
            member = rng.choice([None, accesses["annotator"].member_id, accesses["reviewer"].member_id])
            if member is not None:
                _submit(tx, service.machine.ids.new("sub"), str(task["task_id"]), project_id, member)
            known[item_id] = {
                **task,
                "name": entry.name,
                "group": entry.group_key,
                "classes": classes,
                "member": member,
            }

    service.machine.database.write_sync(fill)
    return known


def _submit(tx: Transaction, submission_id: str, task_id: str, project_id: str, member_id: str) -> None:
    values = {
        "submission_id": submission_id,
        "task_id": task_id,
        "project_id": project_id,
        "member_id": member_id,
    }
    facts = {"kind": "human", "version": 1, "labelling": "{}", "annotation_count": 0}
    versions = {"ontology_version": 1, "instructions_version": 1, "created_ms": 0}
    tx.run(sa.insert(submissions), {**values, **facts, **versions})


def walk(
    service: ItemsService,
    access: Access,
    project_id: str,
    wanted: GridFilter,
    sort: GridSort,
    *,
    descending: bool,
) -> list[str]:
    seen: list[str] = []
    after: GridCursor | None = None
    while True:
        rows = service.machine.database.read_sync(
            lambda tx, after=after: service.list_grid(
                tx,
                access,
                project_id,
                wanted=wanted,
                sort=sort,
                is_descending=descending,
                after=after,
                limit=7,
            )
        )
        seen += [row.item_id for row in rows]
        if len(rows) < 7:
            return seen
        after = GridCursor(rows[-1].sort_key, rows[-1].task_id)


KEYS: dict[GridSort, Callable[[str, dict[str, Any]], Any]] = {
    GridSort.CREATED: lambda item_id, fact: item_id,
    GridSort.NAME: lambda item_id, fact: fact["name"],
    GridSort.POSTERIOR: lambda item_id, fact: (
        2.0 if fact["lowest_posterior"] is None else fact["lowest_posterior"]
    ),
    GridSort.OBJECTS: lambda item_id, fact: fact["object_count"],
    GridSort.UPDATED: lambda item_id, fact: fact["updated_ms"],
}


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("sort", list(GridSort))
def test_every_order_pages_through_everything_once(
    service: ItemsService,
    accesses: dict[str, Access],
    project_id: str,
    facts: Facts,
    sort: GridSort,
    descending: bool,
) -> None:
    seen = walk(service, accesses["reviewer"], project_id, GridFilter(), sort, descending=descending)
    assert sorted(seen) == sorted(facts)
    keys = [KEYS[sort](item_id, facts[item_id]) for item_id in seen]
    assert keys == sorted(keys, reverse=descending)


def test_every_filter_alone_and_together(
    service: ItemsService, accesses: dict[str, Access], project_id: str, facts: Facts
) -> None:
    batch_id = next(iter(facts.values()))["batch_id"]
    member_id = accesses["annotator"].member_id
    checks: dict[str, tuple[Any, Callable[[dict[str, Any]], bool]]] = {
        "batch_id": (batch_id, lambda fact: fact["batch_id"] == batch_id),
        "state": ("done", lambda fact: fact["state"] == "done"),
        "class_id": ("car", lambda fact: "car" in fact["classes"]),
        "text": ("E_3_", lambda fact: "e_3_" in fact["name"].lower()),
        "group_key": ("g1", lambda fact: fact["group"] == "g1"),
        "is_gold": (False, lambda fact: fact["is_gold"] == 0),
        "posterior_min": (0.5, lambda fact: (fact["lowest_posterior"] or 0) >= 0.5),
        "posterior_max": (
            0.5,
            lambda fact: fact["lowest_posterior"] is not None and fact["lowest_posterior"] <= 0.5,
        ),
        "member_id": (member_id, lambda fact: fact["member"] == member_id),
    }
    combinations = [[name] for name in checks] + [
        ["state", "class_id"],
        ["batch_id", "is_gold", "text"],
        list(checks)[:4],
    ]
    for names in combinations:
        wanted = GridFilter(**{name: checks[name][0] for name in names})
        expected = [
            item_id for item_id, fact in facts.items() if all(checks[name][1](fact) for name in names)
        ]
        for sort in (GridSort.CREATED, GridSort.NAME):
            seen = walk(service, accesses["reviewer"], project_id, wanted, sort, descending=False)
            assert sorted(seen) == sorted(expected), names
    nothing = GridFilter(text="%")
    assert (
        len(walk(service, accesses["reviewer"], project_id, nothing, GridSort.CREATED, descending=False))
        == 60
    )
    underscore = GridFilter(text="frame__")
    assert (
        walk(service, accesses["reviewer"], project_id, underscore, GridSort.CREATED, descending=False) == []
    )


def test_annotators_do_not_learn_what_is_gold_or_what_others_said(
    service: ItemsService, accesses: dict[str, Access], project_id: str, facts: Facts
) -> None:
    def read(access: Access, wanted: GridFilter, sort: GridSort = GridSort.CREATED) -> Any:
        return service.machine.database.read_sync(
            lambda tx: service.list_grid(
                tx, access, project_id, wanted=wanted, sort=sort, is_descending=False, after=None, limit=100
            )
        )

    annotator = accesses["annotator"]
    rows = read(annotator, GridFilter())
    assert {(row.is_gold, row.object_count, row.lowest_posterior, len(row.classes)) for row in rows} == {
        (None, 0, None, 0)
    }
    shown = read(accesses["reviewer"], GridFilter())
    assert {row.item_id: row.classes for row in shown} == {
        key: fact["classes"] for key, fact in facts.items()
    }
    for wanted in (
        GridFilter(is_gold=True),
        GridFilter(class_id="car"),
        GridFilter(posterior_max=0.5),
        GridFilter(member_id=accesses["reviewer"].member_id),
    ):
        with pytest.raises(PermissionDeniedError):
            read(annotator, wanted)
    with pytest.raises(PermissionDeniedError):
        read(annotator, GridFilter(), GridSort.POSTERIOR)
    assert read(annotator, GridFilter(member_id=annotator.member_id))


@pytest.mark.anyio
async def test_the_grid_over_http(client_of: ClientOf, project_id: str, facts: Facts) -> None:
    url = f"/projects/{project_id}/items"
    async with client_of("one_reviewer") as reviewer, client_of("one_annotator") as annotator:
        seen: list[str] = []
        cursor: str | None = None
        while True:
            params = {"sort": "-posterior", "limit": "25", **({"cursor": cursor} if cursor else {})}
            page = (await reviewer.get(url, params=params)).json()
            seen += [item["item_id"] for item in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert sorted(seen) == sorted(facts)
        item = (await reviewer.get(url, params={"limit": "1"})).json()["items"][0]
        assert item["media"]["thumbnail"] == f"/api/v1/items/{item['item_id']}/media?variant=thumbnail"
        assert (await annotator.get(url, params={"has_gold": "true"})).status_code == 403
        for wrong in (
            {"sort": "password"},
            {"sort": "__proto__"},
            {"limit": "100000"},
            {"posterior_min": "7"},
        ):
            assert (await reviewer.get(url, params=wrong)).status_code == 422
        for cursor in ("x", "[1]", '[1, "a"]', '["a\\u0000", "b"]', "[[], {}]", "[" * 3000, '[null, "x"]'):
            answer = await reviewer.get(url, params={"cursor": cursor})
            assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
        for text in ("'; DROP TABLE items; --", "!", "\\", "%", "_"):
            found = (await reviewer.get(url, params={"text": text})).json()["items"]
            assert len(found) == (60 if text in "%_" else 0)
