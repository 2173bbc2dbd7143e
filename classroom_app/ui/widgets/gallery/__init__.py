"""A group's photos as tiles; a tap opens one photo to delete it or to move it to another label; undo."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, cast

import streamlit as st

from classroom_app.ui.widgets.assets import chosen, nothing, script, source
from classroom_app.views.classes import LabelView
from classroom_app.views.photos import PhotoView

STRINGS: Final = (
    "gallery_close",
    "gallery_delete",
    "gallery_deleted",
    "gallery_empty",
    "gallery_move_to",
    "gallery_next",
    "gallery_open",
    "gallery_previous",
    "gallery_undo",
)

_mount = st.components.v2.component(
    "classroom_gallery",
    html=source("gallery/gallery.html"),
    css=source("common/look.css", "gallery/gallery.css"),
    js=script("gallery/gallery.js"),
    isolate_styles=True,
)


@dataclass(frozen=True)
class GalleryAction:
    """What the child tapped. `photo_id` is empty for undo, `label_id` is the new label of a move.

    It comes from a browser: check that photo and label are the group's own before acting on it.
    """

    kind: Literal["delete", "move", "undo"]
    photo_id: str = ""
    label_id: str = ""


def gallery(
    *,
    photos: Sequence[PhotoView],
    labels: Sequence[LabelView],
    lang: str,
    strings: Mapping[str, str],
    key: str,
    undo: bool,
    color: str = "#d9480f",
) -> GalleryAction | None:
    """Show the photos in the order given. The action is returned once: carry it out, then rerun the page.

    With photos of one label there is one plain grid; with several, a shelf per label with its count.
    Photos come from `/photos/{id}/thumb` and `/photos/{id}/full`, with the browser's own cookie.
    """
    result = _mount(
        key=key,
        data={
            "photos": [{"id": photo.id, "label_id": photo.label_id} for photo in photos],
            "labels": shown_labels(labels, lang),
            "strings": chosen(strings, STRINGS),
            "undo": undo,
            "color": color,
        },
        on_action_change=nothing,
    )
    return _action(result.action)


def shown_labels(labels: Sequence[LabelView], lang: str) -> list[dict[str, str]]:
    """Labels as the scripts of gallery and mistakes take them."""
    return [{"id": label.id, "name": label.name(lang), "emoji": label.emoji} for label in labels]


def _action(wanted: object) -> GalleryAction | None:
    """The browser's message, if it is one we know."""
    if not isinstance(wanted, Mapping) or wanted.get("kind") not in ("delete", "move", "undo"):
        return None
    return GalleryAction(
        kind=cast(Literal["delete", "move", "undo"], wanted["kind"]),
        photo_id=str(wanted.get("photo_id", "")),
        label_id=str(wanted.get("label_id", "")),
    )
