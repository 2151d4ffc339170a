"""From a dataset version's rows and a model's predictions to all numbers of an evaluation. Pure and seeded."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple, TypedDict

import numpy as np
import numpy.typing as npt

from goldsmith.core.annotations import Annotation
from goldsmith.core.geometry.measures import has_extent
from goldsmith.core.ontology import Ontology
from goldsmith.datasets.api import Entry
from goldsmith.evaluation.slicing import SIZES, facts_of_image, name_of_fact, traits_of_object
from goldsmith.evaluation.types import (
    ClassResult,
    Comparison,
    ConfusionResult,
    Estimate,
    Metrics,
    PredictionRecord,
    SampleObject,
    SliceResult,
)
from goldsmith.science.detection_metrics.bootstrap import (
    DetectionIntervals,
    bootstrap_intervals,
    image_statistics,
    paired_comparison,
)
from goldsmith.science.detection_metrics.coco import COCO_NUMBERS, evaluate_coco
from goldsmith.science.detection_metrics.confusion import confusion_matrix
from goldsmith.science.detection_metrics.curves import PrecisionRecall, precision_recall_curves
from goldsmith.science.detection_metrics.errors import DetectionErrors, ErrorKind, detection_errors
from goldsmith.science.detection_metrics.samples import image_scores
from goldsmith.science.detection_metrics.slices import Slice, evaluate_slices
from goldsmith.science.detection_metrics.types import GoldBoxes, PredictedBoxes

SEED: Final = 20_240_601
REPLICATES: Final = 500
_NOTHING: Final = "nothing"
_USUAL_THRESHOLD: Final = 0.5
_SMALLEST_SLICE: Final = 5
_MOST_VALUES: Final = 12
_DIGITS: Final = 6
_NO_GOLD: Final = -1.0
_CURVE_POINTS: Final = 101


class Columns(NamedTuple):
    """Gold and predictions as the science wants them, with what the indices stand for."""

    entries: Sequence[Entry]
    ontology: Ontology
    gold: GoldBoxes
    predicted: PredictedBoxes
    predicted_by_image: list[list[int]]
    gold_by_image: list[list[int]]

    @property
    def image_count(self) -> int:
        """Images measured."""
        return len(self.entries)

    @property
    def class_count(self) -> int:
        """Classes of the ontology."""
        return max(len(self.ontology.classes), 1)


class _Shape(TypedDict):
    image_count: int
    class_count: int


class Measured(NamedTuple):
    """What a measurement gives: the numbers, and each sample."""

    metrics: Metrics
    badness: list[float]
    gold_objects: list[list[SampleObject]]
    predicted_objects: list[list[SampleObject]]


def columns(entries: Sequence[Entry], records: Sequence[PredictionRecord], ontology: Ontology) -> Columns:
    """Put rows and predictions into columns; predictions of other images or classes are left out."""
    image_of = {entry.item_id: number for number, entry in enumerate(entries)}
    class_of = {entry.class_id: number for number, entry in enumerate(ontology.classes)}
    objects = list(boxed_objects(entries))
    known = [record for record in records if record.item_id in image_of and record.class_id in class_of]
    gold = GoldBoxes.from_xyxy(
        image=np.array([number for number, _ in objects], dtype=np.int64),
        class_index=np.array([class_of[a.class_id] for _, a in objects], dtype=np.int64),
        box_xyxy=np.array([a.geometry.bounds_xyxy() for _, a in objects], dtype=np.float64).reshape(-1, 4),
    )
    predicted = PredictedBoxes.from_xyxy(
        image=np.array([image_of[record.item_id] for record in known], dtype=np.int64),
        class_index=np.array([class_of[record.class_id] for record in known], dtype=np.int64),
        box_xyxy=np.array([record.box_xyxy for record in known], dtype=np.float64).reshape(-1, 4),
        score=np.array([record.score for record in known], dtype=np.float64),
    )
    return Columns(
        entries,
        ontology,
        gold,
        predicted,
        _by_image(predicted.image, len(entries)),
        _by_image(gold.image, len(entries)),
    )


def boxed_objects(entries: Sequence[Entry]) -> Iterator[tuple[int, Annotation]]:
    """Yield the objects that a box can hold, with the row each is in; points and level lines have none to be found."""
    for number, entry in enumerate(entries):
        for annotation in entry.labelling.annotations:
            if has_extent(annotation.geometry.bounds_xyxy()):
                yield number, annotation


def measure(data: Columns) -> Measured:
    """Measure once: numbers with intervals, classes, slices, confusion, errors, and each sample."""
    shape = _Shape(image_count=data.image_count, class_count=data.class_count)
    coco = evaluate_coco(data.gold, data.predicted, **shape)
    statistics = image_statistics(data.gold, data.predicted, **shape)
    intervals = bootstrap_intervals(statistics, rng=np.random.default_rng(SEED), replicates=REPLICATES)
    curves = precision_recall_curves(data.gold, data.predicted, **shape)
    thresholds = np.array(
        [curve.best_score if np.isfinite(curve.best_score) else _USUAL_THRESHOLD for curve in curves],
        dtype=np.float64,
    )
    errors = detection_errors(data.gold, data.predicted, **shape, min_score=thresholds)
    scores = image_scores(data.gold, data.predicted, **shape, min_score=thresholds)
    numbers = {name: _estimate(float(value)) for name, value in zip(COCO_NUMBERS, coco.stats, strict=True)}
    numbers["ap"] = _interval(intervals.ap.value, intervals.ap.low, intervals.ap.high)
    numbers["ap50"] = _interval(intervals.ap50.value, intervals.ap50.low, intervals.ap50.high)
    metrics = Metrics(
        images=data.image_count,
        objects=len(data.gold),
        predictions=len(data.predicted),
        numbers=numbers,
        classes=_classes(data, coco.class_ap, coco.gold_count, intervals, curves),
        slices=_slices(data),
        confusion=_confusion(data, thresholds),
        errors={
            kind.name.lower(): int(errors.counts.get(kind, 0))
            for kind in ErrorKind
            if kind is not ErrorKind.IGNORED
        },
    )
    gold_objects, predicted_objects = _samples(data, errors)
    return Measured(metrics, [1.0 - float(score) for score in scores.score], gold_objects, predicted_objects)


def compare(this: Columns, other: Columns, *, metric: str = "ap50") -> Comparison:
    """Compare two models on the same images with a verdict.

    Args:
        this: The one that is asked about.
        other: What it is compared with; the same rows.
        metric: ``ap50`` or ``ap``.
    """
    shape = _Shape(image_count=this.image_count, class_count=this.class_count)
    first = image_statistics(this.gold, this.predicted, **shape)
    second = image_statistics(other.gold, other.predicted, **shape)
    result = paired_comparison(
        first, second, rng=np.random.default_rng(SEED), metric=metric, replicates=2 * REPLICATES
    )
    ours = evaluate_coco(this.gold, this.predicted, **shape).class_ap50
    theirs = evaluate_coco(other.gold, other.predicted, **shape).class_ap50
    classes = {
        label_class.class_id: _estimate(float(a - b))
        for label_class, a, b in zip(this.ontology.classes, ours, theirs, strict=False)
        if a >= 0 and b >= 0
    }
    return Comparison(
        metric=metric,
        this=round(result.candidate, _DIGITS),
        other=round(result.baseline, _DIGITS),
        difference=Estimate(
            value=round(result.difference, _DIGITS),
            low=round(result.low, _DIGITS),
            high=round(result.high, _DIGITS),
        ),
        probability_better=result.probability_better,
        verdict=result.verdict.value,
        classes=classes,
    )


def _classes(
    data: Columns,
    class_ap: npt.NDArray[np.float64],
    gold_count: npt.NDArray[np.int64],
    intervals: DetectionIntervals,
    curves: Sequence[PrecisionRecall],
) -> list[ClassResult]:
    results = []
    for number, label_class in enumerate(data.ontology.classes):
        ap50 = intervals.class_ap50[number]
        results.append(
            ClassResult(
                class_id=label_class.class_id,
                name=label_class.name,
                gold=int(gold_count[number]),
                ap=_estimate(float(class_ap[number])),
                ap50=_interval(ap50.value, ap50.low, ap50.high),
                precision_curve=_curve(curves[number]),
            )
        )
    return results


def _curve(curve: PrecisionRecall) -> list[float]:
    """Highest precision at each recall 0, 0.01, ... 1 or beyond it."""
    if curve.gold_count == 0:
        return []
    best = np.maximum.accumulate(curve.precision[::-1])[::-1]
    at = np.searchsorted(curve.recall, np.linspace(0.0, 1.0, _CURVE_POINTS), side="left")
    return [round(float(best[index]), 4) if index < best.size else 0.0 for index in at]


def _slices(data: Columns) -> list[SliceResult]:
    """By size, by metadata of the item, by attribute and flag of the object; those too small to say anything go."""
    found: list[tuple[str, Slice]] = []
    area = data.gold.area
    predicted_area = data.predicted.area
    for name, low, high in SIZES:
        inside = (area >= low) & (area < high)
        found.append(
            ("size", Slice(name, gold=inside, predicted=(predicted_area >= low) & (predicted_area < high)))
        )
    found += [("metadata", part) for part in _metadata_slices(data)]
    found += [("attribute", part) for part in _attribute_slices(data)]
    results = evaluate_slices(
        data.gold,
        data.predicted,
        slices=[part for _, part in found],
        image_count=data.image_count,
        class_count=data.class_count,
    )
    return [
        SliceResult(
            name=result.name,
            kind=kind,
            images=result.image_count,
            objects=result.gold_count,
            ap50=_estimate(result.ap50),
        )
        for (kind, _), result in zip(found, results, strict=True)
        if result.gold_count
    ]


def _metadata_slices(data: Columns) -> list[Slice]:
    values: dict[str, list[str | None]] = defaultdict(lambda: [None] * data.image_count)
    for number, entry in enumerate(data.entries):
        for key, value in facts_of_image(entry.metadata):
            values[key][number] = value
    slices = []
    for key, column in sorted(values.items()):
        counts = Counter(value for value in column if value is not None)
        if not 2 <= len(counts) <= _MOST_VALUES:
            continue
        slices += [
            Slice(name_of_fact(key, value), images=np.array([entry == value for entry in column]))
            for value, count in sorted(counts.items())
            if count >= _SMALLEST_SLICE
        ]
    return slices


def _attribute_slices(data: Columns) -> list[Slice]:
    annotations = [annotation for _, annotation in boxed_objects(data.entries)]
    masks: dict[str, list[bool]] = {}
    class_names = {c.class_id: c.name for c in data.ontology.classes}
    for number, annotation in enumerate(annotations):
        for trait in traits_of_object(annotation, class_names=class_names):
            masks.setdefault(trait, [False] * len(annotations))[number] = True
    return [
        Slice(name, gold=np.array(mask))
        for name, mask in sorted(masks.items())
        if _SMALLEST_SLICE <= sum(mask) < len(annotations)
    ]


def _confusion(data: Columns, thresholds: npt.NDArray[np.float64]) -> ConfusionResult:
    counts = confusion_matrix(
        data.gold,
        data.predicted,
        image_count=data.image_count,
        class_count=data.class_count,
        min_score=thresholds,
    )
    labels = [label_class.name for label_class in data.ontology.classes]
    return ConfusionResult(
        labels=[*labels, _NOTHING],
        counts=[[int(value) for value in row] for row in counts],
        score_threshold=round(float(np.mean(thresholds)), 4),
    )


def _samples(
    data: Columns, errors: DetectionErrors
) -> tuple[list[list[SampleObject]], list[list[SampleObject]]]:
    ids = [label_class.class_id for label_class in data.ontology.classes]
    gold: list[list[SampleObject]] = []
    predicted: list[list[SampleObject]] = []
    for image in range(data.image_count):
        gold.append(
            [
                SampleObject(
                    class_id=ids[int(data.gold.class_index[row])],
                    box_xyxy=_corners(data.gold.box_xywh[row]),
                    kind="missed" if errors.missed[row] else "found",
                )
                for row in data.gold_by_image[image]
            ]
        )
        predicted.append(
            [
                SampleObject(
                    class_id=ids[int(data.predicted.class_index[row])],
                    box_xyxy=_corners(data.predicted.box_xywh[row]),
                    score=round(float(data.predicted.score[row]), 4),
                    kind=ErrorKind(int(errors.kind[row])).name.lower(),
                )
                for row in data.predicted_by_image[image]
                if errors.kind[row] != ErrorKind.IGNORED
            ]
        )
    return gold, predicted


def _corners(box_xywh: npt.NDArray[np.float64]) -> tuple[float, float, float, float]:
    x, y, width, height = (float(value) for value in box_xywh)
    return (round(x, 2), round(y, 2), round(x + width, 2), round(y + height, 2))


def _by_image(image: npt.NDArray[np.int64], count: int) -> list[list[int]]:
    rows: list[list[int]] = [[] for _ in range(count)]
    for row, number in enumerate(image.tolist()):
        rows[number].append(row)
    return rows


def _estimate(value: float) -> Estimate:
    return Estimate(value=None if value == _NO_GOLD else round(value, _DIGITS))


def _interval(value: float, low: float, high: float) -> Estimate:
    if value < 0:
        return Estimate(value=None)
    return Estimate(value=round(value, _DIGITS), low=round(low, _DIGITS), high=round(high, _DIGITS))
