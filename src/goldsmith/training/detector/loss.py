"""The two losses: penalty-reduced focal loss on the heat maps, generalised IoU on the boxes."""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from goldsmith.training.detector.network import decode_boxes

BOX_SHARE = 5.0
"""Weight of the box loss against the heat loss (TTFNet)."""


class TargetTensors(NamedTuple):
    """The fields of `goldsmith.training.detector.targets.Targets` as tensors."""

    heat: Tensor
    peak_weight: Tensor
    learn_background: Tensor
    boxes_xyxy: Tensor
    box_weight: Tensor


class LossParts(NamedTuple):
    """The loss and its parts, scalars; `total` carries the gradient."""

    total: Tensor
    heat: Tensor
    box: Tensor


def heat_loss(logits: Tensor, targets: TargetTensors) -> Tensor:
    """Focal loss of CenterNet (alpha 2, beta 4), divided by the weight of the objects (at least 1)."""
    log_p, log_not_p = F.logsigmoid(logits), F.logsigmoid(-logits)
    p = torch.exp(log_p)
    hit = -targets.peak_weight * (1.0 - p) ** 2 * log_p
    background = (1.0 - targets.heat) ** 4 * targets.learn_background
    false_alarm = -background * p**2 * log_not_p
    return (hit.sum() + false_alarm.sum()) / targets.peak_weight.sum().clamp(min=1.0)


def generalised_iou(a: Tensor, b: Tensor) -> Tensor:
    """Generalised IoU (Rezatofighi et al. 2019), -1 to 1, of boxes [..., 4] given as x0, y0, x1, y1."""
    overlap = (
        (torch.minimum(a[..., 2:], b[..., 2:]) - torch.maximum(a[..., :2], b[..., :2])).clamp(min=0).prod(-1)
    )
    union = (a[..., 2:] - a[..., :2]).prod(-1) + (b[..., 2:] - b[..., :2]).prod(-1) - overlap
    hull = (torch.maximum(a[..., 2:], b[..., 2:]) - torch.minimum(a[..., :2], b[..., :2])).prod(-1)
    return overlap / union.clamp(min=1e-6) - (hull - union) / hull.clamp(min=1e-6)


def box_loss(raw: Tensor, targets: TargetTensors) -> Tensor:
    """Mean of 1 - GIoU over the cells that learn a box, by their weights."""
    places = targets.box_weight > 0
    weight = targets.box_weight[places]
    boxes = decode_boxes(raw)[places]
    return ((1.0 - generalised_iou(boxes, targets.boxes_xyxy[places])) * weight).sum() / weight.sum().clamp(
        min=1.0
    )


def detection_loss(logits: Tensor, raw: Tensor, targets: TargetTensors) -> LossParts:
    """Both losses of a batch, computed in float32."""
    heat, box = heat_loss(logits.float(), targets), box_loss(raw.float(), targets)
    return LossParts(total=heat + BOX_SHARE * box, heat=heat.detach(), box=box.detach())
