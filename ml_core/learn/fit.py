"""The closed form: features and labels -> a head with its self-check, with progress and cancel.

The mathematics is in docs/mathematics.md.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ml_core.config import MAX_LABELS, MAX_PHOTOS_PER_TRAIN
from ml_core.errors import InvalidInputError, WorkCancelledError
from ml_core.learn.calibration import ALL_PHOTOS_CLEARER, confusion, fit_temperature, unchecked_temperature
from ml_core.learn.grouping import group_photos, grouped_folds
from ml_core.learn.head import (
    Floats,
    Ints,
    LinearHead,
    Reach,
    Spread,
    fit_reach,
    fit_spread,
    photo_variance,
    shrinkage_lda,
)
from ml_core.learn.self_check import DotProducts
from ml_core.learn.unknown import Rule, fit_strangeness_rule, unchecked_rule

CLOSED_FORM = "closed-form"
FOLDS = 5
CURVE_PHOTOS = (2, 5, 10, 20, 40, 80, 160)
# The self-check's cost grows with the cube of its rows: with 200 photos it looks at 3 views of each.
MAX_CHECK_ROWS = 600
MAX_CHECK_PHOTOS = 400  # more of them, 40 of each of ten labels, would say the same a little more exactly
MAX_FIT_ROWS = 20_000  # 150 MB; sets of thousands of photos are fitted on fewer views each


@dataclass(frozen=True)
class TrainingPhoto:
    """One labelled photo, as its feature views."""

    label: int
    views: npt.NDArray[np.float16]  # [views, length]
    taken_at_ms: int = 0
    perceptual_hash: int = 0


@dataclass(frozen=True)
class Choice:
    """What the self-check decides: all features or the final ones alone, and how much to shrink."""

    final_only: bool
    shrinkage: float


# The first is best where the test photos come from another room, which no self-check can see, and as good
# as any elsewhere. Another one must be clearly better on the photos held back.
CHOICES = (Choice(False, 0.8), Choice(False, 0.2), Choice(False, 0.6), Choice(True, 0.8))
CLEARLY_BETTER_SHARE = 0.03
CLEARLY_BETTER_PHOTOS = 3


@dataclass(frozen=True)
class LearningCurvePoint:
    """A real fit on so many photos per label, tried on photos held back."""

    photos_per_label: int
    correct: int
    total: int


@dataclass(frozen=True)
class SelfCheck:
    """What grouped cross-validation chose and found, on photos that the fits had not seen."""

    choice: Choice
    temperature: float
    rule: Rule
    confusion: Ints  # [true, guessed] counts of the photos held back
    curve: tuple[LearningCurvePoint, ...]


@dataclass(frozen=True)
class TrainingOutcome:
    """A fitted head and its self-check."""

    head: LinearHead
    reach: Reach
    spread: Spread
    check: SelfCheck
    photos: int
    fit_seconds: float  # of the head itself, without the self-check


@dataclass(frozen=True)
class Callbacks:
    """How a training talks to the outside: stage names are those of the contract."""

    progress: Callable[[str, float], None] = field(default=lambda stage, fraction: None)
    curve_point: Callable[[LearningCurvePoint], None] = field(default=lambda point: None)
    cancelled: Callable[[], bool] = field(default=lambda: False)

    def step(self, stage: str, fraction: float) -> None:
        """Report, or stop here when nobody waits for the result any more."""
        self.stop_if_cancelled()
        self.progress(stage, fraction)

    def stop_if_cancelled(self) -> None:
        if self.cancelled():
            raise WorkCancelledError


def check_photos(photos: Sequence[TrainingPhoto], label_count: int) -> None:
    """Everything that can be wrong with a training set, each with a key of its own."""
    if label_count < 2:
        raise InvalidInputError("too_few_labels", "two labels at least")
    if label_count > MAX_LABELS:
        raise InvalidInputError("too_many_labels", f"{MAX_LABELS} labels at most")
    if not photos:
        raise InvalidInputError("no_photos", "no photo was sent")
    if len(photos) > MAX_PHOTOS_PER_TRAIN:
        raise InvalidInputError("too_many_photos", f"{MAX_PHOTOS_PER_TRAIN} photos at most")
    if len({photo.label for photo in photos}) < label_count:
        raise InvalidInputError("empty_label", "every label needs a photo")
    if len({photo.views.shape[1] for photo in photos}) > 1:
        raise InvalidInputError("wrong_feature_length", "the photos' features have several lengths")
    if not all(np.isfinite(photo.views).all() for photo in photos):
        raise InvalidInputError("bad_features", "features that are not finite numbers")


def train(
    photos: Sequence[TrainingPhoto],
    label_count: int,
    seed: int = 0,
    callbacks: Callbacks | None = None,
    final_length: int = 0,
    unlike_from: float | None = None,
) -> TrainingOutcome:
    """Choose by self-check, then fit on everything. `final_length` is how many of the features,
    from the first on, are the backbone's final ones; 0: all. `unlike_from`: as in `BackboneSpec`."""
    calls = callbacks or Callbacks()
    check_photos(photos, label_count)
    length = photos[0].views.shape[1]
    final_length = final_length or length
    calls.step("looking", 0.0)
    check = self_check(photos, label_count, final_length, seed, calls, unlike_from)

    calls.step("fitting", 0.8)
    started = time.perf_counter()
    head, reach, spread = fit(photos, label_count, check.choice, final_length)
    seconds = time.perf_counter() - started

    calls.step("fitting", 1.0)
    return TrainingOutcome(head, reach, spread, check, len(photos), seconds)


