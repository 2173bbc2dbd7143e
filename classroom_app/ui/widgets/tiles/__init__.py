"""Large picture buttons to choose one of: labels with their photo counts, groups at the door, the way to the
next label.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Final, Literal

import streamlit as st

from classroom_app.ui.widgets.assets import local_path, nothing, script, source

RING_FULL_PHOTOS: Final = 20
RING_NOTCH_PHOTOS: Final = 5

_mount = st.components.v2.component(
    "classroom_tiles",
    html='<div class="w tiles" role="group"></div>',
    css=source("common/look.css", "tiles/tiles.css"),
    js=script("tiles/tiles.js"),
    isolate_styles=True,
)


@dataclass(frozen=True)
class Tile:
    """One button. `name` may carry furigana as {base|reading}; `color` paints the whole tile."""

    id: str
    name: str
    emoji: str
    picture: str = ""  # address of a drawing on this site, instead of the emoji
    color: str = ""
    photos: int | None = None  # draws the ring: full where training can begin, then anew to the star
    note: str = ""  # the count in words
    next: bool = False  # the one to go on with: it nudges
    words: str = ""  # on the button, in place of the name


def tiles(
    choices: Sequence[Tile],
    *,
    label: str,
    key: str,
    chosen: str = "",
    layout: Literal["tabs", "cards", "way"] = "tabs",
    color: str = "",
    kept_as: str = "",
    is_known: bool = True,
) -> str | None:
    """Show the buttons; returns the id of the one just tapped, once.

    `kept_as`: the parameter of the page's address in which the browser keeps the choice, from the tap on.
    With `is_known` false, `chosen` is only a beginning: what this tab had chosen before is tapped again.
    A `way` is one button apart from its row: a tap on it chooses in the row too, in the browser, at once.
    """
    for tile in choices:
        if tile.picture:
            local_path(tile.picture)
    result = _mount(
        key=key,
        data={
            "tiles": [asdict(tile) for tile in choices],
            "label": label,
            "chosen": chosen,
            "layout": layout,
            "color": color,
            "kept_as": kept_as,
            "is_known": is_known,
            "full": RING_FULL_PHOTOS,
            "notch": RING_NOTCH_PHOTOS,
        },
        on_tap_change=nothing,
    )
    tapped = result.tap
    ids = {tile.id for tile in choices}
    return str(tapped["id"]) if tapped and tapped.get("id") in ids else None
