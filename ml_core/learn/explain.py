"""Why a photo was guessed so: an exact map of what spoke for a label, and the nearest photos."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ml_core.learn.head import Floats, LinearHead
from ml_core.vision.backbones import part_scales
from ml_core.vision.networks import Maps

NEAREST = 3


def label_map(maps: list[Maps], head: LinearHead, label: int) -> Floats:
    """[height, width]: how much each place of the photo speaks for the label against the mean of the
    others. The head is linear on averaged maps, so this is exact (class activation mapping, Zhou et
    al. 2016, for several maps at once): the mean over all places is the score's difference, less the
    biases. `maps` are those of the photo's whole view, in the order of the features."""
    others = np.delete(head.weight, label, 0).mean(0)
    weights = np.split(head.weight[label] - others, np.cumsum([part.shape[2] for part in maps])[:-1])
    height, width = max(part.shape[0] for part in maps), max(part.shape[1] for part in maps)
    total = np.zeros((height, width), np.float32)
    for part, weight, scale in zip(maps, weights, part_scales(len(maps)), strict=True):
        length = max(float(np.linalg.norm(part.mean((0, 1)))), 1e-6)
        total += _grown(part @ weight * (scale / length), height, width)
    return total


def _grown(cells: Floats, height: int, width: int) -> Floats:
    """Each cell repeated over the places that it covers; the mean stays the same."""
    rows = np.arange(height) * cells.shape[0] // height
    columns = np.arange(width) * cells.shape[1] // width
    return np.asarray(cells[np.ix_(rows, columns)], np.float32)


def as_bytes(places: Floats) -> npt.NDArray[np.uint8]:
    """0 where nothing spoke for the label, 255 where most did."""
    highest = float(places.max())
    if highest <= 0:
        return np.zeros(places.shape, np.uint8)
    return np.asarray(np.clip(places / highest, 0, 1) * 255, np.uint8)


def nearest(row: Floats, candidates: Floats) -> list[tuple[int, float]]:
    """Index and cosine similarity of the most similar candidates, seen from what all of them share."""
    middle = candidates.mean(0) if len(candidates) > 1 else np.zeros_like(row)
    away, towards = candidates - middle, row - middle
    lengths = np.maximum(np.linalg.norm(away, axis=1) * np.linalg.norm(towards), 1e-9)
    similar = (away @ towards) / lengths
    order = np.argsort(-similar, kind="stable")[:NEAREST]
    return [(int(index), float(similar[index])) for index in order]
