"""Label Studio: one JSON file of tasks with the results of their annotations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from goldsmith.core.ontology import Ontology
from goldsmith.formats.labelstudio.reader import looks_like_labelstudio, read_labelstudio
from goldsmith.formats.labelstudio.writer import HELD, write_labelstudio
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

__all__ = ["LabelStudioFormat"]


class LabelStudioFormat:
    """Label Studio JSON of images; see ``regions`` and ``reader``."""

    name: Final = "labelstudio"
    title: Final = "Label Studio"
    capabilities: Final = HELD

    def recognises(self, source: FileSource) -> bool:
        """Say whether a JSON file of Label Studio's tasks is there."""
        return looks_like_labelstudio(source)

    def read(
        self, source: FileSource, *, options: ReadOptions = DEFAULT_READ
    ) -> Iterator[Sample | ReadProblem]:
        """Yield the sample of every task in the source."""
        return read_labelstudio(source, options=options)

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
        """Write ``tasks.json``, the labelling interface for it and, with media, ``images/``."""
        return write_labelstudio(samples, target, ontology=ontology, media=media)
