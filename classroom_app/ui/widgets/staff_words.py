"""What a facilitator tells a group, on its pages: one calm line with an OK, or that it has to wait."""

from __future__ import annotations

import streamlit as st

from classroom_app.states import StaffWord
from classroom_app.ui import state, texts
from classroom_app.ui.widgets import big_messages
from classroom_app.views.classes import GroupIdentity, StaffSentence


def show(group: GroupIdentity, *, at_result: bool = False) -> None:
    """Under the head of every page; where the group has to wait, the page ends here. `at_result`: the page
    shows the group's place, so whoever was called to the front has been there.
    """
    said = group.said
    over = said is not None and at_result and said.sentence.word.calls_to_the_front
    if said is not None and not over and st.session_state.get(state.SAID_OK) != said.at:
        with st.container(key="said", horizontal=True, vertical_alignment="center"):
            st.html(
                f'<div class="said" role="status"><span class="emoji" aria-hidden="true">💬</span>'
                f"<span>{sentence(said.sentence)}</span></div>",
                width="stretch",
            )
            st.button(texts.t("said_ok"), key="said_ok", on_click=state.say_ok, args=(said.at,))
    if group.waits is not None:
        big_messages.show("👀", sentence(group.waits), texts.t_html("waits_kept"))
        st.stop()


def sentence(said: StaffSentence) -> str:
    """HTML. What was typed is shown as it was typed; readings as {漢字|かんじ} become furigana."""
    if said.word == StaffWord.OWN:
        return texts.label_html(said.text)
    return texts.t_html(f"said_{said.word}")
