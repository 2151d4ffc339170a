"""Which inputs and outputs of a click-segmentation model are what: the signature that exports of SAM share.

A pair is an encoder (picture to embeddings) and a decoder (embeddings and clicks to masks); one file may do both, as
EfficientSAM does. Names decide; shapes tell the layout.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Literal, NamedTuple, get_args

from goldsmith.core.errors import FieldFault, InvalidInputError

Pixels = Literal["auto", "sam", "unit", "raw"]
"""How pixels are put in: less mean by spread as SAM was trained, from 0 to 1, or from 0 to 255."""

COORDS: Final = ("point_coords", "batched_point_coords", "coords", "points")
LABELS: Final = ("point_labels", "batched_point_labels", "labels")
MASK_INPUT: Final = ("mask_input",)
HAS_MASK_INPUT: Final = ("has_mask_input",)
SIZE: Final = ("orig_im_size", "original_size", "orig_size")
MASKS: Final = ("masks", "output_masks", "pred_masks")
SCORES: Final = ("iou_predictions", "iou_scores", "iou_preds", "scores")
LOW_RES: Final = ("low_res_masks", "low_res_logits")
DEFAULT_SIDE_PX: Final = 1024
_COLOURS: Final = 3
_DTYPES: Final = {
    "tensor(float)": "float32",
    "tensor(float16)": "float16",
    "tensor(double)": "float64",
    "tensor(uint8)": "uint8",
    "tensor(int32)": "int32",
    "tensor(int64)": "int64",
}
_FLOATS: Final = frozenset({"float32", "float16", "float64"})


def pixels_named(name: str) -> Pixels:
    """Return how pixels are put in, by its name.

    Raises:
        InvalidInputError: There is no such way.
    """
    for known in get_args(Pixels):
        if name == known:
            found: Pixels = known
            return found
    raise InvalidInputError(f"pixels is one of {', '.join(get_args(Pixels))}")


class Port(NamedTuple):
    """An input or output; a side of the shape that is not fixed is None."""

    name: str
    dtype: str
    shape: tuple[int | None, ...]


class PictureInput(NamedTuple):
    """Where the picture goes in.

    Attributes:
        layout: Order of the axes.
        height: Of the input, in pixels; None takes any. Likewise ``width``.
        pixels: How pixels are put in.
    """

    port: Port
    layout: Literal["nchw", "nhwc", "hwc"]
    height: int | None
    width: int | None
    pixels: Literal["sam", "unit", "raw"]


class Clicks(NamedTuple):
    """Where clicks go in and masks come out.

    Attributes:
        embeddings: Input of the decoder by output of the encoder that it takes; empty in a single file.
        mask_input: Where the last mask goes in, for the next click to mend it; None where it cannot.
        size: Where the wanted size of masks goes in; None where they come as they are.
        scores: How good the model thinks each mask is; None where it does not say.
    """

    embeddings: dict[str, str]
    coords: Port
    labels: Port
    mask_input: Port | None
    has_mask_input: Port | None
    size: Port | None
    masks: str
    scores: str | None
    low_res: str | None


def ports_of(arguments: Sequence[Any]) -> list[Port]:
    """Return onnxruntime's inputs or outputs as ports; a type that is not handled stays as it is called."""
    return [
        Port(
            argument.name,
            _DTYPES.get(argument.type, argument.type),
            tuple(side if isinstance(side, int) and side > 0 else None for side in argument.shape),
        )
        for argument in arguments
    ]


def read_picture_input(inputs: Sequence[Port], *, pixels: Pixels, what: str) -> PictureInput:
    """Find where the picture goes in.

    Raises:
        InvalidInputError: There is no such input, or more than one.
    """
    found = [port for port in inputs if _is_picture(port)]
    if len(found) != 1:
        raise InvalidInputError(
            f"{what} must have one input for the picture, such as [1, 3, 1024, 1024]; {_shown(inputs)}"
        )
    port = found[0]
    shape = port.shape
    if len(shape) == 3:
        layout: Literal["nchw", "nhwc", "hwc"] = "hwc"
        height, width = shape[0], shape[1]
    elif shape[1] == _COLOURS:
        layout = "nchw"
        height, width = shape[2], shape[3]
    else:
        layout = "nhwc"
        height, width = shape[1], shape[2]
    return PictureInput(port, layout, height, width, _pixels_of(port, layout, pixels))


