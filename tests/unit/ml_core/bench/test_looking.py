"""What looking around is worth, for our recipe and for others, on small drawn features."""

from __future__ import annotations

from typing import cast

import numpy as np
import pytest

from ml_core.bench.baselines import Baseline, logistic_regression, teachable_machine
from ml_core.bench.halves import draw
from ml_core.bench.looking import (
    CENTRED,
    FITTED_AGAIN,
    MIXED,
    ONE_LABEL,
    OURS,
    LookingFigure,
    centred,
    looking_figures,
)
from ml_core.learn.fit import CLOSED_FORM
from ml_core.learn.head import Floats, Ints
from ml_core.vision.features import Embedder
from tests.support.drawn_features import DrawnEmbedder, drawn_photos

LABELS = ("a", "b", "c")


def nearest_mean(rows: Floats, labels: Ints, tests: Floats, label_count: int, seed: int) -> Floats:
    del seed
    means = np.stack([rows[labels == label].mean(0) for label in range(label_count)])
    return np.asarray(tests @ means.T - 0.5 * np.einsum("kd,kd->k", means, means), np.float32)


def figures(move: float) -> dict[tuple[str, str, str], LookingFigure]:
    train, tests = drawn_photos(8, seed=0), drawn_photos(10, seed=1, move=move)
    splits = [draw(train.labels, 8, 0)]
    embedder = cast("Embedder", DrawnEmbedder())
    found = looking_figures(embedder, train, tests, LABELS, 8, splits, 12, {"nearest": nearest_mean})
    return {(one.recipe, one.way, one.photos): one for one in found}


def test_in_another_place_mixed_photos_help_every_recipe() -> None:
    found = figures(move=3.0)
    for recipe, way in ((CLOSED_FORM, OURS), (CLOSED_FORM, CENTRED), ("nearest", CENTRED)):
        figure = found[recipe, way, MIXED]
        assert figure.plain < 0.8, (recipe, way)
        assert figure.looked_around > figure.plain + 0.1, (recipe, way)
    assert found[CLOSED_FORM, OURS, MIXED].changed == 1
    assert ("nearest", FITTED_AGAIN, MIXED) in found


def test_in_the_same_place_ours_does_nothing_and_one_label_spoils_centred_scores() -> None:
    found = figures(move=0.0)
    ours = found[CLOSED_FORM, OURS, ONE_LABEL]
    assert ours.changed == 0
    assert ours.looked_around == ours.plain > 0.9
    theirs = found["nearest", CENTRED, ONE_LABEL]
    assert theirs.looked_around < theirs.plain - 0.1


def test_centred_scores_are_free_of_what_all_photos_share() -> None:
    rng = np.random.default_rng(0)
    scores = rng.normal(size=(9, 3)).astype(np.float32)
    shifted = scores + np.array([5, -2, 0], np.float32)
    seen = np.arange(6)
    assert centred(shifted, seen) == pytest.approx(centred(scores, seen), abs=1e-5)
    assert centred(scores, seen)[seen].mean(0) == pytest.approx(np.zeros(3), abs=1e-6)


@pytest.mark.parametrize("label_count", [2, 3])
@pytest.mark.parametrize("fit", [teachable_machine, logistic_regression])
def test_other_recipes_say_a_score_for_each_label(fit: Baseline, label_count: int) -> None:
    half = drawn_photos(6, seed=0)
    few = np.flatnonzero(half.labels < label_count)
    scores = fit(half.plain[few], half.labels[few], half.plain[few], label_count, 0)
    assert scores.shape == (len(few), label_count)
    assert (scores.argmax(1) == half.labels[few]).mean() > 0.9
