"""Which photos must stay together in a self-check: bursts and near-duplicates, and fair folds of them.

Photos of one burst on both sides would make any model look good.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

BURST_GAP_MS = 1_500  # a burst shoots 5 a second; two taps on purpose are further apart
NEAR_DUPLICATE_BITS = 6  # of 64: the same thing held still; other photos differ in 20 to 40


def group_photos(
    labels: Sequence[int], taken_at_ms: Sequence[int], perceptual_hashes: Sequence[int]
) -> npt.NDArray[np.int64]:
    """A group number per photo. Unknown times and hashes (0) join nothing; neither do photos of
    different labels: a near-duplicate across labels is a child's mistake that the check should see."""
    count = len(labels)
    parent = np.arange(count)

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = int(parent[index])
        return index

    for first, second in _burst_pairs(labels, taken_at_ms) + _duplicate_pairs(labels, perceptual_hashes):
        parent[root(second)] = root(first)
    _, numbers = np.unique([root(index) for index in range(count)], return_inverse=True)
    return np.asarray(numbers, np.int64)


def _burst_pairs(labels: Sequence[int], taken_at_ms: Sequence[int]) -> list[tuple[int, int]]:
    known = sorted((labels[i], taken_at_ms[i], i) for i in range(len(labels)) if taken_at_ms[i] > 0)
    return [(a[2], b[2]) for a, b in pairwise(known) if a[0] == b[0] and b[1] - a[1] <= BURST_GAP_MS]


def _duplicate_pairs(labels: Sequence[int], perceptual_hashes: Sequence[int]) -> list[tuple[int, int]]:
    hashes = np.asarray(perceptual_hashes, np.uint64)
    wanted = np.asarray(labels, np.int64)
    pairs: list[tuple[int, int]] = []
    for first in range(len(hashes)):
        if hashes[first] == 0:
            continue
        rest = hashes[first + 1 :]
        near = (np.bitwise_count(rest ^ hashes[first]) <= NEAR_DUPLICATE_BITS) & (rest != 0)
        near &= wanted[first + 1 :] == wanted[first]
        pairs += [(first, first + 1 + int(offset)) for offset in np.flatnonzero(near)]
    return pairs


def grouped_folds(
    labels: npt.NDArray[np.int64], groups: npt.NDArray[np.int64], folds: int, seed: int
) -> npt.NDArray[np.int64]:
    """A fold number per photo, -1 where it must always stay in training because its label has no
    other group. Groups stay whole; each label's photos are spread as evenly as its groups allow."""
    rng = np.random.default_rng(seed)
    assigned = np.full(len(labels), -1, np.int64)
    for label in np.unique(labels):
        numbers, sizes = np.unique(groups[labels == label], return_counts=True)
        if len(numbers) < 2:
            continue
        # Largest first into the emptiest fold; the shuffle decides between equals.
        order = rng.permutation(len(numbers))
        order = order[np.argsort(-sizes[order], kind="stable")]
        filled = np.zeros(min(folds, len(numbers)), np.int64)
        start = int(rng.integers(folds))
        for position in order:
            target = int(np.argmin(filled))
            filled[target] += sizes[position]
            assigned[(labels == label) & (groups == numbers[position])] = (start + target) % folds
    return assigned
