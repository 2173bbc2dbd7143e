"""Until when a class takes anything in, when it is deleted, and other days for it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

import streamlit as st

from classroom_app.content import dates
from classroom_app.ui.texts import moment_words, t_kanji
from classroom_app.ui.widgets.staff_frame import escape
from classroom_app.views.classes import ClassEnd

_KEEP_DAYS: Final = (1, 2, 3, 5, 7, 10, 14, 21, 30, 60, 90, 180, 365)  # to choose from, as far as allowed

_BY_SETTINGS: Final = 0  # in the place of a number of days


@dataclass(frozen=True)
class EndWish:
    """Another end; or, without one, so many days from it to the deletion, None for those of the settings."""

    ends_at: dt.datetime | None = None
    keep_days: int | None = None


def class_end(end: ClassEnd, now: dt.datetime, *, keep_days_max: int, deletes: bool) -> EndWish | None:
    """Shows both days where the app runs; returns what is wanted, once. `keep_days_max`: that may be chosen
    from the end to the deletion; `deletes`: without a choice the class is deleted by itself, so long after.
    """
    ends = dates.local(end.ends_at)
    says = t_kanji("end_over" if end.ends_at <= now else "end_says", day=moment_words(ends))
    if end.goes_at is not None:
        says += t_kanji("end_goes", day=moment_words(end.goes_at))
    else:
        says += t_kanji("end_stays")
    with st.container(key="class_end", horizontal=True, vertical_alignment="center"):
        st.html(f'<p class="staff-hint">🗓️ {escape(says)}</p>', width="stretch")
        with st.popover(t_kanji("end_change"), key="class_end_menu"):
            return _another_end(ends, dates.local(now).date()) or _another_keep(
                end.keep_days, keep_days_max, deletes=deletes
            )


def _another_end(ends: dt.datetime, today: dt.date) -> EndWish | None:
    with st.form("class_end_form", border=False):
        day = st.date_input(
            t_kanji("end_day"),
            max(ends.date(), today),
            min_value=today,
            max_value=today + dt.timedelta(days=364),
            format="YYYY-MM-DD",
            key=f"class_end_{ends:%Y%m%d%H%M}",
        )
        return EndWish(dates.last_minute(day)) if st.form_submit_button(t_kanji("end_save")) else None


def _another_keep(now: int | None, most: int, *, deletes: bool) -> EndWish | None:
    """The longest is what the settings say; of the others those that are shorter."""
    choices = _choices(now, most, deletes=deletes)
    if choices == [_BY_SETTINGS]:
        return None
    by_settings = t_kanji("end_keep_set", number=most) if deletes else t_kanji("end_keep_hand")
    with st.form("class_keep_form", border=False):
        days = st.selectbox(
            t_kanji("end_keep"),
            choices,
            index=choices.index(now or _BY_SETTINGS),
            format_func=lambda days: by_settings if days == _BY_SETTINGS else _days(days),
            # Its key changes with what is stored: what another facilitator chose meanwhile is not undone.
            key=f"class_keep_{now}",
        )
        return EndWish(keep_days=days or None) if st.form_submit_button(t_kanji("end_keep_save")) else None


def _choices(now: int | None, most: int, *, deletes: bool) -> list[int]:
    shorter = {days for days in _KEEP_DAYS if days < most or (days == most and not deletes)}
    own = set() if now is None else {now}
    return [*sorted(shorter | own), _BY_SETTINGS]


def _days(days: int) -> str:
    return t_kanji("end_keep_one") if days == 1 else t_kanji("end_keep_days", number=days)
