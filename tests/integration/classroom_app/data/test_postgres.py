"""A Postgres that hangs, breaks off or is held up by a process that hangs: everybody may try again."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import create_engine, text

from classroom_app.data import postgres as module
from classroom_app.data.engine import Database, make_engine
from classroom_app.data.postgres import SESSION, queue_url
from classroom_app.data.tables import Facilitator
from classroom_app.errors import UnavailableError
from tests.support.postgres import USER, Postgres
from tests.support.silent_proxy import SilentProxy, silent_proxy

SHORT_S = 0.5
# pg8000 leaves the closing of a connection that never came about to Python, which says so.
closed_by_python = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture
def database_name(postgres: Postgres, postgres_template: str) -> str:
    return postgres.new_database(postgres_template)


@pytest.fixture
def proxy(postgres: Postgres) -> Iterator[SilentProxy]:
    with silent_proxy(postgres.port) as made:
        yield made


@pytest.fixture
def db(proxy: SilentProxy, database_name: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """It takes the server for lost after half a second."""
    monkeypatch.setattr(module, "SILENT_SERVER_S", SHORT_S)
    monkeypatch.setattr(module, "CONNECT_S", SHORT_S)
    db = Database(make_engine(f"postgresql+pg8000://{USER}@127.0.0.1:{proxy.port}/{database_name}"))
    yield db
    db.close()


def write(db: Database, name: str, in_the_middle: Callable[[], object] = lambda: None) -> None:
    with db.write() as session:
        session.add(Facilitator(username=name, password_hash="x"))
        session.flush()
        in_the_middle()


def ask(db: Database, in_the_middle: Callable[[], object]) -> None:
    with db.read() as session:
        session.execute(text("SELECT 1"))
        in_the_middle()
        session.execute(text("SELECT username FROM facilitators"))


def names(db: Database) -> set[str]:
    with db.read() as session:
        return set(session.scalars(text("SELECT username FROM facilitators")))


def test_a_server_that_hangs_at_the_commit_is_worth_another_try(db: Database, proxy: SilentProxy) -> None:
    with pytest.raises(UnavailableError):
        write(db, "one", proxy.silent)
    proxy.answer()
    write(db, "two")
    assert "two" in names(db)  # of "one" nobody knows: the answer got lost, maybe after the commit


def test_a_server_that_hangs_in_the_middle_is_worth_another_try(db: Database, proxy: SilentProxy) -> None:
    write(db, "one")
    with pytest.raises(UnavailableError):
        ask(db, proxy.silent)
    proxy.answer()
    assert names(db) == {"one"}


@closed_by_python
def test_a_server_that_hangs_when_a_kept_connection_is_asked_for(db: Database, proxy: SilentProxy) -> None:
    assert names(db) == set()
    proxy.silent()
    with pytest.raises(UnavailableError):
        names(db)
    assert not db.is_ready()
    proxy.answer()
    assert names(db) == set()


@closed_by_python
def test_a_server_that_takes_a_connection_and_says_nothing(db: Database, proxy: SilentProxy) -> None:
    proxy.silent()
    with pytest.raises(UnavailableError):
        write(db, "one")
    assert not db.is_ready()
    proxy.answer()
    write(db, "one")
    assert names(db) == {"one"}


@pytest.mark.parametrize("size", range(0, 40, 3))
def test_an_answer_that_breaks_off_leaves_no_half_read_connection(
    db: Database, proxy: SilentProxy, size: int
) -> None:
    """Whoever gets the connection next would read the rest of somebody else's answer."""
    write(db, "one")
    with pytest.raises(UnavailableError):
        ask(db, lambda: proxy.break_off_after(size))
    proxy.answer()
    assert names(db) == {"one"}


def test_a_server_that_hangs_up_is_worth_another_try(db: Database, proxy: SilentProxy) -> None:
    with pytest.raises(UnavailableError):
        write(db, "one", proxy.hang_up)
    assert names(db) == set()


