"""Getting a class ready: the challenge photos with their counts, and the groups' ways in.

Knows nothing of photos' bytes beyond handing them over, or of who may do this.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from classroom_app.ui import texts
from classroom_app.ui.texts import t_kanji
from classroom_app.ui.widgets.staff_frame import badge, escape, name, qr_image, table

EACH_MIN = 2  # challenge photos of a label: one for each half
_ZIP, _FILES = "zip", "files"


@dataclass(frozen=True)
class SetupLabel:
    id: str
    key: str
    emoji: str
    name: str


@dataclass(frozen=True)
class Sent:
    """Files just sent: one ZIP, or photos of one label."""

    zip_bytes: bytes = b""
    label_id: str = ""
    files: tuple[tuple[str, bytes], ...] = ()


@dataclass(frozen=True)
class Report:
    """What became of them; `rejected` has a file's name and the reason in words."""

    added: int
    rejected: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class JoiningGroup:
    id: str
    emoji: str
    name: str
    color: str
    ink: str
    joined: bool
    join_url: str
    picture_code: str


def challenge_counts(labels: Sequence[SetupLabel], counts: Mapping[tuple[str, str], int]) -> None:
    head = [t_kanji(key) for key in ("ch_label", "ch_practice", "ch_final", "ch_total")]
    rows = []
    for label in labels:
        practice, final = counts.get((label.id, "practice"), 0), counts.get((label.id, "final"), 0)
        missing = EACH_MIN - practice - final
        state = badge(t_kanji("ch_ok"), "good")
        if missing > 0:
            state = badge(t_kanji("ch_few", number=missing), "bad")
        rows.append([f"{escape(label.emoji)} {name(label.name)}", f"{practice}", f"{final}", state])
        rows[-1][3] = f"<b>{practice + final}</b> {state}"
    st.html(table([escape(text) for text in head], rows))


def challenge_upload(labels: Sequence[SetupLabel]) -> Sent | None:
    """The form; its files are handed over once."""
    ways = {_ZIP: t_kanji("ch_way_zip"), _FILES: t_kanji("ch_way_files")}
    way = st.segmented_control(
        t_kanji("ch_way"), list(ways), format_func=lambda key: ways[key], default=_ZIP, required=True,
        key="challenge_way",
    )  # fmt: skip
    # The uploader has no texts of ours to take; the style sheet shows these in place of its own.
    st.html(f"<style>:root{{--gu-choose:'{t_kanji('ch_choose')}'}}</style>")
    with st.form("challenge", clear_on_submit=True, border=True):
        if way == _ZIP:
            folders = ", ".join(f"{label.key}/" for label in labels)
            archive = st.file_uploader(t_kanji("ch_zip", folders=folders), type=["zip"], key="challenge_zip")
            sent = Sent(zip_bytes=archive.getvalue()) if archive else None
        else:
            names = {label.id: f"{label.emoji} {texts.label_kanji(label.name)}" for label in labels}
            label_id = st.selectbox(
                t_kanji("ch_label"),
                list(names),
                format_func=lambda key: names.get(key, ""),
                key="challenge_label",
            )
            files = st.file_uploader(
                t_kanji("ch_files"),
                type=["jpg", "jpeg", "png", "webp", "heic", "heif"],
                accept_multiple_files=True,
                key="challenge_files",
            )
            photos = tuple((file.name, file.getvalue()) for file in files)
            sent = Sent(label_id=label_id, files=photos) if photos else None
        pressed = st.form_submit_button(t_kanji("ch_send"), type="primary", icon="📥")
    if pressed and sent is None:
        st.warning(t_kanji("ch_nothing"), icon="🗂️")
    return sent if pressed else None


def clear_label(labels: Sequence[SetupLabel], counts: Mapping[tuple[str, str], int]) -> str | None:
    """The label whose photos are to be taken out, after a second tap; only labels that have some."""
    filled = {label_id for (label_id, _), number in counts.items() if number}
    names = {
        label.id: f"{label.emoji} {texts.label_kanji(label.name)}" for label in labels if label.id in filled
    }
    if not names:
        return None
    with st.popover(t_kanji("ch_clear"), icon="🗑️"):
        st.write(t_kanji("ch_clear_sure"))
        label_id: str = st.selectbox(
            t_kanji("ch_label"),
            list(names),
            format_func=lambda key: names.get(key, ""),
            key="clear_label",
        )
        return label_id if st.button(t_kanji("ch_clear_yes"), key="clear_label_yes", type="primary") else None


def upload_report(report: Report) -> None:
    if report.added:
        st.success(t_kanji("ch_added", number=report.added), icon="✅")
    else:
        st.warning(t_kanji("ch_added_none"), icon="⚠️")
    if report.rejected:
        with st.expander(t_kanji("ch_rejected", number=len(report.rejected)), expanded=True):
            head = [escape(t_kanji("ch_file")), escape(t_kanji("ch_reason"))]
            st.html(table(head, [[escape(file), escape(reason)] for file, reason in report.rejected]))


def group_ways_in(groups: Sequence[JoiningGroup]) -> str | None:
    """Tiles of all groups; one at a time shows its QR code. Returns the group whose code is to be renewed."""
    names = {group.id: f"{group.emoji} {group.name}" + (" ✓" if group.joined else "") for group in groups}
    chosen = st.pills(
        t_kanji("jo_choose"), list(names), format_func=lambda key: names.get(key, ""), key="joining_group"
    )
    group = next((group for group in groups if group.id == chosen), None)
    if group is None:
        return None
    with st.container(key="way_in", border=True):
        left, right = st.columns([2, 3], vertical_alignment="center")
        left.html(qr_image(group.join_url, t_kanji("jo_qr_alt", name=group.name)))
        state = badge(
            t_kanji("jo_joined" if group.joined else "jo_waiting"), "good" if group.joined else "quiet"
        )
        right.html(
            f'<div class="gu-animals gu-big"><span style="background:{escape(group.color)};'
            f'color:{escape(group.ink)}">{escape(group.emoji)} {name(group.name)}</span> {state}</div>'
            f'<p class="gu-hint">{escape(t_kanji("jo_code"))}</p>'
            f'<p class="gu-code">{escape(group.picture_code)}</p>'
        )
        right.caption(t_kanji("jo_link"))
        right.code(group.join_url, language=None, wrap_lines=True)
        return _renew(group)


def _renew(group: JoiningGroup) -> str | None:
    with st.popover(t_kanji("jo_renew"), icon="🔄"):
        st.write(t_kanji("jo_renew_sure"))
        return group.id if st.button(t_kanji("jo_renew_yes"), key="renew_group", type="primary") else None
