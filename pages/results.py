"""Results: the versions of the group's own AI, and its place among the groups as far as the phase allows."""

import streamlit as st

from classroom_app.errors import ClassroomError
from classroom_app.states import CountedRun, Phase
from classroom_app.ui import guard, texts
from classroom_app.ui.widgets import big_messages, children_frame, mistakes, results, reveal

app, group = guard.require_group()
now = app.now.look(group, "results")
shown = app.reveal.look(group) if group.phase == Phase.REVEAL else None
at_result = shown is not None and (shown.own is not None or shown.board is not None)
journey = app.runs.journey(group)
children_frame.header(now, group, journey, at_result=at_result)
if group.phase == Phase.LOBBY:
    big_messages.closed(now, group.picture)
    st.stop()

versions = app.runs.history(group)
ready = app.runs.readiness(group)
if shown is not None:
    reveal.follow_show(shown, versions, sum(ready.counts.values()), group.id)
    if shown.board is None:
        results.take_home(app.take_home.token(group))
        st.stop()
elif not versions:
    results.nothing(now, journey)
    st.stop()
big_messages.why_closed(now)
rule = app.contest.rules(group.event_id).counted
tapped = results.versions(
    versions,
    ready.labels,
    app.photos.album(group).photos,
    # The best has its star.
    counted=None if rule == CountedRun.BEST else app.board.counted_runs(group.event_id).get(group.id),
    choose=rule == CountedRun.CHOSEN and group.phase != Phase.REVEAL,
    beside_final=group.phase == Phase.REVEAL,
)
if tapped is not None:
    try:
        app.contest.choose_run(group, tapped)
    except ClassroomError as exc:
        children_frame.problem(texts.sorry(exc))
        st.stop()
    st.rerun()
if versions and app.classes.get(group.event_id).show_practice:
    mistakes.way_in(versions[-1])
if group.phase != Phase.REVEAL:
    results.board(lambda: app.board.board(group.event_id, final=False), app.now.look)
results.next_step(now, has_ai=bool(versions))
if group.phase == Phase.REVEAL:
    results.take_home(app.take_home.token(group))
