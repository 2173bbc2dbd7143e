"""Pictures with more than 256 levels of grey, as scanners and microscopes make them, in 256."""

from __future__ import annotations

import numpy as np
from PIL import Image

_SIXTEEN_BITS = {"I;16", "I;16B", "I;16L", "I;16N"}
DEEP = _SIXTEEN_BITS | {"I", "F"}


def to_eight_bits(image: Image.Image) -> Image.Image:
    """In mode L. What a file says to be see-through is white, as in other modes.

    16 bits are scaled as they are meant: 65535 is white. Larger numbers and fractions have no white of their
    own: what fits into 8 or 16 bits, or between 0 and 1, is taken so, all else from its least to its most.
    """
    values = np.asarray(image)
    if image.mode in _SIXTEEN_BITS:
        levels = (values >> 8).astype(np.uint8)
    else:
        low, white = _range(values)
        scaled = (np.nan_to_num(values, nan=low, posinf=white, neginf=low) - low) * (255 / (white - low))
        levels = np.clip(scaled, 0, 255).astype(np.uint8)
    see_through = image.info.get("transparency")
    if isinstance(see_through, int):
        levels[values == see_through] = 255
    return Image.fromarray(levels, "L")


def _range(values: np.ndarray) -> tuple[float, float]:
    """What is black and what is white."""
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    wholes = (255.0, 65535.0)
    whites = wholes if values.dtype.kind == "i" else (1.0, *wholes)
    if low >= 0:
        for white in whites:
            if high <= white:
                return 0.0, white
    return low, max(high, low + 1.0)
