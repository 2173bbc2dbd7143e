"""The features of folders of photos, for every recipe of the bench, and kept in a folder between runs.

The backbone takes minutes where everything after it takes seconds; features depend on a photo's bytes alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import structlog

from ml_core.bench.folders import photos_in
from ml_core.errors import PhotoError
from ml_core.learn.checkpoint import Model, model_of
from ml_core.learn.fit import TrainingPhoto, train
from ml_core.learn.head import Floats, Ints
from ml_core.vision.features import Embedder
from ml_core.vision.images import photo_views
from ml_core.vision.networks import FeatureRows

log = structlog.get_logger()


@dataclass(frozen=True)
class Photos:
    """Some photos: features of each and its label."""

    photos: list[TrainingPhoto]
    plain: Floats  # final features of the whole photo at the backbone's own size: for the other recipes
    labels: Ints


@dataclass(frozen=True)
class FeatureMaker:
    """Makes features of `views` views a photo, and keeps them in the folder `cache` where one is given."""

    embedder: Embedder
    views: int
    cache: Path | None = None

    def half(self, folder: Path, labels: tuple[str, ...]) -> Photos:
        """Every readable photo of FOLDER/<label>; the label is its index."""
        files = [(index, path) for index, label in enumerate(labels) for path in photos_in(folder / label)]
        return self.of_files(files)

    def of_files(self, files: Iterable[tuple[int, Path]]) -> Photos:
        """(label, file) pairs; what cannot be read is named in the log and left out."""
        photos: list[TrainingPhoto] = []
        plain: list[Floats] = []
        for label, path in files:
            try:
                rows, final = self._features(path.read_bytes())
            except PhotoError as exc:
                log.warning("photo left out", path=str(path), why=str(exc))
                continue
            photos.append(TrainingPhoto(label, rows))
            plain.append(final)
        numbers = np.array([photo.label for photo in photos], np.int64)
        return Photos(photos, np.array(plain, np.float32), numbers)

    def _features(self, data: bytes) -> tuple[FeatureRows, Floats]:
        kept = self.cache and self.cache / f"{self._name(data)}.npz"
        if kept and kept.is_file():
            with np.load(kept) as found:
                return found["rows"], found["plain"]
        rows = self.embedder.embed(photo_views(data, self.views, self.embedder.input_side))
        whole = photo_views(data, 1, self.embedder.spec.native_side)
        plain = np.asarray(self.embedder.maps(whole[0])[0].mean((0, 1)), np.float32)
        if kept:
            kept.parent.mkdir(parents=True, exist_ok=True)
            np.savez(kept, rows=rows, plain=plain)
        return rows, plain

    def _name(self, data: bytes) -> str:
        """Another backbone, number of views or version of the features is another name."""
        return hashlib.sha256(f"{self.embedder.space} {self.views} ".encode() + data).hexdigest()


def draw(labels: Ints, k: int, seed: int) -> Ints:
    """Indices of k photos per label, by seed."""
    rng = np.random.default_rng(seed)
    return np.concatenate(
        [rng.permutation(np.flatnonzero(labels == label))[:k] for label in np.unique(labels)]
    )


def chosen_photos(half: Photos, chosen: Ints) -> list[TrainingPhoto]:
    """The chosen photos, their labels numbered anew without gaps."""
    numbers = np.unique(half.labels[chosen], return_inverse=True)[1]
    return [replace(half.photos[i], label=int(n)) for n, i in zip(numbers, chosen, strict=True)]


def fit_model(
    embedder: Embedder, half: Photos, chosen: Ints, labels: tuple[str, ...], seed: int = 0
) -> Model:
    """Our recipe on the chosen photos; `labels` are those that have one among them."""
    photos = chosen_photos(half, chosen)
    outcome = train(
        photos, len(labels), seed, final_length=embedder.final_length, unlike_from=embedder.spec.unlike_from
    )
    return model_of(outcome, embedder.space, labels)
