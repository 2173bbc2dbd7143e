"""Which numbers a GPU calculates in: asked of the card, not of CUDA being there."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from ml_core.config import DEFAULT_BACKBONE
from ml_core.vision.backbones import backbone_spec
from ml_core.vision.by_torch import network
from ml_core.vision.by_torch.network import TorchNetwork, reduced_type
from ml_core.vision.by_torch.stages import PixelMaps, pooled

T4, V100, A100, L4, H100 = (7, 5), (7, 0), (8, 0), (8, 9), (9, 0)


def say(monkeypatch: pytest.MonkeyPatch, capability: tuple[int, int]) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda _device=None: capability)


@pytest.mark.parametrize(
    ("capability", "expected"),
    [(T4, None), (V100, None), (A100, torch.bfloat16), (L4, torch.bfloat16), (H100, torch.bfloat16)],
)
def test_bfloat16_is_for_cards_that_have_it(
    monkeypatch: pytest.MonkeyPatch, capability: tuple[int, int], expected: torch.dtype | None
) -> None:
    say(monkeypatch, capability)
    assert reduced_type(torch.device("cuda:0")) is expected


@pytest.mark.parametrize(("capability", "within"), [(T4, 0.01), (L4, 0.2)])
def test_the_passes_of_a_card_are_made_in_its_type(
    monkeypatch: pytest.MonkeyPatch, capability: tuple[int, int], within: float
) -> None:
    """The card's choice on this machine's cores: in 32 bits the features are the exact ones, in 16 nearly."""
    say(monkeypatch, capability)
    chosen = reduced_type(torch.device("cuda:0"))
    monkeypatch.setattr(network, "reduced_type", lambda _device: chosen)
    spec = backbone_spec(DEFAULT_BACKBONE)
    views = np.random.default_rng(0).integers(0, 256, (2, spec.input_side, spec.input_side, 3), np.uint8)
    with torch.inference_mode():
        exact = pooled(PixelMaps(spec)(torch.from_numpy(views))).numpy()
    found = TorchNetwork(spec, "cpu").rows(views).astype(np.float32)
    away = np.linalg.norm(found - exact, axis=1) / np.linalg.norm(exact, axis=1)
    assert away.max() < within
    assert (away.max() < 0.01) == (chosen is None)
