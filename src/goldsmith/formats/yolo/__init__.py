"""YOLO (Ultralytics): one text file of boxes, segments, rotated boxes or keypoints for each image, and a data.yaml."""

from __future__ import annotations

from typing import Final

from goldsmith.formats.types import Format
from goldsmith.formats.yolo.layout import looks_like_yolo
from goldsmith.formats.yolo.reader import read_yolo, read_yolo_ontology
from goldsmith.formats.yolo.writer import HELD, write_yolo

__all__ = ["YOLO"]

YOLO: Final = Format(
    name="yolo",
    title="YOLO",
    capabilities=HELD,
    recognises=looks_like_yolo,
    reader=read_yolo,
    read_ontology=read_yolo_ontology,
    writer=write_yolo,
)
