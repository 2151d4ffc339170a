"""What a file is that is shown as part of a document: told by its first bytes, never by its name."""

from __future__ import annotations

from typing import Final, NamedTuple

from goldsmith.items.media import sniff
from goldsmith.items.types import Part, PartKind

HEAD_BYTES: Final = 64 * 1024
"""How much of a file is looked at."""
PLAIN_IMAGES: Final = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif", "image/avif"})
"""Images that browsers show."""
SAVED: Final = "application/octet-stream"
"""The type of files that are only ever saved."""
_PDF_WITHIN: Final = 1024
_AUDIO_BRANDS: Final = (b"M4A ", b"M4B ", b"F4A ")


class FileKind(NamedTuple):
    """What a file is."""

    kind: PartKind
    media_type: str


def tell_file(head: bytes) -> FileKind | None:
    """Return what a file is by its first bytes; None when it is nothing that is shown.

    Args:
        head: The first ``HEAD_BYTES`` of it, or all.
    """
    image = sniff(head)
    if image is not None:
        return FileKind(PartKind.IMAGE, image)
    if b"%PDF-" in head[:_PDF_WITHIN]:
        return FileKind(PartKind.PDF, "application/pdf")
    sound = _sound_or_film(head)
    if sound is not None:
        kind = PartKind.AUDIO if sound.startswith("audio/") else PartKind.VIDEO
        return FileKind(kind, sound)
    return FileKind(PartKind.TEXT, "text/plain") if _is_text(head) else None


def shown_type(part: Part, stored_type: str | None) -> str:
    """Return the media type that the bytes of a part are sent with: what fits its kind, and never what could act.

    Args:
        part: The part.
        stored_type: What the file was told to be when it was stored.
    """
    given = part.media_type or stored_type or ""
    match part.kind:
        case PartKind.TEXT | PartKind.MARKDOWN:
            return "text/plain"
        case PartKind.PDF:
            return "application/pdf"
        case PartKind.IMAGE:
            return given if given in PLAIN_IMAGES else SAVED
        case PartKind.AUDIO | PartKind.VIDEO:
            return given if given.startswith(("audio/", "video/")) else SAVED
        case PartKind.WEBSITE:
            return SAVED


def _sound_or_film(head: bytes) -> str | None:
    if head[:4] == b"RIFF":
        return {b"WAVE": "audio/wav", b"AVI ": "video/x-msvideo"}.get(head[8:12])
    if head[:4] == b"OggS":
        return "video/ogg" if b"\x80theora" in head[:512] else "audio/ogg"
    if head[:4] == b"\x1aE\xdf\xa3":
        is_film = b"V_" in head
        return ("video/" if is_film else "audio/") + ("webm" if b"webm" in head[:64] else "x-matroska")
    if head[4:8] == b"ftyp":
        if head[8:12] == b"qt  ":
            return "video/quicktime"
        return "audio/mp4" if head[8:12] in _AUDIO_BRANDS else "video/mp4"
    if head[:4] == b"fLaC":
        return "audio/flac"
    if head[:3] == b"ID3" or (len(head) > 1 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2):
        return "audio/mpeg"
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xF6 == 0xF0:
        return "audio/aac"
    return None


def _is_text(head: bytes) -> bool:
    if not head or b"\0" in head:
        return False
    for cut in range(4):  # a character may be cut at the end of what is looked at
        try:
            head[: len(head) - cut].decode()
        except UnicodeDecodeError:
            continue
        return True
    return False
