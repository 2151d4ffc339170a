from __future__ import annotations

from collections.abc import Collection

import pytest

from goldsmith.core.annotations import Annotation, Labelling
from goldsmith.core.geometry import Box, Polygon
from goldsmith.core.ontology import LabelClass, Ontology
from goldsmith.datasets.api import Entry
from goldsmith.evaluation.measure import columns
from goldsmith.evaluation.suspicions import MOST_KEPT, Doubts, find_suspicions, is_learnt
from goldsmith.evaluation.types import PredictionRecord

ONTOLOGY = Ontology(
    classes=[
        LabelClass(class_id=name.lower(), name=name, geometry_kinds=["box", "polygon"])
        for name in ("Car", "Sign")
    ]
)
PLACE = (10.0, 10.0, 50.0, 40.0)
ELSEWHERE = (100.0, 60.0, 140.0, 90.0)


def thing(
    class_id: str = "car", corners: tuple[float, float, float, float] = PLACE, name: str = "a"
) -> Annotation:
    return Annotation(annotation_id=name, class_id=class_id, geometry=Box(box_xyxy=corners))


def entry(number: int, *things: Annotation) -> Entry:
    return Entry(
        item_id=f"i{number}", sha256=f"s{number}", name=f"{number}.png", media_type="image/png", width_px=200,
        height_px=100, group_key="", metadata="{}", perceptual_hash=None, task_id=f"t{number}", label_kind="gold",
        label_version=1, submission_ids=[], split="test", labelling=Labelling(annotations=list(things)),
    )  # fmt: skip


def seen(
    number: int,
    *,
    class_id: str = "car",
    corners: tuple[float, float, float, float] = PLACE,
    score: float = 0.9,
) -> PredictionRecord:
    return PredictionRecord(f"i{number}", class_id, corners, score)


def doubts(entries: list[Entry], records: list[PredictionRecord], *, learnt: Collection[int] = ()) -> Doubts:
    data = columns(entries, records, ONTOLOGY)
    return find_suspicions(data, learnt=[number in learnt for number in range(len(entries))])


def good(count: int) -> tuple[list[Entry], list[PredictionRecord]]:
    return [entry(number, thing()) for number in range(count)], [seen(number) for number in range(count)]


def test_labels_that_the_model_sees_too_are_not_suspicious() -> None:
    found = doubts(*good(20))
    assert found == Doubts(suspected=[], counts={}, looked_at=20, learnt=0)


@pytest.mark.parametrize(
    ("things", "record", "kind", "said"),
    [
        ([], seen(0), "missed", "The model sees “Car” where nothing is labelled."),
        ([thing("sign")], seen(0), "class", "Labelled “Sign”, but the model sees “Car” in the same place"),
        ([thing(corners=(28.0, 10.0, 68.0, 40.0))], seen(0), "shape", "The label of “Car” and what the model"),
        ([thing(), thing(name="b")], seen(0), "twice", "“Car” is labelled twice"),
        ([thing(corners=ELSEWHERE)], None, "extra", "The model sees nothing where “Car” is labelled"),
    ],
)  # fmt: skip
def test_each_kind_is_found_and_explained(
    things: list[Annotation], record: PredictionRecord | None, kind: str, said: str
) -> None:
    entries, records = good(40)
    entries[0] = entry(0, *things)
    records = [*([] if record is None else [record]), *records[1:]]
    found = doubts(entries, records)
    (one,) = found.suspected
    assert (one.kind, one.item_id, one.task_id) == (kind, "i0", "t0")
    assert one.sentence.startswith(said)
    assert found.counts == {kind: 1}
    assert (one.label is None) is (kind == "missed")
    assert (one.prediction is None) is (kind == "extra")
    assert one.suggested_class_id == ("car" if kind == "class" else None)


def test_what_the_model_learnt_from_is_left_out() -> None:
    entries, records = good(40)
    entries[0], entries[1] = entry(0), entry(1)
    found = doubts(entries, records, learnt={0})
    assert [one.item_id for one in found.suspected] == ["i1"]
    assert (found.looked_at, found.learnt) == (39, 1)
    assert doubts(entries, records, learnt=set(range(40))).suspected == []


def test_an_item_is_learnt_by_its_id_or_its_bytes() -> None:
    one = entry(3)
    assert is_learnt(one, item_ids={"i3"}, media=set())
    assert is_learnt(one, item_ids=set(), media={"s3"})
    assert not is_learnt(one, item_ids={"i4"}, media={"s4"})


def test_noise_backs_no_label() -> None:
    entries, records = good(40)
    entries[0] = entry(0, thing(corners=ELSEWHERE))
    records[0] = seen(0, corners=ELSEWHERE, score=0.011)
    assert [one.kind for one in doubts(entries, records).suspected] == ["extra"]


def test_a_long_geometry_is_kept_as_its_bounds() -> None:
    ring = [(10.0 + n * 0.04, 10.0 + (n % 2)) for n in range(1000)] + [(50.0, 40.0), (10.0, 40.0)]
    shape = Annotation(annotation_id="a", class_id="sign", geometry=Polygon(rings=[ring]))
    entries, records = good(40)
    entries[0] = entry(0, shape)
    (one,) = doubts(entries, records).suspected
    assert isinstance(one.label, Box)


def test_no_more_than_so_many_are_kept_but_all_are_counted() -> None:
    count = MOST_KEPT + 500
    entries, records = good(2 * count)
    entries[:count] = [entry(number) for number in range(count)]
    found = doubts(entries, records)
    assert len(found.suspected) == MOST_KEPT
    assert found.counts == {"missed": count}


def test_nothing_measured_says_nothing() -> None:
    assert doubts([], []).suspected == []
    assert doubts([entry(0, thing())], []).looked_at == 1
