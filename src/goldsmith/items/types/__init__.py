"""What an item is, and what items ask of the step above."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, NamedTuple, Protocol

from pydantic import Field

from goldsmith.core.model import Model
from goldsmith.core.ontology import Name
from goldsmith.core.plain import AnyLabelling
from goldsmith.items.types.grid import GridCursor, GridFilter, GridRow, GridSort, Slice, WantedValue
from goldsmith.items.types.parts import (
    DocumentBody,
    PageArea,
    Part,
    PartKind,
    PartView,
    SourceFile,
    part_views,
)
from goldsmith.items.types.scope import GeometryLimits, ScopeRules, TaskScope, TaskScopeView
from goldsmith.items.types.words import ItemKind, LabelsAs, MediaVariant, OnDuplicate
from goldsmith.platform.database import Transaction
from goldsmith.projects.api import DEFAULT_BATCH

__all__ = [
    "BlobRow",
    "DocumentBody",
    "FolderRequest",
    "GeometryLimits",
    "GridCursor",
    "GridFilter",
    "GridRow",
    "GridSort",
    "ImportOptions",
    "ImportPlan",
    "ImportRow",
    "ImportView",
    "ItemDetail",
    "ItemFollower",
    "ItemKind",
    "ItemView",
    "KnownMedia",
    "LabelsAs",
    "MediaRow",
    "MediaUrls",
    "MediaVariant",
    "NewItem",
    "NewTask",
    "OnDuplicate",
    "PageArea",
    "Part",
    "PartKind",
    "PartView",
    "Problem",
    "ScopeRules",
    "ServedMedia",
    "Slice",
    "SourceFile",
    "StoredFile",
    "TaskMaker",
    "TaskScope",
    "TaskScopeView",
    "TiledMedia",
    "UploadRequest",
    "UploadedFile",
    "UrlsRequest",
    "WantedValue",
    "part_views",
]


@dataclass(frozen=True, slots=True)
class NewItem:
    """An item to be stored.

    Attributes:
        name: What people call it, such as a file name; not unique.
        sha256: Of the original bytes, hex; a row of ``media`` of the workspace.
        width_px: Of the upright image; of a text its number of code points; of a document the plane of its pages, 0
            where nothing is drawn on it. Likewise ``height_px``, which is 1 for a text.
        group_key: Items with the same key stay in the same split; empty for none.
        metadata: The user's own, JSON.
        source: Where it came from: a path, a URL, an import job.
    """

    name: str
    sha256: str
    width_px: int
    height_px: int
    kind: ItemKind = ItemKind.IMAGE
    group_key: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)
    source: str = ""


class NewTask(NamedTuple):
    """A task to be made for an item.

    Attributes:
        item_id: Of the same workspace as the project, without a task in the project so far.
        labelling: The labels that came with it, already checked against the project's newest ontology.
        labels_as: What they count as.
        priority: Higher is handed out first.
        position: Within a priority, lower first; None leaves it to the project's order.
        name: The item's, where it is at hand; None lets it be looked up.
        scope: What this task asks for, where that is not what the project asks for; the labels fit it.
    """

    item_id: str
    labelling: AnyLabelling | None = None
    labels_as: LabelsAs = LabelsAs.NONE
    priority: int = 0
    position: float | None = None
    name: str | None = None
    scope: TaskScope | None = None


class TaskMaker(Protocol):
    """Makes the tasks of new items; implemented by labelling, wired in by the composition root."""

    def make_tasks(
        self, tx: Transaction, *, project_id: str, batch_id: str, entries: Sequence[NewTask]
    ) -> Sequence[str]:
        """Make one task for each entry in the order given and return their ids.

        Called with up to some thousand entries in one transaction: set-based, no statement per entry.
        """
        ...


class ItemFollower(Protocol):
    """Follows what happens to items; implemented by labelling, wired in by the composition root."""

    def on_items_deleted(self, tx: Transaction, *, item_ids: Sequence[str]) -> None:
        """Cancel the tasks of deleted items, whatever the project; set-based, up to thousands at once."""
        ...

    def on_items_restored(self, tx: Transaction, *, item_ids: Sequence[str]) -> None:
        """Take the tasks of items up again that are no longer deleted."""
        ...


class MediaUrls(Model):
    """Where the forms of an item's media are, relative to the server."""

    original: str
    preview: str
    thumbnail: str


class ItemView(Model):
    """An item as the wire shows it to those who label it.

    Attributes:
        width: Of the upright image in pixels; of a text its number of code points; of a document the plane of its
            pages, 0 where nothing is drawn on it. Likewise ``height``, which is 1 for a text.
        text: Of a text, the text itself.
        parts: Of a document, its parts in their order.
    """

    item_id: str
    name: str
    width: int
    height: int
    kind: ItemKind
    group_key: str
    metadata: dict[str, Any]
    media: MediaUrls
    text: str | None = None
    parts: list[PartView] | None = None


class ItemDetail(ItemView):
    """An item with where it came from and what its file is.

    Attributes:
        media_type: Of the original, told by content.
        orientation: EXIF 1..8 of the original; shown media are upright.
        size_bytes: Of the original; None for texts kept in the database.
    """

    sha256: str
    media_type: str
    orientation: int
    size_bytes: int | None
    source: str
    created_ms: int


