"""Tiny ONNX models with the signature of SAM's exports: they segment by the colour that was clicked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

SIDE = 64
_NEAR = 0.15
"""Squared distance of colours (0 to 1) that still counts as the same."""

ENCODER = f"""
<ir_version: 8, opset_import: ["": 17]>
encoder (float[1,3,{SIDE},{SIDE}] image) => (float[1,3,{SIDE},{SIDE}] embeddings)
{{
    embeddings = Identity (image)
}}
"""

# flat: one colour a pixel; what each click's colour is; how far every pixel is from the nearest click of each kind
_BODY = f"""
    side = Constant <value = int64 {{{SIDE}}}> ()
    one = Constant <value = float {{1.0}}> ()
    far = Constant <value = float {{1000.0}}> ()
    near = Constant <value = float {{{_NEAR}}}> ()
    low = Constant <value = float {{0.0}}> ()
    high = Constant <value = float {{{SIDE - 1}.0}}> ()
    first = Constant <value = int64 {{0}}> ()
    second = Constant <value = int64 {{1}}> ()
    shape_flat = Constant <value = int64[2] {{3, -1}}> ()
    flat = Reshape (image_embeddings, shape_flat)
    shape_coords = Constant <value = int64[2] {{-1, 2}}> ()
    rows = Reshape (point_coords, shape_coords)
    clipped = Clip (rows, low, high)
    whole = Cast <to = 7> (clipped)
    xs = Gather <axis = 1> (whole, first)
    ys = Gather <axis = 1> (whole, second)
    lines = Mul (ys, side)
    places = Add (lines, xs)
    clicked = Gather <axis = 1> (flat, places)
    axis1 = Constant <value = int64[1] {{1}}> ()
    axis2 = Constant <value = int64[1] {{2}}> ()
    axis0 = Constant <value = int64[1] {{0}}> ()
    pixels = Unsqueeze (flat, axis1)
    colours = Unsqueeze (clicked, axis2)
    apart = Sub (pixels, colours)
    squared = Mul (apart, apart)
    distance = ReduceSum <keepdims = 0> (squared, axis0)
    shape_labels = Constant <value = int64[2] {{-1, 1}}> ()
    labels = Reshape (point_labels, shape_labels)
    is_object = Equal (labels, one)
    is_ground = Equal (labels, low)
    to_objects = Where (is_object, distance, far)
    to_grounds = Where (is_ground, distance, far)
    object = ReduceMin <axes = [0], keepdims = 0> (to_objects)
    ground = ReduceMin <axes = [0], keepdims = 0> (to_grounds)
    room = Sub (near, object)
    lead = Sub (ground, object)
    logits = Min (room, lead)
    shape_mask = Constant <value = int64[4] {{1, 1, {SIDE}, {SIDE}}}> ()
    square = Reshape (logits, shape_mask)
"""

DECODER = f"""
<ir_version: 8, opset_import: ["": 17]>
decoder (float[1,3,{SIDE},{SIDE}] image_embeddings, float[1,N,2] point_coords, float[1,N] point_labels,
         float[1,1,{SIDE},{SIDE}] mask_input, float[1] has_mask_input, float[2] orig_im_size)
    => (float[1,1,H,W] masks, float[1,1] iou_predictions, float[1,1,{SIDE},{SIDE}] low_res_masks)
{{
    {_BODY}
    start = Constant <value = int64[2] {{0, 0}}> ()
    axes = Constant <value = int64[2] {{2, 3}}> ()
    wanted = Cast <to = 7> (orig_im_size)
    masks = Slice (square, start, wanted, axes)
    low_res_masks = Identity (square)
    half = Constant <value = float {{0.5}}> ()
    quarter = Constant <value = float {{0.25}}> ()
    gain = Mul (has_mask_input, quarter)
    score = Add (half, gain)
    kept = ReduceMean <keepdims = 0> (mask_input)
    nothing = Mul (kept, low)
    told = Add (score, nothing)
    shape_score = Constant <value = int64[2] {{1, 1}}> ()
    iou_predictions = Reshape (told, shape_score)
}}
"""

ONE_FILE = f"""
<ir_version: 8, opset_import: ["": 17]>
model (float[1,3,{SIDE},{SIDE}] batched_images, float[1,1,N,2] batched_point_coords, float[1,1,N] batched_point_labels)
    => (float[1,1,1,{SIDE},{SIDE}] output_masks, float[1,1,1] iou_predictions)
{{
    image_embeddings = Identity (batched_images)
    point_coords = Identity (batched_point_coords)
    point_labels = Identity (batched_point_labels)
    {_BODY}
    shape_five = Constant <value = int64[5] {{1, 1, 1, {SIDE}, {SIDE}}}> ()
    output_masks = Reshape (square, shape_five)
    iou_predictions = Constant <value = float[1,1,1] {{0.9}}> ()
}}
"""

CLASSIFIER = """
<ir_version: 8, opset_import: ["": 17]>
classifier (float[1,10] features) => (float[1,10] scores) { scores = Softmax (features) }
"""


def write(text: str, path: Path) -> Path:
    """Write a model that is given as text."""
    import onnx

    model: Any = onnx.parser.parse_model(text)
    onnx.checker.check_model(model)
    path.write_bytes(model.SerializeToString())
    return path


def pair(folder: Path) -> tuple[Path, Path]:
    """Write encoder and decoder."""
    return write(ENCODER, folder / "encoder.onnx"), write(DECODER, folder / "decoder.onnx")
