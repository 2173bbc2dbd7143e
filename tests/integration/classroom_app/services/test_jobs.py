"""Facilitators stop trainings and have them tried again: right whoever else is at the same run."""

from __future__ import annotations

import datetime as dt
import functools
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from classroom_app.compute.interface import MlClient, Trained
from classroom_app.data.repository import runs
from classroom_app.data.tables import Event, Run, utcnow
from classroom_app.errors import ConflictError, NotFoundError, StaleEpochError
from classroom_app.resources import App
from classroom_app.services.training.jobs import STOPPED
from classroom_app.services.training.records import FittedModel
from classroom_app.states import CountedRun, RunState
from classroom_app.views.classes import ContestRules, EventView, GroupIdentity
from tests.support.running import wait_for
from tests.support.stand_ins import StandInMl, identity, take, train

ROUNDS = 12


@pytest.fixture
def run_id(app: App, event: EventView, group: GroupIdentity) -> str:
    take(app, group, event, 5)
    return app.runs.request(group)


def state(app: App, run_id: str) -> tuple[RunState, bool]:
    """And whether it has a result."""
    with app.db.read() as session:
        run = session.get(Run, run_id)
        assert run is not None
        return run.state, run.result is not None


def models(app: App) -> list[str]:
    return [key for key in app.files.keys("events/") if "/models/" in key]


class SlowMl(StandInMl):
    """Its training waits until a test lets it go on."""

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.go_on = threading.Event(), threading.Event()

    def train(self, *args: Any, **options: Any) -> Trained:
        self.begun.set()
        assert self.go_on.wait(30)
        return super().train(*args, **options)


def test_a_waiting_run_that_is_stopped_is_not_begun(app: App, event: EventView, run_id: str) -> None:
    app.jobs.cancel(event.id, run_id)
    assert state(app, run_id) == (RunState.CANCELLED, False)
    assert not app.training.start(run_id)
    with pytest.raises(ConflictError, match="run_is_over"):
        app.jobs.cancel(event.id, run_id)


def test_a_run_that_is_stopped_while_another_process_fits_it_leaves_nothing(
    event: EventView, group: GroupIdentity, run_id: str, make_app: Callable[[MlClient], App], app: App
) -> None:
    ml = SlowMl()
    other = make_app(ml)  # a second web process on the same database and files
    try:
        assert other.training.start(run_id)
        other.training.prepare(run_id)
        with ThreadPoolExecutor(1) as pool:
            fit = pool.submit(other.training.fit, run_id)
            assert ml.begun.wait(30)
            app.jobs.cancel(event.id, run_id)
            ml.go_on.set()
            with pytest.raises(StaleEpochError):
                fit.result(30)
        other.training.fail(run_id, "run_failed")  # what comes late changes nothing
        assert state(app, run_id) == (RunState.CANCELLED, False)
        assert models(app) == []
    finally:
        other.db.close()


def test_a_run_that_is_stopped_between_its_fit_and_its_result_has_none(
    app: App, event: EventView, run_id: str
) -> None:
    assert app.training.start(run_id)
    app.training.prepare(run_id)
    fitted = app.training.fit(run_id)
    assert models(app)
    app.jobs.cancel(event.id, run_id)
    with pytest.raises(StaleEpochError):
        app.training.finish(run_id, fitted)
    assert state(app, run_id) == (RunState.CANCELLED, False)
    assert models(app) == []


