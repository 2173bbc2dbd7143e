"""The five phases of a class as steps, one button to the next, and a menu to the others.

What everybody in the room sees at once, and each way back, is asked for first, in a dialog that says what the
iPads and the screen will show then.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import streamlit as st

from classroom_app.content.catalog import PHASE_EMOJI
from classroom_app.states import Phase
from classroom_app.ui import state
from classroom_app.ui.texts import t_kanji
from classroom_app.ui.widgets import monitor
from classroom_app.ui.widgets.focus_back import focus_back
from classroom_app.ui.widgets.staff_frame import escape
from classroom_app.views.console import ClassNow

PHASES: Final = tuple(Phase)
_ASKS_FIRST: Final = frozenset({Phase.REVEAL, Phase.CLOSED})  # everybody in the room sees these at once


@dataclass(frozen=True)
class PhaseMoves:
    """What a choice does: `move` to a phase that a facilitator wants (and has confirmed). `look`: how the
    groups are, asked for only while somebody is asked. `at_work`: the round is on, so its end would stop the
    children in the middle.
    """

    move: Callable[[Phase], None]
    look: Callable[[], ClassNow]
    at_work: Callable[[], bool]


def phase_steps(current: Phase, moves: PhaseMoves, *, final_made: bool = False, calm: bool = False) -> None:
    """Show the steps and the ways on.

    `final_made`: the groups have seen the results, so collecting once more says what comes of it. `calm`:
    something else on the page is the one next thing.
    """
    if st.session_state.get(state.PHASE_WANTED) == current:  # another facilitator was there first
        st.session_state.pop(state.PHASE_WANTED)
    at = PHASES.index(current)
    st.html(f'<h2 class="staff-h2 staff-unseen">{escape(t_kanji("phase_steps"))}</h2>')
    with st.container(key="phases", horizontal=True, vertical_alignment="center"):
        steps = "".join(_step(phase, PHASES.index(phase) - at) for phase in PHASES)
        st.html(f'<ol class="staff-steps">{steps}</ol>', width="stretch")
        wanted = _ways(at, calm=calm)
    if wanted is not None:
        stops_children = wanted == Phase.FINAL and moves.at_work()
        if wanted in _ASKS_FIRST or stops_children or PHASES.index(wanted) < at:
            st.session_state[state.PHASE_WANTED] = wanted
        else:
            moves.move(wanted)
    if (asked := st.session_state.get(state.PHASE_WANTED)) is not None:
        _ask(asked, moves, back=PHASES.index(asked) < at, final_made=final_made)


def _step(phase: Phase, ahead: int) -> str:
    kind = "now" if ahead == 0 else "past" if ahead < 0 else "ahead"
    sign = "✓" if ahead < 0 else str(PHASES.index(phase) + 1)
    here = ' aria-current="step"' if ahead == 0 else ""
    now = f'<span class="staff-unseen">{escape(t_kanji("phase_now"))}</span>' if ahead == 0 else ""
    what = escape(t_kanji(f"phase_{phase}_what"))
    words = f"<b>{escape(t_kanji(f'phase_{phase}'))}</b>"
    return (
        f'<li class="staff-step staff-{kind}" title="{what}"{here}><span class="staff-step-no">{sign}</span>'
        f'<span class="staff-emoji">{PHASE_EMOJI[phase]}</span>{words}{now}</li>'
    )


def _ways(at: int, *, calm: bool) -> Phase | None:
    """The button to the next phase, and the menu of all others; what was chosen just now."""
    following = PHASES[at + 1] if at + 1 < len(PHASES) else None
    others = [phase for phase in PHASES if phase not in {following, PHASES[at]}]
    chosen = None
    if following is not None and st.button(
        t_kanji(f"phase_to_{following}"), key=f"go_{following}", type="secondary" if calm else "primary"
    ):
        chosen = following
    other: Phase | None = st.menu_button(
        t_kanji("phase_others"),
        others,
        format_func=lambda phase: (
            f"{PHASE_EMOJI[phase]} {t_kanji(_way(phase, back=PHASES.index(phase) < at))}"
        ),
        key="phase_others",
        icon=":material/more_horiz:",
    )
    return chosen or other


def _way(phase: Phase, *, back: bool) -> str:
    return f"phase_back_{phase}" if back else f"phase_to_{phase}"


def _ask(phase: Phase, moves: PhaseMoves, *, back: bool, final_made: bool) -> None:
    """A dialog that stays until it is answered: as long as somebody is asked, every run of the page opens it.

    What runs alone (the clock, the groups) does not touch it.
    """

    def content() -> None:
        lines = [("📱", t_kanji(f"phase_ipads_{phase}")), ("📽️", t_kanji(f"phase_screen_{phase}"))]
        if back and final_made and phase == Phase.COLLECT:
            lines.append(("🔁", t_kanji("phase_once_more")))
        told = "".join(
            f'<li><span class="staff-emoji">{emoji}</span><span>{escape(text)}</span></li>'
            for emoji, text in lines
        )
        st.html(f'<ul class="staff-will">{told}</ul>')
        now = moves.look()
        if number := sum(line.active_state is not None for line in now.lines):
            key = "phase_training_reveal" if phase == Phase.REVEAL and not back else "phase_training"
            st.warning(t_kanji(key, number=number), icon="🤖")
        if not back and phase != Phase.CLOSED:
            monitor.help_first(now)
        with st.container(horizontal=True, key="phase_sure"):
            yes = st.button(
                t_kanji("phase_yes_back" if back else "phase_yes"), key="phase_yes", type="primary"
            )
            no = st.button(t_kanji("phase_no"), key="phase_no")
        focus_back("phase_others")
        if yes or no:
            _forget()
        if yes:
            moves.move(phase)
        elif no:
            st.rerun()

    title = t_kanji("phase_ask_back" if back else "phase_ask", name=t_kanji(f"phase_{phase}"))
    st.dialog(title, icon=PHASE_EMOJI[phase], on_dismiss=_forget)(content)()


def _forget() -> None:
    st.session_state.pop(state.PHASE_WANTED, None)
