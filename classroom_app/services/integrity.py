"""Does all that must hold still hold? Looks at rows, files and the queue of all classes; mends what is safe.

A problem names ids alone. Nothing is locked, so what is being done just now looks like a problem for a
moment: only what is seen in every one of several looks counts, and none while files go away counts as the
last.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator

from classroom_app.data import blob_keys
from classroom_app.data.acting import action
from classroom_app.data.engine import Database, Session
from classroom_app.data.files import Files
from classroom_app.data.repository import classes, deletions, finals, integrity, runs
from classroom_app.data.tables import RunResult, utcnow
from classroom_app.services import contest_score
from classroom_app.services.final import recount
from classroom_app.services.retention import ORPHAN_WAIT_S
from classroom_app.services.training.records import answers_from_json
from classroom_app.services.workflows import Workflows
from classroom_app.states import Half, ProblemKind
from classroom_app.views.deletion import IntegrityReport, Problem
from ml_core.contract.blobs import is_half_written

LOOKS = 3
BETWEEN_LOOKS_S = 1.0  # an upload has its row in less
DELETION_LOOKS_MAX = 120  # while files go away one by one a deletion is under way, and its rows go last
RUN_LOST_AFTER = dt.timedelta(seconds=60)  # a web process that lives has taken it up again by then
# What an older receipt says was left is found by the looks at rows and files, or is gone.
RECEIPTS_OF = dt.timedelta(days=2)


class IntegrityService:
    def __init__(self, db: Database, files: Files, queue: Workflows) -> None:
        self._db = db
        self._files = files
        self._queue = queue

    def check(self, wait: Callable[[float], object]) -> IntegrityReport:
        """What is wrong, thing by thing. `wait` sleeps. Raises UnavailableError when it cannot be seen."""
        problems, stored = self._look()
        looks = still = 1
        while problems and still < LOOKS and looks < DELETION_LOOKS_MAX:
            wait(BETWEEN_LOOKS_S)
            found, now_stored = self._look()
            problems &= found
            looks, still = looks + 1, 1 if stored - now_stored else still + 1
            stored = now_stored
        return IntegrityReport(tuple(sorted(problems, key=lambda found: (found.kind, found.subject))))

    @action("repaired")
    def repair(self, wait: Callable[[float], object]) -> IntegrityReport:
        """Mend what can be mended without a loss, then check again: returns what is still wrong."""
        problems = set(self.check(wait).problems)
        if any(found.kind == ProblemKind.FILE_WITHOUT_ROW for found in problems):
            wait(ORPHAN_WAIT_S)  # a file may wait for its row, and it may be a photo that an iPad has dropped
            problems &= self._look()[0]
        if any(found.repairable for found in problems):
            self._mend(problems)
        return self.check(wait)

    def _mend(self, problems: Iterable[Problem]) -> None:
        subjects = {kind: [found.subject for found in problems if found.kind == kind] for kind in ProblemKind}
        for key in subjects[ProblemKind.FILE_WITHOUT_ROW] + subjects[ProblemKind.HALF_WRITTEN_FILE]:
            self._files.delete(key)
        self._queue.forget(subjects[ProblemKind.WORKFLOW_WITHOUT_RUN])
        with self._db.write() as session:
            integrity.embed_again(session)
            integrity.compare_again(session)
            integrity.delete_without_parent(session)
        self._db.scrub()

    # -- one look ------------------------------------------------------------------------------

    def _look(self) -> tuple[set[Problem], set[str]]:
        """What looks wrong, and the files that are there."""
        # The queue first: none of its workflows was there before its run.
        workflows = set(self._queue.workflows())
        with self._db.read() as session:
            before = _Known(session)
        stored = set(self._files.keys("events/"))
        with self._db.read() as session:
            now = _Known(session)
            problems = {
                *_of_files(before, now, stored),
                *_of_runs(session, workflows, now.run_ids),
                *_of_results(session),
                *_of_finals(session),
                *_of_rows(session),
            }
            return problems, stored


class _Known:
    """What the rows say is there."""

    def __init__(self, session: Session) -> None:
        self.photos = integrity.photo_files(session)
        self.models = integrity.model_files(session)
        self.run_ids = runs.ids(session)
        self.set_aside = deletions.set_aside_keys(session)  # their deletion can still be undone
        self.at_work = {run.id for run in runs.active(session)}

    def files(self) -> set[str]:
        photos = {*self.photos, *self.set_aside}
        return {*photos, *map(blob_keys.thumb_key, photos), *self.models}


def _of_files(before: _Known, now: _Known, stored: set[str]) -> Iterator[Problem]:
    """`before` and `now` the files were listed: a row has to be known in both to miss its file."""
    for key, photo_id in now.photos.items():
        if key in before.photos and key not in stored:
            yield Problem(ProblemKind.PHOTO_WITHOUT_FILE, photo_id)
        if key in before.photos and blob_keys.thumb_key(key) not in stored:
            yield Problem(ProblemKind.PHOTO_WITHOUT_THUMB, photo_id)
    for key, run_id in now.models.items():
        if key in before.models and key not in stored:
            yield Problem(ProblemKind.MODEL_WITHOUT_FILE, run_id)
    at_work = before.at_work | now.at_work  # the model of a run that is not finished has no row yet
    for key in stored - before.files() - now.files():
        if is_half_written(key):
            yield Problem(ProblemKind.HALF_WRITTEN_FILE, key)
        elif not any(run_id in key for run_id in at_work):
            yield Problem(ProblemKind.FILE_WITHOUT_ROW, key)


def _of_runs(session: Session, workflows: set[str], run_ids: set[str]) -> Iterator[Problem]:
    for run_id in integrity.done_without_result(session):
        yield Problem(ProblemKind.RUN_WITHOUT_RESULT, run_id)
    for run_id in integrity.results_of_others(session):
        yield Problem(ProblemKind.RESULT_OF_UNDONE_RUN, run_id)
    for run_id in integrity.active_since(session, utcnow() - RUN_LOST_AFTER):
        if run_id not in workflows:
            yield Problem(ProblemKind.RUN_WITHOUT_WORKFLOW, run_id)
    for run_id in workflows - run_ids:
        yield Problem(ProblemKind.WORKFLOW_WITHOUT_RUN, run_id)


def _of_results(session: Session) -> Iterator[Problem]:
    for result in integrity.results(session):
        if not _adds_up(result):
            yield Problem(ProblemKind.SCORE_WRONG, result.run_id)


def _of_finals(session: Session) -> Iterator[Problem]:
    for event in classes.events(session):
        if finals.current(session, event.id) is not None and recount(session, event).differences:
            yield Problem(ProblemKind.FINAL_WRONG, event.id)


def _adds_up(result: RunResult) -> bool:
    """Is what the leaderboard shows what the answers say? Each challenge photo was asked once."""
    try:
        answers = answers_from_json(result.answers)
    except ValueError:
        return False
    shown = (result.practice_correct, result.practice_total, result.final_correct, result.final_total)
    halves = (Half.PRACTICE, Half.FINAL)
    counted = tuple(
        number
        for half in halves
        for number in (contest_score.right(answers, half), contest_score.asked(answers, half))
    )
    return shown == counted and len({answer.photo for answer in answers}) == len(answers)


def _of_rows(session: Session) -> Iterator[Problem]:
    for table, key in integrity.without_parent(session):
        yield Problem(ProblemKind.ROW_WITHOUT_OWNER, f"{table}/{key}")
    for photo_id in integrity.without_features(session):
        yield Problem(ProblemKind.PHOTO_WITHOUT_FEATURES, photo_id)
    for photo_id in integrity.of_another_class(session):
        yield Problem(ProblemKind.PHOTO_OF_ANOTHER_CLASS, photo_id)
    for photo_id in integrity.in_both_halves(session):
        yield Problem(ProblemKind.PHOTO_IN_BOTH_HALVES, photo_id)
    for photo_id in integrity.seen_in_another_class(session):
        yield Problem(ProblemKind.SEEN_IN_ANOTHER_CLASS, photo_id)
    for receipt_id in integrity.unclean_receipts(session, utcnow() - RECEIPTS_OF):
        yield Problem(ProblemKind.RECEIPT_NOT_CLEAN, receipt_id)
