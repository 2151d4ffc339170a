"""All SQL of datasets."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa

from goldsmith.datasets.tables import dataset_items, dataset_versions, datasets
from goldsmith.datasets.types import DatasetView, Entry, VersionPolicy, VersionView
from goldsmith.platform.database import Row, Transaction, prepared

_INSERT_DATASET: Final = prepared(sa.insert(datasets))
_INSERT_VERSION: Final = prepared(sa.insert(dataset_versions))
_INSERT_ITEM: Final = prepared(sa.insert(dataset_items))

_VERSION_QUERY: Final = sa.select(
    dataset_versions, datasets.c.name.label("dataset_name"), datasets.c.workspace_id
).join(datasets, datasets.c.dataset_id == dataset_versions.c.dataset_id)
_FIND_VERSION: Final = prepared(
    _VERSION_QUERY.where(dataset_versions.c.dataset_version_id == sa.bindparam("dataset_version_id"))
)
_NEWEST_VERSION: Final = prepared(
    _VERSION_QUERY.where(dataset_versions.c.dataset_id == sa.bindparam("dataset_id"))
    .order_by(dataset_versions.c.number.desc())
    .limit(1)
)
_LIST_VERSIONS: Final = prepared(
    _VERSION_QUERY.where(dataset_versions.c.dataset_id == sa.bindparam("dataset_id")).order_by(
        dataset_versions.c.number.desc()
    )
)
_DATASET_QUERY: Final = (
    sa.select(datasets, sa.func.count(dataset_versions.c.dataset_version_id).label("version_count"))
    .join(dataset_versions, dataset_versions.c.dataset_id == datasets.c.dataset_id, isouter=True)
    .group_by(*datasets.c)
)
_FIND_DATASET: Final = prepared(_DATASET_QUERY.where(datasets.c.dataset_id == sa.bindparam("dataset_id")))
_FIND_BY_NAME: Final = prepared(
    _DATASET_QUERY.where(
        datasets.c.workspace_id == sa.bindparam("workspace_id"), datasets.c.name == sa.bindparam("name")
    )
)
_LIST_DATASETS: Final = prepared(
    _DATASET_QUERY.where(
        datasets.c.workspace_id == sa.bindparam("workspace_id"), datasets.c.dataset_id > sa.bindparam("after")
    )
    .order_by(datasets.c.dataset_id)
    .limit(sa.bindparam("limit"))
)


def insert_dataset(tx: Transaction, *, row: dict[str, Any]) -> None:
    """Store a new line."""
    tx.run(_INSERT_DATASET, row)


def find_dataset(tx: Transaction, dataset_id: str) -> DatasetView | None:
    """Return a line, or None."""
    row = tx.first(_FIND_DATASET, {"dataset_id": dataset_id})
    return None if row is None else _dataset(row)


def find_dataset_by_name(tx: Transaction, *, workspace_id: str, name: str) -> DatasetView | None:
    """Return the line of that name, or None."""
    row = tx.first(_FIND_BY_NAME, {"workspace_id": workspace_id, "name": name})
    return None if row is None else _dataset(row)


def list_datasets(tx: Transaction, *, workspace_id: str, after: str, limit: int) -> list[DatasetView]:
    """Return lines in order of their id."""
    return [
        _dataset(row)
        for row in tx.all(_LIST_DATASETS, {"workspace_id": workspace_id, "after": after, "limit": limit})
    ]


def find_version(tx: Transaction, dataset_version_id: str) -> VersionView | None:
    """Return a version, or None."""
    row = tx.first(_FIND_VERSION, {"dataset_version_id": dataset_version_id})
    return None if row is None else _version(row)


def newest_version(tx: Transaction, dataset_id: str) -> VersionView | None:
    """Return the version with the highest number, or None."""
    row = tx.first(_NEWEST_VERSION, {"dataset_id": dataset_id})
    return None if row is None else _version(row)


def list_versions(tx: Transaction, dataset_id: str) -> list[VersionView]:
    """Return all versions of a line, newest first."""
    return [_version(row) for row in tx.all(_LIST_VERSIONS, {"dataset_id": dataset_id})]


def insert_version(tx: Transaction, *, row: dict[str, Any], entries: Sequence[Entry]) -> None:
    """Store a version and which items, labels and submissions are in it."""
    tx.run(_INSERT_VERSION, row)
    tx.many(
        _INSERT_ITEM,
        [
            {
                "dataset_version_id": row["dataset_version_id"],
                "item_id": entry.item_id,
                "task_id": entry.task_id,
                "label_kind": entry.label_kind,
                "label_version": entry.label_version,
                "submission_ids": json.dumps(entry.submission_ids),
                "split": entry.split,
            }
            for entry in entries
        ],
    )


def versions_with_items(tx: Transaction, item_ids: Sequence[str]) -> list[str]:
    """Return the ids of versions that hold any of up to some hundred items."""
    query = (
        sa.select(dataset_items.c.dataset_version_id)
        .where(dataset_items.c.item_id.in_(item_ids))
        .distinct()
        .order_by(dataset_items.c.dataset_version_id)
    )
    return [row["dataset_version_id"] for row in tx.all(query)]


def versions_with_submissions(
    tx: Transaction, *, task_ids: Sequence[str], submission_ids: set[str]
) -> dict[str, int]:
    """Return, by version, how many of these submissions stand behind its labels."""
    query = sa.select(dataset_items.c.dataset_version_id, dataset_items.c.submission_ids).where(
        dataset_items.c.task_id.in_(task_ids)
    )
    counts: dict[str, int] = {}
    for row in tx.all(query):
        used = len(submission_ids.intersection(json.loads(row["submission_ids"])))
        if used:
            counts[row["dataset_version_id"]] = counts.get(row["dataset_version_id"], 0) + used
    return counts


def item_rows(
    tx: Transaction, dataset_version_id: str, *, split: str | None, after: str, limit: int
) -> list[Row]:
    """Return which items are in a version, with the work behind their labels."""
    query = (
        sa.select(dataset_items)
        .where(dataset_items.c.dataset_version_id == dataset_version_id, dataset_items.c.item_id > after)
        .order_by(dataset_items.c.item_id)
        .limit(limit)
    )
    if split is not None:
        query = query.where(dataset_items.c.split == split)
    return tx.all(query)


def _dataset(row: Row) -> DatasetView:
    return DatasetView(
        dataset_id=row["dataset_id"],
        workspace_id=row["workspace_id"],
        name=row["name"],
        created_ms=row["created_ms"],
        version_count=row["version_count"],
    )


def _version(row: Row) -> VersionView:
    return VersionView(
        dataset_version_id=row["dataset_version_id"],
        dataset_id=row["dataset_id"],
        dataset_name=row["dataset_name"],
        workspace_id=row["workspace_id"],
        number=row["number"],
        content_hash=row["content_hash"],
        manifest_sha256=row["manifest_sha256"],
        table_sha256=row["table_sha256"],
        policy=VersionPolicy.model_validate_json(row["policy"]),
        card=json.loads(row["card"]),
        parent_id=row["parent_id"],
        created_by=row["created_by"],
        created_ms=row["created_ms"],
    )
