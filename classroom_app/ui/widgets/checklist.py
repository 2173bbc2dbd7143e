"""What is there for the day, and what is to be done where something is not."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from classroom_app.ui import viewer
from classroom_app.ui.texts import t_kanji
from classroom_app.ui.widgets.staff_frame import animal, code_html, escape, name, section
from classroom_app.views.console import CheckLine

_HOUR_MINUTES = 60
_DAY_MINUTES = 24 * _HOUR_MINUTES
# What a class can begin without.
_LATER_TOO = ("difficulty", "ipad", "clock")
_SIGNS = {True: "✅", False: "⚠️", None: "⏳"}


def checklist(lines: Sequence[CheckLine]) -> None:
    """What is to be done comes first; what is good takes one line."""
    left = [line for line in lines if line.good is False]
    may_go_on = all(line.key.startswith(_LATER_TOO) for line in left)
    told = t_kanji("ready_left_may" if may_go_on else "ready_left", number=len(left)) if left else ""
    if all(line.good for line in lines):
        told = t_kanji("ready_all")
    section(t_kanji("ready_title"), told)
    items = "".join(
        f"<li><b>{_SIGNS[line.good]} {escape(_name(line))}</b>"
        f"<p>{code_html(t_kanji(f'ready_{line.key}_how'))}</p>{_groups(line)}</li>"
        for line in left
    )
    done = "".join(
        f"<span>{_SIGNS[line.good]} {escape(_name(line))}</span>" for line in lines if line.good is not False
    )
    st.html(f'<ul class="staff-checks">{items}</ul><p class="staff-checked">{done}</p>')


def _name(line: CheckLine) -> str:
    return t_kanji(
        f"ready_{line.key}",
        gigabytes=line.gigabytes,
        number=line.number,
        planned=line.planned,
        time=time_words(abs(line.off_s or 0)),
    )


def time_words(seconds: float) -> str:
    """About how long: in whole minutes, from two hours on in hours, from two days on in days."""
    minutes = max(1, round(seconds / 60))
    if minutes < 2 * _HOUR_MINUTES:
        return t_kanji("ready_minutes", number=minutes)
    if minutes < 2 * _DAY_MINUTES:
        return t_kanji("ready_hours", number=round(minutes / _HOUR_MINUTES))
    return t_kanji("ready_days", number=round(minutes / _DAY_MINUTES))


def clock_words(off_s: int) -> str:
    """Of a clock that is ahead of the server's by so many seconds, or behind it."""
    return t_kanji("ready_clock_fast" if off_s > 0 else "ready_clock_slow", time=time_words(abs(off_s)))


def _groups(line: CheckLine) -> str:
    """The groups that it is about, each with its figure."""
    lang = viewer.lang()
    figures = [
        *((group, "", figure) for group, figure in line.groups),
        *((group, f"📱{number}", clock_words(off_s)) for group, number, off_s in line.ipads),
    ]
    chips = "".join(
        f'<span class="staff-check-group">{animal(group.picture)} {name(group.name(lang))}'
        f" {escape(which)} <b>{escape(figure)}</b></span>"
        for group, which, figure in figures
    )
    return f'<p class="staff-check-groups">{chips}</p>' if chips else ""
