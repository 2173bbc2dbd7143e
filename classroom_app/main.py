"""The entry script: page frame, guard, navigation, run. It runs again on every tap.

Knows nothing of what the pages show.
"""

from __future__ import annotations

import streamlit as st

from classroom_app.ui import guard, texts
from classroom_app.ui.widgets import children_frame
from ml_core.contract.observe import request_id

PAGES = (
    "home",
    "join",
    "collect",
    "train",
    "play",
    "results",
    "mistakes",
    "login",
    "facilitator",
    "reset",
    "projector",
)

request_id.bind_thread()  # a rerun is a request: what goes wrong in it has an id in the log
st.set_page_config(
    page_title=texts.t_kanji("app_title"), page_icon="📷", layout="wide", initial_sidebar_state="collapsed"
)
page = st.navigation(
    [
        st.Page(
            f"../pages/{name}.py", title=texts.t_kanji("app_title"), url_path=name, default=name == "home"
        )
        for name in PAGES
    ],
    position="hidden",
)
children_frame.style()
guard.guard(page.url_path)
page.run()
