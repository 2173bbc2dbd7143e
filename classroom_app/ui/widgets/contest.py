"""The contest for grown-ups: the round's clock with its buttons, the rules, what to take away at the end."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, Literal

import streamlit as st

from classroom_app.states import CountedRun
from classroom_app.ui.texts import side_by_side, t_kanji
from classroom_app.ui.widgets.staff_frame import badge, escape
from classroom_app.ui.widgets.take_home import page_file
from classroom_app.views.classes import ContestRules, RoundClock

MINUTES: Final = (5, 10, 15, 20, 25, 30, 40, 50, 60)  # a round's length to choose from
MINUTES_USUAL: Final = 20
MORE_MINUTES: Final = 5
TRAININGS: Final = (None, 3, 5, 8, 10, 15)
FREEZES: Final = (0, 1, 2, 3, 5, 10)
_HURRY_S: Final = 60  # the last seconds stand out


@dataclass(frozen=True)
class ClockWish:
    """What a facilitator pressed: start, pause, go_on, add, stop; `minutes` for start and add."""

    action: str
    minutes: int = 0


def round_clock(clock: RoundClock) -> ClockWish | None:
    """The time that is left, and what can be done with it.

    A break is a switch that stays where it is: pressed by mistake, it is pressed once more.
    """
    over = clock.left_s is not None and clock.left_s <= 0
    with st.container(key="round_clock", horizontal=True, vertical_alignment="center", border=True):
        st.html(_face(clock), width="stretch")
        switched = None if over and not clock.paused else _break(clock)
        if clock.left_s is None:
            minutes = st.selectbox(
                t_kanji("co_round"),
                MINUTES,
                index=MINUTES.index(MINUTES_USUAL),
                format_func=lambda number: t_kanji("co_minutes", number=number),
                label_visibility="collapsed",
                width=120,
                key="round_minutes",
                disabled=clock.paused,
            )
            start = _pressed("start", "⏱️", t_kanji("co_start"), minutes=minutes, disabled=clock.paused)
            return switched or start
        more = t_kanji("co_add", number=MORE_MINUTES)
        add = _pressed("add", "➕", more.lstrip("＋+"), minutes=MORE_MINUTES, disabled=clock.paused)
        stop = _pressed("stop", "♾️", t_kanji("co_stop"), quiet=True, disabled=clock.paused)
        return switched or add or stop


def _break(clock: RoundClock) -> ClockWish | None:
    # Its key changes with the clock: what another facilitator switched meanwhile is shown, not undone.
    wanted = st.toggle(f"⏸️ {t_kanji('co_pause')}", value=clock.paused, key=f"round_pause_{clock.paused}")
    if wanted == clock.paused:
        return None
    return ClockWish("pause" if wanted else "go_on")


def _pressed(
    action: str, icon: str, text: str, *, minutes: int = 0, quiet: bool = False, disabled: bool = False
) -> ClockWish | None:
    kind: Literal["secondary", "tertiary"] = "tertiary" if quiet else "secondary"
    pressed = st.button(text, key=f"round_{action}", icon=icon, type=kind, disabled=disabled)
    return ClockWish(action, minutes) if pressed else None


def _face(clock: RoundClock) -> str:
    if clock.left_s is None:
        kind, figure, words = "quiet", "", t_kanji("co_paused" if clock.paused else "co_no_limit")
    elif clock.left_s <= 0:
        kind, figure, words = "over", _minutes(0), t_kanji("co_over")
    else:
        kind = "paused" if clock.paused else "hurry" if clock.left_s <= _HURRY_S else "runs"
        figure, words = _minutes(clock.left_s), t_kanji("co_paused" if clock.paused else "co_left")
    frozen = badge(f"❄️ {t_kanji('co_frozen')}", "busy") if clock.frozen else ""
    told = "co_over_hint" if kind == "over" else ""
    if clock.paused:
        told = "co_paused_hint_free" if clock.left_s is None else "co_paused_hint"
    hint = f'<p class="staff-hint">{escape(t_kanji(told))}</p>' if told else ""
    shown = f"<b>{figure}</b>" if figure else ""
    return (
        f'<div class="staff-clock staff-clock-{kind}" role="timer">{shown}'
        f"<div><span>{escape(words)}</span>{frozen}{hint}</div></div>"
    )


def _minutes(seconds: float) -> str:
    """Such as `12:05`; 0:00 only when time is up."""
    whole = math.ceil(seconds)
    return f"{whole // 60}:{whole % 60:02d}"


def rules_form(rules: ContestRules) -> ContestRules | None:
    """Folded away: the usual rules are good ones. Gives back others when they are saved."""
    with (
        st.expander(f"⚖️ {t_kanji('staff_named', name=t_kanji('co_rules'), what=_short(rules))}"),
        st.form("contest_rules", border=False),
    ):
        st.html(f'<p class="staff-hint">{escape(t_kanji("co_rules_hint"))}</p>')
        left, middle, right = st.columns(3)
        counted = left.selectbox(
            t_kanji("co_counted"),
            list(CountedRun),
            index=list(CountedRun).index(rules.counted),
            format_func=lambda which: t_kanji(f"co_counted_{which}"),
        )
        trainings = middle.selectbox(
            t_kanji("co_trainings"),
            _with(TRAININGS, rules.trainings_max),
            index=_with(TRAININGS, rules.trainings_max).index(rules.trainings_max),
            format_func=_trainings,
        )
        freeze = right.selectbox(
            t_kanji("co_freeze"),
            _with(FREEZES, rules.freeze_minutes),
            index=_with(FREEZES, rules.freeze_minutes).index(rules.freeze_minutes),
            format_func=_freeze,
        )
        tie_break = st.checkbox(t_kanji("co_tie_break"), value=rules.tie_break)
        st.html(f'<p class="staff-hint">{escape(t_kanji("co_late"))}</p>')
        if st.form_submit_button(t_kanji("co_save"), key="save_rules"):
            return ContestRules(counted or rules.counted, trainings, freeze or 0, tie_break)
    return None


def _with(usual: tuple[int | None, ...], own: int | None) -> tuple[int | None, ...]:
    """What a script has set is there to choose too."""
    return usual if own in usual else (*usual, own)


def _trainings(number: int | None) -> str:
    return t_kanji("co_trainings_any") if number is None else t_kanji("co_trainings_max", number=number)


def _freeze(minutes: int | None) -> str:
    return t_kanji("co_freeze_minutes", number=minutes) if minutes else t_kanji("co_freeze_none")


def _short(rules: ContestRules) -> str:
    counted, trainings = t_kanji(f"co_counted_{rules.counted}"), t_kanji("co_trainings")
    named = t_kanji("staff_named", name=trainings, what=_trainings(rules.trainings_max))
    return side_by_side(counted, named)


def take_away(event_id: str) -> None:
    """The results on paper and as data; in a row with other links."""
    st.link_button(t_kanji("co_sheet"), f"/api/events/{event_id}/results.pdf", icon="🏆")
    st.link_button(t_kanji("co_certificates"), f"/api/events/{event_id}/certificates.pdf", icon="🎓")
    st.link_button(t_kanji("co_archive"), f"/api/events/{event_id}/results.zip", icon="📊")


def take_home(event_id: str, *, allowed: bool, ready: bool) -> bool:
    """Whether groups may take their AI home, in a row with others; `ready`: the results are out, so that all
    of them can be taken at once.
    """
    # Its key changes with the setting: what another facilitator chose meanwhile is shown, not undone.
    wanted = st.toggle(
        t_kanji("th_allow"),
        value=allowed,
        key=f"take_home_{event_id}_{allowed}",
        help=t_kanji("th_allow_hint"),
    )
    if allowed and ready and page_file.is_possible():
        st.link_button(t_kanji("th_archive"), f"/api/events/{event_id}/take-home.zip", icon="🎁")
    return wanted


def take_home_told(*, allowed: bool) -> None:
    """What leaves the building, or why nothing can."""
    if allowed and not page_file.is_possible():
        st.warning(t_kanji("th_no_runtime"), icon="🧩")
    elif allowed:
        st.html(f'<p class="staff-hint">{escape(t_kanji("th_allow_hint"))}</p>')


def final_mark(number: int) -> None:
    """Says of a final that groups had seen the results of one before."""
    if number > 1:
        st.warning(t_kanji("final_again", number=number), icon="🔁")
