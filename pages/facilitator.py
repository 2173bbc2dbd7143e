"""The facilitator's page: choose or make a class, get it ready, lead it through the day, watch it live."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import replace

import streamlit as st

from classroom_app.errors import ClassroomError
from classroom_app.states import SWAP_PHASES, Half, Leader, Phase
from classroom_app.ui import guard, state, viewer
from classroom_app.ui.texts import label_kanji, t_kanji
from classroom_app.ui.widgets import (
    challenge as challenge_view,
)
from classroom_app.ui.widgets import (
    challenge_camera,
    checklist,
    class_changes,
    class_form,
    class_setup,
    contest,
    face_rule,
    health,
    jobs,
    monitor,
    phases,
    show_control,
    staff_frame,
    swap_control,
    venue,
    words_form,
)
from classroom_app.ui.widgets import (
    class_end as end_view,
)
from classroom_app.ui.widgets.class_setup import Sent
from classroom_app.views import ChallengeUpload, EventView, PartNow

app, user = guard.require_facilitator()
LIVE_EVERY_S = 3
CLOCK_EVERY_S = 1
CHECK_EVERY_S = 5


def sentence(error: ClassroomError) -> str:
    return t_kanji(error.key, **error.params)


def new_class_form() -> None:
    staff_frame.section(t_kanji("fa_new_title"), t_kanji("fa_new_hint"))
    wanted = class_form.new_class(app.settings.max_groups)
    if wanted is None:
        return
    try:
        event = app.classes.create(
            wanted.name, wanted.groups, template=wanted.template, labels=wanted.labels, faces=wanted.faces
        )
    except ClassroomError as error:
        st.error(sentence(error), icon="⚠️")
        return
    st.session_state.pop(state.NEW_CLASS, None)
    st.session_state[state.CLASS_MADE] = event.id
    state.tell("class", t_kanji("fa_created"))
    st.rerun()


def open_projector(event: EventView, *, final_made: bool) -> None:
    link = f"/projector/{app.access.projector_link(event.id)}"
    with st.container(horizontal=True, key="projector_links"):
        st.link_button(t_kanji("fa_projector"), link, icon="📽️")
        st.link_button(t_kanji("fa_cards"), f"/cards/{event.id}.pdf", icon="🖨️")
        if final_made:
            contest.take_away(event.id)
        with st.popover(t_kanji("fa_projector_link"), icon="🔗"):
            st.write(t_kanji("fa_projector_hint"))
            st.code(f"{viewer.base_url()}{link}", language=None, wrap_lines=True)
            if st.button(t_kanji("fa_projector_renew"), key="renew_projector", icon="🔄"):
                app.access.rotate_projector(event.id)
                state.tell("projector", t_kanji("fa_projector_renewed"))
                st.rerun()
        dark_screens(event)
    staff_frame.notice("projector")
    take_home_setting(event, final_made=final_made)


def take_home_setting(event: EventView, *, final_made: bool) -> None:
    allowed = app.take_home.allowed(event.id)
    wanted = contest.take_home(event.id, allowed=allowed, ready=final_made)
    if wanted != allowed:
        app.take_home.allow(event.id, wanted)
        st.rerun()


def loopback_warning() -> None:
    if not viewer.ipads_reach_us():
        st.warning(t_kanji("fa_loopback", url=viewer.base_url()), icon="📵")


def dark_screens(event: EventView) -> None:
    dark = app.screen.look(event.id).dark
    wanted = show_control.dark_screens(dark)
    if wanted != dark:
        app.show.set_dark(event.id, wanted)
        st.rerun()


def lead(event: EventView, seen: int) -> Callable[[show_control.Move], None]:
    def move(wanted: show_control.Move) -> None:
        guard.require_facilitator()
        try:
            if wanted == "replay":
                app.show.replay(event.id, Leader.FACILITATOR)
            else:
                {"next": app.show.next, "back": app.show.back}[wanted](event.id, seen, Leader.FACILITATOR)
            state.hush()
        except ClassroomError as error:
            state.tell("show", sentence(error), good=False)

    return move


@st.fragment
def lead_show(event: EventView) -> None:
    guard.require_facilitator()  # a fragment runs without the page: the cookie counts here too
    try:
        now = app.screen.look(event.id)
        show_control.follow_show(event.id, now)
        if now.phase != event.phase:
            st.rerun()  # another facilitator has moved the class
        pace = show_control.show_control(now, app.show.story(event.id), lead(event, now.show.step))
        staff_frame.notice("show")
        if pace != now.pace_s:
            app.show.set_automatic(event.id, pace)
            st.rerun()
    except ClassroomError as error:
        st.error(sentence(error), icon="⚠️")


def move_to(event: EventView, *, final_made: bool) -> Callable[[Phase], None]:
    def move(phase: Phase) -> None:
        try:
            app.classes.set_phase(event.id, phase, reopen=final_made and phase == Phase.COLLECT)
            state.hush()
        except ClassroomError as error:
            state.tell("phases", sentence(error), good=False)
        st.rerun()

    return move


def round_clock(event: EventView) -> None:
    guard.require_facilitator()  # a fragment runs without the page: the cookie counts here too
    try:
        wish = contest.round_clock(app.contest.clock(event.id))
        staff_frame.notice("round")
        if wish is None:
            return
        moves: dict[str, Callable[[], None]] = {
            "start": lambda: app.contest.start_round(event.id, wish.minutes),
            "stop": lambda: app.contest.start_round(event.id, None),
            "pause": lambda: app.contest.pause(event.id),
            "go_on": lambda: app.contest.go_on(event.id),
            "add": lambda: app.contest.add_minutes(event.id, wish.minutes),
        }
        moves[wish.action]()
        state.hush()
    except ClassroomError as error:
        state.tell("round", sentence(error), good=False)
    st.rerun()


@st.fragment(run_every=LIVE_EVERY_S)
def swap_round(event: EventView) -> None:
    guard.require_facilitator()  # a fragment runs without the page: the cookie counts here too
    try:
        now = app.swap.look(event.id)
        wish = swap_control.swap_control(now)
        staff_frame.notice("swap")
        if wish is None:
            return
        if wish == "turn_on":
            app.swap.turn_on(event.id, now.turn or 0)
        else:
            {"start": app.swap.start, "end": app.swap.end}[wish](event.id)
        state.hush()
    except ClassroomError as error:
        state.tell("swap", sentence(error), good=False)
    st.rerun()


def contest_rules(event: EventView) -> None:
    wanted = contest.rules_form(app.contest.rules(event.id))
    staff_frame.notice("rules")
    if wanted is None:
        return
    try:
        app.contest.set_rules(event.id, wanted)
        state.tell("rules", t_kanji("co_saved"))
    except ClassroomError as error:
        state.tell("rules", sentence(error), good=False)
    st.rerun()


def change_class(event: EventView) -> None:
    wish = class_changes.class_menu(event)
    if wish is None:
        return
    try:
        if wish.copy:
            made = app.classes.make(replace(app.classes.plan(event.id), name=wish.name))
            st.session_state[state.CLASS_MADE] = made.id
            number = app.challenge.copy(made.id, event.id) if wish.challenge_too else 0
            state.tell("class", t_kanji("cc_copied", name=made.name, number=number))
        else:
            app.class_changes.rename(event.id, wish.name)
            state.tell("class", t_kanji("cc_saved"))
    except ClassroomError as error:
        state.tell("class", sentence(error), good=False)
    st.rerun()


def change_labels(event: EventView) -> None:
    wish = class_changes.labels_menu(event.labels, fixed=event.phase != Phase.LOBBY)
    staff_frame.notice("labels")
    if wish is None:
        return
    try:
        if wish.wanted is None:
            app.class_changes.remove_label(event.id, wish.label_id or "")
            state.tell("labels", t_kanji("cc_took_out"))
        elif wish.label_id is None:
            app.class_changes.add_label(event.id, wish.wanted)
            state.tell("labels", t_kanji("cc_saved"))
        else:
            app.class_changes.rename_label(event.id, wish.label_id, wish.wanted)
            state.tell("labels", t_kanji("cc_saved"))
    except ClassroomError as error:
        state.tell("labels", sentence(error), good=False)
    st.rerun()


@st.fragment(run_every=CHECK_EVERY_S)
def ready_for_the_day(event: EventView) -> None:
    guard.require_facilitator()  # a fragment runs without the page
    try:
        checklist.checklist(app.checklist.look(event.id, viewer.base_url()))
    except ClassroomError as error:
        st.error(sentence(error), icon="⚠️")


def challenge(event: EventView) -> None:
    if event.phase == Phase.LOBBY:
        ready_for_the_day(event)
    class_end(event)
    contest_rules(event)
    staff_frame.section(t_kanji("ch_title"), t_kanji("ch_hint"))
    change_labels(event)
    show_practice(event)
    faces_setting(event)
    networks_setting(event)
    table, progress = st.container(), st.empty()
    counts, locked = app.challenge.counts(event.id), app.challenge.locked(event.id)
    if locked:
        st.info(t_kanji("ch_locked"), icon="🔒")
    elif (way := class_setup.choose_way()) == class_setup.CAMERA:
        by_camera(event, counts)
    elif (
        sent := class_setup.challenge_upload(event.labels, app.settings.zip_megabytes_max, way)
    ) is not None:
        with progress:
            state.hush()
            st.session_state[state.UPLOAD] = (event.id, store(event, sent))
        st.rerun()
    staff_frame.notice("upload")
    told, report = st.session_state.get(state.UPLOAD, ("", None))
    if report is not None and told == event.id:
        class_setup.upload_report(report)
    with table:
        class_setup.challenge_counts(event.labels, counts)
        judgement(event, counts)
        may_clear = event.phase == Phase.LOBBY and not locked
        wanted = class_setup.clear_label(event.labels, counts) if may_clear else None
        staff_frame.notice("clear")
    if wanted is not None:
        clear_label(event, wanted)


def by_camera(event: EventView, counts: Mapping[tuple[str, Half], int]) -> None:
    """Shots go straight to their route; here the last one can be taken back."""
    label = challenge_camera.choose_label(event.labels, counts)
    left, right = st.columns([4, 1], gap="medium")
    with left:
        challenge_camera.shoot(event.id, label)
    newest = app.shots.newest(event.id, label.id) if event.phase == Phase.LOBBY else None
    with right:
        undo = newest is not None and challenge_camera.last_one(newest)
        staff_frame.notice("shots")
    if newest is None or not undo:
        return
    try:
        app.shots.take_out(event.id, newest)
        state.tell("shots", t_kanji("ch_shot_gone"))
    except ClassroomError as error:
        state.tell("shots", sentence(error), good=False)
    st.rerun()


def judgement(event: EventView, counts: Mapping[tuple[str, Half], int]) -> None:
    """What is in the set: pictures alike, and how hard it will be."""
    if challenge_view.one_sided(event.labels, counts):
        st.warning(t_kanji("ch_all_alike_hint"), icon="👯")
    challenge_view.alike(app.challenge.alike(event.id))
    if counts:
        forecast(event)


@st.fragment(run_every=LIVE_EVERY_S)
def forecast(event: EventView) -> None:
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


def clear_label(event: EventView, label_id: str) -> None:
    st.session_state.pop(state.UPLOAD, None)
    try:
        state.tell("clear", t_kanji("ch_cleared", number=app.challenge.clear(event.id, label_id)))
    except ClassroomError as error:
        state.tell("clear", sentence(error), good=False)
    st.rerun()


def show_practice(event: EventView) -> None:
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


def faces_setting(event: EventView) -> None:
    wanted = face_rule.choose(event.faces, key=f"faces_{event.id}")
    if wanted != event.faces:
        app.classes.set_faces(event.id, wanted)
        st.rerun()


def networks_setting(event: EventView) -> None:
    networks, address = app.venue.networks(event.id), viewer.address()
    inside = app.venue.lets_in(event.id, address)
    wanted = venue.networks_form(networks, address, inside=inside, key=f"venue_{event.id}")
    staff_frame.notice("venue")
    if wanted is None:
        return
    try:
        app.venue.set_networks(event.id, wanted)
        state.tell("venue", t_kanji("venue_saved"))
    except ClassroomError as error:
        state.tell("venue", sentence(error), good=False)
    st.rerun()


def store(event: EventView, sent: Sent) -> ChallengeUpload | None:
    bar = st.progress(0.0)

    def show(done: int, total: int) -> None:
        bar.progress(done / max(total, 1), t_kanji("ch_progress", done=done, total=total))

    try:
        if sent.zip_file is not None:
            return app.challenge.add_zip(event.id, sent.zip_file, show)
        return app.challenge.add_files(event.id, sent.label_id, list(sent.files), show)
    except ClassroomError as error:
        state.tell("upload", sentence(error), good=False)
        return None
    finally:
        bar.empty()


def ways_in(event: EventView) -> None:
    base = viewer.base_url()
    staff_frame.section(t_kanji("jo_title"), t_kanji("jo_hint", url=f"{base}/join"))
    wish = class_setup.group_ways_in(event.groups, base)
    staff_frame.notice("ways_in")
    if wish is None:
        return
    try:
        if wish.add:
            added = app.class_changes.add_group(event.id)
            name = f"{added.emoji} {label_kanji(added.name(viewer.lang()))}"
            state.tell("ways_in", t_kanji("cc_added_group", name=name))
        elif wish.names is not None:
            app.class_changes.rename_group(event.id, wish.group_id, *wish.names)
            state.tell("ways_in", t_kanji("cc_saved"))
        else:
            app.classes.renew_group_links(event.id, wish.group_id)
            state.tell("ways_in", t_kanji("jo_renewed"))
    except ClassroomError as error:
        state.tell("ways_in", sentence(error), good=False)
    st.rerun()


@st.fragment(run_every=LIVE_EVERY_S)
def live(event: EventView) -> None:
    guard.require_facilitator()  # a fragment runs without the page: the cookie counts here too
    try:
        now = app.console.look(event.id, behind_the_curtain=bool(st.session_state.get(state.CURTAIN)))
    except ClassroomError as error:
        st.error(sentence(error), icon="⚠️")
        return
    monitor.cannot_send(now.trouble)
    monitor.summary(now.lines)
    monitor.tiles(now, event.labels, lambda group_id: class_form.group_address(event.id, group_id))
    jobs.counts(now.jobs)
    st.toggle(t_kanji("mo_curtain"), key=state.CURTAIN)
    challenge_view.seen(now.seen, event.groups)
    found = app.readiness.look()
    health.health([PartNow(name, works) for name, works in found.parts.items()], app.tier.servers())


def tell_everybody(event: EventView) -> None:
    """A sentence for all iPads of the class; for those of one group it is on that group's page."""
    wanted = words_form.choose("all", t_kanji("cs_words"), t_kanji("cs_say_all"), "💬")
    staff_frame.notice("words")
    if wanted is None:
        return
    try:
        app.words.say(event.id, wanted)
        state.tell("words", t_kanji("cs_said_all", text=words_form.shown(wanted)))
    except ClassroomError as error:
        state.tell("words", sentence(error), good=False)
    st.rerun()


