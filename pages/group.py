"""One group in a facilitator's hands: words to it, its photos, trainings and iPads, its card."""

import datetime as dt

import streamlit as st

from classroom_app.errors import ClassroomError
from classroom_app.states import DeletionScope
from classroom_app.ui import guard, state, viewer
from classroom_app.ui.texts import t_kanji
from classroom_app.ui.widgets import class_form, group_desk, jobs, photo_picker, reset, staff_frame
from classroom_app.views.classes import EventView
from classroom_app.views.console import GroupDesk
from classroom_app.views.deletion import DeletionTarget

app, user = guard.require_facilitator()
LIVE_EVERY_S = 3
RUNS_SHOWN = 5  # the photos are not to be far below; the page of trainings has them all


def told(place: str, error: ClassroomError) -> None:
    state.tell(place, t_kanji(error.key, **error.params), good=False)


def words(event: EventView, desk: GroupDesk) -> bool:
    """True when something was done: what is shown is of before."""
    wish = group_desk.words(desk)
    staff_frame.notice("words")
    if wish is None:
        return False
    group_id = desk.group.id
    try:
        if wish.act == "say" and wish.sentence is not None:
            app.words.say(event.id, wish.sentence, group_id)
        elif wish.act == "lock" and wish.sentence is not None:
            app.words.lock(event.id, group_id, wish.sentence)
        elif wish.act == "unlock":
            app.words.unlock(event.id, group_id)
        else:
            app.words.take_back(event.id, group_id)
        state.hush()
    except ClassroomError as error:
        told("words", error)
    return True


def photos(event: EventView, desk: GroupDesk) -> bool:
    staff_frame.section(t_kanji("cs_photos", number=len(desk.photos)), t_kanji("cs_photos_hint"))
    staff_frame.notice("photos")
    wish = photo_picker.photo_picker(
        photos=desk.photos,
        labels=event.labels,
        lang=viewer.lang(),
        strings={key: t_kanji(key) for key in photo_picker.STRINGS},
        key="photo_picker",
    )
    if wish is None:
        return False
    group_id = desk.group.id
    try:
        if wish.kind == "delete":
            st.session_state.pop(state.RECEIPT, None)
            st.session_state[state.PHOTOS_TO_GO] = (group_id, wish.photo_ids)
            state.hush()
        else:
            number = app.photo_desk.move(event.id, group_id, wish.photo_ids, wish.label_id)
            state.tell("photos", t_kanji("cs_photos_move_done", number=number))
    except ClassroomError as error:
        told("photos", error)
    return True


def deletion(event: EventView, desk: GroupDesk) -> bool:
    """Photos that were chosen to go: what goes with them, and the button that is held."""
    group_id, chosen = st.session_state.get(state.PHOTOS_TO_GO, ("", ()))
    here = {photo.id for photo in desk.photos}
    photo_ids = tuple(photo_id for photo_id in chosen if photo_id in here)
    if group_id != desk.group.id or not photo_ids:
        return False
    minutes = round(app.settings.undo_minutes)
    try:
        with st.container(key="photos_sure", border=True):
            target = DeletionTarget(DeletionScope.PHOTOS, event.id, group_id, photo_ids=photo_ids)
            target = reset.with_models(target, app.privacy.learnt(target))
            reset.will_go(app.privacy.count(target))
            how = reset.sure(minutes)
        if how is None:
            return False
        st.session_state.pop(state.PHOTOS_TO_GO)
        if how == "now":
            st.session_state[state.RECEIPT] = app.deletions.delete_now(target)
        elif how == "undo":
            app.deletions.begin(target)
            state.tell("photos", t_kanji("cs_photos_delete_done", number=len(photo_ids), minutes=minutes))
    except ClassroomError as error:
        st.session_state.pop(state.PHOTOS_TO_GO, None)
        told("photos", error)
    return True


def bring_back(event: EventView, desk: GroupDesk) -> bool:
    """What was deleted of this group and can still be undone."""
    found = [item for item in app.deletions.pending(event.id) if item.group_id == desk.group.id]
    wish = reset.pending(found, dt.datetime.now(dt.UTC))
    if wish is None:
        return False
    what, item = wish
    try:
        if what == "undo":
            app.deletions.undo(item.id)
            state.tell("photos", t_kanji("re_undone"))
        else:
            st.session_state[state.RECEIPT] = app.deletions.finish(item.id)
            state.hush()
    except ClassroomError as error:
        told("photos", error)
    return True


def trainings(event: EventView, desk: GroupDesk) -> bool:
    staff_frame.section(t_kanji("cs_runs"))
    staff_frame.notice("runs")
    wish = jobs.lines(app.console.runs_of(event.id, desk.group.id), most=RUNS_SHOWN)
    if wish is None:
        return False
    try:
        if wish.act == "cancel":
            app.jobs.cancel(event.id, wish.run_id)
            state.tell("runs", t_kanji("cs_job_stopped_now"))
        else:
            app.queue.enqueue(app.jobs.retry(event.id, wish.run_id))
            state.tell("runs", t_kanji("cs_job_retried"))
    except ClassroomError as error:
        told("runs", error)
    return True


@st.fragment(run_every=LIVE_EVERY_S)
def live(event: EventView, group_id: str) -> None:
    guard.require_facilitator()  # a fragment runs without the page: the cookie counts here too
    try:
        desk = app.console.group(event.id, group_id)
        group_desk.head(desk)
        done = words(event, desk)
        left, right = st.columns(2)
        with left:
            group_desk.ipads(desk.ipads)
        with right:
            done = trainings(event, desk) or done
        done = photos(event, desk) or done
        done = deletion(event, desk) or done
        if (latest := st.session_state.get(state.RECEIPT)) is not None:
            reset.receipt(latest)
        if guard.account_of(app).may_change:
            done = bring_back(event, desk) or done
    except ClassroomError as error:
        st.error(t_kanji(error.key, **error.params), icon="⚠️")
        return
    if done:
        st.rerun()


def card(event: EventView, group_id: str) -> None:
    group = next(group for group in event.groups if group.id == group_id)
    renew = group_desk.card(event.id, group, viewer.base_url())
    staff_frame.notice("card")
    if renew:
        app.classes.renew_group_links(event.id, group_id)
        state.tell("card", t_kanji("jo_renewed"))
        st.rerun()


staff_frame.style()
links = [
    (t_kanji("fa_back"), class_form.address("facilitator")),
    (t_kanji("cs_jobs"), class_form.address("jobs")),
]
staff_frame.top_bar(t_kanji("cs_group"), "group", links, user)
asked = st.query_params.get(state.GROUP, "")
found = next(
    (x for x in app.classes.all() if x.id == st.query_params.get(state.EVENT, "")),
    None,
)
if found is None or asked not in {group.id for group in found.groups}:
    st.info(t_kanji("cs_group_gone"), icon="🗂️")
else:
    live(found, asked)
    card(found, asked)
