"""Which bytes of a file a request asks for (RFC 9110, section 14)."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_SINGLE: Final = re.compile(r"^bytes=(\d{0,18})-(\d{0,18})$")


class ByteRange(NamedTuple):
    """Bytes from ``start`` up to, not including, ``end``."""

    start: int
    end: int


class NoSuchRange(Exception):  # noqa: N818  an answer (416), not an error of ours
    """The file is shorter than what is asked for."""


def parse_range(header: str | None, *, size_bytes: int) -> ByteRange | None:
    """Return the one range that a Range header asks for; None when the whole file is to be sent.

    Several ranges in one header and units other than bytes are answered with the whole file, which the standard allows.

    Raises:
        NoSuchRange: Nothing of the file lies in the range.
    """
    match = None if header is None else _SINGLE.match(header.strip())
    if match is None or match[1] == match[2] == "":
        return None
    if match[1] == "":
        length = min(int(match[2]), size_bytes)
        if length == 0:
            raise NoSuchRange
        return ByteRange(size_bytes - length, size_bytes)
    start = int(match[1])
    end = size_bytes if match[2] == "" else min(int(match[2]) + 1, size_bytes)
    if match[2] != "" and int(match[2]) < start:
        return None
    if start >= size_bytes:
        raise NoSuchRange
    return ByteRange(start, end)


def is_fresh(if_none_match: str | None, etag: str) -> bool:
    """Say whether the copy that the client has is the one that would be sent."""
    if if_none_match is None:
        return False
    tags = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
    return "*" in tags or etag in tags
