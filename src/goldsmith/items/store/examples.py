"""SQL of examples."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import sqlalchemy as sa

from goldsmith.core.annotations import Labelling
from goldsmith.items.tables import examples
from goldsmith.items.types.examples import ExamplePicture, ExampleVerdict, ExampleView
from goldsmith.platform.database import Row, Sql, Transaction, prepared

_INSERT: Final = prepared(sa.insert(examples))
_COLUMNS: Final = (
    "e.example_id, e.project_id, e.item_id, i.name, i.width_px, i.height_px, e.verdict, e.why, e.crop, e.labelling, "
    "e.ontology_version, e.created_by, e.created_ms FROM examples e JOIN items i ON i.item_id = e.item_id "
    "AND i.deleted_ms IS NULL"
)
_NAMED: Final = f"SELECT {_COLUMNS} WHERE e.project_id = :project_id AND e.example_id "
_LIST: Final = Sql(
    _NAMED + "IN (SELECT value FROM json_each(:ids))",  # noqa: S608  constants
    postgresql=_NAMED + "= ANY (ARRAY(SELECT json_array_elements_text(CAST(:ids AS json))))",
)
_ALL: Final = Sql(
    f"SELECT {_COLUMNS} WHERE e.project_id = :project_id ORDER BY e.example_id DESC LIMIT :limit"
)
_KNOWN: Final = "SELECT e.example_id FROM examples e WHERE e.project_id = :project_id AND e.example_id "
_KNOWN_OF: Final = Sql(
    _KNOWN + "IN (SELECT value FROM json_each(:ids))",  # noqa: S608  constants
    postgresql=_KNOWN + "= ANY (ARRAY(SELECT json_array_elements_text(CAST(:ids AS json))))",
)
_PICTURE: Final = Sql(
    "SELECT e.picture_sha256, e.media_type, i.deleted_ms FROM examples e JOIN items i ON i.item_id = e.item_id "
    "WHERE e.example_id = :example_id AND e.project_id = :project_id"
)
_IN_PROJECT: Final = Sql("SELECT 1 AS found FROM tasks WHERE item_id = :item_id AND project_id = :project_id")


def insert_example(tx: Transaction, row: Mapping[str, Any]) -> None:
    """Store an example; all columns are given."""
    tx.run(_INSERT, row)


def list_examples(tx: Transaction, *, project_id: str, ids: Sequence[str]) -> list[ExampleView]:
    """Return examples in the order of their ids as given; those of deleted items are left out."""
    found = {
        row["example_id"]: row
        for row in tx.all(_LIST, {"project_id": project_id, "ids": json.dumps(list(ids))})
    }
    return [_view(found[example_id]) for example_id in ids if example_id in found]


def all_examples(tx: Transaction, *, project_id: str, limit: int) -> list[ExampleView]:
    """Return all examples of a project, newest first; those of deleted items are left out."""
    return [_view(row) for row in tx.all(_ALL, {"project_id": project_id, "limit": limit})]


def known_examples(tx: Transaction, *, project_id: str, ids: Collection[str]) -> set[str]:
    """Return those of the ids that are examples of the project."""
    rows = tx.all(_KNOWN_OF, {"project_id": project_id, "ids": json.dumps(sorted(ids))})
    return {row["example_id"] for row in rows}


def find_picture(tx: Transaction, *, project_id: str, example_id: str) -> ExamplePicture | None:
    """Return what an example shows of its image, or None when there is no such example."""
    row = tx.first(_PICTURE, {"example_id": example_id, "project_id": project_id})
    if row is None:
        return None
    return ExamplePicture(row["picture_sha256"], row["media_type"], row["deleted_ms"] is not None)


def is_in_project(tx: Transaction, *, item_id: str, project_id: str) -> bool:
    """Say whether an item has a task in the project."""
    return tx.first(_IN_PROJECT, {"item_id": item_id, "project_id": project_id}) is not None


def _view(row: Row) -> ExampleView:
    return ExampleView(
        example_id=row["example_id"],
        project_id=row["project_id"],
        item_id=row["item_id"],
        item_name=row["name"],
        width=row["width_px"],
        height=row["height_px"],
        verdict=ExampleVerdict(row["verdict"]),
        why=row["why"],
        crop=json.loads(row["crop"]),
        labelling=Labelling.model_validate_json(row["labelling"]),
        ontology_version=row["ontology_version"],
        picture=f"/api/v1/projects/{row['project_id']}/examples/{row['example_id']}/picture",
        created_by=row["created_by"],
        created_ms=row["created_ms"],
    )
