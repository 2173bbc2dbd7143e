"""The results page: the versions, ranks on the practice half, the final half after the reveal only."""

from __future__ import annotations

import re

import pytest

from classroom_app.resources import App
from classroom_app.states import Leader
from classroom_app.ui.widgets.take_home import page_file
from classroom_app.views.classes import EventView
from tests.pages.ipad import IPad, ipad
from tests.support.contest import LedShow, lead
from tests.support.stand_ins import identity, take, train

__all__ = ["ipad"]


def test_before_the_first_model(ipad: IPad, event: EventView) -> None:
    ipad.join(event)
    ipad.open("results")
    assert "まだ 結果が ないよ" in ipad.text
    assert "big_to_collect" in ipad.buttons


def test_the_versions_tell_what_was_new(ipad: IPad, app: App, event: EventView) -> None:
    group = ipad.join(event)
    take(app, group, event, 5)
    train(app, group)
    take(app, group, event, 2, start=5)
    train(app, group)
    ipad.open("results")
    assert "1号" in ipad.text
    assert "2号" in ipad.text
    assert "🍎+2 🍌+2 🍊+2" in ipad.text
    assert "わたしたち" in ipad.text


def test_the_final_half_is_a_secret_until_the_reveal(ipad: IPad, app: App, event: EventView) -> None:
    for index in (0, 1):
        other = identity(app, event, index)
        take(app, other, event, 5, start=10 * index)
        train(app, other)
    ipad.join(event)
    for phase in ("collect", "final"):
        app.classes.set_phase(event.id, phase)
        ipad.open("results")
        assert "ここまでの 順位" in ipad.text
        assert "さいご" not in ipad.text
        assert "confetti" not in ipad.html
        assert 'class="half"' not in ipad.html  # scores of one kind alone
    app.classes.set_phase(event.id, "reveal")
    ipad.run()
    assert "スクリーンを 見よう" in ipad.text
    assert "さいご" not in ipad.text
    app.show.go(event.id, 99, Leader.FACILITATOR)
    ipad.run()
    assert "さいごの 順位 ほんばん" in ipad.text
    assert "ほんばんは" in ipad.text
    assert "AIの ものがたり 練習" in ipad.text
    assert "1位！ おめでとう" in ipad.text
    assert "confetti" in ipad.html


def test_each_version_shows_some_of_the_groups_own_photos_that_were_new(
    ipad: IPad, app: App, event: EventView
) -> None:
    other = identity(app, event, 1)
    take(app, other, event, 5, start=100)
    train(app, other)
    group = ipad.join(event)
    first = take(app, group, event, 5)
    train(app, group)
    second = take(app, group, event, 1, start=5)
    train(app, group)
    ipad.open("results")
    versions = [
        re.findall(r"/photos/([^/]+)/thumb", part) for part in ipad.html.split('<div class="version')[1:3]
    ]
    assert [len(shown) for shown in versions] == [3, 3]
    assert set(versions[0]) <= set(first)
    assert set(versions[1]) == set(second)
    assert all(id_ in {*first, *second} for id_ in re.findall(r"/photos/([^/]+)/", ipad.html))


def test_the_ai_goes_home_after_the_own_medal_where_the_class_allows_it(
    ipad: IPad, app: App, event: EventView, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_file, "is_possible", lambda: True)
    show = LedShow()
    monkeypatch.setattr(app.show, "now", show.now)
    group = ipad.join(event)
    take(app, group, event, 5)
    train(app, group)
    app.classes.set_phase(event.id, "final")
    app.classes.set_phase(event.id, "reveal")
    lead(app, show=show)

    def offered() -> bool:
        ipad.open("results")
        return 'class="take-home"' in ipad.html

    show.shown = (group.id,)
    assert not offered(), "nobody has allowed it"
    app.take_home.allow(event.id, True)
    assert offered()
    assert ipad.html.count("/take-home/") == 1
    show.shown = ()
    assert not offered()
    show.shown, show.over = (), True
    assert offered()
    monkeypatch.setattr(page_file, "is_possible", lambda: False)
    assert not offered(), "there is nothing that could be downloaded"