def fit(
    photos: Sequence[TrainingPhoto], label_count: int, choice: Choice, final_length: int
) -> tuple[LinearHead, Reach, Spread]:
    """The head itself, in one step. Adding or deleting a photo is another fit: it takes a fraction of a
    second (`python -m ml_core taps`), so there are no sums to keep up to date."""
    length = photos[0].views.shape[1]
    labels = np.array([photo.label for photo in photos], np.int64)
    rows, photo_of_row = _rows(photos, MAX_FIT_ROWS, final_length if choice.final_only else length)
    head = shrinkage_lda(rows, labels[photo_of_row], label_count, choice.shrinkage).padded(length)
    whole = _means_of(photos, rows, photo_of_row)
    spread = fit_spread(
        rows,
        labels[photo_of_row],
        label_count,
        choice.shrinkage,
        photo_variance(whole, labels, label_count),
    ).padded(length)
    return head, fit_reach(whole, labels, label_count), spread


def self_check(
    photos: Sequence[TrainingPhoto],
    label_count: int,
    final_length: int,
    seed: int,
    calls: Callbacks,
    unlike_from: float | None = None,
) -> SelfCheck:
    """In reading order: hold back groups of photos, fold by fold, and keep the choice that guesses
    them best; make its scores probabilities; draw the learning curve.

    A label that is all one burst can't be held back. What the other labels' photos say would be of
    them alone: then nothing is chosen, fitted or drawn by them."""
    checked_photos = _sample(photos, seed)
    labels = np.array([photo.label for photo in checked_photos], np.int64)
    folds = _folds(checked_photos, seed)
    rows, photo_of_row = _rows(checked_photos, MAX_CHECK_ROWS)
    products = {False: DotProducts(rows, photo_of_row, labels, label_count)}
    if final_length < rows.shape[1]:
        products[True] = DotProducts(rows[:, :final_length], photo_of_row, labels, label_count)

    calls.step("checking", 0.2)
    scores, strong, checked = _scores_by_choice(products, folds, calls)
    true = labels[checked]
    complete = len(np.unique(true)) == label_count
    choice = _choose(scores, true) if complete else CHOICES[0]
    everyone = np.arange(len(labels))
    temperature = (
        ALL_PHOTOS_CLEARER * fit_temperature(scores[choice], true)
        if complete
        else unchecked_temperature(products[False].scores(everyone, everyone, [choice.shrinkage])[0], labels)
    )
    guesses = scores[choice].argmax(1)
    rule: Rule | None = None
    if complete:
        distances = products[False].held_out_distances(folds, checked)
        unlike = products[final_length < rows.shape[1]].held_out_unlikeness(folds, checked)
        known = None if unlike_from is None else (final_length, unlike_from)
        rule = fit_strangeness_rule(guesses == true, distances, strong[choice], unlike, known)
    rule = rule or unchecked_rule(products[False].between_labels())
    table = confusion(true, guesses, label_count)
    calls.step("checking", 0.5)
    curve: tuple[LearningCurvePoint, ...] = ()
    if complete:
        fewer = _learning_curve(products[choice.final_only], folds, labels, choice.shrinkage, seed, calls)
        curve = (*fewer, LearningCurvePoint(_smallest(labels), int(np.trace(table)), len(true)))
        calls.curve_point(curve[-1])
    return SelfCheck(
        choice=choice,
        temperature=temperature,
        rule=rule,
        confusion=table,
        curve=curve,
    )


