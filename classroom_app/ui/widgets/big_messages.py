"""Whole-page sentences with one large picture: waiting, nothing here yet, a score to be proud of."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from typing import Final

import streamlit as st

from classroom_app.content.catalog import ROBOT_ADDRESS
from classroom_app.states import Phase
from classroom_app.ui import navigation, state, texts
from classroom_app.views.classes import GroupNow
from classroom_app.views.training import Journey

DOTS_MAX: Final = 60  # more questions than this do not fit as dots
DOTS_LARGE: Final = 32  # up to so many dots are large, in rows of at most 16; more are small, 24 a row
STAGES: Final = (("waiting", "⏳"), ("looking", "👀"), ("fitting", "🧩"), ("checking", "✅"))


def show(picture: str, title: str, text: str = "", *, moving: bool = False, behind: str = "") -> None:
    """`title`, `text` and `behind` are HTML from t_html; `picture` is an emoji or an address on this site."""
    shown = (
        f'<img src="{html.escape(picture)}" alt="">'
        if picture.startswith("/")
        else f'<span class="emoji">{html.escape(picture)}</span>'
    )
    below = f"<p>{text}</p>" if text else ""
    st.html(
        f'{behind}<div class="big-message{" moving" if moving else ""}">'
        f'<div class="big-message-picture" aria-hidden="true">{shown}</div><h1>{title}</h1>{below}</div>'
    )


def button(key: str, icon: str, label: str, *, big: bool = True) -> bool:
    """`big`: the one next thing to do, as the biggest thing on the page; not in a break, nor while all groups
    are called to the swap round.
    """
    big = big and not st.session_state.get(state.CALM)
    return st.button(
        label,
        key=f"{'big' if big else 'small'}_{key}",
        icon=icon,
        type="primary" if big else "secondary",
        width="stretch",
        wrap=True,
    )


def way_on(key: str, icon: str, page: str, *, big: bool = True) -> None:
    if button(key, icon, texts.t(key), big=big):
        navigation.goto(page)


def ai_deleted() -> None:
    show("🧹", texts.t_html("train_ai_deleted"), texts.t_html("train_ai_deleted_text"))


def no_ai_yet(journey: Journey, title: str, text: str) -> None:
    """There is nothing to see without one: in these words, unless one was there. And the way to it."""
    if journey.ai_deleted:
        ai_deleted()
    else:
        show("🌱", texts.t_html(title), texts.t_html(text))
    with st.container(key="narrow"):
        way_to_first_ai(journey)


def way_to_first_ai(journey: Journey) -> None:
    if journey.photos_ready:
        way_on("to_first_train", "🌱", "train")
    else:
        way_on("to_collect", "📷", "collect")


def closed(now: GroupNow, picture: str = "", *, wait: bool = False) -> None:
    """What a page says while nothing can be done on it, and where to go instead. `wait`: a group without an
    AI, for which there is nothing to see after the end.
    """
    if now.phase == Phase.LOBBY:
        show(picture, texts.t_html("lobby_title"), texts.t_html("lobby_text"), moving=True)
        return
    if now.time_up:
        text = texts.t_html("results_wait_text" if wait else "final_text")
        show("🏁", texts.t_html("final_title"), text)
    elif now.clock.paused:
        show("🍵", texts.t_html("pause_title"), texts.t_html("pause_text"))
        return
    else:
        show("🎉", texts.t_html("reveal_title"), texts.t_html("reveal_text"))
    if not (wait and now.time_up):
        with st.container(key="narrow"):
            way_on("to_results", "🏆", "results")


def why_closed(now: GroupNow, *, late: bool = False, tries: bool = False) -> None:
    """One calm line over what there is still to see: why the buttons of before are gone. `late`: but for that
    of training, because photos that were taken in time came after the end. `tries`: on the page where the AI
    is tried, which goes on.
    """
    if now.time_up and late:
        _line("📬", texts.t_html("late_photos"))
    elif now.time_up:
        _line("🏁", texts.t_html("time_up_play" if tries else "time_up"))
    elif now.phase == Phase.COLLECT and now.clock.paused:
        _line("⏸️", texts.t_html("pause_title"))


def _line(picture: str, sentence: str) -> None:
    st.html(
        f'<div class="why-closed" role="status"><span class="emoji" aria-hidden="true">{picture}</span>'
        f"<span>{sentence}</span></div>"
    )


def score(correct: int, total: int, *, fresh: bool, more: int = 0) -> None:
    """The score as a numeral, how many `more` than before, and a dot for every question: filled with a tick
    when right.
    """
    gain = f"<i>▲ +{more}</i>" if more > 0 else ""
    dots, per_row = "", 1
    small = "" if total <= DOTS_LARGE else " small"
    if 0 < total <= DOTS_MAX:
        most = 16 if total <= DOTS_LARGE else 24
        per_row = math.ceil(total / math.ceil(total / most))  # rows of about the same length
        dots = "".join(
            f'<i class="{"right" if n < correct else "wrong"}" style="--n:{n}"></i>' for n in range(total)
        )
    st.html(
        f'<div class="score{" fresh" if fresh else ""}"><div class="score-words">'
        f"<b>{correct}</b><span>{texts.t_html('score_of', total=total)}</span>{gain}</div>"
        f'<div class="dots{small}" style="--per:{per_row}" aria-hidden="true">{dots}</div></div>'
    )


def working(stage: str, fraction: float, sentence: str, photos: Sequence[str] = ()) -> None:
    """Where a training is: the group's own photos, which the AI eats one by one and grows from,
    the stages in a row, the real fraction, one sentence. `photos`: their ids.
    """
    names = [name for name, _ in STAGES]
    at = names.index("looking" if stage == "features" else stage) if stage in {*names, "features"} else 0
    row = "".join(
        f'<li class="{_stage_class(number, at)}"><span class="emoji">{icon}</span></li>'
        for number, (_, icon) in enumerate(STAGES)
    )
    percent = round(100 * max(0.0, min(1.0, fraction)))
    eaten = round(len(photos) * percent / 100)
    food = "".join(
        f'<img src="/photos/{html.escape(photo)}/thumb" alt="" class="{"eaten" if number < eaten else ""}">'
        for number, photo in enumerate(photos)
    )
    grown = f'<img class="grows" src="{ROBOT_ADDRESS}" alt="" style="--grown:{percent / 100:.2f}">'
    meal = f'<div class="meal" aria-hidden="true"><div class="food">{food}</div>{grown}</div>' if food else ""
    st.html(
        f'<div class="working">{meal}<ol class="stages" aria-hidden="true">{row}</ol>'
        f'<div class="working-words" role="status">{sentence}</div>'
        f'<div class="bar" role="progressbar" aria-label="{texts.t("train_progress")}" aria-valuemin="0" '
        f'aria-valuemax="100" aria-valuenow="{percent}"><i style="width:{percent}%"></i></div></div>'
    )


def _stage_class(number: int, at: int) -> str:
    return "now" if number == at else "past" if number < at else "later"


def counts(items: Sequence[tuple[str, str]]) -> None:
    """Small picture-and-words pairs in a row; the words are HTML."""
    inner = "".join(
        f'<span class="count-of"><span class="emoji" aria-hidden="true">{html.escape(icon)}</span>'
        f"{words}</span>"
        for icon, words in items
    )
    st.html(f'<div class="counts">{inner}</div>')
