"""The frame of every page: our style on top of the theme, and none of Streamlit's own chrome.

Knows nothing of groups or classes.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

_CSS = Path(__file__).with_name("chrome.css")


def style() -> None:
    """Once a run, first thing on the page."""
    st.html(f"<style>{_CSS.read_text(encoding='utf-8')}</style>")
