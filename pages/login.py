"""Facilitators come in here: the library's form, our throttled check, a ticket for an HttpOnly cookie."""

import streamlit as st

from classroom_app.errors import ClassroomError
from classroom_app.resources import get_app
from classroom_app.ui import navigation, viewer
from classroom_app.ui.texts import t_kanji
from classroom_app.ui.widgets import staff_frame
from classroom_app.ui.widgets.login import STRINGS, LoginTry, login_form
from classroom_app.ui.widgets.navigate import navigate

app = get_app()
# What the address may say, and its sign; nobody else's words come on this page.
TOLD = {"login_password_changed": "✅", "login_ended": "🚪"}


def check(username: str, password: str) -> bool:
    return app.logins.check_password(username, password, viewer.address(), viewer.cookies().get("browser"))


staff_frame.style()
with st.container(key="login", width=560):
    staff_frame.top_bar(f"🔑 {t_kanji('login_title')}", navigation.login_again().removeprefix("/"))
    tried = LoginTry()
    above = st.empty()
    problem = t_kanji("login_no_cookie") if st.query_params.get("problem") == "login_no_cookie" else ""
    try:
        tried = login_form(check=check, strings={key: t_kanji(key) for key in STRINGS})
        problem = t_kanji("login_wrong") if tried.wrong else problem
    except ClassroomError as error:
        problem = t_kanji(error.key, **error.params)
    told = st.query_params.get("told", "")
    if problem:
        st.error(problem, icon="🙅")
    elif told in TOLD:
        (above.warning if told == "login_ended" else above.success)(t_kanji(told), icon=TOLD[told])
    st.html(f'<p class="staff-hint">{t_kanji("login_children")} <a href="/join" target="_self">/join</a></p>')
    st.html(f'<a class="staff-link" href="/guide.pdf" target="_blank">📄 {t_kanji("guide_link")}</a>')

if tried.username is not None:
    ticket = app.access.issue_ticket("facilitator", tried.username)
    navigate(
        url=navigation.after_login(),
        post_url="/session/facilitator",
        body={"ticket": ticket},
        known_url="/session/known?who=facilitator",
        lost_url="/login?problem=login_no_cookie",
        key="go_in",
    )
elif viewer.facilitator() is not None:
    navigate(url=navigation.after_login(), key="go_on")
