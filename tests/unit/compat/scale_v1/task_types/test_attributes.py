from typing import Any

import pytest

from goldsmith.compat.scale_v1.task_types.types import CheckedTask, ParameterFault
from goldsmith.core.ontology import Attribute
from tests.unit.compat.scale_v1.task_types.made import PICTURE, checked_of

LABELS = ["car", "bus", {"choice": "bike", "subchoices": ["moped", "tandem"]}]


def asked(attributes: dict[str, Any], labels: list[Any] = LABELS) -> CheckedTask:
    params = {
        "attachment": PICTURE,
        "geometries": {"polygon": {"objects_to_annotate": labels}},
        "annotation_attributes": attributes,
    }
    return checked_of("imageannotation", params)[1]


def of_label(checked: CheckedTask, label: str) -> dict[str, Attribute]:
    found = next(entry for entry in checked.ontology.classes if entry.name == label)
    return {entry.name: entry for entry in found.attributes}


def test_a_label_condition_says_which_classes_carry_an_attribute() -> None:
    checked = asked(
        {
            "doors": {"type": "number", "conditions": {"label_condition": {"label": ["car", "bus"]}}},
            "seats": {"type": "number", "conditions": {"label_condition": {"label": "tandem"}}},
            "color": {"type": "text"},
        }
    )
    assert set(of_label(checked, "car")) == set(of_label(checked, "bus")) == {"doors", "color"}
    assert set(of_label(checked, "tandem")) == {"seats", "color"}
    assert set(of_label(checked, "moped")) == {"color"}
    assert set(of_label(checked, "bike")) == set()


def holds(checked: CheckedTask, label: str, name: str, **values: Any) -> bool:
    attributes = of_label(checked, label)
    condition = attributes[name].condition
    return condition is None or condition.holds(
        {attributes[key].attribute_id: value for key, value in values.items()}
    )


def test_lists_are_or_and_objects_are_and() -> None:
    choice = {"choices": ["a", "b", "c"]}
    checked = asked(
        {
            "one": choice,
            "two": choice,
            "three": {
                "type": "text",
                "conditions": [
                    {
                        "label_condition": {"label": "car"},
                        "attribute_conditions": [{"one": ["a", "b"], "two": "c"}],
                    },
                    {
                        "label_condition": {"label": "car"},
                        "attribute_conditions": [{"one": "c"}, {"two": "a"}],
                    },
                    {"label_condition": {"label": "bus"}},
                ],
            },
        }
    )
    assert holds(checked, "car", "three", one="a", two="c")
    assert holds(checked, "car", "three", one="c", two="a")
    assert not holds(checked, "car", "three", one="a", two="a")
    assert not holds(checked, "car", "three", one="c", two="c")
    assert of_label(checked, "bus")["three"].condition is None
    assert "three" not in of_label(checked, "moped")


def test_what_depends_on_an_attribute_of_other_labels_is_not_asked() -> None:
    checked = asked(
        {
            "one": {"choices": ["a"], "conditions": {"label_condition": {"label": "car"}}},
            "two": {"type": "text", "conditions": {"attribute_conditions": [{"one": "a"}]}},
        }
    )
    assert set(of_label(checked, "car")) == {"one", "two"}
    assert set(of_label(checked, "bus")) == set()


def test_each_type_is_asked_as_what_it_is() -> None:
    checked = asked(
        {
            "nested": {"choices": ["x", {"choice": "y", "subchoices": [{"choice": "z", "display": "Zed"}]}]},
            "several": {"type": "category", "choices": ["x", "y"], "allow_multiple": True},
            "number": {"type": "number", "min": 1, "max": 5, "step": 0.5, "description": "How many?"},
            "angle": {"type": "angle", "required": False},
            "text": {"type": "text"},
        }
    )
    found = of_label(checked, "car")
    assert [option.name for option in found["nested"].options] == ["x", "y / Zed"]
    assert [option.option_id for option in found["nested"].options] == ["x", "z"]
    assert found["several"].kind == "multi_choice"
    assert (found["number"].minimum, found["number"].maximum) == (1, 5)
    assert found["number"].description == "How many? (in steps of 0.5)"
    assert (found["angle"].minimum, found["angle"].maximum, found["angle"].is_required) == (0, 360, False)
    assert (found["text"].kind, found["text"].is_required) == ("text", True)


def test_ids_follow_from_content_and_from_what_conditions_look_at() -> None:
    base = {
        "one": {"choices": ["a", "b"]},
        "two": {"type": "text", "conditions": {"attribute_conditions": [{"one": "a"}]}},
    }
    same = of_label(asked(base), "car")
    more = of_label(asked({**base, "three": {"type": "text"}}), "car")
    other = of_label(asked({**base, "one": {"choices": ["a", "b", "c"]}}), "car")
    assert same["two"] == more["two"]
    assert same["one"].attribute_id != other["one"].attribute_id
    assert same["two"].attribute_id != other["two"].attribute_id
    assert (
        len(
            {
                option.option_id
                for option in of_label(asked({"x": {"choices": ["1", 1, True, "true"]}}), "car")["x"].options
            }
        )
        == 4
    )


@pytest.mark.parametrize(
    ("attributes", "reason"),
    [
        ({"x": "text"}, '"annotation_attributes.x" must be an object'),
        ({"x": {}}, '"annotation_attributes.x.choices" is required'),
        (
            {"x": {"type": "colour"}},
            '"annotation_attributes.x.type" must be one of [category, number, angle,',
        ),
        ({"x": {"choices": ["a", "a"]}}, '"annotation_attributes.x.choices" contains a duplicate value'),
        (
            {"x": {"type": "number", "min": 5, "max": 1}},
            '"annotation_attributes.x.max" must be larger than or equal to 5',
        ),
        (
            {"x": {"type": "text", "conditions": {"label_condition": {"label": "bike"}}}},
            '"annotation_attributes.x.conditions.label_condition.label" must be one of [bus, car, moped, tandem]',
        ),
        (
            {"x": {"type": "text", "conditions": {"attribute_conditions": [{"y": "a"}]}}},
            '"annotation_attributes.x.conditions" names the unknown attribute "y"',
        ),
        (
            {
                "x": {"type": "text", "conditions": {"attribute_conditions": [{"y": "b"}]}},
                "y": {"choices": ["a"]},
            },
            '"annotation_attributes.x.conditions" must name choices of "y"',
        ),
        (
            {
                "x": {"choices": ["a"], "conditions": {"attribute_conditions": [{"y": "a"}]}},
                "y": {"choices": ["a"], "conditions": {"attribute_conditions": [{"x": "a"}]}},
            },
            '"annotation_attributes.x.conditions" must not depend on the attribute itself',
        ),
        (
            {"x": {"type": "text", "conditions": {"labels": ["car"]}}},
            '"annotation_attributes.x.conditions.labels" is not allowed',
        ),
        (
            {"x": {"type": "linked", "allowed_labels": ["plane"]}},
            '"annotation_attributes.x.allowed_labels[0]" must be one of [bus, car, moped, tandem]',
        ),
        (
            {"x": {"type": "text", "global": True, "conditions": {"label_condition": {"label": "car"}}}},
            '"annotation_attributes.x.conditions" must not have a label_condition: the attribute is global',
        ),
    ],
)
def test_attributes_are_checked(attributes: dict[str, Any], reason: str) -> None:
    with pytest.raises(ParameterFault) as raised:
        asked(attributes)
    assert raised.value.reason.startswith(reason)
