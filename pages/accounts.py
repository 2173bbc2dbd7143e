"""Accounts of grown-ups: one's own password and log-ins; for owners all accounts, their roles and classes."""

import functools

import streamlit as st

from classroom_app.errors import ClassroomError
from classroom_app.states import PASSWORD_LENGTH_MIN
from classroom_app.ui import guard, state, viewer
from classroom_app.ui.facilitator import ways
from classroom_app.ui.telling import attempt, sentence
from classroom_app.ui.texts import t_kanji
from classroom_app.ui.widgets import accounts, staff_frame
from classroom_app.ui.widgets.accounts import AccountWish
from classroom_app.ui.widgets.navigate import navigate

app, user = guard.require_facilitator()
account = guard.account_of(app)


def change_password(old: str, new: str) -> None:
    browser = viewer.cookies().get("browser")
    try:
        app.accounts.change_password(user, old, new, viewer.address(), browser)
    except ClassroomError as error:
        state.tell("password", sentence(error), good=False)
        st.rerun()
    anew = "/login?told=login_password_changed"
    navigate(url=anew, post_url="/session/leave?who=facilitator", body={}, key="log_in_anew")
    st.stop()  # this log-in has ended: there is nothing more to be shown to it


def end_session(session_id: str) -> str:
    app.accounts.end_session(user, session_id)
    return t_kanji("account_session_ended")


def act(wish: AccountWish) -> str | None:
    """What to say; nothing where a password is shown, which says enough."""
    if wish.action == "add":
        password = app.accounts.add(wish.username, wish.role, wish.event_ids)
        st.session_state[state.SHOWN_ONCE] = (wish.username.strip().lower(), password)
        return None
    if wish.action == "renew":
        password = app.accounts.renew_password(wish.username)
        st.session_state[state.SHOWN_ONCE] = (wish.username, password)
        return None
    if wish.action == "written":
        del st.session_state[state.SHOWN_ONCE]
        return None
    if wish.action == "remove":
        app.accounts.remove(wish.username)
        return t_kanji("account_removed")
    app.accounts.change(wish.username, wish.role, wish.event_ids)
    return t_kanji("account_saved")


staff_frame.style()
ways.top_bar(app, t_kanji("account_title"), "accounts")
accounts.you(account)
given = accounts.password_form(PASSWORD_LENGTH_MIN)
staff_frame.notice("password")
if given is not None:
    change_password(*given)
wanted = accounts.sessions(app.accounts.sessions(user), account.session_id)
staff_frame.notice("sessions")
if wanted is not None:
    attempt("sessions", functools.partial(end_session, wanted))
if account.is_owner:
    shown = st.session_state.get(state.SHOWN_ONCE)
    names = {event.id: event.name for event in app.classes.all()}
    wish = accounts.all_accounts(app.accounts.all(), names, shown)
    staff_frame.notice("accounts")
    if wish is not None:
        attempt("accounts", functools.partial(act, wish))
