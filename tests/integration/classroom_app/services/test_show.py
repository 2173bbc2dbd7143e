"""The show's state: one for all screens, led by several, kept over restarts, gone with its class."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable

import pytest

from classroom_app.compute.interface import MlClient
from classroom_app.data.tables import Show, utcnow
from classroom_app.errors import BadInputError, ConflictError, NotFoundError
from classroom_app.resources import App
from classroom_app.services.show import ShowService
from classroom_app.states import DeletionScope, Leader, Scene
from classroom_app.views.classes import EventView
from classroom_app.views.contest import Award
from classroom_app.views.deletion import DeletionTarget
from tests.support.stand_ins import StandInMl, identity, take, train

PROJECTOR, FACILITATOR = Leader.PROJECTOR, Leader.FACILITATOR


@pytest.fixture
def shown(app: App, event: EventView) -> EventView:
    """All three groups have come, two have an AI, and the results come out."""
    app.access.confirm_group(event.groups[2].id)
    for index in (0, 1):
        group = identity(app, event, index)
        take(app, group, event, 5, start=10 * index)
        train(app, group)
    app.classes.set_phase(event.id, "reveal")
    return event


def test_before_the_reveal_nobody_has_been_shown(app: App, event: EventView) -> None:
    now = app.show.now(event.id)
    assert (now.step, now.scene, now.shown_group_ids, now.over) == (0, Scene.DRUM, (), False)
    with pytest.raises(ConflictError):
        app.show.next(event.id, 0, PROJECTOR)


def test_it_goes_on_and_back_step_by_step_and_shows_who_has_been_shown(app: App, shown: EventView) -> None:
    penguin, lion, frog = (group.id for group in shown.groups)
    seen = [app.show.now(shown.id)]
    while not seen[-1].over:
        seen.append(app.show.next(shown.id, seen[-1].step, FACILITATOR))
    assert [now.scene for now in seen] == ["drum", "place", "place", "place", "podium", "awards", "thanks"]
    assert [now.shown_group_ids for now in seen[:4]] == [(), (frog,), (frog, lion), (frog, lion, penguin)]
    assert len({now.mark for now in seen}) == len(seen)
    assert app.show.next(shown.id, seen[-1].step, FACILITATOR) == seen[-1]
    assert app.show.back(shown.id, seen[-1].step, PROJECTOR) == seen[-2]
    assert app.show.replay(shown.id, FACILITATOR) == seen[0]
    assert app.show.back(shown.id, 0, PROJECTOR) == seen[0]
    app.classes.set_phase(shown.id, "closed")
    closed = app.show.now(shown.id)
    assert (closed.over, closed.scene, set(closed.shown_group_ids)) == (True, "thanks", {penguin, lion, frog})


def test_two_leaders_who_press_at_once_make_one_step(app: App, shown: EventView) -> None:
    barrier = threading.Barrier(6)

    def press() -> None:
        barrier.wait()
        app.show.next(shown.id, 0, PROJECTOR)

    threads = [threading.Thread(target=press) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert app.show.now(shown.id).step == 1
    assert app.show.back(shown.id, 0, PROJECTOR).step == 1, "somebody saw an older step"


def test_a_new_process_shows_the_same_step(
    app: App, shown: EventView, make_app: Callable[[MlClient], App], ml: StandInMl
) -> None:
    led = app.show.go(shown.id, 2, FACILITATOR)
    other = make_app(ml)
    try:
        assert other.show.now(shown.id) == led
        assert other.show.next(shown.id, 2, PROJECTOR).step == 3
    finally:
        other.db.close()
    assert app.show.now(shown.id).step == 3


def test_by_itself_it_goes_by_the_servers_time_and_stops_where_it_is(app: App, shown: EventView) -> None:
    moment = utcnow()
    show = ShowService(app.db, app.board, app.hardest, lambda _event_id: (), now=lambda: moment)
    assert show.set_automatic(shown.id, 10).automatic
    moment += dt.timedelta(seconds=14.9)
    assert show.now(shown.id).step == 0
    moment += dt.timedelta(seconds=0.2)
    assert show.now(shown.id).step == 1
    moment += dt.timedelta(seconds=10)
    assert show.now(shown.id).step == 2
    held = show.set_automatic(shown.id, None)
    assert (held.step, held.automatic) == (2, False)
    moment += dt.timedelta(hours=1)
    assert show.now(shown.id).step == 2
    show.set_automatic(shown.id, 10)
    assert show.back(shown.id, 2, FACILITATOR).step == 1, "whoever presses still leads"
    moment += dt.timedelta(hours=1)
    assert show.now(shown.id).over
    for wrong in (0.0, 1.0, 1000.0):
        with pytest.raises(BadInputError):
            show.set_automatic(shown.id, wrong)


def test_a_new_reveal_begins_at_the_first_step_and_closing_keeps_it(app: App, shown: EventView) -> None:
    app.show.go(shown.id, 3, FACILITATOR)
    app.classes.set_phase(shown.id, "reveal")
    assert app.show.now(shown.id).step == 3, "the phase that it has already is no new reveal"
    app.classes.set_phase(shown.id, "closed")
    app.classes.set_phase(shown.id, "reveal")
    assert app.show.now(shown.id).step == 3
    app.classes.set_phase(shown.id, "final")
    app.classes.set_phase(shown.id, "reveal")
    assert app.show.now(shown.id).step == 0


def test_a_reset_in_the_middle_leaves_a_show_that_can_be_told(app: App, shown: EventView) -> None:
    app.show.go(shown.id, 4, FACILITATOR)
    for group in shown.groups[:2]:
        app.privacy.delete(DeletionTarget(DeletionScope.GROUP_RESET, shown.id, group.id))
    now = app.show.now(shown.id)
    assert [scene.value for scene in app.show.story(shown.id).scenes] == ["drum", *["place"] * 3, "thanks"]
    assert (now.step, now.over) == (4, True)


def test_who_joins_during_the_show_changes_nothing_of_it(app: App, event: EventView) -> None:
    for index in (0, 1):
        take(app, identity(app, event, index), event, 5, start=10 * index)
        train(app, identity(app, event, index))
    app.classes.set_phase(event.id, "reveal")
    story = app.show.story(event.id)
    app.show.go(event.id, len(story.scenes) - 1, FACILITATOR)
    before = app.show.now(event.id)
    app.access.confirm_group(event.groups[2].id)
    show = ShowService(app.db, app.board, app.hardest, app.awards.awards)  # with no story of before
    assert [place.row.group_id for place in show.story(event.id).places] == [
        place.row.group_id for place in story.places
    ]
    assert show.now(event.id) == before
    assert before.over


def test_awards_are_a_scene_only_where_there_are_any(app: App, shown: EventView) -> None:
    award = Award("brave", (shown.groups[0].id,), "3")
    show = ShowService(app.db, app.board, app.hardest, lambda _event_id: (award,))
    assert Scene.AWARDS in show.story(shown.id).scenes
    none = ShowService(app.db, app.board, app.hardest, lambda _event_id: ())
    assert Scene.AWARDS not in none.story(shown.id).scenes


def test_it_goes_with_its_class(app: App, shown: EventView) -> None:
    app.show.go(shown.id, 2, FACILITATOR)
    app.show.set_dark(shown.id, dark=True)
    receipt = app.privacy.delete(DeletionTarget(DeletionScope.EVENT, shown.id))
    assert receipt.clean
    with app.db.read() as session:
        assert session.get(Show, shown.id) is None
    with pytest.raises(NotFoundError):
        app.show.now(shown.id)
    with pytest.raises(NotFoundError):
        app.show.set_dark(shown.id, dark=True)


def test_the_check_finds_a_show_without_its_class(
    app: App, shown: EventView, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What no foreign key held back is one of the rows without an owner, and is mended."""
    app.show.go(shown.id, 2, FACILITATOR)
    if app.db.engine.dialect.name != "sqlite":
        pytest.skip("Postgres lets nobody make such a row")
    raw = app.db.engine.raw_connection()
    raw.cursor().execute("PRAGMA foreign_keys=OFF")
    raw.cursor().execute("UPDATE shows SET event_id = 'gone'")
    raw.cursor().execute("PRAGMA foreign_keys=ON")
    raw.close()
    monkeypatch.setattr(app.queue, "workflows", set)
    found = app.integrity.check(lambda _s: None)
    assert "shows/gone" in {problem.subject for problem in found.problems}
