"""The photos an AI got wrong as big cards: its answer, the right one, where it looked, what it recalled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, cast

import streamlit as st

from classroom_app.ui import texts
from classroom_app.ui.widgets import assets, big_messages
from classroom_app.ui.widgets.assets import chosen, script, source
from classroom_app.ui.widgets.gallery import shown_labels
from classroom_app.views.classes import LabelView
from classroom_app.views.training import Journey, Mistake, RunView

STRINGS: Final = (
    "gallery_close",
    "gallery_delete",
    "gallery_deleted",
    "gallery_move_to",
    "gallery_undo",
    "look_bright",
    "look_nowhere",
    "look_wait",
    "look_where",
    "mistakes_alike",
    "mistakes_alike_open",
    "mistakes_look",
    "mistakes_order",
    "mistakes_photo",
    "mistakes_take",
    "mistakes_thought_maybe",
    "mistakes_thought_probably",
    "mistakes_thought_surely",
    "mistakes_title",
    "mistakes_truth",
)
_KINDS: Final = ("take", "delete", "move", "undo")

_mount = st.components.v2.component(
    "classroom_mistakes",
    html=source("mistakes/mistakes.html"),
    css=source("common/look.css", "common/heatmap.css", "gallery/gallery.css", "mistakes/mistakes.css"),
    js=script("mistakes/mistakes.js"),
    isolate_styles=True,
)


@dataclass(frozen=True)
class MistakesAction:
    """What the child tapped: more photos of a label, or something to do with an own photo.

    It comes from a browser: check that photo and label are the group's own before acting on it.
    """

    kind: Literal["take", "delete", "move", "undo"]
    photo_id: str = ""
    label_id: str = ""


def mistakes(
    *,
    found: Sequence[Mistake],
    labels: Sequence[LabelView],
    lang: str,
    own: Mapping[str, str],
    may_change: bool,
    take_next: bool,
    look_in: Mapping[str, str],
    undo: bool,
    strings: Mapping[str, str],
    key: str,
    color: str,
) -> MistakesAction | None:
    """Show the cards in the order given. The action is returned once: carry it out, then rerun the page.

    `own`: label ids by the ids of the group's photos; similar photos that are not among them are not shown.
    `look_in`: by a label's id another's: where the one was taken for the other, it is the other's photos that
    are to be looked through, in place of more.
    `take_next`: more photos of what the AI was surest about are the page's one next thing.
    Reasons come from `/mistakes/{id}/reason` for the cards that a child looks at, pictures from beside it.
    """
    result = _mount(
        key=key,
        data={
            "cards": [_card(item) for item in found],
            "labels": shown_labels(labels, lang),
            "own": dict(own),
            "may_change": may_change,
            "take_next": take_next,
            "look_in": dict(look_in),
            "undo": undo,
            "strings": chosen(strings, STRINGS),
            "color": color,
        },
        on_action_change=assets.nothing,
    )
    return _action(result.action)


def nothing(
    state: Literal["untrained", "untested", "all_right", "hidden", "error"], journey: Journey, text: str = ""
) -> None:
    """Why there is no photo to show, and the way to go on; `text` is HTML in place of our own sentence."""
    if state == "untrained":
        big_messages.no_ai_yet(journey, "mistakes_untrained", "mistakes_untrained_text")
        return
    picture = {"untested": "🧩", "all_right": "🎉", "hidden": "🙈", "error": "🤔"}[state]
    if text:
        big_messages.show(picture, text)
    else:
        big_messages.show(picture, texts.t_html(f"mistakes_{state}"), texts.t_html(f"mistakes_{state}_text"))
    with st.container(key="narrow"):
        big_messages.way_on("to_results", "🏆", "results")


def ways_on(*, may_change: bool, take_next: bool, train_next: bool) -> None:
    """Under the last card: better photos are worth nothing before the AI has seen them."""
    with st.container(key="after_play", horizontal=True, gap="small"):
        big_messages.way_on("to_results", "🏆", "results", big=not (take_next or train_next))
        if may_change:
            big_messages.way_on("to_train", "🌱", "train", big=train_next)
    st.html(f'<p class="rules">{texts.t_html("rule_always_answers")}</p>')


def way_in(newest: RunView) -> None:
    """The way to this page, where there is something to see."""
    if newest.practice_total and newest.practice_total != newest.practice_correct:
        big_messages.way_on("to_mistakes", "❓", "mistakes", big=False)


def _card(item: Mistake) -> dict[str, object]:
    """A photo, what it shows, and what the AI took it for and how sure it was, from 0 to 1."""
    return {
        "id": item.photo_id,
        "label_id": item.label.id,
        "guess_id": item.guess.id,
        "p": round(item.p, 4),
    }


def _action(wanted: object) -> MistakesAction | None:
    """The browser's message, if it is one we know."""
    if not isinstance(wanted, Mapping) or wanted.get("kind") not in _KINDS:
        return None
    return MistakesAction(
        kind=cast(Literal["take", "delete", "move", "undo"], wanted["kind"]),
        photo_id=str(wanted.get("photo_id", "")),
        label_id=str(wanted.get("label_id", "")),
    )
