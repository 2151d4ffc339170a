"""Pascal VOC: one XML file for each image."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from goldsmith.core.ontology import Ontology
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
from goldsmith.formats.voc.reader import looks_like_voc, read_voc
from goldsmith.formats.voc.writer import HELD, write_voc

__all__ = ["VocFormat"]


class VocFormat:
    """Pascal VOC detection files; see ``reader`` and ``writer``."""

    name: Final = "voc"
    title: Final = "Pascal VOC"
    capabilities: Final = HELD

    def recognises(self, source: FileSource) -> bool:
        """Say whether an XML file with a VOC annotation is there."""
        return looks_like_voc(source)

    def read(
        self, source: FileSource, *, options: ReadOptions = DEFAULT_READ
    ) -> Iterator[Sample | ReadProblem]:
        """Yield the sample of every XML file in the source."""
        return read_voc(source, options=options)

    def read_ontology(self, source: FileSource) -> Ontology | None:  # noqa: ARG002  # for no source
        """Return None: the files say no more of a class than its objects do."""
        return None

    def write(
        self,
        samples: Iterable[Sample],
        target: FileTarget,
        *,
        ontology: Ontology | None = None,
        media: MediaReader | None = None,
        options: WriteOptions = DEFAULT_WRITE,  # noqa: ARG002  # nothing to choose
    ) -> LossReport:
        """Write ``Annotations/``, ``ImageSets/Main/`` and, with media, ``JPEGImages/``."""
        return write_voc(samples, target, ontology=ontology, media=media)
