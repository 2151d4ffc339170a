"""Reads Label Studio's JSON export.

Of a task's annotations the ground truth counts, else the newest; a task without annotations gives its newest
predictions, with their scores. Skipped annotations are passed over. The name of an upload loses the eight characters
that Label Studio puts before it.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

import msgspec
from pydantic import ValidationError

from goldsmith.core.annotations import MAX_ANNOTATIONS, Annotation, AttributeValue, Labelling, Relation
from goldsmith.core.errors import GoldsmithError, InvalidInputError, TooLargeError
from goldsmith.formats.coco.reader import plain_attributes
from goldsmith.formats.images import ImageIndex, is_image_name, read_each, split_of_parts, upright_size
from goldsmith.formats.labelstudio.answers import CONTROLS, said_again, value_of
from goldsmith.formats.labelstudio.regions import region_kind, shape_of
from goldsmith.formats.labelstudio.relations import RELATION, LsRelation, read_relations
from goldsmith.formats.names import declared_name
from goldsmith.formats.own import OWN_KEY
from goldsmith.formats.shapes import box_from_corners
from goldsmith.formats.sources import FileSource, read_file, read_start
from goldsmith.formats.types import ReadOptions, ReadProblem, Sample

MAX_FILE_BYTES: Final = 2 * 2**30
_SNIFF: Final = 8
_DATA: Final = re.compile(rb'"data"\s*:\s*\{')
_RESULTS: Final = re.compile(rb'"(annotations|completions|predictions|result)"\s*:\s*\[')
_UPLOAD: Final = re.compile(r"^/?data/upload/(?:\d+/)?(?:[0-9a-f]{8}-)?(?P<name>.+)$")
_IMAGE_KEYS: Final = ("image", "img", "photo", "picture")


class LsResult(msgspec.Struct):
    """One entry of ``result``."""

    type: str = ""
    id: str | int | None = None
    from_name: str = ""
    value: dict[str, Any] = {}
    original_width: float | None = None
    original_height: float | None = None
    image_rotation: float | None = None
    score: float | None = None
    meta: dict[str, Any] | None = None


class LsAnnotation(msgspec.Struct):
    """One entry of ``annotations`` or ``predictions``."""

    result: list[msgspec.Raw] | None = None
    was_cancelled: bool = False
    ground_truth: bool = False
    updated_at: str | None = None
    created_at: str | None = None


class LsTask(msgspec.Struct):
    """A task."""

    data: dict[str, Any]
    id: int | str | None = None
    annotations: list[LsAnnotation] | None = None
    completions: list[LsAnnotation] | None = None
    predictions: list[LsAnnotation] | None = None


def looks_like_labelstudio(source: FileSource) -> bool:
    """Say whether one of the first JSON files holds Label Studio's tasks."""
    names = [name for name in source.names() if name.lower().endswith(".json")]
    for name in names[:_SNIFF]:
        with contextlib.suppress(InvalidInputError):
            head = read_start(source, name, max_bytes=65_536).lstrip(b"\xef\xbb\xbf \t\r\n")
            if head[:1] == b"[" and _RESULTS.search(head) and (_DATA.search(head) or b'"from_name"' in head):
                return True
    return False


def read_labelstudio(source: FileSource, *, options: ReadOptions) -> Iterator[Sample | ReadProblem]:
    """Yield samples and problems, task by task; JSON that is something else is passed over.

    Raises:
        InvalidInputError: There is no file of Label Studio's tasks.
    """
    index = ImageIndex(source)

    def read(name: str) -> Iterator[Sample | ReadProblem] | None:
        tasks = _load(source, name)
        return None if tasks is None else _Reading(source, index, name, tasks, options).samples()

    return read_each(
        (name for name in source.names() if name.lower().endswith(".json")),
        read,
        nothing="there is no file of Label Studio here: a .json list of tasks with data",
    )


