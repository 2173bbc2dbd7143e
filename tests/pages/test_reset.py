"""The reset page: a count before, two steps without typing, an undo for all of it, a receipt after."""

from __future__ import annotations

import pytest

from classroom_app import resources
from classroom_app.resources import App
from classroom_app.services import integrity
from classroom_app.services.training.queue import RunQueue
from classroom_app.ui.widgets import reset
from classroom_app.ui.widgets.photo_picker import PickerAction
from classroom_app.views.classes import EventView
from tests.pages.desk import Desk, desk
from tests.support.deleting import photos_deleted
from tests.support.stand_ins import identity, take, train

__all__ = ["desk"]


INTENTS = {scope: intent for intent, scopes in reset.INTENTS.items() for scope in scopes}


def choose(desk: Desk, scope: str) -> Desk:
    """The card, and then how much of it."""
    desk.at.radio(key="reset_intent").set_value(INTENTS[scope])
    desk.run()
    if scope != "event":
        desk.at.radio(key=f"reset_scope_{INTENTS[scope]}").set_value(scope)
        desk.run()
    return desk


@pytest.fixture
def photos(app: App, event: EventView) -> list[str]:
    group = identity(app, event, 0)
    ids = take(app, group, event, 5)
    train(app, group)
    return ids


def test_nothing_without_the_cookie(desk: Desk, event: EventView) -> None:
    desk.open("reset")
    assert "ログインしてください。" in desk.text
    assert not desk.at.radio


def test_several_photos_go_by_a_tap_and_a_held_button_and_come_back(
    desk: Desk, app: App, event: EventView, photos: list[str]
) -> None:
    group = event.groups[0]
    desk.log_in().open("reset")
    shown = [photo.id for photo in desk.shown["photo_picker"]["photos"]]
    assert set(photos) == set(shown)
    desk.tell(photo_picker=PickerAction("choose", (shown[0], shown[1], shown[2])))
    desk.tell(photo_picker=PickerAction("choose", (shown[0], shown[1])))  # the last is let go again
    assert "写真2枚" in desk.text
    assert "delete_undo" not in desk.holdable
    desk.tap("delete")
    assert desk.shown["photo_picker"]["picked"] == (shown[0], shown[1])
    assert len(app.photos.of_group(event.id, group.id)) == 15
    assert not desk.at.text_input, "nothing is typed"
    desk.hold("delete_undo")
    assert len(app.photos.of_group(event.id, group.id)) == 13
    assert "10分は元に戻せます" in desk.messages
    [pending] = app.deletions.pending(event.id)
    desk.tap(f"undo_{pending.id}")
    assert len(app.photos.of_group(event.id, group.id)) == 15
    assert "元に戻しました。" in desk.messages
    assert desk.at.button(key="delete").disabled, "what came back is not chosen again"


@pytest.mark.parametrize(("scope", "how"), [("event", "delete_now"), ("group", "delete_undo")])
def test_what_stands_in_the_place_of_what_went_is_not_chosen(
    desk: Desk, app: App, event: EventView, scope: str, how: str
) -> None:
    """Who presses once more, to be sure, would delete another class, or the next group."""
    other = app.classes.create("Other class", 3, template="fruit")
    desk.log_in().open("reset", event=event.id)
    choose(desk, scope)
    assert (event.name if scope == "event" else "ペンギン") + "：" in desk.text, "it says whose"
    desk.tap("delete")
    desk.hold(how)
    assert desk.at.radio(key="reset_intent").value == "photos"
    assert "delete" not in desk.buttons or desk.at.button(key="delete").disabled
    assert len(app.classes.get(other.id).groups) == 3


def test_each_card_says_what_would_go(desk: Desk, app: App, event: EventView, photos: list[str]) -> None:
    take(app, identity(app, event, 1), event, 2, start=50)
    desk.log_in().open("reset")
    intents = desk.at.radio(key="reset_intent")
    assert list(intents.proto.captions) == [
        "押して選んだ写真が消えます。その写真から学んだAIがあれば、それも消すかどうかをたずねます。",
        "🐧 ペンギン：写真15枚・AI 1個が消えます。",
        "このクラスと、その写真21枚・チャレンジ写真12枚・3グループとカード・AI 1個が消えます。",
    ]
    choose(desk, "runs")
    assert "AI 1個と成績が消えます。写真は残ります。" in desk.at.radio(key="reset_intent").proto.captions[1]


def test_photos_are_found_by_the_time_and_what_parents_are_told_is_one_tap_away(
    desk: Desk, app: App, event: EventView, photos: list[str]
) -> None:
    desk.log_in().open("reset")
    taken = {photo.id: photo.taken_at for photo in app.photos.of_group(event.id, event.groups[0].id)}
    assert {photo.id: photo.taken_at for photo in desk.shown["photo_picker"]["photos"]} == taken
    assert 'href="/privacy"' in desk.html


