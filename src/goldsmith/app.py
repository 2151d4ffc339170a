"""The composition root: the one place that knows every step and wires them together."""

from __future__ import annotations

from typing import Final

from goldsmith.accounts import tables as accounts_tables
from goldsmith.datasets import tables as datasets_tables
from goldsmith.evaluation import tables as evaluation_tables
from goldsmith.items import tables as items_tables
from goldsmith.labeling import tables as labeling_tables
from goldsmith.platform import tables as platform_tables
from goldsmith.platform.database import Database, metadata
from goldsmith.projects import tables as projects_tables
from goldsmith.quality import tables as quality_tables
from goldsmith.training import tables as training_tables

TABLES: Final = (
    platform_tables,
    accounts_tables,
    projects_tables,
    items_tables,
    labeling_tables,
    quality_tables,
    datasets_tables,
    training_tables,
    evaluation_tables,
)
"""Importing them registers their tables with the one catalogue."""


def migrate(database: Database) -> None:
    """Bring the schema of ``database`` to the newest version."""
    from sqlalchemy.schema import CreateIndex, CreateTable

    def create(tx: object) -> None:
        for table in metadata.sorted_tables:
            database_tx = tx
            database_tx.run(CreateTable(table))  # type: ignore[attr-defined]
            for index in sorted(table.indexes, key=lambda entry: str(entry.name)):
                database_tx.run(CreateIndex(index))  # type: ignore[attr-defined]

    database.write_sync(create)
