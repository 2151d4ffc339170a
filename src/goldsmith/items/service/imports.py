"""Asking for imports, and reading how far they came; the work itself is in ``jobs``."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from goldsmith.accounts.api import Access, audit
from goldsmith.core.errors import InvalidInputError, NotFoundError, PermissionDeniedError
from goldsmith.items.service.foundation import Foundation
from goldsmith.items.store import imports as import_rows
from goldsmith.items.types import (
    FolderRequest,
    ImportOptions,
    ImportPlan,
    ImportRow,
    ImportView,
    Problem,
    UploadedFile,
    UrlsRequest,
)
from goldsmith.platform.database import Transaction

IMPORT_KIND: Final = "items.import"


class Imports(Foundation):
    """Asks for imports and tells how far they came."""

    def request_import(self, tx: Transaction, access: Access, project_id: str, plan: ImportPlan) -> str:
        """Queue an import and return its id, which is its job's.

        Raises:
            PermissionDeniedError: The folder is not under one that the installation allows.
            InvalidInputError: A URL is not http or https.
            ConflictError: The project is archived.
        """
        self.open_setup(tx, project_id)
        self.check_source(plan)
        job_id = self.machine.jobs.enqueue(
            tx,
            IMPORT_KIND,
            workspace_id=access.workspace_id,
            args={},
            subject=project_id,
            created_by=access.member_id,
        )
        now_ms = self.machine.clock.now_ms()
        row = ImportRow(
            job_id=job_id,
            workspace_id=access.workspace_id,
            project_id=project_id,
            batch_id=None,
            options=ImportOptions.model_validate(plan.model_dump(exclude={"source"})).model_dump_json(),
            source_kind=plan.source.kind,
            next_record=0,
            imported=0,
            labelled=0,
            duplicates=0,
            refused=0,
            warnings=0,
            created_by=access.member_id,
            created_ms=now_ms,
        )
        import_rows.insert_import(tx, row, source=plan.source.model_dump_json())
        detail = {"import_id": job_id, "source": plan.source.kind, "labels_as": plan.labels_as.value}
        audit(tx, at_ms=now_ms, access=access, action="import.requested", target=project_id, detail=detail)
        return job_id

    def drop_spooled(self, files: Iterable[UploadedFile], *, except_job_id: str = "") -> None:
        """Delete uploaded files that became no original, such as archives, unless another import waits for them.

        For threads outside the event loop.

        Args:
            files: What was uploaded.
            except_job_id: The import that needs them no more.
        """
        for file in files:
            is_used = partial(import_rows.is_spool_used, sha256=file.sha256, except_job_id=except_job_id)
            if not self.machine.database.read_sync(is_used):
                self.machine.blobs.delete(file.sha256)

    def find_plan(self, tx: Transaction, row: ImportRow) -> ImportPlan:
        """Return what was asked for."""
        source = json.loads(import_rows.find_source(tx, row.job_id) or "null")
        return ImportPlan.model_validate({**json.loads(row.options), "source": source})

    def check_source(self, plan: ImportPlan) -> None:
        """Refuse a source that may not be read; nothing is fetched or opened."""
        if isinstance(plan.source, FolderRequest):
            self.find_folder(plan.source.path)
        elif isinstance(plan.source, UrlsRequest):
            for number, url in enumerate(plan.source.urls):
                if urlsplit(url).scheme not in ("http", "https"):
                    raise InvalidInputError(f"urls[{number}] must begin with http:// or https://")

    def find_folder(self, path: str) -> Path:
        """Return the folder on the server's disk, links resolved.

        Raises:
            PermissionDeniedError: It is not under one that the installation allows, or is not there.
        """
        roots = [root.resolve() for root in self.machine.settings.import_roots]
        folder = Path(path).resolve() if path.startswith("/") and "\0" not in path else None
        is_allowed = folder is not None and any(folder.is_relative_to(root) for root in roots)
        if folder is None or not is_allowed or not folder.is_dir():
            raise PermissionDeniedError(
                "there is no folder of that name that may be imported from; the administrator names such folders "
                "in the setting import_roots"
            )
        return folder

    def get_import(self, tx: Transaction, import_id: str) -> ImportView:
        """Return an import and how far it came; NotFoundError when there is none."""
        row = import_rows.find_import(tx, import_id)
        if row is None:
            raise NotFoundError("there is no such import")
        return _view_of(row)

    def list_imports(
        self, tx: Transaction, project_id: str, *, before: str | None, limit: int
    ) -> list[ImportView]:
        """Return the imports of a project, newest first."""
        rows = import_rows.list_imports(tx, project_id=project_id, before=before, limit=limit)
        return [_view_of(row) for row in rows]

    def list_problems(
        self, tx: Transaction, import_id: str, *, after: int, limit: int
    ) -> list[tuple[int, Problem]]:
        """Return the (number, problem) pairs of an import in the order they were found."""
        return import_rows.list_problems(tx, job_id=import_id, after=after, limit=limit)


def _view_of(row: ImportRow) -> ImportView:
    return ImportView(
        import_id=row.job_id,
        project_id=row.project_id,
        batch_id=row.batch_id,
        options=ImportOptions.model_validate_json(row.options),
        source_kind=row.source_kind,
        settled=row.next_record,
        imported=row.imported,
        labelled=row.labelled,
        duplicates=row.duplicates,
        refused=row.refused,
        warnings=row.warnings,
        created_by=row.created_by,
        created_ms=row.created_ms,
        finished_ms=row.finished_ms,
    )
