"""What people do with datasets: cut versions, compare them, read them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from goldsmith.accounts.api import Access, audit, emit
from goldsmith.core.errors import InvalidInputError, NotFoundError
from goldsmith.core.ontology import Ontology
from goldsmith.datasets import store
from goldsmith.datasets.canonical import canonical_json, canonical_labelling, content_hash, label_hash
from goldsmith.datasets.grouping import assign_splits, group_items
from goldsmith.datasets.loader import MANIFEST_FILE, MEDIA_FOLDER, TABLE_FILE, media_path
from goldsmith.datasets.policy import make_card, select_label
from goldsmith.datasets.table import read_table, write_table
from goldsmith.datasets.types import (
    EXPORT_FORMATS,
    DatasetView,
    Entry,
    EntryChange,
    Manifest,
    VersionDiff,
    VersionPolicy,
    VersionView,
)
from goldsmith.formats.types import YOLO_VARIANTS
from goldsmith.items.api import (
    DOCUMENT_TYPE,
    ItemRecord,
    files_of_document,
    read_original,
    records_by_id,
)
from goldsmith.platform.database import Transaction
from goldsmith.platform.edges import Edge, add_edges
from goldsmith.platform.machine import Machine
from goldsmith.projects.api import ProjectsService
from goldsmith.quality.api import CurrentLabel, QualityService

_MAX_CHANGES = 1000


class Cut(NamedTuple):
    """A version before it is stored; its table is in the blob store."""

    entries: list[Entry]
    ontology: Ontology
    card: dict[str, object]
    content_hash: str
    table_sha256: str


class DatasetsService:
    """Datasets and their versions.

    Args:
        machine: What the service runs on.
        projects: Tells the ontology.
        quality: Tells the current label of each task.
    """

    def __init__(self, machine: Machine, projects: ProjectsService, quality: QualityService) -> None:
        self.machine = machine
        self.projects = projects
        self.quality = quality

    def create_dataset(self, tx: Transaction, access: Access, *, name: str) -> DatasetView:
        """Start a line of versions.

        Raises:
            ConflictError: The workspace has a dataset of that name.
        """
        dataset_id = self.machine.ids.new("dst")
        now_ms = self.machine.clock.now_ms()
        store.insert_dataset(
            tx,
            row={
                "dataset_id": dataset_id,
                "workspace_id": access.workspace_id,
                "name": name,
                "created_by": access.member_id,
                "created_ms": now_ms,
            },
        )
        audit(
            tx,
            access=access,
            action="dataset.created",
            target=dataset_id,
            detail={"name": name},
            at_ms=now_ms,
        )
        return self.get_dataset(tx, dataset_id)

    def ensure_dataset(self, tx: Transaction, access: Access, *, name: str) -> DatasetView:
        """Return the line of that name, started when it is new."""
        found = store.find_dataset_by_name(tx, workspace_id=access.workspace_id, name=name)
        return found or self.create_dataset(tx, access, name=name)

    def list_datasets(self, tx: Transaction, access: Access) -> list[DatasetView]:
        """Return the first thousand lines of the workspace."""
        return store.list_datasets(tx, workspace_id=access.workspace_id, after="", limit=1000)

    def request_export(
        self,
        tx: Transaction,
        access: Access,
        *,
        dataset_version_id: str,
        format_name: str,
        with_media: bool = True,
        yolo_variant: str = "auto",
    ) -> str:
        """Queue the job that writes a version as an archive; returns its id.

        Raises:
            InvalidInputError: There is no such format, or variant of it.
            NotFoundError: The version is not of this workspace.
        """
        if format_name not in EXPORT_FORMATS:
            raise InvalidInputError(
                f"format {format_name!r} is not known; choose one of {sorted(EXPORT_FORMATS)}"
            )
        if yolo_variant not in YOLO_VARIANTS:
            raise InvalidInputError(
                f"variant {yolo_variant!r} of YOLO is not known; choose one of {list(YOLO_VARIANTS)}"
            )
        version = self.get_version(tx, dataset_version_id)
        if version.workspace_id != access.workspace_id:
            raise NotFoundError("there is no such dataset version here")
        return self.machine.jobs.enqueue(
            tx,
            "datasets.export",
            workspace_id=access.workspace_id,
            subject=dataset_version_id,
            args={
                "dataset_version_id": dataset_version_id,
                "format": format_name,
                "with_media": with_media,
                "yolo_variant": yolo_variant,
            },
            created_by=access.member_id,
        )

    def get_dataset(self, tx: Transaction, dataset_id: str) -> DatasetView:
        """Return a line, or raise ``NotFoundError``."""
        found = store.find_dataset(tx, dataset_id)
        if found is None:
            raise NotFoundError("there is no such dataset")
        return found

    def get_version(self, tx: Transaction, dataset_version_id: str) -> VersionView:
        """Return a version, or raise ``NotFoundError``."""
        found = store.find_version(tx, dataset_version_id)
        if found is None:
            raise NotFoundError("there is no such dataset version")
        return found

    def request_version(
        self, tx: Transaction, access: Access, *, dataset_id: str, policy: VersionPolicy
    ) -> str:
        """Queue the job that cuts a version; returns its id.

        Raises:
            NotFoundError: The dataset, a project, or a version to keep apart from, is not of this workspace.
        """
        if self.get_dataset(tx, dataset_id).workspace_id != access.workspace_id:
            raise NotFoundError("there is no such dataset here")
        for project_id in policy.project_ids:
            if self.projects.get_project(tx, project_id).workspace_id != access.workspace_id:
                raise NotFoundError("there is no such project here")
        for version_id in policy.keep_apart_from:
            if self.get_version(tx, version_id).workspace_id != access.workspace_id:
                raise NotFoundError("there is no such dataset version here")
        return self.machine.jobs.enqueue(
            tx,
            "datasets.cut",
            workspace_id=access.workspace_id,
            args={"dataset_id": dataset_id, "policy": policy.model_dump(mode="json")},
            subject=dataset_id,
            created_by=access.member_id,
        )

    def cut(self, *, policy: VersionPolicy, made_ms: int) -> Cut:
        """Gather the labels that the policy lets in, group them, split them and write the datasheet.

        Raises:
            InvalidInputError: Nothing is let in, or the projects label with different ontologies.
        """
        ontology = self._common_ontology(policy.project_ids)
        entries, left_out, dropped = self._gather(policy)
        if not entries:
            reasons = (
                ", ".join(f"{count} x {reason}" for reason, count in left_out.most_common()) or "no labels"
            )
            raise InvalidInputError(
                f"no item may enter this version ({reasons}); widen the policy or label more"
            )
        entries, groups = self._split(entries, policy, left_out)
        card = make_card(
            entries,
            ontology=ontology,
            policy=policy,
            groups=groups,
            left_out=left_out,
            dropped_objects=dropped,
            made_ms=made_ms,
        )
        entries = sorted(entries, key=lambda entry: (entry.name, entry.sha256))
        table_sha256 = self.machine.blobs.put(write_table(entries))
        return Cut(entries, ontology, card, content_hash(entries, ontology), table_sha256)

    def store_version(
        self,
        tx: Transaction,
        *,
        dataset_id: str,
        policy: VersionPolicy,
        cut: Cut,
        created_by: str,
        made_ms: int,
    ) -> VersionView:
        """Store a cut as the next version; the same content as the newest version is that version."""
        dataset = self.get_dataset(tx, dataset_id)
        newest = store.newest_version(tx, dataset_id)
        if newest is not None and newest.content_hash == cut.content_hash:
            return newest
        digest, table_sha256 = cut.content_hash, cut.table_sha256
        number = 1 if newest is None else newest.number + 1
        manifest = Manifest(
            dataset_name=dataset.name,
            number=number,
            content_hash=digest,
            table_sha256=table_sha256,
            item_count=len(cut.entries),
            ontology=cut.ontology,
            policy=policy,
            card=cut.card,
        )
        version_id = self.machine.ids.new("dsv")
        row = {
            "dataset_version_id": version_id,
            "dataset_id": dataset_id,
            "number": number,
            "content_hash": digest,
            "manifest_sha256": self.machine.blobs.put(manifest.model_dump_json(indent=1).encode()),
            "table_sha256": table_sha256,
            "policy": policy.model_dump_json(),
            "card": json.dumps(cut.card),
            "parent_id": None if newest is None else newest.dataset_version_id,
            "created_by": created_by,
            "created_ms": made_ms,
        }
        store.insert_version(tx, row=row, entries=cut.entries)
        edges = [
            Edge("project", project_id, "dataset_version", version_id, "labels")
            for project_id in policy.project_ids
        ]
        add_edges(tx, workspace_id=dataset.workspace_id, at_ms=made_ms, edges=edges)
        emit(
            tx,
            machine=self.machine,
            workspace_id=dataset.workspace_id,
            event="dataset_version.created",
            body={"dataset_version_id": version_id, "dataset_id": dataset_id, "number": number},
        )
        return self.get_version(tx, version_id)

    def read_entries(self, version: VersionView, *, split: str | None = None) -> Iterator[Entry]:
        """Yield the rows of a version, of one split when given."""
        for entry in read_table(self.machine.blobs.get(version.table_sha256)):
            if split is None or entry.split == split:
                yield entry

    def read_original(self, version: VersionView, entry: Entry) -> bytes:
        """Return the bytes of what a row is about: a file, or a text or document as it is kept."""
        return self.read_file(version, entry.sha256)

    def read_file(self, version: VersionView, sha256: str) -> bytes:
        """Return the bytes of a file that a row names."""
        return read_original(self.machine, workspace_id=version.workspace_id, sha256=sha256)

    def media_of(self, version: VersionView, entry: Entry) -> Iterator[tuple[str, Callable[[], bytes]]]:
        """Yield what belongs to a row: its own media, and the files that a document names; path and how to read it."""
        named = [entry.sha256]
        if entry.media_type == DOCUMENT_TYPE:
            named += files_of_document(self.read_original(version, entry))
        for sha256 in named:
            yield media_path(sha256), partial(self.read_file, version, sha256)

    def read_manifest(self, version: VersionView) -> Manifest:
        """Return the manifest of a version."""
        return Manifest.model_validate_json(self.machine.blobs.get(version.manifest_sha256))

    def write_folder(
        self, version: VersionView, folder: Path, *, progress: Callable[[int, int, str], None] | None = None
    ) -> None:
        """Write a version as a folder that ``open_folder`` reads: manifest, table, media by content.

        Media that are there already are kept, so that an interrupted call can be repeated.
        """
        media = folder / MEDIA_FOLDER
        media.mkdir(parents=True, exist_ok=True)
        (folder / MANIFEST_FILE).write_bytes(self.machine.blobs.get(version.manifest_sha256))
        table = self.machine.blobs.get(version.table_sha256)
        (folder / TABLE_FILE).write_bytes(table)
        entries = list(read_table(table))
        for number, entry in enumerate(entries, start=1):
            for path, read in self.media_of(version, entry):
                target = folder / path
                if not target.exists():
                    begun = target.with_suffix(".part")
                    begun.write_bytes(read())
                    begun.replace(target)
            if progress is not None:
                progress(number, len(entries), "reading media")

    def diff(self, older: VersionView, newer: VersionView) -> VersionDiff:
        """Compare two versions by the content of their media."""
        before, after = (_by_content(self.read_entries(version)) for version in (older, newer))
        counts: Counter[str] = Counter(
            {"added": 0, "removed": 0, "relabelled": 0, "moved": 0, "unchanged": 0}
        )
        changes: list[EntryChange] = []
        for key in sorted(before.keys() | after.keys()):
            change = _change(before.get(key), after.get(key))
            counts[change.change if change else "unchanged"] += 1
            if change is not None and len(changes) < _MAX_CHANGES:
                changes.append(change)
        return VersionDiff(
            older_id=older.dataset_version_id,
            newer_id=newer.dataset_version_id,
            counts=dict(counts),
            objects_before=_objects_by_class(before.values()),
            objects_after=_objects_by_class(after.values()),
            changes=changes,
        )

    def _common_ontology(self, project_ids: Sequence[str]) -> Ontology:
        read = self.machine.database.read_sync
        ontologies = [
            read(partial(self.projects.get_ontology, project_id=project_id)) for project_id in project_ids
        ]
        classes = {c.class_id: c for ontology in ontologies for c in ontology.classes}
        for ontology in ontologies:
            for entry in ontology.classes:
                if classes[entry.class_id].name != entry.name:
                    raise InvalidInputError(
                        f"class {entry.class_id!r} means {entry.name!r} in one project and "
                        f"{classes[entry.class_id].name!r} in another; give it one meaning first"
                    )
        return Ontology(classes=list(classes.values()), questions=ontologies[0].questions)

    def _gather(self, policy: VersionPolicy) -> tuple[list[Entry], Counter[str], int]:
        wanted = None if policy.item_ids is None else set(policy.item_ids)
        left_out: Counter[str] = Counter()
        entries: list[Entry] = []
        taken: set[str] = set()
        dropped = 0
        for project_id in policy.project_ids:
            for labels in self.quality.iter_labels(project_id):
                chosen = [label for label in labels if wanted is None or label.item_id in wanted]
                item_ids = [label.item_id for label in chosen]
                records = self.machine.database.read_sync(partial(records_by_id, item_ids=item_ids))
                for label in chosen:
                    selected = select_label(
                        label.labelling,
                        label_kind=label.label_kind,
                        task_state=label.task_state,
                        is_reviewed=label.is_reviewed,
                        policy=policy.labels,
                    )
                    record = records.get(label.item_id)
                    if label.item_id in taken:
                        left_out["labelled in an earlier project of the policy too"] += 1
                        continue
                    if selected.labelling is None or record is None:
                        left_out[selected.reason or "item was deleted"] += 1
                        continue
                    taken.add(label.item_id)
                    dropped += len(label.labelling.annotations) - len(selected.labelling.annotations)
                    entries.append(_entry(label._replace(labelling=selected.labelling), record))
        return entries, left_out, dropped

    def _split(
        self, entries: list[Entry], policy: VersionPolicy, left_out: Counter[str]
    ) -> tuple[list[Entry], list[int]]:
        """Group entries together with those they must be kept apart from, then split what remains."""
        apart = [
            entry
            for version_id in policy.keep_apart_from
            for entry in self.read_entries(
                self.machine.database.read_sync(partial(self.get_version, dataset_version_id=version_id))
            )
        ]
        both = [*entries, *apart]
        groups = group_items(
            [entry.group_key for entry in both],
            [entry.perceptual_hash for entry in both],
            [entry.sha256 for entry in both],
            duplicate_distance=policy.split.duplicate_distance,
        )
        forbidden = set(groups[len(entries) :])
        kept = [index for index in range(len(entries)) if groups[index] not in forbidden]
        if len(kept) < len(entries):
            left_out["belongs with an item of a version to keep apart from"] += len(entries) - len(kept)
        if not kept:
            raise InvalidInputError("every item belongs with an item of a version to keep apart from")
        entries, groups = [entries[index] for index in kept], [groups[index] for index in kept]
        values = [str(json.loads(entry.metadata).get(policy.split.metadata_key, "")) for entry in entries]
        splits = assign_splits(groups, [entry.sha256 for entry in entries], values, policy=policy.split)
        return [e.model_copy(update={"split": s}) for e, s in zip(entries, splits, strict=True)], groups


def _entry(label: CurrentLabel, record: ItemRecord) -> Entry:
    return Entry(
        item_id=record.item_id,
        sha256=record.sha256,
        name=record.name,
        media_type=record.media_type,
        width_px=record.width_px,
        height_px=record.height_px,
        group_key=record.group_key,
        metadata=canonical_json(record.metadata),
        perceptual_hash=record.perceptual_hash,
        task_id=label.task_id,
        label_kind=label.label_kind,
        label_version=label.version,
        submission_ids=label.submission_ids,
        split="",
        labelling=canonical_labelling(label.labelling),
    )


def _change(before: Entry | None, after: Entry | None) -> EntryChange | None:
    if before is None and after is not None:
        return EntryChange(sha256=after.sha256, name=after.name, change="added", after=after.split)
    if after is None and before is not None:
        return EntryChange(sha256=before.sha256, name=before.name, change="removed", before=before.split)
    if before is None or after is None:
        return None
    old, new = label_hash(before.labelling), label_hash(after.labelling)
    if old != new:
        counts = (str(len(entry.labelling.annotations)) + " objects" for entry in (before, after))
        first, second = counts
        return EntryChange(
            sha256=after.sha256, name=after.name, change="relabelled", before=first, after=second
        )
    if before.split != after.split:
        return EntryChange(
            sha256=after.sha256, name=after.name, change="moved", before=before.split, after=after.split
        )
    return None


def _by_content(entries: Iterable[Entry]) -> dict[tuple[str, int], Entry]:
    """Key entries by the content of their media, and copies of one content by a number in order of names."""
    copies: Counter[str] = Counter()
    found = {}
    for entry in sorted(entries, key=lambda entry: (entry.sha256, entry.name, entry.item_id)):
        found[entry.sha256, copies[entry.sha256]] = entry
        copies[entry.sha256] += 1
    return found


def _objects_by_class(entries: Iterable[Entry]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for entry in entries:
        counts.update(annotation.class_id for annotation in entry.labelling.annotations)
    return dict(sorted(counts.items()))
