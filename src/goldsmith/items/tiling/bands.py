"""An image as bands of rows, upright and in 8 bits a channel, from top to bottom.

PNG, where huge images without loss come in, is decoded band by band, in the memory of a band. Other kinds are decoded
whole; a JPEG over the limit at half, a quarter or an eighth of its size, which its decoder gives at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from PIL import Image

from goldsmith.core.errors import CorruptMediaError
from goldsmith.items.media import eight_bit, open_image, transposed
from goldsmith.items.png_bands import png_bands

WHOLE_PIXELS: Final = 300_000_000
"""Cap on an image that is decoded whole: 1.2 GB while it is cut."""


class Banded(NamedTuple):
    """An image that can be taken band by band.

    Attributes:
        width_px: Of the upright image at its full size; likewise ``height_px``.
        base_level: How often the image was halved while it was decoded.
        profile: ICC colour profile, if it has one.
        bands: Yields the bands at that level, each as high as was asked for but the last.
    """

    width_px: int
    height_px: int
    base_level: int
    profile: bytes | None
    bands: Iterator[Image.Image]


def open_bands(data: bytes, *, rows: int, max_pixels: int) -> Banded:
    """Return the bands of an image file.

    Args:
        data: The whole file.
        rows: Height of a band in pixels.
        max_pixels: Cap on width times height.

    Raises:
        CorruptMediaError: It is no image, is broken, or is over a cap.
    """
    image, media_type, orientation = open_image(data, max_pixels=max_pixels)
    profile = image.info.get("icc_profile") if image.mode in ("RGB", "RGBA") else None
    bands = png_bands(data, rows=rows) if media_type == "image/png" and orientation == 1 else None
    if bands is not None:
        return Banded(*image.size, 0, profile, map(eight_bit, bands))
    turn = 1 if media_type == "image/tiff" else orientation
    width, height = (image.height, image.width) if turn >= 5 else image.size
    level = _level_for(image) if media_type == "image/jpeg" else 0
    if level:
        image.draft(None, (max(image.width // 2**level, 1), max(image.height // 2**level, 1)))
    elif width * height > WHOLE_PIXELS:
        raise CorruptMediaError(
            f"an image of this kind is cut into tiles up to {WHOLE_PIXELS} pixels; send it as PNG without interlacing"
        )
    return Banded(width, height, level, profile, _whole_bands(_decoded(image), turn, rows))


def source_box(
    orientation: int, box: tuple[int, int, int, int], *, width_px: int, height_px: int
) -> tuple[int, int, int, int]:
    """Return where a box of the upright image lies in the image as it is stored.

    Args:
        orientation: EXIF 1..8.
        box: Left, upper, right, lower in the upright image.
        width_px: Of the upright image.
        height_px: Of the upright image.
    """
    x0, y0, x1, y1 = box
    across = (width_px - x1, width_px - x0)
    down = (height_px - y1, height_px - y0)
    left, right = {2: across, 3: across, 5: (y0, y1), 6: (y0, y1), 7: down, 8: down}.get(
        orientation, (x0, x1)
    )
    upper, lower = {3: down, 4: down, 5: (x0, x1), 6: across, 7: across, 8: (x0, x1)}.get(
        orientation, (y0, y1)
    )
    return left, upper, right, lower


def _decoded(image: Image.Image) -> Image.Image:
    try:
        image.load()
        return eight_bit(image)
    except Exception as error:  # Pillow's decoders raise of every kind on broken files
        raise CorruptMediaError(f"the image is damaged or cut short ({error})") from error


def _level_for(image: Image.Image) -> int:
    """Return how often a JPEG has to be halved; a progressive one is held by its decoder in full besides."""
    limit = WHOLE_PIXELS // (2 if image.info.get("progressive") else 1)
    level = 0
    while level < 3 and -(-image.width // 2**level) * -(-image.height // 2**level) > limit:
        level += 1
    return level


def _whole_bands(image: Image.Image, orientation: int, rows: int) -> Iterator[Image.Image]:
    width, height = (image.height, image.width) if orientation >= 5 else image.size
    for top in range(0, height, rows):
        box = (0, top, width, min(top + rows, height))
        part = image.crop(source_box(orientation, box, width_px=width, height_px=height))
        yield transposed(part, orientation)
