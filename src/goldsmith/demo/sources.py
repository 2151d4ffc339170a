"""What the demonstration runs on: the generated world, or a COCO folder of real pictures."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from goldsmith.core.annotations import Labelling
from goldsmith.core.errors import InvalidInputError
from goldsmith.core.ontology import Ontology
from goldsmith.demo.world import World, street_ontology
from goldsmith.formats.classes import infer_ontology
from goldsmith.formats.jsonl import JSONL
from goldsmith.formats.registry import get_format
from goldsmith.formats.sources import FolderSource
from goldsmith.formats.targets import ZipTarget
from goldsmith.formats.types import ReadOptions, Sample

HELD_OUT_FROM: Final = 1_000_000
"""Number of the first street of the held-out set; the pool never gets there."""
TEST_SHARE: Final = 0.25
"""Share of a folder without a test set of its own that is held out."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture with its truth, which the server never sees but for gold tasks and the held-out set."""

    name: str
    data: bytes
    width: int
    height: int
    gold: Labelling
    metadata: dict[str, Any] = field(default_factory=dict)
    group: str = ""


@dataclass(frozen=True, slots=True)
class Material:
    """What the loop runs on.

    Attributes:
        title: For people.
        pool: To be labelled.
        test: Held out, with gold.
    """

    title: str
    ontology: Ontology
    pool: list[Picture]
    test: list[Picture]


def from_world(*, pool: int, test: int, seed: int) -> Material:
    """Generate streets: a pool and, of other streets, a held-out set."""
    return Material(
        "a generated world of streets",
        street_ontology(),
        [_of_world(image) for image in World(seed).generate(pool)],
        [_of_world(image) for image in World(seed).generate(test, first_sequence=HELD_OUT_FROM)],
    )


def from_folder(folder: Path) -> Material:
    """Read a folder in COCO form.

    A set whose name starts with ``test`` or ``val`` (as its split, or as its first folder) is held out; without
    one, a quarter is, by a hash of the name.

    Raises:
        InvalidInputError: There is no COCO file, or no picture with its file.
    """
    source = FolderSource(folder)
    records = get_format("coco").read(source, options=ReadOptions(prefer="box"))
    samples = [record for record in records if isinstance(record, Sample) and record.media_name is not None]
    if not samples:
        raise InvalidInputError(f"{folder} holds no COCO file with pictures beside it")
    ontology = _used_classes(infer_ontology(samples), samples)
    class_ids = {entry.name: entry.class_id for entry in ontology.classes}
    pool: list[Picture] = []
    test: list[Picture] = []
    has_test = any(_is_held_out(sample) for sample in samples)
    for sample in samples:
        picture = _of_sample(sample, source, class_ids)
        held_out = _is_held_out(sample) if has_test else _share(sample.name) < TEST_SHARE
        (test if held_out else pool).append(picture)
    return Material(f"the pictures in {folder.name}", ontology, pool, test)


def write_archive(
    pictures: Sequence[Picture], target: Path, *, ontology: Ontology, with_labels: bool
) -> None:
    """Write pictures as an archive in our own format, with their truth or without."""

    def samples() -> Iterator[Sample]:
        for picture in pictures:
            yield Sample(
                name=picture.name,
                width=picture.width,
                height=picture.height,
                labelling=picture.gold if with_labels else Labelling(),
                metadata=picture.metadata,
                group=picture.group,
                media_name=picture.name,
            )

    data = {picture.name: picture.data for picture in pictures}
    with target.open("wb") as file, ZipTarget(file) as archive:
        JSONL.write(samples(), archive, ontology=ontology, media=lambda sample: io.BytesIO(data[sample.name]))
    assert zipfile.is_zipfile(target)


def _of_world(image: Any) -> Picture:
    return Picture(
        image.name,
        image.image_bytes,
        image.width,
        image.height,
        image.labelling,
        dict(image.metadata),
        image.group,
    )


def _of_sample(sample: Sample, source: FolderSource, class_ids: dict[str, str]) -> Picture:
    assert sample.media_name is not None
    with source.open(sample.media_name) as file:
        data = file.read()
    annotations = [
        a.model_copy(update={"class_id": class_ids.get(a.class_id, a.class_id), "attributes": {}})
        for a in sample.labelling.annotations
    ]
    metadata = {
        key: value for key, value in sample.metadata.items() if isinstance(value, str | int | float | bool)
    }
    name = sample.name.rsplit("/", 1)[-1]
    return Picture(
        name, data, sample.width, sample.height, Labelling(annotations=annotations), metadata, sample.group
    )


def _used_classes(ontology: Ontology, samples: Sequence[Sample]) -> Ontology:
    used = {a.class_id for sample in samples for a in sample.labelling.annotations}
    kept = [
        entry.model_copy(update={"geometry_kinds": ["box"], "attributes": []})
        for entry in ontology.classes
        if entry.class_id in used or entry.name in used
    ]
    return Ontology(classes=kept)


def _is_held_out(sample: Sample) -> bool:
    return sample.split.startswith(("test", "val")) or sample.name.startswith(("test", "val"))


def _share(name: str) -> float:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") / 2**64
