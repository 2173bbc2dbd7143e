"""The durable workflow of one training run, and the queue it waits in (DBOS).

It calls the run's steps in order; each may be repeated after a crash.
"""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, ParamSpec, TypeVar

import structlog
from dbos import DBOS, DBOSClient, DBOSConfig, SetWorkflowID, WorkflowSerializationFormat

from classroom_app.data.engine import Database
from classroom_app.data.postgres import POOLED_PSYCOPG, pooled_queue_engine, queue_url
from classroom_app.data.repository import executors, runs
from classroom_app.data.tables import utcnow
from classroom_app.errors import ClassroomError, StaleEpochError, UnavailableError
from classroom_app.services import metrics
from classroom_app.services.training.records import fitted_from_json, fitted_to_json
from classroom_app.services.training.steps import ONLY_SEEN, TrainingService
from classroom_app.services.training.takeover import ENDED, SILENT_AFTER_S, Takeover
from ml_core.contract.observe import request_id, tracing

P = ParamSpec("P")
R = TypeVar("R")
_Queue = type[DBOS] | DBOSClient

QUEUE = "training"
# DBOS does not say whether it takes runs up; its thread, named after the queue, does.
POLLING_THREAD = f"queue-worker-{QUEUE}"
_UNDEFINED_TABLE = "42P01"  # of Postgres' SQLSTATEs
POLL_S = 0.1
ONE_CLASS_PROCESSES = 3  # each of so many asks every POLL_S; more of them share these polls
REST_POLL_S = 2.0  # outside of classes: a tap ends the rest, and waits so long at most
REST_AFTER = dt.timedelta(minutes=10)  # without a training, anywhere
POLL_SLACK = 1.2  # nobody writes another pace for one process more or less of many
STEP_TRIES = 28  # for a minute and a half, and as long as the tries themselves take
STEP_FIRST_WAIT_S, STEP_BACK_OFF = 0.5, 1.12  # after the longest outage a step is tried within ten seconds
LAST_STEP_WAIT_S = 10.0
LAST_WORKFLOW_WAIT_S = 5  # at a stop; what is not done by then goes on elsewhere
QUEUE_CONNECTIONS = 10  # of one process to the queue's database

# Behind a pooler nothing may be a session's: no prepared statements, no LISTEN (which only events would need,
# and runs have none), no limits that are set once. Its tables are made by `make_tables`.
_POOLED: DBOSConfig = {
    "db_engine_kwargs": {"connect_args": dict(POOLED_PSYCOPG)},
    "use_listen_notify": False,
    "sys_db_idle_transaction_timeout_sec": 0,
    "run_migrations": False,
}

_log = structlog.get_logger(__name__)


def poll_s(processes: int) -> float:
    """How often each of so many asks the queue in a class. Whoever asks first takes what waits: twice as many
    that ask half as often ask as much together, and a tap waits no longer."""
    return min(REST_POLL_S, POLL_S * max(1.0, processes / ONE_CLASS_PROCESSES))


def make_tables(database_url: str) -> None:
    """The queue's in Postgres, at its own address; does nothing where they are there. SQLite's are made by
    who opens the file."""
    if not database_url.startswith("sqlite"):
        DBOS.migrate(queue_url(database_url))


def worth_another_try(error: BaseException) -> bool:
    """A compute tier that is away comes back; any other error comes again."""
    return isinstance(error, UnavailableError)


