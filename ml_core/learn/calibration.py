"""What scores are worth: the confusion table, and the temperature that makes them probabilities."""

from __future__ import annotations

import numpy as np

from ml_core.learn.head import Floats, Ints

# What the best temperature makes of the training photos' median margin: 3 to 10 on three sets of photos
# with 1 to 12 moments per label.
UNCHECKED_MARGIN = 4.0
# A fit on all photos is clearer than those of the folds, which have seen four of five, and the doubt below
# comes on top: on nine sets of tests shares were too modest, and this nearly halves how far they are off.
ALL_PHOTOS_CLEARER = 1.35


def softmax(scores: Floats) -> Floats:
    """Over the last axis, whose sums are 1."""
    shifted = np.exp(scores - scores.max(-1, keepdims=True))
    return np.asarray(shifted / shifted.sum(-1, keepdims=True), np.float32)


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
    """The factor on the scores with the smallest loss on photos held back (Guo et al. 2017, temperature
    scaling): that of the fits which held them back."""
    spread = float(np.median(np.ptp(np.where(np.isfinite(scores), scores, 0), axis=1)))
    unit = 1.0 / spread if spread > 0 else 1.0  # scores of a widely shrunk fit are in the thousands
    candidates = unit * np.geomspace(0.05, 200.0, 80)
    losses = [cross_entropy(scores, labels, float(t)) for t in candidates]
    return float(candidates[int(np.argmin(losses))])


def unchecked_temperature(scores: Floats, labels: Ints) -> float:
    """The factor where no photo of some label can be held back, as after one burst of each: from the
    scores of the training photos themselves, [photos, labels], which say how wide the scores are but
    not how often they are right."""
    rows = np.arange(len(labels))
    others = scores.copy()
    others[rows, labels] = -np.inf
    margin = float(np.median(scores[rows, labels] - others.max(1)))
    return UNCHECKED_MARGIN / max(margin, 1.0)
