"""Which gold is doubtful or got about, and who fails what stands."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from goldsmith.quality.policy.gold import (
    GoldAnswer,
    binomial_at_most,
    check_gold,
    expected_shares,
    failures,
)

CREW = [f"mem_{n}" for n in range(10)]


def answers(
    rights: dict[str, list[int]], *, total: int = 3, pace: dict[str, list[float]] | None = None
) -> list[GoldAnswer]:
    """Answers by task, of the crew in order, one a minute."""
    clock = itertools.count(1_000, 60_000)
    return [
        GoldAnswer(task_id, CREW[n], right, total, None if pace is None else pace[task_id][n], next(clock))
        for task_id, found in rights.items()
        for n, right in enumerate(found)
    ]


def plain(count: int = 8, right: int = 3) -> dict[str, list[int]]:
    return {f"plain{n}": [right] * 10 for n in range(count)}


def test_gold_that_everybody_gives_is_as_it_should_be() -> None:
    for check in check_gold(answers(plain()), {}, settled_ms={}).values():
        assert (check.doubt, check.leak) == (None, None)
        assert (check.right, check.total, check.skilled_right) == (30, 30, 30)


def test_gold_that_good_people_fail_is_doubtful() -> None:
    given_ = answers({**plain(), "odd": [0, 1, 0, 0, 1, 0, 0, 0, 0, 0]})
    checks = check_gold(given_, {}, settled_ms={})
    doubt = checks["odd"].doubt
    assert doubt is not None
    assert "2 agree" in doubt
    assert checks["plain0"].doubt is None
    last = max(answer.at_ms for answer in given_)
    assert check_gold(given_, {}, settled_ms={"odd": last})["odd"].doubt is None  # somebody looked at it


def test_gold_that_poor_people_fail_is_not() -> None:
    poor = {f"plain{n}": [3] * 5 + [0] * 5 for n in range(8)}
    checks = check_gold(answers({**poor, "hard": [3, 3, 3, 2, 3, 0, 0, 0, 0, 0]}), {}, settled_ms={})
    assert checks["hard"].doubt is None
    assert checks["hard"].skilled_total == 15


def test_answers_that_become_suddenly_right_have_got_about() -> None:
    middling = {f"plain{n}": [2] * 10 for n in range(8)}
    checks = check_gold(answers({**middling, "told": [1, 1, 2, 1, 1, 3, 3, 3, 3, 3]}), {}, settled_ms={})
    leak = checks["told"].leak
    assert leak is not None
    assert "the 5 since then 100%" in leak
    assert all(check.leak is None for task_id, check in checks.items() if task_id != "told")


def test_answers_that_become_suddenly_fast_have_got_about() -> None:
    usual = [1.0, 1.1, 0.9, 1.2, 1.0, 0.95, 1.05, 1.0, 0.9, 1.1]
    pace = dict.fromkeys(plain(), usual) | {"told": [*usual[:5], 0.1, 0.12, 0.09, 0.1, 0.11]}
    checks = check_gold(answers({**plain(), "told": [3] * 10}, pace=pace), {}, settled_ms={})
    assert checks["told"].leak is not None
    assert "usual time" in checks["told"].leak
    assert checks["plain3"].leak is None


def test_who_fails_what_others_give_is_found_with_the_tasks() -> None:
    weak = {f"plain{n}": [0] + [3] * 9 for n in range(8)}
    (failure,) = failures(answers(weak), uncounted=set(), since_ms={})
    assert (failure.member_id, failure.right, failure.total) == ("mem_0", 0, 24)
    assert failure.usual == 1.0
    assert len(failure.task_ids) == 8
    assert failures(answers(weak), uncounted=set(weak), since_ms={}) == []
    assert failures(answers(weak), uncounted=set(), since_ms={"mem_0": 10**12}) == []
    assert failures(answers(plain(right=1)), uncounted=set(), since_ms={}) == []  # all do as badly


def test_what_is_expected_leaves_the_task_itself_out() -> None:
    expected = expected_shares(answers({"a": [0], "b": [3]}), {"mem_0": 0.5})
    assert expected["mem_0", "a"] == (3 + 4 * 0.5) / (3 + 4)
    assert expected["mem_0", "b"] == (0 + 4 * 0.5) / (3 + 4)


@given(trials=st.integers(0, 60), share=st.floats(0.0, 1.0))
def test_chances_grow_with_what_is_allowed(trials: int, share: float) -> None:
    chances = [binomial_at_most(successes, trials, share) for successes in range(trials + 1)]
    assert all(0.0 <= chance <= 1.0 for chance in chances)
    assert chances == sorted(chances)
    assert chances[-1] == 1.0


@given(
    shares=st.lists(st.lists(st.integers(0, 3), min_size=10, max_size=10), min_size=1, max_size=5),
    order=st.randoms(use_true_random=False),
)
def test_the_order_of_the_rows_says_nothing(shares: list[list[int]], order: object) -> None:
    rows = answers({f"t{n}": right for n, right in enumerate(shares)})
    mixed = list(rows)
    order.shuffle(mixed)  # type: ignore[attr-defined]
    assert check_gold(rows, {}, settled_ms={}) == check_gold(mixed, {}, settled_ms={})
