"""The play page: a way to training before there is a model, the player after. Knows no camera."""

from __future__ import annotations

from classroom_app.resources import App
from classroom_app.states import DeletionScope
from classroom_app.views.classes import EventView
from classroom_app.views.deletion import DeletionTarget
from tests.pages.ipad import IPad, ipad
from tests.support.stand_ins import take, train

__all__ = ["ipad"]


def test_without_a_model_it_leads_to_photos_and_then_to_training(
    ipad: IPad, app: App, event: EventView
) -> None:
    group = ipad.join(event)
    ipad.open("play")
    assert "big_to_collect" in ipad.buttons
    take(app, group, event, 5)
    ipad.run()
    assert "まだ AIが いない" in ipad.text
    assert "player" not in ipad.keys
    ipad.tap("big_to_first_train")
    assert ipad.step == "train"


def test_of_an_ai_that_an_adult_deleted_it_is_not_said_that_there_was_none(
    ipad: IPad, app: App, event: EventView
) -> None:
    group = ipad.join(event)
    take(app, group, event, 5)
    train(app, group)
    app.deletions.begin(DeletionTarget(DeletionScope.RUNS, event.id, group.id))
    for page in ("play", "results", "mistakes"):
        ipad.open(page)
        assert "けしたよ" in ipad.text, page
        assert "big_to_first_train" in ipad.buttons, page


def test_with_a_model_there_is_the_player_and_the_step_is_done(
    ipad: IPad, app: App, event: EventView
) -> None:
    group = ipad.join(event)
    take(app, group, event, 5)
    train(app, group)
    ipad.open("play")
    assert ipad.buttons == ["language", "small_to_collect_more", "big_to_results"]
    assert "player" in ipad.keys
    assert "step2_here_done" in ipad.keys
    app.classes.set_phase(event.id, "final")
    ipad.run()
    assert "small_to_collect_more" not in ipad.buttons
