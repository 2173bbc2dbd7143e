"""The audit as a table: a filter above it, and the way to take all of it away below."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby

import streamlit as st

from classroom_app.content import i18n
from classroom_app.ui import viewer
from classroom_app.ui.texts import moment_words, t_kanji
from classroom_app.ui.widgets.staff_frame import escape, table
from classroom_app.views.accounts import AuditLine
from classroom_app.views.classes import EventView, GroupView

UUID_CHARS = 36  # no user name has so many
ID_CHARS = 8  # of something that is not there any more: enough to see that two lines are about the same


def choose(
    events: Sequence[EventView], groups: Mapping[str, GroupView], people: Sequence[str], deeds: Sequence[str]
) -> tuple[str | None, str | None, str | None]:
    """(class, who, what); None: all."""
    names = {event.id: event.name for event in events}
    called = _who_by_text(people, groups, events)
    with st.container(horizontal=True, key="audit_filter"):
        event_id = st.selectbox(
            t_kanji("audit_class"),
            [None, *names],
            format_func=lambda key: names.get(key or "", t_kanji("audit_all")),
            key="audit_class",
        )
        who = st.selectbox(
            t_kanji("audit_who"),
            [None, *people],
            format_func=lambda key: called.get(key or "", t_kanji("audit_all")),
            key="audit_who",
        )
        did = st.selectbox(
            t_kanji("audit_did"),
            [None, *deeds],
            format_func=lambda key: _did(key) if key else t_kanji("audit_all"),
            key="audit_did",
        )
    return event_id, who, did


def lines(
    found: Sequence[AuditLine],
    names: Mapping[str, str],
    groups: Mapping[str, GroupView],
) -> None:
    """The newest first. What somebody did several times on end is one line with its number: a show is led
    step by step, and would fill the page.
    """
    if not found:
        st.info(t_kanji("audit_none"), icon="🗂️")
        return
    head = [
        escape(t_kanji(key))
        for key in ("re_when", "audit_who", "audit_did", "audit_class", "audit_group", "audit_origin")
    ]
    rows = [
        [
            escape(moment_words(line.at, seconds=True)),
            escape(_who(line.who, groups, names)),
            escape(_did(line.did)) + (f" <b>×{times}</b>" if times > 1 else ""),
            escape(names.get(line.event_id, _gone(line.event_id)) if line.event_id else ""),
            escape(_who(line.group_id, groups, {}) if line.group_id else ""),
            escape(line.origin),
        ]
        for line, times in _on_end(found)
    ]
    st.html(f'<div class="staff-receipts">{table(head, rows)}</div>')


def take_away(url: str, *, at_most: int | None) -> None:
    if at_most is not None:
        st.html(f'<p class="staff-hint">{escape(t_kanji("audit_more", number=at_most))}</p>')
    text = escape(t_kanji("re_receipts_csv"))
    st.html(f'<a class="staff-link" href="{escape(url)}" target="_blank">⬇️ {text}</a>')


def _who(name: str, groups: Mapping[str, GroupView], classes: Mapping[str, str]) -> str:
    """A user name; a group by its animal, as deleted where it is gone; a class: its screen."""
    if name in classes:
        return f"{t_kanji('audit_screen')} {classes[name]}"
    group = groups.get(name)
    if group is not None:
        return f"{group.emoji} {group.name(viewer.lang())}"
    if name == "schedule":
        return t_kanji("audit_schedule")
    return _gone(name) if len(name) == UUID_CHARS else name


def _gone(subject_id: str) -> str:
    """Nothing is kept of it but its id."""
    return t_kanji("audit_gone", id=subject_id[:ID_CHARS])


def _who_by_text(
    people: Sequence[str], groups: Mapping[str, GroupView], events: Sequence[EventView]
) -> dict[str, str]:
    """What everybody is called in a list to choose from, which tells its lines apart by their words alone:
    groups of two classes that have one animal have their class's name too.
    """
    names = {event.id: event.name for event in events}
    called = {key: _who(key, groups, names) for key in people}
    classes = {group.id: event.name for event in events for group in event.groups}
    often = Counter(called.values())
    return {
        key: f"{text} ({classes[key]})" if often[text] > 1 and key in classes else text
        for key, text in called.items()
    }


def _on_end(found: Sequence[AuditLine]) -> Iterator[tuple[AuditLine, int]]:
    """The newest of equal deeds that follow each other, and how many there are."""
    for _, equal in groupby(found, lambda line: replace(line, at=found[0].at)):
        newest, *others = equal
        yield newest, 1 + len(others)


def _did(word: str) -> str:
    """A word of a release after or before this one as it is."""
    key = f"audit_did_{word}"
    return t_kanji(key) if i18n.has(key) else word
