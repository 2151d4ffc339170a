"""YOLO (Ultralytics): one text file of boxes, segments, rotated boxes or keypoints for each image, and a data.yaml."""

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
from goldsmith.formats.yolo.layout import looks_like_yolo
from goldsmith.formats.yolo.reader import read_yolo, read_yolo_ontology
from goldsmith.formats.yolo.writer import HELD, write_yolo

__all__ = ["YoloFormat"]


class YoloFormat:
    """YOLO text files; see ``reader`` and ``writer``."""

    name: Final = "yolo"
    title: Final = "YOLO"
    capabilities: Final = HELD

    def recognises(self, source: FileSource) -> bool:
        """Say whether a data.yaml, a classes.txt or a folder ``labels`` is there."""
        return looks_like_yolo(source)

    def read(
        self, source: FileSource, *, options: ReadOptions = DEFAULT_READ
    ) -> Iterator[Sample | ReadProblem]:
        """Yield the samples of the data set in the source."""
        return read_yolo(source, options=options)

    def read_ontology(self, source: FileSource) -> Ontology | None:
        """Return the classes with their skeletons where the data set has keypoints."""
        return read_yolo_ontology(source)

    def write(
        self,
        samples: Iterable[Sample],
        target: FileTarget,
        *,
        ontology: Ontology | None = None,
        media: MediaReader | None = None,
        options: WriteOptions = DEFAULT_WRITE,
    ) -> LossReport:
        """Write ``data.yaml``, ``labels/`` and, with media, ``images/``."""
        return write_yolo(samples, target, ontology=ontology, media=media, options=options)
