"""A dataset version as a zip archive in a format of other tools, or in our own, with a report of what was lost."""

from __future__ import annotations

import dataclasses
import io
import itertools
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from PIL import Image, ImageOps

from goldsmith.core.model import Model
from goldsmith.datasets.loader import MANIFEST_FILE, TABLE_FILE
from goldsmith.datasets.service import DatasetsService
from goldsmith.datasets.types import OWN_FORMAT, Entry, VersionView
from goldsmith.formats.registry import get_format
from goldsmith.formats.targets import ZipTarget
from goldsmith.formats.types import DEFAULT_WRITE, LossReport, Sample, WriteOptions
from goldsmith.items.api import DOCUMENT_TYPE, files_of_document, source_of_document

REPORT_FILE: Final = "loss_report.json"
_ORIENTATION_TAG: Final = 0x0112
_UPRIGHT: Final = 1
_QUALITY: Final = 95

Progress = Callable[[int, int, str], None]


class ExportResult(Model):
    """A finished export.

    Attributes:
        sha256: Of the archive, in the blob store.
        losses: What the format could not hold; the archive carries the same report.
    """

    sha256: str
    size_bytes: int
    file_name: str
    format: str
    losses: dict[str, Any]


def export_version(
    service: DatasetsService,
    version: VersionView,
    *,
    format_name: str,
    with_media: bool,
    options: WriteOptions = DEFAULT_WRITE,
    folder: Path,
    progress: Progress,
) -> ExportResult:
    """Write a version into the blob store as a zip archive; the same version gives the same bytes.

    Args:
        service: Reads rows and media.
        version: What to export.
        format_name: One of ``EXPORT_FORMATS``.
        with_media: Whether the images come along.
        options: Where the format leaves a choice.
        folder: For the archive while it is written.
        progress: Told after each item.
    """
    entries = list(service.read_entries(version))
    archive = folder / "export.zip"
    with archive.open("wb") as file, ZipTarget(file) as target:
        if format_name == OWN_FORMAT:
            losses = _write_own(service, version, entries, target, with_media=with_media, progress=progress)
        else:
            losses = _write_foreign(
                service,
                version,
                entries,
                target,
                format_name=format_name,
                with_media=with_media,
                options=options,
                progress=progress,
            )
        target.put(REPORT_FILE, json.dumps(losses, indent=1).encode())
    put = service.machine.blobs.put_file(archive)
    archive.unlink()
    name = "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "-" for c in version.dataset_name)
    return ExportResult(
        sha256=put.sha256,
        size_bytes=put.size_bytes,
        file_name=f"{name}-v{version.number}-{format_name}.zip",
        format=format_name,
        losses=losses,
    )


def upright(data: bytes) -> bytes:
    """Return an image whose pixels stand upright without EXIF, as our coordinates do; untouched when they do."""
    with Image.open(io.BytesIO(data)) as image:
        if image.getexif().get(_ORIENTATION_TAG, _UPRIGHT) == _UPRIGHT:
            return data
        sink = io.BytesIO()
        ImageOps.exif_transpose(image).save(sink, format=image.format, quality=_QUALITY)
        return sink.getvalue()


def _write_own(
    service: DatasetsService,
    version: VersionView,
    entries: Sequence[Entry],
    target: ZipTarget,
    *,
    with_media: bool,
    progress: Progress,
) -> dict[str, Any]:
    blobs = service.machine.blobs
    target.put(MANIFEST_FILE, blobs.get(version.manifest_sha256))
    target.put(TABLE_FILE, blobs.get(version.table_sha256))
    written: set[str] = set()
    for number, entry in enumerate(entries, start=1):
        for path, read in service.media_of(version, entry) if with_media else ():
            if path not in written:
                target.put(path, read())
                written.add(path)
        progress(number, len(entries), "writing")
    objects = sum(len(entry.labelling.annotations) for entry in entries)
    return {"samples": len(entries), "annotations": objects, "losses": {}, "examples": {}}


def _write_foreign(
    service: DatasetsService,
    version: VersionView,
    entries: Sequence[Entry],
    target: ZipTarget,
    *,
    format_name: str,
    with_media: bool,
    options: WriteOptions,
    progress: Progress,
) -> dict[str, Any]:
    by_name = dict(zip(_distinct_names(entries), entries, strict=True))

    def samples() -> Iterator[Sample]:
        for number, (name, entry) in enumerate(by_name.items(), start=1):
            yield Sample(
                name=name,
                width=entry.width_px,
                height=entry.height_px,
                labelling=entry.labelling,
                metadata=json.loads(entry.metadata),
                split=entry.split,
                group=entry.group_key,
                media_name=name,
            )
            progress(number, len(entries), "writing")

    left_out = LossReport()

    def media(sample: Sample) -> bytes:
        entry = by_name[sample.name]
        data = service.read_original(version, entry)
        if entry.media_type == DOCUMENT_TYPE:
            source = source_of_document(data)
            if source is not None:  # its pages are made of it again, and the objects lie on them as they did
                return service.read_file(version, source.sha256)
            if files_of_document(data):
                left_out.add("document_files_left_out", sample.name)
        return upright(data) if entry.media_type.startswith("image/") else data

    kinds = {annotation.geometry.kind for entry in entries for annotation in entry.labelling.annotations}
    kinds.discard("span")  # formats of images have none
    report = get_format(format_name).write(
        samples(),
        target,
        ontology=service.read_manifest(version).ontology,
        media=media if with_media else None,
        options=dataclasses.replace(options, kinds=frozenset(kinds)),
    )
    report.join(left_out)
    return report.as_json()


def _distinct_names(entries: Sequence[Entry]) -> Iterator[str]:
    """Names of files are the users' and may repeat; a repeated one gets the start of its content's hash."""
    used: set[str] = set()
    for entry in entries:
        name = entry.name
        stem, dot, extension = name.rpartition(".") if "." in name else (name, "", "")
        for copy in itertools.count(1):
            if name not in used:
                break
            number = "" if copy == 1 else f"-{copy}"
            name = f"{stem}-{entry.sha256[:12]}{number}{dot}{extension}"
        used.add(name)
        yield name
