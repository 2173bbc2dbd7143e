"""Which version of a group counts, and who is before whom: pure functions over what the database says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeVar

from classroom_app.data.tables import Event, Run
from classroom_app.states import CountedRun, Half
from classroom_app.views.classes import ContestRules

KeyT = TypeVar("KeyT", bound=Hashable)


@dataclass(frozen=True)
class Version:
    """One finished run of a group, as the contest sees it. `photos`: what it was trained on, by label id."""

    run_id: str
    number: int
    finished_at: dt.datetime
    chosen_at: dt.datetime | None
    photos: Mapping[str, int]
    practice_correct: int
    practice_total: int
    final_correct: int
    final_total: int

    def share(self, half: Half) -> Fraction | None:
        """Right answers of all, from 0 to 1; None where nothing was asked."""
        right, asked = (
            (self.final_correct, self.final_total)
            if half is Half.FINAL
            else (self.practice_correct, self.practice_total)
        )
        return Fraction(right, asked) if asked else None

    @property
    def photo_count(self) -> int:
        return sum(self.photos.values())


def version_of(run: Run) -> Version | None:
    """None for a run without a result."""
    result = run.result
    if result is None or run.finished_at is None:
        return None
    return Version(
        run.id,
        run.version,
        run.finished_at,
        run.chosen_at,
        run.photos,
        result.practice_correct,
        result.practice_total,
        result.final_correct,
        result.final_total,
    )


def rules_of(event: Event) -> ContestRules:
    return ContestRules(event.counted, event.trainings_max, event.freeze_minutes, event.tie_break)


def counted(
    versions: Sequence[Version], which: CountedRun, until: dt.datetime | None = None
) -> Version | None:
    """The version that counts: never by the final half, which nobody may choose by.

    `until`: as it was then. A group that has chosen none has its best one; the newest of equals.
    """
    known = [item for item in versions if until is None or item.finished_at <= until]
    if which is CountedRun.LAST:
        return max(known, key=lambda item: item.number, default=None)
    if which is CountedRun.CHOSEN:
        chosen = [
            (item.chosen_at, item)
            for item in known
            if item.chosen_at and (not until or item.chosen_at <= until)
        ]
        if chosen:
            return max(chosen, key=lambda pair: pair[0])[1]
    return max(known, key=lambda item: (item.share(Half.PRACTICE) or Fraction(0), item.number), default=None)


def ranks(entries: Mapping[KeyT, Version | None], half: Half, *, tie_break: bool) -> dict[KeyT, int | None]:
    """1, 2, 2, 4: equals share a rank, and the next one counts those before it; None without a score.

    With `tie_break` of equal scores the one with fewer photos is before, then the one that was there earlier.
    """
    order = {key: _order(version, half, tie_break=tie_break) for key, version in entries.items()}
    given = [place for place in order.values() if place is not None]
    return {
        key: None if place is None else 1 + sum(other < place for other in given)
        for key, place in order.items()
    }


def _order(version: Version | None, half: Half, *, tie_break: bool) -> tuple[Fraction, int, float] | None:
    """Smaller is better."""
    share = version.share(half) if version is not None else None
    if version is None or share is None:
        return None
    if not tie_break:
        return (-share, 0, 0.0)
    return (-share, version.photo_count, version.finished_at.timestamp())
