"""The last page of an iPad: a sentence of its own for each reason, and never another class's tiles."""

from __future__ import annotations

import pytest

from classroom_app.resources import App
from classroom_app.states import DeletionScope, Phase
from classroom_app.views.classes import EventView
from classroom_app.views.deletion import DeletionTarget
from tests.pages.ipad import IPad, ipad
from tests.support.stand_ins import take, train

__all__ = ["ipad"]

PAGES = ("collect", "train", "play", "mistakes", "results")


@pytest.fixture(autouse=True)
def another_class_is_open(app: App) -> None:
    app.classes.create("Another", 2, template="rps")


def finished(app: App, ipad: IPad, event: EventView) -> None:
    group = ipad.join(event)
    take(app, group, event, 5)
    train(app, group)
    for phase in (Phase.FINAL, Phase.REVEAL, Phase.CLOSED):
        app.classes.set_phase(event.id, phase)


@pytest.mark.parametrize("page", PAGES)
def test_a_closed_class_ends_with_thanks_animal_and_medal(
    ipad: IPad, app: App, event: EventView, page: str
) -> None:
    finished(app, ipad, event)
    ipad.open(page)
    assert "終わり！ ありがとう！" in ipad.text
    assert "1f427.svg" in ipad.html
    assert "🥇" in ipad.text
    assert "1い" in ipad.text or "1位" in ipad.text
    assert ipad.buttons == ["language"]
    assert 'href="/join"' not in ipad.html


def test_the_lobby_and_the_card_end_in_the_same_way(ipad: IPad, app: App, event: EventView) -> None:
    app.classes.set_phase(event.id, Phase.LOBBY)
    group = ipad.join(event)
    app.classes.set_phase(event.id, Phase.CLOSED)
    for query in ({"here": group.key}, {"problem": "join_class_over"}):
        ipad.open("join", **query)
        assert "終わり！ ありがとう！" in ipad.text
        assert "groups" not in ipad.shown
    ipad.open("join")
    assert "groups" in ipad.shown, "the next class can come in on this iPad"


def test_the_card_of_a_closed_class_opens_no_other_class(ipad: IPad, app: App, event: EventView) -> None:
    ipad.open("join", problem="join_class_over")
    assert "終わり！ ありがとう！" in ipad.text
    assert "groups" not in ipad.shown


def test_after_a_deletion_the_page_says_that_the_photos_are_gone(
    ipad: IPad, app: App, event: EventView
) -> None:
    finished(app, ipad, event)
    app.privacy.delete(DeletionTarget(DeletionScope.EVENT, event.id))
    ipad.open("collect")
    assert "ぜんぶ けしたよ" in ipad.text
    assert "1f427.svg" in ipad.html
    assert 'href="/join"' not in ipad.html


def test_a_group_that_was_removed_asks_its_teacher(ipad: IPad, app: App, event: EventView) -> None:
    group = ipad.join(event)
    app.privacy.delete(DeletionTarget(DeletionScope.GROUP, event.id, group_id=group.id))
    ipad.open("train")
    assert "この グループは かたづけたよ" in ipad.text
    assert 'href="/join"' not in ipad.html


def test_a_renewed_card_asks_for_the_new_one(ipad: IPad, app: App, event: EventView) -> None:
    group = ipad.join(event)
    app.classes.renew_group_links(event.id, group.id)
    ipad.open("collect")
    assert "カードが 新しく なったよ" in ipad.text
    assert '<a class="big-link quiet" href="/join"' in ipad.html, "the new secret pictures lead in as well"


def test_an_ipad_without_a_group_is_led_to_them_in_its_language(
    ipad: IPad, app: App, event: EventView
) -> None:
    ipad.open("train")
    assert "もういちど グループに はいろう" in ipad.text
    assert "グループを えらぶ" in ipad.html
    assert ipad.at.button(key="language").label == "English"


def test_english_ends_without_japanese(ipad: IPad, app: App, event: EventView) -> None:
    ipad.cookies["lang"] = "en"
    finished(app, ipad, event)
    ipad.open("results")
    assert "The end. Thank you!" in ipad.text
    assert "1st place" in ipad.text
