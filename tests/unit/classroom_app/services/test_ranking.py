"""Ranks and rules as properties: whatever the scores are, the order follows from them and nothing else."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as some

from classroom_app.services.ranking import Version, counted, ranks
from classroom_app.states import CountedRun, Half

START = dt.datetime(2026, 11, 27, 10, tzinfo=dt.UTC)
SECONDS = some.integers(0, 50).map(lambda n: START + dt.timedelta(seconds=n))


def versions() -> some.SearchStrategy[Version]:
    """Few different values, so that equals are common."""
    return some.builds(
        Version,
        run_id=some.uuids().map(str),
        number=some.integers(1, 9),
        finished_at=SECONDS,
        chosen_at=some.none() | SECONDS,
        photos=some.fixed_dictionaries({"a": some.integers(5, 7), "b": some.integers(5, 7)}),
        practice_correct=some.integers(0, 4),
        practice_total=some.just(4),
        final_correct=some.integers(0, 4),
        final_total=some.just(4),
    )


def in_order(found: list[Version]) -> list[Version]:
    """As a group trains them: numbered, one after another."""
    times = sorted(item.finished_at for item in found)
    return [
        Version(**{**vars(item), "number": place + 1, "finished_at": times[place]})
        for place, item in enumerate(found)
    ]


HISTORIES = some.lists(versions(), max_size=6).map(in_order)
BOARDS = some.dictionaries(some.integers(0, 30), some.none() | versions(), max_size=12)


@given(BOARDS, some.sampled_from(Half), some.booleans())
def test_a_rank_counts_those_before_and_equals_share_it(
    board: Mapping[int, Version | None], half: Half, tie_break: bool
) -> None:
    found = ranks(board, half, tie_break=tie_break)
    assert found.keys() == board.keys()
    given_ranks = sorted(rank for rank in found.values() if rank is not None)
    assert len(given_ranks) == sum(version is not None for version in board.values())
    assert all(rank == given_ranks.index(rank) + 1 for rank in given_ranks), "1, 2, 2, 4"
    for one, version in board.items():
        for other, rival in board.items():
            if version is None or rival is None:
                continue
            mine, theirs = version.share(half), rival.share(half)
            assert mine is not None
            assert theirs is not None
            if mine > theirs:
                assert (found[one] or 0) < (found[other] or 0), "no tie-break turns a better score around"
            if mine == theirs and not tie_break:
                assert found[one] == found[other]
            if mine == theirs and tie_break and version.photo_count < rival.photo_count:
                assert (found[one] or 0) < (found[other] or 0)


@given(BOARDS, some.sampled_from(Half), some.booleans(), some.randoms())
def test_the_order_in_which_groups_are_asked_changes_nothing(
    board: Mapping[int, Version | None], half: Half, tie_break: bool, chance: random.Random
) -> None:
    shuffled = list(board.items())
    chance.shuffle(shuffled)
    assert ranks(dict(shuffled), half, tie_break=tie_break) == ranks(board, half, tie_break=tie_break)


@given(HISTORIES, some.sampled_from(CountedRun))
def test_the_version_that_counts_is_one_of_them_and_never_chosen_by_the_final_half(
    history: list[Version], which: CountedRun
) -> None:
    found = counted(history, which)
    assert (found is None) == (not history)
    blind = [Version(**{**vars(item), "final_correct": 0}) for item in history]
    again = counted(blind, which)
    assert (again.run_id if again else None) == (found.run_id if found else None)
    if found is not None and which is CountedRun.LAST:
        assert found.number == len(history)
    if found is not None and which is CountedRun.BEST:
        assert found.practice_correct == max(item.practice_correct for item in history)


@given(HISTORIES, some.sampled_from(CountedRun), SECONDS)
def test_nothing_that_comes_after_the_freeze_moves_the_board(
    history: list[Version], which: CountedRun, frozen_since: dt.datetime
) -> None:
    """Neither a training that ends later, nor a choice that is made later."""
    before = [item for item in history if item.finished_at <= frozen_since]
    unchosen = [
        Version(**{**vars(item), "chosen_at": None})
        if item.chosen_at is not None and item.chosen_at > frozen_since
        else item
        for item in before
    ]
    frozen, then = counted(history, which, frozen_since), counted(unchosen, which)
    assert (frozen.run_id if frozen else None) == (then.run_id if then else None)


def test_a_group_that_has_chosen_none_has_its_best_and_the_newest_choice_holds() -> None:
    def version(number: int, right: int, chosen: int | None = None) -> Version:
        moment = START + dt.timedelta(seconds=number)
        chosen_at = None if chosen is None else START + dt.timedelta(seconds=chosen)
        return Version(str(number), number, moment, chosen_at, {"a": 5}, right, 4, 0, 4)

    found = counted([version(1, 3), version(2, 3), version(3, 1)], CountedRun.CHOSEN)
    assert found is not None
    assert found.number == 2, "the newest of equals"
    found = counted([version(1, 3, chosen=50), version(2, 3), version(3, 1, chosen=60)], CountedRun.CHOSEN)
    assert found is not None
    assert found.number == 3
