"""A class with labels of its own: a name a label is enough, and each wrong one is told apart."""

from __future__ import annotations

import pytest

from classroom_app.content import i18n
from classroom_app.resources import App
from classroom_app.states import LABEL_KEY_LENGTH_MAX, LABELS_MAX
from classroom_app.ui.widgets.own_labels import LabelRow, new_label
from classroom_app.views.classes import NewLabel
from tests.pages.desk import Desk, desk

__all__ = ["desk"]


def form(desk: Desk) -> Desk:
    desk.log_in().open("facilitator")
    desk.tap("choose_own")
    desk.at.text_input(key="class_name").set_value("5年2組")
    return desk


def write(desk: Desk, **fields: str) -> None:
    for key, text in fields.items():
        desk.at.text_input(key=f"label_{key}").set_value(text)
    desk.run()


def made(app: App) -> list[tuple[str, str, str, str]]:
    [event] = app.classes.all()
    return [(label.key, label.emoji, label.name_ja, label.name_en) for label in event.labels]


def test_japanese_names_alone_are_enough(desk: Desk, app: App) -> None:
    form(desk)
    write(desk, name_0="りんご", name_1="黒板")
    desk.tap("class_create")
    assert made(app) == [("りんご", "🍎", "りんご", "りんご"), ("黒板", "🔵", "黒板", "黒板")]


def test_what_is_behind_more_is_taken_too(desk: Desk, app: App) -> None:
    form(desk)
    write(desk, name_0="お花", reading_0="おはな", other_0="Flower", key_0="hana", name_1="本")
    assert desk.at.text_input(key="label_reading_1").value == "ほん"  # the catalogue knows it
    desk.tap("class_create")
    assert made(app) == [("hana", "🔴", "お{花|はな}", "Flower"), ("本", "📖", "{本|ほん}", "本")]


def test_a_proposed_reading_follows_the_name_until_somebody_writes_one(desk: Desk) -> None:
    form(desk)

    def reading() -> str | None:
        return desk.at.text_input(key="label_reading_0").value

    write(desk, name_0="りんご")
    assert reading() == "りんご"
    write(desk, name_0="赤")
    assert reading() == "あか"
    write(desk, reading_0="せき")
    write(desk, name_0="青")
    assert reading() == "せき"


def test_rows_come_and_go(desk: Desk, app: App) -> None:
    form(desk)
    write(desk, name_0="ねこ", name_1="いぬ", name_2="うさぎ")
    desk.tap("label_add")
    write(desk, name_3="とり")
    desk.tap("label_remove_1")
    desk.tap("class_create")
    assert [name for _, _, name, _ in made(app)] == ["ねこ", "うさぎ", "とり"]
    assert len({emoji for _, emoji, _, _ in made(app)}) == 3, "each has a sign of its own"


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"name_0": "ねこ"}, "ラベルを2つ以上"),
        ({}, "ラベルを2つ以上"),
        ({"name_0": "ねこ", "name_1": "ネコ", "name_2": "ﾈｺ"}, "「ﾈｺ」というラベルが2つ"),
        ({"name_0": "ねこ", "name_2": "ね こ"}, "「ね こ」というラベルが2つ"),
        ({"name_0": "Cat", "name_1": "ＣＡＴ"}, "「ＣＡＴ」というラベルが2つ"),
        ({"name_0": "ねこ", "key_1": "dog"}, "2番目のラベルに名前"),
        ({"name_0": "ねこ", "key_0": "a", "name_1": "いぬ", "key_1": "A"}, "キー「A」のラベルが2つ"),
    ],
)
def test_what_is_wrong_is_said_of_the_label_that_it_is(
    desk: Desk, app: App, fields: dict[str, str], told: str
) -> None:
    form(desk)
    write(desk, **fields)
    desk.tap("class_create")
    assert told in desk.messages
    assert app.classes.all() == []


def test_on_an_english_page_the_name_is_english() -> None:
    row = LabelRow("Book", "本", "ほん")
    assert new_label(row, "en", 0) == NewLabel("", "📖", "{本|ほん}", "Book")
    assert new_label(LabelRow("Cat"), "en", 1) == NewLabel("", "🔵", "", "Cat")
    assert i18n.kanji(new_label(LabelRow("本", "", "ほん", "", "⭐"), "ja", 0).name_ja) == "本"


def test_the_form_offers_as_much_as_the_service_takes(desk: Desk) -> None:
    form(desk)
    for _ in range(LABELS_MAX - 3):
        desk.tap("label_add")
    assert "label_add" not in desk.buttons
    assert desk.at.text_input(key=f"label_key_{LABELS_MAX - 1}").max_chars == LABEL_KEY_LENGTH_MAX
