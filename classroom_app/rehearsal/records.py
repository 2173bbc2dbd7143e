"""What was planned for a day and what was seen in it: plain data.

Knows nothing of HTTP, figures or the terminal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from classroom_app.rehearsal.answers import NewGroup, NewLabel, RankedGroup, Receipt, Score

Hand = Mapping[str, tuple[bytes, ...]]  # shrunk photos by label key


@dataclass(frozen=True)
class Plan:
    """A day to be played; times in seconds."""

    event_name: str
    labels: tuple[NewLabel, ...]
    hands: tuple[Hand, ...]
    first_half: int
    challenge: bytes
    challenge_photos: int
    facilitator: str
    password: str = field(repr=False)
    ipads_per_group: int = 2
    keep: bool = False
    run_limit_s: float = 600.0
    ready_limit_s: float = 900.0
    poll_s: float = 0.3


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
    run_id: str
    version: int | None
    state: str
    practice: Score | None
    seconds: float
    server_seconds: float | None
    features_pending_at_tap: int | None


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


@dataclass
class DayRecord:
    """The whole day; `failures` empty means that it went as it must."""

    groups: list[GroupRecord] = field(default_factory=list)
    challenge_added: int = 0
    leaderboard: tuple[RankedGroup, ...] = ()
    receipt: Receipt | None = None
    parts_s: dict[str, float] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class Watcher(Protocol):
    """Is told how the day goes on; the terminal is one, silence is another."""

    def begin(self, part: str, total: int) -> None: ...

    def step(self, part: str) -> None: ...

    def end(self, part: str) -> None: ...


class Silence:
    """A watcher for tests and scripts."""

    def begin(self, part: str, total: int) -> None:
        """Says nothing."""

    def step(self, part: str) -> None:
        """Says nothing."""

    def end(self, part: str) -> None:
        """Says nothing."""
