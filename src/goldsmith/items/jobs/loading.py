"""From records to probed and stored media: reading in threads, decoding in the engine, storing in threads.

A PDF becomes a document of its pages.
"""

from __future__ import annotations

import hashlib
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import partial
from typing import Final, NamedTuple, Protocol, Self, TypeVar

from goldsmith.core.errors import CorruptMediaError, GoldsmithError, WorkerLostError
from goldsmith.formats import FileSource, Sample
from goldsmith.formats.sources import read_file
from goldsmith.items.media import MAX_IMAGE_BYTES, Outcome, try_probe
from goldsmith.items.paging import is_pdf
from goldsmith.items.service import ItemsService
from goldsmith.items.service.contents import document_row, known_media
from goldsmith.items.store import media as media_rows
from goldsmith.items.types import BlobRow, DocumentBody, KnownMedia, MediaRow

_READERS: Final = 4
_WRITERS: Final = 4
_PAGERS: Final = 2
"""Each has a process of its own, which may take two gibibytes."""
_MAX_WAITING_BYTES: Final = 64 * 1024**2
_LOOK_S: Final = 1.0
"""How often it is looked whether to stop, while pages are made."""
A = TypeVar("A")
B = TypeVar("B")


class Loaded(NamedTuple):
    """A record whose image or PDF was read."""

    sample: Sample
    media: KnownMedia | None
    """None when the image cannot be used."""
    fault: str
    """Why it cannot be used."""
    rows: tuple[tuple[MediaRow, list[BlobRow]], ...] = ()
    """To be kept with the item; none when the workspace has the media already."""


class _Read(NamedTuple):
    sample: Sample
    data: bytes
    sha256: str
    fault: str


class _ProbeAll(Protocol):
    def __call__(
        self, function: Callable[[bytes], Outcome], inputs: Iterable[bytes], /
    ) -> Iterator[Outcome]: ...


