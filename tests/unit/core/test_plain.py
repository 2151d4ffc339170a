"""Plain structs say the same as the models: what they take, the models take, to the same values and text."""

from __future__ import annotations

import json
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from goldsmith.core.annotations import Annotation, Labelling, Relation
from goldsmith.core.geometry import GEOMETRY_KINDS, AnyShape
from goldsmith.core.plain import (
    PlainAnnotation,
    PlainGeometry,
    PlainLabelling,
    PlainRelation,
    read_labelling,
)
from tests.unit.core.geometry.strategies import SHAPES_BY_KIND, shapes

BOX = {"kind": "box", "box_xyxy": [1, 2.5, 10, 12]}
SQUARE = [[0.0, 0.0], [10.0, 0.0], [10.0, 10.0], [0.0, 10.0]]
HOLE = [[2.0, 2.0], [4.0, 2.0], [4.0, 4.0]]
numbers = st.one_of(
    st.integers(-20, 20), st.floats(-1e8, 1e8, allow_nan=False), st.sampled_from([0.1 + 0.2, -0.0, 1e-7, 1e7])
)
texts = st.one_of(st.text(max_size=4), st.sampled_from(['"\\/\b\x01\x7f\n', "ü漢😀", "a" * 201]))
values = st.one_of(st.booleans(), numbers, texts, st.lists(texts, max_size=2), st.none(), st.just({}))
points = st.lists(st.tuples(numbers, numbers), max_size=5)


@st.composite
def nearly_shapes(draw: st.DrawFn) -> Any:
    """The wire form of a shape of any kind, with up to two of its values replaced by what may not fit."""
    raw = draw(shapes).model_dump(mode="json")
    for _ in range(draw(st.integers(0, 2))):
        place: Any = raw
        while True:
            keys = list(place) if isinstance(place, dict) else range(len(place))
            key = draw(st.sampled_from(keys)) if keys else None
            if key is None:
                break
            inner = place[key]
            if not isinstance(inner, dict | list) or draw(st.integers(0, 4)) == 0:
                place[key] = draw(st.one_of(numbers, texts, st.none(), st.booleans(), st.just([])))
                break
            place = inner
    return raw


geometries = st.one_of(
    nearly_shapes(),
    st.fixed_dictionaries({"kind": st.just("box"), "box_xyxy": st.lists(numbers, min_size=3, max_size=5)}),
    st.fixed_dictionaries({"kind": st.just("polygon"), "rings": st.lists(points, max_size=2)}),
    st.just(BOX),
    st.just({"kind": "polygon", "rings": [SQUARE, HOLE]}),
    st.just({"kind": "circle"}),
)
annotations = st.fixed_dictionaries(
    {"annotation_id": texts, "class_id": texts, "geometry": geometries},
    optional={
        "attributes": st.dictionaries(texts, values, max_size=2),
        "is_occluded": st.sampled_from([True, False, 1, "yes", None]),
        "score": st.one_of(st.none(), numbers, st.floats(0, 1)),
        "origin": st.one_of(st.none(), texts),
        "group_id": st.one_of(st.none(), texts),
        "more": texts,
    },
)
relations = st.lists(
    st.fixed_dictionaries(
        {
            "relation_id": texts,
            "relation_type_id": texts,
            "from_id": st.sampled_from(["a", "b"]),
            "to_id": st.sampled_from(["a", "b", "c"]),
        },
        optional={"score": st.one_of(st.none(), numbers)},
    ),
    max_size=2,
)
labellings = st.fixed_dictionaries(
    {"annotations": st.lists(annotations, max_size=3)},
    optional={"answers": st.dictionaries(texts, values, max_size=2), "relations": relations},
)


def good(**more: Any) -> dict[str, Any]:
    return {"annotation_id": "a", "class_id": "car", "geometry": BOX, **more}


@given(labellings)
def test_what_is_read_either_way_is_the_same(raw: dict[str, Any]) -> None:
    text = json.dumps(raw)
    try:
        plain = msgspec.json.decode(text, type=PlainLabelling)
    except msgspec.ValidationError:
        return  # left to the model, as the next test shows
    model = Labelling.model_validate_json(text)
    assert plain.as_json() == model.as_json()
    assert plain.answers == model.answers
    for struct, annotation in zip(plain.annotations, model.annotations, strict=True):
        assert struct.geometry.kind == annotation.geometry.kind
        assert struct.geometry.bounds_xyxy() == annotation.geometry.bounds_xyxy()
        assert struct.geometry.area_px() == annotation.geometry.area_px()


