"""Fixtures of all tests: an app on a temporary folder, a class in it, a group of the class.

Knows nothing of browsers.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from classroom_app.data import migrate
from classroom_app.resources import App, build
from classroom_app.settings import Settings
from classroom_app.views import EventView, GroupIdentity
from tests.support.postgres import Postgres
from tests.support.running import Running
from tests.support.stand_ins import COLORS, StandInMl, identity, jpeg

ON_POSTGRES = os.environ.get("CLASSROOM_TEST_DATABASE") == "postgres"


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


@pytest.fixture
def settings(tmp_path: Path, request: pytest.FixtureRequest) -> Settings:
    """One machine's; with CLASSROOM_TEST_DATABASE=postgres the tables and the queue lie there."""
    urls = {}
    if ON_POSTGRES:
        server: Postgres = request.getfixturevalue("postgres")
        urls = {
            "database_url": server.url(server.new_database()),
            "queue_database_url": server.url(server.new_database(), "postgresql"),
        }
    return Settings(data_dir=tmp_path / "data", secret_key="k" * 40, training_workers=2, **urls)


@pytest.fixture
def ml() -> StandInMl:
    return StandInMl()


@pytest.fixture
def app(settings: Settings, ml: StandInMl) -> Iterator[App]:
    """An app without its threads: a test starts what it needs."""
    app = build(settings, ml=ml)
    migrate.upgrade(app.db.engine)
    yield app
    app.intake.close()
    app.db.close()


@pytest.fixture
def event(app: App) -> EventView:
    """A fruit class with three groups and a challenge set of four photos a label, collecting."""
    event = app.classes.create("Test class", 3, template="fruit")
    for label in event.labels:
        files = [(f"{n}.jpg", jpeg(COLORS[label.key], 1000 + n)) for n in range(4)]
        upload = app.challenge.add_files(event.id, label.id, files)
        assert upload.added == 4
    app.classes.set_phase(event.id, "collect")
    return app.classes.get(event.id)


@pytest.fixture
def group(app: App, event: EventView) -> GroupIdentity:
    return identity(app, event, 0)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    """The whole app as `make run` starts it, on a port and a folder of its own."""
    app = Running(tmp_path)
    app.start()
    yield app
    assert app.process is not None
    if app.process.poll() is None:
        app.stop()
