from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldsmith.compat.scale_v1.task_types.forms.fields import MAX_REPEATS
from goldsmith.compat.scale_v1.task_types.types import CheckedTask, ParameterFault
from goldsmith.core.annotations import Labelling
from goldsmith.core.ontology import Attribute
from tests.unit.compat.scale_v1.task_types import made
from tests.unit.compat.scale_v1.task_types.made import EXAMPLES, FORM, ITEM, checked_of

TYPE, CHECKED = checked_of("textcollection", FORM)
QUESTIONS = {entry.name: entry for entry in CHECKED.ontology.questions}


def form(*fields: dict[str, Any]) -> CheckedTask:
    params = {"attachments": [{"type": "text", "content": "x"}], "fields": list(fields)}
    return checked_of("textcollection", params)[1]


def text(field_id: str, **more: Any) -> dict[str, Any]:
    return {"type": "text", "field_id": field_id, "title": field_id, **more}


def asked(checked: CheckedTask) -> dict[str, Attribute]:
    return {entry.name: entry for entry in checked.ontology.questions}


@st.composite
def labellings(draw: st.DrawFn) -> Labelling:
    """Answers whose repeats have no gaps: that is how responses tell them."""
    answers = draw(made.values(CHECKED.ontology.questions))
    names = {entry.attribute_id: entry.name for entry in CHECKED.ontology.questions}
    by_name = {names[key]: key for key in answers}
    for first, later in (("Label (1)", "Label (2)"), ("Label (2)", "Label (3)")):
        if first not in by_name and later in by_name:
            del answers[by_name.pop(later)]
    return Labelling(answers=answers)


@settings(max_examples=50)
@given(labellings())
def test_a_response_reads_back(labelling: Labelling) -> None:
    response = TYPE.response(labelling, CHECKED, ITEM)
    assert TYPE.labelling_from(response, CHECKED, ITEM) == labelling


def test_each_field_is_a_question() -> None:
    genre = QUESTIONS["Select all genres that apply."]
    assert (genre.kind, genre.is_required) == ("multi_choice", True)
    assert [option.name for option in genre.options] == [
        "Hip-Hop/Rap / Dirty South",
        "Hip-Hop/Rap / Rap",
        "Other",
    ]
    assert [option.option_id for option in genre.options] == ["dirty-south", "rap", "other"]
    assert genre.description == "Choose 1 to 2."
    assert {name: QUESTIONS[name].kind for name in ("Price", "New?", "Day", "Best first")} == {
        "Price": "number",
        "New?": "boolean",
        "Day": "date",
        "Best first": "ranking",
    }
    assert (QUESTIONS["Price"].minimum, QUESTIONS["Price"].maximum) == (0, 100)
    assert QUESTIONS["Price"].description == "In EUR."
    assert {"Solo, start in seconds", "Solo, end in seconds"} <= set(QUESTIONS)
    assert [name for name in QUESTIONS if name.startswith("Label")] == ["Label (1)", "Label (2)", "Label (3)"]
    rows = [name for name in QUESTIONS if name.startswith("About")]
    assert rows == [
        "About › Item (1) › Name",
        "About › Item (1) › Price",
        "About › Item (2) › Name",
        "About › Item (2) › Price",
    ]
    assert [QUESTIONS[name].is_required for name in rows] == [True, False, False, False]


def test_attachments_of_every_type() -> None:
    assert [(part.kind, part.title) for part in CHECKED.parts] == [
        ("website", None),
        ("markdown", None),
        ("pdf", "About"),
        ("image", None),
        ("audio", None),
        ("video", None),
    ]
    assert CHECKED.parts[1].text == "Some **words**"
    assert CHECKED.item_kind == "document"


def test_conditions_look_at_the_same_row() -> None:
    for number in (1, 2):
        condition = QUESTIONS[f"About › Item ({number}) › Price"].condition
        name = QUESTIONS[f"About › Item ({number}) › Name"]
        assert condition is not None
        assert condition.attribute_ids() == {name.attribute_id}
        assert condition.holds({name.attribute_id: "soup"})


