"""The page of accounts, and what pages of grown-ups show to each role."""

from __future__ import annotations

import pytest

from classroom_app.resources import App
from classroom_app.states import Phase, Role
from classroom_app.ui import state
from classroom_app.ui.page_table import PAGES, Audience
from classroom_app.views.classes import EventView
from tests.pages.desk import PASSWORD, Desk, desk
from tests.support.roles import (
    EVERYBODY,
    GROUP,
    GROWN_UPS,
    INSTRUCTOR,
    MAKES,
    OTHER,
    OWN,
    OWNER,
    PROJECTOR,
    STRANGE,
    Cast,
    cast,
)

__all__ = ["desk"]
OPENED_BY = {
    Audience.ANYBODY: EVERYBODY,
    Audience.GROUP: frozenset({GROUP}),
    Audience.FACILITATOR: GROWN_UPS,
    Audience.PROJECTOR: frozenset({PROJECTOR}),
}


@pytest.fixture
def people(app: App, event: EventView) -> Cast:
    return cast(app, event)


def as_(desk: Desk, people: Cast, who: str) -> Desk:
    desk.cookies = dict(people.cookies[who])
    return desk


@pytest.mark.parametrize("who", sorted(EVERYBODY))
def test_every_page_opens_for_those_of_the_table_and_for_nobody_else(
    desk: Desk, people: Cast, who: str
) -> None:
    as_(desk, people, who)
    opened = set()
    for page in PAGES:
        desk.open(page.name)
        if "way-back" not in desk.html and "farewell" not in desk.html:
            opened.add(page.name)
    may = {page.name for page in PAGES if who in OPENED_BY[page.audience]}
    if who in GROWN_UPS - {OWNER}:
        may -= {"audit"} if who in MAKES else {"audit", "reset"}
    assert opened == may


@pytest.mark.parametrize("who", sorted(GROWN_UPS))
def test_each_finds_its_own_classes_and_what_it_may_do_with_them(desk: Desk, people: Cast, who: str) -> None:
    as_(desk, people, who).open("facilitator")
    choice = desk.at.selectbox(key=state.EVENT)
    shown = "　".join(choice.options)
    assert (people.event.name in shown) == (who in {OWNER, OWN, INSTRUCTOR})
    assert (people.other.name in shown) == (who in {OWNER, OTHER, STRANGE})
    assert ("new_class_button" in desk.buttons) == (who in MAKES)
    assert ("renew_projector" in desk.buttons) == (who in MAKES)
    renames = [field.key for field in desk.at.text_input if (field.key or "").startswith("rename_")]
    assert bool(renames) == (who in MAKES)
    assert any(key.startswith("go_") for key in desk.buttons) == (who in MAKES), "other phases"
    assert "projector/" in str([item.proto for item in desk.at.main])


@pytest.mark.parametrize("who", sorted(MAKES))
def test_the_page_of_deletions_by_role(desk: Desk, people: Cast, who: str) -> None:
    as_(desk, people, who).open("reset", event=people.event.id)
    choice = desk.at.selectbox(key=state.EVENT)
    assert (people.event.name in "　".join(choice.options)) == (who in {OWNER, OWN, INSTRUCTOR})
    assert ("check_everything" in desk.buttons) == (who == OWNER)


def test_an_instructor_leads_the_show_and_another_class_stays_unseen(
    app: App, desk: Desk, people: Cast
) -> None:
    for phase in (Phase.FINAL, Phase.REVEAL):
        app.classes.set_phase(people.event.id, phase)
    as_(desk, people, INSTRUCTOR).open("facilitator", event=people.other.id)
    assert people.other.name not in desk.text
    desk.tap("show_next")
    assert app.show.now(people.event.id).step == 1


