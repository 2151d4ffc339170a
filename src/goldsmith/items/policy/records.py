"""Records of the bulk API: newline-delimited JSON, cut from a stream and read one by one."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

import msgspec
from pydantic import ValidationError

from goldsmith.core.geometry.spans import MAX_TEXT_LENGTH
from goldsmith.core.ontology import Ontology
from goldsmith.core.plain import AnyLabelling, read_labelling
from goldsmith.items.types import LabelsAs, Part, Problem
from goldsmith.items.types.parts import PARTS

MAX_LINE_BYTES: Final = 16 * 1024**2
"""Cap on one record."""
MAX_METADATA_BYTES: Final = 65_536
_MAX_NAME_CHARS: Final = 1024
_PRIORITY_RANGE: Final = range(-1_000_000, 1_000_001)
_HEX: Final = frozenset("0123456789abcdef")


class Line(NamedTuple):
    """One line of a request body; ``data`` is None when it was over the cap and dropped."""

    number: int
    """From 1."""
    data: bytes | None


class Record(NamedTuple):
    """One item to be made."""

    line: int
    name: str
    sha256: str | None
    """Of an original that the workspace has; None when ``text`` or ``parts`` are given."""
    text: str | None
    parts: list[Part] | None
    metadata: dict[str, Any]
    group_key: str
    priority: int
    labelling: AnyLabelling | None
    labels_as: LabelsAs


class LineCutter:
    """Cuts a stream of bytes into lines, in memory of one line at most.

    Args:
        max_line_bytes: Longer lines are dropped and told.
    """

    def __init__(self, *, max_line_bytes: int = MAX_LINE_BYTES) -> None:
        self._max_line_bytes = max_line_bytes
        self._rest = bytearray()
        self._is_dropping = False
        self._number = 0

    def feed(self, chunk: bytes) -> Iterator[Line]:
        """Yield the lines that ``chunk`` completes; empty ones are counted and left out."""
        *whole, rest = chunk.split(b"\n")
        for part in whole:
            self._rest += part
            yield from self._cut()
        self._rest += rest
        if len(self._rest) > self._max_line_bytes:
            self._is_dropping = True
            self._rest.clear()

    def finish(self) -> Iterator[Line]:
        """Yield the last line when it had no end."""
        if self._rest or self._is_dropping:
            yield from self._cut()

    def _cut(self) -> Iterator[Line]:
        self._number += 1
        data = bytes(self._rest).strip()
        is_dropped = self._is_dropping or len(data) > self._max_line_bytes
        self._rest.clear()
        self._is_dropping = False
        if is_dropped:
            yield Line(self._number, None)
        elif data:
            yield Line(self._number, data)


class _Wire(msgspec.Struct, forbid_unknown_fields=True):
    """A record as it is sent."""

    name: str = ""
    sha256: str | None = None
    text: str | None = None
    parts: msgspec.Raw = msgspec.Raw()
    metadata: dict[str, Any] = {}
    group_key: str = ""
    priority: int = 0
    labelling: msgspec.Raw = msgspec.Raw()
    labels_as: LabelsAs | None = None


_DECODER: Final = msgspec.json.Decoder(_Wire)


def read_records(lines: Sequence[Line], *, labels_as: LabelsAs) -> tuple[list[Record], list[Problem]]:
    """Read records; those that do not hold are listed and the others go on.

    Args:
        lines: Lines of newline-delimited JSON.
        labels_as: What labels count as where a record does not say.
    """
    records: list[Record] = []
    problems: list[Problem] = []
    for line in lines:
        read = _read(line, labels_as)
        if isinstance(read, Record):
            records.append(read)
        else:
            problems.append(refusal(line.number, read))
    return records, problems


def refusal(line: int, what: str) -> Problem:
    """Return the problem of a record that is left out."""
    return Problem(f"line {line}", what, "refused")


def label_problem(record: Record, ontology: Ontology) -> Problem | None:
    """Return why the labels of a record do not fit the ontology, or None when they do."""
    if record.labelling is None:
        return None
    faults = ontology.faults_of(record.labelling)
    if not faults:
        return None
    more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    return refusal(record.line, f"labelling.{faults[0].where}: {faults[0].what}{more}")


def _read(line: Line, labels_as: LabelsAs) -> Record | str:
    if line.data is None:
        return f"the line has more than {MAX_LINE_BYTES:,} bytes; send what it holds as several items"
    try:
        wire = _DECODER.decode(line.data)
        labelling = _labelling_of(wire.labelling)
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError, RecursionError) as error:
        return f"not a record: {error}"
    except ValidationError as error:
        return _first_of(error, "labelling")
    parts = _parts_of(wire.parts)
    if isinstance(parts, str):
        return parts
    fault = _fault_of(wire, parts)
    if fault is not None:
        return fault
    wanted = LabelsAs.NONE if labelling is None else wire.labels_as or labels_as
    return Record(
        line.number,
        wire.name or _default_name(wire, parts),
        wire.sha256,
        wire.text,
        parts,
        wire.metadata,
        wire.group_key,
        wire.priority,
        None if wanted is LabelsAs.NONE else labelling,
        wanted,
    )


def _labelling_of(raw: msgspec.Raw) -> AnyLabelling | None:
    data = bytes(raw)
    return None if data in (b"", b"null") else read_labelling(data)


def _parts_of(raw: msgspec.Raw) -> list[Part] | str | None:
    data = bytes(raw)
    try:
        return None if data in (b"", b"null") else PARTS.validate_json(data)
    except ValidationError as error:
        return _first_of(error, "parts")


def _first_of(error: ValidationError, what: str) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    return f"{what}.{'.'.join(str(step) for step in first['loc'])}: {first['msg']}"


def _fault_of(wire: _Wire, parts: list[Part] | None) -> str | None:
    if sum(given is not None for given in (wire.sha256, wire.text, parts)) != 1:
        return "give one of sha256 (of an uploaded original), text or parts (of a document)"
    if wire.sha256 is not None and (len(wire.sha256) != 64 or not _HEX.issuperset(wire.sha256)):
        return "sha256 must be 64 hexadecimal digits in lower case"
    if wire.text == "":
        return "text is empty; a text has at least one character"
    if wire.text is not None and len(wire.text) > MAX_TEXT_LENGTH:
        return (
            f"text has {len(wire.text):,} characters, and one text may have {MAX_TEXT_LENGTH:,}; "
            "send it as several items"
        )
    if wire.text is not None and "\0" in wire.text:
        return "text must not hold NUL characters"
    for key, value in (("name", wire.name), ("group_key", wire.group_key)):
        if len(value) > _MAX_NAME_CHARS or has_controls(value):
            return f"{key} must have at most {_MAX_NAME_CHARS} characters and no control characters"
    if wire.priority not in _PRIORITY_RANGE:
        return "priority must be between -1000000 and 1000000"
    if wire.metadata and len(msgspec.json.encode(wire.metadata)) > MAX_METADATA_BYTES:
        return f"metadata must have at most {MAX_METADATA_BYTES} bytes"
    return None


def has_controls(text: str) -> bool:
    """Say whether ``text`` holds control characters or broken surrogates."""
    return not text.isprintable() and any(unicodedata.category(char) in ("Cc", "Cs") for char in text)


def _default_name(wire: _Wire, parts: list[Part] | None) -> str:
    if wire.sha256 is not None:
        return wire.sha256[:16]
    said = wire.text or next((part.title or part.text for part in parts or () if part.title or part.text), "")
    return " ".join((said or "").split())[:60] or ("text" if parts is None else "document")
