"""The class setting for photos with a face: keep, tell and keep, or do not keep.

Knows nothing of how faces are found or where the setting is stored.
"""

from __future__ import annotations

from typing import Final

import streamlit as st

from classroom_app.ui.texts import t_kanji

RULES: Final = ("allow", "warn", "block")
_EMOJI: Final = {"allow": "🙂", "warn": "💬", "block": "🙈"}


def choose(current: str, *, key: str) -> str:
    """Three buttons in a row; gives back the rule that is chosen."""
    chosen: str = st.segmented_control(
        t_kanji("fa_faces"),
        RULES,
        default=current,
        format_func=lambda rule: f"{_EMOJI[rule]} {t_kanji(f'fa_faces_{rule}')}",
        required=True,
        # The key changes with the setting: what another facilitator chose meanwhile is shown, not undone.
        key=f"{key}_{current}",
        help=t_kanji("fa_faces_hint"),
    )
    return chosen
