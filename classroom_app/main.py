"""The entry script: page frame, guard, navigation, run. It runs again on every tap."""

from __future__ import annotations

import streamlit as st

from classroom_app.ui import guard, texts
from classroom_app.ui.page_table import HOME, PAGES
from classroom_app.ui.widgets import children_frame
from ml_core.contract.observe import request_id

request_id.bind_thread()  # a rerun is a request: what goes wrong in it has an id in the log
title = texts.t_kanji("app_title")
st.set_page_config(page_title=title, page_icon="📷", layout="wide", initial_sidebar_state="collapsed")
page = st.navigation(
    [st.Page(spec.file, title=title, url_path=spec.name, default=spec is HOME) for spec in PAGES],
    position="hidden",
)
children_frame.style()
guard.guard(page.url_path)
page.run()
