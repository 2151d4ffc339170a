"""COCO: boxes, polygons, masks and keypoints, and the results form for predictions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from goldsmith.core.geometry import GEOMETRY_KINDS
from goldsmith.core.ontology import Ontology
from goldsmith.formats.coco.reader import find_documents, read_coco, read_coco_ontology
from goldsmith.formats.coco.results import CocoImages, Prediction, labellings_of_results, read_results
from goldsmith.formats.coco.writer import CocoDocument, write_coco
from goldsmith.formats.sources import FileSource
from goldsmith.formats.targets import FileTarget
from goldsmith.formats.types import (
    DEFAULT_READ,
    DEFAULT_WRITE,
    Capabilities,
    LossReport,
    MediaReader,
    ReadOptions,
    ReadProblem,
    Sample,
    WriteOptions,
)

__all__ = ["CocoDocument", "CocoFormat", "CocoImages", "Prediction", "labellings_of_results", "read_results"]


class CocoFormat:
    """COCO files; see ``reader`` and ``writer``."""

    name: Final = "coco"
    title: Final = "COCO"
    capabilities: Final = Capabilities(
        geometry_kinds=frozenset(GEOMETRY_KINDS),
        has_attributes=True,
        has_flags=True,
        has_scores=True,
        has_splits=True,
        has_metadata=True,
        has_answers=True,
        has_object_groups=True,
    )

    def recognises(self, source: FileSource) -> bool:
        """Say whether a JSON file with images and annotations is there."""
        return next(find_documents(source), None) is not None

    def read(
        self, source: FileSource, *, options: ReadOptions = DEFAULT_READ
    ) -> Iterator[Sample | ReadProblem]:
        """Yield the samples of every COCO file in the source."""
        return read_coco(source, options=options)

    def read_ontology(self, source: FileSource) -> Ontology | None:
        """Return the classes that have skeletons."""
        return read_coco_ontology(source)

    def write(
        self,
        samples: Iterable[Sample],
        target: FileTarget,
        *,
        ontology: Ontology | None = None,
        media: MediaReader | None = None,
        options: WriteOptions = DEFAULT_WRITE,  # noqa: ARG002  # nothing to choose
    ) -> LossReport:
        """Write ``annotations.json`` and, with media, ``images/``."""
        return write_coco(samples, target, ontology=ontology, media=media)
