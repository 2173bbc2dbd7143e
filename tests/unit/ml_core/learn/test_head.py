"""The closed form against its textbook formula, and the table of dot products against the head."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from ml_core.learn.head import Floats, Ints, fit_reach, shrinkage_lda
from ml_core.learn.self_check import DotProducts


def clouds(
    count: int, length: int, labels: int = 3, seed: int = 0, apart: float = 2.0
) -> tuple[Floats, Ints]:
    rng = np.random.default_rng(seed)
    label = np.arange(count) % labels
    centres = rng.normal(size=(labels, length)) * apart / np.sqrt(length)
    return (centres[label] + rng.normal(size=(count, length)) / np.sqrt(length)).astype(np.float32), label


def textbook(
    rows: Floats, labels: Ints, count: int, shrinkage: float
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    means = np.stack([rows[labels == k].mean(0) for k in range(count)]).astype(np.float64)
    centred = rows - means[labels]
    covariance = centred.T @ centred / len(rows)
    length = rows.shape[1]
    shrunk = (1 - shrinkage) * covariance + shrinkage * np.trace(covariance) / length * np.eye(length)
    weight = means @ np.linalg.inv(shrunk)
    return weight, -0.5 * np.einsum("kd,kd->k", weight, means)


@pytest.mark.parametrize(("count", "length"), [(30, 90), (90, 30)], ids=["dual", "primal"])
def test_both_forms_are_the_textbook_formula(count: int, length: int) -> None:
    rows, labels = clouds(count, length)
    head = shrinkage_lda(rows, labels, 3, 0.3)
    weight, bias = textbook(rows, labels, 3, 0.3)
    np.testing.assert_allclose(head.scores(rows), rows @ weight.T + bias, rtol=2e-3, atol=2e-2)


def test_labels_count_the_same_however_many_photos_they_have() -> None:
    rows, labels = clouds(60, 20, labels=2)
    keep = np.flatnonzero((labels == 0) | (np.arange(60) < 8))
    head = shrinkage_lda(rows[keep], labels[keep], 2, 0.5)
    means = np.stack([rows[keep][labels[keep] == k].mean(0) for k in range(2)])
    half_way = head.scores(means.mean(0, keepdims=True))[0]
    assert half_way[0] == pytest.approx(half_way[1], abs=1e-3)


def test_dot_products_score_as_the_fitted_head_does() -> None:
    photos, labels = clouds(24, 60)
    photo_of_row = np.repeat(np.arange(24), 2)
    noise = np.random.default_rng(1).normal(size=(48, 60)).astype(np.float32) / 16
    rows = (photos[photo_of_row] + noise).astype(np.float32)
    products = DotProducts(rows, photo_of_row, labels, 3)
    train, test = np.arange(18), np.arange(18, 24)
    train_rows = np.flatnonzero(photo_of_row < 18)
    for index, shrinkage in enumerate((0.2, 0.7)):
        head = shrinkage_lda(rows[train_rows], labels[photo_of_row[train_rows]], 3, shrinkage)
        expected = head.scores(np.stack([rows[photo_of_row == photo].mean(0) for photo in test]))
        found = products.scores(train, test, (0.2, 0.7))[index]
        # Both leave out what is the same for every label.
        np.testing.assert_allclose(
            found - found.mean(1, keepdims=True),
            expected - expected.mean(1, keepdims=True),
            rtol=1e-2,
            atol=0.1,
        )


def test_dot_products_reach_as_the_fitted_reach_does() -> None:
    rows, labels = clouds(24, 60)
    products = DotProducts(rows, np.arange(24), labels, 3)
    train, test = np.arange(18), np.arange(18, 24)
    expected = fit_reach(rows[train], labels[train], 3).distances(rows[test])
    np.testing.assert_allclose(products.distances(train, test), expected, rtol=1e-2, atol=1e-3)
    unlike = fit_reach(rows[train], labels[train], 3).unlikeness(rows[test], rows.shape[1])
    np.testing.assert_allclose(products.unlikeness(train, test), unlike, atol=1e-4)


def test_reach_is_short_for_known_and_long_for_strange_rows() -> None:
    rows, labels = clouds(300, 60)
    strange, _ = clouds(50, 60, labels=1, seed=9, apart=6.0)
    reach = fit_reach(rows[:200], labels[:200], 3)
    assert reach.distances(strange).min() > reach.distances(rows[200:]).max()


def test_equal_rows_stay_finite() -> None:
    assert np.isfinite(fit_reach(np.zeros((8, 40), np.float32), np.arange(8) % 2, 2).basis).all()
    head = shrinkage_lda(np.zeros((8, 40), np.float32), np.arange(8) % 2, 2, 0.5)
    assert np.isfinite(head.weight).all()
    assert np.isfinite(head.bias).all()
