"""The exported detector at work: onnxruntime, NumPy and Pillow, never torch."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from goldsmith.core.errors import InvalidInputError, MissingExtraError
from goldsmith.training.detector.letterbox import place
from goldsmith.training.detector.postprocess import Detections, finish

try:
    import onnxruntime
except ImportError:  # pragma: no cover - depends on the installation
    onnxruntime = None

BATCH = 4
"""Pictures handed to the network at once."""

Picture = Image.Image | npt.NDArray[np.uint8]
"""A PIL picture of any mode, upright, or RGB as uint8 [height, width, 3]."""


def open_session(path_or_bytes: str | Path | bytes, *, threads: int) -> Any:
    """An onnxruntime session on the GPU where the installed onnxruntime has one, else on the CPU.

    Raises:
        MissingExtraError: If onnxruntime is not installed (extra ``goldsmith[serve]``).
        InvalidInputError: If it is not an ONNX model that can be run.
    """
    if onnxruntime is None:
        raise MissingExtraError("onnxruntime", extra="serve")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    available = onnxruntime.get_available_providers()
    providers = [name for name in ("CUDAExecutionProvider", "CPUExecutionProvider") if name in available]
    model = path_or_bytes if isinstance(path_or_bytes, bytes) else str(path_or_bytes)
    try:
        return onnxruntime.InferenceSession(model, options, providers=providers)
    except Exception as error:  # onnxruntime's errors share no base below this
        raise InvalidInputError(f"the file is not an ONNX model that can be run: {error}") from error


class OnnxDetector:
    """A detector exported by `goldsmith.training.detector.export`.

    Args:
        path_or_bytes: The ONNX file, or its content.
        threads: CPU threads of the session.

    Attributes:
        class_names: Names in the order of class indices.
        input_wh: Width and height of the network's input in pixels.
        metadata: All strings kept in the file: recipe hash, seed, normalisation and so on.

    Raises:
        MissingExtraError: If onnxruntime is not installed (extra ``goldsmith[serve]``).
        InvalidInputError: If the file is not a detector of ours.
    """

    def __init__(self, path_or_bytes: str | Path | bytes, *, threads: int = 1) -> None:
        self._session = open_session(path_or_bytes, threads=threads)
        self.metadata: dict[str, str] = dict(self._session.get_modelmeta().custom_metadata_map)
        if "class_names" not in self.metadata:
            raise InvalidInputError("the ONNX file is not a goldsmith detector: it names no classes")
        self.class_names: tuple[str, ...] = tuple(json.loads(self.metadata["class_names"]))
        width, height = json.loads(self.metadata["input_wh"])
        self.input_wh: tuple[int, int] = (int(width), int(height))

    def detect(
        self,
        images: Sequence[Picture],
        *,
        score_threshold: float = 0.05,
        iou_threshold: float = 0.6,
        max_detections: int = 100,
    ) -> list[Detections]:
        """Objects in each picture, in pixels of that picture, best first.

        Args:
            images: Pictures of any size.
            score_threshold: Lowest score returned, 0 to 1.
            iou_threshold: Overlap at which the weaker of two objects of one class goes, 0 to 1.
            max_detections: Most objects per picture.
        """
        found: list[Detections] = []
        for batch in _batches([_as_rgb(image) for image in images]):
            width, height = self.input_wh
            pixels = np.stack([place(image, input_width=width, input_height=height) for image in batch])
            boxes, scores, classes = self._session.run(["boxes", "scores", "classes"], {"pixels": pixels})
            found += [
                finish(
                    boxes[index],
                    scores[index],
                    classes[index],
                    width=image.width,
                    height=image.height,
                    input_wh=self.input_wh,
                    score_threshold=score_threshold,
                    iou_threshold=iou_threshold,
                    max_detections=max_detections,
                )
                for index, image in enumerate(batch)
            ]
        return found


def _as_rgb(image: Picture) -> Image.Image:
    if isinstance(image, Image.Image):
        return image.convert("RGB")
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
        raise InvalidInputError("give pictures as PIL images or as uint8 arrays [height, width, 3] in RGB")
    return Image.fromarray(image)


def _batches(images: Sequence[Image.Image]) -> Iterator[Sequence[Image.Image]]:
    for first in range(0, len(images), BATCH):
        yield images[first : first + BATCH]
