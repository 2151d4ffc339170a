"""Generated street pictures as archives that people bring along."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any, Final

from goldsmith.core.geometry import Box
from goldsmith.demo.world import World, WorldImage, street_ontology

CLASS_IDS: Final = tuple(entry.class_id for entry in street_ontology().classes)


def coco_zip(target: Path, *, seed: int, count: int) -> Path:
    """Write pictures and their exact labels as a zip in COCO form."""
    pictures = list(World(seed).generate(count))
    document = coco_document(pictures)
    with zipfile.ZipFile(target, "w") as archive:
        for picture in pictures:
            archive.writestr(f"images/{picture.name}", picture.image_bytes)
        archive.writestr("annotations/instances.json", json.dumps(document))
    return target


def coco_document(pictures: list[WorldImage]) -> dict[str, Any]:
    """Return the labels of pictures as one COCO document."""
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    for image_id, picture in enumerate(pictures, start=1):
        images.append(
            {"id": image_id, "file_name": picture.name, "width": picture.width, "height": picture.height}
        )
        for annotation in picture.labelling.annotations:
            assert isinstance(annotation.geometry, Box)
            x0, y0, x1, y1 = annotation.geometry.box_xyxy
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": image_id,
                    "category_id": CLASS_IDS.index(annotation.class_id) + 1,
                    "bbox": [x0, y0, x1 - x0, y1 - y0],
                    "area": (x1 - x0) * (y1 - y0),
                    "iscrowd": 0,
                }
            )
    categories = [{"id": number, "name": name} for number, name in enumerate(CLASS_IDS, start=1)]
    return {"images": images, "annotations": annotations, "categories": categories}


def results_of(annotations: list[dict[str, Any]], *, leave_out_every: int) -> list[dict[str, Any]]:
    """Return COCO results that find all but every n-th object."""
    kept = [entry for number, entry in enumerate(annotations) if number % leave_out_every]
    return [
        {key: entry[key] for key in ("image_id", "category_id", "bbox")} | {"score": 0.9} for entry in kept
    ]
