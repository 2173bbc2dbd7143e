"""The mistakes page: its cards, its empty states, the ways to it and from it. Knows no browser."""

from __future__ import annotations

import re
import uuid

import pytest

from classroom_app.data.tables import ChallengePhoto
from classroom_app.resources import App
from classroom_app.ui import state
from classroom_app.ui.widgets.mistakes import MistakesAction
from classroom_app.views.classes import EventView, GroupIdentity
from tests.pages.desk import Desk, desk
from tests.pages.ipad import IPad, ipad
from tests.support.stand_ins import COLORS, jpeg, take, train

__all__ = ["desk", "ipad"]


@pytest.fixture
def confused(ipad: IPad, app: App, event: EventView) -> GroupIdentity:
    """A joined group that took the bananas for oranges, and the other way round."""
    group = ipad.join(event)
    apple, banana, orange = event.labels
    for label, color in ((apple, "apple"), (banana, "orange"), (orange, "banana")):
        for n in range(5):
            app.photos.take(group, label.id, str(uuid.uuid4()), None, jpeg(COLORS[color], n))
    train(app, group)
    return group


def test_cards_of_the_practice_half_the_surest_first(
    ipad: IPad, app: App, event: EventView, confused: GroupIdentity
) -> None:
    ipad.open("mistakes")
    cards = ipad.shown["mistakes"]["found"]
    _, banana, orange = event.labels
    assert {(card.label.id, card.guess.id) for card in cards} == {
        (banana.id, orange.id),
        (orange.id, banana.id),
    }
    assert [card.p for card in cards] == sorted((card.p for card in cards), reverse=True)
    with app.db.read() as session:
        halves = {session.get_one(ChallengePhoto, card.photo_id).half for card in cards}
    assert halves == {"practice"}
    assert len(ipad.shown["mistakes"]["own"]) == 15


def test_where_a_heap_looks_mixed_its_photos_are_looked_through(
    ipad: IPad, app: App, event: EventView, confused: GroupIdentity
) -> None:
    _, banana, orange = event.labels
    ipad.open("mistakes")
    assert ipad.shown["mistakes"]["look_in"] == {banana.id: orange.id, orange.id: banana.id}
    ipad.tell(mistakes=MistakesAction("take", label_id=orange.id))
    assert ipad.step == "collect"
    assert ipad.shown["labels"]["chosen"] == orange.id
    assert ["タップして なおそう" in toast.value for toast in ipad.at.toast] == [True]
    ipad.run()
    assert not ipad.at.toast


def test_the_one_next_thing_is_more_photos_and_once_they_are_others_to_train(
    ipad: IPad, app: App, event: EventView, confused: GroupIdentity
) -> None:
    def next_things() -> list[str]:
        taken = ["take"] if ipad.shown["mistakes"]["take_next"] else []
        return taken + [key for key in ipad.buttons if key.startswith("big_")]

    ipad.open("mistakes")
    assert next_things() == ["take"]
    assert "small_to_train" in ipad.buttons
    photo, label = next(iter(ipad.shown["mistakes"]["own"].items()))
    other = next(item.id for item in event.labels if item.id != label)
    ipad.tell(mistakes=MistakesAction("move", photo, other))
    assert next_things() == ["big_to_train"]
    ipad.open("train")
    assert "big_train" in ipad.buttons, "the same rule"
    app.photos.move(confused, photo, label)
    ipad.open("mistakes")
    assert next_things() == ["take"]
    app.classes.set_phase(event.id, "final")
    ipad.run()
    assert next_things() == ["big_to_results"]


def test_one_tap_leads_to_more_photos_of_the_label(
    ipad: IPad, event: EventView, confused: GroupIdentity
) -> None:
    orange = event.labels[2]
    ipad.open("mistakes").tell(mistakes=MistakesAction("take", label_id=orange.id))
    assert ipad.step == "collect"
    assert ipad.shown["labels"]["chosen"] == orange.id


def test_an_own_photo_is_moved_deleted_and_brought_back(
    ipad: IPad, app: App, event: EventView, confused: GroupIdentity
) -> None:
    apple = event.labels[0]
    ipad.open("mistakes")
    own = ipad.shown["mistakes"]["own"]
    photo = next(photo for photo, label in own.items() if label != apple.id)
    ipad.tell(mistakes=MistakesAction("move", photo, apple.id))
    assert ipad.shown["mistakes"]["own"][photo] == apple.id
    ipad.tell(mistakes=MistakesAction("delete", photo))
    assert photo not in ipad.shown["mistakes"]["own"]
    assert ipad.shown["mistakes"]["undo"] is True
    ipad.tell(mistakes=MistakesAction("undo"))
    assert photo in ipad.shown["mistakes"]["own"]


