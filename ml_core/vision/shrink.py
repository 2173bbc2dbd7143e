"""Parts of a photo made a square of few pixels: a triangle filter as wide as what one new pixel stands for.

As matrix products, which the machine's BLAS does in half of the time that Pillow takes for the same filter.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

CHANNELS = 3
# New pixels of one product. A new pixel takes a few neighbours alone, so one product for all would be zeros
# for the most part; very small ones cost more in calls than they save.
BLOCK = 16


@dataclass(frozen=True)
class _Block:
    """What new pixels `new` are made of: pixels `old` along one side, with their weights."""

    new: slice
    old: slice
    weights: Floats  # [new, old]
    channel_weights: Floats  # [old * channels, new * channels], for pixels side by side in memory


def squared(lines: Floats, box: tuple[int, int, int, int], side: int) -> Pixels:
    """The part `box` (left, top, right, bottom) of a photo as [side, side, 3]; `lines` is the whole photo as
    [height, width * 3]. Pixels around the part count for nothing."""
    left, top, right, bottom = box
    part = lines[top:bottom, _wide(slice(left, right))]
    low = np.empty((side, part.shape[1]), np.float32)
    for block in _blocks(bottom - top, side):
        np.matmul(block.weights, part[block.old], out=low[block.new])
    small = np.empty((side, side * CHANNELS), np.float32)
    for block in _blocks(right - left, side):
        small[:, _wide(block.new)] = low[:, _wide(block.old)] @ block.channel_weights
    small += 0.5
    return small.astype(np.uint8).reshape(side, side, CHANNELS)


def _wide(pixels: slice) -> slice:
    return slice(pixels.start * CHANNELS, pixels.stop * CHANNELS)


@lru_cache(maxsize=128)  # the photos of a class have few sizes
def _blocks(old: int, new: int) -> tuple[_Block, ...]:
    scale = old / new
    reach = max(scale, 1.0)  # half of the filter's width; enlarging is plain interpolation
    centres = (np.arange(new) + 0.5) * scale
    found = []
    for start in range(0, new, BLOCK):
        part = slice(start, min(start + BLOCK, new))
        first = max(0, int(centres[start] - reach))
        last = min(old, int(centres[part.stop - 1] + reach) + 1)
        away = np.abs(np.arange(first, last) + 0.5 - centres[part, None]) / reach
        weights = np.maximum(0, 1 - away)
        weights = np.asarray(weights / weights.sum(1, keepdims=True), np.float32)
        spread = np.kron(weights.T, np.eye(CHANNELS, dtype=np.float32))
        found.append(_Block(part, slice(first, last), weights, np.ascontiguousarray(spread, np.float32)))
    return tuple(found)


def weights_of(old: int, new: int) -> Floats:
    """The weights of one side as one matrix [new, old], for whoever has products of many photos to make."""
    found = np.zeros((new, old), np.float32)
    for block in _blocks(old, new):
        found[block.new, block.old] = block.weights
    return found
