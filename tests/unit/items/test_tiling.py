"""Pyramids, files of tiles, bands of rows, and what is cut from them."""

from __future__ import annotations

import io
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from goldsmith.core.errors import CorruptMediaError
from goldsmith.items.media import load_upright, probe_image, transposed
from goldsmith.items.png_bands import png_bands
from goldsmith.items.tiling import TILE_PX, PackReader, Pyramid, Tile, bands, cut_tiles, try_cut
from goldsmith.items.tiling.pack import pack

MAX_PIXELS = 10_000_000
GOLDEN = json.loads((Path(__file__).parents[2] / "golden" / "tiles.json").read_text())


def picture(width: int, height: int, mode: str = "RGB") -> Image.Image:
    """Smooth noise in any mode."""
    channels = {"L": 1, "P": 1, "LA": 2, "RGB": 3, "RGBA": 4}[mode]
    pixels = np.random.default_rng(7).integers(0, 255, (9, 11, channels), dtype=np.uint8).squeeze()
    image = Image.fromarray(pixels, None if mode == "P" else mode).resize(
        (width, height), Image.Resampling.BICUBIC
    )
    if mode == "P":
        image.putpalette(list(range(256)) * 3)
    return image


def encoded(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def tiles_of(packed: bytes, pyramid: Pyramid) -> dict[Tile, Image.Image]:
    count = pyramid.tile_count
    reader = PackReader.read(packed[: PackReader.index_bytes(count)], count=count)
    found = {}
    for number, tile in enumerate(pyramid.tiles()):
        extent = reader.extent(number)
        if extent is not None:
            found[tile] = Image.open(io.BytesIO(packed[extent.start : extent.end]))
    return found


def put_together(tiles: dict[Tile, Image.Image], pyramid: Pyramid, level: int) -> Image.Image:
    whole = Image.new(next(iter(tiles.values())).mode, pyramid.size(level))
    for tile, image in tiles.items():
        if tile.level == level:
            whole.paste(image, (tile.x * TILE_PX, tile.y * TILE_PX))
    return whole


@pytest.mark.parametrize("vector", GOLDEN, ids=lambda v: f"{v['width']}x{v['height']}")
def test_pyramids_as_the_browser_knows_them(vector: dict[str, Any]) -> None:
    pyramid = Pyramid(vector["width"], vector["height"])
    assert [list(pyramid.size(level)) for level in range(pyramid.levels)] == vector["sizes"]
    assert [list(pyramid.grid(level)) for level in range(pyramid.levels)] == vector["grids"]


@given(st.integers(1, 5000), st.integers(1, 5000))
def test_tiles_are_numbered_without_gaps(width: int, height: int) -> None:
    pyramid = Pyramid(width, height)
    tiles = list(pyramid.tiles())
    assert [pyramid.number(tile) for tile in tiles] == list(range(pyramid.tile_count))
    assert all(map(pyramid.has, tiles))
    columns, rows = pyramid.grid(0)
    assert not any(
        map(pyramid.has, [Tile(0, columns, 0), Tile(0, 0, rows), Tile(pyramid.levels, 0, 0), Tile(-1, 0, 0)])
    )


@given(st.lists(st.binary(max_size=20), max_size=20))
def test_a_file_gives_back_its_tiles(tiles: list[bytes]) -> None:
    packed = pack(tiles)
    reader = PackReader.read(packed[: PackReader.index_bytes(len(tiles))], count=len(tiles))
    extents = [reader.extent(number) for number in range(len(tiles))]
    assert [b"" if e is None else packed[e.start : e.end] for e in extents] == tiles


def test_a_file_that_is_none_is_refused() -> None:
    packed = pack([b"one", b"two"])
    for broken in (packed[:20], b"XXXXXXXX" + packed[8:32], b""):
        with pytest.raises(CorruptMediaError):
            PackReader.read(broken, count=2)


@pytest.mark.parametrize("mode", ["RGB", "L", "P", "RGBA", "LA"])
@pytest.mark.parametrize("rows", [1, 7, 64, 500])
def test_bands_of_a_png_are_its_rows(mode: str, rows: int) -> None:
    image = picture(131, 200, mode)
    data = encoded(image, optimize=True)
    found = png_bands(data, rows=rows)
    assert found is not None
    parts = list(found)
    assert [part.height for part in parts[:-1]] == [rows] * (len(parts) - 1)
    expected = Image.open(io.BytesIO(data))
    whole = np.concatenate([np.asarray(part.convert("RGBA")) for part in parts])
    assert np.array_equal(whole, np.asarray(expected.convert("RGBA")))


def test_bands_keep_a_transparent_colour() -> None:
    data = encoded(picture(40, 40, "P"), transparency=3)
    found = png_bands(data, rows=16)
    assert found is not None
    assert all("transparency" in part.info for part in found)


def test_a_png_that_cannot_be_taken_apart_is_left_alone() -> None:
    deep = Image.fromarray(np.arange(400, dtype=np.uint16).reshape(20, 20))
    assert png_bands(encoded(deep), rows=8) is None
    assert png_bands(encoded(picture(20, 20).convert("1")), rows=8) is None
    assert png_bands(encoded(picture(20, 20), "JPEG"), rows=8) is None


@given(st.integers(0, 1_000_000), st.binary(min_size=1, max_size=4))
@settings(max_examples=60)
def test_broken_bands_are_told_of(position: int, noise: bytes) -> None:
    whole = encoded(picture(90, 90))
    at = 33 + position % (len(whole) - 33)
    data = whole[:at] + noise + whole[at + len(noise) :]
    for broken in (data, whole[:at]):
        found = png_bands(broken, rows=16)
        try:
            parts = [] if found is None else list(found)
        except CorruptMediaError:
            continue
        assert sum(part.height for part in parts) in (0, 90)


@given(st.sampled_from(range(1, 9)), st.data())
def test_boxes_of_an_upright_image_in_the_stored_one(orientation: int, data: st.DataObject) -> None:
    stored = picture(23, 17)
    upright = transposed(stored, orientation)
    x0 = data.draw(st.integers(0, upright.width - 1))
    y0 = data.draw(st.integers(0, upright.height - 1))
    box = (
        x0,
        y0,
        data.draw(st.integers(x0 + 1, upright.width)),
        data.draw(st.integers(y0 + 1, upright.height)),
    )
    there = bands.source_box(orientation, box, width_px=upright.width, height_px=upright.height)
    assert transposed(stored.crop(there), orientation).tobytes() == upright.crop(box).tobytes()


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("PNG", {}),
        ("PNG", {"mode": "L"}),
        ("JPEG", {"quality": 95}),
        ("JPEG", {"quality": 95, "progressive": True}),
    ],
)
def test_tiles_show_the_image_at_every_level(kind: str, options: dict[str, Any]) -> None:
    image = picture(1300, 1111, options.pop("mode", "RGB"))
    pyramid = Pyramid(*image.size)
    tiles = tiles_of(cut_tiles(encoded(image, kind, **options), max_pixels=MAX_PIXELS), pyramid)
    assert set(tiles) == set(pyramid.tiles())
    for level in range(pyramid.levels):
        shown = np.asarray(put_together(tiles, pyramid, level).convert("RGB"), dtype=np.int16)
        wanted = np.asarray(
            image.convert("RGB").resize(pyramid.size(level), Image.Resampling.BOX), dtype=np.int16
        )
        assert np.abs(shown - wanted).mean() < 3


