"""The engine for SQLite or Postgres, and one transaction as a context manager that raises our errors."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.pool import ConnectionPoolEntry

from classroom_app.data.postgres import LOCK_WAIT_S, postgres_engine
from classroom_app.data.repository import audit
from classroom_app.data.tables import Base
from classroom_app.errors import AlreadyThereError, ClassroomError, StaleEpochError, UnavailableError

__all__ = ["Database", "Session", "make_engine"]

POOL_SIZE = 40  # as many as there are threads for requests
SCRUB_TRIES = 20
# SQLSTATE of what another try may mend: lost connections, deadlocks, too many clients, a server that
# starts or stops, and a row whose owner was deleted at the same moment (the next try says so in words).
PASSING_STATES = ("08", "40", "53", "55P03", "57", "23503")
NOT_UNIQUE_STATE = "23505"
PASSING_CODES = {sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY}  # the same for SQLite: the row's owner was deleted
NOT_UNIQUE_CODES = {sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, sqlite3.SQLITE_CONSTRAINT_UNIQUE}

_log = structlog.get_logger(__name__)


def make_engine(url: str, *, pooled: bool = False) -> Engine:
    """An engine with the settings that each database needs to be safe under many writers. `pooled`: see
    `postgres_engine`."""
    return _sqlite_engine(url) if url.startswith("sqlite") else postgres_engine(url, pooled=pooled)


def _sqlite_engine(url: str) -> Engine:
    # autocommit=True hands the transaction over to the "begin" hook below.
    engine = create_engine(
        url,
        hide_parameters=True,
        pool_size=POOL_SIZE,
        connect_args={"timeout": LOCK_WAIT_S, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        # NORMAL would lose the last commits in a power cut: photos that an iPad was told are kept.
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        # A deletion promise: freed pages are overwritten, not only unlinked.
        cursor.execute("PRAGMA secure_delete=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        # IMMEDIATE takes the write lock at once: two readers that both turn writer would
        # otherwise fail with "database is locked" instead of waiting.
        read_only = connection.get_execution_options().get("read_only", False)
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine


class Database:
    """Opens transactions. Leaving without an error commits in `write`; nothing else does."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._forgot = 0  # how often
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", self._note_made)
            event.listen(engine, "checkin", self._close_old)
        self._writer = threading.Lock() if engine.dialect.name == "sqlite" else None
        self._writers = sessionmaker(engine, expire_on_commit=False)
        self._readers = sessionmaker(engine.execution_options(read_only=True), expire_on_commit=False)

    @contextmanager
    def write(self) -> Iterator[Session]:
        """One transaction of a use case; rolled back when the block raises. The entry of the audit is
        part of it."""
        with _our_errors(), self._turn(), self._writers.begin() as session:
            yield session
            deed = audit.note(session)
        if deed is not None:  # only now is it there to stay
            deed.noted = True

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """SQLite has one writer at a time, and who finds it busy sleeps up to 100 ms: we queue instead."""
        if self._writer is None:
            yield
            return
        if not self._writer.acquire(timeout=LOCK_WAIT_S):
            raise UnavailableError
        try:
            yield
        finally:
            self._writer.release()

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A consistent look that takes no write lock; whatever is changed in it is thrown away."""
        with _our_errors(), self._readers() as session:  # closing rolls back, and leaves what was read usable
            yield session

    def is_ready(self) -> bool:
        """Does it answer?"""
        try:
            with self.read() as session:
                session.execute(text("SELECT 1"))
        except (SQLAlchemyError, ClassroomError):
            return False
        return True

    def scrub(self) -> None:
        """After a deletion: no old page may stay in SQLite's write-ahead log, no dead row in Postgres.

        It gives their place away but does not overwrite it, and its log has what was written until that
        is recycled: docs/runbook.md says for how long.
        """
        if self.engine.dialect.name != "sqlite":
            self._vacuum()
            return
        for _ in range(SCRUB_TRIES):
            # A raw connection: a checkpoint cannot run inside a transaction.
            connection = self.engine.raw_connection()
            try:
                busy = connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            finally:
                connection.close()
            if not busy:
                return
            time.sleep(0.1)  # somebody is reading; the next deletion or sweep finishes the job

    def _vacuum(self) -> None:
        """Not when Postgres finds the time, which for a small table may be never."""
        names = ", ".join(table.name for table in Base.metadata.sorted_tables)
        try:
            with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                raw: Any = connection.connection.driver_connection
                raw.rollback()  # the pool's ping has begun a transaction
                # Who holds a table for long, such as a migration, is not waited for: a sweep comes soon.
                connection.exec_driver_sql(f"VACUUM (SKIP_LOCKED) {names}")
        except SQLAlchemyError as exc:
            state = _sqlstate(exc) if isinstance(exc, DBAPIError) else ""
            _log.warning("vacuum_failed", error=type(exc).__name__, state=state)

    def forget_pages(self) -> None:
        """SQLite's connections each keep pages that they have read: they are closed, and made anew when
        needed; one that is in use is closed when it comes back.
        """
        if self.engine.dialect.name == "sqlite":
            self._forgot += 1
            self.engine.dispose()

    def _note_made(self, _connection: object, record: ConnectionPoolEntry) -> None:
        record.info["forgot"] = self._forgot

    def _close_old(self, _connection: object, record: ConnectionPoolEntry) -> None:
        if record.info.get("forgot") != self._forgot:
            record.invalidate()

    def close(self) -> None:
        self.engine.dispose()


@contextmanager
def _our_errors() -> Iterator[None]:
    """A database that is away for a moment is not the end of a run or of a photo: both try again.

    Only the driver's errors count: a time limit that the block itself ran into is no fault of the database.
    """
    try:
        yield
    except StaleDataError as exc:
        raise StaleEpochError from exc  # the row was deleted between our look and our change
    except PoolTimeoutError as exc:
        raise UnavailableError from exc
    except DBAPIError as exc:
        state = _sqlstate(exc)
        if isinstance(exc, IntegrityError) and _is_not_unique(exc, state):
            raise AlreadyThereError from exc
        passing = isinstance(exc, (OperationalError, InterfaceError)) or state.startswith(PASSING_STATES)
        if not passing and _sqlite_code(exc) not in PASSING_CODES:
            raise
        cause = exc.orig.__cause__ if exc.orig is not None and exc.orig.__cause__ else exc.orig
        _log.warning("database_busy_or_away", error=type(cause).__name__, state=state)
        raise UnavailableError from exc


def _is_not_unique(error: IntegrityError, state: str) -> bool:
    return state == NOT_UNIQUE_STATE or _sqlite_code(error) in NOT_UNIQUE_CODES


def _sqlite_code(error: DBAPIError) -> int | None:
    return getattr(error.orig, "sqlite_errorcode", None)


def _sqlstate(error: DBAPIError) -> str:
    """Postgres's code of the error, as pg8000 carries it; empty elsewhere."""
    found = error.orig.args[0] if error.orig is not None and error.orig.args else None
    return str(found.get("C", "")) if isinstance(found, dict) else ""
