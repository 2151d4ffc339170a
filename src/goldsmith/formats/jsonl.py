"""goldsmith's own form: one JSON line for each sample, nothing lost.

``samples.jsonl`` starts with a line ``{"format": "goldsmith-samples", "version": 1, "ontology": ...}``; each further
line is one sample: name, width, height, split, group, metadata, labelling. Images lie in ``images/`` under the
sample's ``file`` when media were given.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO, Final, cast

import msgspec
from pydantic import ValidationError

from goldsmith.core.annotations import Labelling
from goldsmith.core.errors import InvalidInputError
from goldsmith.core.ontology import Ontology
from goldsmith.formats.images import ImageIndex
from goldsmith.formats.media import copy_media
from goldsmith.formats.names import NameAllotter, declared_name
from goldsmith.formats.sources import UNPACK_ERRORS, FileSource
from goldsmith.formats.targets import FileTarget
from goldsmith.formats.types import (
    DEFAULT_READ,
    EVERYTHING,
    Format,
    LossReport,
    ReadOptions,
    ReadProblem,
    Sample,
    WriteContext,
)

SAMPLES_FILE: Final = "samples.jsonl"
MAGIC: Final = "goldsmith-samples"
VERSION: Final = 1
MAX_LINE_BYTES: Final = 64 * 2**20


_NOTHING: Final = msgspec.Raw()


class _Head(msgspec.Struct):
    format: str
    version: int
    ontology: msgspec.Raw = _NOTHING


class _Line(msgspec.Struct):
    name: str
    width: int
    height: int
    labelling: msgspec.Raw
    file: str = ""
    split: str = ""
    group: str = ""
    metadata: dict[str, Any] = {}


def looks_like_jsonl(source: FileSource) -> bool:
    """Say whether a file of samples is there."""
    return next(_sample_files(source), None) is not None


def read_jsonl(
    source: FileSource,
    *,
    options: ReadOptions = DEFAULT_READ,  # noqa: ARG001  # nothing to choose
) -> Iterator[Sample | ReadProblem]:
    """Yield the samples of every such file in the source.

    Raises:
        InvalidInputError: There is no such file.
    """
    index = ImageIndex(source)
    is_empty = True
    for name in _sample_files(source):
        is_empty = False
        yield from _read_lines(source, index, name)
    if is_empty:
        raise InvalidInputError(f"there is no {SAMPLES_FILE} of goldsmith here")


def write_jsonl(samples: Iterable[Sample], target: FileTarget, context: WriteContext) -> LossReport:
    """Write ``samples.jsonl`` and, with media, ``images/``."""
    report = LossReport()
    names = NameAllotter()
    with tempfile.SpooledTemporaryFile(max_size=8 * 2**20) as lines:
        head: dict[str, Any] = {"format": MAGIC, "version": VERSION}
        if context.ontology:
            head["ontology"] = context.ontology.model_dump()
        lines.write(msgspec.json.encode(head) + b"\n")
        for sample in samples:
            file_name = names.allot(sample.name)
            lines.write(_line(sample, file_name) + b"\n")
            copy_media(sample, f"images/{file_name}", target, context.media, report)
            report.samples += 1
            report.annotations += len(sample.labelling.annotations)
        lines.seek(0)
        target.put(SAMPLES_FILE, cast(BinaryIO, lines))
    return report


def read_ontology(source: FileSource) -> Ontology | None:
    """Return the ontology that goldsmith wrote into the source, None without one.

    Raises:
        InvalidInputError: It is there, and does not hold.
    """
    for name in _sample_files(source):
        head = _head(_first_line(source, name))
        if head is not None and bytes(head.ontology):
            try:
                return Ontology.model_validate_json(bytes(head.ontology))
            except ValidationError as error:
                raise InvalidInputError(
                    f"{name}: the ontology does not hold: {error.errors()[0]['msg']}"
                ) from error
    return None


def _line(sample: Sample, file_name: str) -> bytes:
    record = {
        "name": sample.name,
        "file": file_name,
        "width": sample.width,
        "height": sample.height,
        "split": sample.split,
        "group": sample.group,
        "metadata": dict(sample.metadata),
        "labelling": msgspec.Raw(sample.labelling.model_dump_json().encode()),
    }
    return msgspec.json.encode(record)


def _sample_files(source: FileSource) -> Iterator[str]:
    for name in source.names():
        if name.endswith((".jsonl", ".ndjson")):
            with contextlib.suppress(InvalidInputError):
                if _head(_first_line(source, name)) is not None:
                    yield name


def _first_line(source: FileSource, name: str) -> bytes:
    with source.open(name) as file:
        try:
            return file.readline(MAX_LINE_BYTES)
        except UNPACK_ERRORS as error:
            raise InvalidInputError(f"{name} cannot be unpacked: {error}") from error


def _head(line: bytes) -> _Head | None:
    try:
        head = msgspec.json.decode(line, type=_Head)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return None
    return head if head.format == MAGIC else None


def _read_lines(source: FileSource, index: ImageIndex, name: str) -> Iterator[Sample | ReadProblem]:
    try:
        with source.open(name) as file:
            yield from _read_open(file, index, name)
    except UNPACK_ERRORS as error:
        yield ReadProblem(name, f"cannot be unpacked to its end: {error}")


def _read_open(file: BinaryIO, index: ImageIndex, name: str) -> Iterator[Sample | ReadProblem]:
    head = _head(file.readline(MAX_LINE_BYTES))
    if head is None or head.version != VERSION:
        yield ReadProblem(name, f"written by a newer goldsmith; this one reads version {VERSION}")
        return
    taken: set[str] = set()
    number = 1
    while line := file.readline(MAX_LINE_BYTES):
        number += 1
        where = f"{name}: line {number}"
        if not line.endswith(b"\n") and len(line) == MAX_LINE_BYTES:
            yield ReadProblem(where, f"the line is longer than {MAX_LINE_BYTES} bytes; the rest is left out")
            return
        if not line.strip():
            continue
        try:
            sample = _sample(line, index, name)
        except ValidationError as error:
            fault = error.errors()[0]
            yield ReadProblem(where, f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}")
            continue
        except (msgspec.MsgspecError, InvalidInputError, RecursionError, UnicodeDecodeError) as error:
            yield ReadProblem(where, str(error))
            continue
        if sample.name in taken:
            yield ReadProblem(where, f"the name {sample.name!r} is used twice")
            continue
        taken.add(sample.name)
        yield sample


def _sample(line: bytes, index: ImageIndex, beside: str) -> Sample:
    record = msgspec.json.decode(line, type=_Line)
    name = declared_name(record.name)
    media_name = (
        index.find(declared_name(record.file), beside=beside, folders=("images",)) if record.file else None
    )
    if record.width < 0 or record.height < 0:
        raise InvalidInputError("the size of the image is negative")
    return Sample(
        name=name,
        width=record.width,
        height=record.height,
        labelling=Labelling.model_validate_json(bytes(record.labelling)),
        metadata=record.metadata,
        split=record.split,
        group=record.group,
        media_name=media_name,
    )


def _ontology_that_holds(source: FileSource) -> Ontology | None:
    try:
        return read_ontology(source)
    except InvalidInputError:
        return None


JSONL: Final = Format(
    name="jsonl",
    title="goldsmith JSON lines",
    capabilities=EVERYTHING,
    recognises=looks_like_jsonl,
    reader=read_jsonl,
    read_ontology=_ontology_that_holds,
    writer=write_jsonl,
)
