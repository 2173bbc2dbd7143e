"""A thread that does its steps again and again beside the requests, and outlives what goes wrong in one."""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog

from classroom_app.errors import ClassroomError

STOP_WAIT_S = 5.0  # after that it ends with the process, as if it were killed

_log = structlog.get_logger(__name__)


class Worker:
    """`start` once, `stop` once. Between two rounds it waits `every_s`, or until `wake` is set."""

    def __init__(
        self,
        name: str,
        *steps: Callable[[], object],
        every_s: float | Callable[[], float],
        failed_event: str,
        waits_event: str | None = None,
        error_wait_s: float | None = None,
        waits_first: bool = False,
        wake: threading.Event | None = None,
        stopping: threading.Event | None = None,
        stop_wait_s: float = STOP_WAIT_S,
    ) -> None:
        """`every_s`: or what says it anew after each round. `failed_event`: the log's word for an error;
        `waits_event`: for one of ours, which is no fault.

        After an error it waits `error_wait_s` and hears no `wake`. A step that takes long looks at
        `stopping` itself; `stop` waits up to `stop_wait_s` for it.
        """
        self._steps = steps
        self._every_s = every_s
        self._given_error_wait_s = error_wait_s
        self._failed_event = failed_event
        self._waits_event = waits_event
        self._waits_first = waits_first
        self._stop_wait_s = stop_wait_s
        self._wake = wake or threading.Event()
        self._stopping = stopping or threading.Event()
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._wake.set()
        if self._thread.ident is not None:  # else the start of the app failed before it came to this one
            self._thread.join(timeout=self._stop_wait_s)

    def is_alive(self) -> bool:
        return self._thread.is_alive()

    def has_died(self) -> bool:
        """It was started and ended by itself: only a new process helps."""
        return self._thread.ident is not None and not (self._thread.is_alive() or self._stopping.is_set())

    def _work(self) -> None:
        if self._waits_first:
            self._wake.wait(self._pause_s())
        while not self._stopping.is_set():
            self._wake.clear()
            if not self.run_steps():
                given = self._given_error_wait_s
                self._stopping.wait(self._pause_s() if given is None else given)
            elif not self._stopping.is_set():  # a `stop` just before `clear` has left no wake
                self._wake.wait(self._pause_s())

    def run_steps(self) -> bool:
        """One round, each step whatever becomes of the others. Did all go well?"""
        done = [self._is_done(step) for step in self._steps]
        return all(done)

    def _pause_s(self) -> float:
        return self._every_s() if callable(self._every_s) else self._every_s

    def _is_done(self, step: Callable[[], object]) -> bool:
        try:
            step()
        except ClassroomError as exc:
            if self._waits_event is None:
                _log.exception(self._failed_event)
            else:
                _log.warning(self._waits_event, reason=exc.key)
            return False
        except Exception:
            _log.exception(self._failed_event)
            return False
        return True
