"""Pages of PDF and TIFF files, and files that nobody should send."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from goldsmith.core.errors import CorruptMediaError
from goldsmith.items.paging import is_pdf, is_rendered, render_pages
from goldsmith.items.paging.rendering import MAX_PAGES, UnusableFileError, render
from tests.pdf_files import endless_pdf, pdf_of

MAX_SIDE_PX = 5000


def encoded(kind: str, count: int = 1, **options: object) -> bytes:
    frames = [Image.new("RGB", (60, 40), (number * 20, 0, 90)) for number in range(count)]
    more = {"save_all": True, "append_images": frames[1:]} if count > 1 else {}
    out = io.BytesIO()
    frames[0].save(out, kind, **more, **options)
    return out.getvalue()


def test_what_has_to_be_rendered_is_told_by_content() -> None:
    assert is_pdf(pdf_of(["one"]))
    assert is_pdf(b"mail header\n" + pdf_of(["one"]))
    assert not is_pdf(encoded("TIFF"))
    assert [is_rendered(encoded(kind)) for kind in ("TIFF", "BMP", "PNG", "JPEG")] == [
        True,
        True,
        False,
        False,
    ]


def test_pages_of_a_pdf_are_pictures_as_large_as_they_are_printed() -> None:
    with render_pages(pdf_of(["first", "second"], sizes=[(595, 842), (842, 595)])) as paged:
        assert paged.media_type == "application/pdf"
        sizes = [(page.width_px, page.height_px) for page in paged.pages]
        assert sizes == [(1240, 1755), (1755, 1240)] or sizes == [(1240, 1754), (1754, 1240)]
        for page in paged.pages:
            with Image.open(page.path) as image, Image.open(page.thumbnail) as thumbnail:
                assert image.size == (page.width_px, page.height_px)
                assert max(thumbnail.size) == 256
                assert image.convert("L").getextrema() == (0, 255)
                assert page.media_type == "image/png"
        folder = paged.pages[0].path.parent
    assert not folder.exists()


def test_a_large_page_is_rendered_at_fewer_pixels_and_a_tiff_as_it_is(tmp_path) -> None:
    (tmp_path / "wide.pdf").write_bytes(pdf_of(["x"], sizes=[(14_000, 700)]))
    (tmp_path / "pages.tiff").write_bytes(encoded("TIFF", 3))
    (wide,) = render(tmp_path / "wide.pdf", tmp_path)
    assert wide["width"] == MAX_SIDE_PX
    assert [(page["width"], page["height"]) for page in render(tmp_path / "pages.tiff", tmp_path)] == [
        (60, 40)
    ] * 3


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (pdf_of(["secret"], encrypt=True), "asks for a password"),
        (pdf_of(["x"] * (MAX_PAGES + 1)), f"has {MAX_PAGES + 1} pages; at most {MAX_PAGES}"),
        (pdf_of(["x"], sizes=[(1e7, 1e7)]), "138889 x 138889 inches; at most 200"),
        (pdf_of(["one"])[:200], "damaged"),
        (b"%PDF-1.7\n" + b"nothing " * 100, "damaged"),
        (pdf_of([]), "no pages|damaged"),
        (encoded("TIFF")[:300], "damaged or cut short"),
    ],
    ids=["password", "pages", "size", "cut", "nonsense", "empty", "tiff"],
)
def test_files_that_nobody_should_send_are_refused_with_the_reason(data: bytes, why: str, tmp_path) -> None:
    (tmp_path / "file").write_bytes(data)
    with pytest.raises(UnusableFileError, match=why):
        render(tmp_path / "file", tmp_path)


def test_what_would_go_on_for_ever_is_ended() -> None:
    with (
        pytest.raises(CorruptMediaError, match=r"takes more than 1 seconds|gave up"),
        render_pages(endless_pdf(), max_cpu_s=1),
    ):
        pass


def test_the_reason_comes_through_from_the_other_process() -> None:
    with (
        pytest.raises(CorruptMediaError, match="asks for a password"),
        render_pages(pdf_of(["secret"], encrypt=True)),
    ):
        pass
    with pytest.raises(CorruptMediaError, match="no PDF, no TIFF"), render_pages(b"hello"):
        pass
