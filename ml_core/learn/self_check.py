"""Grouped cross-validation of the closed form, from one table of dot products of all rows.

Every fit in here is a real one: with the dot products at hand a fold costs a few milliseconds, so that
shrinkage, temperature and the learning curve all rest on photos that the fit has not seen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from ml_core.learn.head import (
    SMALLEST_VARIANCE,
    Floats,
    Ints,
    cosine_distances,
    label_space,
    reach_factor,
    reach_photos,
)


class DotProducts:
    """Rows (views of photos) by their dot products alone."""

    def __init__(self, rows: Floats, photo_of_row: Ints, labels: Ints, label_count: int) -> None:
        self.length = rows.shape[1]
        self.labels = labels  # of photos
        self.label_count = label_count
        self._photo_of_row = photo_of_row
        self._gram = np.asarray(rows @ rows.T, np.float32)
        counts = np.bincount(photo_of_row, minlength=len(labels))
        averaging = np.zeros((len(labels), len(rows)), np.float32)
        averaging[photo_of_row, np.arange(len(rows))] = 1 / counts[photo_of_row]
        # A photo's score is the mean over its views, so the mean of its views' dot products.
        self._photo_gram = averaging @ self._gram
        self._photos = self._photo_gram @ averaging.T

    def scores(self, train: Ints, test: Ints, shrinkages: Sequence[float]) -> Floats:
        """[shrinkages, test photos, labels] by the fit on the train photos. A label without a train
        photo gets minus infinity: it cannot be guessed."""
        return self._fit(train, test, shrinkages)[0]

    def _fit(self, train: Ints, test: Ints, shrinkages: Sequence[float]) -> tuple[Floats, Floats]:
        """The scores, and [shrinkages, test photos] how strong they are (`LabelSpace`)."""
        rows = np.flatnonzero(np.isin(self._photo_of_row, train))
        labels = self.labels[self._photo_of_row[rows]]
        count = len(rows)
        member = np.zeros((count, self.label_count), np.float32)
        member[np.arange(count), labels] = 1
        sizes = member.sum(0)
        average = member / np.maximum(sizes, 1)
        gram = self._gram[np.ix_(rows, rows)]
        to_means = gram @ average  # [rows, labels]
        means_gram = average.T @ to_means
        # Centre both sides: (I - A) G (I - A)^T with A = member @ average.T, written out.
        centred_means = to_means - means_gram[labels]
        centred = gram - to_means[:, labels] - centred_means[:, labels].T
        test_rows = self._photo_gram[np.ix_(test, rows)]
        test_means = test_rows @ average
        test_centred = test_rows - test_means[:, labels]
        variance = max(float(np.trace(centred)) / count, SMALLEST_VARIANCE) / self.length
        found = np.empty((len(shrinkages), len(test), self.label_count), np.float32)
        strong = np.empty((len(shrinkages), len(test)), np.float32)
        present = np.flatnonzero(sizes)
        for index, shrinkage in enumerate(shrinkages):
            ridge = shrinkage * variance
            system = centred.copy()
            system[np.diag_indices(count)] += ridge * count / (1 - shrinkage)
            solved = np.linalg.solve(system, centred_means)
            table = (means_gram - centred_means.T @ solved) / ridge
            plain = (test_means - test_centred @ solved) / ridge
            found[index] = plain - 0.5 * np.diag(table)
            strong[index] = label_space(table[np.ix_(present, present)]).strengths(plain[:, present])
        found[:, :, sizes == 0] = -np.inf
        return found, strong

    def held_out(
        self,
        folds: Ints,
        shrinkages: Sequence[float],
        step: Callable[[], None],
        only: Ints | None = None,
    ) -> tuple[Floats, Floats, Ints]:
        """Scores and strengths of every photo that a fold holds back, and which photos these are. `only`
        restricts the training side to the photos whose entry is not 0 (a learning-curve point)."""
        allowed = np.ones(len(self.labels), bool) if only is None else only.astype(bool)
        scores = np.full((len(shrinkages), len(self.labels), self.label_count), -np.inf, np.float32)
        strong = np.zeros((len(shrinkages), len(self.labels)), np.float32)
        checked = np.zeros(len(self.labels), bool)
        for fold in np.unique(folds[folds >= 0]):
            step()
            test = np.flatnonzero(folds == fold)
            train = np.flatnonzero((folds != fold) & allowed)
            if len(np.unique(self.labels[train])) < 2:
                continue
            scores[:, test], strong[:, test] = self._fit(train, test, shrinkages)
            checked[test] = True
        photos = np.flatnonzero(checked)
        return scores[:, photos], strong[:, photos], photos

    def distances(self, train: Ints, test: Ints) -> Floats:
        """What `Reach`, fitted on the train photos, says of the test photos."""
        labels = self.labels[train]
        present = np.unique(labels)
        member = np.zeros((len(train), self.label_count), np.float32)
        member[np.arange(len(train)), labels] = 1
        average = member[:, present] / member[:, present].sum(0)
        used = reach_photos(labels)
        column = np.searchsorted(present, labels[used])
        # In 64 bits: what is left of nearly equal photos after centring must not be rounding alone.
        gram = self._photos[np.ix_(train, train)].astype(np.float64)
        to_means = gram @ average
        means = average.T @ to_means
        tests = self._photos[np.ix_(test, train)]
        test_means = tests @ average
        centred = gram[np.ix_(used, used)] - to_means[np.ix_(used, column)] - to_means[np.ix_(used, column)].T
        factor = reach_factor(centred + means[np.ix_(column, column)])
        # Each used photo's deviation from its label's mean, dotted with the tests and with the means.
        with_tests = tests[:, used].T - test_means[:, column].T
        with_means = to_means[used] - means[column]
        own = np.diag(self._photos)[test]
        found = np.empty((len(present), len(test)), np.float32)
        for index in range(len(present)):
            within = np.linalg.solve(factor, with_tests - with_means[:, index : index + 1])
            away = own - 2 * test_means[:, index] + means[index, index]
            found[index] = away - np.einsum("rn,rn->n", within, within)
        return np.asarray(found.min(0), np.float32)

    def unlikeness(self, train: Ints, test: Ints) -> Floats:
        """What `Reach.unlikeness`, fitted on the train photos, says of the test photos; all features are
        taken for final ones."""
        labels = self.labels[train]
        present = np.unique(labels)
        member = (labels[:, None] == present).astype(np.float32)
        average = member / member.sum(0)
        means = average.T @ self._photos[np.ix_(train, train)] @ average
        products = self._photos[np.ix_(test, train)] @ average
        own = np.asarray(np.diag(self._photos)[test], np.float32)
        return cosine_distances(products, own, np.asarray(np.diag(means), np.float32))

    def held_out_distances(self, folds: Ints, photos: Ints) -> Floats:
        """The distance of each of `photos` when its fold is held back."""
        return self._held_out(self.distances, folds, photos)

    def held_out_unlikeness(self, folds: Ints, photos: Ints) -> Floats:
        """How unlike all labels each of `photos` is when its fold is held back."""
        return self._held_out(self.unlikeness, folds, photos)

    def _held_out(self, measured: Callable[[Ints, Ints], Floats], folds: Ints, photos: Ints) -> Floats:
        found = np.zeros(len(self.labels), np.float32)
        for fold in np.unique(folds[photos]):
            test = photos[folds[photos] == fold]
            found[test] = measured(np.flatnonzero(folds != fold), test)
        return found[photos]

    def between_labels(self) -> float:
        """The median distance of a label's photos when the label is left out; each label counts once."""
        medians = []
        for label in np.unique(self.labels):
            own = self.labels == label
            medians.append(np.median(self.distances(np.flatnonzero(~own), np.flatnonzero(own))))
        return float(np.median(medians))
