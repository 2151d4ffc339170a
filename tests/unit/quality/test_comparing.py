"""Answers beside known answers."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from goldsmith.core.annotations import Annotation, Labelling
from goldsmith.core.geometry import Box, Polygon
from goldsmith.quality.comparing import compare, compare_all, findings_of
from goldsmith.quality.types import FindingKind


def box(name: str, class_id: str, left: float, top: float, size: float = 20.0) -> Annotation:
    shape = Box(box_xyxy=(left, top, left + size, top + size))
    return Annotation(annotation_id=name, class_id=class_id, geometry=shape)


def labelling(*annotations: Annotation, **answers: str) -> Labelling:
    return Labelling(annotations=list(annotations), answers=dict(answers))


boxes = st.lists(
    st.builds(
        box,
        st.just("x"),
        st.sampled_from(["car", "sign"]),
        st.integers(0, 60).map(float),
        st.integers(0, 60).map(float),
    ),
    max_size=5,
).map(
    lambda found: labelling(*(a.model_copy(update={"annotation_id": f"n{i}"}) for i, a in enumerate(found)))
)


def test_each_kind_of_finding() -> None:
    known = labelling(
        box("k1", "car", 0, 0), box("k2", "car", 100, 0), box("k3", "sign", 200, 0), box("k4", "car", 300, 0)
    )
    given_ = labelling(
        box("g1", "car", 1, 1), box("g2", "sign", 100, 0), box("g3", "sign", 212, 0), box("g5", "car", 400, 0)
    )
    found = compare(given_, known)
    kinds = [
        (pair.kind, pair.given and pair.given.annotation_id, pair.known and pair.known.annotation_id)
        for pair in found.pairs
    ]
    assert kinds == [
        (FindingKind.RIGHT, "g1", "k1"),
        (FindingKind.CLASS, "g2", "k2"),
        (FindingKind.SHAPE, "g3", "k3"),
        (FindingKind.MISSED, None, "k4"),
        (FindingKind.EXTRA, "g5", None),
    ]
    assert (found.right, found.wrong, found.missed) == (1, 3, 1)
    told = findings_of(found, class_names={"car": "Car"}, question_names={})
    assert [finding.sentence for finding in told] == [
        "Car: right.",
        "This is Car, not sign.",
        "sign: the outline does not fit well enough.",
        "Car: missed.",
        "Car: nothing of the kind is here.",
    ]


def test_the_right_class_at_the_place_is_taken_first() -> None:
    known = labelling(box("k", "car", 0, 0))
    found = compare(labelling(box("near", "sign", 0, 0), box("same", "car", 3, 0)), known)
    assert [pair.given and pair.given.annotation_id for pair in found.pairs] == ["same", "near"]


def test_questions_count_and_an_empty_item_is_one_decision() -> None:
    found = compare(labelling(light="day"), labelling(light="night", rain="no"))
    assert (found.right, found.wrong, found.missed) == (0, 2, 0)
    assert findings_of(found, class_names={}, question_names={"light": "Light"})[0].sentence == (
        "Light: another answer is right."
    )
    assert compare(labelling(), labelling()).right == 1
    assert compare(labelling(box("g", "car", 0, 0)), labelling()).total == 1


def test_outlines_and_boxes_are_compared() -> None:
    ring = [(0.0, 0.0), (20.0, 0.0), (20.0, 20.0), (0.0, 20.0)]
    drawn = Annotation(annotation_id="p", class_id="car", geometry=Polygon(rings=[ring]))
    assert compare(labelling(drawn), labelling(box("k", "car", 0, 0))).right == 1


@given(given_=boxes, known=boxes)
def test_every_object_is_told_of_once(given_: Labelling, known: Labelling) -> None:
    found = compare(given_, known)
    said = [pair.given.annotation_id for pair in found.pairs if pair.given is not None]
    expected = [pair.known.annotation_id for pair in found.pairs if pair.known is not None]
    assert sorted(said) == sorted(a.annotation_id for a in given_.annotations)
    assert expected == [a.annotation_id for a in known.annotations]
    assert compare(known, known).wrong == compare(known, known).missed == 0


@given(pairs=st.lists(st.tuples(boxes, boxes), max_size=4))
def test_items_are_compared_each_by_itself(pairs: list[tuple[Labelling, Labelling]]) -> None:
    assert compare_all(pairs) == [compare(*pair) for pair in pairs]
