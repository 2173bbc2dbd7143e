"""What is asked of the routes and what they answer, as dataclasses.

Knows nothing of how it is sent or read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

RUN_END_STATES = frozenset({"done", "failed", "cancelled"})


@dataclass(frozen=True)
class NewLabel:
    """A label of the class to be made."""

    key: str
    emoji: str
    name: str


@dataclass(frozen=True)
class NewGroup:
    """A group of the class just made, with the way in that its QR code shows."""

    id: str
    name: str
    emoji: str
    join_path: str


@dataclass(frozen=True)
class NewEvent:
    """The class just made; labels by key."""

    id: str
    groups: tuple[NewGroup, ...]
    label_ids: Mapping[str, str]


@dataclass(frozen=True)
class ChallengeAnswer:
    """What the app did with the challenge photos; one line per rejected file."""

    added: int
    rejected: tuple[str, ...]


@dataclass(frozen=True)
class Score:
    """So many right of so many."""

    correct: int
    total: int


@dataclass(frozen=True)
class Monitor:
    """The facilitator's view: features still to come (None: not told)."""

    features_pending: int | None


@dataclass(frozen=True)
class RankedGroup:
    """One line of the leaderboard: ranks on both halves, and final scores by run id where told."""

    group_id: str
    rank: int | None
    final_rank: int | None
    practice: Score | None
    final: Score | None
    runs: int
    photos: int
    final_by_run: Mapping[str, Score]


@dataclass(frozen=True)
class Receipt:
    """What the deletion counted: gone, and what is left (which must be nothing)."""

    deleted: Mapping[str, int]
    left: Mapping[str, int]


@dataclass(frozen=True)
class Saved:
    """The answer to an upload."""

    id: str
    status: str


@dataclass(frozen=True)
class RunView:
    """A training run as its group sees it; `leaks` names fields that tell of the final half."""

    id: str
    state: str
    version: int | None
    practice: Score | None
    server_seconds: float | None
    requested_at: str
    finished_at: str
    leaks: tuple[str, ...]

    @property
    def ended(self) -> bool:
        return self.state in RUN_END_STATES
