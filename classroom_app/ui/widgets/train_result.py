"""What came of a training, in a child's words: the score, how it changed, the photos that were taken for
something else, one hint, and behind a fold the curve.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd
import streamlit as st

from classroom_app.ui import state, texts, viewer
from classroom_app.ui.charts import learning_curve
from classroom_app.ui.widgets import big_messages
from classroom_app.views.classes import LabelView
from classroom_app.views.photos import PhotoView
from classroom_app.views.training import CurvePoint, Mistake, RunView

SWAPPED_QUESTIONS: Final = 2  # fewer wrong ones say nothing of the photos
HEAP_SHOWN: Final = 6
WRONG_SHOWN: Final = 5


@dataclass(frozen=True)
class NextPhotos:
    """What makes the AI better: more photos of this label, or a `look` at those that are there."""

    label: LabelView
    look: bool = False


def score(versions: Sequence[RunView], *, may_collect: bool) -> None:
    """The newest version's score, and what became of it since the one before."""
    last = versions[-1]
    fresh = st.session_state.get(state.RUN_SEEN) != last.id
    if last.practice_correct is None or last.practice_total is None:
        big_messages.show("🌱", texts.t_html("score_none", version=last.version))
        return
    more = _difference(versions) or 0
    big_messages.score(last.practice_correct, last.practice_total, fresh=fresh, more=more)
    st.html(f'<div class="change">{_change(versions, may_collect=may_collect)}</div>')
    if last.tells_seen:
        st.html(f'<p class="small">{texts.t_html("seen_left_out")}</p>')


def _change(versions: Sequence[RunView], *, may_collect: bool) -> str:
    """More, the same or fewer right than the version before; scores of other tests are not compared. Nobody
    is told to take photos when there is no more time for it.
    """
    last = versions[-1]
    difference = _difference(versions)
    if difference is None:
        return texts.t_html("change_first", version=last.version, photos=last.photos)
    if difference > 0:
        return texts.t_html("change_more", number=difference)
    if difference < 0:
        return texts.t_html("change_fewer" if may_collect else "change_fewer_over", number=-difference)
    return texts.t_html("change_same") if may_collect else ""


def _difference(versions: Sequence[RunView]) -> int | None:
    """How many more were right than before; None without a version before that had the same questions."""
    last = versions[-1]
    before = versions[-2] if len(versions) > 1 else None
    if (
        before is None
        or before.practice_correct is None
        or last.practice_correct is None
        or before.practice_total != last.practice_total
    ):
        return None
    return last.practice_correct - before.practice_correct


def wrong(found: Sequence[Mistake]) -> None:
    """The first of the photos that the AI got wrong: what each really is, and what it was taken for."""
    if not found:
        return
    pictures = "".join(
        f'<figure><img src="/mistakes/{html.escape(item.photo_id)}/thumb" alt="">'
        f'<figcaption class="emoji">{html.escape(item.label.emoji)}<b>→</b>{html.escape(item.guess.emoji)}'
        "</figcaption></figure>"
        for item in found[:WRONG_SHOWN]
    )
    rest = len(found) - WRONG_SHOWN
    more = f'<figure class="rest"><b>+{rest}</b></figure>' if rest > 0 else ""
    st.html(f'<div class="wrong-photos" aria-hidden="true">{pictures}{more}</div>')


def more(last: RunView) -> None:
    """The learning curve, for whoever wants to know: closed at first."""
    st.session_state[state.RUN_SEEN] = last.id
    if len(last.curve) > 1:
        with st.container(key="more"), st.expander(texts.t("curve_more")):
            _curve(last.curve)


def _curve(points: Sequence[CurvePoint]) -> None:
    frame = pd.DataFrame(
        {
            "photos": [point.photos_per_label for point in points],
            "told": [f"{point.correct} / {point.total}" for point in points],
            "right": [point.correct / point.total if point.total else 0.0 for point in points],
        }
    )
    st.html(f"<h3>{texts.t_html('curve_title')}</h3>")
    st.vega_lite_chart(
        spec=learning_curve.learning_curve(frame, texts.t("curve_x"), texts.t("curve_y")),
        theme=None,
        alt=texts.t("curve_title"),
    )
    st.html(f'<p class="small">{texts.t_html("curve_text")}</p>')


def hint(
    last: RunView,
    labels: Sequence[LabelView],
    photos_of: Callable[[str], Sequence[PhotoView]],
    *,
    may_collect: bool,
) -> NextPhotos | None:
    """One line on the label that is mixed up most, and what would help; None where nothing is, or where there
    is no more time for it. `photos_of`: the group's photos by a label's id.
    """
    named = {label.id: label for label in labels}
    mixed = last.most_mixed_up
    if mixed is None or mixed[0] not in named or mixed[1] not in named:
        if last.practice_total:
            _line("🎉", texts.t_html("hint_all_right" if may_collect else "hint_all_right_over"))
        return None
    true, guess, count = named[mixed[0]], named[mixed[1]], mixed[2]
    if may_collect and heaps_to_look_in(last).get(true.id) == guess.id:
        _look_at_heap(true, guess, photos_of(guess.id))
        return NextPhotos(guess, look=True)
    lang = viewer.lang()
    sentence = texts.t_html("hint_mixed", number=count, true=true.name(lang), guess=guess.name(lang))
    _line(f"{true.emoji}→{guess.emoji}", sentence)
    return NextPhotos(true) if may_collect else None


def last_minute() -> None:
    """In the last minute, which the clock tells, in place of the hint: what can still be done."""
    _line("⏳", texts.t_html("last_minute"), "hint-line last-minute")


def _line(picture: str, sentence: str, kind: str = "hint-line") -> None:
    st.html(
        f'<p class="{kind}"><span class="emoji" aria-hidden="true">{html.escape(picture)}</span>'
        f"<span>{sentence}</span></p>"
    )


def some_of(photos: Sequence[PhotoView], number: int) -> list[PhotoView]:
    """At most so many, from all over the heap."""
    shown = min(len(photos), number)
    return [photos[place * len(photos) // shown] for place in range(shown)]


def heaps_to_look_in(last: RunView) -> dict[str, str]:
    """By a label: the one that most of its questions are taken for, by ids. More photos of the label would
    not help where its things lie in the other's heap.
    """
    found = {}
    for true, row in last.confusion.items():
        wrong = {guess: count for guess, count in row.items() if guess != true}
        guess = max(wrong, key=lambda one: wrong[one], default=None)
        if guess is not None and wrong[guess] >= SWAPPED_QUESTIONS and 2 * wrong[guess] > sum(row.values()):
            found[true] = guess
    return found


def _look_at_heap(true: LabelView, guess: LabelView, photos: Sequence[PhotoView]) -> None:
    """Photos from all over the heap, and the question whether they are where they belong."""
    lang = viewer.lang()
    pictures = "".join(
        f'<img src="/photos/{html.escape(photo.id)}/thumb" alt="">' for photo in some_of(photos, HEAP_SHOWN)
    )
    _line(
        f"{true.emoji}→{guess.emoji}", texts.t_html("hint_heap", true=true.name(lang), guess=guess.name(lang))
    )
    st.html(f'<div class="heap">{pictures}</div>')
