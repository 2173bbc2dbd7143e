"""/healthz and /readyz over the real parts: each one that fails, and which of them matter."""

from __future__ import annotations

import errno
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from classroom_app import resources
from classroom_app.data import migrate
from classroom_app.resources import App, set_app
from classroom_app.services import health as module
from classroom_app.services.training import takeover
from ml_core.contract import blobs
from ml_core.contract.blobs import FolderBlobs, GcsBlobs
from tests.conftest import ON_POSTGRES
from tests.integration.classroom_app.web.test_routes import Browser
from tests.support.postgres import Postgres
from tests.support.running import wait_for
from tests.support.stand_ins import StandInMl

PARTS = ("database", "migrations", "blobs", "queue", "ml_core", "intake", "disk")
ALL = dict.fromkeys(PARTS, True)


@pytest.fixture
def probe(app: App, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], httpx.Response]]:
    """Asks /readyz of an app whose queue runs; nothing is remembered from look to look."""
    monkeypatch.setattr(module, "KEPT_S", 0.0)
    set_app(app)
    app.queue.start()
    limit = time.monotonic() + 60
    while not app.queue.is_alive():
        assert time.monotonic() < limit
        time.sleep(0.05)
    browser = Browser(app)
    yield lambda: browser("GET", "/readyz")
    app.queue.stop()
    set_app(None)


def missing(answer: httpx.Response) -> set[str]:
    return {part for part, answers in answer.json().items() if not answers}


def test_all_is_well(probe: Callable[[], httpx.Response]) -> None:
    assert (probe().status_code, probe().json()) == (200, ALL)


def test_without_the_compute_tier_a_class_goes_on(probe: Callable[[], httpx.Response], ml: StandInMl) -> None:
    ml.away = True
    assert (probe().status_code, missing(probe())) == (200, {"ml_core"})
    ml.away = False
    assert missing(probe()) == set()


def lose_the_database(app: App, request: pytest.FixtureRequest) -> None:
    app.db.engine.dispose()
    if ON_POSTGRES:
        server: Postgres = request.getfixturevalue("postgres")
        server.drop_database(app.db.engine.url.database or "")
        return
    file = app.settings.data_dir / "classroom.sqlite"
    file.rename(app.settings.data_dir / "moved")
    file.mkdir()


def test_without_the_database_nothing_goes(
    app: App, probe: Callable[[], httpx.Response], request: pytest.FixtureRequest
) -> None:
    lose_the_database(app, request)
    answer = probe()
    assert answer.status_code == 503
    assert {"database", "migrations"} <= missing(answer)


def test_an_older_database_is_not_ready_and_a_newer_one_is(
    app: App, probe: Callable[[], httpx.Response]
) -> None:
    def at(revision: str) -> httpx.Response:
        with app.db.engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = :now"), {"now": revision})
        return probe()

    assert (at("0001").status_code, missing(at("0001"))) == (503, {"migrations"})
    assert at("9999").status_code == 200, "a newer release has migrated already, and this one goes on"
    migrate.upgrade(app.db.engine)  # and starts again, which is how a release is rolled back
    with app.db.engine.begin() as connection:
        connection.execute(text("DELETE FROM alembic_version"))
    assert missing(probe()) == {"migrations"}
    assert not migrate.is_done(app.db.engine)


def test_without_the_blob_store_no_photo_can_be_kept(app: App, probe: Callable[[], httpx.Response]) -> None:
    shutil.rmtree(app.settings.data_dir / "blobs")
    assert (probe().status_code, missing(probe())) == (503, {"blobs"})


def test_a_bucket_that_is_gone_or_shut_is_not_reachable() -> None:
    from google.api_core import exceptions

    class Client:
        error: Exception | None = None

        def bucket(self, _name: str) -> None:
            return None

        def list_blobs(self, _name: str, **_options: object) -> list[object]:
            if self.error:
                raise self.error
            return []

    client = Client()
    assert GcsBlobs("bucket", client).is_reachable()
    for error in (exceptions.NotFound, exceptions.Forbidden, exceptions.ServiceUnavailable):
        client.error = error("no")
        assert not GcsBlobs("bucket", client).is_reachable()


def test_a_queue_without_a_heart_beat_is_dead(
    app: App, probe: Callable[[], httpx.Response], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(takeover, "SILENT_AFTER_S", 0.0)
    assert (probe().status_code, missing(probe())) == (503, {"queue"})


def test_while_it_stops_nobody_new_should_come(app: App, probe: Callable[[], httpx.Response]) -> None:
    assert probe().status_code == 200
    app.readiness.stop()
    assert (probe().status_code, missing(probe())) == (503, set(ALL))


def test_a_probe_takes_no_longer_than_its_limit(
    app: App, probe: Callable[[], httpx.Response], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database that hangs must not hang the answer; the class's threads are free meanwhile."""
    monkeypatch.setattr(module, "LOOK_LIMIT_S", 0.2)
    go_on = threading.Event()
    monkeypatch.setattr(FolderBlobs, "is_reachable", lambda _blobs: go_on.wait(60))
    answer = probe()
    assert not go_on.is_set(), "it answered while the part still hung"
    go_on.set()
    assert (answer.status_code, missing(answer)) == (503, {"blobs"})


def test_health_is_about_the_process_alone(app: App, ml: StandInMl, monkeypatch: pytest.MonkeyPatch) -> None:
    set_app(app)
    browser = Browser(app)
    ml.away = True
    assert (browser("GET", "/healthz").status_code, browser("GET", "/healthz").text) == (200, "ok")

    class EndsTheThread(BaseException):
        pass

    def end(_executor: str) -> None:
        raise EndsTheThread

    monkeypatch.setattr(threading, "excepthook", lambda _: None)
    monkeypatch.setattr(app.embedding, "free_leases", end)
    app.embedder.start()
    wait_for(app.embedder.has_died, 20, "the embedder's thread has ended")
    assert browser("GET", "/healthz").status_code == 503
    set_app(None)


def test_a_disk_that_is_full_takes_no_photos(
    app: App, probe: Callable[[], httpx.Response], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Uploads would be refused, and so would whatever SQLite writes, though it goes on answering."""
    found: list[Path] = []

    def nothing(folder: Path) -> int:
        found.append(folder)
        return 0

    monkeypatch.setattr(blobs, "free_bytes", nothing)
    answer = probe()
    assert (answer.status_code, missing(answer)) == (503, {"blobs"})
    monkeypatch.setattr(resources, "free_bytes", nothing)
    assert missing(probe()) == ({"blobs", "disk"} if ON_POSTGRES else {"blobs", "database", "disk"})
    assert app.settings.data_dir / "blobs" in found


def test_a_store_that_cannot_be_written_takes_no_photos(
    app: App, probe: Callable[[], httpx.Response], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = tempfile.mkstemp

    def full(*args: Any, **options: Any) -> tuple[int, str]:
        if options.get("dir") == app.settings.data_dir / "blobs":
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(*args, **options)

    monkeypatch.setattr(tempfile, "mkstemp", full)
    answer = probe()
    assert (answer.status_code, missing(answer)) == (503, {"blobs"})
