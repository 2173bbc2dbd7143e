"""The durable queue: runs survive what happens to their process, and are never done twice."""

from __future__ import annotations

import datetime as dt
import functools
import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from dbos import DBOS, DBOSClient, EnqueueOptions, WorkflowSerializationFormat
from sqlalchemy import create_engine, text

from classroom_app.data.repository import embedding, executors
from classroom_app.data.tables import Executor, Photo, utcnow
from classroom_app.errors import UnavailableError
from classroom_app.resources import App
from classroom_app.services.training import queue, takeover
from classroom_app.services.training.records import FittedModel, fitted_to_json
from classroom_app.services.training.takeover import BEAT_EVERY_S, SILENT_AFTER_S, Silence, Takeover
from classroom_app.states import DeletionScope
from classroom_app.views.classes import EventView, GroupIdentity
from classroom_app.views.deletion import DeletionTarget
from tests.support.running import wait_for
from tests.support.stand_ins import StandInMl, identity, take


def state(app: App, group: GroupIdentity, run_id: str) -> str:
    return app.runs.status(group, run_id).state


@pytest.fixture
def run_id(app: App, event: EventView, group: GroupIdentity) -> str:
    take(app, group, event, 5)
    return app.runs.request(group)


def test_a_run_goes_through_the_queue(app: App, group: GroupIdentity, run_id: str) -> None:
    app.queue.start()
    try:
        app.queue.enqueue(run_id)
        app.queue.enqueue(run_id)
        wait_for(lambda: state(app, group, run_id) == "done")
    finally:
        app.queue.stop()


def test_a_run_waits_for_an_absent_compute_tier(
    app: App, group: GroupIdentity, run_id: str, ml: StandInMl
) -> None:
    ml.away = True
    app.queue.start()
    try:
        app.queue.enqueue(run_id)
        wait_for(lambda: state(app, group, run_id) == "running")
        time.sleep(0.3)
        assert state(app, group, run_id) == "running"
        ml.away = False
        wait_for(lambda: state(app, group, run_id) == "done")
    finally:
        app.queue.stop()


def test_what_cannot_be_trained_ends_with_a_sentence(
    app: App, group: GroupIdentity, run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_args: object) -> None:
        raise RuntimeError("the disk is on fire")

    monkeypatch.setattr(app.training, "fit", broken)
    app.queue.start()
    try:
        app.queue.enqueue(run_id)
        wait_for(lambda: state(app, group, run_id) == "failed")
    finally:
        app.queue.stop()
    assert app.runs.status(group, run_id).error_key == "run_failed"
    assert app.runs.request(group) != run_id


