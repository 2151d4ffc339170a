"""Which variant of YOLO a data set is, or becomes."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Final

from goldsmith.core.errors import GoldsmithError, InvalidInputError
from goldsmith.core.geometry import Skeleton
from goldsmith.core.ontology import Ontology, SkeletonTemplate
from goldsmith.formats.images import upright_size
from goldsmith.formats.shapes import rotated_box_of_corners
from goldsmith.formats.skeletons import template_of_ids
from goldsmith.formats.sources import FileSource, read_file
from goldsmith.formats.types import Sample, WriteOptions, YoloVariant

_AREAS: Final = frozenset({"polygon", "mask", "ellipse", "bezier", "cuboid"})
_CORNER_NUMBERS: Final = (8, 9)
_LOOKED_AT: Final = 40
_MAX_LOOK_BYTES: Final = 2**20
_SQUARE_PX: Final = 1.5


def variant_of_kinds(kinds: Iterable[str]) -> YoloVariant:
    """Return the variant that holds most of what is drawn with these kinds of shapes."""
    drawn = set(kinds)
    if drawn & _AREAS:
        return "segment"
    if "skeleton" in drawn:
        return "pose"
    return "obb" if "rotated_box" in drawn else "detect"


def plan_of(
    samples: Iterable[Sample], ontology: Ontology | None, options: WriteOptions
) -> tuple[Iterable[Sample], YoloVariant, dict[str, SkeletonTemplate]]:
    """Return (samples, variant, templates of skeletons) for writing.

    With an ontology the samples stay a stream, and it decides where it is not known what they hold; without one they
    are looked through first.

    Raises:
        InvalidInputError: Keypoints are asked for where there are no skeletons.
    """
    if ontology is not None and ontology.classes:
        kinds = set(options.kinds) or {kind for entry in ontology.classes for kind in entry.geometry_kinds}
        templates = {
            entry.class_id: entry.skeleton for entry in ontology.classes if entry.skeleton is not None
        }
    else:
        samples = list(samples)
        found = [annotation for sample in samples for annotation in sample.labelling.annotations]
        kinds = {annotation.geometry.kind for annotation in found}
        nodes: dict[str, list[str]] = {}
        for annotation in found:
            if isinstance(annotation.geometry, Skeleton):
                nodes.setdefault(annotation.class_id, [node.node_id for node in annotation.geometry.nodes])
        templates = {class_id: template_of_ids(ids) for class_id, ids in nodes.items()}
    chosen = variant_of_kinds(kinds) if options.yolo_variant == "auto" else options.yolo_variant
    if chosen == "pose" and not templates:
        raise InvalidInputError("no class is drawn as a skeleton; take another variant of YOLO than pose")
    return samples, chosen, templates if chosen == "pose" else {}


def looks_like_corners(source: FileSource, pairs: Iterable[tuple[str, str]]) -> bool:
    """Say whether label files hold corners of rotated boxes: four points each, at right angles, some of them turned.

    Args:
        source: Where the files are.
        pairs: (image, label file); only the first ones are looked at.
    """
    is_any_turned = False
    for image, label in itertools.islice(pairs, _LOOKED_AT):
        try:
            width, height = upright_size(source, image)
            text = read_file(source, label, max_bytes=_MAX_LOOK_BYTES).decode("utf-8", "replace")
            turned = [_turn_px(line.split()[1:], width, height) for line in text.splitlines() if line.strip()]
        except (GoldsmithError, ValueError):
            continue
        if any(entry is None for entry in turned):
            return False
        is_any_turned = is_any_turned or any(entry is not None and entry > _SQUARE_PX for entry in turned)
    return is_any_turned


def _turn_px(fields: list[str], width: int, height: int) -> float | None:
    """Return how far a rectangle is turned, measured at its first side; None where the fields are no rectangle."""
    if len(fields) not in _CORNER_NUMBERS:
        return None
    numbers = [float(field) for field in fields[:8]]
    corners = [(x * width, y * height) for x, y in zip(numbers[0::2], numbers[1::2], strict=True)]
    try:
        _, apart = rotated_box_of_corners(corners)
    except InvalidInputError:
        return None
    if apart > _SQUARE_PX:
        return None
    (x0, y0), (x1, y1) = corners[0], corners[1]
    return min(abs(x1 - x0), abs(y1 - y0))
