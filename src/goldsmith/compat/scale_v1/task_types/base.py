"""Parameters that every task type has: attachments, context, instructions, pre-labels.

Accepted and kept with the task, without an effect on the work: ``layers``, ``padding``, ``paddingX``, ``paddingY``.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final
from urllib.parse import urlsplit

from goldsmith.compat.scale_v1.task_types.reading import Place
from goldsmith.compat.scale_v1.task_types.types import Params, PartKind, PartRequest

ATTACHMENT_KINDS: Final[dict[str, PartKind]] = {
    "image": "image",
    "text": "markdown",
    "markdown": "markdown",
    "website": "website",
    "iframe": "website",
    "pdf": "pdf",
    "video": "video",
    "audio": "audio",
}
"""Which kind of part a type of attachment is."""

_BY_ENDING: Final[dict[str, PartKind]] = {
    "pdf": "pdf",
    "txt": "text",
    "md": "markdown",
    "mp3": "audio",
    "wav": "audio",
    "flac": "audio",
    "m4a": "audio",
    "mp4": "video",
    "webm": "video",
    "mov": "video",
    "ogv": "video",
    "ogg": "audio",
    "html": "website",
    "htm": "website",
    "jpg": "image",
    "jpeg": "image",
    "png": "image",
    "gif": "image",
    "webp": "image",
    "bmp": "image",
    "tif": "image",
    "tiff": "image",
}
MAX_ATTACHMENTS: Final = 200
MAX_TEXT: Final = 10_000_000


def check_common(params: Params) -> Place:
    """Check the parameters that all types share and return the place of all of them."""
    task = Place(params, "")
    task.mapping()
    for name in ("project", "batch", "callback_url", "unique_id", "title", "description"):
        task.at(name).maybe(lambda place: place.text(is_empty_fine=True))
    task.at("instruction").maybe(lambda place: place.text(is_empty_fine=True, most=1_000_000))
    task.at("clear_unique_id_on_error").truth()
    task.at("metadata").mapping()
    task.at("priority").maybe(lambda place: place.number())
    task.at("responses_required").maybe(lambda place: place.whole(least=1))
    for tag in task.at("tags").items():
        tag.text()
    for name in ("hypothesis", "expected_response", "initial_response"):
        task.at(name).mapping()
    return task


def read_url(place: Place) -> str:
    """Return an address with a scheme."""
    url = place.text(most=8000).strip()
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    if not parts.scheme or not (parts.netloc or parts.path.strip("/")):
        raise place.fault("must be a valid uri")
    return url


def is_url(text: str) -> bool:
    """Say whether a text is an address of something to fetch."""
    return text.startswith(("http://", "https://", "scaledata://", "s3://", "gs://"))


def kind_by_ending(url: str, fallback: PartKind) -> PartKind:
    """Return which kind of file an address names, by its ending."""
    ending = urlsplit(url).path.rpartition(".")[2].lower()
    return _BY_ENDING.get(ending, fallback)


def image_attachment(task: Place) -> PartRequest:
    """Return the one picture of a task."""
    task.at("attachment_type").maybe(lambda place: place.one_of(("image",)))
    return PartRequest("image", url=read_url(task.at("attachment").required()))


def read_part(place: Place, kind_name: str | None, *, title: str | None = None) -> PartRequest:
    """Return an attachment of a stated type; a text may stand there itself instead of its address."""
    value = place.text(most=MAX_TEXT)
    if kind_name is None:
        return PartRequest(kind_by_ending(value, "website"), url=read_url(place), title=title)
    kind = ATTACHMENT_KINDS[kind_name]
    if kind == "markdown" and not is_url(value):
        return PartRequest(kind, text=value, title=title)
    return PartRequest(kind, url=read_url(place), title=title)


def attachments_of(task: Place, *, least: int = 1) -> tuple[PartRequest, ...]:
    """Return ``attachments``, or the one ``attachment``, of the stated ``attachment_type``."""
    kind = task.at("attachment_type").maybe(lambda place: place.one_of(tuple(ATTACHMENT_KINDS)))
    several = task.at("attachments")
    if not several.is_given and least == 1:
        return (read_part(task.at("attachment").required(), kind),)
    places = several.required().items(least=least, most=MAX_ATTACHMENTS)
    return tuple(read_part(place, kind) for place in places)


def context_of(task: Place, labelled: Sequence[PartRequest]) -> tuple[PartRequest, ...]:
    """Return what is only to be shown; it must not be what is labelled."""
    own = {part.url for part in labelled if part.url is not None}
    found: list[PartRequest] = []
    for entry in task.at("context_attachments").items(most=MAX_ATTACHMENTS):
        place = entry.at("attachment").required() if isinstance(entry.value, dict) else entry
        if place.value in own:
            raise place.fault("must differ from the task's attachment")
        stated = entry.at("attachment_type") if isinstance(entry.value, dict) else Place(None, "")
        kind = stated.maybe(lambda kind_place: kind_place.one_of(tuple(ATTACHMENT_KINDS)))
        found.append(read_part(place, kind) if kind else _guessed(place))
    return tuple(found)


def _guessed(place: Place) -> PartRequest:
    url = read_url(place)
    return PartRequest(kind_by_ending(url, "image"), url=url)


def instructions_of(task: Place, notes: Collection[str] = ()) -> str:
    """Return title, description, instruction and what else labelers are to know, as Markdown."""
    title = task.at("title").text_or("").strip()
    pieces = [f"# {title}" if title else "", task.at("description").text_or("").strip()]
    pieces += [task.at("instruction").text_or("").strip(), *notes]
    return "\n\n".join(piece for piece in pieces if piece)
