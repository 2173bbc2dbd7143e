"""Coming in: the question after the QR code, tiles and picture code without one. Knows no browser."""

from __future__ import annotations

import re

import pytest

from classroom_app.resources import App
from classroom_app.ui.widgets import join
from classroom_app.views.classes import EventView
from tests.pages.ipad import IPad, ipad

__all__ = ["ipad"]


def test_yes_joins_and_opens_the_camera(ipad: IPad, app: App, event: EventView) -> None:
    group = ipad.join(event)
    ipad.open("join")
    assert "「ペンギン」グループで" in ipad.text
    assert "/assets/emoji/1f427.svg" in ipad.html
    assert not group.joined
    ipad.tap("big_yes")
    assert app.classes.get(event.id).groups[0].joined
    assert ipad.step == "collect"


def test_a_card_whose_cookie_did_not_stay_is_told(ipad: IPad, event: EventView) -> None:
    for query in ({"by": "card"}, {"problem": "join_no_cookie"}):
        ipad.open("join", **query)
        assert "おぼえられない" in ipad.text
    ipad.join(event)
    ipad.open("join", by="card")
    assert "おぼえられない" not in ipad.text
    assert "by" not in ipad.at.query_params


def test_no_forgets_the_group(ipad: IPad, event: EventView) -> None:
    ipad.join(event)
    ipad.open("join").tap("small_no")
    assert [(journey["url"], journey["post_url"]) for journey in ipad.journeys] == [
        ("/join", "/session/leave")
    ]


def test_the_lobby_waits_and_goes_on_by_itself(ipad: IPad, app: App, event: EventView) -> None:
    app.classes.set_phase(event.id, "lobby")
    ipad.join(event)
    ipad.open("join").tap("big_yes")
    assert "もうすぐ はじまるよ" in ipad.text
    app.classes.set_phase(event.id, "collect")
    ipad.run()
    assert ipad.step == "collect"


def test_the_lobby_lets_the_camera_be_tried(
    ipad: IPad, app: App, event: EventView, monkeypatch: pytest.MonkeyPatch
) -> None:
    left: list[str] = []
    monkeypatch.setattr(join, "tryout", lambda **given: left.pop() if left else None)
    app.classes.set_phase(event.id, "lobby")
    ipad.join(event)
    ipad.open("join").tap("big_yes")
    assert [key for key in ipad.buttons if key.startswith("big_")] == ["big_camera"]
    ipad.tap("big_camera")
    assert "カメラの 練習" in ipad.text
    assert ipad.buttons == ["language"], "the camera has its own ways on"
    left.append("tried")
    ipad.run().run()
    assert "準備 オーケー" in ipad.text
    assert [
        key for key in ipad.buttons if key.startswith("big_")
    ] == []  # now there is nothing to do but wait
    ipad.tap("small_camera")
    left.append("back")
    ipad.run().run()
    assert "準備 オーケー" in ipad.text


def test_who_only_looked_at_the_camera_can_try_it_again(
    ipad: IPad, app: App, event: EventView, monkeypatch: pytest.MonkeyPatch
) -> None:
    left: list[str] = []
    monkeypatch.setattr(join, "tryout", lambda **given: left.pop() if left else None)
    app.classes.set_phase(event.id, "lobby")
    ipad.join(event)
    ipad.open("join").tap("big_yes").tap("big_camera")
    left.append("back")
    ipad.run().run()
    assert "big_camera" in ipad.buttons
    ipad.tap("big_camera")
    app.classes.set_phase(event.id, "collect")
    ipad.run()
    assert ipad.step == "collect"


def test_tiles_show_the_groups_of_open_classes_only(ipad: IPad, app: App, event: EventView) -> None:
    app.classes.set_phase(event.id, "closed")
    ipad.open("join")
    assert "まだ クラスが 開いていない" in ipad.text
    app.classes.create("Another", 2, template="rps")
    ipad.run()
    tiles = ipad.shown["groups"]["args"][0]
    assert [tile.name for tile in tiles] == ["ペンギン", "ライオン"]


def test_the_right_pictures_become_a_ticket(ipad: IPad, app: App, event: EventView) -> None:
    group = event.groups[1]
    ipad.open("join").tell(groups=group.id)
    assert "ライオン" in ipad.text
    assert len(ipad.shown["code"]["pictures"]) == 9
    ipad.tell(code=group.picture_code)
    (journey,) = ipad.journeys
    assert journey["post_url"] == "/session/group"
    ticket = journey["body"]["ticket"]
    found = app.access.group(app.access.redeem_ticket("group", ticket))
    assert found is not None
    assert found.id == group.id


def test_wrong_pictures_are_told_kindly_and_at_last_slowed_down(ipad: IPad, event: EventView) -> None:
    group = event.groups[0]
    wrong = tuple(reversed(group.picture_code))
    if wrong == group.picture_code:
        wrong = ("apple", "apple", "apple", "key" if group.picture_code[0] != "key" else "ball")
    ipad.open("join").tell(groups=group.id)
    ipad.tell(code=wrong)
    assert "もういちど" in str(ipad.shown["code"]["problem"])
    for _ in range(6):
        ipad.tell(code=wrong)
    assert re.search(r"\d+<ruby>秒<rt>びょう</rt></ruby> まってから", str(ipad.shown["code"]["problem"]))
    assert ipad.journeys == []
    ipad.tap("small_other_group")
    assert "どの グループ？" in ipad.text


@pytest.mark.parametrize("problem", ["join_token_unknown", "nonsense<script>", ""])
def test_a_problem_is_a_sentence_or_nothing(ipad: IPad, event: EventView, problem: str) -> None:
    ipad.open("join", problem=problem)
    assert ("この QRコードは つかえない" in ipad.text) is (problem == "join_token_unknown")
    assert ("下で グループを えらんでも" in ipad.text) is (problem == "join_token_unknown")
    assert "script" not in ipad.html


def test_in_english_there_is_no_japanese_but_the_way_back(ipad: IPad, event: EventView) -> None:
    ipad.cookies["lang"] = "en"
    ipad.join(event)
    ipad.open("join")
    assert "Are you the Penguins?" in ipad.text
    assert not re.search(r"[ぁ-んァ-ン]", ipad.text)
    assert ipad.at.button(key="language").label == "日本語"
