"""Tables of items: content-addressed blobs, and the items that point at them."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from goldsmith.platform.database import metadata

blobs: Final = sa.Table(
    "blobs",
    metadata,
    # a blob is reachable only through something of the workspace that put it, so the workspace is part of the key;
    # the bytes themselves are stored once
    sa.Column("workspace_id", sa.Text, sa.ForeignKey("workspaces.workspace_id"), primary_key=True),
    sa.Column("sha256", sa.Text, primary_key=True),
    sa.Column("size_bytes", sa.BigInteger, nullable=False),
    sa.Column("media_type", sa.Text, nullable=False),
    sa.Column("created_ms", sa.BigInteger, nullable=False),
)

media: Final = sa.Table(
    "media",
    metadata,
    # what probing found in one original, made once however many items use it
    sa.Column("workspace_id", sa.Text, primary_key=True),
    sa.Column("sha256", sa.Text, primary_key=True),  # of the original bytes
    sa.Column("kind", sa.Text, nullable=False),  # image | text | ...
    sa.Column("media_type", sa.Text, nullable=False),
    sa.Column("width_px", sa.Integer, nullable=False),  # upright
    sa.Column("height_px", sa.Integer, nullable=False),
    sa.Column(
        "orientation", sa.SmallInteger, nullable=False, server_default="1"
    ),  # EXIF 1..8 of the original
    sa.Column("preview_sha256", sa.Text),  # null when the original itself is shown
    sa.Column("thumbnail_sha256", sa.Text),
    sa.Column("perceptual_hash", sa.BigInteger),  # 64-bit difference hash, as signed integer
    sa.Column("body", sa.Text),  # the content itself, of short texts; no blob then
    sa.Column("created_ms", sa.BigInteger, nullable=False),
)

tile_packs: Final = sa.Table(
    "tile_packs",
    metadata,
    # the tiles of one huge original, cut by a job at the first ask however many items use it
    sa.Column("workspace_id", sa.Text, sa.ForeignKey("workspaces.workspace_id"), primary_key=True),
    sa.Column("sha256", sa.Text, primary_key=True),  # of the original bytes
    sa.Column("pack_sha256", sa.Text),  # a blob; null until it is there
    sa.Column("job_id", sa.Text, nullable=False),  # the last that was asked to cut it
    sa.Column("created_ms", sa.BigInteger, nullable=False),
)

items: Final = sa.Table(
    "items",
    metadata,
    sa.Column("item_id", sa.Text, primary_key=True),
    sa.Column("workspace_id", sa.Text, sa.ForeignKey("workspaces.workspace_id"), nullable=False),
    sa.Column("kind", sa.Text, nullable=False),  # image | text | ...
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("sha256", sa.Text, nullable=False),  # of the original bytes, a row of media
    sa.Column("width_px", sa.Integer, nullable=False),
    sa.Column("height_px", sa.Integer, nullable=False),
    sa.Column(
        "group_key", sa.Text, nullable=False, server_default=""
    ),  # kept together by splits: sequence, patient, ...
    sa.Column("metadata", sa.Text, nullable=False, server_default="{}"),  # JSON, of the user
    sa.Column(
        "source", sa.Text, nullable=False, server_default=""
    ),  # where it came from: path, URL, import job
    sa.Column("created_ms", sa.BigInteger, nullable=False),
    sa.Column("deleted_ms", sa.BigInteger),
    sa.Index("ix_items_sha", "workspace_id", "sha256"),
)

slices: Final = sa.Table(
    "slices",
    metadata,
    # filters and an order of the items grid under a name, for everybody of the project
    sa.Column("slice_id", sa.Text, primary_key=True),
    sa.Column("project_id", sa.Text, sa.ForeignKey("projects.project_id"), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("query", sa.Text, nullable=False),  # as in the address of the grid
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("created_ms", sa.BigInteger, nullable=False),
    sa.UniqueConstraint("project_id", "name"),
)

changes: Final = sa.Table(
    "changes",
    metadata,
    # what was done to many items at once, for the record and to take it back
    sa.Column("change_id", sa.Text, primary_key=True),
    sa.Column("project_id", sa.Text, sa.ForeignKey("projects.project_id"), nullable=False),
    sa.Column("change", sa.Text, nullable=False),  # JSON: what was asked for
    sa.Column("total", sa.Integer, nullable=False),
    sa.Column(
        "settled", sa.Integer, nullable=False, server_default="0"
    ),  # of the run under way, or of the last
    sa.Column("changed", sa.Integer, nullable=False, server_default="0"),
    sa.Column("job_id", sa.Text),  # null when it was done at once
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("created_ms", sa.BigInteger, nullable=False),
    sa.Column("finished_ms", sa.BigInteger),
    sa.Column("undone_by", sa.Text),  # who asked for it to be taken back
    sa.Column("undone_ms", sa.BigInteger),  # when all of it was
    sa.Index("ix_changes_project", "project_id", "change_id"),
)

change_tasks: Final = sa.Table(
    "change_tasks",
    metadata,
    # the tasks that a change is about, as they were chosen
    sa.Column("change_id", sa.Text, sa.ForeignKey("changes.change_id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("task_id", sa.Text, nullable=False),
    sa.Column("before", sa.Text),  # JSON: what stood before; null while it was not changed
)

examples: Final = sa.Table(
    "examples",
    metadata,
    # real labels with the reason why they are good or bad; versions of the instructions name them. Never changed
    sa.Column("example_id", sa.Text, primary_key=True),
    sa.Column("project_id", sa.Text, sa.ForeignKey("projects.project_id"), nullable=False, index=True),
    sa.Column("item_id", sa.Text, sa.ForeignKey("items.item_id"), nullable=False),
    sa.Column("verdict", sa.Text, nullable=False),  # good | bad
    sa.Column("why", sa.Text, nullable=False),
    sa.Column(
        "crop", sa.Text, nullable=False
    ),  # JSON: the part of the upright image, x0 y0 x1 y1 in whole pixels
    sa.Column("labelling", sa.Text, nullable=False),  # JSON of a core Labelling: a copy of what was chosen
    sa.Column("ontology_version", sa.Integer, nullable=False),  # whose classes it speaks of
    sa.Column(
        "picture_sha256", sa.Text, nullable=False
    ),  # blob of that part, as it was when the example was made
    sa.Column("media_type", sa.Text, nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("created_ms", sa.BigInteger, nullable=False),
)

imports: Final = sa.Table(
    "imports",
    metadata,
    # where an import job stands: written in the transactions of its chunks, so that a killed job goes on from here
    sa.Column("job_id", sa.Text, primary_key=True),
    sa.Column("workspace_id", sa.Text, sa.ForeignKey("workspaces.workspace_id"), nullable=False),
    sa.Column("project_id", sa.Text, sa.ForeignKey("projects.project_id"), nullable=False, index=True),
    sa.Column("batch_id", sa.Text),
    sa.Column("options", sa.Text, nullable=False),  # JSON: how it is to be understood
    sa.Column("source_kind", sa.Text, nullable=False),  # folder | urls | upload
    sa.Column("source", sa.Text, nullable=False),  # JSON: where from; may be long
    sa.Column("next_record", sa.Integer, nullable=False, server_default="0"),  # records before it are settled
    sa.Column("imported", sa.Integer, nullable=False, server_default="0"),
    sa.Column("labelled", sa.Integer, nullable=False, server_default="0"),
    sa.Column("duplicates", sa.Integer, nullable=False, server_default="0"),
    sa.Column("refused", sa.Integer, nullable=False, server_default="0"),
    sa.Column("warnings", sa.Integer, nullable=False, server_default="0"),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("created_ms", sa.BigInteger, nullable=False),
    sa.Column("finished_ms", sa.BigInteger),
)

import_problems: Final = sa.Table(
    "import_problems",
    metadata,
    sa.Column("job_id", sa.Text, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("where", sa.Text, nullable=False),  # file or line
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("severity", sa.Text, nullable=False),  # refused | duplicate | warning
)