def watch(event: EventView) -> None:
    live(event)
    with st.expander(t_kanji("cs_say_all"), icon="💬"):
        tell_everybody(event)


def look_on(event: EventView) -> None:
    """An instructor's part: the screens, the show, and the class as it is now."""
    link = f"/projector/{app.access.projector_link(event.id)}"
    st.link_button(t_kanji("fa_projector"), link, icon="📽️", type="primary")
    if event.phase == Phase.REVEAL:
        lead_show(event)
    if event.phase in SWAP_PHASES:
        swap_round(event)
    live(event)


def class_end(event: EventView) -> None:
    wanted = end_view.class_end(app.retention.end(event.id), dt.datetime.now(dt.UTC))
    if wanted is not None:
        try:
            app.retention.set_end(event.id, wanted)
            state.tell("end", t_kanji("end_saved"))
        except ClassroomError as error:
            state.tell("end", sentence(error), good=False)
        st.rerun()
    staff_frame.notice("end")


def one_class(event: EventView) -> None:
    number = app.final.number(event.id)
    phases.phase_steps(event.phase, move_to(event, final_made=number > 0), final_made=number > 0)
    staff_frame.notice("phases")
    contest.final_mark(number)
    if event.phase == Phase.COLLECT:
        st.fragment(round_clock, run_every=CLOCK_EVERY_S)(event)
    if event.phase in SWAP_PHASES:
        swap_round(event)
    if event.phase == Phase.REVEAL:
        lead_show(event)
    open_projector(event, final_made=number > 0)
    if event.phase == Phase.LOBBY and not app.challenge.complete(event.id):
        st.info(t_kanji("ch_first"), icon="🧩")
    names = [
        f"👀 {t_kanji('fa_tab_monitor')}",
        f"🧩 {t_kanji('fa_tab_setup')}",
        f"🚪 {t_kanji('fa_tab_groups')}",
    ]
    first = names[1] if event.phase == Phase.LOBBY else names[0]
    tabs = st.tabs(names, default=first, key=state.SECTION, on_change="rerun")
    for tab, show in zip(tabs, (watch, challenge, ways_in), strict=True):
        if tab.open:  # the others cost nothing
            with tab:
                show(event)
    if event.phase != Phase.LOBBY or not tabs[1].open:
        loopback_warning()  # below what is looked at; on the set-up of the lobby the check list says it


