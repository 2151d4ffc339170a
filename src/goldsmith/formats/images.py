"""Images as formats meet them: which names are images, where an image lies, how large it is, each taken once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO, Final

from PIL import Image

from goldsmith.core.errors import CorruptMediaError, InvalidInputError
from goldsmith.formats.names import printable, split_extension
from goldsmith.formats.sources import FileSource
from goldsmith.formats.types import ReadProblem, Sample

IMAGE_EXTENSIONS: Final = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff"})
_PILLOW_FORMATS: Final = ("JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF")
_ORIENTATION_TAG: Final = 0x0112
_MAX_SAME_NAME: Final = 1000
_SIDEWAYS: Final = frozenset({5, 6, 7, 8})
_SPLITS: Final = {
    "train": "train", "training": "train", "trainval": "train", "val": "val", "valid": "val", "validation": "val",
    "dev": "val", "test": "test", "testing": "test",
}  # fmt: skip


def is_image_name(name: str) -> bool:
    """Say whether a file's extension is that of an image."""
    return split_extension(name)[1].lower() in IMAGE_EXTENSIONS


def upright_size(source: FileSource, name: str) -> tuple[int, int]:
    """Return (width, height) of an image in a source with its EXIF orientation applied; only the header is read.

    Raises:
        CorruptMediaError: It is not an image that can be read.
    """
    with source.open(name) as file:
        return _size_of(file, name)


def _size_of(file: BinaryIO, name: str) -> tuple[int, int]:
    try:
        with Image.open(file, formats=_PILLOW_FORMATS) as image:
            width, height = image.size
            orientation = image.getexif().get(_ORIENTATION_TAG, 1)
    except Exception as error:  # Pillow's plugins raise of every kind on a broken header
        raise CorruptMediaError(f"{printable(name)} is not an image that can be read: {error}") from error
    return (height, width) if orientation in _SIDEWAYS else (width, height)


def split_of_word(word: str) -> str:
    """Return ``train``, ``val`` or ``test`` for the words people use for them; empty for others."""
    return _SPLITS.get(word.lower(), "")


def split_of_parts(parts: Iterable[str]) -> str:
    """Return the split that a folder name in a path says; empty when none does."""
    return next((split for part in parts if (split := split_of_word(part))), "")


def read_each(
    names: Iterable[str], read: Callable[[str], Iterable[Sample | ReadProblem] | None], *, nothing: str
) -> Iterator[Sample | ReadProblem]:
    """Read the files of a set in order; an image that an earlier one describes already is told and not taken again.

    Args:
        names: Files that may be of the format.
        read: Returns what a file holds, None where it is of something else; raises where it is of nothing readable.
        nothing: What is said where no file is of the format.

    Raises:
        InvalidInputError: No file is.
    """
    described_by: dict[str, str] = {}
    is_found = False
    for name in names:
        try:
            entries = read(name)
        except InvalidInputError as error:
            is_found = True
            yield ReadProblem(name, error.detail)
            continue
        if entries is None:
            continue
        is_found = True
        for entry in entries:
            if isinstance(entry, Sample):
                if entry.name in described_by:
                    what = f"the image is described by {described_by[entry.name]} already"
                    yield ReadProblem(f"{name}: {printable(entry.name)}", what)
                    continue
                described_by[entry.name] = name
            yield entry
    if not is_found:
        raise InvalidInputError(nothing)


class ImageIndex:
    """Finds the image that a label file means among the files of a source; a PDF is an image of its pages.

    Args:
        source: Where the images are.
    """

    def __init__(self, source: FileSource) -> None:
        self.names: tuple[str, ...] = tuple(name for name in source.names() if is_image_name(name))
        documents = [name for name in source.names() if name.lower().endswith(".pdf")]
        every = [*self.names, *documents]
        self._all = frozenset(every)
        self._by_tail: dict[str, list[str]] = {}
        self._by_stem: dict[str, list[str]] = {}
        for name in every:
            self._by_tail.setdefault(name.rsplit("/", 1)[-1], []).append(name)
        for name in self.names:
            self._by_stem.setdefault(split_extension(name.rsplit("/", 1)[-1])[0], []).append(name)

    def find(self, declared: str, *, beside: str = "", folders: Iterable[str] = ()) -> str | None:
        """Return the name of the file that ``declared`` means, None when there is none or more than one could be meant.

        Args:
            declared: The name as the label file gives it.
            beside: The label file; its folder is looked at first.
            folders: More folders to look into, relative to the label file's folder and to the root.
        """
        home = beside.rpartition("/")[0]
        for folder in ("", *folders):
            for base in dict.fromkeys((home, home.rpartition("/")[0], "")):
                candidate = "/".join(part for part in (base, folder, declared) if part)
                if candidate in self._all:
                    return candidate
        return _nearest(self._by_tail.get(declared.rsplit("/", 1)[-1], []), declared)

    def find_stem(self, stem: str, *, beside: str = "") -> str | None:
        """Return the image with this name apart from the extension, None when there is none or more than one."""
        last = stem.rsplit("/", 1)[-1]
        found = self._by_stem.get(last, [])
        if len(found) > 1:
            top = beside.split("/", 1)[0]
            found = [name for name in found if name.split("/", 1)[0] == top] or found
        return found[0] if len(found) == 1 else None


def _nearest(names: list[str], declared: str) -> str | None:
    """Return the one name that shares the most path parts at its end with ``declared``."""
    wanted = declared.split("/")[::-1]

    def shared(name: str) -> int:
        count = 0
        for have, want in zip(name.split("/")[::-1], wanted, strict=False):
            if have != want:
                break
            count += 1
        return count

    if not names or len(names) > _MAX_SAME_NAME:
        return None
    best = max(shared(name) for name in names)
    found = [name for name in names if shared(name) == best]
    return found[0] if len(found) == 1 else None
