"""Crops of a batch: inside the photo, different each time, the same for a seed."""

import torch

from ml_core.learn.augment import random_crops


def crops(images, seed=0, side=16):
    return random_crops(images, side, torch.Generator().manual_seed(seed))


def test_every_crop_lies_inside_its_photo():
    """A ramp from left to right: each crop is a part of it, about half of them mirrored."""
    ramp = torch.linspace(0, 255, 64).round().to(torch.uint8).expand(200, 3, 64, 64)
    rows = crops(ramp)[:, 0, 8]
    assert 0 <= rows.min() <= rows.max() <= 255
    rises = (rows[:, -1] > rows[:, 0]).float().mean()
    assert 0.3 < rises < 0.7
    spread = (rows[:, -1] - rows[:, 0]).abs() / 255
    assert spread.max() <= 1.25  # the light may stretch it
    assert spread.min() > 0.25


def test_a_seed_decides_and_photos_differ():
    images = torch.arange(64 * 64, dtype=torch.float32).reshape(1, 1, 64, 64).remainder(256).to(torch.uint8)
    images = images.expand(3, 3, 64, 64)
    first = crops(images, seed=4)
    assert torch.equal(first, crops(images, seed=4))
    assert not torch.equal(first, crops(images, seed=5))
    assert not torch.equal(first[0], first[1])
