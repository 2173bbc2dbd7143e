"""The show of the results: one state in the database, led from the facilitator's page or a projector. Its
scenes, and which one is on, are worked out in `show_steps`.

All times are this server's. Where it goes on by itself nobody has to push it: whoever looks works out the
step from the time that has passed.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import time
from collections.abc import Callable
from typing import Final

from classroom_app.data.acting import action
from classroom_app.data.engine import Database
from classroom_app.data.repository import finals, shows
from classroom_app.data.repository.shows import ScreenFacts
from classroom_app.data.tables import Show, utcnow
from classroom_app.errors import AlreadyThereError, BadInputError, ConflictError
from classroom_app.services import show_steps
from classroom_app.services.board import BoardService
from classroom_app.services.hardest import HardestService
from classroom_app.states import Leader, Phase, Scene
from classroom_app.views.contest import Award
from classroom_app.views.show import ShowNow, ShowStory

PACE_S_MIN, PACE_S_MAX = 2.0, 60.0
STORY_KEPT_S: Final = 5.0  # and never beyond a new run or a reset
STORIES_MAX: Final = 50
_MARK_BYTES: Final = 9


def mark_of(*shown: object) -> str:
    """The same for the same things on every process of the web tier."""
    return hashlib.blake2s(json.dumps(shown, default=str).encode(), digest_size=_MARK_BYTES).hexdigest()


class ShowService:
    def __init__(
        self,
        db: Database,
        board: BoardService,
        hardest: HardestService,
        awards: Callable[[str], tuple[Award, ...]],
        *,
        now: Callable[[], dt.datetime] = utcnow,
    ) -> None:
        self._db = db
        self._board = board
        self._hardest = hardest
        self._awards = awards
        self._now = now
        self._stories: dict[str, tuple[object, float, ShowStory]] = {}

    # -- looking -------------------------------------------------------------------------------

    def now(self, event_id: str) -> ShowNow:
        """Raises NotFoundError."""
        with self._db.read() as session:
            facts = shows.facts(session, event_id)
        return self.at(event_id, facts)

    def at(self, event_id: str, facts: ScreenFacts) -> ShowNow:
        """The show of a class of which somebody has just asked the facts."""
        if facts.phase not in {Phase.REVEAL, Phase.CLOSED}:
            return ShowNow(0, 0, Scene.DRUM, (), automatic=False, over=False, mark=mark_of(facts.phase))
        story = self.story(event_id, facts)
        last = len(story.scenes) - 1
        step = last if facts.phase == Phase.CLOSED else self._step(story, facts)
        shown, automatic = show_steps.shown(story, step), facts.automatic_s is not None
        return ShowNow(
            step=step,
            steps=len(story.scenes),
            scene=story.scenes[step],
            shown_group_ids=shown,
            automatic=automatic,
            over=step == last,
            mark=mark_of(facts.phase, step, story.scenes, shown, facts.automatic_s),
        )

    def story(self, event_id: str, facts: ScreenFacts | None = None) -> ShowStory:
        """What the show tells; worked out anew when a run or a reset came between. Raises NotFoundError."""
        if facts is None:
            with self._db.read() as session:
                facts = shows.facts(session, event_id)
        key = (facts.phase, facts.groups, facts.epochs, facts.done, facts.last_done, facts.looked_at)
        kept = self._stories.get(event_id)
        if kept is not None and kept[0] == key and time.monotonic() - kept[1] < STORY_KEPT_S:
            return kept[2]
        story = self._tell(event_id)
        if len(self._stories) >= STORIES_MAX:
            self._stories.clear()
        self._stories[event_id] = (key, time.monotonic(), story)
        return story

    def _tell(self, event_id: str) -> ShowStory:
        told = show_steps.places(self._board.board(event_id, final=True).rows)
        awards, hardest = self._awards(event_id), self._hardest.of_class(event_id)
        with self._db.read() as session:
            after = finals.looked_correct(session, event_id)
        looked = show_steps.looked(told, after)
        order = show_steps.scenes(
            told, awards=bool(awards), hardest=bool(hardest.photos), looked=bool(looked)
        )
        return ShowStory(order, told, awards, hardest, looked)

    def _step(self, story: ShowStory, facts: ScreenFacts) -> int:
        if facts.step is None or facts.changed_at is None:
            return 0
        elapsed = (self._now() - facts.changed_at).total_seconds()
        return show_steps.step_at(story, facts.step, elapsed, facts.automatic_s)

    # -- leading -------------------------------------------------------------------------------

    @action("show_led")
    def next(self, event_id: str, seen: int, leader: Leader) -> ShowNow:
        """One step on from the step that the leader saw. Where the show has gone on meanwhile, nothing
        happens: two who press at once make one step. Raises NotFoundError, ConflictError where no show is on.
        """
        return self._move(event_id, seen + 1, leader, seen)

    @action("show_led")
    def back(self, event_id: str, seen: int, leader: Leader) -> ShowNow:
        """One step back, by the same rule."""
        return self._move(event_id, seen - 1, leader, seen)

    def go(self, event_id: str, step: int, leader: Leader) -> ShowNow:
        """To this step, wherever the show is."""
        return self._move(event_id, step, leader, None)

    @action("show_replayed")
    def replay(self, event_id: str, leader: Leader) -> ShowNow:
        """From the beginning."""
        return self._move(event_id, 0, leader, None)

    @action("show_pace_set")
    def set_automatic(self, event_id: str, seconds: float | None) -> ShowNow:
        """So many seconds a step from now on, or led by hand. Raises BadInputError."""
        if seconds is not None and not PACE_S_MIN <= seconds <= PACE_S_MAX:
            raise BadInputError
        story = self.story(event_id)

        def change(row: Show) -> None:
            row.step = self._step_of(story, row)  # it stays where it is
            row.changed_at, row.automatic_s = self._now(), seconds

        return self._change(event_id, change)

    @action("screens_dark")
    def set_dark(self, event_id: str, dark: bool) -> None:
        """For all screens of the class, in every phase."""

        def change(row: Show) -> None:
            row.dark = dark

        self._change(event_id, change)

    def _move(self, event_id: str, wanted: int, leader: Leader, seen: int | None) -> ShowNow:
        with self._db.read() as session:
            facts = shows.facts(session, event_id)
        if facts.phase != Phase.REVEAL:
            raise ConflictError
        story = self.story(event_id, facts)

        def change(row: Show) -> None:
            at, to = self._step_of(story, row), show_steps.within(story, wanted)
            if to != at and seen in {None, at}:
                row.step, row.changed_at, row.leader = to, self._now(), leader

        return self._change(event_id, change)

    def _step_of(self, story: ShowStory, row: Show) -> int:
        elapsed = (self._now() - row.changed_at).total_seconds()
        return show_steps.step_at(story, row.step, elapsed, row.automatic_s)

    def _change(self, event_id: str, change: Callable[[Show], None]) -> ShowNow:
        try:
            self._write(event_id, change)
        except AlreadyThereError:  # another leader made the row at the same moment
            self._write(event_id, change)
        return self.now(event_id)

    def _write(self, event_id: str, change: Callable[[Show], None]) -> None:
        with self._db.write() as session:
            change(shows.lock(session, event_id))
