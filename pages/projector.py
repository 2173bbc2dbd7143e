"""The instructor's projector: lobby, race, live leaderboard, the show of the results. No photos of children.

It follows the class by itself, and is drawn anew only when something changed that it shows.
"""

import streamlit as st

from classroom_app.errors import ClassroomError
from classroom_app.states import Phase
from classroom_app.ui import guard, viewer
from classroom_app.ui.texts import t_html, t_kanji
from classroom_app.ui.widgets.keep_alive import keep_alive
from classroom_app.ui.widgets.projector import frame, lobby, race, reveal, swap
from classroom_app.ui.widgets.projector.frame import Cue
from classroom_app.views.classes import EventView
from classroom_app.views.show import ScreenNow

app, event_id = guard.require_projector()


def title(now: ScreenNow, words_html: str) -> str:
    """What the iPads say as well goes before what the screen says otherwise."""
    return f"⏸️ {t_html('pause_title')}" if now.clock.paused else words_html


def gather(event: EventView, now: ScreenNow) -> None:
    joined = sum(group.joined for group in event.groups)
    frame.stage(event.id, now, Cue(f"joined {joined}", "joined", joined))
    frame.header(event.name, t_html("app_title"))
    lobby.lobby(f"{viewer.base_url()}/join", event.groups)
    if not viewer.ipads_reach_us():
        frame.warning(t_html("pj_loopback"))


def exchange(event: EventView, now: ScreenNow) -> None:
    shown = app.swap.look(event.id)
    frame.stage(event.id, now, swap.cue(shown))
    frame.header(
        event.name if now.clock.left_s is None else "", title(now, t_html("pj_swap")), swap.news(shown)
    )
    swap.swap_round(shown)


def compete(event: EventView, now: ScreenNow) -> None:
    shown = app.screen.race(event.id)
    over = event.phase == Phase.FINAL
    frame.stage(event.id, now, Cue(f"{event.phase} {shown.runs}", "over" if over else "born"))
    words = t_html("pj_final") if over else t_html("pj_collect" if shown.runs else "pj_nobody")
    name = event.name if now.clock.left_s is None else ""
    frame.header(name, title(now, words), race.news(shown, frozen=now.clock.frozen, over=over))
    race.race(shown, dark=now.dark, over=over)


def tell(event: EventView, now: ScreenNow) -> None:
    story = app.show.story(event.id)
    frame.stage(event.id, now, reveal.cue(now.show, story))
    frame.header(event.name, reveal.title(now.show, story), scene=now.show.scene)
    reveal.scene(event.id, now.show, story, dark=now.dark)


DRAWN_BY = {
    Phase.LOBBY: gather,
    Phase.COLLECT: compete,
    Phase.FINAL: compete,
    Phase.REVEAL: tell,
    Phase.CLOSED: tell,
}


@st.fragment
def screen() -> None:
    guard.require_projector()  # a fragment runs without the page: the cookie counts here too
    try:
        now = app.screen.look(event_id)  # before all else, so that nothing is missed that comes meanwhile
        frame.style(dark=now.dark)
        draw = exchange if now.swaps else DRAWN_BY[now.phase]
        draw(app.classes.get(event_id), now)
    except ClassroomError as error:
        frame.message("🙏", t_kanji(error.key, **error.params))


keep_alive()
screen()
