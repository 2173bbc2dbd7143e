"""What looking around first would have given: found out once, beside a score that it never touches."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sqlalchemy.orm import undefer

from classroom_app.data.repository import challenge, finals
from classroom_app.data.tables import ChallengePhoto, FinalEntry, RunResult
from classroom_app.errors import ClassroomError, UnavailableError
from classroom_app.resources import App
from classroom_app.services.looking_around import PHOTOS_LOOKED_AT, looked_at
from classroom_app.states import DeletionScope, Half, Leader, Phase, Scene
from classroom_app.views.classes import EventView
from classroom_app.views.deletion import DeletionTarget
from tests.support.stand_ins import StandInMl, identity, take, train

DARKER = 60.0  # of 255: oranges look like apples there


def train_in_class(app: App, event: EventView) -> None:
    for index in (0, 1):
        group = identity(app, event, index)
        take(app, group, event, 5, start=10 * index)
        train(app, group)


@pytest.fixture
def elsewhere(app: App, event: EventView) -> EventView:
    """The challenge photos were taken in a darker room than the groups'; the results come out."""
    app.embedding.embed_challenge(event.id, timeout_s=10)
    with app.db.write() as session:
        for photo in session.query(ChallengePhoto).options(undefer(ChallengePhoto.features)):
            values = np.frombuffer(photo.features or b"", np.float16) - np.float16(DARKER)
            photo.features = values.astype(np.float16).tobytes()
    train_in_class(app, event)
    app.classes.set_phase(event.id, Phase.REVEAL)
    return event


def test_every_ai_would_have_scored_better_and_no_rank_changes(app: App, elsewhere: EventView) -> None:
    board, awards = app.board.board(elsewhere.id), app.awards.awards(elsewhere.id)
    assert Scene.LOOKED not in app.show.story(elsewhere.id).scenes, "nobody has found out yet"
    app.looking_around.renew()
    assert app.show.story(elsewhere.id).scenes[-2:] == (Scene.LOOKED, Scene.THANKS)
    total = board.rows[0].final_total
    assert total
    for one in app.show.story(elsewhere.id).looked:
        assert one.before == one.row.final_correct
        assert one.before < one.after == total
    assert app.board.board(elsewhere.id) == board
    assert app.awards.awards(elsewhere.id) == awards
    assert app.final.recount(elsewhere.id).differences == ()
    scenes = app.show.story(elsewhere.id).scenes
    assert app.show.go(elsewhere.id, scenes.index(Scene.LOOKED), Leader.PROJECTOR).scene == "looked"


def test_the_figure_is_that_of_the_final_half_after_looking_at_the_practice_half(
    app: App, elsewhere: EventView, ml: StandInMl, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.db.read() as session:
        half = {photo.id: photo.half for photo in challenge.photos(session, elsewhere.id)}
    asked: list[tuple[set[Half], set[Half], int]] = []
    real = ml.predict_features

    def listen(model_id: Any, model: Any, featured: Any, look_around_on: Any = ()) -> Any:
        first = [name for name, _ in look_around_on]
        asked.append(({half[name] for name in first}, {half[name] for name, _ in featured}, len(first)))
        return real(model_id, model, featured, look_around_on)

    monkeypatch.setattr(ml, "predict_features", listen)
    app.looking_around.renew()
    practice = sum(which == Half.PRACTICE for which in half.values())
    assert asked == [({Half.PRACTICE}, {Half.FINAL}, min(practice, PHOTOS_LOOKED_AT))] * 2
    app.looking_around.renew()
    assert len(asked) == 2, "once is enough"


def test_the_photos_looked_at_are_a_dozen_and_always_the_same(app: App) -> None:
    photos = [ChallengePhoto(id=f"p{number:02}", label_id=f"l{number % 3}") for number in range(40)]
    found = looked_at(photos)
    assert len({photo.id for photo in found}) == PHOTOS_LOOKED_AT
    assert len({photo.label_id for photo in found}) == 3
    assert looked_at(photos[::-1]) == found


def test_where_the_place_is_the_same_there_is_nothing_to_show(app: App, event: EventView) -> None:
    train_in_class(app, event)
    app.classes.set_phase(event.id, Phase.REVEAL)
    app.looking_around.renew()
    with app.db.read() as session:
        found = finals.looked_correct(session, event.id)
    assert len(found) == 2
    assert Scene.LOOKED not in app.show.story(event.id).scenes


def test_a_show_that_is_over_gets_no_other_scene(app: App, elsewhere: EventView) -> None:
    app.show.go(elsewhere.id, 99, Leader.PROJECTOR)
    app.looking_around.renew()
    assert Scene.LOOKED not in app.show.story(elsewhere.id).scenes
    assert app.show.now(elsewhere.id).over


def test_a_show_that_ends_while_it_is_found_out_gets_no_other_scene(
    app: App, elsewhere: EventView, ml: StandInMl, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = ml.predict_features

    def ends(*given: Any) -> Any:
        app.show.go(elsewhere.id, 99, Leader.PROJECTOR)
        return real(*given)

    monkeypatch.setattr(ml, "predict_features", ends)
    app.looking_around.renew()
    assert app.show.now(elsewhere.id).over
    assert Scene.LOOKED not in app.show.story(elsewhere.id).scenes


def test_a_model_that_fails_keeps_no_other_from_being_found_out(
    app: App, elsewhere: EventView, ml: StandInMl, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = ml.predict_features, []

    def fails_at_first(*given: Any) -> Any:
        calls.append(given)
        if len(calls) == 1:
            raise ClassroomError
        return real(*given)

    monkeypatch.setattr(ml, "predict_features", fails_at_first)
    app.looking_around.renew()
    with app.db.read() as session:
        assert len(finals.looked_correct(session, elsewhere.id)) == 1
        assert finals.not_looked(session) == []


def test_a_class_that_is_deleted_meanwhile_keeps_no_other_waiting(
    app: App, elsewhere: EventView, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.db.read() as session:
        due = [*finals.not_looked(session)]
    monkeypatch.setattr(finals, "not_looked", lambda _session: [("gone", "gone"), *due])
    app.looking_around.renew()
    with app.db.read() as session:
        assert len(finals.looked_correct(session, elsewhere.id)) == 2


def test_before_the_results_come_out_nobody_looks(app: App, event: EventView, ml: StandInMl) -> None:
    train_in_class(app, event)
    ml.away = True
    app.looking_around.renew()
    app.classes.set_phase(event.id, Phase.REVEAL)
    with pytest.raises(UnavailableError):
        app.looking_around.renew()
    ml.away = False
    app.looking_around.renew()
    with app.db.read() as session:
        assert finals.not_looked(session) == []


def test_a_group_whose_model_is_gone_is_left_out_and_a_reset_takes_the_figure(
    app: App, elsewhere: EventView
) -> None:
    first, second = (group.id for group in elsewhere.groups[:2])
    with app.db.write() as session:
        entry = session.query(FinalEntry).filter_by(group_id=first).one()
        result = session.get(RunResult, entry.run_id)
        assert result is not None
        result.model_key = "none"
    app.looking_around.renew()
    with app.db.read() as session:
        assert set(finals.looked_correct(session, elsewhere.id)) == {second}
    app.privacy.delete(DeletionTarget(DeletionScope.GROUP_RESET, elsewhere.id, second))
    with app.db.read() as session:
        assert finals.looked_correct(session, elsewhere.id) == {}
    assert Scene.LOOKED not in app.show.story(elsewhere.id).scenes
