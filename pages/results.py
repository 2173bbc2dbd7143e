"""Results: the versions of the group's own AI, and its place among the groups as far as the phase allows."""

import streamlit as st

from classroom_app.states import Phase
from classroom_app.ui import guard, texts
from classroom_app.ui.widgets import big_messages, children_frame, mistakes, results

app, group = guard.require_group()
now = app.now.look(group, "results")
children_frame.header(now, group, app.runs.journey(group))
if group.phase == Phase.LOBBY:
    big_messages.closed(group.phase, group.picture)
    st.stop()

versions = app.runs.history(group)
if group.phase == Phase.REVEAL:
    results.reveal(app.board.board(group.event_id), group.id)
elif not versions:
    big_messages.show("🌱", texts.t_html("results_empty"), texts.t_html("results_empty_text"))
    with st.container(key="narrow"):
        big_messages.way_on("to_train", "🌱", "train")
    st.stop()
results.versions(versions, app.runs.readiness(group).labels)
if versions and app.classes.get(group.event_id).show_practice:
    mistakes.way_in(versions[-1])
if group.phase != Phase.REVEAL:
    results.board(lambda: app.board.board(group.event_id, final=False), app.now.look)
if group.phase == Phase.COLLECT:
    with st.container(key="narrow"):
        big_messages.way_on("to_collect_more", "📷", "collect")
