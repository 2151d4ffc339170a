"""Entries for tests of datasets."""

from __future__ import annotations

import hashlib
import io

from PIL import Image

from goldsmith.core.annotations import Annotation, Labelling
from goldsmith.core.geometry import Box, Polygon
from goldsmith.core.ontology import LabelClass, Ontology
from goldsmith.datasets.types import Entry

ONTOLOGY = Ontology(
    classes=[
        LabelClass(class_id="car", name="Car", geometry_kinds=["box", "polygon"]),
        LabelClass(class_id="sign", name="Sign"),
    ]
)


def png(index: int) -> bytes:
    sink = io.BytesIO()
    Image.new("RGB", (40, 30), (index * 7 % 256, 90, 30)).save(sink, "PNG")
    return sink.getvalue()


def entry(index: int, **changes: object) -> Entry:
    labelling = Labelling(
        annotations=[
            Annotation(
                annotation_id=f"a{index}",
                class_id="car",
                geometry=Box(box_xyxy=(1.25, 2, 10 + index % 7, 12)),
                attributes={"b": True, "a": "x"},
                score=0.97,
            ),
            Annotation(
                annotation_id=f"b{index}",
                class_id="car",
                geometry=Polygon(rings=[[(0, 0), (5, 0), (0, 5)], [(1, 1), (2, 1), (1, 2)]]),
                is_occluded=True,
            ),
        ]
    )
    values: dict[str, object] = {
        "item_id": f"itm_{index:024d}",
        "sha256": hashlib.sha256(f"picture {index}".encode()).hexdigest(),
        "name": f"{index:03d}.png",
        "media_type": "image/png",
        "width_px": 40,
        "height_px": 30,
        "group_key": f"g{index // 3}",
        "metadata": '{"weather": "rain"}',
        "perceptual_hash": -index,
        "task_id": f"tsk_{index:024d}",
        "label_kind": "consensus",
        "label_version": 1,
        "submission_ids": [f"sub_{index}"],
        "split": "train" if index % 4 else "validation",
        "labelling": labelling,
    }
    return Entry.model_validate(values | changes)
