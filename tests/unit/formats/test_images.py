from __future__ import annotations

import io
import struct
import zlib

import pytest
from PIL import Image

from goldsmith.core.errors import CorruptMediaError
from goldsmith.formats.images import ImageIndex, is_image_name, split_of_parts, upright_size
from tests.unit.formats.made import png, zip_of


def _sideways() -> bytes:
    buffer = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (40, 20)).save(buffer, format="JPEG", exif=exif)
    return buffer.getvalue()


def _huge() -> bytes:
    head = struct.pack(">IIBBBBB", 2**31 - 1, 2**31 - 1, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + head
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", len(head)) + chunk + struct.pack(">I", zlib.crc32(chunk))


def test_the_size_is_that_of_the_upright_image() -> None:
    source = zip_of({"a.png": png(30, 20), "b.jpg": _sideways()})
    assert upright_size(source, "a.png") == (30, 20)
    assert upright_size(source, "b.jpg") == (20, 40)


@pytest.mark.parametrize("data", [b"", b"no image", b"\xff\xd8\xff\xe0", _huge()])
def test_what_is_no_image_or_too_large_is_refused(data: bytes) -> None:
    with pytest.raises(CorruptMediaError):
        upright_size(zip_of({"a.png": data}), "a.png")


def test_images_are_found_by_path_name_and_stem() -> None:
    index = ImageIndex(zip_of(dict.fromkeys(["x/a.png", "y/a.png", "y/b.jpg", "notes.txt"], "")))
    assert index.names == ("x/a.png", "y/a.png", "y/b.jpg")
    assert index.find("a.png", beside="y/labels.json") == "y/a.png"
    assert index.find("old/place/y/a.png") == "y/a.png"
    assert index.find("a.png") is None
    assert index.find("b.jpg") == "y/b.jpg"
    assert index.find_stem("b") == "y/b.jpg"
    assert index.find_stem("a", beside="x/a.xml") == "x/a.png"
    assert index.find_stem("a") is None


def test_a_pdf_is_found_by_its_whole_name_alone() -> None:
    index = ImageIndex(zip_of(dict.fromkeys(["x/a.png", "x/a.pdf", "x/b.PDF"], "")))
    assert index.names == ("x/a.png",)
    assert index.find("a.pdf") == "x/a.pdf"
    assert index.find_stem("a") == "x/a.png"
    assert index.find_stem("b") is None


def test_words_for_splits_and_images() -> None:
    assert split_of_parts(["data", "Valid", "x"]) == "val"
    assert split_of_parts(["data"]) == ""
    assert is_image_name("a.JPEG")
    assert not is_image_name("png")
