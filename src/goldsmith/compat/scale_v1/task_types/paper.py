"""Between the pixels of a page, in which Scale tells places, and the plane of all pages, in which objects are drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from goldsmith.core.geometry import AnyShape, Box, Polygon, clip_to_image
from goldsmith.items.api import MAX_PARTS, PageArea, page_of_shape

_UNKNOWN_HEIGHT_PX: Final = 100_000
"""Of each page, as long as nothing is known of the item: higher than any page."""
_DIGITS: Final = 6
"""Finer than anybody draws, and coarser than what adding and taking away leaves behind."""


@dataclass(frozen=True)
class Paper:
    """The pages that a response speaks of.

    Attributes:
        pages: Of the item; empty where nothing is known of it yet.
        sizes: (width, height) of the pages that the response is about, where it says them; else they are the item's.
    """

    pages: Sequence[PageArea]
    sizes: Sequence[tuple[float, float]] = ()

    @property
    def last(self) -> int:
        """The number of the last page."""
        return (len(self.pages) or MAX_PARTS) - 1

    def in_plane(self, shape: AnyShape, number: int) -> AnyShape | None:
        """Return what of a shape lies on its page, as it lies in the plane; None where nothing does."""
        if not self.pages:
            return _moved(shape, lambda x, y: (x, y + number * _UNKNOWN_HEIGHT_PX))
        page = self.pages[number]
        width, height = self.sizes[number] if number < len(self.sizes) else (page.width, page.height)
        scaled = _moved(shape, lambda x, y: (x * page.width / width, y * page.height / height))
        inside = clip_to_image(scaled, width_px=page.width, height_px=page.height)
        return None if inside is None else _moved(inside, lambda x, y: (x, y + page.top))


def on_page(shape: AnyShape, pages: Sequence[PageArea]) -> tuple[int, AnyShape]:
    """Return the number (from 0) of the page that a shape of the plane is on, and the shape in pixels of that page.

    What reaches beyond the edge of the page is cut off.
    """
    if not pages:
        number = max(0, int(shape.bounds_xyxy()[1] // _UNKNOWN_HEIGHT_PX))
        return number, _moved(shape, lambda x, y: (x, y - number * _UNKNOWN_HEIGHT_PX))
    number = page_of_shape(pages, shape)
    page = pages[number]
    moved = _moved(shape, lambda x, y: (x, y - page.top))
    return number, clip_to_image(moved, width_px=page.width, height_px=page.height) or moved


def _moved(shape: AnyShape, move: Callable[[float, float], tuple[float, float]]) -> AnyShape:
    def to(x: float, y: float) -> tuple[float, float]:
        across, down = move(x, y)
        return round(across, _DIGITS), round(down, _DIGITS)

    match shape:
        case Box():
            left, top, right, bottom = shape.box_xyxy
            return Box(box_xyxy=(*to(left, top), *to(right, bottom)))
        case Polygon():
            return Polygon(rings=[[to(x, y) for x, y in ring] for ring in shape.rings])
        case _:
            return shape
