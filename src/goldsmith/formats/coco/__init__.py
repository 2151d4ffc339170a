"""COCO: boxes, polygons, masks and keypoints, and the results form for predictions."""

from __future__ import annotations

import dataclasses
from typing import Final

from goldsmith.formats.coco.reader import looks_like_coco, read_coco, read_coco_ontology
from goldsmith.formats.coco.results import CocoImages, Prediction, labellings_of_results, read_results
from goldsmith.formats.coco.writer import CocoDocument, write_coco
from goldsmith.formats.types import ALL_OF_IMAGES, Format

__all__ = ["COCO", "CocoDocument", "CocoImages", "Prediction", "labellings_of_results", "read_results"]

COCO: Final = Format(
    name="coco",
    title="COCO",
    capabilities=dataclasses.replace(ALL_OF_IMAGES, has_relations=True),
    recognises=looks_like_coco,
    reader=read_coco,
    read_ontology=read_coco_ontology,
    writer=write_coco,
)
