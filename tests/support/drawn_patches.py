"""Small drawn photos for tests: a shape of a colour on a noisy background, the same for a seed."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageDraw

SHAPES = ("disc", "box", "stripes")


def drawing(shape: str, seed: int, size: tuple[int, int] = (160, 120)) -> Image.Image:
    rng = np.random.default_rng(seed)
    noise = rng.integers(0, 60, (size[1], size[0], 3), np.uint8)
    image = Image.fromarray(noise + rng.integers(60, 180, (1, 1, 3), np.uint8))
    pen = ImageDraw.Draw(image)
    x, y = rng.integers(10, size[0] // 2), rng.integers(10, size[1] // 2)
    colour = tuple(int(c) for c in rng.integers(0, 255, 3))
    box = (int(x), int(y), int(x) + 50, int(y) + 50)
    if shape == "disc":
        pen.ellipse(box, fill=colour)
    elif shape == "box":
        pen.rectangle(box, fill=colour)
    else:
        for offset in range(0, 50, 10):
            pen.line((box[0], box[1] + offset, box[2], box[1] + offset), fill=colour, width=4)
    return image


def encoded(image: Image.Image, kind: str = "JPEG") -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind)
    return buffer.getvalue()


def photo(shape: str, seed: int) -> bytes:
    return encoded(drawing(shape, seed))
