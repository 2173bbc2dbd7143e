"""What came of a training, in a child's words: the score, how it changed, the curve, one hint."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from typing import Final

import pandas as pd
import streamlit as st

from classroom_app.ui import navigation, state, texts, viewer
from classroom_app.ui.charts import learning_curve
from classroom_app.ui.widgets import big_messages
from classroom_app.views import CurvePoint, LabelView, PhotoView, RunView

SWAPPED_QUESTIONS: Final = 2  # fewer wrong ones say nothing of the photos
HEAP_SHOWN: Final = 6


def score(versions: Sequence[RunView], *, may_collect: bool) -> None:
    """The newest version's score, and what became of it since the one before."""
    last = versions[-1]
    fresh = st.session_state.get(state.RUN_SEEN) != last.id
    if last.practice_correct is None or last.practice_total is None:
        big_messages.show("🌱", texts.t_html("score_none", version=last.version))
        return
    big_messages.score(last.practice_correct, last.practice_total, fresh=fresh)
    st.html(f'<div class="change">{_change(versions, may_collect=may_collect)}</div>')
    if last.tells_seen:
        st.html(f'<p class="small">{texts.t_html("seen_left_out")}</p>')


def _change(versions: Sequence[RunView], *, may_collect: bool) -> str:
    """More, the same or fewer right than the version before; scores of other tests are not compared. Nobody
    is told to take photos when there is no more time for it.
    """
    last = versions[-1]
    before = versions[-2] if len(versions) > 1 else None
    if (
        before is None
        or before.practice_correct is None
        or last.practice_correct is None
        or before.practice_total != last.practice_total
    ):
        return texts.t_html("change_first", version=last.version, photos=last.photos)
    difference = last.practice_correct - before.practice_correct
    if difference > 0:
        return texts.t_html("change_more", number=difference)
    if difference < 0:
        return texts.t_html("change_fewer", number=-difference)
    return texts.t_html("change_same") if may_collect else ""


def details(
    last: RunView,
    labels: Sequence[LabelView],
    photos_of: Callable[[str], Sequence[PhotoView]],
    *,
    may_collect: bool,
) -> None:
    """The learning curve draws itself once; beside it the label that is mixed up most. `photos_of`: the
    group's photos by a label's id.
    """
    fresh = st.session_state.get(state.RUN_SEEN) != last.id
    st.session_state[state.RUN_SEEN] = last.id
    with st.container(key="cards", horizontal=True, gap="medium"):
        if len(last.curve) > 1:
            with st.container(key="card_curve"):
                _curve(last.curve, fresh=fresh)
        with st.container(key="card_hint"):
            _hint(last, labels, photos_of, may_collect=may_collect)


def _curve(points: Sequence[CurvePoint], *, fresh: bool) -> None:
    frame = pd.DataFrame(
        {
            "photos": [point.photos_per_label for point in points],
            "told": [f"{point.correct} / {point.total}" for point in points],
            "right": [point.correct / point.total if point.total else 0.0 for point in points],
        }
    )
    st.html(f"<h3>{texts.t_html('curve_title')}</h3>")
    with st.container(key="curve_fresh" if fresh else "curve"):
        st.altair_chart(
            learning_curve.learning_curve(frame, texts.t("curve_x"), texts.t("curve_y")),
            theme=None,
            alt=texts.t("curve_title"),
        )
    st.html(f'<p class="small">{texts.t_html("curve_text")}</p>')


def _hint(
    last: RunView,
    labels: Sequence[LabelView],
    photos_of: Callable[[str], Sequence[PhotoView]],
    *,
    may_collect: bool,
) -> None:
    named = {label.id: label for label in labels}
    mixed = last.most_mixed_up
    if mixed is None or mixed[0] not in named or mixed[1] not in named:
        st.html(
            f'<h3>{texts.t_html("hint_title")}</h3><div class="hint happy"><span class="emoji">🎉</span>'
            f"<p>{texts.t_html('hint_all_right')}</p></div>"
        )
        return
    true, guess, count = named[mixed[0]], named[mixed[1]], mixed[2]
    if _looks_swapped(last, mixed):
        _look_at_heap(true, guess, photos_of(guess.id), may_collect=may_collect)
        return
    lang = viewer.lang()
    sentence = texts.t_html("hint_mixed", number=count, true=true.name(lang), guess=guess.name(lang))
    st.html(
        f'<h3>{texts.t_html("hint_title")}</h3><div class="hint mixed" aria-hidden="true">'
        f'<span class="emoji">{html.escape(true.emoji)}</span><b>→</b>'
        f'<span class="emoji">{html.escape(guess.emoji)}</span><b>?</b></div>'
        f"<p>{sentence}</p>"
    )
    if may_collect:
        text = texts.t("hint_take", label=true.name(lang))
        if st.button(text, key="small_hint", icon="📷", width="stretch", wrap=True):
            st.session_state[state.LABEL] = true.id
            navigation.goto("collect")


def _looks_swapped(last: RunView, mixed: tuple[str, str, int]) -> bool:
    """Most questions of a label are taken for one other: more photos of the label would not help where its
    things lie in the other's heap.
    """
    true, _, count = mixed
    return count >= SWAPPED_QUESTIONS and 2 * count > sum(last.confusion.get(true, {}).values())


def _look_at_heap(
    true: LabelView, guess: LabelView, photos: Sequence[PhotoView], *, may_collect: bool
) -> None:
    """Photos from all over the heap, and the question whether they are where they belong."""
    lang = viewer.lang()
    shown = min(len(photos), HEAP_SHOWN)
    pictures = "".join(
        f'<img src="/photos/{html.escape(photos[place * len(photos) // shown].id)}/thumb" alt="">'
        for place in range(shown)
    )
    sentence = texts.t_html("hint_heap", true=true.name(lang), guess=guess.name(lang))
    st.html(f'<h3>{texts.t_html("hint_title")}</h3><p>{sentence}</p><div class="heap">{pictures}</div>')
    if may_collect:
        text = texts.t("hint_look", label=guess.name(lang))
        if st.button(text, key="small_heap", icon="👀", width="stretch", wrap=True):
            st.session_state[state.LABEL] = guess.id
            navigation.goto("collect")
