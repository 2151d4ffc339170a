from goldsmith.datasets.table import read_table, write_table
from tests.unit.datasets.samples import entry


def test_a_table_gives_back_what_was_written() -> None:
    entries = [entry(i) for i in range(7)] + [entry(8, perceptual_hash=None, group_key="")]
    assert list(read_table(write_table(entries))) == entries


def test_an_empty_table_is_a_table() -> None:
    assert list(read_table(write_table([]))) == []


def test_the_same_entries_give_the_same_bytes() -> None:
    assert write_table([entry(1)]) == write_table([entry(1)])
