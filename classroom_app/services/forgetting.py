"""What a deletion does in the memory of processes: this one, the other web processes, the compute tier.

Each web process looks every few seconds whether another one has asked it to forget; who deletes waits for
them, and the receipt counts those that it did not hear from.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Collection, Iterable

import structlog

from classroom_app.compute.each_server import TierForgot
from classroom_app.compute.interface import MlClient
from classroom_app.data import blob_keys
from classroom_app.data.engine import Database
from classroom_app.data.repository import classes, deletions, executors
from classroom_app.data.tables import utcnow
from classroom_app.intake.decoder_pool import Intake
from classroom_app.services.model_store import ModelStore
from classroom_app.services.streams import Streams
from classroom_app.services.workflows import Workflows
from classroom_app.views.deletion import OTHER_PROCESSES
from ml_core.contract import memory

LOOK_EVERY_S = 2.0
OTHERS_WAIT_S = 6.0  # three of their looks
OTHERS_ASKED_EVERY_S = 0.2
ALIVE = dt.timedelta(seconds=60)  # a web process that has said nothing for so long is none any more
RECEIPT_WAITS = dt.timedelta(days=1)  # no process answers later than that

_log = structlog.get_logger(__name__)


class Forgetting:
    """One per web process; safe to share between threads."""

    def __init__(
        self,
        db: Database,
        models: ModelStore,
        streams: Streams,
        ml: MlClient,
        intake: Intake,
        executor_id: str,
        queue: Workflows,
    ) -> None:
        self._db = db
        self._models = models
        self._streams = streams
        self._ml = ml
        self._intake = intake
        self._executor_id = executor_id
        self._queue = queue

    @property
    def _own(self) -> str:
        """A command that only deletes is no executor, and may have the name of a web process beside it."""
        return self._executor_id if self._queue.is_executor() else ""

    # -- who deletes ---------------------------------------------------------------------------

    def here(self) -> None:
        """What was deleted goes from SQLite's log and, as far as can be, from the memory of our processes."""
        self._db.scrub()
        self._free()

    def forget(self, prefix: str | None, keys: Collection[str], group_ids: Iterable[str]) -> None:
        """From this process's own caches: models under the prefix or of the keys, cameras of the groups."""
        if prefix:
            self._models.forget(prefix)
        self._models.forget_keys(keys)
        for group_id in group_ids:
            self._streams.forget(group_id)

    def cached(self, prefix: str | None, keys: Collection[str]) -> int:
        """Models that this process has at hand."""
        return self._models.cached(prefix) if prefix else self._models.cached_keys(keys)

    def elsewhere(self, keys: Iterable[str]) -> tuple[TierForgot, int]:
        """Ask the other web processes and every server of the compute tier, once the rows are gone: `keys`
        are those of the files. Returns what the compute tier did, and how many web processes have not
        answered; takes up to twelve seconds where somebody hangs.
        """
        with self._db.write() as session:
            executors.ask_to_forget(session, self._own)
        until = time.monotonic() + OTHERS_WAIT_S
        tier = self._ml.forget(blob_keys.models_among(keys))
        while (waits := self.waits_for()) and time.monotonic() < until:
            time.sleep(OTHERS_ASKED_EVERY_S)
        if waits or tier.not_done:
            _log.warning("forgetting_waits", web_processes=waits, compute_servers=tier.not_done)
        return tier, waits

    def waits_for(self) -> int:
        """Other web processes that live and have not forgotten what they were asked to."""
        with self._db.read() as session:
            return executors.count_forgetting(session, self._own, utcnow() - ALIVE)

    # -- who is asked --------------------------------------------------------------------------

    def look(self) -> bool:
        """Every few seconds: has another process deleted something? Then this one forgets it."""
        with self._db.read() as session:
            asked = executors.asked_to_forget(session, self._executor_id)
        if asked.is_new:
            self.sweep()
        return asked.is_new

    def sweep(self) -> None:
        """This process holds nothing any more of what no row knows; then the receipts that wait for it are
        counted again.
        """
        with self._db.read() as session:
            asked = executors.asked_to_forget(session, self._executor_id)
            known = deletions.kept_model_keys(session)
            epochs = classes.epochs(session)
        self._models.keep_only(known)
        self._streams.keep_only(epochs)
        if asked.is_new:
            self._free()
        now = utcnow()
        with self._db.write() as session:
            executors.note_forgotten(session, self._executor_id, asked.times, now)
            session.flush()
            waits = executors.count_forgetting(session, "", now - ALIVE)
            for row in deletions.receipts_since(session, now - RECEIPT_WAITS):
                if row.left.get(OTHER_PROCESSES, 0) > waits:
                    row.left = {**row.left, OTHER_PROCESSES: waits}

    def _free(self) -> None:
        self._intake.renew()
        self._db.forget_pages()
        memory.give_back()
