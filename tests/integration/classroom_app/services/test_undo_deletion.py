"""Deletions with an undo: nobody sees at once what was deleted, and for some minutes all of it comes back."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
import sqlalchemy as sa

from classroom_app.data.repository import deletions as deletion_rows
from classroom_app.data.tables import Base, utcnow
from classroom_app.errors import ConflictError, NotFoundError, StaleEpochError
from classroom_app.resources import App
from classroom_app.states import DeletionScope
from classroom_app.views.classes import EventView, GroupIdentity
from classroom_app.views.deletion import DeletionTarget, PendingDeletion
from classroom_app.views.photos import TakenPhoto
from tests.integration.classroom_app.services.test_deletion import target
from tests.integration.classroom_app.services.test_purge import files
from tests.support.deleting import photos_deleted
from tests.support.stand_ins import COLORS, group_cookie, identity, jpeg, take, train

MOVED = {"epoch", "deleted_version", "deleted_epoch"}
NOT_OF_CLASSES = {
    "audit_entries", "buried_photos", "deletions", "set_aside_rows", "receipts", "leases", "executors",
    "throttles", "tickets", "facilitators", "ended_cookies", "unread_photos",
}  # fmt: skip
EVERY = list(DeletionScope)


@pytest.fixture
def trained(app: App, event: EventView, group: GroupIdentity) -> list[str]:
    """Two groups with photos and an AI each; the ids of the first one's photos."""
    other = identity(app, event, 1)
    ids = take(app, group, event, 5)
    take(app, other, event, 5, start=50)
    for each in (group, other):
        train(app, each)
    return ids


def rows(app: App) -> dict[str, list[Any]]:
    """All that is stored of classes, but for what a deletion itself moves."""
    found = {}
    with app.db.read() as session:
        for table in Base.metadata.sorted_tables:
            if table.name in NOT_OF_CLASSES:
                continue
            columns = [column for column in table.columns if column.name not in MOVED]
            found[table.name] = sorted(map(repr, session.execute(sa.select(*columns)).all()))
    return found


def over(app: App, pending: PendingDeletion) -> None:
    """Its time for undo has passed."""
    with app.db.write() as session:
        row = deletion_rows.lock(session, pending.id)
        assert row is not None
        row.due_at = utcnow() - dt.timedelta(seconds=1)


@pytest.mark.parametrize("scope", EVERY)
def test_an_undo_brings_every_row_back_as_it_was(
    app: App, event: EventView, group: GroupIdentity, trained: list[str], scope: DeletionScope
) -> None:
    before, stored = rows(app), files(app)
    pending = app.deletions.begin(target(scope, event, group, trained[0]))
    assert rows(app) != before
    assert pending in app.deletions.pending(event.id)
    app.privacy.sweep()
    app.privacy.sweep()  # what no row knows goes at the second look
    assert files(app) == stored
    app.deletions.undo(pending.id)
    after = rows(app)
    if scope != DeletionScope.EVENT:  # comparisons with the challenge are made anew
        before.pop("comparisons"), after.pop("comparisons")
    assert after == before
    assert files(app) == stored
    assert app.deletions.pending(event.id) == []
    assert app.privacy.receipts() == []


@pytest.mark.parametrize("scope", EVERY)
def test_when_the_time_is_over_nothing_is_left_and_others_are_untouched(
    app: App, event: EventView, group: GroupIdentity, trained: list[str], scope: DeletionScope
) -> None:
    wanted = target(scope, event, group, trained[0])
    counted = app.privacy.count(wanted)
    pending = app.deletions.begin(wanted)
    assert app.deletions.sweep() == 0
    over(app, pending)
    with pytest.raises(ConflictError, match="deletion_too_late"):
        app.deletions.undo(pending.id)
    assert app.deletions.sweep() == 1
    [receipt] = app.privacy.receipts()
    assert receipt.clean
    assert {kind: receipt.deleted[kind] for kind in counted if kind != "cached_models"} == {
        kind: number for kind, number in counted.items() if kind != "cached_models"
    }
    with app.db.read() as session:
        assert session.execute(sa.text("SELECT count(*) FROM set_aside_rows")).scalar() == 0
    assert app.deletions.sweep() == 0
    if scope != DeletionScope.EVENT:
        assert len(app.photos.of_group(event.id, event.groups[1].id)) == 15
        assert app.board.board(event.id).rows
    assert not files(app) if scope == DeletionScope.EVENT else files(app)


