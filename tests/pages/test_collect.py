"""The collect page: labels with counts, what is missing, the gallery's wishes. Knows no camera."""

from __future__ import annotations

import uuid

import pytest

from classroom_app.resources import App
from classroom_app.ui import guard
from classroom_app.ui.widgets import children_frame
from classroom_app.ui.widgets.gallery import GalleryAction
from classroom_app.views.classes import EventView
from classroom_app.views.console import IPadWord, SendingTrouble
from tests.pages.ipad import IPad, ipad
from tests.support.stand_ins import take, train

__all__ = ["ipad"]


def _counts(ipad: IPad) -> list[int]:
    return [tile.photos for tile in ipad.shown["labels"]["args"][0]]


def test_says_what_comes_next_until_there_is_enough(ipad: IPad, app: App, event: EventView) -> None:
    group = ipad.join(event)
    take(app, group, event, 3)
    ipad.open("collect")
    assert _counts(ipad) == [3, 3, 3]
    assert "あと 4まいで AIを" in ipad.text
    assert [key for key in ipad.buttons if key.startswith("big_")] == []  # the shutter is the next thing
    take(app, group, event, 2, start=3, labels=1)
    ipad.run()
    assert [tile.next for tile in ipad.shown["labels"]["args"][0]] == [False, True, False]
    (way,) = ipad.shown["next_label"]["args"][0]
    assert (way.id, way.words) == (event.labels[1].id, f"つぎは {event.labels[1].name_ja}")
    assert [key for key in ipad.buttons if key.startswith("big_")] == []  # the shutter is the next thing
    ipad.tell(next_label=event.labels[1].id)
    assert ipad.shown["labels"]["chosen"] == event.labels[1].id
    take(app, group, event, 2, start=5)
    del ipad.shown["next_label"]
    ipad.run()
    assert "next_label" not in ipad.shown
    ipad.tap("big_to_train")
    assert ipad.step == "train"


def test_the_next_label_is_the_next_in_the_row(ipad: IPad, app: App, event: EventView) -> None:
    """Not the one that lacks least: whoever follows the row forgets none."""
    group = ipad.join(event)
    first, second, third = (label.id for label in event.labels)
    take(app, group, event, 3)
    for photo in app.photos.album(group, second).photos[:2]:
        app.photos.move(group, photo.id, third)
    ipad.open("collect").tell(labels=third)
    assert _counts(ipad) == [3, 1, 5]
    assert ipad.shown["next_label"]["args"][0][0].id == first, "round to the first"
    for photo in app.photos.album(group, third).photos[:3]:
        app.photos.move(group, photo.id, first)
    take(app, group, event, 1, start=8)
    ipad.tell(labels=first)
    assert _counts(ipad) == [7, 2, 3]
    assert ipad.shown["next_label"]["args"][0][0].id == second


def test_the_tapped_label_opens_with_its_own_photos(ipad: IPad, app: App, event: EventView) -> None:
    group = ipad.join(event)
    ids = take(app, group, event, 2)
    ipad.open("collect")
    assert {photo.id for photo in ipad.shown["gallery"]["photos"]} == set(ids[:2])
    ipad.tell(labels=event.labels[1].id)
    assert {photo.id for photo in ipad.shown["gallery"]["photos"]} == set(ids[2:4])


def test_delete_undo_and_move(ipad: IPad, app: App, event: EventView) -> None:
    group = ipad.join(event)
    photo = take(app, group, event, 1)[0]
    ipad.open("collect").tell(gallery=GalleryAction("delete", photo))
    assert _counts(ipad) == [0, 1, 1]
    assert ipad.shown["gallery"]["undo"] is True
    ipad.tell(gallery=GalleryAction("undo"))
    assert _counts(ipad) == [1, 1, 1]
    ipad.tell(gallery=GalleryAction("move", photo, event.labels[2].id))
    assert _counts(ipad) == [0, 1, 2]


def test_another_groups_photo_cannot_be_touched(ipad: IPad, app: App, event: EventView) -> None:
    other = ipad.join(event, 1)
    photo = take(app, other, event, 1)[0]
    ipad.join(event, 0)
    ipad.open("collect").tell(gallery=GalleryAction("delete", photo))
    assert [toast.value for toast in ipad.at.toast] == [
        "その しゃしんは もう ないよ。べつの しゃしんを えらんでね。"
    ]
    assert sum(app.photos.album(other).counts.values()) == 3


@pytest.mark.parametrize("page", ["collect", "train", "play", "mistakes", "results"])
def test_after_the_end_a_group_without_an_ai_waits(ipad: IPad, app: App, event: EventView, page: str) -> None:
    ipad.join(event)
    app.classes.set_phase(event.id, "final")
    ipad.open(page)
    assert "ここまで" in ipad.text
    assert "gallery" not in ipad.shown
    assert ipad.buttons == ["language"]