def test_a_run_that_ends_while_it_is_stopped_is_one_or_the_other(
    app: App, event: EventView, group: GroupIdentity, run_id: str, make_app: Callable[[MlClient], App]
) -> None:
    """Two processes at once, again and again: what `cancel` says is what has become of the run."""
    other = make_app(StandInMl())
    try:
        for number in range(ROUNDS):
            assert other.training.start(run_id)
            other.training.prepare(run_id)
            fitted = other.training.fit(run_id)
            gate = threading.Barrier(2)

            def finish(
                run_id: str = run_id, gate: threading.Barrier = gate, fitted: FittedModel = fitted
            ) -> bool:
                gate.wait(30)
                try:
                    other.training.finish(run_id, fitted)
                except StaleEpochError:
                    return False
                return True

            def stop(run_id: str = run_id, gate: threading.Barrier = gate, late: int = number) -> bool:
                gate.wait(30)
                time.sleep(0.004 * (late % 4))
                try:
                    app.jobs.cancel(event.id, run_id)
                except ConflictError:
                    return False
                return True

            with ThreadPoolExecutor(2) as pool:
                finished, stopped = pool.submit(finish), pool.submit(stop)
                done = (finished.result(60), stopped.result(60))
            assert done in {(True, False), (False, True)}
            expected = (RunState.DONE, True) if done[0] else (RunState.CANCELLED, False)
            assert state(app, run_id) == expected
            run_id = app.runs.request(group)
        kept = sum(state(app, one)[1] for one in _all_runs(app, group))
        assert len(models(app)) == kept, "a run that was stopped leaves no model"
    finally:
        other.db.close()


def _all_runs(app: App, group: GroupIdentity) -> list[str]:
    with app.db.read() as session:
        return [run.id for run in runs.of_groups(session, [group.id])]


