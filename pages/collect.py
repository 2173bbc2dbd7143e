"""Collect: choose a label, take photos of it, look at them, go on to training when there are enough."""

import streamlit as st

from classroom_app.errors import ClassroomError
from classroom_app.states import RunState
from classroom_app.ui import guard, state, texts, viewer
from classroom_app.ui.widgets import big_messages, camera, children_frame, collect, gallery, train

app, group = guard.require_group()
NEWCOMERS_PHOTOS = 3  # with fewer the camera says how it is used
guard.follow_the_show(app, group)
now = app.now.look(group, "collect")
journey = app.runs.journey(group)
children_frame.header(now, group, journey)
ready = app.runs.readiness(group)
if not now.may_work:
    if now.time_up and ready.ready:
        big_messages.show("📬", texts.t_html("late_photos"), texts.t_html("time_up"))
        with st.container(key="narrow"):
            big_messages.way_on("to_train", "🌱", "train")
    else:
        big_messages.closed(now, group.picture, wait=not journey.versions)
    st.stop()

if st.session_state.pop(state.LOOK_THROUGH, False):
    st.toast(texts.t("look_through"), icon="👀", duration="long")
label = collect.choose_label(ready.labels, ready.counts, ready.missing, group.color)
album = app.photos.album(group, label.id)
newest = app.runs.latest(group) if journey.versions else None
with st.container(key="collect_parts", horizontal=True, gap="medium"):
    with st.container(key="collect_camera"):
        camera.camera(
            group_id=group.id,
            group_name=group.name(viewer.lang()),
            epoch=group.epoch,
            label_id=label.id,
            label_name=label.name(viewer.lang()),
            label_emoji=label.emoji,
            color=group.color,
            strings=texts.strings(camera.STRINGS),
            key="camera",
            newcomers=sum(ready.counts.values()) < NEWCOMERS_PHOTOS,
            stored=ready.counts.get(label.id, 0),
        )
    with st.container(key="collect_photos"):
        if ready.missing:
            begun = any(ready.counts.values())
            collect.missing(ready, label, begun=begun, color=group.color)
        elif newest is None or newest.state != RunState.DONE or train.is_next(ready, newest):
            big_messages.way_on("to_train", "🌱", "train")
        else:  # the shutter is the next thing: the AI has learnt from all of these
            big_messages.way_on("to_results", "🏆", "results", big=False)
        wanted = gallery.gallery(
            photos=album.photos,
            labels=ready.labels,
            lang=viewer.lang(),
            strings=texts.strings(gallery.STRINGS),
            key="gallery",
            undo=album.can_undo,
            color=group.color,
        )
if wanted is not None:
    try:
        if wanted.kind == "delete":
            app.photos.delete(group, wanted.photo_id)
        elif wanted.kind == "move":
            app.photos.move(group, wanted.photo_id, wanted.label_id)
        else:
            app.photos.undo_delete(group)
    except ClassroomError as exc:
        st.toast(texts.t(exc.key, **exc.params))
    st.rerun()
