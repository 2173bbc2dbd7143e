"""The class setting for photos with a face: keep, tell and keep, or do not keep."""

from __future__ import annotations

from typing import Final

import streamlit as st

from classroom_app.states import FaceRule
from classroom_app.ui.texts import t_kanji

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
