"""What a schedule deletes: photos past their undo, files without a row, closed classes past their time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from classroom_app.data.engine import Database
from classroom_app.data.repository import classes
from classroom_app.data.tables import utcnow
from classroom_app.services.privacy import PrivacyService
from classroom_app.states import DeletionScope, Phase
from classroom_app.views import DeletionTarget, PurgeReport

ORPHAN_WAIT_S = 60.0  # longer than any upload has between its file and its row


class RetentionService:
    def __init__(self, db: Database, privacy: PrivacyService, keep_closed: dt.timedelta) -> None:
        self._db = db
        self._privacy = privacy
        self._keep_closed = keep_closed  # zero: classes stay until a facilitator deletes them

    def purge(self, wait: Callable[[float], object]) -> PurgeReport:
        """Delete what is due, once. `wait` sleeps: a file without a row goes when it is seen twice."""
        past_time = self._past_time()
        closed = [event_id for event_id, phase in past_time if phase == Phase.CLOSED]
        receipts = [
            self._privacy.delete(DeletionTarget(DeletionScope.EVENT, event_id)) for event_id in closed
        ]
        swept = self._privacy.sweep()
        wait(ORPHAN_WAIT_S)
        swept += self._privacy.sweep()
        return PurgeReport(
            photos_and_files=swept,
            classes=len(receipts),
            left=sum(sum(receipt.left.values()) for receipt in receipts),
            open_past_time=len(past_time) - len(closed),
        )

    def _past_time(self) -> list[tuple[str, str]]:
        if not self._keep_closed:
            return []
        with self._db.read() as session:
            return [
                (event.id, event.phase)
                for event in classes.events(session)
                if event.created_at < utcnow() - self._keep_closed
            ]