def test_outside_its_phase_who_has_an_ai_goes_on_to_the_results(
    ipad: IPad, app: App, event: EventView
) -> None:
    group = ipad.join(event)
    take(app, group, event, 5)
    train(app, group)
    app.classes.set_phase(event.id, "final")
    ipad.open("collect").tap("big_to_results")
    assert ipad.step == "results"


def test_an_ipad_whose_route_is_blocked_is_heard_over_the_page(
    ipad: IPad, app: App, event: EventView, monkeypatch: pytest.MonkeyPatch
) -> None:
    ipad.join(event)
    for number, name in enumerate([str(uuid.uuid4()), "no id of ours"]):
        monkeypatch.setattr(guard, "heartbeat", lambda name=name: IPadWord(name, 4, cannot_send=True))
        ipad.open("collect")
        assert app.ipads.trouble(event.id) == SendingTrouble(1, 4), number


def test_without_a_cookie_there_is_a_way_back_and_nothing_else(ipad: IPad, event: EventView) -> None:
    ipad.open("collect")
    assert "もういちど グループに はいろう" in ipad.text
    assert 'href="/join"' in ipad.html
    assert ipad.shown == {}


def test_a_closed_class_ends_the_cookie(ipad: IPad, app: App, event: EventView) -> None:
    ipad.join(event)
    app.classes.set_phase(event.id, "closed")
    ipad.open("collect")
    assert "終わり" in ipad.text
    assert ipad.shown == {}


def test_the_chosen_label_outlives_the_session(ipad: IPad, app: App, event: EventView) -> None:
    group = ipad.join(event)
    ids = take(app, group, event, 1)
    last = event.labels[2]
    ipad.open("collect", label=last.id)  # a reload, a restart, another language: a new session
    assert ipad.shown["labels"]["chosen"] == last.id
    assert ipad.shown["labels"]["is_known"] is True
    assert [photo.id for photo in ipad.shown["gallery"]["photos"]] == [ids[2]]
    ipad.tell(labels=event.labels[1].id)  # newer than the address
    assert ipad.shown["labels"]["chosen"] == event.labels[1].id
    ipad.run()
    assert ipad.shown["labels"]["chosen"] == event.labels[1].id


@pytest.mark.parametrize("asked", ["", "no-such-label"])
def test_where_nobody_has_chosen_the_first_label_is_a_beginning_only(
    ipad: IPad, event: EventView, asked: str
) -> None:
    ipad.join(event)
    ipad.open("collect", **({"label": asked} if asked else {}))
    assert ipad.shown["labels"]["chosen"] == event.labels[0].id
    assert ipad.shown["labels"]["is_known"] is False
    ipad.run()
    assert ipad.shown["labels"]["is_known"] is True


def test_another_language_comes_back_to_the_same_label(
    ipad: IPad, event: EventView, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(children_frame, "navigate", lambda **journey: ipad.journeys.append(journey))
    ipad.join(event)
    ipad.open("collect", label=event.labels[1].id).tap("language")
    assert ipad.journeys[-1]["url"] == f"/collect?label={event.labels[1].id}"


def test_what_an_ipad_tells_over_the_page_is_kept_wholly(ipad: IPad, app: App, event: EventView) -> None:
    ipad.join(event)
    told = {"ipad": str(uuid.uuid4()), "unsent": 4, "cannot_send": True, "page": "collect", "failed": 2}
    ipad.at.session_state["heartbeat_script"] = {"told": {**told, "camera": "denied", "ts": 1}}
    ipad.open("collect")
    found = app.ipads.of_class(event.id)[event.groups[0].id]
    assert (found.unsent, found.cannot_send, found.failed, found.without_camera) == (4, 1, 2, 1)
    assert found.pages == ("collect",)


def test_the_way_on_is_training_only_where_there_is_something_new_to_learn(
    ipad: IPad, app: App, event: EventView
) -> None:
    group = ipad.join(event)
    take(app, group, event, 5)
    ipad.open("collect")
    assert "big_to_train" in ipad.buttons
    train(app, group)
    ipad.run()
    assert "big_to_train" not in ipad.buttons
    assert "small_to_results" in ipad.buttons
    take(app, group, event, 1, start=60)
    ipad.run()
    assert "big_to_train" in ipad.buttons
    app.training.fail(app.runs.request(group), "run_failed")
    ipad.run()
    assert "big_to_train" in ipad.buttons, "it has learnt from none of these"
