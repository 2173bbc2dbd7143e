"""The parts that a class needs, in plain words: what works, and what to do about what does not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import streamlit as st

from classroom_app.ui.texts import side_by_side, t_kanji
from classroom_app.ui.widgets.staff_frame import badge, escape
from classroom_app.views.jobs import ServerNow

# Migrations are a part of the database to whoever leads a class.
_SHOWN: Final = ("disk", "database", "blobs", "queue", "intake", "ml_core")
_NEED_ROOM: Final = ("database", "blobs")  # on a full disk these are away because of it


def away(works: Mapping[str, bool], servers: Sequence[ServerNow] | None) -> None:
    """What does not work and what to do; nothing where all is well. `works`: by a part's name; `servers`:
    those of the compute tier, None while nobody has asked them yet.
    """
    works = _shown(works)
    # The queue looks at nothing on the disk: where it is silent too, the app stops or stands still.
    is_full = not works.get("disk", True) and works.get("queue", True)
    works = works if is_full else {**works, "disk": True}
    for part in _SHOWN:
        if not works.get(part, True) and not (is_full and part in _NEED_ROOM):
            st.warning(t_kanji(f"cs_part_{part}_away"), icon="🩺")
    silent = sum(not server.device for server in servers or ())
    if silent and works.get("ml_core"):
        st.warning(t_kanji("cs_servers_away", number=silent), icon="🩺")


def health(works: Mapping[str, bool], servers: Sequence[ServerNow] | None) -> None:
    """Every part with a sign, in one line."""
    works = _shown(works)
    chips = [
        badge(f"{'✓' if works[part] else '✗'} {t_kanji(f'cs_part_{part}')}", "good" if works[part] else "bad")
        for part in _SHOWN
        if part in works
    ]
    devices = sorted(server.device or t_kanji("cs_server_silent") for server in servers or ())
    if devices:
        chips.append(f"<span>{escape(t_kanji('cs_servers', text=side_by_side(*devices)))}</span>")
    st.html(f'<div class="staff-facts staff-health" role="status">{"".join(chips)}</div>')


def _shown(works: Mapping[str, bool]) -> dict[str, bool]:
    return {**works, "database": works.get("database", True) and works.get("migrations", True)}
