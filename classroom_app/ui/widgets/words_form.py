"""A sentence for iPads, chosen from a short list or typed: to a group, to a class, or why a group waits."""

from __future__ import annotations

import streamlit as st

from classroom_app.states import StaffWord
from classroom_app.ui import texts
from classroom_app.ui.texts import t_kanji
from classroom_app.views.classes import StaffSentence

TEXT_LENGTH_MAX = 60


def choose(
    key: str, title: str, send: str, icon: str, first: StaffWord = StaffWord.FRONT
) -> StaffSentence | None:
    """The sentence once its button (`send`: its text) was pressed. Nothing of it is checked yet."""
    with st.container(key=f"words_{key}", horizontal=True, vertical_alignment="bottom"):
        words = list(StaffWord)
        word = st.selectbox(
            title, words, index=words.index(first), format_func=_option, key=f"word_{key}", width=260
        )
        text = ""
        if word == StaffWord.OWN:
            text = st.text_input(
                t_kanji("cs_words_text"), key=f"text_{key}", max_chars=TEXT_LENGTH_MAX, width=300
            )
        pressed = st.button(send, key=f"send_{key}", icon=icon)
    return StaffSentence(word or StaffWord.WAIT, text) if pressed else None


def shown(sentence: StaffSentence) -> str:
    """As plain text, for grown-ups."""
    if sentence.word == StaffWord.OWN:
        return texts.label_kanji(sentence.text)
    return _option(sentence.word)


def _option(word: StaffWord) -> str:
    return t_kanji("cs_words_own" if word == StaffWord.OWN else f"said_{word}")
