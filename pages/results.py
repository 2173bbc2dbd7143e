"""Results: the story of the group's own AI, and its place among the groups as far as the phase allows.

Knows nothing of other groups' photos.
"""

import streamlit as st

from classroom_app import session
from classroom_app.widgets import chrome, mistakes, scenes, story

app, group = session.require_group()
chrome.header("results", group, app.runs.journey(group))
if group.phase == "lobby":
    scenes.closed(group.phase, group.picture)
    st.stop()

versions = app.runs.history(group)
if group.phase == "reveal":
    story.reveal(app.board.board(group.event_id), group.id)
elif not versions:
    scenes.scene("🌱", session.t_html("results_empty"), session.t_html("results_empty_text"))
    with st.container(key="narrow"):
        scenes.way_on("to_train", "🌱", "train")
    st.stop()
story.versions(versions, app.runs.readiness(group).labels)
if versions and app.events.get(group.event_id).show_practice:
    mistakes.way_in(versions[-1])
if group.phase != "reveal":
    story.board(lambda: app.board.board(group.event_id, final=False), group.id)
if group.phase == "collect":
    with st.container(key="narrow"):
        scenes.way_on("to_collect_more", "📷", "collect")
