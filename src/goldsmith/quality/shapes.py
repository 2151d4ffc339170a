"""Shapes of labels as the science compares them, and back. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from goldsmith.core.geometry import (
    AnyShape,
    Bezier,
    Box,
    Mask,
    NodeState,
    PointShape,
    Polyline,
    Skeleton,
    Span,
)
from goldsmith.science.arrays import FloatArray
from goldsmith.science.forms import HIDDEN, OUTSIDE, VISIBLE, Form, Line, Pixels, Spots

_LEAST_SCALE_PX: Final = 8.0
_SHARE_OF_IMAGE: Final = 0.01
_SHARE_OF_SKELETON: Final = 0.1
_SHARE_OF_LINE: Final = 0.03
_PX_OF_CHARACTER: Final = 64.0
_STATES: Final = {NodeState.VISIBLE: VISIBLE, NodeState.OCCLUDED: HIDDEN, NodeState.OUTSIDE: OUTSIDE}
_STATE_NAMES: Final = {number: state for state, number in _STATES.items()}


def scales_of_images(images: Sequence[int], bounds_xyxy: FloatArray) -> dict[int, float]:
    """Return how far apart, in pixels, two people may mark the same place of each image.

    A hundredth of the image, whose size is judged by what is marked on it; at least a few pixels.

    Args:
        images: Image of each mark.
        bounds_xyxy: ``[marks, 4]``.
    """
    farthest: dict[int, float] = {}
    for image, reach in zip(images, np.hypot(*np.abs(bounds_xyxy[:, 2:]).T).tolist(), strict=True):
        farthest[image] = max(farthest.get(image, 0.0), reach)
    return {image: max(_LEAST_SCALE_PX, _SHARE_OF_IMAGE * reach) for image, reach in farthest.items()}


def compared_bounds(shape: AnyShape) -> tuple[float, float, float, float]:
    """Return the bounds by which marks are compared: nobody's hand trembles on a text, so its characters are large."""
    left, top, right, bottom = shape.bounds_xyxy()
    if not isinstance(shape, Span):
        return left, top, right, bottom
    return left * _PX_OF_CHARACTER, top, right * _PX_OF_CHARACTER, bottom * _PX_OF_CHARACTER


def span_of(drawn: Span, spans: Sequence[tuple[Span, float]]) -> Span:
    """Return a span with those ends that most of the weight gave it.

    Args:
        drawn: The most typical one; where no end has more than half of the weight, its end stands.
        spans: All, with their weights.
    """
    half = sum(weight for _, weight in spans) / 2.0

    def voted(ends: Sequence[int], usual: int) -> int:
        for end in sorted(set(ends)):
            if sum(weight for given, (_, weight) in zip(ends, spans, strict=True) if given == end) > half:
                return end
        return usual

    start = voted([span.start for span, _ in spans], drawn.start)
    end = voted([span.end for span, _ in spans], drawn.end)
    return Span(start=start, end=end) if start < end else drawn


def rings_of(shape: AnyShape) -> list[FloatArray] | None:
    """Return the outline of what covers an area; None for a box or a span, for pixels, and for what covers nothing."""
    if isinstance(shape, Box | Mask | Span):
        return None
    outline = shape.outline()
    return None if outline is None else [np.asarray(ring, dtype=np.float64) for ring in outline]


def form_of(shape: AnyShape, *, scale_px: float) -> Form | None:
    """Return places, line or pixels of a shape; None for what its outline tells.

    Args:
        shape: Of any kind.
        scale_px: Distance at which two places of this image are alike by one half; larger for large shapes.
    """
    match shape:
        case PointShape():
            return Spots.of(points=[shape.point_xy], state=[VISIBLE], scale_px=scale_px)
        case Skeleton():
            left, top, right, bottom = shape.bounds_xyxy()
            size = float(np.hypot(right - left, bottom - top))
            return Spots.of(
                points=[node.at for node in shape.nodes],
                state=[_STATES[node.state] for node in shape.nodes],
                scale_px=max(scale_px, _SHARE_OF_SKELETON * size),
            )
        case Mask():
            return Pixels.of_spans(shape.spans())
        case Polyline():
            return _line(shape.points, scale_px)
        case Bezier() if not shape.is_closed:
            return _line(shape.flattened(), scale_px)
        case _:
            return None


def moved_to(shape: AnyShape, form: Form | None) -> AnyShape:
    """Return a point, skeleton, line or mask as several people drew it together; any other shape as it is."""
    match shape, form:
        case PointShape(), Spots():
            return PointShape(point_xy=_places(form.points)[0])
        case Skeleton(), Spots():
            nodes = [
                node.changed(at=at, state=_STATE_NAMES[int(state)])
                for node, at, state in zip(shape.nodes, _places(form.points), form.state, strict=True)
            ]
            return Skeleton(nodes=nodes)
        case Polyline(), Line():
            return Polyline(points=_places(form.points))
        case Mask(), Pixels():
            return _mask(form) or shape
        case _:
            return shape


def _places(points: FloatArray) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in points]


def _mask(pixels: Pixels) -> Mask | None:
    try:
        return Mask.of_spans(pixels.spans())
    except ValueError:  # more ragged than a mask may be
        return None


def _line(points: Sequence[tuple[float, float]], scale_px: float) -> Line:
    table = np.asarray(points, dtype=np.float64)
    length = float(np.hypot(*np.diff(table, axis=0).T).sum())
    return Line.of(points=table, scale_px=max(scale_px, _SHARE_OF_LINE * length))
