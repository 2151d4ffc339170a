"""The import job: streamed in chunks, each settled in one transaction, so that a killed job goes on where it was."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from goldsmith.accounts.api import Access, Role, audit, emit
from goldsmith.core.annotations import Labelling
from goldsmith.core.errors import NotFoundError
from goldsmith.core.ontology import Ontology
from goldsmith.formats import FileSource, Sample
from goldsmith.items.jobs.loading import Loaded, MediaLoader
from goldsmith.items.jobs.records import ImportRecord, RecordReader, unknown_classes
from goldsmith.items.jobs.sources import open_import_source, source_label
from goldsmith.items.policy.fitting import LabelFitter, extend_ontology, is_for_image, turn_upright
from goldsmith.items.service import ItemsService
from goldsmith.items.store import imports as import_rows
from goldsmith.items.store import items as item_rows
from goldsmith.items.types import (
    ImportRow,
    LabelsAs,
    NewItem,
    NewTask,
    Problem,
    UploadRequest,
)
from goldsmith.platform.database import Transaction
from goldsmith.platform.edges import Edge, add_edges
from goldsmith.platform.jobs import JobContext
from goldsmith.projects.api import ProjectSetup

CHUNK_RECORDS: Final = 100
_MAX_NOTES: Final = 5


class _Fitted(NamedTuple):
    """A loaded record with its labels as the project takes them."""

    loaded: Loaded
    labelling: Labelling | None
    warning: str


class ImportRun:
    """One run of an import job.

    Args:
        service: Items.
        context: The running job.
        chunk_records: Records settled in one transaction.
    """

    def __init__(
        self, service: ItemsService, context: JobContext, *, chunk_records: int = CHUNK_RECORDS
    ) -> None:
        self._chunk_records = chunk_records
        self._service = service
        self._machine = service.machine
        self._context = context
        self._row = self._find_row()
        self._plan = self._machine.database.read_sync(lambda tx: service.find_plan(tx, self._row))
        self._may_extend = False

    def run(self) -> dict[str, Any]:
        """Bring everything in and return the counts."""
        if self._row.finished_ms is None:
            with open_import_source(self._service, self._plan, self._context.scratch_dir) as source:
                self._bring_all(source)
            self._context.step_in_transaction("finish", self._finish)
        if isinstance(self._plan.source, UploadRequest):
            self._service.drop_spooled(self._plan.source.files, except_job_id=self._row.job_id)
        return _counts_of(self._find_row())

    def _bring_all(self, source: FileSource) -> None:
        ontology = self._open_setup().ontology
        is_first = not ontology.classes and not ontology.questions
        self._may_extend = self._plan.ontology == "extend" or (self._plan.ontology == "auto" and is_first)
        kinds = {kind for entry in ontology.classes for kind in entry.geometry_kinds}
        is_fixed = not self._may_extend
        reader = RecordReader(
            source,
            self._plan,
            prefers_boxes=is_fixed and kinds == {"box"},
            prefers_polygons=is_fixed and "polygon" in kinds and "mask" not in kinds,
        )
        total = self._prepare(reader)
        self._row = self._find_row()
        workspace_id, stop = self._row.workspace_id, self._context.raise_if_cancelled
        with MediaLoader(self._service, source, workspace_id, raise_if_cancelled=stop) as loader:
            self._bring_in(reader, loader, source, total)

    def _open_setup(self) -> ProjectSetup:
        return self._machine.database.read_sync(lambda tx: self._service.open_setup(tx, self._row.project_id))

    def _find_row(self) -> ImportRow:
        job_id = self._context.job_id
        row = self._machine.database.read_sync(lambda tx: import_rows.find_import(tx, job_id))
        if row is None:
            raise NotFoundError("there is no such import")
        return row

    def _prepare(self, reader: RecordReader) -> int:
        """Survey the labels, make the batch and bring along new classes; return the number of records."""

        def survey() -> dict[str, Any]:
            found = reader.survey(tick=self._tell_reading)
            return {
                "total": found.total,
                "objects": found.objects,
                "ontology": found.ontology.model_dump(mode="json"),
                "problems": [list(problem) for problem in found.problems],
                "may_extend": self._may_extend and reader.has_labels,
            }

        surveyed = self._context.step("survey", survey)
        self._context.step_in_transaction("prepare", lambda tx: self._prepare_in(tx, surveyed))
        total: int = surveyed["total"]
        return total

    def _prepare_in(self, tx: Transaction, surveyed: dict[str, Any]) -> str:
        row, plan = self._row, self._plan
        setup = self._service.open_setup(tx, row.project_id)
        ontology = setup.ontology
        if surveyed["may_extend"]:
            ontology = extend_ontology(ontology, Ontology.model_validate(surveyed["ontology"]))
            note = f"brought along by import {row.job_id}"
            self._service.projects.put_ontology(
                tx, self._acting(), row.project_id, ontology=ontology, note=note
            )
        batch = self._service.open_batch(
            tx, row.project_id, name=plan.batch, created_by=row.created_by, priority=plan.priority
        )
        import_rows.set_batch(tx, job_id=row.job_id, batch_id=batch.batch_id)
        problems = [Problem(*entry) for entry in surveyed["problems"]]
        problems += unknown_classes(surveyed["objects"], ontology)
        import_rows.advance(tx, job_id=row.job_id, next_record=0, imported=0, labelled=0, problems=problems)
        edge = Edge("import", row.job_id, "batch", batch.batch_id, "imported")
        now_ms = self._machine.clock.now_ms()
        add_edges(tx, workspace_id=row.workspace_id, at_ms=now_ms, edges=[edge])
        return batch.batch_id

    def _tell_reading(self, done: int) -> None:
        self._context.progress(done, None, "reading labels")

    def _bring_in(self, reader: RecordReader, loader: MediaLoader, source: FileSource, total: int) -> None:
        start = self._row.next_record
        for chunk in _chunks(reader.records(start=start), size=self._chunk_records):
            self._context.progress(start, total, "bringing in images")
            loaded = iter(loader.load([record for record in chunk if isinstance(record, Sample)]))
            entries = [next(loaded) if isinstance(record, Sample) else record for record in chunk]
            self._settle_chunk(entries, reader, source, start=start)
            start += len(chunk)
        self._context.progress(start, total, "done")

    def _settle_chunk(
        self, entries: Sequence[Loaded | Problem], reader: RecordReader, source: FileSource, *, start: int
    ) -> None:
        """Fit labels to the ontology of the moment, then settle; they are fitted anew if it changes in between."""
        ontology = self._open_setup().ontology
        fitted = self._fit_to(entries, ontology, has_labels=reader.has_labels)
        end = start + len(entries)

        def settle(tx: Transaction) -> int:
            newest = self._service.open_setup(tx, self._row.project_id).ontology
            is_current = newest == ontology
            current = fitted if is_current else self._fit_to(entries, newest, has_labels=reader.has_labels)
            return self._settle(tx, source, current, end)

        self._context.step_in_transaction(f"records:{start}", settle)

    def _fit_to(
        self, entries: Sequence[Loaded | Problem], ontology: Ontology, *, has_labels: bool
    ) -> list[_Fitted | Problem]:
        fitter = LabelFitter(ontology)
        return [
            self._fit_one(entry, fitter, has_labels=has_labels) if isinstance(entry, Loaded) else entry
            for entry in entries
        ]

    def _fit_one(self, loaded: Loaded, fitter: LabelFitter, *, has_labels: bool) -> _Fitted:
        sample, media = loaded.sample, loaded.media
        if media is None or not has_labels:
            return _Fitted(loaded, None, "")
        if not is_for_image(sample, media):
            warning = (
                f"the labels are left out: they were made for {sample.width} x {sample.height} px, the upright image "
                f"has {media.width_px} x {media.height_px} px"
            )
            return _Fitted(loaded, None, warning)
        turned = turn_upright(sample, media)
        labelling, notes = fitter.fit(turned, width_px=media.width_px, height_px=media.height_px)
        if turned is not sample.labelling:
            notes.append(
                "the labels were made on the image as it is stored, on its side, and are turned with it"
            )
        is_wanted = (
            labelling.annotations or labelling.answers or self._plan.labels_as is not LabelsAs.PRELABELS
        )
        return _Fitted(loaded, labelling if is_wanted else None, "; ".join(notes[:_MAX_NOTES]))

    def _settle(
        self, tx: Transaction, source: FileSource, entries: Sequence[_Fitted | Problem], end: int
    ) -> int:
        """Keep a chunk: media, items, tasks, problems and how far the import came, in one transaction."""
        problems: list[Problem] = []
        taken: list[_Fitted] = []
        shas = [
            entry.loaded.media.sha256
            for entry in entries
            if isinstance(entry, _Fitted) and entry.loaded.media
        ]
        seen = item_rows.shas_in_project(
            tx, workspace_id=self._row.workspace_id, project_id=self._row.project_id, shas=sorted(set(shas))
        )
        for entry in entries:
            if isinstance(entry, Problem):
                problems.append(entry)
                continue
            media, where = entry.loaded.media, entry.loaded.sample.name
            if media is None:
                problems.append(Problem(where, entry.loaded.fault, "refused"))
            elif media.sha256 in seen:
                problems.append(Problem(where, "the project has an item of the same bytes", "duplicate"))
            else:
                seen.add(media.sha256)
                taken.append(entry)
                if entry.warning:
                    problems.append(Problem(where, entry.warning, "warning"))
        self._make(tx, source, taken)
        import_rows.advance(
            tx,
            job_id=self._row.job_id,
            next_record=end,
            imported=len(taken),
            labelled=sum(1 for entry in taken if entry.labelling is not None),
            problems=problems,
        )
        return len(taken)

    def _make(self, tx: Transaction, source: FileSource, taken: Sequence[_Fitted]) -> None:
        self._service.keep_media(tx, [row for entry in taken for row in entry.loaded.rows])
        if not taken:
            return
        entries = [self._new_item(entry, source) for entry in taken]
        item_ids = self._service.create_items(tx, workspace_id=self._row.workspace_id, entries=entries)
        tasks = [
            NewTask(
                item_id,
                entry.labelling,
                LabelsAs.NONE if entry.labelling is None else self._plan.labels_as,
                self._plan.priority,
                name=entry.loaded.sample.name,
            )
            for item_id, entry in zip(item_ids, taken, strict=True)
        ]
        batch_id = str(self._row.batch_id)
        self._service.make_tasks(tx, project_id=self._row.project_id, batch_id=batch_id, entries=tasks)

    def _new_item(self, entry: _Fitted, source: FileSource) -> NewItem:
        sample, media = entry.loaded.sample, entry.loaded.media
        assert media is not None
        metadata = {**sample.metadata, **({"split": sample.split} if sample.split else {})}
        return NewItem(
            name=sample.name,
            sha256=media.sha256,
            width_px=media.width_px,
            height_px=media.height_px,
            kind=media.kind,
            group_key=sample.group,
            metadata=metadata,
            source=source_label(sample.media_name or sample.name, self._row.job_id, source),
        )

    def _finish(self, tx: Transaction) -> None:
        now_ms = self._machine.clock.now_ms()
        import_rows.finish(tx, job_id=self._row.job_id, now_ms=now_ms)
        row = import_rows.find_import(tx, self._row.job_id) or self._row
        item_rows.refresh_statistics(tx, added=row.imported)
        detail = {"import_id": row.job_id, **_counts_of(row)}
        audit(
            tx,
            at_ms=now_ms,
            access=self._acting(),
            action="import.done",
            target=row.project_id,
            detail=detail,
        )
        emit(
            tx,
            machine=self._machine,
            workspace_id=row.workspace_id,
            event="import.done",
            body={"target": row.project_id, **detail},
        )

    def _acting(self) -> Access:
        """The access of whoever asked for the import; it was checked when the import was asked for."""
        return Access(
            self._row.workspace_id, self._row.created_by, None, "", Role.MANAGER, self._row.project_id
        )


def _counts_of(row: ImportRow) -> dict[str, Any]:
    names = ("imported", "labelled", "duplicates", "refused", "warnings", "batch_id")
    return {name: getattr(row, name) for name in names}


def _chunks(records: Iterator[ImportRecord], *, size: int) -> Iterator[list[ImportRecord]]:
    while chunk := list(itertools.islice(records, size)):
        yield chunk
