import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldsmith.core.annotations import Annotation, Labelling, Relation
from goldsmith.core.geometry import AnyShape, Box, Mask, RotatedBox, Span
from goldsmith.core.ontology import Ontology, RelationType
from goldsmith.datasets.canonical import canonical_labelling, content_hash, label_hash
from tests.unit.core.geometry.strategies import shapes
from tests.unit.datasets.samples import ONTOLOGY, entry


def test_ids_times_and_order_do_not_change_the_hash() -> None:
    one = [entry(i) for i in range(5)]
    other = [
        entry(
            i,
            item_id=f"itm_other{i}",
            task_id="t",
            submission_ids=["s"],
            labelling=Labelling(
                annotations=[
                    a.model_copy(update={"annotation_id": a.annotation_id + "x"})
                    for a in entry(i).labelling.annotations
                ]
            ),
        )
        for i in reversed(range(5))
    ]
    assert content_hash(one, ONTOLOGY) == content_hash(other, ONTOLOGY)


def test_what_it_says_does_change_the_hash() -> None:
    base = content_hash([entry(0), entry(1)], ONTOLOGY)
    assert content_hash([entry(0), entry(1, split="test")], ONTOLOGY) != base
    assert content_hash([entry(0), entry(1, labelling=Labelling())], ONTOLOGY) != base
    assert content_hash([entry(0)], ONTOLOGY) != base
    assert content_hash([entry(0), entry(1, sha256="0" * 64)], ONTOLOGY) != base


def test_the_hash_is_the_same_on_every_machine() -> None:
    known = "cfb5d808c0ab430eb945a17139bd2e44c8afa30d3d1f3863d2324aecd49db5dc"
    assert content_hash([entry(0), entry(1)], ONTOLOGY) == known


def test_a_canonical_labelling_is_rounded_ordered_and_stable() -> None:
    labelling = entry(0).labelling
    swapped = Labelling(annotations=list(reversed(labelling.annotations)))
    first, second = canonical_labelling(labelling), canonical_labelling(swapped)
    assert label_hash(first) == label_hash(second)
    assert canonical_labelling(first) == first


def drawn(*drawings: AnyShape, groups: str = "") -> Labelling:
    ids = [*groups, *["-"] * (len(drawings) - len(groups))]
    return Labelling(
        annotations=[
            Annotation(
                annotation_id=f"n{i}",
                class_id="car",
                geometry=shape,
                group_id=None if ids[i] == "-" else ids[i],
            )
            for i, shape in enumerate(drawings)
        ]
    )


def hashed(labelling: Labelling) -> str:
    return label_hash(canonical_labelling(labelling))


@given(st.lists(shapes, max_size=4))
def test_every_kind_is_rounded_once_and_keeps_its_kind(drawings: list[AnyShape]) -> None:
    first = canonical_labelling(drawn(*drawings))
    assert canonical_labelling(first) == first
    assert sorted(a.geometry.kind for a in first.annotations) == sorted(shape.kind for shape in drawings)
    by_id = {f"n{i}": shape for i, shape in enumerate(drawings)}
    for annotation in first.annotations:
        wanted = by_id[annotation.annotation_id].bounds_xyxy()
        assert annotation.geometry.bounds_xyxy() == pytest.approx(wanted, abs=0.02)


def pixels(x: int, y: int, side: int) -> Mask:
    return Mask(origin_xy=(x, y), size_wh=(side, side), runs=[0, side * side])


def test_which_of_two_masks_is_seen_counts_and_the_order_of_others_does_not() -> None:
    low, high, far = pixels(0, 0, 10), pixels(5, 5, 10), pixels(100, 0, 5)
    assert hashed(drawn(low, high, far)) == hashed(drawn(far, low, high)) != hashed(drawn(high, low, far))
    box = Box(box_xyxy=(0, 0, 9, 9))
    assert hashed(drawn(box, low)) == hashed(drawn(low, box))


def test_a_crowd_keeps_its_order() -> None:
    crowd = [pixels(3 * i, 0, 2) for i in reversed(range(3001))]
    assert [a.geometry for a in canonical_labelling(drawn(*crowd)).annotations] == crowd


def test_groups_count_and_their_names_do_not() -> None:
    a, b, c = (Box(box_xyxy=(i, 0, i + 1, 1)) for i in range(3))
    assert hashed(drawn(a, b, c, groups="xx")) == hashed(drawn(a, b, c, groups="yy"))
    assert hashed(drawn(a, b, c, groups="xx")) != hashed(drawn(a, b, c, groups="x-x"))
    assert hashed(drawn(a, b, c, groups="xx")) != hashed(drawn(a, b, c))


def test_an_angle_rounds_to_what_an_angle_may_be() -> None:
    turned = RotatedBox(center_xy=(0, 0), size_wh=(4, 4), angle_deg=359.9999)
    level = turned.model_copy(update={"angle_deg": 0.0})
    assert hashed(drawn(turned)) == hashed(drawn(level))


def test_an_ontology_of_before_there_were_relations_has_the_hash_it_had() -> None:
    side = {
        "attribute_id": "side",
        "name": "Side",
        "kind": "choice",
        "options": [{"option_id": "l", "name": "Left"}],
    }
    lamp = {
        "attribute_id": "lamp",
        "name": "Lamp",
        "kind": "boolean",
        "condition": {"attribute_id": "side", "equals": ["l"]},
    }
    number = {"attribute_id": "n", "name": "Number", "kind": "number", "minimum": 0}
    car = {"class_id": "car", "name": "Car", "attributes": [side, lamp]}
    old = Ontology.model_validate({"classes": [car], "questions": [number]})
    known = "9365acda092d97d6264372eff366c882ad47f3ce4d3c94afa055db30c36e2ed7"
    assert content_hash([], old) == known
    related = old.model_copy(update={"relation_types": [RelationType(relation_type_id="on", name="on")]})
    assert content_hash([], related) != known


def text(*relations: tuple[str, str], names: str = "abc", kind: str = "part") -> Labelling:
    spans = [
        Annotation(annotation_id=name, class_id="car", geometry=Span(start=9 * at, end=9 * at + 5))
        for at, name in enumerate(names)
    ]
    joined = [
        Relation(relation_id=f"r{number}", relation_type_id=kind, from_id=start, to_id=end)
        for number, (start, end) in enumerate(relations)
    ]
    return Labelling(annotations=spans, relations=joined)


def test_relations_count_whatever_the_names_of_their_ends_and_their_order() -> None:
    one = hashed(text(("a", "b"), ("b", "c")))
    assert one == hashed(text(("y", "z"), ("x", "y"), names="xyz"))
    assert one != hashed(text(("a", "b"), ("c", "b")))
    assert one != hashed(text(("a", "b"), ("b", "c"), kind="same"))
    assert one != hashed(text(("a", "b")))
    first = canonical_labelling(text(("b", "c"), ("a", "b")))
    assert canonical_labelling(first) == first
