"""Gold under watch: which known answers are doubtful or got about, and who fails those that stand. Pure."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from statistics import median
from typing import Final, NamedTuple

PRIOR_WEIGHT: Final = 4.0
"""Decisions that what else is known of a member is worth, beside the own answers to other gold."""
GOOD_FROM: Final = 0.6
"""Nobody of whom less is expected counts as good people."""
_UNKNOWN: Final = 0.75
_LEAST_DOUBTERS: Final = 2
_DOUBT_P: Final = 0.01
_DOUBT_SHARE: Final = 0.5
_SLACK: Final = 0.9
"""Items differ in how hard they are, so that a little less than expected says nothing."""
_LEAST_BEFORE: Final = 4
_LEAST_AFTER: Final = 3
_LEAK_P: Final = 0.01
_LEAK_RISE: Final = 0.2
_LEAK_LEVEL: Final = 0.9
_LEAK_FASTER: Final = 0.5
_LEAK_TIME_P: Final = 0.001
_FAIL_DECISIONS: Final = 8
_FAIL_TASKS: Final = 4
_FAIL_P: Final = 0.01
_FAIL_BELOW: Final = 0.15
_SHOWN_TASKS: Final = 20


class GoldAnswer(NamedTuple):
    """One member's answer to one gold task.

    Attributes:
        right: Decisions that agree with the known answer, of ``total``.
        pace: Time spent, as a share of what the member usually takes; None without times.
    """

    task_id: str
    member_id: str
    right: int
    total: int
    pace: float | None
    at_ms: int


class GoldCheck(NamedTuple):
    """What the answers to one gold task say of it; ``doubt`` and ``leak`` are sentences, or None."""

    right: int
    total: int
    skilled_right: int
    skilled_total: int
    doubt: str | None
    leak: str | None


class GoldFailure(NamedTuple):
    """A member who fails known answers that others give."""

    member_id: str
    right: int
    total: int
    usual: float
    p_value: float
    task_ids: tuple[str, ...]


def expected_shares(
    answers: Sequence[GoldAnswer], skill_of: Mapping[str, float]
) -> dict[tuple[str, str], float]:
    """Return by (member, task) what share is expected to be right, from everything but the task itself.

    Args:
        answers: To all gold of a project.
        skill_of: What was learnt of members before.
    """
    right: dict[str, int] = defaultdict(int)
    total: dict[str, int] = defaultdict(int)
    for answer in answers:
        right[answer.member_id] += answer.right
        total[answer.member_id] += answer.total
    return {
        (answer.member_id, answer.task_id): (
            right[answer.member_id] - answer.right + PRIOR_WEIGHT * skill_of.get(answer.member_id, _UNKNOWN)
        )
        / (total[answer.member_id] - answer.total + PRIOR_WEIGHT)
        for answer in answers
    }


def check_gold(
    answers: Sequence[GoldAnswer],
    skill_of: Mapping[str, float],
    *,
    settled_ms: Mapping[str, int],
) -> dict[str, GoldCheck]:
    """Check every gold task that was answered.

    Args:
        answers: At most one a member and task.
        skill_of: What was learnt of members before.
        settled_ms: When somebody looked at a task last; only later answers raise a doubt about it again.
    """
    expected = expected_shares(answers, skill_of)
    usual = median(expected.values()) if expected else 0.0
    good_from = max(GOOD_FROM, min(usual, _LEAK_LEVEL))
    by_task: dict[str, list[GoldAnswer]] = defaultdict(list)
    for answer in sorted(answers, key=lambda entry: (entry.at_ms, entry.member_id)):
        by_task[answer.task_id].append(answer)
    checks = {}
    for task_id, given in by_task.items():
        good = [a for a in given if expected[a.member_id, task_id] >= good_from]
        since = settled_ms.get(task_id, -1)
        checks[task_id] = GoldCheck(
            right=sum(a.right for a in given),
            total=sum(a.total for a in given),
            skilled_right=sum(a.right for a in good),
            skilled_total=sum(a.total for a in good),
            doubt=_doubt([a for a in good if a.at_ms > since], expected),
            leak=_leak([a for a in given if a.at_ms > since], expected),
        )
    return checks


def failures(
    answers: Sequence[GoldAnswer], *, uncounted: Collection[str], since_ms: Mapping[str, int]
) -> list[GoldFailure]:
    """Return who fails known answers far more often than the others do, the clearest first.

    Args:
        answers: To all gold of a project.
        uncounted: Gold that is doubted or got about: it counts for nobody.
        since_ms: By member, the time from which on answers count; from the first by default.
    """
    counted = [answer for answer in answers if answer.task_id not in uncounted]
    by_member: dict[str, list[GoldAnswer]] = defaultdict(list)
    for answer in counted:
        if answer.at_ms > since_ms.get(answer.member_id, -1):
            by_member[answer.member_id].append(answer)
    found = []
    for member_id, given in by_member.items():
        others = [a for a in counted if a.member_id != member_id]
        right, total = sum(a.right for a in given), sum(a.total for a in given)
        all_total = sum(a.total for a in others)
        if len(given) < _FAIL_TASKS or total < _FAIL_DECISIONS or all_total < _FAIL_DECISIONS:
            continue
        usual = sum(a.right for a in others) / all_total
        p_value = binomial_at_most(right, total, usual * _SLACK) * len(by_member)
        if p_value < _FAIL_P and right / total <= usual - _FAIL_BELOW:
            worst = sorted(given, key=lambda a: (a.right / max(a.total, 1), a.task_id))
            shown = tuple(a.task_id for a in worst if a.right < a.total)[:_SHOWN_TASKS]
            found.append(GoldFailure(member_id, right, total, usual, min(p_value, 1.0), shown))
    return sorted(found, key=lambda entry: (entry.p_value, entry.member_id))


def binomial_at_most(successes: int, trials: int, share: float) -> float:
    """Return the chance of at most so many successes; 1 without trials."""
    if trials <= 0 or successes >= trials:
        return 1.0
    share = min(max(share, 1e-9), 1.0 - 1e-9)
    log_share, log_rest = math.log(share), math.log1p(-share)
    total = 0.0
    for count in range(successes + 1):
        log_ways = math.lgamma(trials + 1) - math.lgamma(count + 1) - math.lgamma(trials - count + 1)
        total += math.exp(log_ways + count * log_share + (trials - count) * log_rest)
    return min(total, 1.0)


def _doubt(good: Sequence[GoldAnswer], expected: Mapping[tuple[str, str], float]) -> str | None:
    total = sum(a.total for a in good)
    if len(good) < _LEAST_DOUBTERS or not total:
        return None
    right = sum(a.right for a in good)
    usual = sum(expected[a.member_id, a.task_id] * a.total for a in good) / total
    is_low = right / total < _DOUBT_SHARE * usual
    if not is_low or binomial_at_most(right, total, usual * _SLACK) >= _DOUBT_P:
        return None
    return (
        f"Of {total} decisions of {len(good)} good people {right} agree with the known answer; "
        f"elsewhere {usual:.0%} of theirs do. The known answer may be wrong or unclear."
    )


def _leak(given: Sequence[GoldAnswer], expected: Mapping[tuple[str, str], float]) -> str | None:
    """Look for a moment from which on answers were suddenly right, or right and fast, for these people."""
    splits = range(_LEAST_BEFORE, len(given) - _LEAST_AFTER + 1)
    best: tuple[float, str] | None = None
    for at in splits:
        before, after = given[:at], given[at:]
        level = _share(after)
        if level is None or level < _LEAK_LEVEL:
            continue
        found = [
            *_sudden_rise(before, after, expected, splits=len(splits)),
            *_sudden_speed(before, after, splits=len(splits)),
        ]
        for candidate in found:
            if best is None or candidate < best:
                best = candidate
    return None if best is None else best[1]


def _sudden_rise(
    before: Sequence[GoldAnswer],
    after: Sequence[GoldAnswer],
    expected: Mapping[tuple[str, str], float],
    *,
    splits: int,
) -> Iterable[tuple[float, str]]:
    early, late = _excess(before, expected), _excess(after, expected)
    early_share, late_share = _share(before), _share(after)
    if early is None or late is None or early_share is None or late_share is None:
        return
    spread = math.sqrt(early[1] + late[1])
    p_value = _normal_tail((late[0] - early[0]) / max(spread, 1e-9)) * splits
    if p_value < _LEAK_P and late[0] - early[0] >= _LEAK_RISE:
        sentence = (
            f"The first {len(before)} answers were {early_share:.0%} right, the {len(after)} since then "
            f"{late_share:.0%}, which is not how these people do elsewhere. The answer may have got about."
        )
        yield p_value, sentence


def _sudden_speed(
    before: Sequence[GoldAnswer], after: Sequence[GoldAnswer], *, splits: int
) -> Iterable[tuple[float, str]]:
    early = [math.log(a.pace) for a in before if a.pace]
    late = [math.log(a.pace) for a in after if a.pace]
    if len(early) < _LEAST_BEFORE or len(late) < _LEAST_AFTER:
        return
    early_mean, late_mean = sum(early) / len(early), sum(late) / len(late)
    residuals = [x - early_mean for x in early] + [x - late_mean for x in late]
    # at least a fifth: times of the same person differ by that much for no reason
    spread = max(math.sqrt(sum(r * r for r in residuals) / max(len(residuals) - 2, 1)), 0.2)
    z = (early_mean - late_mean) / (spread * math.sqrt(1 / len(early) + 1 / len(late)))
    p_value = _normal_tail(z) * splits
    if p_value < _LEAK_TIME_P and math.exp(late_mean - early_mean) <= _LEAK_FASTER:
        sentence = (
            f"The last {len(late)} answers are right and took {math.exp(late_mean):.0%} of these people's usual "
            f"time, the {len(early)} before {math.exp(early_mean):.0%}. The answer may have got about."
        )
        yield p_value, sentence


def _share(answers: Sequence[GoldAnswer]) -> float | None:
    total = sum(a.total for a in answers)
    return sum(a.right for a in answers) / total if total else None


def _excess(
    answers: Sequence[GoldAnswer], expected: Mapping[tuple[str, str], float]
) -> tuple[float, float] | None:
    """Return by how much the share right exceeds what is expected, and the variance of that."""
    total = sum(a.total for a in answers)
    if not total:
        return None
    shares = [(expected[a.member_id, a.task_id], a.total) for a in answers]
    excess = sum(a.right for a in answers) - sum(share * count for share, count in shares)
    variance = sum(max(share * (1.0 - share), 0.01) * count for share, count in shares)
    return excess / total, variance / total**2


def _normal_tail(z: float) -> float:
    return 0.5 * math.erfc(z / math.sqrt(2.0))
