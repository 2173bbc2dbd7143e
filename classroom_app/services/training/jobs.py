"""A class's trainings for its facilitators: what waits, runs or went wrong; stopped, and asked for again.

The run's row alone decides: whoever changes its state first, under the group's lock, has done it, and every
step of the workflow, in whatever process, looks at the row before it writes anything.
"""

from __future__ import annotations

import datetime as dt
import math
import statistics
from collections.abc import Sequence

from classroom_app.data.acting import about, action
from classroom_app.data.engine import Database, Session
from classroom_app.data.repository import classes, contest, executors, finals, photos, runs
from classroom_app.data.tables import Group, Run, utcnow
from classroom_app.errors import AlreadyThereError, ConflictError, NotFoundError
from classroom_app.services.round_clock import RoundState
from classroom_app.services.training.takeover import SILENT_AFTER_S
from classroom_app.states import (
    ACTIVE_STATES,
    ENDED_BADLY,
    LABELS_TO_TRAIN,
    PHOTOS_TO_TRAIN,
    Phase,
    RunState,
)
from classroom_app.views.jobs import JobCounts, JobLine, JobsNow

STOPPED = "run_stopped"  # why a run ended that a facilitator cancelled
TYPICAL_OF = 20  # runs: as many as a class of ten groups makes in two rounds
_FIRST = {RunState.RUNNING: 0, RunState.QUEUED: 1}


class JobService:
    def __init__(self, db: Database, workers: int) -> None:
        """`workers`: runs that one process works on at a time."""
        self._db = db
        self._workers = workers

    # -- looking -------------------------------------------------------------------------------

    def look(self, event_id: str) -> JobsNow:
        """Raises NotFoundError."""
        with self._db.read() as session:
            ids = [group.id for group in classes.event(session, event_id).groups]
            return JobsNow(*self.lines(session, runs.of_groups(session, ids)))

    def counts(self, session: Session) -> JobCounts:
        at_work = runs.active_counts(session)
        active = sum(at_work.values())
        return JobCounts(
            queued=at_work.get(RunState.QUEUED, 0),
            running=at_work.get(RunState.RUNNING, 0),
            expected_s=_until_the_end(active, *self._pace(session)),
        )

    def lines(self, session: Session, own: Sequence[Run]) -> tuple[JobCounts, tuple[JobLine, ...]]:
        """`own`: all runs of one class or group."""
        now, counts, pace = utcnow(), self.counts(session), self._pace(session)
        order = [run.id for run in runs.active(session)]
        newest = runs.deleted_versions(session, list({run.group_id for run in own}))
        for run in own:
            newest[run.group_id] = max(newest.get(run.group_id, 0), run.version)
        lines = []
        for run in own:
            place = order.index(run.id) if run.state == RunState.QUEUED and run.id in order else 0
            lines.append(
                JobLine(
                    id=run.id,
                    group_id=run.group_id,
                    version=run.version,
                    state=run.state,
                    stage=run.stage,
                    progress=run.progress,
                    place=place,
                    requested_at=run.requested_at,
                    seconds=max(0.0, ((run.finished_at or now) - run.requested_at).total_seconds()),
                    error_key=run.error_key,
                    practice=(run.result.practice_correct, run.result.practice_total) if run.result else None,
                    may_retry=run.state in ENDED_BADLY and run.version == newest[run.group_id],
                    expected_s=_until_the_end(place, *pace) if run.state == RunState.QUEUED else None,
                )
            )
        # Those at work as the queue takes them, then the newest.
        lines.sort(key=lambda line: (_FIRST.get(line.state, 2), line.place, -line.requested_at.timestamp()))
        return counts, tuple(lines)

    def _pace(self, session: Session) -> tuple[float | None, int]:
        """Seconds that a run takes at present, and how many are worked on at a time."""
        took = runs.last_seconds(session, TYPICAL_OF)
        since = utcnow() - dt.timedelta(seconds=SILENT_AFTER_S)
        alive = sum(beat >= since for beat in executors.beats(session).values())
        return statistics.median(took) if took else None, self._workers * max(1, alive)

    # -- mending -------------------------------------------------------------------------------

    @action("training_cancelled")
    def cancel(self, event_id: str, run_id: str) -> None:
        """It ends here, without a result; it counts as no training of its group. A step that works on it in
        some process finds that out before it writes anything, and ends.

        Raises NotFoundError, ConflictError `run_is_over` when it had ended before.
        """
        with self._db.write() as session:
            self._of_class(session, event_id, run_id)
            run = runs.lock(session, run_id)
            if run is None:
                raise NotFoundError
            if run.state not in ACTIVE_STATES:
                raise ConflictError("run_is_over")
            run.state, run.error_key, run.finished_at = RunState.CANCELLED, STOPPED, utcnow()

    @action("training_retried")
    def retry(self, event_id: str, run_id: str) -> str:
        """The id of the group's new run, or of the one that is active already; enqueue it.

        While the round is on it is a training as any other. After that it stands for the one that was asked
        for in time: with the photos of then, as if it had been asked for then.

        Raises NotFoundError, ConflictError (`run_not_to_retry`, `not_enough_photos`, `phase_no_training`).
        """
        try:
            with self._db.write() as session:
                group_id = self._of_class(session, event_id, run_id).group_id
                group = classes.lock_group(session, group_id)
                active = runs.active_of(session, group_id)
                if active is not None:
                    return active.id
                before = session.get(Run, run_id, populate_existing=True)
                newest = runs.latest(session, group_id)
                if (
                    before is None
                    or newest is None
                    or newest.id != before.id
                    or before.state not in ENDED_BADLY
                ):
                    raise ConflictError("run_not_to_retry")
                run = _again(session, group, before)
                session.add(run)
                session.flush()
                return run.id
        except AlreadyThereError:
            # The children tapped at the same instant: the database let one in, and this is the other.
            with self._db.read() as session:
                active = runs.active_of(session, self._of_class(session, event_id, run_id).group_id)
                if active is None:
                    raise
                return active.id

    @staticmethod
    def _of_class(session: Session, event_id: str, run_id: str) -> Run:
        run = session.get(Run, run_id)
        if run is None or classes.group(session, run.group_id).event_id != event_id:
            raise NotFoundError
        about(event_id, run.group_id)
        return run


def _again(session: Session, group: Group, before: Run) -> Run:
    state = RoundState(contest.clock(session, group.event_id), utcnow())
    if state.row.phase not in {Phase.COLLECT, Phase.FINAL} or (
        finals.current(session, group.event_id) is not None
    ):
        raise ConflictError("phase_no_training")
    counts = photos.counts(session, [group.id])[group.id]
    if sum(number >= PHOTOS_TO_TRAIN for number in counts.values()) < LABELS_TO_TRAIN:
        raise ConflictError("not_enough_photos")
    return Run(
        group_id=group.id,
        epoch=group.epoch,
        version=runs.next_version(session, group.id),
        photos=counts,
        requested_at=utcnow() if state.is_open else before.requested_at,
    )


def _until_the_end(ahead: int, typical_s: float | None, at_once: int) -> float | None:
    return None if typical_s is None else typical_s * math.ceil((ahead + 1) / at_once)
