"""Where the bytes of uploaded attachments can be had without a key: for who asks with ``include_attachment_url``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from goldsmith.compat.scale_v1.service.foundation import Foundation
from goldsmith.compat.scale_v1.service.links import LinkedFile, signed_url
from goldsmith.compat.scale_v1.store import files as store
from goldsmith.compat.scale_v1.types import Space, TaskRow
from goldsmith.platform.database import Transaction

SCALEDATA: Final = "scaledata"


class Attachments(Foundation):
    """The part of the service that tells where attachments are."""

    def attachments_of(
        self, tx: Transaction, space: Space, tasks: Sequence[TaskRow]
    ) -> dict[str, list[dict[str, Any]]]:
        """Return ``attachmentS3Downloads`` of each task that names uploaded files, by two statements."""
        named = {task.scale_id: list(dict.fromkeys(_uploads_in(task.params))) for task in tasks}
        ids = sorted({file_id_of(url) for urls in named.values() for url in urls})
        if not ids:
            return {}
        files = store.find_files(tx, space, ids)
        secret = store.link_secret(tx, space.workspace_id)
        return {
            scale_id: [
                self._download(files[file_id_of(url)], url, secret)
                for url in urls
                if file_id_of(url) in files
            ]
            for scale_id, urls in named.items()
            if urls
        }

    def _download(self, file: store.FileRow, url: str, secret: str) -> dict[str, Any]:
        linked = LinkedFile(file.space.workspace_id, file.sha256, file.name or file.file_id, file.mime_type)
        link = signed_url(
            linked,
            base_url=self.machine.settings.resolved_public_url(),
            secret=secret,
            now_ms=self._now_ms(),
        )
        return {"attachmentURL": url, "s3URL": link, "isConvertedImage": False}


def file_id_of(url: str) -> str:
    """Return the id of an uploaded file from its ``scaledata`` address."""
    return urlsplit(url).path.rpartition("/")[2]


def _uploads_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if value.startswith(f"{SCALEDATA}://"):
            yield value
    elif isinstance(value, Mapping):
        for entry in value.values():
            yield from _uploads_in(entry)
    elif isinstance(value, list):
        for entry in value:
            yield from _uploads_in(entry)
