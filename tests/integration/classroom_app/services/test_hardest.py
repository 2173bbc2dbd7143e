"""What all AIs found hardest, from the answers that the counted runs stored."""

from __future__ import annotations

import pytest

from classroom_app.data.tables import RunResult
from classroom_app.errors import NotFoundError
from classroom_app.resources import App
from classroom_app.services.training.records import answers_from_json
from classroom_app.states import Half, Leader, Scene
from classroom_app.views.classes import EventView
from tests.support.stand_ins import identity, take, train


@pytest.fixture
def confused(app: App, event: EventView) -> EventView:
    """Two AIs: both take the same apple of the final half for a banana, one a second one for an orange."""
    apple, banana, orange = (label.id for label in event.labels)
    for index in (0, 1):
        group = identity(app, event, index)
        take(app, group, event, 5, start=10 * index)
        run_id = train(app, group)
        with app.db.write() as session:
            result = session.get(RunResult, run_id)
            assert result is not None
            answers = [dict(answer) for answer in result.answers]
            apples = sorted(
                (a for a in answers if a["label"] == apple and a["half"] == Half.FINAL),
                key=lambda a: a["photo"],
            )
            apples[0]["guess"] = banana
            if index:
                apples[1]["guess"] = orange
            practice = next(a for a in answers if a["half"] == Half.PRACTICE)
            practice["guess"] = next(x for x in (apple, banana) if x != practice["label"])
            result.answers = answers
    return event


def test_the_photo_that_most_ais_got_wrong_comes_first(app: App, confused: EventView) -> None:
    found = app.hardest.of_class(confused.id)
    assert found.ais == 2
    assert [(photo.label.key, photo.wrong) for photo in found.photos] == [("apple", 2), ("apple", 1)]
    assert [(guess.key, count) for guess, count in found.photos[0].guesses] == [("banana", 2)]
    mixed = {(pair.label.key, pair.guess.key): pair.count for pair in found.mixed}
    assert len(mixed) == 9
    assert (mixed["apple", "banana"], mixed["apple", "orange"], mixed["banana", "apple"]) == (2, 1, 0)
    assert sum(mixed.values()) == sum(
        answer.half == Half.FINAL for answers in _stored(app) for answer in answers_from_json(answers)
    ), "the practice half does not count"


def _stored(app: App) -> list[list[object]]:
    with app.db.read() as session:
        return [result.answers for result in session.query(RunResult)]


def test_where_nobody_was_wrong_there_is_nothing_to_show(app: App, event: EventView) -> None:
    group = identity(app, event, 0)
    take(app, group, event, 5)
    train(app, group)
    assert app.hardest.of_class(event.id).photos == ()
    app.classes.set_phase(event.id, "reveal")
    assert Scene.HARDEST not in app.show.story(event.id).scenes


def test_it_is_a_scene_of_the_show(app: App, confused: EventView) -> None:
    app.classes.set_phase(confused.id, "reveal")
    scenes = app.show.story(confused.id).scenes
    assert app.show.go(confused.id, scenes.index(Scene.HARDEST), Leader.PROJECTOR).scene == "hardest"


def test_a_picture_is_one_of_the_class(app: App, confused: EventView) -> None:
    photo = app.hardest.of_class(confused.id).photos[0].photo_id
    assert app.hardest.picture(confused.id, photo)[:2] == b"\xff\xd8"
    for event_id, photo_id in (("another", photo), (confused.id, "another")):
        with pytest.raises(NotFoundError):
            app.hardest.picture(event_id, photo_id)
