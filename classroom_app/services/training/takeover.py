"""Runs that lost their web process: a heartbeat says who lives, and the runs of who does not are taken over.

DBOS resumes the workflows of its own executor alone, and tries once, as it starts; those of another one, and
those that this one try missed, are ours to take.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import time
from collections.abc import Callable, Mapping, Set

import structlog
from dbos import DBOS

from classroom_app.data.engine import Database
from classroom_app.data.repository import executors, leases, runs
from classroom_app.data.tables import utcnow
from classroom_app.errors import AlreadyThereError
from classroom_app.services.worker import Worker

BEAT_EVERY_S = 5.0
SILENT_AFTER_S = 30.0
LOOKED_AWAY_S = 15.0  # a judge that did not look for so long has not seen who was silent meanwhile
HEART_STOP_WAIT_S = 2.0
# Of all processes one a beat looks for runs that nobody works on; who died, each sees for itself.
TURN = dt.timedelta(seconds=BEAT_EVERY_S - 0.5)
LOST_AFTER = dt.timedelta(seconds=20)  # an active run without a workflow by then never got one
ENDED = ("SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")

_log = structlog.get_logger(__name__)


class Silence:
    """Who has not beaten for SILENT_AFTER_S while this process was looking.

    Seconds are of this process's own clock, and of time in which it did look: the database may have been
    away, or this process frozen, and the others could not be heard. Clocks of two machines are not compared.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._looked_at = clock()
        self._since: dict[str, tuple[dt.datetime, float]] = {}

    def among(self, beats: Mapping[str, dt.datetime]) -> list[str]:
        """`beats`: the last one of each, as it is stored now. Call it every few seconds."""
        now = self._clock()
        if now - self._looked_at > LOOKED_AWAY_S:
            self._since.clear()
        self._looked_at = now
        before, self._since = self._since, {}
        for name, beat_at in beats.items():
            known = before.get(name)
            self._since[name] = known if known is not None and known[0] == beat_at else (beat_at, now)
        return [name for name, (_, since) in self._since.items() if now - since >= SILENT_AFTER_S]


class Takeover:
    """One per web process. `enqueue` and `fail` are the queue's, for runs that nobody works on; `at_work`:
    the runs that this process works on.

    Two threads: a heart that waits for DBOS would stop as long as the queue's database is away.
    """

    def __init__(
        self,
        db: Database,
        executor_id: str,
        *,
        enqueue: Callable[[str], None],
        fail: Callable[[str, str], None],
        at_work: Callable[[], Set[str]],
    ) -> None:
        self._db = db
        self._executor_id = executor_id
        self._enqueue = enqueue
        self._fail = fail
        self._at_work = at_work
        self._left: Set[str] = frozenset()
        self._beat_at = -SILENT_AFTER_S
        self.silence = Silence()
        self._heart = Worker(
            "run-heart",
            self.beat,
            every_s=BEAT_EVERY_S,
            waits_first=True,
            failed_event="run_heart_failed",
            stop_wait_s=HEART_STOP_WAIT_S,
        )
        self._keeper = Worker(
            "run-keeper", self.once, every_s=BEAT_EVERY_S, waits_first=True, failed_event="run_keeper_failed"
        )

    def start_heart(self) -> None:
        """Before the first run is taken: of whom nobody has heard, nobody would know that it died."""
        self.beat()
        self._heart.start()

    def start_keeper(self) -> None:
        """As soon as DBOS is there."""
        self._keeper.start()

    def stop_keeper(self) -> None:
        self._keeper.stop()

    def stop_heart(self) -> None:
        """Last of all: until then runs are worked on here."""
        self._heart.stop()

    def is_alive(self) -> bool:
        """By now others would think this process dead if its heart did not beat."""
        threads = (self._heart, self._keeper)
        beats = time.monotonic() - self._beat_at < SILENT_AFTER_S
        return beats and all(thread.is_alive() for thread in threads)

    def has_died(self) -> bool:
        return self._heart.has_died() or self._keeper.has_died()

    def beat(self) -> None:
        # When another process makes our row at this moment, because it heard of us, that is as good.
        with contextlib.suppress(AlreadyThereError), self._db.write() as session:
            executors.beat(session, self._executor_id)
        self._beat_at = time.monotonic()

    def once(self) -> None:
        """Resume the runs of executors that do not live any more; in our turn also enqueue what was lost."""
        with self._db.write() as session:
            is_ours = leases.take(session, "run-keeper", TURN)
        with self._db.read() as session:
            beats = executors.beats(session)
        if is_ours:
            # After the look at the beats: of whom is taken over just now, nothing is pending any more.
            pending = DBOS.list_workflows(status="PENDING", load_input=False, load_output=False)
            self._notice_strangers({status.executor_id for status in pending if status.executor_id}, beats)
            self._resume_left({s.workflow_id for s in pending if s.executor_id == self._executor_id})
        for executor_id in self.silence.among(beats):
            if executor_id == self._executor_id:
                continue  # our own heart finds no way; the others see that too
            self._take_over(executor_id, beats[executor_id])
        if is_ours:
            self._mend_lost()

    def _notice_strangers(self, at_runs: Set[str], beats: Mapping[str, dt.datetime]) -> None:
        """Who works on runs and has no row gets one, and with it the same time as anybody to be heard."""
        for executor_id in at_runs - set(beats):
            _log.warning("executor_unheard_of", executor=executor_id)
            with contextlib.suppress(AlreadyThereError), self._db.write() as session:
                executors.notice(session, executor_id)

    def _resume_left(self, ours: Set[str]) -> None:
        """Runs that are `ours` by their workflow, but that no thread here works on: a process of this name
        died, and the one try at our start failed. Seen twice, as one taken up just now may not have begun.
        """
        left = ours - self._at_work()
        for run_id in left & self._left:
            DBOS.resume_workflow(run_id)
            _log.warning("run_taken_over", run=run_id)
        self._left = left - self._left

    def _take_over(self, executor_id: str, beat_at: dt.datetime) -> None:
        # Of several who find it, the one who takes the row away takes its runs over. Not in one transaction:
        # the queue may be slow, and a database ends those that idle. Who dies in between leaves runs of
        # somebody without a row, and these are noticed as well.
        with self._db.write() as session:
            if not executors.hold(session, executor_id, beat_at):
                return
            executors.forget(session, executor_id)
        for status in DBOS.list_workflows(executor_id=executor_id, status="PENDING"):
            DBOS.resume_workflow(status.workflow_id)
            _log.warning("run_taken_over", run=status.workflow_id)

    def _mend_lost(self) -> None:
        with self._db.read() as session:
            active = [run.id for run in runs.active(session) if run.requested_at < utcnow() - LOST_AFTER]
        if not active:
            return
        found = DBOS.list_workflows(workflow_ids=active, load_input=False, load_output=False)
        status = {workflow.workflow_id: workflow.status for workflow in found}
        for run_id in active:
            if run_id not in status:
                self._enqueue(run_id)
            elif status[run_id] in ENDED:
                self._fail(run_id, "run_failed")
