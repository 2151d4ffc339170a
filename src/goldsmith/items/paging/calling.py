"""Having the pages of a file rendered by a process of their own."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from goldsmith.core.errors import CorruptMediaError, GoldsmithError, WorkerLostError
from goldsmith.items.media import sniff
from goldsmith.items.paging import rendering
from goldsmith.items.policy.files import HEAD_BYTES, tell_file
from goldsmith.items.types import PartKind

_WALL_FACTOR: Final = 3
"""Also a process that waits for others is given up."""
_START_S: Final = 30
_SIGNALS: Final = {entry.value: entry.name for entry in signal.Signals}
_FROM_OUTSIDE: Final = frozenset({"SIGTERM", "SIGINT", "SIGHUP"})
"""Signals that end a process because its machine or service goes down."""
_PDF: Final = "application/pdf"
_RENDERED_IMAGES: Final = frozenset({"image/tiff", "image/bmp"})
"""Images of several pages, or of kinds that browsers do not show."""


class PageFile(NamedTuple):
    """A page as a picture, in a folder that is gone once the pages were taken.

    Attributes:
        thumbnail: A JPEG file; longest side at most 256 px.
    """

    path: Path
    thumbnail: Path
    media_type: str
    width_px: int
    height_px: int


class PagedFile(NamedTuple):
    """A file whose pages are pictures now."""

    media_type: str
    pages: list[PageFile]


def is_pdf(data: bytes) -> bool:
    """Say whether the bytes are a PDF file."""
    return _rendered_type(data) == _PDF


def is_rendered(data: bytes) -> bool:
    """Say whether the pages of a file have to be rendered; other images than TIFF and BMP are a page as they are."""
    return _rendered_type(data) is not None


@contextlib.contextmanager
def render_pages(
    data: bytes, *, max_cpu_s: int = rendering.MAX_CPU_S, should_stop: Callable[[], bool] = lambda: False
) -> Iterator[PagedFile]:
    """Render a PDF, a TIFF or a BMP and give its pages, which are there for as long as the ``with`` lasts.

    For threads outside the event loop.

    Args:
        data: The whole file.
        max_cpu_s: Seconds of computing after which it is given up; where the system does not count them, a multiple
            of that on the clock.
        should_stop: Asked about once a second; when it says yes, the process is ended.

    Raises:
        CorruptMediaError: It is none of these, is damaged, closed by a password, or over a cap; the detail says which.
        WorkerLostError: The process was ended from outside or as ``should_stop`` said, which says nothing of the file;
            run it again.
    """
    media_type = _rendered_type(data)
    if media_type is None:
        raise CorruptMediaError("the content is no PDF, no TIFF and no BMP")
    with tempfile.TemporaryDirectory(prefix="goldsmith-pages-") as name:
        folder = Path(name)
        source, pages = folder / "source", folder / "pages"
        source.write_bytes(data)
        pages.mkdir()
        kind = "pdf" if media_type == _PDF else "image"
        # by its path, so that nothing else of ours is imported there; -P keeps its folder out of what may be imported
        command = [sys.executable, "-P", rendering.__file__, str(source), str(pages), kind, str(max_cpu_s)]
        answer = _answer_of(_run(command, max_cpu_s, should_stop), max_cpu_s)
        yield PagedFile(media_type, _pages_of(answer, pages))


def _rendered_type(data: bytes) -> str | None:
    image = sniff(data)
    if image is not None:
        return image if image in _RENDERED_IMAGES else None
    told = tell_file(data[:HEAD_BYTES])
    return told.media_type if told is not None and told.kind is PartKind.PDF else None


def _run(
    command: Sequence[str], max_cpu_s: int, should_stop: Callable[[], bool]
) -> subprocess.CompletedProcess[bytes]:
    with subprocess.Popen(  # noqa: S603  our own program, and files that we named
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # ctrl+C at the terminal is for us: it must not look like a damaged file
    ) as child:
        try:
            for _ in range(_WALL_FACTOR * max_cpu_s + _START_S):
                with contextlib.suppress(subprocess.TimeoutExpired):
                    told, _errors = child.communicate(timeout=1.0)
                    return subprocess.CompletedProcess(command, child.returncode, told)
                if should_stop():
                    raise WorkerLostError("showing its pages was ended before it was done; run it again")
            raise CorruptMediaError(_too_long(max_cpu_s))
        finally:
            child.kill()


def _answer_of(done: subprocess.CompletedProcess[bytes], max_cpu_s: int) -> dict[str, object]:
    if done.returncode != 0:
        raise _end_of(done.returncode, max_cpu_s)
    try:
        answer: dict[str, object] = json.loads(done.stdout)
    except ValueError as error:
        raise CorruptMediaError("showing its pages failed") from error
    fault = answer.get("fault")
    if fault is not None:
        raise CorruptMediaError(str(fault))
    return answer


def _too_long(max_cpu_s: int) -> str:
    return f"it takes more than {max_cpu_s} seconds of computing to show its pages"


def _end_of(status: int, max_cpu_s: int) -> GoldsmithError:
    """Return why the process ended: by the system's caps, from outside, or by a crash of what reads the file."""
    ended_by = _SIGNALS.get(-status, "")
    if ended_by == "SIGXCPU":
        return CorruptMediaError(_too_long(max_cpu_s))
    if ended_by in _FROM_OUTSIDE:
        return WorkerLostError(f"the process that shows pages was ended by {ended_by}; run it again")
    return CorruptMediaError(
        "its pages cannot be shown: what reads it gave up; it is damaged, or needs too much memory"
    )


def _pages_of(answer: dict[str, object], folder: Path) -> list[PageFile]:
    told = answer["pages"]
    assert isinstance(told, list), "our own program answers so"
    return [
        PageFile(
            folder / page["file"],
            folder / page["thumbnail"],
            page["media_type"],
            page["width"],
            page["height"],
        )
        for page in told
    ]
