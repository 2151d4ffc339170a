"""The plane of a document's pages, and which page a place is on."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from goldsmith.core.geometry import Box
from goldsmith.items.policy.pages import PAGE_GAP_PX, page_at, page_of_shape, pages_of_body, plane_of
from goldsmith.items.types import DocumentBody, Part, PartKind

SHA = "a" * 64
SIZES = st.lists(st.tuples(st.integers(1, 3000), st.integers(1, 3000)), min_size=1, max_size=20)


def page(width_px: int, height_px: int) -> Part:
    return Part(kind=PartKind.IMAGE, sha256=SHA, width_px=width_px, height_px=height_px)


@given(SIZES, st.data())
def test_a_place_on_a_page_is_on_that_page(sizes: list[tuple[int, int]], data: st.DataObject) -> None:
    plane = plane_of([page(*size) for size in sizes])
    number = data.draw(st.integers(0, len(sizes) - 1))
    area = plane.pages[number]
    y = area.top + data.draw(st.floats(0, 1)) * area.height
    assert page_at(plane.pages, y) == number
    assert (plane.width_px, plane.height_px) == (
        max(width for width, _ in sizes),
        sum(height for _, height in sizes) + PAGE_GAP_PX * (len(sizes) - 1),
    )


def test_beyond_all_pages_the_nearest_counts() -> None:
    pages = plane_of([page(100, 200), page(120, 50)]).pages
    assert [area.top for area in pages] == [0, 200 + PAGE_GAP_PX]
    assert page_at(pages, -5) == 0
    assert page_at(pages, 201) == 0
    assert page_at(pages, 200 + PAGE_GAP_PX - 1) == 1
    assert page_at(pages, 9999) == 1
    assert page_of_shape(pages, Box(box_xyxy=(1, 150, 20, 240))) == 0
    assert page_of_shape(pages, Box(box_xyxy=(1, 199, 20, 282))) == 1


def test_only_pictures_that_tell_their_size_are_pages() -> None:
    text = Part(kind=PartKind.TEXT, text="What is it?")
    plain = Part(kind=PartKind.IMAGE, sha256=SHA)
    assert plane_of([page(10, 10), text]).pages == ()
    assert plane_of([page(10, 10), plain]).pages == ()
    body = DocumentBody(parts=[page(10, 10)]).model_dump_json(exclude_defaults=True)
    assert [area.model_dump() for area in pages_of_body(body)] == [{"top": 0, "width": 10, "height": 10}]


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "image", "sha256": SHA, "width_px": 10},
        {"kind": "pdf", "sha256": SHA, "width_px": 10, "height_px": 10},
        {"kind": "image", "sha256": SHA, "width_px": 0, "height_px": 10},
        {"kind": "image", "sha256": SHA, "width_px": 10, "height_px": 10**6},
    ],
)
def test_sizes_that_say_nothing_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Part.model_validate(wrong)
