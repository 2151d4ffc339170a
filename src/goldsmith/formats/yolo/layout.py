"""How a YOLO data set lies on disk: its description, its class names, which label belongs to which image."""

from __future__ import annotations

import contextlib
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

from goldsmith.core.errors import GoldsmithError, InvalidInputError, TooLargeError
from goldsmith.formats.images import is_image_name, split_of_parts, split_of_word
from goldsmith.formats.names import declared_name, split_extension
from goldsmith.formats.own import OWN_KEY
from goldsmith.formats.sources import FileSource, read_file
from goldsmith.formats.types import ReadProblem
from goldsmith.formats.yolo.keypoints import KEYS as KEYPOINT_KEYS
from goldsmith.formats.yolo.keypoints import Keypoints, keypoints_of

MAX_DESCRIPTION_BYTES: Final = 2**20
MAX_LIST_BYTES: Final = 256 * 2**20
MAX_CLASSES: Final = 100_000
_CLASS_FILES: Final = frozenset({"classes.txt", "obj.names", "labels.txt"})
_SPLIT_KEYS: Final = ("train", "val", "test")
_OTHER_KEYS: Final = frozenset({"path", "names", "nc", "download", "channels", "roboflow", *KEYPOINT_KEYS})
_MAX_SPLIT_ENTRIES: Final = 100
_MAX_DESCRIPTIONS: Final = 4


@dataclass
class Layout:
    """What is known of a data set before its labels are read.

    Attributes:
        classes: Class name by number.
        split_folders: (folder prefix with trailing slash, split) pairs, the longest prefix first.
        split_images: Split by image name, from list files.
        problems: What could not be used.
        keypoints: Of data sets that have some.
        variant: The variant that goldsmith wrote; empty for files of others.
    """

    classes: dict[int, str] = field(default_factory=dict)
    split_folders: list[tuple[str, str]] = field(default_factory=list)
    split_images: dict[str, str] = field(default_factory=dict)
    problems: list[ReadProblem] = field(default_factory=list)
    keypoints: Keypoints | None = None
    variant: str = ""

    def split_of(self, image_name: str) -> str:
        """Return the split of an image: as listed, by folder, or by a telling folder name."""
        listed = self.split_images.get(image_name)
        if listed is not None:
            return listed
        for prefix, split in self.split_folders:
            if image_name.startswith(prefix):
                return split
        return split_of_parts(image_name.split("/")[:-1])


def looks_like_yolo(source: FileSource) -> bool:
    """Say whether a source is laid out as YOLO."""
    names = source.names()
    if any(name.rsplit("/", 1)[-1] in _CLASS_FILES or _is_label(name) for name in names):
        return True
    for name in _yaml_names(source):
        with contextlib.suppress(InvalidInputError):
            if _description(source, name) is not None:
                return True
    return False


def load_layout(source: FileSource) -> Layout:
    """Return the layout of a data set."""
    layout = Layout()
    for name in _yaml_names(source):
        try:
            description = _description(source, name)
        except InvalidInputError as error:
            layout.problems.append(ReadProblem(name, error.detail))
            continue
        if description is not None:
            _take_names(layout, name, description["names"])
            _take_splits(layout, source, name, description)
            _take_keypoints(layout, name, description)
            break
    if not layout.classes:
        _take_class_file(layout, source)
    return layout


def label_name_of(image_name: str) -> Iterator[str]:
    """Yield where the labels of an image may lie, the likeliest first."""
    stem = split_extension(image_name)[0]
    parts = stem.split("/")
    for at in range(len(parts) - 2, -1, -1):
        if parts[at] == "images":
            yield "/".join([*parts[:at], "labels", *parts[at + 1 :]]) + ".txt"
            break
    else:
        yield "/".join(["labels", *parts]) + ".txt"
    yield f"{stem}.txt"


def label_files(source: FileSource) -> set[str]:
    """Return the names of all text files that hold labels rather than lists or class names."""
    return {name for name in source.names() if name.lower().endswith(".txt") and _may_be_label(name)}


def image_files(source: FileSource) -> list[str]:
    """Return the names of all images."""
    return [name for name in source.names() if is_image_name(name)]


def _may_be_label(name: str) -> bool:
    folder, _, last = name.rpartition("/")
    is_known = last in _CLASS_FILES or last.lower().startswith(("readme", "license"))
    is_list = "labels" not in folder.split("/") and split_extension(last)[0].lower() in (
        *_SPLIT_KEYS,
        "valid",
    )
    return not is_known and not is_list


def _is_label(name: str) -> bool:
    return name.lower().endswith(".txt") and "labels" in name.split("/")[:-1]


def _yaml_names(source: FileSource) -> list[str]:
    names = [name for name in source.names() if name.lower().endswith((".yaml", ".yml"))]
    return sorted(names, key=lambda name: (name.count("/"), not name.endswith("data.yaml"), name))[
        :_MAX_DESCRIPTIONS
    ]