def _sample(photos: Sequence[TrainingPhoto], seed: int) -> list[TrainingPhoto]:
    """All photos, or as many of each label as the self-check can afford."""
    rank = _random_rank(np.array([photo.label for photo in photos], np.int64), seed)
    return [photos[index] for index in np.sort(np.argsort(rank, kind="stable")[:MAX_CHECK_PHOTOS])]


def _folds(photos: Sequence[TrainingPhoto], seed: int) -> Ints:
    """A fold per photo, bursts and near-duplicates in one."""
    labels = [photo.label for photo in photos]
    groups = group_photos(
        labels, [photo.taken_at_ms for photo in photos], [photo.perceptual_hash for photo in photos]
    )
    return grouped_folds(np.array(labels, np.int64), groups, FOLDS, seed)


def _rows(photos: Sequence[TrainingPhoto], max_rows: int, length: int | None = None) -> tuple[Floats, Ints]:
    """Every view as a row, with fewer views per photo where there are too many photos."""
    most = max(1, max_rows // len(photos))
    parts = [photo.views[:most, :length] for photo in photos]
    photo_of_row = np.repeat(np.arange(len(photos)), [len(part) for part in parts])
    return np.concatenate(parts).astype(np.float32), photo_of_row


def photo_rows(photos: Sequence[TrainingPhoto]) -> Floats:
    """One row per photo: the mean over its views."""
    return np.stack([photo.views.astype(np.float32).mean(0) for photo in photos])


def _means_of(photos: Sequence[TrainingPhoto], rows: Floats, photo_of_row: Ints) -> Floats:
    """As `photo_rows`, from rows that are at hand if these are all views with all features."""
    if len(rows) < sum(len(photo.views) for photo in photos) or rows.shape[1] < photos[0].views.shape[1]:
        return photo_rows(photos)
    counts = np.bincount(photo_of_row)
    if (counts == counts[0]).all():  # as nearly always, and ten times as fast
        return np.asarray(rows.reshape(len(counts), counts[0], -1).mean(1), np.float32)
    starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
    return np.asarray(np.add.reduceat(rows, starts, axis=0) / counts[:, None], np.float32)


def _scores_by_choice(
    products: dict[bool, DotProducts], folds: Ints, calls: Callbacks
) -> tuple[dict[Choice, Floats], dict[Choice, Floats], Ints]:
    """Scores and strengths of the photos held back, and which these are."""
    found: dict[Choice, Floats] = {}
    strong: dict[Choice, Floats] = {}
    checked = np.empty(0, np.int64)
    for final_only, table in products.items():
        choices = [choice for choice in CHOICES if choice.final_only == final_only]
        shrinkages = [choice.shrinkage for choice in choices]
        scores, strengths, checked = table.held_out(folds, shrinkages, calls.stop_if_cancelled)
        found |= dict(zip(choices, scores, strict=True))
        strong |= dict(zip(choices, strengths, strict=True))
    return found, strong, checked


def _choose(scores: dict[Choice, Floats], true: Ints) -> Choice:
    right = {choice: int((part.argmax(1) == true).sum()) for choice, part in scores.items()}
    best = max(right, key=lambda choice: right[choice])  # the earlier one between equals
    # Fewer more right guesses than this, of so many photos held back, are luck.
    needed = max(CLEARLY_BETTER_PHOTOS, CLEARLY_BETTER_SHARE * len(true))
    return best if right[best] - right[CHOICES[0]] >= needed else CHOICES[0]


def _learning_curve(
    products: DotProducts, folds: Ints, labels: Ints, shrinkage: float, seed: int, calls: Callbacks
) -> tuple[LearningCurvePoint, ...]:
    """Self-checks on fewer photos per label than there are; each point is a real fit."""
    rank = _random_rank(labels, seed)
    points: list[LearningCurvePoint] = []
    sizes = [size for size in CURVE_PHOTOS if size < _smallest(labels)]
    for position, size in enumerate(sizes):
        calls.step("checking", 0.5 + 0.3 * position / len(sizes))
        allowed = (rank < size).astype(np.int64)
        scores, _, checked = products.held_out(folds, (shrinkage,), calls.stop_if_cancelled, allowed)
        if len(checked):
            correct = int((scores[0].argmax(1) == labels[checked]).sum())
            points.append(LearningCurvePoint(size, correct, len(checked)))
            calls.curve_point(points[-1])
    return tuple(points)


def _smallest(labels: Ints) -> int:
    return int(np.bincount(labels).min())


def _random_rank(labels: Ints, seed: int) -> Ints:
    """Each photo's place in a random order of its label's photos."""
    rng = np.random.default_rng(seed)
    rank = np.empty(len(labels), np.int64)
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        rank[members[rng.permutation(len(members))]] = np.arange(len(members))
    return rank
