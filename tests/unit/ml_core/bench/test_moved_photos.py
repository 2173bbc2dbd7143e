"""Moved photos: another picture of the same size, by the seed alone."""

from __future__ import annotations

import numpy as np
import pytest

from ml_core.bench.moved_photos import moved
from tests.support.drawn_patches import drawing


def test_a_moved_photo_is_another_one_of_the_same_size_by_seed() -> None:
    image = drawing("disc", 1)
    first, again, other = (np.asarray(moved(image, np.random.default_rng(seed))) for seed in (0, 0, 1))
    assert first.shape == np.asarray(image).shape
    assert (first == again).all()
    assert (first != other).any()
    assert (first != np.asarray(image)).any()


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (400, 3)])
def test_very_small_photos_are_moved_too(size: tuple[int, int]) -> None:
    assert moved(drawing("box", 2).resize(size), np.random.default_rng(0)).size == size
