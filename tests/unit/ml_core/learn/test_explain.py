"""The map is exact: its mean is the score's difference; the nearest photo is the photo itself."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from ml_core.learn.explain import as_bytes, label_map, nearest
from ml_core.learn.head import LinearHead
from ml_core.vision.by_torch.stages import pooled


def test_the_map_adds_up_to_the_score() -> None:
    generator = torch.Generator().manual_seed(0)
    stages = [
        torch.rand(1, channels, side, side, generator=generator)
        for channels, side in ((4, 8), (6, 4), (9, 4))
    ]
    length = 4 + 6 + 9
    rng = np.random.default_rng(0)
    head = LinearHead(rng.normal(size=(3, length)).astype(np.float32), np.zeros(3, np.float32))
    *middle, final = [stage[0].permute(1, 2, 0).numpy() for stage in stages]
    places = label_map([final, *middle], head, 1)
    scores = head.scores(pooled(stages).numpy())[0]
    assert places.shape == (8, 8)
    assert places.mean() == pytest.approx(scores[1] - (scores[0] + scores[2]) / 2, rel=1e-4)


def test_bytes_are_between_nothing_and_most() -> None:
    shown = as_bytes(np.array([[-1.0, 0.5], [1.0, 0.0]], np.float32))
    assert shown.tolist() == [[0, 127], [255, 0]]
    assert not as_bytes(np.full((2, 2), -1.0, np.float32)).any()


def test_nearest_first() -> None:
    rows = np.random.default_rng(0).normal(size=(9, 5)).astype(np.float32)
    found = nearest(rows[4], rows)
    assert found[0][0] == 4
    assert found[0][1] == pytest.approx(1, abs=1e-5)
    assert len(found) == 3
    assert found[0][1] >= found[1][1] >= found[2][1]
    assert nearest(rows[0], rows[:1])[0][0] == 0
