"""A shape as goldsmith writes it, beside what a format has of its own: other tools pass over it, reading takes it.

It counts only as long as the format's own part still says the same. Otherwise another tool has changed that part, and
what it says is newer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from goldsmith.core.errors import InvalidInputError
from goldsmith.core.geometry import AnyShape, Shape, parse_geometry
from goldsmith.core.geometry.curves import BezierForm
from goldsmith.core.geometry.measures import XY, Bounds
from goldsmith.core.geometry.polygons import PolylineForm
from goldsmith.core.geometry.shape import Form
from goldsmith.formats.bridges import joined
from goldsmith.formats.shapes import polygons_of

OWN_KEY: Final = "goldsmith"
SAME_PX: Final = 0.02
_ENCODER: Final = msgspec.json.Encoder()


def own_json(shape: Form) -> msgspec.Raw:
    """Return a shape's wire form."""
    return msgspec.Raw(
        shape.model_dump_json().encode() if isinstance(shape, Shape) else _ENCODER.encode(shape)
    )


def read_own(raw: bytes | str | msgspec.Raw) -> AnyShape | None:
    """Return the shape in a wire form; None where there is none that holds."""
    text = raw.encode() if isinstance(raw, str) else bytes(raw)
    if not text or text == b"null":
        return None
    try:
        return parse_geometry(msgspec.json.decode(text))
    except (InvalidInputError, msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return None


def is_near(one: Bounds, other: Bounds) -> bool:
    """Say whether two boxes are the same but for rounding."""
    return all(abs(a - b) <= SAME_PX for a, b in zip(one, other, strict=True))


def is_same_path(one: Sequence[XY], other: Sequence[XY]) -> bool:
    """Say whether two lists of points are the same but for rounding."""
    return len(one) == len(other) and all(
        abs(x0 - x1) <= SAME_PX and abs(y0 - y1) <= SAME_PX
        for (x0, y0), (x1, y1) in zip(one, other, strict=True)
    )


def path_of(shape: Form) -> list[XY] | None:
    """Return the one line of points that stands for a shape: its outline, holes and parts hung on it by bridges.

    Open curves are flattened; None for points and skeletons.
    """
    if isinstance(shape, PolylineForm):
        return shape.points
    if isinstance(shape, BezierForm) and not shape.is_closed:
        return shape.flattened()
    polygons = polygons_of(shape)
    if polygons is None:
        return None
    return polygons[0][0] if len(polygons) == 1 and len(polygons[0]) == 1 else joined(polygons)
