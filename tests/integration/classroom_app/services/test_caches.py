"""A deletion is felt in the memory of every web process, and the receipt says when it was."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text
from sqlalchemy.event import listen

from classroom_app.content import i18n
from classroom_app.data.repository import executors
from classroom_app.data.tables import Executor, RunResult, utcnow
from classroom_app.intake.decoder_pool import Intake
from classroom_app.resources import App, build
from classroom_app.services.forgetting import ALIVE
from classroom_app.services.streams import StreamKey
from classroom_app.settings import Settings
from classroom_app.states import DeletionScope
from classroom_app.views.classes import EventView, GroupIdentity
from classroom_app.views.deletion import COMPUTE_SERVERS, NO_REST, OTHER_PROCESSES, DeletionTarget
from ml_core.contract import memory
from tests.support.running import wait_for
from tests.support.stand_ins import StandInMl, identity, take, train


@pytest.fixture(autouse=True)
def works_on_runs(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app.queue, "is_executor", lambda: True)


@pytest.fixture
def other(app: App, settings: Settings, intake: Intake, monkeypatch: pytest.MonkeyPatch) -> Iterator[App]:
    """Another web process of the same class, as a second pod."""
    found = build(settings.model_copy(update={"executor_id": "other"}), ml=StandInMl(), intake=intake)
    monkeypatch.setattr("classroom_app.services.forgetting.OTHERS_WAIT_S", 0.5)
    monkeypatch.setattr(found.queue, "is_executor", lambda: True)
    with app.db.write() as session:
        executors.beat(session, "other")
        executors.beat(session, app.settings.executor_id)
    yield found
    found.db.close()


@pytest.mark.parametrize("undo", [True, False])
def test_other_processes_drop_what_was_deleted_and_the_receipt_hears_of_it(
    app: App, other: App, event: EventView, group: GroupIdentity, undo: bool
) -> None:
    take(app, group, event, 5)
    run_id = train(app, group)
    with app.db.read() as session:
        result = session.get(RunResult, run_id)
        assert result is not None
        key = result.model_key
    cache, streams = other.models, other.streams
    assert cache.get(key)
    streams.keep(StreamKey(group.id, group.epoch, "m", "camera"), b"scene", 0)
    target = DeletionTarget(DeletionScope.GROUP_RESET, event.id, group.id)
    if undo:
        receipt = app.deletions.finish(app.deletions.begin(target).id)
    else:
        receipt = app.deletions.delete_now(target)
    assert receipt.clean
    assert receipt.waits_for == 1
    app.forgetting.sweep()  # what this process does says nothing of the other one
    assert app.privacy.receipt(receipt.id).waits_for == 1
    assert cache.cached_keys([key]) == 1
    other.forgetting.sweep()
    assert cache.cached_keys([key]) == 0
    assert len(streams) == 0
    assert app.privacy.receipt(receipt.id).waits_for == 0


def test_a_process_alone_waits_for_nobody(app: App, event: EventView, group: GroupIdentity) -> None:
    take(app, group, event, 1)
    receipt = app.deletions.delete_now(DeletionTarget(DeletionScope.GROUP, event.id, group.id))
    assert receipt.waits_for == 0
    assert set(receipt.left) & NO_REST == set()


def test_what_is_in_use_stays_in_memory(app: App, event: EventView, group: GroupIdentity) -> None:
    take(app, group, event, 5)
    run_id = train(app, group)
    with app.db.read() as session:
        result = session.get(RunResult, run_id)
        assert result is not None
        key = result.model_key
    app.models.get(key)
    app.streams.keep(StreamKey(group.id, group.epoch, "m", "camera"), b"scene", 0)
    app.forgetting.sweep()
    assert app.models.cached_keys([key]) == 1
    assert len(app.streams) == 1


def test_a_running_app_sweeps_its_memory(
    app: App, event: EventView, group: GroupIdentity, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.streams.keep(StreamKey("of-nobody", 0, "m", "camera"), b"scene", 0)
    assert app.sweeper.run_steps()
    assert len(app.streams) == 0


def test_files_of_a_killed_upload_are_counted_and_go(app: App, event: EventView) -> None:
    import os

    left = app.incoming.folder / "upload.zip"
    left.write_bytes(b"photos")
    os.utime(left, (0, 0))
    receipt = app.deletions.delete_now(DeletionTarget(DeletionScope.EVENT, event.id))
    assert receipt.deleted["temporary_files"] == 1
    assert receipt.left["temporary_files"] == 0
    assert not left.exists()


def test_who_deletes_waits_until_the_other_processes_have_forgotten(
    app: App, other: App, event: EventView, group: GroupIdentity, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They look for themselves; nobody waits for the next sweep."""
    monkeypatch.setattr("classroom_app.services.forgetting.OTHERS_WAIT_S", 60)
    take(app, group, event, 5)
    train(app, group)
    renewed: list[str] = []
    monkeypatch.setattr(other.intake, "renew", lambda: renewed.append("decoders"))  # both have this one
    assert not other.forgetting.look(), "nobody has deleted anything"
    with ThreadPoolExecutor(1) as threads:
        target = DeletionTarget(DeletionScope.GROUP_RESET, event.id, group.id)
        deleting = threads.submit(app.deletions.delete_now, target)
        wait_for(other.forgetting.look, 30, "it is asked")
        receipt = deleting.result()
    assert renewed == ["decoders"] * 2
    assert OTHER_PROCESSES not in receipt.left
    assert not other.forgetting.look(), "once is enough"


