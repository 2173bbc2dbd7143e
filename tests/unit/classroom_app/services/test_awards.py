"""Awards as properties: shared by equals, spread over the groups, and not to be won with nonsense."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as some

from classroom_app.services.awards import (
    ABOVE_CHANCE,
    BRAVE_MIN,
    FOOLED_MIN,
    Played,
    awards,
    awards_from_json,
    awards_to_json,
    given_to,
)
from classroom_app.services.ranking import Version
from classroom_app.states import PHOTOS_TO_TRAIN, AwardKind, Half
from classroom_app.views.contest import Award

START = dt.datetime(2026, 11, 27, 10, tzinfo=dt.UTC)
LABELS = ("a", "b")
HALF = 10  # challenge photos in each


def version(
    number: int, photos: Sequence[int], final: int, practice: int | None = None, group: str = ""
) -> Version:
    return Version(
        run_id=f"{group}/{number}",
        number=number,
        finished_at=START + dt.timedelta(minutes=number),
        chosen_at=None,
        photos=dict(zip(LABELS, photos, strict=True)),
        practice_correct=final if practice is None else practice,
        practice_total=HALF,
        final_correct=final,
        final_total=HALF,
    )


def played(
    group: str, *did: tuple[Sequence[int], int], wrong: Mapping[int, Sequence[int]] | None = None
) -> Played:
    """`did`: photos by label and right answers of each version; `wrong`: practice photos by version."""
    history = [version(n, photos, right, group=group) for n, (photos, right) in enumerate(did, start=1)]
    best = max(history, key=lambda item: (item.practice_correct, item.number))
    mistakes = {
        f"{group}/{n}": frozenset(f"photo {photo}" for photo in photos) for n, photos in (wrong or {}).items()
    }
    return Played(group, best, history, mistakes)


@some.composite
def classes(draw: some.DrawFn) -> list[Played]:
    """Few different numbers, so that equals are common."""
    return [
        played(
            f"group {number}",
            *draw(
                some.lists(
                    some.tuples(some.tuples(*[some.sampled_from((3, 5, 8, 12))] * 2), some.integers(3, HALF)),
                    min_size=1,
                    max_size=5,
                )
            ),
            wrong=draw(some.dictionaries(some.integers(1, 5), some.lists(some.integers(0, 5)), max_size=5)),
        )
        for number in range(draw(some.integers(0, 6)))
    ]


def by_kind(found: Sequence[Award]) -> dict[str, tuple[str, ...]]:
    return {award.kind: award.group_ids for award in found}


@given(classes(), some.randoms())
def test_the_same_day_gives_the_same_awards_in_any_order(day: list[Played], chance: random.Random) -> None:
    shuffled = list(day)
    chance.shuffle(shuffled)
    assert awards(shuffled, LABELS) == awards(day, LABELS)


@given(classes())
def test_whoever_wins_has_an_ai_that_is_worth_it(day: list[Played]) -> None:
    sound = {
        group.group_id
        for group in day
        if min(group.counted.photos.values()) >= PHOTOS_TO_TRAIN
        and (group.counted.share(Half.FINAL) or 0) >= Fraction(1, 2) + ABOVE_CHANCE / 2
    }
    found = awards(day, LABELS)
    assert {group_id for award in found for group_id in award.group_ids} <= sound
    assert len({award.kind for award in found}) == len(found)
    assert [award.kind for award in found] == [kind for kind in AwardKind if kind in by_kind(found)]


@given(classes())
def test_nobody_takes_all_when_others_qualify(day: list[Played]) -> None:
    found = awards(day, LABELS)
    for group in day:
        if len(found) > 1 and all(award.group_ids == (group.group_id,) for award in found):
            # With this group out of the way (it has won already) nobody else gets anything either.
            without = awards(day, LABELS, [group.group_id])
            assert {award.group_ids for award in without} == {(group.group_id,)}


@given(classes())
def test_twins_share_whatever_one_of_them_wins(day: list[Played]) -> None:
    if not day:
        return
    first = day[0]
    twin = Played("twin", first.counted, first.versions, first.wrong)
    for award in awards([*day, twin], LABELS):
        assert (first.group_id in award.group_ids) == ("twin" in award.group_ids)


@given(classes())
def test_what_is_written_down_reads_the_same(day: list[Played]) -> None:
    found = awards(day, LABELS)
    assert awards_from_json(awards_to_json(found)) == found
    here = [group.group_id for group in day[1:]]
    assert all(set(award.group_ids) <= set(here) for award in given_to(found, here))


def test_each_award_goes_to_who_did_it() -> None:
    day = [
        played("champion", ([30, 30], 10)),
        played("late bloomer", ([5, 20], 3), ([10, 20], 9)),
        played("thrifty", ([6, 9], 9)),
        played("detective", ([10, 20], 8), ([10, 22], 8), wrong={1: [1, 2, 3], 2: [4]}),
        played("even", ([20, 20], 8)),
        played("brave", ([9, 19], 8), ([9, 23], 8), ([9, 27], 8), ([9, 31], 8)),
    ]
    assert by_kind(awards(day, LABELS, ["champion"])) == {
        AwardKind.IMPROVED: ("late bloomer",),
        AwardKind.DATA: ("thrifty",),
        AwardKind.DETECTIVE: ("detective",),
        AwardKind.BALANCE: ("even",),
        AwardKind.BRAVE: ("brave",),
    }


def test_a_champion_gets_an_award_where_nobody_else_qualifies() -> None:
    day = [played("champion", ([5, 20], 5), ([20, 20], 10)), played("other", ([5, 5], 4))]
    assert by_kind(awards(day, LABELS, ["champion"]))[AwardKind.IMPROVED] == ("champion",)


def test_many_photos_are_no_few_though_all_others_have_an_award() -> None:
    day = [played("champion", ([10, 10], 10)), played("many", ([15, 15], 9))]
    assert by_kind(awards(day, LABELS, ["champion"]))[AwardKind.DATA] == ("champion",)


def test_few_photos_are_not_honoured_past_a_group_that_did_better_with_as_many() -> None:
    """The show has both figures of every group, and another award does not change them."""
    better = replace(played("better", ([12, 12], 10)), fooled=FOOLED_MIN)
    day = [played("champion", ([30, 30], 10)), better, played("worse", ([12, 12], 9))]
    found = by_kind(awards(day, LABELS, ["champion"]))
    assert found[AwardKind.TRICKSTER] == ("better",)
    assert found[AwardKind.DATA] == ("better",)


@given(classes())
def test_nobody_did_better_with_no_more_photos_than_who_is_honoured_for_few(day: list[Played]) -> None:
    def figures(group: Played) -> tuple[int, int]:
        return group.counted.final_correct or 0, -group.counted.photo_count

    winners = by_kind(awards(day, LABELS)).get(AwardKind.DATA, ())
    for mine in (figures(group) for group in day if group.group_id in winners):
        others = [figures(group) for group in day if min(group.counted.photos.values()) >= PHOTOS_TO_TRAIN]
        assert all(other == mine or other[0] < mine[0] or other[1] < mine[1] for other in others)


def test_few_photos_alone_win_nothing() -> None:
    """Five of each are perfectly even and cheap, but their AI is far from the best."""
    lazy = played("lazy", ([5, 5], 7))
    found = by_kind(awards([lazy, played("busy", ([20, 22], 10))], LABELS))
    assert "lazy" not in {group for winners in found.values() for group in winners}


def test_a_bad_begin_on_purpose_brings_nothing() -> None:
    """A first version below a coin toss counts as one, and its mistakes were made, not found."""
    spoiler = played("spoiler", ([5, 5], 0), ([10, 20], 8), wrong={1: range(10), 2: [1]})
    honest = played("honest", ([10, 20], 6), ([10, 24], 10))
    assert AwardKind.DETECTIVE not in by_kind(awards([spoiler], LABELS))
    both_have_won = ("spoiler", "honest")  # so nothing is spread, and the better one gets it
    assert by_kind(awards([spoiler, honest], LABELS, both_have_won))[AwardKind.IMPROVED] == ("honest",)


def test_best_at_fooling_has_a_floor_and_wants_an_ai_that_is_worth_it() -> None:
    def fooling(group: str, times: int, right: int = 8) -> Played:
        return replace(played(group, ([10, 20], right)), fooled=times)

    few, many, more = (fooling(f"found {times}", times) for times in (FOOLED_MIN - 1, FOOLED_MIN, 9))
    found = by_kind(awards([few, many], LABELS))
    assert found[AwardKind.TRICKSTER] == ("found 3",)
    assert AwardKind.TRICKSTER not in by_kind(awards([few], LABELS)), "below the floor"
    won = {award.kind: award for award in awards([many, more], LABELS)}[AwardKind.TRICKSTER]
    assert (won.group_ids, won.figure) == (("found 9",), "9")
    by_chance = fooling("by chance", 9, right=5)
    assert awards([by_chance], LABELS) == ()


def test_tapping_again_and_again_is_not_brave() -> None:
    tapper = played("tapper", *[([10, 20], 8)] * 9)
    assert AwardKind.BRAVE not in by_kind(awards([tapper], LABELS))
    brave = played("brave", *[([10, 20 + 3 * n], 8) for n in range(BRAVE_MIN)])
    assert by_kind(awards([brave], LABELS))[AwardKind.BRAVE] == ("brave",)
