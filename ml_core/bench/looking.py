"""The bench's protocol of looking around: a dozen unlabelled photos of the new place come first, of mixed
labels or, which must do no harm, all of one label."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ml_core.bench.baselines import Baseline
from ml_core.bench.halves import Photos, fit_model
from ml_core.learn.checkpoint import Model
from ml_core.learn.fit import CLOSED_FORM, photo_rows
from ml_core.learn.head import Floats, Ints
from ml_core.learn.scene import after_looking, solved_for
from ml_core.vision.features import Embedder

DRAWS = 3  # of the photos looked at, for each seed


@dataclass(frozen=True)
class LookingFigure:
    """Means over the seeds. `changed`: how often our recipe found that this is another place, and looked
    around; the others do it whenever they are asked."""

    recipe: str
    k: int
    photos: str  # "mixed" or "one label"
    plain: float
    looked_around: float
    changed: float


def looking_figures(
    embedder: Embedder,
    train_half: Photos,
    test_half: Photos,
    labels: tuple[str, ...],
    k: int,
    splits: Sequence[Ints],
    photos: int,
    peers: Mapping[str, Baseline],
) -> list[LookingFigure]:
    tests = photo_rows(test_half.photos)
    found: dict[tuple[str, str], list[tuple[float, float, float]]] = {}
    for seed, chosen in enumerate(splits):
        rng = np.random.default_rng(seed)
        model = fit_model(embedder, train_half, chosen, labels, seed)
        plain = _right(model.probabilities(tests).argmax(1), test_half.labels)
        theirs = _peers_right(peers, train_half, test_half, chosen, seed, None)
        for number in range(DRAWS):
            of_label = rng.permutation(np.flatnonzero(test_half.labels == rng.integers(len(labels))))
            for what, seen in (
                ("mixed", rng.permutation(len(tests))[:photos]),
                ("one label", of_label[:photos]),
            ):
                after, changed = _looked(model, tests[seen])
                right = _right(after.probabilities(tests).argmax(1), test_half.labels)
                found.setdefault((CLOSED_FORM, what), []).append((plain, right, changed))
                if number == 0:  # theirs are fitted in seconds, not in milliseconds
                    looked = _peers_right(peers, train_half, test_half, chosen, seed, test_half.plain[seen])
                    for name, share in looked.items():
                        found.setdefault((name, what), []).append((theirs[name], share, 1.0))
    return [
        LookingFigure(recipe, k, what, *(float(part) for part in np.mean(numbers, 0)))
        for (recipe, what), numbers in found.items()
    ]


def _looked(model: Model, rows: Floats) -> tuple[Model, float]:
    scene = after_looking(model, rows)
    if scene is None or scene.adopted is None:
        return model, 0.0
    return replace(model, head=solved_for(model, scene.adopted)), 1.0


def _peers_right(
    peers: Mapping[str, Baseline],
    train_half: Photos,
    test_half: Photos,
    chosen: Ints,
    seed: int,
    seen: Floats | None,
) -> dict[str, float]:
    """The same idea for the other recipes: their training rows once more, moved by the means' difference."""
    rows, labels = train_half.plain[chosen], train_half.labels[chosen]
    if seen is not None:
        rows = np.concatenate([rows, rows + (seen.mean(0) - rows.mean(0))])
        labels = np.concatenate([labels, labels])
    count = int(train_half.labels.max()) + 1
    return {
        name: _right(fit(rows, labels, test_half.plain, count, seed), test_half.labels)
        for name, fit in peers.items()
    }


def _right(guesses: Ints, labels: Ints) -> float:
    return float((guesses == labels).mean())