def test_a_process_that_died_is_not_waited_for(
    app: App, other: App, event: EventView, group: GroupIdentity
) -> None:
    with app.db.write() as session:
        row = session.get(Executor, "other")
        assert row is not None
        row.beat_at = utcnow() - 2 * ALIVE
    receipt = app.deletions.delete_now(DeletionTarget(DeletionScope.GROUP_RESET, event.id, group.id))
    assert OTHER_PROCESSES not in receipt.left


@pytest.mark.parametrize("undo", [True, False])
@pytest.mark.parametrize("scope", [DeletionScope.GROUP_RESET, DeletionScope.RUNS, DeletionScope.PHOTOS])
def test_the_compute_tier_forgets_the_models(
    app: App, ml: StandInMl, event: EventView, group: GroupIdentity, scope: DeletionScope, undo: bool
) -> None:
    ids = take(app, group, event, 5)
    train(app, group)
    theirs = identity(app, event, 1)
    take(app, theirs, event, 5, start=50)
    train(app, theirs)
    assert len(ml.known) == 2
    target = DeletionTarget(scope, event.id, group.id, photo_ids=tuple(ids[:1]))
    if undo:
        pending = app.deletions.begin(target)
        assert len(ml.known) == 2, "it may come back"
        receipt = app.deletions.finish(pending.id)
    else:
        receipt = app.deletions.delete_now(target)
    assert receipt.deleted["compute_models"] == 1
    assert receipt.left["compute_models"] == 0
    assert len(ml.known) == 1, "another group's stays"
    assert receipt.clean


def test_a_compute_server_that_cannot_be_asked_is_said(
    app: App, ml: StandInMl, event: EventView, group: GroupIdentity
) -> None:
    take(app, group, event, 5)
    train(app, group)
    ml.away = True
    receipt = app.deletions.delete_now(DeletionTarget(DeletionScope.GROUP_RESET, event.id, group.id))
    assert receipt.left[COMPUTE_SERVERS] == 1
    assert receipt.clean, "it forgets by itself within minutes"
    minutes = round((memory.MODEL_IDLE_S + memory.MODELS_LOOKED_AT_EVERY_S) / 60)
    for lang in i18n.LANGUAGES:
        for key in (f"kind_{COMPUTE_SERVERS}", "privacy_long_memory"):
            assert str(minutes) in i18n.t_kanji(key, lang)
    assert app.integrity.check(lambda _seconds: None).sound


def test_connections_that_have_read_what_was_deleted_are_closed(app: App, event: EventView) -> None:
    if app.db.engine.dialect.name != "sqlite":
        pytest.skip("Postgres keeps its pages itself")
    opened: list[object] = []
    listen(app.db.engine, "connect", lambda connection, _record: opened.append(connection))
    app.board.board(event.id, final=False)
    app.forgetting.here()
    before = len(opened)
    app.board.board(event.id, final=False)
    assert len(opened) == before + 1, "another connection reads now"
    with app.db.read() as session:
        connection = session.connection().connection.driver_connection
        assert isinstance(connection, sqlite3.Connection)
        app.db.forget_pages()
        session.execute(text("SELECT 1"))
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        connection.execute("SELECT 1")
