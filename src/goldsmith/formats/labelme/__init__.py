"""LabelMe: one JSON file beside each image."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from goldsmith.core.ontology import Ontology
from goldsmith.formats.labelme.reader import looks_like_labelme, read_labelme
from goldsmith.formats.labelme.writer import HELD, write_labelme
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

__all__ = ["LabelmeFormat"]


class LabelmeFormat:
    """LabelMe JSON; see ``shapes``."""

    name: Final = "labelme"
    title: Final = "LabelMe"
    capabilities: Final = HELD

    def recognises(self, source: FileSource) -> bool:
        """Say whether a JSON file with LabelMe's shapes is there."""
        return looks_like_labelme(source)

    def read(
        self, source: FileSource, *, options: ReadOptions = DEFAULT_READ
    ) -> Iterator[Sample | ReadProblem]:
        """Yield the sample of every LabelMe file in the source."""
        return read_labelme(source, options=options)

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
        """Write ``labelme/``: a JSON file for each image and, with media, the image beside it."""
        del ontology
        return write_labelme(samples, target, media=media)
