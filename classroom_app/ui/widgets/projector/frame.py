"""What all scenes of the projector share: style, heading, and the part that lives in the browser."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import streamlit as st

from classroom_app.states import Phase
from classroom_app.ui import texts, viewer
from classroom_app.ui.texts import t_html
from classroom_app.ui.widgets.assets import nothing, script, source
from classroom_app.ui.widgets.staff_frame import escape
from classroom_app.views.classes import Animal, GroupView
from classroom_app.views.contest import BoardRow
from classroom_app.views.show import ScreenNow

SCREEN_EVERY_S: Final = 0.3  # a step is on every screen within a second
CALM_S: Final = 2.0  # photos come all the time: the wall counts them this often
_HERE: Final = Path(__file__).parent
_SHEETS: Final = ("frame.css", "lobby.css", "swap.css", "reveal.css")
_KEYS: Final = ("pj_key_back", "pj_key_next", "pj_key_sound")

_mount = st.components.v2.component(
    "classroom_stage",
    html=source("projector/stage.html"),
    css=source("projector/stage.css"),
    js=script("projector/stage.js"),
    isolate_styles=True,
)


@dataclass(frozen=True)
class Cue:
    """What has just happened on the screen: another `name` is a moment of its own, with the sound `kind`."""

    name: str
    kind: str
    number: int = 0


def style(*, dark: bool) -> None:
    """Once a run. Dark is for a darkened room."""
    sheets = "\n".join((_HERE / name).read_text(encoding="utf-8") for name in _SHEETS)
    look = "dark" if dark else "light"
    st.html(f"<style>{(_HERE / f'{look}.css').read_text(encoding='utf-8')}{sheets}</style>")


def stage(event_id: str, now: ScreenNow, cue: Cue) -> None:
    """Follows the class, counts down, leads the show by keys and taps, sounds when it is switched on.

    `now` is what the page looked at before it read anything else, so that it misses nothing.
    """
    clock = now.clock
    with st.container(key="pj_stage"):
        _mount(
            key="pj_stage_script",
            height="content",
            data={
                "event": event_id,
                "mark": now.mark,
                "step": now.show.step,
                "leads": now.phase == Phase.REVEAL,
                "clocked": now.phase == Phase.COLLECT,
                "clock": {"left_s": clock.left_s, "paused": clock.paused, "ends": None},
                "cue": {"name": cue.name, "kind": cue.kind, "number": cue.number},
                "every_ms": round(1000 * SCREEN_EVERY_S),
                "calm_ms": round(1000 * CALM_S),
                "strings": {key: t_html(key) for key in _KEYS},
            },
            on_changed_change=nothing,
        )


def header(event_name: str, title_html: str, hint_html: str = "", *, scene: str = "") -> None:
    """Without a name there is room for the countdown."""
    name = f"<small>{texts.label_html(event_name)}</small>" if event_name else ""
    hint = f"<p>{hint_html}</p>" if hint_html else ""
    st.html(f'<header class="pj-head pj-at-{scene}"><div><h1>{title_html}</h1>{hint}</div>{name}</header>')


def message(picture: str, words_html: str, hint_html: str = "") -> None:
    """One thing in the middle of the screen."""
    hint = f"<p>{hint_html}</p>" if hint_html else ""
    st.html(f'<div class="pj-empty"><span>{picture}</span><b>{words_html}</b>{hint}</div>')


def name_of(group: GroupView | BoardRow | Animal) -> str:
    """With furigana, escaped."""
    return texts.label_html(group.name(viewer.lang()))


def animal(group: GroupView | BoardRow | Animal) -> str:
    """The drawing that the children know from their iPads and cards, on the group's colour."""
    return (
        f'<span class="pj-animal" style="background:{escape(group.color)}">'
        f'<img src="{escape(group.picture)}" alt=""></span>'
    )


def density(number: int) -> str:
    """A name for the style sheet: how large a group's tile or line can be."""
    sizes = {"one": 1, "few": 6, "some": 12, "many": 20}
    return next((name for name, limit in sizes.items() if number <= limit), "crowd")


def warning(sentence: str) -> None:
    """For whoever sets the screen up (HTML); over the lowest edge, so that nothing moves."""
    st.html(f'<div class="pj-warning" role="status">📵 {sentence}</div>')
