"""The parts that a class needs, as a page of facilitators looks at them again and again.

Knows nothing of how a part is asked (services/health.py), nor of the words for one that is away.
"""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from classroom_app.resources import App
from classroom_app.states import Phase
from classroom_app.ui import state
from classroom_app.ui.widgets import health
from classroom_app.views.classes import EventView


def can_train(app: App, event: EventView, works: Mapping[str, bool]) -> bool:
    """Would a training that is begun now be done after a while?"""
    if event.phase != Phase.COLLECT or not works["ml_core"]:
        return False
    clock = app.contest.clock(event.id)
    return clock.left_s != 0 and not clock.paused


def look(app: App) -> Mapping[str, bool]:
    """What works, by a part's name; what is away is said at the second look that finds it so: one late
    answer would move what somebody is about to tap.
    """
    works = app.readiness.look().parts
    away = {name for name, here in works.items() if not here}
    before = st.session_state.get(state.AWAY, set())
    st.session_state[state.AWAY] = away
    health.away({name: name not in away & before for name in works}, app.tier.servers())
    return works
