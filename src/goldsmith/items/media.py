"""What is in a media file: pure functions from bytes to facts, a preview and a thumbnail.

The type is told by content, never by name. What decodes is kept byte for byte, also with bytes behind its end; what
people are shown is either that original with the type found here, or a preview made anew without any metadata.
"""

from __future__ import annotations

import io
import warnings
from typing import Final, NamedTuple

import numpy as np
from PIL import Image, ImageFile, UnidentifiedImageError

from goldsmith.core.errors import CorruptMediaError
from goldsmith.items.png_bands import png_bands

MAX_IMAGE_BYTES: Final = 256 * 1024**2
"""Cap on the bytes of one image file."""
MAX_SIDE_PX: Final = 65_500
"""Cap on a side of an image."""
PREVIEW_PX: Final = 2048
"""Longest side of a preview."""
THUMBNAIL_PX: Final = 256
"""Longest side of a thumbnail."""
_MUCH_LARGER: Final = 1.25
_HEAVY_BYTES: Final = 8 * 1024**2
_BANDED_PIXELS: Final = 40_000_000
"""From here on a PNG is decoded in bands, never whole."""
_ORIENTATION_TAG: Final = 0x0112
_PNG_TURNED: Final = (b"eXIf", b"Raw profile type", b"Orientation")
"""A PNG without any of these words says nothing of its orientation."""
_SHOWN_BY_BROWSERS: Final = frozenset({"image/jpeg", "image/png", "image/webp", "image/gif", "image/avif"})
_PLAIN_MODES: Final = frozenset({"1", "L", "LA", "P", "PA", "RGB", "RGBA", "RGBX"})

# The cap on pixels is checked here right after the header is read, from the settings; Pillow's own would only warn.
Image.MAX_IMAGE_PIXELS = None
ImageFile.LOAD_TRUNCATED_IMAGES = False

_PILLOW_FORMATS: Final = {
    "image/jpeg": ["JPEG", "MPO"],
    "image/png": ["PNG"],
    "image/webp": ["WEBP"],
    "image/gif": ["GIF"],
    "image/bmp": ["BMP"],
    "image/tiff": ["TIFF"],
    "image/avif": ["AVIF"],
}
_TRANSPOSES: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class Encoded(NamedTuple):
    """An image made here."""

    data: bytes
    media_type: str


class Probed(NamedTuple):
    """What an image file holds.

    Attributes:
        media_type: By content.
        width_px: Of the upright image; likewise ``height_px``.
        orientation: EXIF 1..8 of the original; 1 when it says nothing that holds.
        preview: Made where the original is much larger than a preview, lies on its side, moves, or is a kind of file
            that browsers do not show; None where the original itself is shown.
        thumbnail: JPEG, longest side at most 256 px.
        perceptual_hash: 64-bit difference hash as a signed integer; near-identical images differ in few bits.
    """

    media_type: str
    width_px: int
    height_px: int
    orientation: int
    preview: Encoded | None
    thumbnail: Encoded
    perceptual_hash: int


class Outcome(NamedTuple):
    """A probed file, or the reason why it cannot be used."""

    probed: Probed | None
    reason: str


def sniff(data: bytes) -> str | None:
    """Return the media type of an image by its first bytes, or None when it is none that is handled."""
    if data[:3] == b"\xff\xd8\xff":
        return "image/jpeg"
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        return "image/png"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    if data[:6] in (b"GIF87a", b"GIF89a"):
        return "image/gif"
    if data[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        return "image/tiff"
    if data[4:12] in (b"ftypavif", b"ftypavis"):
        return "image/avif"
    if data[:2] == b"BM" and data[6:10] == b"\0\0\0\0":
        return "image/bmp"
    return None


def describe(data: bytes) -> str:
    """Say in a few words what bytes are that are no image."""
    start = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not data:
        return "the file is empty"
    if b"<svg" in start:
        return "the content is SVG, which can carry programs; send it as PNG"
    if start.startswith((b"<!doctype html", b"<html", b"<head", b"<body", b"<script")):
        return "the content is HTML, not an image"
    for begin, what in (
        (b"<?xml", "XML"),
        (b"%pdf", "PDF"),
        (b"pk\x03\x04", "a zip archive"),
        (b"\x1f\x8b", "a gzip archive"),
        (b"8bps", "a Photoshop file"),
        (b"mz", "a program"),
        (b"\x7felf", "a program"),
    ):
        if start.startswith(begin):
            return f"the content is {what}, not an image"
    if data[4:8] == b"ftyp":
        brand = data[8:12].decode("ascii", "replace")
        return f"the content is a {brand} file; send it as JPEG, PNG, WebP, AVIF, GIF, BMP or TIFF"
    if not any(data[:16]):
        return "the content is zeros, not an image"
    return "the content is not an image that is known (JPEG, PNG, WebP, AVIF, GIF, BMP, TIFF)"


def probe_image(data: bytes, *, max_pixels: int) -> Probed:
    """Decode an image file once, to its end, and make what is shown of it.

    Args:
        data: The whole file.
        max_pixels: Cap on width times height, checked before anything is decoded.

    Raises:
        CorruptMediaError: It is no image, is broken, or is over a cap; the reason is in its detail.
    """
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore"
        )  # what only deserves a warning, such as odd metadata, is not shown anyway
        image, media_type, orientation = open_image(data, max_pixels=max_pixels)
        try:
            return _probe(data, image, media_type, orientation)
        except Exception as error:  # Pillow's decoders raise of every kind on broken files
            raise CorruptMediaError(f"the image is damaged or cut short ({_short(error)})") from error


