"""Runs that lost their web process: a heartbeat says who lives, and the runs of who does not are taken over.

DBOS resumes the workflows of its own executor alone; those of another one are ours to take.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable

import structlog
from dbos import DBOS

from classroom_app.data.engine import Database
from classroom_app.data.repository import executors, runs
from classroom_app.data.tables import utcnow
from classroom_app.services.worker import Worker

BEAT_EVERY_S = 5.0
SILENT_AFTER_S = 30.0
SILENT_AFTER = dt.timedelta(seconds=SILENT_AFTER_S)
LOST_AFTER = dt.timedelta(seconds=20)  # an active run without a workflow by then never got one
ENDED = ("SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")

_log = structlog.get_logger(__name__)


class Takeover:
    """One per web process. `enqueue` and `fail` are the queue's, for runs that nobody works on."""

    def __init__(
        self,
        db: Database,
        executor_id: str,
        *,
        enqueue: Callable[[str], None],
        fail: Callable[[str, str], None],
    ) -> None:
        self._db = db
        self._executor_id = executor_id
        self._enqueue = enqueue
        self._fail = fail
        self._beat_at = -SILENT_AFTER_S
        self._worker = Worker(
            "run-keeper", self.once, every_s=BEAT_EVERY_S, waits_first=True, failed_event="run_keeper_failed"
        )

    def start(self) -> None:
        self._beat_at = time.monotonic()
        self._worker.start()

    def stop(self) -> None:
        self._worker.stop()

    def is_alive(self) -> bool:
        """By now others would think this process dead if its heart did not beat."""
        return self._worker.is_alive() and time.monotonic() - self._beat_at < SILENT_AFTER_S

    def has_died(self) -> bool:
        return self._worker.has_died()

    def once(self) -> None:
        """Say that we live, resume the runs of executors that do not, enqueue what was lost."""
        with self._db.write() as session:
            executors.beat(session, self._executor_id)
        # The row of a dead executor is held while its runs are taken over: of several who find it, one does.
        with self._db.write() as session:
            for executor_id in executors.silent(session, utcnow() - SILENT_AFTER):
                for status in DBOS.list_workflows(executor_id=executor_id, status="PENDING"):
                    DBOS.resume_workflow(status.workflow_id)
                    _log.warning("run_taken_over", run=status.workflow_id)
                executors.forget(session, executor_id)
            active = [run.id for run in runs.active(session) if run.requested_at < utcnow() - LOST_AFTER]
        self._beat_at = time.monotonic()
        for run_id in active:
            found = DBOS.list_workflows(workflow_ids=[run_id], load_input=False, load_output=False)
            if not found:
                self._enqueue(run_id)
            elif found[0].status in ENDED:
                self._fail(run_id, "run_failed")
