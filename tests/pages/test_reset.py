"""The reset page: a count before, a confirmation that fits the size, a receipt after."""

from __future__ import annotations

import pytest

from classroom_app import resources
from classroom_app.resources import App
from classroom_app.services import integrity
from classroom_app.views import EventView
from tests.pages.desk import Desk, desk
from tests.support.stand_ins import identity, take, train

__all__ = ["desk"]


def choose(desk: Desk, scope: str) -> Desk:
    desk.at.radio(key="reset_scope").set_value(scope)
    desk.run()
    return desk


def confirm(desk: Desk, scope: str, name: str) -> Desk:
    [field] = [field for field in desk.at.text_input if str(field.key).startswith(f"typed_{scope}_")]
    field.set_value(name)
    next(button for button in desk.at.button if button.label == "削除する").click()
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
    assert "ログインして ください。" in desk.text
    assert not desk.at.radio


def test_one_photo_needs_two_taps(desk: Desk, app: App, event: EventView, photos: list[str]) -> None:
    group = event.groups[0]
    desk.log_in().open("reset")
    assert desk.html.count("/thumb") == 5  # the first label's
    desk.tap("photo_1")
    shown = app.photos.of_group(event.id, group.id)
    desk.tap("delete")
    assert len(app.photos.of_group(event.id, group.id)) == 15
    desk.tap("delete_yes")
    left = app.photos.of_group(event.id, group.id)
    assert len(left) == 14
    assert {photo.id for photo in shown} - {photo.id for photo in left} <= set(photos)
    assert "残りは 0" in desk.messages


def test_the_first_tap_counts_for_its_own_target_alone(
    desk: Desk, app: App, event: EventView, photos: list[str]
) -> None:
    desk.log_in().open("reset")
    choose(desk, "label_group")
    desk.tap("delete")
    choose(desk, "label_class")
    assert "delete_yes" not in desk.buttons


def test_a_labels_photos_of_the_whole_class(
    desk: Desk, app: App, event: EventView, photos: list[str]
) -> None:
    take(app, identity(app, event, 1), event, 2, start=50)
    desk.log_in().open("reset")
    choose(desk, "label_class")
    assert "写真 7" in desk.text or "写真7" in desk.text
    desk.tap("delete")
    desk.tap("delete_yes")
    assert [len(app.photos.of_group(event.id, group.id)) for group in event.groups] == [10, 4, 0]


def test_a_group_needs_its_name(desk: Desk, app: App, event: EventView, photos: list[str]) -> None:
    desk.log_in().open("reset")
    choose(desk, "group")
    confirm(desk, "group", "ライオン")
    assert "名前が違います" in desk.messages
    assert len(app.classes.get(event.id).groups) == 3
    confirm(desk, "group", " ＰＥＮＧＵＩＮＳ ")  # either language, any width
    assert len(app.classes.get(event.id).groups) == 2
    assert [field.value for field in desk.at.text_input] == [""]  # nothing typed for the next one
    [receipt] = app.privacy.receipts()
    assert receipt.clean
    assert receipt.deleted["photos"] == 15


def test_a_group_is_emptied_and_stays(desk: Desk, app: App, event: EventView, photos: list[str]) -> None:
    desk.log_in().open("reset")
    choose(desk, "group_reset")
    confirm(desk, "group_reset", "ペンギン")
    assert app.photos.of_group(event.id, event.groups[0].id) == ()
    assert len(app.classes.get(event.id).groups) == 3
    assert "残りは 0" in desk.messages


def test_the_whole_class_goes_and_the_receipt_stays(
    desk: Desk, app: App, event: EventView, photos: list[str]
) -> None:
    desk.log_in().open("reset", event=event.id)
    choose(desk, "event")
    confirm(desk, "event", "Test class")
    assert app.classes.all() == []
    assert "チャレンジ写真" in desk.text
    assert "/api/receipts.csv" in desk.html
    desk.open("reset")
    assert "Test class" in desk.text  # in the list of receipts


def test_what_is_left_is_said_in_red(
    desk: Desk, app: App, event: EventView, photos: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.privacy, "_forget_runs", len)  # the queue would keep every entry
    desk.log_in().open("reset")
    choose(desk, "group_reset")
    confirm(desk, "group_reset", "ペンギン")
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
    assert "ログインして ください。" in desk.text


def test_the_receipt_stands_where_the_button_was(
    desk: Desk, app: App, event: EventView, photos: list[str]
) -> None:
    desk.log_in().open("reset")
    choose(desk, "label_class")
    desk.tap("delete")
    desk.tap("delete_yes")
    assert desk.place("reset_scope") < desk.place("receipt") < desk.place("check_everything")
