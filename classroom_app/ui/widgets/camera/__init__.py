"""The camera: shoots, shrinks and sends photos, whatever Wi-Fi and iPad do meanwhile. Groups have it on their
page of photos, facilitators where they make the challenge.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import streamlit as st

from classroom_app.ui.widgets.assets import chosen, local_path, nothing, script, source

STRINGS: Final = (
    "camera_again",
    "camera_all_saved",
    "camera_asking",
    "camera_asleep",
    "camera_blocked",
    "camera_busy",
    "camera_close",
    "camera_dark",
    "camera_denied",
    "camera_flip",
    "camera_from_library",
    "camera_hand",
    "camera_help",
    "camera_hint",
    "camera_insecure",
    "camera_lost",
    "camera_move",
    "camera_none",
    "camera_opening",
    "camera_other_group",
    "camera_others",
    "camera_refused",
    "camera_shutter",
    "camera_signed_out",
    "camera_take",
    "camera_to_send",
    "camera_unreadable",
    "camera_waits",
)

_mount = st.components.v2.component(
    "classroom_camera",
    html=source("camera/camera.html"),
    css=source("common/look.css", "camera/camera.css"),
    js=script("camera/camera.js"),
    isolate_styles=True,
)


def camera(
    *,
    group_id: str,
    group_name: str,
    epoch: int,
    label_id: str,
    label_name: str,
    label_emoji: str,
    color: str,
    strings: Mapping[str, str],
    key: str,
    upload_url: str = "/photos",
    newcomers: bool = True,
    by_staff: bool = False,
    stored: int | None = None,
) -> None:
    """Show the camera for one label. Keep `key` when the label changes: the picture then does not blink.

    A tap on a tile (`widgets.tiles`) changes the label in the browser at once: a shot that comes before the
    page's rerun already belongs to it. So the tiles on a page with a camera are its labels.

    `stored`: the photos that the group has of the label; once there are fewer, the picture of the last shot
    goes: it may be of one that was deleted.
    `newcomers`: the group has hardly a photo yet, so the shutter says how it is used.
    `by_staff`: a facilitator takes them, and `group_id` is a name for what they are of; nothing of a group's
    cookie is asked or noted.

    `epoch` is the group's: photos that were taken before a reset are not sent after it.

    The page reruns about 0.7 s after uploads have settled, and at least every 3 s in a long burst.
    """
    _mount(
        key=key,
        data={
            "group_id": group_id,
            "group_name": group_name,
            "epoch": epoch,
            "label_id": label_id,
            "label_name": label_name,
            "label_emoji": label_emoji,
            "color": color,
            "strings": chosen(strings, STRINGS),
            "upload_url": local_path(upload_url),
            "newcomers": newcomers,
            "by_staff": by_staff,
            "stored": stored,
        },
        on_saved_change=nothing,
    )
