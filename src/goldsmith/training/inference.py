"""Detection over many pictures through the engine: the same function on a local pool and on Ray."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache, partial
from itertools import islice
from typing import NamedTuple

from goldsmith.core.annotations import Annotation, Labelling
from goldsmith.core.geometry import Box
from goldsmith.platform.engine import Engine
from goldsmith.training.detector.data import decode_rgb

CHUNK_PICTURES = 16
_DIGITS = 3
_SCORE_DIGITS = 5


class Picture(NamedTuple):
    """A picture to look at.

    Attributes:
        key: What the caller knows it by.
        encoded: The original file.
    """

    key: str
    encoded: bytes


class Found(NamedTuple):
    """What a model found in a picture; plain numbers, so that it travels between processes.

    Attributes:
        boxes_xyxy: Pixels of the upright picture, best first.
        class_index: Index into the model's classes.
    """

    key: str
    boxes_xyxy: list[tuple[float, float, float, float]]
    scores: list[float]
    class_index: list[int]


class _Model(NamedTuple):
    sha256: str
    weights: bytes
    score_threshold: float


def detect_all(
    engine: Engine, weights: bytes, pictures: Iterable[Picture], *, score_threshold: float
) -> Iterator[Found]:
    """Yield what the model finds, in the order of the pictures.

    Args:
        engine: Where it runs.
        weights: The ONNX file.
        pictures: Read a chunk at a time.
        score_threshold: Lowest score kept, in [0, 1].
    """
    model = _Model(hashlib.sha256(weights).hexdigest(), weights, score_threshold)
    for batch in engine.map(partial(_detect_chunk, model), _chunks(pictures)):
        yield from batch


def to_labelling(found: Found, *, classes: Sequence[str | None], width_px: int, height_px: int) -> Labelling:
    """Turn detections into a labelling with scores, cut to the picture; slivers are left out.

    Args:
        found: What the model found.
        classes: Class of each of the model's outputs; detections of those that are None are left out.
        width_px: Of the picture.
        height_px: Of the picture.
    """
    annotations = []
    rows = zip(found.boxes_xyxy, found.scores, found.class_index, strict=True)
    for number, ((left, top, right, bottom), score, class_index) in enumerate(rows):
        class_id = classes[class_index]
        if class_id is None:
            continue
        box = (max(left, 0.0), max(top, 0.0), min(right, float(width_px)), min(bottom, float(height_px)))
        if box[2] - box[0] < 1.0 or box[3] - box[1] < 1.0:
            continue
        annotations.append(
            Annotation(
                annotation_id=f"p{number}",
                class_id=class_id,
                geometry=Box(box_xyxy=box),
                score=score,
            )
        )
    return Labelling(annotations=annotations)


@lru_cache(maxsize=2)
def _session(sha256: str, weights: bytes) -> object:
    """One session a process and model; imported here because only processes that detect pay for onnxruntime."""
    del sha256
    from goldsmith.training.detector.serve import OnnxDetector

    return OnnxDetector(weights)


def _detect_chunk(model: _Model, pictures: Sequence[Picture]) -> list[Found]:
    detector = _session(model.sha256, model.weights)
    images = [decode_rgb(picture.encoded, name=picture.key) for picture in pictures]
    answers = detector.detect(images, score_threshold=model.score_threshold)  # type: ignore[attr-defined]
    return [
        Found(
            picture.key,
            [tuple(round(float(value), _DIGITS) for value in box) for box in answer.boxes_xyxy],  # type: ignore[misc]
            [round(float(score), _SCORE_DIGITS) for score in answer.scores],
            [int(index) for index in answer.class_index],
        )
        for picture, answer in zip(pictures, answers, strict=True)
    ]


def _chunks(pictures: Iterable[Picture]) -> Iterator[list[Picture]]:
    source = iter(pictures)
    while chunk := list(islice(source, CHUNK_PICTURES)):
        yield chunk