@pytest.mark.parametrize("error", [TimeoutError, OSError, KeyError])
def test_errors_of_our_own_code_stay_what_they_are(db: Database, error: type[Exception]) -> None:
    def fail() -> None:
        raise error("of a file, or of another server")

    with pytest.raises(error):
        write(db, "one", fail)
    assert names(db) == set()


def test_every_connection_has_its_limits(db: Database) -> None:
    def shown() -> dict[str, str]:
        with db.read() as session:
            return {name: session.scalar(text(f"SHOW {name}")) or "" for name in SESSION}

    assert shown() == SESSION
    with db.engine.connect() as connection:
        connected: socket.socket = connection.connection.driver_connection._usock  # type: ignore[union-attr]  # it is open
        assert connected.gettimeout() == SHORT_S
        assert connected.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        idle = connected.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE)
        assert idle == module.KEEPALIVE_IDLE_S


def test_who_hangs_in_a_transaction_loses_it_before_those_who_wait_for_its_locks_give_up(
    db: Database, monkeypatch: pytest.MonkeyPatch, postgres: Postgres, database_name: str
) -> None:
    short = {**SESSION, "idle_in_transaction_session_timeout": "500ms", "lock_timeout": "20s"}
    monkeypatch.setattr(module, "SESSION", short)
    monkeypatch.setattr(module, "SILENT_SERVER_S", 30)
    frozen, other = (Database(make_engine(postgres.url(database_name))) for _ in range(2))
    write(other, "one")
    locked, go_on = threading.Event(), threading.Event()
    ended: list[BaseException] = []

    def change(db: Database, to: str, in_the_middle: Callable[[], object] = lambda: None) -> None:
        with db.write() as session:
            session.get_one(Facilitator, "one", with_for_update=True).password_hash = to
            session.flush()
            in_the_middle()

    def hang() -> None:
        locked.set()
        go_on.wait(60)

    def freeze() -> None:
        try:
            change(frozen, "frozen", hang)
        except UnavailableError as exc:
            ended.append(exc)

    thread = threading.Thread(target=freeze)
    thread.start()
    try:
        assert locked.wait(30)
        change(other, "other")
        go_on.set()
        thread.join(30)
        assert [type(error) for error in ended] == [UnavailableError]  # it comes back, and cannot write
        with other.read() as session:
            assert session.get_one(Facilitator, "one").password_hash == "other"
    finally:
        go_on.set()
        frozen.close()
        other.close()


def test_the_queues_connections_are_watched_too(postgres: Postgres) -> None:
    asked = queue_url(postgres.url(postgres.new_database(), "postgresql+psycopg") + "?keepalives_interval=7")
    engine = create_engine(asked)
    with engine.connect() as connection:
        limit = connection.scalar(text("SHOW idle_in_transaction_session_timeout"))
        number = connection.connection.driver_connection.fileno()  # type: ignore[union-attr]  # it is open
        with socket.socket(fileno=os.dup(number)) as connected:
            idle = connected.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE)
            interval = connected.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL)
    engine.dispose()
    assert limit == SESSION["idle_in_transaction_session_timeout"]
    assert (idle, interval) == (module.KEEPALIVE_IDLE_S, 7)
    assert queue_url("sqlite:////somewhere/queue.sqlite") == "sqlite:////somewhere/queue.sqlite"


def test_what_was_deleted_gives_its_place_back_at_once(postgres: Postgres, database_name: str) -> None:
    """Not when Postgres finds the time: a table without rows has no page left, however often it is asked."""
    db = Database(make_engine(postgres.url(database_name)))

    def pages() -> int:
        with db.read() as session:
            return int(session.execute(text("SELECT pg_relation_size('facilitators')")).scalar_one())

    try:
        for turn in range(3):
            write(db, f"name {turn}")
            with db.read():
                pass  # and a connection of the pool that somebody used before
            assert pages() > 0
            with db.write() as session:
                session.execute(text("DELETE FROM facilitators"))
            db.scrub()
            assert pages() == 0
    finally:
        db.close()
