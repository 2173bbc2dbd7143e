"""The contest of a class: its rules, the clock of its round, and which version a group wants to count.

Scores come from `contest_score`, ranks from `ranking`.
"""

from __future__ import annotations

import datetime as dt

from classroom_app.data.acting import action
from classroom_app.data.engine import Database
from classroom_app.data.repository import classes, contest, finals
from classroom_app.data.tables import Run, utcnow
from classroom_app.errors import BadInputError, ConflictError, NotFoundError
from classroom_app.services.final import forget_round
from classroom_app.services.ranking import rules_of
from classroom_app.services.round_clock import RoundState
from classroom_app.states import CountedRun, Phase, RunState
from classroom_app.views.classes import ContestRules, GroupIdentity, RoundClock

ROUND_MINUTES_MAX = 180
FREEZE_MINUTES_MAX = 30
TRAININGS_MAX = 50


def check_rules(rules: ContestRules) -> None:
    """Raises BadInputError `rules_wrong`."""
    trainings = rules.trainings_max
    if not 0 <= rules.freeze_minutes <= FREEZE_MINUTES_MAX or (
        trainings is not None and not 1 <= trainings <= TRAININGS_MAX
    ):
        raise BadInputError("rules_wrong", trainings=TRAININGS_MAX, minutes=FREEZE_MINUTES_MAX)


class ContestService:
    def __init__(self, db: Database) -> None:
        self._db = db

    # -- rules ---------------------------------------------------------------------------------

    def rules(self, event_id: str) -> ContestRules:
        with self._db.read() as session:
            return rules_of(classes.event(session, event_id))

    @action("rules_set")
    def set_rules(self, event_id: str, rules: ContestRules) -> None:
        """From now on. Raises BadInputError `rules_wrong`, ConflictError `final_is_made` after the reveal."""
        check_rules(rules)
        with self._db.write() as session:
            event = contest.lock(session, event_id)
            if finals.current(session, event_id) is not None:
                raise ConflictError("final_is_made")
            state = RoundState(contest.clock_of(event), utcnow())
            # What stands still goes on standing still, unless somebody takes the freeze away.
            event.board_frozen_at = state.frozen_since if rules.freeze_minutes else None
            event.counted, event.trainings_max = rules.counted, rules.trainings_max
            event.freeze_minutes, event.tie_break = rules.freeze_minutes, rules.tie_break

    # -- the clock -----------------------------------------------------------------------------

    def clock(self, event_id: str) -> RoundClock:
        with self._db.read() as session:
            return RoundState(contest.clock(session, event_id), utcnow()).clock

    @action("round_started")
    def start_round(self, event_id: str, minutes: float | None) -> None:
        """A new round of so many minutes from now on, or (None) without an end.

        Raises BadInputError `round_minutes_wrong`, ConflictError `round_not_now` outside of collecting.
        """
        if minutes is not None and not 0 < minutes <= ROUND_MINUTES_MAX:
            raise BadInputError("round_minutes_wrong", number=ROUND_MINUTES_MAX)
        with self._db.write() as session:
            event = contest.lock(session, event_id)
            if event.phase != Phase.COLLECT:
                raise ConflictError("round_not_now")
            now = utcnow()
            forget_round(event)
            event.round_started_at = now
            if minutes is not None:
                event.round_ends_at = now + dt.timedelta(minutes=minutes)

    @action("round_paused")
    def pause(self, event_id: str) -> None:
        """Nobody takes photos or trains until it goes on; a pause that is on already goes on.

        Raises ConflictError `round_not_now` while nothing runs.
        """
        with self._db.write() as session:
            event = contest.lock(session, event_id)
            state = RoundState(contest.clock_of(event), utcnow())
            if event.round_paused_at is not None:
                return
            if not state.is_open:
                raise ConflictError("round_not_now")
            event.round_paused_at = state.now

    @action("round_went_on")
    def go_on(self, event_id: str) -> None:
        """The round ends as much later as the pause was long; without a pause nothing happens."""
        with self._db.write() as session:
            event = contest.lock(session, event_id)
            if event.round_paused_at is None:
                return
            now = utcnow()
            event.board_frozen_at = RoundState(contest.clock_of(event), now).frozen_since
            if event.round_ends_at is not None:
                event.round_ends_at += max(now - event.round_paused_at, dt.timedelta(0))
            event.round_paused_at, event.round_went_on_at = None, now

    @action("round_longer")
    def add_minutes(self, event_id: str, minutes: float) -> None:
        """More time, from the end on or, when time is up, from now on.

        Raises BadInputError `round_minutes_wrong`, ConflictError `round_not_now` without a time box.
        """
        if not 0 < minutes <= ROUND_MINUTES_MAX:
            raise BadInputError("round_minutes_wrong", number=ROUND_MINUTES_MAX)
        with self._db.write() as session:
            event = contest.lock(session, event_id)
            if event.phase != Phase.COLLECT or event.round_ends_at is None:
                raise ConflictError("round_not_now")
            state = RoundState(contest.clock_of(event), utcnow())
            event.board_frozen_at = state.frozen_since  # what stands still does not begin to move again
            start = state.now if state.over_since else event.round_ends_at
            event.round_ends_at = start + dt.timedelta(minutes=minutes)

    # -- a group's choice ----------------------------------------------------------------------

    @action("version_chosen")
    def choose_run(self, group: GroupIdentity, run_id: str) -> None:
        """This version shall count (where the class's rule is that groups choose), until it chooses another.

        Raises NotFoundError for a run that is not a finished one of the group, ConflictError `choice_closed`
        where groups do not choose or the final is made.
        """
        with self._db.write() as session:
            row = classes.lock_group(session, group.id, group.epoch)
            run = session.get(Run, run_id)
            if run is None or run.group_id != group.id or run.state != RunState.DONE:
                raise NotFoundError
            event = row.event
            if event.counted != CountedRun.CHOSEN or event.phase not in {Phase.COLLECT, Phase.FINAL}:
                raise ConflictError("choice_closed")
            if finals.current(session, event.id) is not None:
                raise ConflictError("choice_closed")
            run.chosen_at = utcnow()
