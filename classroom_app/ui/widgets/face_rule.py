"""The setting of a class, and of a group, for photos with a face: keep, tell and keep, or do not keep."""

from __future__ import annotations

from typing import Final

import streamlit as st

from classroom_app.states import FaceRule
from classroom_app.ui.texts import t_kanji
from classroom_app.ui.widgets.staff_frame import badge

_EMOJI: Final = {FaceRule.ALLOW: "🙂", FaceRule.WARN: "💬", FaceRule.BLOCK: "🙈"}


def choose(current: FaceRule, *, key: str) -> FaceRule:
    """Three buttons in a row; gives back the rule that is chosen."""
    chosen: FaceRule = st.segmented_control(
        t_kanji("fa_faces"),
        list(FaceRule),
        default=current,
        format_func=lambda rule: f"{_EMOJI[rule]} {t_kanji(f'fa_faces_{rule}')}",
        required=True,
        # The key changes with the setting: what another facilitator chose meanwhile is shown, not undone.
        key=f"{key}_{current}",
        help=t_kanji("fa_faces_hint"),
    )
    return chosen


def choose_of_group(current: FaceRule | None, of_class: FaceRule, *, key: str) -> FaceRule | None:
    """Of one group: the class's rule (None), or not to keep them. Another rule, which a file may have given
    it, is there while the group has it.
    """
    rules = [None, FaceRule.BLOCK]
    if current not in rules:
        rules.insert(1, current)

    def told(rule: FaceRule | None) -> str:
        words = t_kanji(f"fa_faces_{rule or of_class}")
        return f"{_EMOJI[rule]} {words}" if rule else t_kanji("cs_faces_like_class", text=words)

    chosen: FaceRule | None = st.selectbox(
        t_kanji("cs_faces"),
        rules,
        index=rules.index(current),
        format_func=told,
        key=f"{key}_{current}_{of_class}",  # as above
        help=t_kanji("cs_faces_hint"),
        width=420,
    )
    return chosen


def group_badge(of_group: FaceRule | None) -> str:
    """Of a group with children who must not be in pictures; for others nothing."""
    return badge(f"🙈 {t_kanji('cs_faces_badge')}", "quiet") if of_group == FaceRule.BLOCK else ""
