"""The set-up of a class: is all there for the day, its rules, settings, labels and challenge photos."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Mapping

import streamlit as st

from classroom_app.errors import ClassroomError
from classroom_app.resources import App
from classroom_app.states import Half, Phase
from classroom_app.ui import guard, state, viewer
from classroom_app.ui.telling import attempt, sentence
from classroom_app.ui.texts import t_kanji
from classroom_app.ui.widgets import (
    challenge as challenge_view,
)
from classroom_app.ui.widgets import (
    challenge_camera,
    checklist,
    class_changes,
    class_setup,
    contest,
    face_rule,
    staff_frame,
    venue,
)
from classroom_app.ui.widgets import (
    class_end as end_view,
)
from classroom_app.ui.widgets.class_changes import LabelWish
from classroom_app.ui.widgets.class_end import EndWish
from classroom_app.ui.widgets.in_view import in_view
from classroom_app.ui.widgets.own_clock import own_clock
from classroom_app.views.classes import ContestRules, EventView

LIVE_EVERY_S = 3
CHECK_EVERY_S = 5


def set_up(app: App, event: EventView) -> None:
    """In the lobby the challenge photos first, the one thing that must be done; later they cannot change."""
    if event.phase == Phase.LOBBY:
        ready_for_the_day(app, event)
        challenge_photos(app, event)
        class_rules(app, event)
    else:
        class_rules(app, event)
        challenge_photos(app, event)


def class_rules(app: App, event: EventView) -> None:
    """What holds for the class as a whole."""
    staff_frame.section(t_kanji("fa_rules_title"))
    class_end(app, event)
    contest_rules(app, event)
    networks_setting(app, event)
    faces_setting(app, event)


def challenge_photos(app: App, event: EventView) -> None:
    """All of them, and what they are of."""
    staff_frame.section(t_kanji("ch_title"), t_kanji("ch_hint"))
    change_labels(app, event)
    show_practice(app, event)
    counts, locked = app.challenge.counts(event.id), app.challenge.locked(event.id)
    class_setup.challenge_counts(event.labels, counts)
    if counts and event.phase == Phase.LOBBY and not locked:
        take_out(app, event)
    staff_frame.notice("take_out")  # also where none is left, or nothing may go any more
    if locked:
        st.info(t_kanji("ch_locked"), icon="🔒")
    elif (way := class_setup.choose_way()) == class_setup.CAMERA:
        by_camera(app, event, counts)
    else:
        class_setup.challenge_upload(
            event.id,
            event.labels,
            app.settings.zip_megabytes_max,
            way,
            first=event.phase == Phase.LOBBY and not app.challenge.complete(event.id),
        )
    told, report = st.session_state.get(state.UPLOAD, ("", None))
    if report is not None and told == event.id:
        with st.container(key="upload_report"):
            class_setup.upload_report(report, event.labels)
            in_view("upload_report", repr(report))
    judgement(app, event, counts)  # it comes late: below all ways to photos


@st.fragment(run_every=CHECK_EVERY_S)
def ready_for_the_day(app: App, event: EventView) -> None:
    guard.require_facilitator()  # a fragment runs without the page
    try:
        off_s = own_clock()
        checklist.checklist(app.checklist.look(event.id, viewer.base_url(), off_s))
    except ClassroomError as error:
        st.error(sentence(error), icon="⚠️")


def class_end(app: App, event: EventView) -> None:
    wanted = end_view.class_end(
        app.retention.end(event.id),
        dt.datetime.now(dt.UTC),
        keep_days_max=app.retention.keep_days_max(),
        deletes=app.settings.keep_closed_days > 0,
    )

    def save(wish: EndWish) -> str:
        if wish.ends_at is None:
            app.retention.set_keep(event.id, wish.keep_days)
            return t_kanji("end_keep_saved")
        app.retention.set_end(event.id, wish.ends_at)
        return t_kanji("end_saved")

    if wanted is not None:
        attempt("end", functools.partial(save, wanted))
    staff_frame.notice("end")


def contest_rules(app: App, event: EventView) -> None:
    wanted = contest.rules_form(app.contest.rules(event.id))
    staff_frame.notice("rules")

    def save(rules: ContestRules) -> str:
        app.contest.set_rules(event.id, rules)
        return t_kanji("co_saved")

    if wanted is not None:
        attempt("rules", functools.partial(save, wanted))


def change_labels(app: App, event: EventView) -> None:
    wish = class_changes.labels_menu(event.labels, fixed=event.phase != Phase.LOBBY)
    staff_frame.notice("labels")
    if wish is not None:
        attempt("labels", functools.partial(_change_label, app, event, wish))


def _change_label(app: App, event: EventView, wish: LabelWish) -> str:
    st.session_state.pop(state.UPLOAD, None)  # it names labels as they were
    if wish.wanted is None:
        app.class_changes.remove_label(event.id, wish.label_id or "")
        return t_kanji("cc_took_out")
    if wish.label_id is None:
        app.class_changes.add_label(event.id, wish.wanted)
    else:
        app.class_changes.rename_label(event.id, wish.label_id, wish.wanted)
    return t_kanji("cc_saved")


def show_practice(app: App, event: EventView) -> None:
    wanted = st.toggle(
        t_kanji("ch_show_practice"),
        value=event.show_practice,
        # Its key changes with the setting: what another facilitator chose meanwhile is shown, not undone.
        key=f"show_practice_{event.id}_{event.show_practice}",
        help=t_kanji("ch_show_practice_hint"),
    )
    if wanted != event.show_practice:
        app.classes.allow_practice_photos(event.id, wanted)
        st.rerun()


def faces_setting(app: App, event: EventView) -> None:
    wanted = face_rule.choose(event.faces, key=f"faces_{event.id}")
    if wanted != event.faces:
        app.classes.set_faces(event.id, wanted)
        st.rerun()


def networks_setting(app: App, event: EventView) -> None:
    networks, address = app.venue.networks(event.id), viewer.address()
    inside = app.venue.lets_in(event.id, address)
    wanted = venue.networks_form(networks, address, inside=inside, key=f"venue_{event.id}")
    staff_frame.notice("venue")

    def save(text: str) -> str:
        app.venue.set_networks(event.id, text)
        return t_kanji("venue_saved")

    if wanted is not None:
        attempt("venue", functools.partial(save, wanted))


def by_camera(app: App, event: EventView, counts: Mapping[tuple[str, Half], int]) -> None:
    """Shots go straight to their route; here the last one can be taken back."""
    with st.container(key="by_camera"):
        label = challenge_camera.choose_label(event.labels, counts)
        left, right = st.columns([3, 1], gap="medium")
        with left:
            challenge_camera.shoot(event.id, label)
        newest = app.shots.newest(event.id, label.id) if event.phase == Phase.LOBBY else None
        with right:
            undo = newest is not None and challenge_camera.last_one(newest)
            staff_frame.notice("shots")
        in_view("by_camera", event.id)

    def take_back(photo_id: str) -> str:
        app.challenge.take_out(event.id, [photo_id])
        return t_kanji("ch_shot_gone")

    if newest is not None and undo:
        attempt("shots", functools.partial(take_back, newest))


def judgement(app: App, event: EventView, counts: Mapping[tuple[str, Half], int]) -> None:
    """What is in the set: pictures alike, and how hard it will be."""
    if challenge_view.one_sided(event.labels, counts):
        st.warning(t_kanji("ch_all_alike_hint"), icon="👯")
    challenge_view.alike(app.challenge.alike(event.id))
    if counts:
        forecast(app, event)


@st.fragment(run_every=LIVE_EVERY_S)
def forecast(app: App, event: EventView) -> None:
    guard.require_facilitator()  # a fragment runs without the page
    try:
        challenge_view.expectation(app.expectations.expect(event.id), event.labels)
        shown = app.expectations.shown(event.id)
    except ClassroomError as error:
        st.error(sentence(error), icon="⚠️")
        return
    if challenge_view.show_baselines(event.id, shown) != shown:
        app.expectations.show(event.id, not shown)
        st.rerun()


def take_out(app: App, event: EventView) -> None:
    """Looking through the photos that are in; the wrong ones go."""
    going = class_setup.take_out(event.id, lambda: app.challenge.photos(event.id), event.labels)
    if going:
        st.session_state.pop(state.UPLOAD, None)
        attempt("take_out", lambda: t_kanji("ch_taken_out", number=app.challenge.take_out(event.id, going)))
