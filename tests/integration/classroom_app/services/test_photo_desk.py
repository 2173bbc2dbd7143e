"""A facilitator moves and deletes several of a group's photos at once, and brings them back."""

from __future__ import annotations

import datetime as dt
import time
import uuid

import pytest
from sqlalchemy import update

from classroom_app.data.tables import Photo, utcnow
from classroom_app.errors import NotFoundError
from classroom_app.resources import App
from classroom_app.states import PhotoState
from classroom_app.views import EventView, GroupIdentity
from tests.support.stand_ins import COLORS, identity, jpeg, take


def shown(app: App, event: EventView, group: GroupIdentity) -> set[str]:
    return {photo.id for photo in app.console.group(event.id, group.id).photos}


def test_several_are_deleted_at_once_and_brought_back_at_once(
    app: App, event: EventView, group: GroupIdentity
) -> None:
    ids = take(app, group, event, 4)
    assert app.photo_desk.delete(event.id, group.id, ids[:5]) == 5
    assert shown(app, event, group) == set(ids[5:])
    assert {photo.id for photo in app.photos.album(group).photos} == set(ids[5:])
    time.sleep(0.002)
    assert app.photo_desk.delete(event.id, group.id, ids[:6]) == 1, "those gone already do not count"
    assert app.console.group(event.id, group.id).undo == 1
    assert app.photo_desk.undo_delete(event.id, group.id) == 1
    assert app.console.group(event.id, group.id).undo == 5
    assert app.photo_desk.undo_delete(event.id, group.id) == 5
    assert shown(app, event, group) == set(ids)
    assert app.photo_desk.undo_delete(event.id, group.id) == 0


def test_no_child_brings_back_what_a_facilitator_deleted(
    app: App, event: EventView, group: GroupIdentity
) -> None:
    ids = take(app, group, event, 2)
    app.photos.delete(group, ids[0])
    time.sleep(0.002)
    app.photo_desk.delete(event.id, group.id, [ids[1]])
    assert app.photos.album(group).can_undo, "of the photo that the children deleted"
    assert app.photos.undo_delete(group)
    assert shown(app, event, group) == {ids[0], *ids[2:]}
    assert not app.photos.album(group).can_undo
    assert not app.photos.undo_delete(group)
    assert app.photo_desk.undo_delete(event.id, group.id) == 1


def test_they_go_from_the_disk_when_the_time_for_undo_is_over(
    app: App, event: EventView, group: GroupIdentity
) -> None:
    ids = take(app, group, event, 2)
    app.photo_desk.delete(event.id, group.id, ids[:2])
    with app.db.write() as session:
        long_ago = utcnow() - dt.timedelta(hours=1)
        session.execute(update(Photo).where(Photo.id.in_(ids[:2])).values(deleted_at=long_ago))
    assert app.console.group(event.id, group.id).undo == 0
    assert app.photo_desk.undo_delete(event.id, group.id) == 0
    assert app.privacy.sweep() >= 2
    with app.db.read() as session:
        assert session.get(Photo, ids[0]) is None
    assert app.integrity.check(lambda _seconds: None).sound


def test_several_are_moved_in_any_phase(app: App, event: EventView, group: GroupIdentity) -> None:
    ids = take(app, group, event, 2)
    app.classes.set_phase(event.id, "final")
    wanted = event.labels[2].id
    assert app.photo_desk.move(event.id, group.id, ids[:4], wanted) == 4
    assert app.photo_desk.move(event.id, group.id, ids[:4], wanted) == 0
    assert app.photos.album(group).counts == {wanted: 6}
    other = app.classes.create("Other", 1, template="fruit")
    with pytest.raises(NotFoundError):
        app.photo_desk.move(event.id, group.id, ids[:1], other.labels[0].id)


def test_photos_of_other_groups_and_groups_of_other_classes_stay(
    app: App, event: EventView, group: GroupIdentity
) -> None:
    theirs = identity(app, event, 1)
    ids = take(app, theirs, event, 1)
    other = app.classes.create("Other", 1, template="fruit")
    assert app.photo_desk.delete(event.id, group.id, ids) == 0
    assert app.photo_desk.move(event.id, group.id, ids, event.labels[0].id) == 0
    for act in (
        lambda: app.photo_desk.delete(other.id, theirs.id, ids),
        lambda: app.photo_desk.move(other.id, theirs.id, ids, other.labels[0].id),
        lambda: app.photo_desk.undo_delete(other.id, theirs.id),
        lambda: app.console.group(other.id, theirs.id),
        lambda: app.console.runs_of(other.id, theirs.id),
    ):
        with pytest.raises(NotFoundError):
            act()
    assert shown(app, event, theirs) == set(ids)


def test_each_photo_says_what_it_is(app: App, event: EventView, group: GroupIdentity) -> None:
    label = event.labels[0]
    [own] = take(app, group, event, 1)[:1]
    copy = str(uuid.uuid4())
    app.photos.take(group, label.id, copy, None, jpeg(COLORS[label.key], 1000))  # of the challenge set
    states = {photo.id: photo.state for photo in app.console.group(event.id, group.id).photos}
    assert set(states.values()) == {PhotoState.WAITING}
    app.embedding.embed_group(group.id, utcnow(), 30)
    app.embedding.embed_challenge(event.id, 30)
    app.likeness.compare_group(group.id, utcnow())
    states = {photo.id: photo.state for photo in app.console.group(event.id, group.id).photos}
    assert (states[own], states[copy]) == (PhotoState.READY, PhotoState.SEEN)
