"""The groups of a class: how they are right now, a word to all of them, how they join."""

from __future__ import annotations

import functools

import streamlit as st

from classroom_app.errors import ClassroomError
from classroom_app.resources import App
from classroom_app.ui import guard, state, viewer
from classroom_app.ui.facilitator import parts
from classroom_app.ui.telling import attempt, sentence
from classroom_app.ui.texts import label_kanji, t_kanji
from classroom_app.ui.widgets import (
    challenge as challenge_view,
)
from classroom_app.ui.widgets import (
    class_form,
    class_setup,
    health,
    jobs,
    monitor,
    staff_frame,
    words_form,
)
from classroom_app.ui.widgets.class_setup import GroupWish
from classroom_app.views.classes import EventView, StaffSentence

LIVE_EVERY_S = 2  # a look is 16 short statements, 6 ms for 12 groups


def watch(app: App, event: EventView) -> None:
    live(app, event)
    with st.expander(f"💬 {t_kanji('cs_say_all')}"):
        tell_everybody(app, event)


@st.fragment(run_every=LIVE_EVERY_S)
def live(app: App, event: EventView) -> None:
    guard.require_facilitator()  # a fragment runs without the page: the cookie counts here too
    try:
        now = app.console.look(event.id, behind_the_curtain=bool(st.session_state.get(state.CURTAIN)))
    except ClassroomError as error:
        st.error(sentence(error), icon="⚠️")
        return
    works = parts.look(app)
    monitor.cannot_send(now.trouble)
    monitor.summary(now.lines)
    monitor.tiles(now, event.labels, lambda group_id: class_form.group_address(event.id, group_id))
    jobs.counts(now.jobs, goes_on=parts.can_train(app, event, works))
    st.toggle(t_kanji("mo_curtain"), key=state.CURTAIN)
    challenge_view.seen(now.seen, event.groups)
    health.health(works, app.tier.servers())


def tell_everybody(app: App, event: EventView) -> None:
    """A sentence for all iPads of the class; for those of one group it is on that group's page."""
    wanted = words_form.choose("all", t_kanji("cs_words"), t_kanji("cs_say_all"), "💬")
    staff_frame.notice("words")

    def say(sentence_for_all: StaffSentence) -> str:
        app.words.say(event.id, sentence_for_all)
        return t_kanji("cs_said_all", text=words_form.shown(sentence_for_all))

    if wanted is not None:
        attempt("words", functools.partial(say, wanted))


def ways_in(app: App, event: EventView) -> None:
    base = viewer.base_url()
    staff_frame.section(t_kanji("jo_title"), t_kanji("jo_hint", url=f"{base}/join"))
    wish = class_setup.group_ways_in(event.id, event.groups, base)
    staff_frame.notice("ways_in")
    if wish is not None:
        attempt("ways_in", functools.partial(_change_group, app, event, wish))


def _change_group(app: App, event: EventView, wish: GroupWish) -> str:
    if wish.add:
        added = app.class_changes.add_group(event.id)
        name = f"{added.emoji} {label_kanji(added.name(viewer.lang()))}"
        return t_kanji("cc_added_group", name=name)
    if wish.names is not None:
        app.class_changes.rename_group(event.id, wish.group_id, *wish.names)
        return t_kanji("cc_saved")
    if wish.ipads is not None:
        app.class_changes.set_group_ipads(event.id, wish.group_id, wish.ipads)
        return t_kanji("cc_saved")
    app.classes.renew_group_links(event.id, wish.group_id)
    return t_kanji("jo_renewed")
