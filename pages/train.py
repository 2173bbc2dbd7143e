"""Train: one big button, the run while it is worked on, and what came of it.

Knows nothing of how a model is made.
"""

import streamlit as st

from classroom_app import session
from classroom_app.errors import ClassroomError
from classroom_app.widgets import chrome, mistakes, outcome, scenes, trainer

app, group = session.require_group()
chrome.header("train", group, app.runs.journey(group))
run = app.runs.latest(group)
if run is not None and run.active:
    trainer.watch(lambda: app.runs.latest(group))
    st.stop()

versions = app.runs.history(group)
ready = app.runs.readiness(group)
failed = run is not None and run.state == "failed"
if group.phase != "collect" and not versions:
    scenes.closed(group.phase, group.picture)
    st.stop()
if failed and run is not None and run.error_key:
    scenes.scene("🌧️", session.sorry(ClassroomError(run.error_key)))
if versions and not failed:
    outcome.score(versions)
if group.phase != "collect":
    with st.container(key="narrow"):
        if group.phase == "reveal":
            scenes.way_on("to_results", "🏆", "results")
        else:
            scenes.way_on("to_play", "🔍", "play")
elif trainer.button(ready, versions, failed=failed):
    try:
        app.queue.enqueue(app.runs.request(group))
    except ClassroomError as exc:
        chrome.problem(session.sorry(exc))
        st.stop()
    st.rerun()
if versions and not failed:
    if app.events.get(group.event_id).show_practice:
        mistakes.way_in(versions[-1])
    outcome.details(versions[-1], ready.labels, may_collect=group.phase == "collect")
