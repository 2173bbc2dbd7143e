"""What screens ask all the time: the mark changes with what they show, and with nothing else."""

from __future__ import annotations

import pytest

from classroom_app.errors import NotFoundError
from classroom_app.resources import App
from classroom_app.states import Leader
from classroom_app.views.classes import EventView, RoundClock
from tests.support.stand_ins import identity, take, train


def marks(app: App, event: EventView) -> tuple[str, str]:
    at_once, _, calm = app.screen.look(event.id).mark.partition(".")
    return at_once, calm


def test_while_nothing_happens_nothing_changes(app: App, event: EventView) -> None:
    assert marks(app, event) == marks(app, event)
    with pytest.raises(NotFoundError):
        app.screen.look("nowhere")


def test_photos_may_wait_and_all_else_is_shown_at_once(app: App, event: EventView) -> None:
    group = identity(app, event, 0)
    seen = [marks(app, event)]

    def changed() -> tuple[bool, bool]:
        seen.append(marks(app, event))
        return tuple(one != other for one, other in zip(*seen[-2:], strict=True))

    app.access.confirm_group(group.id)
    assert changed() == (True, False)
    take(app, group, event, 5)
    assert changed() == (False, True)
    run = app.runs.request(group)
    assert changed() == (True, False)
    app.training.start(run)
    app.training.prepare(run)
    app.training.finish(run, app.training.fit(run))
    assert changed() == (True, False)
    app.show.set_dark(event.id, dark=True)
    assert changed() == (True, False)
    app.classes.set_phase(event.id, "reveal")
    assert changed() == (True, False)
    app.show.next(event.id, 0, Leader.PROJECTOR)
    assert changed() == (True, False)
    app.show.next(event.id, 0, Leader.PROJECTOR)
    assert changed() == (False, False)


def test_the_seconds_of_the_clock_are_no_news_but_its_end_is(
    app: App, event: EventView, monkeypatch: pytest.MonkeyPatch
) -> None:
    def mark(left_s: float | None, *, paused: bool = False, frozen: bool = False) -> str:
        monkeypatch.setattr(app.contest, "clock", lambda _event_id: RoundClock(left_s, paused, frozen))
        return app.screen.look(event.id).mark

    assert mark(300.0) == mark(10.5)
    states = [mark(None), mark(300.0), mark(0.0), mark(300.0, paused=True), mark(360.0, paused=True)]
    assert len({*states, mark(50.0, frozen=True)}) == 6


def test_the_race_has_leaders_then_photographers_then_those_who_are_not_here(
    app: App, event: EventView
) -> None:
    for index, photos in ((1, 2), (2, 5)):
        group = identity(app, event, index)
        app.access.confirm_group(group.id)
        take(app, group, event, photos, start=10 * index)
    race = app.screen.race(event.id)
    order = [lane.row.group_id for lane in race.lanes]
    penguin, lion, frog = (group.id for group in event.groups)
    assert order == [frog, lion, penguin]
    assert (race.photos, race.runs, race.born) == (21, 0, None)
    train(app, identity(app, event, 2))
    race = app.screen.race(event.id)
    assert race.born is not None
    assert (race.born.row.group_id, race.born.version, race.born.before, race.born.first) == (
        frog,
        1,
        None,
        True,
    )
    train(app, identity(app, event, 2))
    race = app.screen.race(event.id)
    assert race.born is not None
    assert (race.born.version, race.born.before, race.born.first) == (2, 6, False)
