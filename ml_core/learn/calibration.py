"""What scores are worth: accuracy, confusion, calibrated probabilities and when to say "unsure".

Knows nothing of photos, heads or requests: scores and true labels in, numbers out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ml_core.learn.head import Floats, Ints

# Known photos that may be answered "I don't know": a child forgives it sometimes, not on every fifth photo.
UNSURE_SHARE = 0.05
MARGIN_SHARE = 0.5  # of the weight of the distance
MIN_PHOTOS_FOR_RULE = 8
CLEAR_MARGIN = 3.0  # the first label 20 times as likely as the second
# What the best temperature makes of the training photos' median margin: 3 to 10 on three sets of photos
# with 1 to 12 moments per label.
UNCHECKED_MARGIN = 4.0
# Of features whose squared length is 2: unrelated things lie beyond it, known ones in another room rarely.
FAR_DISTANCE = 1.1


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


@dataclass(frozen=True)
class UnsureRule:
    """A guess is "I don't know" when the photo is like nothing ordinary (`far`), or stranger than the
    photos held back and not clear. Strangeness is distance * distance_weight - margin * margin_weight.

    The clear ones are spared because all photos are strange in another room: by strangeness alone a
    model of hands on a green board would answer "I don't know" to every hand elsewhere."""

    distance_weight: float
    margin_weight: float
    threshold: float
    far: float

    def unsure(self, probabilities: Floats, distances: Floats) -> npt.NDArray[np.bool_]:
        margin = margins(probabilities)
        strange = distances * self.distance_weight - margin * self.margin_weight > self.threshold
        return np.asarray((distances > self.far) | (strange & (margin < CLEAR_MARGIN)), np.bool_)


def unchecked_rule(between_labels: float) -> UnsureRule:
    """The rule without enough photos held back: the second label is nearly as likely as the first, or
    the photo is farther from all labels than these are from each other. `between_labels`: the median
    distance of a label's photos where the label is left out. In units of it, nine of ten known photos
    from another moment lay within 0.7 to 1.2, and nine of ten unrelated ones beyond 0.8 to 6."""
    return UnsureRule(0.0, margin_weight=1.0, threshold=-0.4, far=max(FAR_DISTANCE, between_labels))


def margins(probabilities: Floats) -> Floats:
    """How much likelier the first label is than the second, in logarithms; beyond a factor of 150
    more says nothing."""
    ordered = np.sort(probabilities, axis=-1)
    ratio = np.maximum(ordered[..., -1], 1e-12) / np.maximum(ordered[..., -2], 1e-12)
    return np.asarray(np.minimum(np.log(ratio), 5.0), np.float32)


def fit_unsure_rule(
    probabilities: Floats, distances: Floats, labels: Ints, between_labels: float
) -> UnsureRule | None:
    """The thresholds that all but a small share of the rightly guessed held-out photos stay below; None
    where these are too few. `between_labels` as in `unchecked_rule`."""
    right = probabilities.argmax(1) == labels
    if right.sum() < MIN_PHOTOS_FOR_RULE:
        return None
    margin = margins(probabilities)
    distance_weight = 1.0 / max(float(distances.std()), 1e-6)
    margin_weight = MARGIN_SHARE / max(float(margin.std()), 0.1)
    strange = distances * distance_weight - margin * margin_weight
    threshold = float(np.quantile(strange[right], 1 - UNSURE_SHARE))
    usual = float(np.quantile(distances[right], 1 - UNSURE_SHARE))
    far = max(FAR_DISTANCE, min(1.2 * float(distances[right].max()), max(between_labels, usual)))
    return UnsureRule(distance_weight, margin_weight, threshold, far)
