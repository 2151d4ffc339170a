"""A click-segmentation model at work: onnxruntime, NumPy and Pillow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from goldsmith.core.errors import InvalidInputError
from goldsmith.core.geometry.masks import Mask
from goldsmith.core.geometry.raster import mask_of_pixels
from goldsmith.training.suggesting.signature import (
    DEFAULT_SIDE_PX,
    Pixels,
    Port,
    ports_of,
    read_clicks,
    read_picture_input,
)

SAM_MEAN: Final = (123.675, 116.28, 103.53)
SAM_SPREAD: Final = (58.395, 57.12, 57.375)
_OBJECT, _GROUND, _TOP_LEFT, _BOTTOM_RIGHT, _NOTHING = 1.0, 0.0, 2.0, 3.0, -1.0
_LOW_RES_SIDE: Final = 256
_STRIDE_PX: Final = 16
"""What sides of a picture of free size are multiples of."""

Array = NDArray[Any]


class Click(NamedTuple):
    """A place in pixels of the picture, and whether it is the object's."""

    x: float
    y: float
    is_object: bool


class Prompt(NamedTuple):
    """What a person said of an object: clicks in their order, and a box around it if one was drawn."""

    clicks: tuple[Click, ...]
    box_xyxy: tuple[float, float, float, float] | None = None


class Embedding(NamedTuple):
    """What the encoder made of a picture.

    Attributes:
        arrays: By the decoder's input; of a single file, the picture as it goes in.
        scale: Pixels of the input to one of the picture.
        placed_wh: Part of the input that the picture covers, from the top left corner on.
        canvas_wh: The whole input.
        picture_wh: Size of the picture.
    """

    arrays: Mapping[str, Array]
    scale: float
    placed_wh: tuple[int, int]
    canvas_wh: tuple[int, int]
    picture_wh: tuple[int, int]

    @property
    def size_bytes(self) -> int:
        """Memory that it takes."""
        return sum(array.nbytes for array in self.arrays.values())


class Segmented(NamedTuple):
    """What the decoder made of clicks.

    Attributes:
        mask: None where it found no pixel.
        score: How good the model thinks it is, in [0, 1]; None where it does not say.
        low_res: To be given to the next click; None where the model takes no mask.
    """

    mask: Mask | None
    score: float | None
    low_res: Array | None


