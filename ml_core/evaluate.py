"""What scores are worth: accuracy, confusion, calibrated probabilities and when to say "unsure".

Knows nothing of photos, heads or requests: scores and true labels in, numbers out.
"""

from __future__ import annotations

import numpy as np

from ml_core.head import Floats, Ints

# Kept known photos: a child forgives "I don't know" sometimes, not on every tenth photo.
UNSURE_SHARE = 0.05
HIGHEST_THRESHOLD = 0.9


def softmax(scores: Floats) -> Floats:
    shifted = np.exp(scores - scores.max(-1, keepdims=True))
    return np.asarray(shifted / shifted.sum(-1, keepdims=True), np.float32)


def accuracy(scores: Floats, labels: Ints) -> float:
    return float((scores.argmax(-1) == labels).mean()) if len(labels) else 0.0


def confusion(labels: Ints, guesses: Ints, label_count: int) -> Ints:
    """[true, guessed] counts."""
    table = np.zeros((label_count, label_count), np.int64)
    np.add.at(table, (labels, guesses), 1)
    return table


def cross_entropy(scores: Floats, labels: Ints, temperature: float) -> float:
    """Mean loss against targets that are a little unsure: on few photos that all came out right,
    the plain loss would ask for certainty without end."""
    doubt = 1.0 / (len(labels) + 2)
    finite = np.where(np.isfinite(scores), scores, -1e30).astype(np.float64) * temperature
    shifted = finite - finite.max(1, keepdims=True)
    logs = np.maximum(shifted - np.log(np.exp(shifted).sum(1, keepdims=True)), -50.0)
    true = logs[np.arange(len(labels)), labels]
    return float(-((1 - doubt) * true + doubt * logs.mean(1)).mean())


def fit_temperature(scores: Floats, labels: Ints) -> float:
    """The factor on the scores with the smallest held-out loss (Guo et al. 2017, temperature scaling)."""
    if not len(labels):
        return 1.0
    spread = float(np.median(np.ptp(np.where(np.isfinite(scores), scores, 0), axis=1)))
    unit = 1.0 / spread if spread > 0 else 1.0  # scores of a widely shrunk fit are in the thousands
    candidates = unit * np.geomspace(0.05, 200.0, 80)
    losses = [cross_entropy(scores, labels, float(t)) for t in candidates]
    return float(candidates[int(np.argmin(losses))])


def unsure_threshold(probabilities: Floats, labels: Ints) -> float:
    """The top probability below which a guess is "I don't know": what all but a small share of the
    rightly guessed held-out photos reach, never above HIGHEST_THRESHOLD."""
    right = probabilities.argmax(1) == labels
    if not right.any():
        return 1.0 / probabilities.shape[1] if probabilities.size else 0.0
    return float(min(np.quantile(probabilities.max(1)[right], UNSURE_SHARE), HIGHEST_THRESHOLD))
