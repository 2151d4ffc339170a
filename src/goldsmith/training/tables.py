"""Tables of training: runs, and the registry of models."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from goldsmith.platform.database import metadata

models: Final = sa.Table(
    "models",
    metadata,
    sa.Column("model_id", sa.Text, primary_key=True),
    sa.Column("workspace_id", sa.Text, sa.ForeignKey("workspaces.workspace_id"), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("created_ms", sa.BigInteger, nullable=False),
    sa.UniqueConstraint("workspace_id", "name"),
)

runs: Final = sa.Table(
    "runs",
    metadata,
    sa.Column("run_id", sa.Text, primary_key=True),
    sa.Column("workspace_id", sa.Text, sa.ForeignKey("workspaces.workspace_id"), nullable=False, index=True),
    sa.Column("model_id", sa.Text, sa.ForeignKey("models.model_id"), nullable=False),
    sa.Column("recipe", sa.Text, nullable=False),  # JSON
    sa.Column("recipe_hash", sa.Text, nullable=False),
    sa.Column("dataset_version_id", sa.Text, nullable=False, index=True),
    sa.Column("seed", sa.BigInteger, nullable=False),
    sa.Column("job_id", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),  # queued | running | done | failed | cancelled
    sa.Column("environment", sa.Text, nullable=False, server_default="{}"),  # JSON: packages, hardware
    sa.Column("curves", sa.Text, nullable=False, server_default="[]"),  # JSON: one entry an epoch
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("created_ms", sa.BigInteger, nullable=False),
    sa.Column("finished_ms", sa.BigInteger),
)

model_versions: Final = sa.Table(
    "model_versions",
    metadata,
    sa.Column("model_version_id", sa.Text, primary_key=True),
    sa.Column("model_id", sa.Text, sa.ForeignKey("models.model_id"), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("source", sa.Text, nullable=False),  # trained | imported
    sa.Column("run_id", sa.Text, index=True),
    sa.Column("format", sa.Text, nullable=False),  # onnx | segmenter | predictions
    sa.Column("weights_sha256", sa.Text),  # blob; of a segmenter the part that looks at the picture
    sa.Column("classes", sa.Text, nullable=False),  # JSON list of class ids in the model's order
    sa.Column("card", sa.Text, nullable=False, server_default="{}"),  # JSON
    sa.Column("created_ms", sa.BigInteger, nullable=False),
    sa.UniqueConstraint("model_id", "number"),
)

assistants: Final = sa.Table(
    "assistants",
    metadata,
    # the lines of models that a project's lead chose to help while people draw; the newest version of each is used
    sa.Column("project_id", sa.Text, sa.ForeignKey("projects.project_id"), primary_key=True),
    sa.Column("detector_model_id", sa.Text, sa.ForeignKey("models.model_id")),
    sa.Column("segmenter_model_id", sa.Text, sa.ForeignKey("models.model_id")),
    sa.Column("changed_by", sa.Text, nullable=False),
    sa.Column("changed_ms", sa.BigInteger, nullable=False),
)
