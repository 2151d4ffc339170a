"""Places and lines of several people made one.

``match_points`` (one-to-one, "not there" being an answer), ``resolve_keypoints`` (medians by everybody's exactness,
states by votes), ``frechet_distance`` and ``merge_lines``.
"""

from goldsmith.science.keypoints.lines import frechet_distance, merge_lines, spread_along
from goldsmith.science.keypoints.points import PointConsensus, match_points, resolve_keypoints

__all__ = [
    "PointConsensus",
    "frechet_distance",
    "match_points",
    "merge_lines",
    "resolve_keypoints",
    "spread_along",
]
