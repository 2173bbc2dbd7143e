"""Deleting a photo, a label's photos, a group or a class: count first, then be sure, then a receipt.

Knows nothing of databases or files; the privacy service counts and deletes.
"""

from zoneinfo import ZoneInfo

import streamlit as st

from classroom_app.errors import ClassroomError
from classroom_app.services.classes import EventView
from classroom_app.services.privacy import ReceiptView, Scope, Target
from classroom_app.ui import guard, state, texts, viewer
from classroom_app.ui.texts import t_kanji
from classroom_app.ui.widgets import class_form, reset, staff_frame

app, user = guard.require_facilitator()
LANG = viewer.lang()
SCOPES: dict[str, Scope] = {
    "photo": "photo",
    "label_group": "label",
    "label_class": "label",
    "group_reset": "group_reset",
    "group": "group",
    "event": "event",
}
TYPED = frozenset({"group_reset", "group", "event"})  # as much as this needs a typed name


def choose_target(event: EventView) -> tuple[Target, list[str]] | None:
    """(target, names to type) of what is chosen; None while something is missing."""
    scope = st.radio(
        t_kanji("re_scope"),
        tuple(SCOPES),
        format_func=lambda key: t_kanji(f"re_scope_{key}"),
        key="reset_scope",
    )
    group = label = photo = None
    left, right = st.columns(2)
    if scope not in {"label_class", "event"}:
        groups = {x.id: x for x in event.groups}
        group = left.selectbox(
            t_kanji("re_group"), list(groups), key="reset_group",
            format_func=lambda key: f"{groups[key].emoji} {groups[key].name(LANG)}",
        )  # fmt: skip
        if group is None:
            return None
    if scope in {"photo", "label_group", "label_class"}:
        labels = {x.id: x for x in event.labels}
        label = (left if group is None else right).selectbox(
            t_kanji("re_label"), list(labels), key="reset_label",
            format_func=lambda key: f"{labels[key].emoji} {texts.label_kanji(labels[key].name(LANG))}",
        )  # fmt: skip
    if scope == "photo" and group is not None:
        photos = [x.id for x in app.photos.of_group(event.id, group) if x.label_id == label]
        photo = reset.choose_photo(photos)
        if photo is None:
            return None
        label = None
    names = [event.name]
    if scope in {"group_reset", "group"} and group is not None:
        names = [groups[group].name(LANG), groups[group].name_ja, groups[group].name_en]
    return Target(SCOPES[scope], event.id, group, label, photo), names


def shown(receipt: ReceiptView) -> reset.ShownReceipt:
    return reset.ShownReceipt(
        receipt.scope, receipt.subject, receipt.deleted, receipt.left, receipt.created_at
    )


def delete_one(event: EventView) -> None:
    chosen = choose_target(event)
    if chosen is None:
        return
    target, names = chosen
    counts = app.privacy.count(target)
    reset.will_go(counts)
    if not any(counts.values()):
        st.info(t_kanji("re_nothing"), icon="🗂️")
        return
    if target.scope in TYPED:
        sure = reset.confirm_by_name(names, f"{target.scope}_{target.group_id}")
    else:
        sure = reset.confirm_twice(str(target))
    if sure:
        st.session_state.pop(state.DELETION, None)
        st.session_state[state.RECEIPT] = shown(app.privacy.delete(target))
        st.rerun()


staff_frame.style()
staff_frame.top_bar(
    t_kanji("re_title"), "reset", [(t_kanji("fa_back"), class_form.address("facilitator"))], user
)
st.html(f'<p class="gu-hint">{t_kanji("re_intro")}</p>')
if (latest := st.session_state.get(state.RECEIPT)) is not None:
    reset.receipt(latest)
events = app.events.all()
chosen = class_form.choose_class([(x.id, f"{x.name}　{t_kanji(f'phase_{x.phase}')}") for x in events])
if chosen is None:
    st.info(t_kanji("fa_no_class"), icon="🗂️")
else:
    try:
        delete_one(next(event for event in events if event.id == chosen))
    except ClassroomError as error:
        st.error(t_kanji(error.key, **error.params), icon="⚠️")
staff_frame.section(t_kanji("re_receipts"))
zone = ZoneInfo(st.context.timezone) if st.context.timezone else None
reset.earlier_receipts([shown(x) for x in app.privacy.receipts()], zone, "/api/receipts.csv")
