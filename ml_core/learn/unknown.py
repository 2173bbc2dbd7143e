"""The rules for "I don't know": when a photo is too strange or a guess too unclear to name a label."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ml_core.learn.head import Floats

Bools = npt.NDArray[np.bool_]

MIN_PHOTOS_FOR_RULE = 8
# Known photos held back that may be stranger than the threshold before its slack: a child forgives it
# sometimes, not on every fifth photo.
UNSURE_SHARE = 0.05
# What the photos held back do not show of tomorrow's, in units of strangeness. With 0.5 a twentieth more of
# things like the labels is rejected, and a twentieth fewer known ones get an answer in another place.
SLACK = 0.75
DISTANCE_WEIGHT = 1.5  # of models of format 2
# Photos of one board or table lie closer together than photos of tomorrow will.
DISTANCE_SCALE_MIN = 0.15
STRENGTH_SCALE_MIN = 0.25
# In another place everything speaks more faintly for its label, at least this much.
STRENGTH_SHARE_MIN = 0.4

# In another place all is far away and the distance tells nothing more: it counts up to so many deviations.
DISTANCE_MOST = 2.0
DISTANCE_WEIGHT_CAPPED = 0.75
# What has nothing to do with any label counts in full, from `unlike_from` on and softly around it.
UNLIKE_WEIGHT = 80.0
UNLIKE_SOFTNESS = 0.03
# Where known photos held back come closer to `unlike_from` than this, labels are too manifold for it to tell
# anything, and distance counts in full.
UNLIKE_ROOM = 0.06

CLEAR_MARGIN = 3.0  # the first label 20 times as likely as the second
# Of features whose squared length is 2: unrelated things lie beyond it, known ones in another room rarely.
FAR_DISTANCE = 1.1


@dataclass(frozen=True)
class StrangenessRule:
    """A guess is "I don't know" when distance (how unlike everything that was learned) and strength (how
    clearly it speaks for its label), each in units of the photos held back, together are strange. Distance
    alone finds things that are nothing like the labels, strength those that are a little like several."""

    distance_mean: float
    distance_scale: float
    strength_mean: float
    strength_scale: float
    threshold: float

    def strangeness(
        self, distances: Floats, strengths: Floats, unlikeness: Floats, strength_share: float = 1.0
    ) -> Floats:
        """`strength_share`: how strong things are where the photos come from, 1 as in training."""
        del unlikeness
        far = (distances - self.distance_mean) / self.distance_scale
        faint = (self.strength_mean - strengths / strength_share) / self.strength_scale
        return np.asarray(DISTANCE_WEIGHT * far + faint, np.float32)

    def unsure(
        self,
        probabilities: Floats,
        distances: Floats,
        strengths: Floats,
        unlikeness: Floats,
        strength_share: float = 1.0,
    ) -> Bools:
        """[n, labels] and three times [n] -> [n]: of which "I don't know" is said."""
        del probabilities
        strange = self.strangeness(distances, strengths, unlikeness, strength_share)
        return np.asarray(strange > self.threshold, np.bool_)

    def share_of(self, strengths: Floats) -> float:
        """How strong these are beside the photos held back."""
        usual = float(np.median(strengths)) / max(self.strength_mean, 1e-3)
        return float(np.clip(usual, STRENGTH_SHARE_MIN, 1.0))


@dataclass(frozen=True)
class UnlikeRule(StrangenessRule):
    """As above, for photos by themselves that may come from another place: there everything is far away,
    known or not. So distance counts up to DISTANCE_MOST deviations, and what is unlike all labels in the
    backbone's final features alone, in which a place shows least, counts from `unlike_from` on."""

    final_length: float  # how many of the features, from the first on, are the final ones
    unlike_from: float  # a cosine distance: between unrelated photos it is larger

    def strangeness(
        self, distances: Floats, strengths: Floats, unlikeness: Floats, strength_share: float = 1.0
    ) -> Floats:
        far = np.minimum((distances - self.distance_mean) / self.distance_scale, DISTANCE_MOST)
        faint = (self.strength_mean - strengths / strength_share) / self.strength_scale
        beyond = UNLIKE_SOFTNESS * np.logaddexp(0, (unlikeness - self.unlike_from) / UNLIKE_SOFTNESS)
        return np.asarray(DISTANCE_WEIGHT_CAPPED * far + faint + UNLIKE_WEIGHT * beyond, np.float32)


@dataclass(frozen=True)
class UnsureRule:
    """The rule of models of format 1, and where too few photos can be held back. A guess is "I don't know"
    when the photo is like nothing ordinary (`far`), or stranger than the photos held back and not clear.
    Strangeness is distance * distance_weight - margin * margin_weight."""

    distance_weight: float
    margin_weight: float
    threshold: float
    far: float

    def strangeness(
        self, distances: Floats, strengths: Floats, unlikeness: Floats, strength_share: float = 1.0
    ) -> Floats:
        del strengths, unlikeness, strength_share
        return distances

    def unsure(
        self,
        probabilities: Floats,
        distances: Floats,
        strengths: Floats,
        unlikeness: Floats,
        strength_share: float = 1.0,
    ) -> Bools:
        """[n, labels] and three times [n] -> [n]: of which "I don't know" is said."""
        del strengths, unlikeness, strength_share
        margin = margins(probabilities)
        strange = distances * self.distance_weight - margin * self.margin_weight > self.threshold
        return np.asarray((distances > self.far) | (strange & (margin < CLEAR_MARGIN)), np.bool_)

    def share_of(self, strengths: Floats) -> float:
        del strengths
        return 1.0


Rule = StrangenessRule | UnlikeRule | UnsureRule


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


def fit_strangeness_rule(
    right: Bools, distances: Floats, strengths: Floats, unlikeness: Floats, unlike: tuple[int, float] | None
) -> StrangenessRule | None:
    """From the photos held back, [n] each; `right`: which were guessed rightly, and None where these are too
    few. `unlike`: how many features are final ones, and the cosine distance between them from which photos
    have nothing to do with each other; None: not known of these features."""
    if right.sum() < MIN_PHOTOS_FOR_RULE:
        return None
    known, strong = distances[right], strengths[right]
    numbers = {
        "distance_mean": float(known.mean()),
        "distance_scale": max(float(known.std()), DISTANCE_SCALE_MIN),
        "strength_mean": float(strong.mean()),
        "strength_scale": max(float(strong.std()), STRENGTH_SCALE_MIN),
        "threshold": 0.0,
    }
    rule = StrangenessRule(**numbers)
    if unlike is not None:
        final_length, unlike_from = unlike
        if float(np.quantile(unlikeness[right], 1 - UNSURE_SHARE)) <= unlike_from - UNLIKE_ROOM:
            rule = UnlikeRule(**numbers, final_length=float(final_length), unlike_from=unlike_from)
    usual = float(np.quantile(rule.strangeness(known, strong, unlikeness[right]), 1 - UNSURE_SHARE))
    return replace(rule, threshold=usual + SLACK)
