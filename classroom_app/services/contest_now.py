"""What children's pages ask of the contest and of its show: which rules hold, how much time is left, what
has been on the screen.
"""

from __future__ import annotations

from typing import Protocol

from classroom_app.errors import ConflictError
from classroom_app.states import CountedRun
from classroom_app.views import ContestRules, GroupIdentity, RoundClock, ShowNow


class Contest(Protocol):
    """Rules and time of a class's contest."""

    def rules(self, event_id: str) -> ContestRules: ...

    def clock(self, event_id: str) -> RoundClock: ...

    def choose_run(self, group: GroupIdentity, run_id: str) -> None:
        """Raises ConflictError where the rules choose, NotFoundError for a run of somebody else."""

    def counted_run(self, group: GroupIdentity) -> str | None:
        """The id of the version that counts by the rules as they are; None without an AI."""


class Show(Protocol):
    """Where the reveal is."""

    def now(self, event_id: str) -> ShowNow: ...


class PlainContest:
    """Without a contest: the best run counts, and nothing is limited."""

    def rules(self, event_id: str) -> ContestRules:
        return ContestRules(CountedRun.BEST, trainings_max=None, freeze_minutes=0, tie_break=False)

    def clock(self, event_id: str) -> RoundClock:
        return RoundClock(None, paused=False, frozen=False)

    def choose_run(self, group: GroupIdentity, run_id: str) -> None:
        raise ConflictError

    def counted_run(self, group: GroupIdentity) -> str | None:
        return None


class PlainShow:
    """Without a show: everything is on the screen at once."""

    def now(self, event_id: str) -> ShowNow:
        return ShowNow(0, 0, "thanks", (), automatic=False, over=True, mark="")
