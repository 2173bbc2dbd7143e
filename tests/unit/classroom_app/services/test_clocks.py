"""How far a clock is from the server's, and whose is wrong."""

from __future__ import annotations

import datetime as dt

import pytest

from classroom_app.services.clocks import off_s, trouble
from classroom_app.states import ClockTrouble

NOW = dt.datetime(2026, 11, 28, 9, 0, tzinfo=dt.UTC)
NOW_MS = round(NOW.timestamp() * 1000)


@pytest.mark.parametrize(
    ("clock_ms", "off"),
    [
        (None, None),
        (NOW_MS, 0),
        (NOW_MS + 90_400, 90),
        (NOW_MS - 3_600_000, -3600),
        (10**18, None),
        (10**400, None),
    ],
)
def test_how_far_a_clock_is_ahead(clock_ms: int | None, off: int | None) -> None:
    assert off_s(clock_ms, NOW) == off


def test_an_ipad_that_believes_it_is_1970_is_kept_as_such() -> None:
    assert off_s(0, NOW) == -round(NOW.timestamp())


@pytest.mark.parametrize(
    ("ipads", "browser", "found"),
    [
        ([], None, None),
        ([180, -180], 0, None),
        ([181, 0], None, ClockTrouble.IPADS),
        ([600], 5, ClockTrouble.IPADS),
        ([600], None, ClockTrouble.IPADS),  # one against one: the iPad's is set by hand more often
        ([600, 610], None, ClockTrouble.SERVER),
        ([600], 640, ClockTrouble.SERVER),
        ([600, -600], None, ClockTrouble.IPADS),
        ([0, 1], 600, None),
        ([], 600, ClockTrouble.BROWSER),
    ],
)
def test_whose_clock_is_wrong(ipads: list[int], browser: int | None, found: ClockTrouble | None) -> None:
    assert trouble(ipads, browser) is found
