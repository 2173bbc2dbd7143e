"""What a group may see of the final: nothing before the class's screen has shown it."""

from __future__ import annotations

import pytest

from classroom_app.resources import App
from classroom_app.states import Phase
from classroom_app.views.classes import EventView
from classroom_app.views.contest import Board, BoardRow, GroupReveal
from tests.support.contest import LedShow, lead
from tests.support.stand_ins import identity, take, train


@pytest.fixture
def show(app: App, event: EventView) -> LedShow:
    """Two groups with an AI, one without; the class is at its reveal and nothing is on the screen yet."""
    for index in (0, 1):
        group = identity(app, event, index)
        take(app, group, event, 5, start=10 * index)
        train(app, group)
    app.classes.set_phase(event.id, Phase.FINAL)
    app.classes.set_phase(event.id, Phase.REVEAL)
    led = LedShow()
    lead(app, show=led)
    return led


def look(app: App, event: EventView, index: int) -> GroupReveal:
    return app.reveal.look(identity(app, event, index))


def test_before_its_turn_a_group_sees_nothing_of_the_final(
    app: App, event: EventView, show: LedShow, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(*_: object, **__: object) -> Board:
        raise AssertionError("what is not read cannot leak")

    monkeypatch.setattr(app.board, "board", read)
    show.shown = (event.groups[2].id, event.groups[1].id)
    assert look(app, event, 0) == GroupReveal()


def test_a_late_ipad_sees_what_has_been_shown_so_far(app: App, event: EventView, show: LedShow) -> None:
    show.shown = (event.groups[2].id, event.groups[1].id)
    without, second = look(app, event, 2), look(app, event, 1)
    assert without.own is not None
    assert without.own.rank is None
    assert second.own is not None
    assert second.own.final_total == 6
    assert (without.board, second.board) == (None, None)


def test_the_whole_board_comes_at_the_end(app: App, event: EventView, show: LedShow) -> None:
    show.over = True
    for index in range(3):
        seen = look(app, event, index)
        assert seen.own is not None
        assert seen.board is not None
        assert [row.rank for row in seen.board.rows] == [1, 1, None]


@pytest.mark.parametrize("phase", [Phase.LOBBY, Phase.COLLECT, Phase.FINAL])
def test_outside_the_reveal_a_show_says_nothing(
    app: App, event: EventView, show: LedShow, phase: Phase
) -> None:
    show.over = True
    app.classes.set_phase(event.id, phase, reopen=True)
    assert look(app, event, 0) == GroupReveal()


@pytest.mark.parametrize(
    ("ranks", "last"),
    [
        ([1], [False]),
        ([1, 1], [False, False]),
        ([1, 2], [False, True]),
        ([1, 2, 2], [False, True, True]),
        ([1, 2, 3, None], [False, False, True, False]),
    ],
)
def test_who_is_last(
    app: App,
    event: EventView,
    show: LedShow,
    monkeypatch: pytest.MonkeyPatch,
    ranks: list[int | None],
    last: list[bool],
) -> None:
    show.over = True
    real = app.board.board(event.id, final=True)
    names = [group.id for group in event.groups] + ["one more"]
    rows = tuple(
        BoardRow(name, "", "", "", "", rank, 1, 1, 1, 2, 1, 2, joined=True)
        for name, rank in zip(names, ranks, strict=False)
    )
    monkeypatch.setattr(app.board, "board", lambda *_, **__: type(real)(real.event_name, real.phase, rows))
    found = [look(app, event, index).last for index in range(min(3, len(ranks)))]
    assert found == last[:3]