def test_a_run_that_never_reached_the_queue_is_put_there(
    app: App, group: GroupIdentity, run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process died between the row and the queue."""
    monkeypatch.setattr(takeover, "LOST_AFTER", dt.timedelta(0))
    monkeypatch.setattr(takeover, "TURN", dt.timedelta(0))
    app.queue.start()
    try:
        app.queue.takeover.once()
        wait_for(lambda: state(app, group, run_id) == "done")
    finally:
        app.queue.stop()


class Clock:
    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


def rounds(app: App, clock: Clock, seconds: float) -> None:
    """What the keeper does in this time, without waiting for it."""
    until = clock.now_s + seconds
    while clock.now_s < until:
        clock.now_s += BEAT_EVERY_S
        app.queue.takeover.once()


@pytest.fixture
def clock(app: App, monkeypatch: pytest.MonkeyPatch) -> Clock:
    monkeypatch.setattr(takeover, "TURN", dt.timedelta(0))  # on this clock a beat takes no time
    clock = Clock()
    app.queue.takeover.silence = Silence(clock)
    return clock


@pytest.fixture
def started(app: App, monkeypatch: pytest.MonkeyPatch) -> Iterator[App]:
    """Its queue takes runs up; its keeper does only what a test asks for."""
    monkeypatch.setattr(app.queue.takeover, "start_keeper", lambda: None)
    app.queue.start()
    yield app
    app.queue.stop()


def test_of_many_keepers_one_a_beat_looks_for_what_nobody_works_on(
    started: App, event: EventView, run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And asks the queue once, however many runs wait: else pods times backlog just when it is behind."""
    monkeypatch.setattr(takeover, "LOST_AFTER", dt.timedelta(0))
    asked: list[object] = []
    listed = DBOS.list_workflows

    def count(**which: Any) -> object:
        asked.append(which.get("workflow_ids"))
        return listed(**which)

    monkeypatch.setattr(DBOS, "list_workflows", count)
    lost = [run_id]
    for index in (1, 2):
        other = identity(started, event, index)
        take(started, other, event, 5)
        lost.append(started.runs.request(other))
    enqueued: list[str] = []
    keepers = [
        Takeover(
            started.db, f"pod {number}", enqueue=enqueued.append, fail=lambda *_args: None, at_work=frozenset
        )
        for number in range(8)
    ]
    for keeper in keepers:
        keeper.once()
    assert sorted(enqueued) == sorted(lost)
    assert [which for which in asked if which is not None] == [enqueued]
    assert len(asked) == 2  # and one look at what is pending


def begun_by(app: App, run_id: str, executor_id: str) -> None:
    """The run's workflow as a process leaves it that took it up and was killed."""
    url = app.settings.queue_database
    client = DBOSClient(system_database_url=url)
    # A queue that nobody here looks at: else it would be taken up before we have changed it.
    options: EnqueueOptions = {
        "queue_name": "elsewhere",
        "workflow_name": "train",
        "workflow_id": run_id,
        "serialization_type": WorkflowSerializationFormat.PORTABLE,
    }
    client.enqueue(options, run_id)
    client.destroy()
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    table = "workflow_status" if engine.dialect.name == "sqlite" else "dbos.workflow_status"
    with engine.begin() as connection:
        taken = f"UPDATE {table} SET status = 'PENDING', executor_id = :executor WHERE workflow_uuid = :run"
        connection.execute(text(taken), {"executor": executor_id, "run": run_id})
    engine.dispose()


def executor_ids(app: App) -> set[str]:
    with app.db.read() as session:
        return set(executors.beats(session))


def test_runs_of_a_silent_executor_are_taken_over(
    started: App, clock: Clock, group: GroupIdentity, run_id: str
) -> None:
    """Another process began the run and is gone: its workflow is resumed here, and finishes once."""
    begun_by(started, run_id, "dead-pod")
    with started.db.write() as session:
        session.add(Executor(id="dead-pod", beat_at=utcnow()))
    rounds(started, clock, SILENT_AFTER_S)
    assert executor_ids(started) == {"local", "dead-pod"}
    rounds(started, clock, 2 * BEAT_EVERY_S)
    assert executor_ids(started) == {"local"}
    wait_for(lambda: state(started, group, run_id) == "done")


def test_runs_of_an_executor_that_nobody_ever_heard_of_are_taken_over(
    started: App, clock: Clock, group: GroupIdentity, run_id: str
) -> None:
    """It took them up in its first seconds and was killed before its heart beat."""
    begun_by(started, run_id, "never-heard-of")
    rounds(started, clock, SILENT_AFTER_S + 3 * BEAT_EVERY_S)
    assert executor_ids(started) == {"local"}
    wait_for(lambda: state(started, group, run_id) == "done")


def test_a_run_that_the_start_did_not_resume_is_resumed_later(
    started: App, clock: Clock, group: GroupIdentity, run_id: str
) -> None:
    """A process of our own name began it and was killed, and DBOS's one try as we started came to nothing."""
    begun_by(started, run_id, "local")
    rounds(started, clock, BEAT_EVERY_S)
    assert state(started, group, run_id) == "queued", "it may have been taken up just now"
    rounds(started, clock, BEAT_EVERY_S)
    wait_for(lambda: state(started, group, run_id) == "done")


def test_a_run_that_is_worked_on_is_not_begun_once_more(
    started: App, clock: Clock, group: GroupIdentity, run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, may_go_on = threading.Event(), threading.Event()
    prepare = started.training.prepare

    def slowly(run_id: str) -> None:
        begun.set()
        assert may_go_on.wait(30)
        prepare(run_id)

    resumed: list[str] = []
    monkeypatch.setattr(started.training, "prepare", slowly)
    monkeypatch.setattr(DBOS, "resume_workflow", resumed.append)
    started.queue.enqueue(run_id)
    assert begun.wait(30)
    rounds(started, clock, 3 * BEAT_EVERY_S)
    may_go_on.set()
    wait_for(lambda: state(started, group, run_id) == "done")
    assert resumed == []


def test_the_heart_beats_before_the_first_run_is_taken(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    known: list[set[str]] = []
    launch = DBOS.launch

    def launch_and_look() -> None:
        known.append(executor_ids(app))
        launch()

    monkeypatch.setattr(DBOS, "launch", launch_and_look)
    app.queue.start()
    app.queue.stop()
    assert known == [{"local"}]


def test_after_an_outage_of_the_database_everybody_has_the_time_to_beat_first(
    started: App, clock: Clock, run_id: str
) -> None:
    """The beats that are stored are old, and not because somebody died."""
    begun_by(started, run_id, "living-pod")
    with started.db.write() as session:
        session.add(Executor(id="living-pod", beat_at=utcnow() - dt.timedelta(hours=1)))
    rounds(started, clock, SILENT_AFTER_S)
    clock.now_s += 60  # nobody could look or beat
    rounds(started, clock, SILENT_AFTER_S)
    with started.db.write() as session:
        executors.beat(session, "living-pod")
    rounds(started, clock, SILENT_AFTER_S)
    assert executor_ids(started) == {"local", "living-pod"}
    assert DBOS.list_workflows(workflow_ids=[run_id])[0].executor_id == "living-pod"


def test_who_beats_again_at_the_last_moment_keeps_its_runs(
    started: App, clock: Clock, run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun_by(started, run_id, "slow-pod")
    with started.db.write() as session:
        session.add(Executor(id="slow-pod", beat_at=utcnow()))
    rounds(started, clock, SILENT_AFTER_S)
    among = started.queue.takeover.silence.among

    def among_then_it_beats(beats: dict[str, dt.datetime]) -> list[str]:
        silent = among(beats)
        with started.db.write() as session:
            executors.beat(session, "slow-pod")
        return silent

    monkeypatch.setattr(started.queue.takeover.silence, "among", among_then_it_beats)
    rounds(started, clock, BEAT_EVERY_S)
    assert executor_ids(started) == {"local", "slow-pod"}


def test_the_heart_beats_on_while_the_keeper_waits_for_the_queues_database(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()
    monkeypatch.setattr(takeover, "BEAT_EVERY_S", 0.01)
    keeper = Takeover(app.db, "here", enqueue=lambda _: None, fail=lambda *_: None, at_work=frozenset)
    monkeypatch.setattr(DBOS, "list_workflows", lambda **_: go_on.wait(20) and [])

    def last_beat() -> dt.datetime:
        with app.db.read() as session:
            return executors.beats(session)["here"]

    def beats_after(before: dt.datetime) -> bool:
        return last_beat() > before

    keeper.start_heart()
    keeper.start_keeper()
    try:
        for _ in range(3):
            wait_for(functools.partial(beats_after, last_beat()), 10, "it beats")
        assert keeper.is_alive()
    finally:
        go_on.set()
        keeper.stop_keeper()
        keeper.stop_heart()


def test_a_reset_in_the_middle_of_a_run_leaves_nothing(
    app: App, event: EventView, group: GroupIdentity, run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fit = app.training.fit
    resets: list[bool] = []

    def fit_while_reset(number: str) -> FittedModel:
        fitted = fit(number)
        if not resets:
            resets.append(
                app.privacy.delete(DeletionTarget(DeletionScope.GROUP_RESET, event.id, group.id)).clean
            )
        return fitted

    monkeypatch.setattr(app.training, "fit", fit_while_reset)
    app.queue.start()
    try:
        app.queue.enqueue(run_id)
        wait_for(lambda: bool(resets))
        time.sleep(0.5)
    finally:
        app.queue.stop()
    assert app.privacy.count(DeletionTarget(DeletionScope.GROUP_RESET, event.id, group.id)) == {
        "photos": 0,
        "runs": 0,
        "results": 0,
        "final_entries": 0,
        "fooled_ais": 0,
        "features": 0,
        "files": 0,
        "file_versions": 0,
        "cached_models": 0,
    }


def test_dbos_still_names_its_thread_as_we_look_for_it(app: App) -> None:
    """DBOS has no question for "do you take runs up?", so `is_alive` looks for its thread by name. A release
    that names it otherwise would make every pod unready for ever; this fails before it is rolled out."""
    assert not app.queue.is_alive()
    before = {thread.ident for thread in threading.enumerate()}
    app.queue.start()
    try:
        wait_for(app.queue.is_alive)
        started = {thread.name for thread in threading.enumerate() if thread.ident not in before}
        assert queue.POLLING_THREAD in started
    finally:
        app.queue.stop()
    assert queue.POLLING_THREAD not in {thread.name for thread in threading.enumerate()}
    assert not app.queue.is_alive()


def test_an_idle_queue_rests_and_a_tap_wakes_it(
    app: App, group: GroupIdentity, run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def polled_every() -> float:
        found = DBOS.retrieve_queue(queue.QUEUE)
        assert found is not None
        return float(found.polling_interval_sec)

    app.queue.rest()  # before the start, as in a command that only cleans up: nothing to do
    app.queue.start()
    try:
        app.queue.rest()
        assert polled_every() == queue.POLL_S, "a run waits"
        app.queue.enqueue(run_id)
        wait_for(lambda: state(app, group, run_id) == "done")
        app.queue.rest()
        assert polled_every() == queue.POLL_S, "there was one a moment ago"
        monkeypatch.setattr(queue, "REST_AFTER", dt.timedelta())
        app.queue.rest()
        assert polled_every() == queue.REST_POLL_S
        app.queue.enqueue(app.runs.request(group))
        assert polled_every() == queue.POLL_S
    finally:
        app.queue.stop()


def test_many_processes_share_the_polls_of_one_class(app: App, group: GroupIdentity, run_id: str) -> None:
    def polled_every() -> float:
        found = DBOS.retrieve_queue(queue.QUEUE)
        assert found is not None
        return float(found.polling_interval_sec)

    app.queue.start()
    try:
        assert polled_every() == queue.POLL_S
        with app.db.write() as session:
            for number in range(11):
                executors.notice(session, f"pod-{number}")
            session.add(Executor(id="gone", beat_at=utcnow() - dt.timedelta(hours=1)))
        app.queue.rest()
        shared = polled_every()
        assert shared == queue.poll_s(12) == 4 * queue.POLL_S
        app.queue.enqueue(run_id)
        assert polled_every() == shared, "a tap wakes a queue that rests, and not to more than it needs"
        wait_for(lambda: state(app, group, run_id) == "done")
        with app.db.write() as session:
            executors.forget(session, "pod-0")
        app.queue.rest()
        assert polled_every() == shared, "one of many is no news"
        with app.db.write() as session:
            for number in range(1, 11):
                executors.forget(session, f"pod-{number}")
        app.queue.rest()
        assert polled_every() == queue.POLL_S, "the others are gone: a tap would wait for them"
    finally:
        app.queue.stop()


@pytest.mark.parametrize("processes", [1, 3, 21, 201])
def test_a_class_asks_the_queue_as_much_as_many_do(processes: int) -> None:
    """Until they ask as seldom as at rest: more than that nobody's tap may wait for its own process."""
    of_one_class = queue.ONE_CLASS_PROCESSES / queue.POLL_S
    polls_a_second = processes / queue.poll_s(processes)
    assert queue.POLL_S <= queue.poll_s(processes) <= queue.REST_POLL_S
    assert polls_a_second <= max(of_one_class, processes / queue.REST_POLL_S) + 1e-9


def test_what_one_step_hands_to_the_next_is_plain_json(
    app: App, group: GroupIdentity, run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else DBOS could not keep it, and a run of a process that was killed would begin anew."""
    handed: list[FittedModel] = []
    finish = app.training.finish

    def finish_and_note(number: str, fitted: FittedModel) -> None:
        handed.append(fitted)
        finish(number, fitted)

    monkeypatch.setattr(app.training, "finish", finish_and_note)
    app.queue.start()
    try:
        app.queue.enqueue(run_id)
        wait_for(lambda: state(app, group, run_id) == "done")
        steps = {step["function_name"]: step["output"] for step in DBOS.list_workflow_steps(run_id)}
    finally:
        app.queue.stop()
    assert steps["fit"] == json.loads(json.dumps(fitted_to_json(handed[0])))


def test_unavailable_is_the_only_error_worth_another_try() -> None:
    assert queue.worth_another_try(UnavailableError())
    assert not queue.worth_another_try(ValueError())


def test_photos_that_a_killed_process_held_are_free_at_the_next_start(
    app: App, event: EventView, group: GroupIdentity
) -> None:
    take(app, group, event, 1)
    with app.db.write() as session:
        executors.beat(session, "local")  # our own life before
        embedding.lease(session, Photo, 10, utcnow() + dt.timedelta(minutes=1))
    app.embedder.start()
    try:
        wait_for(lambda: not app.classes.monitor(event.id)[0].features_pending)
    finally:
        app.embedder.stop()
