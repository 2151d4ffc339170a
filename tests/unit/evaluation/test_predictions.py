from __future__ import annotations

import pytest

from goldsmith.core.annotations import Annotation, Labelling
from goldsmith.core.errors import InvalidInputError
from goldsmith.core.geometry import PointShape
from goldsmith.evaluation.measure import columns, compare, measure
from goldsmith.evaluation.predictions import dump, from_coco_results, from_found, load
from goldsmith.evaluation.types import CocoResult, PredictionRecord
from goldsmith.training.api import Found
from tests.unit.datasets.samples import ONTOLOGY, entry

ENTRIES = [entry(n) for n in range(30)]


def result(**changes: object) -> CocoResult:
    values: dict[str, object] = {"image_id": 1, "category_id": 2, "bbox": (1.0, 2.0, 3.0, 4.0), "score": 0.5}
    return CocoResult(**{**values, **changes})  # type: ignore[arg-type]


def test_images_and_classes_may_be_named_in_every_way() -> None:
    ways = [
        result(),
        result(image_id="000.png", category_id="Sign"),
        result(image_id=ENTRIES[0].item_id, category_id="sign"),
    ]
    records = from_coco_results(ways, entries=ENTRIES, ontology=ONTOLOGY)
    assert set(records) == {PredictionRecord(ENTRIES[0].item_id, "sign", (1.0, 2.0, 4.0, 6.0), 0.5)}


@pytest.mark.parametrize(
    "change",
    [{"image_id": 99}, {"category_id": "x"}, {"bbox": (0, 0, -1, 1)}, {"score": float("nan")}],
)
def test_nothing_is_taken_when_one_does_not_fit(change: dict[str, object]) -> None:
    with pytest.raises(InvalidInputError) as caught:
        from_coco_results([result(), result(**change)], entries=ENTRIES, ontology=ONTOLOGY)
    assert caught.value.faults[0].where.startswith("results[1]")


def test_the_same_predictions_are_the_same_bytes() -> None:
    found = [Found("i1", [(0.0, 0.0, 5.0, 5.0), (1.0, 1.0, 2.0, 2.0)], [0.9, 0.4], [0, 1])]
    records = from_found(found, classes=["car", None])
    assert records == [PredictionRecord("i1", "car", (0.0, 0.0, 5.0, 5.0), 0.9)]
    more = [*records, PredictionRecord("i0", "car", (0.0, 0.0, 1.0, 1.0), 0.1)]
    assert dump(more) == dump(list(reversed(more)))
    assert load(dump(more)) == sorted(more)


def truth(*, score: float = 0.9) -> list[PredictionRecord]:
    return [
        PredictionRecord(e.item_id, a.class_id, a.geometry.bounds_xyxy(), score)
        for e in ENTRIES
        for a in e.labelling.annotations
    ]


def test_perfect_predictions_measure_as_perfect() -> None:
    measured = measure(columns(ENTRIES, truth(), ONTOLOGY))
    assert measured.metrics.numbers["ap"].value == pytest.approx(1.0)
    assert measured.metrics.classes[1].ap.value is None, "there is no sign to find"
    assert len(measured.badness) == len(ENTRIES)
    assert all(thing.kind == "found" for gold in measured.gold_objects for thing in gold)
    assert sum(sum(row) for row in measured.metrics.confusion.counts) == 2 * len(ENTRIES)


def test_none_at_all_and_strangers_measure_as_nothing_found() -> None:
    strangers = [PredictionRecord("itm_other", "car", (0.0, 0.0, 5.0, 5.0), 0.9)]
    measured = measure(columns(ENTRIES, strangers, ONTOLOGY))
    assert measured.metrics.predictions == 0
    assert measured.metrics.numbers["ap50"].value == 0.0
    assert all(thing.kind == "missed" for gold in measured.gold_objects for thing in gold)
    both = compare(columns(ENTRIES, truth(), ONTOLOGY), columns(ENTRIES, strangers, ONTOLOGY))
    assert both.verdict == "better"
    assert both.classes["car"].value == pytest.approx(1.0)


def test_points_are_not_held_against_a_model_that_finds_boxes() -> None:
    point = Annotation(
        annotation_id="p", class_id="car", geometry=PointShape(point_xy=(3, 3)), attributes={"a": "y"}
    )
    entries = [
        e.model_copy(
            update={"labelling": Labelling(annotations=[point, *e.labelling.annotations])},
        )
        for e in ENTRIES
    ]
    measured = measure(columns(entries, truth(), ONTOLOGY))
    assert measured.metrics.numbers["ap"].value == pytest.approx(1.0)
    assert all(thing.kind == "found" for gold in measured.gold_objects for thing in gold)
    plain = measure(columns(ENTRIES, truth(), ONTOLOGY))
    assert [entry.name for entry in measured.metrics.slices] == [entry.name for entry in plain.metrics.slices]
