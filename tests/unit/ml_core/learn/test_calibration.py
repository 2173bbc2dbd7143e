"""The temperature that makes scores probabilities, and the table of confusion."""

from __future__ import annotations

import numpy as np
import pytest

from ml_core.learn.calibration import (
    confusion,
    cross_entropy,
    fit_temperature,
    softmax,
    unchecked_temperature,
)
from ml_core.learn.head import Floats, Ints


def scored(count: int = 400, scale: float = 30.0, seed: int = 0) -> tuple[Floats, Ints]:
    """Scores whose true temperature is 1 / scale."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(count, 3)) * 2
    chances = softmax(logits.astype(np.float32))
    labels = np.array([rng.choice(3, p=row / row.sum()) for row in chances.astype(np.float64)])
    return (logits * scale).astype(np.float32), labels


def test_temperature_is_found_again() -> None:
    scores, labels = scored()
    assert 0.6 < fit_temperature(scores, labels) * 30 < 1.6


def test_temperature_improves_the_held_out_loss() -> None:
    scores, labels = scored(seed=1)
    fresh, fresh_labels = scored(seed=2)
    fitted = cross_entropy(fresh, fresh_labels, fit_temperature(scores, labels))
    assert fitted < min(cross_entropy(fresh, fresh_labels, t) for t in (1.0, 0.003))


def test_all_right_does_not_ask_for_certainty_without_end() -> None:
    scores = np.eye(3, dtype=np.float32)[np.arange(30) % 3] * 100
    probabilities = softmax(scores * np.float32(fit_temperature(scores, np.arange(30) % 3)))
    assert 0.9 < probabilities.max() < 0.9999


def test_impossible_labels_stay_finite() -> None:
    scores = np.array([[1.0, -np.inf], [2.0, -np.inf]], np.float32)
    assert np.isfinite(fit_temperature(scores, np.array([0, 1])))


@pytest.mark.parametrize("scale", [10.0, 30_000.0])
def test_without_a_check_training_photos_are_clear_and_not_certain(scale: float) -> None:
    labels = np.arange(30) % 3
    scores = (np.eye(3)[labels] * scale).astype(np.float32)
    probabilities = softmax(scores * np.float32(unchecked_temperature(scores, labels)))
    assert (probabilities.argmax(1) == labels).all()
    assert 0.9 < probabilities.max() < 0.99


def test_without_a_check_equal_photos_stay_even() -> None:
    scores, labels = np.full((6, 2), 3.0, np.float32), np.arange(6) % 2
    probabilities = softmax(scores * np.float32(unchecked_temperature(scores, labels)))
    assert (probabilities == 0.5).all()


def test_confusion_counts_true_by_guessed() -> None:
    table = confusion(np.array([0, 0, 1]), np.array([0, 1, 1]), 2)
    assert table.tolist() == [[1, 1], [0, 1]]
