"""The rule for "I don't know": known photos keep their answer, strange and even ones lose it."""

from __future__ import annotations

import numpy as np
import pytest

from ml_core.learn.calibration import softmax
from ml_core.learn.head import Floats, Ints
from ml_core.learn.unknown import FAR_DISTANCE, UnsureRule, margins, unchecked_rule


def fitted(probabilities: Floats, distances: Floats, labels: Ints, between_labels: float) -> UnsureRule:
    rule = fit_unsure_rule(probabilities, distances, labels, between_labels)
    assert rule is not None
    return rule


def test_rule_keeps_known_photos_and_rejects_far_ones() -> None:
    rng = np.random.default_rng(0)
    labels = np.arange(200) % 2
    probabilities = softmax(
        np.eye(2, dtype=np.float32)[labels] * rng.uniform(0.5, 6, (200, 1)).astype(np.float32)
    )
    distances = rng.uniform(0.1, 0.3, 200).astype(np.float32)
    rule = fitted(probabilities, distances, labels, between_labels=1.5)
    assert rule.unsure(probabilities, distances).mean() < 0.08
    assert rule.unsure(probabilities, distances + 2).all()
    even = np.full((200, 2), 0.5, np.float32)
    assert rule.unsure(even, distances + 0.2).all()


def test_far_is_between_the_labels_and_never_nearer_than_known_photos() -> None:
    labels = np.arange(200) % 2
    probabilities = softmax(np.eye(2, dtype=np.float32)[labels] * 4)
    distances = np.linspace(0.1, 1.6, 200).astype(np.float32)
    far = {between: fitted(probabilities, distances, labels, between).far for between in (0.2, 1.7, 9)}
    assert far[0.2] == pytest.approx(np.quantile(distances, 0.95), abs=0.01)
    assert far[1.7] == pytest.approx(1.7)
    assert far[9] == pytest.approx(1.2 * 1.6)
    near = fitted(probabilities, (distances / 10).astype(np.float32), labels, 0.1)
    assert near.far == FAR_DISTANCE


def test_clear_photos_of_another_room_are_spared() -> None:
    rule = UnsureRule(distance_weight=10.0, margin_weight=0.5, threshold=2.0, far=1.1)
    clear, doubtful = np.array([[0.99, 0.01]], np.float32), np.array([[0.7, 0.3]], np.float32)
    away = np.array([0.8], np.float32)
    assert not rule.unsure(clear, away)[0]
    assert rule.unsure(doubtful, away)[0]


def test_without_a_check_even_guesses_and_far_photos_are_unsure() -> None:
    guesses = np.array([[0.5, 0.5], [0.55, 0.45], [0.8, 0.2]], np.float32)
    rule = unchecked_rule(1.4)
    assert rule.unsure(guesses, np.zeros(3, np.float32)).tolist() == [True, True, False]
    assert rule.unsure(guesses[[2, 2]], np.array([1.3, 1.5], np.float32)).tolist() == [False, True]
    assert unchecked_rule(0.3).far == FAR_DISTANCE
    assert fit_unsure_rule(guesses, np.zeros(3, np.float32), np.zeros(3, np.int64), 1.0) is None


def test_margins_of_certain_guesses_are_finite() -> None:
    assert np.isfinite(margins(np.array([[1.0, 0.0]], np.float32))).all()
