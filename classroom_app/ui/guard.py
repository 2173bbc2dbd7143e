"""Nobody's page runs before its cookie was checked: by the entry script, and by the page itself."""

from __future__ import annotations

import contextlib
from typing import NoReturn

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from classroom_app.data.acting import Actor, ActorKind, act_as, network_of
from classroom_app.errors import BadInputError, NotAllowedError
from classroom_app.resources import App, get_app
from classroom_app.states import Phase
from classroom_app.ui import navigation, page_table, state, viewer
from classroom_app.ui.page_table import Audience
from classroom_app.ui.widgets.farewell import farewell, way_back
from classroom_app.ui.widgets.heartbeat import heartbeat
from classroom_app.ui.widgets.navigate import navigate
from classroom_app.views.accounts import Account
from classroom_app.views.classes import GroupIdentity


def require_group(page: str = "collect") -> tuple[App, GroupIdentity]:
    """The app and the group behind the cookie; without one the page says why, and nothing else runs. `page`:
    where the language switch comes back to then.
    """
    app = get_app()
    identity = viewer.group()
    if identity is None:
        _whole_page()
        if viewer.is_outside():
            _not_here()
        farewell(app.ending.look(viewer.cookies().get("group")), f"/{page}")
        st.stop()
        raise AssertionError("st.stop() does not return")
    act_as(Actor(ActorKind.GROUP, identity.id, network_of(st.context.ip_address)))
    app.access.note_seen(identity.id)
    note_read(app, identity)
    return app, identity


def note_read(app: App, group: GroupIdentity) -> None:
    """The children pressed OK under what a facilitator told them."""
    said_at = state.said_to_note()
    if said_at is not None:
        app.words.note_read(group, said_at)


def follow_the_show(app: App, group: GroupIdentity) -> None:
    """In the reveal every page of a group leads to the one that follows the show, until that is over."""
    if group.phase == Phase.REVEAL and app.reveal.look(group).board is None:
        navigation.goto("results")


def require_facilitator(
    page: str = "facilitator", *, to_change: bool = False, to_own: bool = False
) -> tuple[App, str]:
    """The services as this account may call them, and its user name. `to_change`: not for instructors;
    `to_own`: for owners alone. `page`: where the log-in leads to then.
    """
    app = get_app().as_account(viewer.cookies().get("facilitator"))
    if app is None:
        _whole_page()
        _log_in(page)
    account = account_of(app)
    if (to_change and not account.may_change) or (to_own and not account.is_owner):
        way_back("error_role", "/facilitator", "fa_back")
        st.stop()
    act_as(Actor(ActorKind.FACILITATOR, account.username, network_of(st.context.ip_address)))
    return app, account.username


def account_of(app: App) -> Account:
    """Whose services these are. Raises NotAllowedError for those that `require_facilitator` did not give."""
    if app.account is None:
        raise NotAllowedError
    return app.account


def require_projector() -> tuple[App, str]:
    """The app and the id of the class on the projector's signed link."""
    app = get_app()
    event_id = app.access.projector_event(viewer.cookies().get("projector"))
    if event_id is None:
        _whole_page()
        if viewer.is_outside():
            _not_here()
        way_back("projector_link_old", "/login", "way_login")
        st.stop()
    return app, event_id


def guard(url_path: str) -> None:
    """The first of two checks, by the table of pages."""
    act_as(None)  # the run before in this thread was perhaps another page's
    page = page_table.page(url_path)
    audience = page.audience
    if page.behind_door and not viewer.is_at_staff_door():  # asked for over the socket of another page
        way_back("door_elsewhere", "/", "way_back")
        st.stop()
    if audience is Audience.GROUP:
        _listen(*require_group(url_path))
    elif audience is Audience.FACILITATOR:
        require_facilitator(url_path)
    elif audience is Audience.PROJECTOR:
        require_projector()


def _listen(app: App, group: GroupIdentity) -> None:
    """An iPad whose network lets nothing but the page itself through says so over the page."""
    word = heartbeat()
    if word is not None:
        with contextlib.suppress(BadInputError):
            app.ipads.note(group.id, word)


def _whole_page() -> None:
    """A fragment runs alone, and the rest of the page would stay around what is said here. So the whole page
    runs instead, which begins with `guard`.

    Not in a circle: in a run of the whole page this does nothing.
    """
    run = get_script_run_ctx()
    if run is not None and run.fragment_ids_this_run:
        st.rerun(scope="app")


def _not_here() -> NoReturn:
    """In a page that was open when its iPad left the room; whoever loads one gets no page at all."""
    way_back("venue_outside", "/join", "way_back")
    st.stop()
    raise AssertionError("st.stop() does not return")


def _log_in(page: str) -> NoReturn:
    """The browser goes there by itself; where it does not, there is a link."""
    url = navigation.login_for(page, "login_ended" if viewer.cookies().get("facilitator") else "")
    way_back("login_needed", url, "way_login")
    navigate(url=url, key="to_login")
    st.stop()
    raise AssertionError("st.stop() does not return")
