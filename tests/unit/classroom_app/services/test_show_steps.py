"""The order of the show, for any number of groups with any ties."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from classroom_app.services import show_steps
from classroom_app.states import Scene
from classroom_app.views.contest import BoardRow, Hardest
from classroom_app.views.show import ShowStory


def row(number: int, rank: int | None) -> BoardRow:
    return BoardRow(f"g{number}", "あ", "a", "🐧", "#1f5fb4", rank, 0, 0, None, None, None, None, joined=True)


def board(scores: list[int | None]) -> list[BoardRow]:
    """As the board ranks: 1, 2, 2, 4; those without an AI last."""
    given = [score for score in scores if score is not None]
    rows = [
        row(number, None if score is None else 1 + sum(other > score for other in given))
        for number, score in enumerate(scores)
    ]
    return sorted(rows, key=lambda one: one.rank if one.rank is not None else 99)


boards = st.lists(st.one_of(st.none(), st.integers(0, 6)), min_size=1, max_size=30).map(board)


def story_of(
    rows: list[BoardRow], *, awards: bool = True, hardest: bool = True, looked: bool = True
) -> ShowStory:
    places = show_steps.places(rows)
    scenes = show_steps.scenes(places, awards=awards, hardest=hardest, looked=looked)
    return ShowStory(scenes, places, (), Hardest(0, (), ()))


@given(boards)
def test_everybody_has_one_moment_from_the_last_to_the_first(rows: list[BoardRow]) -> None:
    places = story_of(rows).places
    assert sorted(place.row.group_id for place in places) == sorted(one.group_id for one in rows)
    ranks = [place.row.rank for place in places]
    without = [rank for rank in ranks if rank is None]
    assert ranks[: len(without)] == without, "groups without an AI come first"
    ranked = [rank for rank in ranks if rank is not None]
    assert ranked == sorted(ranked, reverse=True)
    absent = [replace(one, joined=False) for one in rows]
    came = [one.group_id for one in rows if one.rank is not None]
    assert sorted(place.row.group_id for place in show_steps.places(absent)) == sorted(came)
    for place in places:
        same = [other for other in places if other.row.rank == place.row.rank]
        assert place.tied == (place.row.rank is not None and len(same) > 1)


@given(boards, st.booleans(), st.booleans(), st.booleans())
def test_the_scenes_come_in_their_order_and_empty_ones_are_left_out(
    rows: list[BoardRow], awards: bool, hardest: bool, looked: bool
) -> None:
    scenes = story_of(rows, awards=awards, hardest=hardest, looked=looked).scenes
    order = list(Scene)
    assert [order.index(scene) for scene in scenes] == sorted(order.index(scene) for scene in scenes)
    assert scenes.count(Scene.PLACE) == len(rows)
    assert (scenes[0], scenes[-1]) == (Scene.DRUM, Scene.THANKS)
    assert (Scene.PODIUM in scenes) == any(one.rank is not None for one in rows)
    ending = (Scene.AWARDS, Scene.HARDEST, Scene.LOOKED)
    assert tuple(scene in scenes for scene in ending) == (awards, hardest, looked)


def test_looking_around_is_told_only_where_a_score_would_be_another_one() -> None:
    rows = [replace(one, final_correct=5 - at) for at, one in enumerate(board([5, 4, 3]))]
    told = show_steps.places([*rows, row(9, None)])
    assert show_steps.looked(told, {}) == ()
    assert show_steps.looked(told, {one.group_id: one.final_correct or 0 for one in rows}) == ()
    found = show_steps.looked(told, {"g0": 5, "g2": 6, "g9": 6})
    assert [(one.row.group_id, one.before, one.after) for one in found] == [("g0", 5, 5), ("g2", 3, 6)]


@given(boards, st.integers(-3, 60))
def test_who_has_been_shown_only_grows_and_nobody_too_early(rows: list[BoardRow], step: int) -> None:
    story = story_of(rows)
    at = show_steps.within(story, step)
    assert 0 <= at < len(story.scenes)
    now = show_steps.shown(story, at)
    assert now == tuple(place.row.group_id for place in story.places[: min(at, len(rows))])
    assert set(now) <= set(show_steps.shown(story, at + 1))
    assert (len(now) == len(rows)) == (at >= len(rows))


@given(boards, st.integers(0, 40), st.floats(0, 2000), st.floats(0, 500), st.floats(2, 60))
def test_by_itself_it_goes_forward_and_arrives_at_the_last_scene(
    rows: list[BoardRow], step: int, elapsed: float, more: float, pace: float
) -> None:
    story = story_of(rows)
    first = show_steps.step_at(story, step, elapsed, pace)
    assert show_steps.within(story, step) <= first <= show_steps.step_at(story, step, elapsed + more, pace)
    assert show_steps.step_at(story, step, 10_000, pace) == len(story.scenes) - 1
    assert show_steps.step_at(story, step, elapsed, None) == show_steps.within(story, step)


def test_thirty_places_take_no_longer_than_a_dozen_steps_below_the_top() -> None:
    story = story_of(board(list(range(30))))
    top = len(story.scenes) - 1 - [*reversed(story.scenes)].index(Scene.PLACE) - (show_steps.TOP - 1)
    pace = 4.0
    seconds = next(s for s in range(1000) if show_steps.step_at(story, 0, s, pace) >= top)
    assert seconds <= pace * (1.5 + show_steps.MANY_BELOW_TOP) + 1
