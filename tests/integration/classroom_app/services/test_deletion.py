"""What a deletion promises while others are at work, and of what a killed process left behind."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterator

import pytest
from dbos import DBOS

from classroom_app.data import blob_keys
from classroom_app.data.tables import Photo, utcnow
from classroom_app.errors import ConflictError, NotFoundError
from classroom_app.resources import App
from classroom_app.services import privacy
from classroom_app.states import DeletionScope
from classroom_app.views.classes import EventView, GroupIdentity
from classroom_app.views.deletion import DeletionTarget
from ml_core.contract.blobs import is_half_written
from tests.conftest import ON_POSTGRES
from tests.integration.classroom_app.services.test_purge import files, stored
from tests.support.running import wait_for
from tests.support.stand_ins import COLORS, jpeg, take, train

WHOLE = (DeletionScope.EVENT, DeletionScope.GROUP, DeletionScope.GROUP_RESET)


@pytest.fixture
def with_queue(app: App) -> Iterator[None]:
    app.queue.start()
    yield
    app.queue.stop()


def target(scope: DeletionScope, event: EventView, group: GroupIdentity, photo_id: str) -> DeletionTarget:
    return DeletionTarget(
        scope,
        event.id,
        group_id=None if scope in {DeletionScope.EVENT, DeletionScope.PHOTOS} else group.id,
        label_id=event.labels[0].id if scope == DeletionScope.LABEL else None,
        photo_id=photo_id if scope == DeletionScope.PHOTO else None,
        photo_ids=(photo_id,) if scope == DeletionScope.PHOTOS else (),
    )


def leave_half_written(app: App, key: str) -> None:
    """As a writer that was killed in the middle: the photo's bytes under a name that is no photo's."""
    path = app.settings.data_dir / "blobs" / f"{key}.writing-e3q_1ji3"
    path.write_bytes(b"a whole photo")


def once(monkeypatch: pytest.MonkeyPatch, owner: object, name: str, before: Callable[[], object]) -> None:
    """At the first call of a method something else happens just before it."""
    real = getattr(owner, name)
    calls: list[object] = []

    def method(*args: object) -> object:
        if not calls:
            calls.append(args)
            before()
        return real(*args)

    monkeypatch.setattr(owner, name, method)


@pytest.mark.usefixtures("with_queue")
@pytest.mark.parametrize("scope", [scope for scope in DeletionScope if scope != DeletionScope.RUNS])
def test_a_half_written_photo_is_counted_and_deleted(
    app: App, event: EventView, group: GroupIdentity, scope: DeletionScope
) -> None:
    [photo_id, *_] = take(app, group, event, 1)
    key = blob_keys.photo_key(event.id, group.id, photo_id)
    leave_half_written(app, key)
    leave_half_written(app, blob_keys.thumb_key(key))
    half_written = {name for name in files(app) if is_half_written(name)}
    assert len(half_written) == 2
    wanted = target(scope, event, group, photo_id)
    counted = app.privacy.count(wanted)["files"]
    few = dict.fromkeys(("photo", "photos", "label"), 4)
    assert counted == {**few, "group_reset": 8, "group": 8, "event": 8 + 24}[scope]
    receipt = app.privacy.delete(wanted)
    assert receipt.clean
    assert receipt.deleted["files"] == counted
    assert not any(photo_id in name for name in files(app))


def test_the_sweep_takes_half_written_files(
    app: App, event: EventView, group: GroupIdentity, monkeypatch: pytest.MonkeyPatch
) -> None:
    [photo_id, *_] = take(app, group, event, 1)
    leave_half_written(app, blob_keys.photo_key(event.id, group.id, photo_id))
    kept = {name for name in files(app) if not is_half_written(name)}
    assert app.privacy.sweep() == 0  # somebody may be writing it
    monkeypatch.setattr(privacy, "HALF_WRITTEN_S", 0.0)
    assert app.privacy.sweep() == 1
    assert files(app) == kept


@pytest.mark.usefixtures("with_queue")
def test_an_upload_between_its_files_and_its_row_makes_no_unclean_receipt(
    app: App, event: EventView, group: GroupIdentity, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It writes its files just after ours went; its row comes too late, so it would take them away itself."""
    take(app, group, event, 1)
    key = blob_keys.photo_key(event.id, group.id, str(uuid.uuid4()))

    def late() -> None:
        stored(app).put(blob_keys.thumb_key(key), b"x")
        stored(app).put(key, b"x")

    once(monkeypatch, app.db, "scrub", late)
    receipt = app.privacy.delete(target(DeletionScope.EVENT, event, group, ""))
    assert receipt.clean
    assert files(app) == set()


