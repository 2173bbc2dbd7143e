"""Who needs a grown-up, the most urgent first; nobody is bothered about a group that is all right."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from sqlalchemy import update

from classroom_app.data.tables import Group, IPad, Photo, utcnow
from classroom_app.errors import NotFoundError
from classroom_app.resources import App
from classroom_app.services import help_wanted, ipads
from classroom_app.states import CameraTrouble, Need, Phase
from classroom_app.views.classes import EventView
from classroom_app.views.console import IPadWord
from tests.support.stand_ins import identity, take


@pytest.fixture
def joined(app: App, event: EventView) -> EventView:
    """All three groups have come."""
    for group in event.groups:
        app.access.confirm_group(group.id)
    return event


def word(app: App, event: EventView, index: int, **said: Any) -> None:
    app.ipads.note(event.groups[index].id, IPadWord(str(uuid.uuid4()), **said))


def needs(app: App, event: EventView) -> list[tuple[int, tuple[Need, ...]]]:
    index = {group.id: number for number, group in enumerate(event.groups)}
    return [(index[line.group_id], line.needs) for line in app.help_wanted.look(event.id)]


def make_older(app: App, by: dt.timedelta) -> None:
    """All that has happened so far happened so much earlier."""
    with app.db.write() as session:
        for photo in session.query(Photo):
            photo.created_at -= by
        for group in session.query(Group):
            group.joined_at = group.joined_at - by if group.joined_at else None


def test_a_class_where_all_is_well_stands_in_its_own_order(app: App, joined: EventView) -> None:
    for index in range(3):
        word(app, joined, index, page="collect")
    assert needs(app, joined) == [(0, ()), (1, ()), (2, ())]


def test_groups_that_need_nothing_keep_their_places(app: App, joined: EventView) -> None:
    take(app, identity(app, joined, 0), joined, 1)
    make_older(app, dt.timedelta(minutes=3))
    take(app, identity(app, joined, 1), joined, 1, start=5)
    assert needs(app, joined) == [(0, ()), (1, ()), (2, ())]


def test_what_is_broken_comes_before_what_is_slow(app: App, joined: EventView) -> None:
    word(app, joined, 0, failed=2)
    word(app, joined, 1, camera=CameraTrouble.DENIED, failed=1)
    word(app, joined, 2, unsent=3, cannot_send=True)
    assert needs(app, joined) == [
        (2, (Need.CANNOT_SEND,)),
        (1, (Need.NO_CAMERA, Need.REFUSED)),
        (0, (Need.REFUSED,)),
    ]


def test_a_group_whose_ipads_all_fell_silent_is_away_and_one_with_another_ipad_is_not(
    app: App, joined: EventView
) -> None:
    word(app, joined, 0)
    word(app, joined, 1)
    with app.db.write() as session:
        session.execute(update(IPad).values(beat_at=utcnow() - ipads.SILENT_AFTER - dt.timedelta(seconds=1)))
    word(app, joined, 1)
    assert needs(app, joined)[0] == (0, (Need.AWAY,))
    app.classes.set_phase(joined.id, Phase.CLOSED)
    assert needs(app, joined)[0] == (0, ()), "after the end everybody goes home"


def test_nobody_is_stuck_before_the_first_photo_nor_while_it_rests(app: App, joined: EventView) -> None:
    make_older(app, dt.timedelta(hours=1))
    assert [own for _, own in needs(app, joined)] == [(), (), ()]
    take(app, identity(app, joined, 0), joined, 1)
    make_older(app, help_wanted.STUCK_AFTER + dt.timedelta(seconds=1))
    take(app, identity(app, joined, 1), joined, 1, start=5)
    assert needs(app, joined) == [(2, (Need.STUCK,)), (0, (Need.STUCK,)), (1, ())]
    app.contest.pause(joined.id)
    assert [own for _, own in needs(app, joined)] == [(), (), ()]
    app.contest.go_on(joined.id)
    assert [own for _, own in needs(app, joined)] == [(), (), ()], "nobody could do anything in the pause"
    app.classes.set_phase(joined.id, Phase.FINAL)
    assert [own for _, own in needs(app, joined)] == [(), (), ()]


def test_a_group_that_never_came_is_missed_once_the_class_collects(app: App, event: EventView) -> None:
    app.access.confirm_group(event.groups[1].id)
    assert needs(app, event) == [(0, (Need.ABSENT,)), (2, (Need.ABSENT,)), (1, ())]
    app.classes.set_phase(event.id, Phase.LOBBY)
    assert [own for _, own in needs(app, event)] == [(), (), ()]


def test_a_group_that_never_came_is_not_silent_too(app: App, event: EventView) -> None:
    """An iPad read its card, and nobody said that this is the group."""
    word(app, event, 0)
    with app.db.write() as session:
        session.execute(update(IPad).values(beat_at=utcnow() - ipads.SILENT_AFTER - dt.timedelta(seconds=1)))
    assert dict(needs(app, event))[0] == (Need.ABSENT,)


def test_a_class_that_is_gone_is_said_to_be(app: App) -> None:
    with pytest.raises(NotFoundError):
        app.help_wanted.look("no class")
