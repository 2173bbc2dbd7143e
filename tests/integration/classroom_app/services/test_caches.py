"""A deletion is felt in the memory of every web process, and the receipt says when it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from classroom_app.compute.client import MlClient
from classroom_app.data.repository import executors
from classroom_app.data.tables import RunResult
from classroom_app.resources import App
from classroom_app.services.streams import StreamKey
from classroom_app.states import DeletionScope
from classroom_app.views import NO_REST, DeletionTarget, EventView, GroupIdentity
from tests.support.stand_ins import StandInMl, take, train


@pytest.fixture(autouse=True)
def no_queue(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    app.forgetting.join()
    for service in (app.privacy, app.deletions):
        monkeypatch.setattr(service, "_forget_runs", lambda run_ids: 0)


@pytest.fixture
def other(app: App, make_app: Callable[[MlClient], App]) -> Iterator[App]:
    """Another web process of the same class, as a second pod."""
    found = make_app(StandInMl())
    found.forgetting._executor_id = "other"
    found.forgetting.join()
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
    cache, streams = other.play._models, other.play._streams
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
    app.play._models.get(key)
    app.play._streams.keep(StreamKey(group.id, group.epoch, "m", "camera"), b"scene", 0)
    app.forgetting.sweep()
    assert app.play._models.cached_keys([key]) == 1
    assert len(app.play._streams) == 1


def test_a_running_app_sweeps_its_memory(app: App) -> None:
    assert app.forgetting.sweep in app.sweeper._steps


def test_files_of_a_killed_upload_are_counted_and_go(app: App, event: EventView) -> None:
    import os

    left = app.incoming.folder / "upload.zip"
    left.write_bytes(b"photos")
    os.utime(left, (0, 0))
    receipt = app.deletions.delete_now(DeletionTarget(DeletionScope.EVENT, event.id))
    assert receipt.deleted["temporary_files"] == 1
    assert receipt.left["temporary_files"] == 0
    assert not left.exists()
