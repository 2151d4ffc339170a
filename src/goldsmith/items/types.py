"""What an item is, and what items ask of the step above."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple, Protocol

from goldsmith.core.annotations import Labelling
from goldsmith.core.model import Model
from goldsmith.platform.database import Transaction


class ItemKind(StrEnum):
    """The kinds of data an item may be."""

    IMAGE = "image"
    TEXT = "text"


class LabelsAs(StrEnum):
    """What labels that come with items count as.

    ``gold`` is a hidden known answer, ``prelabels`` is a start for annotators and never a vote, ``accepted`` is a
    finished label, ``none`` leaves them out.
    """

    GOLD = "gold"
    PRELABELS = "prelabels"
    ACCEPTED = "accepted"
    NONE = "none"


class MediaVariant(StrEnum):
    """The forms of an item's media that are served."""

    ORIGINAL = "original"
    PREVIEW = "preview"
    THUMBNAIL = "thumbnail"


@dataclass(frozen=True, slots=True)
class NewItem:
    """An item to be stored.

    Attributes:
        name: What people call it, such as a file name; not unique.
        sha256: Of the original bytes, hex; a row of ``media`` of the workspace.
        width_px: Of the upright image; 0 for other kinds. Likewise ``height_px``.
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
    """

    item_id: str
    labelling: Labelling | None = None
    labels_as: LabelsAs = LabelsAs.NONE
    priority: int = 0
    position: float | None = None


class TaskMaker(Protocol):
    """Makes the tasks of new items; implemented by labelling, wired in by the composition root."""

    def make_tasks(
        self, tx: Transaction, *, project_id: str, batch_id: str, entries: Sequence[NewTask]
    ) -> Sequence[str]:
        """Make one task for each entry in the order given and return their ids.

        Called with up to some thousand entries in one transaction: set-based, no statement per entry.
        """
        ...


class MediaUrls(Model):
    """Where the forms of an item's media are, relative to the server."""

    original: str
    preview: str
    thumbnail: str


class ItemView(Model):
    """An item as the wire shows it to those who label it.

    Attributes:
        width: Of the upright image in pixels; 0 for other kinds. Likewise ``height``.
    """

    item_id: str
    name: str
    width: int
    height: int
    kind: ItemKind
    group_key: str
    metadata: dict[str, Any]
    media: MediaUrls


class Problem(NamedTuple):
    """One line of an import's list of problems."""

    where: str
    """File or line."""
    what: str
    """What is wrong with it and how to mend it."""
    severity: str
    """``refused`` | ``duplicate`` | ``warning``."""
