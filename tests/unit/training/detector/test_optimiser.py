"""Muon's orthogonal steps."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed (goldsmith[train])")
pytestmark = pytest.mark.train


@pytest.mark.parametrize("shape", [(8, 8), (6, 40), (40, 6)])
def test_all_directions_of_a_matrix_get_about_the_same_length(shape: tuple[int, int]):
    from goldsmith.training.detector.optimiser import orthogonalised

    matrix = torch.randn(shape, generator=torch.Generator().manual_seed(1))
    before = torch.linalg.svdvals(matrix)
    after = torch.linalg.svdvals(orthogonalised(matrix, dtype=torch.float32))
    assert before.max() / before.min() > 1.5
    assert after.min() > 0.5
    assert after.max() < 1.3


def test_a_small_network_fits_and_its_optimiser_can_be_saved():
    from goldsmith.training.detector.optimiser import Optimiser

    torch.manual_seed(0)
    network = torch.nn.Sequential(
        torch.nn.Conv2d(2, 8, 3, padding=1), torch.nn.ReLU(), torch.nn.Conv2d(8, 8, 3, padding=1)
    )
    x, y = torch.randn(4, 2, 6, 6), torch.randn(4, 8, 6, 6)

    def make() -> Optimiser:
        hidden = [network[2].weight]
        others = [network[0].weight, network[0].bias, network[2].bias]
        return Optimiser(hidden=hidden, others=others, weight_decay=0.0, dtype=torch.float32)

    def loss(optimiser: Optimiser) -> float:
        value = ((network(x) - y) ** 2).mean()
        value.backward()
        optimiser.step(learning_rate=0.05)
        return float(value.detach())

    optimiser = make()
    losses = [loss(optimiser) for _ in range(60)]
    assert losses[-1] < losses[0] * 0.8
    weights, saved = {k: v.clone() for k, v in network.state_dict().items()}, optimiser.state_dict()
    saved = torch.utils._pytree.tree_map(lambda v: v.clone() if isinstance(v, torch.Tensor) else v, saved)
    expected = [loss(optimiser) for _ in range(3)]
    network.load_state_dict(weights)
    other = make()
    other.load_state_dict(saved)
    assert [loss(other) for _ in range(3)] == expected
