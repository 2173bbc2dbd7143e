"""What came of a button's press: said beside it, in the words of grown-ups."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from classroom_app.errors import ClassroomError
from classroom_app.ui import state
from classroom_app.ui.texts import t_kanji


def sentence(error: ClassroomError) -> str:
    return t_kanji(error.key, **error.params)


def attempt(place: str, act: Callable[[], str | None]) -> None:
    """Do it, say at this place of the page what came of it, and run the page again.

    `act` gives the words for what went well; where it has none, what was said before is no more true.
    """
    try:
        told = act()
        if told is None:
            state.hush()
        else:
            state.tell(place, told)
    except ClassroomError as error:
        state.tell(place, sentence(error), good=False)
    st.rerun()
