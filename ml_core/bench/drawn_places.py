"""Nothing in particular, drawn: a blank wall, a floor, the dark. Far unknowns for the bench."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

SIZE = (480, 360)
OF_EACH = 6
Pixels = npt.NDArray[np.float64]


def draw_places(into: Path) -> list[Path]:
    """JPEG files in `into`, the same ones each time."""
    rng = np.random.default_rng(0)
    found = []
    for number in range(OF_EACH):
        for name, pixels in (("wall", _wall(rng)), ("floor", _floor(rng)), ("dark", _dark(rng))):
            image = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).filter(
                ImageFilter.GaussianBlur(1)
            )
            found.append(into / f"{name}-{number}.jpg")
            image.save(found[-1], quality=88)
    return found


def _places() -> tuple[Pixels, Pixels]:
    down, across = np.mgrid[0 : SIZE[1], 0 : SIZE[0]]
    return down.astype(np.float32), across.astype(np.float32)


def _wall(rng: np.random.Generator) -> Pixels:
    """Paint, light from one side."""
    _, across = _places()
    light = 1 - rng.uniform(0.1, 0.4) * across / SIZE[0]
    return np.asarray(light[..., None] * rng.uniform(150, 240, 3) + rng.normal(0, 3, (*SIZE[::-1], 3)))


def _floor(rng: np.random.Generator) -> Pixels:
    """Boards with grain."""
    down, across = _places()
    grain = 12 * np.sin((down + 6 * np.sin(across / rng.uniform(40, 80))) / rng.uniform(3, 8))
    boards = 10 * np.sign(np.sin(down / rng.uniform(15, 30)))
    colour = np.array([1.0, 0.72, 0.45]) * rng.uniform(90, 180)
    return np.asarray(colour + (grain + boards)[..., None] + rng.normal(0, 5, (*SIZE[::-1], 3)))


def _dark(rng: np.random.Generator) -> Pixels:
    """A lens with a finger on it, or a room without light."""
    return rng.uniform(2, 25, 3) + rng.normal(0, 4, (*SIZE[::-1], 3))
