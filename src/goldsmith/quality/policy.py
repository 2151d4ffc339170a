"""Pure decisions of quality: when to learn anew, when a version says nothing new."""

from __future__ import annotations

from goldsmith.quality.types import ConsensusView, ResolvedTask

GROWTH_FOR_NEW_FIT = 0.1
_SAME_TO = 1e-3


def needs_new_fit(*, submissions: int, fitted_on: int) -> bool:
    """Say whether the skill should be learnt anew: a tenth more work is in."""
    return submissions >= fitted_on * (1 + GROWTH_FOR_NEW_FIT) + 1


def says_the_same(previous: ConsensusView, resolved: ResolvedTask) -> bool:
    """Say whether a new resolution would only repeat the stored version.

    The same submissions and objects whose posteriors moved by less than a thousandth are no news.
    """
    if previous.submission_ids != resolved.submission_ids:
        return False
    if previous.labelling.answers != resolved.labelling.answers:
        return False
    before, after = previous.labelling.annotations, resolved.labelling.annotations
    if [a.annotation_id for a in before] != [a.annotation_id for a in after]:
        return False
    return all(
        one.class_id == other.class_id and abs((one.score or 0.0) - (other.score or 0.0)) < _SAME_TO
        for one, other in zip(before, after, strict=True)
    )
