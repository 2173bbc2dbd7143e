"""A contest and a show that a test leads by hand, in place of those of an app."""

from __future__ import annotations

from dataclasses import dataclass, replace

from classroom_app.resources import App
from classroom_app.services.group_now import GroupNowService
from classroom_app.services.group_reveal import GroupRevealService
from classroom_app.states import CountedRun, Phase
from classroom_app.views.classes import ContestRules, GroupIdentity, RoundClock
from classroom_app.views.show import ShowNow
from classroom_app.views.training import TrainingReadiness


@dataclass
class LedContest:
    """What it says is what the test has set."""

    left_s: float | None = None
    paused: bool = False
    frozen: bool = False
    counted: CountedRun = CountedRun.BEST
    late: bool = False  # photos that were taken in time have come after the end

    def rules(self, event_id: str) -> ContestRules:
        return ContestRules(self.counted, trainings_max=None, freeze_minutes=3, tie_break=False)

    def clock(self, event_id: str) -> RoundClock:
        return RoundClock(self.left_s, self.paused, self.frozen)


@dataclass
class LedShow:
    """Groups come on the screen when the test says so."""

    shown: tuple[str, ...] = ()
    over: bool = False

    def now(self, event_id: str) -> ShowNow:
        step = len(self.shown)
        mark = f"{step} {self.over}"
        return ShowNow(step, 9, "place", self.shown, automatic=False, over=self.over, mark=mark)


def lead(app: App, contest: LedContest | None = None, show: LedShow | None = None) -> None:
    """From now on the children's pages go by these."""
    led, readiness = contest or LedContest(), app.runs.readiness

    def by_the_clock(group: GroupIdentity) -> TrainingReadiness:
        found = readiness(group)
        may_train = led.late or (led.left_s != 0 and not led.paused)
        return replace(found, phase_open=group.phase == Phase.COLLECT and may_train)

    app.runs.readiness = by_the_clock  # type: ignore[method-assign]  # an app of one test
    app.contest = led  # type: ignore[assignment]  # it says what a ContestService would
    app.show = show or LedShow()  # type: ignore[assignment]  # likewise
    app.now = GroupNowService(app.db, app.contest, app.show)
    app.reveal = GroupRevealService(app.board, app.show)
