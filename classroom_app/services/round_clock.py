"""The clock of a class's round: until when photos and trainings count, and since when the board stands still.

All of it follows from times in the class's row and from the server's time now. Nobody has to do anything at
zero, and a reload, a restart or an iPad's own clock change nothing.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from classroom_app.data.repository.contest import ClockRow
from classroom_app.errors import ConflictError
from classroom_app.states import Phase
from classroom_app.views.classes import RoundClock

GRACE = dt.timedelta(minutes=3)  # for photos that were taken in time and still wait in an iPad's queue
# What lies between an iPad's "now I send it" and our hearing of it counts as if the photo was taken later.
ON_THE_WAY = dt.timedelta(seconds=10)


@dataclass(frozen=True)
class RoundState:
    """A class's clock at the moment `now`."""

    row: ClockRow
    now: dt.datetime

    @property
    def class_has_ended(self) -> bool:
        """Whatever phase and round say: nothing is taken in any more."""
        return self.row.class_ends_at is not None and self.now >= self.row.class_ends_at

    @property
    def over_since(self) -> dt.datetime | None:
        """When collecting ended: by the clock, or because a facilitator moved on; None while it has not."""
        row = self.row
        by_clock = row.ends_at if row.paused_at is None and row.ends_at and self.now >= row.ends_at else None
        by_hand = row.collect_ended_at if row.phase == Phase.FINAL else None
        return min((moment for moment in (by_clock, by_hand) if moment), default=None)

    @property
    def closed_since(self) -> dt.datetime | None:
        """The same, and during a pause its begin."""
        return self.over_since or (self.row.paused_at if self.row.phase == Phase.COLLECT else None)

    @property
    def is_open(self) -> bool:
        return self.row.phase == Phase.COLLECT and self.closed_since is None and not self.class_has_ended

    @property
    def in_grace(self) -> bool:
        """Collecting is over, but what was taken in time may still come."""
        late = self.row.phase in {Phase.COLLECT, Phase.FINAL} and self.over_since
        return bool(late and self.now <= late + GRACE) and not self.class_has_ended

    @property
    def frozen_since(self) -> dt.datetime | None:
        """From when on a finished training moves no row of the board, until the reveal."""
        row = self.row
        if row.phase not in {Phase.COLLECT, Phase.FINAL}:
            return None
        if row.board_frozen_at is not None:
            return row.board_frozen_at
        if row.phase == Phase.FINAL or row.ends_at is None or not row.freeze_minutes:
            return None
        began = row.ends_at - dt.timedelta(minutes=row.freeze_minutes)
        return began if (row.paused_at or self.now) >= began else None

    @property
    def clock(self) -> RoundClock:
        row = self.row
        left = None
        if row.phase == Phase.COLLECT and row.ends_at is not None:
            left = max(0.0, (row.ends_at - (row.paused_at or self.now)).total_seconds())
        paused = row.phase == Phase.COLLECT and row.paused_at is not None
        return RoundClock(left, paused, self.frozen_since is not None)

    def check_open(self, not_this_phase: ConflictError) -> None:
        """Raises it, or ConflictError (`class_has_ended`, `round_over`, `round_paused`)."""
        if self.is_open:
            return
        if self.class_has_ended:
            raise ConflictError("class_has_ended")
        if self.row.phase != Phase.COLLECT:
            raise not_this_phase
        raise ConflictError("round_over" if self.over_since else "round_paused")

    def check_photo(self, taken_at: dt.datetime | None) -> None:
        """May a photo that was taken then (by our clock; None: nobody knows) still come?

        Raises ConflictError (`class_has_ended`, `phase_no_photos`, `round_over`, `round_paused`).
        """
        if self.is_open:
            return
        if self.class_has_ended:
            raise ConflictError("class_has_ended")
        closed = self.closed_since
        in_time = closed is not None and taken_at is not None and taken_at <= closed + ON_THE_WAY
        # A pause may be long: what was taken before it may come at any time.
        if in_time and (self.in_grace or self.over_since is None):
            return
        self.check_open(ConflictError("phase_no_photos"))


def taken_by_our_clock(
    taken_at_ms: int | None, sent_at_ms: int | None, arrived_at: dt.datetime
) -> dt.datetime | None:
    """When a photo was taken, by the server's clock.

    Both times are the iPad's own, in milliseconds since 1970, so that it does not matter how wrong its clock
    is: the photo is as old as the one is before the other. None when they do not say.
    """
    if taken_at_ms is None or sent_at_ms is None:
        return None
    try:
        return arrived_at - dt.timedelta(milliseconds=max(0, sent_at_ms - taken_at_ms))
    except OverflowError:
        return None