def _load(source: FileSource, name: str) -> list[msgspec.Raw] | None:
    """Return the tasks of a file; None when the JSON is something else.

    Raises:
        InvalidInputError: It is not JSON at all, or too large.
    """
    try:
        data = read_file(source, name, max_bytes=MAX_FILE_BYTES).removeprefix(b"\xef\xbb\xbf")
    except TooLargeError as error:
        raise InvalidInputError(error.detail) from error
    if data.lstrip()[:1] != b"[":
        return None
    try:
        tasks = msgspec.json.decode(data, type=list[msgspec.Raw])
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise InvalidInputError(f"not readable JSON: {error}") from error
    is_of_tasks = not tasks or any(_DATA.search(bytes(task)) for task in tasks[:10])
    return tasks if is_of_tasks else None


class _Reading:
    """One file being read."""

    def __init__(
        self,
        source: FileSource,
        index: ImageIndex,
        name: str,
        tasks: Sequence[msgspec.Raw],
        options: ReadOptions,
    ) -> None:
        self.source = source
        self.index = index
        self.name = name
        self.tasks = tasks
        self.prefers_box = options.prefer == "box"
        self.multiple: frozenset[str] = frozenset()
        self._decode_task = msgspec.json.Decoder(LsTask).decode
        self._decode_result = msgspec.json.Decoder(LsResult, strict=False).decode
        self._decode_relation = msgspec.json.Decoder(LsRelation).decode

    def samples(self) -> Iterator[Sample | ReadProblem]:
        self.multiple = frozenset(self._multiple_choices())
        for number, raw in enumerate(self.tasks):
            where = f"{self.name}: [{number}]"
            try:
                yield from self._sample(self._decode_task(raw), where)
            except ValidationError as error:
                yield ReadProblem(where, error.errors()[0]["msg"])
            except (msgspec.MsgspecError, GoldsmithError, RecursionError, UnicodeDecodeError) as error:
                yield ReadProblem(where, f"not a usable task: {error}")

    def _multiple_choices(self) -> Iterator[str]:
        """Yield the names of controls that somewhere have two choices."""
        for raw in self.tasks:
            with contextlib.suppress(msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
                for annotation in _annotations_of(self._decode_task(raw)):
                    for entry in annotation.result or ():
                        with contextlib.suppress(msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
                            result = self._decode_result(entry)
                            found = result.value.get("choices")
                            if isinstance(found, list) and len(found) > 1:
                                yield result.from_name

    def _sample(self, task: LsTask, where: str) -> Iterator[Sample | ReadProblem]:
        own = task.data.get(OWN_KEY)
        own = own if isinstance(own, dict) else {}
        path, upload = _image_path(task.data)
        name = declared_name(own["name"] if isinstance(own.get("name"), str) else path)
        media_name = self.index.find(upload, folders=("images",)) or self.index.find(
            name, folders=("images",)
        )
        chosen, left_out = _chosen(task)
        if left_out:
            what = f"{left_out} more annotations of the task are left out: its ground truth, or the newest, is read"
            yield ReadProblem(where, what, "warning")
        results, related, problems = self._results(chosen, where)
        yield from problems
        size = self._size(results, media_name)
        objects: list[Annotation] = []
        annotation_ids: dict[str, str] = {}
        yield from self._objects(results, size, where, objects, annotation_ids)
        relations: list[Relation] = []
        for entry in read_relations(related, annotation_ids, where=where):
            if isinstance(entry, Relation):
                relations.append(entry)
            else:
                yield entry
        regions = {result.id for _, result in results if region_kind(result.type) is not None}
        answers = self._values(
            [result for _, result in results if result.id not in regions or result.id is None]
        )
        said, _ = plain_attributes(own.get("answers") or {})
        if said_again(said, self.multiple) == answers:
            answers = said
        metadata = own.get("metadata")
        split = own.get("split")
        yield Sample(
            name=name,
            width=size[0],
            height=size[1],
            labelling=Labelling(annotations=objects, answers=answers, relations=relations),
            metadata=metadata if isinstance(metadata, dict) else _plain_data(task.data),
            split=split if isinstance(split, str) else split_of_parts(name.split("/")[:-1]),
            group=own["group"] if isinstance(own.get("group"), str) else "",
            media_name=media_name,
        )

    def _results(
        self, annotation: LsAnnotation | None, where: str
    ) -> tuple[list[tuple[int, LsResult]], list[tuple[int, LsRelation]], list[ReadProblem]]:
        results: list[tuple[int, LsResult]] = []
        relations: list[tuple[int, LsRelation]] = []
        problems: list[ReadProblem] = []
        for number, raw in enumerate((annotation.result if annotation else None) or ()):
            at = f"{where}: result[{number}]"
            try:
                result = self._decode_result(raw)
                if result.type == RELATION:
                    relations.append((number, self._decode_relation(raw)))
                    continue
            except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
                problems.append(ReadProblem(at, f"not a usable result: {error}"))
                continue
            if region_kind(result.type) is None and result.type not in ("labels", *CONTROLS):
                problems.append(ReadProblem(at, f"the type {result.type[:50]!r} is not read; it is left out"))
            else:
                results.append((number, result))
        return results, relations, problems

    def _size(self, results: Sequence[tuple[int, LsResult]], media_name: str | None) -> tuple[int, int]:
        for _, result in results:
            width, height = result.original_width or 0, result.original_height or 0
            if 0 < width < 1_000_000 and 0 < height < 1_000_000:
                return int(width), int(height)
        if media_name is not None:
            return upright_size(self.source, media_name)
        if not results:
            return 0, 0
        raise InvalidInputError(
            "no result says the original_width and original_height, and the image is not there"
        )

    def _objects(
        self,
        results: Sequence[tuple[int, LsResult]],
        size: tuple[int, int],
        where: str,
        objects: list[Annotation],
        annotation_ids: dict[str, str],
    ) -> Iterator[ReadProblem]:
        """Read objects into ``objects``, and what regions are called there into ``annotation_ids``."""
        by_region: dict[str | int, list[LsResult]] = {}
        for _, result in results:
            if result.id is not None:
                by_region.setdefault(result.id, []).append(result)
        done: set[str | int] = set()
        taken: set[str] = set()
        for number, result in results:
            kind = region_kind(result.type)
            if kind is None or result.id in done:
                continue
            at = f"{where}: result[{number}]"
            if len(objects) == MAX_ANNOTATIONS:
                yield ReadProblem(
                    at,
                    f"one task may have {MAX_ANNOTATIONS:,} objects; this one and those after it are left out",
                )
                return
            together = [result] if result.id is None else by_region[result.id]
            if result.id is not None:
                done.add(result.id)
            try:
                found, warning = self._object(kind, result, together, number, size)
            except InvalidInputError as error:
                yield ReadProblem(at, error.detail)
                continue
            except ValidationError as error:
                fault = error.errors()[0]
                yield ReadProblem(at, f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}")
                continue
            if found.annotation_id in taken:
                yield ReadProblem(at, f"its id {found.annotation_id!r} is used twice within the task")
                continue
            if warning:
                yield ReadProblem(at, warning, "warning")
            taken.add(found.annotation_id)
            objects.append(found)
            if result.id is not None:
                annotation_ids[str(result.id)] = found.annotation_id

    def _object(
        self, kind: str, result: LsResult, together: Sequence[LsResult], number: int, size: tuple[int, int]
    ) -> tuple[Annotation, str]:
        meta = (result.meta or {}).get(OWN_KEY)
        own: dict[str, Any] = meta if isinstance(meta, dict) else {}
        labels = _labels(together)
        if not labels:
            raise InvalidInputError("it has no label")
        shape = shape_of(kind, result.value, own.get("geometry"), size=size)
        warning = f"it has the labels {labels}; the first one counts" if len(labels) > 1 else ""
        if result.image_rotation:
            warning = "it was drawn on a turned image; it is taken as it stands"
        attributes = self._values([entry for entry in together if entry.type in CONTROLS])
        said, _ = plain_attributes(own.get("attributes") or {})
        if said_again(said, self.multiple) == attributes:
            attributes = said
        score = own.get("score", result.score)
        name = own.get("annotation_id") or (f"region-{number + 1}" if result.id is None else str(result.id))
        annotation = Annotation(
            annotation_id=name,
            class_id=labels[0][:200],
            geometry=box_from_corners(shape.bounds_xyxy(), width=size[0], height=size[1])
            if self.prefers_box
            else shape,
            attributes=attributes,
            is_occluded=own.get("is_occluded") is True,
            is_truncated=own.get("is_truncated") is True,
            score=score,
            origin=own.get("origin"),
            group_id=own.get("group_id"),
        )
        return annotation, warning

    def _values(self, results: Sequence[LsResult]) -> dict[str, AttributeValue]:
        values: dict[str, AttributeValue] = {}
        for result in results:
            if result.type not in CONTROLS:
                continue
            name = result.from_name[:200]
            found = value_of(result.type, result.value, is_multiple=result.from_name in self.multiple)
            if name and found is not None:
                values[name] = found
        return values


def _labels(results: Sequence[LsResult]) -> list[str]:
    """Return the labels of a region, each once."""
    found: dict[str, None] = {}
    for result in results:
        labels = result.value.get(result.type)
        if result.type.endswith("labels") and isinstance(labels, list):
            found |= dict.fromkeys(entry for entry in labels if isinstance(entry, str) and entry)
    return list(found)


def _annotations_of(task: LsTask) -> list[LsAnnotation]:
    return [*(task.annotations or task.completions or ()), *(task.predictions or ())]


def _chosen(task: LsTask) -> tuple[LsAnnotation | None, int]:
    """Return the annotation that counts, and how many more there are."""
    made = [entry for entry in task.annotations or task.completions or () if not entry.was_cancelled]
    candidates = [entry for entry in made if entry.ground_truth] or made or list(task.predictions or ())
    if not candidates:
        return None, 0
    chosen = max(enumerate(candidates), key=lambda pair: (_when(pair[1]), pair[0]))[1]
    return chosen, max(len(made) - 1, 0)


def _when(annotation: LsAnnotation) -> str:
    return annotation.updated_at or annotation.created_at or ""


def _image_path(data: Mapping[str, Any]) -> tuple[str, str]:
    """Return (name, path as it is uploaded) of a task's image.

    Raises:
        InvalidInputError: The task shows no image by name.
    """
    named = [data[key] for key in _IMAGE_KEYS if isinstance(data.get(key), str)]
    others = [
        value for value in data.values() if isinstance(value, str) and is_image_name(urlsplit_path(value))
    ]
    for value in (*named, *others):
        if value.startswith("data:"):
            raise InvalidInputError(
                "the image is inside the file; save it as a file of its own and name that"
            )
        path = urlsplit_path(value)
        upload = _UPLOAD.match(path)
        if upload is not None:
            return upload["name"], path.rsplit("/", 1)[-1]
        if path.strip("/"):
            return path.lstrip("/"), path.lstrip("/")
    raise InvalidInputError("its data names no image")


def urlsplit_path(value: str) -> str:
    """Return the path that a value of Label Studio's data names: of a URL, a storage, or its local files."""
    try:
        parts = urlsplit(value)
    except ValueError:
        return ""
    if parts.path.rstrip("/").endswith("/local-files"):
        return parse_qs(parts.query).get("d", [""])[0]
    return unquote(parts.path)


def _plain_data(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what else a task's data say, as far as they are plain values."""
    return {
        key: value
        for key, value in data.items()
        if key not in (*_IMAGE_KEYS, OWN_KEY) and isinstance(value, str | int | float | bool)
    }
