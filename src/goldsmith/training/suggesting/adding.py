"""Bringing a click-segmentation model in: checked by its files, then by a first picture, then kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from PIL import Image

from goldsmith.core.errors import InvalidInputError, TooLargeError
from goldsmith.training.suggesting.onnx_file import check_facts, read_facts
from goldsmith.training.suggesting.segmenter import Click, Prompt, Segmenter
from goldsmith.training.suggesting.signature import Pixels

MAX_ENCODER_BYTES: Final = 1536 * 1024**2
"""Cap on the file that looks at pictures; SAM with its largest backbone has 1.2 GiB in half precision."""
MAX_DECODER_BYTES: Final = 256 * 1024**2
_TRIAL_WH: Final = (96, 64)


class SegmenterFiles(NamedTuple):
    """The files of a model on disk; without a decoder the encoder does both."""

    encoder: Path
    decoder: Path | None
    pixels: Pixels


def check_segmenter(files: SegmenterFiles) -> dict[str, Any]:
    """Check the files and run them once on a small picture.

    Returns:
        Facts for the model's card.

    Raises:
        InvalidInputError: They are no model that can be used; it says what is missing.
        TooLargeError: A file is over its cap.
        MissingExtraError: onnxruntime is not installed.
    """
    card: dict[str, Any] = {"pixels": files.pixels}
    parts: list[tuple[str, Path, int]] = [("the encoder", files.encoder, MAX_ENCODER_BYTES)]
    if files.decoder is not None:
        parts.append(("the decoder", files.decoder, MAX_DECODER_BYTES))
    for what, path, most in parts:
        size_bytes = path.stat().st_size
        if size_bytes > most:
            raise TooLargeError(f"{what} has {size_bytes} bytes; at most {most} are taken")
        if size_bytes == 0:
            raise InvalidInputError(f"{what} is empty; send the .onnx file itself")
        facts = read_facts(path)
        check_facts(facts, what=what)
        card[f"opset of {what.removeprefix('the ')}"] = max(facts.opsets.values())
    segmenter = Segmenter(files.encoder, files.decoder, pixels=files.pixels)
    _try(segmenter)
    card["input"] = list(segmenter.picture.port.shape)
    card["mends masks"] = segmenter.clicks.low_res is not None
    return card


def _try(segmenter: Segmenter) -> None:
    """Run it on noise: what fails here would fail at the first click."""
    pixels = np.random.default_rng(0).integers(0, 256, (_TRIAL_WH[1], _TRIAL_WH[0], 3), dtype=np.uint8)
    try:
        embedding = segmenter.embed(Image.fromarray(pixels))
        first = segmenter.segment(embedding, Prompt((Click(40.0, 30.0, True),)))
        more = Prompt((Click(40.0, 30.0, True), Click(4.0, 4.0, False)), (8.0, 8.0, 80.0, 50.0))
        segmenter.segment(embedding, more, low_res=first.low_res)
    except InvalidInputError:
        raise
    except Exception as error:
        raise InvalidInputError(f"the model fails on a first picture: {_first_line(error)}") from error


def _first_line(error: BaseException) -> str:
    text = str(error).strip().splitlines()
    return text[0][:300] if text else type(error).__name__
