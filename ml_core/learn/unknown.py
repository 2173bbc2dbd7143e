"""The rule for "I don't know": when a photo is too strange or a guess too unclear to name a label."""

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
# Of features whose squared length is 2: unrelated things lie beyond it, known ones in another room rarely.
FAR_DISTANCE = 1.1


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
