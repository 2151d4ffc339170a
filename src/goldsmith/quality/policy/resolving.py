"""When to learn anew, what from, and when a version says nothing new."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from operator import attrgetter
from typing import Final

from goldsmith.core.annotations import RelationForm
from goldsmith.core.plain import AnyAnnotation, AnyLabelling
from goldsmith.items.api import KEPT_FROM
from goldsmith.labeling.api import CountedSubmission, unit_hash
from goldsmith.quality.types import METHOD_DETECTION, ConsensusView, ResolvedTask

GROWTH_FOR_NEW_FIT_PERCENT = 10
LEARN_FROM_SUBMISSIONS: Final = 12_000
"""Of larger projects a draw is learnt from: a skill is known to a hundredth from some hundred submissions."""
LEAST_OF_A_MEMBER: Final = 40
_SAME_TO = 1e-3


def fresh_for_new_fit(fitted_on: int) -> int:
    """Return after how many more submissions the skill is learnt anew: a tenth, and one."""
    return -(-fitted_on * GROWTH_FOR_NEW_FIT_PERCENT // 100) + 1


def draw_evidence(
    submissions: Iterable[CountedSubmission], *, count: int, always: Container[str]
) -> Iterator[CountedSubmission]:
    """Draw whole tasks to learn from, about ``LEARN_FROM_SUBMISSIONS`` submissions in all; the same ones each time.

    Args:
        submissions: Of a project, ordered by task.
        count: How many they are.
        always: Tasks that are taken in any case, such as gold tasks. Tasks of members of whom less than
            ``LEAST_OF_A_MEMBER`` submissions were taken are, too.
    """
    share = LEARN_FROM_SUBMISSIONS / max(count, 1)
    taken: Counter[str] = Counter()
    for task_id, rows in itertools.groupby(submissions, key=attrgetter("task_id")):
        group = list(rows)
        is_needed = any(taken[row.member_id] < LEAST_OF_A_MEMBER for row in group)
        if is_needed or task_id in always or unit_hash(task_id) < share:
            taken.update(row.member_id for row in group)
            yield from group


def count_kept(labelling: AnyLabelling) -> int:
    """Count the objects that are kept: decided ones, and those more likely real than not."""
    return sum(a.score is None or a.score >= KEPT_FROM for a in labelling.annotations)


def is_settled(previous: ConsensusView, *, is_waiting: bool, has_votes: bool) -> bool:
    """Say whether a decision (a reviewer's fix, accepted labels) stands as it is.

    It does until its task is judged again; from then on it is weighed with the new judgements.
    """
    return previous.method != METHOD_DETECTION and not (is_waiting and has_votes)


def says_the_same(previous: ConsensusView, resolved: ResolvedTask) -> bool:
    """Say whether a new resolution would only repeat the stored version.

    The same submissions and objects whose posteriors moved by less than a thousandth are no news.
    """
    if previous.submission_ids != resolved.submission_ids:
        return False
    if previous.labelling.answers != resolved.labelling.answers:
        return False
    before: Sequence[AnyAnnotation] = previous.labelling.annotations
    after: Sequence[AnyAnnotation] = resolved.labelling.annotations
    if [a.annotation_id for a in before] != [a.annotation_id for a in after]:
        return False
    if not _say_the_same(previous.labelling.relations, resolved.labelling.relations):
        return False
    return all(
        one.class_id == other.class_id and abs((one.score or 0.0) - (other.score or 0.0)) < _SAME_TO
        for one, other in zip(before, after, strict=True)
    )


def _say_the_same(before: Sequence[RelationForm], after: Sequence[RelationForm]) -> bool:
    if [relation.relation_id for relation in before] != [relation.relation_id for relation in after]:
        return False
    return all(
        one.relation_type_id == other.relation_type_id
        and (one.from_id, one.to_id) == (other.from_id, other.to_id)
        and abs((one.score or 0.0) - (other.score or 0.0)) < _SAME_TO
        for one, other in zip(before, after, strict=True)
    )
