"""What will go, are you sure, and the receipt afterwards."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final, Literal

import streamlit as st

from classroom_app.content import deletion_words
from classroom_app.states import DeletionScope
from classroom_app.ui import state, texts, viewer
from classroom_app.ui.texts import moment_words, t_kanji
from classroom_app.ui.widgets import photo_picker
from classroom_app.ui.widgets.hold_button import hold_button
from classroom_app.ui.widgets.in_view import in_view
from classroom_app.ui.widgets.staff_frame import badge, escape, table
from classroom_app.views.classes import EventView, GroupView, LabelView
from classroom_app.views.console import StaffPhoto
from classroom_app.views.deletion import (
    NO_REST,
    DeletionTarget,
    IntegrityReport,
    Learnt,
    PendingDeletion,
    ReceiptView,
)

# By intention first, then how much of it; a label's photos are of one group, or of the whole class.
INTENTS: Final = {
    "photos": ("photos", "label_group", "label_class"),
    "group": ("group_reset", "runs", "group"),
    "event": ("event",),
}
_SCOPES: Final = {
    "photos": DeletionScope.PHOTOS,
    "label_group": DeletionScope.LABEL,
    "label_class": DeletionScope.LABEL,
    "runs": DeletionScope.RUNS,
    "group_reset": DeletionScope.GROUP_RESET,
    "group": DeletionScope.GROUP,
    "event": DeletionScope.EVENT,
}
_OF_THE_CLASS: Final = frozenset({"label_class", "event"})  # what is not of one group

Count = Callable[[DeletionTarget], Mapping[str, int]]


def choose_intent(event: EventView, count: Count) -> str:
    """Three cards, each with a sentence of what would go. `count`: what a deletion would take, by kind."""
    if st.session_state.pop(state.RESET_BEGINS, False):
        for key, first in (
            ("reset_intent", "photos"),
            (state.RESET_SCOPE.format("photos"), INTENTS["photos"][0]),
        ):
            st.session_state[key] = first
    intent: str = st.radio(
        t_kanji("re_scope"),
        list(INTENTS),
        format_func=lambda key: t_kanji(f"re_card_{key}"),
        captions=[t_kanji("re_gone_chosen"), _group_sentence(event, count), _class_sentence(event, count)],
        key="reset_intent",
        horizontal=True,
        width="stretch",
    )
    return intent


def _group_sentence(event: EventView, count: Count) -> str:
    if not event.groups:
        return t_kanji("re_nothing")
    asked = st.session_state.get(state.RESET_GROUP)
    group = next((item for item in event.groups if item.id == asked), event.groups[0])
    choice = st.session_state.get(state.RESET_SCOPE.format("group"), INTENTS["group"][0])
    counts = count(DeletionTarget(_SCOPES[choice], event.id, group.id))
    return t_kanji("re_gone_named", name=_named(group), what=sentence(_SCOPES[choice], counts))


def _class_sentence(event: EventView, count: Count) -> str:
    return sentence(DeletionScope.EVENT, count(DeletionTarget(DeletionScope.EVENT, event.id)))


def sentence(scope: DeletionScope, counts: Mapping[str, int]) -> str:
    """What would go, in one sentence."""
    return deletion_words.goes(scope, counts, viewer.lang())


def choose_target(
    intent: str, event: EventView, photos_of: Callable[[str], Sequence[StaffPhoto]]
) -> DeletionTarget | None:
    """What is chosen; None while something is missing. `photos_of` has a group's photos by its id."""
    choices = INTENTS[intent]
    choice = choices[0]
    if len(choices) > 1:
        choice = st.radio(
            t_kanji("re_how_much"),
            choices,
            format_func=lambda key: t_kanji(f"re_scope_{key}"),
            key=state.RESET_SCOPE.format(intent),
            horizontal=True,
        )
    scope, lang = _SCOPES[choice], viewer.lang()
    group_id = label_id = None
    if choice not in _OF_THE_CLASS:
        groups = {item.id: item for item in event.groups}
        group_id = st.selectbox(
            t_kanji("re_group"), list(groups), key=state.RESET_GROUP,
            format_func=lambda key: _named(groups[key]),
        )  # fmt: skip
        if group_id not in groups:
            return None
    if scope is DeletionScope.LABEL:
        labels = {item.id: item for item in event.labels}
        label_id = st.selectbox(
            t_kanji("re_label"), list(labels), key="reset_label",
            format_func=lambda key: f"{labels[key].emoji} {texts.label_kanji(labels[key].name(lang))}",
        )  # fmt: skip
    if group_id is not None and scope is DeletionScope.PHOTOS:
        photo_ids = _choose_photos(group_id, photos_of(group_id), event.labels)
        return DeletionTarget(scope, event.id, group_id, photo_ids=photo_ids) if photo_ids else None
    return DeletionTarget(scope, event.id, group_id, label_id)


