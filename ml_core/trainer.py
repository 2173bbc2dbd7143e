"""The recipes: features and labels -> a head with its self-check, with progress and cancel.

Knows nothing of requests, files or who asked: the caller gives two callbacks.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from ml_core.config import MAX_LABELS, MAX_PHOTOS_PER_TRAIN
from ml_core.errors import InvalidInputError, WorkCancelledError
from ml_core.evaluate import UnsureRule, confusion, fit_temperature, fit_unsure_rule, softmax
from ml_core.grouping import group_photos, grouped_folds
from ml_core.head import Floats, Ints, LinearHead, Reach, fit_reach, shrinkage_lda
from ml_core.selfcheck import DotProducts

CLOSED_FORM = "closed-form"
RECIPES = (CLOSED_FORM,)
SHRINKAGES = (0.1, 0.3, 0.5, 0.7, 0.9)
FOLDS = 5
CURVE_PHOTOS = (2, 5, 10, 20, 40, 80, 160)
MAX_CHECK_ROWS = 1_500  # the self-check's cost grows with the cube of its rows: 1,500 take a second


@dataclass(frozen=True)
class TrainingPhoto:
    """One labelled photo, as its feature views."""

    label: int
    views: npt.NDArray[np.float16]  # [views, length]
    taken_at_ms: int = 0
    perceptual_hash: int = 0


@dataclass(frozen=True)
class CurvePoint:
    photos_per_label: int
    correct: int
    total: int


@dataclass(frozen=True)
class Trained:
    """A fitted head and what its self-check found on photos held back."""

    head: LinearHead
    reach: Reach
    recipe: str
    shrinkage: float
    temperature: float
    rule: UnsureRule
    confusion: Ints
    curve: tuple[CurvePoint, ...]
    photos: int
    fit_seconds: float  # of the head itself, without the self-check


@dataclass(frozen=True)
class Callbacks:
    """How a training talks to the outside: stage names are those of the contract."""

    progress: Callable[[str, float], None] = field(default=lambda stage, fraction: None)
    curve_point: Callable[[CurvePoint], None] = field(default=lambda point: None)
    cancelled: Callable[[], bool] = field(default=lambda: False)

    def step(self, stage: str, fraction: float) -> None:
        """Report, or stop here when nobody waits for the result any more."""
        self.stop_if_cancelled()
        self.progress(stage, fraction)

    def stop_if_cancelled(self) -> None:
        if self.cancelled():
            raise WorkCancelledError


def choose_recipe(recipe: str) -> str:
    """The recipe that a request's name means."""
    if recipe not in ("", *RECIPES):
        raise InvalidInputError("unknown_recipe", f"{recipe!r}; there are: {', '.join(RECIPES)}")
    return recipe or CLOSED_FORM


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
    recipe: str = "",
    seed: int = 0,
    callbacks: Callbacks | None = None,
) -> Trained:
    """Choose by self-check, fit on everything. In reading order: gather the rows; hold back groups of
    photos, fold by fold, and keep the shrinkage that guesses them best; draw the learning
    curve; make the scores probabilities; fit the head on all photos."""
    calls = callbacks or Callbacks()
    name = choose_recipe(recipe)
    check_photos(photos, label_count)

    calls.step("looking", 0.0)
    labels = np.array([photo.label for photo in photos], np.int64)
    groups = group_photos(
        [photo.label for photo in photos],
        [photo.taken_at_ms for photo in photos],
        [photo.perceptual_hash for photo in photos],
    )
    folds = grouped_folds(labels, groups, FOLDS, seed)
    products = _dot_products(photos, labels, label_count)

    calls.step("checking", 0.2)
    scores, checked = products.held_out(folds, SHRINKAGES, lambda: calls.step("checking", 0.2))
    best = _best_shrinkage(scores, labels[checked])
    held_out, true = scores[best], labels[checked]
    curve = _learning_curve(products, folds, labels, SHRINKAGES[best], seed, calls)
    temperature = fit_temperature(held_out, true)
    distances = products.held_out_distances(folds, checked)
    rule = fit_unsure_rule(softmax(held_out * np.float32(temperature)), distances, true)

    calls.step("fitting", 0.8)
    started = time.perf_counter()
    rows, photo_of_row = _rows(photos, max_views=None)
    head = shrinkage_lda(rows, labels[photo_of_row], label_count, SHRINKAGES[best])
    reach = fit_reach(_photo_rows(photos), labels, label_count)
    seconds = time.perf_counter() - started

    calls.step("fitting", 1.0)
    return Trained(
        head=head,
        reach=reach,
        recipe=name,
        shrinkage=SHRINKAGES[best],
        temperature=temperature,
        rule=rule,
        confusion=confusion(true, held_out.argmax(1), label_count),
        curve=curve,
        photos=len(photos),
        fit_seconds=seconds,
    )


def _rows(photos: Sequence[TrainingPhoto], max_views: int | None) -> tuple[Floats, Ints]:
    parts = [photo.views[:max_views] for photo in photos]
    photo_of_row = np.repeat(np.arange(len(photos)), [len(part) for part in parts])
    return np.concatenate(parts).astype(np.float32), photo_of_row


def _photo_rows(photos: Sequence[TrainingPhoto]) -> Floats:
    """One row per photo: the mean over its views."""
    return np.stack([photo.views.astype(np.float32).mean(0) for photo in photos])


def _dot_products(photos: Sequence[TrainingPhoto], labels: Ints, label_count: int) -> DotProducts:
    """All photos, with as many views each as the self-check can afford."""
    most = max(1, MAX_CHECK_ROWS // len(photos))
    rows, photo_of_row = _rows(photos, max_views=most)
    return DotProducts(rows, photo_of_row, labels, label_count)


def _best_shrinkage(scores: Floats, true: Ints) -> int:
    """Most held-out photos right; between equals the one nearest the middle, which is safest."""
    middle = len(SHRINKAGES) // 2
    if not len(true):
        return middle
    right = (scores.argmax(2) == true).sum(1)
    return min(range(len(SHRINKAGES)), key=lambda index: (-int(right[index]), abs(index - middle)))


def _learning_curve(
    products: DotProducts, folds: Ints, labels: Ints, shrinkage: float, seed: int, calls: Callbacks
) -> tuple[CurvePoint, ...]:
    """Self-checks on fewer photos per label, then on all of them; each point is a real fit."""
    smallest = int(np.bincount(labels).min())
    rank = _random_rank(labels, seed)
    points: list[CurvePoint] = []
    sizes = [size for size in CURVE_PHOTOS if size < smallest]
    for position, size in enumerate([*sizes, smallest]):
        calls.step("checking", 0.5 + 0.3 * position / (len(sizes) + 1))
        allowed = (rank < size).astype(np.int64) if size < smallest else None
        scores, checked = products.held_out(folds, (shrinkage,), calls.stop_if_cancelled, allowed)
        if not len(checked):
            continue
        correct = int((scores[0].argmax(1) == labels[checked]).sum())
        points.append(CurvePoint(size, correct, len(checked)))
        calls.curve_point(points[-1])
    return tuple(points)


def _random_rank(labels: Ints, seed: int) -> Ints:
    """Each photo's place in a random order of its label's photos."""
    rng = np.random.default_rng(seed)
    rank = np.empty(len(labels), np.int64)
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        rank[members[rng.permutation(len(members))]] = np.arange(len(members))
    return rank
