"""Fixtures of all tests: an app on a temporary folder, a class in it, a group of the class."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import structlog
from structlog.dev import ConsoleRenderer, plain_traceback

from classroom_app.compute.interface import MlClient
from classroom_app.data import migrate
from classroom_app.data.engine import make_engine
from classroom_app.intake.decoder_pool import CleanPhoto, Intake
from classroom_app.resources import App, build
from classroom_app.settings import Settings
from classroom_app.views.classes import EventView, GroupIdentity
from ml_core.config import usable_cores
from ml_core.contract.blobs import free_bytes
from tests.support.challenge_set import put_in
from tests.support.postgres import TEMPORARY_ROOT, Postgres
from tests.support.running import Running
from tests.support.stand_ins import COLORS, StandInMl, identity, jpeg

pytest_plugins = ("tests.support.slow_tests",)
PASSWORD_ROUNDS = 4  # the least that bcrypt takes
MEMORY = Path("/dev/shm")  # noqa: S108 - pytest makes a folder there for its user alone
MEMORY_BYTES_MIN = 4 * 1024**3
ON_POSTGRES = os.environ.get("CLASSROOM_TEST_DATABASE") == "postgres"


def pytest_configure() -> None:
    """Temporary folders lie in memory where there is enough: no power is cut here, and disks are slow.

    Errors are logged as Python tells them.
    """
    if MEMORY.is_dir() and free_bytes(MEMORY) >= MEMORY_BYTES_MIN:
        os.environ.setdefault(TEMPORARY_ROOT, str(MEMORY))
    # structlog's default draws every frame of an error with its variables, which takes seconds for some.
    *others, _ = structlog.get_config()["processors"]
    structlog.configure(processors=[*others, ConsoleRenderer(exception_formatter=plain_traceback)])


def pytest_xdist_auto_num_workers() -> int:
    """Quick tests wait a third of their time, for processes, queues and clocks: three keep two cores busy."""
    return max(usable_cores() * 3 // 2, 1)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On Postgres only what asks for a database: the rest does there what it did in the run before."""
    if ON_POSTGRES:
        others = [item for item in items if "settings" not in getattr(item, "fixturenames", ())]
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if item not in others]


@pytest.fixture(autouse=True)
def own_logs() -> Iterator[None]:
    """A command that a test runs sets up its logs for its own output, which is closed after it."""
    root, structured = logging.getLogger(), structlog.get_config()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers, root.level = handlers, level
    structlog.configure(**structured)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One server for all tests that want it; each makes databases of its own."""
    server = Postgres()
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def encrypted_postgres() -> Iterator[Postgres]:
    """As Cloud SQL: nobody gets in without TLS."""
    server = Postgres(tls=True)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The newest tables in a file that each test copies: much faster than all migrations anew."""
    path = tmp_path_factory.mktemp("template") / "classroom.sqlite"
    engine = make_engine(f"sqlite:///{path}")
    migrate.upgrade(engine)
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres: Postgres) -> str:
    """The same as a database of the server; its name."""
    name = postgres.new_database()
    engine = make_engine(postgres.url(name))
    migrate.upgrade(engine)
    engine.dispose()
    return name


@dataclass(frozen=True)
class Template:
    """What tests begin with: a folder of data, on Postgres also a database; a class where there is one."""

    data: Path
    database: str = ""
    event_id: str = ""

    def copy(self, data: Path, request: pytest.FixtureRequest) -> Settings:
        """Settings of a copy in the folder; on Postgres the queue lies there too."""
        shutil.copytree(self.data, data)
        urls = {}
        if ON_POSTGRES:
            server: Postgres = request.getfixturevalue("postgres")
            urls = {
                "database_url": server.url(server.new_database(self.database)),
                # Most tests start no queue.
                "queue_database_url": server.url(server.unused_database(), "postgresql"),
            }
        return Settings(data_dir=data, secret_key="k" * 40, training_workers=2, **urls)


