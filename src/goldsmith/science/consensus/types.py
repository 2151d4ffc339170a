"""What detection consensus is made from, and what it gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from goldsmith.core.errors import InvalidInputError
from goldsmith.science.arrays import FloatArray, IntArray
from goldsmith.science.consensus.box_merge import CornerSkill
from goldsmith.science.consensus.existence import ExistenceRates
from goldsmith.science.forms import Form
from goldsmith.science.masks import MaskSkill
from goldsmith.science.polygons import Rings


@dataclass(frozen=True, slots=True)
class DetectionSkill:
    """What is known about the annotators of a project; plain arrays, to be kept with a consensus version.

    Attributes:
        rates: Detection rates, false alarms and object density by stratum (class x size).
        confusion: ``[annotators + 1, classes, classes]`` class given (last axis) by true class.
        class_prior: ``[classes]``.
        corners: Bias and noise of outlines.
        size_edges: ``[4]`` square pixels between five sizes of equal frequency.
        masks: Who draws masks too large or too small.
    """

    rates: ExistenceRates
    confusion: FloatArray
    class_prior: FloatArray
    corners: CornerSkill
    size_edges: FloatArray
    masks: MaskSkill

    _PARTS: ClassVar[tuple[str, ...]] = (
        "detection",
        "false_alarms",
        "objects",
        "shared_error",
        "confusion",
        "class_prior",
        "corner_bias",
        "corner_noise",
        "size_edges",
    )

    def as_lists(self) -> dict[str, Any]:
        """Plain numbers and lists, fit for JSON; ``from_lists`` reads them back."""
        return {
            "detection": self.rates.detection.tolist(),
            "false_alarms": self.rates.false_alarms.tolist(),
            "objects": self.rates.objects.tolist(),
            "shared_error": self.rates.shared_error,
            "confusion": self.confusion.tolist(),
            "class_prior": self.class_prior.tolist(),
            "corner_bias": self.corners.bias.tolist(),
            "corner_noise": self.corners.noise.tolist(),
            "size_edges": self.size_edges.tolist(),
            "mask_rates": [self.masks.sensitivity.tolist(), self.masks.specificity.tolist()],
            "mask_share": self.masks.share,
        }

    @classmethod
    def from_lists(cls, kept: Mapping[str, Any]) -> DetectionSkill:
        """What ``as_lists`` gave.

        Raises:
            InvalidInputError: A part is missing or the parts do not fit together.
        """
        try:
            table = {name: np.asarray(kept[name], dtype=np.float64) for name in cls._PARTS}
        except (KeyError, ValueError, TypeError) as error:
            raise InvalidInputError(f"not a kept detection skill: {error}") from error
        rows, classes = len(table["confusion"]), table["class_prior"].size
        fits = table["confusion"].shape == (rows, classes, classes) and table["corner_noise"].shape == (rows,)
        if not fits or table["detection"].shape != (rows, table["objects"].size):
            raise InvalidInputError("not a kept detection skill: its parts do not fit together")
        rates = ExistenceRates(
            table["detection"], table["false_alarms"], table["objects"], float(table["shared_error"])
        )
        corners = CornerSkill(table["corner_bias"], table["corner_noise"])
        return cls(
            rates, table["confusion"], table["class_prior"], corners, table["size_edges"], _masks(kept, rows)
        )

    @property
    def class_count(self) -> int:
        """Number of classes."""
        return self.class_prior.size

    @property
    def annotator_count(self) -> int:
        """Number of known annotators."""
        return len(self.confusion) - 1


def _masks(kept: Mapping[str, Any], rows: int) -> MaskSkill:
    """What was kept of masks; what was kept before masks were learnt from knows of nobody."""
    if "mask_rates" not in kept:
        return MaskSkill.unknown(rows - 1)
    table = np.asarray(kept["mask_rates"], dtype=np.float64)
    if table.shape != (2, rows):
        raise InvalidInputError("not a kept detection skill: its parts do not fit together")
    return MaskSkill(table[0], table[1], float(kept["mask_share"]))


@dataclass(frozen=True, slots=True)
class DetectionConsensus:
    """Resolved objects, ordered by image.

    Attributes:
        image: ``[objects]``.
        class_index: ``[objects]`` most probable class.
        box_xyxy: ``[objects, 4]`` merged box; of any other shape, its bounds.
        rings: ``[objects]`` merged polygon, None where the object is none; None when there is none.
        posterior: ``[objects]`` probability that the object exists and has this class, within [0.001, 0.999].
        existence: ``[objects]`` probability that it exists.
        class_posterior: ``[objects, classes]`` given that it exists.
        side_sd: ``[objects]`` standard error of the merged sides as a share of width and height.
        support: ``[objects]`` how many marked it.
        onlookers: ``[objects]`` how many looked at its image.
        object_of_mark: ``[marks]`` the object that each mark supports.
        forms: ``[objects]`` merged places, line or pixels, None where the object has none; None when there are none.
        mark_of_shape: ``[objects]`` the mark whose shape the object has (where there is a merged form, the most
            typical one), -1 for boxes and polygons; None when every object is a box.
    """

    image: IntArray
    class_index: IntArray
    box_xyxy: FloatArray
    rings: tuple[Rings | None, ...] | None
    posterior: FloatArray
    existence: FloatArray
    class_posterior: FloatArray
    side_sd: FloatArray
    support: IntArray
    onlookers: IntArray
    object_of_mark: IntArray
    forms: tuple[Form | None, ...] | None = None
    mark_of_shape: IntArray | None = None

    @staticmethod
    def of_nothing(class_count: int) -> DetectionConsensus:
        """Return what comes of images on which nobody marked anything."""
        no_index, no_number = np.zeros(0, dtype=np.int64), np.zeros(0)
        return DetectionConsensus(
            image=no_index,
            class_index=no_index,
            box_xyxy=np.zeros((0, 4)),
            rings=None,
            posterior=no_number,
            existence=no_number,
            class_posterior=np.zeros((0, class_count)),
            side_sd=no_number,
            support=no_index,
            onlookers=no_index,
            object_of_mark=no_index,
        )

    def __len__(self) -> int:
        return self.image.size
