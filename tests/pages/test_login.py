"""The log-in page: our check behind the library's form, a ticket on success, nothing of its state left."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest
import streamlit as st

from classroom_app.services.staff_logins import FIRST_FACILITATOR
from classroom_app.ui import page_table, state
from tests.pages.desk import PASSWORD, Desk, desk

__all__ = ["desk"]


def send(desk: Desk, username: str, password: str) -> Desk:
    name, secret = desk.at.text_input
    name.set_value(username)
    secret.set_value(password)
    desk.at.button[-1].click()
    desk.run()
    return desk


def test_the_right_password_gets_a_ticket_for_the_cookie(desk: Desk) -> None:
    desk.open("login")
    send(desk, f" {FIRST_FACILITATOR.upper()} ", PASSWORD)
    [journey] = desk.journeys
    assert journey["url"] == "/facilitator"
    assert journey["post_url"] == "/session/facilitator"
    cookie = desk.app.access.redeem_ticket("facilitator", journey["body"]["ticket"])
    assert desk.app.logins.facilitator(cookie) == FIRST_FACILITATOR
    assert not [key for key in state.LIBRARY_LOGIN if key in desk.at.session_state]


def test_the_guide_is_there_before_the_log_in(desk: Desk) -> None:
    desk.open("login")
    assert 'href="/guide.pdf" target="_blank"' in desk.html


def test_a_wrong_password_and_an_unknown_name_say_the_same(desk: Desk) -> None:
    desk.open("login")
    answers = [send(desk, name, "wrong").messages for name in (FIRST_FACILITATOR, "nobody")]
    assert answers == ["ユーザー名かパスワードが違います。もう一度入力してください。"] * 2
    assert desk.journeys == []


def test_too_many_tries_wait(desk: Desk) -> None:
    desk.open("login")
    for _ in range(5):
        send(desk, FIRST_FACILITATOR, "wrong")
    send(desk, FIRST_FACILITATOR, PASSWORD)
    assert "続けて間違えたため" in desk.messages
    assert desk.journeys == []


def test_tries_count_by_the_address_of_the_device(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    address = ["192.0.2.7"]
    monkeypatch.setattr(type(st.context), "ip_address", property(lambda _: address[0]))
    desk.open("login")
    for _ in range(6):
        send(desk, FIRST_FACILITATOR, "wrong")
    assert "続けて間違えたため" in desk.messages
    address[0] = "192.0.2.8"
    send(desk, FIRST_FACILITATOR, PASSWORD)
    assert [journey["url"] for journey in desk.journeys] == ["/facilitator"]


def test_the_librarys_own_state_never_counts(desk: Desk) -> None:
    desk.open("login")
    desk.at.session_state["authentication_status"] = True
    desk.at.session_state["username"] = FIRST_FACILITATOR
    desk.run()
    assert len(desk.at.text_input) == 2  # the form is still asked for
    assert desk.journeys == []
    desk.open("facilitator")
    assert "ログインしてください。" in desk.text


def test_its_cookie_manager_is_not_on_the_page(desk: Desk) -> None:
    desk.open("login")
    assert not desk.at.get("component_instance")
    assert not [item for item in desk.at.main if "cookie_manager" in str(item.proto)]


def test_who_is_logged_in_goes_on(desk: Desk) -> None:
    desk.log_in().open("login")
    assert [journey["url"] for journey in desk.journeys] == ["/facilitator"]


def test_the_password_of_yesterday_lets_nobody_in(desk: Desk) -> None:
    desk.log_in()
    desk.app.logins.set_password(FIRST_FACILITATOR, "another-long-password")
    desk.open("facilitator")
    assert "ログインしてください。" in desk.text


def test_the_log_in_says_that_the_password_was_changed_and_shows_no_other_key(desk: Desk) -> None:
    desk.open("login", told="login_password_changed")
    assert desk.messages == "パスワードを変更しました。新しいパスワードでログインしてください。"
    send(desk, FIRST_FACILITATOR, "wrong")
    assert desk.messages == "ユーザー名かパスワードが違います。もう一度入力してください。"
    desk.open("login", told="account_removed")
    assert desk.messages == ""


@pytest.mark.parametrize("page", sorted(page_table.OF_STAFF))
def test_a_page_of_staff_leads_to_the_log_in_and_the_log_in_back_to_it(desk: Desk, page: str) -> None:
    desk.open(page, event="e 1&x", strange="//evil.example")
    [journey] = desk.journeys
    assert journey["url"] == f"/login?to={page}&event=e+1%26x", "who has not been logged in is told of no end"
    desk.journeys.clear()
    desk.open("login", **dict(parse_qsl(urlsplit(journey["url"]).query)))
    assert desk.messages == ""
    send(desk, FIRST_FACILITATOR, PASSWORD)
    assert [journey["url"] for journey in desk.journeys] == [f"/{page}?event=e+1%26x"]


@pytest.mark.parametrize("asked", ["//evil.example", "https://evil.example", "login", "join", "../x", ""])
def test_an_address_that_somebody_made_leads_nowhere_else(desk: Desk, asked: str) -> None:
    desk.log_in().open("login", to=asked, event="e1")
    assert [journey["url"] for journey in desk.journeys] == ["/facilitator"]


def test_an_ended_log_in_is_told_and_the_language_switch_keeps_the_way(desk: Desk) -> None:
    desk.open("login", to="jobs", event="e1", told="login_ended", strange="x")
    assert desk.messages == "ログインが終了しています。続けるには、もう一度ログインしてください。"
    desk.tap("staff_language")
    assert [journey["url"] for journey in desk.journeys] == ["/login?to=jobs&event=e1&told=login_ended"]
