"""What a deletion takes, its receipt, and what the keeping of the data says of itself."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import asdict, dataclass

from classroom_app.states import (
    REPAIRABLE,
    DeletionScope,
    ProblemKind,
)

OTHER_PROCESSES = "other_processes"  # of a receipt: web processes that have not forgotten yet ...


COMPUTE_SERVERS = "compute_servers"  # ... and servers of the compute tier that could not be asked


LEARNT_KEPT = "learnt_kept"  # AIs that learnt from deleted photos and stay, because somebody chose so


# No rest that needs another deletion: what those processes still have goes by itself within minutes.
NO_REST = frozenset({OTHER_PROCESSES, COMPUTE_SERVERS, LEARNT_KEPT})


@dataclass(frozen=True)
class DeletionTarget:
    """What to delete. `label`: one label's photos of one group, or of the whole class without `group_id`;
    `photos`: of any groups of the class; `runs`: all AIs of a group. With photos the AIs go that learnt from
    them, unless `keep_models`.
    """

    scope: DeletionScope
    event_id: str
    group_id: str | None = None
    label_id: str | None = None
    photo_id: str | None = None
    photo_ids: tuple[str, ...] = ()  # for several
    keep_models: bool = False


@dataclass(frozen=True)
class Learnt:
    """AIs that learnt from photos which are to be deleted. `counted`: of these, that count in a final."""

    models: int
    counted: int


@dataclass(frozen=True)
class PendingDeletion:
    """A deletion that can still be undone. `counts`: what it took, by kind."""

    id: str
    scope: DeletionScope
    event_id: str
    subject: str
    counts: dict[str, int]
    asked_at: dt.datetime
    due_at: dt.datetime
    group_id: str | None = None  # where it is of one group


@dataclass(frozen=True)
class ReceiptView:
    scope: DeletionScope
    subject: str
    deleted: dict[str, int]
    left: dict[str, int]
    created_at: dt.datetime
    id: str = ""
    accounts: frozenset[str] = frozenset()  # user names whose class it was then

    @property
    def clean(self) -> bool:
        """Nothing is left but what other processes drop from their memory within minutes, by themselves."""
        return self.remains == 0

    @property
    def remains(self) -> int:
        """How much is left that goes only when somebody deletes again."""
        return sum(number for kind, number in self.left.items() if kind not in NO_REST)

    @property
    def waits_for(self) -> int:
        """Other web processes that have not swept their memory since; counted again until there are none."""
        return self.left.get(OTHER_PROCESSES, 0)


@dataclass(frozen=True)
class PurgeReport:
    photos_and_files: int  # past their undo, or without a row
    classes: int
    left: int  # what a recount found of the deleted classes; anything but 0 is a fault
    closed: int  # classes that came to their end since the last time

    def counts(self) -> dict[str, int]:
        return asdict(self)


@dataclass(frozen=True)
class Backlog:
    """Work that waits, in the whole database."""

    runs: dict[str, int]  # by state
    oldest_run_s: float  # since the tap; 0 when nothing waits
    photos: dict[str, int]  # without features yet, by kind


@dataclass(frozen=True)
class Problem:
    """Something that must hold and does not. `subject`: an id or the key of a file; no name of anybody."""

    kind: ProblemKind
    subject: str

    @property
    def repairable(self) -> bool:
        return self.kind in REPAIRABLE


@dataclass(frozen=True)
class IntegrityReport:
    problems: tuple[Problem, ...]

    @property
    def sound(self) -> bool:
        return not self.problems

    def counts(self) -> dict[ProblemKind, int]:
        """How many of each kind; kinds without any are left out."""
        return dict(Counter(problem.kind for problem in self.problems))
