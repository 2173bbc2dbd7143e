"""One Streamlit page per widget, chosen by `?w=`, for trying the widgets in real browsers.

Knows nothing of the real pages, services or database.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import streamlit as st

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parents[2])]

import store  # noqa: E402

from classroom_app.widgets import camera as camera_widget  # noqa: E402

LABELS = {
    "rock": ("✊", "グー", "Rock"),
    "paper": ("✋", "パー", "Paper"),
    "scissors": ("✌️", "チョキ", "Scissors"),
}
COLOR = "#d9480f"


def texts(keys: tuple[str, ...]) -> dict[str, str]:
    """The sentences in the language of `?lang=`."""
    everything = json.loads((HERE / "strings.json").read_text(encoding="utf-8"))
    lang = st.query_params.get("lang", "ja")
    return {key: everything[key][lang] for key in keys}


def label_name(label: str) -> str:
    """The label's name in the page's language."""
    return LABELS[label][1 if st.query_params.get("lang", "ja") == "ja" else 2]


def camera_page() -> None:
    """The camera, a way to change the label and to take the camera off the page."""
    label = st.segmented_control("label", list(LABELS), default="rock", key="label") or "rock"
    if st.toggle("show", value=True, key="show"):
        state = camera_widget.camera(
            group_id=st.query_params.get("group", "penguins"),
            label_id=label,
            label_name=label_name(label),
            label_emoji=LABELS[label][0],
            color=COLOR,
            strings=texts(camera_widget.STRINGS),
            key="camera",
        )
        st.session_state["reported"] = st.session_state.get("reported", 0) + state.saved
    counts = " ".join(f"{name}={len(store.STORE.of_label(name))}" for name in LABELS)
    st.caption(f"REPORTED={st.session_state.get('reported', 0)} {counts}")


st.set_page_config(layout="centered", initial_sidebar_state="collapsed")
{"camera": camera_page}[st.query_params.get("w", "camera")]()