def try_probe(data: bytes, *, max_pixels: int) -> Outcome:
    """``probe_image`` for batch compute: a broken file is a value, not an exception."""
    try:
        return Outcome(probe_image(data, max_pixels=max_pixels), "")
    except CorruptMediaError as error:
        return Outcome(None, error.detail)


def load_upright(data: bytes, *, max_pixels: int) -> Image.Image:
    """Return the pixels of an image file as people see them: upright, 8-bit RGB, the first frame.

    Raises:
        CorruptMediaError: As ``probe_image``.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        image, media_type, orientation = open_image(data, max_pixels=max_pixels)
        try:
            return _flattened(_decoded_upright(image, media_type, orientation)).convert("RGB")
        except Exception as error:  # Pillow's decoders raise of every kind on broken files
            raise CorruptMediaError(f"the image is damaged or cut short ({_short(error)})") from error


def _probe(data: bytes, image: ImageFile.ImageFile, media_type: str, orientation: int) -> Probed:
    header_size = image.size
    is_moving = media_type not in ("image/jpeg", "image/tiff") and getattr(image, "n_frames", 1) > 1
    is_large = max(header_size) > PREVIEW_PX * _MUCH_LARGER or len(data) > _HEAVY_BYTES
    is_shown = media_type in _SHOWN_BY_BROWSERS and image.mode in _PLAIN_MODES and orientation == 1
    needs_preview = is_large or is_moving or not is_shown
    profile = image.info.get("icc_profile") if image.mode in ("RGB", "RGBA") else None
    if media_type == "image/jpeg":
        _scale_while_decoding(image, PREVIEW_PX if needs_preview else 2 * THUMBNAIL_PX)
    is_banded = media_type == "image/png" and orientation == 1 and not is_moving
    reduced = _reduced_in_bands(data, image.size) if is_banded else None
    upright = _decoded_upright(image, media_type, orientation) if reduced is None else reduced
    size = upright.size if reduced is None else header_size
    if media_type == "image/jpeg":
        size = (header_size[1], header_size[0]) if orientation >= 5 else header_size
    thumbnail = _flattened(_shrunk(upright, THUMBNAIL_PX))
    return Probed(
        media_type,
        *size,
        orientation,
        _encode(_shrunk(upright, PREVIEW_PX), profile=profile) if needs_preview else None,
        _encode(thumbnail, quality=80),
        _difference_hash(thumbnail),
    )


def _decoded_upright(image: ImageFile.ImageFile, media_type: str, orientation: int) -> Image.Image:
    """Decode to the end; TIFF comes upright from its decoder, the others are turned here."""
    image.load()
    return transposed(eight_bit(image), 1 if media_type == "image/tiff" else orientation)


def _reduced_in_bands(data: bytes, size: tuple[int, int]) -> Image.Image | None:
    """Decode a huge PNG to its end at about the size of a preview; None when it is not huge or not fit for bands."""
    factor = max(size) // PREVIEW_PX
    bands = png_bands(data, rows=32 * factor) if size[0] * size[1] >= _BANDED_PIXELS else None
    if bands is None:
        return None
    parts = [eight_bit(band).reduce(factor) for band in bands]
    whole = Image.new(parts[0].mode, (parts[0].width, sum(part.height for part in parts)))
    top = 0
    for part in parts:
        whole.paste(part, (0, top))
        top += part.height
    return whole


def transposed(image: Image.Image, orientation: int) -> Image.Image:
    """Return the image as its EXIF orientation (1..8) says it is to be seen."""
    transpose = _TRANSPOSES.get(orientation)
    return image if transpose is None else image.transpose(transpose)


def open_image(data: bytes, *, max_pixels: int) -> tuple[ImageFile.ImageFile, str, int]:
    """Read the header and hold it against the caps.

    Returns:
        The image, nothing of it decoded; its media type; its EXIF orientation, 1..8.

    Raises:
        CorruptMediaError: As ``probe_image``.
    """
    if len(data) > MAX_IMAGE_BYTES:
        raise CorruptMediaError(
            f"the file has {len(data)} bytes; at most {MAX_IMAGE_BYTES} are taken for one image"
        )
    media_type = sniff(data)
    if media_type is None:
        raise CorruptMediaError(describe(data))
    try:
        image = Image.open(io.BytesIO(data), formats=_PILLOW_FORMATS[media_type])
    except Exception as error:
        raise CorruptMediaError(
            f"it begins as {media_type.removeprefix('image/').upper()} and its header is damaged ({_short(error)})"
        ) from error
    width_px, height_px = image.size
    if width_px < 1 or height_px < 1:
        raise CorruptMediaError("the image has no pixels")
    if width_px * height_px > max_pixels or max(image.size) > MAX_SIDE_PX:
        raise CorruptMediaError(
            f"the image says it is {width_px} x {height_px} px; at most {max_pixels} pixels "
            f"and {MAX_SIDE_PX} px a side are taken"
        )
    # asking Pillow for the orientation of a PNG decodes the whole of it, as the answer may stand at its end
    is_upright = media_type == "image/png" and not any(word in data for word in _PNG_TURNED)
    return image, media_type, 1 if is_upright else _orientation_of(image)


def _orientation_of(image: Image.Image) -> int:
    try:
        value = image.getexif().get(_ORIENTATION_TAG, 1)
    except Exception:  # noqa: BLE001  what cannot be read counts as upright
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _scale_while_decoding(image: ImageFile.ImageFile, longest_px: int) -> None:
    """Let a JPEG decode at 1/2, 1/4 or 1/8 where that leaves at least ``longest_px``: the whole file is still read."""
    longest = max(image.size)
    if longest > longest_px:
        share = longest_px / longest
        image.draft(None, (max(round(image.width * share), 1), max(round(image.height * share), 1)))


def eight_bit(image: Image.Image) -> Image.Image:
    """Return the image in a mode of 8 bits a channel; deeper greys are stretched over their range."""
    if image.mode in ("RGB", "L", "RGBA"):
        return image
    if image.mode.startswith("I") or image.mode == "F":
        values = np.nan_to_num(np.asarray(image, dtype=np.float32), nan=0.0, posinf=0.0, neginf=0.0)
        low, high = float(values.min()), float(values.max())
        scale = 255.0 / (high - low) if high > low else 0.0
        return Image.fromarray(((values - low) * scale).astype(np.uint8))
    if image.mode == "1":
        return image.convert("L")
    has_alpha = image.mode in ("LA", "PA", "La", "RGBa") or "transparency" in image.info
    return image.convert("RGBA" if has_alpha else "RGB")


def _shrunk(image: Image.Image, longest_px: int) -> Image.Image:
    longest = max(image.size)
    if longest <= longest_px:
        return image
    share = longest_px / longest
    size = (max(round(image.width * share), 1), max(round(image.height * share), 1))
    return image.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0)


def _flattened(image: Image.Image) -> Image.Image:
    """Return the image on white where it is transparent."""
    if image.mode != "RGBA":
        return image
    ground = Image.new("RGB", image.size, (255, 255, 255))
    ground.paste(image, mask=image.getchannel("A"))
    return ground


def _encode(image: Image.Image, *, quality: int = 85, profile: bytes | None = None) -> Encoded:
    """Encode anew: nothing of the original but pixels and, for previews, its colour profile."""
    out = io.BytesIO()
    clean = Image.new(image.mode, image.size)
    clean.paste(image)
    extra = {"icc_profile": profile} if profile else {}
    if image.mode == "RGBA":
        clean.save(out, "WEBP", quality=quality, method=2, **extra)
        return Encoded(out.getvalue(), "image/webp")
    clean.save(out, "JPEG", quality=quality, **extra)
    return Encoded(out.getvalue(), "image/jpeg")


def _difference_hash(thumbnail: Image.Image) -> int:
    """Return 64 bits, each telling whether a cell of an 8 x 8 grid is darker than its right neighbour (dHash)."""
    grey = np.asarray(thumbnail.convert("L").resize((9, 8), Image.Resampling.BOX), dtype=np.int16)
    bits = (grey[:, 1:] > grey[:, :-1]).astype(np.uint8)
    return int.from_bytes(np.packbits(bits).tobytes(), "big", signed=True)


def _short(error: BaseException) -> str:
    text = "" if isinstance(error, UnidentifiedImageError) else str(error)
    text = text or "nothing in it can be read"
    return text if len(text) <= 120 else text[:117] + "..."