def _description(source: FileSource, name: str) -> dict[str, Any] | None:
    """Return a data.yaml, None when the YAML is something else.

    Raises:
        InvalidInputError: It cannot be read as plain YAML.
    """
    try:
        content = yaml.safe_load(read_file(source, name, max_bytes=MAX_DESCRIPTION_BYTES))
    except (yaml.YAMLError, TooLargeError, RecursionError, ValueError) as error:
        raise InvalidInputError(f"not readable as plain YAML: {str(error)[:200]}") from error
    if not isinstance(content, dict) or not isinstance(content.get("names"), dict | list):
        return None
    return content


def _take_names(layout: Layout, where: str, names: dict[Any, Any] | list[Any]) -> None:
    pairs = list(names.items()) if isinstance(names, dict) else list(enumerate(names))
    for key, value in pairs[:MAX_CLASSES]:
        is_number = isinstance(key, int) or (isinstance(key, str) and key.isdecimal())
        text = str(value).strip()[:200] if isinstance(value, str | int | float) else ""
        if is_number and text:
            layout.classes[int(key)] = text
        else:
            layout.problems.append(
                ReadProblem(where, f"names: {str(key)[:50]!r} is not a number with a class name")
            )


def _take_keypoints(layout: Layout, where: str, description: dict[str, Any]) -> None:
    own = description.get(OWN_KEY)
    if isinstance(own, dict) and isinstance(own.get("variant"), str):
        layout.variant = own["variant"]
    try:
        layout.keypoints = keypoints_of(description, layout.classes)
    except InvalidInputError as error:
        layout.problems.append(ReadProblem(where, error.detail))


def _take_splits(layout: Layout, source: FileSource, where: str, description: dict[str, Any]) -> None:
    home = where.rpartition("/")[0]
    for key, value in list(description.items())[:_MAX_SPLIT_ENTRIES]:
        if not isinstance(key, str) or key in _OTHER_KEYS:
            continue
        entries = value if isinstance(value, list) else [value]
        for entry in entries[:_MAX_SPLIT_ENTRIES]:
            if isinstance(entry, str) and entry.strip():
                path = str(description.get("path") or "")
                _take_split(layout, source, home, path, entry, split_of_word(key) or key[:100])
    layout.split_folders.sort(key=lambda pair: -len(pair[0]))


def _take_split(layout: Layout, source: FileSource, home: str, path: str, entry: str, split: str) -> None:
    """Find the folder or list file that a data.yaml names; its author's own paths are often not ours."""
    bare = _bare(entry)
    names = source.names()
    for base in dict.fromkeys((home, _joined(home, _bare(path)), "")):
        candidate = _joined(base, bare)
        at = bisect_left(names, candidate)
        if candidate.lower().endswith(".txt") and at < len(names) and names[at] == candidate:
            _take_list(layout, source, candidate, split)
            return
        prefix = f"{candidate}/" if candidate else ""
        at = bisect_left(names, prefix)
        if prefix and at < len(names) and names[at].startswith(prefix):
            layout.split_folders.append((prefix, split))
            return


def _bare(path: str) -> str:
    """Return a path without what leads out of the data set: drive, root, ``.`` and ``..`` parts."""
    parts = path.replace("\\", "/").split("/")
    return "/".join(part for part in parts if part not in ("", ".", "..") and not part.endswith(":"))


def _joined(base: str, rest: str) -> str:
    return f"{base}/{rest}" if base and rest else base or rest


def _take_list(layout: Layout, source: FileSource, name: str, split: str) -> None:
    known = set(image_files(source))
    home = name.rpartition("/")[0]
    try:
        lines = read_file(source, name, max_bytes=MAX_LIST_BYTES).decode("utf-8", "replace").splitlines()
    except GoldsmithError as error:
        layout.problems.append(ReadProblem(name, error.detail))
        return
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        bare = _bare(line.strip())
        found = next((spot for spot in (_joined(home, bare), bare) if spot in known), None)
        if found is not None:
            layout.split_images[found] = split
        else:
            layout.problems.append(
                ReadProblem(f"{name}: line {number}", "names an image that is not there", "warning")
            )


def _take_class_file(layout: Layout, source: FileSource) -> None:
    found = sorted(
        (name for name in source.names() if name.rsplit("/", 1)[-1] in _CLASS_FILES),
        key=lambda name: name.count("/"),
    )
    if not found:
        return
    try:
        text = read_file(source, found[0], max_bytes=MAX_DESCRIPTION_BYTES).decode("utf-8-sig", "replace")
    except GoldsmithError as error:
        layout.problems.append(ReadProblem(found[0], error.detail))
        return
    lines = [line.strip()[:200] for line in text.splitlines()]
    layout.classes = {number: line for number, line in enumerate(lines[:MAX_CLASSES]) if line}


def sample_name_of(image_name: str, split: str) -> str:
    """Return the name a sample gets: the image's path below ``images`` and below the folder of its split."""
    parts = image_name.split("/")
    if "images" in parts[:-1]:
        at = len(parts) - 2 - parts[:-1][::-1].index("images")
        before, after = parts[:at], parts[at + 1 :]
        parts = after if not before or split_of_parts(before) else [*before, *after]
    if len(parts) > 1 and split and split in (parts[0], split_of_word(parts[0])):
        parts = parts[1:]
    return declared_name("/".join(parts))
