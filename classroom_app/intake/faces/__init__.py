"""Is there a face in a picture? The net BlazeFace (short range) of MediaPipe, in plain numpy.

Knows nothing of files, of who is in a picture, or of what is done about it (`services/face_rule.py`). It
recognises nobody.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

SIDE_PX = 128  # the picture that the net looks at: square, RGB
_BLOCKS = 16
_HALVING = frozenset({2, 5, 11})  # these blocks halve the picture: 64 -> 32 -> 16 -> 8
_FINE = 10  # after this block smaller faces are read off, larger ones after the last
_FINE_HEAD, _LAST_HEAD = 33, 34  # layers that turn a map into scores; the boxes' layers are left out


def score(rgb: npt.NDArray[np.uint8]) -> float:
    """How sure the net is of an upright face in a square picture of 128 px, 0 to 1.

    A few milliseconds on one core. Faces narrower than a quarter of the picture are often missed.
    """
    x = _first(rgb.astype(np.float32) / np.float32(127.5) - np.float32(1))
    logits = []
    for number in range(_BLOCKS):
        x = _block(x, number)
        if number == _FINE:
            logits.append(_dense(x, _FINE_HEAD).max())
    logits.append(_dense(x, _LAST_HEAD).max())
    return float(1.0 / (1.0 + np.exp(-np.clip(max(logits), -30.0, 30.0))))


@cache
def _layers() -> list[tuple[Floats, Floats]]:
    """(weights, bias) of each layer in the order of the net."""
    with np.load(Path(__file__).with_name("blazeface.npz"), allow_pickle=False) as kept:
        numbers = range(len(kept.files) // 2)
        return [
            (kept[f"{n:02d}_weights"].astype(np.float32), kept[f"{n:02d}_bias"].astype(np.float32))
            for n in numbers
        ]


def _first(x: Floats) -> Floats:
    """5 x 5 convolution with steps of 2, as one matrix product of all patches."""
    weights, bias = _layers()[0]
    padded = np.pad(x, ((1, 2), (1, 2), (0, 0)))  # as TensorFlow pads: the odd pixel at the end
    patches = np.lib.stride_tricks.sliding_window_view(padded, (5, 5), axis=(0, 1))[::2, ::2]
    side = patches.shape[0]
    columns = patches.transpose(0, 1, 3, 4, 2).reshape(side * side, -1)
    out: Floats = columns @ weights.reshape(weights.shape[0], -1).T
    out += bias
    return np.maximum(out, 0, out=out).reshape(side, side, -1)


def _block(x: Floats, number: int) -> Floats:
    """A depthwise and a pointwise convolution beside a shortcut."""
    halve = number in _HALVING
    weights, bias = _pointwise(number)
    out: Floats = _depthwise(x, 2 * number + 1, 2 if halve else 1) @ weights
    out += bias
    if halve:
        x = np.maximum(np.maximum(x[::2, ::2], x[1::2, ::2]), np.maximum(x[::2, 1::2], x[1::2, 1::2]))
    out[..., : x.shape[2]] += x  # new channels have no shortcut
    return np.maximum(out, 0, out=out)


def _depthwise(x: Floats, layer: int, step: int) -> Floats:
    """3 x 3 with one filter a channel, as nine products of whole rows: numpy is slow at short ones.

    Without its bias, which `_pointwise` has.
    """
    channels = x.shape[2]
    side = x.shape[0] // step
    weights = _repeated(layer, side)
    # TensorFlow's padding: all around, but only at the end when the picture is halved. Halved, the columns
    # are parted into even and odd ones, so that what a filter meets lies in a row.
    before = 0 if step == 2 else 1
    padded = np.zeros((step, x.shape[0] + 2, (side + 2) * channels), np.float32)
    for part in range(step):
        columns = padded[part, before : before + x.shape[0], before * channels :][:, : side * channels]
        columns.reshape(-1, side, channels)[...] = x[:, part::step]
    out, product = np.empty((2, side, side * channels), np.float32)
    for row in range(3):
        for column in range(3):
            start = column // step * channels
            met = padded[column % step, row : row + side * step : step, start : start + side * channels]
            np.multiply(met, weights[row, column], out=product if row or column else out)
            if row or column:
                out += product
    found: Floats = out.reshape(side, side, channels)
    return found


@cache
def _repeated(layer: int, side: int) -> Floats:
    """A depthwise layer's weights [3, 3, side * channels], repeated for each pixel of a row."""
    repeated: Floats = np.tile(_layers()[layer][0], (1, 1, side))
    return repeated


@cache
def _pointwise(number: int) -> tuple[Floats, Floats]:
    """The weights of a block's 1 x 1 convolution, and both biases of the block as one."""
    weights, bias = _layers()[2 * number + 2]
    return weights, _layers()[2 * number + 1][1] @ weights + bias


def _dense(x: Floats, layer: int) -> Floats:
    """A 1 x 1 convolution."""
    weights, bias = _layers()[layer]
    out: Floats = x @ weights + bias
    return out
