"""Tables of evaluation: a model version measured on a dataset version."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from goldsmith.platform.database import metadata

evaluations: Final = sa.Table(
    "evaluations",
    metadata,
    sa.Column("evaluation_id", sa.Text, primary_key=True),
    sa.Column("workspace_id", sa.Text, sa.ForeignKey("workspaces.workspace_id"), nullable=False, index=True),
    sa.Column("model_version_id", sa.Text, nullable=False, index=True),
    sa.Column("dataset_version_id", sa.Text, nullable=False, index=True),
    sa.Column("split", sa.Text, nullable=False),
    sa.Column("job_id", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),  # queued | running | done | failed | cancelled
    sa.Column(
        "metrics", sa.Text, nullable=False, server_default="{}"
    ),  # JSON: numbers with intervals, classes, slices, curves
    sa.Column(
        "label_doubts", sa.Text, nullable=False, server_default="{}"
    ),  # JSON: how many suspicions of each kind, pictures looked at and left out
    sa.Column("predictions_sha256", sa.Text),  # blob: COCO results of every sample
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("created_ms", sa.BigInteger, nullable=False),
    sa.Column("finished_ms", sa.BigInteger),
)

evaluation_samples: Final = sa.Table(
    "evaluation_samples",
    metadata,
    sa.Column("evaluation_id", sa.Text, sa.ForeignKey("evaluations.evaluation_id"), primary_key=True),
    sa.Column("item_id", sa.Text, primary_key=True),
    sa.Column("badness", sa.Float, nullable=False),  # ranks what to look at; higher is worse
    sa.Column("body", sa.Text, nullable=False),  # JSON: predictions with their match or error kind, misses
    sa.Index("ix_evaluation_samples_badness", "evaluation_id", "badness", "item_id"),
)

evaluation_suspicions: Final = sa.Table(
    "evaluation_suspicions",
    metadata,
    sa.Column("evaluation_id", sa.Text, sa.ForeignKey("evaluations.evaluation_id"), primary_key=True),
    sa.Column("suspicion", sa.Integer, primary_key=True),  # 1, 2, ...: the strongest first
    sa.Column("kind", sa.Text, nullable=False),  # missed | shape | class | twice | extra
    sa.Column("task_id", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),  # JSON: what is suspected of which label, and why
    sa.Column("asked_ms", sa.BigInteger),  # since when its task is asked again
    sa.Index("ix_evaluation_suspicions_kind", "evaluation_id", "kind", "suspicion"),
    sa.Index("ix_evaluation_suspicions_task", "evaluation_id", "task_id"),
)
