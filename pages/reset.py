"""Deleting photos, AIs, a group or a class: count first, hold a button to be sure, undo for some minutes."""

import functools
import time

import streamlit as st

from classroom_app.errors import ClassroomError
from classroom_app.states import DeletionScope, PhotoState
from classroom_app.ui import guard, state
from classroom_app.ui.facilitator import deletions, ways
from classroom_app.ui.telling import attempt, sentence
from classroom_app.ui.texts import t_kanji
from classroom_app.ui.widgets import class_form, reset, staff_frame
from classroom_app.views.classes import EventView
from classroom_app.views.console import StaffPhoto
from classroom_app.views.deletion import DeletionTarget

app, _ = guard.require_facilitator(to_change=True)
PENDING_EVERY_S = 10


def photos_of(event: EventView, group_id: str) -> list[StaffPhoto]:
    found = app.photos.of_group(event.id, group_id)
    return [StaffPhoto(photo.id, photo.label_id, photo.taken_at, PhotoState.READY) for photo in found]


def sure_of(target: DeletionTarget | None, event: EventView, *, told: bool) -> dict[str, int]:
    """What goes, and the way to it: disabled while nothing does. Gives back how much of each kind.

    `told`: what came of the last one is on the page; that nothing is left to be chosen needs no word then.
    """
    counts: dict[str, int] = {}
    if target is not None:
        target = reset.with_models(target, app.privacy.learnt(target))
        counts = app.privacy.count(target)
    if told and not any(counts.values()):
        return counts
    reset.what_goes(target, counts, event)
    minutes = round(app.settings.undo_minutes)
    how = reset.confirm(str(target), minutes, possible=any(counts.values()))
    if how is not None and target is not None:
        for name in (state.DELETION, state.PHOTO_CHOSEN, state.RECEIPT):
            st.session_state.pop(name, None)
        st.session_state[state.RESET_BEGINS] = target.scope != DeletionScope.PHOTOS
        hidden = t_kanji("re_hidden", minutes=minutes)
        attempt("deleted", functools.partial(deletions.delete, app, target, hidden, at_once=how == "now"))
    return counts


@st.fragment(run_every=PENDING_EVERY_S)
def pending() -> None:
    guard.require_facilitator()  # a fragment runs without the page: the cookie counts here too
    deletions.pending(app, app.deletions.pending(), "deleted")


def one_class(event: EventView) -> None:
    """What shall go on the left; how much that is, the button and what came of it beside it."""
    intent = reset.choose_intent(event, functools.cache(app.privacy.count))
    left, right = st.columns([3, 2], gap="medium")
    with left:
        target = reset.choose_target(intent, event, functools.partial(photos_of, event))
        minutes = round(app.settings.undo_minutes)
        st.html(f'<p class="staff-hint">{t_kanji("re_intro", minutes=minutes)}</p>')
    with right:
        told = state.RECEIPT in st.session_state or bool(app.deletions.pending())
        counts = sure_of(target, event, told=told)
        what_came_of_it()
        reset.kinds(counts)


def what_came_of_it() -> None:
    """Where the button is, not at the top: that may be out of sight."""
    staff_frame.notice("deleted")
    if (latest := st.session_state.get(state.RECEIPT)) is not None:
        with st.container(key="receipt"):
            reset.receipt(latest)
    pending()


staff_frame.style()
ways.top_bar(app, t_kanji("re_title"), "reset")
events = app.classes.all()
chosen = class_form.choose_class([(x.id, class_form.with_phase(x)) for x in events], compact=True)
if chosen is None:
    st.info(t_kanji("fa_no_class"), icon="🗂️")
    what_came_of_it()
else:
    try:
        one_class(next(event for event in events if event.id == chosen))
    except ClassroomError as error:  # it went meanwhile
        st.error(sentence(error), icon="⚠️")
staff_frame.section(t_kanji("re_receipts"))
reset.earlier_receipts(app.privacy.receipts(), "/api/receipts.csv")
if guard.account_of(app).is_owner:  # it looks at all classes
    staff_frame.section(t_kanji("check_title"), t_kanji("check_hint"))
    if st.button(t_kanji("check_button"), key="check_everything", icon="🔍"):
        reset.check_result(app.integrity.check(time.sleep))
