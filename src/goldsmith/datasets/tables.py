"""Tables of datasets: named lines of immutable versions, and what is in each."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from goldsmith.platform.database import metadata

datasets: Final = sa.Table(
    "datasets",
    metadata,
    sa.Column("dataset_id", sa.Text, primary_key=True),
    sa.Column("workspace_id", sa.Text, sa.ForeignKey("workspaces.workspace_id"), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("created_ms", sa.BigInteger, nullable=False),
    sa.UniqueConstraint("workspace_id", "name"),
)

dataset_versions: Final = sa.Table(
    "dataset_versions",
    metadata,
    sa.Column("dataset_version_id", sa.Text, primary_key=True),
    sa.Column("dataset_id", sa.Text, sa.ForeignKey("datasets.dataset_id"), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),  # 1, 2, ...
    sa.Column("content_hash", sa.Text, nullable=False, index=True),  # sha256 of the canonical manifest
    sa.Column("manifest_sha256", sa.Text, nullable=False),  # blobs
    sa.Column("table_sha256", sa.Text, nullable=False),
    sa.Column("policy", sa.Text, nullable=False),  # JSON: which labels entered, how they were split
    sa.Column("card", sa.Text, nullable=False),  # JSON datasheet: counts by split and class, ranges, licences
    sa.Column("parent_id", sa.Text),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("created_ms", sa.BigInteger, nullable=False),
    sa.UniqueConstraint("dataset_id", "number"),
)

dataset_items: Final = sa.Table(
    "dataset_items",
    metadata,
    sa.Column(
        "dataset_version_id", sa.Text, sa.ForeignKey("dataset_versions.dataset_version_id"), primary_key=True
    ),
    sa.Column("item_id", sa.Text, primary_key=True),
    sa.Column("task_id", sa.Text, nullable=False),
    sa.Column("label_kind", sa.Text, nullable=False),  # consensus | gold | imported
    sa.Column("label_version", sa.Integer, nullable=False),  # of the consensus, or of the gold submission
    sa.Column("submission_ids", sa.Text, nullable=False),  # JSON: the human work behind it
    sa.Column("split", sa.Text, nullable=False),
    sa.Index("ix_dataset_items_item", "item_id"),
    sa.Index("ix_dataset_items_task", "task_id"),
)
