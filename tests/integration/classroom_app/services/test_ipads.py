"""What iPads say of themselves: the last word alone is kept, counted while fresh, gone with the group."""

from __future__ import annotations

import datetime as dt
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy import select, update

from classroom_app.data.tables import IPad, utcnow
from classroom_app.errors import BadInputError
from classroom_app.resources import App
from classroom_app.services import ipads
from classroom_app.states import CameraTrouble, DeletionScope
from classroom_app.views.classes import EventView
from classroom_app.views.console import IPadWord, SendingTrouble
from classroom_app.views.deletion import DeletionTarget

NO_TROUBLE = SendingTrouble(0, 0)

OF_VERSION_1 = "d0a4092e-e9f8-11f1-b437-02fc00000001"
OF_VERSION_4 = "919df197-dd69-478d-a66e-97e5a8179f93"


def rows(app: App) -> list[IPad]:
    with app.db.read() as session:
        return list(session.scalars(select(IPad)))


def age(app: App, by: dt.timedelta) -> None:
    with app.db.write() as session:
        session.execute(update(IPad).values(beat_at=utcnow() - by))


def test_those_that_cannot_send_are_counted_with_their_photos(app: App, event: EventView) -> None:
    penguins, lions = event.groups[0].id, event.groups[1].id
    one, two, three = (str(uuid.uuid4()) for _ in range(3))
    app.ipads.note(penguins, IPadWord(one, 4, cannot_send=True))
    app.ipads.note(lions, IPadWord(two, 3, cannot_send=True))
    app.ipads.note(lions, IPadWord(three, 2, cannot_send=False))
    assert app.ipads.trouble(event.id) == SendingTrouble(2, 7)
    app.ipads.note(penguins, IPadWord(one, 0, cannot_send=False))
    assert app.ipads.trouble(event.id) == SendingTrouble(1, 3)
    assert app.ipads.trouble("another class") == NO_TROUBLE
    assert len(rows(app)) == 3, "overwritten, not appended"


def test_how_far_its_clock_is_from_ours_is_kept_until_it_says_otherwise(app: App, event: EventView) -> None:
    penguins, name = event.groups[0].id, str(uuid.uuid4())

    def says(ahead_s: float | None) -> int | None:
        clock_ms = None if ahead_s is None else round((utcnow().timestamp() + ahead_s) * 1000)
        app.ipads.note(penguins, IPadWord(name, clock_ms=clock_ms))
        return rows(app)[0].clock_off_s

    assert says(None) is None
    assert says(400) == pytest.approx(400, abs=2)
    assert says(410) == pytest.approx(400, abs=2), "the way may take as long: nothing is written for it"
    assert says(None) == pytest.approx(400, abs=2), "a word over the page has no time in it"
    [line] = app.console.group(event.id, penguins).ipads
    assert line.clock_off_s == pytest.approx(400, abs=2)
    assert says(0) == pytest.approx(0, abs=2), "set right, it is right at once"
    [line] = app.console.group(event.id, penguins).ipads
    assert line.clock_off_s is None


def test_an_ipad_keeps_its_number_while_others_come_and_go(app: App, event: EventView) -> None:
    """It shows the number that the console has, where its group has several."""
    penguins, lions = event.groups[0].id, event.groups[1].id
    one, two, three = (IPadWord(str(uuid.uuid4())) for _ in range(3))
    assert app.ipads.note(penguins, one) is None, "alone there is none to tell it from"
    assert app.ipads.note(penguins, two) == 2
    assert app.ipads.note(penguins, one) == 1
    assert [line.number for line in app.console.group(event.id, penguins).ipads] == [1, 2]
    with app.db.write() as session:
        session.delete(session.get_one(IPad, one.ipad))
    assert app.ipads.note(penguins, three) == 1, "the lowest that is free"
    assert app.ipads.note(penguins, two) == 2
    assert app.ipads.note(lions, two) is None
    assert [line.number for line in app.console.group(event.id, lions).ipads] == [1]


def test_ipads_that_speak_at_once_have_numbers_of_their_own(app: App, event: EventView) -> None:
    words = [IPadWord(str(uuid.uuid4())) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda word: app.ipads.note(event.groups[0].id, word), words))
    assert sorted(row.number for row in rows(app)) == list(range(1, 9))


def test_an_ipad_that_went_home_counts_no_more(app: App, event: EventView) -> None:
    app.ipads.note(event.groups[0].id, IPadWord(str(uuid.uuid4()), 4, cannot_send=True))
    age(app, ipads.SILENT_AFTER + dt.timedelta(seconds=1))
    assert app.ipads.trouble(event.id) == NO_TROUBLE


