"""The big button of the train page, and the run while it is worked on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import streamlit as st

from classroom_app.states import CountedRun
from classroom_app.ui import guard, navigation, state, texts, viewer
from classroom_app.ui.widgets import big_messages
from classroom_app.ui.widgets.follow import follow
from classroom_app.ui.widgets.train_result import NextPhotos, some_of
from classroom_app.views.classes import ContestRules, GroupIdentity, GroupNow
from classroom_app.views.photos import PhotoView
from classroom_app.views.training import RunView, TrainingReadiness

POLL_S: Final = 0.5
FOOD_SHOWN: Final = 12


@st.fragment
def watch(
    latest: Callable[[GroupIdentity], RunView | None],
    look: Callable[[GroupIdentity, str], GroupNow],
    photos: Sequence[PhotoView],
    tier_away: Callable[[], bool],
) -> None:
    """Looks twice a second; when the run has ended, the page shows what came of it. `photos`: the group's."""
    _, group = guard.require_group()  # a fragment runs without the page: the cookie counts here too
    now = look(group, "run")
    run = latest(group)
    if run is None or not run.active:
        st.rerun()
    follow(now, POLL_S)
    if run.place:
        sentence = texts.t_html("train_place", number=run.place)
    elif tier_away():
        sentence = texts.t_html("stage_away")
    else:
        sentence = texts.t_html(f"stage_{run.stage}")
    food = [photo.id for photo in some_of(photos, FOOD_SHOWN)]
    big_messages.working(run.stage, run.progress, sentence, food)


def ai_deleted(*, left: bool) -> None:
    """An adult deleted the group's newest AI. `left`: an earlier one is there still."""
    if left:
        st.html(f'<p class="small">{texts.t_html("train_ai_deleted_some")}</p>')
    else:
        big_messages.ai_deleted()


def button(
    ready: TrainingReadiness, versions: Sequence[RunView], *, failed: bool, advice: NextPhotos | None = None
) -> bool:
    """True when the children tapped. The one next thing is chosen by what there is: photos are missing, or
    new ones wait, or their first AI was never tried, or the AI was wrong (`advice`), or all is well.
    """
    if ready.missing:
        _missing(ready, first=not versions and not ready.ai_deleted)
        return False
    if ready.trainings_left == 0:
        with st.container(key="narrow"):
            big_messages.way_on("to_play", "🔍", "play")
        return False
    if not versions or failed:
        if not failed and not ready.ai_deleted:
            big_messages.show("🌱", texts.t_html("train_title"), texts.t_html("train_text"))
            big_messages.counts([(item.emoji, str(ready.counts.get(item.id, 0))) for item in ready.labels])
        with st.container(key="narrow"):
            return big_messages.button("train", "🌱", texts.t("train_again" if failed else "train_button"))
    new_photos = sum(ready.counts.values()) - versions[-1].photos
    with st.container(key="next_row", horizontal=True, gap="small"):
        if is_next(ready, versions[-1]):
            big_messages.way_on("to_play", "🔍", "play", big=False)
            more = texts.t("train_with_more", number=new_photos)
            return big_messages.button("train", "🌱", more if new_photos > 0 else texts.t("train_once_more"))
        untried = len(versions) == 1 and state.PLAYED not in st.session_state
        if advice is None:
            big_messages.way_on("to_play", "🔍", "play")
            return False
        if not untried:
            big_messages.way_on("to_play", "🔍", "play", big=False)
        text = texts.t("hint_look" if advice.look else "hint_take", label=advice.label.name(viewer.lang()))
        if big_messages.button("hint", "👀" if advice.look else "📷", text, big=not untried):
            st.session_state[state.LABEL] = advice.label.id
            st.session_state[state.LOOK_THROUGH] = advice.look
            navigation.goto("collect")
        if untried:
            big_messages.way_on("to_play", "🔍", "play")
    return False


def is_next(ready: TrainingReadiness, newest: RunView) -> bool:
    """Is training what comes next for a group that has an AI? On every page, once its photos are others."""
    return ready.ready and ready.other_photos_than(newest)


def rules(rules: ContestRules, left: int | None, *, has_ai: bool) -> None:
    """Under the button: how often it may still be pressed, and once there is an AI, which one counts and that
    it always answers."""
    sentences = []
    if left is not None:
        key = "rule_trainings_left" if left else "rule_trainings_none"
        sentences.append(texts.t_html(key, number=left))
    if has_ai or rules.counted != CountedRun.BEST:
        sentences.append(texts.t_html(f"rule_counted_{rules.counted}"))
    if has_ai:  # who has tried it has heard it say "I don't know", and may think that this costs points
        sentences.append(texts.t_html("rule_always_answers"))
    if sentences:
        st.html(f'<p class="rules">{"<br>".join(sentences)}</p>')


def _missing(ready: TrainingReadiness, *, first: bool) -> None:
    if first:
        begun, number = any(ready.counts.values()), ready.photos_to_train
        title = texts.t_html("missing_more", number=number) if begun else texts.t_html("missing_start")
        big_messages.show("📷", title, texts.t_html("train_missing_text"))
    label, number = ready.missing[0]
    text = texts.t("missing_take", label=label.name(viewer.lang()), number=number)
    with st.container(key="narrow"):
        if big_messages.button("missing", "📷", text):
            st.session_state[state.LABEL] = label.id
            navigation.goto("collect")
