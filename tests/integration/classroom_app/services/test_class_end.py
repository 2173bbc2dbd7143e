"""Every class has an end: after it nothing is taken in, and what is past its time goes by itself."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import replace

import pytest

from classroom_app.data.repository import classes, leases
from classroom_app.data.tables import Deletion, Lease, utcnow
from classroom_app.errors import BadInputError, ConflictError
from classroom_app.resources import App
from classroom_app.services.class_plan import read_plan, written_plan
from classroom_app.services.class_terms import ClassTerms
from classroom_app.services.classes import ClassService
from classroom_app.services.retention import TURN
from classroom_app.states import DeletionScope, Phase
from classroom_app.views.classes import EventView, GroupIdentity
from classroom_app.views.deletion import DeletionTarget
from tests.integration.classroom_app.services.test_purge import ended, files
from tests.support.challenge_set import put_in
from tests.support.stand_ins import COLORS, jpeg, take

DAY = dt.timedelta(days=1)


def next_turn(app: App) -> None:
    with app.db.write() as session:
        session.query(Lease).delete()
    app.retention.tick()


def test_a_new_class_has_an_end_and_is_deleted_after_it_by_default(app: App) -> None:
    event = app.classes.create("New", 2, template="fruit")
    end = app.retention.end(event.id)
    days = app.settings.class_days
    assert abs(end.ends_at - (utcnow() + days * DAY)) < dt.timedelta(minutes=1)
    assert end.goes_at == end.ends_at + app.settings.keep_closed_days * DAY
    assert app.settings.keep_closed_days > 0


def test_after_the_end_nothing_is_taken_in(app: App, event: EventView, group: GroupIdentity) -> None:
    take(app, group, event, 5)
    ended(app, event.id, 0)
    photo = (group, event.labels[0].id, str(uuid.uuid4()), 1000, jpeg(COLORS["apple"], 77))
    with pytest.raises(ConflictError, match="class_has_ended"):
        app.photos.take(*photo, sent_at_ms=1000)  # taken just now
    with pytest.raises(ConflictError, match="class_has_ended"):
        app.runs.request(group)
    with pytest.raises(ConflictError, match="class_has_ended"):
        app.classes.set_phase(event.id, Phase.LOBBY)
    with pytest.raises(ConflictError, match="class_has_ended"):
        put_in(app.challenge, event.id, event.labels[0].id, [("a.jpg", jpeg(COLORS["apple"], 78))])
    assert len(app.photos.of_group(event.id, group.id)) == 15


def test_what_waits_in_an_ipad_from_before_the_end_is_refused_as_well(
    app: App, event: EventView, group: GroupIdentity
) -> None:
    """The grace of a round is for its clock; after the end of the class no photo of a child comes."""
    app.contest.start_round(event.id, 1)
    ended(app, event.id, 0)
    with pytest.raises(ConflictError, match="class_has_ended"):
        app.photos.take(
            group, event.labels[0].id, str(uuid.uuid4()), 0, jpeg(COLORS["apple"], 1), sent_at_ms=60_000
        )


def test_a_running_app_closes_and_deletes_by_itself(app: App, event: EventView, group: GroupIdentity) -> None:
    take(app, group, event, 1)
    next_turn(app)
    assert app.classes.get(event.id).phase == Phase.COLLECT
    ended(app, event.id, 0)
    next_turn(app)
    assert app.classes.get(event.id).phase == Phase.CLOSED
    ended(app, event.id, app.settings.keep_closed_days)
    next_turn(app)
    assert app.classes.all() == []
    assert not files(app)
    [receipt] = app.privacy.receipts()
    assert receipt.clean


def test_one_process_at_a_time_looks(app: App, event: EventView) -> None:
    app.retention.tick()
    ended(app, event.id, 0)
    app.retention.tick()  # as another process would, at the same time
    assert app.classes.get(event.id).phase == Phase.COLLECT
    with app.db.write() as session:
        row = session.get(Lease, "retention")
        assert row is not None
        assert row.until <= utcnow() + TURN
        row.until = utcnow()
    app.retention.tick()
    assert app.classes.get(event.id).phase == Phase.CLOSED
    with app.db.write() as session:
        assert not leases.take(session, "retention", TURN)


def test_a_web_process_does_it_among_its_sweeps(app: App, event: EventView, group: GroupIdentity) -> None:
    deletion = app.deletions.begin(DeletionTarget(DeletionScope.GROUP_RESET, event.id, group.id))
    with app.db.write() as session:
        session.get_one(Deletion, deletion.id).due_at = utcnow()
    ended(app, event.id, 0)
    app.sweeper.run_steps()
    assert app.classes.get(event.id).phase == Phase.CLOSED
    assert app.deletions.pending() == []
    assert [receipt.scope for receipt in app.privacy.receipts()] == [DeletionScope.GROUP_RESET]


def test_the_end_lies_ahead_and_can_be_moved(app: App, event: EventView) -> None:
    for wrong in (utcnow() - DAY, utcnow() + 400 * DAY):
        with pytest.raises(BadInputError, match="class_end_wrong"):
            app.retention.set_end(event.id, wrong)
    later = utcnow() + 30 * DAY
    app.retention.set_end(event.id, later)
    assert app.retention.end(event.id).ends_at == later


def test_a_class_may_be_deleted_sooner_after_its_end_and_never_later(app: App, event: EventView) -> None:
    most = app.retention.keep_days_max()
    assert most == app.settings.keep_closed_days == 7
    for wrong in (0, -1, most + 1):
        with pytest.raises(BadInputError, match="class_keep_wrong"):
            app.retention.set_keep(event.id, wrong)
    for days, reckoned in ((2, 2), (most, most), (None, most)):
        app.retention.set_keep(event.id, days)
        end = app.retention.end(event.id)
        assert (end.keep_days, end.goes_at) == (days, end.ends_at + reckoned * DAY)


def test_what_was_chosen_is_when_it_goes(app: App, event: EventView, group: GroupIdentity) -> None:
    take(app, group, event, 1)
    other = app.classes.create("Other", 1, template="fruit")
    app.retention.set_keep(event.id, 1)
    for one in (event, other):
        ended(app, one.id, 0.9)
    next_turn(app)
    assert {one.phase for one in app.classes.all()} == {Phase.CLOSED}
    for one in (event, other):
        ended(app, one.id, 1.1)
    next_turn(app)
    assert [one.id for one in app.classes.all()] == [other.id]


def test_a_day_that_is_over_is_not_chosen(app: App, event: EventView) -> None:
    """With the next sweep the class would be gone, without anybody having been asked twice."""
    ended(app, event.id, 3)
    with pytest.raises(BadInputError, match="class_keep_past"):
        app.retention.set_keep(event.id, 2)
    assert app.retention.end(event.id).keep_days is None
    app.retention.set_keep(event.id, 5)
    next_turn(app)
    assert [one.id for one in app.classes.all()] == [event.id]


def test_where_the_settings_allow_less_by_now_that_holds(app: App, event: EventView) -> None:
    app.retention.set_keep(event.id, 5)
    with app.db.read() as session:
        row = classes.event(session, event.id)
        for keep_days, goes_after in ((3, 3), (0.5, 0.5), (14, 5)):
            terms = ClassTerms(lasts=7 * DAY, keep=keep_days * DAY)
            end = terms.end(row)
            assert end.goes_at == end.ends_at + goes_after * DAY
        by_hand = ClassTerms(lasts=7 * DAY, keep=0 * DAY)
        assert by_hand.end(row).goes_at == by_hand.end(row).ends_at + 5 * DAY
        row.keep_days = None
        assert by_hand.end(row).goes_at is None
        assert by_hand.keep_days_max == 366


def test_copies_and_files_keep_it_within_the_settings(app: App, event: EventView) -> None:
    app.retention.set_keep(event.id, 2)
    made = app.classes.make(read_plan(written_plan(app.classes.plan(event.id))))
    assert app.retention.end(made.id).keep_days == 2
    with pytest.raises(BadInputError, match="class_keep_wrong"):
        app.classes.make(replace(app.classes.plan(event.id), keep_days=8))
    less = ClassService(app.db, 30, ClassTerms(lasts=DAY, keep=DAY))
    assert less.plan(event.id).keep_days is None, "a copy is not refused for what holds no more"


def test_a_class_of_a_release_before_has_an_end_too(app: App, event: EventView) -> None:
    """An older web process, during a roll-out, makes classes without one."""
    with app.db.write() as session:
        classes.event(session, event.id).ends_at = None
    assert app.retention.end(event.id).ends_at > utcnow()
