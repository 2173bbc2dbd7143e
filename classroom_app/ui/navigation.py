"""From page to page."""

from __future__ import annotations

from typing import NoReturn

import streamlit as st

from classroom_app.states import Phase
from classroom_app.ui import page_table


def page_path(name: str) -> str:
    """A page as st.page_link and st.switch_page want it. Raises KeyError for a page that there is not."""
    return str(page_table.page(name).file)


def goto(name: str) -> NoReturn:
    """Leave for another page of ours; no reload, the camera page opens at once."""
    st.switch_page(page_path(name))


def children_home(phase: Phase) -> str:
    """The page on which a group goes on in this phase of the class."""
    return {Phase.LOBBY: "join", Phase.COLLECT: "collect"}.get(phase, "results")
