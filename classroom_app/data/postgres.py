"""Connections to Postgres that wait for nothing longer than they should, and break with one kind of error.

Time limits contain each other (`tests/unit/project/test_time_limits.py`): a process that hangs in the middle
of a transaction loses it before those who wait for its locks give up, and the server says that a statement
took too long before we take the server for lost.
"""

from __future__ import annotations

import contextlib
import io
import socket
import ssl
import struct
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import pg8000.dbapi
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text

CONNECT_S = 5  # to a server that is there
IDLE_IN_TRANSACTION_S = 8  # of a process that hangs; its locks are free then
LOCK_WAIT_S = 10  # a writer waits this long for the one before it
STATEMENT_S = 12
SILENT_SERVER_S = 15  # pg8000 waits for ever on a lost server unless told
MIGRATION_STATEMENT_S = 300
RECYCLE_S = 1_800  # firewalls forget connections that are quiet for long
POOL_SIZE = 10  # and as many more for a moment: two web processes fit the 100 of a small Cloud SQL instance
KEEPALIVE_IDLE_S, KEEPALIVE_EVERY_S, KEEPALIVE_TRIES = 10, 5, 3  # a machine that is gone says no goodbye

# The server ends what we left: it keeps these for each connection by itself.
SESSION = {
    "idle_in_transaction_session_timeout": f"{IDLE_IN_TRANSACTION_S}s",
    "lock_timeout": f"{LOCK_WAIT_S}s",
    "statement_timeout": f"{STATEMENT_S}s",
    "tcp_keepalives_idle": str(KEEPALIVE_IDLE_S),
    "tcp_keepalives_interval": str(KEEPALIVE_EVERY_S),
    "tcp_keepalives_count": str(KEEPALIVE_TRIES),
}
# An answer that does not come, breaks off in the middle, or begins where another one was cut off.
_BROKEN = (OSError, struct.error, KeyError)


# Of these a pooler's own connections are asked for nothing: they are its own business.
TRANSACTION = {name: value for name, value in SESSION.items() if not name.startswith("tcp_")}
# Between a pooler's clients a connection changes hands after each transaction, and what a session was told
# stays with it: so each transaction is told anew, and forgets it.
_LIMITS = text(
    "SELECT " + ", ".join(f"set_config('{name}', '{value}', true)" for name, value in TRANSACTION.items())
)
POOLED = "pooled"  # an engine's execution option

TLS_MODES = ("disable", "prefer", "require", "verify-ca", "verify-full")


def postgres_engine(url: str, *, pooled: bool = False) -> Engine:
    """`pooled`: the address is that of a pooler in transaction mode, such as PgBouncer or Cloud SQL's own.

    `sslmode` and `sslrootcert` in the address mean what they mean to libpq, which the queue's driver uses.
    Raises ValueError for others than TLS_MODES, OSError for a certificate that is not there.
    """
    plain, tls = _tls_of(make_url(url))
    arguments: dict[str, Any] = {"timeout": CONNECT_S}
    if not pooled:  # a pooler refuses a connection that asks for what it does not know
        arguments["startup_params"] = dict(SESSION)
    arguments["ssl_context"] = tls
    engine = _engine(plain, connect_args=arguments)
    if pooled:
        engine.update_execution_options(**{POOLED: True})

        @event.listens_for(engine, "begin")
        def _begin(connection: Connection) -> None:
            connection.execute(_LIMITS)

    @event.listens_for(engine, "do_connect")
    def _connect(dialect: Any, _record: object, args: list[Any], options: dict[str, Any]) -> Any:
        return guarded(lambda: dialect.connect(*args, **options))

    return engine


def postgres_engine_of(connect: Callable[[], Any]) -> Engine:
    """`connect` opens a pg8000 connection, with `SESSION` as its startup parameters."""
    return _engine("postgresql+pg8000://", creator=lambda: guarded(connect))


def _tls_of(url: URL) -> tuple[URL, ssl.SSLContext | bool | None]:
    """pg8000 takes a context instead of libpq's words; False: no TLS, None: where the server has it."""
    mode, root = url.query.get("sslmode", "prefer"), url.query.get("sslrootcert")
    plain = url.difference_update_query(["sslmode", "sslrootcert"])
    if mode not in TLS_MODES:
        raise ValueError(f"sslmode is one of {', '.join(TLS_MODES)}, not {mode!r}")
    if mode in {"disable", "prefer"}:
        return plain, False if mode == "disable" else None
    context = ssl.create_default_context(cafile=str(root) if root else None)
    context.check_hostname = mode == "verify-full"
    if mode == "require":  # nobody may listen, but nobody is asked who they are
        context.verify_mode = ssl.CERT_NONE
    return plain, context