def test_a_deleted_group_is_gone_for_everybody_at_once_and_comes_back(
    app: App, event: EventView, group: GroupIdentity, trained: list[str]
) -> None:
    cookie = group_cookie(app, event, 0)
    pending = app.deletions.begin(DeletionTarget(DeletionScope.GROUP, event.id, group.id))
    assert app.access.group(cookie) is None
    assert group.id not in {row.group_id for row in app.board.board(event.id).rows}
    assert group.id not in {item.id for item in app.classes.get(event.id).groups}
    assert group.id not in {item.id for _, tiles in app.access.groups_to_join() for item in tiles}
    assert group.id not in json.dumps([table.rows for table in app.results.tables(event.id)], default=str)
    with pytest.raises(NotFoundError):
        app.photos.picture(trained[0], "full", group=None)
    app.deletions.undo(pending.id)
    assert app.access.group(cookie) is not None
    assert app.photos.picture(trained[0], "full", group=None)
    assert next(row for row in app.board.board(event.id).rows if row.group_id == group.id).rank is not None


def test_what_was_on_its_way_when_the_group_was_deleted_comes_to_nothing(
    app: App, event: EventView, group: GroupIdentity, trained: list[str]
) -> None:
    stored = files(app)
    pending = app.deletions.begin(DeletionTarget(DeletionScope.GROUP, event.id, group.id))
    late = "6f0c1a52-7f1f-4a51-9a49-1c2b3d4e5f60"
    with pytest.raises((StaleEpochError, NotFoundError)):
        app.photos.take(group, event.labels[0].id, late, None, jpeg(COLORS["apple"], 999))
    app.deletions.undo(pending.id)
    assert files(app) == stored


def test_several_photos_of_two_groups_go_and_come_back_together(
    app: App, event: EventView, group: GroupIdentity, trained: list[str]
) -> None:
    other = identity(app, event, 1)
    theirs = [photo.id for photo in app.photos.of_group(event.id, other.id)][:2]
    pending = photos_deleted(app, event.id, [*trained[:3], *theirs, "of-nobody"])
    assert pending.counts["photos"] == 5
    assert len(app.photos.of_group(event.id, group.id)) == 12
    assert not app.photos.undo_delete(group), "a child's undo brings back only what a child deleted"
    app.deletions.undo(pending.id)
    assert len(app.photos.of_group(event.id, group.id)) == 15


def test_a_late_retry_of_a_deleted_photo_is_refused_until_the_undo(
    app: App, event: EventView, group: GroupIdentity, trained: list[str]
) -> None:
    def again() -> TakenPhoto:
        return app.photos.take(group, event.labels[0].id, trained[0], None, jpeg(COLORS["apple"], 0))

    pending = photos_deleted(app, event.id, trained[:1])
    with pytest.raises(ConflictError, match="photo_was_deleted"):
        again()
    app.deletions.undo(pending.id)
    assert not again().fresh


def test_versions_trained_since_stand_behind_those_that_come_back(
    app: App, event: EventView, group: GroupIdentity, trained: list[str]
) -> None:
    train(app, group)
    pending = app.deletions.begin(DeletionTarget(DeletionScope.RUNS, event.id, group.id))
    assert app.runs.history(group) == []
    assert len(app.photos.of_group(event.id, group.id)) == 15
    new = train(app, group)
    assert [run.version for run in app.runs.history(group)] == [3]
    app.deletions.undo(pending.id)
    assert [run.version for run in app.runs.history(group)] == [1, 2, 3]
    assert app.runs.history(group)[-1].id == new


