"""The rule for "I don't know": known photos keep their answer, strange and even ones lose it."""

from __future__ import annotations

import numpy as np
import pytest

from ml_core.learn.head import Floats
from ml_core.learn.unknown import (
    DISTANCE_MOST,
    DISTANCE_SCALE_MIN,
    FAR_DISTANCE,
    STRENGTH_SCALE_MIN,
    STRENGTH_SHARE_MIN,
    UNLIKE_ROOM,
    StrangenessRule,
    UnlikeRule,
    UnsureRule,
    fit_strangeness_rule,
    margins,
    unchecked_rule,
)

NOTHING = np.zeros(1, np.float32)  # unlike no label


def fitted(distances: Floats, strengths: Floats) -> StrangenessRule:
    nothing = np.zeros_like(distances)
    rule = fit_strangeness_rule(np.ones(len(distances), np.bool_), distances, strengths, nothing, None)
    assert rule is not None
    assert not isinstance(rule, UnlikeRule)
    return rule


UNLIKE_FROM = 0.5


def fitted_with_unlikeness(
    distances: Floats, strengths: Floats, unlikeness: Floats, right: int | None = None
) -> StrangenessRule:
    known = np.arange(len(distances)) < (len(distances) if right is None else right)
    rule = fit_strangeness_rule(known, distances, strengths, unlikeness, (3, UNLIKE_FROM))
    assert rule is not None
    return rule


def held_out(count: int = 200) -> tuple[Floats, Floats]:
    rng = np.random.default_rng(0)
    distances = rng.normal(0.5, 0.2, count).astype(np.float32)
    return distances, rng.normal(0.9, 0.25, count).astype(np.float32)


def test_known_photos_keep_their_answer_and_far_or_faint_ones_lose_it() -> None:
    distances, strengths = held_out()
    rule = fitted(distances, strengths)
    even = np.full((200, 2), 0.5, np.float32)
    assert rule.unsure(even, distances, strengths, NOTHING).mean() < 0.06
    assert rule.unsure(even, distances + 1.5, strengths, NOTHING).all()
    # Neither is much by itself: something like a label, a little farther away, that speaks for it faintly.
    assert rule.unsure(even, distances + 0.3, strengths - 0.6, NOTHING).mean() > 0.6
    assert rule.unsure(even, distances + 0.3, strengths, NOTHING).mean() < 0.3
    assert rule.unsure(even, distances, strengths - 0.6, NOTHING).mean() < 0.3


def test_photos_of_one_board_that_lie_close_together_are_no_measure_of_tomorrows() -> None:
    distances, strengths = held_out()
    rule = fitted((0.1 + distances / 100).astype(np.float32), (1 + strengths / 100).astype(np.float32))
    assert rule.distance_scale == DISTANCE_SCALE_MIN
    assert rule.strength_scale == STRENGTH_SCALE_MIN


def test_where_all_things_are_fainter_the_faintness_is_of_the_place() -> None:
    distances, strengths = held_out()
    rule = fitted(distances, strengths)
    even = np.full((200, 2), 0.5, np.float32)
    elsewhere = (strengths * 0.5).astype(np.float32)
    share = rule.share_of(elsewhere)
    assert share == pytest.approx(0.5, abs=0.05)
    assert (
        rule.unsure(even, distances, elsewhere, NOTHING).mean()
        > 2 * rule.unsure(even, distances, elsewhere, NOTHING, share).mean()
    )
    assert rule.share_of(strengths * 2) == 1
    assert rule.share_of(strengths * 0) == STRENGTH_SHARE_MIN


def test_in_another_place_known_things_are_answered_and_what_is_like_nothing_is_not() -> None:
    distances, strengths = held_out()
    unlikeness = np.full(200, 0.2, np.float32)
    rule, plain = fitted_with_unlikeness(distances, strengths, unlikeness), fitted(distances, strengths)
    assert isinstance(rule, UnlikeRule)
    assert (rule.final_length, rule.unlike_from) == (3, UNLIKE_FROM)
    even = np.full((200, 2), 0.5, np.float32)
    assert rule.unsure(even, distances, strengths, unlikeness).mean() < 0.06
    assert plain.unsure(even, distances + 1.5, strengths, unlikeness).all()
    assert rule.unsure(even, distances + 1.5, strengths, unlikeness + 0.2).mean() < 0.5
    assert rule.unsure(even, distances + 1.5, strengths, unlikeness + 0.4).all()
    assert rule.unsure(even, distances + 1.5, strengths - 0.6, unlikeness + 0.2).mean() > 0.8


def test_distance_counts_no_more_than_so_many_deviations() -> None:
    distances, strengths = held_out()
    rule = fitted_with_unlikeness(distances, strengths, np.zeros_like(distances))
    most = np.float32(rule.distance_mean + DISTANCE_MOST * rule.distance_scale)
    one = np.ones(3, np.float32)
    at = np.array([most - 0.1, most, most + 5], np.float32)
    found = rule.strangeness(at, one, one * 0)
    assert found[0] < found[1] == pytest.approx(found[2], abs=1e-5)


def test_labels_that_are_too_manifold_keep_the_distance() -> None:
    distances, strengths = held_out()
    close = np.full(200, UNLIKE_FROM - UNLIKE_ROOM + 0.01, np.float32)
    assert not isinstance(fitted_with_unlikeness(distances, strengths, close), UnlikeRule)
    # What was guessed wrongly has no say.
    mixed = np.where(np.arange(200) < 100, np.float32(0.2), close)
    assert isinstance(fitted_with_unlikeness(distances, strengths, mixed, right=100), UnlikeRule)


def test_clear_photos_of_another_room_are_spared() -> None:
    rule = UnsureRule(distance_weight=10.0, margin_weight=0.5, threshold=2.0, far=1.1)
    clear, doubtful = np.array([[0.99, 0.01]], np.float32), np.array([[0.7, 0.3]], np.float32)
    away = np.array([0.8], np.float32)
    assert not rule.unsure(clear, away, away, NOTHING)[0]
    assert rule.unsure(doubtful, away, away, NOTHING)[0]


def test_without_a_check_even_guesses_and_far_photos_are_unsure() -> None:
    guesses = np.array([[0.5, 0.5], [0.55, 0.45], [0.8, 0.2]], np.float32)
    rule = unchecked_rule(1.4)
    none = np.zeros(3, np.float32)
    assert rule.unsure(guesses, none, none, none).tolist() == [True, True, False]
    assert rule.unsure(guesses[[2, 2]], np.array([1.3, 1.5], np.float32), none, none).tolist() == [
        False,
        True,
    ]
    assert unchecked_rule(0.3).far == FAR_DISTANCE
    assert fit_strangeness_rule(none == 0, none, none, none, None) is None


def test_margins_of_certain_guesses_are_finite() -> None:
    assert np.isfinite(margins(np.array([[1.0, 0.0]], np.float32))).all()
