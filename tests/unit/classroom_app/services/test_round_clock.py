"""The round's clock: everything at zero follows from stored times, however wrong an iPad's clock is."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as some

from classroom_app.data.repository.contest import ClockRow
from classroom_app.errors import ConflictError
from classroom_app.services.round_clock import GRACE, ON_THE_WAY, RoundState, taken_by_our_clock
from classroom_app.states import Phase

START = dt.datetime(2026, 11, 27, 10, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
DAY_MS = 24 * 3600 * 1000


def row(phase: Phase = Phase.COLLECT, ends: float | None = 20, **more: object) -> ClockRow:
    """A round that began at START; `ends` in minutes."""
    values = {
        "phase": phase,
        "freeze_minutes": 3,
        "started_at": START,
        "ends_at": None if ends is None else START + ends * MINUTE,
        "paused_at": None,
        "board_frozen_at": None,
        "collect_ended_at": None,
    }
    return ClockRow(**{**values, **more})  # type: ignore[arg-type]  # mixed values by name


def at(minutes: float, clock: ClockRow | None = None) -> RoundState:
    return RoundState(clock or row(), START + minutes * MINUTE)


def refused(state: RoundState, taken_at: dt.datetime | None = None) -> str:
    with pytest.raises(ConflictError) as problem:
        state.check_photo(taken_at)
    return problem.value.key


def test_at_zero_collecting_and_training_end_and_nobody_presses_anything() -> None:
    assert at(19.99).is_open
    assert not at(20).is_open
    assert at(20).clock.left_s == 0.0
    assert at(500).clock.left_s == 0.0
    with pytest.raises(ConflictError, match="round_over"):
        at(20).check_open(ConflictError("phase_no_training"))


def test_a_photo_that_was_taken_in_time_may_come_for_some_minutes() -> None:
    in_time, too_late = START + 19 * MINUTE, START + 21 * MINUTE
    at(20.5).check_photo(in_time)
    RoundState(row(), START + 20 * MINUTE + GRACE).check_photo(in_time)
    assert refused(at(20.5), too_late) == "round_over"
    assert refused(at(20.5)) == "round_over", "nobody knows when it was taken"
    assert refused(at(24), in_time) == "round_over", "an iPad that comes back after the grace is too late"


def test_the_same_holds_when_a_facilitator_ends_collecting_by_hand() -> None:
    moved_on = row(Phase.FINAL, collect_ended_at=START + 10 * MINUTE)
    at(11, moved_on).check_photo(START + 9 * MINUTE)
    assert refused(at(11, moved_on), START + 10.5 * MINUTE) == "phase_no_photos"
    assert refused(at(14, moved_on), START + 9 * MINUTE) == "phase_no_photos"
    for phase in (Phase.LOBBY, Phase.REVEAL, Phase.CLOSED):
        assert refused(at(11, row(phase)), START + 9 * MINUTE) == "phase_no_photos"


def test_without_a_time_box_nothing_ends_and_nothing_freezes() -> None:
    state = at(10_000, row(ends=None))
    assert state.is_open
    assert (state.clock.left_s, state.clock.frozen) == (None, False)


def test_in_a_pause_time_stands_still_and_what_was_taken_before_may_come_at_any_time() -> None:
    paused = row(paused_at=START + 5 * MINUTE)
    for minutes in (5, 19, 90):
        state = at(minutes, paused)
        assert (state.clock.left_s, state.clock.paused) == (15 * 60, True)
        assert not state.is_open
        state.check_photo(START + 4 * MINUTE)
        assert refused(state, START + 6 * MINUTE) == "round_paused"


def test_the_board_freezes_in_the_last_minutes_and_stays_so_until_the_reveal() -> None:
    assert not at(16.9).clock.frozen
    assert at(17).clock.frozen
    assert at(17).frozen_since == at(60).frozen_since == START + 17 * MINUTE
    kept = row(Phase.FINAL, board_frozen_at=START + 17 * MINUTE)
    assert at(60, kept).frozen_since == START + 17 * MINUTE
    assert at(60, row(Phase.FINAL)).frozen_since is None, "ended before it froze"
    assert at(60, row(Phase.REVEAL, board_frozen_at=START)).frozen_since is None


@given(
    wrong_by_ms=some.integers(-3 * DAY_MS, 3 * DAY_MS),
    age_ms=some.integers(0, 60 * 60 * 1000),
    way_ms=some.integers(0, 9_000),
    left_ms=some.integers(1, 60 * 60 * 1000),
)
def test_an_ipads_clock_may_be_wrong_by_days(
    wrong_by_ms: int, age_ms: int, way_ms: int, left_ms: int
) -> None:
    """What was taken before the end is taken in time, what was taken well after it is not."""
    end = START + 20 * MINUTE

    def seen(taken: dt.datetime) -> dt.datetime:
        """The server's idea of it, from the iPad's two stamps."""
        ipad_taken = round(taken.timestamp() * 1000) + wrong_by_ms
        arrived = taken + dt.timedelta(milliseconds=age_ms + way_ms)
        found = taken_by_our_clock(ipad_taken, ipad_taken + age_ms, arrived)
        assert found is not None
        return found

    before, after = end - dt.timedelta(milliseconds=left_ms), end + ON_THE_WAY + dt.timedelta(milliseconds=1)
    RoundState(row(), end + GRACE).check_photo(seen(before))
    assert refused(RoundState(row(), end + GRACE), seen(after)) == "round_over"


def test_stamps_that_make_no_sense_say_nothing_or_now() -> None:
    assert taken_by_our_clock(None, 5, START) is None
    assert taken_by_our_clock(5, None, START) is None
    assert taken_by_our_clock(9_000, 5_000, START) == START, "taken after it was sent: just now"
    assert taken_by_our_clock(0, 10**15 - 1, START) is None, "thirty thousand years old"
