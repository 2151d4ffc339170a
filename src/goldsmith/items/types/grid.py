"""The items grid: what it shows, in which order, and one cell of it."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from goldsmith.core.model import Model
from goldsmith.items.types.words import ItemKind


class GridSort(StrEnum):
    """What the items grid is ordered by."""

    CREATED = "created"
    NAME = "name"
    POSTERIOR = "posterior"
    OBJECTS = "objects"
    UPDATED = "updated"


class WantedValue(NamedTuple):
    """A value that an attribute of some object has, or the answer to a question about the whole item.

    Attributes:
        class_id: Of the object; None for a question.
        attribute_id: The attribute, or the question.
        low: As ``policy.facets.values_of`` writes it; with ``high`` a range, of numbers.
    """

    class_id: str | None
    attribute_id: str
    low: str
    high: str


class GridFilter(NamedTuple):
    """What the items grid shows; None leaves a filter out.

    What is said of labels is said of those in force: the newest consensus, or the known answer of gold. Objects that
    are more likely not there do not count.

    Attributes:
        state: Of the task.
        class_id: There is an object of it.
        text: Part of the name, whatever the case.
        posterior_min: The least sure decision is right at least this probably, in [0.5, 1]; likewise ``posterior_max``.
        member_id: Who submitted for it.
        geometry_kind: There is an object of it.
        values: All of them are there.
        flag: ``occluded`` or ``truncated``: there is such an object.
        objects_min: Number of objects, of ``class_id`` where that is given; likewise ``objects_max``.
        metadata: Part of the user's own metadata as JSON text, whatever the case.
        is_deleted: The deleted ones instead of the others.
    """

    batch_id: str | None = None
    state: str | None = None
    class_id: str | None = None
    text: str | None = None
    group_key: str | None = None
    is_gold: bool | None = None
    posterior_min: float | None = None
    posterior_max: float | None = None
    member_id: str | None = None
    geometry_kind: str | None = None
    values: tuple[WantedValue, ...] = ()
    flag: str | None = None
    objects_min: int | None = None
    objects_max: int | None = None
    metadata: str | None = None
    is_deleted: bool = False


class Slice(Model):
    """Filters and an order of the items grid under a name, for everybody of the project.

    Attributes:
        query: As in the address of the grid, such as ``state=done&sort=-objects``.
    """

    slice_id: str
    project_id: str
    name: str
    query: str
    created_by: str
    created_ms: int


class GridCursor(NamedTuple):
    """Where a page ended."""

    key: str | int | float
    task_id: str


class GridRow(NamedTuple):
    """One cell of the items grid."""

    item_id: str
    name: str
    kind: ItemKind
    width: int
    height: int
    group_key: str
    task_id: str
    batch_id: str | None
    state: str
    is_gold: bool | None
    """None where the reader may not know."""
    submission_count: int
    object_count: int
    lowest_posterior: float | None
    updated_ms: int
    deleted_ms: int | None
    classes: dict[str, int]
    """Objects of the labels in force by class id."""
    sort_key: str | int | float
    cover: str | None = None
    """Where a picture is that stands for a document; None for texts, and for images, whose thumbnail does."""
    words: str = ""
    """The first words of a text, or of a document that has no picture."""
