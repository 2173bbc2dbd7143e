"""From page to page."""

from __future__ import annotations

from typing import Final, NoReturn
from urllib.parse import urlencode

import streamlit as st

from classroom_app.states import Phase
from classroom_app.ui import page_table, state

_ASKED: Final = "to"  # at the log-in: the name of the page that it leads to
_OF_PAGES: Final = (state.EVENT, state.GROUP)  # what the address of a page of staff may say
_OF_LOGIN: Final = (_ASKED, *_OF_PAGES, "told", "problem")


def page_path(name: str) -> str:
    """A page as st.page_link and st.switch_page want it. Raises KeyError for a page that there is not."""
    return str(page_table.page(name).file)


def goto(name: str) -> NoReturn:
    """Leave for another page of ours; no reload, the camera page opens at once."""
    st.switch_page(page_path(name))


def children_home(phase: Phase) -> str:
    """The page on which a group goes on in this phase of the class."""
    return {Phase.LOBBY: "join", Phase.COLLECT: "collect"}.get(phase, "results")


def login_for(name: str, told: str = "") -> str:
    """The log-in's address for a page of staff, to which it leads back, with its class and group.

    `told`: what the log-in says, by its key.
    """
    return _address("login", {_ASKED: name, **_said(_OF_PAGES), **({"told": told} if told else {})})


def login_again() -> str:
    """The log-in's address as it is, for a browser that is at it."""
    return _address("login", _said(_OF_LOGIN))


def after_login() -> str:
    """The page of staff that was asked for, by its name in the table of pages: whatever else an address that
    somebody made says, it leads to the facilitator's.
    """
    name = st.query_params.get(_ASKED, "")
    return _address(name, _said(_OF_PAGES)) if name in page_table.OF_STAFF else "/facilitator"


def _said(names: tuple[str, ...]) -> dict[str, str]:
    return {name: st.query_params[name] for name in names if name in st.query_params}


def _address(name: str, query: dict[str, str]) -> str:
    return f"/{name}?{urlencode(query)}" if query else f"/{name}"
