"""The linear head and its closed form, shrinkage LDA, and how far a photo lies from all it was fitted on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

# Keeps a class of equal photos (all black, one photo repeated) from dividing by zero.
SMALLEST_VARIANCE = 1e-3

CENTRED_AT_ONCE = 1_024  # rows: they stay in the processor's caches
REACH_PHOTOS = 128
SPREAD_DIRECTIONS = 128
SPREAD_ROWS = 384  # more of them cost time and tell nothing new
# A label whose mean lies near the middle of all labels gets no measure of strength by itself alone.
STRENGTH_UNIT_MIN = 0.25
# The ridge as if the variance were spread over this many directions; anything from 500 to 8,000 does as well.
REACH_RIDGE_DIRECTIONS = 2_000


@dataclass(frozen=True)
class LinearHead:
    """Scores of a row x are x @ weight.T + bias, one per label."""

    weight: Floats  # [labels, length]
    bias: Floats  # [labels]

    def scores(self, rows: Floats) -> Floats:
        """[n, length] -> [n, labels]; the highest is the guess."""
        return np.asarray(rows @ self.weight.T + self.bias, np.float32)

    def padded(self, length: int) -> LinearHead:
        """The same head for rows of more features, which it does not look at."""
        missing = length - self.weight.shape[1]
        return LinearHead(np.pad(self.weight, ((0, 0), (0, missing))), self.bias)


def shrinkage_lda(rows: Floats, labels: Ints, label_count: int, shrinkage: float) -> LinearHead:
    """Linear discriminant analysis with the pooled covariance shrunk towards a multiple of the
    identity (Friedman 1989, regularised discriminant analysis). Every label needs a row. Labels
    count the same however many photos they have: children rarely take equally many.
    """
    means = class_means(rows, labels, label_count)
    solved = _solve(rows, labels, means, shrinkage)
    return LinearHead(solved, np.asarray(-0.5 * np.einsum("kd,kd->k", solved, means), np.float32))


def class_means(rows: Floats, labels: Ints, label_count: int) -> Floats:
    """[n, length] -> [label_count, length]; every label has a row or more."""
    member = np.zeros((label_count, len(rows)), np.float32)
    member[labels, np.arange(len(rows))] = 1
    return np.asarray((member @ rows) / member.sum(1, keepdims=True), np.float32)


def _solve(rows: Floats, labels: Ints, means: Floats, shrinkage: float) -> Floats:
    """means @ inverse(covariance). With fewer rows than columns the Woodbury identity turns the
    [length, length] system into a [rows, rows] one: 600 rows are solved in milliseconds."""
    count, length = rows.shape
    if count < length:
        centred = rows - means[labels]
        ridge = shrinkage * _variance(float(np.einsum("nd,nd->", centred, centred)), rows)
        gram = centred @ centred.T
        gram[np.diag_indices(count)] += ridge * count / (1 - shrinkage)
        inner = np.linalg.solve(gram, centred @ means.T)
        return np.asarray((means - inner.T @ centred) / ridge, np.float32)
    covariance = np.zeros((length, length), np.float32)
    for start in range(0, count, CENTRED_AT_ONCE):
        block = slice(start, start + CENTRED_AT_ONCE)
        centred = rows[block] - means[labels[block]]
        covariance += centred.T @ centred
    ridge = shrinkage * _variance(float(np.trace(covariance, dtype=np.float64)), rows)
    covariance *= (1 - shrinkage) / count
    covariance[np.diag_indices(length)] += ridge
    return np.asarray(np.linalg.solve(covariance, means.T).T, np.float32)


def _variance(total: float, rows: Floats) -> float:
    """Of one feature, from the sum of all squares."""
    return max(total / int(rows.size), SMALLEST_VARIANCE / int(rows.shape[1]))


@dataclass(frozen=True)
class Reach:
    """The other half of the same Gaussian model: how far a row lies from the nearest label, outside
    of the directions in which photos of one label differ anyway (squared Mahalanobis distance up to
    a factor). A linear score alone can't tell a strange photo from a clear one."""

    means: Floats  # [labels, length]
    basis: Floats  # [photos used, length]

    def distances(self, rows: Floats) -> Floats:
        """[n, length] -> [n], of each row to the label that is nearest to it."""
        found = np.empty((len(self.means), len(rows)), np.float32)
        for index, mean in enumerate(self.means):
            away = rows - mean
            within = away @ self.basis.T
            found[index] = np.einsum("nd,nd->n", away, away) - np.einsum("nr,nr->n", within, within)
        return np.asarray(found.min(0), np.float32)

    def unlikeness(self, rows: Floats, final_length: int) -> Floats:
        """[n, length] -> [n], the cosine distance of each row to the label whose mean is the nearest in it,
        from the first `final_length` features alone: 0 the same direction, 1 nothing in common."""
        finals, means = rows[:, :final_length], self.means[:, :final_length]
        return cosine_distances(
            finals @ means.T, np.einsum("nd,nd->n", finals, finals), np.einsum("kd,kd->k", means, means)
        )


def cosine_distances(products: Floats, rows: Floats, means: Floats) -> Floats:
    """Dot products of rows with labels' means, [n, labels], and the squared lengths of both -> [n], to the
    nearest label."""
    lengths = np.sqrt(np.maximum(rows[:, None] * means, 1e-12))
    return np.asarray(1 - (products / lengths).max(1), np.float32)


def fit_reach(rows: Floats, labels: Ints, label_count: int) -> Reach:
    """From one row per photo (the mean over its views)."""
    means = class_means(rows, labels, label_count)
    used = reach_photos(labels)
    centred = rows[used] - means[labels[used]]
    factor = reach_factor(centred @ centred.T)
    return Reach(means, np.asarray(np.linalg.solve(factor, centred), np.float32))


