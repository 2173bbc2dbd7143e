"""Deleting a photo, a label's photos, a group or a class: count first, then be sure, then a receipt."""

import time
from zoneinfo import ZoneInfo

import streamlit as st

from classroom_app.errors import ClassroomError
from classroom_app.states import DeletionScope
from classroom_app.ui import guard, state
from classroom_app.ui.texts import t_kanji
from classroom_app.ui.widgets import class_form, reset, staff_frame
from classroom_app.views import EventView

app, user = guard.require_facilitator(to_change=True)
TYPED = frozenset({DeletionScope.GROUP_RESET, DeletionScope.GROUP, DeletionScope.EVENT})  # need a typed name


def delete_one(event: EventView) -> None:
    wanted = reset.choose_target(event, lambda group_id: app.photos.of_group(event.id, group_id))
    if wanted is None:
        return
    target = wanted.target
    counts = app.privacy.count(target)
    reset.will_go(counts)
    if not any(counts.values()):
        st.info(t_kanji("re_nothing"), icon="🗂️")
        return
    if target.scope in TYPED:
        sure = reset.confirm_by_name(wanted.names, f"{target.scope}_{target.group_id}")
    else:
        sure = reset.confirm_twice(str(target))
    if sure:
        st.session_state.pop(state.DELETION, None)
        st.session_state[state.RECEIPT] = app.privacy.delete(target)
        st.rerun()


staff_frame.style()
back = (t_kanji("fa_back"), class_form.address("facilitator"))
staff_frame.top_bar(t_kanji("re_title"), "reset", [back], user)
st.html(f'<p class="staff-hint">{t_kanji("re_intro")}</p>')
events = app.classes.all()
chosen = class_form.choose_class([(x.id, f"{x.name}　{t_kanji(f'phase_{x.phase}')}") for x in events])
if chosen is None:
    st.info(t_kanji("fa_no_class"), icon="🗂️")
else:
    try:
        delete_one(next(event for event in events if event.id == chosen))
    except ClassroomError as error:
        st.error(t_kanji(error.key, **error.params), icon="⚠️")
if (latest := st.session_state.get(state.RECEIPT)) is not None:
    with st.container(key="receipt"):  # where the button was, not at the top: that may be out of sight
        reset.receipt(latest)
staff_frame.section(t_kanji("re_receipts"))
zone = ZoneInfo(st.context.timezone) if st.context.timezone else None
reset.earlier_receipts(app.privacy.receipts(), zone, "/api/receipts.csv")
if guard.account_of(app).is_owner:  # it looks at all classes
    st.html(f'<p class="staff-hint">{t_kanji("check_hint")}</p>')
    if st.button(t_kanji("check_button"), key="check_everything", icon="🔍"):
        reset.check_result(app.integrity.check(time.sleep))
