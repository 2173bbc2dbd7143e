"""Parts of a photo in fewer pixels: the numbers of Pillow's filter, for any part and size."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from ml_core.vision.shrink import Pixels, squared

SIZES = [(640, 480), (1024, 768), (256, 256), (100, 700), (3, 2), (1, 1), (2000, 1)]


def noise(width: int, height: int) -> Pixels:
    return np.random.default_rng(width).integers(0, 256, (height, width, 3), np.uint8)


def shrunk(pixels: Pixels, box: tuple[int, int, int, int], side: int) -> Pixels:
    return squared(pixels.astype(np.float32).reshape(len(pixels), -1), box, side)


@pytest.mark.parametrize("side", [1, 47, 256, 308])
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_the_numbers_are_those_of_pillow(size: tuple[int, int], side: int) -> None:
    width, height = size
    pixels = noise(width, height)
    image = Image.fromarray(pixels)
    for box in ((0, 0, width, height), (width // 5, height // 9, max(1, width - 2), max(1, height * 7 // 8))):
        expected = np.asarray(image.crop(box).resize((side, side), Image.Resampling.BILINEAR), np.int64)
        # Pillow rounds between its two passes too.
        assert np.abs(shrunk(pixels, box, side) - expected).max() <= 2


def test_what_lies_around_the_part_counts_for_nothing() -> None:
    pixels = noise(200, 150)
    inside = pixels.copy()
    inside[:, :30] = inside[:, 170:] = inside[:20] = inside[130:] = 255
    box = (30, 20, 170, 130)
    assert np.array_equal(shrunk(pixels, box, 64), shrunk(inside, box, 64))


@pytest.mark.parametrize("value", [0, 1, 127, 255])
def test_one_colour_stays_that_colour(value: int) -> None:
    assert (shrunk(np.full((333, 517, 3), value, np.uint8), (0, 0, 517, 333), 256) == value).all()
