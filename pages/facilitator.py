"""The facilitator's page: choose or make a class, get it ready, lead it through the day, watch it live.

Knows nothing of how anything is stored; it hands the services' data to widgets and their wishes back.
"""

from collections.abc import Callable

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from classroom_app.errors import ClassroomError
from classroom_app.services.board import BoardRow
from classroom_app.services.classes import EventView
from classroom_app.ui import guard, state, viewer
from classroom_app.ui.texts import t_kanji
from classroom_app.ui.widgets import class_form, class_setup, face_rule, monitor, phases, staff_frame

app, user = guard.require_facilitator()
LANG = viewer.lang()
LIVE_EVERY_S = 3


def sentence(error: ClassroomError) -> str:
    return t_kanji(error.key, **error.params)


def new_class_form() -> None:
    staff_frame.section(t_kanji("fa_new_title"), t_kanji("fa_new_hint"))
    subjects = [
        class_form.Subject(
            template.key,
            template.emoji,
            template.name_en if LANG == "en" else template.name_ja,
            template.hint_en if LANG == "en" else template.hint_ja,
            [(label.emoji, label.name_en if LANG == "en" else label.name_ja) for label in template.labels],
        )
        for template in app.events.templates()
    ]
    wanted = class_form.new_class(subjects, app.settings.max_groups, animals)
    if wanted is None:
        return
    labels = [app.events.new_label(x.key, x.emoji, x.name_ja, x.name_en) for x in wanted.labels]
    try:
        event = app.events.create(
            wanted.name, wanted.groups, template=wanted.template, labels=labels, faces=wanted.faces
        )
    except ClassroomError as error:
        st.error(sentence(error), icon="⚠️")
        return
    st.session_state.pop(state.NEW_CLASS, None)
    st.session_state[state.CLASS_MADE] = event.id
    state.tell(t_kanji("fa_created"))
    st.rerun()


def animals(number: int) -> list[class_form.Animal]:
    return [
        class_form.Animal(
            group.emoji, group.name_en if LANG == "en" else group.name_ja, group.color, group.ink
        )
        for group in app.events.animals(number)
    ]


def open_projector(event: EventView) -> None:
    link = f"/projector/{app.access.projector_link(event.id)}"
    with st.container(horizontal=True, key="doors"):
        st.link_button(t_kanji("fa_projector"), link, icon="📽️", type="primary")
        st.link_button(t_kanji("fa_cards"), f"/cards/{event.id}.pdf", icon="🖨️")
        with st.popover(t_kanji("fa_projector_link"), icon="🔗"):
            st.write(t_kanji("fa_projector_hint"))
            st.code(f"{viewer.base_url()}{link}", language=None, wrap_lines=True)
            if st.button(t_kanji("fa_projector_renew"), key="renew_projector", icon="🔄"):
                app.access.rotate_projector(event.id)
                state.tell(t_kanji("fa_projector_renewed"))
                st.rerun()


def move_to(event: EventView) -> Callable[[str], None]:
    def move(phase: str) -> None:
        try:
            app.events.set_phase(event.id, phase)
        except ClassroomError as error:
            state.tell(sentence(error), good=False)
        st.rerun()

    return move


def challenge(event: EventView) -> None:
    staff_frame.section(t_kanji("ch_title"), t_kanji("ch_hint"))
    labels = [class_setup.SetupLabel(x.id, x.key, x.emoji, x.name(LANG)) for x in event.labels]
    show_practice(event)
    faces_setting(event)
    table, progress = st.container(), st.empty()
    counts, locked = app.challenge.counts(event.id), app.challenge.locked(event.id)
    if locked:
        st.info(t_kanji("ch_locked"), icon="🔒")
    elif (sent := class_setup.challenge_upload(labels)) is not None:
        st.session_state[state.UPLOAD] = (event.id, store(event, sent, progress))
        st.rerun()
    told, report = st.session_state.get(state.UPLOAD, ("", None))
    if report is not None and told == event.id:
        class_setup.upload_report(report)
    with table:
        class_setup.challenge_counts(labels, counts)
        may_clear = event.phase == "lobby" and not locked
        wanted = class_setup.clear_label(labels, counts) if may_clear else None
    if wanted is not None:
        clear_label(event, wanted)


def clear_label(event: EventView, label_id: str) -> None:
    st.session_state.pop(state.UPLOAD, None)
    try:
        state.tell(t_kanji("ch_cleared", number=app.challenge.clear(event.id, label_id)))
    except ClassroomError as error:
        state.tell(sentence(error), good=False)
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
        app.events.allow_practice_photos(event.id, wanted)
        st.rerun()


def faces_setting(event: EventView) -> None:
    wanted = face_rule.choose(event.faces, key=f"faces_{event.id}")
    if wanted != event.faces:
        app.events.set_faces(event.id, wanted)
        st.rerun()


