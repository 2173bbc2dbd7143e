"""Until when a class takes anything in, when it is deleted, and another day for it."""

from __future__ import annotations

import datetime as dt

import streamlit as st

from classroom_app.ui.texts import t_kanji
from classroom_app.ui.widgets.staff_frame import escape
from classroom_app.views import ClassEnd

LAST_MINUTE = dt.time(23, 59)


def class_end(end: ClassEnd, zone: dt.tzinfo, now: dt.datetime) -> dt.datetime | None:
    """Shows both days in the viewer's zone; returns the end that is wanted, once."""
    ends = end.ends_at.astimezone(zone)
    says = t_kanji("end_over" if end.ends_at <= now else "end_says", day=_day(ends))
    if end.goes_at is not None:
        says += t_kanji("end_goes", day=_day(end.goes_at.astimezone(zone)))
    else:
        says += t_kanji("end_stays")
    with st.container(key="class_end", horizontal=True, vertical_alignment="center"):
        st.html(f'<p class="staff-hint">🗓️ {escape(says)}</p>', width="stretch")
        with st.popover(t_kanji("end_change")), st.form("class_end_form", border=False):
            today = now.astimezone(zone).date()
            day = st.date_input(
                t_kanji("end_day"),
                max(ends.date(), today),
                min_value=today,
                max_value=today + dt.timedelta(days=364),
                format="YYYY-MM-DD",
                key=f"class_end_{ends:%Y%m%d%H%M}",
            )
            if st.form_submit_button(t_kanji("end_save"), type="primary"):
                return dt.datetime.combine(day, LAST_MINUTE, zone)
    return None


def _day(moment: dt.datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"
