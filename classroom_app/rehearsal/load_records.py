"""What was seen while a class of iPads worked: times by action, errors, runs of pages."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum

from classroom_app.rehearsal.answers import RunStatus
from classroom_app.rehearsal.problems import RehearsalError


class Action(StrEnum):
    """What is timed; the words of the report."""

    SAVED = "shot to saved"
    SWITCH = "page switch"
    UPDATE = "page update"
    LOOK = "look for news"
    BEAT = "say how it fares"
    SCORE = "tap to score"
    GUESS = "guess"


@dataclass
class LoadRecord:
    """Shared by all iPads of one step. `errors`: by sentence, how often. `full`: groups that may take no
    more photos.
    """

    seconds: dict[Action, list[float]] = field(default_factory=lambda: {action: [] for action in Action})
    errors: Counter[str] = field(default_factory=Counter)
    reruns: int = 0
    full: set[str] = field(default_factory=set)
    finished: dict[str, RunStatus] = field(default_factory=dict)  # trainings that gave an AI, by id

    @contextmanager
    def timed(self, action: Action) -> Iterator[None]:
        """What ends well counts with its time; what does not is an error, and the iPad goes on."""
        began = time.monotonic()
        try:
            yield
        except RehearsalError as exc:
            self.errors[f"{action}: {exc}"] += 1
        else:
            self.seconds[action].append(time.monotonic() - began)

    def update(self, seconds: float) -> None:
        """A page or a part of it has run because something changed, or because its timer said so."""
        self.seconds[Action.UPDATE].append(seconds)
        self.reruns += 1
