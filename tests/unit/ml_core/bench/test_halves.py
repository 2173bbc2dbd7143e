"""Features of folders of photos: kept between runs, what cannot be read left out, equal draws for a seed."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np

from ml_core.bench.drawn_places import OF_EACH, draw_places
from ml_core.bench.halves import FeatureMaker, chosen_photos, draw
from ml_core.vision.features import Embedder
from tests.support.drawn_features import drawn_photos
from tests.support.drawn_patches import photo

SIDE = 8


@dataclass
class CountingEmbedder:
    """Features that are the views' mean colours."""

    space: str = "colours"
    input_side: int = SIDE
    asked: int = 0
    spec: SimpleNamespace = field(default_factory=lambda: SimpleNamespace(native_side=SIDE))

    def embed(self, views: np.ndarray) -> np.ndarray:
        self.asked += 1
        return np.asarray(views.mean((1, 2)), np.float16)

    def maps(self, view: np.ndarray) -> list[np.ndarray]:
        return [view.astype(np.float32)]


def maker(embedder: CountingEmbedder, views: int, cache: Path | None) -> FeatureMaker:
    return FeatureMaker(cast("Embedder", embedder), views, cache)


def test_features_are_made_once_and_anew_for_other_views_or_another_space(tmp_path: Path) -> None:
    for label in ("disc", "box"):
        (tmp_path / label).mkdir()
        for seed in range(2):
            (tmp_path / label / f"{seed}.jpg").write_bytes(photo(label, seed))
    (tmp_path / "box" / "broken.jpg").write_bytes(b"junk")
    embedder, cache = CountingEmbedder(), tmp_path / "cache"
    first = maker(embedder, 2, cache).half(tmp_path, ("disc", "box"))
    assert (first.labels.tolist(), embedder.asked) == ([0, 0, 1, 1], 4)
    assert first.photos[0].views.shape == (2, 3)
    assert first.plain.shape == (4, 3)
    again = maker(embedder, 2, cache).half(tmp_path, ("disc", "box"))
    assert embedder.asked == 4
    assert (again.photos[3].views == first.photos[3].views).all()
    assert (again.plain == first.plain).all()
    maker(embedder, 3, cache).half(tmp_path, ("disc", "box"))
    assert embedder.asked == 8
    embedder.space = "others"
    maker(embedder, 2, cache).half(tmp_path, ("disc", "box"))
    assert embedder.asked == 12
    maker(embedder, 2, None).half(tmp_path, ("disc", "box"))
    assert embedder.asked == 16


def test_a_seed_draws_equally_many_of_each_label() -> None:
    labels = np.repeat(np.arange(3), (9, 5, 2))
    drawn = draw(labels, 4, 0)
    assert np.bincount(labels[drawn]).tolist() == [4, 4, 2]
    assert len(set(drawn.tolist())) == 10
    assert (drawn == draw(labels, 4, 0)).all()
    assert not np.array_equal(drawn, draw(labels, 4, 1))


def test_chosen_labels_are_numbered_without_gaps() -> None:
    half = drawn_photos(2, seed=0)
    chosen = np.flatnonzero(half.labels != 1)
    assert [one.label for one in chosen_photos(half, chosen)] == [0, 0, 1, 1]


def test_drawn_places_are_the_same_each_time(tmp_path: Path) -> None:
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        folder.mkdir()
    first, second = (draw_places(folder) for folder in folders)
    assert len(first) == 3 * OF_EACH
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
    assert len({path.read_bytes() for path in first}) == len(first)
