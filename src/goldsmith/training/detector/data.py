"""Training samples and the picture cache in front of them."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps

from goldsmith.core.errors import CorruptMediaError, InvalidInputError

Float32 = npt.NDArray[np.float32]
Int64 = npt.NDArray[np.int64]
Float64 = npt.NDArray[np.float64]
UInt8 = npt.NDArray[np.uint8]

CACHE_BYTES = 1 << 30
"""Decoded pictures kept in memory; beyond it a picture is decoded each time it is drawn."""


@dataclass(frozen=True, slots=True, eq=False)
class TrainingSample:
    """One labelled picture.

    Attributes:
        image: The encoded file (JPEG, PNG, ...), or a callable that returns it.
        width: Width of the upright picture in pixels.
        height: Height of the upright picture in pixels.
        boxes_xyxy: Float32 [n, 4], absolute pixels of the upright picture.
        class_index: Int64 [n], index into the run's class names.
        weight: Float32 [n], 0 to 1: probability that the label is right, used as loss weight. A box of weight 0 is
            an *ignore region*: neither its object nor the background inside it is learnt.
        name: What messages call the picture.
    """

    image: bytes | Callable[[], bytes]
    width: int
    height: int
    boxes_xyxy: Float32
    class_index: Int64
    weight: Float32
    name: str = ""

    def __post_init__(self) -> None:
        count = len(self.boxes_xyxy)
        if (
            self.boxes_xyxy.shape != (count, 4)
            or self.class_index.shape != (count,)
            or self.weight.shape != (count,)
        ):
            raise InvalidInputError(
                f"{self.name or 'a sample'}: boxes_xyxy, class_index and weight differ in length"
            )
        if self.width < 1 or self.height < 1:
            raise InvalidInputError(f"{self.name or 'a sample'}: width and height must be at least 1 pixel")

    def read(self) -> bytes:
        """The encoded file."""
        return self.image if isinstance(self.image, bytes) else self.image()


def decode_rgb(encoded: bytes, *, name: str = "") -> Image.Image:
    """Decodes a file to an upright RGB picture.

    Raises:
        CorruptMediaError: If it cannot be decoded.
    """
    try:
        with Image.open(io.BytesIO(encoded)) as image:
            return ImageOps.exif_transpose(image).convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise CorruptMediaError(f"{name or 'a picture'} cannot be decoded: {error}; leave it out") from error


@dataclass(slots=True)
class ImageCache:
    """Decoded pictures by sample index, scaled down so that the longer side is at most `longest_px`.

    Attributes:
        samples: The samples; indices refer to it.
        longest_px: Cap on the longer side of what is kept, in pixels.
        capacity_bytes: Cap on the memory used.
    """

    samples: Sequence[TrainingSample]
    longest_px: int
    capacity_bytes: int = CACHE_BYTES
    _kept: dict[int, Image.Image] = field(default_factory=dict)
    _used_bytes: int = 0

    def get(self, index: int) -> Image.Image:
        """The RGB picture of a sample; its size may be smaller than the sample's width and height say.

        Raises:
            CorruptMediaError: If it cannot be decoded, or its proportions differ from the sample's.
        """
        kept = self._kept.get(index)
        if kept is not None:
            return kept
        sample = self.samples[index]
        image = decode_rgb(sample.read(), name=sample.name)
        if image.size != (sample.width, sample.height):
            raise CorruptMediaError(
                f"{sample.name or 'a picture'} is {image.width}x{image.height} but was announced as "
                f"{sample.width}x{sample.height}; import it again"
            )
        image.thumbnail((self.longest_px, self.longest_px), Image.Resampling.BILINEAR)
        size_bytes = image.width * image.height * 3
        if self._used_bytes + size_bytes <= self.capacity_bytes:
            self._kept[index] = image
            self._used_bytes += size_bytes
        return image


def fingerprint(samples: Sequence[TrainingSample], *, class_names: Sequence[str]) -> str:
    """SHA-256 (hex) of names, sizes, boxes, classes and weights, by which a resumed run knows its data again."""
    digest = hashlib.sha256("\x00".join(class_names).encode())
    for sample in samples:
        digest.update(
            f"\x01{sample.name}\x00{sample.width}\x00{sample.height}\x00{len(sample.boxes_xyxy)}\x00".encode()
        )
        digest.update(np.ascontiguousarray(sample.boxes_xyxy, dtype="<f4").tobytes())
        digest.update(np.ascontiguousarray(sample.class_index, dtype="<i8").tobytes())
        digest.update(np.ascontiguousarray(sample.weight, dtype="<f4").tobytes())
    return digest.hexdigest()
