"""The address without a page leads each visitor on."""

from __future__ import annotations

import pytest

from classroom_app.resources import App
from classroom_app.views.classes import EventView
from tests.pages.ipad import IPad, ipad

__all__ = ["ipad"]


def test_without_a_cookie_the_door_opens(ipad: IPad, event: EventView) -> None:
    ipad.open()
    assert "どの グループ？" in ipad.text


@pytest.mark.parametrize(("phase", "shown"), [("collect", "collect_camera"), ("final", "もうすぐ みんなの")])
def test_a_group_goes_on_where_its_class_is(
    ipad: IPad, app: App, event: EventView, phase: str, shown: str
) -> None:
    ipad.join(event)
    app.classes.set_phase(event.id, phase)
    ipad.open()
    assert shown in " ".join([*ipad.keys, ipad.text])


def test_in_the_lobby_a_group_is_asked_who_it_is(ipad: IPad, app: App, event: EventView) -> None:
    ipad.join(event)
    app.classes.set_phase(event.id, "lobby")
    assert "big_yes" in ipad.open().buttons