def test_not_asks_for_the_other_answers() -> None:
    mood = QUESTIONS["Mood"]
    down = next(option.option_id for option in mood.options if option.name == "down")
    up = next(option.option_id for option in mood.options if option.name == "Up")
    condition = QUESTIONS["New?"].condition
    assert condition is not None
    assert condition.holds({mood.attribute_id: up})
    assert not condition.holds({mood.attribute_id: down})
    labels = QUESTIONS["Label (2)"].condition
    assert labels is not None
    assert labels.holds({mood.attribute_id: down})


@pytest.mark.parametrize(
    ("conditions", "one", "two", "expected"),
    [
        ([{"one": "a"}, {"two": "a"}], "b", "a", True),
        ([{"one": "a"}, {"two": "a"}], "b", "b", False),
        ([{"one": "a", "two": "a"}], "a", "a", True),
        ([{"one": "a", "two": "a"}], "a", "b", False),
        ({"one": ["a", "b"]}, "b", "c", True),
        ({"one": {"value": "a"}}, "a", "c", True),
        ({"one": {"values": ["a", "c"]}}, "b", "c", False),
        ({"one": {"not": "a"}}, "b", "c", True),
        ({"not": [{"one": "a"}, {"two": "a"}]}, "b", "b", True),
        ({"not": [{"one": "a"}, {"two": "a"}]}, "b", "a", False),
        ({"not": {"one": "a", "two": "a"}}, "b", "a", True),
        ({"not": {"one": "a", "two": "a"}}, "a", "a", False),
        ({"not": {"not": {"one": "a"}}}, "a", "a", True),
    ],
)
def test_objects_are_and_and_arrays_are_or(conditions: Any, one: str, two: str, expected: bool) -> None:
    choice = {"type": "category", "choices": ["a", "b", "c"]}
    questions = asked(
        form(
            {**choice, "field_id": "one", "title": "one"},
            {**choice, "field_id": "two", "title": "two"},
            text("three", conditions=conditions),
        )
    )
    condition = questions["three"].condition
    assert condition is not None
    values = {questions["one"].attribute_id: one, questions["two"].attribute_id: two}
    assert condition.holds(values) is expected


def test_conditions_of_a_set_hold_for_what_is_in_it() -> None:
    questions = asked(
        form(
            text("a"),
            {
                "type": "field_set",
                "field_id": "s",
                "title": "S",
                "conditions": [{"a": "x"}],
                "fields": [text("b", conditions=[{"a": ["x", "y"]}]), text("c")],
            },
        )
    )
    for name in ("S › b", "S › c"):
        condition = questions[name].condition
        assert condition is not None
        assert condition.holds({questions["a"].attribute_id: "x"})
        assert not condition.holds({questions["a"].attribute_id: "y"})


def test_what_may_be_answered_often_is_asked_up_to_the_cap() -> None:
    questions = asked(form(text("a", max_responses_required=100, min_responses_required=2, required=True)))
    assert len(questions) == MAX_REPEATS
    assert [entry.is_required for entry in questions.values()] == [True, True, *[False] * (MAX_REPEATS - 2)]
    assert questions["a (1)"].description == f"Up to {MAX_REPEATS} answers."


def test_ids_follow_from_the_field_its_sets_and_what_its_conditions_look_at() -> None:
    one = asked(form(text("a"), text("b", conditions=[{"a": "x"}])))
    more = asked(form(text("c"), text("a"), text("b", conditions=[{"a": "x"}])))
    other = asked(form(text("a", hint="!"), text("b", conditions=[{"a": "x"}])))
    assert one["b"] == more["b"]
    assert one["b"].attribute_id != other["b"].attribute_id
    within = asked(
        form({"type": "form", "field_id": "f", "title": "", "fields": [text("a")]} | {"title": "F"})
    )
    assert within["F › a"].attribute_id != one["a"].attribute_id