def _step(name: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    return DBOS.step(
        name=name,
        retries_allowed=True,
        max_attempts=STEP_TRIES,
        interval_seconds=STEP_FIRST_WAIT_S,
        backoff_rate=STEP_BACK_OFF,
        should_retry=worth_another_try,
    )


class RunQueue:
    """One per process. `start` launches the executor; runs of a dead one are taken over (`takeover`)."""

    def __init__(
        self,
        training: TrainingService,
        db: Database,
        *,
        database_url: str,
        executor_id: str,
        workers: int,
        pooled: bool = False,
    ) -> None:
        self._training = training
        self._db = db
        self._executor_id = executor_id
        self._workers = workers
        self._config = DBOSConfig(
            name="classroom",
            system_database_url=queue_url(database_url, pooled=pooled),
            executor_id=executor_id,
            sys_db_pool_size=QUEUE_CONNECTIONS,
            application_version="1",  # a new release goes on with the runs of the one before
            log_level="WARNING",
        )
        self._pooled = pooled
        if pooled:
            self._config |= _POOLED
        self._class_poll_s = POLL_S
        self._at_work: set[str] = set()
        self.takeover = Takeover(
            db, executor_id, enqueue=self.enqueue, fail=training.fail, at_work=lambda: set(self._at_work)
        )
        self._workflow: Any = None

    def start(self) -> None:
        self.takeover.start_heart()
        DBOS(config=self._config)
        self._workflow = self._register()
        DBOS.launch()
        self._share_polls()
        DBOS.register_queue(QUEUE, worker_concurrency=self._workers, polling_interval_sec=self._class_poll_s)
        self.takeover.start_keeper()

    def stop(self) -> None:
        self.takeover.stop_keeper()
        DBOS.destroy(destroy_registry=True, workflow_completion_timeout_sec=LAST_WORKFLOW_WAIT_S)
        self._workflow = None
        self.takeover.stop_heart()

    def enqueue(self, run_id: str) -> None:
        """Idempotent: a workflow with this id runs once, however often it is enqueued."""
        self._poll_every(self._class_poll_s)
        with SetWorkflowID(run_id):
            DBOS.enqueue_workflow(QUEUE, self._workflow, run_id)
        _log.info("run_enqueued", run=run_id)  # from the id of the tap to that of the run

    def is_executor(self) -> bool:
        """It was started: this process works on runs."""
        return self._workflow is not None

    def is_alive(self) -> bool:
        """Does this executor take runs up? By now others would think it dead if its heart did not beat."""
        return self.takeover.is_alive() and any(
            thread.name == POLLING_THREAD for thread in threading.enumerate()
        )

    def has_died(self) -> bool:
        """A thread that beats or takes over ended by itself: only a new process helps."""
        return self.takeover.has_died()

    def forget(self, run_ids: Sequence[str]) -> int:
        """Delete the workflows of deleted runs; returns how many are left. Raises UnavailableError."""
        return self._ask(lambda queue: _forget(queue, run_ids), 0) if run_ids else 0

    def workflows(self) -> set[str]:
        """Ids of all, ended ones too. Raises UnavailableError."""
        return self._ask(lambda queue: {found.workflow_id for found in _listed(queue, None)}, set())

    def _ask(self, question: Callable[[_Queue], R], without_tables: R) -> R:
        """By the executor, where this process is one. A command that only cleans up is none: it must not take
        runs from the queue. Where no web process was ever started the queue has no tables.
        """
        try:
            if self._workflow is not None:
                return question(DBOS)
            client = self._client()
            try:
                return question(client)
            finally:
                client.destroy()
        except Exception as exc:
            if _has_no_tables(exc):
                return without_tables
            raise UnavailableError from exc

    def _client(self) -> DBOSClient:
        url = self._config["system_database_url"]
        engine = pooled_queue_engine(str(url)) if self._pooled else None
        return DBOSClient(system_database_url=url, system_database_engine=engine)

    def sweep(self) -> int:
        """Delete ended workflows whose run is gone; returns how many.

        A tap enqueues after its run was committed: a deletion between the two does not know the workflow.
        """
        if self._workflow is None:
            return 0
        # The workflows first: none of these was there before its run.
        ended = [found.workflow_id for found in _listed(DBOS, None, status=list(ENDED))]
        with self._db.read() as session:
            known = runs.ids(session)
        gone = [run_id for run_id in ended if run_id not in known]
        return len(gone) - self.forget(gone)

    def rest(self) -> None:
        """Ask the queue as often as so many processes need to, and less often when nothing was trained for a
        while: idle pods would keep a small database busy with nothing else. All of them read one row, so one
        tap wakes all of them."""
        if self._workflow is None:
            return
        self._share_polls()
        with self._db.read() as session:
            last = runs.last_requested(session)
            waits = bool(runs.active_counts(session))
        rests = not waits and (last is None or last < utcnow() - REST_AFTER)
        self._poll_every(REST_POLL_S if rests else self._class_poll_s)

    def _share_polls(self) -> None:
        with self._db.read() as session:
            alive = executors.count_alive(session, utcnow() - dt.timedelta(seconds=SILENT_AFTER_S))
        self._class_poll_s = poll_s(alive)

    def _poll_every(self, seconds: float) -> None:
        queue = DBOS.retrieve_queue(QUEUE)
        if queue is None:
            return
        now_s = queue.polling_interval_sec
        if not now_s / POLL_SLACK <= seconds <= now_s * POLL_SLACK:
            queue.set_polling_interval_sec(seconds)
            _log.info("queue_polled", every_s=seconds)

    def _register(self) -> Any:
        """The workflow and its steps, in the order they run."""
        training = self._training

        @_step("start")
        def start(run_id: str) -> bool:
            with _watched("start"):
                return training.start(run_id)

        @_step("prepare")
        def prepare(run_id: str) -> None:
            with _watched("prepare"):
                training.prepare(run_id)

        @_step("fit")
        def fit(run_id: str) -> dict[str, Any]:
            with _watched("fit"):
                return fitted_to_json(training.fit(run_id))

        @_step("finish")
        def finish(run_id: str, fitted: dict[str, Any]) -> None:
            with _watched("finish"):
                training.finish(run_id, fitted_from_json(fitted))

        @DBOS.step(name="fail")
        def fail(run_id: str, error_key: str) -> None:
            training.fail(run_id, error_key)

        # JSON in the queue's tables: the default would be pickles. So the steps hand plain dicts on.
        @DBOS.workflow(name="train", serialization_type=WorkflowSerializationFormat.PORTABLE)
        def train(run_id: str) -> str:
            # The run's id outlives processes: it is the request id of all its steps, wherever they run.
            self._at_work.add(run_id)
            try:
                with request_id.bound(run_id), tracing.span("run", attributes={"run": run_id}):
                    outcome = work(run_id)
            finally:
                self._at_work.discard(run_id)
            metrics.RUNS.labels(outcome).inc()
            return outcome

        def work(run_id: str) -> str:
            try:
                if not start(run_id):
                    return "nothing_to_do"
                prepare(run_id)
                finish(run_id, fit(run_id))
            except Exception as exc:
                return _ended_badly(run_id, exc, fail)
            _log.info("run_done", run=run_id)
            return "done"

        return train


def _has_no_tables(error: Exception) -> bool:
    """By the driver's own word: a table's name stands in other errors too, such as a lock that timed out."""
    cause = getattr(error, "orig", None)
    return getattr(cause, "sqlstate", None) == _UNDEFINED_TABLE or str(cause).startswith("no such table")


def _forget(queue: _Queue, run_ids: Sequence[str]) -> int:
    limit = time.monotonic() + LAST_STEP_WAIT_S
    # Here or in another process: its next step finds the run gone and ends by itself. What a step wrote
    # after its workflow was deleted would stay for ever.
    while _listed(queue, run_ids, status="PENDING") and time.monotonic() < limit:
        time.sleep(0.1)
    for run_id in run_ids:
        if _listed(queue, [run_id]):
            queue.cancel_workflow(run_id)
            queue.delete_workflow(run_id)
    return len(_listed(queue, run_ids))


def _listed(queue: _Queue, run_ids: Sequence[str] | None, **which: Any) -> list[Any]:
    ids = None if run_ids is None else list(run_ids)
    return queue.list_workflows(workflow_ids=ids, load_input=False, load_output=False, **which)


@contextmanager
def _watched(stage: str) -> Iterator[None]:
    with tracing.span(f"run {stage}"), metrics.RUN_STAGE_SECONDS.labels(stage).time():
        yield


def _ended_badly(run_id: str, exc: Exception, fail: Any) -> str:
    cause = _root(exc)
    if isinstance(cause, StaleEpochError):
        return "reset"
    if isinstance(cause, ClassroomError):
        _log.warning("run_failed", run=run_id, reason=cause.key, detail=cause.params)
        fail(run_id, _sentence(cause))
    else:
        _log.error("run_failed", run=run_id, exc_info=exc)
        fail(run_id, "run_failed")
    return "failed"


def _sentence(cause: ClassroomError) -> str:
    if isinstance(cause, UnavailableError):
        return "run_waited_too_long"
    return ONLY_SEEN if cause.key == ONLY_SEEN else "run_failed"


def _root(exc: BaseException) -> BaseException:
    """DBOS wraps the last error of a step that ran out of tries."""
    errors = getattr(exc, "errors", None)
    return errors[-1] if errors else exc
