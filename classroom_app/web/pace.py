"""A steady pace for whoever asks too much."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable


class Pace:
    """Turns at a steady rate, after a number at once, first come, first served: a token bucket.

    A socket waits with one message alone, so those that wait get their turns in a round.
    """

    def __init__(self, per_second: float, at_once: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_second = per_second
        self._at_once = at_once
        self._clock = clock
        self._tokens = float(at_once)
        self._filled_at = clock()
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._timer: asyncio.TimerHandle | None = None

    @property
    def is_rested(self) -> bool:
        """Nobody would notice if this pace were forgotten and begun anew."""
        self._fill()
        return not self._waiting and self._tokens >= self._at_once

    async def turn(self) -> None:
        """Wait for a turn; who gives up waiting takes none."""
        self._fill()
        if not self._waiting and self._tokens >= 1:
            self._tokens -= 1
            return
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(mine)
        self._give()
        await mine

    def _fill(self) -> None:
        now = self._clock()
        self._tokens = min(self._at_once, self._tokens + (now - self._filled_at) * self._per_second)
        self._filled_at = now

    def _give(self) -> None:
        """Hand out the turns that are due, and come back for the next one."""
        self._fill()
        while self._waiting and self._tokens >= 1:
            first = self._waiting.popleft()
            if not first.done():
                first.set_result(None)
                self._tokens -= 1
        if self._waiting and self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(1 / self._per_second, self._come_back)

    def _come_back(self) -> None:
        self._timer = None
        self._give()
