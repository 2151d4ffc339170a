"""Records of the bulk API, cut from any chunking of the same bytes."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from goldsmith.core.geometry.spans import MAX_TEXT_LENGTH
from goldsmith.items.policy.records import Line, LineCutter, read_records
from goldsmith.items.types import LabelsAs


def cut(data: bytes, sizes: list[int], *, max_line_bytes: int = 1000) -> list[Line]:
    cutter = LineCutter(max_line_bytes=max_line_bytes)
    lines: list[Line] = []
    position = 0
    for size in sizes:
        lines.extend(cutter.feed(data[position : position + size]))
        position += size
    lines.extend(cutter.feed(data[position:]))
    lines.extend(cutter.finish())
    return lines


@settings(deadline=None)
@given(st.lists(st.binary(max_size=20)), st.lists(st.integers(0, 7)))
def test_lines_do_not_depend_on_how_they_arrive(parts: list[bytes], sizes: list[int]) -> None:
    data = b"\n".join(parts)
    expected = [
        Line(number, line.strip()) for number, line in enumerate(data.split(b"\n"), start=1) if line.strip()
    ]
    assert cut(data, sizes) == expected


@settings(deadline=None)
@given(st.lists(st.integers(1, 9)))
def test_overlong_lines_are_dropped_and_the_next_ones_read(sizes: list[int]) -> None:
    data = b"one\n" + b"x" * 50 + b"\ntwo\n" + b"y" * 50
    assert cut(data, sizes, max_line_bytes=10) == [
        Line(1, b"one"),
        Line(2, None),
        Line(3, b"two"),
        Line(4, None),
    ]


@settings(deadline=None)
@given(st.lists(st.binary(max_size=60)))
def test_any_bytes_are_records_or_problems(lines: list[bytes]) -> None:
    numbered = [Line(number, line) for number, line in enumerate(lines)]
    records, problems = read_records(numbered, labels_as=LabelsAs.GOLD)
    assert len(records) + len(problems) == len(lines)


def test_windows_line_ends_and_defaults() -> None:
    lines = cut(json.dumps({"text": "a  b"}).encode() + b"\r\n", [])
    records, problems = read_records(lines, labels_as=LabelsAs.GOLD)
    assert problems == []
    assert (records[0].name, records[0].labels_as, records[0].labelling) == ("a b", LabelsAs.NONE, None)


def test_labels_take_what_the_request_says_unless_they_say_so_themselves() -> None:
    lines = [
        Line(1, json.dumps({"text": "a", "labelling": {"answers": {"q": True}}}).encode()),
        Line(2, json.dumps({"text": "a", "labelling": {}, "labels_as": "accepted"}).encode()),
        Line(3, json.dumps({"text": "a", "labelling": None, "labels_as": "gold"}).encode()),
        Line(4, json.dumps({"text": "a", "labelling": {}, "labels_as": "none"}).encode()),
    ]
    records, problems = read_records(lines, labels_as=LabelsAs.PRELABELS)
    assert problems == []
    assert [record.labels_as for record in records] == ["prelabels", "accepted", "none", "none"]
    assert [record.labelling is None for record in records] == [False, False, True, True]


def test_a_text_may_be_as_long_as_spans_reach_and_what_is_longer_is_told_how_to_mend() -> None:
    lines = [
        Line(number, json.dumps({"text": "a" * length}).encode())
        for number, length in enumerate((0, 70_000, MAX_TEXT_LENGTH + 1), start=1)
    ]
    records, problems = read_records([*lines, Line(4, None)], labels_as=LabelsAs.NONE)
    assert [len(record.text or "") for record in records] == [70_000]
    assert [(problem.where, problem.what) for problem in problems] == [
        ("line 1", "text is empty; a text has at least one character"),
        (
            "line 3",
            "text has 10,000,001 characters, and one text may have 10,000,000; send it as several items",
        ),
        ("line 4", "the line has more than 16,777,216 bytes; send what it holds as several items"),
    ]