def test_an_owner_adds_an_account_and_its_password_is_shown_once(app: App, desk: Desk, people: Cast) -> None:
    as_(desk, people, OWNER).open("accounts")
    assert "追加すると自動で作られて一度だけ表示される" in desk.text, "why no password is asked for"
    desk.at.text_input(key="account_name").set_value(" Mori ")
    desk.at.button_group(key="role_").set_value(str(Role.INSTRUCTOR))
    desk.run()
    desk.at.button_group(key="classes_").set_value([people.event.id])
    desk.tap("account_add")
    [code] = desk.at.code
    assert "account_add" not in desk.buttons, "it stands in place of the form"
    assert desk.place("save_mori") < desk.place("new_password") < desk.place("in_view_new_password")
    assert app.logins.check_password("mori", code.value)
    [made] = [item for item in app.accounts.all() if item.username == "mori"]
    assert (made.role, made.event_ids) == (Role.INSTRUCTOR, frozenset({people.event.id}))
    desk.tap("password_written")
    assert not desk.at.code
    assert desk.at.text_input(key="account_name").value == ""
    assert desk.at.button_group(key="role_").value == str(Role.FACILITATOR)
    desk.at.text_input(key="account_name").set_value("mori")
    desk.tap("account_add")
    assert "もう使われています" in desk.messages
    assert not desk.at.code


def test_an_owner_changes_a_role_renews_a_password_and_removes(app: App, desk: Desk, people: Cast) -> None:
    as_(desk, people, OWNER).open("accounts")
    desk.at.button_group(key="role_own").set_value(str(Role.INSTRUCTOR))
    desk.tap("save_own")
    assert app.logins.account(people.cookies[OWN]["facilitator"]).role is Role.INSTRUCTOR  # type: ignore[union-attr]  # it is logged in
    desk.tap("renew_own")
    assert app.logins.account(people.cookies[OWN]["facilitator"]) is None
    assert app.logins.check_password("own", desk.at.code[0].value)
    desk.tap("danger_remove_own")
    assert "own" not in {item.username for item in app.accounts.all()}
    desk.tap("danger_remove_facilitator")
    assert "最後" in desk.messages or "オーナーがいなくなる" in desk.messages
    assert "facilitator" in {item.username for item in app.accounts.all()}


@pytest.mark.parametrize("who", sorted(GROWN_UPS - {OWNER}))
def test_others_see_their_own_account_alone(desk: Desk, people: Cast, who: str) -> None:
    as_(desk, people, who).open("accounts")
    assert "account_add" not in desk.buttons
    assert not [key for key in desk.buttons if key.startswith(("save_", "renew_", "danger_"))]
    assert [field.key for field in desk.at.text_input] == ["password_old", "password_new"]


def test_a_password_is_changed_with_the_old_one_and_everybody_logs_in_anew(
    app: App, desk: Desk, people: Cast
) -> None:
    as_(desk, people, OWNER).open("accounts")

    def change(old: str, new: str) -> None:
        desk.at.text_input(key="password_old").set_value(old)
        desk.at.text_input(key="password_new").set_value(new)
        [button] = [item for item in desk.at.button if item.proto.is_form_submitter]
        button.click()
        desk.run()

    change("wrong", "another-long-password")
    assert "今のパスワードが違います" in desk.messages
    assert "clear_on_submit: true" not in str([block.proto for block in desk.at.main]), "both stay typed"
    change(PASSWORD, "short")
    assert "10文字" in desk.messages.replace(" ", "")
    assert desk.place("password_new") < desk.place("notice_password") < desk.place("session_0")
    assert app.logins.check_password("facilitator", PASSWORD)
    change(PASSWORD, "another-long-password")
    assert [journey["url"] for journey in desk.journeys] == ["/login?told=login_password_changed"]
    assert app.logins.check_password("facilitator", "another-long-password")
    assert app.logins.account(people.cookies[OWNER]["facilitator"]) is None


def test_log_ins_are_listed_by_their_devices_and_ended(app: App, desk: Desk, people: Cast) -> None:
    other = app.logins.facilitator_cookie("own", "Safari, iPad")
    as_(desk, people, OWN).open("accounts")
    assert "Safari, iPad" in desk.text
    [end] = [key for key in desk.buttons if key.startswith("end_session")]
    desk.tap(end)
    assert app.logins.account(other) is None
    assert app.logins.account(people.cookies[OWN]["facilitator"]) is not None
    assert "Safari, iPad" not in desk.text
