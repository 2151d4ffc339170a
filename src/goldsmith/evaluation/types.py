"""Evaluations as people see them."""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple

import msgspec
from pydantic import Field

from goldsmith.accounts.api import Page
from goldsmith.core.geometry import Geometry
from goldsmith.core.model import Model
from goldsmith.core.ontology import Name
from goldsmith.platform.jobs import JobWork

Verdict = Literal["better", "worse", "inconclusive"]
DoubtKind = Literal["missed", "shape", "class", "twice", "extra"]
"""What may be wrong: an object without a label, a label in the wrong place, of the wrong class, a second label of one
object, a label of nothing."""
Score = Annotated[float, Field(ge=0.0, le=1.0)]


class Estimate(Model):
    """A number with the interval that resampling images gives it; None where there is nothing to measure."""

    value: float | None
    low: float | None = None
    high: float | None = None


class ClassResult(Model):
    """One class of an evaluation.

    Attributes:
        precision_curve: Precision at the recalls 0, 0.01, ... 1, at IoU 0.5; empty without gold.
    """

    class_id: str
    name: str
    gold: int
    ap: Estimate
    ap50: Estimate
    precision_curve: list[float]


class SliceResult(Model):
    """One part of the evaluation: a size, a class attribute, or items with a metadata value."""

    name: str
    kind: Literal["size", "metadata", "attribute"]
    images: int
    objects: int
    ap50: Estimate


class ConfusionResult(Model):
    """What was taken for what, at the operating point.

    Attributes:
        labels: Class names, then "nothing".
        counts: ``[gold][predicted]``; the last row holds false alarms, the last column misses.
    """

    labels: list[str]
    counts: list[list[int]]
    score_threshold: float


class Metrics(Model):
    """All numbers of an evaluation.

    Attributes:
        numbers: COCO's twelve by their usual names, with intervals for AP and AP50.
        errors: How many detections and objects fall under each kind of error at the operating point.
    """

    images: int
    objects: int
    predictions: int
    numbers: dict[str, Estimate]
    classes: list[ClassResult]
    slices: list[SliceResult]
    confusion: ConfusionResult
    errors: dict[str, int]


class EvaluationView(JobWork):
    """A model version measured on a split of a dataset version."""

    evaluation_id: str
    workspace_id: str
    model_version_id: str
    dataset_version_id: str
    split: str
    metrics: Metrics | None
    predictions_sha256: str | None
    created_by: str
    created_ms: int


class NewEvaluation(Model):
    """A measurement to be made."""

    model_version_id: str
    dataset_version_id: str
    split: str = "test"


class CocoResult(msgspec.Struct, frozen=True, gc=False):
    """One detection in COCO results form; the image by its item id, its file name or its place in the version."""

    image_id: int | str
    category_id: int | str
    bbox: tuple[float, float, float, float]
    score: float


class ImportedEvaluation(msgspec.Struct, frozen=True):
    """Predictions made elsewhere, to be measured here.

    Attributes:
        name: The model line they belong to.
        results: ``image_id`` is an item id, a file name, or the number of the image in this product's COCO export
            (1, 2, ... in order of names); ``category_id`` a class id, a class name, or the number of the class in
            that export; ``bbox`` is x, y, width, height.
    """

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    dataset_version_id: str
    results: Annotated[list[CocoResult], msgspec.Meta(max_length=5_000_000)]
    split: str = "test"


class StartedEvaluation(Model):
    """An evaluation and the job that does it."""

    evaluation_id: str
    job_id: str


class PredictionRecord(NamedTuple):
    """One detection as it is stored: plain, sorted by image and falling score."""

    item_id: str
    class_id: str
    box_xyxy: tuple[float, float, float, float]
    score: float


class SampleObject(Model):
    """A true object or a detection of one sample.

    Attributes:
        kind: Of a detection: ``right`` or its kind of error; of a true object: ``found`` or ``missed``.
    """

    class_id: str
    box_xyxy: tuple[float, float, float, float]
    score: float | None = None
    kind: str
    iou: float | None = None


