"""What a facilitator tells a group, on its pages: one calm line with an OK, or that it has to wait."""

from __future__ import annotations

import streamlit as st

from classroom_app.states import StaffWord
from classroom_app.ui import state, texts
from classroom_app.ui.widgets import big_messages
from classroom_app.views.classes import GroupIdentity, StaffSentence


def show(group: GroupIdentity) -> None:
    """Under the head of every page; where the group has to wait, the page ends here."""
    if group.said is not None and st.session_state.get(state.SAID_OK) != group.said.at:
        with st.container(key="said", horizontal=True, vertical_alignment="center"):
            st.html(
                f'<div class="said" role="status"><span class="emoji" aria-hidden="true">💬</span>'
                f"<span>{sentence(group.said.sentence)}</span></div>",
                width="stretch",
            )
            st.button(texts.t("said_ok"), key="said_ok", on_click=state.say_ok, args=(group.said.at,))
    if group.waits is not None:
        big_messages.show("✋", sentence(group.waits), texts.t_html("waits_kept"))
        st.stop()


def sentence(said: StaffSentence) -> str:
    """HTML. What was typed is shown as it was typed; readings as {漢字|かんじ} become furigana."""
    if said.word == StaffWord.OWN:
        return texts.label_html(said.text)
    return texts.t_html(f"said_{said.word}")
