"""The trainings of a class: what waits, runs, failed and is done, and how long; stopped and tried again."""

import functools

import streamlit as st

from classroom_app.errors import ClassroomError
from classroom_app.ui import guard
from classroom_app.ui.facilitator import parts, ways
from classroom_app.ui.facilitator.trainings import change, may_change_jobs
from classroom_app.ui.telling import attempt, sentence
from classroom_app.ui.texts import t_kanji
from classroom_app.ui.widgets import class_form, jobs, staff_frame
from classroom_app.views.classes import EventView

app, _ = guard.require_facilitator()
LIVE_EVERY_S = 2


@st.fragment(run_every=LIVE_EVERY_S)
def live(event: EventView) -> None:
    guard.require_facilitator()  # a fragment runs without the page: the cookie counts here too
    try:
        now = app.jobs.look(event.id)
    except ClassroomError as error:
        st.error(sentence(error), icon="⚠️")
        return
    works = parts.look(app)
    jobs.counts(now.counts, goes_on=parts.can_train(app, event, works))
    staff_frame.notice("jobs")
    whose = {group.id: group for group in event.groups}
    wish = jobs.lines(now.lines, whose, acts=may_change_jobs(app), tier_away=app.tier.away())
    if wish is not None:
        attempt("jobs", functools.partial(change, app, event, wish))


staff_frame.style()
ways.top_bar(app, t_kanji("cs_jobs"), "jobs")
events = app.classes.all()
chosen = class_form.choose_class([(x.id, class_form.with_phase(x)) for x in events])
if chosen is None:
    st.info(t_kanji("fa_no_class"), icon="🗂️")
else:
    live(next(event for event in events if event.id == chosen))