staff_frame.style()
may_change = guard.account_of(app).may_change
links = [(t_kanji("guide_link"), "/guide.pdf"), (t_kanji("cs_jobs"), class_form.address("jobs"))]
if may_change:
    links.append((t_kanji("fa_reset"), class_form.address("reset")))
staff_frame.top_bar(t_kanji("fa_title"), "facilitator", links, user)
events = app.classes.all()
with st.container(horizontal=True, vertical_alignment="bottom", key="choose_class"):
    chosen = class_form.choose_class(
        [
            (x.id, f"{x.name}　{''.join(y.emoji for y in x.labels)}")  # its phase is shown below
            for x in events
        ],
        on_change=state.hush,
        compact=True,
    )
    making = may_change and (state.NEW_CLASS in st.session_state or not events)
    text, icon = (t_kanji("fa_cancel"), "✖️") if making else (t_kanji("fa_new_class"), "➕")
    if events and may_change and st.button(text, key="new_class_button", icon=icon):
        if making:
            del st.session_state[state.NEW_CLASS]
        else:
            st.session_state[state.NEW_CLASS] = True
        st.rerun()
    if may_change and not making and chosen is not None:
        change_class(next(event for event in events if event.id == chosen))
staff_frame.notice("class")
if making:
    new_class_form()
elif not events:
    st.info(t_kanji("fa_no_class"), icon="🗂️")
else:
    show_class = one_class if may_change else look_on
    show_class(next(event for event in events if event.id == chosen))
