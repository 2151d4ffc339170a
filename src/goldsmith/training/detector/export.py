"""Weights to ONNX: picture decoding aside, the whole detector as one graph with its own description inside."""

from __future__ import annotations

import copy
import json
import logging
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from goldsmith.core.errors import BugError
from goldsmith.training.detector.network import (
    CHANNEL_MEAN,
    CHANNEL_SPREAD,
    ConvUnit,
    Detector,
    ServedDetector,
)
from goldsmith.training.detector.serve import open_session
from goldsmith.training.detector.validation import PEAK_COUNT
from goldsmith.training.recipes import Recipe, recipe_hash

FORMAT = "goldsmith-detector-1"
OPSET = 20
LARGEST_DIFFERENCE = 1e-3
"""Most that a score may differ between torch and onnxruntime."""


def export_onnx(
    state: Mapping[str, Tensor],
    *,
    path: Path,
    class_names: Sequence[str],
    input_wh: tuple[int, int],
    recipe: Recipe,
    seed: int,
) -> float:
    """Writes the detector as one ONNX file; the same weights give the same bytes.

    Input ``pixels``: uint8 [batch, height, width, 3]. Outputs ``boxes`` float32 [batch, peaks, 4] in input pixels,
    ``scores`` float32 [batch, peaks], ``classes`` int64 [batch, peaks], best first; suppression is left to the caller.

    Args:
        state: Weights of `goldsmith.training.detector.network.Detector`.
        path: The file to write; replaced atomically.
        class_names: Names in the order of class indices.
        input_wh: Width and height of the input in pixels.
        recipe: The recipe of the run.
        seed: The seed of the run.

    Returns:
        The largest difference of a score between torch and onnxruntime on a picture of noise.

    Raises:
        BugError: If the two disagree.
    """
    detector = Detector(class_count=len(class_names), size=recipe.model_size)
    detector.load_state_dict(dict(state))
    cells = (input_wh[0] // 4) * (input_wh[1] // 4) * len(class_names)
    served = ServedDetector(detector, peak_count=min(PEAK_COUNT, cells)).eval()
    model = _traced(_without_norms(served), input_wh)
    _describe(
        model,
        {
            "format": FORMAT,
            "class_names": json.dumps(list(class_names), ensure_ascii=True),
            "input_wh": json.dumps(list(input_wh)),
            "input": "uint8 RGB, letterboxed to the top left corner, grey 114",
            "normalisation": f"inside the graph: (pixel / 255 - {CHANNEL_MEAN}) / {CHANNEL_SPREAD}",
            "model_size": recipe.model_size,
            "recipe_hash": recipe_hash(recipe),
            "seed": str(seed),
        },
    )
    content = model.SerializeToString(deterministic=True)
    difference = largest_difference(served, content, input_wh=input_wh)
    if difference > LARGEST_DIFFERENCE:
        raise BugError(f"the exported detector differs from the trained one by {difference:.2g} in a score")
    beside = path.with_suffix(".part")
    beside.write_bytes(content)
    beside.replace(path)
    return difference


def _without_norms(served: ServedDetector) -> ServedDetector:
    """The same function with every batch norm folded into the convolution before it."""
    folded = copy.deepcopy(served).requires_grad_(False)
    for module in folded.modules():
        if isinstance(module, ConvUnit) and isinstance(module.norm, nn.BatchNorm2d):
            module.conv = fuse_conv_bn_eval(module.conv, module.norm)
            module.norm = nn.Identity()
    return folded


def _traced(served: ServedDetector, input_wh: tuple[int, int]) -> Any:
    example = torch.zeros((2, input_wh[1], input_wh[0], 3), dtype=torch.uint8)
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            program = torch.onnx.export(
                served,
                (example,),
                dynamo=True,
                input_names=["pixels"],
                output_names=["boxes", "scores", "classes"],
                dynamic_shapes={"pixels": {0: torch.export.Dim("batch", min=1, max=4096)}},
                opset_version=OPSET,
                verbose=False,
            )
    finally:
        logger.setLevel(level)
    if program is None:
        raise BugError("torch exported no ONNX program")
    return program.model_proto


def _describe(model: Any, metadata: Mapping[str, str]) -> None:
    """Puts in what a server needs to know and takes out what the exporter knows of this machine."""
    model.doc_string = ""
    model.graph.doc_string = ""
    del model.metadata_props[:]
    for part in (
        *model.graph.node,
        *model.graph.value_info,
        *model.graph.input,
        *model.graph.output,
        model.graph,
    ):
        del part.metadata_props[:]
        part.doc_string = ""
    for weight in model.graph.initializer:
        del weight.metadata_props[:]
    onnx.helper.set_model_props(model, dict(metadata))


def largest_difference(served: ServedDetector, content: bytes, *, input_wh: tuple[int, int]) -> float:
    """Largest absolute difference of the ranked scores between torch and onnxruntime on a picture of noise."""
    pixels = np.random.default_rng(0).integers(0, 256, (1, input_wh[1], input_wh[0], 3), dtype=np.uint8)
    (scores,) = open_session(content, threads=1).run(["scores"], {"pixels": pixels})
    with torch.inference_mode():
        expected = served(torch.from_numpy(pixels))[1].numpy()
    return float(np.abs(scores - expected).max())