def test_versions_of_an_emptied_group_begin_anew_and_stand_behind_those_that_come_back(
    app: App, event: EventView, group: GroupIdentity, trained: list[str]
) -> None:
    train(app, group)
    pending = app.deletions.begin(DeletionTarget(DeletionScope.GROUP_RESET, event.id, group.id))
    fresh = identity(app, event, 0)
    take(app, fresh, event, 5, start=200)
    new = train(app, fresh)
    assert [run.version for run in app.runs.history(fresh)] == [1]
    app.deletions.undo(pending.id)
    assert [run.version for run in app.runs.history(fresh)] == [1, 2, 3]
    assert app.runs.history(fresh)[-1].id == new


def test_an_emptied_group_that_went_on_keeps_its_new_photos(
    app: App, event: EventView, group: GroupIdentity, trained: list[str]
) -> None:
    pending = app.deletions.begin(DeletionTarget(DeletionScope.GROUP_RESET, event.id, group.id))
    fresh = take(app, identity(app, event, 0), event, 1, start=200)
    over(app, pending)
    assert app.deletions.sweep() == 1
    assert {photo.id for photo in app.photos.of_group(event.id, group.id)} == set(fresh)
    assert all(any(photo_id in key for key in files(app)) for photo_id in fresh)
    assert not any(photo_id in key for key in files(app) for photo_id in trained)


def test_what_belongs_to_a_group_that_was_deleted_later_waits_for_it(
    app: App, event: EventView, group: GroupIdentity, trained: list[str]
) -> None:
    first = photos_deleted(app, event.id, trained[:2])
    second = app.deletions.begin(DeletionTarget(DeletionScope.GROUP, event.id, group.id))
    with pytest.raises(ConflictError, match="deletion_owner_gone"):
        app.deletions.undo(first.id)
    app.deletions.undo(second.id)
    app.deletions.undo(first.id)
    assert len(app.photos.of_group(event.id, group.id)) == 15


def test_delete_now_takes_what_could_still_be_undone_as_well(
    app: App, event: EventView, group: GroupIdentity, trained: list[str]
) -> None:
    photos_deleted(app, event.id, trained[:2])
    assert app.deletions.delete_now(DeletionTarget(DeletionScope.GROUP_RESET, event.id, group.id)).clean
    assert app.deletions.pending() == []
    assert not any(photo_id in key for key in files(app) for photo_id in trained)
    assert [receipt.scope for receipt in app.privacy.receipts()] == ["group_reset", "photos"]


def test_a_finish_that_was_killed_half_way_is_repeated(
    app: App, event: EventView, group: GroupIdentity, trained: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pending = photos_deleted(app, event.id, trained[:2])

    def killed(_keys: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(app.files, "delete_photos", killed)
        with pytest.raises(KeyboardInterrupt):
            app.deletions.finish(pending.id)
    assert app.deletions.sweep() == 0, "another process may be at it"
    with pytest.raises(ConflictError, match="deletion_too_late"):
        app.deletions.undo(pending.id)
    with app.db.write() as session:
        row = deletion_rows.lock(session, pending.id)
        assert row is not None
        row.held_until = utcnow()
    assert app.deletions.sweep() == 1
    assert not any(photo_id in key for key in files(app) for photo_id in trained[:2])


def test_what_is_set_aside_is_no_file_without_a_row(
    app: App, event: EventView, group: GroupIdentity, trained: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.queue, "workflows", set)
    for scope in (DeletionScope.PHOTOS, DeletionScope.GROUP, DeletionScope.EVENT):
        app.deletions.begin(target(scope, event, group, trained[0]))
        assert app.integrity.check(lambda seconds: None).sound
