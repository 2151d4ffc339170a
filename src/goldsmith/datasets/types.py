"""What a dataset version is made of: the policy it was cut with, its entries, and its datasheet."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from goldsmith.core.annotations import Labelling
from goldsmith.core.model import Model
from goldsmith.core.ontology import Ontology
from goldsmith.formats.registry import FORMATS

FORMAT_NAME = "goldsmith.dataset/1"
OWN_FORMAT = "goldsmith"
EXPORT_FORMATS = frozenset({OWN_FORMAT, *FORMATS})
SPLITS_DEFAULT = {"train": 0.8, "validation": 0.2}

Fraction = Annotated[float, Field(ge=0.0, le=1.0)]
SplitName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,30}$")]
"""Becomes a folder of exports."""


class LabelPolicy(Model):
    """Which labels may enter a version.

    Attributes:
        label_kinds: Consensus of people, gold answers, or both.
        task_states: Only tasks in these states; a task is ``done`` once its workflow ended.
        reviewed_only: Only tasks that a reviewer accepted or fixed.
        minimum_posterior: Objects less sure of being right than this do not enter.
        below_minimum: Drop such objects, or leave the whole item out.
        include_empty: Keep items on which nothing is labelled; they teach a detector what background is.
    """

    label_kinds: Annotated[list[Literal["consensus", "gold"]], Field(min_length=1)] = ["consensus", "gold"]
    task_states: list[Literal["open", "resolving", "review", "done", "idle"]] = ["done", "idle"]
    reviewed_only: bool = False
    minimum_posterior: Fraction = 0.5
    below_minimum: Literal["drop_object", "drop_item"] = "drop_object"
    include_empty: bool = True


class SplitPolicy(Model):
    """How items are put into splits.

    Items that share a group key, and items whose pictures are nearly identical, always land together. The split of
    a group follows from the seed and its content alone, so it is the same on every machine and does not move when
    other items are added.

    Attributes:
        mode: ``hash`` by the fractions; ``fixed`` puts everything into ``fixed_split``; ``metadata`` reads the
            item's own value under ``metadata_key``, and falls back to ``fixed_split`` where there is none that may
            name a split.
        fractions: Share of each split; they add up to 1.
        duplicate_distance: Perceptual hashes that differ in at most this many of 64 bits are one group.
    """

    mode: Literal["hash", "fixed", "metadata"] = "hash"
    fractions: dict[SplitName, Fraction] = SPLITS_DEFAULT
    seed: int = 0
    fixed_split: SplitName = "test"
    metadata_key: str = "split"
    duplicate_distance: Annotated[int, Field(ge=0, le=16)] = 4

    @model_validator(mode="after")
    def _fractions_are_whole(self) -> Self:
        if self.mode == "hash" and abs(sum(self.fractions.values()) - 1.0) > 1e-6:
            raise ValueError("the fractions of the splits must add up to 1")
        return self


class VersionPolicy(Model):
    """All that decides what a version holds, beside the labels themselves.

    Attributes:
        project_ids: Where the labels come from.
        item_ids: Only these items; None for all.
        keep_apart_from: Dataset versions whose items, and their near-duplicates and groups, must not enter; name the
            test sets here.
    """

    project_ids: Annotated[list[str], Field(min_length=1, max_length=100)]
    item_ids: Annotated[list[str], Field(max_length=1_000_000)] | None = None
    labels: LabelPolicy = LabelPolicy()
    split: SplitPolicy = SplitPolicy()
    keep_apart_from: Annotated[list[str], Field(max_length=100)] = []

    @model_validator(mode="after")
    def _projects_are_distinct(self) -> Self:
        if len(set(self.project_ids)) < len(self.project_ids):
            raise ValueError("a project is named twice")
        return self


class Entry(Model):
    """One item of a version with its label; the row of the table."""

    item_id: str
    sha256: str
    name: str
    media_type: str
    width_px: int
    height_px: int
    group_key: str
    metadata: str
    perceptual_hash: int | None
    task_id: str
    label_kind: str
    label_version: int
    submission_ids: list[str]
    split: str
    labelling: Labelling


class Manifest(Model):
    """The description of a version; with the table it is complete without a server.

    Attributes:
        content_hash: sha256 over what the version says (media, labels, splits, ontology), not over ids or times.
        table_sha256: Of the Parquet file.
    """

    format: str = FORMAT_NAME
    dataset_name: str
    number: int
    content_hash: str
    table_sha256: str
    item_count: int
    ontology: Ontology
    policy: VersionPolicy
    card: dict[str, object]


class DatasetView(Model):
    """A named line of versions."""

    dataset_id: str
    workspace_id: str
    name: str
    created_ms: int
    version_count: int = 0


class VersionView(Model):
    """A version, as lists and pages show it."""

    dataset_version_id: str
    dataset_id: str
    dataset_name: str
    workspace_id: str
    number: int
    content_hash: str
    manifest_sha256: str
    table_sha256: str
    policy: VersionPolicy
    card: dict[str, object]
    parent_id: str | None
    created_by: str
    created_ms: int


class EntryChange(Model):
    """One item that differs between two versions."""

    sha256: str
    name: str
    change: Literal["added", "removed", "relabelled", "moved"]
    before: str = ""
    after: str = ""


class VersionDiff(Model):
    """What changed from one version to another.

    Attributes:
        counts: Number of items added, removed, relabelled, moved between splits, unchanged.
        objects_before: Objects by class in the older version.
        changes: The first thousand changes.
    """

    older_id: str
    newer_id: str
    counts: dict[str, int]
    objects_before: dict[str, int]
    objects_after: dict[str, int]
    changes: list[EntryChange]