@pytest.fixture(scope="session")
def empty_template(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Template:
    """Tables without a row."""
    data = tmp_path_factory.mktemp("empty")
    data.chmod(0o700)
    if ON_POSTGRES:
        return Template(data, request.getfixturevalue("postgres_template"))
    shutil.copy(request.getfixturevalue("sqlite_template"), data / "classroom.sqlite")
    return Template(data)


@pytest.fixture(scope="session")
def class_template(
    empty_template: Template,
    tmp_path_factory: pytest.TempPathFactory,
    intake: Intake,
    request: pytest.FixtureRequest,
) -> Template:
    """A fruit class with three groups and a challenge set of four photos a label, collecting."""
    settings = empty_template.copy(tmp_path_factory.mktemp("class") / "data", request)
    app = build(settings, ml=StandInMl(), intake=intake, password_rounds=PASSWORD_ROUNDS)
    event = app.classes.create("Test class", 3, template="fruit")
    for label in event.labels:
        files = [(f"{n}.jpg", jpeg(COLORS[label.key], 1000 + n)) for n in range(4)]
        upload = put_in(app.challenge, event.id, label.id, files)
        assert upload.added == 4
    app.classes.set_phase(event.id, "collect")
    app.db.close()
    return Template(settings.data_dir, app.db.engine.url.database or "", event.id)


@pytest.fixture
def begun_with(request: pytest.FixtureRequest) -> Template:
    """With a class for those who ask for one: making it anew takes longer than most tests."""
    wanted: Template = request.getfixturevalue(
        "class_template" if "event" in request.fixturenames else "empty_template"
    )
    return wanted


@pytest.fixture
def settings(begun_with: Template, tmp_path: Path, request: pytest.FixtureRequest) -> Settings:
    """One machine's, its tables made; with CLASSROOM_TEST_DATABASE=postgres they and the queue lie there."""
    return begun_with.copy(tmp_path / "data", request)


@pytest.fixture
def ml() -> StandInMl:
    return StandInMl()


class SharedIntake(Intake):
    """Its decoders outlive the app of a test; what it made of a photo it makes of it again."""

    def __init__(self) -> None:
        super().__init__()
        self._made: dict[tuple[object, ...], CleanPhoto] = {}

    def clean(self, data: bytes, **options: Any) -> CleanPhoto:
        key = (data, *sorted(options.items()))
        if key not in self._made:
            self._made[key] = super().clean(data, **options)
        return self._made[key]

    def close(self) -> None:
        pass

    def renew(self) -> None:
        """Not after each deletion of each test; that it happens has tests of its own."""

    def close_at_last(self) -> None:
        super().close()


@pytest.fixture(scope="session")
def intake() -> Iterator[Intake]:
    """Decoder processes for all apps: starting one takes longer than most tests."""
    shared = SharedIntake()
    yield shared
    shared.close_at_last()


@pytest.fixture
def make_app(settings: Settings, intake: Intake) -> Callable[[MlClient], App]:
    """Builds an app without its threads, and with passwords that are checked in no time."""
    return lambda ml: build(settings, ml=ml, intake=intake, password_rounds=PASSWORD_ROUNDS)


@pytest.fixture
def app(make_app: Callable[[MlClient], App], ml: StandInMl) -> Iterator[App]:
    """An app without its threads: a test starts what it needs."""
    app = make_app(ml)
    yield app
    app.db.close()


@pytest.fixture
def event(app: App, begun_with: Template) -> EventView:
    """The class of the template: fruit, three groups, four challenge photos a label, collecting."""
    return app.classes.get(begun_with.event_id)


@pytest.fixture
def group(app: App, event: EventView) -> GroupIdentity:
    return identity(app, event, 0)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    """The whole app as `make run` starts it, on a port and a folder of its own."""
    with Running(tmp_path) as app:
        yield app
