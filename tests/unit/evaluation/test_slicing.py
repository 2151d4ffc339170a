from __future__ import annotations

import pytest

from goldsmith.core.annotations import Annotation, Labelling
from goldsmith.core.geometry import Box
from goldsmith.datasets.api import Entry
from goldsmith.evaluation.slicing import is_in_slice, size_of


def thing(side_px: float, *, is_occluded: bool = False, **attributes: str) -> Annotation:
    return Annotation(
        annotation_id="a",
        class_id="car",
        geometry=Box(box_xyxy=(0, 0, side_px, side_px)),
        is_occluded=is_occluded,
        attributes=dict(attributes),
    )


def entry(*things: Annotation, metadata: str = "{}") -> Entry:
    found = [one.model_copy(update={"annotation_id": f"a{n}"}) for n, one in enumerate(things)]
    return Entry(
        item_id="i", sha256="s", name="i.png", media_type="image/png", width_px=200, height_px=200, group_key="",
        metadata=metadata, perceptual_hash=None, task_id="t", label_kind="gold", label_version=1, submission_ids=[],
        split="test", labelling=Labelling(annotations=found),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("side_px", "name"), [(31.9, "small"), (32, "medium"), (95.9, "medium"), (96, "large")]
)
def test_sizes_are_those_of_coco(side_px: float, name: str) -> None:
    assert size_of(thing(side_px)) == name


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("light = night", True),
        ("light = day", False),
        ("lanes = 2", True),
        ("wet = True", True),
        ("Car: colour = red", True),
        ("Car: colour = blue", False),
        ("occluded = true", True),
        ("small", True),
        ("large", False),
        ("anything", False),
    ],
)
def test_an_item_is_in_a_slice_by_its_facts_or_its_objects(name: str, expected: bool) -> None:
    shown = entry(
        thing(10, colour="red"),
        thing(50, is_occluded=True),
        metadata='{"light": "night", "lanes": 2, "wet": true, "note": null, "at": [1]}',
    )
    assert is_in_slice(shown, name, class_names={"car": "Car"}) is expected


def test_an_empty_item_is_in_no_slice() -> None:
    assert not is_in_slice(entry(), "occluded = false", class_names={})
