"""Leading a class through its day: its phases, the round's clock, the screens and the show."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from classroom_app.errors import ClassroomError
from classroom_app.resources import App
from classroom_app.states import Leader, Phase
from classroom_app.ui import guard, state, viewer
from classroom_app.ui.telling import attempt, sentence
from classroom_app.ui.texts import t_kanji
from classroom_app.ui.widgets import contest, show_control, staff_frame, swap_control
from classroom_app.ui.widgets.phases import PhaseMoves
from classroom_app.views.classes import EventView
from classroom_app.views.console import ClassNow

CLOCK_EVERY_S = 1
SWAP_EVERY_S = 3


def open_projector(app: App, event: EventView, *, final_made: bool) -> None:
    link = f"/projector/{app.access.projector_link(event.id)}"
    with st.container(horizontal=True, vertical_alignment="center", key="projector_links"):
        st.link_button(t_kanji("fa_projector"), link, icon="📽️")
        st.link_button(t_kanji("fa_cards"), f"/cards/{event.id}.pdf", icon="🖨️")
        if final_made:
            contest.take_away(event.id)
        with st.popover(t_kanji("fa_projector_link"), icon="🔗"):
            st.write(t_kanji("fa_projector_hint"))
            st.code(f"{viewer.base_url()}{link}", language=None, wrap_lines=True)
            if st.button(t_kanji("fa_projector_renew"), key="renew_projector", icon="🔄"):
                app.access.rotate_projector(event.id)
                state.tell("projector", t_kanji("fa_projector_renewed"))
                st.rerun()
        dark_screens(app, event)
        allowed = take_home_setting(app, event, final_made=final_made)
    staff_frame.notice("projector")
    contest.take_home_told(allowed=allowed)


def take_home_setting(app: App, event: EventView, *, final_made: bool) -> bool:
    allowed = app.take_home.allowed(event.id)
    wanted = contest.take_home(event.id, allowed=allowed, ready=final_made)
    if wanted != allowed:
        app.take_home.allow(event.id, wanted)
        st.rerun()
    return allowed


def loopback_warning() -> None:
    if not viewer.ipads_reach_us():
        st.warning(t_kanji("fa_loopback", url=viewer.base_url()), icon="📵")


def dark_screens(app: App, event: EventView) -> None:
    dark = app.screen.look(event.id).dark
    wanted = show_control.dark_screens(dark)
    if wanted != dark:
        app.show.set_dark(event.id, wanted)
        st.rerun()


def phase_moves(app: App, event: EventView, *, final_made: bool) -> PhaseMoves:
    def move(phase: Phase) -> None:
        guard.require_facilitator(
            to_change=True
        )  # a dialog runs without the page: the cookie counts here too
        reopen = final_made and phase == Phase.COLLECT
        attempt("phases", lambda: app.classes.set_phase(event.id, phase, reopen=reopen))

    def look() -> ClassNow:
        guard.require_facilitator(to_change=True)
        return app.console.look(event.id)

    def at_work() -> bool:
        return event.phase == Phase.COLLECT and app.contest.clock(event.id).left_s != 0

    return PhaseMoves(move, look, at_work)


def something_else_first(app: App, event: EventView) -> bool:
    """Is the next thing to be done another one than the next phase?"""
    if event.phase == Phase.LOBBY:
        return not app.challenge.complete(event.id)
    return event.phase == Phase.REVEAL and not show_is_over(app, event)


def show_is_over(app: App, event: EventView) -> bool:
    show = app.screen.look(event.id).show
    return show.step >= show.steps - 1


def round_clock(app: App, event: EventView) -> None:
    guard.require_facilitator()  # a fragment runs without the page: the cookie counts here too
    try:
        wish = contest.round_clock(app.contest.clock(event.id))
        staff_frame.notice("round")
        if wish is None:
            return
        moves: dict[str, Callable[[], None]] = {
            "start": lambda: app.contest.start_round(event.id, wish.minutes),
            "stop": lambda: app.contest.start_round(event.id, None),
            "pause": lambda: app.contest.pause(event.id),
            "go_on": lambda: app.contest.go_on(event.id),
            "add": lambda: app.contest.add_minutes(event.id, wish.minutes),
        }
        moves[wish.action]()
        state.hush()
    except ClassroomError as error:
        state.tell("round", sentence(error), good=False)
    st.rerun()


@st.fragment(run_every=SWAP_EVERY_S)
def swap_round(app: App, event: EventView) -> None:
    guard.require_facilitator()  # a fragment runs without the page: the cookie counts here too
    try:
        now = app.swap.look(event.id)
        wish = swap_control.swap_control(now)
        staff_frame.notice("swap")
        if wish is None:
            return
        if wish == "turn_on":
            app.swap.turn_on(event.id, now.turn or 0)
        else:
            {"start": app.swap.start, "end": app.swap.end}[wish](event.id)
        state.hush()
    except ClassroomError as error:
        state.tell("swap", sentence(error), good=False)
    st.rerun()


@st.fragment
def lead_show(app: App, event: EventView, *, over: bool) -> None:
    """`over`: what the rest of the page was drawn by, its one filled button above all."""
    guard.require_facilitator()  # a fragment runs without the page: the cookie counts here too
    try:
        now = app.screen.look(event.id)
        show_control.follow_show(event.id, now)
        if now.phase != event.phase or (now.show.step >= now.show.steps - 1) != over:
            st.rerun()  # another facilitator has moved the class, or the show has come to its end
        pace = show_control.show_control(now, app.show.story(event.id), lead(app, event, now.show.step))
        staff_frame.notice("show")
        if pace != now.pace_s:
            app.show.set_automatic(event.id, pace)
            st.rerun()
    except ClassroomError as error:
        st.error(sentence(error), icon="⚠️")


def lead(app: App, event: EventView, seen: int) -> Callable[[show_control.Move], None]:
    def move(wanted: show_control.Move) -> None:
        guard.require_facilitator()
        try:
            if wanted == "replay":
                app.show.replay(event.id, Leader.FACILITATOR)
            else:
                {"next": app.show.next, "back": app.show.back}[wanted](event.id, seen, Leader.FACILITATOR)
            state.hush()
        except ClassroomError as error:
            state.tell("show", sentence(error), good=False)

    return move
