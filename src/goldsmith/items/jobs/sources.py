"""Where an import reads from: uploaded files, a zip archive, a folder of the server, or URLs."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final
from urllib.parse import unquote, urlsplit

from goldsmith.core.errors import InvalidInputError, NotFoundError
from goldsmith.formats import FileSource, FolderSource, ZipSource
from goldsmith.formats.names import fault_of_name, printable, safe_name
from goldsmith.formats.sources import Refusal
from goldsmith.items.media import MAX_IMAGE_BYTES
from goldsmith.items.service import ItemsService
from goldsmith.items.types import FolderRequest, ImportPlan, UploadedFile, UploadRequest, UrlsRequest
from goldsmith.platform.blobs import BlobStore
from goldsmith.platform.fetcher import Fetcher, FetchError

_ZIP_STARTS: Final = (b"PK\x03\x04", b"PK\x05\x06")


@contextmanager
def open_import_source(service: ItemsService, plan: ImportPlan, scratch: Path) -> Iterator[FileSource]:
    """Open what an import reads from.

    Args:
        service: Knows the machine and which folders may be read.
        plan: What was asked for.
        scratch: A folder of the job's own.

    Raises:
        InvalidInputError: An archive cannot be read.
        PermissionDeniedError: The folder may not be read.
    """
    source = plan.source
    if isinstance(source, FolderRequest):
        yield FolderSource(service.find_folder(source.path))
    elif isinstance(source, UrlsRequest):
        yield UrlSource(service.machine.fetcher, source.urls)
    else:
        archive = _archive_of(service.machine.blobs, source, scratch)
        if archive is None:
            yield BlobSource(service.machine.blobs, source.files)
        else:
            with ZipSource(archive) as opened:
                yield opened


def source_label(name: str, job_id: str, source: FileSource) -> str:
    """Return where an item came from, for its record: a URL without secrets, or the name within the import."""
    if isinstance(source, UrlSource):
        return source.public_url(name)
    return f"{job_id}/{name}"


class BlobSource:
    """Single files that were uploaded into the blob store.

    Args:
        blobs: The store.
        files: The files; names that may not be used are refused.
    """

    def __init__(self, blobs: BlobStore, files: Sequence[UploadedFile]) -> None:
        self._blobs = blobs
        self._files: dict[str, UploadedFile] = {}
        self._refused: list[Refusal] = []
        for file in files:
            fault = fault_of_name(file.name)
            if fault is None and file.name in self._files:
                fault = "is there twice; the first one is used"
            if fault is None:
                self._files[file.name] = file
            else:
                self._refused.append(Refusal(printable(file.name), fault))

    @property
    def refused(self) -> Sequence[Refusal]:
        """Files that were left out, with the reason."""
        return tuple(self._refused)

    def names(self) -> Sequence[str]:
        """Return all names in order."""
        return sorted(self._files)

    def size_bytes(self, name: str) -> int:
        """Return the size of a file."""
        return self._find(name).size_bytes

    def open(self, name: str) -> BinaryIO:
        """Open a file; its whole content is read, label files and images alike."""
        return io.BytesIO(self._blobs.get(self._find(name).sha256))

    def _find(self, name: str) -> UploadedFile:
        if name not in self._files:
            raise NotFoundError(f"there is no file {printable(name)} in the source")
        return self._files[name]


class UrlSource:
    """Files behind URLs, fetched one by one when they are opened.

    Args:
        fetcher: Guards against addresses that must not be reached.
        urls: The URLs; each file is named by the end of its URL's path, made unique.
    """

    def __init__(self, fetcher: Fetcher, urls: Sequence[str]) -> None:
        self._fetcher = fetcher
        self._urls: dict[str, str] = {}
        for url in dict.fromkeys(urls):
            self._urls[self._name_of(url)] = url

    @property
    def refused(self) -> Sequence[Refusal]:
        """Nothing is refused before it is fetched."""
        return ()

    def names(self) -> Sequence[str]:
        """Return all names in the order of the URLs."""
        return list(self._urls)

    def size_bytes(self, name: str) -> int:
        """Return 0: nobody knows before it is fetched."""
        self._find(name)
        return 0

    def open(self, name: str) -> BinaryIO:
        """Fetch a file; a second attempt is made when the first one fails."""
        url = self._find(name)
        try:
            return io.BytesIO(self._fetcher.get(url, max_bytes=MAX_IMAGE_BYTES).content)
        except FetchError:
            try:
                return io.BytesIO(self._fetcher.get(url, max_bytes=MAX_IMAGE_BYTES).content)
            except FetchError as error:
                raise InvalidInputError(error.detail) from error

    def public_url(self, name: str) -> str:
        """Return the URL without user, password, query and fragment, which may hold secrets."""
        parts = urlsplit(self._find(name))
        return f"{parts.scheme}://{parts.hostname or ''}{parts.path}"

    def _find(self, name: str) -> str:
        if name not in self._urls:
            raise NotFoundError(f"there is no file {printable(name)} in the source")
        return self._urls[name]

    def _name_of(self, url: str) -> str:
        try:
            last = unquote(urlsplit(url).path).rstrip("/").rpartition("/")[2]
        except ValueError:
            last = ""
        wanted = safe_name(last or "file").replace("/", "_")
        stem, dot, extension = wanted.rpartition(".")
        name, number = wanted, 1
        while name in self._urls:
            number += 1
            name = f"{stem}-{number}.{extension}" if dot and stem else f"{wanted}-{number}"
        return name


def _archive_of(blobs: BlobStore, source: UploadRequest, scratch: Path) -> Path | None:
    """Return the uploaded archive as a file; None when single files were uploaded."""
    if len(source.files) != 1 or not blobs.get_range(source.files[0].sha256, 0, 4).startswith(_ZIP_STARTS):
        return None
    path = scratch / "upload.zip"
    if not path.exists():
        partial = scratch / "upload.part"
        with partial.open("wb") as file:
            for chunk in blobs.iter_chunks(source.files[0].sha256):
                file.write(chunk)
        partial.rename(path)
    return path
