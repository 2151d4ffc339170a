"""Masks as pictures: a PNG of class numbers and a PNG of object numbers for each image, with what the numbers mean."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from goldsmith.core.ontology import Ontology
from goldsmith.formats.masks.reader import looks_like_masks, read_masks, read_masks_ontology
from goldsmith.formats.masks.writer import HELD, write_masks
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

__all__ = ["MasksFormat"]


class MasksFormat:
    """PNG masks; see ``layout``."""

    name: Final = "masks"
    title: Final = "PNG masks"
    capabilities: Final = HELD

    def recognises(self, source: FileSource) -> bool:
        """Say whether a ``classes.json`` that numbers classes is there, with pictures of them."""
        return looks_like_masks(source)

    def read(
        self, source: FileSource, *, options: ReadOptions = DEFAULT_READ
    ) -> Iterator[Sample | ReadProblem]:
        """Yield one mask for each object; for each class of an image where objects are not numbered."""
        return read_masks(source, options=options)

    def read_ontology(self, source: FileSource) -> Ontology | None:
        """Return the classes with their names and colours."""
        return read_masks_ontology(source)

    def write(
        self,
        samples: Iterable[Sample],
        target: FileTarget,
        *,
        ontology: Ontology | None = None,
        media: MediaReader | None = None,
        options: WriteOptions = DEFAULT_WRITE,  # noqa: ARG002  # nothing to choose
    ) -> LossReport:
        """Write ``semantic/``, ``instances/``, what the numbers mean and, with media, ``images/``."""
        return write_masks(samples, target, ontology=ontology, media=media)