def read_clicks(
    inputs: Sequence[Port], outputs: Sequence[Port], *, encoder_outputs: Sequence[Port] | None, what: str
) -> Clicks:
    """Find where clicks go in and masks come out.

    Args:
        inputs: Of the decoder, or of the single file.
        outputs: Likewise.
        encoder_outputs: Of the encoder; None for a single file.
        what: What messages call it.

    Raises:
        InvalidInputError: Something is missing, or there is an input that nobody can fill; each is listed.
    """
    faults: list[FieldFault] = []
    coords, labels = _named(inputs, COORDS), _named(inputs, LABELS)
    for port, names in ((coords, COORDS), (labels, LABELS)):
        if port is None:
            faults.append(FieldFault("inputs", f"there is no {names[0]}; {_shown(inputs)}"))
    masks = _named(outputs, MASKS)
    if masks is None:
        faults.append(FieldFault("outputs", f"there is no {MASKS[0]}; {_shown(outputs)}"))
    mask_input, has_mask_input = _named(inputs, MASK_INPUT), _named(inputs, HAS_MASK_INPUT)
    size = _named(inputs, SIZE)
    known = {port.name for port in (coords, labels, mask_input, has_mask_input, size) if port is not None}
    rest = [port for port in inputs if port.name not in known]
    if encoder_outputs is None:
        rest = [port for port in rest if not _is_picture(port)]
    embeddings, unfilled = _embeddings_of(rest, encoder_outputs or [])
    faults += [FieldFault("inputs", f"nothing fills {name}") for name in unfilled]
    if encoder_outputs is not None and not embeddings and not unfilled:
        faults.append(FieldFault("inputs", "it takes nothing of what the encoder gives"))
    if faults or coords is None or labels is None or masks is None:
        raise InvalidInputError(
            f"{what} is not a click-segmentation model that is known here: it needs point_coords and point_labels "
            "beside the picture's embeddings, and gives masks, as exports of SAM do",
            faults=faults,
        )
    low_res = _named(outputs, LOW_RES)
    mends = mask_input is not None and has_mask_input is not None and low_res is not None
    scores = _named(outputs, SCORES)
    return Clicks(
        embeddings,
        coords,
        labels,
        mask_input,
        has_mask_input,
        size,
        masks.name,
        None if scores is None else scores.name,
        low_res.name if mends and low_res is not None else None,
    )


def _embeddings_of(wanted: Sequence[Port], given: Sequence[Port]) -> tuple[dict[str, str], list[str]]:
    """Match by name; a single one that is left on each side belongs together whatever its name."""
    names = {port.name for port in given}
    matched = {port.name: port.name for port in wanted if port.name in names}
    left = [port.name for port in wanted if port.name not in matched]
    free = [port for port in given if port.name not in matched.values()]
    if len(left) == 1 and (len(free) == 1 or (free and not matched)):
        likely = [port for port in free if len(port.shape) == 4] or free
        return {**matched, left[0]: likely[0].name}, []
    return matched, left


def _is_picture(port: Port) -> bool:
    shape = port.shape
    if port.dtype not in _FLOATS | {"uint8"}:
        return False
    if len(shape) == 3:
        return shape[2] == _COLOURS
    return len(shape) == 4 and (shape[1] == _COLOURS or shape[3] == _COLOURS)


def _pixels_of(port: Port, layout: str, pixels: Pixels) -> Literal["sam", "unit", "raw"]:
    if pixels != "auto":
        return pixels
    if port.dtype == "uint8" or layout == "hwc":
        return "raw"  # such exports normalise inside the graph
    return "unit" if port.name.startswith("batched_") else "sam"


def _named(ports: Sequence[Port], names: Sequence[str]) -> Port | None:
    return next((port for name in names for port in ports if port.name == name), None)


def _shown(ports: Sequence[Port]) -> str:
    shown = ", ".join(
        f"{port.name} [{', '.join('?' if side is None else str(side) for side in port.shape)}]"
        for port in ports
    )
    return f"it has {shown or 'none'}"
