"""Clocks of iPads and browsers beside the server's: how far apart, and whose is likely to be wrong.

Knows nothing of where the figures are kept, or of time zones.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

from classroom_app.states import ClockTrouble

WRONG_S: Final = 180  # what waits on its way is seconds late; certificates and rounds bear a few minutes
STEP_S: Final = 30  # smaller changes of what an iPad says are its way to us
_OFF_MAX_S: Final = 2_000_000_000  # what the column holds; an iPad may believe that it is 1970


def off_s(clock_ms: int | None, now: dt.datetime) -> int | None:
    """How far this clock is ahead of the server's, in seconds; none where it says nothing sensible."""
    if clock_ms is None:
        return None
    off = clock_ms // 1000 - round(now.timestamp())  # of whole numbers: JSON has larger ones than a float
    return off if abs(off) <= _OFF_MAX_S else None


def is_wrong(off: int | None) -> bool:
    return off is not None and abs(off) > WRONG_S


def trouble(ipads: Sequence[int], browser: int | None) -> ClockTrouble | None:
    """Of what is known of the class's iPads and of the browser that looks, in seconds ahead of the server.

    Two or more that agree with each other and not with the server: then the server's is the odd one. None:
    they all agree with it.
    """
    known = [*ipads, *([] if browser is None else [browser])]
    if len(known) > 1 and all(map(is_wrong, known)) and max(known) - min(known) <= WRONG_S:
        return ClockTrouble.SERVER
    if any(map(is_wrong, ipads)):
        return ClockTrouble.IPADS
    if not ipads and is_wrong(browser):
        return ClockTrouble.BROWSER
    return None
