"""Mistakes: the practice photos that the newest AI got wrong, why, and what the group can do about it."""

import streamlit as st

from classroom_app.errors import ClassroomError
from classroom_app.states import Phase
from classroom_app.ui import guard, navigation, state, texts, viewer
from classroom_app.ui.widgets import big_messages, children_frame, mistakes, train, train_result

app, group = guard.require_group()
guard.follow_the_show(app, group)
now = app.now.look(group, "mistakes")
journey = app.runs.journey(group)
children_frame.header(now, group, journey)
if group.phase == Phase.LOBBY:
    big_messages.closed(now, group.picture)
    st.stop()
try:
    found = app.mistakes.list(group)
except ClassroomError as exc:
    mistakes.nothing("hidden" if exc.key == "practice_hidden" else "error", journey, texts.sorry(exc))
    st.stop()
versions = app.runs.history(group)
if not versions and not now.may_work:
    big_messages.closed(now, wait=True)
    st.stop()
if not found:
    newest = versions[-1] if versions else None
    mistakes.nothing(
        "untrained" if newest is None else "all_right" if newest.practice_total else "untested", journey
    )
    st.stop()

may_change = now.may_work
look_in = train_result.heaps_to_look_in(versions[-1])
ready = app.runs.readiness(group)
train_next = may_change and train.is_next(ready, versions[-1])
take_next = may_change and not train_next and ready.trainings_left != 0
big_messages.why_closed(now)
album = app.photos.album(group)
wanted = mistakes.mistakes(
    found=found,
    labels=album.labels,
    lang=viewer.lang(),
    own={photo.id: photo.label_id for photo in album.photos},
    may_change=may_change,
    take_next=take_next and not group.swaps,
    look_in=look_in,
    undo=album.can_undo,
    strings=texts.strings(mistakes.STRINGS),
    key="mistakes",
    color=group.color,
)
mistakes.ways_on(may_change=may_change, take_next=take_next, train_next=train_next)
if wanted is not None and may_change:
    if wanted.kind == "take" and wanted.label_id in {label.id for label in album.labels}:
        st.session_state[state.LABEL] = wanted.label_id
        st.session_state[state.LOOK_THROUGH] = wanted.label_id in look_in.values()
        navigation.goto("collect")
    try:
        if wanted.kind == "delete":
            app.photos.delete(group, wanted.photo_id)
        elif wanted.kind == "move":
            app.photos.move(group, wanted.photo_id, wanted.label_id)
        elif wanted.kind == "undo":
            app.photos.undo_delete(group)
    except ClassroomError as exc:
        st.toast(texts.t(exc.key, **exc.params))
    st.rerun()