def test_a_stopped_run_ends_its_wait_for_photos_and_makes_room_in_the_queue(
    app: App, event: EventView, group: GroupIdentity, run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its photos never get their features here: it would keep its place in the queue for two minutes."""
    monkeypatch.setattr(app.embedding, "embed_some", lambda *_args: 0)
    assert app.training.start(run_id)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(app.training.prepare, run_id)
        time.sleep(0.3)
        assert not waiting.done()
        app.jobs.cancel(event.id, run_id)
        with pytest.raises(StaleEpochError):
            waiting.result(20)


def test_a_stopped_run_is_no_training_used_up_and_no_version_on_the_board(
    app: App, event: EventView, group: GroupIdentity, run_id: str
) -> None:
    app.contest.set_rules(event.id, ContestRules(CountedRun.BEST, 1, 3, tie_break=False))
    assert app.runs.readiness(group).trainings_left == 0
    app.jobs.cancel(event.id, run_id)
    assert app.runs.readiness(group).trainings_left == 1
    assert app.runs.history(group) == []
    assert app.board.versions(event.id)[group.id] == []
    assert app.runs.journey(group).versions == 0
    latest = app.runs.latest(group)
    assert latest is not None
    assert latest.error_key == STOPPED
    train(app, group)
    assert app.runs.readiness(group).trainings_left == 0


def test_stopped_in_the_time_after_the_end_photos_that_came_late_may_still_be_trained(
    app: App, event: EventView, group: GroupIdentity
) -> None:
    take(app, group, event, 5)
    app.contest.start_round(event.id, 1)
    ago = utcnow() - dt.timedelta(seconds=20)
    with app.db.write() as session:
        row = session.get(Event, event.id)
        assert row is not None
        row.round_started_at, row.round_ends_at = ago - dt.timedelta(minutes=1), ago
    first = app.runs.request(group)
    app.jobs.cancel(event.id, first)
    second = app.runs.request(group)
    assert second != first
    app.training.fail(second, "run_failed")
    assert app.runs.request(group) not in {first, second}


def test_a_failed_run_is_tried_again_as_a_new_one_and_only_the_newest(
    app: App, event: EventView, group: GroupIdentity, run_id: str
) -> None:
    app.training.fail(run_id, "run_failed")
    [line] = app.jobs.look(event.id).lines
    assert line.may_retry
    again = app.jobs.retry(event.id, run_id)
    assert again != run_id
    assert app.jobs.retry(event.id, run_id) == again, "a second tap is that same run"
    app.jobs.cancel(event.id, again)
    with pytest.raises(ConflictError, match="run_not_to_retry"):
        app.jobs.retry(event.id, run_id)
    third = app.jobs.retry(event.id, again)
    assert app.training.start(third)
    app.training.prepare(third)
    app.training.finish(third, app.training.fit(third))
    assert len(app.runs.history(group)) == 1


def test_taps_at_once_by_facilitators_and_children_make_one_run(
    app: App, event: EventView, group: GroupIdentity, run_id: str, make_app: Callable[[MlClient], App]
) -> None:
    other = make_app(StandInMl())
    try:
        for _ in range(ROUNDS):
            app.jobs.cancel(event.id, run_id)
            taps: list[Callable[[], str]] = [
                functools.partial(app.jobs.retry, event.id, run_id),
                functools.partial(other.jobs.retry, event.id, run_id),
                lambda: other.runs.request(group),
            ]
            with ThreadPoolExecutor(3) as pool:
                made = {future.result(30) for future in [pool.submit(tap) for tap in taps]}
            assert len(made) == 1
            [run_id] = made
    finally:
        other.db.close()


def test_after_the_end_a_retry_stands_for_the_run_that_was_asked_for_in_time(
    app: App, event: EventView, group: GroupIdentity, run_id: str
) -> None:
    app.training.fail(run_id, "run_waited_too_long")
    app.classes.set_phase(event.id, "final")
    with pytest.raises(ConflictError):
        app.runs.request(group)
    again = app.jobs.retry(event.id, run_id)
    with app.db.read() as session:
        old, new = session.get(Run, run_id), session.get(Run, again)
        assert old is not None
        assert new is not None
        assert new.requested_at == old.requested_at
    app.jobs.cancel(event.id, again)
    app.classes.set_phase(event.id, "reveal")
    with pytest.raises(ConflictError, match="phase_no_training"):
        app.jobs.retry(event.id, again)


def test_runs_of_another_class_are_not_there(app: App, event: EventView, run_id: str) -> None:
    other = app.classes.create("Other", 1, template="fruit")
    with pytest.raises(NotFoundError):
        app.jobs.cancel(other.id, run_id)
    with pytest.raises(NotFoundError):
        app.jobs.retry(other.id, run_id)
    assert state(app, run_id)[0] == RunState.QUEUED
    assert app.jobs.look(other.id).lines == ()


def test_the_list_says_who_waits_how_long_and_what_is_to_be_expected(app: App, event: EventView) -> None:
    groups = [identity(app, event, number) for number in range(3)]
    for group in groups:
        take(app, group, event, 5)
    train(app, groups[0])
    first = app.runs.request(groups[1])
    with app.db.write() as session:
        done = session.get(Run, app.runs.history(groups[0])[0].id)
        assert done is not None
        assert done.started_at is not None
        done.finished_at = done.started_at + dt.timedelta(seconds=10)
    assert app.training.start(first)
    waiting = app.runs.request(groups[2])
    found = app.jobs.look(event.id)
    assert (found.counts.queued, found.counts.running) == (1, 1)
    assert [line.id for line in found.lines[:2]] == [first, waiting]
    assert found.lines[1].place == 1
    assert found.lines[1].expected_s == 10, "two are worked on at a time"
    assert found.counts.expected_s == 20
    assert found.lines[2].practice == (6, 6)
    assert not any(line.may_retry for line in found.lines)


def test_a_run_that_is_stopped_in_the_queue_never_gets_a_result_and_the_next_does(
    app: App, event: EventView, group: GroupIdentity, run_id: str, ml: StandInMl
) -> None:
    ml.away = True
    app.queue.start()
    try:
        app.queue.enqueue(run_id)
        wait_for(lambda: state(app, run_id)[0] == RunState.RUNNING)
        app.jobs.cancel(event.id, run_id)
        ml.away = False
        again = app.jobs.retry(event.id, run_id)
        app.queue.enqueue(again)
        wait_for(lambda: state(app, again)[0] == RunState.DONE)
        assert state(app, run_id) == (RunState.CANCELLED, False)
        assert app.integrity.check(lambda _seconds: None).sound
    finally:
        app.queue.stop()
