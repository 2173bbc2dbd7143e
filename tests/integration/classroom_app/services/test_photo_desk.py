"""A facilitator moves several of a group's photos at once."""

from __future__ import annotations

import uuid

import pytest

from classroom_app.data.tables import utcnow
from classroom_app.errors import NotFoundError
from classroom_app.resources import App
from classroom_app.states import PhotoState
from classroom_app.views.classes import EventView, GroupIdentity
from tests.support.stand_ins import COLORS, identity, jpeg, take


def shown(app: App, event: EventView, group: GroupIdentity) -> set[str]:
    return {photo.id for photo in app.console.group(event.id, group.id).photos}


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
    assert app.photo_desk.move(event.id, group.id, ids, event.labels[0].id) == 0
    for act in (
        lambda: app.photo_desk.move(other.id, theirs.id, ids, other.labels[0].id),
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
