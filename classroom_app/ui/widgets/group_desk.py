"""One group in a facilitator's hands: how it is, words to its iPads, the iPads themselves, its card."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import streamlit as st

from classroom_app.states import StaffWord
from classroom_app.ui import viewer
from classroom_app.ui.texts import t_kanji
from classroom_app.ui.widgets import words_form
from classroom_app.ui.widgets.checklist import clock_words
from classroom_app.ui.widgets.face_rule import group_badge
from classroom_app.ui.widgets.monitor import ago, need_badges
from classroom_app.ui.widgets.qr_code import qr_image
from classroom_app.ui.widgets.staff_frame import animal, badge, code, escape, name, section, table
from classroom_app.views.classes import GroupView, SaidNow, StaffSentence
from classroom_app.views.console import GroupDesk, IPadLine

_PAGES: Final = frozenset({"join", "collect", "train", "play", "mistakes", "results"})


@dataclass(frozen=True)
class DeskWish:
    """What a facilitator wants for the group; a sentence for `say` and `lock`."""

    act: Literal["say", "take_back", "lock", "unlock"]
    sentence: StaffSentence | None = None


def head(desk: GroupDesk, class_name: str) -> None:
    group = desk.group
    waits = badge(f"🔒 {t_kanji('cs_locked')}", "busy") if desk.waits is not None else ""
    st.html(
        f'<div class="staff-animals staff-big"><span style="background:{escape(group.color)};'
        f'color:{escape(group.ink)}">{animal(group.picture)} {name(group.name(viewer.lang()))}</span>'
        f"<small>{escape(class_name)}</small>{waits}{group_badge(group.faces)}{need_badges(desk.help)}</div>"
    )
    if desk.help.needs:
        lines = "".join(f"<li>{escape(t_kanji(f'cs_do_{need}'))}</li>" for need in desk.help.needs)
        st.html(f'<ul class="staff-do">{lines}</ul>')


def words(desk: GroupDesk) -> DeskWish | None:
    """What its iPads are told, and whether it has to wait."""
    with st.container(key="desk_words", border=True):
        left, right = st.columns(2)
        with left:
            said = _say(desk)
        with right:
            waits = _wait(desk)
    return said or waits


def told(desk: GroupDesk) -> None:
    """The same for who only looks; nothing where nothing was said."""
    parts = []
    if desk.said is not None:
        parts.append(f"💬 {_said(desk.said)}")
    if desk.waits is not None:
        parts.append(f"🔒 {_waits(desk.waits)}")
    if parts:
        lines = "".join(f'<p class="staff-hint">{escape(part)}</p>' for part in parts)
        st.html(lines)


def _said(said: SaidNow) -> str:
    key = "cs_said_read" if said.read else "cs_said_unread"
    return t_kanji(key, text=words_form.shown(said.sentence))


def _waits(why: StaffSentence) -> str:
    return t_kanji("cs_locked_why", text=words_form.shown(why))


def _say(desk: GroupDesk) -> DeskWish | None:
    sentence = words_form.choose("say", t_kanji("cs_words"), t_kanji("cs_say"), "💬")
    if sentence is not None:
        return DeskWish("say", sentence)
    if desk.said is None:
        return None
    taken = _told("💬", _said(desk.said), "cs_said_take_back", "take_back", icon="↩️")
    return DeskWish("take_back") if taken else None


def _wait(desk: GroupDesk) -> DeskWish | None:
    if desk.waits is None:
        sentence = words_form.choose("lock", t_kanji("cs_lock_why"), t_kanji("cs_lock"), "🔒", StaffWord.WAIT)
        return None if sentence is None else DeskWish("lock", sentence)
    freed = _told("🔒", _waits(desk.waits), "cs_unlock", "unlock", icon="🔓", primary=True)
    return DeskWish("unlock") if freed else None


def _told(sign: str, text: str, button: str, key: str, *, icon: str, primary: bool = False) -> bool:
    """What is so now, and right beside it the button that ends it."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.html(f'<p class="staff-hint">{sign} {escape(text)}</p>', width="content")
        return st.button(t_kanji(button), key=key, icon=icon, type="primary" if primary else "secondary")


def ipads(lines: Sequence[IPadLine]) -> None:
    section(t_kanji("cs_ipads"), t_kanji("cs_ipads_hint") if len(lines) > 1 else "")
    if not lines:
        st.html(f'<p class="staff-hint">{escape(t_kanji("cs_ipads_none"))}</p>')
        return
    keys = ("cs_ipad", "cs_ipad_heard", "cs_ipad_page", "cs_ipad_unsent", "cs_ipad_trouble")
    rows = [
        [
            f"📱 {line.number}",
            badge(ago(line.silent_s, here=line.here), "good" if line.here else "bad"),
            f'<span class="staff-word">{escape(_page(line.page))}</span>',
            badge(str(line.unsent), "busy") if line.unsent else "0",
            _trouble(line),
        ]
        for line in lines
    ]
    st.html(table([escape(t_kanji(key)) for key in keys], rows))


def _page(name: str) -> str:
    return t_kanji(f"cs_page_{name}") if name in _PAGES else name or "—"


def _trouble(line: IPadLine) -> str:
    found = []
    if line.cannot_send:
        found.append(badge(t_kanji("cs_ipad_cannot_send"), "bad"))
    if line.camera is not None:
        found.append(badge(t_kanji(f"cs_camera_{line.camera}"), "bad"))
    if line.failed:
        found.append(badge(t_kanji("cs_ipad_failed", number=line.failed), "busy"))
    if line.clock_off_s is not None:
        found.append(badge(t_kanji("cs_ipad_clock", text=clock_words(line.clock_off_s)), "busy"))
    return " ".join(found) or "—"


def card(event_id: str, group: GroupView, base_url: str, *, may_renew: bool) -> bool:
    """The way in and its paper; True when the card is to be void and a new one made."""
    section(t_kanji("cs_card"))
    with st.container(key="desk_card", border=True):
        left, right = st.columns([1, 3], vertical_alignment="center")
        alt = t_kanji("jo_qr_alt", name=group.name(viewer.lang()))
        left.html(qr_image(f"{base_url}{group.join_path}", alt))
        right.html(f'<p class="staff-hint">{escape(t_kanji("jo_code"))}</p>{code(group.code_pictures)}')
        with right.container(horizontal=True):
            st.link_button(t_kanji("cs_card_print"), f"/cards/{event_id}/{group.id}.pdf", icon="🖨️")
            if not may_renew:
                return False
            # Another card is another question: the one that was answered is closed.
            with st.popover(t_kanji("cs_card_void"), icon="🔄", key=f"void_{group.join_path}"):
                st.write(t_kanji("jo_renew_sure"))
                return st.button(t_kanji("jo_renew_yes"), key="renew_group")
