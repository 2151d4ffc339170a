"""Labels of an evaluation that are probably wrong, ranked and explained: what its predictions say against them. Pure.

The predictions are taken as they were measured. Pictures that the model learnt from are left out, as a model repeats
the labels it has learnt, right or wrong.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from goldsmith.core.annotations import Annotation
from goldsmith.core.geometry import AnyShape, Box
from goldsmith.datasets.api import Entry
from goldsmith.evaluation.measure import Columns, boxed_objects
from goldsmith.evaluation.types import DoubtKind, Suspected
from goldsmith.science.label_errors import DetectionLabelErrors, Suspicion, detection_label_errors
from goldsmith.science.marks import Marks

MOST_KEPT: Final = 2_000
"""So many suspicions of an evaluation are kept, the strongest: more than anybody looks through."""
_MOST_DETECTIONS: Final = 100
"""Of one picture, the surest; further ones say nothing and would cost much."""
_LEAST_SHARE: Final = 0.05
"""Detections weaker than this share of the surest are noise; they would back any label."""
_LEAST_SCORE: Final = 0.2
"""Weaker suspicions are left out: small differences of taste, which would bury the rest."""
_LONGEST_GEOMETRY: Final = 4_000
"""Characters of JSON; of a longer geometry the bounds are kept."""
_KINDS: Final[dict[Suspicion, DoubtKind]] = {
    Suspicion.OVERLOOKED: "missed",
    Suspicion.BADLY_LOCATED: "shape",
    Suspicion.WRONG_CLASS: "class",
    Suspicion.MARKED_TWICE: "twice",
    Suspicion.UNSUPPORTED: "extra",
}


class Doubts(NamedTuple):
    """What an evaluation says against the labels it was measured on.

    Attributes:
        suspected: The strongest first, at most ``MOST_KEPT``.
        counts: How many of each kind there are, those that are not kept too.
        looked_at: Pictures that were looked at.
        learnt: Pictures left out as the model learnt from them.
    """

    suspected: list[Suspected]
    counts: dict[str, int]
    looked_at: int
    learnt: int


def is_learnt(entry: Entry, *, item_ids: set[str], media: set[str]) -> bool:
    """Say whether a model learnt from an item: by its id, or by its very bytes in another project."""
    return entry.item_id in item_ids or entry.sha256 in media


def find_suspicions(data: Columns, *, learnt: Sequence[bool]) -> Doubts:
    """Find labels that are probably wrong.

    Args:
        data: Labels and predictions as they were measured.
        learnt: ``[images]`` whether the model learnt from it.
    """
    fresh = ~np.asarray(learnt, dtype=np.bool_)
    gold_rows = np.flatnonzero(fresh[data.gold.image])
    told_rows = _worth_hearing(data, fresh)
    found = detection_label_errors(
        _marks(data.gold.image, data.gold.class_index, data.gold.box_xywh, gold_rows),
        _marks(data.predicted.image, data.predicted.class_index, data.predicted.box_xywh, told_rows),
        data.predicted.score[told_rows],
        image_count=max(data.image_count, 1),
        class_count=data.class_count,
        least_score=_LEAST_SCORE,
    )
    objects = [annotation for _, annotation in boxed_objects(data.entries)]
    spoken = _Spoken(data, found, gold_rows, told_rows, objects)
    return Doubts(
        suspected=[spoken.suspected(row) for row in range(min(len(found), MOST_KEPT))],
        counts=dict(Counter(_KINDS[Suspicion(int(kind))] for kind in found.kind)),
        looked_at=int(fresh.sum()),
        learnt=int((~fresh).sum()),
    )


def _worth_hearing(data: Columns, fresh: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """Rows of the predictions that are sure enough, the surest of each fresh picture."""
    score, image = data.predicted.score, data.predicted.image
    if not score.size:
        return np.zeros(0, dtype=np.int64)
    order = np.lexsort((-score, image))
    sizes = np.bincount(image, minlength=data.image_count)
    place = np.arange(order.size) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    kept = order[place < _MOST_DETECTIONS]
    kept = kept[fresh[image[kept]] & (score[kept] >= _LEAST_SHARE * float(score.max()))]
    return np.sort(kept)


def _marks(
    image: npt.NDArray[np.int64],
    class_index: npt.NDArray[np.int64],
    box_xywh: npt.NDArray[np.float64],
    rows: npt.NDArray[np.int64],
) -> Marks:
    corners = box_xywh[rows].copy()
    corners[:, 2:] += corners[:, :2]
    return Marks.of(
        image=image[rows],
        annotator=np.zeros(rows.size, dtype=np.int64),
        class_index=class_index[rows],
        box_xyxy=corners,
    )


class _Spoken(NamedTuple):
    """Suspicions with what is needed to tell them to people."""

    data: Columns
    found: DetectionLabelErrors
    gold_rows: npt.NDArray[np.int64]
    told_rows: npt.NDArray[np.int64]
    objects: Sequence[Annotation]

    def suspected(self, row: int) -> Suspected:
        """Return one suspicion as it is kept."""
        found, entry = self.found, self.data.entries[int(self.found.image[row])]
        label, told = int(found.label[row]), int(found.prediction[row])
        annotation = None if label < 0 else self.objects[int(self.gold_rows[label])]
        kind = _KINDS[Suspicion(int(found.kind[row]))]
        suggested = self.data.ontology.classes[int(found.suggested_class[row])].class_id
        return Suspected(
            kind=kind,
            score=round(float(found.score[row]), 4),
            item_id=entry.item_id,
            item_name=entry.name,
            width=entry.width_px,
            height=entry.height_px,
            task_id=entry.task_id,
            annotation_id=None if annotation is None else annotation.annotation_id,
            class_id=suggested if annotation is None else annotation.class_id,
            suggested_class_id=suggested if kind == "class" else None,
            label=None if annotation is None else _drawable(annotation),
            prediction=None if told < 0 else self._box(int(self.told_rows[told])),
            sentence=self._sentence(row, kind, annotation),
        )

    def _box(self, row: int) -> Box:
        x, y, width, height = (float(value) for value in self.data.predicted.box_xywh[row])
        return Box(box_xyxy=(round(x, 2), round(y, 2), round(x + width, 2), round(y + height, 2)))

    def _sentence(self, row: int, kind: DoubtKind, annotation: Annotation | None) -> str:
        names = {entry.class_id: entry.name for entry in self.data.ontology.classes}
        seen = self.data.ontology.classes[int(self.found.suggested_class[row])].name
        named = seen if annotation is None else names[annotation.class_id]
        overlap = f"{100.0 * float(self.found.overlap[row]):.0f} %"
        told = int(self.found.prediction[row])
        trust = "" if told < 0 else f"{100.0 * float(self.found.trust[told]):.0f} %"
        match kind:
            case "missed":
                return (
                    f"The model sees “{named}” where nothing is labelled. "
                    f"{trust} of its detections this sure lie on a label."
                )
            case "class":
                return (
                    f"Labelled “{named}”, but the model sees “{seen}” in the same place (overlap {overlap}). "
                    f"{trust} of its detections this sure are right."
                )
            case "shape":
                return (
                    f"The label of “{named}” and what the model sees share only {overlap} of their area, "
                    "less than labels of this class usually do."
                )
            case "twice":
                return (
                    f"“{named}” is labelled twice: two labels share {overlap} of their area, "
                    "and the model sees one object."
                )
            case "extra":
                return (
                    f"The model sees nothing where “{named}” is labelled, though it finds most of this class."
                )


def _drawable(annotation: Annotation) -> AnyShape:
    """Return the geometry, or its bounds where it is long: people see where it is, and the answer stays small."""
    geometry = annotation.geometry
    if len(geometry.model_dump_json()) <= _LONGEST_GEOMETRY:
        return geometry
    left, top, right, bottom = geometry.bounds_xyxy()
    return Box(box_xyxy=(left, top, right, bottom))
