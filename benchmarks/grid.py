"""Pages of the items grid of a project of a hundred thousand labelled items, filter by filter and order by order.

    python -m benchmarks.grid [--items 100000] [--database sqlite,postgresql] [--json FILE]

Prints milliseconds of CPU, of this process and of the database's server: of the first page of 200, of the next, and of
the count of all that fits.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

import sqlalchemy as sa

from benchmarks.installation import Contents, database, family_cpu_s, fill, settings_of
from goldsmith.app import open_app
from goldsmith.core.annotations import Annotation, Labelling
from goldsmith.core.geometry import Box, Polygon
from goldsmith.items.store.grid import count_grid, list_grid
from goldsmith.items.types import GridCursor, GridFilter, GridSort, WantedValue
from goldsmith.labeling.store.facets import note_labels
from goldsmith.labeling.tables import submissions, tasks
from goldsmith.platform.database import BulkInsert, Database, Sql, Transaction
from goldsmith.projects.api import Workflow

PAGE: Final = 200
CLAIM: Final = "a page of 200 of 100k labelled items in under 150 ms, whatever the filter and the order"
_CLASSES: Final = tuple(f"class{number}" for number in range(20))
_PEOPLE: Final = 12
_CHUNK: Final = 2000
_RUNS: Final = 3
_RUNS_OF_SERVER: Final = 8
_SORTS: Final = (GridSort.CREATED, GridSort.NAME, GridSort.POSTERIOR)
T = TypeVar("T")
_RED: Final = WantedValue("class0", "colour", "red", "red")
_RAIN: Final = WantedValue(None, "rain", "true", "true")
_FILTERS: Final = {
    "everything": GridFilter(),
    "class of one in four": GridFilter(class_id="class0"),
    "class of twenty items": GridFilter(class_id="rare"),
    "five objects or more of a class": GridFilter(class_id="class0", objects_min=5),
    "kind that all have": GridFilter(geometry_kind="box"),
    "class, kind and answer": GridFilter(class_id="class0", geometry_kind="polygon", values=(_RAIN,)),
    "value of an attribute": GridFilter(values=(_RED,)),
    "answer of one in two": GridFilter(values=(_RAIN,)),
    "who submitted": GridFilter(member_id="mem_3"),
    "state": GridFilter(state="review"),
    "state and who": GridFilter(state="review", member_id="mem_3"),
    "posterior under 60 %": GridFilter(posterior_max=0.6),
    "name, one item": GridFilter(text="054321"),
    "name, nothing": GridFilter(text="zzz"),
    "metadata, one in three": GridFilter(metadata="oslo"),
    "metadata, nothing": GridFilter(metadata="zzz"),
    "gold": GridFilter(is_gold=True),
}
_INSERT: Final = BulkInsert(
    submissions,
    (
        "submission_id",
        "task_id",
        "project_id",
        "member_id",
        "kind",
        "version",
        "labelling",
        "annotation_count",
        "ontology_version",
        "instructions_version",
        "created_ms",
    ),
)


def label(store: Database, contents: Contents, *, seed: int) -> None:
    """Give the tasks of a project labels, submissions, states and metadata, as years of work leave them."""
    rng = random.Random(seed)
    rows = store.read_sync(
        lambda tx: tx.all(sa.select(tasks.c.task_id, tasks.c.item_id).order_by(tasks.c.task_id))
    )
    for start in range(0, len(rows), _CHUNK):
        chunk = [(row["task_id"], row["item_id"]) for row in rows[start : start + _CHUNK]]
        store.write_sync(partial(_label, contents=contents, chunk=chunk, start=start, rng=rng))
    if store.dialect == "postgresql":
        store.write_sync(lambda tx: tx.run(Sql("ANALYZE items, tasks, submissions, task_facets")))


def _label(
    tx: Transaction, *, contents: Contents, chunk: list[tuple[str, str]], start: int, rng: random.Random
) -> None:
    drawn = [(task_id, _labelling(rng, start + number)) for number, (task_id, _) in enumerate(chunk)]
    note_labels(tx, project_id=contents.project_id, entries=drawn, is_first=True)
    text = '{"annotations":[' + "0," * 700 + "0]}"
    _INSERT.run(
        tx,
        [
            (
                f"sub_{start + number:012d}{member:012d}",
                task_id,
                contents.project_id,
                f"mem_{member}",
                "human",
                1,
                text,
                3,
                1,
                1,
                0,
            )
            for number, (task_id, _) in enumerate(chunk)
            for member in rng.sample(range(_PEOPLE), 2)
        ],
    )
    facts = sa.update(tasks).where(tasks.c.task_id == sa.bindparam("id"))
    columns = ("state", "is_gold", "object_count", "lowest_posterior")
    values = facts.values(**{name: sa.bindparam(f"new_{name}") for name in columns})
    tx.many(
        values,
        [
            {
                "id": task_id,
                "new_state": rng.choice(["open", "done", "done", "done", "review"]),
                "new_is_gold": int(rng.random() < 0.02),
                "new_object_count": len(labelling.annotations),
                "new_lowest_posterior": rng.choice([None, *(rng.uniform(0.5, 1.0) for _ in range(5))]),
            }
            for task_id, labelling in drawn
        ],
    )
    tx.many(
        Sql("UPDATE items SET metadata = :metadata WHERE item_id = :item_id"),
        [
            {
                "item_id": item_id,
                "metadata": json.dumps(
                    {
                        "city": rng.choice(["Bern", "Oslo", "Rome"]),
                        "camera": rng.randrange(40),
                        "note": "x" * 60,
                    }
                ),
            }
            for _, item_id in chunk
        ],
    )


def _labelling(rng: random.Random, number: int) -> Labelling:
    classes = [rng.choice(_CLASSES) for _ in range(rng.randrange(1, 12))]
    classes += ["rare"] if number % 5000 == 0 else []
    annotations = [
        Annotation(
            annotation_id=str(index),
            class_id=class_id,
            geometry=Polygon(rings=[[(0, 0), (9, 0), (9, 9)]]) if index == 1 else Box(box_xyxy=(0, 0, 9, 9)),
            attributes={"colour": rng.choice(["red", "blue", "white"])},
        )
        for index, class_id in enumerate(classes)
    ]
    return Labelling(annotations=annotations, answers={"rain": rng.random() < 0.5})


class Meter:
    """Runs operations on a database and tells the CPU time that they took.

    Args:
        store: The database.
        server_pid: Of the database's server, when it has one.
    """

    def __init__(self, store: Database, server_pid: int | None) -> None:
        self._store = store
        self._server_pid = server_pid

    def cost_ms(self, operation: Callable[[Transaction], T]) -> tuple[float, T]:
        """Run something some times; the CPU time of one run in milliseconds, and what it returned."""
        found = self._store.read_sync(operation)
        # the server's clock ticks a hundred times a second
        runs = _RUNS if self._server_pid is None else _RUNS_OF_SERVER
        begun = self._cpu_s()
        for _ in range(runs):
            found = self._store.read_sync(operation)
        return round((self._cpu_s() - begun) * 1000 / runs, 1), found

    def _cpu_s(self) -> float:
        return time.process_time() + (0.0 if self._server_pid is None else family_cpu_s(self._server_pid))


def measure(kind: str, *, items: int) -> list[dict[str, Any]]:
    """Return a row for each filter and order."""
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="gsbench") as name, database(kind, Path(name)) as (url, pid):
        folder = Path(name)
        contents = fill(folder, url, people=_PEOPLE, tasks=items, workflow=Workflow())
        app = open_app(settings_of(folder, url))
        store = app.machine.database
        label(store, contents, seed=5)
        meter = Meter(store, pid)
        for title, wanted in _FILTERS.items():
            count_ms, count = meter.cost_ms(
                partial(count_grid, project_id=contents.project_id, wanted=wanted)
            )
            for sort in _SORTS:
                row = {
                    "database": kind,
                    "filter": title,
                    "order": sort.value,
                    "fits": count,
                    "count_ms": count_ms,
                }
                rows.append(row | _pages(meter, contents, wanted, sort, count))
        app.close()
    return rows


def _pages(
    meter: Meter, contents: Contents, wanted: GridFilter, sort: GridSort, count: int
) -> dict[str, float]:
    def page(after: GridCursor | None, limit: int) -> tuple[float, Any]:
        return meter.cost_ms(
            lambda tx: list_grid(
                tx,
                project_id=contents.project_id,
                wanted=wanted,
                sort=sort,
                is_descending=False,
                after=after,
                limit=limit,
            ),
        )

    took, found = page(None, PAGE + 1)
    middle = took
    if count > 2 * PAGE:
        last = found[-1]
        middle, _ = page(GridCursor(last.sort_key, last.task_id), PAGE + 1)
    return {"first_ms": took, "next_ms": middle}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--database", default="sqlite,postgresql")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    rows = [row for kind in given.database.split(",") for row in measure(kind, items=given.items)]
    for row in rows:
        print(
            f"{row['database']:10} {row['filter']:32} by {row['order']:9} {row['fits']:6} fit: "
            f"page {row['first_ms']:6.1f} ms, next {row['next_ms']:6.1f} ms, count {row['count_ms']:6.1f} ms"
        )
    worst = max(max(row["first_ms"], row["next_ms"]) for row in rows)
    print(f"worst page {worst} ms; claim: {CLAIM}")
    if given.json:
        given.json.write_text(json.dumps({"claim": CLAIM, "worst_ms": worst, "rows": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
