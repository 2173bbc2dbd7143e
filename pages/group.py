"""One group in a facilitator's hands: words to it, its photos, trainings and iPads, its card."""

import functools

import streamlit as st

from classroom_app.errors import ClassroomError
from classroom_app.states import DeletionScope
from classroom_app.ui import guard, state, viewer
from classroom_app.ui.facilitator import deletions, ways
from classroom_app.ui.facilitator.trainings import change, may_change_jobs
from classroom_app.ui.telling import attempt, sentence
from classroom_app.ui.texts import t_kanji
from classroom_app.ui.widgets import face_rule, group_desk, jobs, photo_picker, reset, staff_frame
from classroom_app.ui.widgets.group_desk import DeskWish
from classroom_app.ui.widgets.in_view import in_view
from classroom_app.ui.widgets.photo_picker import PickerAction
from classroom_app.views.classes import EventView, GroupView
from classroom_app.views.console import GroupDesk
from classroom_app.views.deletion import DeletionTarget

app, _ = guard.require_facilitator()
LIVE_EVERY_S = 2  # a look is a dozen short statements, 6 ms with its trainings
RUNS_SHOWN = 5  # the photos are not to be far below; the page of trainings has them all


def words(event: EventView, desk: GroupDesk) -> None:
    if not app.lets("words", "say"):
        group_desk.told(desk)
        return
    wish = group_desk.words(desk)
    staff_frame.notice("words")
    if wish is not None:
        attempt("words", functools.partial(say, event, desk.group.id, wish))


def say(event: EventView, group_id: str, wish: DeskWish) -> None:
    if wish.act == "say" and wish.sentence is not None:
        app.words.say(event.id, wish.sentence, group_id)
    elif wish.act == "lock" and wish.sentence is not None:
        app.words.lock(event.id, group_id, wish.sentence)
    elif wish.act == "unlock":
        app.words.unlock(event.id, group_id)
    else:
        app.words.take_back(event.id, group_id)


def photos(event: EventView, desk: GroupDesk) -> None:
    acts = app.lets("photo_desk", "move") and app.lets("deletions", "begin")
    hint = t_kanji("cs_photos_hint") if acts else ""
    staff_frame.section(t_kanji("cs_photos", number=len(desk.photos)), hint)
    staff_frame.notice("photos")
    if app.lets("deletions", "undo"):
        bring_back(event, desk)
    wish = photo_picker.photo_picker(
        photos=desk.photos,
        labels=event.labels,
        lang=viewer.lang(),
        strings={key: t_kanji(key) for key in photo_picker.STRINGS},
        key="photo_picker",
        acts=acts,
    )
    if wish is not None:
        attempt("photos", functools.partial(photos_chosen, event, desk.group.id, wish))


def photos_chosen(event: EventView, group_id: str, wish: PickerAction) -> str | None:
    if wish.kind == "delete":
        st.session_state.pop(state.RECEIPT, None)
        st.session_state[state.PHOTOS_TO_GO] = (group_id, wish.photo_ids)
        return None
    number = app.photo_desk.move(event.id, group_id, wish.photo_ids, wish.label_id)
    return t_kanji("cs_photos_move_done", number=number)


def deletion(event: EventView, desk: GroupDesk) -> None:
    """Photos that were chosen to go: what goes with them, and the button that is held."""
    group_id, chosen = st.session_state.get(state.PHOTOS_TO_GO, ("", ()))
    here = {photo.id: photo for photo in desk.photos}
    photo_ids = tuple(photo_id for photo_id in chosen if photo_id in here)
    if group_id != desk.group.id or not photo_ids:
        return
    minutes = round(app.settings.undo_minutes)
    try:
        with st.container(key="photos_sure", border=True):
            in_view("photos_sure", " ".join(photo_ids))
            target = DeletionTarget(DeletionScope.PHOTOS, event.id, group_id, photo_ids=photo_ids)
            target = reset.with_models(target, app.privacy.learnt(target))
            counts = app.privacy.count(target)
            reset.what_goes(target, counts, event)
            photo_picker.going([here[photo_id] for photo_id in photo_ids], event.labels)
            how = reset.sure(minutes)
            reset.kinds(counts)
    except ClassroomError:
        st.session_state.pop(state.PHOTOS_TO_GO, None)
        raise
    if how is None:
        return
    st.session_state.pop(state.PHOTOS_TO_GO)
    if how == "no":
        attempt("photos", lambda: None)
        return
    told = t_kanji("cs_photos_delete_done", number=len(photo_ids), minutes=minutes)
    attempt("photos", functools.partial(deletions.delete, app, target, told, at_once=how == "now"))


def bring_back(event: EventView, desk: GroupDesk) -> None:
    """What was deleted of this group and can still be undone."""
    found = [item for item in app.deletions.pending(event.id) if item.group_id == desk.group.id]
    deletions.pending(app, found, "photos")


def trainings(event: EventView, desk: GroupDesk) -> None:
    staff_frame.section(t_kanji("cs_runs"))
    staff_frame.notice("runs")
    found = app.console.runs_of(event.id, desk.group.id)
    wish = jobs.lines(found, most=RUNS_SHOWN, acts=may_change_jobs(app), tier_away=app.tier.away())
    if wish is not None:
        attempt("runs", functools.partial(change, app, event, wish))


@st.fragment(run_every=LIVE_EVERY_S)
def live(event: EventView, group_id: str) -> None:
    guard.require_facilitator()  # a fragment runs without the page: the cookie counts here too
    try:
        desk = app.console.group(event.id, group_id)
        group_desk.head(desk, event.name)
        words(event, desk)
        if app.lets("classes", "set_group_faces"):
            faces(event, desk.group)
        left, right = st.columns([3, 2])  # a table of five columns beside lines
        with left:
            group_desk.ipads(desk.ipads)
        with right:
            trainings(event, desk)
        deletion(event, desk)
        photos(event, desk)
        if (latest := st.session_state.get(state.RECEIPT)) is not None:
            with st.container(key="receipt"):
                reset.receipt(latest)
                in_view("receipt", latest.id)
    except ClassroomError as error:
        st.error(sentence(error), icon="⚠️")


def faces(event: EventView, group: GroupView) -> None:
    """For a child who must not be in pictures."""
    wanted = face_rule.choose_of_group(group.faces, event.faces, key=f"group_faces_{group.id}")
    staff_frame.notice("faces")
    if wanted != group.faces:
        attempt("faces", lambda: app.classes.set_group_faces(event.id, group.id, wanted))


def card(event: EventView, group_id: str) -> None:
    group = next(group for group in event.groups if group.id == group_id)
    may_renew = app.lets("classes", "renew_group_links")
    renew = group_desk.card(event.id, group, viewer.base_url(), may_renew=may_renew)
    staff_frame.notice("card")
    if renew:
        attempt("card", functools.partial(renew_card, event, group_id))


def renew_card(event: EventView, group_id: str) -> str:
    app.classes.renew_group_links(event.id, group_id)
    return t_kanji("jo_renewed")


staff_frame.style()
ways.top_bar(app, t_kanji("cs_group"), "group")
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
