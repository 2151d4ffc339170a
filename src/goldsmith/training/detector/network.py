"""The network: a small residual backbone, a top-down neck to stride 4, one heat map a class and one box a cell."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final, NamedTuple

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor, nn

from goldsmith.training.detector.targets import GRID_STRIDE_PX
from goldsmith.training.recipes import ModelSize

CHANNEL_MEAN = 0.45
CHANNEL_SPREAD = 0.25
"""The network sees ``(rgb / 255 - CHANNEL_MEAN) / CHANNEL_SPREAD``."""


class Widths(NamedTuple):
    """Channels of the stages at strides 2 to 32, of neck and head; residual blocks of the last four stages."""

    stages: tuple[int, int, int, int, int]
    neck: int
    head: int
    blocks: tuple[int, int, int, int]


WIDTHS: Final = MappingProxyType[ModelSize, Widths](
    {
        "small": Widths(stages=(16, 24, 48, 80, 112), neck=32, head=48, blocks=(1, 1, 1, 1)),
        "base": Widths(stages=(16, 32, 64, 128, 160), neck=48, head=64, blocks=(1, 1, 2, 1)),
        "large": Widths(stages=(32, 64, 128, 192, 256), neck=96, head=96, blocks=(1, 2, 2, 2)),
    }
)


class ConvUnit(nn.Module):
    """Convolution, batch norm, ReLU."""

    def __init__(
        self, inputs: int, outputs: int, *, kernel: int = 3, stride: int = 1, activate: bool = True
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False)
        self.norm: nn.Module = nn.BatchNorm2d(outputs)
        self.activate = activate

    def forward(self, x: Tensor) -> Tensor:
        """Features [batch, outputs, rows, columns]."""
        x = self.norm(self.conv(x))
        return F.relu(x, inplace=True) if self.activate else x


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions and a way around them."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = ConvUnit(channels, channels)
        self.second = ConvUnit(channels, channels, activate=False)

    def forward(self, x: Tensor) -> Tensor:
        """Features of the same shape."""
        return F.relu(x + self.second(self.first(x)), inplace=True)


def _stage(inputs: int, outputs: int, blocks: int) -> nn.Sequential:
    return nn.Sequential(
        ConvUnit(inputs, outputs, stride=2), *(ResidualBlock(outputs) for _ in range(blocks))
    )


class Detector(nn.Module):
    """Picture to raw output.

    Args:
        class_count: Number of classes.
        size: Width of the network.
    """

    def __init__(self, *, class_count: int, size: ModelSize) -> None:
        super().__init__()
        widths = WIDTHS[size]
        stem, *stages = widths.stages
        self.class_count = class_count
        self.stem = ConvUnit(3, stem, stride=2)
        inputs = (stem, *stages[:-1])
        self.stages = nn.ModuleList(
            _stage(i, o, b) for i, o, b in zip(inputs, stages, widths.blocks, strict=True)
        )
        self.lateral = nn.ModuleList(
            ConvUnit(channels, widths.neck, kernel=1, activate=False) for channels in stages
        )
        self.smooth = nn.ModuleList(ConvUnit(widths.neck, widths.neck) for _ in stages[:-1])
        self.head_heat = ConvUnit(widths.neck, widths.head)
        self.head_box = ConvUnit(widths.neck, widths.head)
        self.heat = nn.Conv2d(widths.head, class_count, 1)
        self.box = nn.Conv2d(widths.head, 4, 1)
        self._initialise()

    def _initialise(self) -> None:
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
            if isinstance(module, ResidualBlock):
                nn.init.zeros_(module.second.norm.weight)  # type: ignore[arg-type]
        for output in (self.heat, self.box):
            nn.init.normal_(output.weight, std=0.01)
        nn.init.constant_(self.heat.bias, -4.0)  # type: ignore[arg-type]
        nn.init.constant_(self.box.bias, 0.0)  # type: ignore[arg-type]

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Heat logits [batch, classes, rows, columns] and raw boxes [batch, 4, rows, columns].

        Args:
            x: Float pictures [batch, 3, height, width], see `normalise`.
        """
        x = self.stem(x)
        levels = []
        for stage in self.stages:
            x = stage(x)
            levels.append(x)
        merged = self.lateral[-1](levels[-1])
        for index in range(len(levels) - 2, -1, -1):
            merged = self.lateral[index](levels[index]) + F.interpolate(
                merged, scale_factor=2.0, mode="nearest"
            )
            merged = self.smooth[index](merged)
        return self.heat(self.head_heat(merged)), self.box(self.head_box(merged))


def normalise(pixels: Tensor) -> Tensor:
    """Uint8 pictures [batch, height, width, 3] as float32 [batch, 3, height, width], channels last in memory."""
    return (
        pixels.permute(0, 3, 1, 2).float() * (1.0 / (255.0 * CHANNEL_SPREAD)) - CHANNEL_MEAN / CHANNEL_SPREAD
    )


def decode_boxes(raw: Tensor) -> Tensor:
    """Boxes [batch, rows, columns, 4] as x0, y0, x1, y1 in input pixels from the raw output [batch, 4, rows, columns].

    A cell says width and height as exponentials of a logarithm, and the way from its middle to the object's middle in
    units of that width and height, so that the same number means the same error for near and far objects.
    """
    rows, columns = raw.shape[-2:]
    x = (torch.arange(columns, device=raw.device, dtype=raw.dtype) + 0.5) * GRID_STRIDE_PX
    y = (torch.arange(rows, device=raw.device, dtype=raw.dtype) + 0.5) * GRID_STRIDE_PX
    wide = torch.exp(raw[:, 2].clamp(-3.0, 5.5)) * (2 * GRID_STRIDE_PX)
    high = torch.exp(raw[:, 3].clamp(-3.0, 5.5)) * (2 * GRID_STRIDE_PX)
    middle_x = x[None, None, :] + raw[:, 0] * wide
    middle_y = y[None, :, None] + raw[:, 1] * high
    return torch.stack(
        [middle_x - wide / 2, middle_y - high / 2, middle_x + wide / 2, middle_y + high / 2], dim=-1
    )


class ServedDetector(nn.Module):
    """The graph that is exported: 8-bit pictures in, the strongest peaks out.

    Args:
        detector: The network.
        peak_count: Peaks kept a picture.
    """

    def __init__(self, detector: Detector, *, peak_count: int) -> None:
        super().__init__()
        self.detector = detector
        self.peak_count = peak_count

    def forward(self, pixels: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Boxes [batch, peaks, 4] in input pixels, scores [batch, peaks] falling, class index int64 [batch, peaks].

        Args:
            pixels: Uint8 [batch, height, width, 3], RGB, letterboxed.
        """
        heat, raw = self.detector(normalise(pixels))
        score = torch.sigmoid(heat)
        score = torch.where(
            score >= F.max_pool2d(score, 3, stride=1, padding=1), score, torch.zeros_like(score)
        )
        cells = score.shape[-2] * score.shape[-1]
        top, place = torch.topk(score.flatten(1), self.peak_count, dim=1)
        boxes = decode_boxes(raw).flatten(1, 2)
        cell = place % cells
        chosen = torch.gather(boxes, 1, cell.unsqueeze(-1).expand(-1, -1, 4))
        return chosen, top, torch.div(place, cells, rounding_mode="floor")
