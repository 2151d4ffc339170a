from goldsmith.core.annotations import Labelling
from goldsmith.datasets.canonical import canonical_labelling, content_hash, label_hash
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