def test_what_a_browser_makes_up_changes_nothing(
    ipad: IPad, app: App, event: EventView, confused: GroupIdentity
) -> None:
    other = app.access.group(app.access.group_cookie_by_token(event.groups[1].join_path[6:]))
    assert other is not None
    foreign = take(app, other, event, 1)[0]
    ipad.open("mistakes").tell(mistakes=MistakesAction("delete", foreign))
    assert [toast.value for toast in ipad.at.toast] == [
        "その しゃしんは もう ないよ。べつの しゃしんを えらんでね。"
    ]
    ipad.tell(mistakes=MistakesAction("take", label_id="nobody"))
    assert "mistakes" in ipad.shown
    assert ipad.step == "results"
    assert sum(app.photos.album(other).counts.values()) == 3


def test_after_the_photos_are_closed_there_is_only_looking(
    ipad: IPad, app: App, event: EventView, confused: GroupIdentity
) -> None:
    app.classes.set_phase(event.id, "final")
    ipad.open("mistakes")
    assert ipad.shown["mistakes"]["may_change"] is False
    assert "big_to_train" not in ipad.buttons
    photo = next(iter(ipad.shown["mistakes"]["own"]))
    ipad.tell(mistakes=MistakesAction("delete", photo))
    assert photo in ipad.shown["mistakes"]["own"]


def test_nothing_to_show_yet(ipad: IPad, app: App, event: EventView) -> None:
    ipad.join(event)
    ipad.open("mistakes")
    assert "まだ AIが いない" in ipad.text
    assert "mistakes" not in ipad.shown
    ipad.tap("big_to_collect")
    assert ipad.step == "collect"


def test_all_right_is_a_reason_to_be_glad(ipad: IPad, app: App, event: EventView) -> None:
    group = ipad.join(event)
    take(app, group, event, 5)
    train(app, group)
    ipad.open("mistakes")
    assert "ぜんぶ 正解" in ipad.text
    ipad.open("train")
    assert "small_to_mistakes" not in ipad.buttons
    ipad.open("results")
    assert "small_to_mistakes" not in ipad.buttons


def test_ways_to_the_page_from_the_score_and_the_results(
    ipad: IPad, event: EventView, confused: GroupIdentity
) -> None:
    for page in ("train", "results"):
        ipad.shown.clear()
        ipad.open(page).tap("small_to_mistakes")
        assert "mistakes" in ipad.shown


def test_a_class_that_hides_its_practice_photos(
    ipad: IPad, app: App, event: EventView, confused: GroupIdentity
) -> None:
    app.classes.allow_practice_photos(event.id, False)
    for page in ("train", "results"):
        ipad.open(page)
        assert "small_to_mistakes" not in ipad.buttons
    ipad.open("mistakes")
    assert "ひみつ" in ipad.text
    assert "mistakes" not in ipad.shown


def test_in_the_lobby_and_without_a_cookie_nothing_is_shown(
    ipad: IPad, app: App, event: EventView, confused: GroupIdentity
) -> None:
    app.classes.set_phase(event.id, "lobby")
    ipad.open("mistakes")
    assert "mistakes" not in ipad.shown
    ipad.cookies.clear()
    ipad.open("mistakes")
    assert 'href="/join"' in ipad.html
    assert "mistakes" not in ipad.shown


def test_a_facilitator_decides_whether_groups_see_them(desk: Desk, app: App, event: EventView) -> None:
    app.classes.set_phase(event.id, "lobby")  # the set-up is the open tab
    desk.log_in().open("facilitator", event=event.id)
    toggle = desk.at.toggle(key=f"show_practice_{event.id}_True")
    assert toggle.value is True
    toggle.set_value(False)
    desk.run()
    assert app.classes.get(event.id).show_practice is False
    app.classes.allow_practice_photos(event.id, True)  # another facilitator, meanwhile
    desk.run()
    assert app.classes.get(event.id).show_practice is True


def test_the_score_shows_the_photos_that_were_wrong_and_leads_to_what_helps(
    ipad: IPad, app: App, event: EventView, confused: GroupIdentity
) -> None:
    ipad.open("train")
    found = [item.photo_id for item in app.mistakes.list(confused)]
    assert found
    assert re.findall(r"/mistakes/([^/]+)/thumb", ipad.html) == found[:5]
    ipad.at.session_state[state.PLAYED] = 1
    ipad.run()
    assert [key for key in ipad.buttons if key.startswith("big_")] == ["big_hint"]
    assert not any(fold.proto.expanded for fold in ipad.at.expander)  # the curve is for who asks
    app.classes.allow_practice_photos(event.id, False)
    ipad.run()
    assert "/mistakes/" not in ipad.html
