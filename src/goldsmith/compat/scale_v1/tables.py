"""Tables of Scale's protocol: what it knows of a project, a batch or a task that goldsmith does not.

Not a second store of labels: the status of a task and its response are derived from labelling at each read. In test
mode there is nothing behind these rows, so that it touches no real data; a task's canned response is kept with it.
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from goldsmith.platform.database import metadata

scale_projects: Final = sa.Table(
    "scale_projects",
    metadata,
    sa.Column("project_id", sa.Text, primary_key=True),  # goldsmith's; in test mode there is no such project
    sa.Column("workspace_id", sa.Text, sa.ForeignKey("workspaces.workspace_id"), nullable=False),
    sa.Column("is_test", sa.SmallInteger, nullable=False),
    sa.Column(
        "name", sa.Text, nullable=False
    ),  # by which scripts know it; stays when people rename the project
    sa.Column("type", sa.Text, nullable=False),  # of its tasks
    sa.Column(
        "params_history", sa.Text, nullable=False
    ),  # JSON: each version of the parameters, oldest first
    sa.Column(
        "options", sa.Text, nullable=False, server_default="{}"
    ),  # JSON: rapid, studio, datasetId, pipeline
    sa.Column("created_ms", sa.BigInteger, nullable=False),
    sa.UniqueConstraint("workspace_id", "is_test", "name"),
)

scale_batches: Final = sa.Table(
    "scale_batches",
    metadata,
    sa.Column("batch_id", sa.Text, primary_key=True),  # goldsmith's; in test mode there is no such batch
    sa.Column("workspace_id", sa.Text, sa.ForeignKey("workspaces.workspace_id"), nullable=False),
    sa.Column("is_test", sa.SmallInteger, nullable=False),
    sa.Column("project_id", sa.Text, sa.ForeignKey("scale_projects.project_id"), nullable=False, index=True),
    sa.Column("name", sa.Text, nullable=False),  # of one batch only, whatever its project
    sa.Column("callback", sa.Text, nullable=False, server_default=""),
    sa.Column("metadata", sa.Text, nullable=False, server_default="{}"),  # JSON
    sa.Column("is_calibration", sa.SmallInteger, nullable=False, server_default="0"),
    sa.Column("is_self_label", sa.SmallInteger, nullable=False, server_default="0"),
    sa.Column("test_state", sa.Text),  # staging | open | paused | cancelled; in test mode only
    sa.Column("test_priority", sa.Integer, nullable=False, server_default="0"),  # in test mode only
    sa.Column("created_ms", sa.BigInteger, nullable=False),
    sa.Column("finalized_ms", sa.BigInteger),
    sa.Column("completed_ms", sa.BigInteger),  # when its callback was sent
    sa.UniqueConstraint("workspace_id", "is_test", "name"),
)

scale_tasks: Final = sa.Table(
    "scale_tasks",
    metadata,
    sa.Column("scale_id", sa.Text, primary_key=True),  # 24 hexadecimal digits, by time
    sa.Column("workspace_id", sa.Text, sa.ForeignKey("workspaces.workspace_id"), nullable=False),
    sa.Column("is_test", sa.SmallInteger, nullable=False),
    sa.Column("project_id", sa.Text, sa.ForeignKey("scale_projects.project_id"), nullable=False),
    sa.Column("batch_id", sa.Text, sa.ForeignKey("scale_batches.batch_id")),
    sa.Column("task_id", sa.Text, unique=True),  # goldsmith's; null until its item is there, and in test mode
    sa.Column(
        "purpose", sa.Text, nullable=False, server_default="production"
    ),  # production | evaluation | training
    sa.Column("type", sa.Text, nullable=False),
    sa.Column(
        "params", sa.Text, nullable=False
    ),  # JSON as it came, with what the project's parameters filled in
    sa.Column(
        "answers", sa.Text, nullable=False, server_default="{}"
    ),  # JSON: expected_response, initial_response, own_instruction
    sa.Column("unique_id", sa.Text),
    sa.Column("metadata", sa.Text, nullable=False, server_default="{}"),  # JSON
    sa.Column("priority", sa.Integer, nullable=False, server_default="0"),
    sa.Column("callback_url", sa.Text, nullable=False, server_default=""),
    sa.Column("callback_succeeded", sa.SmallInteger),  # null until a callback went out or was given up
    sa.Column("arrival", sa.Text, nullable=False),  # waiting: its files are fetched; there; failed
    sa.Column("error", sa.Text, nullable=False, server_default=""),  # why it failed
    sa.Column("canceled_ms", sa.BigInteger),  # in test mode, or before it was there
    sa.Column("canned", sa.Text),  # JSON: the labels in test mode
    sa.Column("told_review", sa.Text),  # by an audit in test mode, or at the place it was moved from
    sa.Column("kept_response", sa.Text),  # JSON, where making it costs: what is told of the version below
    sa.Column("kept_version", sa.Integer),
    sa.Column("told_version", sa.Integer, nullable=False, server_default="0"),  # of the consensus told last
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("created_ms", sa.BigInteger, nullable=False),
    sa.Column("updated_ms", sa.BigInteger, nullable=False),
    sa.Column("completed_ms", sa.BigInteger),
    sa.UniqueConstraint("unique_id", "workspace_id", "is_test"),
    sa.Index("ix_scale_tasks_workspace", "workspace_id", "is_test", "scale_id"),
    sa.Index("ix_scale_tasks_project", "project_id", "scale_id"),
    sa.Index("ix_scale_tasks_batch", "batch_id", "scale_id"),
)

scale_task_tags: Final = sa.Table(
    "scale_task_tags",
    metadata,
    sa.Column("scale_id", sa.Text, sa.ForeignKey("scale_tasks.scale_id"), primary_key=True),
    sa.Column("tag", sa.Text, primary_key=True),
    sa.Column("number", sa.Integer, nullable=False),  # in the order they were given
    sa.Index("ix_scale_task_tags_tag", "tag", "scale_id"),
)

scale_files: Final = sa.Table(
    "scale_files",
    metadata,
    sa.Column("file_id", sa.Text, primary_key=True),  # a UUID
    sa.Column("workspace_id", sa.Text, sa.ForeignKey("workspaces.workspace_id"), nullable=False),
    sa.Column("is_test", sa.SmallInteger, nullable=False),
    sa.Column("sha256", sa.Text, nullable=False),  # a blob of the workspace
    sa.Column("size_bytes", sa.BigInteger, nullable=False),
    sa.Column("mime_type", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False, server_default=""),
    sa.Column("project_names", sa.Text, nullable=False, server_default="[]"),  # JSON
    sa.Column("fields", sa.Text, nullable=False, server_default="{}"),  # JSON: what else was said of it
    sa.Column("created_ms", sa.BigInteger, nullable=False),
    sa.Index("ix_scale_files_workspace", "workspace_id", "is_test", "file_id"),
)

scale_groups: Final = sa.Table(
    "scale_groups",
    metadata,
    # labelers of a project under a name, in Studio
    sa.Column("group_id", sa.Text, primary_key=True),
    sa.Column("project_id", sa.Text, sa.ForeignKey("scale_projects.project_id"), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("created_ms", sa.BigInteger, nullable=False),
    sa.UniqueConstraint("project_id", "name"),
)

scale_group_people: Final = sa.Table(
    "scale_group_people",
    metadata,
    sa.Column("group_id", sa.Text, sa.ForeignKey("scale_groups.group_id"), primary_key=True),
    sa.Column("email", sa.Text, primary_key=True),
)

scale_batch_groups: Final = sa.Table(
    "scale_batch_groups",
    metadata,
    sa.Column("batch_id", sa.Text, sa.ForeignKey("scale_batches.batch_id"), primary_key=True),
    sa.Column("group_id", sa.Text, sa.ForeignKey("scale_groups.group_id"), primary_key=True),
)

scale_test_people: Final = sa.Table(
    "scale_test_people",
    metadata,
    # the team of test mode: nobody is invited and nobody gets work
    sa.Column("workspace_id", sa.Text, sa.ForeignKey("workspaces.workspace_id"), primary_key=True),
    sa.Column("email", sa.Text, primary_key=True),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("project_ids", sa.Text, nullable=False, server_default="[]"),  # JSON: assigned in Studio
)

scale_links: Final = sa.Table(
    "scale_links",
    metadata,
    # signs the addresses of files in responses, which are fetched without a key
    sa.Column("workspace_id", sa.Text, sa.ForeignKey("workspaces.workspace_id"), primary_key=True),
    sa.Column("secret", sa.Text, nullable=False),
)
