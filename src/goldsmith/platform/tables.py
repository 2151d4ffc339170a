"""Tables of the machine room: jobs with kept step results, and the edges of lineage."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from goldsmith.platform.database import metadata

jobs: Final = sa.Table(
    "jobs",
    metadata,
    sa.Column("job_id", sa.Text, primary_key=True),
    sa.Column("workspace_id", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),  # such as items.import
    sa.Column("subject", sa.Text, nullable=False, server_default=""),  # id it is about, such as the project
    sa.Column("unique_key", sa.Text),  # at most one job that never ran waits with it, at most one runs
    sa.Column("args", sa.Text, nullable=False),  # JSON
    sa.Column("state", sa.Text, nullable=False),  # queued | running | done | failed | cancelled
    sa.Column("is_open", sa.SmallInteger, nullable=False),  # 1 while queued or running
    sa.Column("priority", sa.Integer, nullable=False, server_default="0"),
    sa.Column("available_ms", sa.BigInteger, nullable=False),  # not before; while running: the lease's end
    sa.Column("attempt", sa.Integer, nullable=False, server_default="0"),  # runs begun
    sa.Column("failures", sa.Integer, nullable=False, server_default="0"),  # runs that ended in an error
    sa.Column("losses", sa.Integer, nullable=False, server_default="0"),  # runs whose worker vanished
    sa.Column("max_attempts", sa.Integer, nullable=False),  # failures until it is given up
    sa.Column("token", sa.Integer, nullable=False, server_default="0"),  # fencing
    sa.Column("worker", sa.Text),
    sa.Column("progress_done", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("progress_total", sa.BigInteger),
    sa.Column("progress_ms", sa.BigInteger),  # when progress was last written
    sa.Column("rate_per_s", sa.Float),  # smoothed speed of progress
    sa.Column("message", sa.Text, nullable=False, server_default=""),
    sa.Column("is_cancel_requested", sa.SmallInteger, nullable=False, server_default="0"),
    sa.Column("result", sa.Text),  # JSON
    sa.Column("error", sa.Text),  # JSON: code, detail
    sa.Column("created_by", sa.Text),
    sa.Column("created_ms", sa.BigInteger, nullable=False),
    sa.Column("started_ms", sa.BigInteger),
    sa.Column("finished_ms", sa.BigInteger),
    sa.Index(
        "ix_jobs_claim", sa.text("priority DESC"), "available_ms", "job_id",
        sqlite_where=sa.text("is_open = 1"), postgresql_where=sa.text("is_open = 1"),
    ),
    sa.Index(
        "uq_jobs_waiting", "unique_key", unique=True,
        sqlite_where=sa.text("state = 'queued' AND attempt = 0 AND unique_key IS NOT NULL"),
        postgresql_where=sa.text("state = 'queued' AND attempt = 0 AND unique_key IS NOT NULL"),
    ),
    sa.Index(
        "uq_jobs_running", "unique_key", unique=True,
        sqlite_where=sa.text("state = 'running' AND unique_key IS NOT NULL"),
        postgresql_where=sa.text("state = 'running' AND unique_key IS NOT NULL"),
    ),
    sa.Index("ix_jobs_workspace", "workspace_id", "job_id"),
)  # fmt: skip

job_steps: Final = sa.Table(
    "job_steps",
    metadata,
    sa.Column("job_id", sa.Text, sa.ForeignKey("jobs.job_id"), primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("result", sa.Text, nullable=False),  # JSON
    sa.Column("finished_ms", sa.BigInteger, nullable=False),
)

edges: Final = sa.Table(
    "edges",
    metadata,
    # append-only: dst was made from, or because of, src
    sa.Column("src_kind", sa.Text, primary_key=True),
    sa.Column("src_id", sa.Text, primary_key=True),
    sa.Column("dst_kind", sa.Text, primary_key=True),
    sa.Column("dst_id", sa.Text, primary_key=True),
    sa.Column("why", sa.Text, primary_key=True),
    sa.Column("workspace_id", sa.Text, nullable=False),
    sa.Column("at_ms", sa.BigInteger, nullable=False),
    sa.Index("ix_edges_dst", "dst_kind", "dst_id"),
)