class Segmenter:
    """A model of one or two ONNX files.

    Args:
        encoder: The file that looks at the picture; the only one, where one file does both.
        decoder: The file that answers clicks.
        pixels: How pixels are put in; ``auto`` follows from the input.
        threads: CPU threads of each session.

    Raises:
        MissingExtraError: onnxruntime is not installed.
        InvalidInputError: The files are no such model; it says what is missing.
    """

    def __init__(
        self, encoder: Path, decoder: Path | None, *, pixels: Pixels = "auto", threads: int = 1
    ) -> None:
        # imported here, because only a server that is asked pays for onnxruntime
        from goldsmith.training.detector.serve import open_session

        self._encoder = open_session(encoder, threads=threads)
        self._decoder = None if decoder is None else open_session(decoder, threads=threads)
        inputs, outputs = (
            ports_of(self._encoder.get_inputs()),
            ports_of(self._encoder.get_outputs()),
        )
        if self._decoder is None:
            self.picture = read_picture_input(inputs, pixels=pixels, what="the model")
            self.clicks = read_clicks(inputs, outputs, encoder_outputs=None, what="the model")
        else:
            if len(inputs) != 1:
                raise InvalidInputError("the encoder must take the picture alone; were the files exchanged?")
            self.picture = read_picture_input(inputs, pixels=pixels, what="the encoder")
            self.clicks = read_clicks(
                ports_of(self._decoder.get_inputs()),
                ports_of(self._decoder.get_outputs()),
                encoder_outputs=outputs,
                what="the decoder",
            )

    def embed(self, image: Image.Image) -> Embedding:
        """Look at a picture once, for any number of clicks.

        Args:
            image: Upright, RGB.
        """
        placed, canvas, scale = self._fit(image)
        array = self._as_input(image, placed_wh=placed, canvas_wh=canvas)
        if self._decoder is None:
            return Embedding({self.picture.port.name: array}, scale, placed, canvas, image.size)
        names = list(self.clicks.embeddings.values())
        made = self._encoder.run(names, {self.picture.port.name: array})
        arrays = dict(zip(self.clicks.embeddings, made, strict=True))
        return Embedding(arrays, scale, placed, canvas, image.size)

    def segment(self, embedding: Embedding, prompt: Prompt, *, low_res: Array | None = None) -> Segmented:
        """Answer clicks.

        Args:
            embedding: Of the picture.
            prompt: At least one click on the object, or a box.
            low_res: What the answer before this click came with; it makes the next one steadier.
        """
        session = self._decoder or self._encoder
        feeds = {**embedding.arrays, **self._prompt_inputs(embedding, prompt, low_res)}
        clicks = self.clicks
        wanted = [name for name in (clicks.masks, clicks.scores, clicks.low_res) if name is not None]
        made = dict(zip(wanted, session.run(wanted, feeds), strict=True))
        masks = np.asarray(made[clicks.masks], dtype=np.float32)
        masks = masks.reshape(-1, *masks.shape[-2:])
        scores = None
        best = 0
        if clicks.scores is not None:
            scores = np.asarray(made[clicks.scores], dtype=np.float64).reshape(-1)[: len(masks)]
            best = int(scores.argmax()) if scores.size else 0
        low = None if clicks.low_res is None else _chosen(made[clicks.low_res], best)
        score = None if scores is None or not scores.size else float(np.clip(scores[best], 0.0, 1.0))
        return Segmented(self._mask_of(masks[best], embedding), score, low)

    def _fit(self, image: Image.Image) -> tuple[tuple[int, int], tuple[int, int], float]:
        """Return the part that the picture covers, the whole input (both width, height), and the scale."""
        width, height = image.size
        if self.picture.width is not None and self.picture.height is not None:
            canvas = (self.picture.width, self.picture.height)
            scale = min(canvas[0] / width, canvas[1] / height)
        elif self._decoder is not None:
            canvas = (DEFAULT_SIDE_PX, DEFAULT_SIDE_PX)
            scale = DEFAULT_SIDE_PX / max(width, height)
        else:  # a single file of free size takes pictures as they are, up to a size
            scale = min(1.0, DEFAULT_SIDE_PX / max(width, height))
            canvas = (_rounded_up(width * scale), _rounded_up(height * scale))
        placed = (
            max(1, min(canvas[0], round(width * scale))),
            max(1, min(canvas[1], round(height * scale))),
        )
        return placed, canvas, scale

    def _as_input(
        self, image: Image.Image, *, placed_wh: tuple[int, int], canvas_wh: tuple[int, int]
    ) -> Array:
        resized = image if image.size == placed_wh else image.resize(placed_wh, Image.Resampling.BILINEAR)
        pixels: Array = np.asarray(resized.convert("RGB"), dtype=np.float32)
        if self.picture.pixels == "sam":
            pixels = (pixels - np.array(SAM_MEAN, dtype=np.float32)) / np.array(SAM_SPREAD, dtype=np.float32)
        elif self.picture.pixels == "unit":
            pixels = pixels / np.float32(255.0)
        whole = pixels
        if self.picture.layout != "hwc" or self.picture.width is not None:
            whole = np.zeros((canvas_wh[1], canvas_wh[0], 3), dtype=np.float32)
            whole[: placed_wh[1], : placed_wh[0]] = pixels
        # else it pads by itself, after it has taken the mean off
        canvas: Array = whole
        if self.picture.layout == "nchw":
            canvas = whole.transpose(2, 0, 1)[None]
        elif self.picture.layout == "nhwc":
            canvas = whole[None]
        return np.ascontiguousarray(canvas, dtype=self.picture.port.dtype)

    def _prompt_inputs(self, embedding: Embedding, prompt: Prompt, low_res: Array | None) -> dict[str, Array]:
        clicks = self.clicks
        rows = [
            (click.x * embedding.scale, click.y * embedding.scale, _OBJECT if click.is_object else _GROUND)
            for click in prompt.clicks
        ]
        if prompt.box_xyxy is not None:
            left, top, right, bottom = (side * embedding.scale for side in prompt.box_xyxy)
            rows += [(left, top, _TOP_LEFT), (right, bottom, _BOTTOM_RIGHT)]
        else:
            rows.append((0.0, 0.0, _NOTHING))  # as the exports of SAM ask
        points = np.array(_of_length(rows, clicks.coords), dtype=np.float64)
        feeds = {
            clicks.coords.name: _shaped(points[:, :2], clicks.coords, dimensions=2),
            clicks.labels.name: _shaped(points[:, 2], clicks.labels, dimensions=1),
        }
        if clicks.mask_input is not None:
            given = low_res if low_res is not None else np.zeros(_mask_shape(clicks.mask_input))
            feeds[clicks.mask_input.name] = np.asarray(given, dtype=clicks.mask_input.dtype)
        if clicks.has_mask_input is not None:
            has_mask = np.array([float(low_res is not None)])
            feeds[clicks.has_mask_input.name] = has_mask.astype(clicks.has_mask_input.dtype)
        if clicks.size is not None:
            wanted = np.array(self._asked_size(embedding))
            feeds[clicks.size.name] = wanted.astype(clicks.size.dtype)
        return feeds

    def _asked_size(self, embedding: Embedding) -> tuple[int, int]:
        """Return the height and width that masks are asked in: small, whatever the size of the picture."""
        is_square = embedding.canvas_wh[0] == embedding.canvas_wh[1]
        width, height = embedding.placed_wh if is_square else embedding.canvas_wh
        return height, width

    def _mask_of(self, logits: Array, embedding: Embedding) -> Mask | None:
        """Return the pixels of the picture whose logit is above 0; the border is drawn between the model's pixels."""
        covered = embedding.canvas_wh
        if self.clicks.size is not None:
            height, width = self._asked_size(embedding)
            covered = (width, height)
        rows, columns = logits.shape
        used = logits[
            : max(1, round(rows * min(1.0, embedding.placed_wh[1] / covered[1]))),
            : max(1, round(columns * min(1.0, embedding.placed_wh[0] / covered[0]))),
        ]
        inside_rows, inside_columns = np.flatnonzero((used > 0).any(1)), np.flatnonzero((used > 0).any(0))
        if not inside_rows.size:
            return None
        kx, ky = embedding.picture_wh[0] / used.shape[1], embedding.picture_wh[1] / used.shape[0]
        # whole pixels of the picture around what is inside, with one of the model's to each side
        left = max(0, int(np.floor((inside_columns[0] - 1) * kx)))
        top = max(0, int(np.floor((inside_rows[0] - 1) * ky)))
        right = min(embedding.picture_wh[0], int(np.ceil((inside_columns[-1] + 2) * kx)))
        bottom = min(embedding.picture_wh[1], int(np.ceil((inside_rows[-1] + 2) * ky)))
        fine = Image.fromarray(np.ascontiguousarray(used, dtype=np.float32)).resize(
            (right - left, bottom - top),
            Image.Resampling.BILINEAR,
            box=(left / kx, top / ky, min(used.shape[1], right / kx), min(used.shape[0], bottom / ky)),
        )
        return mask_of_pixels(np.asarray(fine) > 0, origin_xy=(left, top))


