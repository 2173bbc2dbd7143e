"""The durable queue: runs survive what happens to their process, and are never done twice."""

from __future__ import annotations

import datetime as dt
import json
import threading
import time
from collections.abc import Callable, Sequence

import pytest
from dbos import DBOS

from classroom_app.data.repository import embedding, executors
from classroom_app.data.tables import Executor, Photo, utcnow
from classroom_app.errors import UnavailableError
from classroom_app.resources import App
from classroom_app.services.training import queue, takeover
from classroom_app.services.training.records import FittedModel, fitted_to_json
from classroom_app.services.training.takeover import SILENT_AFTER
from classroom_app.states import DeletionScope
from classroom_app.views import DeletionTarget, EventView, GroupIdentity
from tests.support.running import wait_for
from tests.support.stand_ins import StandInMl, take


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
    app.queue.start()
    try:
        app.queue.takeover.once()
        wait_for(lambda: state(app, group, run_id) == "done")
    finally:
        app.queue.stop()


def test_runs_of_a_silent_executor_are_taken_over(
    app: App, group: GroupIdentity, run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process began the run and is gone: its workflow is resumed here, and finishes once."""
    taken: list[str] = []
    monkeypatch.setattr(DBOS, "list_workflows", _as_if_of("dead-pod", run_id, DBOS.list_workflows))
    monkeypatch.setattr(DBOS, "resume_workflow", taken.append)
    app.queue.start()
    try:
        with app.db.write() as session:
            session.add(Executor(id="dead-pod", beat_at=utcnow() - SILENT_AFTER * 2))
        app.queue.takeover.once()
    finally:
        app.queue.stop()
    assert taken == [run_id]
    with app.db.read() as session:
        assert {row.id for row in session.query(Executor)} == {"local"}


def _as_if_of(
    executor: str, run_id: str, real: Callable[..., Sequence[object]]
) -> Callable[..., Sequence[object]]:
    class Status:
        workflow_id = run_id

    def listed(**options: object) -> Sequence[object]:
        return [Status()] if options.get("executor_id") == executor else real(**options)

    return listed


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
        "files": 0,
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
