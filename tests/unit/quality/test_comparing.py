"""Answers beside known answers."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from goldsmith.core.annotations import Annotation, Labelling, Relation
from goldsmith.core.geometry import Box, Polygon, Span
from goldsmith.core.ontology import Attribute, LabelClass, Ontology, RelationType
from goldsmith.quality.comparing import Comparison, compare, compare_all, findings_of
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
    told = findings_of(
        found, ontology=Ontology(classes=[LabelClass(class_id="car", name="Car", geometry_kinds=["box"])])
    )
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
    light = Attribute(attribute_id="light", name="Light", kind="text")
    assert findings_of(found, ontology=Ontology(questions=[light]))[0].sentence == (
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


RELATED = Ontology(
    classes=[
        LabelClass(class_id="person", name="Person", geometry_kinds=["span"]),
        LabelClass(class_id="firm", name="Firm", geometry_kinds=["span"]),
    ],
    relation_types=[
        RelationType(relation_type_id="works", name="works for"),
        RelationType(relation_type_id="leads", name="leads"),
        RelationType(relation_type_id="same", name="same as", is_directed=False),
    ],
)
SPANS = {"ann": (0, 3), "bob": (10, 13), "eve": (20, 23), "ltd": (30, 37)}
Fact = tuple[str, str, str]


def related(
    *facts: Fact, without: frozenset[str] = frozenset(), prefix: str = "", turn: int = 0
) -> Labelling:
    """Make a labelling of named spans with what is said between those that are there, in a turned order."""
    kept = [name for name in SPANS if name not in without]
    kept = kept[turn % len(kept) :] + kept[: turn % len(kept)] if kept else kept
    said = [fact for fact in facts if not without & set(fact)]
    said = said[turn % len(said) :] + said[: turn % len(said)] if said else said
    return Labelling(
        annotations=[
            Annotation(
                annotation_id=prefix + name,
                class_id="firm" if name == "ltd" else "person",
                geometry=Span(start=SPANS[name][0], end=SPANS[name][1]),
            )
            for name in kept
        ],
        relations=[
            Relation(
                relation_id=f"{prefix}r{number}",
                relation_type_id=kind,
                from_id=prefix + start,
                to_id=prefix + end,
            )
            for number, (kind, start, end) in enumerate(said)
        ],
    )


def held(given_: Labelling, known: Labelling) -> Comparison:
    return compare(given_, known, relation_types=RELATED.relation_types)


facts = st.lists(
    st.tuples(
        st.sampled_from(["works", "leads", "same"]),
        st.sampled_from(list(SPANS)),
        st.sampled_from(list(SPANS)),
    ).filter(lambda fact: fact[1] != fact[2]),
    unique=True,
    max_size=6,
)
absent = st.frozensets(st.sampled_from(list(SPANS)), max_size=3)


def test_each_kind_of_finding_of_a_relation() -> None:
    known = related(
        ("works", "ann", "ltd"), ("works", "bob", "ltd"), ("leads", "eve", "ltd"), ("same", "ann", "bob")
    )
    given_ = related(
        ("same", "bob", "ann"), ("works", "ltd", "bob"), ("works", "eve", "ltd"), ("leads", "ann", "eve")
    )
    found = held(given_, known)
    told = findings_of(found, ontology=RELATED)[len(SPANS) :]
    assert [(entry.kind, entry.sentence) for entry in told] == [
        (FindingKind.MISSED, "works for from Person to Firm: missed."),
        (FindingKind.RELATION, "This is works for from Person to Firm, not works for from Firm to Person."),
        (FindingKind.RELATION, "This is leads from Person to Firm, not works for from Person to Firm."),
        (FindingKind.RIGHT, "same as between Person and Person: right."),
        (FindingKind.EXTRA, "leads from Person to Person: nothing of the kind is here."),
    ]
    assert [(entry.relation_id, entry.known_relation_id) for entry in told] == [
        (None, "r0"),
        ("r1", "r1"),
        ("r2", "r2"),
        ("r0", "r3"),
        ("r3", None),
    ]
    assert (found.right, found.wrong, found.missed) == (len(SPANS) + 1, 3, 1)


def test_a_relation_without_its_object_follows_from_the_object() -> None:
    known = related(("works", "ann", "ltd"), ("works", "bob", "ltd"))
    found = held(related(("works", "bob", "ltd"), without=frozenset({"ann"})), known)
    assert (found.right, found.wrong, found.missed) == (4, 0, 1)
    assert [pair.kind for pair in found.relations] == [FindingKind.RIGHT]


def test_a_relation_between_loose_objects_counts() -> None:
    known = related(("works", "ann", "ltd"))
    loose = [
        a.model_copy(update={"geometry": Span(start=0, end=9)}) if a.annotation_id == "ann" else a
        for a in known.annotations
    ]
    found = held(known.model_copy(update={"annotations": loose}), known)
    assert [pair.kind for pair in found.relations] == [FindingKind.RIGHT]
    assert found.wrong == 1


@given(said=facts, known=facts, gone=absent, missing=absent, turn=st.integers(0, 5))
def test_ids_and_order_of_relations_say_nothing(
    said: list[Fact], known: list[Fact], gone: frozenset[str], missing: frozenset[str], turn: int
) -> None:
    truth = related(*known, without=missing)
    one = held(related(*said, without=gone), truth)
    other = held(related(*said, without=gone, prefix="other-", turn=turn), truth)
    assert (one.right, one.wrong, one.missed) == (other.right, other.wrong, other.missed)
    turned = held(related(*said, without=gone), related(*known, without=missing, prefix="z", turn=turn))
    assert (one.right, one.wrong, one.missed) == (turned.right, turned.wrong, turned.missed)


@given(said=facts, known=facts, gone=absent)
def test_a_relation_counts_once_and_only_where_both_ends_are_there(
    said: list[Fact], known: list[Fact], gone: frozenset[str]
) -> None:
    given_ = related(*said, without=gone)
    found = held(given_, related(*known))
    told_given = [pair.given.relation_id for pair in found.relations if pair.given is not None]
    told_known = [pair.known.relation_id for pair in found.relations if pair.known is not None]
    assert len(told_given) == len(set(told_given))
    assert len(told_known) == len(set(told_known))

    def distinct(facts_: list[Fact]) -> set[tuple[str, ...]]:
        kept = [fact for fact in facts_ if not gone & set(fact)]
        return {(kind, *(sorted(ends) if kind == "same" else ends)) for kind, *ends in kept}

    assert len(told_given) == len(distinct(said))
    assert len(told_known) == len(distinct(known))
    right = sum(pair.kind is FindingKind.RIGHT for pair in found.relations)
    assert right == len(distinct(said) & distinct(known))


@given(known=facts)
def test_the_same_relations_are_all_right_and_none_are_all_missed(known: list[Fact]) -> None:
    truth = related(*known)
    same = held(truth, truth)
    assert same.wrong == same.missed == 0
    count = same.right - len(SPANS)
    assert held(related(), truth).missed == count
    assert held(truth, related()).wrong == count


@given(known=facts)
def test_the_direction_counts_where_a_type_has_one(known: list[Fact]) -> None:
    truth = related(*known)
    turned = related(*((kind, end, start) for kind, start, end in known))
    kinds = {kind for kind, start, end in known if (kind, end, start) not in known}
    found = held(turned, truth)
    if kinds <= {"same"}:
        assert found.wrong == found.missed == 0
    else:
        assert found.wrong > 0
