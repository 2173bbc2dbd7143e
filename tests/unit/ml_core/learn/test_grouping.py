"""Bursts and near-duplicates stay on one side of a self-check."""

from __future__ import annotations

import numpy as np

from ml_core.learn.grouping import group_photos, grouped_folds


def test_bursts_are_one_group_and_unknown_times_are_not() -> None:
    times = [1_000, 1_200, 2_600, 9_000, 0, 0]
    groups = group_photos([0] * 6, times, [0] * 6)
    assert groups[0] == groups[1] == groups[2]
    assert len(set(groups.tolist())) == 4


def test_near_duplicates_are_one_group_and_unknown_hashes_are_not() -> None:
    one = 0x00FF00FF00FF00FF
    groups = group_photos([0] * 5, [0] * 5, [one, one ^ 0b111, ~one & (2**64 - 1), 0, 0])
    assert groups[0] == groups[1]
    assert len(set(groups.tolist())) == 4


def test_groups_chain_and_never_cross_labels() -> None:
    groups = group_photos([0, 1, 0, 0], [1_000, 1_100, 1_200, 50_000], [5, 5, 0xFFFF, 0xFFFF])
    assert groups[0] == groups[2] == groups[3]  # a burst, then a near-duplicate of its second photo
    assert groups[1] != groups[0]


def test_folds_keep_groups_whole_and_spread_labels() -> None:
    labels = np.repeat([0, 1], 20)
    groups = np.arange(40) // 2
    folds = grouped_folds(labels, groups, 5, seed=3)
    for group in np.unique(groups):
        assert len(set(folds[groups == group])) == 1
    for label in (0, 1):
        assert np.bincount(folds[labels == label], minlength=5).tolist() == [4] * 5


def test_a_label_of_one_group_is_never_held_out() -> None:
    labels = np.array([0, 0, 0, 1, 1, 1])
    groups = np.array([0, 0, 0, 1, 2, 3])
    folds = grouped_folds(labels, groups, 5, seed=0)
    assert (folds[:3] == -1).all()
    assert (folds[3:] >= 0).all()
