"""Intervals and words of a text: matched, counted, and put where most put them."""

from __future__ import annotations

import numpy as np
import pytest

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.marks import Looks
from goldsmith.science.numbers import Spans, cluster_spans, fit_span_skill, resolve_spans

NOBODY = Looks.of(image=[], annotator=[])


def make_crowd(rng: np.random.Generator, *, items: int = 120, people: int = 4):
    """Three stretches an item, found with rates 0.9 to 0.6; false alarms elsewhere; borders off by a few."""
    rows, truth = [], []
    for item in range(items):
        for k in range(3):
            begin = 100.0 * k + rng.integers(0, 30)
            truth.append((item, k % 2, begin, begin + rng.integers(15, 50)))
    for item, label, begin, end in truth:
        for who in range(people):
            if rng.random() < 0.9 - 0.1 * who:
                start = np.rint(begin + rng.normal(0, 1 + who))
                stop = max(np.rint(end + rng.normal(0, 1 + who)), start + 1)
                rows.append((item, who, label if rng.random() < 0.9 else 1 - label, start, stop))
    for item in range(items):
        rows += [(item, people - 1, 0, 400.0, 420.0)] * bool(rng.random() < 0.3)
    looks = Looks.of(image=np.repeat(np.arange(items), people), annotator=np.tile(np.arange(people), items))
    return spans_of(rows), looks, truth


def spans_of(rows, *, is_whole: bool = True) -> Spans:
    item, who, label, start, end = zip(*rows, strict=True) if rows else ([],) * 5
    return Spans.of(
        item=list(item), annotator=list(who), class_index=list(label), start=start, end=end, is_whole=is_whole
    )


def resolved(spans: Spans, looks: Looks, people: int):
    return resolve_spans(
        spans, looks, skill=fit_span_skill(spans, looks, annotator_count=people, class_count=2)
    )


def test_what_is_there_is_told_from_what_is_not() -> None:
    spans, looks, truth = make_crowd(np.random.default_rng(0))
    found = resolved(spans, looks, 4)
    kept = found.existence > 0.5
    is_alarm = found.start >= 350
    assert found.existence[is_alarm].mean() < 0.35
    assert found.existence[~is_alarm].mean() > 0.9
    assert kept.sum() == pytest.approx(len(truth), rel=0.05)
    by_start = {(item, int(begin // 100)): (label, begin, end) for item, label, begin, end in truth}
    best = [
        by_start.get((int(found.item[i]), int((found.start[i] + 20) // 100)), (0, -99, 0))
        for i in np.flatnonzero(kept & ~is_alarm)
    ]
    label, begin, _ = (np.array(column) for column in zip(*best, strict=True))
    assert (found.class_index[kept & ~is_alarm] == label).mean() > 0.93
    near = np.abs(found.start[kept & ~is_alarm] - begin)
    assert np.median(near) <= 1.0
    assert (found.start % 1 == 0).all()


def test_nested_and_overlapping_spans_stay_themselves() -> None:
    rows = [(0, who, 0, 0, 30) for who in range(3)] + [(0, who, 1, 10, 14) for who in range(3)]
    rows += [(0, who, 0, 25, 50) for who in range(2)]
    found = resolved(spans_of(rows), NOBODY, 3)
    assert set(zip(found.start, found.end, found.support, strict=True)) == {
        (0, 30, 3),
        (10, 14, 3),
        (25, 50, 2),
    }


def test_order_names_and_units_do_not_matter() -> None:
    rng = np.random.default_rng(1)
    spans, looks, _ = make_crowd(rng, items=40)
    plain = resolved(spans, looks, 4)
    order, turn = rng.permutation(len(spans)), np.array([2, 0, 3, 1])
    mixed = Spans(
        spans.item[order], turn[spans.annotator[order]], spans.class_index[order],
        spans.start[order] / 1000.0, spans.end[order] / 1000.0,
    )  # fmt: skip
    again = resolved(mixed, Looks(looks.image, turn[looks.annotator]), 4)
    assert again.existence == pytest.approx(plain.existence, abs=1e-6)
    assert again.start.round(3) == pytest.approx(plain.start / 1000.0, abs=0.002)
    assert (plain.resolved[order] == again.resolved).all()


def test_doubled_items_say_the_same_as_themselves() -> None:
    spans, looks, _ = make_crowd(np.random.default_rng(2), items=30)
    item = np.r_[spans.item, spans.item + 30]
    twice = Spans(
        item, np.tile(spans.annotator, 2), np.tile(spans.class_index, 2), np.tile(spans.start, 2),
        np.tile(spans.end, 2), is_whole=True,
    )  # fmt: skip
    both = Looks(np.r_[looks.image, looks.image + 30], np.tile(looks.annotator, 2))
    found = resolved(twice, both, 4)
    half = len(found) // 2
    assert found.existence[:half] == pytest.approx(found.existence[half:])
    assert found.start[:half].tolist() == found.start[half:].tolist()


def test_gold_teaches_who_sees_ghosts() -> None:
    rows = [(item, 0, 0, 10, 20) for item in range(40)] + [(item, 1, 0, 60, 70) for item in range(40)]
    spans = spans_of(rows)
    gold = spans_of([(item, 0, 0, 10, 20) for item in range(15)])
    skill = fit_span_skill(
        spans, NOBODY, annotator_count=2, class_count=2, gold=gold, gold_items=np.arange(15)
    )
    found = resolve_spans(spans, NOBODY, skill=skill)
    assert found.existence[found.start == 10].min() > 0.8
    assert found.existence[found.start == 60].max() < 0.3


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [(0, 0, 1, 3, 3)],
        [(0, 0, 0, 0, 9), (1, 1, 1, 5, 6)],
        [(0, who, 1, 2, 8) for who in range(4)],
        [(0, 0, 0, 1, 5), (0, 0, 0, 1, 5), (0, 1, 0, 1, 5)],
    ],
    ids=["nothing", "a moment", "disconnected", "all agree", "marked twice"],
)
def test_answers_sensibly_where_there_is_little(rows) -> None:
    spans = spans_of(rows)
    found = resolved(spans, NOBODY, 4)
    assert len(found) == int(cluster_spans(spans).max(initial=-1)) + 1
    for column in (found.start, found.end, found.posterior, found.existence, found.class_posterior):
        assert np.isfinite(column).all()
    assert (found.end >= found.start).all()
    assert set(zip(found.start, found.end, strict=True)) == {row[3:] for row in rows}


def test_wrong_input_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="end before"):
        spans_of([(0, 0, 0, 5, 4)])
    with pytest.raises(InvalidInputError, match="whole"):
        spans_of([(0, 0, 0, 0.5, 4)])