class FolderRequest(Model):
    """Files of a folder on the server's disk, under one of the folders the installation allows."""

    kind: Literal["folder"] = "folder"
    path: Annotated[str, Field(min_length=1, max_length=4096)]


class UrlsRequest(Model):
    """Files to be fetched."""

    kind: Literal["urls"] = "urls"
    urls: Annotated[list[Annotated[str, Field(max_length=4096)]], Field(min_length=1, max_length=100_000)]


class UploadedFile(Model):
    """A file that came with the request and waits in the blob store."""

    name: str
    sha256: str
    size_bytes: int


class UploadRequest(Model):
    """Files that came with the request: one zip archive, or any number of single files."""

    kind: Literal["upload"] = "upload"
    files: list[UploadedFile]


ImportFormat = Literal[
    "auto",
    "images",
    "jsonl",
    "masks",
    "cvat",
    "labelme",
    "labelstudio",
    "coco",
    "voc",
    "yolo",
    "goldsmith-jsonl",
]
"""What an import may be of: formats of the registry, or what finds out, or takes no labels."""


class ImportOptions(Model):
    """How an import is to be understood.

    Attributes:
        format: Of the labels; ``auto`` looks, ``images`` takes no labels.
        labels_as: What the labels count as.
        batch: Name of the batch that the items go to; made when there is none.
        priority: Of the tasks; higher is handed out first.
        ontology: ``extend`` adds what the labels show to the project's ontology, ``match`` takes only what it has, and
            ``auto`` extends only where there is nothing yet.
        group_by: Which items stay together in splits: those of a ``folder``, those the ``format`` says, or ``none``.
    """

    format: ImportFormat = "auto"
    labels_as: LabelsAs = LabelsAs.NONE
    batch: Name = DEFAULT_BATCH
    priority: Annotated[int, Field(ge=-1_000_000, le=1_000_000)] = 0
    ontology: Literal["auto", "match", "extend"] = "auto"
    group_by: Literal["format", "folder", "none"] = "format"


class ImportPlan(ImportOptions):
    """What was asked for: where from, and how."""

    source: Annotated[FolderRequest | UrlsRequest | UploadRequest, Field(discriminator="kind")]


class ImportView(Model):
    """An import and how far it came.

    Attributes:
        settled: Records that are through, whatever became of them.
        imported: Items made; ``labelled`` of them came with labels.
        duplicates: Records whose bytes the project has already.
        refused: Records that could not be used; each is listed with its reason.
        warnings: Things that were changed or left out; each is listed.
    """

    import_id: str
    project_id: str
    batch_id: str | None
    options: ImportOptions
    source_kind: str
    settled: int
    imported: int
    labelled: int
    duplicates: int
    refused: int
    warnings: int
    created_by: str
    created_ms: int
    finished_ms: int | None


class Problem(NamedTuple):
    """One line of an import's list of problems."""

    where: str
    """File or line."""
    what: str
    """What is wrong with it and how to mend it."""
    severity: str
    """``refused`` | ``duplicate`` | ``warning``."""


class BlobRow(NamedTuple):
    """A blob that a workspace put."""

    workspace_id: str
    sha256: str
    size_bytes: int
    media_type: str
    created_ms: int


class StoredFile(NamedTuple):
    """A file of a workspace that parts may name; its bytes are in the blob store.

    Attributes:
        kind: What a part of it is; None for what is never shown as one.
    """

    sha256: str
    size_bytes: int
    media_type: str
    kind: PartKind | None = None


class MediaRow(NamedTuple):
    """What probing found in one original of a workspace."""

    workspace_id: str
    sha256: str
    kind: str
    media_type: str
    width_px: int
    height_px: int
    created_ms: int
    orientation: int = 1
    preview_sha256: str | None = None
    thumbnail_sha256: str | None = None
    perceptual_hash: int | None = None
    body: str | None = None
    """The content itself, of texts and documents."""


class KnownMedia(NamedTuple):
    """Media that a workspace has probed."""

    sha256: str
    kind: ItemKind
    media_type: str
    width_px: int
    """Of the upright image; of a text its number of code points. Likewise ``height_px``, which is 1 for a text."""
    height_px: int
    orientation: int = 1
    """EXIF 1..8 of the original."""


class ServedMedia(NamedTuple):
    """What is served as one variant of an item's media."""

    is_deleted: bool
    name: str
    sha256: str
    media_type: str
    size_bytes: int | None
    """None when it is not in the blob store but in ``body``."""
    body: str | None


class TiledMedia(NamedTuple):
    """What is known of the tiles of an item's original."""

    is_deleted: bool
    workspace_id: str
    name: str
    sha256: str
    """Of the original."""
    width_px: int
    """Of the upright image; likewise ``height_px``."""
    height_px: int
    pack_sha256: str | None
    """The file of tiles; None until it was cut."""
    job_id: str | None
    """The job that cuts it; None while nobody has asked."""


class ImportRow(NamedTuple):
    """An import job and how far it came."""

    job_id: str
    workspace_id: str
    project_id: str
    batch_id: str | None
    options: str
    """JSON of ``ImportOptions``."""
    source_kind: str
    next_record: int
    """Records before it are settled."""
    imported: int
    labelled: int
    duplicates: int
    refused: int
    warnings: int
    created_by: str
    created_ms: int
    finished_ms: int | None = None