def _engine(url: str | URL, **options: Any) -> Engine:
    return create_engine(
        url,
        hide_parameters=True,  # errors go to the log; tokens and hashes must not
        pool_pre_ping=True,
        pool_size=POOL_SIZE,
        max_overflow=POOL_SIZE,
        pool_timeout=LOCK_WAIT_S,
        pool_recycle=RECYCLE_S,
        **options,
    )


def guarded(connect: Callable[[], Any]) -> Any:
    """A connection whose network errors are all the driver's own, which SQLAlchemy takes as its end.

    pg8000 lets some through as they are, a time limit's among them. Such a connection would go back to the
    pool in the middle of an answer, and nobody could tell its error from one of our own code.
    """
    try:
        connection = connect()
    except pg8000.dbapi.Error:
        raise
    except Exception as exc:  # the Cloud SQL connector has errors of its own
        traceback.clear_frames(exc.__traceback__)  # they hold the half-open connection
        raise pg8000.dbapi.InterfaceError("network error") from exc
    handle_messages = connection.handle_messages  # all that is read from the server goes through it

    def handle_messages_or_end(context: Any) -> None:
        try:
            handle_messages(context)
        except _BROKEN as exc:
            _hang_up(connection)
            raise pg8000.dbapi.InterfaceError("network error") from exc

    connection.handle_messages = handle_messages_or_end
    _keep_watch(connection._usock)
    return connection


def _hang_up(connection: Any) -> None:
    """Now, and not when the error is forgotten: the server then frees what the connection has locked."""
    file, connection._sock = connection._sock, io.BytesIO()  # for the good-bye that nobody hears
    with contextlib.suppress(OSError):
        connection._usock.shutdown(socket.SHUT_RDWR)
    with contextlib.suppress(OSError):
        file.close()


def _keep_watch(connected: socket.socket) -> None:
    """Not told to the driver: the connector of Cloud SQL brings a socket of its own."""
    connected.settimeout(SILENT_SERVER_S)
    connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    wanted = {
        "TCP_KEEPIDLE": KEEPALIVE_IDLE_S,
        "TCP_KEEPINTVL": KEEPALIVE_EVERY_S,
        "TCP_KEEPCNT": KEEPALIVE_TRIES,
        "TCP_USER_TIMEOUT": round(SILENT_SERVER_S * 1000),
    }
    for name, value in wanted.items():
        option = getattr(socket, name, None)  # not every system has them
        if option is not None:
            with contextlib.suppress(OSError):  # nor has a socket that is none of the network
                connected.setsockopt(socket.IPPROTO_TCP, option, value)


def queue_url(url: str, *, pooled: bool = False) -> str:
    """The queue's address with the same watch, as far as its driver (libpq) has it; to a pooler without what
    it would refuse.

    What it says already stays. No limit of statements or locks: DBOS takes those for errors of the run. It
    waits for a server that hangs.
    """
    parsed = make_url(url)
    if not parsed.drivername.startswith("postgres"):
        return url
    wanted = {
        "connect_timeout": str(CONNECT_S),
        "keepalives_idle": str(KEEPALIVE_IDLE_S),
        "keepalives_interval": str(KEEPALIVE_EVERY_S),
        "keepalives_count": str(KEEPALIVE_TRIES),
        "tcp_user_timeout": str(SILENT_SERVER_S * 1000),
    }
    if not pooled:
        wanted["options"] = f"-c idle_in_transaction_session_timeout={IDLE_IN_TRANSACTION_S}s"
    return parsed.set(query={**wanted, **parsed.query}).render_as_string(hide_password=False)


# psycopg prepares a statement at its fifth use, on the connection that it believes to be its own.
POOLED_PSYCOPG = {"prepare_threshold": None}


def pooled_queue_engine(url: str) -> Engine:
    """The queue's, for a command that only looks or cleans up and goes through a pooler."""
    driver = make_url(url).set(drivername="postgresql+psycopg")
    return create_engine(driver, hide_parameters=True, pool_size=2, connect_args=dict(POOLED_PSYCOPG))


@contextlib.contextmanager
def patient(connection: Connection) -> Iterator[None]:
    """For a migration, which may work on a table for minutes. Nobody else gets the connection afterwards."""
    if connection.dialect.name != "postgresql":
        yield
        return
    raw: Any = connection.connection.driver_connection
    raw._usock.settimeout(MIGRATION_STATEMENT_S + SILENT_SERVER_S)
    connection.execute(text(f"SET statement_timeout = '{MIGRATION_STATEMENT_S}s'"))
    connection.commit()
    try:
        yield
    finally:
        connection.invalidate()