def reach_photos(labels: Ints) -> Ints:
    """At most REACH_PHOTOS of them, evenly over the labels: they are stored with the model."""
    return _evenly(labels, REACH_PHOTOS)


def _evenly(labels: Ints, most: int) -> Ints:
    order = np.argsort(labels, kind="stable")
    if len(order) <= most:
        return np.asarray(order, np.int64)
    return np.asarray(order[np.linspace(0, len(order) - 1, most).astype(np.int64)], np.int64)


def reach_factor(gram: Floats) -> Floats:
    """The Cholesky factor whose inverse turns centred photos into the basis; `gram` is theirs."""
    total = max(float(np.trace(gram)), SMALLEST_VARIANCE * len(gram))
    ridge = total / REACH_RIDGE_DIRECTIONS
    return np.asarray(np.linalg.cholesky(gram + ridge * np.eye(len(gram), dtype=np.float32)), np.float32)


@dataclass(frozen=True)
class LabelSpace:
    """The whitened space between the labels, its middle at 0. It is made of scores alone, so that a model and
    a self-check in dot products say the same."""

    middle: Floats  # [labels], the scores of the labels' middle
    whitening: Floats  # [labels, r]
    means: Floats  # [labels, r]
    half: Floats  # [labels], what a score has before the bias

    def places(self, scores: Floats) -> Floats:
        """[rows, r] of scores without the bias, [rows, labels]."""
        away = scores - self.middle
        return np.asarray((away - away.mean(1, keepdims=True)) @ self.whitening, np.float32)

    def strengths(self, scores: Floats) -> Floats:
        """How strongly each row speaks for the label that it is guessed to be: 1 where a label's own mean
        lies, 0 in the middle of all labels and in every direction that tells no labels apart."""
        if not self.means.shape[1]:  # all labels are alike
            return np.ones(len(scores), np.float32)
        guessed = np.asarray(scores - self.half).argmax(1)
        units = np.einsum("kd,kd->k", self.means, self.means)
        units = np.maximum(units, STRENGTH_UNIT_MIN * float(units.mean()))
        along = np.einsum("nd,nd->n", self.places(scores), self.means[guessed])
        return np.asarray(along / units[guessed], np.float32)

    @property
    def spread(self) -> float:
        """The mean squared length from the middle to a label's mean."""
        return float(np.einsum("kd,kd->", self.means, self.means)) / len(self.means)


def label_space(table: Floats) -> LabelSpace:
    """`table[i, j]` is label i's score, without the bias, of label j's mean."""
    middle = table.mean(1)
    sides = np.asarray(table - middle[:, None] - table.mean(0) + table.mean(), np.float64)
    values, vectors = np.linalg.eigh((sides + sides.T) / 2)
    kept = values > max(1e-6 * float(values.max()), 1e-12)
    whitening = vectors[:, kept] / np.sqrt(values[kept])
    return LabelSpace(
        np.asarray(middle, np.float32),
        np.asarray(whitening, np.float32),
        np.asarray(sides.T @ whitening, np.float32),
        np.asarray(0.5 * np.diag(table), np.float32),
    )


@dataclass(frozen=True)
class Spread:
    """How the head's rows differ within their labels, as far as it takes to solve the head anew for another
    place: the inverse of its covariance is (identity - directions.T @ diag(pull) @ directions) / ridge."""

    directions: Floats  # [r, length], orthonormal
    pull: Floats  # [r], from 0 to 1
    ridge: float
    photo_variance: float  # the mean squared length from a photo to its label's mean

    def solved(self, row: Floats) -> Floats:
        """inverse(covariance) @ row."""
        along = (self.directions @ row) * self.pull
        return np.asarray((row - along @ self.directions) / self.ridge, np.float32)

    def padded(self, length: int) -> Spread:
        """The same for rows of more features, none of which the head looks at."""
        missing = length - self.directions.shape[1]
        return Spread(
            np.pad(self.directions, ((0, 0), (0, missing))), self.pull, self.ridge, self.photo_variance
        )


def fit_spread(
    rows: Floats, labels: Ints, label_count: int, shrinkage: float, photo_variance: float
) -> Spread:
    """From the rows that the head was fitted on; the strongest directions are enough."""
    used = _evenly(labels, SPREAD_ROWS)
    means = class_means(rows, labels, label_count)
    centred = rows[used] - means[labels[used]]
    smallest = SMALLEST_VARIANCE / rows.shape[1]
    ridge = shrinkage * max(float(np.einsum("nd,nd->", centred, centred)) / centred.size, smallest)
    values, vectors = np.linalg.eigh((centred @ centred.T).astype(np.float64))
    values, vectors = values[-SPREAD_DIRECTIONS:], vectors[:, -SPREAD_DIRECTIONS:]
    kept = values > max(1e-5 * float(values.max()), 1e-9)
    directions = (vectors[:, kept] / np.sqrt(values[kept])).T @ centred
    weights = (1 - shrinkage) * values[kept] / len(used)
    pull = weights / (weights + ridge)
    return Spread(np.asarray(directions, np.float32), np.asarray(pull, np.float32), ridge, photo_variance)


def photo_variance(rows: Floats, labels: Ints, label_count: int) -> float:
    """From one row per photo."""
    centred = rows - class_means(rows, labels, label_count)[labels]
    freedom = max(len(rows) - label_count, 1)
    return max(float(np.einsum("nd,nd->", centred, centred)) / freedom, SMALLEST_VARIANCE)
