"""Of many web processes one sweeps what is stored: else it would be done as often as there are of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from classroom_app.data.engine import Database
from classroom_app.data.tables import Lease, utcnow
from classroom_app.resources import App
from classroom_app.services.turn import Turn

LASTS = dt.timedelta(minutes=6)


class Process:
    """What the sweeper of one web process does again and again."""

    def __init__(self, db: Database) -> None:
        self.swept = 0
        self._turn = Turn(db, "sweep", LASTS)
        self._step = self._turn.of(self._sweep)

    def _sweep(self) -> None:
        self.swept += 1

    def round(self) -> int:
        """How often it swept in it."""
        before = self.swept
        self._turn.look()
        self._step()
        return self.swept - before


@pytest.fixture
def process(app: App) -> Callable[[], Process]:
    return lambda: Process(app.db)


def silent_for_long(app: App) -> None:
    with app.db.write() as session:
        row = session.get(Lease, "sweep")
        assert row is not None
        row.until = utcnow() - dt.timedelta(seconds=1)


def test_who_swept_last_sweeps_again_and_the_others_rest(process: Callable[[], Process]) -> None:
    processes = [process() for _ in range(5)]
    assert [one.round() for one in processes] == [1] * 5, "each has one at its start"
    for _ in range(3):
        assert [one.round() for one in processes] == [1, 0, 0, 0, 0]


def test_another_one_takes_over_from_who_is_silent_and_keeps_it(
    app: App, process: Callable[[], Process]
) -> None:
    first, second = process(), process()
    first.round()
    second.round()
    silent_for_long(app)
    assert second.round() == 1
    assert first.round() == 0, "it comes back, and finds it taken"
    assert (second.round(), first.round()) == (1, 0)


def test_who_was_late_and_missed_by_nobody_goes_on(app: App, process: Callable[[], Process]) -> None:
    first, second = process(), process()
    first.round()
    second.round()
    silent_for_long(app)
    assert (first.round(), second.round()) == (1, 0)


def test_a_process_that_is_started_again_does_not_wait_for_the_one_before_it(
    process: Callable[[], Process],
) -> None:
    process().round()
    assert process().round() == 1


def test_the_sweeps_over_all_that_is_stored_are_of_one_process(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each lists the bucket and every photo, and has Postgres clean up all tables."""
    listed: list[str] = []
    keys = app.files.keys

    def counted(prefix: str) -> list[str]:
        listed.append(prefix)
        return list(keys(prefix))

    monkeypatch.setattr(app.files, "keys", counted)

    def swept() -> int:
        listed.clear()
        assert app.sweeper.run_steps()
        return listed.count("events/")

    other = Process(app.db)
    other.round()
    assert [swept(), swept(), swept()] == [1, 0, 0], "at its start, then it is the other one's"
    silent_for_long(app)
    assert [swept(), swept()] == [1, 1]
    assert other.round() == 0
