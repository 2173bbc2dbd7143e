"""Small drawn features in place of a backbone's, for tests of the bench: labels, and a place moving all."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace

import numpy as np

from ml_core.bench.halves import Photos
from ml_core.learn.fit import TrainingPhoto

LABELS, LENGTH, VIEWS = 3, 24, 2
NOISE = 0.12  # of each feature; the labels' means lie 1.4 apart


@dataclass(frozen=True)
class DrawnEmbedder:
    """What the bench asks of an embedder once the features are there."""

    space: str = "drawn"
    final_length: int = LENGTH
    spec: SimpleNamespace = field(default_factory=lambda: SimpleNamespace(name="drawn", unlike_from=None))


def drawn_photos(of_each: int, seed: int, move: float = 0.0, labels: int = LABELS) -> Photos:
    """`move`: how far another place lies, half as far in what tells the labels apart. Labels beyond the third
    lie elsewhere too: they stand in for other things."""
    rng = np.random.default_rng(seed)
    place = np.zeros(LENGTH)
    place[0], place[LENGTH - 1] = move * 0.5, move
    photos = []
    for label in np.repeat(np.arange(labels), of_each):
        mean = np.zeros(LENGTH)
        mean[label] = 1.0
        row = mean + place + rng.normal(0, NOISE, LENGTH)
        views = row + rng.normal(0, NOISE / 4, (VIEWS, LENGTH))
        photos.append(TrainingPhoto(int(label), views.astype(np.float16)))
    rows = np.stack([photo.views.astype(np.float32).mean(0) for photo in photos])
    return Photos(photos, rows, np.array([photo.label for photo in photos], np.int64))
