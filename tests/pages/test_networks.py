"""The networks of a class on the facilitator's page: saved, refused, and what they mean for this computer."""

from __future__ import annotations

import pytest
import streamlit as st

from classroom_app.resources import App
from classroom_app.views.classes import EventView
from tests.pages.desk import Desk, desk

__all__ = ["desk"]
HERE = "192.168.10.7"


@pytest.fixture
def setting_up(desk: Desk, event: EventView, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr(type(st.context), "ip_address", property(lambda _: HERE))
    desk.app.classes.set_phase(event.id, "lobby")  # its set-up is the tab that is open then
    desk.log_in().open("facilitator", event=event.id)
    return desk


def save(desk: Desk, text: str) -> None:
    [field] = [one for one in desk.at.text_input if str(one.key).startswith("venue_")]
    field.set_value(text)
    desk.tap("venue_save")


def test_networks_are_saved_and_the_page_says_whether_this_computer_is_inside(
    app: App, setting_up: Desk, event: EventView
) -> None:
    assert HERE in setting_up.text
    assert "staff-good" in setting_up.html
    save(setting_up, "192.168.10.0/24")
    assert app.venue.networks(event.id) == ("192.168.10.0/24",)
    assert "保存しました" in setting_up.messages
    assert "クラスに入れません" not in setting_up.messages
    save(setting_up, "10.0.0.0/8")
    assert "このコンピューターと同じネットワークのiPadは、クラスに入れません" in setting_up.messages
    save(setting_up, "")
    assert app.venue.networks(event.id) == ()
    assert "クラスに入れません" not in setting_up.messages


def test_what_is_no_network_is_said_beside_the_button_and_changes_nothing(
    app: App, setting_up: Desk, event: EventView
) -> None:
    app.venue.set_networks(event.id, "192.168.10.0/24")
    setting_up.run()
    save(setting_up, "the school")
    assert "「the」" in setting_up.messages
    assert app.venue.networks(event.id) == ("192.168.10.0/24",)


def test_this_very_computer_has_an_address_too(
    app: App, setting_up: Desk, event: EventView, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(st.context), "ip_address", property(lambda _: None))
    save(setting_up, "127.0.0.0/8")
    assert "127.0.0.1" in setting_up.text
    assert "クラスに入れません" not in setting_up.messages
    setting_up.cookies.clear()
    setting_up.open("join")
    assert setting_up.shown["groups"]["args"][0], "its tiles are there"
