"""Photos on their way in take turns: so many are worked on, so many wait, and the rest comes again.

Knows nothing of what is sent.
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator

from anyio import CapacityLimiter
from starlette.requests import Request
from starlette.responses import Response

from classroom_app.errors import UnavailableError
from classroom_app.services import metrics
from classroom_app.web.routes import common

UPLOADS_AT_ONCE = 8  # of the threads that all requests share
UPLOADS_WAITING_MAX = 64  # each with its bytes in memory
BUSY_RETRY_S = 2


class UploadInTurn(Request):
    """A photo on its way: once its bytes are here it waits for its turn, not in a thread that others need.

    `ours_since`: from when on it takes our time, seconds of `time.perf_counter`; before, its network's.
    """

    def __init__(self, request: Request, turns: CapacityLimiter) -> None:
        super().__init__(request.scope, request.receive)
        self.ours_since = time.perf_counter()
        self._turns = turns
        self._has_turn = False

    async def stream(self) -> AsyncGenerator[bytes, None]:
        async for chunk in super().stream():
            yield chunk
        self.ours_since = time.perf_counter()
        await self._turns.acquire_on_behalf_of(self)
        self._has_turn = True

    def leave(self) -> None:
        """Give the turn back; an upload that was refused before has none."""
        if self._has_turn:
            self._has_turn = False
            self._turns.release_on_behalf_of(self)


def few_at_once(
    endpoint: common.Endpoint, at_once: int, waiting_max: int, *, timed: bool = False
) -> common.Endpoint:
    """So many uploads work at a time, so many more wait; the rest is told to come again in a moment. All are
    counted by what became of them, and by their seconds where they are alike enough to be `timed`.
    """
    turns = CapacityLimiter(at_once)

    async def in_turn(request: Request) -> Response:
        if turns.statistics().tasks_waiting >= waiting_max:
            busy = common.error_response(request, UnavailableError(seconds=BUSY_RETRY_S))
            metrics.count_upload(busy.status_code)
            return busy
        upload = UploadInTurn(request, turns)
        try:
            answer = await endpoint(upload)
        finally:
            upload.leave()
        seconds = time.perf_counter() - upload.ours_since
        metrics.count_upload(answer.status_code, seconds if timed else None)
        return answer

    return in_turn


def in_turn(endpoint: common.Endpoint) -> common.Endpoint:
    """Of photos that groups send."""
    return few_at_once(endpoint, UPLOADS_AT_ONCE, UPLOADS_WAITING_MAX, timed=True)
