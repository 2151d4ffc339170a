from __future__ import annotations

import io
import stat
import struct
import zipfile
from pathlib import Path

import pytest

from goldsmith.core.errors import ConflictError, InvalidInputError, NotFoundError, TooLargeError
from goldsmith.formats import FolderSource, FolderTarget, SourceLimits, ZipSource, ZipTarget, open_source
from goldsmith.formats.sources import read_file


def _zip(*entries: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED) -> io.BytesIO:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return buffer


@pytest.mark.parametrize(
    "name", ["../../evil.txt", "/etc/passwd", "C:/evil.txt", "a\\..\\evil.txt", "a/../../evil.txt"]
)
def test_entries_that_lead_out_of_the_archive_are_left_out(name: str) -> None:
    source = ZipSource(_zip((name, b"x"), ("good.txt", b"y")))
    assert source.names() == ("good.txt",)
    assert len(source.refused) == 1
    with pytest.raises(NotFoundError):
        source.open(name)


def test_a_nul_in_a_name_does_not_hide_the_rest_of_it() -> None:
    data = _zip(("good.png_evil", b"x")).getvalue().replace(b"good.png_evil", b"good.png\0evil")
    source = ZipSource(io.BytesIO(data))
    assert source.names() == ()
    assert "control" in source.refused[0].what


def test_links_and_encrypted_entries_are_left_out() -> None:
    link = zipfile.ZipInfo("link")
    link.create_system = 3
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    data = bytearray(_zip((link, b"/etc/passwd"), ("secret.txt", b"x")).getvalue())
    at = data.rindex(b"PK\x01\x02")
    struct.pack_into("<H", data, at + 8, 1)  # the flag of the last central entry: encrypted
    source = ZipSource(io.BytesIO(bytes(data)))
    assert source.names() == ()
    assert [entry.what for entry in source.refused] == ["is a symbolic link", "is encrypted"]


def test_bombs_are_left_out_by_ratio_and_by_size() -> None:
    bomb = _zip(("zeros.bin", bytes(8 * 2**20)), ("good.txt", b"x"))
    assert ZipSource(bomb, limits=SourceLimits(max_ratio=100)).names() == ("good.txt",)
    assert ZipSource(bomb, limits=SourceLimits(max_file_bytes=2**20)).names() == ("good.txt",)
    with pytest.raises(TooLargeError):
        ZipSource(bomb, limits=SourceLimits(max_total_bytes=2**20, max_ratio=1e9))


def test_an_entry_never_gives_more_than_it_declares() -> None:
    data = bytearray(_zip(("a.txt", bytes(1000))).getvalue())
    at = data.rindex(b"PK\x01\x02")
    struct.pack_into("<L", data, at + 24, 10)  # the unpacked size in the table of contents
    source = ZipSource(io.BytesIO(bytes(data)))
    assert source.size_bytes("a.txt") == 10
    with pytest.raises(InvalidInputError):
        read_file(source, "a.txt", max_bytes=100)


def test_too_many_files_are_refused_before_they_are_listed() -> None:
    archive = _zip(*((f"{index}.txt", b"") for index in range(30)))
    with pytest.raises(TooLargeError, match="lists 30"):
        ZipSource(archive, limits=SourceLimits(max_files=10))
    with pytest.raises(TooLargeError):
        ZipSource(archive, limits=SourceLimits(max_directory_bytes=100))
    with pytest.raises(TooLargeError):
        ZipSource(archive, limits=SourceLimits(max_files=20))


def test_a_name_that_is_there_twice_is_taken_once() -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        archive = _zip(("a.txt", b"first"), ("a.txt", b"second"))
    source = ZipSource(archive)
    assert source.names() == ("a.txt",)
    assert source.open("a.txt").read() == b"first"
    assert len(source.refused) == 1


@pytest.mark.parametrize("data", [b"", b"no zip at all", b"PK\x03\x04" + bytes(40), b"PK\x05\x06" + bytes(4)])
def test_what_is_no_archive_is_refused(data: bytes) -> None:
    with pytest.raises(InvalidInputError):
        ZipSource(io.BytesIO(data))


def test_odd_packing_is_left_out() -> None:
    source = ZipSource(_zip(("a.txt", b"x" * 100), method=zipfile.ZIP_LZMA))
    assert source.names() == ()


def test_a_folder_gives_its_plain_files_and_no_links(tmp_path: Path) -> None:
    (tmp_path / "in" / "sub").mkdir(parents=True)
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "in" / "sub" / "a.txt").write_text("a")
    (tmp_path / "in" / "b.txt").write_text("bb")
    (tmp_path / "in" / "link.txt").symlink_to(tmp_path / "secret.txt")
    (tmp_path / "in" / "up").symlink_to(tmp_path)
    source = FolderSource(tmp_path / "in")
    assert source.names() == ("b.txt", "sub/a.txt")
    assert source.size_bytes("b.txt") == 2
    assert sorted(entry.where for entry in source.refused) == ["'link.txt'", "'up'"]
    for name in ("../secret.txt", "link.txt", "up/secret.txt"):
        with pytest.raises(NotFoundError):
            source.open(name)
    (tmp_path / "in" / "b.txt").unlink()
    (tmp_path / "in" / "b.txt").symlink_to(tmp_path / "secret.txt")
    with pytest.raises(InvalidInputError):
        source.open("b.txt")


def test_caps_hold_for_folders_too(tmp_path: Path) -> None:
    for index in range(4):
        (tmp_path / f"{index}.txt").write_text("12345")
    with pytest.raises(TooLargeError):
        FolderSource(tmp_path, limits=SourceLimits(max_files=3))
    with pytest.raises(TooLargeError):
        FolderSource(tmp_path, limits=SourceLimits(max_total_bytes=10))
    assert FolderSource(tmp_path, limits=SourceLimits(max_file_bytes=3)).names() == ()
    with pytest.raises(TooLargeError):
        read_file(FolderSource(tmp_path), "0.txt", max_bytes=3)


def test_a_source_is_opened_by_what_lies_at_the_path(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(_zip(("a.txt", b"x")).getvalue())
    with open_source(tmp_path / "a.zip") as source:  # type: ignore[union-attr]
        assert source.names() == ("a.txt",)
    assert isinstance(open_source(tmp_path), FolderSource)
    with pytest.raises(NotFoundError):
        open_source(tmp_path / "none")
    with pytest.raises(InvalidInputError):
        FolderSource(tmp_path / "none")


@pytest.mark.parametrize("kind", ["folder", "zip"])
def test_targets_take_safe_names_once(kind: str, tmp_path: Path) -> None:
    target = FolderTarget(tmp_path / "out") if kind == "folder" else ZipTarget(tmp_path / "out.zip")
    target.put("a/b.txt", b"x")
    target.put("c.jpg", io.BytesIO(b"y" * 5000))
    with pytest.raises(ConflictError):
        target.put("a/b.txt", b"z")
    for name in ("../up.txt", "/abs.txt", "a\\b.txt"):
        with pytest.raises(InvalidInputError):
            target.put(name, b"x")
    if isinstance(target, ZipTarget):
        target.close()
    source = open_source(tmp_path / ("out" if kind == "folder" else "out.zip"))
    assert source.names() == ("a/b.txt", "c.jpg")
    assert read_file(source, "c.jpg", max_bytes=10_000) == b"y" * 5000
    assert not (tmp_path / "up.txt").exists()
