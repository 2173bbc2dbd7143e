"""What facilitators tell groups, and groups that have to wait: nothing that children took is lost."""

from __future__ import annotations

import datetime as dt
import time
import uuid
from collections.abc import Callable

import pytest

from classroom_app.data.tables import Group, utcnow
from classroom_app.errors import BadInputError, ConflictError, NotFoundError, UnavailableError
from classroom_app.resources import App
from classroom_app.services.staff_words import SAID_FOR
from classroom_app.states import DeletionScope, StaffWord
from classroom_app.views.classes import EventView, GroupIdentity, StaffSentence
from classroom_app.views.deletion import DeletionTarget
from tests.support.stand_ins import COLORS, identity, jpeg, take

FRONT = StaffSentence(StaffWord.FRONT)


def mark(app: App, event: EventView, index: int = 0) -> str:
    return app.now.look(identity(app, event, index), "collect").mark


def test_a_sentence_reaches_the_groups_pages_and_no_other_groups(app: App, event: EventView) -> None:
    before, others = mark(app, event), mark(app, event, 1)
    typed = StaffSentence(StaffWord.OWN, "  {机|つくえ}を  かたづけよう ")
    app.words.say(event.id, typed, event.groups[0].id)
    said = identity(app, event, 0).said
    assert said is not None
    assert said.sentence == StaffSentence(StaffWord.OWN, "{机|つくえ}を かたづけよう")
    assert identity(app, event, 1).said is None
    assert mark(app, event) != before
    assert mark(app, event, 1) == others, "no page runs again for nothing"


def test_a_sentence_for_all_reaches_every_group_and_goes_by_itself(app: App, event: EventView) -> None:
    app.words.say(event.id, StaffSentence(StaffWord.COMING))
    assert all(identity(app, event, index).said for index in range(3))
    marks = mark(app, event)
    with app.db.write() as session:
        for group in session.query(Group):
            group.said_at = utcnow() - SAID_FOR - dt.timedelta(seconds=1)
    assert identity(app, event, 0).said is None
    assert mark(app, event) != marks, "the pages hear of that too"


def test_ok_counts_for_what_was_read_and_not_for_what_was_said_since(app: App, event: EventView) -> None:
    app.words.say(event.id, FRONT, event.groups[0].id)
    first = identity(app, event, 0)
    assert first.said is not None
    time.sleep(0.002)
    app.words.say(event.id, StaffSentence(StaffWord.LOOK_UP), event.groups[0].id)
    app.words.note_read(first, first.said.at)
    second = identity(app, event, 0)
    assert second.said is not None
    assert not second.said.read
    app.words.note_read(second, second.said.at)
    read = identity(app, event, 0).said
    assert read is not None
    assert read.read
    app.words.take_back(event.id, event.groups[0].id)
    assert identity(app, event, 0).said is None


@pytest.mark.parametrize("text", ["", "   ", "x" * 61, "a\x00b"])
def test_what_is_typed_is_one_short_line(app: App, event: EventView, text: str) -> None:
    with pytest.raises(BadInputError, match="staff_text_wrong"):
        app.words.say(event.id, StaffSentence(StaffWord.OWN, text))
    with pytest.raises(BadInputError, match="staff_text_wrong"):
        app.words.lock(event.id, event.groups[0].id, StaffSentence(StaffWord.OWN, text))


def test_a_group_of_another_class_is_not_there(app: App, event: EventView) -> None:
    other = app.classes.create("Other", 1, template="fruit")
    acts: tuple[Callable[[], None], ...] = (
        lambda: app.words.say(other.id, FRONT, event.groups[0].id),
        lambda: app.words.lock(other.id, event.groups[0].id, FRONT),
        lambda: app.words.unlock(other.id, event.groups[0].id),
        lambda: app.words.take_back(other.id, event.groups[0].id),
    )
    for act in acts:
        with pytest.raises(NotFoundError):
            act()


def test_a_group_that_waits_takes_and_trains_nothing_and_loses_nothing(
    app: App, event: EventView, group: GroupIdentity
) -> None:
    ids = take(app, group, event, 5)
    before = mark(app, event)
    now_ms = int(time.time() * 1000)
    label, old, new = event.labels[0], str(uuid.uuid4()), str(uuid.uuid4())
    app.words.lock(event.id, group.id, StaffSentence(StaffWord.PHOTOS))
    assert identity(app, event, 0).waits == StaffSentence(StaffWord.PHOTOS)
    assert mark(app, event) != before
    # Taken before, and on its way until now: it comes in.
    photo = jpeg(COLORS[label.key], 900)
    assert app.photos.take(group, label.id, old, now_ms - 60_000, photo, sent_at_ms=now_ms)
    # Taken since, on a page that had not heard of it yet: it stays on its iPad and may come again.
    with pytest.raises(UnavailableError) as told:
        app.photos.take(group, label.id, new, now_ms + 5000, photo, sent_at_ms=now_ms + 5000)
    assert (told.value.key, told.value.retry) == ("group_waits_photo", True)
    for refused in (
        lambda: app.runs.request(group),
        lambda: app.photos.delete(group, ids[0]),
        lambda: app.photos.move(group, ids[0], event.labels[1].id),
        lambda: app.photos.undo_delete(group),
    ):
        with pytest.raises(ConflictError, match="group_waits"):
            refused()
    assert app.runs.latest(group) is None
    others = identity(app, event, 1)
    take(app, others, event, 5)
    assert app.runs.request(others), "the other groups go on"
    app.words.unlock(event.id, group.id)
    assert app.photos.take(group, label.id, new, now_ms + 5000, photo, sent_at_ms=now_ms + 6000)
    assert app.runs.request(group)


def test_another_reason_is_no_new_lock(app: App, event: EventView) -> None:
    app.words.lock(event.id, event.groups[0].id, FRONT)
    with app.db.read() as session:
        since = session.get_one(Group, event.groups[0].id).locked_at
    app.words.lock(event.id, event.groups[0].id, StaffSentence(StaffWord.OWN, "まって"))
    with app.db.read() as session:
        row = session.get_one(Group, event.groups[0].id)
        assert row.locked_at == since
        assert row.locked_text == "まって"


def test_a_reset_forgets_what_was_typed(app: App, event: EventView) -> None:
    group_id = event.groups[0].id
    app.words.say(event.id, StaffSentence(StaffWord.OWN, "たろうさんへ"), group_id)
    app.words.lock(event.id, group_id, StaffSentence(StaffWord.OWN, "たろうさんを まって"))
    app.privacy.delete(DeletionTarget(DeletionScope.GROUP_RESET, event.id, group_id))
    with app.db.read() as session:
        row = session.get_one(Group, group_id)
        assert (row.said_text, row.said_at, row.locked_text) == (None, None, None)
    assert identity(app, event, 0).waits == StaffSentence(StaffWord.WAIT), "it waits on, without the words"