def _choose_photos(
    group_id: str, photos: Sequence[StaffPhoto], labels: Sequence[LabelView]
) -> tuple[str, ...]:
    """A photo is chosen by a tap on itself; they come over the route that checks the cookie."""
    if photos:
        st.html(f'<p class="staff-hint">{escape(t_kanji("re_photo_choose"))}</p>')
    return photo_picker.choose_some(
        photos, labels, whose=group_id, kept_as=state.PHOTO_CHOSEN, key=f"reset_photos_{group_id}"
    )


def with_models(target: DeletionTarget, learnt: Learnt) -> DeletionTarget:
    """One choice, where AIs learnt from the photos: they go too, unless somebody says otherwise."""
    if not learnt.models:
        return target
    key = "re_learnt_counted" if learnt.counted else "re_learnt"
    told = t_kanji(key, number=learnt.models, counted=learnt.counted)
    st.html(f'<p class="staff-ask">🧠 {escape(told)}</p>')
    name = f"learnt_too_{target.scope}_{target.group_id}_{target.label_id}"
    return replace(
        target, keep_models=not st.checkbox(t_kanji("re_learnt_too"), value=True, key=name, wrap=True)
    )


def what_goes(target: DeletionTarget | None, counts: Mapping[str, int], event: EventView) -> None:
    """As a sentence, with whose it is. `target` None: nothing is chosen."""
    said = t_kanji("re_nothing_chosen")
    if target is not None:
        said = t_kanji("re_nothing")
        if any(counts.values()):
            what = sentence(target.scope, counts)
            said = t_kanji("re_gone_named", name=_whose(target, event), what=what)
    st.html(
        f'<h2 class="staff-h2">{escape(t_kanji("re_will_go"))}</h2><p class="staff-ask">{escape(said)}</p>'
    )


def _whose(target: DeletionTarget, event: EventView) -> str:
    group = next((item for item in event.groups if item.id == target.group_id), None)
    return _named(group) if group is not None else event.name


def _named(group: GroupView) -> str:
    return f"{group.emoji} {texts.label_kanji(group.name(viewer.lang()))}"


def kinds(counts: Mapping[str, int]) -> None:
    """The numbers of every kind, folded up; nothing where nothing goes."""
    if not any(counts.values()):
        return
    head = [escape(t_kanji("re_kind")), escape(t_kanji("re_number"))]
    shown = {kind: number for kind, number in counts.items() if kind not in NO_REST}
    rows = [[escape(t_kanji(f"kind_{kind}")), f"<b>{number}</b>"] for kind, number in shown.items()]
    with st.expander(t_kanji("re_kinds")):
        st.html(f'<div class="staff-narrow">{table(head, rows)}</div>')


def confirm(target: str, minutes: int, *, possible: bool) -> Literal["undo", "now"] | None:
    """Two steps without typing: a tap, then a button that is held. `target` says what the tap was for: it
    counts for that alone. "undo": it can be brought back for so many minutes; "now": it cannot.
    `possible`: there is something that can go.
    """
    if not possible or st.session_state.get(state.DELETION) != target:
        if st.button(t_kanji("re_delete"), key="delete", icon="🗑️", disabled=not possible):
            st.session_state[state.DELETION] = target
            st.rerun()
        return None
    with st.container(key="delete_sure", border=True):
        in_view("delete_sure", target)
        how = sure(minutes)
    if how == "no":
        st.session_state.pop(state.DELETION, None)
        st.rerun()
    return how


