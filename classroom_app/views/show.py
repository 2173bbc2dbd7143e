"""Where the show of the results stands, and what a screen shows of it."""

from __future__ import annotations

from dataclasses import dataclass

from classroom_app.states import (
    Phase,
    Scene,
)
from classroom_app.views.classes import RoundClock
from classroom_app.views.contest import Award, Hardest, LookedAround, Place


@dataclass(frozen=True)
class ShowNow:
    """Where the show is, the same on every screen; another `mark` says that something of it changed.

    Before the reveal it stands at its first step and has shown nobody, after the class it is over.
    """

    step: int
    steps: int
    scene: str
    shown_group_ids: tuple[str, ...]  # their final rank has been on the screen
    automatic: bool
    over: bool
    mark: str


@dataclass(frozen=True)
class ShowStory:
    """All that the show tells; `scenes` step by step, `places` from the last to the first."""

    scenes: tuple[Scene, ...]
    places: tuple[Place, ...]
    awards: tuple[Award, ...]
    hardest: Hardest
    looked: tuple[LookedAround, ...] = ()  # best first; none where no score would be another


@dataclass(frozen=True)
class ScreenNow:
    """What every screen of a class goes by at this moment.

    `mark` has two parts with a dot between: another first one is to be drawn at once, another second one
    (photos were taken) may wait for a moment.
    """

    phase: Phase
    mark: str
    show: ShowNow
    clock: RoundClock
    dark: bool  # the screen is dark, for a darkened room
    pace_s: float | None  # seconds a step, where the show goes on by itself
    swaps: bool = False  # a swap round is on
