"""One Streamlit page per widget, chosen by `?w=`, for trying the widgets in real browsers."""

from __future__ import annotations

import datetime as dt
import time

import streamlit as st

from classroom_app.content import i18n
from classroom_app.ui.widgets import assets
from classroom_app.ui.widgets import camera as camera_widget
from classroom_app.ui.widgets import gallery as gallery_widget
from classroom_app.ui.widgets import mistakes as mistakes_widget
from classroom_app.ui.widgets import navigate as navigate_widget
from classroom_app.ui.widgets import player as player_widget
from classroom_app.ui.widgets import round_clock as round_clock_widget
from classroom_app.ui.widgets import tiles as tiles_widget
from classroom_app.views.classes import LabelView, RoundClock
from classroom_app.views.photos import PhotoView
from tests.e2e.widgets import harness_mistakes, harness_styleguide, store

LABELS = {
    "rock": ("✊", "グー", "Rock"),
    "paper": ("✋", "パー", "Paper"),
    "scissors": ("✌️", "チョキ", "Scissors"),
}
COLOR = "#d9480f"
TAKEN = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def texts(keys: tuple[str, ...]) -> dict[str, str]:
    """The app's own sentences in the language of `?lang=`, with furigana."""
    return {key: i18n.t_html(key, st.query_params.get("lang", "ja")) for key in keys}


def label_name(label: str) -> str:
    """The label's name in the page's language."""
    return LABELS[label][1 if st.query_params.get("lang", "ja") == "ja" else 2]


def camera_page() -> None:
    """The camera, a way to change the label and to take the camera off the page."""
    if "tiles" in st.query_params:
        label = tapped_label()
    else:
        label = st.segmented_control("label", list(LABELS), default="rock", key="label") or "rock"
    if st.toggle("show", value=True, key="show"):
        camera_widget.camera(
            group_id=st.query_params.get("group", "penguins"),
            group_name={"foxes": "キツネ"}.get(st.query_params.get("group", ""), "ペンギン"),
            epoch=int(st.query_params.get("epoch", "1")),
            label_id=label,
            label_name=label_name(label),
            label_emoji=LABELS[label][0],
            color=COLOR,
            strings=texts(camera_widget.STRINGS),
            key="camera",
        )
    st.caption(" ".join(f"{name}={len(store.STORE.of_label(name))}" for name in LABELS))


def tapped_label() -> str:
    """The real row of labels, on a server that takes its time."""
    row = [tiles_widget.Tile(label, label_name(label), LABELS[label][0]) for label in LABELS]
    chosen: str = st.session_state.get("tapped", "rock")
    tapped = tiles_widget.tiles(row, label="label", key="tiles", chosen=chosen, color=COLOR)
    if tapped and tapped != chosen:
        time.sleep(1.5)
        st.session_state["tapped"] = tapped
        st.rerun()
    return chosen


def gallery_page() -> None:
    """The photos of the store; what was deleted last can be brought back."""
    labels = [LabelView(label, label, *LABELS[label]) for label in LABELS]
    photos = store.STORE.photos
    action = gallery_widget.gallery(
        photos=[PhotoView(one, photo.label, TAKEN) for one, photo in photos.items()],
        labels=labels,
        lang=st.query_params.get("lang", "ja"),
        strings=texts(gallery_widget.STRINGS),
        key="gallery",
        undo="deleted" in st.session_state,
        color=COLOR,
    )
    if action is not None:
        if action.kind == "delete":
            st.session_state["deleted"] = (action.photo_id, photos.pop(action.photo_id))
        elif action.kind == "move":
            photos[action.photo_id].label = action.label_id
        else:
            photo_id, photo = st.session_state.pop("deleted")
            photos[photo_id] = photo
        st.rerun()
    st.button("rerun")
    st.caption(" ".join(f"{name}={len(store.STORE.of_label(name))}" for name in LABELS))


def player_page() -> None:
    """The live player."""
    player_widget.player(strings=texts(player_widget.STRINGS), key="player", color=COLOR)
    st.button("rerun")


def mistakes_page() -> None:
    """Cards of what an AI got wrong."""
    labels = [LabelView(label, label, *LABELS[label]) for label in LABELS]
    harness_mistakes.page(labels, texts(mistakes_widget.STRINGS), COLOR)


def round_clock_page() -> None:
    """A round with `?left=` seconds, or paused there."""
    clock = RoundClock(float(st.query_params["left"]), "paused" in st.query_params, frozen=False)
    round_clock_widget.round_clock(clock, texts(round_clock_widget.STRINGS))


def navigate_page() -> None:
    """Counts runs of the page, then leaves for the page that tells the cookie."""
    ticket = {"ticket": st.query_params.get("ticket", "good")}
    problem = navigate_widget.navigate(url="/?w=arrived", post_url="/session", body=ticket, key="go")
    st.caption(f"PROBLEM={problem.error if problem else None}")
    st.button("rerun")


def arrived_page() -> None:
    """Where the journeys end."""
    st.caption(f"ARRIVED group={st.context.cookies.get('group')}")


wide = "wide" in st.query_params
st.set_page_config(layout="wide" if wide else "centered", initial_sidebar_state="collapsed")
PAGES = {
    "camera": camera_page,
    "gallery": gallery_page,
    "player": player_page,
    "mistakes": mistakes_page,
    "round": round_clock_page,
    "navigate": navigate_page,
    "arrived": arrived_page,
    "styleguide": harness_styleguide.page,
}
st.html(f"<style>{assets.source('common/tokens.css')}</style>")  # as the frame of every page does
PAGES[st.query_params.get("w", "camera")]()
