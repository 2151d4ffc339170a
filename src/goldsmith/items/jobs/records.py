"""What an import holds: one record for each image or problem, in an order that is the same at every reading."""

from __future__ import annotations

import dataclasses
import itertools
import json
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

from goldsmith.core.ontology import Ontology
from goldsmith.formats import (
    FileSource,
    Format,
    OntologyDraft,
    ReadOptions,
    ReadProblem,
    Sample,
    detect_format,
    get_format,
)
from goldsmith.formats.images import is_image_name
from goldsmith.formats.sources import read_file
from goldsmith.items.policy.fitting import count_unknown
from goldsmith.items.policy.records import MAX_METADATA_BYTES, has_controls
from goldsmith.items.types import ImportPlan, LabelsAs, Problem

SIDECAR: Final = "metadata.jsonl"
_MAX_SIDECAR_BYTES: Final = 512 * 1024**2
_MAX_UNUSED: Final = 1000
_TICK: Final = 500

ImportRecord = Sample | Problem


class Survey(NamedTuple):
    """What a first reading of an import's labels found."""

    total: int
    """Records."""
    objects: dict[str, int]
    """Objects by class name."""
    ontology: Ontology
    """What the labels show, or bring along."""
    problems: list[Problem]
    """Images that no label file names."""


class RecordReader:
    """Reads the records of an import.

    Args:
        source: The files.
        plan: What was asked for.
        prefers_boxes: Read boxes where a format has outlines too.
        prefers_polygons: Read an outline in several parts as several polygons, not as one mask.
    """

    def __init__(
        self, source: FileSource, plan: ImportPlan, *, prefers_boxes: bool, prefers_polygons: bool = False
    ) -> None:
        self._source = source
        self._plan = plan
        self._format = _format_of(source, plan)
        self._options = ReadOptions(
            prefer="box" if prefers_boxes else "polygon", parts="group" if prefers_polygons else "mask"
        )

    @property
    def format_name(self) -> str:
        """The format that is read."""
        return "images" if self._format is None else self._format.name

    @property
    def has_labels(self) -> bool:
        """Whether records may carry labels that are wanted."""
        return self._format is not None and self._plan.labels_as is not LabelsAs.NONE

    def records(self, *, start: int = 0) -> Iterator[ImportRecord]:
        """Yield records from number ``start`` on."""
        return itertools.islice(self._all(), start, None)

    def survey(self, *, tick: Callable[[int], None]) -> Survey:
        """Read all labels once, to count records and classes.

        Args:
            tick: Called now and then with the number of records read.
        """
        total, objects, draft = 0, Counter[str](), OntologyDraft()
        used: set[str | None] = set()
        for record in self._all():
            total += 1
            if total % _TICK == 0:
                tick(total)
            if isinstance(record, Sample):
                used.update((record.media_name, *record.label_names))
                if self.has_labels:
                    objects.update(annotation.class_id for annotation in record.labelling.annotations)
                    draft.add(record)
        unused = [] if self._format is None else list(_unused_images(self._source, used))
        known = None
        if self._format is not None and self.has_labels:
            known = self._format.read_ontology(self._source)
        return Survey(total, dict(objects), draft.ontology(known), unused)

    def _all(self) -> Iterator[ImportRecord]:
        for refusal in self._source.refused:
            yield Problem(refusal.where, refusal.what, "refused")
        if self._format is None:
            yield from self._images()
            return
        for read in self._format.read(self._source, options=self._options):
            yield self._grouped(read) if isinstance(read, Sample) else _problem_of(read)

    def _images(self) -> Iterator[ImportRecord]:
        sidecar, problems = _read_sidecar(self._source)
        yield from problems
        for name in self._source.names():
            if name == SIDECAR or _is_hidden(name):
                continue
            known = sidecar.get(name, {})
            group = str(known.pop("group", "") or "")
            yield self._grouped(Sample(name, 0, 0, metadata=known, group=group, media_name=name))

    def _grouped(self, sample: Sample) -> Sample:
        if self._plan.group_by == "format":
            return sample
        group = sample.name.rpartition("/")[0] if self._plan.group_by == "folder" else ""
        return dataclasses.replace(sample, group=group)


def _format_of(source: FileSource, plan: ImportPlan) -> Format | None:
    if plan.format == "images":
        return None
    if plan.format == "auto":
        return detect_format(source)
    return get_format("jsonl" if plan.format == "goldsmith-jsonl" else plan.format)


def _is_hidden(name: str) -> bool:
    """Say whether a file is an operating system's own, such as ``.DS_Store`` or what macOS adds to archives."""
    return any(part.startswith(".") or part == "__MACOSX" for part in name.split("/"))


def _problem_of(read: ReadProblem) -> Problem:
    return Problem(read.where, read.what, read.severity)


def _unused_images(source: FileSource, used: set[str | None]) -> Iterator[Problem]:
    """Tell which images no label file names: they are left out."""
    unused = [
        name for name in source.names() if name not in used and is_image_name(name) and not _is_hidden(name)
    ]
    for name in unused[:_MAX_UNUSED]:
        yield Problem(name, "no label file names this image; import it with format=images", "warning")
    if len(unused) > _MAX_UNUSED:
        yield Problem(
            "images", f"{len(unused) - _MAX_UNUSED} more images are named by no label file", "warning"
        )


def unknown_classes(objects: dict[str, int], ontology: Ontology) -> list[Problem]:
    """Tell which class names of labels no class of the ontology is meant by: their objects are left out."""
    return [
        Problem(
            f"class {name!r}",
            f"{count} objects are left out: the project has no class of this name; "
            "import with ontology=extend to bring it along",
            "warning",
        )
        for name, count in count_unknown(objects, ontology).items()
    ]


def _read_sidecar(source: FileSource) -> tuple[dict[str, dict[str, Any]], list[Problem]]:
    """Read ``metadata.jsonl``: lines of ``{"file_name": ..., "group": ..., anything else}``."""
    if SIDECAR not in source.names():
        return {}, []
    known: dict[str, dict[str, Any]] = {}
    problems: list[Problem] = []
    for number, line in enumerate(
        read_file(source, SIDECAR, max_bytes=_MAX_SIDECAR_BYTES).splitlines(), start=1
    ):
        if not line.strip():
            continue
        try:
            name, values = _sidecar_entry(line)
        except (ValueError, RecursionError) as error:
            problems.append(Problem(f"{SIDECAR}: line {number}", str(error), "warning"))
            continue
        known[name] = values
    return known, problems


def _sidecar_entry(line: bytes) -> tuple[str, dict[str, Any]]:
    if len(line) > MAX_METADATA_BYTES:
        raise InvalidEntryError(f"it has more than {MAX_METADATA_BYTES} bytes")
    values = json.loads(line)
    if not isinstance(values, dict):
        raise InvalidEntryError("it is not an object")
    name = values.pop("file_name", None)
    if not isinstance(name, str):
        raise InvalidEntryError("it names no file_name")
    if has_controls(str(values.get("group", ""))):
        raise InvalidEntryError("its group holds control characters")
    return name, values


class InvalidEntryError(ValueError):
    """A line of the sidecar file does not hold."""
