"""The facilitator's page: choose or make a class, get it ready, lead it through the day, watch it live."""

from dataclasses import replace
from functools import partial

import streamlit as st

from classroom_app.errors import ClassroomError
from classroom_app.states import SWAP_PHASES, Phase
from classroom_app.ui import guard, state
from classroom_app.ui.facilitator import day, groups, set_up, ways
from classroom_app.ui.telling import attempt, sentence
from classroom_app.ui.texts import t_kanji
from classroom_app.ui.widgets import class_changes, class_form, contest, phases, staff_frame
from classroom_app.ui.widgets.class_changes import ClassWish
from classroom_app.views.classes import EventView

app, _ = guard.require_facilitator()


def new_class_form() -> None:
    staff_frame.section(t_kanji("fa_new_title"), t_kanji("fa_new_hint"))
    wanted = class_form.new_class(app.settings.max_groups)
    if wanted is None:
        return
    try:
        event = app.classes.create(
            wanted.name,
            wanted.groups.animals,
            template=wanted.template,
            labels=wanted.labels,
            faces=wanted.faces,
            ipads=wanted.groups.ipads,
        )
    except ClassroomError as error:
        st.error(sentence(error), icon="⚠️")
        return
    st.session_state.pop(state.NEW_CLASS, None)
    st.session_state[state.CLASS_MADE] = event.id
    state.tell("class", t_kanji("fa_created"))
    st.rerun()


def change_class(event: EventView) -> None:
    wish = class_changes.class_menu(event)

    def change(wanted: ClassWish) -> str:
        if not wanted.copy:
            app.class_changes.rename(event.id, wanted.name)
            return t_kanji("cc_saved")
        made = app.classes.make(replace(app.classes.plan(event.id), name=wanted.name))
        st.session_state[state.CLASS_MADE] = made.id
        number = app.challenge.copy(made.id, event.id) if wanted.challenge_too else 0
        return t_kanji("cc_copied", name=made.name, number=number)

    if wish is not None:
        attempt("class", partial(change, wish))


def look_on(event: EventView) -> None:
    """An instructor's part: the screens, the show, and the class as it is now."""
    link = f"/projector/{app.access.projector_link(event.id)}"
    leads = event.phase == Phase.REVEAL
    st.link_button(t_kanji("fa_projector"), link, icon="📽️", type="secondary" if leads else "primary")
    if leads:
        day.lead_show(app, event, over=day.show_is_over(app, event))
    if event.phase in SWAP_PHASES:
        day.swap_round(app, event)
    groups.live(app, event)


def one_class(event: EventView) -> None:
    number = app.final.number(event.id)
    phases.phase_steps(
        event.phase,
        day.phase_moves(app, event, final_made=number > 0),
        final_made=number > 0,
        calm=day.something_else_first(app, event),
    )
    staff_frame.notice("phases")
    contest.final_mark(number)
    if event.phase == Phase.COLLECT:
        st.fragment(day.round_clock, run_every=day.CLOCK_EVERY_S)(app, event)
    swaps = event.phase in SWAP_PHASES
    under_way = swaps and app.swap.look(event.id).turn is not None
    if under_way:
        day.swap_round(app, event)
    if event.phase == Phase.REVEAL:
        day.lead_show(app, event, over=day.show_is_over(app, event))
    day.open_projector(app, event, final_made=number > 0)
    if event.phase == Phase.LOBBY and not app.challenge.complete(event.id):
        st.info(t_kanji("ch_first"), icon="🧩")
    if event.phase == Phase.CLOSED and number > 0:
        st.info(t_kanji("fa_closed_next"), icon="👋")
    names = [
        f"👀 {t_kanji('fa_tab_monitor')}",
        f"🧩 {t_kanji('fa_tab_setup')}",
        f"🚪 {t_kanji('fa_tab_groups')}",
    ]
    first = names[1] if event.phase == Phase.LOBBY else names[0]
    tabs = st.tabs(names, default=first, key=state.SECTION, on_change="rerun")
    for tab, show in zip(tabs, (groups.watch, set_up.set_up, groups.ways_in), strict=True):
        if tab.open:  # the others cost nothing
            with tab:
                show(app, event)
                if show == groups.watch and swaps and not under_way:
                    day.swap_round(app, event)  # below the groups, which are looked at more often
    if event.phase != Phase.LOBBY or not tabs[1].open:
        day.loopback_warning()  # below what is looked at; on the set-up of the lobby the check list says it


staff_frame.style()
leads_day, may_make = app.lets("classes", "set_phase"), app.lets("classes", "create")
ways.top_bar(app, t_kanji("fa_title"), "facilitator")
events = app.classes.all()
making = may_make and (state.NEW_CLASS in st.session_state or not events)
chosen = None
with st.container(horizontal=True, vertical_alignment="bottom", key="choose_class"):
    if not making:
        chosen = class_form.choose_class(
            [
                (x.id, f"{x.name}  {''.join(y.emoji for y in x.labels)}")  # its phase is shown below
                for x in events
            ],
            on_change=state.hush,
            compact=True,
        )
    text, icon = (t_kanji("fa_cancel"), "✖️") if making else (t_kanji("fa_new_class"), "➕")
    if events and may_make and st.button(text, key="new_class_button", icon=icon):
        if making:
            del st.session_state[state.NEW_CLASS]
        else:
            st.session_state[state.NEW_CLASS] = True
        st.rerun()
    if app.lets("class_changes", "rename") and chosen is not None:
        change_class(next(event for event in events if event.id == chosen))
staff_frame.notice("class")
if making:
    new_class_form()
elif not events:
    st.info(t_kanji("fa_no_class"), icon="🗂️")
else:
    show_class = one_class if leads_day else look_on
    show_class(next(event for event in events if event.id == chosen))