def test_answers_told_plainly_are_read_too() -> None:
    plain = {
        "genre": ["rap"],
        "mood": True,
        "labels": ["Free Range", "All Natural"],
        "price": "11.79",
        "day": "2020-12-31T10:00:00Z",
        "order": ["c", "a", "b"],
        "solo": {"start": 1, "end": 2.5},
        "about": {"items": [{"item_name": "soup", "item_price": 3}, {"item_name": "tea"}]},
    }
    labelling = TYPE.labelling_from({"annotations": plain}, CHECKED, ITEM)
    assert CHECKED.ontology.faults_of(labelling) == []
    told = TYPE.response(labelling, CHECKED, ITEM)["annotations"]
    assert told["genre"] == {"type": "category", "field_id": "genre", "response": [["rap"]]}
    assert told["labels"]["response"] == [["Free Range"], ["All Natural"]]
    assert told["price"]["response"] == [[11.79]]
    assert told["day"]["response"] == [["2020-12-31"]]
    assert told["order"] == {"type": "ranking_order", "field_id": "order", "response": [["c", "a", "b"]]}
    assert told["solo"]["response"] == [[{"start": 1, "end": 2.5}]]
    (about,) = told["about"]["response"]
    assert [row["item_name"]["response"] for row in about["items"]["response"]] == [[["soup"]], [["tea"]]]
    assert TYPE.labelling_from({"annotations": told}, CHECKED, ITEM) == labelling


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ([], '"fields" must contain at least 1 items'),
        ([{"type": "text", "title": "a"}], '"fields[0].field_id" is required'),
        ([{"type": "text", "field_id": "a"}], '"fields[0].title" is required'),
        ([{"field_id": "a", "title": "a"}], '"fields[0].type" is required'),
        ([text("a"), text("a")], '"fields" contains a duplicate value'),
        (
            [text("a", min_responses_required=0)],
            '"fields[0].min_responses_required" must be larger than or equal to 1',
        ),
        (
            [text("a", max_responses_required=101)],
            '"fields[0].max_responses_required" must be less than or equal to 100',
        ),
        ([{**text("a"), "type": "category"}], '"fields[0].choices" is required'),
        (
            [{**text("a"), "type": "category", "choices": [{"label": "x"}]}],
            '"fields[0].choices[0].value" is required',
        ),
        (
            [{**text("a"), "type": "category", "choices": ["x"], "min_choices": 2}],
            '"fields[0].min_choices" must be less than or equal to 1',
        ),
        ([{**text("a"), "type": "field_set"}], '"fields[0].fields" is required'),
        ([text("a", conditions=[{"b": "x"}])], '"fields[0].conditions[0].b" is not a field'),
        (
            [text("a", conditions=[{"a": "x"}])],
            '"fields" has conditions that depend on each other in a circle',
        ),
        (
            [text("a"), text("b", conditions=[{"a": {"not": "x"}}])],
            '"fields[1].conditions[0].a" can only be negated for a field with one choice, or a boolean',
        ),
        (
            [text("a"), text("b", conditions=[{"a": {"near": "x"}}])],
            '"fields[1].conditions[0].a" must have one key out of [value, values, choices, equals, in, not]',
        ),
    ],
)
def test_fields_are_checked(fields: list[dict[str, Any]], reason: str) -> None:
    with pytest.raises(ParameterFault) as raised:
        form(*fields)
    assert raised.value.reason == reason


def test_a_form_that_multiplies_is_refused_at_once() -> None:
    field: dict[str, Any] = text("leaf", max_responses_required=20)
    for depth in range(15):
        field = {
            "type": "field_set",
            "field_id": f"s{depth}",
            "title": "S",
            "max_responses_required": 20,
            "fields": [field],
        }
    with pytest.raises(ParameterFault, match="questions with all repeats; at most 1000"):
        form(field)


@pytest.mark.parametrize(
    ("annotations", "reason"),
    [
        ({"nothing": 1}, '"response.annotations.nothing" is not allowed'),
        ({"price": 101}, '"response.annotations.price" must be less than or equal to 100'),
        ({"price": [1, 2]}, '"response.annotations.price" must contain 1 items'),
        (
            {"genre": ["rap", "rap", "other", "dirty-south"]},
            '"response.annotations.genre" must contain 1 to 2 choices',
        ),
        ({"mood": "sideways"}, '"response.annotations.mood" must be one of [True, down]'),
        (
            {"labels": list("abcd")},
            '"response.annotations.labels" must contain less than or equal to 3 items',
        ),
        ({"day": "tomorrow"}, '"response.annotations.day" must be a date, as 2020-12-31'),
        ({"order": ["a", "b"]}, '"response.annotations.order" must contain each of the 3 choices once'),
        ({"solo": {"start": -1}}, '"response.annotations.solo.start" must be larger than or equal to 0'),
    ],
)
def test_answers_are_checked(annotations: dict[str, Any], reason: str) -> None:
    with pytest.raises(ParameterFault) as raised:
        TYPE.labelling_from({"annotations": annotations}, CHECKED, ITEM)
    assert raised.value.reason == reason


