"""Nobody's page runs before its cookie was checked: by the entry script, and by the page itself."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Final, NoReturn

import streamlit as st

from classroom_app.data.acting import Actor, ActorKind, act_as, network_of
from classroom_app.errors import BadInputError
from classroom_app.resources import App, get_app
from classroom_app.states import Phase
from classroom_app.ui import navigation, page_table, viewer
from classroom_app.ui.page_table import Audience
from classroom_app.ui.widgets.farewell import farewell, way_back
from classroom_app.ui.widgets.heartbeat import heartbeat
from classroom_app.views import GroupIdentity


def require_group(page: str = "collect") -> tuple[App, GroupIdentity]:
    """The app and the group behind the cookie; without one the page says why, and nothing else runs. `page`:
    where the language switch comes back to then.
    """
    app = get_app()
    identity = viewer.group()
    if identity is None:
        farewell(app.ending.look(viewer.cookies().get("group")), f"/{page}")
        st.stop()
        raise AssertionError("st.stop() does not return")
    act_as(Actor(ActorKind.GROUP, identity.id, network_of(st.context.ip_address)))
    app.access.note_seen(identity.id)
    return app, identity


def follow_the_show(app: App, group: GroupIdentity) -> None:
    """In the reveal every page of a group leads to the one that follows the show, until that is over."""
    if group.phase == Phase.REVEAL and app.reveal.look(group).board is None:
        navigation.goto("results")


def require_facilitator() -> tuple[App, str]:
    app = get_app()
    username = viewer.facilitator()
    if username is None:
        _way_back("login_needed")
    act_as(Actor(ActorKind.FACILITATOR, username, network_of(st.context.ip_address)))
    return app, username


def require_projector() -> tuple[App, str]:
    """The app and the id of the class on the projector's signed link."""
    app = get_app()
    event_id = app.access.projector_event(viewer.cookies().get("projector"))
    if event_id is None:
        _way_back("projector_link_old")
    return app, event_id


_REQUIRED: Final[dict[Audience, Callable[[], object]]] = {
    Audience.FACILITATOR: require_facilitator,
    Audience.PROJECTOR: require_projector,
}


def guard(url_path: str) -> None:
    """The first of two checks, by the table of pages."""
    act_as(None)  # the run before in this thread was perhaps another page's
    audience = page_table.page(url_path).audience
    if audience is Audience.GROUP:
        _listen(*require_group(url_path))
    elif audience in _REQUIRED:
        _REQUIRED[audience]()


def _listen(app: App, group: GroupIdentity) -> None:
    """An iPad whose network lets nothing but the page itself through says so over the page."""
    word = heartbeat()
    if word is not None:
        with contextlib.suppress(BadInputError):
            app.ipads.note(group.id, word)


def _way_back(key: str) -> NoReturn:
    way_back(key, "/login", "way_login")
    st.stop()
    raise AssertionError("st.stop() does not return")
