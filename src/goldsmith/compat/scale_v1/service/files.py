"""Files: uploaded or imported, then named by ``scaledata`` addresses in tasks."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from goldsmith.accounts.api import KeyAccess
from goldsmith.compat.scale_v1.service.attachments import SCALEDATA
from goldsmith.compat.scale_v1.service.foundation import Foundation, space_of
from goldsmith.compat.scale_v1.service.links import LinkedFile, is_signed
from goldsmith.compat.scale_v1.store import files as store
from goldsmith.compat.scale_v1.store.files import FileRow
from goldsmith.compat.scale_v1.task_types.types import ParameterFault
from goldsmith.compat.scale_v1.words import iso, read_name, unique
from goldsmith.core.errors import CorruptMediaError, DependencyError, InvalidInputError, NotFoundError
from goldsmith.items.api import PartKind, StoredFile
from goldsmith.platform.database import Transaction

MAX_FILE_BYTES: Final = 256 * 1024**2
_SHOWN: Final = ("display_name", "reference_id")
_NOT_SAID: Final = ("file", "file_url", "project_name", "project_names")
_PLAIN: Final = "application/octet-stream"


class Files(Foundation):
    """The part of the service that keeps files; its methods are for threads outside the event loop."""

    def upload_file(
        self, key: KeyAccess, data: bytes, *, name: str, fields: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Keep a file and return it.

        Raises:
            NotFoundError: There is no project of a name that was given.
        """
        projects = _project_names(fields)
        self.machine.database.read_sync(lambda tx: self._check_projects(tx, key, projects))
        file = self._keep(key.access.workspace_id, data)
        row = FileRow(
            file_id=str(uuid.UUID(int=self._rng.getrandbits(128), version=4)),
            space=space_of(key),
            sha256=file.sha256,
            size_bytes=len(data),
            mime_type=file.media_type,
            name=name,
            project_names=projects,
            fields={field: str(value) for field, value in fields.items() if field not in _NOT_SAID},
            created_ms=self._now_ms(),
        )
        self.machine.database.write_sync(lambda tx: store.insert_file(tx, row))
        return _file_body(row)

    def import_file(self, key: KeyAccess, body: Mapping[str, Any]) -> dict[str, Any]:
        """Fetch a file from a public address and keep it.

        Raises:
            ParameterFault: It could not be fetched, or may not be.
        """
        if body.get("file_url") is None:
            raise ParameterFault('"file_url" is required')
        if not isinstance(body["file_url"], str):
            raise ParameterFault('"file_url" must be a string')
        url: str = body["file_url"]
        try:
            fetched = self.machine.fetcher.get(url, max_bytes=MAX_FILE_BYTES)
        except DependencyError as error:
            raise ParameterFault(f'"file_url" {error.detail}') from error
        name = unquote(PurePosixPath(urlsplit(url).path).name)
        return self.upload_file(key, fetched.content, name=name, fields=body)

    def check_link(self, file: LinkedFile, *, signature: str, expires_ms: int) -> None:
        """Refuse an address that is not signed, or has expired, with a NotFoundError."""
        secret = self.machine.database.read_sync(lambda tx: store.link_secret(tx, file.workspace_id))
        is_good = is_signed(
            file, signature=signature, expires_ms=expires_ms, secret=secret, now_ms=self._now_ms()
        )
        if not is_good:
            raise NotFoundError("The link is not good any more; get the task again for a fresh one.")

    def _check_projects(self, tx: Transaction, key: KeyAccess, names: list[str]) -> None:
        for name in names:
            self._project(tx, space_of(key), name)

    def _keep(self, workspace_id: str, data: bytes) -> StoredFile:
        items = self.steps.items
        try:
            media = items.put_original(workspace_id, data)
            return StoredFile(media.sha256, len(data), media.media_type, PartKind.IMAGE)
        except CorruptMediaError:
            pass  # no picture; whether it is good for a task is seen when one names it
        try:
            return items.put_file(workspace_id, data)
        except InvalidInputError:
            file = StoredFile(self.machine.blobs.put(data), len(data), _PLAIN, PartKind.TEXT)
        self.machine.database.write_sync(lambda tx: items.keep_file(tx, workspace_id=workspace_id, file=file))
        return file


def _project_names(fields: Mapping[str, Any]) -> list[str]:
    names = fields.get("project_names")
    found = names if isinstance(names, list) else [] if names is None else str(names).split(",")
    if fields.get("project_name") is not None:
        found = [read_name(fields, "project_name"), *found]
    return unique(str(name) for name in found if str(name).strip())


def _file_body(file: FileRow) -> dict[str, Any]:
    return {
        "id": file.file_id,
        "attachment_url": f"{SCALEDATA}://{file.space.workspace_id}/{file.file_id}",
        "mime_type": file.mime_type,
        "size": file.size_bytes,
        "project_names": file.project_names,
        "created_at": iso(file.created_ms),
        "updated_at": iso(file.created_ms),
        **{name: file.fields[name] for name in _SHOWN if name in file.fields},
    }
