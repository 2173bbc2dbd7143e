"""A button that counts when it was held: a finger, the mouse, or the space bar, for two seconds."""

from __future__ import annotations

from typing import Final

import streamlit as st

from classroom_app.ui.widgets.assets import nothing, script, source

HOLD_MS: Final = 2000

_mount = st.components.v2.component(
    "classroom_hold_button",
    html=source("hold_button/hold_button.html"),
    css=source("common/look.css", "hold_button/hold_button.css"),
    js=script("hold_button/hold_button.js"),
    isolate_styles=True,
)


def hold_button(*, text: str, hint: str, key: str, strong: bool = True) -> bool:
    """True once, when it was held to the end; it fills meanwhile. `hint` says that it is to be held."""
    result = _mount(
        key=key,
        data={"text": text, "hint": hint, "strong": strong, "hold_ms": HOLD_MS},
        on_held_change=nothing,
    )
    return bool(result.held)
