"""A photo as it might have been taken in another place: for measuring, not for training."""

from __future__ import annotations

import numpy as np
from PIL import Image

TURN_MAX_DEGREES = 15.0
SIZE_MIN = 0.6  # of the things in the photo: from up to 1.7 times as far
GAMMA_MAX = 1.65
COLOUR_MAX = 1.28  # of each channel: daylight against lamps


def moved(image: Image.Image, rng: np.random.Generator) -> Image.Image:
    """An RGB image -> one of the same size: turned, from farther away and in another light. What it does
    not show is filled with its mean colour and its mirror image."""
    around = tuple(int(mean) for mean in np.asarray(image).reshape(-1, 3).mean(0))
    turned = image.rotate(
        rng.uniform(-TURN_MAX_DEGREES, TURN_MAX_DEGREES), Image.Resampling.BILINEAR, fillcolor=around
    )
    size = rng.uniform(SIZE_MIN, 1.0)
    width, height = max(1, int(image.width * size)), max(1, int(image.height * size))
    left = int(rng.integers(0, image.width - width + 1))
    top = int(rng.integers(0, image.height - height + 1))
    pixels = np.pad(
        np.asarray(turned.resize((width, height))),
        ((top, image.height - height - top), (left, image.width - width - left), (0, 0)),
        mode="reflect",
    ).astype(np.float32)
    gamma = GAMMA_MAX ** rng.uniform(-1, 1)
    colour = (COLOUR_MAX ** rng.uniform(-1, 1, 3)).astype(np.float32)
    lit = np.clip((pixels / 255) ** gamma * colour, 0, 1)
    return Image.fromarray((lit * 255 + 0.5).astype(np.uint8))
