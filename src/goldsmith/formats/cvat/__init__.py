"""CVAT for images 1.1: one XML file for all images, with every kind of shape that CVAT draws."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from goldsmith.core.ontology import Ontology
from goldsmith.formats.cvat.reader import looks_like_cvat, read_cvat, read_cvat_ontology
from goldsmith.formats.cvat.writer import HELD, write_cvat
from goldsmith.formats.sources import FileSource
from goldsmith.formats.targets import FileTarget
from goldsmith.formats.types import (
    DEFAULT_READ,
    DEFAULT_WRITE,
    LossReport,
    MediaReader,
    ReadOptions,
    ReadProblem,
    Sample,
    WriteOptions,
)

__all__ = ["CvatFormat"]


class CvatFormat:
    """CVAT XML; see ``shapes``, ``labels`` and ``tags``."""

    name: Final = "cvat"
    title: Final = "CVAT for images"
    capabilities: Final = HELD

    def recognises(self, source: FileSource) -> bool:
        """Say whether an XML file of CVAT is there."""
        return looks_like_cvat(source)

    def read(
        self, source: FileSource, *, options: ReadOptions = DEFAULT_READ
    ) -> Iterator[Sample | ReadProblem]:
        """Yield the samples of every CVAT file in the source."""
        return read_cvat(source, options=options)

    def read_ontology(self, source: FileSource) -> Ontology | None:
        """Return the labels with their colours, attributes and skeletons."""
        return read_cvat_ontology(source)

    def write(
        self,
        samples: Iterable[Sample],
        target: FileTarget,
        *,
        ontology: Ontology | None = None,
        media: MediaReader | None = None,
        options: WriteOptions = DEFAULT_WRITE,  # noqa: ARG002  # nothing to choose
    ) -> LossReport:
        """Write ``annotations.xml`` and, with media, ``images/``."""
        return write_cvat(samples, target, ontology=ontology, media=media)
