"""The bench's protocol of looking around: a dozen unlabelled photos of the new place come first, of mixed
labels or, which must do no harm, all of one label. Our recipe beside what can be done for any other."""

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
MIXED, ONE_LABEL = "mixed", "one label"
# What is done with the photos looked at.
OURS = "solved for the place"  # as the app does it, where it finds that this is another place
CENTRED = "scores centred"  # each label's score less its mean over the photos looked at, always
FITTED_AGAIN = "rows moved"  # fitted on the training rows and the same rows moved to the place, always


@dataclass(frozen=True)
class LookingFigure:
    """Means over the seeds and draws. `changed`: how often the recipe found that this is another place, and
    did anything; what is done for others is done whenever it is asked."""

    backbone: str
    recipe: str
    way: str  # one of the three above
    k: int
    photos: str  # MIXED or ONE_LABEL
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
    """`photos`: how many are looked at, fewer where a label has fewer; they are among those tested."""
    tests = photo_rows(test_half.photos)
    found: dict[tuple[str, str, str], list[tuple[float, float, float]]] = {}

    def note(recipe: str, way: str, what: str, numbers: tuple[float, float, float]) -> None:
        found.setdefault((recipe, way, what), []).append(numbers)

    for seed, chosen in enumerate(splits):
        rng = np.random.default_rng(seed)
        model = fit_model(embedder, train_half, chosen, labels, seed)
        scores = {CLOSED_FORM: model.head.scores(tests)} | {
            name: _scores(fit, train_half, test_half, chosen, seed) for name, fit in peers.items()
        }
        plain = {name: _right(part, test_half.labels) for name, part in scores.items()}
        for number in range(DRAWS):
            of_label = rng.permutation(np.flatnonzero(test_half.labels == rng.integers(len(labels))))
            for what, seen in (
                (MIXED, rng.permutation(len(tests))[:photos]),
                (ONE_LABEL, of_label[:photos]),
            ):
                after, changed = _looked(model, tests[seen])
                right = _right(after.head.scores(tests), test_half.labels)
                note(CLOSED_FORM, OURS, what, (plain[CLOSED_FORM], right, changed))
                for name, part in scores.items():
                    right = _right(centred(part, seen), test_half.labels)
                    note(name, CENTRED, what, (plain[name], right, 1.0))
                if number > 0:  # theirs are fitted in seconds, not in milliseconds
                    continue
                for name, fit in peers.items():
                    again = _scores(fit, train_half, test_half, chosen, seed, test_half.plain[seen])
                    note(name, FITTED_AGAIN, what, (plain[name], _right(again, test_half.labels), 1.0))
    return [
        LookingFigure(
            embedder.spec.name, recipe, way, k, what, *(float(part) for part in np.mean(numbers, 0))
        )
        for (recipe, way, what), numbers in found.items()
    ]


def centred(scores: Floats, seen: Ints) -> Floats:
    """[tests, labels] scores, each label's less its mean over the tests `seen`: what another place adds
    to all photos alike goes away, and with it what the photos seen have in common."""
    return np.asarray(scores - scores[seen].mean(0), np.float32)


def _looked(model: Model, rows: Floats) -> tuple[Model, float]:
    scene = after_looking(model, rows)
    if scene is None or scene.adopted is None:
        return model, 0.0
    return replace(model, head=solved_for(model, scene.adopted)), 1.0


def _scores(
    fit: Baseline,
    train_half: Photos,
    test_half: Photos,
    chosen: Ints,
    seed: int,
    seen: Floats | None = None,
) -> Floats:
    """Another recipe's. With photos `seen` our idea is done for it: its training rows once more, moved by the
    means' difference."""
    rows, labels = train_half.plain[chosen], train_half.labels[chosen]
    if seen is not None:
        rows = np.concatenate([rows, rows + (seen.mean(0) - rows.mean(0))])
        labels = np.concatenate([labels, labels])
    return fit(rows, labels, test_half.plain, int(train_half.labels.max()) + 1, seed)


def _right(scores: Floats, labels: Ints) -> float:
    return float((scores.argmax(1) == labels).mean())
