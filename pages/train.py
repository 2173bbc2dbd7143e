"""Train: one big button, the run while it is worked on, and what came of it."""

import streamlit as st

from classroom_app.errors import ClassroomError
from classroom_app.states import ENDED_BADLY
from classroom_app.ui import guard, texts
from classroom_app.ui.widgets import big_messages, children_frame, mistakes, train, train_result

app, group = guard.require_group()
guard.follow_the_show(app, group)
now = app.now.look(group, "train")
children_frame.header(now, group, app.runs.journey(group))
run = app.runs.latest(group)
if run is not None and run.active:
    train.watch(app.runs.latest, app.now.look, app.photos.album(group).photos, app.tier.away)
    st.stop()

versions = app.runs.history(group)
ready = app.runs.readiness(group)
failed = run is not None and run.state in ENDED_BADLY
if not ready.phase_open and not versions:
    big_messages.closed(now, group.picture, wait=True)
    st.stop()
big_messages.why_closed(now, late=ready.phase_open)
if failed and run is not None and run.error_key:
    big_messages.show("🌧️", texts.sorry(ClassroomError(run.error_key)))
elif ready.ai_deleted:
    train.ai_deleted(left=bool(versions))
advice = None
if versions and not failed:
    train_result.score(versions, may_collect=now.may_work)
    if app.classes.get(group.event_id).show_practice:
        train_result.wrong(app.mistakes.list(group))
        mistakes.way_in(versions[-1])
    photos_of = lambda label_id: app.photos.album(group, label_id).photos  # noqa: E731  # asked for only with a hint
    if now.may_work and not ready.missing and ready.trainings_left != 0:
        train_result.last_minute()
    advice = train_result.hint(versions[-1], ready.labels, photos_of, may_collect=now.may_work)
if not ready.phase_open:
    with st.container(key="dock"):
        big_messages.way_on("to_results", "🏆", "results")
elif train.button(ready, versions, failed=failed, advice=advice):
    try:
        app.queue.enqueue(app.runs.request(group))
    except ClassroomError as exc:
        children_frame.problem(texts.sorry(exc))
        st.stop()
    st.rerun()
if ready.phase_open:
    train.rules(app.contest.rules(group.event_id), ready.trainings_left, has_ai=bool(versions))
if versions and not failed:
    train_result.more(versions[-1])
