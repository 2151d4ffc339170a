"""Exporting: all labels of a project as a stream, in flat memory.

Labels are kept as JSON text, so a line of the export is their text with the item's beside it; nothing is parsed. COCO
lists all images before all annotations: images are streamed at once and annotations wait in a temporary file.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Any, Final

import msgspec

from goldsmith.core.errors import InvalidInputError
from goldsmith.core.geometry import Polygon, parse_geometry
from goldsmith.core.ontology import Ontology
from goldsmith.labeling.service.foundation import Foundation
from goldsmith.labeling.store import exports
from goldsmith.labeling.types import TaskState
from goldsmith.platform.database import Database, Row, Transaction

_BATCH_ROWS: Final = 500
_CHUNK_BYTES: Final = 256 * 1024
_SPOOL_BYTES: Final = 4 * 2**20


class ExportLabels(StrEnum):
    """Which labels are exported: the newest consensus, each submission that counts, or the known answers of gold."""

    CONSENSUS = "consensus"
    SUBMISSIONS = "submissions"
    GOLD = "gold"


class Export:
    """A project's labels, ready to be streamed.

    Args:
        database: Where they are.
        ontology: The project's newest.
        project_id: Whose.
        labels: Which.
        state: Only of tasks in this state; None for all.
    """

    def __init__(
        self,
        database: Database,
        ontology: Ontology,
        *,
        project_id: str,
        labels: ExportLabels,
        state: TaskState | None,
    ) -> None:
        self._database = database
        self._ontology = ontology
        self._project_id = project_id
        self._labels = labels
        self._state = state

    def as_jsonl(self) -> Iterator[bytes]:
        """Yield lines of JSON, one for each label: the item, the task, and the labelling as it is stored."""
        for rows in self._rows():
            yield b"".join(self._line(row) for row in rows)

    def as_coco(self) -> Iterator[bytes]:
        """Yield one COCO document.

        Ids count from 1 in the order of the tasks; category ids in the order of the ontology, classes it no longer
        has after them. Conventions are those of ``formats.coco``.

        Raises:
            InvalidInputError: Several submissions of an image do not fit into one document.
        """
        if self._labels is ExportLabels.SUBMISSIONS:
            raise InvalidInputError("COCO holds one label for each image; export submissions as jsonl")
        return self._coco()

    def _rows(self) -> Iterable[list[Row]]:
        return exports.stream_labels(
            self._database,
            project_id=self._project_id,
            labels=self._labels.value,
            state=None if self._state is None else self._state.value,
            batch_rows=_BATCH_ROWS,
        )

    def _line(self, row: Row) -> bytes:
        record: dict[str, Any] = {
            "task_id": row["task_id"],
            "item_id": row["item_id"],
            "name": row["name"],
            "kind": row["kind"],
            "width": row["width_px"],
            "height": row["height_px"],
            "group_key": row["group_key"],
            "metadata": msgspec.Raw(row["metadata"].encode()),
            "batch_id": row["batch_id"],
            "state": row["state"],
            "label": row["kind_of_label"],
            "version": row["version"],
            "labelling": msgspec.Raw(row["labelling"].encode()),
        }
        if self._labels is ExportLabels.CONSENSUS:
            record["lowest_posterior"] = row["lowest_posterior"]
        elif self._labels is ExportLabels.SUBMISSIONS:
            for name in ("submission_id", "member_id", "ontology_version", "instructions_version"):
                record[name] = row[name]
            record["active_ms"], record["created_ms"] = row["active_ms"], row["created_ms"]
        return msgspec.json.encode(record) + b"\n"

    def _coco(self) -> Iterator[bytes]:
        categories = {entry.class_id: number for number, entry in enumerate(self._ontology.classes, start=1)}
        image_count = annotation_count = 0
        yield b'{"info":{"description":"exported by goldsmith","version":"1.0"},"licenses":[],\n"images":['
        with tempfile.SpooledTemporaryFile(max_size=_SPOOL_BYTES) as waiting:
            for rows in self._rows():
                images = []
                for row in rows:
                    image_count += 1
                    images.append(_separator(image_count) + msgspec.json.encode(_image(image_count, row)))
                    for found in _LABELLING.decode(row["labelling"]).annotations:
                        annotation_count += 1
                        category_id = categories.setdefault(found.class_id, len(categories) + 1)
                        record = _annotation(annotation_count, image_count, category_id, found)
                        waiting.write(_separator(annotation_count) + msgspec.json.encode(record))
                yield b"".join(images)
            yield b'],\n"annotations":['
            waiting.seek(0)
            while chunk := waiting.read(_CHUNK_BYTES):
                yield chunk
        parents = {entry.class_id: entry.parent_id for entry in self._ontology.classes}
        yield b'],\n"categories":' + msgspec.json.encode(
            [
                {"id": number, "name": class_id, "supercategory": parents.get(class_id) or ""}
                for class_id, number in categories.items()
            ]
        )
        yield b"}\n"


class Exporting(Foundation):
    """The part of the service that exports."""

    def open_export(
        self, tx: Transaction, project_id: str, *, labels: ExportLabels, state: TaskState | None
    ) -> Export:
        """Return a project's labels, ready to be streamed outside the transaction."""
        ontology = self.projects.get_ontology(tx, project_id)
        return Export(self.machine.database, ontology, project_id=project_id, labels=labels, state=state)


class _Annotation(msgspec.Struct):
    annotation_id: str
    class_id: str
    geometry: dict[str, Any]
    attributes: dict[str, Any] = {}
    is_occluded: bool = False
    is_truncated: bool = False
    score: float | None = None
    origin: str | None = None


class _Labelling(msgspec.Struct):
    annotations: list[_Annotation] = []


_LABELLING: Final = msgspec.json.Decoder(_Labelling)


def _separator(number: int) -> bytes:
    return b"\n" if number == 1 else b",\n"


def _image(number: int, row: Row) -> dict[str, Any]:
    return {
        "id": number,
        "file_name": row["name"],
        "width": row["width_px"],
        "height": row["height_px"],
        "item_id": row["item_id"],
        "group": row["group_key"],
        "metadata": msgspec.Raw(row["metadata"].encode()),
    }


def _annotation(number: int, image_id: int, category_id: int, found: _Annotation) -> dict[str, Any]:
    record: dict[str, Any] = {
        "id": number,
        "image_id": image_id,
        "category_id": category_id,
        "iscrowd": 0,
        "attributes": found.attributes,
        "is_occluded": found.is_occluded,
        "is_truncated": found.is_truncated,
        "annotation_id": found.annotation_id,
    }
    if found.geometry["kind"] == "box":  # by far the most; not worth a model each
        left, top, right, bottom = found.geometry["box_xyxy"]
        record["area"] = (right - left) * (bottom - top)
        record["segmentation"] = []
        record["box_xyxy"] = found.geometry["box_xyxy"]
    else:
        shape = parse_geometry(found.geometry)
        left, top, right, bottom = shape.bounds_xyxy()
        record["area"] = shape.area_px()
        outer = shape.rings[0] if isinstance(shape, Polygon) else []
        record["segmentation"] = [[value for point in outer for value in point]]
    record["bbox"] = [left, top, right - left, bottom - top]
    if found.score is not None:
        record["score"] = found.score
    if found.origin is not None:
        record["origin"] = found.origin
    return record
