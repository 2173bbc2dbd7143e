"""The thread beside the requests: its waits, what wakes it, what it outlives, how it ends."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from structlog.testing import capture_logs

from classroom_app.errors import UnavailableError
from classroom_app.services.worker import Worker
from tests.support.running import wait_for

LONG_S = 600.0


class Steps:
    """Counts its calls; raises what it is told to."""

    def __init__(self, *errors: BaseException) -> None:
        self.calls = 0
        self._errors = list(errors)

    def __call__(self) -> None:
        self.calls += 1
        if self._errors:
            raise self._errors.pop(0)


@pytest.fixture
def started() -> Iterator[Any]:
    workers: list[Worker] = []

    def start(*steps: Steps, every_s: Any = LONG_S, **options: Any) -> Worker:
        worker = Worker("tested", *steps, every_s=every_s, failed_event="broke", **options)
        workers.append(worker)
        worker.start()
        return worker

    yield start
    for worker in workers:
        worker.stop()


def test_it_waits_between_rounds_and_a_wake_ends_the_wait(started: Any) -> None:
    step, wake = Steps(), threading.Event()
    started(step, wake=wake)
    wait_for(lambda: step.calls == 1, 5, "it begins at once")
    time.sleep(0.1)
    assert step.calls == 1
    wake.set()
    wait_for(lambda: step.calls == 2, 5, "it was woken")


def test_it_can_wait_first(started: Any) -> None:
    step = Steps()
    started(step, waits_first=True)
    time.sleep(0.1)
    assert step.calls == 0


def test_what_goes_wrong_in_one_step_is_logged_and_stops_neither_the_others_nor_the_next_round(
    started: Any,
) -> None:
    waiting, broken, good = Steps(UnavailableError()), Steps(ValueError("no")), Steps()
    with capture_logs() as lines:
        started(waiting, broken, good, error_wait_s=0.01, waits_event="waits")
        wait_for(lambda: good.calls >= 2, 5, "it goes on")
    assert [(line["log_level"], line["event"]) for line in lines[:2]] == [
        ("warning", "waits"),
        ("error", "broke"),
    ]
    assert lines[0]["reason"] == "error_unavailable"


def test_without_a_word_for_waiting_every_error_is_a_fault(started: Any) -> None:
    step = Steps(UnavailableError())
    with capture_logs() as lines:
        started(step, error_wait_s=0.01)
        wait_for(lambda: lines, 5, "it is logged")
    assert (lines[0]["log_level"], lines[0]["event"]) == ("error", "broke")


def test_a_wake_does_not_hurry_it_after_an_error(started: Any) -> None:
    step, wake = Steps(ValueError("no")), threading.Event()
    started(step, error_wait_s=LONG_S, wake=wake)
    wait_for(lambda: step.calls == 1, 5, "it began")
    wake.set()
    time.sleep(0.1)
    assert step.calls == 1


def test_stop_ends_its_wait_and_it_has_not_died(started: Any) -> None:
    worker: Worker = started(Steps())
    assert worker.is_alive()
    assert not worker.has_died()
    began = time.monotonic()
    worker.stop()
    assert time.monotonic() - began < 5
    assert not worker.is_alive()
    assert not worker.has_died()


def test_one_that_ended_by_itself_has_died(started: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    class EndsTheThread(BaseException):
        pass

    monkeypatch.setattr(threading, "excepthook", lambda _: None)
    worker: Worker = started(Steps(EndsTheThread()))
    wait_for(worker.has_died, 5, "the thread is gone")


def test_one_that_was_never_started_has_not_died() -> None:
    assert not Worker("idle", every_s=LONG_S, failed_event="broke").has_died()


def test_a_pause_may_change_from_round_to_round(started: Any) -> None:
    step, pauses = Steps(), iter([0.01, 0.01, LONG_S])
    started(step, every_s=lambda: next(pauses))
    wait_for(lambda: step.calls == 3, 5, "two short pauses")
    time.sleep(0.1)
    assert step.calls == 3