def test_tiles_are_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    data = encoded(picture(1500, 700), "JPEG", exif=exif, quality=95)
    pyramid = Pyramid(700, 1500)
    tiles = tiles_of(cut_tiles(data, max_pixels=MAX_PIXELS), pyramid)
    shown = np.asarray(put_together(tiles, pyramid, 0), dtype=np.int16)
    upright = np.asarray(load_upright(data, max_pixels=MAX_PIXELS), dtype=np.int16)
    assert np.abs(shown - upright).mean() < 3


def test_transparent_tiles_stay_so() -> None:
    pyramid = Pyramid(700, 600)
    tiles = tiles_of(cut_tiles(encoded(picture(700, 600, "RGBA")), max_pixels=MAX_PIXELS), pyramid)
    assert {image.format for image in tiles.values()} == {"WEBP"}
    assert {image.mode for image in tiles.values()} == {"RGBA"}


def test_a_jpeg_over_the_limit_is_cut_from_its_half(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bands, "WHOLE_PIXELS", 500_000)
    image = picture(1301, 1111)
    pyramid = Pyramid(*image.size)
    tiles = tiles_of(cut_tiles(encoded(image, "JPEG", quality=95), max_pixels=MAX_PIXELS), pyramid)
    assert {tile.level for tile in tiles} == set(range(1, pyramid.levels))
    shown = np.asarray(put_together(tiles, pyramid, 1), dtype=np.int16)
    wanted = np.asarray(image.resize(pyramid.size(1), Image.Resampling.BOX), dtype=np.int16)
    assert np.abs(shown - wanted).mean() < 3


def test_other_kinds_over_the_limit_are_refused_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bands, "WHOLE_PIXELS", 500_000)
    outcome = try_cut(encoded(picture(1300, 1111), "BMP"), max_pixels=MAX_PIXELS)
    assert outcome.pack is None
    assert "send it as PNG" in outcome.reason


def test_what_is_no_image_is_a_reason() -> None:
    assert try_cut(b"%PDF-1.7", max_pixels=MAX_PIXELS).reason == "the content is PDF, not an image"
    assert "at most 100 pixels" in try_cut(encoded(picture(20, 20)), max_pixels=100).reason
    assert "cut short" in try_cut(encoded(picture(900, 900))[:5000], max_pixels=MAX_PIXELS).reason


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P"])
def test_a_huge_png_is_probed_in_bands_as_it_is_whole(monkeypatch: pytest.MonkeyPatch, mode: str) -> None:
    data = encoded(picture(2700, 300, mode), compress_level=1)
    whole = probe_image(data, max_pixels=20_000_000)
    monkeypatch.setattr("goldsmith.items.media._BANDED_PIXELS", 1_000_000)
    banded = probe_image(data, max_pixels=20_000_000)
    assert whole.preview is not None
    assert banded.preview is not None
    assert banded[:4] == whole[:4]
    assert banded.perceptual_hash.bit_count() == pytest.approx(whole.perceptual_hash.bit_count(), abs=4)
    first, second = (
        Image.open(io.BytesIO(p.preview.data)).convert("RGB") for p in (whole, banded) if p.preview
    )
    assert first.size == second.size
    difference = np.abs(np.asarray(first, dtype=np.int16) - np.asarray(second, dtype=np.int16))
    assert difference.mean() < 4


def test_the_orientation_of_a_png_is_still_found() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    probed = probe_image(encoded(picture(60, 40), exif=exif), max_pixels=MAX_PIXELS)
    assert (probed.width_px, probed.height_px, probed.orientation) == (40, 60, 6)
    assert all(a.level <= b.level for a, b in pairwise(Pyramid(2000, 1000).tiles()))
