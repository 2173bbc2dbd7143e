"""The class setting for networks: what is allowed, and whether this computer would be."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from classroom_app.ui.texts import t_kanji
from classroom_app.ui.widgets.staff_frame import badge, escape


def networks_form(networks: Sequence[str], address: str, *, inside: bool, key: str) -> str | None:
    """What is to be allowed, once the button was pressed. `address`: as this computer comes here."""
    where = t_kanji("venue_some" if networks else "venue_all")
    with st.expander(
        f"🏫 {t_kanji('staff_named', name=t_kanji('venue_title'), what=where)}",
        key="venue",
    ):
        st.html(f'<p class="staff-hint">{escape(t_kanji("venue_hint"))}</p>')
        state = badge(t_kanji("venue_inside" if inside else "venue_not_inside"), "good" if inside else "bad")
        here = escape(t_kanji("venue_here", address=address or "?"))
        st.html(f'<p class="staff-hint">{here} {state}</p>')
        if not inside:
            st.warning(t_kanji("venue_not_inside_hint"), icon="⚠️")
        text: str = st.text_input(
            t_kanji("venue_networks"),
            value=", ".join(networks),
            # Its key changes with the setting: what another facilitator wrote meanwhile is shown, not undone.
            key=f"{key}_{'_'.join(networks)}",
            placeholder="192.168.10.0/24",
            max_chars=900,
            autocomplete="off",
        )
        return text if st.button(t_kanji("venue_save"), key="venue_save", icon="💾") else None