class SampleView(Model):
    """One image of an evaluation.

    Attributes:
        badness: Ranks what to look at, higher is worse.
    """

    item_id: str
    name: str
    width: int
    height: int
    badness: float
    gold: list[SampleObject]
    predictions: list[SampleObject]
    media: dict[str, str]


class Comparison(Model):
    """Two evaluations on the same images.

    Attributes:
        difference: Of this one less the other, with a 95 % interval from resampling the images in pairs.
        probability_better: Share of the resamples in which this one is ahead.
    """

    metric: str
    this: float
    other: float
    difference: Estimate
    probability_better: float
    verdict: Verdict
    classes: dict[str, Estimate]


class SendBody(Model):
    """What to label next.

    Attributes:
        project_id: Whose items are chosen from: those nobody has labelled yet.
        count: How many.
        policy: ``gain`` takes what promises to mend the failures, ``random`` any; the same number for a fair
            comparison.
        item_ids: Send exactly these, which may have been labelled before, and ask one more opinion on each.
        name: Of the batch.
    """

    project_id: str
    count: Annotated[int, Field(ge=1, le=100_000)] = 100
    policy: Literal["gain", "random"] = "gain"
    item_ids: Annotated[list[str], Field(max_length=100_000)] = []
    name: Name
    priority: Annotated[int, Field(ge=-1000, le=1000)] = 10
    seed: int = 0


class Sent(Model):
    """A batch that was made, or the job that makes it."""

    job_id: str


class Suspected(Model):
    """A label that is probably wrong, or an object that probably has none.

    Attributes:
        score: Strength in (0, 1]; comparable between kinds.
        annotation_id: Of the label; None where an object has none.
        class_id: Of the label; what is seen where there is none.
        suggested_class_id: What it should be, where the class is in doubt.
        label: Its geometry; the bounds of a very long one.
        prediction: What speaks against it; None where nothing is seen.
        sentence: The reason in plain words.
    """

    kind: DoubtKind
    score: float
    item_id: str
    item_name: str
    width: int
    height: int
    task_id: str | None
    annotation_id: str | None
    class_id: str
    suggested_class_id: str | None
    label: Geometry | None
    prediction: Geometry | None
    sentence: str


class LabelError(Suspected):
    """A suspicion as people see it.

    Attributes:
        suspicion: Its number in the evaluation; 1 is the strongest.
        project_id: Where the task is; None where it is no more.
        is_gold: A known answer, which nobody is asked again.
        asked_ms: Since when its task is asked again because of this evaluation; None while it is not.
    """

    suspicion: int
    project_id: str | None
    is_gold: bool
    asked_ms: int | None
    media: dict[str, str]


class LabelErrors(Page[LabelError]):
    """Suspicions of an evaluation, the strongest first.

    Attributes:
        counts: How many there are of each kind; of very many only the strongest are kept to be looked at.
        looked_at: Pictures whose labels were looked at.
        learnt: Pictures left out as the model learnt from them.
        note: What should be known before they are trusted; empty where nothing speaks against them.
    """

    counts: dict[str, int]
    looked_at: int
    learnt: int
    note: str


class RelabelBody(Model):
    """Which suspicions send their tasks back, by their numbers, or tasks with suspicions by their ids.

    Attributes:
        name: Of the batch, in each project that is concerned.
    """

    suspicions: Annotated[list[Annotated[int, Field(ge=1, le=1_000_000)]], Field(max_length=1_000)] = []
    task_ids: Annotated[list[str], Field(max_length=1_000)] = []
    name: Name


class RelabelBatch(Model):
    """What one project got."""

    project_id: str
    batch_id: str
    tasks: int


class Relabelled(Model):
    """What is labelled again.

    Attributes:
        tasks: That are asked for once more.
        already: That were sent back from this evaluation before; they are not asked for twice.
        left_out: Known answers, and tasks or items that are no more.
    """

    tasks: int
    already: int
    left_out: int
    batches: list[RelabelBatch]
