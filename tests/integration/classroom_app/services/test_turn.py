"""Of many web processes one does what is for all: else it would be done as often as there are of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from classroom_app.data.engine import Database
from classroom_app.data.repository import leases
from classroom_app.data.tables import Lease, utcnow
from classroom_app.errors import NotFoundError, UnavailableError
from classroom_app.resources import App
from classroom_app.services.turn import Turn, each_due

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


class Due:
    """Classes of which something is to be found out, by one web process."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self.waiting = ["first", "second", "third"]
        self.done: list[str] = []
        self.meanwhile: Callable[[str], object] = lambda _one: None

    def _do(self, one: str) -> None:
        self.meanwhile(one)
        self.done.append(one)
        self.waiting.remove(one)

    def renew(self) -> None:
        each_due(self._db, "due", LASTS, lambda _session: list(self.waiting), self._do)


def is_free(app: App) -> bool:
    """Of the lease, for another process that asks."""
    with app.db.write() as session:
        until = leases.keep(session, "due", None, LASTS)
        if until is not None:
            leases.give_back(session, "due", until)
        return until is not None


def test_the_turn_lasts_for_each_of_what_is_due(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """All together may take longer than one turn: another process would begin with what is being done."""
    work, now = Due(app.db), utcnow()
    asked: list[bool] = []

    def takes_long(_one: str) -> None:
        nonlocal now
        now += LASTS * 0.8
        asked.append(is_free(app))

    monkeypatch.setattr(leases, "utcnow", lambda: now)
    work.meanwhile = takes_long
    work.renew()
    assert work.done == ["first", "second", "third"]
    assert asked == [False] * 3
    assert is_free(app)


def test_who_is_broken_off_gives_the_turn_back(app: App) -> None:
    work = Due(app.db)

    def away(one: str) -> None:
        if one == "second":
            raise UnavailableError

    work.meanwhile = away
    with pytest.raises(UnavailableError):
        work.renew()
    assert work.done == ["first"]
    assert is_free(app)


def test_what_is_deleted_meanwhile_keeps_nothing_from_being_found_out(app: App) -> None:
    work = Due(app.db)

    def gone(one: str) -> None:
        if one == "second":
            work.waiting.remove(one)
            raise NotFoundError

    work.meanwhile = gone
    work.renew()
    assert work.done == ["first", "third"]


def test_what_another_process_has_just_done_is_not_done_again(app: App) -> None:
    """It was due when this one looked, and is not when its turn comes."""
    work = Due(app.db)

    def others_too(one: str) -> None:
        if one == "first":
            work.waiting.remove("second")

    work.meanwhile = others_too
    work.renew()
    assert work.done == ["first", "third"]


def test_who_was_too_slow_does_not_end_another_ones_turn(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    work, now = Due(app.db), utcnow()

    def too_slow(one: str) -> None:
        nonlocal now
        if one == "third":
            now += 2 * LASTS
            with app.db.write() as session:
                assert leases.take(session, "due", LASTS), "another process found it free"

    monkeypatch.setattr(leases, "utcnow", lambda: now)
    work.meanwhile = too_slow
    work.renew()
    assert not is_free(app)
