"""Names of files: what is refused from outside, and what is made of any name for an export."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from goldsmith.core.errors import InvalidInputError

MAX_NAME_CHARS: Final = 1024
MAX_PART_BYTES: Final = 200
_DRIVE: Final = re.compile(r"^[A-Za-z]:")
_UNSAFE: Final = re.compile(r'[<>:"|?*\\/\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]')
_RESERVED: Final = re.compile(r"^(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)


def fault_of_name(name: str) -> str | None:
    """Return why a relative path with ``/`` must not be used, or None when it may.

    Refused: empty, absolute, drive letters, ``..``, backslash, NUL and other control characters, surrogates, and
    overlong names.
    """
    if not name or len(name) > MAX_NAME_CHARS:
        return f"a file name must have 1 to {MAX_NAME_CHARS} characters"
    if any(unicodedata.category(char) in ("Cc", "Cs") for char in name):
        return "a file name must not hold control characters"
    if "\\" in name:
        return "a file name must not hold a backslash; separate folders by /"
    if name.startswith("/") or _DRIVE.match(name):
        return "a file name must be relative"
    if any(part in ("", ".", "..") for part in name.split("/")):
        return "a file name must not hold empty, '.' or '..' parts"
    return None


def checked_name(name: str) -> str:
    """Return ``name`` when it may be used.

    Raises:
        InvalidInputError: It may not; see :func:`fault_of_name`.
    """
    fault = fault_of_name(name)
    if fault is not None:
        raise InvalidInputError(f"{printable(name)}: {fault}")
    return name


def declared_name(name: str) -> str:
    """Return a name that a label file declares in the form used here: ``/`` for backslash, no leading ``./``.

    Raises:
        InvalidInputError: What is left may not be used.
    """
    tidy = name.strip().replace("\\", "/")
    while tidy.startswith("./"):
        tidy = tidy[2:]
    return checked_name(tidy)


def printable(name: str) -> str:
    """Return a name for messages: short, and without control characters."""
    shown = "".join(char if char.isprintable() else "?" for char in name[:120])
    return repr(shown) if len(name) <= 120 else f"{shown!r}..."


def safe_name(name: str) -> str:
    """Return a relative path that every file system takes, made from any text.

    Folders stay; unsafe characters become ``_``; names reserved on Windows get a leading ``_``.
    """
    parts = [_safe_part(part) for part in name.replace("\\", "/").split("/")]
    kept = [part for part in parts if part]
    return "/".join(kept[-8:]) or "image"


def _safe_part(part: str) -> str:
    text = unicodedata.normalize("NFC", part.encode("utf-8", "replace").decode("utf-8"))
    text = _UNSAFE.sub("_", text).strip(" .")
    if not text:
        return ""
    if _RESERVED.match(text):
        text = f"_{text}"
    stem, dot, extension = text.rpartition(".")
    if not dot or len(extension) > 10:
        return _shortened(text, MAX_PART_BYTES)
    return _shortened(stem, MAX_PART_BYTES - len(extension.encode()) - 1) + "." + extension


def _shortened(text: str, limit_bytes: int) -> str:
    return text.encode("utf-8")[:limit_bytes].decode("utf-8", "ignore").rstrip(" .") or "_"


def split_extension(name: str) -> tuple[str, str]:
    """Return (stem with its folders, extension with its dot); a leading dot of a file belongs to the stem."""
    folder, slash, last = name.rpartition("/")
    stem, dot, extension = last.rpartition(".")
    if not dot or not stem:
        return name, ""
    return f"{folder}{slash}{stem}", f".{extension}"


class NameAllotter:
    """Gives each sample a safe name of its own; names differ even without extension and on case-blind disks.

    Args:
        is_flat: Folders are joined into the file name by ``__``.
    """

    def __init__(self, *, is_flat: bool = False) -> None:
        self._is_flat = is_flat
        self._taken: set[str] = set()

    def allot(self, name: str) -> str:
        """Return the export name for a sample's name; the same calls in the same order give the same names."""
        wanted = safe_name(name)
        if self._is_flat:
            wanted = _safe_part(wanted.replace("/", "__")) or "image"
        stem, extension = split_extension(wanted)
        candidate, number = stem, 1
        while candidate.casefold() in self._taken:
            number += 1
            candidate = f"{stem}-{number}"
        self._taken.add(candidate.casefold())
        return candidate + extension
