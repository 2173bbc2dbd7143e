"""A class at this moment, as its projectors and the facilitator's page ask for it all the time: cheap.

A screen knows by the mark whether it has to be drawn anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from classroom_app.data.engine import Database
from classroom_app.data.repository import classes, shows
from classroom_app.data.repository.shows import ScreenFacts
from classroom_app.data.tables import Run
from classroom_app.services.board import look_at, scores_of
from classroom_app.services.contest_rules import ContestService
from classroom_app.services.show import ShowService, mark_of
from classroom_app.states import SWAP_PHASES
from classroom_app.views.classes import RoundClock
from classroom_app.views.contest import BoardRow, Born, Lane, Race
from classroom_app.views.show import ScreenNow
from classroom_app.views.training import Baseline, RunScore


class ScreenService:
    def __init__(
        self,
        db: Database,
        show: ShowService,
        contest: ContestService,
        baselines: Callable[[str], tuple[Baseline, ...]],
    ) -> None:
        """`baselines`: rows for the live board beside the groups."""
        self._db = db
        self._show = show
        self._contest = contest
        self._baselines = baselines

    def look(self, event_id: str) -> ScreenNow:
        """Raises NotFoundError."""
        clock = self._contest.clock(event_id)
        with self._db.read() as session:
            facts = shows.facts(session, event_id)
        show = self._show.at(event_id, facts)
        calm = mark_of(facts.photos, facts.newest_photo, facts.fooled)
        return ScreenNow(
            phase=facts.phase,
            mark=f"{_at_once(facts, clock, show.mark)}.{calm}",
            show=show,
            clock=clock,
            dark=bool(facts.dark),
            pace_s=facts.automatic_s,
            swaps=facts.swap_turn is not None and facts.phase in SWAP_PHASES,
        )

    def race(self, event_id: str) -> Race:
        """Raises NotFoundError."""
        frozen = self._contest.clock(event_id).frozen
        with self._db.read() as session:
            event = classes.event(session, event_id)
            look = look_at(session, event, live=False)
            rows, versions = look.rows(final=False), scores_of(look.versions)
            facts = shows.facts(session, event_id)
            joined = {group.id for group in event.groups if group.joined_at is not None}
            training = shows.in_training(session, list(versions))
            newest = shows.newest_done(session, list(versions))
        lanes = [_lane(row, versions, joined, training, shows_versions=not frozen) for row in rows]
        return Race(
            lanes=tuple(sorted(lanes, key=_place)),
            photos=sum(row.photos for row in rows),
            runs=facts.done,
            born=None if frozen else _born(rows, versions, newest),
            baselines=self._baselines(event_id),
        )


def _at_once(facts: ScreenFacts, clock: RoundClock, show_mark: str) -> str:
    """Changes with all that a screen shows but photos, and the seconds that it counts itself."""
    return mark_of(
        show_mark,
        facts.groups,
        facts.epochs,
        facts.joined,
        facts.done,
        facts.last_done,
        facts.active,
        facts.last_asked,
        bool(facts.dark),
        facts.swap_turn,
        [clock.left_s is None, clock.left_s == 0, clock.paused and round(clock.left_s or 0), clock.frozen],
    )


def _lane(
    row: BoardRow,
    versions: Mapping[str, list[RunScore]],
    joined: set[str],
    training: frozenset[str],
    *,
    shows_versions: bool,
) -> Lane:
    own = versions.get(row.group_id, []) if shows_versions else []
    scores = tuple((run.practice_correct, run.practice_total) for run in own)
    return Lane(row, row.group_id in joined, row.group_id in training, scores)


def _place(lane: Lane) -> tuple[bool, int, bool, int]:
    """By rank; without an AI by photos, those who are not here yet last."""
    return lane.row.rank is None, lane.row.rank or 0, not lane.joined, -lane.row.photos


def _born(rows: tuple[BoardRow, ...], versions: Mapping[str, list[RunScore]], run: Run | None) -> Born | None:
    row = next((row for row in rows if run is not None and row.group_id == run.group_id), None)
    if run is None or run.result is None or row is None:
        return None
    earlier = [other.practice_correct for other in versions[row.group_id] if other.version < run.version]
    return Born(
        row=row,
        version=run.version,
        correct=run.result.practice_correct,
        total=run.result.practice_total,
        before=max(earlier, default=None),
        first=sum(map(len, versions.values())) == 1,
    )
