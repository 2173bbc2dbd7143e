"""Until when a class takes anything in, when it is deleted, and another day for it."""

from __future__ import annotations

import datetime as dt

import streamlit as st

from classroom_app.content import dates
from classroom_app.ui.texts import moment_words, t_kanji
from classroom_app.ui.widgets.staff_frame import escape
from classroom_app.views.classes import ClassEnd


def class_end(end: ClassEnd, now: dt.datetime) -> dt.datetime | None:
    """Shows both days where the app runs; returns the end that is wanted, once."""
    ends = dates.local(end.ends_at)
    says = t_kanji("end_over" if end.ends_at <= now else "end_says", day=moment_words(ends))
    if end.goes_at is not None:
        says += t_kanji("end_goes", day=moment_words(end.goes_at))
    else:
        says += t_kanji("end_stays")
    with st.container(key="class_end", horizontal=True, vertical_alignment="center"):
        st.html(f'<p class="staff-hint">🗓️ {escape(says)}</p>', width="stretch")
        with st.popover(t_kanji("end_change")), st.form("class_end_form", border=False):
            today = dates.local(now).date()
            day = st.date_input(
                t_kanji("end_day"),
                max(ends.date(), today),
                min_value=today,
                max_value=today + dt.timedelta(days=364),
                format="YYYY-MM-DD",
                key=f"class_end_{ends:%Y%m%d%H%M}",
            )
            if st.form_submit_button(t_kanji("end_save")):
                return dates.last_minute(day)
    return None