def test_nothing_can_be_deleted_until_something_is_chosen(
    desk: Desk, app: App, event: EventView, photos: list[str]
) -> None:
    desk.log_in().open("reset")
    assert desk.at.button(key="delete").disabled
    assert "まだ何も選んでいません" in desk.text
    desk.tell(photo_picker=PickerAction("choose", (photos[0],)))
    assert not desk.at.button(key="delete").disabled
    desk.at.selectbox(key="reset_group").set_value(event.groups[1].id)
    desk.run()
    assert desk.at.button(key="delete").disabled, "a photo of another group is not chosen here"
    choose(desk, "group_reset")
    assert desk.at.button(key="delete").disabled, "the group has nothing"
    assert not [button.key for button in desk.at.button if button.proto.type == "primary"]


def test_a_tap_alone_deletes_nothing(desk: Desk, app: App, event: EventView, photos: list[str]) -> None:
    desk.log_in().open("reset")
    choose(desk, "group")
    desk.tap("delete")
    desk.tap("delete_no")
    assert len(app.classes.get(event.id).groups) == 3
    assert "delete_no" not in desk.buttons


def test_the_first_tap_counts_for_its_own_target_alone(
    desk: Desk, app: App, event: EventView, photos: list[str]
) -> None:
    desk.log_in().open("reset")
    choose(desk, "label_group")
    desk.tap("delete")
    choose(desk, "label_class")
    assert "delete_undo" not in desk.holdable


def test_a_labels_photos_of_the_whole_class(
    desk: Desk, app: App, event: EventView, photos: list[str]
) -> None:
    take(app, identity(app, event, 1), event, 2, start=50)
    desk.log_in().open("reset")
    choose(desk, "label_class")
    assert "写真7枚" in desk.text
    desk.tap("delete").hold("delete_undo")
    assert [len(app.photos.of_group(event.id, group.id)) for group in event.groups] == [10, 4, 0]


def test_the_ais_of_a_group_go_and_its_photos_stay(
    desk: Desk, app: App, event: EventView, photos: list[str]
) -> None:
    desk.log_in().open("reset")
    choose(desk, "runs")
    desk.tap("delete").hold("delete_undo")
    assert app.runs.history(identity(app, event, 0)) == []
    assert len(app.photos.of_group(event.id, event.groups[0].id)) == 15


@pytest.mark.parametrize("scope", ["group_reset", "group", "event"])
def test_a_privacy_request_is_done_in_one_go(
    desk: Desk, app: App, event: EventView, photos: list[str], scope: str
) -> None:
    desk.log_in().open("reset")
    choose(desk, scope)
    desk.tap("delete").hold("delete_now")
    assert "残りは 0" in desk.messages
    assert app.deletions.pending() == []
    [receipt] = app.privacy.receipts()
    assert receipt.clean
    assert receipt.deleted["photos"] == 15
    assert f"/api/receipts/{receipt.id}.pdf" in desk.html
    assert f"/api/receipts/{receipt.id}.csv" in desk.html
    assert "写真15枚・" in desk.text
    assert "が消えました。" in desk.text


def test_what_was_deleted_with_an_undo_can_go_for_good_before_its_time(
    desk: Desk, app: App, event: EventView, photos: list[str]
) -> None:
    desk.log_in().open("reset", event=event.id)
    choose(desk, "event")
    desk.tap("delete").hold("delete_undo")
    assert app.classes.all() == []
    [pending] = app.deletions.pending()
    desk.hold(f"finish_{pending.id}")
    assert "残りは 0" in desk.messages
    assert app.deletions.pending() == []
    desk.open("reset")
    assert "Test class" in desk.text  # in the list of receipts


def test_why_it_cannot_come_back_is_said(desk: Desk, app: App, event: EventView, photos: list[str]) -> None:
    first = photos_deleted(app, event.id, photos[:2])
    desk.log_in().open("reset")
    choose(desk, "group")
    desk.tap("delete").hold("delete_undo")
    desk.tap(f"undo_{first.id}")
    assert "先にそちらを元に戻してください" in desk.messages


def test_what_is_left_is_said_in_red(
    desk: Desk, app: App, event: EventView, photos: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RunQueue, "forget", lambda _self, run_ids: len(run_ids))  # it keeps every entry
    desk.log_in().open("reset")
    choose(desk, "group_reset")
    desk.tap("delete").hold("delete_now")
    assert "まだ残っています" in desk.messages


def test_everything_is_checked_at_a_tap(
    desk: Desk, app: App, event: EventView, photos: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(integrity, "BETWEEN_LOOKS_S", 0.0)
    desk.log_in().open("reset")
    assert "食い違い" not in desk.messages
    desk.tap("check_everything")
    assert "食い違いはありません。" in desk.messages
    key = f"events/{event.id}/lost.jpg"
    resources.make_blobs(app.settings).put(key, b"x")
    desk.tap("check_everything")
    assert "どの記録にもないファイル: 1" in desk.messages


def test_children_never_see_it(desk: Desk, event: EventView) -> None:
    desk.join(event)
    desk.open("reset")
    assert "ログインしてください。" in desk.text


def test_the_receipt_stands_where_the_button_was(
    desk: Desk, app: App, event: EventView, photos: list[str]
) -> None:
    desk.log_in().open("reset")
    choose(desk, "label_class")
    desk.tap("delete").hold("delete_now")
    assert (
        desk.place("reset_intent")
        < desk.place("reset_scope_photos")
        < desk.place("receipt")
        < desk.place("check_everything")
    )
