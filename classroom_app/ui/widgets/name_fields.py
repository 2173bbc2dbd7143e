"""Fields for the name of one thing, in both languages, with its reading."""

from __future__ import annotations

import streamlit as st

from classroom_app.content import furigana, i18n
from classroom_app.content.catalog import TwoNames
from classroom_app.ui import viewer
from classroom_app.ui.texts import t_kanji

_CHARS_MAX = 30


def name_fields(now: TwoNames | None, key: str) -> tuple[str, str]:
    """The Japanese name with its furigana, and the English one; filled with what it is called now.

    `key`: of the widgets; another one for each thing, so that no field keeps the text of the one before.
    """
    japanese, english = (now.name_ja, now.name_en) if now else ("", "")
    reading = i18n.plain(japanese) if japanese != i18n.kanji(japanese) else ""
    in_english = viewer.lang() == "en"
    first, second = (english, i18n.kanji(japanese)) if in_english else (i18n.kanji(japanese), english)
    name = st.text_input(t_kanji("cc_label_name"), value=first, key=f"{key}_name", max_chars=_CHARS_MAX)
    other = st.text_input(t_kanji("fa_label_other"), value=second, key=f"{key}_other", max_chars=_CHARS_MAX)
    reading = st.text_input(
        t_kanji("fa_label_reading"), value=reading, key=f"{key}_reading", max_chars=_CHARS_MAX
    )
    ja, en = (other, name) if in_english else (name, other)
    return furigana.written(ja.strip(), reading or furigana.proposed(ja.strip())), en.strip()
