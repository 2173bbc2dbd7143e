"""The end of a class, and what goes by itself after it: on a schedule, and in each web process.

A class ends at the moment in its row. From then on nothing is taken in; it is closed, and after its days of
grace it is deleted with all that belongs to it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import structlog

from classroom_app.data.acting import action
from classroom_app.data.engine import Database
from classroom_app.data.repository import classes, leases
from classroom_app.data.tables import Event, utcnow
from classroom_app.errors import BadInputError, NotFoundError
from classroom_app.services.class_terms import CLASS_DAYS_MAX, ClassTerms
from classroom_app.services.deletions import DeletionService
from classroom_app.services.privacy import PrivacyService
from classroom_app.states import DeletionScope, Phase
from classroom_app.views.classes import ClassEnd, Keep
from classroom_app.views.deletion import DeletionTarget, PurgeReport

ORPHAN_WAIT_S = 60.0  # longer than any upload has between its file and its row
TURN = dt.timedelta(seconds=90)  # of the process that looks for classes past their time; then it is anybody's

_log = structlog.get_logger(__name__)


class RetentionService:
    def __init__(
        self,
        db: Database,
        privacy: PrivacyService,
        deletions: DeletionService,
        terms: ClassTerms,
        close: Callable[[str], object],
    ) -> None:
        """`close`: moves a class to its last phase."""
        self._db = db
        self._privacy = privacy
        self._deletions = deletions
        self._terms = terms
        self._close = close

    # -- a class's end -------------------------------------------------------------------------

    def end(self, event_id: str) -> ClassEnd:
        with self._db.read() as session:
            return self._terms.end(classes.event(session, event_id))

    def keep_days_max(self) -> int:
        """The most days from its end to its deletion that a class may choose; 0: it cannot."""
        return self._terms.keep_days_max

    @action("class_end_set")
    def set_end(
        self, event_id: str, ends_at: dt.datetime, keep_days: int | Keep | None = Keep.AS_IT_IS
    ) -> None:
        """Both or nothing. Raises BadInputError `class_end_wrong`: it lies ahead, and within a year; for the
        days, as `set_keep`.
        """
        now = utcnow()
        if not now < ends_at <= now + dt.timedelta(days=CLASS_DAYS_MAX):
            raise BadInputError("class_end_wrong", number=CLASS_DAYS_MAX)
        with self._db.write() as session:
            event = classes.event(session, event_id)
            event.ends_at = ends_at
            if keep_days is not Keep.AS_IT_IS:
                self._keep(event, keep_days)

    @action("class_keep_set")
    def set_keep(self, event_id: str, days: int | None) -> None:
        """How many days after its end the class is deleted, never later than the settings say; None: as they
        say. Raises BadInputError `class_keep_wrong`, `class_keep_past` for a day that is over.
        """
        with self._db.write() as session:
            self._keep(classes.event(session, event_id), days)

    def _keep(self, event: Event, days: int | None) -> None:
        event.keep_days = self._terms.checked(days)
        goes_at = self._terms.end(event).goes_at
        # It would be gone with the next sweep: that is asked for where deletions are asked twice.
        if days is not None and goes_at is not None and goes_at <= utcnow():
            raise BadInputError("class_keep_past")

    # -- what goes by itself -------------------------------------------------------------------

    def tick(self) -> None:
        """Close what has come to its end, delete what is past its time; one process at a time does it."""
        with self._db.write() as session:
            if not leases.take(session, "retention", TURN):
                return
        closed, (gone, left) = self._close_ended(), self._delete_past_time()
        if closed or gone:
            _log.info("classes_past_their_time", closed=closed, deleted=gone, left=left)

    def purge(self, wait: Callable[[float], object]) -> PurgeReport:
        """Delete what is due, once. `wait` sleeps: a file without a row goes when it is seen twice."""
        closed, (gone, left) = self._close_ended(), self._delete_past_time()
        self._deletions.sweep()
        swept = self._privacy.sweep()
        wait(ORPHAN_WAIT_S)
        swept += self._privacy.sweep()
        return PurgeReport(photos_and_files=swept, classes=gone, left=left, closed=closed)

    def _close_ended(self) -> int:
        now = utcnow()
        with self._db.read() as session:
            open_ones = [event for event in classes.events(session) if event.phase != Phase.CLOSED]
            ended = [event.id for event in open_ones if self._terms.end(event).ends_at <= now]
        for event_id in ended:
            self._close(event_id)
        return len(ended)

    def _delete_past_time(self) -> tuple[int, int]:
        """How many classes went, and what a recount found of them."""
        now = utcnow()
        with self._db.read() as session:
            ends = {event.id: self._terms.end(event).goes_at for event in classes.events(session)}
        gone = left = 0
        for event_id, goes_at in ends.items():
            if goes_at is None or goes_at > now:
                continue
            try:
                receipt = self._deletions.delete_now(DeletionTarget(DeletionScope.EVENT, event_id))
            except NotFoundError:  # a facilitator was faster
                continue
            gone, left = gone + 1, left + receipt.remains
        return gone, left
