"""From page to page.

Knows nothing of who may go there.
"""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

import streamlit as st

_PAGES = Path(__file__).parents[2] / "pages"


def page_path(name: str) -> str:
    """A page as st.page_link and st.switch_page want it."""
    return str(_PAGES / f"{name}.py")


def goto(name: str) -> NoReturn:
    """Leave for another page of ours; no reload, the camera page opens at once."""
    st.switch_page(page_path(name))


def children_home(phase: str) -> str:
    """The page on which a group goes on in this phase of the class."""
    return {"lobby": "join", "collect": "collect"}.get(phase, "results")
