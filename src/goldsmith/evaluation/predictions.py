"""Predictions as they are stored, and where they come from. Pure."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence

from goldsmith.core.errors import FieldFault, InvalidInputError
from goldsmith.core.ontology import Ontology
from goldsmith.datasets.api import Entry
from goldsmith.evaluation.types import CocoResult, PredictionRecord
from goldsmith.training.api import Found

_SHOWN_FAULTS = 20


def from_found(found: Iterable[Found], *, classes: Sequence[str | None]) -> list[PredictionRecord]:
    """Turn a model's findings into records; those of outputs whose class is None are left out."""
    return [
        PredictionRecord(one.key, class_id, box, score)
        for one in found
        for box, score, index in zip(one.boxes_xyxy, one.scores, one.class_index, strict=True)
        if (class_id := classes[index]) is not None
    ]


def from_coco_results(
    results: Sequence[CocoResult], *, entries: Sequence[Entry], ontology: Ontology
) -> list[PredictionRecord]:
    """Turn COCO results into records.

    Args:
        results: See ``ImportedEvaluation``.
        entries: Of the measured split, in the order of the export.
        ontology: Of the dataset version.

    Raises:
        InvalidInputError: An image or class is not known; lists the first faults, nothing is taken.
    """
    images = {entry.item_id: entry.item_id for entry in entries}
    images |= {entry.name: entry.item_id for entry in entries}
    images |= {str(number): entry.item_id for number, entry in enumerate(entries, start=1)}
    classes = {entry.class_id: entry.class_id for entry in ontology.classes}
    classes |= {entry.name: entry.class_id for entry in ontology.classes}
    classes |= {str(number): entry.class_id for number, entry in enumerate(ontology.classes, start=1)}
    records, faults = [], []
    for number, result in enumerate(results):
        item_id, class_id = images.get(str(result.image_id)), classes.get(str(result.category_id))
        x, y, width, height = result.bbox
        if item_id is None:
            faults.append(
                FieldFault(f"results[{number}].image_id", f"{result.image_id!r} is not in this split")
            )
        elif class_id is None:
            faults.append(
                FieldFault(f"results[{number}].category_id", f"{result.category_id!r} is not a class")
            )
        elif width < 0 or height < 0:
            faults.append(FieldFault(f"results[{number}].bbox", "width and height must not be negative"))
        elif not all(map(math.isfinite, (*result.bbox, result.score))):
            faults.append(FieldFault(f"results[{number}]", "has a number that is not finite"))
        else:
            records.append(PredictionRecord(item_id, class_id, (x, y, x + width, y + height), result.score))
    if faults:
        raise InvalidInputError(
            f"{len(faults)} of {len(results)} results do not fit this dataset version",
            faults=faults[:_SHOWN_FAULTS],
        )
    return records


def dump(records: Iterable[PredictionRecord]) -> bytes:
    """Write records as JSON in a canonical order, so that the same predictions are the same blob."""
    ordered = sorted(
        records, key=lambda record: (record.item_id, -record.score, record.class_id, record.box_xyxy)
    )
    return json.dumps([list(record) for record in ordered], separators=(",", ":")).encode()


def load(data: bytes) -> list[PredictionRecord]:
    """Read what ``dump`` wrote."""
    return [PredictionRecord(item, name, tuple(box), score) for item, name, box, score in json.loads(data)]
