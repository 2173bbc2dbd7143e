"""Challenge photos by camera on the set-up page: one of three ways, the last shot can go again."""

from __future__ import annotations

import uuid

from classroom_app.resources import App
from classroom_app.views.classes import EventView
from tests.pages.desk import Desk, desk
from tests.support.stand_ins import COLORS, identity, jpeg, take, train

__all__ = ["desk"]


def open_camera(desk: Desk) -> Desk:
    desk.log_in().open("facilitator")
    tabs = [tab.label for tab in desk.at.tabs]
    desk.at.session_state["section"] = tabs[1]
    desk.at.session_state["challenge_way"] = "camera"
    return desk.run()


def components(desk: Desk) -> list[str]:
    """What the component of each is called."""
    return [element.proto.component_name for element in desk.at.main if element.type == "bidi_component"]


def shoot(app: App, event: EventView, label_id: str, number: int) -> str:
    photo_id = str(uuid.uuid4())
    app.shots.take(event.id, label_id, photo_id, jpeg(COLORS["apple"], number))
    return photo_id


def test_the_camera_is_there_when_it_is_chosen_and_files_are_not(desk: Desk, app: App) -> None:
    app.classes.create("Camera", 2, template="fruit")
    desk.log_in().open("facilitator")
    assert "classroom_camera" not in components(desk)
    assert "upload" in desk.shown
    open_camera(desk)
    desk.shown.clear()
    desk.run()
    assert components(desk).count("classroom_camera") == 1
    assert "upload" not in desk.shown


def test_the_last_shot_of_the_label_is_taken_back_with_one_tap(desk: Desk, app: App) -> None:
    event = app.classes.create("Camera", 2, template="fruit")
    label = event.labels[0]
    open_camera(desk)
    assert not any(name.startswith("shot_undo") for name in desk.buttons), "there is none yet"
    desk.at.session_state["shot_label"] = label.id
    first, last = (shoot(app, event, label.id, number) for number in range(2))
    desk.run()
    assert f"/challenge/{last}/thumb" in desk.html
    desk.tap(f"shot_undo_{last}")
    assert "写真を1枚取り消しました。" in desk.messages
    assert app.shots.newest(event.id, label.id) == first
    assert f"/challenge/{first}/thumb" in desk.html


def test_of_a_set_that_was_scored_there_is_no_camera(desk: Desk, app: App, event: EventView) -> None:
    group = identity(app, event, 0)
    take(app, group, event, 5)
    train(app, group)
    open_camera(desk)
    assert "classroom_camera" not in components(desk)
    assert "もう変えられません" in desk.messages
