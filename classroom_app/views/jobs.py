"""What the queue and the compute servers are doing."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from classroom_app.states import (
    ACTIVE_STATES,
    RunStage,
    RunState,
)


@dataclass(frozen=True)
class JobCounts:
    """Of all classes, which share the queue. `expected_s`: how long a training that is asked for now would
    take until its end; None while nobody can know.
    """

    queued: int
    running: int
    expected_s: float | None


@dataclass(frozen=True)
class JobLine:
    """A training as facilitators see it. `place`: active ones of any class before it, while it is queued;
    `seconds`: since it was asked for, or as long as it took; `may_retry`: it is its group's newest one, and
    failed or was stopped.
    """

    id: str
    group_id: str
    version: int
    state: RunState
    stage: RunStage
    progress: float
    place: int
    requested_at: dt.datetime
    seconds: float
    error_key: str | None
    practice: tuple[int, int] | None  # right and all
    may_retry: bool
    expected_s: float | None  # until its end, of one that is queued
    photos_gone: int = 0  # that it learnt from and that were deleted since; looked up for one group alone

    @property
    def active(self) -> bool:
        return self.state in ACTIVE_STATES


@dataclass(frozen=True)
class JobsNow:
    """The trainings of one class, those at work first, then the newest."""

    counts: JobCounts
    lines: tuple[JobLine, ...]


@dataclass(frozen=True)
class ServerNow:
    """A server of the compute tier; `device` is empty where it does not answer."""

    address: str
    device: str
