"""Changing a class that is there: its name, its copy, its labels, its groups' names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from classroom_app.content import i18n, label_emoji
from classroom_app.states import LABELS_MAX, LABELS_TO_TRAIN
from classroom_app.ui import texts, viewer
from classroom_app.ui.texts import t_kanji
from classroom_app.ui.widgets.name_fields import name_fields
from classroom_app.ui.widgets.staff_frame import escape
from classroom_app.views.classes import EventView, GroupView, LabelView, NewLabel

_NAME_CHARS_MAX = 60


@dataclass(frozen=True)
class ClassWish:
    """Another name; or, with `copy`, another class of that name."""

    name: str
    copy: bool = False
    challenge_too: bool = False


@dataclass(frozen=True)
class LabelWish:
    """What a label is to be: `label_id` None for one more, `wanted` None for one less."""

    label_id: str | None
    wanted: NewLabel | None


def class_menu(event: EventView) -> ClassWish | None:
    with st.popover(t_kanji("cc_class"), icon="✏️", key="class_menu"):
        with st.form("class_name_form", border=False):
            name = st.text_input(
                t_kanji("fa_name"), value=event.name, key=f"rename_{event.id}", max_chars=_NAME_CHARS_MAX
            )
            if st.form_submit_button(t_kanji("cc_rename_class"), icon="✏️"):
                return ClassWish(name)
        with st.form("class_copy_form", border=False):
            proposed = t_kanji("cc_copy_name", name=event.name)[:_NAME_CHARS_MAX]
            name = st.text_input(
                t_kanji("cc_copy"),
                value=proposed,
                key=f"copy_{event.id}_{event.name}",
                max_chars=_NAME_CHARS_MAX,
                help=t_kanji("cc_copy_hint"),
            )
            challenge_too = st.checkbox(t_kanji("cc_challenge_too"), value=True, key=f"copy_all_{event.id}")
            if st.form_submit_button(t_kanji("cc_copy_yes"), icon="📑"):
                return ClassWish(name, copy=True, challenge_too=challenge_too)
        st.link_button(t_kanji("cc_file"), f"/api/events/{event.id}/class.yaml", icon="💾")
    return None


def labels_menu(labels: Sequence[LabelView], *, fixed: bool) -> LabelWish | None:
    """`fixed`: names alone may be changed."""
    lang = viewer.lang()
    names = {label.id: f"{label.emoji} {texts.label_kanji(label.name(lang))}" for label in labels}
    if not fixed and len(labels) < LABELS_MAX:
        names[""] = t_kanji("cc_new_label")
    with st.popover(t_kanji("cc_labels"), icon="🏷️", key="labels_menu"):
        label_id: str = st.selectbox(
            t_kanji("ch_label"),
            list(names),
            format_func=lambda key: names.get(key, ""),
            key="changed_label",
        )
        label = next((label for label in labels if label.id == label_id), None)
        with st.form(f"label_form_{label_id}", border=False):
            left, right = st.columns([5, 2])  # side by side: the whole form is to be seen at once
            with left:
                ja, en = name_fields(label, f"label_{label_id}")
            choice = _emoji_of(label)
            emoji = right.selectbox(
                t_kanji("cc_label_emoji"),
                choice,
                index=choice.index(label.emoji) if label else None,
                placeholder="",
                key=f"label_emoji_of_{label_id}",
            )
            sign = emoji or (label.emoji if label else label_emoji.proposed((ja, en), len(labels)))
            told = t_kanji("cc_save") if label else t_kanji("cc_label_add")
            if st.form_submit_button(told, key="label_save"):
                return LabelWish(label_id or None, NewLabel("", sign, ja, en))
        may_go = label is not None and not fixed and len(labels) > LABELS_TO_TRAIN
        if may_go and st.button(t_kanji("cc_label_remove"), key=f"label_out_{label_id}", icon="🗑️"):
            return LabelWish(label_id, None)
    return None


def _emoji_of(label: LabelView | None) -> list[str]:
    """Those to choose from, with the one that it has."""
    own = [label.emoji] if label and label.emoji not in label_emoji.CHOICE else []
    return [*own, *label_emoji.CHOICE]


def group_name(group: GroupView) -> tuple[str, str] | None:
    """The Japanese and the English name that the group is to have."""
    with (
        st.popover(t_kanji("cc_rename_group"), icon="✏️", key="group_name"),
        st.form(f"group_form_{group.id}", border=False),
    ):
        st.html(f'<p class="staff-hint">{escape(t_kanji("cc_rename_group_hint"))}</p>')
        wanted = name_fields(group, f"group_{group.id}_{i18n.kanji(group.name_ja)}")
        return wanted if st.form_submit_button(t_kanji("cc_save")) else None