@pytest.mark.parametrize(
    "annotation",
    [
        good(),
        good(geometry={"kind": "polygon", "rings": [SQUARE, HOLE]}, score=1, attributes={"n": 3, "t": ["x"]}),
    ],
)
def test_what_holds_is_read_as_structs(annotation: dict[str, Any]) -> None:
    read = read_labelling(json.dumps({"annotations": [annotation]}))
    assert isinstance(read, PlainLabelling)
    assert read.as_json() == Labelling.model_validate({"annotations": [annotation]}).as_json()


LINK = {"relation_id": "r", "relation_type_id": "part of", "from_id": "a", "to_id": "b"}
PAIR = [good(), good(annotation_id="b")]


def test_relations_are_read_as_structs() -> None:
    raw = {
        "annotations": PAIR,
        "relations": [LINK, {**LINK, "relation_id": "s", "from_id": "b", "to_id": "a"}],
    }
    read = read_labelling(json.dumps(raw))
    assert isinstance(read, PlainLabelling)
    assert read.as_json() == Labelling.model_validate(raw).as_json()


@pytest.mark.parametrize(
    ("relations", "word"),
    [
        ([{**LINK, "to_id": "z"}], "unknown annotation 'z'"),
        ([{**LINK, "to_id": "a"}], "with itself"),
        ([LINK, {**LINK, "relation_type_id": "other"}], "used twice"),
        ([LINK, {**LINK, "relation_id": "s"}], "what another one says"),
    ],
)
def test_relations_that_do_not_hold_are_refused(relations: list[Any], word: str) -> None:
    with pytest.raises(ValidationError, match=word):
        read_labelling(json.dumps({"annotations": PAIR, "relations": relations}))


def test_what_only_the_model_takes_is_read_by_it() -> None:
    assert isinstance(read_labelling(json.dumps({"annotations": [good(is_occluded="yes")]})), Labelling)


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"annotations": [good(), good()]}),
        json.dumps({"annotations": [good(geometry={"kind": "box", "box_xyxy": [5, 5, 5, 9]})]}),
        json.dumps({"annotations": [good(geometry={"kind": "polygon", "rings": [[[1, 1]] * 3]})]}),
        json.dumps({"annotations": [good(geometry={"kind": "box", "box_xyxy": [0, 0, 2e7, 1]})]}),
        json.dumps({"annotations": [good(score=1.5)]}),
        json.dumps({"annotations": [good(annotation_id="")]}),
        json.dumps({"answers": {"a": 1}, "more": 1}),
        '{"answers":{"a":1e999}}',
        '{"answers":{"a":NaN}}',
        '{"answers":{"a":"\\ud800"}}',
        "[" * 100_000,
        "",
    ],
)
def test_what_does_not_hold_is_refused_in_the_words_of_the_model(text: str) -> None:
    with pytest.raises(ValidationError):
        read_labelling(text)


@pytest.mark.parametrize("kind", GEOMETRY_KINDS)
@given(st.data())
def test_shapes_of_every_kind_are_read_as_structs_and_tell_the_same(kind: str, data: st.DataObject) -> None:
    shape = data.draw(SHAPES_BY_KIND[kind])
    text = json.dumps({"annotations": [good(geometry=shape.model_dump(mode="json"), group_id="g")]})
    read = read_labelling(text)
    assert isinstance(read, PlainLabelling)
    assert read.as_json() == Labelling.model_validate_json(text).as_json()
    plain = read.annotations[0].geometry
    assert plain.kind == kind
    assert (plain.bounds_xyxy(), plain.area_px()) == (shape.bounds_xyxy(), shape.area_px())
    assert plain.outline() == shape.outline()
    moved = msgspec.json.encode(plain.translate(2, -3)).decode()
    assert moved == shape.translate(2, -3).model_dump_json()


@pytest.mark.parametrize(
    ("struct", "model"),
    [(PlainLabelling, Labelling), (PlainAnnotation, Annotation), (PlainRelation, Relation)],
)
def test_they_have_the_same_fields(struct: Any, model: Any) -> None:
    assert set(struct.__struct_fields__) == set(model.model_fields)


def test_shapes_have_the_same_fields_and_defaults() -> None:
    models = {model.model_fields["kind"].default: model for model in get_args(AnyShape)}
    structs = {struct.kind: struct for struct in get_args(PlainGeometry)}
    assert tuple(models) == tuple(structs) == GEOMETRY_KINDS
    for kind, struct in structs.items():
        fields = models[kind].model_fields
        assert ("kind", *struct.__struct_fields__) == tuple(fields)
        given_defaults = {
            field.name: field.default for field in msgspec.structs.fields(struct) if not field.required
        }
        assert given_defaults == {
            name: field.default
            for name, field in fields.items()
            if name != "kind" and not field.is_required()
        }
