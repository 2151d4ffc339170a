"""Pure decisions of quality."""

from goldsmith.quality.policy.resolving import (
    GROWTH_FOR_NEW_FIT_PERCENT,
    LEARN_FROM_SUBMISSIONS,
    LEAST_OF_A_MEMBER,
    count_kept,
    draw_evidence,
    fresh_for_new_fit,
    is_settled,
    says_the_same,
)

__all__ = [
    "GROWTH_FOR_NEW_FIT_PERCENT",
    "LEARN_FROM_SUBMISSIONS",
    "LEAST_OF_A_MEMBER",
    "count_kept",
    "draw_evidence",
    "fresh_for_new_fit",
    "is_settled",
    "says_the_same",
]
