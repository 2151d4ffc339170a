"""SQL of files, and of what signs the links to them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from goldsmith.compat.scale_v1.store.lists import as_list, in_list
from goldsmith.compat.scale_v1.store.projects import space_of
from goldsmith.compat.scale_v1.tables import scale_files
from goldsmith.compat.scale_v1.types import Space
from goldsmith.items.api import ItemKind, KnownMedia
from goldsmith.platform.database import Row, Sql, Transaction, prepared

_INSERT: Final = prepared(sa.insert(scale_files))
_OWN: Final = "WHERE workspace_id = :workspace_id AND is_test = :is_test "
_FILES: Final = tuple(f"SELECT * FROM scale_files {_OWN} AND file_id {ids}" for ids in in_list("file_ids"))  # noqa: S608
_BY_IDS: Final = Sql(_FILES[0], postgresql=_FILES[1])
_ENSURE_SECRET: Final = Sql(
    "INSERT INTO scale_links (workspace_id, secret) VALUES (:workspace_id, :secret) ON CONFLICT DO NOTHING"
)
_SECRET: Final = Sql("SELECT secret FROM scale_links WHERE workspace_id = :workspace_id")
_MEDIA: Final = tuple(
    "SELECT sha256, kind, media_type, width_px, height_px, orientation FROM media "  # noqa: S608  constants
    f"WHERE workspace_id = :workspace_id AND kind = 'image' AND sha256 {shas}"
    for shas in in_list("shas")
)
_IMAGES: Final = Sql(_MEDIA[0], postgresql=_MEDIA[1])


class FileRow(NamedTuple):
    """A file that was uploaded or imported.

    Attributes:
        fields: What else was said of it, such as ``display_name``.
    """

    file_id: str
    space: Space
    sha256: str
    size_bytes: int
    mime_type: str
    name: str
    project_names: list[str]
    fields: Mapping[str, Any]
    created_ms: int


def insert_file(tx: Transaction, file: FileRow) -> None:
    """Store a file, whose bytes are a blob of the workspace already."""
    values = file._asdict() | space_of(file.space)
    values["project_names"] = json.dumps(file.project_names, ensure_ascii=False)
    values["fields"] = json.dumps(dict(file.fields), ensure_ascii=False)
    del values["space"]
    tx.run(_INSERT, values)


def find_files(tx: Transaction, space: Space, file_ids: Sequence[str]) -> dict[str, FileRow]:
    """Return files by id, by one statement; unknown ones are left out."""
    if not file_ids:
        return {}
    rows = tx.all(_BY_IDS, {**space_of(space), "file_ids": as_list(file_ids)})
    return {row["file_id"]: _file(row) for row in rows}


def find_images(tx: Transaction, workspace_id: str, shas: Sequence[str]) -> dict[str, KnownMedia]:
    """Return what is known of pictures of the workspace, by hash, by one statement."""
    if not shas:
        return {}
    rows = tx.all(_IMAGES, {"workspace_id": workspace_id, "shas": as_list(shas)})
    return {
        row["sha256"]: KnownMedia(
            row["sha256"],
            ItemKind.IMAGE,
            row["media_type"],
            row["width_px"],
            row["height_px"],
            row["orientation"],
        )
        for row in rows
    }


def ensure_link_secret(tx: Transaction, workspace_id: str, *, secret: str) -> None:
    """Keep what signs the links of a workspace, unless it has one."""
    tx.run(_ENSURE_SECRET, {"workspace_id": workspace_id, "secret": secret})


def link_secret(tx: Transaction, workspace_id: str) -> str:
    """Return what signs the links of a workspace; empty while it has none, which signs nothing."""
    return tx.scalar(_SECRET, {"workspace_id": workspace_id}) or ""


def _file(row: Row) -> FileRow:
    return FileRow(
        file_id=row["file_id"],
        space=Space(row["workspace_id"], bool(row["is_test"])),
        sha256=row["sha256"],
        size_bytes=row["size_bytes"],
        mime_type=row["mime_type"],
        name=row["name"],
        project_names=json.loads(row["project_names"]),
        fields=json.loads(row["fields"]),
        created_ms=row["created_ms"],
    )