class MediaLoader:
    """Loads the images of an import; closed by ``with``.

    Args:
        service: Stores originals.
        source: The files.
        workspace_id: Whose media they become.
        raise_if_cancelled: Asked about once a second while files are stored; what it raises ends the loading.
    """

    def __init__(
        self,
        service: ItemsService,
        source: FileSource,
        workspace_id: str,
        *,
        raise_if_cancelled: Callable[[], None],
    ) -> None:
        self._raise_if_cancelled = raise_if_cancelled
        self._service = service
        self._source = source
        self._workspace_id = workspace_id
        self._is_closed = threading.Event()
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="import-read")
        self._writers = ThreadPoolExecutor(_WRITERS, thread_name_prefix="import-store")
        self._pagers = ThreadPoolExecutor(_PAGERS, thread_name_prefix="import-pages")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._is_closed.set()
        self._readers.shutdown(wait=True, cancel_futures=True)
        self._writers.shutdown(wait=True, cancel_futures=True)
        self._pagers.shutdown(wait=True, cancel_futures=True)

    def load(self, samples: Sequence[Sample]) -> list[Loaded]:
        """Load a chunk of records, in their order; the same bytes are probed once."""
        try:
            return self._load(samples, self._service.machine.engine.map)
        except WorkerLostError:
            return self._load(samples, self._one_by_one)

    def _load(self, samples: Sequence[Sample], probe_all: _ProbeAll) -> list[Loaded]:
        finished: list[Loaded | Future[Loaded]] = []
        slots: deque[tuple[int, _Read]] = deque()
        known: dict[str, KnownMedia] = {}
        first_of: dict[str, int] = {}
        repeats: list[tuple[int, _Read]] = []
        waiting: deque[tuple[int, Future[Loaded]]] = deque()
        waiting_bytes = 0

        def keep(index: int, size_bytes: int, future: Future[Loaded]) -> None:
            nonlocal waiting_bytes
            finished[index] = future
            waiting.append((size_bytes, future))
            waiting_bytes += size_bytes
            while waiting_bytes > _MAX_WAITING_BYTES:
                size, oldest = waiting.popleft()
                self._settled(oldest)
                waiting_bytes -= size

        def unknown() -> Iterator[bytes]:
            for index, read in enumerate(_windowed(self._readers, self._read, samples, width=_READERS * 2)):
                finished.append(Loaded(read.sample, None, read.fault))
                if read.fault:
                    continue
                if read.sha256 in first_of:
                    repeats.append((index, read._replace(data=b"")))
                    continue
                first_of[read.sha256] = index
                found = self._find_known(read.sha256)
                if found is not None:
                    known[read.sha256] = found
                    finished[index] = Loaded(read.sample, found, "")
                    continue
                if is_pdf(read.data):
                    keep(index, len(read.data), self._pagers.submit(self._store_document, read))
                    continue
                slots.append((index, read))
                yield read.data

        probe = partial(try_probe, max_pixels=self._service.machine.settings.max_image_pixels)
        for outcome in probe_all(probe, unknown()):
            index, read = slots.popleft()
            keep(index, len(read.data), self._writers.submit(self._store, read, outcome))
        settled = [self._settled(entry) if isinstance(entry, Future) else entry for entry in finished]
        for index, read in repeats:
            first = settled[first_of[read.sha256]]
            settled[index] = Loaded(read.sample, first.media, first.fault)
        return settled

    def _settled(self, future: Future[Loaded]) -> Loaded:
        """Wait for a file, for as long as nobody asks to stop: the pages of one may take minutes."""
        while not wait([future], timeout=_LOOK_S).done:
            self._raise_if_cancelled()
        return future.result()

    def _one_by_one(self, function: Callable[[bytes], Outcome], inputs: Iterable[bytes]) -> Iterator[Outcome]:
        """Find the image that ends the process that decodes it, and go on with the others."""
        for data in inputs:
            try:
                yield next(iter(self._service.machine.engine.map(function, [data])))
            except WorkerLostError:
                yield Outcome(None, "decoding it ended the process; it needs more memory than there is")

    def _read(self, sample: Sample) -> _Read:
        name = sample.media_name
        if name is None:
            return _Read(sample, b"", "", "the image is not among the files")
        try:
            data = read_file(self._source, name, max_bytes=MAX_IMAGE_BYTES)
        except GoldsmithError as error:
            return _Read(sample, b"", "", error.detail)
        return _Read(sample, data, hashlib.sha256(data).hexdigest(), "")

    def _find_known(self, sha256: str) -> KnownMedia | None:
        return self._service.machine.database.read_sync(
            lambda tx: media_rows.find_known(tx, workspace_id=self._workspace_id, shas=[sha256])
        ).get(sha256)

    def _store(self, read: _Read, outcome: Outcome) -> Loaded:
        probed = outcome.probed
        if probed is None:
            return Loaded(read.sample, None, outcome.reason)
        rows = self._service.store_probed(self._workspace_id, read.data, probed)
        return Loaded(read.sample, known_media(rows[0]), "", (rows,))

    def _store_document(self, read: _Read) -> Loaded:
        """Store a PDF as a document of its pages."""
        try:
            pages = self._service.store_pages(
                self._workspace_id, read.data, should_stop=self._is_closed.is_set
            )
        except CorruptMediaError as error:
            return Loaded(read.sample, None, error.detail)
        row = document_row(
            self._workspace_id,
            DocumentBody(parts=pages.parts, source=pages.source),
            thumbnail_sha256=pages.rows[0][0].thumbnail_sha256,
            now_ms=self._service.machine.clock.now_ms(),
        )
        return Loaded(read.sample, known_media(row), "", (*pages.rows, (row, [])))


def _windowed(
    threads: ThreadPoolExecutor, function: Callable[[A], B], inputs: Iterable[A], *, width: int
) -> Iterator[B]:
    """Yield ``function(entry)`` in order, with at most ``width`` entries under way."""
    window: deque[Future[B]] = deque()
    for entry in inputs:
        window.append(threads.submit(function, entry))
        if len(window) >= width:
            yield window.popleft().result()
    while window:
        yield window.popleft().result()
