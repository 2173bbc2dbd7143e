"""A class's own labels: plain fields, one label a row; a name is enough, all else is behind "more".

No table to edit in: a table drawn on a canvas loses the first character of a Japanese keyboard.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import streamlit as st

from classroom_app.content import furigana, label_emoji
from classroom_app.states import LABEL_KEY_LENGTH_MAX, LABELS_MAX
from classroom_app.ui import state, viewer
from classroom_app.ui.texts import t_kanji
from classroom_app.ui.widgets.staff_frame import escape
from classroom_app.views.classes import NewLabel

_ROWS_FIRST = 3
_NAME_CHARS_MAX = 30
_WIDTHS = (1.1, 4, 1.6, 0.8)  # emoji, name, more, take out


@dataclass(frozen=True)
class LabelRow:
    """What stands in the fields of one label. `name`: in the page's language; `other`: in the other one."""

    name: str = ""
    other: str = ""
    reading: str = ""
    key: str = ""
    emoji: str = ""  # chosen, not proposed

    @property
    def is_empty(self) -> bool:
        return not any((self.name, self.other, self.key, self.emoji))


def own_labels() -> tuple[NewLabel, ...]:
    """The rows with anything in them."""
    st.html(f"<p class='staff-hint'>{escape(t_kanji('fa_own_how'))}</p>")
    rows: list[int] = st.session_state.setdefault(state.LABEL_ROWS, list(range(_ROWS_FIRST)))
    with st.container(key="own_labels"):
        _heads()
        filled = [_row(row, number, len(rows)) for number, row in enumerate(rows, 1)]
        if len(rows) < LABELS_MAX:
            st.button(t_kanji("fa_label_add"), key="label_add", icon="➕", on_click=_add)
    lang = viewer.lang()
    return tuple(new_label(row, lang, place) for place, row in enumerate(filled) if not row.is_empty)


def new_label(row: LabelRow, lang: str, place: int) -> NewLabel:
    """As the service takes it; what is missing is completed there."""
    ja, en = (row.other, row.name) if lang == "en" else (row.name, row.other)
    emoji = row.emoji or label_emoji.proposed((ja, en), place)
    return NewLabel(row.key, emoji, furigana.written(ja, row.reading), en)


def _heads() -> None:
    """Over the columns; each field has its own label for a screen reader."""
    for column, key in zip(st.columns(_WIDTHS), ("cc_label_emoji", "cc_label_name"), strict=False):
        column.html(f'<p class="staff-hint" aria-hidden="true">{escape(t_kanji(key))}</p>')


def _row(row: int, number: int, rows: int) -> LabelRow:
    first, second, third, last = st.columns(_WIDTHS, vertical_alignment="center")
    name = second.text_input(
        t_kanji("fa_label_name", number=number),
        key=f"label_name_{row}",
        placeholder=t_kanji("fa_label_example") if number == 1 else None,
        max_chars=_NAME_CHARS_MAX,
        label_visibility="collapsed",
    ).strip()
    with third.popover(t_kanji("fa_label_more"), width="stretch", key=f"label_more_{row}"):
        other, reading, key = _more(row, name)
    ja, en = (other, name) if viewer.lang() == "en" else (name, other)
    with first:
        emoji = _emoji(row, number, label_emoji.proposed((ja, en), number - 1))
    last.button(
        "✕",
        key=f"label_remove_{row}",
        help=t_kanji("fa_label_remove", number=number),
        on_click=partial(_remove, row),
        disabled=rows <= 1,
    )
    return LabelRow(name, other, reading, key, emoji)


def _more(row: int, name: str) -> tuple[str, str, str]:
    """The name in the other language, its reading, the key."""
    other = st.text_input(
        t_kanji("fa_label_other"), key=f"label_other_{row}", max_chars=_NAME_CHARS_MAX
    ).strip()
    ja = other if viewer.lang() == "en" else name
    _propose_reading(row, ja)
    reading = st.text_input(
        t_kanji("fa_label_reading"), key=f"label_reading_{row}", max_chars=_NAME_CHARS_MAX
    )
    key = st.text_input(t_kanji("fa_label_key"), key=f"label_key_{row}", max_chars=LABEL_KEY_LENGTH_MAX)
    return other, reading.strip(), key.strip()


def _propose_reading(row: int, name: str) -> None:
    """Into the field, where it may be changed: unless somebody wrote another one there."""
    field, last = f"label_reading_{row}", f"label_proposed_{row}"
    proposed = furigana.proposed(name)
    if st.session_state.get(field, "") in {"", st.session_state.get(last, "")}:
        st.session_state[field] = proposed
    st.session_state[last] = proposed


def _emoji(row: int, number: int, proposed: str) -> str:
    field = f"label_emoji_{row}"
    chosen: str = st.session_state.get(field) or ""
    told = t_kanji("fa_label_emoji", number=number)
    with st.popover(chosen or proposed, help=told, width="stretch", key=f"label_pick_{row}"):
        return st.pills(told, label_emoji.CHOICE, key=field) or ""


def _add() -> None:
    rows = st.session_state[state.LABEL_ROWS]
    st.session_state[state.LABEL_ROWS] = [*rows, max(rows) + 1]


def _remove(row: int) -> None:
    st.session_state[state.LABEL_ROWS] = [each for each in st.session_state[state.LABEL_ROWS] if each != row]
