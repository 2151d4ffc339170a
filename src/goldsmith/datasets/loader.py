"""Reading a version in Python: samples as numpy arrays, and as a torch dataset where torch is there.

Works on an exported folder without a server::

    dataset = open_folder("streets-v3")
    for sample in dataset.samples(split="train"):
        sample.image, sample.boxes_xyxy, sample.class_index
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps

from goldsmith.core.errors import InvalidInputError, MissingExtraError
from goldsmith.core.geometry.measures import has_extent
from goldsmith.datasets.table import read_table
from goldsmith.datasets.types import Entry, Manifest

MANIFEST_FILE = "manifest.json"
TABLE_FILE = "items.parquet"
MEDIA_FOLDER = "media"


class Sample(NamedTuple):
    """One item as arrays.

    Attributes:
        image: The upright picture, uint8 [height, width, 3], RGB.
        boxes_xyxy: Bounds of the objects in pixels, float32 [n, 4].
        class_index: Position of each object's class in ``DatasetReader.class_ids``, int64 [n].
        weights: Posterior of each object being right, float32 [n], in (0, 1]; 1 where the label carries none.
        entry: Everything else that is known, polygons and attributes included.
    """

    image: npt.NDArray[np.uint8]
    boxes_xyxy: npt.NDArray[np.float32]
    class_index: npt.NDArray[np.int64]
    weights: npt.NDArray[np.float32]
    entry: Entry


class DatasetReader:
    """One dataset version, ready to iterate.

    Args:
        manifest: Describes it.
        entries: Its rows.
        read_media: Returns the original bytes of an item.
    """

    def __init__(
        self, manifest: Manifest, entries: Sequence[Entry], *, read_media: Callable[[Entry], bytes]
    ) -> None:
        self.manifest = manifest
        self.entries = list(entries)
        self.class_ids = [label_class.class_id for label_class in manifest.ontology.classes]
        self.class_names = [label_class.name for label_class in manifest.ontology.classes]
        self._index = {class_id: index for index, class_id in enumerate(self.class_ids)}
        self._read_media = read_media

    @property
    def splits(self) -> list[str]:
        """Names of the splits, sorted."""
        return sorted({entry.split for entry in self.entries})

    def in_split(self, split: str | None) -> list[Entry]:
        """Return the rows of one split, or all."""
        return [entry for entry in self.entries if split is None or entry.split == split]

    def samples(self, *, split: str | None = None) -> Iterator[Sample]:
        """Yield samples in the order of their names, decoding one picture at a time."""
        for entry in self.in_split(split):
            yield self.load(entry)

    def load(self, entry: Entry) -> Sample:
        """Decode one row."""
        boxes, classes, weights = self.targets(entry)
        with Image.open(io.BytesIO(self._read_media(entry))) as opened:
            image = np.asarray(ImageOps.exif_transpose(opened).convert("RGB"))
        return Sample(image, boxes, classes, weights, entry)

    def targets(
        self, entry: Entry
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64], npt.NDArray[np.float32]]:
        """Return boxes, class indices and weights of one row without decoding its picture.

        Of other shapes than boxes their bounds; what has none, as a point, is left out.
        """
        annotations = [a for a in entry.labelling.annotations if has_extent(a.geometry.bounds_xyxy())]
        boxes = np.array([a.geometry.bounds_xyxy() for a in annotations], dtype=np.float32).reshape(-1, 4)
        classes = np.array([self._index[a.class_id] for a in annotations], dtype=np.int64)
        weights = np.array([1.0 if a.score is None else a.score for a in annotations], dtype=np.float32)
        return boxes, classes, weights

    def torch_dataset(self, *, split: str | None = None) -> Any:
        """Return a ``torch.utils.data.Dataset`` of dictionaries of tensors (image as uint8 [3, height, width]).

        Raises:
            MissingExtraError: torch is not installed.
        """
        try:
            import torch
        except ImportError as error:
            raise MissingExtraError("torch", extra="train") from error

        reader, entries = self, self.in_split(split)

        class TorchDataset(torch.utils.data.Dataset[dict[str, Any]]):
            def __len__(self) -> int:
                return len(entries)

            def __getitem__(self, index: int) -> dict[str, Any]:
                sample = reader.load(entries[index])
                return {
                    "image": torch.from_numpy(sample.image.copy()).permute(2, 0, 1),
                    "boxes_xyxy": torch.from_numpy(sample.boxes_xyxy),
                    "class_index": torch.from_numpy(sample.class_index),
                    "weights": torch.from_numpy(sample.weights),
                    "name": sample.entry.name,
                }

        return TorchDataset()


def media_path(sha256: str) -> str:
    """Return where an exported folder keeps a file; named by content, so never by what a user chose."""
    return f"{MEDIA_FOLDER}/{sha256}"


def open_folder(folder: str | Path) -> DatasetReader:
    """Open a version exported in the ``goldsmith`` format.

    Raises:
        InvalidInputError: The folder holds no manifest.
    """
    root = Path(folder)
    if not (root / MANIFEST_FILE).is_file():
        raise InvalidInputError(
            f"{root} holds no {MANIFEST_FILE}; export the version in the goldsmith format"
        )
    manifest = Manifest.model_validate_json((root / MANIFEST_FILE).read_bytes())
    entries = list(read_table((root / TABLE_FILE).read_bytes()))
    return DatasetReader(
        manifest, entries, read_media=lambda entry: (root / media_path(entry.sha256)).read_bytes()
    )
