"""Files of all kinds, good and nasty, made in code."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from goldsmith.core.errors import CorruptMediaError
from goldsmith.items.media import (
    PREVIEW_PX,
    THUMBNAIL_PX,
    load_upright,
    probe_image,
    sniff,
    try_probe,
)

MAX_PIXELS = 50_000_000


def picture(width: int = 64, height: int = 48) -> Image.Image:
    """Red left of the middle, with a green corner at the top left."""
    pixels = np.full((height, width, 3), 40, dtype=np.uint8)
    pixels[:, : width // 2] = (220, 20, 20)
    pixels[: height // 4, : width // 4] = (20, 220, 20)
    return Image.fromarray(pixels)


def encoded(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def exif_bytes(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "SecretCamera"
    exif.get_ifd(0x8825)[2] = (52.0, 31.0, 12.0)
    return exif.tobytes()


def png_header(width: int, height: int) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    return (
        b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
        + struct.pack(">I", 0) + b"IDAT" + struct.pack(">I", zlib.crc32(b"IDAT"))
    )  # fmt: skip


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


@pytest.mark.parametrize(
    ("kind", "media_type", "is_shown"),
    [
        ("JPEG", "image/jpeg", True),
        ("PNG", "image/png", True),
        ("WEBP", "image/webp", True),
        ("GIF", "image/gif", True),
        ("BMP", "image/bmp", False),
        ("TIFF", "image/tiff", False),
        ("AVIF", "image/avif", True),
    ],
)
def test_kinds_are_told_by_content_and_shown_to_browsers(kind: str, media_type: str, is_shown: bool) -> None:
    probed = probe_image(encoded(picture(), kind), max_pixels=MAX_PIXELS)
    assert (probed.media_type, probed.width_px, probed.height_px, probed.orientation) == (
        media_type,
        64,
        48,
        1,
    )
    assert (probed.preview is None) == is_shown
    assert probed.thumbnail.media_type == "image/jpeg"
    assert opened(probed.thumbnail.data).size == (64, 48)
    if probed.preview is not None:
        assert opened(probed.preview.data).size == (64, 48)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_comes_out_upright(kind: str, orientation: int) -> None:
    turns = {
        1: None,
        2: 0,
        3: 3,
        4: 1,
        5: 5,
        6: 2,
        7: 6,
        8: 4,
    }  # what a camera held that way does to the picture
    turn = turns[orientation]
    stored = picture() if turn is None else picture().transpose(Image.Transpose(turn))
    data = encoded(stored, kind, exif=exif_bytes(orientation))
    probed = probe_image(data, max_pixels=MAX_PIXELS)
    assert (probed.width_px, probed.height_px, probed.orientation) == (64, 48, orientation)
    assert (probed.preview is None) == (orientation == 1 and kind != "TIFF")
    for shown in [probed.thumbnail.data, *([probed.preview.data] if probed.preview else [])]:
        corner = opened(shown).convert("RGB").getpixel((4, 4))
        assert opened(shown).size == (64, 48)
        assert isinstance(corner, tuple)
        assert corner[1] > 150 > corner[0]
    upright = load_upright(data, max_pixels=MAX_PIXELS)
    assert upright.size == (64, 48)
    pixel = upright.getpixel((4, 4))
    assert isinstance(pixel, tuple)
    assert pixel[1] > 150


def test_what_is_shown_carries_no_metadata() -> None:
    data = encoded(picture(), "JPEG", exif=exif_bytes(6), comment=b"SecretComment")
    assert b"SecretCamera" in data
    probed = probe_image(data, max_pixels=MAX_PIXELS)
    assert probed.preview is not None
    for shown in (probed.preview.data, probed.thumbnail.data):
        assert b"Secret" not in shown
        assert b"Exif" not in shown
        assert len(opened(shown).getexif()) == 0


def test_png_text_does_not_reach_the_preview() -> None:
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_text("where", "SecretPlace")
    info.add_itxt("xmp", "SecretPlace")
    rgba = picture(3000, 60).convert("RGBA")
    probed = probe_image(encoded(rgba, "PNG", pnginfo=info), max_pixels=MAX_PIXELS)
    assert probed.preview is not None
    assert probed.preview.media_type == "image/webp"
    assert b"Secret" not in probed.preview.data + probed.thumbnail.data


def test_large_images_get_a_small_preview() -> None:
    probed = probe_image(encoded(picture(4000, 1000), "JPEG"), max_pixels=MAX_PIXELS)
    assert (probed.width_px, probed.height_px) == (4000, 1000)
    assert probed.preview is not None
    assert opened(probed.preview.data).size == (PREVIEW_PX, 512)
    assert opened(probed.thumbnail.data).size == (THUMBNAIL_PX, 64)
    assert probe_image(encoded(picture(2500, 20), "PNG"), max_pixels=MAX_PIXELS).preview is None


def test_kinds_of_pixels_that_browsers_do_not_show() -> None:
    cmyk = probe_image(encoded(picture().convert("CMYK"), "JPEG"), max_pixels=MAX_PIXELS)
    assert cmyk.preview is not None
    assert opened(cmyk.preview.data).mode == "RGB"
    deep = Image.fromarray((np.arange(64 * 48, dtype=np.uint16) + 300).reshape(48, 64))
    grey = probe_image(encoded(deep), max_pixels=MAX_PIXELS)
    assert grey.preview is not None
    shown = np.asarray(opened(grey.preview.data))
    assert shown.min() < 10
    assert shown.max() > 245
    floats = Image.fromarray(np.linspace(-1, 1, 48 * 64, dtype=np.float32).reshape(48, 64))
    assert probe_image(encoded(floats, "TIFF"), max_pixels=MAX_PIXELS).preview is not None


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_modes_of_png(mode: str) -> None:
    probed = probe_image(encoded(picture().convert(mode)), max_pixels=MAX_PIXELS)
    assert (probed.width_px, probed.height_px) == (64, 48)
    assert opened(probed.thumbnail.data).size == (64, 48)


def test_an_animation_is_shown_by_its_first_frame() -> None:
    frames = [picture(), picture().rotate(90), picture().rotate(180)]
    data = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    probed = probe_image(data, max_pixels=MAX_PIXELS)
    assert probed.preview is not None
    assert getattr(opened(probed.preview.data), "n_frames", 1) == 1
    pixel = opened(probed.preview.data).convert("RGB").getpixel((4, 4))
    assert isinstance(pixel, tuple)
    assert pixel[1] > 150


def test_a_colour_profile_stays_with_the_preview() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    probed = probe_image(encoded(picture(3000, 100), "JPEG", icc_profile=profile), max_pixels=MAX_PIXELS)
    assert probed.preview is not None
    assert opened(probed.preview.data).info["icc_profile"] == profile


def test_the_hash_is_near_for_near_images_and_far_for_others() -> None:
    rng = np.random.default_rng(3)
    noise = rng.integers(0, 255, (12, 16, 3), dtype=np.uint8)
    base = Image.fromarray(noise).resize((640, 480), Image.Resampling.BICUBIC)
    other = Image.fromarray(rng.integers(0, 255, (12, 16, 3), dtype=np.uint8)).resize((640, 480))

    def hash_of(data: bytes) -> int:
        return probe_image(data, max_pixels=MAX_PIXELS).perceptual_hash & (2**64 - 1)

    first = hash_of(encoded(base, "JPEG", quality=90))
    again = hash_of(encoded(base.resize((320, 240)), "PNG"))
    assert (first ^ again).bit_count() <= 6
    assert (first ^ hash_of(encoded(other, "JPEG"))).bit_count() >= 16
    assert -(2**63) <= probe_image(encoded(base), max_pixels=MAX_PIXELS).perceptual_hash < 2**63


def test_bytes_behind_the_end_do_no_harm() -> None:
    polyglot = encoded(picture(), "JPEG") + b"<script>alert(1)</script>" + b"PK\x03\x04"
    probed = probe_image(polyglot, max_pixels=MAX_PIXELS)
    assert probed.media_type == "image/jpeg"
    assert b"script" not in probed.thumbnail.data


JPEG = encoded(picture(300, 200), "JPEG")
PNG = encoded(picture(300, 200), "PNG")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"<!DOCTYPE html><html><script>alert(1)</script></html>", "HTML"),
        (b"  <svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "SVG"),
        (b"<?xml version='1.0'?><svg/>", "SVG"),
        (b"<?xml version='1.0'?><a/>", "XML"),
        (b"%PDF-1.7", "PDF"),
        (b"PK\x03\x04rest", "zip"),
        (b"MZ\x90\x00", "program"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "heic"),
        (b"\0" * 500, "zeros"),
        (b"just some words", "not an image"),
        (JPEG[: len(JPEG) // 2], "cut short"),
        (JPEG[:20], "damaged"),
        (PNG[: len(PNG) // 2], "damaged"),
        (PNG[:20], "damaged"),
        (png_header(60_000, 60_000), "60000 x 60000"),
        (png_header(2_000_000, 1), "2000000 x 1"),
        (png_header(0, 10), "damaged"),
        (
            b"GIF89a" + struct.pack("<HH", 65535, 65535) + b"\0\0\0," + struct.pack("<HHHHB", 0, 0, 65535, 65535, 0)
            + b"\x08\x01\0\0;",
            "65535 x 65535",
        ),
        (b"BM" + struct.pack("<IIIIiiHHIIiiII", 54, 0, 54, 40, 50_000, 50_000, 1, 24, 0, 0, 0, 0, 0, 0), "50000 x"),
        (b"\x89PNG\r\n\x1a\n" + b"\xff" * 100, "header is damaged"),
        (b"II*\0" + b"\xff" * 100, "damaged"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_refused_with_the_reason(data: bytes, reason: str) -> None:
    with pytest.raises(CorruptMediaError, match=reason):
        probe_image(data, max_pixels=MAX_PIXELS)
    assert reason in try_probe(data, max_pixels=MAX_PIXELS).reason
    with pytest.raises(CorruptMediaError):
        load_upright(data, max_pixels=MAX_PIXELS)


def test_damaged_exif_counts_as_upright() -> None:
    data = encoded(picture(), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\x7f" + b"\x01" * 40)
    probed = probe_image(data, max_pixels=MAX_PIXELS)
    assert (probed.width_px, probed.height_px, probed.orientation) == (64, 48, 1)
    assert probe_image(encoded(picture(), "JPEG", exif=exif_bytes(9)), max_pixels=MAX_PIXELS).orientation == 1


@settings(max_examples=120, deadline=None)
@given(
    kind=st.sampled_from(["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"]),
    changes=st.lists(st.tuples(st.integers(0, 1_000_000), st.integers(0, 255)), min_size=1, max_size=8),
    cut=st.integers(0, 1_000_000),
)
def test_a_mutated_file_is_probed_or_refused_and_nothing_else(
    kind: str, changes: list[tuple[int, int]], cut: int
) -> None:
    data = bytearray(encoded(picture(), kind))
    for position, value in changes:
        data[position % len(data)] = value
    if cut % 3 == 0:
        data = data[: cut % len(data)]
    outcome = try_probe(bytes(data), max_pixels=1_000_000)
    assert (outcome.probed is None) == (outcome.reason != "")


def test_random_bytes_are_no_image() -> None:
    rng = np.random.default_rng(1)
    makers: list[Callable[[], bytes]] = [lambda: rng.bytes(100)] * 50
    assert all(sniff(make()) is None for make in makers)
