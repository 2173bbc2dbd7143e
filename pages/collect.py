"""Collect: choose a label, take photos of it, look at them, go on to training when there are enough.

Knows nothing of how photos travel or where they are kept.
"""

import streamlit as st

from classroom_app import session
from classroom_app.errors import ClassroomError
from classroom_app.widgets import camera, chrome, gallery, scenes, studio

app, group = session.require_group()
chrome.header("collect", group, app.runs.journey(group))
if group.phase != "collect":
    scenes.closed(group.phase, group.picture)
    st.stop()

ready = app.runs.readiness(group)
label = studio.choose_label(ready.labels, ready.counts, group.color)
album = app.photos.album(group, label.id)
with st.container(key="studio", horizontal=True, gap="medium"):
    with st.container(key="studio_camera"):
        camera.camera(
            group_id=group.id,
            epoch=group.epoch,
            label_id=label.id,
            label_name=label.name(session.lang()),
            label_emoji=label.emoji,
            color=group.color,
            strings=session.strings(camera.STRINGS),
            key="camera",
        )
    with st.container(key="studio_photos"):
        if ready.missing:
            studio.missing(ready.missing, begun=any(ready.counts.values()))
        else:
            scenes.way_on("to_train", "🌱", "train")
        wanted = gallery.gallery(
            photos=[gallery.GalleryPhoto(photo.id, photo.label_id) for photo in album.photos],
            labels=[
                gallery.GalleryLabel(item.id, item.name(session.lang()), item.emoji) for item in ready.labels
            ],
            strings=session.strings(gallery.STRINGS),
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
        st.toast(session.t(exc.key, **exc.params))
    st.rerun()