def test_what_cannot_be_deleted_is_said(
    app: App, event: EventView, group: GroupIdentity, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(privacy, "RECOUNT_WAIT_S", 0.0)
    [photo_id, *_] = take(app, group, event, 1)
    monkeypatch.setattr(app.files, "delete_photos", lambda _keys: None)
    receipt = app.privacy.delete(target(DeletionScope.PHOTO, event, group, photo_id))
    assert not receipt.clean
    assert {kind: left for kind, left in receipt.left.items() if left} == {"files": 2}


def test_a_photo_that_comes_while_its_label_is_deleted_leaves_no_file(
    app: App, event: EventView, group: GroupIdentity, monkeypatch: pytest.MonkeyPatch
) -> None:
    [first, *others] = take(app, group, event, 1)
    late = str(uuid.uuid4())

    def send() -> None:
        assert app.photos.take(group, event.labels[0].id, late, None, jpeg(COLORS["apple"], 77))

    once(monkeypatch, app.db, "scrub", send)
    assert app.privacy.delete(target(DeletionScope.LABEL, event, group, first)).clean
    assert {photo.id for photo in app.photos.album(group).photos} == set(others)
    assert not any(late in name for name in files(app))


def test_a_photo_cannot_be_moved_away_or_brought_back_while_it_is_deleted(
    app: App, event: EventView, group: GroupIdentity, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its file would be gone and its row would stay."""
    [moved, *_] = take(app, group, event, 2)
    refused: list[str] = []

    def rescue() -> None:
        with pytest.raises(NotFoundError):
            app.photos.move(group, moved, event.labels[1].id)
        refused.append(moved)
        assert not app.photos.undo_delete(group)

    once(monkeypatch, app.files, "delete_photos", rescue)
    assert app.privacy.delete(target(DeletionScope.LABEL, event, group, moved)).clean
    assert refused == [moved]
    assert len(app.photos.album(group).photos) == 4


def test_a_deletion_that_was_killed_half_way_is_finished_by_the_sweep(
    app: App, event: EventView, group: GroupIdentity, monkeypatch: pytest.MonkeyPatch
) -> None:
    [photo_id, *_] = take(app, group, event, 1)

    def killed(_keys: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(app.files, "delete_photos", killed)
        with pytest.raises(KeyboardInterrupt):
            app.privacy.delete(target(DeletionScope.PHOTO, event, group, photo_id))
    assert app.privacy.sweep() == 1
    assert not any(photo_id in name for name in files(app))
    with pytest.raises(ConflictError):
        app.photos.take(group, event.labels[0].id, photo_id, None, jpeg(COLORS["apple"], 1))


@pytest.mark.skipif(ON_POSTGRES, reason="only SQLite keeps a log of its own beside the tables")
def test_the_sweep_empties_the_log_of_a_deletion_that_was_killed_before_it_did(
    app: App, event: EventView, group: GroupIdentity
) -> None:
    take(app, group, event, 1)
    log = app.settings.data_dir / "classroom.sqlite-wal"
    assert log.stat().st_size > 0
    assert app.privacy.sweep() == 0
    assert log.stat().st_size == 0


@pytest.mark.skipif(ON_POSTGRES, reason="Postgres syncs each commit unless told otherwise")
def test_what_is_committed_outlives_a_power_cut(app: App) -> None:
    """SQLite may lose the last commits otherwise: photos that an iPad has dropped by then."""
    connection = app.db.engine.raw_connection()
    [(level,)] = connection.cursor().execute("PRAGMA synchronous").fetchall()
    connection.close()
    assert level == 2  # FULL


@pytest.mark.usefixtures("with_queue")
@pytest.mark.parametrize("scope", WHOLE)
def test_a_run_that_is_tapped_while_the_deletion_begins_leaves_no_workflow(
    app: App,
    event: EventView,
    group: GroupIdentity,
    scope: DeletionScope,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    take(app, group, event, 5)
    tapped: list[str] = []

    def tap() -> None:
        tapped.append(app.runs.request(group))
        app.queue.enqueue(tapped[0])

    once(monkeypatch, app.files, "old_versions", tap)  # the last that is counted before the door closes
    receipt = app.privacy.delete(target(scope, event, group, ""))
    assert receipt.clean
    assert workflows() == set()
    assert tapped


def workflows() -> set[str]:
    return {found.workflow_id for found in DBOS.list_workflows(load_input=False, load_output=False)}


@pytest.mark.usefixtures("with_queue")
def test_the_sweep_forgets_workflows_whose_run_is_gone_and_no_others(
    app: App, event: EventView, group: GroupIdentity
) -> None:
    """The tap was committed before a deletion and enqueued after it."""
    take(app, group, event, 5)
    run_id = train(app, group)
    app.queue.enqueue(run_id)
    lost = str(uuid.uuid4())
    app.queue.enqueue(lost)
    wait_for(lambda: app.queue.sweep() == 1, 30)
    assert workflows() == {run_id}
    assert app.queue.sweep() == 0


def test_what_was_being_unpacked_by_a_killed_process_goes_at_the_next_start(app: App) -> None:
    left = app.incoming.folder / "challenge.zip"
    left.write_bytes(b"photos")
    app.start()
    try:
        assert not left.exists()
    finally:
        app.forgetter.stop()
        app.sweeper.stop()
        app.embedder.stop()
        app.queue.stop()


@pytest.mark.usefixtures("with_queue")
def test_a_deletion_ends_the_processes_that_saw_the_photos(
    app: App, event: EventView, group: GroupIdentity, monkeypatch: pytest.MonkeyPatch
) -> None:
    [photo_id, other, *_] = take(app, group, event, 2)
    renewed: list[str] = []
    monkeypatch.setattr(app.intake, "renew", lambda: renewed.append("now"))
    app.privacy.sweep()
    assert renewed == []  # nothing was due
    app.privacy.delete(target(DeletionScope.PHOTO, event, group, photo_id))
    assert len(renewed) == 1
    app.photos.delete(group, other)
    with app.db.write() as session:
        photo = session.get(Photo, other)
        assert photo is not None
        photo.deleted_at = utcnow() - dt.timedelta(hours=1)
    assert app.privacy.sweep() == 1
    assert len(renewed) == 2
