"""The screens of a class as a rehearsal sees them: how soon the board knows a finished run,
and when each step of the show is on every projector and on the iPads whose place it tells.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import functools
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from classroom_app.rehearsal.answers import LeaderboardRow, RunStatus, ScreenNews
from classroom_app.rehearsal.client import FacilitatorClient, GroupClient
from classroom_app.rehearsal.page_session import PageSession
from classroom_app.rehearsal.problems import RehearsalError
from classroom_app.rehearsal.records import LedStep, ShowRecord

SCREENS = 2
LOOK_EVERY_S = 0.3  # as the projector's page does
IPAD_LOOKS_EVERY_S = 2.0  # as a group's page does
STEP_LIMIT_S = 10.0


@dataclass
class Screen:
    """A projector: asks for news as its page does, and reads the board when it would be drawn anew.

    With a `page` that is run too, and what it draws is on the screen when it has.
    """

    facilitator: FacilitatorClient
    class_id: str
    page: PageSession | None = None
    runs: dict[str, float] = field(default_factory=dict)  # when each run's score was first on the board, in s
    steps: dict[int, float] = field(default_factory=dict)  # when each step was first seen, in s
    newest: ScreenNews | None = None

    async def follow(self) -> None:
        """Until it is cancelled."""
        while True:
            with contextlib.suppress(RehearsalError):  # as on a page: the next look will tell
                await self._look()
            await asyncio.sleep(LOOK_EVERY_S)

    async def _look(self) -> None:
        news = await self.facilitator.screen(self.class_id, self.newest.mark if self.newest else "")
        if news is None:
            return
        drawn_anew = self.newest is None or news.at_once != self.newest.at_once
        self.newest = news
        told = news.phase == "reveal"
        # Before the page runs: then it draws these at least.
        rows = (await self.facilitator.leaderboard(self.class_id)).rows if drawn_anew and not told else ()
        if drawn_anew and self.page is not None:
            await self.page.show()
        if told:
            self.steps.setdefault(news.step, time.monotonic())
        for row in rows:
            for run in row.versions:
                self.runs.setdefault(run.id, time.time())


@contextlib.asynccontextmanager
async def open_screens(
    facilitator: FacilitatorClient, class_id: str, pages: Sequence[PageSession] = ()
) -> AsyncIterator[tuple[Screen, ...]]:
    """So many screens, open side by side until the end of the block; one for each of the `pages`, where they
    are given.
    """
    shown: Sequence[PageSession | None] = pages or [None] * SCREENS
    screens = tuple(Screen(facilitator, class_id, page) for page in shown)
    following = [asyncio.create_task(screen.follow()) for screen in screens]
    try:
        yield screens
    finally:
        for task in following:
            task.cancel()
        await asyncio.gather(*following, return_exceptions=True)


def behind_s(screens: Sequence[Screen], runs: Sequence[RunStatus]) -> list[float]:
    """Seconds from the end of a run to its score on the last screen, by the app's and our own clock."""
    return [
        max(screen.runs[run.id] for screen in screens)
        - dt.datetime.fromisoformat(run.finished_at).timestamp()
        for run in runs
        if run.finished_at and all(run.id in screen.runs for screen in screens)
    ]


def place_steps(rows: Sequence[LeaderboardRow]) -> dict[str, int]:
    """By group id, the step by which its place has been told; of equals the last one's."""
    told = sorted(rows, key=lambda row: (row.final_rank is not None, -(row.final_rank or 0)))
    last = {row.final_rank: step for step, row in enumerate(told, start=1)}
    return {row.group_id: last[row.final_rank] for row in told}


async def lead_show(
    facilitator: FacilitatorClient,
    class_id: str,
    screens: Sequence[Screen],
    ipads: Mapping[str, GroupClient],
    steps_by_group: Mapping[str, int],
    fail: Callable[[str], None],
) -> ShowRecord:
    """Presses "next" to the end, whenever the step before is on every screen.

    `ipads`: one of each group, by group id; they look on, as a page that waits for the screen does.
    """
    record = ShowRecord()
    began: dict[int, float] = {}
    looking = [
        asyncio.create_task(_told(ipad, functools.partial(began.get, steps_by_group[group_id])))
        for group_id, ipad in ipads.items()
    ]
    step, steps = 0, await _first(screens, fail)
    while step < steps - 1:
        began[step + 1] = time.monotonic()
        scene = await facilitator.next_step(class_id, seen=step)
        step += 1
        seen = [await _seen(screen, step, began[step]) for screen in screens]
        if None in seen:
            fail(f"step {step} of the show ({scene}) was not on every screen after {STEP_LIMIT_S:.0f} s")
        record.steps.append(LedStep(step, scene, tuple(one for one in seen if one is not None)))
    for group_id, seconds in zip(ipads, await asyncio.gather(*looking), strict=True):
        if seconds is None:
            fail(f"the iPad of {group_id} was not told its place within {STEP_LIMIT_S:.0f} s of the screen")
        else:
            record.ipads_s[group_id] = seconds
    return record


async def _first(screens: Sequence[Screen], fail: Callable[[str], None]) -> int:
    """How many steps there are, as soon as a screen knows."""
    if await _seen(screens[0], 0, time.monotonic()) is None or screens[0].newest is None:
        fail(f"no screen was at the show {STEP_LIMIT_S:.0f} s after the reveal")
        return 0
    return screens[0].newest.steps


async def _seen(screen: Screen, step: int, since: float) -> float | None:
    """Seconds until that step was on the screen; none: it did not come in time."""
    while step not in screen.steps:
        if time.monotonic() - since > STEP_LIMIT_S:
            return None
        await asyncio.sleep(0.01)
    return max(0.0, screen.steps[step] - since)


async def _told(ipad: GroupClient, place_began: Callable[[], float | None]) -> float | None:
    """Seconds from the group's place on the screen to news of it on its iPad; none: no news in time.

    `place_began`: when its step was asked for, nothing before that.
    """
    mark = await ipad.look("results")
    while (since := place_began()) is None or time.monotonic() - since < STEP_LIMIT_S:
        await asyncio.sleep(IPAD_LOOKS_EVERY_S)
        news = await ipad.look("results", mark or "")
        since = place_began()
        if news is None or news == mark:
            continue
        mark = news
        if since is not None:
            return time.monotonic() - since
    return None
