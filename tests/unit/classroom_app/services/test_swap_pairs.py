"""Whose AI each group tries, as properties; and what keeps finds from being made of nothing."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest
from hypothesis import given as everyone
from hypothesis import strategies as some

from classroom_app.services import swap_pairs
from classroom_app.services.swap_pairs import (
    FINDS_MAX,
    SAME_A_MINUTE,
    SAME_FOR_AWARD,
    SAME_MAX,
    SAME_MIX_UP,
    SOON,
    Find,
)
from classroom_app.states import FoolCheck

START = dt.datetime(2026, 11, 27, 10, tzinfo=dt.UTC)
CLASSES = some.integers(2, 30).flatmap(
    lambda groups: some.tuples(
        some.just([f"g{number}" for number in range(groups)]),
        some.sets(some.sampled_from([f"g{number}" for number in range(groups)]), min_size=1),
    )
)


@everyone(CLASSES, some.integers(1, 60))
def test_nobody_tries_its_own_ai_and_no_ai_of_the_rotation_is_with_two(
    day: tuple[list[str], set[str]], turn: int
) -> None:
    groups, able = day
    pairs = swap_pairs.rotation(groups, able, turn)
    assert all(finder != owner and owner in able for finder, owner in pairs.items())
    alone = set() if len(able) > 1 else able
    assert pairs.keys() == set(groups) - alone, "who has no AI tries one too"
    among = [owner for finder, owner in pairs.items() if finder in able]
    assert len(set(among)) == len(among)


@everyone(CLASSES)
def test_after_as_many_turns_as_there_are_others_each_has_tried_all(day: tuple[list[str], set[str]]) -> None:
    groups, able = day
    tried = Counter(
        pair for turn in range(1, len(able)) for pair in swap_pairs.rotation(groups, able, turn).items()
    )
    for finder in able:
        assert {owner for who, owner in tried if who == finder} == able - {finder}


@everyone(CLASSES, CLASSES, some.integers(1, 9))
def test_who_comes_late_or_has_lost_its_owner_gets_an_ai_and_the_others_keep_theirs(
    before: tuple[list[str], set[str]], now: tuple[list[str], set[str]], turn: int
) -> None:
    stored = swap_pairs.rotation(*before, turn)
    groups, able = now
    pairs = swap_pairs.given(groups, able, stored)
    assert all(finder != owner and owner in able for finder, owner in pairs.items())
    assert pairs.keys() == set(groups) - (able if len(able) == 1 else set())
    for finder, owner in stored.items():
        if finder in groups and owner in able:
            assert pairs[finder] == owner


def test_late_groups_are_spread_over_the_ais() -> None:
    pairs = swap_pairs.given(["a", "b", "c", "d", "e"], {"a", "b"}, {"a": "b", "b": "a"})
    assert Counter(pairs.values()) == {"a": 3, "b": 2}


def find(seconds: float, label: str = "rock", guess: str = "scissors", owner: str = "lions") -> Find:
    return Find(owner, label, guess, START + dt.timedelta(seconds=seconds))


def played(finds: list[Find]) -> list[FoolCheck]:
    kept: list[Find] = []
    told = []
    for new in finds:
        told.append(swap_pairs.check(kept, new))
        if told[-1] is FoolCheck.COUNTED:
            kept.append(new)
    return told


def test_a_group_that_taps_in_a_hurry_is_told_to_wait() -> None:
    pace = SOON.total_seconds()
    told = played([find(0), find(pace / 2, "rock", "paper"), find(pace + 0.1, "rock", "paper")])
    assert told == [FoolCheck.COUNTED, FoolCheck.SOON, FoolCheck.COUNTED]


def test_one_thing_is_not_counted_again_and_again() -> None:
    pace = SOON.total_seconds() + 1
    told = played([find(pace * number) for number in range(SAME_A_MINUTE + 2)])
    assert told == [FoolCheck.COUNTED] * SAME_A_MINUTE + [FoolCheck.AGAIN] * 2
    calm = SAME_MIX_UP.total_seconds() + 1
    told = played([find(calm * number) for number in range(SAME_MAX + 2)])
    assert told == [FoolCheck.COUNTED] * SAME_MAX + [FoolCheck.AGAIN] * 2
    late = [find(calm * number) for number in range(SAME_MAX)]
    assert swap_pairs.check(late, find(calm * 99, owner="frogs")) is FoolCheck.COUNTED, "another group's AI"
    assert swap_pairs.check(late, find(calm * 99, "scissors", "rock")) is FoolCheck.COUNTED, "the other way"


def test_there_is_an_end_to_it() -> None:
    pace = SOON.total_seconds() + 1
    many = [find(pace * number, f"label {number}") for number in range(FINDS_MAX + 1)]
    assert played(many)[-1] is FoolCheck.ENOUGH


@pytest.mark.parametrize("times", [1, SAME_FOR_AWARD, SAME_MAX])
def test_an_award_is_for_many_different_finds(times: int) -> None:
    same = [find(60 * number) for number in range(times)]
    assert swap_pairs.for_award(same) == min(times, SAME_FOR_AWARD)
    assert swap_pairs.for_award([*same, find(0, "paper", "rock")]) == min(times, SAME_FOR_AWARD) + 1
