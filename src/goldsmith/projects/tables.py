"""Tables of projects: a labelling goal, its versioned documents, its people and its batches."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from goldsmith.platform.database import metadata

projects: Final = sa.Table(
    "projects",
    metadata,
    sa.Column("project_id", sa.Text, primary_key=True),
    sa.Column("workspace_id", sa.Text, sa.ForeignKey("workspaces.workspace_id"), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),  # active | paused | archived
    sa.Column("ontology_version", sa.Integer, nullable=False),
    sa.Column("instructions_version", sa.Integer, nullable=False),
    sa.Column("workflow_version", sa.Integer, nullable=False),
    sa.Column("quality_version", sa.Integer, nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("created_ms", sa.BigInteger, nullable=False),
    sa.Column("archived_ms", sa.BigInteger),
    sa.UniqueConstraint("workspace_id", "name"),
)

project_versions: Final = sa.Table(
    "project_versions",
    metadata,
    sa.Column("project_id", sa.Text, sa.ForeignKey("projects.project_id"), primary_key=True),
    sa.Column("aspect", sa.Text, primary_key=True),  # ontology | instructions | workflow | quality
    sa.Column("version", sa.Integer, primary_key=True),  # 1, 2, ...
    sa.Column("body", sa.Text, nullable=False),  # JSON, or Markdown for instructions
    sa.Column(
        "migration", sa.Text, nullable=False, server_default="{}"
    ),  # JSON: how labels of the version before read
    sa.Column("examples", sa.Text, nullable=False, server_default="[]"),  # JSON: ids, of instructions
    sa.Column("note", sa.Text, nullable=False, server_default=""),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("created_ms", sa.BigInteger, nullable=False),
)

project_members: Final = sa.Table(
    "project_members",
    metadata,
    sa.Column("project_id", sa.Text, sa.ForeignKey("projects.project_id"), primary_key=True),
    sa.Column("member_id", sa.Text, sa.ForeignKey("members.member_id"), primary_key=True),
    sa.Column("added_by", sa.Text, nullable=False),
    sa.Column("added_ms", sa.BigInteger, nullable=False),
    sa.Index("ix_project_members_member", "member_id", "project_id"),
)

batches: Final = sa.Table(
    "batches",
    metadata,
    sa.Column("batch_id", sa.Text, primary_key=True),
    sa.Column("project_id", sa.Text, sa.ForeignKey("projects.project_id"), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("priority", sa.Integer, nullable=False, server_default="0"),  # higher first
    sa.Column("state", sa.Text, nullable=False),  # staging | open | paused | cancelled
    # 1: only its batch_members are given its tasks to label; 0: all members of the project
    sa.Column("is_for_some", sa.SmallInteger, nullable=False, server_default="0"),
    sa.Column(
        "origin", sa.Text, nullable=False, server_default="{}"
    ),  # JSON: why it was made, such as an evaluation
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("created_ms", sa.BigInteger, nullable=False),
    sa.UniqueConstraint("project_id", "name"),
    # whether a project has any, at every claim
    sa.Index(
        "ix_batches_for_some", "project_id",
        sqlite_where=sa.text("is_for_some = 1"), postgresql_where=sa.text("is_for_some = 1"),
    ),
)  # fmt: skip

batch_members: Final = sa.Table(
    "batch_members",
    metadata,
    # who alone is given the tasks of a batch to label, where it is for some
    sa.Column("batch_id", sa.Text, sa.ForeignKey("batches.batch_id"), primary_key=True),
    sa.Column("member_id", sa.Text, sa.ForeignKey("members.member_id"), primary_key=True),
)
