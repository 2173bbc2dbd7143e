"""Deleting photos, AIs, a group or a class: count first, hold a button to be sure, undo for some minutes."""

import datetime as dt
import time

import streamlit as st

from classroom_app.errors import ClassroomError
from classroom_app.ui import guard, state
from classroom_app.ui.texts import t_kanji
from classroom_app.ui.widgets import class_form, reset, staff_frame
from classroom_app.views.classes import EventView

app, user = guard.require_facilitator(to_change=True)
PENDING_EVERY_S = 10


def delete_one(event: EventView) -> None:
    target = reset.choose_target(event, lambda group_id: app.photos.of_group(event.id, group_id))
    if target is None:
        return
    target = reset.with_models(target, app.privacy.learnt(target))
    counts = app.privacy.count(target)
    reset.will_go(counts)
    if not any(counts.values()):
        st.info(t_kanji("re_nothing"), icon="🗂️")
        return
    minutes = round(app.settings.undo_minutes)
    sure = reset.confirm(str(target), minutes)
    if sure is None:
        return
    st.session_state.pop(state.DELETION, None)
    st.session_state.pop(state.PHOTO_CHOSEN, None)
    st.session_state.pop(state.RECEIPT, None)
    state.hush()
    if sure == "now":
        st.session_state[state.RECEIPT] = app.deletions.delete_now(target)
    else:
        app.deletions.begin(target)
        state.tell("deleted", t_kanji("re_hidden", minutes=minutes))
    st.rerun()


@st.fragment(run_every=PENDING_EVERY_S)
def pending() -> None:
    guard.require_facilitator()  # a fragment runs without the page: the cookie counts here too
    wish = reset.pending(app.deletions.pending(), dt.datetime.now(dt.UTC))
    if wish is None:
        return
    what, item = wish
    st.session_state.pop(state.RECEIPT, None)
    try:
        if what == "undo":
            app.deletions.undo(item.id)
            state.tell("deleted", t_kanji("re_undone"))
        else:
            st.session_state[state.RECEIPT] = app.deletions.finish(item.id)
            state.hush()
    except ClassroomError as error:
        state.tell("deleted", t_kanji(error.key, **error.params), good=False)
    st.rerun()


staff_frame.style()
back = (t_kanji("fa_back"), class_form.address("facilitator"))
audit = [(t_kanji("audit_title"), "/audit")] if guard.account_of(app).is_owner else []
staff_frame.top_bar(t_kanji("re_title"), "reset", [back, *audit], user)
st.html(f'<p class="staff-hint">{t_kanji("re_intro", minutes=round(app.settings.undo_minutes))}</p>')
events = app.classes.all()
chosen = class_form.choose_class([(x.id, f"{x.name}　{t_kanji(f'phase_{x.phase}')}") for x in events])
if chosen is None:
    st.info(t_kanji("fa_no_class"), icon="🗂️")
else:
    try:
        delete_one(next(event for event in events if event.id == chosen))
    except ClassroomError as error:
        st.error(t_kanji(error.key, **error.params), icon="⚠️")
staff_frame.notice("deleted")
if (latest := st.session_state.get(state.RECEIPT)) is not None:
    with st.container(key="receipt"):  # where the button was, not at the top: that may be out of sight
        reset.receipt(latest)
pending()
staff_frame.section(t_kanji("re_receipts"))
reset.earlier_receipts(app.privacy.receipts(), "/api/receipts.csv")
if guard.account_of(app).is_owner:  # it looks at all classes
    st.html(f'<p class="staff-hint">{t_kanji("check_hint")}</p>')
    if st.button(t_kanji("check_button"), key="check_everything", icon="🔍"):
        reset.check_result(app.integrity.check(time.sleep))
