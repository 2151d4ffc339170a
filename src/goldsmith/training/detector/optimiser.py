"""Muon for the convolutions, AdamW for everything else.

Muon (Jordan et al. 2024, "Muon: An optimizer for hidden layers in neural networks") replaces the momentum of a
weight matrix by the nearest orthogonal matrix, found by five Newton-Schulz steps, so that all directions of a layer
learn at one pace. From random weights, in some hundred steps, it needs about half the steps of AdamW.
`torch.optim.Muon` takes no convolution weights and computes in bfloat16 only, hence the few lines here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn

NEWTON_SCHULZ = (3.4445, -4.7750, 2.0315)
"""Coefficients of Jordan et al.: steep at zero; singular values end between about 0.7 and 1.2."""

NEWTON_SCHULZ_STEPS = 5
MOMENTUM = 0.95
ADAM_RATE_SHARE = 0.05
"""AdamW's learning rate as a share of Muon's."""


def orthogonalised(matrix: Tensor, *, dtype: torch.dtype) -> Tensor:
    """About the nearest (semi-)orthogonal matrix to `matrix` [rows, columns], computed in `dtype`."""
    a, b, c = NEWTON_SCHULZ
    tall = matrix.shape[0] > matrix.shape[1]
    x = (matrix.T if tall else matrix).to(dtype)
    x = x / (torch.linalg.matrix_norm(x.float()).to(dtype) + 1e-7)
    for _ in range(NEWTON_SCHULZ_STEPS):
        gram = x @ x.T
        x = torch.addmm(x, torch.addmm(gram, gram, gram, beta=b, alpha=c), x, beta=a)
    return (x.T if tall else x).to(matrix.dtype)


class Muon(torch.optim.Optimizer):
    """Momentum, orthogonalised, for weights of two and more dimensions; the first is the output.

    Args:
        params: The weights.
        lr: Learning rate; a step changes a square layer by about `lr` in every direction.
        weight_decay: Decoupled weight decay.
        dtype: Type the orthogonalisation is computed in.
    """

    def __init__(
        self, params: Iterable[nn.Parameter], *, lr: float, weight_decay: float, dtype: torch.dtype
    ) -> None:
        super().__init__(params, {"lr": lr, "weight_decay": weight_decay})
        self.dtype = dtype

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> None:  # type: ignore[override]
        """Moves every weight that has a gradient."""
        assert closure is None
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is None:
                    continue
                momentum = self.state[weight].setdefault("momentum", torch.zeros_like(weight.grad))
                momentum.lerp_(weight.grad, 1 - MOMENTUM)
                ahead = weight.grad.lerp(momentum, MOMENTUM)
                direction = orthogonalised(ahead.flatten(1), dtype=self.dtype).view_as(ahead)
                scale = max(1.0, weight.shape[0] / (weight.numel() / weight.shape[0])) ** 0.5
                weight.mul_(1 - group["lr"] * group["weight_decay"])
                weight.add_(direction, alpha=-group["lr"] * scale)


class Optimiser:
    """Both optimisers as one.

    Args:
        hidden: Convolution weights between first and last layer: Muon.
        others: First and last layers, norms and biases: AdamW.
        weight_decay: Decoupled weight decay of the hidden weights.
        dtype: Type of Muon's matrix products.
    """

    def __init__(
        self,
        *,
        hidden: Iterable[nn.Parameter],
        others: Iterable[nn.Parameter],
        weight_decay: float,
        dtype: torch.dtype,
    ) -> None:
        self._muon = Muon(hidden, lr=1.0, weight_decay=weight_decay, dtype=dtype)
        self._adam = torch.optim.AdamW(list(others), lr=1.0, betas=(0.9, 0.99), weight_decay=0.0, fused=True)

    def step(self, *, learning_rate: float) -> None:
        """One step along the gradients, which are then dropped."""
        for optimiser, share in ((self._muon, 1.0), (self._adam, ADAM_RATE_SHARE)):
            for group in optimiser.param_groups:
                group["lr"] = learning_rate * share
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)

    def state_dict(self) -> dict[str, Any]:
        """State of both, for a checkpoint."""
        return {"muon": self._muon.state_dict(), "adam": self._adam.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Takes the state of a checkpoint."""
        self._muon.load_state_dict(state["muon"])
        self._adam.load_state_dict(state["adam"])
