"""Numbers of a decoded photo: whether it will help (light, blur, a face, a tiny picture of it), and its
perceptual hash, by which the same picture is known again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter, ImageStat

from classroom_app.intake import faces

TINY_PX = 12  # side of the tiny picture
TINY_BYTES = TINY_PX * TINY_PX * 3
SMALL_PX = 256
_BOX_PX = 9
_EDGES_MIN = 0.5  # mean step between neighbours; below it there is nothing that could be sharp

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Light:
    """`mean` of the brightness, and `highlights`, which only 5 % of the pixels exceed; both 0 to 255."""

    mean: float
    highlights: float


def light(luma: Image.Image) -> Light:
    """Both from one look at the pixels."""
    counts = np.array(luma.histogram())
    up_to = np.cumsum(counts)
    mean = counts @ np.arange(counts.size) / up_to[-1]
    return Light(float(mean), float(np.searchsorted(up_to, 0.95 * up_to[-1])))


def small(luma: Image.Image) -> Image.Image:
    """The picture on which edges are measured, so that photos of any size can be compared."""
    copy = luma.copy()
    copy.thumbnail((SMALL_PX, SMALL_PX))
    return copy


def blur(small_luma: Image.Image) -> float:
    """0 (sharp) to 1 (all blurred): how little of its edges a photo loses when it is blurred once more.

    Unlike the strength of the edges this does not take a plain wall for a blurred photo
    (after Crete et al., "The blur effect", 2007).
    """
    pixels = np.asarray(small_luma, np.float32)
    if min(pixels.shape) <= 2 * _BOX_PX:
        return 0.0
    return max(_kept(pixels), _kept(np.ascontiguousarray(pixels.T)))


def _kept(pixels: Floats) -> float:
    """The part of the steps down the columns that a blur down the columns leaves."""
    margin = _BOX_PX // 2
    inner = pixels[margin : pixels.shape[0] - margin]
    steps = np.abs(inner[1:] - inner[:-1])
    if steps.mean() < _EDGES_MIN:
        return 0.0
    # From one place to the next a moving mean loses one pixel and gains one.
    blurred = np.abs(pixels[_BOX_PX:] - pixels[:-_BOX_PX])
    blurred /= _BOX_PX
    lost = np.maximum(steps - blurred, 0)
    return float(1 - lost.sum() / steps.sum())


def tiny(image: Image.Image) -> bytes:
    """The photo as 12 x 12 pixels, to compare photos and their borders: nothing can be recognised in it."""
    return image.resize((TINY_PX, TINY_PX), Image.Resampling.BOX).tobytes()


def face(image: Image.Image) -> float:
    """How sure it is that somebody's face is in the photo, 0 to 1."""
    side = max(image.size)
    square = Image.new("RGB", (side, side))
    square.paste(image, ((side - image.width) // 2, (side - image.height) // 2))
    small = square.resize((faces.SIDE_PX, faces.SIDE_PX), Image.Resampling.BILINEAR)
    return faces.score(np.asarray(small, np.uint8))


def sharpness(small: Image.Image) -> float:
    laplacian = ImageFilter.Kernel((3, 3), (0, 1, 0, 1, -4, 1, 0, 1, 0), scale=1, offset=128)
    edges = small.filter(laplacian).crop((1, 1, small.width - 1, small.height - 1))
    return float(ImageStat.Stat(edges).var[0])


def difference_hash(luma: Image.Image) -> int:
    small = luma.resize((9, 8), Image.Resampling.BOX).tobytes()
    value = 0
    for row in range(8):
        for column in range(8):
            left, right = small[row * 9 + column], small[row * 9 + column + 1]
            value = (value << 1) | (left > right)
    # Signed, so that it fits a 64-bit database integer.
    return value - (1 << 64) if value >= 1 << 63 else value
