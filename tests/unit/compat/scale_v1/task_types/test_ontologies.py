from typing import Any

import pytest

from goldsmith.compat.scale_v1.task_types.ontologies import union
from goldsmith.compat.scale_v1.task_types.types import ParameterFault
from goldsmith.core.ontology import LabelClass, Ontology
from tests.unit.compat.scale_v1.task_types.made import EXAMPLES, IMAGE, PICTURE, checked_of


def ontology(labels: list[Any], geometry: str = "box", attributes: dict[str, Any] | None = None) -> Ontology:
    params = {
        "attachment": PICTURE,
        "geometries": {geometry: {"objects_to_annotate": labels}},
        "annotation_attributes": attributes or {},
    }
    return checked_of("imageannotation", params)[1].ontology


def test_a_project_that_has_it_all_stays_the_same_object() -> None:
    empty = Ontology()
    one = union(empty, checked_of("imageannotation", IMAGE)[1].ontology)
    assert union(one, checked_of("imageannotation", IMAGE)[1].ontology) is one
    assert union(one, empty) is one


def test_all_types_live_in_one_project() -> None:
    project = Ontology()
    for name, params in EXAMPLES.items():
        project = union(project, checked_of(name, params)[1].ontology)
    for name, params in EXAMPLES.items():
        task = checked_of(name, params)[1]
        assert union(project, task.ontology) is project
        assert set(task.class_ids) <= {entry.class_id for entry in project.classes}


def test_a_class_has_the_attributes_of_all_tasks() -> None:
    one, other = (
        ontology(["car"], attributes={"a": {"type": "text"}}),
        ontology(["car"], attributes={"b": {"type": "text"}}),
    )
    (both,) = union(one, other).classes
    assert [attribute.name for attribute in both.attributes] == ["a", "b"]
    assert union(union(one, other), one) == union(one, other)


def test_the_same_label_of_another_shape_is_another_class() -> None:
    found = union(ontology(["car"]), ontology(["car"], "polygon"))
    assert [(entry.name, entry.geometry_kinds) for entry in found.classes] == [
        ("car", ["box"]),
        ("car", ["polygon"]),
    ]


def test_a_folder_grows() -> None:
    one = ontology([{"choice": "vehicle", "subchoices": ["car"]}])
    other = ontology([{"choice": "vehicle", "subchoices": ["bus"]}], "polygon")
    found = union(one, other)
    assert [entry.name for entry in found.classes] == ["vehicle", "car", "bus"]
    assert found.classes[0].geometry_kinds == ["box", "polygon"]


def test_labels_that_differ_in_anything_never_meet() -> None:
    variants: list[Any] = [
        "car",
        {"choice": "car", "display": "Car!"},
        {"choice": "car", "description": "four wheels"},
        {"choice": "vehicle", "subchoices": ["car"]},
        {"choice": "vehicle", "display": "V", "subchoices": ["car"]},
    ]
    ids = [
        checked_of(
            "imageannotation",
            {"attachment": PICTURE, "geometries": {"box": {"objects_to_annotate": [entry]}}},
        )[1].class_ids
        for entry in variants
    ]
    assert len(set(ids)) == len(variants)


def test_a_project_that_would_be_too_large_is_a_wrong_parameter() -> None:
    project = Ontology(classes=[LabelClass(class_id=str(number), name="x") for number in range(5000)])
    with pytest.raises(ParameterFault, match="more than one project may hold"):
        union(project, ontology(["car"]))
