"""Getting a class ready: the challenge photos with their counts, and the groups' ways in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from classroom_app.content import photo_formats
from classroom_app.states import IPADS_MAX, Half
from classroom_app.ui import state, texts, viewer
from classroom_app.ui.texts import t_kanji
from classroom_app.ui.widgets import photo_picker, upload
from classroom_app.ui.widgets.class_changes import group_name
from classroom_app.ui.widgets.in_view import in_view
from classroom_app.ui.widgets.qr_code import qr_image
from classroom_app.ui.widgets.staff_frame import animal, badge, code, escape, name, table
from classroom_app.views.classes import GroupView, LabelView
from classroom_app.views.console import StaffPhoto
from classroom_app.views.photos import ChallengeUpload, RejectedFiles

EACH_MIN = 2  # challenge photos of a label: one for each half
EACH_WELL = 10  # with fewer, scores are too alike to tell groups apart
FILES, CAMERA, ZIP = "files", "camera", "zip"  # the ways to challenge photos


def challenge_counts(labels: Sequence[LabelView], counts: Mapping[tuple[str, Half], int]) -> None:
    lang = viewer.lang()
    head = [t_kanji(key) for key in ("ch_label", "ch_practice", "ch_final", "ch_total")]
    rows = []
    for label in labels:
        practice, final = counts.get((label.id, Half.PRACTICE), 0), counts.get((label.id, Half.FINAL), 0)
        missing = EACH_MIN - practice - final
        judged = badge(t_kanji("ch_ok"), "good")
        if missing > 0:
            judged = badge(t_kanji("ch_few", number=missing), "bad")
        elif not (practice and final):
            judged = badge(t_kanji("ch_all_alike"), "bad")
        elif practice + final < EACH_WELL:
            judged = badge(t_kanji("ch_few_better"), "busy")
        label_name = f"{escape(label.emoji)} {name(label.name(lang))}"
        rows.append([label_name, f"{practice}", f"{final}", f"<b>{practice + final}</b> {judged}"])
    st.html(table([escape(text) for text in head], rows))


def choose_way() -> str:
    """`FILES`, `CAMERA` or `ZIP`."""
    ways = {way: t_kanji(f"ch_way_{way}") for way in (FILES, CAMERA, ZIP)}
    chosen: str = st.segmented_control(
        t_kanji("ch_way"), list(ways), format_func=lambda key: ways[key], default=FILES, required=True,
        key="challenge_way", on_change=_forget_report,
    )  # fmt: skip
    return chosen


def _forget_report() -> None:
    """What became of the files of one way says nothing of another."""
    st.session_state.pop(state.UPLOAD, None)


def challenge_upload(
    event_id: str, labels: Sequence[LabelView], megabytes_max: int, way: str, *, first: bool
) -> None:
    """Files go to their route; what became of them is kept for the page. `first`: without them nothing goes
    on.
    """
    lang, is_zip = viewer.lang(), way == ZIP
    folders = t_kanji("ch_between").join(texts.label_kanji(label.name(lang)) for label in labels)
    told = upload.upload(
        url=f"/api/events/{event_id}/challenge",
        title=t_kanji("ch_zip", folders=folders) if is_zip else t_kanji("ch_files"),
        kinds=t_kanji("ch_kinds", kinds=t_kanji("ch_between").join(photo_formats.NAMES)),
        labels=() if is_zip else labels,
        lang=lang,
        endings=("zip",) if is_zip else photo_formats.ENDINGS,
        megabytes=megabytes_max if is_zip else min(photo_formats.FILE_MEGABYTES_MAX, megabytes_max),
        first=first,
        heard=st.session_state.get(state.UPLOAD_HEARD, ""),
        key=f"challenge_upload_{event_id}",
    )
    if told is None or (told.id and told.id == st.session_state.get(state.UPLOAD_HEARD)):
        return
    state.hush()
    st.session_state.pop(state.UPLOAD, None)
    if told.report is not None:
        st.session_state[state.UPLOAD] = (event_id, told.report)
        st.session_state[state.UPLOAD_HEARD] = told.id
        st.rerun()


def take_out(
    event_id: str, read: Callable[[], Sequence[StaffPhoto]], labels: Sequence[LabelView]
) -> tuple[str, ...]:
    """The photos that are in, to look at and to choose from; those that are to be taken out, once. `read` is
    asked only while they are looked at.
    """
    with st.expander(f"🖼️ {t_kanji('ch_photos')}", key="challenge_photos", on_change="rerun") as box:
        if not box.open:
            return ()
        st.html(f'<p class="staff-hint">{escape(t_kanji("ch_photos_hint"))}</p>')
        photos = read()
        wish = photo_picker.photo_picker(
            photos=photos,
            labels=labels,
            lang=viewer.lang(),
            strings={name: t_kanji(name) for name in photo_picker.STRINGS}
            | {"cs_photos_delete": t_kanji("ch_take_out")},
            key=f"challenge_picker_{event_id}",
            folder="challenge",
            moves=False,
        )
        if wish is not None and wish.kind == "delete":
            st.session_state[state.CHALLENGE_CHOSEN] = (event_id, wish.photo_ids)
        return _sure_to_take_out(event_id, photos, labels)


def _sure_to_take_out(
    event_id: str, photos: Sequence[StaffPhoto], labels: Sequence[LabelView]
) -> tuple[str, ...]:
    """What was chosen and is still there is asked about with its pictures; it, once it is to go."""
    whose, chosen = st.session_state.get(state.CHALLENGE_CHOSEN, ("", ()))
    here = {photo.id: photo for photo in photos}
    going = tuple(photo_id for photo_id in chosen if photo_id in here)
    if whose != event_id or not going:
        return ()
    with st.container(key="take_out_sure", border=True):
        in_view("take_out_sure", " ".join(going))
        st.html(f'<p class="staff-ask">⚠️ {escape(t_kanji("ch_take_out_sure", number=len(going)))}</p>')
        photo_picker.going([here[photo_id] for photo_id in going], labels, folder="challenge")
        with st.container(horizontal=True):
            yes = st.button(t_kanji("ch_take_out_yes"), key="danger_take_out")
            no = st.button(t_kanji("fa_cancel"), key="take_out_no")
    if yes or no:
        st.session_state.pop(state.CHALLENGE_CHOSEN)
    if no:
        st.rerun()
    return going if yes else ()


def upload_report(report: ChallengeUpload, labels: Sequence[LabelView]) -> None:
    if report.added:
        named = t_kanji("ch_between").join(
            f"{label.emoji} {texts.label_kanji(label.name(viewer.lang()))} {report.added_to[label.id]}"
            for label in labels
            if label.id in report.added_to
        )
        st.success(t_kanji("ch_added", number=report.added, labels=named), icon="✅")
        if report.alike:
            st.info(t_kanji("ch_added_alike", number=report.alike), icon="👯")
    else:
        st.warning(t_kanji("ch_added_none"), icon="⚠️")
    if report.rejected:
        with st.expander(t_kanji("ch_rejected", number=report.rejected_count), expanded=True):
            head = [escape(t_kanji("ch_file")), escape(t_kanji("ch_reason"))]
            st.html(
                table(
                    head,
                    [[_names(files), escape(t_kanji(key))] for key, files in report.rejected.items()],
                )
            )


def _names(files: RejectedFiles) -> str:
    lines = [escape(name) for name in files.names]
    if more := files.count - len(lines):
        lines.append(escape(t_kanji("ch_more_files", number=more)))
    return "<br>".join(lines)


@dataclass(frozen=True)
class GroupWish:
    """What is wanted of a group: `add` one, `renew` its code, the `names` (Japanese, English) for it, or how
    many `ipads` it gets.
    """

    group_id: str = ""
    add: bool = False
    renew: bool = False
    names: tuple[str, str] | None = None
    ipads: int | None = None


def group_ways_in(event_id: str, groups: Sequence[GroupView], base_url: str) -> GroupWish | None:
    """Tiles of all groups; one at a time shows its QR code."""
    lang = viewer.lang()
    names = {group.id: _way_in(group, lang) for group in groups}
    chosen = st.pills(
        t_kanji("jo_choose"), list(names), format_func=lambda key: names.get(key, ""), key="joining_group"
    )
    if st.button(t_kanji("cc_add_group"), key="add_group", icon="➕"):
        return GroupWish(add=True)
    group = next((group for group in groups if group.id == chosen), None)
    if group is None:
        return None
    join_url = f"{base_url}{group.join_path}"
    with st.container(key="way_in", border=True):
        in_view("way_in", group.id)
        left, right = st.columns([2, 3], vertical_alignment="center")
        left.html(qr_image(join_url, t_kanji("jo_qr_alt", name=group.name(lang))))
        state = badge(
            t_kanji("jo_joined" if group.joined else "jo_waiting"), "good" if group.joined else "quiet"
        )
        right.html(
            f'<div class="staff-animals staff-big"><span style="background:{escape(group.color)};'
            f'color:{escape(group.ink)}">{animal(group.picture)} {name(group.name(lang))}</span>'
            f" {state}</div>"
            f'<p class="staff-hint">{escape(t_kanji("jo_code"))}</p>'
            f"{code(group.code_pictures)}"
        )
        right.html(f'<p class="staff-hint">{escape(t_kanji("jo_link"))}</p>')
        right.code(join_url, language=None, wrap_lines=True)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.link_button(t_kanji("cs_card_print"), f"/cards/{event_id}/{group.id}.pdf", icon="🖨️")
            renew, wanted = _renew(group), group_name(group)
            ipads = _ipads(group)
    if renew:
        return GroupWish(group.id, renew=True)
    if ipads is not None:
        return GroupWish(group.id, ipads=ipads)
    return GroupWish(group.id, names=wanted) if wanted is not None else None


def _way_in(group: GroupView, lang: str) -> str:
    called = f"{group.emoji} {group.name(lang)}"
    return texts.side_by_side(called, t_kanji("jo_joined") if group.joined else "")


def _ipads(group: GroupView) -> int | None:
    """How many it is to get, once that is saved."""
    with (
        st.popover(t_kanji("cc_group_ipads"), icon="📱", key="group_ipads"),
        st.form(f"ipads_form_{group.id}", border=False),
    ):
        number = st.number_input(
            t_kanji("cc_group_ipads"),
            1,
            IPADS_MAX,
            group.ipads,
            # Its key changes with what is stored: what another facilitator chose meanwhile is not undone.
            key=f"group_ipads_{group.id}_{group.ipads}",
            label_visibility="collapsed",
        )
        return int(number) if st.form_submit_button(t_kanji("cc_save")) else None


def _renew(group: GroupView) -> bool:
    with st.popover(t_kanji("cs_card_void"), icon="🔄", key=f"void_{group.join_path}"):
        st.write(t_kanji("jo_renew_sure"))
        return st.button(t_kanji("jo_renew_yes"), key="renew_group")