def _chosen(low_res: Array, best: int) -> Array:
    """Return the mask that was chosen, in the shape in which the next call takes it."""
    found = np.asarray(low_res)
    flat = found.reshape(-1, *found.shape[-2:])
    chosen: Array = flat[min(best, len(flat) - 1)][None, None]
    return chosen


def _rounded_up(side_px: float) -> int:
    return max(1, -(-round(side_px) // _STRIDE_PX)) * _STRIDE_PX


def _mask_shape(port: Port) -> tuple[int, ...]:
    sides = [side or 1 for side in port.shape]
    if len(sides) >= 2:
        sides[-2:] = [port.shape[-2] or _LOW_RES_SIDE, port.shape[-1] or _LOW_RES_SIDE]
    return tuple(sides)


def _of_length(rows: Sequence[tuple[float, float, float]], port: Port) -> list[tuple[float, float, float]]:
    """Fill up to the number of points that a model is fixed to; of more, the last ones count."""
    wanted = port.shape[-2] if len(port.shape) >= 2 else None
    if wanted is None:
        return list(rows)
    return [*rows, *[(0.0, 0.0, _NOTHING)] * (wanted - len(rows))][-wanted:]


def _shaped(values: Array, port: Port, *, dimensions: int) -> Array:
    """Put as many leading ones into the shape as the input has."""
    extra = len(port.shape) - dimensions
    return np.ascontiguousarray(values.reshape((1,) * max(0, extra) + values.shape), dtype=port.dtype)
