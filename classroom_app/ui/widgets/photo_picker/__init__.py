"""Photos of a group, or of the challenge, for a facilitator: filtered by label and state, several chosen by
tapping, to be moved or deleted together; or chosen alone, for a page that has a button of its own. What is to
go is shown once more, small, beside the question.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, Literal, cast

import streamlit as st

from classroom_app.content import dates
from classroom_app.ui import texts, viewer
from classroom_app.ui.texts import t_kanji
from classroom_app.ui.widgets.assets import chosen, script, source
from classroom_app.ui.widgets.gallery import shown_labels
from classroom_app.ui.widgets.staff_frame import escape
from classroom_app.views.classes import LabelView
from classroom_app.views.console import StaffPhoto

STRINGS: Final = (
    "cs_photo_alt",
    "cs_photos_all",
    "cs_photos_choose_all",
    "cs_photos_choose_none",
    "cs_photos_chosen",
    "cs_photos_delete",
    "cs_photos_move",
    "cs_photos_none",
    "cs_photos_seen",
    "cs_photos_unreadable",
    "cs_photos_waiting",
)
_KINDS: Final = ("choose", "delete", "move")
GOING_SHOWN: Final = 48  # small pictures of what is to go; the rest is a number

_mount = st.components.v2.component(
    "classroom_photo_picker",
    html=source("photo_picker/photo_picker.html"),
    css=source("common/look.css", "photo_picker/photo_picker.css"),
    js=script("photo_picker/photo_picker.js"),
    isolate_styles=True,
)


@dataclass(frozen=True)
class PickerAction:
    """What was tapped. `label_id` is the new label of a move.

    It comes from a browser: check that photos and label are the group's own before acting on it.
    """

    kind: Literal["choose", "delete", "move"]
    photo_ids: tuple[str, ...] = ()
    label_id: str = ""


def photo_picker(
    *,
    photos: Sequence[StaffPhoto],
    labels: Sequence[LabelView],
    lang: str,
    strings: Mapping[str, str],
    key: str,
    picked: Sequence[str] | None = None,
    folder: Literal["photos", "challenge"] = "photos",
    acts: bool = True,
    moves: bool = True,
) -> PickerAction | None:
    """Show the photos in the order given, each with its label and the time of day, by which parents ask. The
    action is returned once: carry it out, then rerun.

    With `picked`, those chosen so far, there are no buttons to move or delete: every change of what is
    chosen comes as an action "choose" with all of it.

    Without `acts` they are only looked at: filtered, and not chosen. Without `moves` they can
    only be deleted.

    An action is kept until a run of the page takes it: another press in the same moment ends a run early.

    Photos come from `/{folder}/{id}/thumb`, with the browser's own cookie, and only those that are looked at.
    """
    _mount(
        key=key,
        data={
            "photos": [
                {
                    "id": one.id,
                    "label_id": one.label_id,
                    "time": dates.time_words(one.taken_at),
                    "state": one.state,
                }
                for one in photos
            ],
            "labels": shown_labels(labels, lang),
            "strings": chosen(strings, STRINGS),
            "picked": None if picked is None else list(picked),
            "folder": folder,
            "acts": acts,
            "moves": moves,
        },
        on_action_change=partial(_keep, key),
    )
    action = _kept(key)
    st.session_state.pop(_kept_as(key), None)
    return action


def _keep(key: str) -> None:
    told = st.session_state.get(key)
    if isinstance(told, Mapping) and (action := action_of(told.get("action"))) is not None:
        st.session_state[_kept_as(key)] = action


def _kept(key: str) -> PickerAction | None:
    found: PickerAction | None = st.session_state.get(_kept_as(key))
    return found


def _kept_as(key: str) -> str:
    return f"{key}_action"


def choose_some(
    photos: Sequence[StaffPhoto],
    labels: Sequence[LabelView],
    *,
    whose: str,
    kept_as: str,
    key: str,
) -> tuple[str, ...]:
    """The ids of those that are chosen and still there; the page has the button. `kept_as`: the entry of the
    session that remembers the choice, and of whom it is (`whose`).
    """
    owner, picked = st.session_state.get(kept_as, ("", ()))
    picked = picked if owner == whose else ()
    if (told := _kept(key)) is not None and told.kind == "choose":
        picked = told.photo_ids  # what the browser gets back is what it told
    wish = photo_picker(
        photos=photos,
        labels=labels,
        lang=viewer.lang(),
        strings={name: t_kanji(name) for name in STRINGS},
        key=key,
        picked=picked,
    )
    if wish is not None and wish.kind == "choose":
        picked = wish.photo_ids
        st.session_state[kept_as] = (whose, picked)
    here = {photo.id for photo in photos}
    return tuple(photo_id for photo_id in picked if photo_id in here)


def going(
    photos: Sequence[StaffPhoto],
    labels: Sequence[LabelView],
    *,
    folder: Literal["photos", "challenge"] = "photos",
) -> None:
    """The pictures of what somebody is asked about: a number alone cannot be checked."""
    names = {label.id: texts.label_kanji(label.name(viewer.lang())) for label in labels}
    images = "".join(
        f'<img src="/{folder}/{escape(photo.id)}/thumb" '
        f'alt="{escape(names.get(photo.label_id, ""))} {escape(dates.time_words(photo.taken_at))}">'
        for photo in photos[:GOING_SHOWN]
    )
    more = len(photos) - GOING_SHOWN
    rest = f"<span>{escape(t_kanji('sb_more', number=more))}</span>" if more > 0 else ""
    st.html(f'<div class="staff-family staff-going">{images}{rest}</div>')


def action_of(wanted: object) -> PickerAction | None:
    """The browser's message, if it is one we know."""
    if not isinstance(wanted, Mapping) or wanted.get("kind") not in _KINDS:
        return None
    ids = wanted.get("photo_ids")
    return PickerAction(
        kind=cast(Literal["choose", "delete", "move"], wanted["kind"]),
        photo_ids=tuple(str(one) for one in ids) if isinstance(ids, list) else (),
        label_id=str(wanted.get("label_id", "")),
    )
