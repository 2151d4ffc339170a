"""The items grid: any filter and order, page by page, on both databases."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from goldsmith.accounts.api import Access
from goldsmith.core.annotations import Annotation, AttributeValue, Labelling
from goldsmith.core.errors import InvalidInputError, PermissionDeniedError
from goldsmith.core.geometry import Box, Polygon
from goldsmith.items.api import ItemsService, NewItem
from goldsmith.items.routes.grid import wanted_value
from goldsmith.items.types import GridCursor, GridFilter, GridSort
from goldsmith.labeling.store.facets import note_labels
from goldsmith.labeling.tables import submissions, tasks
from goldsmith.platform.database import Transaction

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
            NewItem(
                f"Frame_{n % 7}_{n}%.png",
                f"{n:064x}",
                4,
                3,
                group_key=f"g{n % 3}",
                metadata={"city": ("Bern", "Oslo")[n % 2], "n": n},
            )
            for n in range(60)
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
                "item_name": entry.name,
                "item_deleted_ms": 5 if rng.random() < 0.1 else None,
            }
            row = {**task, "project_id": project_id, "item_id": item_id, "position": 0.0, "created_ms": 0}
            tx.run(sa.insert(tasks), row)
            labelling, labels = draw_labels(rng)
            note_labels(tx, project_id=project_id, entries=[(str(task["task_id"]), labelling)], is_first=True)
            member = rng.choice([None, accesses["annotator"].member_id, accesses["reviewer"].member_id])
            if member is not None:
                _submit(tx, service.machine.ids.new("sub"), str(task["task_id"]), project_id, member)
            known[item_id] = {
                **task,
                "name": entry.name,
                "group": entry.group_key,
                "labels": labels,
                "metadata": entry.metadata,
                "member": member,
            }

    service.machine.database.write_sync(fill)
    return known


def draw_labels(rng: random.Random) -> tuple[Labelling, dict[str, Any]]:
    """Some labels, and what they hold as the tests ask for it; objects under one half do not count."""
    annotations, held = [], []
    for number in range(rng.randrange(4)):
        attributes: dict[str, AttributeValue] = {
            "colour": rng.choice(["red", "blue"]),
            "speed": rng.choice([-1.5, 0.0, 3.0, 20.0]),
            "is_wet": rng.random() < 0.5,
            "parts": ["hood", "door"][: rng.randrange(3)],
        }
        shape = rng.choice([Box(box_xyxy=(0, 0, 2, 2)), Polygon(rings=[[(0, 0), (2, 0), (2, 2)]])])
        score = rng.choice([None, 0.3, 0.8])
        annotations.append(
            Annotation(
                annotation_id=str(number),
                class_id=rng.choice(["car", "bus"]),
                geometry=shape,
                attributes=attributes,
                is_occluded=rng.random() < 0.3,
                score=score,
            )
        )
        if score != 0.3:
            held.append(annotations[-1])
    answers: dict[str, AttributeValue] = {"rain": rng.random() < 0.5} if rng.random() < 0.7 else {}
    return Labelling(annotations=annotations, answers=answers), {"held": held, "answers": answers}


def counts_of(fact: dict[str, Any], class_id: str) -> int:
    return sum(annotation.class_id == class_id for annotation in fact["labels"]["held"])


def some(check: Callable[[Annotation], bool]) -> Callable[[dict[str, Any]], bool]:
    return lambda fact: any(check(annotation) for annotation in fact["labels"]["held"])


def speed_of(annotation: Annotation) -> float:
    speed = annotation.attributes["speed"]
    assert isinstance(speed, float)
    return speed


def parts_of(annotation: Annotation) -> list[str]:
    parts = annotation.attributes["parts"]
    assert isinstance(parts, list)
    return parts


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


def there(facts: Facts) -> Facts:
    return {item_id: fact for item_id, fact in facts.items() if fact["item_deleted_ms"] is None}


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
    assert sorted(seen) == sorted(there(facts))
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
        "class_id": ("car", lambda fact: counts_of(fact, "car") > 0),
        "text": ("E_3_", lambda fact: "e_3_" in fact["name"].lower()),
        "group_key": ("g1", lambda fact: fact["group"] == "g1"),
        "is_gold": (False, lambda fact: fact["is_gold"] == 0),
        "posterior_min": (0.5, lambda fact: (fact["lowest_posterior"] or 0) >= 0.5),
        "posterior_max": (
            0.5,
            lambda fact: fact["lowest_posterior"] is not None and fact["lowest_posterior"] <= 0.5,
        ),
        "member_id": (member_id, lambda fact: fact["member"] == member_id),
        "geometry_kind": ("polygon", some(lambda a: a.geometry.kind == "polygon")),
        "flag": ("occluded", some(lambda a: a.is_occluded)),
        "objects_min": (2, lambda fact: fact["object_count"] >= 2),
        "objects_max": (1, lambda fact: fact["object_count"] <= 1),
        "metadata": ('"city":"bern"', lambda fact: fact["metadata"]["city"] == "Bern"),
    }
    combinations = [[name] for name in checks] + [
        ["state", "class_id"],
        ["class_id", "geometry_kind", "flag"],
        ["member_id", "class_id", "metadata", "group_key"],
        ["batch_id", "is_gold", "text"],
        list(checks)[:4],
    ]
    for names in combinations:
        wanted = GridFilter(**{name: checks[name][0] for name in names})
        expected = [
            item_id for item_id, fact in there(facts).items() if all(checks[name][1](fact) for name in names)
        ]
        read = service.machine.database.read_sync
        reviewer = accesses["reviewer"]
        assert read(
            partial(service.count_grid, access=reviewer, project_id=project_id, wanted=wanted)
        ) == len(expected)
        for sort in (GridSort.CREATED, GridSort.NAME):
            seen = walk(service, accesses["reviewer"], project_id, wanted, sort, descending=False)
            assert sorted(seen) == sorted(expected), names
    nothing = GridFilter(text="%")
    assert len(
        walk(service, accesses["reviewer"], project_id, nothing, GridSort.CREATED, descending=False)
    ) == len(there(facts))
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
        key: {name: count for name in ("car", "bus") if (count := counts_of(fact, name))}
        for key, fact in there(facts).items()
    }
    for wanted in (
        GridFilter(is_gold=True),
        GridFilter(class_id="car"),
        GridFilter(posterior_max=0.5),
        GridFilter(geometry_kind="box"),
        GridFilter(values=(wanted_value('["car","colour","red"]'),)),
        GridFilter(objects_min=1),
        GridFilter(is_deleted=True),
        GridFilter(member_id=accesses["reviewer"].member_id),
    ):
        with pytest.raises(PermissionDeniedError):
            read(annotator, wanted)
    with pytest.raises(PermissionDeniedError):
        read(annotator, GridFilter(), GridSort.POSTERIOR)
    assert read(annotator, GridFilter(member_id=annotator.member_id))


VALUES: dict[str, Callable[[dict[str, Any]], bool]] = {
    '["car","colour","red"]': some(lambda a: a.class_id == "car" and a.attributes["colour"] == "red"),
    '["bus","is_wet",false]': some(lambda a: a.class_id == "bus" and a.attributes["is_wet"] is False),
    '["car","parts","door"]': some(lambda a: a.class_id == "car" and "door" in parts_of(a)),
    '["car","speed",0]': some(lambda a: a.class_id == "car" and a.attributes["speed"] == 0),
    '["car","speed",[-2,3]]': some(lambda a: a.class_id == "car" and -2 <= speed_of(a) <= 3),
    '[null,"rain",true]': lambda fact: fact["labels"]["answers"].get("rain") is True,
}


@pytest.mark.parametrize("value", VALUES)
def test_values_of_attributes_and_answers(
    service: ItemsService, accesses: dict[str, Access], project_id: str, facts: Facts, value: str
) -> None:
    reviewer = accesses["reviewer"]
    for state in (None, "done"):
        wanted = GridFilter(state=state, values=(wanted_value(value),))
        expected = [
            item_id
            for item_id, fact in there(facts).items()
            if VALUES[value](fact) and state in (None, fact["state"])
        ]
        seen = walk(service, reviewer, project_id, wanted, GridSort.NAME, descending=True)
        assert sorted(seen) == sorted(expected)
    many = GridFilter(class_id="car", objects_min=2)
    expected = [item_id for item_id, fact in there(facts).items() if counts_of(fact, "car") >= 2]
    seen = walk(service, reviewer, project_id, many, GridSort.POSTERIOR, descending=False)
    assert sorted(seen) == sorted(expected)


def test_deleted_items_are_a_list_of_their_own(
    service: ItemsService, accesses: dict[str, Access], project_id: str, facts: Facts
) -> None:
    wanted = GridFilter(is_deleted=True)
    seen = walk(service, accesses["reviewer"], project_id, wanted, GridSort.CREATED, descending=False)
    assert sorted(seen) == sorted(facts.keys() - there(facts).keys())
    assert seen


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "7",
        '["car","colour"]',
        '["car",7,"red"]',
        '[7,"a","b"]',
        '["a","b",null]',
        '["a","b",["x"]]',
        '["a","b",[1,2,3]]',
        "[" * 3000,
        '["a","b","\\u0000"]',
    ],
)
def test_values_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(InvalidInputError):
        wanted_value(text)


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
        assert sorted(seen) == sorted(there(facts))
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
            assert len(found) == (len(there(facts)) if text in "%_" else 0)
