"""JPEGs that end too early, as a broken-off copy leaves them.

Every viewer shows them. Those are taken that have most of themselves: what is not there is cut off, and may
be an eighth of the height.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable

import numpy as np
from PIL import Image

CUT_OFF_MAX = 1 / 8
# The last row of blocks, and two lines, come out with the end mark alone, whether they are there or not.
_HELD_BACK_PX = 20
_END = b"\xff\xd9"
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")  # others stand within a scan's own data
_SCAN = b"\xff\xda"
_LAST_COEFFICIENT = 63

Open = Callable[[bytes], Image.Image]


def most_of(data: bytes, opened: Open) -> Image.Image | None:
    """What there is of the picture, or None where too much is missing."""
    ended = opened(data + _END)
    if ended.info.get("progressive"):
        # It comes as a whole, coarse first: there is no lower part that is missing.
        if not has_fine_luma(data):
            return None
        ended.load()
        return ended
    height = ended.height
    rows = _rows_there(data, opened)
    if height - rows > max(_HELD_BACK_PX, height * CUT_OFF_MAX):
        return None
    ended.load()
    return ended if height - rows <= _HELD_BACK_PX else _keeping_info(ended, rows)


def _keeping_info(image: Image.Image, rows: int) -> Image.Image:
    """With the orientation, which stands in the info."""
    part = image.crop((0, 0, image.width, rows))
    part.info = image.info
    return part


def _rows_there(data: bytes, opened: Open) -> int:
    """Decoded on black and on white: rows that differ were not written."""
    black, white = (np.asarray(_on(opened(data), level)) for level in (0, 255))
    differ = (black != white).reshape(black.shape[0], -1).any(axis=1)
    return int(differ.argmax()) if differ.any() else len(differ)


def _on(image: Image.Image, level: int) -> Image.Image:
    bands = len(image.getbands())
    canvas = Image.new(image.mode, image.size, level if bands == 1 else (level,) * bands)
    image.im = canvas.im
    with contextlib.suppress(OSError):  # it ends too early; what was decoded until then is on the canvas
        image.load()
    return canvas


def has_fine_luma(data: bytes) -> bool:
    """Has a progressive JPEG its brightness from the coarsest to the finest, if not to the last bit?

    Colours may be coarse: the eye does not mind.
    """
    fine: set[int] = set()
    luma = None
    place = 2
    while (found := _MARKER.search(data, place)) is not None:
        start = found.end()
        place = start + int.from_bytes(data[start : start + 2])
        if found[0] != _SCAN:
            continue
        header = data[start + 2 : place]
        if not header or len(header) < 1 + 2 * header[0] + 2:
            break
        components = set(header[1 : 1 + 2 * header[0] : 2])
        luma = header[1] if luma is None else luma  # the first scan begins with it
        first, last = header[1 + 2 * header[0] : 3 + 2 * header[0]]
        if luma in components and _MARKER.search(data, place) is not None:  # all of it is there
            fine |= set(range(first, last + 1))
    return len(fine) == _LAST_COEFFICIENT + 1
