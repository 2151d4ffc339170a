import io

import pyarrow.parquet as pq
from hypothesis import given, settings
from hypothesis import strategies as st

from goldsmith.core.annotations import Annotation, Labelling, Relation
from goldsmith.core.geometry import AnyShape
from goldsmith.datasets.table import read_table, write_table
from tests.unit.core.geometry.strategies import shapes
from tests.unit.datasets.samples import entry


def test_a_table_gives_back_what_was_written() -> None:
    entries = [entry(i) for i in range(7)] + [entry(8, perceptual_hash=None, group_key="")]
    assert list(read_table(write_table(entries))) == entries


def test_an_empty_table_is_a_table() -> None:
    assert list(read_table(write_table([]))) == []


def test_the_same_entries_give_the_same_bytes() -> None:
    assert write_table([entry(1)]) == write_table([entry(1)])


@settings(max_examples=40)
@given(st.lists(shapes, min_size=1, max_size=6))
def test_shapes_of_every_kind_are_given_back(drawings: list[AnyShape]) -> None:
    annotations = [
        Annotation(annotation_id=str(i), class_id="car", geometry=shape, group_id="g" if i else None)
        for i, shape in enumerate(drawings)
    ]
    entries = [entry(0), entry(1, labelling=Labelling(annotations=annotations))]
    assert list(read_table(write_table(entries))) == entries


def test_relations_are_given_back_and_older_tables_have_none() -> None:
    labelling = entry(1).labelling
    ends = {"from_id": "a1", "to_id": "b1"}
    relation = Relation(relation_id="r", relation_type_id="part", score=0.9, **ends)
    related = entry(1, labelling=labelling.model_copy(update={"relations": [relation]}))
    assert list(read_table(write_table([entry(0), related]))) == [entry(0), related]
    older = pq.read_table(io.BytesIO(write_table([related]))).drop_columns(["relations"])
    sink = io.BytesIO()
    pq.write_table(older, sink)
    assert list(read_table(sink.getvalue())) == [entry(1)]
