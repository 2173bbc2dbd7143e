"""What a rehearsal of a full class's load is asked to do, and how its iPads behave."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from classroom_app.rehearsal.options import RehearsalOptions
from classroom_app.rehearsal.problems import OptionsError

IPADS_MAX = 120
MINUTES_MAX = 120.0
IPADS_PER_GROUP = 4
# How the pages' script paces its looks (ui/widgets/follow/follow.js; a test holds that they are the same).
SLOWER = 1.15
CALM_S = 2.0
BREATH = 8
BREATH_MOST_S = 10.0


@dataclass(frozen=True)
class Rhythm:
    """What one iPad does in a round: bursts of photos, a training, live guesses, a look at the results.

    Times in seconds. The defaults are those of a child in a hurry, and of the pages' scripts: every iPad
    takes about forty photos a minute, all at once. `LESSON` is a class as it is played.
    """

    bursts: int = 2
    burst: int = 10  # a finger that rests on the shutter for two seconds
    shot_every_s: float = 0.2
    rest_s: float = 4.0  # the child looks for the next thing
    settle_s: float = 0.7  # the camera has the page run when its photos have settled
    look_every_s: float = 2.0  # the page asks whether something changed
    beat_every_s: float = 10.0  # the iPad says how it fares
    run_every_s: float = 0.5  # while a training is worked on
    play_s: float = 8.0
    frame_every_s: float = 0.3
    server_guesses: bool = False  # iPads guess by themselves; the server does it where they cannot
    results_s: float = 4.0

    @staticmethod
    def pause_s(every_s: float, unchanged: int, took_s: float) -> float:
        """Until the next look, after so many that brought nothing; the page took so long to run."""
        calm = min(every_s * SLOWER**unchanged, max(every_s, CALM_S))
        return max(calm, min(BREATH * took_s, BREATH_MOST_S))


# Six bursts of five photos between which the thing is turned or changed, then one training, a minute of
# trying it out and a look at the results: about nine photos a minute on every iPad of the class.
LESSON = Rhythm(bursts=6, burst=5, rest_s=15.0, play_s=60.0, results_s=30.0)


class LoadPace(StrEnum):
    """A rhythm by its name."""

    HURRY = "hurry"
    LESSON = "lesson"

    def rhythm(self, *, server_guesses: bool) -> Rhythm:
        rhythm = {LoadPace.HURRY: Rhythm(), LoadPace.LESSON: LESSON}[self]
        return replace(rhythm, server_guesses=server_guesses)


@dataclass(frozen=True)
class LoadOptions:
    """`ipads`: how many at once; several numbers are taken one after another, `minutes` each.

    Without `photos` they are drawn; without `url` an app is started on this machine.
    """

    ipads: tuple[int, ...]
    minutes: float = 10.0
    photos: Path | None = None
    seed: int = 0
    json_out: Path | None = None
    url: str | None = None
    facilitator: str = "facilitator"
    password: str | None = field(default=None, repr=False)
    ca: Path | None = None
    keep: bool = False
    hold_out: int = 0
    ipads_per_group: int = IPADS_PER_GROUP
    run_limit_s: float = 600.0  # a backlog of features is slow, not an error
    start_limit_s: float = 240.0
    rhythm: Rhythm = Rhythm()
    whole_rounds: bool = False  # every iPad ends the round that it began, however long that takes

    def check(self) -> None:
        """Refuses what cannot work before anything is started."""
        if not self.ipads or not all(1 <= ipads <= IPADS_MAX for ipads in self.ipads):
            raise OptionsError(f"iPads must be from 1 to {IPADS_MAX} at once.")
        if not 0 < self.minutes <= MINUTES_MAX:
            raise OptionsError(
                f"--minutes must be above 0 and at most {MINUTES_MAX:.0f}, not {self.minutes:g}."
            )
        self.as_day(self.photos or Path()).check()

    def as_day(self, photos: Path) -> RehearsalOptions:
        """The same for what a rehearsal of a day does too: read photos, start an app, make a class."""
        return RehearsalOptions(
            photos=photos,
            groups=1,
            photos_per_label=10,
            seed=self.seed,
            json_out=self.json_out,
            url=self.url,
            facilitator=self.facilitator,
            password=self.password,
            ca=self.ca,
            keep=self.keep,
            hold_out=self.hold_out,
        )


def numbers_of(text: str) -> tuple[int, ...]:
    """`10,20,40` as numbers; raises OptionsError."""
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError as exc:
        raise OptionsError(f"--ramp takes numbers with commas, such as 10,20,40; not {text!r}.") from exc
