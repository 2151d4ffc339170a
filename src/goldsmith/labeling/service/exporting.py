"""Exporting: all labels of a project as a stream, in flat memory.

Labels are kept as JSON text, so a line of the export is their text with the item's beside it; only those of documents
with pages are parsed, to tell the page of each object.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Any, Final

import msgspec

from goldsmith.core.errors import InvalidInputError
from goldsmith.core.ontology import Ontology
from goldsmith.core.plain import read_labelling
from goldsmith.formats.coco import CocoDocument
from goldsmith.items.api import page_of_shape, pages_of_body
from goldsmith.labeling.service.foundation import Foundation
from goldsmith.labeling.store import exports
from goldsmith.labeling.types import TaskState
from goldsmith.platform.database import Database, Row, Transaction
from goldsmith.projects.api import LabelUpgrader

_BATCH_ROWS: Final = 500


class ExportLabels(StrEnum):
    """Which labels are exported: the newest consensus, each submission that counts, or the known answers of gold."""

    CONSENSUS = "consensus"
    SUBMISSIONS = "submissions"
    GOLD = "gold"


class Export:
    """A project's labels, ready to be streamed.

    Args:
        database: Where they are.
        ontology: The project's newest; labels in force are told as they read in it, submissions as they were made.
        upgrader: Reads older labels.
        project_id: Whose.
        labels: Which.
        state: Only of tasks in this state; None for all.
    """

    def __init__(
        self,
        database: Database,
        ontology: Ontology,
        upgrader: LabelUpgrader,
        *,
        project_id: str,
        labels: ExportLabels,
        state: TaskState | None,
    ) -> None:
        self._database = database
        self._ontology = ontology
        self._upgrader = upgrader
        self._project_id = project_id
        self._labels = labels
        self._state = state

    def as_jsonl(self) -> Iterator[bytes]:
        """Yield lines of JSON, one for each label: the item, the task, and the labelling as it is stored."""
        for rows in self._rows():
            yield b"".join(self._line(row) for row in rows)

    def as_coco(self) -> Iterator[bytes]:
        """Yield one COCO document.

        Images are in the order of the tasks; categories in the order of the ontology, classes it no longer has after
        them. Conventions are those of ``formats.coco``.

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
            "labelling": msgspec.Raw(self._labelling(row).encode()),
        }
        if row["pages"] is not None:
            record |= _pages(row["pages"], bytes(record["labelling"]))
        if self._labels is ExportLabels.CONSENSUS:
            record["lowest_posterior"] = row["lowest_posterior"]
        elif self._labels is ExportLabels.SUBMISSIONS:
            for name in ("submission_id", "member_id", "ontology_version", "instructions_version"):
                record[name] = row[name]
            record["active_ms"], record["created_ms"] = row["active_ms"], row["created_ms"]
        return msgspec.json.encode(record) + b"\n"

    def _labelling(self, row: Row) -> str:
        if self._labels is ExportLabels.SUBMISSIONS:
            return str(row["labelling"])
        return self._upgrader.upgrade_text(row["labelling"], from_version=row["ontology_version"])

    def _coco(self) -> Iterator[bytes]:
        with CocoDocument(self._ontology) as document:
            yield document.head()
            for rows in self._rows():
                yield b"".join(_coco_part(document, row, self._labelling(row)) for row in rows)
            yield from document.tail()


class Exporting(Foundation):
    """The part of the service that exports."""

    def open_export(
        self, tx: Transaction, project_id: str, *, labels: ExportLabels, state: TaskState | None
    ) -> Export:
        """Return a project's labels, ready to be streamed outside the transaction."""
        ontology = self.projects.get_ontology(tx, project_id)
        upgrader = self.projects.get_upgrader(tx, project_id)
        return Export(
            self.machine.database, ontology, upgrader, project_id=project_id, labels=labels, state=state
        )


def _pages(body: str, labelling: bytes) -> dict[str, Any]:
    """Return where the pages of a document lie, and the number (from 0) of the page that each object is on."""
    pages = pages_of_body(body)
    objects = read_labelling(labelling).annotations
    return {
        "pages": [page.model_dump() for page in pages],
        "page_of": {entry.annotation_id: page_of_shape(pages, entry.geometry) for entry in objects},
    }


def _coco_part(document: CocoDocument, row: Row, labelling: str) -> bytes:
    return document.add(
        row["name"],
        read_labelling(labelling),
        width_px=row["width_px"],
        height_px=row["height_px"],
        metadata=msgspec.json.decode(row["metadata"]),
        group=row["group_key"],
        item_id=row["item_id"],
    )