def test_a_recorded_data_collection_is_told_word_for_word() -> None:
    task_type, checked = checked_of("datacollection", EXAMPLES["datacollection"])
    recorded = {"fields": {"hiring_page": "test response"}, "time_spent_in_seconds": 15}
    labelling = task_type.labelling_from(recorded, checked, ITEM)
    assert task_type.response(labelling, checked, type(ITEM)(active_s=15)) == recorded
    assert labelling == task_type.canned(checked, ITEM)
    (question,) = checked.ontology.questions
    assert (question.name, question.is_required) == ("Hiring Page URL", True)


def test_a_transcription_has_fields_and_rows_of_the_same_names() -> None:
    task_type, checked = checked_of("transcription", EXAMPLES["transcription"])
    names = [entry.name for entry in checked.ontology.questions]
    assert names[:4] == [
        "Title of Webpage",
        "Title of the top result",
        "Row (1) › Username of submitter",
        "Row (1) › Number of comments",
    ]
    assert len(names) == 2 + 2 * MAX_REPEATS
    response = {
        "fields": {"title": "News", "top_result": "Fire"},
        "repeatable_fields": [{"title": "ann", "comment_count": "3"}, {"title": "bob"}],
    }
    labelling = task_type.labelling_from(response, checked, ITEM)
    assert checked.ontology.faults_of(labelling) == []
    assert task_type.response(labelling, checked, ITEM) == response


def test_a_transcription_may_have_only_rows_or_only_fields() -> None:
    rows = {key: value for key, value in EXAMPLES["transcription"].items() if key != "fields"}
    task_type, checked = checked_of("transcription", rows)
    response = {"fields": {}, "repeatable_fields": [{"title": "x"}]}
    assert task_type.response(task_type.labelling_from(response, checked, ITEM), checked, ITEM) == response
    fields = {key: value for key, value in EXAMPLES["transcription"].items() if key != "repeatable_fields"}
    task_type, checked = checked_of("transcription", fields)
    recorded = {"fields": {"title": "a", "top_result": "b"}, "repeatable_fields": [None, None]}
    labelling = task_type.labelling_from(recorded, checked, ITEM)
    assert task_type.response(labelling, checked, ITEM) == {**recorded, "repeatable_fields": []}


@pytest.mark.parametrize(
    ("name", "changes", "reason"),
    [
        ("transcription", {"fields": None, "repeatable_fields": None}, '"fields" is required'),
        ("transcription", {"fields": {}}, '"fields" must have at least 1 key'),
        ("transcription", {"fields": {"a": 1}}, '"fields.a" must be a string'),
        ("transcription", {"hypothesis": {"fields": {"x": "y"}}}, '"hypothesis.fields.x" is not allowed'),
        (
            "transcription",
            {"hypothesis": {"fields": {}, "repeatable_fields": [{"title": "x"}] * 21}},
            '"hypothesis.repeatable_fields" must contain less than or equal to 20 items',
        ),
        ("datacollection", {"fields": "x"}, '"fields" must be an object'),
        ("datacollection", {"hypothesis": {}}, '"hypothesis.fields" is required'),
        ("textcollection", {"attachments": []}, '"attachments" must contain at least 1 items'),
        (
            "textcollection",
            {"attachments": [{"type": "tape"}]},
            '"attachments[0].type" must be one of [image, text,',
        ),
        ("textcollection", {"attachments": [{"type": "pdf"}]}, '"attachments[0].content" is required'),
        (
            "textcollection",
            {"attachments": [{"type": "text", "content": "x", "forms": ["no"]}]},
            '"attachments[0].forms[0]" must be one of [genre, mood,',
        ),
    ],
)
def test_parameters_are_checked(name: str, changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(ParameterFault) as raised:
        checked_of(name, {**EXAMPLES[name], **changes})
    assert raised.value.reason.startswith(reason)
