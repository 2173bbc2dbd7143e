"""What a server is working on, so that somebody can wait until all that came before is over."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class WorkInHand:
    """Safe from any thread."""

    def __init__(self) -> None:
        self._calls: set[int] = set()
        self._next = 0
        self._over = threading.Condition()

    @contextmanager
    def call(self) -> Iterator[None]:
        """For as long as the block lasts something is in hand."""
        with self._over:
            number, self._next = self._next, self._next + 1
            self._calls.add(number)
        try:
            yield
        finally:
            with self._over:
                self._calls.remove(number)
                self._over.notify_all()

    def wait_for_earlier(self, limit_s: float) -> int:
        """Until what began before is over, at most `limit_s` seconds; returns how many are not."""
        until = time.monotonic() + limit_s
        with self._over:
            first = self._next
            while (left := sum(number < first for number in self._calls)) and time.monotonic() < until:
                self._over.wait(until - time.monotonic())
            return left
