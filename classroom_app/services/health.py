"""Can people be served? Looks at each part within a bounded time, and not more often than once a second.

Of each part it is given a name and a question.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

import structlog

LOOK_LIMIT_S = 2.0  # a needed part that takes longer is as good as away
REPORTED_LIMIT_S = 0.7  # a part that is only reported never makes an answer late
KEPT_S = 1.0  # probes cannot be used as load

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class ReadinessReport:
    """What was found, part by part, and whether it is enough."""

    parts: Mapping[str, bool]
    ready: bool


class ReadinessProbe:
    """`needed` decides; `reported` is only said: a class goes on without it."""

    def __init__(
        self,
        needed: Mapping[str, Callable[[], bool]],
        reported: Mapping[str, Callable[[], bool]],
        kept_s: Mapping[str, float] | None = None,
    ) -> None:
        """`kept_s`: how long a good answer of a part that is dear counts; a bad one is asked anew."""
        self._questions = {**needed, **reported}
        self._needed = frozenset(needed)
        self._pool: ThreadPoolExecutor | None = None
        self._asked: dict[str, Future[bool]] = {}
        self._answered: dict[str, bool] = {}
        self._kept_s = dict(kept_s or {})
        self._good_until: dict[str, float] = {}
        self._report: ReadinessReport | None = None
        self._looked_at = 0.0
        self._lock = threading.Lock()
        self._stopping = False

    def recent(self) -> ReadinessReport | None:
        """What was found within the last second, or nothing."""
        report, age_s = self._report, time.monotonic() - self._looked_at
        return report if report is not None and age_s < KEPT_S else None

    def look(self) -> ReadinessReport:
        """Ask every part; callers at the same time share one look."""
        with self._lock:
            report = self.recent()
            if report is None:
                report = self._look()
                self._report, self._looked_at = report, time.monotonic()
            return report

    def stop(self) -> None:
        """From now on nobody new should come."""
        with self._lock:
            self._stopping = True
            self._report = None
            if self._pool is not None:
                self._pool.shutdown(wait=False, cancel_futures=True)

    def _look(self) -> ReadinessReport:
        if self._stopping:
            return ReadinessReport(dict.fromkeys(self._questions, False), ready=False)
        if self._pool is None:
            self._pool = ThreadPoolExecutor(len(self._questions), thread_name_prefix="probe")
        for name, question in self._questions.items():
            # One that still hangs since the last look is not asked again: threads would pile up.
            if name not in self._asked or (self._asked[name].done() and not self._still_good(name)):
                self._asked[name] = self._pool.submit(question)
        limit = time.monotonic() + REPORTED_LIMIT_S
        wait([self._asked[name] for name in self._needed], timeout=LOOK_LIMIT_S)
        wait(self._asked.values(), timeout=max(0.0, limit - time.monotonic()))
        parts = {name: _answer(name, future) for name, future in self._asked.items()}
        self._keep(parts)
        self._note(parts)
        return ReadinessReport(parts, ready=all(parts[name] for name in self._needed))

    def _still_good(self, name: str) -> bool:
        return time.monotonic() < self._good_until.get(name, 0.0)

    def _keep(self, parts: Mapping[str, bool]) -> None:
        for name, kept_s in self._kept_s.items():
            if not parts[name]:
                self._good_until.pop(name, None)
            elif not self._still_good(name):
                self._good_until[name] = time.monotonic() + kept_s

    def _note(self, parts: dict[str, bool]) -> None:
        """One line when a part goes or comes back, not one a second."""
        for name, answers in parts.items():
            if self._answered.get(name, True) != answers:
                (_log.info if answers else _log.warning)("part_back" if answers else "part_away", part=name)
        self._answered = parts


def _answer(name: str, future: Future[bool]) -> bool:
    try:
        return future.done() and future.result()
    except Exception:
        _log.exception("part_failed", part=name)
        return False
