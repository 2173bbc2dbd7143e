"""Training runs: asked for by a tap, read as versions."""

from __future__ import annotations

from classroom_app.data.acting import action
from classroom_app.data.engine import Database, Session
from classroom_app.data.repository import classes, contest, photos, runs
from classroom_app.data.tables import Run, RunResult, utcnow
from classroom_app.errors import AlreadyThereError, ConflictError, NotFoundError
from classroom_app.services.classes import label_view
from classroom_app.services.round_clock import RoundState
from classroom_app.services.staff_words import check_not_waiting
from classroom_app.services.training.records import answers_from_json
from classroom_app.states import LABELS_TO_TRAIN, PHOTOS_TO_TRAIN, Half, RunState
from classroom_app.views.classes import GroupIdentity
from classroom_app.views.training import CurvePoint, Journey, RunView, TrainingReadiness


class RunService:
    def __init__(self, db: Database) -> None:
        self._db = db

    # -- the tap -------------------------------------------------------------------------------

    def readiness(self, group: GroupIdentity) -> TrainingReadiness:
        with self._db.read() as session:
            return _readiness(session, group)

    def journey(self, group: GroupIdentity) -> Journey:
        with self._db.read() as session:
            ready = _readiness(session, group)
            return Journey(not ready.missing, runs.count_versions(session, group.id), ready.ai_deleted)

    @action("training_asked")
    def request(self, group: GroupIdentity) -> str:
        """The id of the group's active run; made now when there is none.

        Raises ConflictError (`group_waits`, `phase_no_training`, `round_over`, `round_paused`,
        `trainings_used_up`, `not_enough_photos`).
        """
        try:
            with self._db.write() as session:
                row = classes.lock_group(session, group.id, group.epoch)
                active = runs.active_of(session, group.id)
                if active is not None:
                    return active.id
                check_not_waiting(row)
                ready = _readiness(session, group)
                if not ready.phase_open:
                    _round(session, group).check_open(ConflictError("phase_no_training"))
                if ready.trainings_left == 0:
                    raise ConflictError("trainings_used_up")
                if ready.missing:
                    raise ConflictError("not_enough_photos")
                run = Run(
                    group_id=group.id,
                    epoch=group.epoch,
                    version=runs.next_version(session, group.id),
                    photos=ready.counts,
                )
                session.add(run)
                session.flush()
                return run.id
        except AlreadyThereError:
            # Two taps at the same instant: the database let one in, and this is the other.
            with self._db.read() as session:
                active = runs.active_of(session, group.id)
                if active is None:
                    raise
                return active.id

    # -- reading -------------------------------------------------------------------------------

    def status(self, group: GroupIdentity, run_id: str) -> RunView:
        """Raises NotFoundError, for a run of another group too."""
        with self._db.read() as session:
            run = session.get(Run, run_id)
            if run is None or run.group_id != group.id:
                raise NotFoundError
            return _view(session, run)

    def latest(self, group: GroupIdentity) -> RunView | None:
        with self._db.read() as session:
            run = runs.latest(session, group.id)
            return _view(session, run) if run is not None else None

    def history(self, group: GroupIdentity) -> list[RunView]:
        """The versions that finished, oldest first."""
        with self._db.read() as session:
            return [_view(session, run) for run in runs.of_groups(session, [group.id], RunState.DONE)]


def _round(session: Session, group: GroupIdentity) -> RoundState:
    return RoundState(contest.clock(session, group.event_id), utcnow())


def _may_train(session: Session, group: GroupIdentity, state: RoundState) -> bool:
    """While the round is on. After its end for a moment too, where photos that were taken in time came late:
    they could count in no AI otherwise.
    """
    if state.is_open or state.over_since is None:
        return state.is_open
    return state.in_grace and contest.has_late_photos(session, group.id, state.over_since)


def _trainings_left(
    session: Session, group: GroupIdentity, limit: int | None, state: RoundState
) -> int | None:
    if limit is None:
        return None
    return max(0, limit - contest.trainings(session, group.id, state.row.started_at))


def _readiness(session: Session, group: GroupIdentity) -> TrainingReadiness:
    event = classes.event(session, group.event_id)
    labels = tuple(label_view(label) for label in event.labels)
    counts = photos.counts(session, [group.id])[group.id]
    short = sorted(
        ((label, PHOTOS_TO_TRAIN - counts.get(label.id, 0)) for label in labels),
        key=lambda item: item[1],
    )
    state = _round(session, group)
    enough = sum(number <= 0 for _, number in short) >= LABELS_TO_TRAIN
    return TrainingReadiness(
        labels=labels,
        counts=counts,
        missing=() if enough else tuple(item for item in short if item[1] > 0),
        phase_open=_may_train(session, group, state),
        ai_deleted=_ai_deleted(session, group),
        trainings_left=_trainings_left(session, group, event.trainings_max, state),
    )


def _ai_deleted(session: Session, group: GroupIdentity) -> bool:
    newest = runs.latest(session, group.id)
    gone = runs.deleted_versions(session, [group.id]).get(group.id, 0)
    return gone > (newest.version if newest else 0)


def _view(session: Session, run: Run) -> RunView:
    result = run.result
    scored = result if result is not None and result.practice_total else None
    return RunView(
        id=run.id,
        version=run.version,
        state=run.state,
        stage=run.stage,
        progress=run.progress,
        place=runs.ahead_of(session, run) if run.state == RunState.QUEUED else 0,
        photos=sum(run.photos.values()),
        photos_by_label=dict(run.photos),
        error_key=run.error_key,
        requested_at=run.requested_at,
        finished_at=run.finished_at,
        practice_correct=scored.practice_correct if scored else None,
        practice_total=scored.practice_total if scored else None,
        curve=tuple(CurvePoint(**point) for point in result.curve) if result else (),
        confusion=_confusion(result) if result else {},
        left_out=run.left_out,
        tells_seen=run.tells_seen,
    )


def _confusion(result: RunResult) -> dict[str, dict[str, int]]:
    table: dict[str, dict[str, int]] = {}
    for answer in answers_from_json(result.answers):
        if answer.half == Half.PRACTICE:
            row = table.setdefault(answer.label, {})
            row[answer.guess] = row.get(answer.guess, 0) + 1
    return table
