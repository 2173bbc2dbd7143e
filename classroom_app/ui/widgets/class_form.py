"""Choosing a class and making a new one: cards of subjects, own labels, a preview of the groups."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

import streamlit as st

from classroom_app.content import catalog
from classroom_app.states import IPADS_MAX, FaceRule
from classroom_app.ui import state, texts, viewer
from classroom_app.ui.texts import t_kanji
from classroom_app.ui.widgets import face_rule, own_labels
from classroom_app.ui.widgets.group_rows import WantedGroups, choose_groups
from classroom_app.ui.widgets.in_view import in_view
from classroom_app.ui.widgets.staff_frame import escape, name
from classroom_app.views.classes import EventView, NewLabel

OWN = "own"  # the card for labels of one's own
_CARDS_IN_A_ROW = 3
_GROUPS_FIRST = 6


@dataclass(frozen=True)
class NewClass:
    """What the form says; nothing of it is checked yet."""

    name: str
    groups: WantedGroups
    template: str | None
    labels: tuple[NewLabel, ...]
    faces: FaceRule


def with_phase(event: EventView) -> str:
    """A class in a list to choose from, where its phase is not shown otherwise."""
    return t_kanji("class_at", name=event.name, phase=t_kanji(f"phase_{event.phase}"))


def choose_class(
    classes: Sequence[tuple[str, str]],
    on_change: Callable[[], None] | None = None,
    *,
    compact: bool = False,
) -> str | None:
    """A select box of (id, text); the address keeps the choice, so that a reload stays at the class.

    `compact`: its label is for screen readers alone.
    """
    ids = [class_id for class_id, _ in classes]
    names = dict(classes)
    if not ids:
        return None
    made = st.session_state.pop(state.CLASS_MADE, None)
    if made is not None or st.session_state.get(state.EVENT) not in names:
        # A fresh session, or the class looked at before is gone.
        asked = st.query_params.get(state.EVENT, "")
        st.session_state[state.EVENT] = made or (asked if asked in names else ids[0])
    chosen: str | None = st.selectbox(
        t_kanji("fa_class"),
        ids,
        format_func=lambda class_id: names.get(class_id, ""),
        key=state.EVENT,
        on_change=on_change,
        label_visibility="collapsed" if compact else "visible",
    )
    chosen = chosen if chosen in names else ids[0]
    st.query_params[state.EVENT] = chosen
    return chosen


def group_address(event_id: str, group_id: str) -> str:
    """The page of one group; its address keeps it over a reload."""
    return f"/group?{state.EVENT}={quote(event_id)}&{state.GROUP}={quote(group_id)}"


def new_class(groups_max: int) -> NewClass | None:
    """The form; returns what is wanted once its button was pressed."""
    chosen = _choose_subject()
    labels: tuple[NewLabel, ...] = ()
    if chosen == OWN:
        with st.container(key="own"):
            labels = own_labels.own_labels()
            in_view("own", OWN)
    left, middle, right = st.columns([3, 1, 1], vertical_alignment="bottom")
    title = left.text_input(
        t_kanji("fa_name"), key="class_name", placeholder=t_kanji("fa_name_example"), max_chars=60
    )
    first = min(_GROUPS_FIRST, groups_max)
    number = middle.number_input(t_kanji("fa_groups"), 1, groups_max, first, key="class_groups")
    ipads = right.number_input(t_kanji("fa_ipads"), 1, IPADS_MAX, 1, key="class_ipads")
    groups = choose_groups(number, ipads)
    faces = face_rule.choose(FaceRule.WARN, key="class_faces")
    if not st.button(t_kanji("fa_create"), key="class_create", type="primary", icon="✨"):
        return None
    return NewClass(title, groups, None if chosen == OWN else chosen, labels, faces)


def _choose_subject() -> str:
    lang = viewer.lang()
    own = _Card(OWN, "🏷️", t_kanji("fa_own"), t_kanji("fa_own_hint"), ())
    cards = [*(_card_of(template, lang) for template in catalog.CLASS_TEMPLATES), own]
    keys = [card.key for card in cards]
    chosen: str = st.session_state.setdefault(state.SUBJECT, keys[0])
    for start in range(0, len(cards), _CARDS_IN_A_ROW):
        columns = st.columns(_CARDS_IN_A_ROW)
        for column, card in zip(columns, cards[start : start + _CARDS_IN_A_ROW], strict=False):
            with column.container(key=f"subject_{card.key}", height="stretch"):
                st.html(_card(card, chosen=card.key == chosen))
                # The button lies over its whole card, see the style sheet.
                st.button(
                    texts.label_kanji(card.name),
                    key=f"choose_{card.key}",
                    on_click=_choose,
                    args=(card.key,),
                )
    return chosen


@dataclass(frozen=True)
class _Card:
    """What can be chosen: a template of the catalogue, or labels of one's own."""

    key: str
    emoji: str
    name: str
    hint: str
    labels: tuple[tuple[str, str], ...]  # (emoji, name)


def _card_of(template: catalog.ClassTemplate, lang: str) -> _Card:
    labels = tuple((label.emoji, label.name(lang)) for label in template.labels)
    return _Card(template.key, template.emoji, template.name(lang), template.hint(lang), labels)


def _choose(key: str) -> None:
    st.session_state[state.SUBJECT] = key


def _card(card: _Card, *, chosen: bool) -> str:
    labels = "".join(f"<span>{escape(emoji)} {name(text)}</span>" for emoji, text in card.labels)
    return (
        f'<div class="staff-card{" staff-chosen" if chosen else ""}"><div class="staff-card-top">'
        f'<span class="staff-emoji">{escape(card.emoji)}</span><b>{name(card.name)}</b></div>'
        f'<div class="staff-chips">{labels}</div><p>{name(card.hint)}</p></div>'
    )
