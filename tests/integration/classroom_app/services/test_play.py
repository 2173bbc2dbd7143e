"""Live guesses: what is kept of a camera goes with its group and never stands in its way; maps."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from classroom_app.compute.interface import FrameSeen
from classroom_app.errors import MlRefusedError, NotFoundError
from classroom_app.resources import App
from classroom_app.services.streams import IDLE_S_MAX
from classroom_app.states import DeletionScope
from classroom_app.views.classes import EventView, GroupIdentity
from classroom_app.views.deletion import DeletionTarget
from tests.support.stand_ins import COLORS, StandInMl, identity, jpeg, take, train

FRAME = jpeg(COLORS["banana"], 99)


@pytest.fixture
def trained(app: App, event: EventView, group: GroupIdentity) -> GroupIdentity:
    take(app, group, event, 5)
    train(app, group)
    return group


def kept(app: App) -> int:
    """Of how many cameras the app holds something."""
    return len(app.streams)


@pytest.mark.parametrize("scope", [DeletionScope.GROUP_RESET, DeletionScope.GROUP, DeletionScope.EVENT])
def test_nothing_of_a_groups_cameras_stays_after_its_deletion(
    app: App, event: EventView, trained: GroupIdentity, scope: DeletionScope
) -> None:
    other = identity(app, event, 1)
    take(app, other, event, 5)
    train(app, other)
    for group, camera in ((trained, "a"), (trained, "b"), (other, "a")):
        app.play.guess(group, FRAME, camera)
    assert kept(app) == 3
    target = DeletionTarget(scope, event.id, None if scope == DeletionScope.EVENT else trained.id)
    app.privacy.delete(target)
    assert kept(app) == (0 if scope == DeletionScope.EVENT else 1)


def test_a_frame_that_is_guessed_while_its_group_is_reset_leaves_nothing(
    app: App, ml: StandInMl, event: EventView, trained: GroupIdentity, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = ml.predict_frame

    def slow(*args: Any) -> FrameSeen:
        seen = ask(*args)
        app.privacy.delete(DeletionTarget(DeletionScope.GROUP_RESET, event.id, trained.id))
        return seen

    monkeypatch.setattr(ml, "predict_frame", slow)
    app.play.guess(trained, FRAME, "a")
    assert kept(app) == 0


def test_the_sweeper_takes_what_the_last_child_left(
    app: App, trained: GroupIdentity, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.play.guess(trained, FRAME, "a")
    later = time.monotonic() + IDLE_S_MAX + 1
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert app.sweeper.run_steps()
    assert kept(app) == 0


def test_a_scene_that_cannot_be_read_costs_a_camera_its_scene_and_no_guess(
    app: App, ml: StandInMl, trained: GroupIdentity, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask, scenes = ml.predict_frame, []

    def strict(
        model_id: str, model: Callable[[], bytes], frame: bytes, scene: bytes | None, around: bool
    ) -> FrameSeen:
        scenes.append(scene)
        if scene:
            raise MlRefusedError(reason="bad_scene")
        return ask(model_id, model, frame, scene, around)

    app.play.guess(trained, FRAME, "a")
    monkeypatch.setattr(ml, "predict_frame", strict)
    assert app.play.guess(trained, FRAME, "a").scores[0][0].key == "banana"
    assert scenes == [b".", b""]
    monkeypatch.undo()
    assert kept(app) == 1, "it begins anew"


def test_what_is_refused_without_a_scene_is_not_asked_twice(
    app: App, ml: StandInMl, trained: GroupIdentity, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def refuse(*args: object) -> FrameSeen:
        asked.append(args)
        raise MlRefusedError(reason="wrong_space")

    monkeypatch.setattr(ml, "predict_frame", refuse)
    for camera in ("", "a"):
        with pytest.raises(MlRefusedError):
            app.play.guess(trained, FRAME, camera)
    assert len(asked) == 2


def test_a_map_is_of_the_label_that_the_page_shows(
    app: App, event: EventView, trained: GroupIdentity
) -> None:
    apple, banana, _ = event.labels
    heat = {label: app.play.explain(trained, FRAME, label).heat for label in ("", apple.id, banana.id)}
    assert heat[""] == heat[banana.id] != heat[apple.id]


def test_a_label_of_another_class_and_one_that_was_not_taught_have_no_map(
    app: App, event: EventView, group: GroupIdentity
) -> None:
    taught = event.labels[:2]
    for label in taught:
        for n in range(5):
            app.photos.take(group, label.id, str(uuid.uuid4()), None, jpeg(COLORS[label.key], n))
    train(app, group)
    for label_id in ("another", event.labels[2].id):
        with pytest.raises(NotFoundError) as error:
            app.play.explain(group, FRAME, label_id)
        assert error.value.key == "error_label_not_found"
