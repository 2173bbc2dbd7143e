"""The console takes one look at the database for each redraw, whatever it shows of it."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import event as sqlalchemy_event

from classroom_app.data.tables import Run
from classroom_app.resources import App
from classroom_app.states import CameraTrouble, Need, StaffWord
from classroom_app.views.classes import EventView, StaffSentence
from classroom_app.views.console import IPadWord, ScoreLine
from tests.support.stand_ins import identity, take, train


@contextmanager
def statements(app: App) -> Iterator[list[str]]:
    """What is asked of the database meanwhile."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        asked.append(statement)

    sqlalchemy_event.listen(app.db.engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        sqlalchemy_event.remove(app.db.engine, "before_cursor_execute", note)


def selects(app: App, look: Callable[[], object]) -> list[str]:
    with statements(app) as asked:
        look()
    return [statement for statement in asked if statement.lstrip().upper().startswith("SELECT")]


def from_table(asked: list[str], table: str) -> int:
    """Statements that read this table first of all."""
    return sum(f"FROM {table} " in " ".join(statement.split()) + " " for statement in asked)


def filled(app: App, event: EventView) -> None:
    for index in range(2):
        group = identity(app, event, index)
        take(app, group, event, 5)
        train(app, group)
        app.access.confirm_group(group.id)
    app.ipads.note(event.groups[1].id, IPadWord(str(uuid.uuid4()), 2, cannot_send=True))


def test_the_console_asks_for_everything_once_with_and_without_the_curtain(
    app: App, event: EventView
) -> None:
    filled(app, event)
    asked = selects(app, lambda: app.console.look(event.id))
    behind = selects(app, lambda: app.console.look(event.id, behind_the_curtain=True))
    assert len(asked) == len(behind), "the other half of the same board costs nothing"
    assert len(asked) <= 16
    for table in ("events", "ipads", "finals"):
        assert from_table(asked, table) == 1, table


def test_the_race_reads_runs_and_photos_once(app: App, event: EventView) -> None:
    filled(app, event)
    asked = selects(app, lambda: app.screen.race(event.id))
    runs = [statement for statement in asked if "FROM runs" in statement and "runs.photos" in statement]
    assert sum("LIMIT" not in statement for statement in runs) == 1, "of the versions; one more is the newest"
    assert len(asked) <= 12


def test_what_the_console_shows_is_what_its_parts_say(app: App, event: EventView) -> None:
    filled(app, event)
    app.words.lock(event.id, event.groups[2].id, StaffSentence(StaffWord.WAIT))
    now = app.console.look(event.id, behind_the_curtain=True)
    # Times since then differ by as long as it takes to ask.
    assert [line.group for line in now.lines] == [line.group for line in app.classes.monitor(event.id)]
    assert [line.photos for line in now.lines] == [line.photos for line in app.classes.monitor(event.id)]
    assert [(one.group_id, one.needs) for one in now.wanted] == [
        (one.group_id, one.needs) for one in app.help_wanted.look(event.id)
    ]
    assert now.trouble == app.ipads.trouble(event.id)
    newest = {group_id: found[-1] for group_id, found in app.board.versions(event.id).items() if found}
    last = {group_id: (one.practice_correct, one.practice_total) for group_id, one in newest.items()}
    assert {group_id: line.last for group_id, line in now.scores.items()} == last
    assert now.final is not None
    assert list(now.final.values()) == list(app.board.board(event.id, final=True, live=True).rows)
    assert now.seen == app.likeness.seen(event.id)
    assert now.locked == {event.groups[2].id}
    app.classes.set_phase(event.id, "reveal")
    written = app.console.look(event.id, behind_the_curtain=True)
    assert list((written.final or {}).values()) == list(app.board.board(event.id, live=True).rows)


def test_of_a_group_the_newest_ai_and_the_best_one_are_told(app: App, event: EventView) -> None:
    group = identity(app, event, 0)
    take(app, group, event, 5)
    run_ids = [train(app, group) for _ in range(3)]
    for run_id, right in zip(run_ids, (9, 11, 10), strict=True):
        with app.db.write() as session:
            result = session.get_one(Run, run_id).result
            assert result is not None
            result.practice_correct, result.practice_total = right, 12
    assert app.console.look(event.id).scores == {group.id: ScoreLine(last=(10, 12), best=(11, 12))}


def test_a_group_opened_shows_its_ipads_one_by_one(app: App, event: EventView) -> None:
    group = event.groups[1]
    app.ipads.note(group.id, IPadWord(str(uuid.uuid4()), 3, page="collect", camera=CameraTrouble.DENIED))
    app.ipads.note(group.id, IPadWord(str(uuid.uuid4()), 0, page="play", failed=2))
    app.ipads.note(event.groups[0].id, IPadWord(str(uuid.uuid4()), 7))
    desk = app.console.group(event.id, group.id)
    assert sorted((one.page, one.unsent, one.failed, one.camera) for one in desk.ipads) == [
        ("collect", 3, 0, CameraTrouble.DENIED),
        ("play", 0, 2, None),
    ]
    assert all(one.here for one in desk.ipads)
    assert [one.number for one in desk.ipads] == [1, 2]
    assert Need.NO_CAMERA in desk.help.needs


def test_a_tile_names_the_version_that_the_children_read(app: App, event: EventView) -> None:
    group = identity(app, event, 0)
    take(app, group, event, 5)
    app.jobs.cancel(event.id, app.runs.request(group))
    assert app.console.look(event.id).lines[0].version == 0
    train(app, group)
    line = app.console.look(event.id).lines[0]
    assert (line.runs, line.version) == (1, 2)