def test_the_same_word_again_is_written_now_and_then_only(app: App, event: EventView) -> None:
    group, name = event.groups[0].id, str(uuid.uuid4())
    written: list[str] = []

    def note_statement(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith("INSERT"):
            written.append(statement)

    sqlalchemy_event.listen(app.db.engine, "before_cursor_execute", note_statement)
    try:
        for _ in range(5):
            app.ipads.note(group, IPadWord(name, 1, cannot_send=False))
        assert len(written) == 1
        age(app, ipads.WRITTEN_EVERY)
        app.ipads.note(group, IPadWord(name, 1, cannot_send=False))
        assert len(written) == 2
        app.ipads.note(group, IPadWord(name, 2, cannot_send=False))
        assert len(written) == 3
    finally:
        sqlalchemy_event.remove(app.db.engine, "before_cursor_execute", note_statement)


def test_an_ipad_that_changes_its_group_is_one_ipad(app: App, event: EventView) -> None:
    name = str(uuid.uuid4())
    for group in event.groups[:2]:
        app.ipads.note(group.id, IPadWord(name, 1, cannot_send=True))
    assert [(row.id, row.group_id) for row in rows(app)] == [(name, event.groups[1].id)]


def test_two_tabs_that_speak_at_once_do_not_fail(app: App, event: EventView) -> None:
    name = str(uuid.uuid4())
    with ThreadPoolExecutor(8) as tabs:
        told = [tabs.submit(app.ipads.note, event.groups[0].id, IPadWord(name, n)) for n in range(24)]
        for one in told:
            one.result()
    assert len(rows(app)) == 1


def test_ids_that_somebody_makes_up_do_not_fill_the_table(app: App, event: EventView) -> None:
    group = event.groups[0].id
    for _ in range(ipads.IPADS_A_GROUP + 5):
        app.ipads.note(group, IPadWord(str(uuid.uuid4()), 0, cannot_send=False))
    assert len(rows(app)) == ipads.IPADS_A_GROUP
    age(app, ipads.SILENT_AFTER + dt.timedelta(seconds=1))
    app.ipads.note(group, IPadWord(str(uuid.uuid4()), 0, cannot_send=False))
    assert len(rows(app)) == 1, "those that went home make room"


@pytest.mark.parametrize(
    ("name", "unsent"),
    [("", 0), ("a name", 0), (OF_VERSION_1, 0), (OF_VERSION_4, -1), (OF_VERSION_4, 10**9)],
)
def test_what_makes_no_sense_is_refused(app: App, event: EventView, name: str, unsent: int) -> None:
    with pytest.raises(BadInputError):
        app.ipads.note(event.groups[0].id, IPadWord(name, unsent, cannot_send=False))
    assert rows(app) == []


def test_rows_go_with_their_group(app: App, event: EventView) -> None:
    for group in event.groups[:2]:
        app.ipads.note(group.id, IPadWord(str(uuid.uuid4()), 1, cannot_send=True))
    app.privacy.delete(DeletionTarget(DeletionScope.GROUP, event.id, group_id=event.groups[0].id))
    assert [row.group_id for row in rows(app)] == [event.groups[1].id]
    app.privacy.delete(DeletionTarget(DeletionScope.EVENT, event.id))
    assert rows(app) == []


def test_a_new_card_forgets_the_ipads_that_are_out_but_not_photos_that_wait_on_one(
    app: App, event: EventView
) -> None:
    group = event.groups[0].id
    app.ipads.note(group, IPadWord(str(uuid.uuid4()), 0, page="collect"))
    app.ipads.note(group, IPadWord(str(uuid.uuid4()), 3, page="collect"))
    app.ipads.note(event.groups[1].id, IPadWord(str(uuid.uuid4()), 0, page="collect"))
    app.classes.renew_group_links(event.id, group)
    assert [(row.group_id, row.unsent) for row in rows(app) if row.group_id == group] == [(group, 3)]
    assert len(rows(app)) == 2


def test_a_groups_ipads_are_told_together(app: App, event: EventView) -> None:
    group = event.groups[0].id
    app.ipads.note(group, IPadWord(str(uuid.uuid4()), 2, page="collect", failed=1))
    age(app, ipads.SILENT_AFTER + dt.timedelta(seconds=1))
    app.ipads.note(group, IPadWord(str(uuid.uuid4()), 3, page="train", failed=4, camera=CameraTrouble.DENIED))
    app.ipads.note(group, IPadWord(str(uuid.uuid4()), 0, page="collect"))
    found = app.ipads.of_class(event.id)
    assert list(found) == [group]
    told = found[group]
    assert (told.here, told.known) == (2, 3)
    assert told.unsent == 5, "those on an iPad that sleeps are worth a walk"
    assert (told.failed, told.without_camera, told.cannot_send) == (4, 1, 0)
    assert told.pages == ("collect", "train")
    assert told.silent_s is not None
    assert told.silent_s < 60


@pytest.mark.parametrize(
    "word",
    [
        IPadWord(OF_VERSION_4, page="<script>"),
        IPadWord(OF_VERSION_4, page="a" * 17),
        IPadWord(OF_VERSION_4, failed=-1),
    ],
)
def test_no_word_of_an_ipad_is_kept_that_is_none(app: App, event: EventView, word: IPadWord) -> None:
    with pytest.raises(BadInputError):
        app.ipads.note(event.groups[0].id, word)
    assert rows(app) == []


@pytest.mark.parametrize(
    ("trouble", "counted"),
    [
        (CameraTrouble.DENIED, 1),
        (CameraTrouble.BUSY, 1),
        (CameraTrouble.NONE, 1),
        (CameraTrouble.INSECURE, 0),  # that is so on every iPad of the class
    ],
)
def test_only_what_is_wrong_with_an_ipad_is_its_groups_trouble(
    app: App, event: EventView, trouble: CameraTrouble, counted: int
) -> None:
    group = event.groups[0].id
    app.ipads.note(group, IPadWord(str(uuid.uuid4()), camera=trouble))
    assert app.ipads.of_class(event.id)[group].without_camera == counted
