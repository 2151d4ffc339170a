"""Many items by newline-delimited JSON: settled in transactions of a thousand, in flat memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from goldsmith.accounts.api import Access, audit, emit
from goldsmith.core.ontology import Ontology
from goldsmith.items.policy.records import Line, Record, label_problem, read_records, refusal
from goldsmith.items.service.contents import Contents
from goldsmith.items.store import items as item_rows
from goldsmith.items.store import media as media_rows
from goldsmith.items.types import (
    KnownMedia,
    LabelsAs,
    NewItem,
    NewTask,
    OnDuplicate,
    Problem,
)
from goldsmith.platform.database import Transaction


class BulkTarget(NamedTuple):
    """Where a bulk request brings its items, and how it wants them."""

    access: Access
    project_id: str
    batch_name: str
    labels_as: LabelsAs
    on_duplicate: OnDuplicate


class BulkPortion(NamedTuple):
    """Some lines of a bulk request, read and checked before the transaction that takes them."""

    records: list[Record]
    problems: list[Problem]
    ontology: Ontology
    """What the labels were checked against."""


class BulkResult(NamedTuple):
    """What became of a portion."""

    created: int
    labelled: int
    problems: list[Problem]


class BulkItems(Contents):
    """Takes bulk requests."""

    def read_portion(self, target: BulkTarget, lines: Sequence[Line], ontology: Ontology) -> BulkPortion:
        """Read lines and check their labels; pure, for a thread outside the event loop."""
        records, problems = read_records(lines, labels_as=target.labels_as)
        kept = []
        for record in records:
            problem = label_problem(record, ontology)
            if problem is None:
                kept.append(record)
            else:
                problems.append(problem)
        return BulkPortion(kept, problems, ontology)

    def settle_portion(self, tx: Transaction, target: BulkTarget, portion: BulkPortion) -> BulkResult:
        """Make the items and tasks of a portion, by a number of statements that does not depend on its size."""
        workspace_id = target.access.workspace_id
        setup = self.open_setup(tx, target.project_id)
        records, problems = portion.records, list(portion.problems)
        if setup.ontology is not portion.ontology and setup.ontology != portion.ontology:
            changed = {record.line: label_problem(record, setup.ontology) for record in records}
            problems.extend(problem for problem in changed.values() if problem is not None)
            records = [record for record in records if changed[record.line] is None]
        records, problems = self._with_files(tx, workspace_id, records, problems)
        media = self._media_of(tx, workspace_id, records)
        known_shas = self._shas_to_refuse(tx, target, [sha256 for sha256, _ in media if sha256])
        entries: list[NewItem] = []
        taken: list[Record] = []
        for record, (sha256, known) in zip(records, media, strict=True):
            if known is None:
                what = "the workspace has no original with this sha256; upload it to /blobs first"
                problems.append(refusal(record.line, what))
            elif sha256 in known_shas:
                problems.append(
                    Problem(f"line {record.line}", "the project has an item of the same bytes", "duplicate")
                )
            else:
                if target.on_duplicate is OnDuplicate.REFUSE:
                    known_shas.add(sha256)
                entries.append(_new_item(record, known))
                taken.append(record)
        self._make(tx, target, entries, taken)
        labelled = sum(1 for record in taken if record.labelling is not None)
        problems.sort(key=lambda problem: int(problem.where.removeprefix("line ")))
        return BulkResult(len(entries), labelled, problems)

    def record_bulk(self, tx: Transaction, target: BulkTarget, *, created: int) -> None:
        """Record in the audit log that items came in, once the last portion is settled."""
        item_rows.refresh_statistics(tx, added=created)
        detail = {"count": created, "batch": target.batch_name}
        now_ms = self.machine.clock.now_ms()
        audit(
            tx,
            at_ms=now_ms,
            access=target.access,
            action="items.added",
            target=target.project_id,
            detail=detail,
        )
        emit(
            tx,
            machine=self.machine,
            workspace_id=target.access.workspace_id,
            event="items.added",
            body={"target": target.project_id, **detail},
        )

    def _make(
        self, tx: Transaction, target: BulkTarget, entries: Sequence[NewItem], records: Sequence[Record]
    ) -> None:
        if not entries:
            return
        batch = self.open_batch(
            tx, target.project_id, name=target.batch_name, created_by=target.access.member_id
        )
        item_ids = self.create_items(tx, workspace_id=target.access.workspace_id, entries=entries)
        tasks = [
            NewTask(item_id, record.labelling, record.labels_as, record.priority, name=record.name)
            for item_id, record in zip(item_ids, records, strict=True)
        ]
        self.make_tasks(tx, project_id=target.project_id, batch_id=batch.batch_id, entries=tasks)

    def _media_of(
        self, tx: Transaction, workspace_id: str, records: Sequence[Record]
    ) -> list[tuple[str, KnownMedia | None]]:
        """Return (SHA-256, media) of each record; texts and documents are kept on the way."""
        wanted = sorted({record.sha256 for record in records if record.sha256 is not None})
        known = media_rows.find_known(tx, workspace_id=workspace_id, shas=wanted)
        texts = [record.text for record in records if record.text is not None]
        documents = [record.parts for record in records if record.parts is not None]
        kept_texts = iter(self.text_media(tx, workspace_id=workspace_id, texts=texts))
        kept_documents = iter(self.document_media(tx, workspace_id=workspace_id, documents=documents))
        result: list[tuple[str, KnownMedia | None]] = []
        for record in records:
            if record.sha256 is not None:
                result.append((record.sha256, known.get(record.sha256)))
            else:
                media = next(kept_documents if record.text is None else kept_texts)
                result.append((media.sha256, media))
        return result

    def _with_files(
        self, tx: Transaction, workspace_id: str, records: Sequence[Record], problems: list[Problem]
    ) -> tuple[list[Record], list[Problem]]:
        """Leave out documents of which the workspace lacks a file."""
        parts = [part for record in records for part in record.parts or ()]
        missing = frozenset(self.missing_files(tx, workspace_id=workspace_id, parts=parts))
        if not missing:
            return list(records), problems
        kept = []
        for record in records:
            if missing.isdisjoint({part.sha256 for part in record.parts or ()}):
                kept.append(record)
            else:
                what = "the workspace has no file of a sha256 that a part names; upload it to /blobs?use=part first"
                problems.append(refusal(record.line, what))
        return kept, problems

    def _shas_to_refuse(self, tx: Transaction, target: BulkTarget, shas: Sequence[str]) -> set[str]:
        if target.on_duplicate is OnDuplicate.KEEP:
            return set()
        return item_rows.shas_in_project(
            tx,
            workspace_id=target.access.workspace_id,
            project_id=target.project_id,
            shas=sorted(set(shas)),
        )


def _new_item(record: Record, media: KnownMedia) -> NewItem:
    return NewItem(
        name=record.name,
        sha256=media.sha256,
        width_px=media.width_px,
        height_px=media.height_px,
        kind=media.kind,
        group_key=record.group_key,
        metadata=record.metadata,
        source="bulk",
    )
