"""Numbers of several people made one: measurements, ratings on an ordered scale, stretches of time and text.

``resolve_numbers`` (everybody's bias and precision), ``weighted_median``, ``resolve_ratings`` (lenient and strict,
exact and blurred), ``fit_span_skill`` and ``resolve_spans`` (existence, class and borders of intervals).
"""

from goldsmith.science.medians import weighted_median
from goldsmith.science.numbers.measurements import Measurements, NumberConsensus, resolve_numbers
from goldsmith.science.numbers.ratings import OrdinalSkill, RatingConsensus, resolve_ratings
from goldsmith.science.numbers.spans import (
    SpanConsensus,
    Spans,
    SpanSkill,
    cluster_spans,
    fit_span_skill,
    resolve_spans,
)

__all__ = [
    "Measurements",
    "NumberConsensus",
    "OrdinalSkill",
    "RatingConsensus",
    "SpanConsensus",
    "SpanSkill",
    "Spans",
    "cluster_spans",
    "fit_span_skill",
    "resolve_numbers",
    "resolve_ratings",
    "resolve_spans",
    "weighted_median",
]
