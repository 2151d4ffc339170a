"""The program that makes pictures of pages; it runs in a process of its own, which may be ended at any moment.

Files come from anybody, and what reads them is native code: nothing but this process is lost when one of them asks for
more time or memory than there is. It imports next to nothing, so that it starts in a moment.

Called with the file, a folder, ``pdf`` or ``image``, and the most seconds of computing as arguments, it puts the
pictures into the folder and prints one line of JSON:
``{"pages": [{"file", "thumbnail", "media_type", "width", "height"}]}`` or ``{"fault": sentence}``.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, cast

from PIL import Image, ImageSequence

MAX_PAGES: Final = 200
"""Cap on the pages of one file: as many parts as a document may have."""
DPI: Final = 150
"""Pixels an inch that pages of a PDF are rendered at: small print can be read, and A4 is 1240 x 1754 px."""
MAX_SIDE_PX: Final = 5000
"""Longest side of a rendered page; larger pages are rendered at fewer pixels an inch."""
MAX_PAGE_POINTS: Final = 14_400
"""Longest side of a PDF page that is taken: 200 inches, the most that PDF itself knows."""
MAX_PAGE_PIXELS: Final = 100_000_000
"""Cap on the pixels of a page of an image file."""
MAX_IMAGE_SIDE_PX: Final = 65_500
"""Cap on a side of a page of an image file: as large as a part of a document may be."""
MAX_MEMORY_BYTES: Final = 2 * 1024**3
MAX_CPU_S: Final = 120
THUMBNAIL_PX: Final = 256
_MAX_PNG_BYTES: Final = 1_500_000
"""A page that is larger as PNG is mostly photographs, and kept as JPEG."""
_POINTS_AN_INCH: Final = 72


class UnusableFileError(Exception):
    """The file cannot be used; the text says why."""


def render(source: Path, folder: Path, *, is_pdf: bool) -> list[dict[str, Any]]:
    """Put a picture and a thumbnail of each page into a folder and return what they are, in order.

    Args:
        source: A PDF, a TIFF or a BMP.
        folder: Where the pictures go.
        is_pdf: As the caller was told by its content, so that no file is two things to two readers.

    Raises:
        UnusableFileError: The file is damaged, closed by a password, or over a cap.
    """
    pages = _pdf_pages(source) if is_pdf else _frames(source)
    return [_put(page, folder, number) for number, page in enumerate(pages)]


def _pdf_pages(source: Path) -> Iterator[Image.Image]:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(source)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise UnusableFileError("the PDF asks for a password; save it without one") from error
        raise UnusableFileError("the PDF is damaged: it cannot be opened") from error
    count = len(document)
    if count > MAX_PAGES:
        raise UnusableFileError(f"the PDF has {count} pages; at most {MAX_PAGES} are taken, so split it")
    if count == 0:
        raise UnusableFileError("the PDF has no pages")
    document.init_forms()
    for number in range(count):
        try:
            page = document[number]
            scale = _scale_of(page.get_size(), number)
            yield page.render(scale=scale, rev_byteorder=True, no_smoothpath=False).to_pil()
            page.close()
        except pypdfium2.PdfiumError as error:
            raise UnusableFileError(f"page {number + 1} of the PDF is damaged") from error


def _scale_of(size_points: tuple[float, float], number: int) -> float:
    width, height = size_points
    if not (0 < width <= MAX_PAGE_POINTS and 0 < height <= MAX_PAGE_POINTS):
        raise UnusableFileError(
            f"page {number + 1} of the PDF says it is {width / _POINTS_AN_INCH:.6g} x "
            f"{height / _POINTS_AN_INCH:.6g} inches; at most {MAX_PAGE_POINTS // _POINTS_AN_INCH} are taken"
        )
    return min(DPI / _POINTS_AN_INCH, MAX_SIDE_PX / max(width, height))


def _frames(source: Path) -> Iterator[Image.Image]:
    Image.MAX_IMAGE_PIXELS = None  # the cap is checked here, frame by frame
    try:
        with Image.open(source, formats=["TIFF", "BMP"]) as image:
            count = getattr(image, "n_frames", 1)
            if count > MAX_PAGES:
                raise UnusableFileError(
                    f"the image has {count} pages; at most {MAX_PAGES} are taken, so split it"
                )
            for number, frame in enumerate(ImageSequence.Iterator(image)):
                if frame.width * frame.height > MAX_PAGE_PIXELS or max(frame.size) > MAX_IMAGE_SIDE_PX:
                    raise UnusableFileError(
                        f"page {number + 1} of the image says it is {frame.width} x {frame.height} px; "
                        f"at most {MAX_PAGE_PIXELS} pixels and {MAX_IMAGE_SIDE_PX} px a side are taken"
                    )
                yield _plain(frame)
    except (OSError, ValueError, SyntaxError) as error:
        raise UnusableFileError("the image is damaged or cut short") from error


def _plain(frame: Image.Image) -> Image.Image:
    """Return a frame as it is seen: 8 bits a channel, deeper greys over their range, on white where it is clear."""
    if frame.mode in ("1", "L", "RGB") and "transparency" not in frame.info:
        return frame.convert("L" if frame.mode == "1" else frame.mode)
    if frame.mode == "F" or frame.mode.startswith("I"):
        deep = frame.convert("F")
        low, high = cast(tuple[float, float], deep.getextrema())
        scale = 255 / (high - low) if high > low else 0.0
        return deep.point(lambda value: value * scale - low * scale).convert("L")
    if frame.mode in ("CMYK", "YCbCr", "LAB", "HSV"):
        plain = frame.convert("RGB")
    else:
        clear = frame.convert("RGBA")
        plain = Image.new("RGB", clear.size, "white")
        plain.paste(clear, mask=clear.getchannel("A"))
    plain.info.pop("icc_profile", None)
    return plain


def _put(page: Image.Image, folder: Path, number: int) -> dict[str, Any]:
    plain = page.convert("RGB") if page.mode not in ("L", "RGB") else page
    grey = plain if plain.mode == "L" or not _is_coloured(plain) else None
    data, media_type = _encoded(plain if grey is None else grey.convert("L"))
    small = plain.copy()
    small.thumbnail((THUMBNAIL_PX, THUMBNAIL_PX))
    name, thumbnail = f"{number:04d}", f"{number:04d}-small"
    (folder / name).write_bytes(data)
    small.save(folder / thumbnail, "JPEG", quality=80)
    return {
        "file": name,
        "thumbnail": thumbnail,
        "media_type": media_type,
        "width": plain.width,
        "height": plain.height,
    }


def _is_coloured(page: Image.Image) -> bool:
    """Say whether a page has any colour, as far as the mean of each 4 x 4 pixels shows."""
    small = page.reduce(4) if min(page.size) >= 4 else page
    red, green, blue = (band.tobytes() for band in small.split())
    return red != green or green != blue


def _encoded(page: Image.Image) -> tuple[bytes, str]:
    profile = page.info.get("icc_profile") if page.mode == "RGB" else None  # of colours: of no use to greys
    out = io.BytesIO()
    page.save(out, "PNG", compress_level=6, icc_profile=profile)
    if out.tell() <= _MAX_PNG_BYTES:
        return out.getvalue(), "image/png"
    out = io.BytesIO()
    page.save(out, "JPEG", quality=92, subsampling=0, icc_profile=profile)
    return out.getvalue(), "image/jpeg"


def cap_process(max_cpu_s: int) -> None:
    """Let the system end this process when it takes more memory or computing than it may; not on Windows."""
    if sys.platform == "win32":
        return
    import resource

    caps = (
        (resource.RLIMIT_AS, MAX_MEMORY_BYTES, MAX_MEMORY_BYTES),
        (resource.RLIMIT_CPU, max_cpu_s, max_cpu_s + 1),
        (resource.RLIMIT_CORE, 0, 0),
    )
    for limit, soft, hard in caps:
        most = resource.getrlimit(limit)[1]
        wanted = (soft, hard) if most == resource.RLIM_INFINITY else (min(soft, most), min(hard, most))
        # macOS refuses a cap on the address space: a process has more of it from the start
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(limit, wanted)


def main(source: str, folder: str, kind: str, max_cpu_s: str) -> None:
    """Render a file and print what came of it."""
    cap_process(int(max_cpu_s))
    try:
        answer: dict[str, Any] = {"pages": render(Path(source), Path(folder), is_pdf=kind == "pdf")}
    except UnusableFileError as error:
        answer = {"fault": str(error)}
    except MemoryError:
        answer = {"fault": "it needs more memory than one file is given"}
    sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