def sure(minutes: int) -> Literal["undo", "now", "no"] | None:
    """The question with the no beside it, and a button that is held for each of the other answers."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.html(f'<p class="staff-ask">⚠️ {escape(t_kanji("re_sure"))}</p>', width="stretch")
        no = st.button(t_kanji("fa_cancel"), key="delete_no")
    hint = t_kanji("re_hold")
    undo = hold_button(text=t_kanji("re_yes_undo", minutes=minutes), hint=hint, key="delete_undo")
    now = hold_button(text=t_kanji("re_yes_now"), hint=hint, key="delete_now", strong=False)
    return "undo" if undo else "now" if now else "no" if no else None


def pending(
    items: Sequence[PendingDeletion], now: dt.datetime
) -> tuple[Literal["undo", "now"], PendingDeletion] | None:
    """What was deleted and can still be brought back; what a facilitator wants of one of them."""
    if not items:
        return None
    st.html(f'<h2 class="staff-h2">↩️ {escape(t_kanji("re_pending"))}</h2>')
    wish: tuple[Literal["undo", "now"], PendingDeletion] | None = None
    for item in items:
        with st.container(key=f"pending_{item.id}", border=True):
            minutes = max(1, math.ceil((item.due_at - now).total_seconds() / 60))
            what = f"{t_kanji(f'scope_{item.scope}')}: {item.subject}"
            with st.container(horizontal=True, vertical_alignment="center"):
                st.html(
                    f"<b>{escape(what)}</b>"
                    f'<p class="staff-hint">{escape(t_kanji("re_pending_left", minutes=minutes))}</p>',
                    width="stretch",
                )
                if st.button(t_kanji("re_undo"), key=f"undo_{item.id}", icon="↩️"):
                    wish = ("undo", item)
            st.html(f"<small>{escape(_went(item.scope, item.counts))}</small>")
            hint = t_kanji("re_hold")
            key = f"finish_{item.id}"
            if hold_button(text=t_kanji("re_pending_now"), hint=hint, key=key, strong=False):
                wish = ("now", item)
    return wish


def receipt(shown: ReceiptView) -> None:
    clean = shown.clean
    text = t_kanji("re_receipt_clean" if clean else "re_receipt_left")
    said = t_kanji("re_gone_named", name=shown.subject, what=text)
    (st.success if clean else st.error)(said, icon="✅" if clean else "⚠️")
    st.html(f'<p class="staff-ask">{escape(_went(shown.scope, shown.deleted))}</p>')
    head = [escape(t_kanji(key)) for key in ("re_kind", "re_deleted", "re_left")]
    rows = [
        [
            escape(t_kanji(f"kind_{kind}")),
            str(shown.deleted.get(kind, 0)),
            badge(str(left), "good" if not left else "quiet" if kind in NO_REST else "bad"),
        ]
        for kind in {**shown.deleted, **shown.left}
        for left in [shown.left.get(kind, 0)]
    ]
    links = " ".join(
        f'<a class="staff-link" href="/api/receipts/{escape(shown.id)}.{kind}" target="_blank">⬇️ {name}</a>'
        for kind, name in (("pdf", "PDF"), ("csv", "CSV"))
    )
    st.html(links)
    with st.expander(t_kanji("re_kinds"), expanded=not clean):
        st.html(f'<div class="staff-narrow">{table(head, rows)}</div>')


def _went(scope: DeletionScope, counts: Mapping[str, int]) -> str:
    return deletion_words.went(scope, counts, viewer.lang())


def check_result(report: IntegrityReport) -> None:
    """One sentence when all is well, else one for each kind of problem."""
    if report.sound:
        st.success(t_kanji("check_sound"), icon="✅")
        return
    found = [t_kanji(f"check_{kind}", number=number) for kind, number in report.counts().items()]
    st.error(texts.side_by_side(*found), icon="⚠️")


def earlier_receipts(receipts: Sequence[ReceiptView], csv_url: str) -> None:
    if not receipts:
        st.html(f'<p class="staff-hint">{escape(t_kanji("re_receipts_none"))}</p>')
        return
    head = [escape(t_kanji(key)) for key in ("re_when", "re_what", "re_deleted", "re_result", "re_papers")]
    rows = []
    for item in receipts:
        left = item.remains
        result = badge(t_kanji("re_clean"), "good")
        if left:
            result = badge(t_kanji("re_not_clean", number=left), "bad")
        when = moment_words(item.created_at)
        what = f"{t_kanji(f'scope_{item.scope}')}: {item.subject}"
        papers = " ".join(
            f'<a class="staff-link" href="/api/receipts/{escape(item.id)}.{kind}" target="_blank">{name}</a>'
            for kind, name in (("pdf", "PDF"), ("csv", "CSV"))
        )
        rows.append(
            [
                escape(when),
                escape(what),
                f"<small>{escape(_went(item.scope, item.deleted))}</small>",
                result,
                papers,
            ]
        )
    st.html(f'<div class="staff-receipts">{table(head, rows)}</div>')
    text = escape(t_kanji("re_receipts_csv"))
    st.html(f'<a class="staff-link" href="{escape(csv_url)}" target="_blank">⬇️ {text}</a>')
