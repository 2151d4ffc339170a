from collections import Counter

import pytest

from goldsmith.core.annotations import Annotation, Labelling, Relation
from goldsmith.core.geometry import Box
from goldsmith.datasets.policy import make_card, select_label
from goldsmith.datasets.types import LabelPolicy, VersionPolicy
from tests.unit.datasets.samples import ONTOLOGY, entry


def labelling(*scores: float | None) -> Labelling:
    box = Box(box_xyxy=(0, 0, 5, 5))
    return Labelling(
        annotations=[
            Annotation(annotation_id=str(i), class_id="car", geometry=box, score=s)
            for i, s in enumerate(scores)
        ]
    )


def select(label: Labelling, policy: LabelPolicy, **changes: object) -> tuple[int | None, str]:
    facts: dict[str, object] = {
        "label_kind": "consensus",
        "task_state": "done",
        "is_reviewed": False,
    } | changes
    selected = select_label(label, policy=policy, **facts)  # type: ignore[arg-type]
    return (None if selected.labelling is None else len(selected.labelling.annotations)), selected.reason


def test_objects_below_the_posterior_are_dropped_or_take_the_item_with_them() -> None:
    assert select(labelling(0.9, 0.4, None), LabelPolicy())[0] == 2
    assert select(labelling(0.9, 0.4), LabelPolicy(below_minimum="drop_item"))[0] is None
    assert select(labelling(0.9, 0.8), LabelPolicy(below_minimum="drop_item"))[0] == 2


@pytest.mark.parametrize(
    ("policy", "changes", "reason"),
    [
        (LabelPolicy(label_kinds=["gold"]), {}, "label is consensus"),
        (LabelPolicy(), {"task_state": "review"}, "task is review"),
        (LabelPolicy(reviewed_only=True), {}, "not reviewed"),
    ],
)
def test_what_is_left_out_has_a_reason(policy: LabelPolicy, changes: dict[str, object], reason: str) -> None:
    assert select(labelling(0.9), policy, **changes) == (None, reason)


def test_empty_items_are_kept_unless_asked() -> None:
    assert select(labelling(), LabelPolicy())[0] == 0
    assert select(labelling(0.1), LabelPolicy(include_empty=False))[0] is None


def test_the_datasheet_counts() -> None:
    entries = [entry(i) for i in range(6)]
    card = make_card(
        entries,
        ontology=ONTOLOGY,
        policy=VersionPolicy(project_ids=["p"]),
        groups=[0, 0, 0, 3, 3, 3],
        left_out=Counter({"not reviewed": 2}),
        dropped_objects=1,
        made_ms=5,
    )
    assert card["splits"]["train"] == {"items": 4, "empty_items": 0, "objects": 8, "classes": {"Car": 8}}  # type: ignore[index]
    assert card["groups"] == {"count": 2, "largest": 3}
    assert card["left_out"] == {"not reviewed": 2}
    assert card["posterior"]["median"] == 0.97  # type: ignore[index]


def test_relations_go_with_objects_that_are_dropped_and_below_the_posterior() -> None:
    box = Box(box_xyxy=(0, 0, 5, 5))
    objects = [
        Annotation(annotation_id=name, class_id="car", geometry=box, score=score)
        for name, score in (("a", 0.9), ("b", 0.95), ("c", 0.4))
    ]
    relations = [
        Relation(relation_id=f"{start}{end}", relation_type_id="near", from_id=start, to_id=end, score=score)
        for start, end, score in (("a", "b", 0.9), ("b", "a", 0.3), ("a", "c", 0.9))
    ]
    labelling = Labelling(annotations=objects, relations=relations)
    policy = LabelPolicy(minimum_posterior=0.5)
    selected = select_label(
        labelling, label_kind="consensus", task_state="done", is_reviewed=False, policy=policy
    )
    assert selected.labelling is not None
    assert [relation.relation_id for relation in selected.labelling.relations] == ["ab"]
