"""Calibration and the rule for "I don't know"."""

import numpy as np
import pytest

from ml_core.learn.calibration import (
    FAR_DISTANCE,
    UnsureRule,
    confusion,
    cross_entropy,
    fit_temperature,
    fit_unsure_rule,
    margins,
    softmax,
    unchecked_rule,
    unchecked_temperature,
)


def scored(count=400, scale=30.0, seed=0):
    """Scores whose true temperature is 1 / scale."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(count, 3)) * 2
    chances = softmax(logits.astype(np.float32))
    labels = np.array([rng.choice(3, p=row / row.sum()) for row in chances.astype(np.float64)])
    return (logits * scale).astype(np.float32), labels


def test_temperature_is_found_again():
    scores, labels = scored()
    assert 0.6 < fit_temperature(scores, labels) * 30 < 1.6


def test_temperature_improves_the_held_out_loss():
    scores, labels = scored(seed=1)
    fresh, fresh_labels = scored(seed=2)
    fitted = cross_entropy(fresh, fresh_labels, fit_temperature(scores, labels))
    assert fitted < min(cross_entropy(fresh, fresh_labels, t) for t in (1.0, 0.003))


def test_all_right_does_not_ask_for_certainty_without_end():
    scores = np.eye(3, dtype=np.float32)[np.arange(30) % 3] * 100
    probabilities = softmax(scores * np.float32(fit_temperature(scores, np.arange(30) % 3)))
    assert 0.9 < probabilities.max() < 0.9999


def test_impossible_labels_stay_finite():
    scores = np.array([[1.0, -np.inf], [2.0, -np.inf]], np.float32)
    assert np.isfinite(fit_temperature(scores, np.array([0, 1])))


def test_rule_keeps_known_photos_and_rejects_far_ones():
    rng = np.random.default_rng(0)
    labels = np.arange(200) % 2
    probabilities = softmax(
        np.eye(2, dtype=np.float32)[labels] * rng.uniform(0.5, 6, (200, 1)).astype(np.float32)
    )
    distances = rng.uniform(0.1, 0.3, 200).astype(np.float32)
    rule = fit_unsure_rule(probabilities, distances, labels, between_labels=1.5)
    assert rule.unsure(probabilities, distances).mean() < 0.08
    assert rule.unsure(probabilities, distances + 2).all()
    even = np.full((200, 2), 0.5, np.float32)
    assert rule.unsure(even, distances + 0.2).all()


def test_far_is_between_the_labels_and_never_nearer_than_known_photos():
    labels = np.arange(200) % 2
    probabilities = softmax(np.eye(2, dtype=np.float32)[labels] * 4)
    distances = np.linspace(0.1, 1.6, 200, dtype=np.float32)
    far = {
        between: fit_unsure_rule(probabilities, distances, labels, between).far for between in (0.2, 1.7, 9)
    }
    assert far[0.2] == pytest.approx(np.quantile(distances, 0.95), abs=0.01)
    assert far[1.7] == pytest.approx(1.7)
    assert far[9] == pytest.approx(1.2 * 1.6)
    near = fit_unsure_rule(probabilities, distances / 10, labels, 0.1)
    assert near.far == FAR_DISTANCE


def test_clear_photos_of_another_room_are_spared():
    rule = UnsureRule(distance_weight=10.0, margin_weight=0.5, threshold=2.0, far=1.1)
    clear, doubtful = np.array([[0.99, 0.01]], np.float32), np.array([[0.7, 0.3]], np.float32)
    away = np.array([0.8], np.float32)
    assert not rule.unsure(clear, away)[0]
    assert rule.unsure(doubtful, away)[0]


def test_without_a_check_even_guesses_and_far_photos_are_unsure():
    guesses = np.array([[0.5, 0.5], [0.55, 0.45], [0.8, 0.2]], np.float32)
    rule = unchecked_rule(1.4)
    assert rule.unsure(guesses, np.zeros(3, np.float32)).tolist() == [True, True, False]
    assert rule.unsure(guesses[[2, 2]], np.array([1.3, 1.5], np.float32)).tolist() == [False, True]
    assert unchecked_rule(0.3).far == FAR_DISTANCE
    assert fit_unsure_rule(guesses, np.zeros(3, np.float32), np.zeros(3, np.int64), 1.0) is None


@pytest.mark.parametrize("scale", [10.0, 30_000.0])
def test_without_a_check_training_photos_are_clear_and_not_certain(scale):
    labels = np.arange(30) % 3
    scores = (np.eye(3)[labels] * scale).astype(np.float32)
    probabilities = softmax(scores * np.float32(unchecked_temperature(scores, labels)))
    assert (probabilities.argmax(1) == labels).all()
    assert 0.9 < probabilities.max() < 0.99


def test_without_a_check_equal_photos_stay_even():
    scores, labels = np.full((6, 2), 3.0, np.float32), np.arange(6) % 2
    probabilities = softmax(scores * np.float32(unchecked_temperature(scores, labels)))
    assert (probabilities == 0.5).all()


def test_margins_of_certain_guesses_are_finite():
    assert np.isfinite(margins(np.array([[1.0, 0.0]], np.float32))).all()


def test_confusion_counts_true_by_guessed():
    table = confusion(np.array([0, 0, 1]), np.array([0, 1, 1]), 2)
    assert table.tolist() == [[1, 1], [0, 1]]
