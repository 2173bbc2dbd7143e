"""Through a pooler in transaction mode, a real PgBouncer, nothing leans on what a session remembers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from classroom_app.data import migrate
from classroom_app.data.engine import Database, make_engine
from classroom_app.data.migrate import PooledMigrationError
from classroom_app.data.postgres import LOCK_WAIT_S, STATEMENT_S, TRANSACTION
from classroom_app.data.repository import leases
from classroom_app.data.tables import Executor, utcnow
from classroom_app.errors import UnavailableError
from classroom_app.intake.decoder_pool import Intake
from classroom_app.resources import App, build
from classroom_app.services.training import queue
from classroom_app.settings import Settings
from classroom_app.views.classes import EventView, GroupIdentity
from tests.support.challenge_set import put_in
from tests.support.pgbouncer import pgbouncer
from tests.support.postgres import USER, Postgres
from tests.support.running import wait_for
from tests.support.stand_ins import COLORS, StandInMl, identity, jpeg, take

SERVER_CONNECTIONS = 3
CLIENTS = 12


@pytest.fixture(scope="module")
def pooler(postgres: Postgres) -> Iterator[int]:
    with pgbouncer(postgres, SERVER_CONNECTIONS) as port:
        yield port


@pytest.fixture
def url_of(pooler: int) -> Callable[..., str]:
    def url(database: str, driver: str = "postgresql+pg8000") -> str:
        return f"{driver}://{USER}@127.0.0.1:{pooler}/{database}"

    return url


@pytest.fixture
def tables(postgres: Postgres, postgres_template: str) -> str:
    return postgres.new_database(postgres_template)


@pytest.fixture
def pooled(tables: str, url_of: Callable[..., str]) -> Iterator[Database]:
    made = Database(make_engine(url_of(tables), pooled=True))
    yield made
    made.close()


def test_the_plain_way_is_refused_by_a_pooler(tables: str, url_of: Callable[..., str]) -> None:
    """So whoever forgets the setting is told at the start, and not in a class."""
    plain = Database(make_engine(url_of(tables)))
    assert not plain.is_ready()
    plain.close()


def test_many_clients_share_few_connections(pooled: Database, postgres: Postgres, tables: str) -> None:
    def work(number: int) -> int:
        for turn in range(8):
            with pooled.write() as session:
                session.add(Executor(id=f"{number}.{turn}", beat_at=utcnow()))
                session.flush()
                assert session.get(Executor, f"{number}.{turn}") is not None
                assert leases.take(session, f"lease {number}.{turn}", utcnow() - utcnow())
        return number

    with ThreadPoolExecutor(CLIENTS) as pool:
        assert sorted(pool.map(work, range(CLIENTS))) == list(range(CLIENTS))
    connection = postgres.connect(tables)
    cursor = connection.cursor()
    cursor.execute(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    [used] = cursor.fetchone()
    cursor.execute("SELECT count(*) FROM executors")
    [rows] = cursor.fetchone()
    connection.close()
    assert 0 < used <= SERVER_CONNECTIONS
    assert rows == CLIENTS * 8


def test_each_transaction_has_its_limits_and_leaves_none_behind(
    pooled: Database, postgres: Postgres, pooler: int, tables: str
) -> None:
    with pooled.read() as session:
        found = {name: session.scalar(text(f"SHOW {name}")) for name in TRANSACTION}
    assert found == TRANSACTION
    assert (found["lock_timeout"], found["statement_timeout"]) == (f"{LOCK_WAIT_S}s", f"{STATEMENT_S}s")
    # The next client of the same connections, such as the queue: its statements may take longer.
    other = make_engine(f"postgresql+pg8000://{USER}@127.0.0.1:{pooler}/{tables}", pooled=True)
    with other.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        assert connection.scalar(text("SHOW statement_timeout")) == "0"
    other.dispose()


def test_a_statement_that_takes_too_long_is_ended_here_too(pooled: Database) -> None:
    def sleep() -> None:
        with pooled.write() as session:
            session.execute(text("SELECT set_config('statement_timeout', '50ms', true)"))
            session.execute(text("SELECT pg_sleep(20)"))

    with pytest.raises(UnavailableError):
        sleep()
    assert pooled.is_ready()


def test_tables_are_not_made_through_it(postgres: Postgres, url_of: Callable[..., str]) -> None:
    engine = make_engine(url_of(postgres.new_database()), pooled=True)
    with pytest.raises(PooledMigrationError, match="own address"):
        migrate.upgrade(engine)
    engine.dispose()


@pytest.fixture
def app(
    tables: str,
    postgres: Postgres,
    url_of: Callable[..., str],
    tmp_path_factory: pytest.TempPathFactory,
    intake: Intake,
) -> Iterator[App]:
    """The whole web tier behind the pooler, its queue too."""
    jobs = postgres.new_database()
    queue.make_tables(postgres.url(jobs, "postgresql"))
    settings = Settings(
        data_dir=tmp_path_factory.mktemp("pooled"),
        secret_key="k" * 40,
        training_workers=2,
        database_url=url_of(tables),
        queue_database_url=url_of(jobs, "postgresql"),
        database_pooled=True,
    )
    made = build(settings, ml=StandInMl(), intake=intake, password_rounds=4)
    made.start()
    yield made
    made.stop()


def test_a_class_is_trained_through_it(app: App) -> None:
    event: EventView = app.classes.create("Pooled", 2, template="fruit")
    for label in event.labels:
        put_in(
            app.challenge, event.id, label.id, [(f"{n}.jpg", jpeg(COLORS[label.key], n)) for n in range(4)]
        )
    app.classes.set_phase(event.id, "collect")
    runs: list[tuple[GroupIdentity, str]] = []
    for index in (0, 1):
        group = identity(app, event, index)
        take(app, group, event, 5, start=100 * (index + 1))
        run_id = app.runs.request(group)
        app.queue.enqueue(run_id)
        runs.append((group, run_id))

    def trained() -> bool:
        return all(app.runs.status(group, run_id).state == "done" for group, run_id in runs)

    wait_for(trained, 90, "both are trained")
    for _ in range(8):  # psycopg prepares at the fifth
        app.queue.takeover.once()
        assert app.queue.workflows() >= {run_id for _, run_id in runs}
    assert app.queue.forget([run_id for _, run_id in runs]) == 0
