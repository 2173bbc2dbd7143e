"""What was planned for a day and what was seen in it: plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from classroom_app.rehearsal.answers import ClassLabel, DeletionCounts, LeaderboardRow, NewGroup, RunStatus
from classroom_app.rehearsal.options import RehearsalOptions

Hand = Mapping[str, tuple[bytes, ...]]  # shrunk photos by label key


@dataclass(frozen=True)
class DayPlan:
    """A day to be played: what was asked for, and the photos for it. One hand a group."""

    options: RehearsalOptions
    class_name: str
    labels: tuple[ClassLabel, ...]
    hands: tuple[Hand, ...]
    challenge: bytes  # a ZIP
    challenge_photos: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class SentPhoto:
    """One photo that the app said it has; from the first byte sent to that answer, retries included."""

    id: str
    label_id: str
    size_bytes: int
    seconds: float


@dataclass(frozen=True)
class PlayedRun:
    """One tap on the button and what came of it."""

    round: str
    status: RunStatus
    seconds: float
    features_pending_at_tap: int


@dataclass
class GroupRecord:
    """What one group did."""

    group: NewGroup
    sent: list[SentPhoto] = field(default_factory=list)
    sent_twice: int = 0
    refused: int = 0
    lost: int = 0
    doubled: int = 0
    runs: list[PlayedRun] = field(default_factory=list)


@dataclass(frozen=True)
class LedStep:
    """A step of the show: seconds from "next" until it was on each screen."""

    step: int
    scene: str
    seconds_by_screen: tuple[float, ...]


@dataclass
class ShowRecord:
    """The show as it was seen: its steps, and by group id the seconds until its iPad was told its place."""

    steps: list[LedStep] = field(default_factory=list)
    ipads_s: dict[str, float] = field(default_factory=dict)


@dataclass
class DayRecord:
    """The whole day; `failures` empty means that it went as it must."""

    groups: list[GroupRecord] = field(default_factory=list)
    challenge_added: int = 0
    leaderboard: tuple[LeaderboardRow, ...] = ()
    final_number: int = 0
    board_behind_s: list[float] = field(default_factory=list)  # of each finished run, on the last screen
    show: ShowRecord = field(default_factory=ShowRecord)
    receipt: DeletionCounts | None = None
    parts_s: dict[str, float] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)


class Watcher(Protocol):
    """Is told how the day goes on."""

    def begin(self, part: str, total: int) -> None: ...

    def step(self, part: str) -> None: ...

    def end(self, part: str) -> None: ...
