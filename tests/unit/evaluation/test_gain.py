from __future__ import annotations

import pytest

from goldsmith.evaluation.gain import Candidate, class_need, rank_by_gain, slice_need
from goldsmith.evaluation.types import ClassResult, ConfusionResult, Estimate, Metrics, SliceResult


def metrics(*, car: float | None = 0.9, sign: float | None = 0.2, night: float = 0.3) -> Metrics:
    def result(class_id: str, value: float | None) -> ClassResult:
        estimate = Estimate(value=value)
        return ClassResult(
            class_id=class_id, name=class_id, gold=1, ap=estimate, ap50=estimate, precision_curve=[]
        )

    part = SliceResult(name="light = night", kind="metadata", images=9, objects=9, ap50=Estimate(value=night))
    return Metrics(
        images=1,
        objects=1,
        predictions=1,
        numbers={"ap50": Estimate(value=0.6)},
        classes=[result("car", car), result("sign", sign)],
        slices=[part],
        confusion=ConfusionResult(labels=[], counts=[], score_threshold=0.5),
        errors={},
    )


def candidate(name: str, *found: tuple[str, float], group: str = "", light: str = "day") -> Candidate:
    return Candidate(name, group, f'{{"light": "{light}"}}', list(found))


def order(*candidates: Candidate, count: int = 10) -> list[str]:
    return [entry.item_id for entry in rank_by_gain(candidates, metrics=metrics(), count=count)]


def test_needs_follow_what_was_measured() -> None:
    needs = class_need(metrics(sign=None))
    assert needs["sign"] > needs["car"]
    assert slice_need(metrics())["light = night"] == pytest.approx(1.5)
    assert slice_need(metrics(night=0.9))["light = night"] == 1.0


def test_many_objects_of_bad_classes_go_first() -> None:
    maybe, good, bad = (
        candidate("maybe", ("sign", 0.05)),
        candidate("good", ("car", 0.5)),
        candidate("bad", ("sign", 0.5)),
    )
    assert order(maybe, good, bad) == ["bad", "good", "maybe"]
    assert order(maybe, good, bad, count=1) == ["bad"]
    assert order() == []


def test_a_batch_does_not_fill_with_one_class() -> None:
    signs = [candidate(f"s{n}", ("sign", 0.9)) for n in range(8)]
    cars = [candidate(f"c{n}", ("car", 0.9), ("car", 0.9)) for n in range(8)]
    chosen = order(*signs, *cars, count=12)
    assert chosen[:2] == ["s0", "s1"]
    assert any(name.startswith("c") for name in chosen)


def test_bad_slices_are_raised_and_copies_lowered() -> None:
    assert order(candidate("day", ("car", 0.5)), candidate("night", ("car", 0.5), light="night")) == [
        "night",
        "day",
    ]
    scene = [candidate(f"s{n}", ("sign", 0.5), ("sign", 0.5), group="scene") for n in range(2)]
    other = candidate("other", ("sign", 0.5), ("sign", 0.3), group="else")
    assert order(*scene, other) == ["s0", "other", "s1"]


def test_equals_go_by_id_whatever_their_order() -> None:
    entries = [candidate(f"i{n}", ("car", 0.5)) for n in range(5)]
    assert order(*entries) == order(*reversed(entries))
