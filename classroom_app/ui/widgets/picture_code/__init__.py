"""The pad of nine pictures with which a group without a QR code says who it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import streamlit as st

from classroom_app.content.catalog import Picture, drawing_address
from classroom_app.ui import viewer
from classroom_app.ui.widgets.assets import chosen, nothing, script, source

STRINGS: Final = ("pad_label", "pad_undo")

_mount = st.components.v2.component(
    "classroom_picture_code",
    html=source("picture_code/picture_code.html"),
    css=source("common/look.css", "picture_code/picture_code.css"),
    js=script("picture_code/picture_code.js"),
    isolate_styles=True,
)


def picture_code(
    *,
    pictures: Sequence[Picture],
    length: int,
    strings: Mapping[str, str],
    key: str,
    problem: str = "",
    tries: int = 0,
    color: str,
) -> tuple[str, ...] | None:
    """Show the pad; returns the keys of the pictures when `length` were tapped, once.

    Raise `tries` with each wrong code: the pad then shakes, shows `problem` and is empty again.
    """
    result = _mount(
        key=key,
        data={
            "pictures": [
                {"key": item.key, "drawing": drawing_address(item.emoji), "name": item.name(viewer.lang())}
                for item in pictures
            ],
            "length": length,
            "strings": chosen(strings, STRINGS),
            "problem": problem,
            "tries": tries,
            "color": color,
        },
        on_code_change=nothing,
    )
    tapped = result.code
    known = {picture.key for picture in pictures}
    keys = tuple(str(item) for item in tapped["keys"]) if tapped else ()
    return keys if len(keys) == length and known.issuperset(keys) else None
