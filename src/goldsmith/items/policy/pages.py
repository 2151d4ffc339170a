"""Where the pages of a document lie: one under the other in one plane, in whose pixels its objects are drawn.

A document of pages is so an image of all of them, as a text is an image of one row: matching, clipping, consensus and
the canvas hold for it as they stand, and the page of an object follows from where it lies.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from goldsmith.core.geometry import Form
from goldsmith.items.types.parts import DocumentBody, PageArea, Part

PAGE_GAP_PX: Final = 32
"""Between two pages of the plane."""


class Plane(NamedTuple):
    """What the pages of a document lie in; 0 x 0 where it has none."""

    width_px: int
    height_px: int
    pages: tuple[PageArea, ...]


NO_PLANE: Final = Plane(0, 0, ())


def plane_of(parts: Sequence[Part]) -> Plane:
    """Return the plane of a document: it has one where every part is a picture that tells its size."""
    sizes = [(part.width_px, part.height_px) for part in parts]
    pages: list[PageArea] = []
    top = 0
    for width, height in sizes:
        if width is None or height is None:
            return NO_PLANE
        pages.append(PageArea(top=top, width=width, height=height))
        top += height + PAGE_GAP_PX
    if not pages:
        return NO_PLANE
    return Plane(max(page.width for page in pages), top - PAGE_GAP_PX, tuple(pages))


def pages_of_parts(parts: Sequence[Part]) -> tuple[PageArea, ...]:
    """Return the pages of a document by its parts; none where nothing is drawn on it."""
    return plane_of(parts).pages


def pages_of_body(body: str) -> tuple[PageArea, ...]:
    """Return the pages of a document that is kept as JSON; none where nothing is drawn on it."""
    return plane_of(DocumentBody.model_validate_json(body).parts).pages


def page_at(pages: Sequence[PageArea], y: float) -> int:
    """Return the number (from 0) of the page that a height of the plane is on; between two, of the nearer one."""
    low, high = 0, len(pages) - 1
    while low < high:
        middle = (low + high) // 2
        if y < pages[middle].top + pages[middle].height + PAGE_GAP_PX / 2:
            high = middle
        else:
            low = middle + 1
    return low


def page_of_shape(pages: Sequence[PageArea], shape: Form) -> int:
    """Return the number (from 0) of the page that the middle of a shape lies on."""
    _, top, _, bottom = shape.bounds_xyxy()
    return page_at(pages, (top + bottom) / 2)
