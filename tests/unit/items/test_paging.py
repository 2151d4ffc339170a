"""Pages of PDF and TIFF files, and files that nobody should send."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from goldsmith.core.errors import CorruptMediaError, GoldsmithError, WorkerLostError
from goldsmith.items.media import MAX_SIDE_PX as MAX_PICTURE_SIDE_PX
from goldsmith.items.paging import is_pdf, is_rendered, render_pages, rendering
from goldsmith.items.paging.rendering import MAX_PAGES, UnusableFileError, render
from goldsmith.items.types.parts import MAX_PAGE_SIDE_PX
from tests.pdf_files import endless_pdf, pdf_of

MAX_SIDE_PX = 5000


def encoded(kind: str, count: int = 1, **options: object) -> bytes:
    frames = [Image.new("RGB", (60, 40), (number * 20, 0, 90)) for number in range(count)]
    more = {"save_all": True, "append_images": frames[1:]} if count > 1 else {}
    out = io.BytesIO()
    frames[0].save(out, kind, **more, **options)
    return out.getvalue()


def tiff_of(image: Image.Image, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, "TIFF", **options)
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
    (wide,) = render(tmp_path / "wide.pdf", tmp_path, is_pdf=True)
    assert wide["width"] == MAX_SIDE_PX
    pages = render(tmp_path / "pages.tiff", tmp_path, is_pdf=False)
    assert [(page["width"], page["height"]) for page in pages] == [(60, 40)] * 3


PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
RAMP = np.arange(60 * 40).reshape(40, 60)


@pytest.mark.parametrize(
    ("image", "corner", "far_corner"),
    [
        (Image.new("RGBA", (60, 40), (0, 0, 0, 0)), 255, 255),
        (Image.new("LA", (60, 40), (0, 0)), 255, 255),
        (Image.fromarray(RAMP.astype(np.uint16)), 0, 255),
        (Image.fromarray((RAMP / 1e6).astype(np.float32)), 0, 255),
        (Image.fromarray(np.full((40, 60), 7, np.int32)), 0, 0),
        (Image.new("CMYK", (60, 40), (0, 0, 0, 255)), 0, 0),
        (Image.new("P", (60, 40)), 0, 0),
        (Image.new("1", (60, 40), 1), 255, 255),
    ],
    ids=lambda value: value.mode if isinstance(value, Image.Image) else "",
)
def test_pages_of_any_kind_of_pixels_are_as_they_are_seen(
    image: Image.Image, corner: int, far_corner: int
) -> None:
    extra = {"icc_profile": PROFILE} if image.mode == "CMYK" else {}
    with render_pages(tiff_of(image, **extra)) as paged, Image.open(paged.pages[0].path) as page:
        assert page.mode == "L"
        assert (page.getpixel((0, 0)), page.getpixel((59, 39))) == (corner, far_corner)
        assert "icc_profile" not in page.info


def test_colours_keep_their_profile_and_greys_need_none() -> None:
    for colour, kept in (((200, 0, 0), PROFILE), ((90, 90, 90), None)):
        data = tiff_of(Image.new("RGB", (60, 40), colour), icc_profile=PROFILE)
        with render_pages(data) as paged, Image.open(paged.pages[0].path) as page:
            assert page.info.get("icc_profile") == kept


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
        (
            tiff_of(Image.new("1", (MAX_PAGE_SIDE_PX + 1, 9)), compression="group4"),
            "65501 x 9 px; .* 65500 px a side",
        ),
        (encoded("TIFF", MAX_PAGES + 1), f"has {MAX_PAGES + 1} pages; at most {MAX_PAGES}"),
    ],
    ids=["password", "pages", "size", "cut", "nonsense", "empty", "tiff", "side", "frames"],
)
def test_files_that_nobody_should_send_are_refused_with_the_reason(data: bytes, why: str, tmp_path) -> None:
    (tmp_path / "file").write_bytes(data)
    with pytest.raises(UnusableFileError, match=why):
        render(tmp_path / "file", tmp_path, is_pdf=data.startswith(b"%PDF"))


def test_a_page_is_never_larger_than_a_part_or_a_picture_may_be() -> None:
    assert rendering.MAX_IMAGE_SIDE_PX == MAX_PAGE_SIDE_PX == MAX_PICTURE_SIDE_PX
    assert rendering.MAX_SIDE_PX < MAX_PAGE_SIDE_PX


def test_a_file_that_looks_like_two_kinds_is_read_as_what_it_was_told_to_be() -> None:
    both = tiff_of(Image.new("RGB", (60, 40), (9, 9, 90)), description="%PDF-1.4")
    assert b"%PDF-" in both[:1024]
    with render_pages(both) as paged:
        assert paged.media_type == "image/tiff"
        assert [(page.width_px, page.height_px) for page in paged.pages] == [(60, 40)]


def test_what_would_go_on_for_ever_is_ended() -> None:
    with (
        pytest.raises(CorruptMediaError, match=r"takes more than 1 seconds"),
        render_pages(endless_pdf(), max_cpu_s=1),
    ):
        pass


def test_pages_that_nobody_waits_for_any_more_are_not_made() -> None:
    with pytest.raises(WorkerLostError), render_pages(endless_pdf(), should_stop=lambda: True):
        pass
    assert _child() is None


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are looked up in /proc")
def test_a_process_that_is_ended_from_outside_says_nothing_of_the_file() -> None:
    caught: list[GoldsmithError] = []

    def show() -> None:
        try:
            with render_pages(endless_pdf()):
                pass
        except GoldsmithError as error:
            caught.append(error)

    thread = threading.Thread(target=show)
    thread.start()
    while (found := _child()) is None:
        assert thread.is_alive(), caught
    assert os.getsid(found) == found  # ctrl+C at the terminal of the server is not for it
    os.kill(found, signal.SIGTERM)
    thread.join()
    (error,) = caught
    assert isinstance(error, WorkerLostError)
    assert "SIGTERM" in error.detail
    assert _child() is None


def _child() -> int | None:
    """The process that shows pages for this one, once it runs its own program; None where there is no /proc."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent_id = (folder / "stat").read_text().rpartition(")")[2].split()[1]
            command = (folder / "cmdline").read_bytes()
        except (OSError, IndexError):
            continue
        if parent_id == str(os.getpid()) and rendering.__file__.encode() in command:
            return int(folder.name)
    return None


def test_caps_that_stand_already_are_kept(tmp_path) -> None:
    resource = pytest.importorskip("resource", reason="caps are of POSIX")
    (tmp_path / "file").write_bytes(pdf_of(["one"]))
    (tmp_path / "pages").mkdir()
    done = subprocess.run(
        [sys.executable, "-P", rendering.__file__, tmp_path / "file", tmp_path / "pages", "pdf", "120"],
        capture_output=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (60, 60)),
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert b'"width": 1240' in done.stdout


def test_the_reason_comes_through_from_the_other_process() -> None:
    with (
        pytest.raises(CorruptMediaError, match="asks for a password"),
        render_pages(pdf_of(["secret"], encrypt=True)),
    ):
        pass
    with pytest.raises(CorruptMediaError, match="no PDF, no TIFF"), render_pages(b"hello"):
        pass
