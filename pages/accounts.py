"""Accounts of grown-ups: one's own password and log-ins; for owners all accounts, their roles and classes."""

import streamlit as st

from classroom_app.errors import ClassroomError
from classroom_app.states import PASSWORD_LENGTH_MIN
from classroom_app.ui import guard, state, viewer
from classroom_app.ui.texts import t_kanji
from classroom_app.ui.widgets import accounts, class_form, staff_frame
from classroom_app.ui.widgets.accounts import AccountWish
from classroom_app.ui.widgets.navigate import navigate

app, user = guard.require_facilitator()
account = guard.account_of(app)


def change_password(old: str, new: str) -> None:
    browser = viewer.cookies().get("browser")
    try:
        app.accounts.change_password(user, old, new, viewer.address(), browser)
    except ClassroomError as error:
        state.tell("password", t_kanji(error.key, **error.params), good=False)
        st.rerun()
    navigate(url="/login", post_url="/session/leave?who=facilitator", body={}, key="log_in_anew")
    st.stop()  # this log-in has ended: there is nothing more to be shown to it


def end_session(session_id: str) -> None:
    app.accounts.end_session(user, session_id)
    state.tell("sessions", t_kanji("account_session_ended"))
    st.rerun()


def act(wish: AccountWish) -> None:
    try:
        if wish.action == "add":
            password = app.accounts.add(wish.username, wish.role, wish.event_ids)
            st.session_state[state.SHOWN_ONCE] = (wish.username.strip().lower(), password)
            state.hush()
        elif wish.action == "renew":
            password = app.accounts.renew_password(wish.username)
            st.session_state[state.SHOWN_ONCE] = (wish.username, password)
            state.hush()
        elif wish.action == "remove":
            app.accounts.remove(wish.username)
            state.tell("accounts", t_kanji("account_removed"))
        else:
            app.accounts.change(wish.username, wish.role, wish.event_ids)
            state.tell("accounts", t_kanji("account_saved"))
    except ClassroomError as error:
        state.tell("accounts", t_kanji(error.key, **error.params), good=False)
    st.rerun()


staff_frame.style()
back = (t_kanji("fa_back"), class_form.address("facilitator"))
staff_frame.top_bar(t_kanji("account_title"), "accounts", [back], user)
accounts.you(account)
given = accounts.password_form(PASSWORD_LENGTH_MIN)
staff_frame.notice("password")
if given is not None:
    change_password(*given)
wanted = accounts.sessions(app.accounts.sessions(user), account.session_id)
staff_frame.notice("sessions")
if wanted is not None:
    end_session(wanted)
if account.is_owner:
    shown = st.session_state.get(state.SHOWN_ONCE)
    names = {event.id: event.name for event in app.classes.all()}
    wish = accounts.all_accounts(app.accounts.all(), names)
    staff_frame.notice("accounts")
    if shown is not None and accounts.shown_once(*shown):
        del st.session_state[state.SHOWN_ONCE]
        st.rerun()
    if wish is not None:
        act(wish)