def store(event: EventView, sent: class_setup.Sent, progress: DeltaGenerator) -> class_setup.Report | None:
    def show(done: int, total: int) -> None:
        progress.progress(done / max(total, 1), t_kanji("ch_progress", done=done, total=total))

    try:
        if sent.zip_bytes:
            upload = app.challenge.add_zip(event.id, sent.zip_bytes, show)
        else:
            upload = app.challenge.add_files(event.id, sent.label_id, list(sent.files), show)
    except ClassroomError as error:
        state.tell(sentence(error), good=False)
        return None
    finally:
        progress.empty()
    return class_setup.Report(upload.added, tuple((x.name, t_kanji(x.error_key)) for x in upload.rejected))


def ways_in(event: EventView) -> None:
    base = viewer.base_url()
    staff_frame.section(t_kanji("jo_title"), t_kanji("jo_hint", url=f"{base}/join"))
    groups = [
        class_setup.JoiningGroup(
            group.id,
            group.emoji,
            group.name(LANG),
            group.color,
            group.ink,
            group.joined,
            f"{base}{group.join_path}",
            group.picture_code_emoji,
        )
        for group in event.groups
    ]
    renew = class_setup.group_ways_in(groups)
    if renew is not None:
        app.events.renew_group_links(event.id, renew)
        state.tell(t_kanji("jo_renewed"))
        st.rerun()


@st.fragment(run_every=LIVE_EVERY_S)
def live(event: EventView) -> None:
    guard.require_facilitator()  # a fragment runs without the page: the cookie counts here too
    curtain = st.toggle(t_kanji("mo_curtain"), key=state.CURTAIN)
    try:
        lines = monitor_lines(event, curtain)
    except ClassroomError as error:
        st.error(sentence(error), icon="⚠️")
        return
    monitor.summary(lines)
    monitor.lines_table(lines, [(label.id, label.emoji) for label in event.labels])


def monitor_lines(event: EventView, curtain: bool) -> list[monitor.MonitorLine]:
    best = {row.group_id: row for row in app.board.board(event.id, final=False).rows}
    final = {row.group_id: row for row in app.board.board(event.id, final=True).rows} if curtain else {}
    return [
        monitor.MonitorLine(
            emoji=line.group.emoji,
            name=line.group.name(LANG),
            joined=line.group.joined,
            seen_seconds_ago=line.seen_seconds_ago,
            photos=line.photos,
            pending=line.features_pending,
            versions=line.runs,
            active=line.active_state,
            problem=t_kanji(line.last_error_key) if line.last_error_key else "",
            best=score(best[line.group.id].practice_correct, best[line.group.id].practice_total),
            final=hidden(final.get(line.group.id)),
        )
        for line in app.events.monitor(event.id)
    ]


def score(correct: int | None, total: int | None) -> str:
    return "" if correct is None else f"{correct} / {total}"


def hidden(row: BoardRow | None) -> str | None:
    if row is None or row.rank is None:
        return None if row is None else "—"
    return f"{t_kanji('mo_rank', number=row.rank)}　{score(row.final_correct, row.final_total)}"


def one_class(event: EventView) -> None:
    open_projector(event)
    phases.phase_steps(event.phase, move_to(event))
    if event.phase == "lobby" and not app.challenge.complete(event.id):
        st.info(t_kanji("ch_first"), icon="🧩")
    names = [
        f"👀 {t_kanji('fa_tab_monitor')}",
        f"🧩 {t_kanji('fa_tab_setup')}",
        f"🚪 {t_kanji('fa_tab_groups')}",
    ]
    first = names[1] if event.phase == "lobby" else names[0]
    tabs = st.tabs(names, default=first, key=state.SECTION, on_change="rerun")
    for tab, show in zip(tabs, (live, challenge, ways_in), strict=True):
        if tab.open:  # the others cost nothing
            with tab:
                show(event)


staff_frame.style()
staff_frame.top_bar(
    t_kanji("fa_title"), "facilitator", [(t_kanji("fa_reset"), class_form.address("reset"))], user
)
staff_frame.notice()
events = app.events.all()
with st.container(horizontal=True, vertical_alignment="bottom", key="choose_class"):
    chosen = class_form.choose_class(
        [
            (x.id, f"{x.name}　{''.join(y.emoji for y in x.labels)}")  # its phase is shown below
            for x in events
        ]
    )
    making = state.NEW_CLASS in st.session_state or not events
    if events and st.button(
        t_kanji("fa_cancel" if making else "fa_new_class"),
        key="new_class_button",
        icon="✖️" if making else "➕",
    ):
        st.session_state.pop(state.NEW_CLASS) if making else st.session_state.setdefault(
            state.NEW_CLASS, True
        )
        st.rerun()
if making:
    new_class_form()
else:
    one_class(next(event for event in events if event.id == chosen))
