from __future__ import annotations

import pytest

from goldsmith.core.errors import InvalidInputError
from goldsmith.core.ontology import LabelClass, Ontology
from goldsmith.training.policy import match_classes, require_images

LEARNT = Ontology(
    classes=[
        LabelClass(class_id="a", name="Car"),
        LabelClass(class_id="b", name="Sign"),
        LabelClass(class_id="c", name="Bus"),
    ]
)


def test_classes_are_found_by_id_and_then_by_name() -> None:
    wanted = Ontology(
        classes=[LabelClass(class_id="x", name="car"), LabelClass(class_id="b", name="Traffic sign")]
    )
    assert match_classes(["a", "b", "c"], learnt_with=LEARNT, wanted=wanted) == ["x", "b", None]
    assert match_classes(["a", "b"], learnt_with=Ontology(), wanted=wanted) == [None, "b"]


def test_a_class_that_may_not_be_drawn_so_is_left_out() -> None:
    wanted = Ontology(
        classes=[
            LabelClass(class_id="a", name="Car", geometry_kinds=["polygon"]),
            LabelClass(class_id="y", name="Car"),
            LabelClass(class_id="b", name="Sign", geometry_kinds=["polygon", "box"]),
        ]
    )
    found = match_classes(["a", "b"], learnt_with=LEARNT, wanted=wanted, geometry_kind="box")
    assert found == [None, "b"]


def test_texts_are_not_learnt_from() -> None:
    require_images({}, what_for="training")  # cut before there were texts
    require_images({"media": {"image": 3}}, what_for="training")
    with pytest.raises(InvalidInputError, match="3 items of this dataset version are texts"):
        require_images({"media": {"image": 1, "text": 2, "application": 1}}, what_for="training")
